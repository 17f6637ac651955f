"""Each fault that the mutation tests plant still finds its place; whether it is caught, they say themselves."""

import shutil
from pathlib import Path

import pytest
from test_mutations import FAULTS

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_can_be_planted(fault, tmp_path):
    ignored = shutil.ignore_patterns(".*", "build", "__pycache__")
    copy = shutil.copytree(ROOT, tmp_path / "copy", ignore=ignored)
    plant, *_ = FAULTS[fault]
    plant(copy)
