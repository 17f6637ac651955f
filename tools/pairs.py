"""Keeps the two files of a lesson together: `.py`, the source, and `.ipynb`, which `make build` makes of it.

`python tools/pairs.py check FILES` refuses where an .ipynb holds what its .py lacks, so that a build cannot lose it.
`python tools/pairs.py prose FILES` takes the text of each .py over into its .ipynb and runs nothing.
FILES are paths of .py files. Nothing is written before all of them have passed.
"""

import difflib
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs
from nbformat import v4

# What the last `make build` made: text that is there too is not an edit.
BUILT = Path("build/built")

CODE_DIFFERS = """{script}: cell {number}, prose counted too, from 1, holds code that {notebook} has not run.
Nothing was written. Run `make build LESSON={lesson}`."""

EDITED = """{notebook} was edited outside JupyterLab, and {script} knows nothing of it. Nothing was built.
{edits}
To keep these edits:  .venv/bin/jupytext --to py:percent {notebook}
(it overwrites {script}: if you have edited that file as well, copy your edits by hand instead)
To drop these edits:  git checkout {notebook}
Then run make again. JupyterLab keeps the two files together by itself, whenever you save."""


class PairError(Exception):
    """The two files of a lesson disagree in a way that only a person can settle."""


def parts(notebook):
    """Return the kernel and then each cell as jupytext writes it: without outputs and what only a front end needs."""
    texts = [str(notebook.metadata.get("kernelspec"))]
    for cell in notebook.cells:
        cell.metadata = dict(sorted(cell.metadata.items()))
        alone = v4.new_notebook(cells=[cell], metadata={"jupytext": {"notebook_metadata_filter": "-all"}})
        texts.append(jupytext.writes(alone, "py:percent"))
    return texts


def edits(base, edited):
    """Return a line for each cell that was changed, added or deleted between two lists of cells."""
    lines = []
    matcher = difflib.SequenceMatcher(a=base, b=edited, autojunk=False)
    for kind, _, _, first, last in matcher.get_opcodes():
        if kind == "delete":
            lines.append(f"  between cells {first} and {first + 1}: something is gone")
        elif kind != "equal":
            lines += [
                f"  cell {number + 1}, prose counted too, from 1: {_title(edited[number])}"
                for number in range(first, last)
            ]
    return lines


def _title(text):
    lines = [line for line in text.splitlines() if not line.startswith("# %%")]
    return next((line for line in lines if line.strip("# ")), "(empty)")


def check(script):
    """Raise PairError if the notebook of a script holds text that is in no other place."""
    notebook = script.with_suffix(".ipynb")
    if not notebook.exists():
        return
    stored = parts(jupytext.read(notebook))[1:]
    known = [parts(jupytext.read(script))[1:], *_known_versions(notebook)]
    if stored in known:
        return
    # The version that is nearest is the one that was edited.
    base = max(known, key=lambda other: _alike(other, stored))
    raise PairError(EDITED.format(notebook=notebook, script=script, edits="\n".join(edits(base, stored))))


def _alike(one, other):
    return difflib.SequenceMatcher(a=one, b=other, autojunk=False).ratio()


def _known_versions(notebook):
    """Yield the cells of the notebook as the last build made it, and as git has it."""
    if (BUILT / notebook.name).exists():
        yield parts(jupytext.read(BUILT / notebook.name))[1:]
    for revision in ("HEAD:", ":", "MERGE_HEAD:"):
        shown = subprocess.run(["git", "show", f"{revision}./{notebook.as_posix()}"], capture_output=True)
        if shown.returncode == 0:
            yield parts(jupytext.reads(shown.stdout.decode(), "ipynb"))[1:]


def with_new_prose(script):
    """Return the text of the notebook with the prose of its script, and the code, outputs and ids that it has."""
    notebook = script.with_suffix(".ipynb")
    source, stored = jupytext.read(script), nbformat.read(notebook, as_version=4)
    code = [cell.source for cell in stored.cells if cell.cell_type == "code"]
    for number, cell in enumerate(source.cells, start=1):
        if cell.cell_type == "code" and (not code or cell.source != code.pop(0)):
            raise PairError(_code_differs(script, number))
    if code:
        raise PairError(_code_differs(script, len(source.cells)))
    combined = combine_inputs_with_outputs(source, stored, fmt="py:percent")
    combined.metadata = {"kernelspec": source.metadata["kernelspec"]}
    combined.nbformat_minor = stored.nbformat_minor
    return nbformat.writes(combined) + "\n"


def _code_differs(script, number):
    return CODE_DIFFERS.format(
        script=script,
        number=number,
        notebook=script.with_suffix(".ipynb"),
        lesson=script.name[:2],
    )


def main(command, *names):
    """Check the pairs that are named, and for `prose` write the notebooks."""
    scripts = [Path(name) for name in names]
    for script in scripts:
        check(script)
    if command == "prose":
        texts = {script: with_new_prose(script) for script in scripts}
        for script, text in texts.items():
            notebook = script.with_suffix(".ipynb")
            notebook.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except PairError as error:
        sys.exit(str(error))
