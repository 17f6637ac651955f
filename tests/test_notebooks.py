"""Every lesson obeys the rules that nbval, which runs its cells in the same pytest call, does not check."""

from pathlib import Path

import jupytext
import pytest
from notebook_checks import faults, figures, pair_faults, shows_controls

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LESSONS = sorted(
    {
        path.with_suffix("")
        for pattern in ("*.ipynb", "*.py")
        for path in NOTEBOOKS.glob(pattern)
    }
)


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_is_stored_in_full_and_with_nothing_that_changes_from_run_to_run(lesson):
    assert faults(jupytext.read(lesson.with_suffix(".ipynb"))) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_notebook_and_script_agree(lesson):
    assert pair_faults(lesson.with_suffix(".ipynb")) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_has_controls_once_in_try_it_below_the_figure_that_stands_for_them(
    lesson,
):
    cells = jupytext.read(lesson.with_suffix(".ipynb")).cells
    (place,) = [index for index, cell in enumerate(cells) if shows_controls(cell)]
    prose = "\n".join(
        cell.source for cell in cells[:place] if cell.cell_type == "markdown"
    )
    assert prose.rpartition("\n## ")[2].startswith("Try it\n")
    assert figures(cells[place - 1].outputs)
    assert cells[place].outputs == []
    assert cells[place].metadata.tags == ["remove-cell"]


def test_nbval_is_strict_and_uses_this_environment(request):
    option = request.config.option
    assert option.nbval
    assert option.nbval_current_env
    assert not option.nbval_lax
    assert option.nbval_sanitize_with is None
    assert not option.nbdime
