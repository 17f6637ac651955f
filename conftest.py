"""Loads the figure comparison for every notebook, wherever it lies, and lets each worker compute with one thread."""

import gc
import os

import pytest

pytest_plugins = ["notebook_checks", "pytester"]

# Files that take longest, the longest first. Files that are not named come after them.
LONG = (
    "test_classroom.py", "05_recurrent_networks.ipynb", "04_pooling.ipynb", "03_convolution.ipynb",
    "02_backpropagation.ipynb", "test_notebook_checks.py", "test_bad_input.py", "test_convolution.py",
    "test_startup.py", "test_pooling.py", "01_gradient_descent.ipynb", "test_gradient_descent.py",
)  # fmt: skip


def pytest_configure(config):
    """Let the workers inherit it: there is one for each core, and more threads would spin while they wait for another.

    Without workers, as in benchmarks, NumPy and TensorFlow keep all cores.
    """
    if config.getoption("numprocesses", None):
        for of_library in ("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
            os.environ.setdefault(of_library, "1")
    # Workers shall take the files in the order below, and not by their number of tests.
    config.option.loadscopereorder = False


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Let the garbage collector rest, and afterwards leave alone what exists then: TensorFlow, and thousands of tests.

    To look through them again and again takes nearly half of the time of the collection, and a tenth of the tests'.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """Let the longest files begin first: none of them should begin when the other workers have nothing left to do."""
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONG)))
