"""What nbval does not check of a notebook, as plain functions and as a pytest plugin.

nbval runs every cell and compares text. It passes a notebook without stored outputs, and it does not look at pictures,
at the paired script, or at what should never be stored. Each function here returns the faults it finds as sentences
that name the cell; cells are numbered as nbval numbers them, code cells from 0.
"""

import base64
import inspect
import io
import re
from itertools import zip_longest
from unittest import mock

import jupytext
import numpy as np
import pytest
from matplotlib.image import imread
from matplotlib.testing.compare import calculate_rms
from matplotlib.testing.exceptions import ImageComparisonFailure
from nbformat import v4
from nbval.plugin import IPyNbCell
from pairs import parts

# In grey levels from 0 to 255, root of the mean square over all pixels. Measured on lesson 1: drawn with other
# processor features, BLAS kernels, numbers of threads and locales, a figure differs by 0.03 at most, where the rounding
# of a curve decides about a pixel. One curve moved by a thousandth of the axis gives 1.5, one letter in a label 0.4.
FIGURE_TOLERANCE = 0.1

STORED_MIMES = {"text/plain", "text/html", "image/png"}

NEVER_STORED = {
    "an address in memory": r"0x[0-9a-fA-F]{6,}",
    "a path": r"(?<![\w./])/(?:home|root|tmp|usr|var|opt|Users|mnt|private)/|\b[A-Za-z]:\\|site-packages|ipykernel_\d",
    "a timing": r"\d\s?(?:ns|us|µs|ms)\b|\bit/s\b|Wall time|CPU times|\d\s?s/step|\d (?:seconds|minutes)\b",
    "a date or a time of day": r"\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b",
    "a warning": r"\b\w*Warning\b|\bWARNING\b",
}  # fmt: skip


def code_cells(notebook):
    return list(enumerate(cell for cell in notebook.cells if cell.cell_type == "code"))


def figures(outputs):
    """Return the base64 text of each PNG in a list of outputs."""
    return [
        output.data["image/png"]
        for output in outputs
        if "image/png" in output.get("data", {})
    ]


def text_of(output):
    return output.get("text", "") + "".join(
        text
        for mime, text in output.get("data", {}).items()
        if mime.startswith("text/")
    )


def faults(notebook):
    """Return what is wrong with the source and the stored outputs of a notebook."""
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    found = []
    if counts != list(range(1, len(counts) + 1)):
        found.append(
            f"code cells are counted {counts}, not 1 to {len(counts)}: run `make build`"
        )
    if "widgets" in notebook.metadata:
        found.append("the notebook stores the state of its controls")
    for number, cell in code_cells(notebook):
        found += [
            f"cell {number} {fault}"
            for fault in (*_source_faults(cell), *_output_faults(cell))
        ]
    return found


def _source_faults(cell):
    if re.search(r"NBVAL_|PYTEST_VALIDATE", cell.source):
        yield "has a marker that switches the comparison off"
    tags = cell.metadata.get("tags", [])
    if any(tag.startswith("nbval-") or tag == "raises-exception" for tag in tags):
        yield f"has a tag that switches the comparison off: {tags}"
    if re.search(r";\s*(?:#[^\n]*)?\s*\Z", cell.source):
        yield "ends with a semicolon, which hides a result from the reader but not from the comparison: assign it to _"


def _output_faults(cell):
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"stores an error: {output.ename}"
        if output.get("name") == "stderr":
            yield f"stores what was written to the error stream: {output.text[:80]!r}"
        for mime in set(output.get("data", {})) - STORED_MIMES:
            yield f"stores {mime}, which is not compared"
        for what, pattern in NEVER_STORED.items():
            match = re.search(pattern, text_of(output), re.MULTILINE)
            if match:
                yield f"stores {what}: {match.group().strip()!r}"
    alt, count = cell.metadata.get("alt", "").strip(), len(figures(cell.outputs))
    if count > 1:
        yield f"stores {count} figures, which cannot have one alt text: one figure a cell"
    if count and not re.fullmatch(r"[A-Z0-9]\S*(?: \S+){4,}\.", alt):
        yield f"needs an alt text of whole sentences in its metadata, got {alt!r}"
    if alt and not count:
        yield "has an alt text but no stored figure"


