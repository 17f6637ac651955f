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
from faults import FAULTS, LESSONS, LINT_FAULTS, kept, replace


@pytest.fixture(scope="session")
def part_of_make_test(original, run_pytest):
    """Return whether plain `pytest`, as `make test` calls it, collects a test."""
    status, report = run_pytest(original, "--collect-only", "--quiet")
    assert status == 0, report
    collected = set(report.splitlines())
    return lambda test: test in collected


SELECTIONS = sorted({selection for _, selection, _ in FAULTS.values()}, key=str)


def run(run_pytest, folder, selection):
    if isinstance(selection, str):
        name = f"notebooks/{LESSONS[selection].name}"
        nbformat.write(kept(folder, selection), folder / name)
        selection = (name,)
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


@pytest.fixture
def lint(repository, environment_of, request):
    """Return a function that runs `make lint` on a copy, with this environment."""
    (repository / ".venv").symlink_to(request.config.rootpath / ".venv")

    def run_lint():
        return subprocess.run(
            ["make", "--assume-old=.venv/ready", "lint"], cwd=repository, env=environment_of(repository),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    return run_lint


def test_without_a_fault_lint_finds_nothing(lint):
    done = lint()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("fault", LINT_FAULTS)
def test_fault_is_caught_by_lint(repository, lint, fault):
    plant, reason = LINT_FAULTS[fault]
    plant(repository)
    done = lint()
    assert done.returncode != 0
    assert re.search(reason, done.stdout), done.stdout


def test_lock_file_out_of_step_is_caught(repository):
    """`make test` begins with this call of uv."""
    replace("pyproject.toml", '"numpy>=2.1"', '"numpy>=2.2"')(repository)
    done = subprocess.run(
        ["uv", "sync", "--locked", "--dry-run"],
        cwd=repository,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode != 0
    assert "needs to be updated" in done.stderr
