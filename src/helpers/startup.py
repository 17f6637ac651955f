"""Importing TensorFlow without its start-up messages, and without settings that belong to other projects."""

import contextlib
import gc
import os
import sys

import matplotlib
import matplotlib.pyplot as plt
from IPython import get_ipython

# With the first, TensorFlow looks for Keras 2, which is not installed; the others cut every training short.
_NOT_FOR_LESSONS = ("TF_USE_LEGACY_KERAS", "KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")
# Backends whose figures live on below the cell.
_LIVE = ("ipympl", "nbagg", "notebook", "widget")


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

    The lessons need Keras as it comes. Inside the block, and for the rest of the process, environment variables that
    choose another backend for Keras, another version of it or shorter trainings are overruled, and so is a
    ``keras.json`` in the home directory that wants the channels of images first or other floating-point numbers.

    Raises
    ------
    RuntimeError
        If Keras has been imported before, with another backend.

    Examples
    --------
    >>> with quiet():
    ...     import tensorflow as tf
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    for name in _NOT_FOR_LESSONS:
        os.environ.pop(name, None)
    _settle_keras()
    standard_error = 2
    kept = os.dup(standard_error)
    collects = gc.isenabled()
    gc.disable()
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), standard_error)
        yield
        _settle_keras()
        gc.freeze()
    finally:
        if collects:
            gc.enable()
        os.dup2(kept, standard_error)
        os.close(kept)


def _settle_keras():
    """Give Keras, if it has been imported, the settings that it has where nobody has chosen others."""
    keras = sys.modules.get("keras")
    if not hasattr(keras, "config"):
        return
    if keras.config.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras has been imported with the backend {keras.config.backend()}: restart the kernel, and run this cell "
            "before any that imports Keras"
        )
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)


def figures_below_cells():
    """In a notebook, let figures appear below the cells, whatever the environment says.

    Where the variable ``MPLBACKEND`` names a backend for scripts or for windows, as on many servers, a notebook would
    show no figure. Other backends for notebooks stay as they are, and so does everything outside of a notebook.

    The inline backend draws a figure when it is shown. Before that pyplot would draw it a first time, for a window that
    is not there: that takes a third of the time of a figure, and is left out.
    """
    shell = get_ipython()
    backend = matplotlib.get_backend().lower()
    if hasattr(shell, "kernel") and not any(name in backend for name in _LIVE):
        # Where the backend is inline already, this loads it; only then can its hook be taken off.
        shell.run_line_magic("matplotlib", "inline")
        plt.uninstall_repl_displayhook()
