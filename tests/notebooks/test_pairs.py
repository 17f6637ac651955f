"""`make build` and `make prose` lose nothing that somebody has written, in whichever of the two files it stands."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pairs
import pytest
from nbformat import v4

ROOT = Path(__file__).parents[2]
SCRIPT = Path("notebooks") / "01_lines.py"
NOTEBOOK = SCRIPT.with_suffix(".ipynb")
# A title, code that has been run, and a figure with its alt text.
TEXT = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Draw a line
#
# A sentence, and a formula: $a = b$.

# %%
print(1)

# %% alt="A line that rises from left to right." tags=["plot"]
draw()
"""
TITLE, CODE, FIGURE = range(3)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Enter a folder that holds one lesson; git knows nothing of it."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    SCRIPT.write_text(TEXT, encoding="utf-8")
    notebook = jupytext.read(SCRIPT)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    notebook.cells[CODE].update(execution_count=1, outputs=[v4.new_output("stream", text="1\n")])
    del notebook.metadata["jupytext"]
    nbformat.write(notebook, NOTEBOOK)


@pytest.fixture
def clone(folder):
    """Enter a repository that has one lesson, committed."""
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")


def git(*arguments):
    who = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *who, *arguments], check=True)


def edit_script(old, new):
    text = SCRIPT.read_text(encoding="utf-8")
    assert old in text
    SCRIPT.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_notebook(change):
    """Change the list of cells, and store the notebook as VS Code does: without a word to the script."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, NOTEBOOK)


def add_line(index):
    return lambda cells: cells[index].update(source=cells[index].source + "\n# added")


def clear_outputs(cells):
    cells[CODE].update(outputs=[], execution_count=None)


EDITS = {
    "prose": (add_line(TITLE), "cell 1, prose counted too, from 1: # # Draw a line"),
    "code": (add_line(CODE), "cell 2, prose counted too, from 1: print(1)"),
    "a deleted cell": (lambda cells: cells.pop(CODE), "between cells 1 and 2"),
    "cells in another order": (lambda cells: cells.reverse(), "cell 1, prose counted"),
    "an alt text": (
        lambda cells: cells[FIGURE].metadata.update(alt="Another text."),
        "cell 3, prose counted too, from 1: draw()",
    ),
}


@pytest.mark.parametrize("command", ["check", "prose"])
@pytest.mark.parametrize("what", EDITS)
def test_edits_of_the_notebook_alone_are_refused_by_name_and_stay(clone, what, command):
    change, where = EDITS[what]
    edit_notebook(change)
    before = NOTEBOOK.read_bytes(), SCRIPT.read_bytes()
    with pytest.raises(pairs.PairError) as refused:
        pairs.main(command, str(SCRIPT))
    for words in (str(NOTEBOOK), where, "git checkout", "jupytext --to py:percent"):
        assert words in str(refused.value)
    assert (NOTEBOOK.read_bytes(), SCRIPT.read_bytes()) == before


def test_advice_how_to_keep_an_edit_works(clone):
    edit_notebook(add_line(TITLE))
    command = [sys.executable, "-m", "jupytext", "--quiet", "--to", "py:percent"]
    subprocess.run([*command, NOTEBOOK], check=True)
    pairs.main("check", str(SCRIPT))
    assert "# # added" in SCRIPT.read_text(encoding="utf-8")


def test_advice_how_to_drop_an_edit_works(clone):
    edit_notebook(add_line(TITLE))
    git("checkout", "--quiet", str(NOTEBOOK))
    pairs.main("check", str(SCRIPT))


def test_edits_of_the_script_are_no_reason_to_refuse(clone):
    edit_script("print(1)", "print(2)")
    pairs.main("check", str(SCRIPT))


def test_outputs_are_no_reason_to_refuse(clone):
    edit_notebook(clear_outputs)
    edit_script("print(1)", "print(2)")
    pairs.main("check", str(SCRIPT))


def test_edits_that_jupyterlab_has_saved_on_both_sides_are_no_reason_to_refuse(clone):
    edit_notebook(add_line(CODE))
    jupytext.write(jupytext.read(NOTEBOOK), SCRIPT, fmt="py:percent")
    pairs.main("check", str(SCRIPT))


def test_what_the_last_build_made_may_be_built_anew(clone):
    edit_notebook(add_line(CODE))
    pairs.BUILT.mkdir(parents=True)
    (pairs.BUILT / NOTEBOOK.name).write_bytes(NOTEBOOK.read_bytes())
    pairs.main("check", str(SCRIPT))


def test_edits_that_are_staged_are_no_reason_to_refuse(clone):
    edit_notebook(add_line(CODE))
    git("add", str(NOTEBOOK))
    pairs.main("check", str(SCRIPT))
    edit_notebook(add_line(TITLE))
    with pytest.raises(pairs.PairError, match="cell 1, prose counted too"):
        pairs.main("check", str(SCRIPT))


def test_notebook_of_a_branch_that_is_being_merged_is_no_reason_to_refuse(clone):
    git("checkout", "--quiet", "-b", "theirs")
    edit_notebook(add_line(CODE))
    git("commit", "--quiet", "--all", "--message", "theirs")
    git("checkout", "--quiet", "-")
    edit_notebook(add_line(TITLE))
    git("commit", "--quiet", "--all", "--message", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        # In conflict, whatever git makes of changes in different cells.
        git("-c", "merge.default=binary", "merge", "--quiet", "theirs")
    for side in ("--theirs", "--ours"):
        git("checkout", "--quiet", side, str(NOTEBOOK))
        pairs.main("check", str(SCRIPT))
    edit_notebook(add_line(FIGURE))
    with pytest.raises(pairs.PairError, match="cell 3, prose counted too"):
        pairs.main("check", str(SCRIPT))


def test_new_lesson_has_no_notebook_yet(clone):
    NOTEBOOK.unlink()
    pairs.main("check", str(SCRIPT))


def test_without_git_and_without_a_build_an_edit_is_refused_too(folder):
    pairs.main("check", str(SCRIPT))
    edit_notebook(add_line(TITLE))
    with pytest.raises(pairs.PairError, match="cell 1, prose counted too"):
        pairs.main("check", str(SCRIPT))


def test_prose_of_the_script_arrives_and_nothing_else_changes(clone):
    before = NOTEBOOK.read_text(encoding="utf-8")
    pairs.main("prose", str(SCRIPT))
    assert NOTEBOOK.read_text(encoding="utf-8") == before
    edit_script("# # Draw", "# # Paint")
    pairs.main("prose", str(SCRIPT))
    assert NOTEBOOK.read_text("utf-8") == before.replace('"# Draw', '"# Paint')


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("print(1)", "print(2)", 2),
        ("# %%\nprint(1)", "# %%\npass\n\n# %%\nprint(1)", 2),
        ("# %%\nprint(1)\n\n", "", 2),
    ],
)
def test_prose_refuses_code_that_has_not_been_run(clone, old, new, number):
    edit_script(old, new)
    before = NOTEBOOK.read_bytes()
    with pytest.raises(pairs.PairError, match=f"cell {number}, .* has not run"):
        pairs.main("prose", str(SCRIPT))
    assert NOTEBOOK.read_bytes() == before


@pytest.mark.parametrize("command", ["check", "prose"])
def test_command_fails_and_says_why(clone, command):
    edit_notebook(add_line(TITLE))
    before = NOTEBOOK.read_bytes()
    ran = subprocess.run(
        [sys.executable, ROOT / "tools" / "pairs.py", command, SCRIPT],
        capture_output=True,
        text=True,
    )
    assert ran.returncode != 0
    assert ran.stderr.startswith(f"{NOTEBOOK} was edited outside JupyterLab")
    assert NOTEBOOK.read_bytes() == before


def test_build_begins_with_the_check_and_stores_only_when_all_have_run():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^build: .*\n((?:\t.*\n)+)", text, re.MULTILINE)[1].splitlines()
    assert recipe[0] == "\t$(BIN)/python tools/pairs.py check $(LESSONS)"
    writes = [line for line in recipe if line.endswith(" notebooks")]
    assert writes == recipe[-1:]
