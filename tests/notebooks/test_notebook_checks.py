"""Each check of the notebooks finds the fault that it is there for: one is planted at a time."""

import base64
import copy
import io
import textwrap

import jupytext
import matplotlib.pyplot as plt
import nbclient
import nbformat
import numpy as np
import pytest
from nbformat import v4
from notebook_checks import (
    SKELETON,
    citation_faults,
    core_faults,
    faults,
    figure_faults,
    fold_faults,
    mark_faults,
    pair_faults,
    skeleton_faults,
)

ALT = "A line that rises from left to right."


def png(values=(1, 2, 3), figsize=(3, 2)):
    figure, axes = plt.subplots(figsize=figsize)
    axes.plot(values)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def figure_output(**arguments):
    return v4.new_output(
        "display_data",
        {"image/png": png(**arguments), "text/plain": "<Figure size 300x200>"},
    )


def printed(text):
    return v4.new_output("stream", name="stdout", text=text)


@pytest.fixture
def notebook():
    """Return a faultless notebook: prose, a cell that prints, a cell that draws."""
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Title\n\n$a = b$"),
            v4.new_code_cell("print(1)", execution_count=1, outputs=[printed("1\n")]),
            v4.new_code_cell(
                "draw()",
                execution_count=2,
                outputs=[figure_output()],
                metadata={"tags": ["plot"], "alt": ALT},
            ),
            v4.new_markdown_cell("More."),
        ]
    )


def test_faultless_notebook_passes(notebook):
    assert faults(notebook) == []


def strip(notebook):
    for cell in notebook.cells[1:3]:
        cell.execution_count, cell.outputs = None, []


def run_out_of_order(notebook):
    notebook.cells[1].execution_count = 3


def set_source(source):
    return lambda notebook: notebook.cells[1].update(source=source)


def set_output(output):
    return lambda notebook: notebook.cells[1].update(outputs=[output])


def set_metadata(index, **metadata):
    return lambda notebook: notebook.cells[index].metadata.update(metadata)


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (strip, "code cells are counted [None, None], not 1 to 2"),
        (run_out_of_order, "code cells are counted [3, 2], not 1 to 2"),
        (set_source("# NBVAL_IGNORE_OUTPUT\nprint(1)"), "cell 0 has a marker"),
        (set_source("# NBVAL_SKIP\nprint(1)"), "cell 0 has a marker"),
        (
            set_source("# PYTEST_VALIDATE_IGNORE_OUTPUT\nprint(1)"),
            "cell 0 has a marker",
        ),
        (set_metadata(1, tags=["nbval-ignore-output"]), "cell 0 has a tag"),
        (set_metadata(1, tags=["raises-exception"]), "cell 0 has a tag"),
        (set_source("print(1)\nassert 1 - 2 < 1e-9"), "cell 0 asserts that 1 - 2 is"),
        (set_source("print(1);"), "cell 0 ends with a semicolon"),
        (set_source("print(1);  # quiet\n"), "cell 0 ends with a semicolon"),
        (
            set_output(v4.new_output("error", ename="ValueError", evalue="x", traceback=[])),
            "cell 0 stores an error",
        ),
        (
            set_output(v4.new_output("stream", name="stderr", text="E0000 oops")),
            "cell 0 stores what was written to",
        ),
        (set_output(printed("UserWarning: deprecated")), "cell 0 stores a warning"),
        (set_output(printed("<object at 0x7f04836e7dd0>")), "cell 0 stores an address"),
        (set_output(printed("saved in /home/me/x.png")), "cell 0 stores a path"),
        (set_output(printed("saved in C:\\Users\\me")), "cell 0 stores a path"),
        (set_output(printed("12ms/step")), "cell 0 stores a timing"),
        (set_output(printed("took 3.2 seconds")), "cell 0 stores a timing"),
        (set_output(printed("2026-01-31")), "cell 0 stores a date"),
        (set_output(printed("at 12:30:01")), "cell 0 stores a date or a time of day"),
        (
            set_output(v4.new_output("display_data", {"image/svg+xml": "<svg/>"})),
            "cell 0 stores image/svg+xml",
        ),
        (
            set_output(v4.new_output("display_data", {"image/jpeg": "AAAA"})),
            "cell 0 stores image/jpeg",
        ),
        (
            lambda notebook: notebook.metadata.update(widgets={}),
            "the notebook stores the state of its controls",
        ),
        (set_metadata(2, alt=""), "cell 1 needs an alt text"),
        (set_metadata(2, alt="A line"), "cell 1 needs an alt text"),
        (
            lambda notebook: notebook.cells[2].metadata.pop("alt"),
            "cell 1 needs an alt text",
        ),
        (
            lambda notebook: notebook.cells[2].outputs.append(figure_output()),
            "cell 1 stores 2 figures",
        ),
        (
            lambda notebook: notebook.cells[2].outputs.clear(),
            "cell 1 has an alt text but no stored figure",
        ),
    ],
)
def test_planted_fault_is_found(notebook, plant, message):
    plant(notebook)
    assert any(fault.startswith(message) for fault in faults(notebook)), faults(notebook)


