"""Loads the figure comparison for every notebook, wherever it lies, and lets each worker compute with one thread."""

import os

pytest_plugins = ["notebook_checks", "pytester"]


def pytest_configure(config):
    """Let the workers inherit it: there is one for each core, and more threads would spin while they wait for another.

    Without workers, as in benchmarks, NumPy and TensorFlow keep all cores.
    """
    if config.getoption("numprocesses", None):
        for of_library in ("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
            os.environ.setdefault(of_library, "1")
