"""Copies of the repository, in which pytest is run as on another machine or with a fault planted."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """A copy of what belongs to the repository; nobody changes it."""
    folder = tmp_path_factory.mktemp("original") / "copy"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def repository(original, tmp_path):
    """A copy of its own for each test."""
    return shutil.copytree(original, tmp_path / "copy")


@pytest.fixture(scope="session")
def environment_of():
    """Return a function that gives the environment in which a copy's own helpers are imported, in kernels too."""

    def environment(folder, **settings):
        outer = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        return outer | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"} | settings

    return environment


@pytest.fixture(scope="session")
def run_pytest(environment_of):
    """Return a function that runs pytest on a copy and gives its exit status and its report."""

    def run(folder, *arguments, before=(), cwd=None, **settings):
        done = subprocess.run(
            [*before, sys.executable, "-m", "pytest", "-c", folder / "pyproject.toml",
             "--rootdir", folder, "-p", "no:cacheprovider", "--numprocesses=0", *arguments],
            cwd=cwd or folder, env=environment_of(folder, **settings),
            text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, re.sub(r"\x1b\[[\d;]*m", "", done.stdout)

    return run