@pytest.fixture
def pair(notebook, tmp_path):
    """Write a pair that agrees and return the path of its notebook."""
    path = tmp_path / "lesson.ipynb"
    jupytext.write(notebook, path)
    jupytext.write(notebook, path.with_suffix(".py"), fmt="py:percent")
    return path


def test_pair_that_agrees_passes(pair):
    assert pair_faults(pair) == []


def test_pair_agrees_after_jupyterlab_has_saved_the_notebook(pair):
    notebook = jupytext.read(pair)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    notebook.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    jupytext.write(notebook, pair)
    assert pair_faults(pair) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(1)", "print(2)"),
        ("a = b", "a = -b"),
        ("# More.", "# More"),
        ('"plot"', '"hide"'),
        ("rises", "falls"),
        ("# %%\nprint(1)\n", ""),
        ("# %%\nprint(1)\n", "# %%\nprint(1)\n\n# %%\nprint(1)\n"),
        ("# %% [markdown]\n# More.", "# %% [raw]\n# More."),
    ],
)
def test_script_that_was_changed_alone_is_found(pair, old, new):
    script = pair.with_suffix(".py")
    text = script.read_text(encoding="utf-8")
    assert text.count(old) == 1
    script.write_text(text.replace(old, new), encoding="utf-8")
    assert len(pair_faults(pair)) == 1


@pytest.mark.parametrize(
    "change",
    [
        set_source("print(2)"),
        lambda notebook: notebook.cells[0].update(source="# Title\n\n$a = -b$"),
        lambda notebook: notebook.cells.insert(0, notebook.cells.pop(1)),
        lambda notebook: notebook.cells.pop(),
        set_metadata(2, alt="Another sentence of six words."),
        set_metadata(2, tags=[]),
    ],
)
def test_notebook_that_was_changed_alone_is_found(pair, change):
    notebook = jupytext.read(pair)
    change(notebook)
    jupytext.write(notebook, pair)
    assert len(pair_faults(pair)) == 1


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_missing_half_of_a_pair_is_found(pair, suffix):
    pair.with_suffix(suffix).unlink()
    assert pair_faults(pair) == [f"lesson{suffix} is missing"]


def test_figure_that_differs_in_a_few_pixels_is_found():
    """The tolerance is that of rounding: a difference of 0.2 grey levels, which no reader sees, is none of rounding."""
    pixels = np.zeros((50, 50, 4), dtype=np.uint8)
    changed = pixels.copy()
    changed[20, 20] = 10
    outputs = []
    for image in (pixels, changed):
        buffer = io.BytesIO()
        plt.imsave(buffer, image)
        encoded = base64.b64encode(buffer.getvalue()).decode()
        outputs.append([v4.new_output("display_data", {"image/png": encoded})])
    assert figure_faults(*outputs)[0].startswith("RMS 0.20 grey levels")


def test_equal_figures_pass():
    assert figure_faults([figure_output(), printed("1")], [figure_output()]) == []


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        ([figure_output(values=(1, 2.02, 3))], "RMS"),
        ([figure_output(figsize=(3, 2.1))], "Image sizes do not match"),
        ([], "1 figures stored, 0 drawn"),
        ([figure_output(), figure_output()], "1 figures stored, 2 drawn"),
    ],
)
def test_figure_that_differs_is_found(drawn, message):
    assert figure_faults([figure_output()], drawn)[0].startswith(message)


FOLD = {"jp-MarkdownHeadingCollapsed": True}


def lesson_with(*cells):
    """Return a notebook: code where a text has no heading, prose where it has; a pair has metadata as well."""
    notebook = v4.new_notebook()
    for cell in cells:
        source, metadata = cell if isinstance(cell, tuple) else (cell, {})
        new = v4.new_markdown_cell if "# " in source else v4.new_code_cell
        notebook.cells.append(new(source, metadata=dict(metadata)))
    return notebook


