"""What a reader's function may not change, write or end while it is called."""

import contextlib
import io
import os
import sys
import warnings

import numpy as np

ERROR_STREAM = 2


@contextlib.contextmanager
def kept_apart():
    """Keep away what the reader's function prints as an error, and undo what it sets for all of NumPy and Python."""
    with (
        np.errstate(all="ignore"),
        np.printoptions(),
        warnings.catch_warnings(),
        # What is written to the error stream looks like a crash, to a reader and to nbgrader.
        contextlib.redirect_stderr(sys.stdout),
        _no_errors_of_libraries(),
        _exit_that_raises(),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def silenced():
    """Show nothing of what the reader's function prints."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


@contextlib.contextmanager
def _no_errors_of_libraries():
    """Discard what C++ code, such as TensorFlow's, writes to the error stream."""
    try:
        kept = os.dup(ERROR_STREAM)
    except OSError:  # There is none.
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), ERROR_STREAM)
        yield
    finally:
        os.dup2(kept, ERROR_STREAM)
        os.close(kept)


@contextlib.contextmanager
def _exit_that_raises():
    """Let ``exit()`` and ``quit()`` raise SystemExit in a notebook too, where they end the kernel a moment later."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        yield
        return

    def leave():
        raise SystemExit("exit() or quit() would end the whole notebook")

    shell.ask_exit = leave
    try:
        yield
    finally:
        del shell.ask_exit
