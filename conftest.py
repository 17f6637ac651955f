"""Loads the figure comparison for every notebook, wherever it lies."""

pytest_plugins = ["notebook_checks", "pytester"]
