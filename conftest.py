"""Loads the figure comparison for every notebook, wherever it lies, and gives each worker one core."""

import os

pytest_plugins = ["notebook_checks", "pytester"]

# pytest-xdist starts a worker for each core. Threads of NumPy's BLAS beyond that would wait for each other, and spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
