"""Each cell can be run twice in a row with the same result, as by a reader who presses Run again."""

import copy

import lessons
import nbclient
import nbformat
import pytest
from notebook_checks import figure_faults, shows_controls, text_of


def twice(notebook):
    """Return the notebook with each code cell followed by a copy, run."""
    doubled = copy.deepcopy(notebook)
    doubled.cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            again = copy.deepcopy(cell)
            again.id = f"{cell.id[:50]}-again"
            doubled.cells += [copy.deepcopy(cell), again]
    return doubled


def differences(notebook, folder):
    """Return how what each cell stores differs from what it shows when it runs for the second time."""
    doubled = twice(notebook)
    nbclient.execute(doubled, cwd=str(folder), allow_errors=True)
    found = []
    for number, (first, second) in enumerate(zip(doubled.cells[::2], doubled.cells[1::2], strict=True)):
        if shows_controls(first):
            continue
        errors = [o.ename for o in second.outputs if o.output_type == "error"]
        texts = ["".join(map(text_of, cell.outputs)) for cell in (first, second)]
        found += [f"cell {number}: {name} the second time" for name in errors]
        if not errors and texts[0] != texts[1]:
            found.append(f"cell {number} first shows\n{texts[0]}\nand then\n{texts[1]}")
        found += [f"cell {number}: {fault}" for fault in figure_faults(first.outputs, second.outputs)]
    return found


@pytest.mark.parametrize("path", lessons.PATHS, ids=lambda path: path.stem)
def test_each_cell_shows_the_same_when_it_is_run_again(path):
    assert differences(nbformat.read(path, as_version=4), path.parent) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = x + 1\nprint(x)", "cell 1 first shows\n1"),
        ("names.pop()", "cell 1: IndexError the second time"),
        ("plt.plot([0, x])\nx = 1", "cell 1: Image sizes"),
        ("y = 1\nprint(y)", None),
    ],
)
def test_cell_that_shows_something_else_is_found(source, fault, tmp_path):
    start = "import matplotlib.pyplot as plt\nx, names = 0, ['a']"
    cells = [nbformat.v4.new_code_cell(text) for text in (start, source)]
    found = differences(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert len(found) == (fault is not None)
    assert not found or found[0].startswith(fault)
