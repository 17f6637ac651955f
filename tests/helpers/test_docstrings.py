"""The examples in the docstrings of the helpers do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import helpers

MODULES = [module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_right(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
