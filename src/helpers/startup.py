"""Importing TensorFlow without its start-up messages."""

import contextlib
import gc
import os


@contextlib.contextmanager
def quiet():
    """Discard what C++ code writes to the standard error stream inside the ``with`` block.

    TensorFlow greets every machine with other lines about its processor and its graphics card, so that they cannot be
    part of a notebook that is compared with its stored outputs. No setting of TensorFlow suppresses the ones that it
    writes while it is imported, because its own log is not set up yet. Python's exceptions and warnings are shown as
    ever. The log level is lowered for later messages too, unless the environment sets ``TF_CPP_MIN_LOG_LEVEL``.

    Python's garbage collector rests during the block, and afterwards leaves alone what exists then: the hundreds of
    thousands of objects of TensorFlow live as long as the kernel. To look through them again and again takes a quarter
    of the time of the import, and later a fifth of a second each time.

    Examples
    --------
    >>> with quiet():
    ...     import tensorflow as tf
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    standard_error = 2
    kept = os.dup(standard_error)
    collects = gc.isenabled()
    gc.disable()
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), standard_error)
        yield
        gc.freeze()
    finally:
        if collects:
            gc.enable()
        os.dup2(kept, standard_error)
        os.close(kept)
