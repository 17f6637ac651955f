"""A lesson without its optional sections runs, and shows the same."""

import copy

import lessons
import nbclient
import nbformat
import pytest
from notebook_checks import figure_faults, optional_places, shows_controls, text_of


def core(notebook):
    """Return the notebook without its optional sections."""
    optional = optional_places(notebook)
    shortened = copy.deepcopy(notebook)
    shortened.cells = [cell for place, cell in enumerate(shortened.cells, start=1) if place not in optional]
    return shortened


def differences(notebook, folder):
    """Return which cells of the core show something else when the optional sections are left out."""
    stored = core(notebook)
    run = copy.deepcopy(stored)
    nbclient.execute(run, cwd=str(folder))
    found = []
    for old, new in zip(stored.cells, run.cells, strict=True):
        if old.cell_type == "code" and not shows_controls(old):
            texts = ["".join(map(text_of, cell.outputs)) for cell in (old, new)]
            if texts[0] != texts[1]:
                found.append(f"{old.source}\nshows\n{texts[1]}\nand not\n{texts[0]}")
            found += figure_faults(old.outputs, new.outputs)
    return found


@pytest.mark.parametrize("path", lessons.PATHS, ids=lambda path: path.stem)
def test_core_shows_the_same_without_the_optional_sections(path):
    notebook = nbformat.read(path, as_version=4)
    if optional_places(notebook):
        assert differences(notebook, path.parent) == []


def test_core_that_depends_on_an_optional_section_is_found(tmp_path):
    texts = ["## A", "x = [1]", "### B (optional)", "x.append(2)", "### C", "print(x)"]
    notebook = nbformat.v4.new_notebook()
    for text in texts:
        new = nbformat.v4.new_markdown_cell if "#" in text else nbformat.v4.new_code_cell
        notebook.cells.append(new(text))
    nbclient.execute(notebook)
    (found,) = differences(notebook, tmp_path)
    assert "shows\n[1]\n\nand not\n[1, 2]" in found
