"""Each fault that is planted into a copy of the repository turns the tests red, for the right reason.

The faults are in `faults.py`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from faults import FAULTS, LESSONS, code, replace

# What a lesson is cut down to before it is run: its first code cells, and those that hold one of these texts.
KEPT = {
    "01": (4, ["many_x = rng", "slopes = (many_x", "ridge_gradient"]),
    "02": (5, ["def sigmoid(a)", "def output_and_gradients", "def train_article"]),
    "03": (3, []),
    "04": (3, []),
    "05": (4, []),
}


@pytest.fixture(scope="session")
def part_of_make_test(original, run_pytest):
    """Return whether plain `pytest`, as `make test` calls it, collects a test."""
    status, report = run_pytest(original, "--collect-only", "--quiet")
    assert status == 0, report
    collected = set(report.splitlines())
    return lambda test: test in collected


def cut(folder, lesson):
    """Leave few cells of a lesson, so that it is run in seconds."""
    path = folder / "notebooks" / LESSONS[lesson].name
    content = nbformat.read(path, as_version=4)
    first, texts = KEPT[lesson]
    cells = code(content)
    content.cells = cells[:first] + [
        cell for cell in cells[first:] if any(text in cell.source for text in texts)
    ]
    nbformat.write(content, path)


SELECTIONS = sorted({selection for _, selection, _ in FAULTS.values()}, key=str)


def run(run_pytest, folder, selection):
    if isinstance(selection, str):
        cut(folder, selection)
        selection = (f"notebooks/{LESSONS[selection].name}",)
    return run_pytest(folder, "--tb=short", "-rfE", *selection)


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_without_a_fault_all_pass(repository, run_pytest, selection):
    status, report = run(run_pytest, repository, selection)
    assert status == 0, report
    assert re.search(r"\d+ passed", report)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught(repository, run_pytest, part_of_make_test, fault):
    plant, selection, reason = FAULTS[fault]
    plant(repository)
    status, report = run(run_pytest, repository, selection)
    assert status == 1, report
    failed = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", report, re.MULTILINE)
    assert any(part_of_make_test(test) for test in failed), report
    assert re.search(reason, report), report


def test_lock_file_out_of_step_is_caught(repository):
    """`make test` begins with this call of uv."""
    replace("pyproject.toml", '"numpy>=2.1"', '"numpy>=2.2"')(repository)
    done = subprocess.run(
        ["uv", "sync", "--locked", "--dry-run"],
        cwd=repository,
        capture_output=True,
        text=True,
        env=os.environ
        | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode != 0
    assert "needs to be updated" in done.stderr
