"""What the strict run of the notebooks costs, beside that of notebooks which only import TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import lessons
import nbformat
import pytest

ROOT = Path(__file__).parents[1]
LESSONS = lessons.PATHS


@pytest.fixture
def bare_notebooks():
    """As many notebooks as there are lessons, each with the import of TensorFlow only."""
    # Below the root, so that pytest loads the same plugins for them.
    folder = ROOT / "build" / "bare_notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    cell = nbformat.v4.new_code_cell("import tensorflow", execution_count=1)
    kernel = nbformat.read(LESSONS[0], as_version=4).metadata
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    paths = [folder / lesson.name for lesson in LESSONS]
    for path in paths:
        nbformat.write(notebook, path)
    return paths


def strict_run(paths, *options):
    """Run the notebooks; return the peak memory of the largest process, in MiB."""
    command = [sys.executable, "-m", "pytest", "--quiet", *options, *map(str, paths)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        # Linux counts in KiB, and with the process those that it has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


@pytest.mark.benchmark(group="one notebook")
@pytest.mark.parametrize("name", ["bare", *(lesson.stem for lesson in LESSONS)])
def test_one_notebook(benchmark, bare_notebooks, name):
    paths = {lesson.stem: lesson for lesson in LESSONS} | {"bare": bare_notebooks[0]}
    arguments = [[paths[name]], "--numprocesses=0"]
    memory = benchmark.pedantic(strict_run, arguments, rounds=2)
    benchmark.extra_info["memory"] = memory


@pytest.mark.benchmark(group="all notebooks, over the cores")
@pytest.mark.parametrize("name", ["bare", "lessons"])
def test_all_notebooks(benchmark, bare_notebooks, name):
    paths = {"bare": bare_notebooks, "lessons": LESSONS}[name]
    benchmark.extra_info["memory"] = benchmark.pedantic(strict_run, [paths], rounds=2)
