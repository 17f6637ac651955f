"""Each fault that the mutation tests plant still finds its place; whether it is caught, they say themselves."""

import shutil
from pathlib import Path

import pytest
from faults import FAULTS, LESSONS, LINT_FAULTS, kept

ROOT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "build", "__pycache__")


def states(folder):
    """Return when each file was changed last, and its size."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository, which each test leaves as it was."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("x") / "copy", ignore=IGNORED)


@pytest.mark.parametrize("fault", [*FAULTS, *LINT_FAULTS])
def test_fault_can_be_planted(fault, copy):
    plant, *selection, _ = (FAULTS | LINT_FAULTS)[fault]
    before = states(copy)
    try:
        plant(copy)
        if selection[:1] and selection[0] in LESSONS:
            # It lies in a cell that will be run.
            assert kept(copy, *selection) != kept(ROOT, *selection)
    finally:
        after = states(copy)
        changed = [name for name, state in before.items() if after.get(name) != state]
        for name in changed:
            shutil.copy2(ROOT / name, copy / name)
    assert changed
    assert set(after) <= set(before)
