"""Loads the figure comparison for every notebook, wherever it lies, and gives each worker one thread of BLAS."""

import os

pytest_plugins = ["notebook_checks", "pytester"]


def pytest_configure(config):
    """Let the workers inherit it: there is one for each core, and more threads would spin while they wait for another.

    Without workers, as in benchmarks, NumPy keeps all cores.
    """
    if config.getoption("numprocesses", None):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