FOLDED = lesson_with(
    "# T", "## A", ("### B (optional)\n\nText.", FOLD), ("#### Solution of exercise 12", FOLD), "### C"
)  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("### B (optional)", "cell 2, 'B (optional)': metadata jp-Mark"),
        (("### B", FOLD), "cell 2, 'B': metadata"),
        (("no heading", FOLD), "cell 2, '': metadata"),
        ("#### Solution of exercise 1", "cell 2, 'Solution of exercise 1': metadata"),
        (
            "### B\n\n### C (optional)",
            "cell 2: the heading 'C (optional)' needs a cell",
        ),
        (("### B (optional)\n\n#### C", FOLD), "cell 2 folds 'B (optional)' and holds"),
        (("Text.\n\n### B (optional)", FOLD), "cell 2 has text before its heading"),
    ],
)
def test_headings_that_are_folded_wrongly_are_found(cell, message):
    assert fold_faults(FOLDED) == []
    assert fold_faults(lesson_with("# T", cell))[0].startswith(message)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (["### B (optional)", "x = 1", "x = 2", "### C", "x = 3", "print(x)"], None),
        (["### B (optional)", "#### D", "x = 1", "### C", "print(x)"], "cell 7 uses x as the optional cell 5"),
        (["x = 0", "### B (optional)", "x = 1", "### C", "x += 1"], "cell 7 uses x as the optional cell 5"),
        (["### B (optional)", "def x(): pass", "### C", "def f():\n    return x()"], "cell 6 uses x"),
        (["### B (optional)", "import x", "### C", "[x.y for y in range(3)]"], "cell 6 uses x"),
        (["### B (optional)", "x = 1", "### C", "def f(x):\n    return x"], None),
        (["### B (optional)", "x = 1", "### C", "def f():\n    x = 1\n    x += 1"], None),
        (["### B (optional)", "for x in y: pass", "### C", "[x for x in y]"], None),
        (["### B (optional)", "x = 1", "### C", "for n, x in y:\n    if x: print(x)"], None),
        (["### B (optional)", "x = 1", "### C", "for n in x:\n    x = 1"], "cell 6 uses x"),
        (["### B (optional)", "x = 1", "### C", "with y as x:\n    x"], None),
        (["### B (optional)", "x = 1", "### C", "try:\n    y\nexcept E as x:\n    x"], None),
        (["### B (optional)", "x = 1", "### C", "if y:\n    x += 1"], "cell 6 uses x"),
        (["### B (optional)", "x = 1", "### C", "def f():\n    for x in y: x"], None),
        (["### B (optional)", "x = 1", "### C", "while x:\n    pass"], "cell 6 uses x"),
        (["### B (optional)", "x = 1", "## C", "print(x)"], "cell 6 uses x"),
        (["## B (optional)", "### C", "x = 1", "### D", "x"], None),
        (["```python\n# B (optional)\n```", "x = 1", "## D", "x"], None),
    ],
)  # fmt: skip
def test_core_that_needs_an_optional_section_is_found(cells, fault):
    found = core_faults(lesson_with("# T", "## A", *cells))
    assert len(found) == (fault is not None)
    assert not found or found[0].startswith(fault)


def test_sections_and_titles_that_are_not_those_of_all_lessons_are_found():
    names = [f"## {name}" for name in SKELETON]
    assert skeleton_faults(lesson_with("# T", *names)) == []
    for wrong in (["# T", *names[1:]], ["# T", *names[::-1]], ["# T", *names, "## X"]):
        assert "has the sections" in skeleton_faults(lesson_with(*wrong))[0]
    for wrong in (names, ["# T", "# U", *names], [names[0], "# T", *names[1:]]):
        assert skeleton_faults(lesson_with(*wrong)) == ["needs one title, first"]


def test_marks_of_the_errata_that_lead_nowhere_are_found():
    text = "# T\n\nWrong ([E27](../ERRATA.md#E27), [E08](../ERRATA.md#E08))."
    assert mark_faults(lesson_with(text)) == []
    assert mark_faults(lesson_with(text + " E27")) == ["E27 is no link to ../ERRATA.md#E27"]
    assert mark_faults(lesson_with(text.replace("#E08", "#e08"))) == ["E08 leads to #e08"]


