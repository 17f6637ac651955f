"""Every lesson obeys the rules that nbval, which runs its cells in the same pytest call, does not check."""

from pathlib import Path

import jupytext
import pytest
from notebook_checks import (
    citation_faults,
    core_faults,
    faults,
    figures,
    fold_faults,
    mark_faults,
    pair_faults,
    shows_controls,
    skeleton_faults,
)
from prose_checks import number_faults

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted({path.with_suffix("") for pattern in ("*.ipynb", "*.py") for path in NOTEBOOKS.glob(pattern)})


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_is_stored_in_full_and_with_nothing_that_changes_from_run_to_run(lesson):
    assert faults(jupytext.read(lesson.with_suffix(".ipynb"))) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_notebook_and_script_agree(lesson):
    assert pair_faults(lesson.with_suffix(".ipynb")) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_folds_what_is_optional_and_the_core_runs_without_it(lesson):
    notebook = jupytext.read(lesson.with_suffix(".ipynb"))
    assert fold_faults(notebook) == []
    assert core_faults(notebook) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_has_the_sections_of_all_lessons_and_links_to_the_errata(lesson):
    notebook = jupytext.read(lesson.with_suffix(".ipynb"))
    assert skeleton_faults(notebook) + mark_faults(notebook) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_measured_numbers_in_the_prose_stand_in_an_output_of_their_section(lesson):
    assert number_faults(jupytext.read(lesson.with_suffix(".ipynb"))) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_cites_each_of_its_references_and_no_other_works(lesson):
    assert citation_faults(jupytext.read(lesson.with_suffix(".ipynb"))) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.name)
def test_lesson_has_controls_once_in_try_it_below_the_figure_that_stands_for_them(
    lesson,
):
    cells = jupytext.read(lesson.with_suffix(".ipynb")).cells
    (place,) = [index for index, cell in enumerate(cells) if shows_controls(cell)]
    prose = "\n".join(cell.source for cell in cells[:place] if cell.cell_type == "markdown")
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