def pair_faults(notebook_path):
    """Return where a notebook and the script beside it differ in code, prose, order, tags or alt texts."""
    script_path = notebook_path.with_suffix(".py")
    for path in (notebook_path, script_path):
        if not path.exists():
            return [f"{path.name} is missing"]
    sides = [parts(jupytext.read(path)) for path in (notebook_path, script_path)]
    for index, (stored, script) in enumerate(
        zip_longest(*sides, fillvalue="(nothing)")
    ):
        if stored != script:
            place = (
                f"cell {index}, prose counted too, from 1," if index else "the kernel"
            )
            return [
                f"{place} differs: {notebook_path.name} has\n{stored}\n{script_path.name} has\n{script}"
            ]
    return []


def figure_faults(stored_outputs, new_outputs):
    """Return how newly drawn figures differ from the stored ones."""
    stored, new = figures(stored_outputs), figures(new_outputs)
    if len(stored) != len(new):
        return [f"{len(stored)} figures stored, {len(new)} drawn"]
    return [
        fault for pair in zip(stored, new, strict=True) for fault in _difference(*pair)
    ]


def _difference(stored, new):
    if stored == new:
        return []
    pixels = [255 * imread(io.BytesIO(base64.b64decode(png))) for png in (stored, new)]
    try:
        rms = calculate_rms(*pixels)
    except ImageComparisonFailure as error:
        return [str(error)]
    if rms > FIGURE_TOLERANCE:
        rows, columns = np.nonzero(np.abs(pixels[0] - pixels[1]).max(axis=-1))
        where = f"rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}"
        return [
            f"RMS {rms:.2f} grey levels, tolerance {FIGURE_TOLERANCE}; pixels differ in {where}"
        ]
    return []


def shows_controls(cell):
    return cell.cell_type == "code" and "controls.show(" in cell.source


def draw_at_ends(source, namespace):
    """Draw with every control of a cell at either end: each alone, and all together.

    This runs in the kernel of a notebook, to which only its source is sent: whatever it needs it imports itself.
    """
    import contextlib
    import io
    from unittest import mock

    import matplotlib.pyplot as plt

    def ends(widget):
        if hasattr(widget, "options"):
            return widget.options
        return (widget.min, widget.max) if hasattr(widget, "min") else (False, True)

    with mock.patch("helpers.controls.display") as display:
        exec(source, namespace)
    (control,) = display.call_args.args
    widgets = {widget._kwarg: widget for widget in control.kwargs_widgets}
    first = {name: widget.value for name, widget in widgets.items()}
    settings = [{n: ends(widget)[i] for n, widget in widgets.items()} for i in (0, -1)]
    for name, widget in widgets.items():
        settings += [first | {name: value} for value in ends(widget)]
    distinct = [s for n, s in enumerate(settings) if s not in settings[:n]]
    with contextlib.redirect_stdout(io.StringIO()):
        for setting in distinct:
            control.f(**setting)
            assert plt.get_fignums(), f"{setting} draws nothing"
            plt.gcf().canvas.draw()
            plt.close("all")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After nbval has run a cell and compared its text: compare its figures, and try its controls."""
    result = yield
    if isinstance(item, IPyNbCell):
        found = figure_faults(item.cell.outputs, item.test_outputs)
        if found:
            item.raise_cell_error("Cell figures differ", "\n".join(found))
        if shows_controls(item.cell):
            call = f"draw_at_ends({item.cell.source!r}, dict(globals()))"
            source = f"{inspect.getsource(draw_at_ends)}\n{call}\ndel draw_at_ends"
            with mock.patch.object(
                item, "cell", v4.new_code_cell(source, execution_count=1)
            ):
                item.runtest()  # An error or a warning is an output, and there must be none.
    return result