CITING = """# T

As Glorot and Bengio (2010) say, and the same year again (Bengio, 2010; He et al., 2015).

## References

- Glorot, X., & Bengio, Y. (2010). A title. *A journal*.
- He, K., Zhang, X., & Sun, J. (2015). Another title."""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("(2010) say", "(2011) say", ["Glorot (2010) is not cited", "Glorot, 2011, is no reference"]),
        ("J. (2015)", "J. (2016)", ["He (2016) is not cited", "He, 2015, is no reference"]),
        ("; He et al., 2015", "", ["He (2015) is not cited"]),
        ("## References", "## Notes", ["lists no references"]),
        ("T\n", "T\n\nBengio was there. In 1999, she", []),
    ],
)  # fmt: skip
def test_citations_that_fit_no_reference_are_found(old, new, fault):
    assert citation_faults(lesson_with(CITING)) == []
    assert old in CITING
    assert citation_faults(lesson_with(CITING.replace(old, new))) == fault


def test_strict_run_names_the_notebook_the_cell_and_the_difference(pytester, request):
    """The whole chain on a notebook that is really executed: cells as they should be, and each fault in one cell."""
    draw = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(3, 2))\n_ = axes.plot([1, 2, 3])"
    sources = [draw, "print(0.1234)", draw.replace("[1, 2,", "[1, 2.02,"), "1 + 1", "import warnings"]
    executed = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
    nbclient.execute(executed)
    good = executed.cells
    assert [len(cell.outputs) for cell in good] == [1, 1, 1, 1, 0]

    planted = [
        v4.new_code_cell(cell.source, outputs=copy.deepcopy(cell.outputs), execution_count=1)
        for cell in (good[1], good[0], good[0], good[0], good[3], good[4])
    ]
    wrong_number, wrong_curve, not_stored, wrong_size, no_output, warns = planted
    wrong_number.outputs[0].text = "0.1235\n"
    wrong_curve.outputs = good[2].outputs
    del not_stored.outputs[0].data["image/png"]
    wrong_size.source = draw.replace("3, 2", "3, 2.01")
    no_output.outputs = []
    warns.source = "import warnings; warnings.warn('careful')"

    # One of two controls fails at one end, by drawing nothing, by a warning, by an error.
    define = """
        import warnings
        import matplotlib.pyplot as plt
        from helpers import controls

        def draw(shade=0.5, thick=False, style="-"):
            print(shade)
            {fault}
            plt.plot([1, 2, 3], linestyle=style, linewidth=1 + thick)
    """
    show = "controls.show(draw, shade=(0.0, 1.0), style=['-', ':'])"
    # The last one leaves a figure open, below which one that draws nothing would not be seen.
    at_an_end = ["", "if style == ':': return", "if thick: warnings.warn('careful')", "1 / (1 - shade)"]
    controlled = [
        v4.new_code_cell(source, execution_count=1)
        for fault in at_an_end
        for source in (textwrap.dedent(define.format(fault=fault)).strip(), show)
    ]
    nbformat.write(v4.new_notebook(cells=[*good, *planted, *controlled]), pytester.path / "all.ipynb")
    pytester.makeconftest("pytest_plugins = ['notebook_checks']")
    pytester.makeini(f"[pytest]\npythonpath = {' '.join(map(str, request.config.getini('pythonpath')))}")
    result = pytester.runpytest_subprocess("--nbval", "--nbval-current-env", "-p", "no:cacheprovider")
    # Of the controls, each definition passes, and the first cell that shows one.
    result.assert_outcomes(passed=len(good) + len(at_an_end) + 1, failed=len(planted) + len(at_an_end) - 1)
    result.stdout.fnmatch_lines(
        [
            "*all.ipynb::Cell 5*",
            "*0.1235*",
            "*all.ipynb::Cell 6*",
            "*RMS * grey levels, tolerance*",
            "*all.ipynb::Cell 7*",
            "*0 figures stored, 1 drawn*",
            "*all.ipynb::Cell 8*",
            "*Figure size 300x201*",
            "*all.ipynb::Cell 9*",
            "*all.ipynb::Cell 10*",
            "*stderr*",
            "*all.ipynb::Cell 14*",
            "*'style': ':'*draws nothing*",
            "*all.ipynb::Cell 16*",
            "*stderr*",
            "*all.ipynb::Cell 18*",
            "*ZeroDivisionError*",
        ]
    )
