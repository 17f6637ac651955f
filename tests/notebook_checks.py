"""What nbval does not check of a notebook, as plain functions and as a pytest plugin.

nbval runs every cell and compares text. It passes a notebook without stored outputs, and it does not look at pictures,
at the paired script, or at what should never be stored. Each function here returns the faults it finds as sentences
that name the cell; cells are numbered as nbval numbers them, code cells from 0.
"""

import ast
import base64
import inspect
import io
import re
import symtable
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

# A difference inside one of these, or one of the largest and the smallest.
NEVER_NEGATIVE = r"abs\(|norm\(|\*\* 2|\bmax\(.* - min\("


def code_cells(notebook):
    return list(enumerate(cell for cell in notebook.cells if cell.cell_type == "code"))


def figures(outputs):
    """Return the base64 text of each PNG in a list of outputs."""
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


def text_of(output):
    return output.get("text", "") + "".join(
        text for mime, text in output.get("data", {}).items() if mime.startswith("text/")
    )


def faults(notebook):
    """Return what is wrong with the source and the stored outputs of a notebook."""
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    found = []
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"code cells are counted {counts}, not 1 to {len(counts)}: run `make build`")
    if "widgets" in notebook.metadata:
        found.append("the notebook stores the state of its controls")
    for number, cell in code_cells(notebook):
        found += [f"cell {number} {fault}" for fault in (*_source_faults(cell), *_output_faults(cell))]
    return found


def _source_faults(cell):
    if re.search(r"NBVAL_|PYTEST_VALIDATE", cell.source):
        yield "has a marker that switches the comparison off"
    tags = cell.metadata.get("tags", [])
    if any(tag.startswith("nbval-") or tag == "raises-exception" for tag in tags):
        yield f"has a tag that switches the comparison off: {tags}"
    for left in _small_without_abs(cell.source):
        yield f"asserts that {left} is small, and any negative number is: take its abs"
    if re.search(r";\s*(?:#[^\n]*)?\s*\Z", cell.source):
        yield "ends with a semicolon, which hides a result from the reader but not from the comparison: assign it to _"


def _small_without_abs(source):
    """Yield each difference that is asserted to be below a number, though it may be negative."""
    for statement in ast.walk(ast.parse(source)):
        if not isinstance(statement, ast.Assert):
            continue
        for node in ast.walk(statement.test):
            match node:
                case ast.Compare(left, [ast.Lt() | ast.LtE()], [ast.Constant()]):
                    text = ast.unparse(left)
                    if " - " in text and not re.search(NEVER_NEGATIVE, text):
                        yield text


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
    for index, (stored, script) in enumerate(zip_longest(*sides, fillvalue="(nothing)")):
        if stored != script:
            place = f"cell {index}, prose counted too, from 1," if index else "the kernel"
            return [f"{place} differs: {notebook_path.name} has\n{stored}\n{script_path.name} has\n{script}"]
    return []


def headings(notebook):
    """Return level, text and place of each heading, cells counted from 1; lines of code blocks are none."""
    found = []
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            prose = re.sub(r"^```.*?^```", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            for marks, text in re.findall(r"^(#+) (.+)$", prose, re.MULTILINE):
                found.append((len(marks), text, place))
    return found


FOLDED = re.compile(r"\(optional\)$|^Solution of exercise \d+$")


def fold_faults(notebook):
    """Return which headings are not folded and should be, or the other way round."""
    found = []
    texts = {}
    for _, text, place in headings(notebook):
        texts.setdefault(place, []).append(text)
    for place, cell in enumerate(notebook.cells, start=1):
        folded = cell.metadata.get("jp-MarkdownHeadingCollapsed", False)
        first, *others = texts.get(place, [""])
        # JupyterLab folds from a cell that begins with a heading to the next of its level, cell by cell.
        if re.search(FOLDED, first) and not cell.source.startswith("#"):
            found.append(f"cell {place} has text before its heading {first!r}")
        if folded != bool(re.search(FOLDED, first)):
            found.append(
                f"cell {place}, {first!r}: metadata jp-MarkdownHeadingCollapsed=true belongs to headings "
                "that end in (optional) and to solutions, and to no other cell"
            )
        found += [
            f"cell {place}: the heading {other!r} needs a cell of its own"
            for other in others
            if re.search(FOLDED, other)
        ]
        if folded and others:
            found.append(f"cell {place} folds {first!r} and holds other headings")
    return found


def optional_places(notebook):
    """Return the places, from 1, of all cells under a heading that ends in (optional)."""
    places, level = set(), 0
    starts = {place: (depth, text) for depth, text, place in reversed(headings(notebook))}
    for place in range(1, len(notebook.cells) + 1):
        depth, text = starts.get(place, (7, ""))
        if level and depth <= level:
            level = 0
        if not level and text.endswith("(optional)"):
            level = depth
        if level:
            places.add(place)
    return places


def core_faults(notebook):
    """Return which cells of the core use a name as an optional section has left it.

    A reader who leaves out what is folded must be able to run the rest, with the same results.
    """
    optional, left, found = optional_places(notebook), {}, []
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        bound, used = _names(cell.source)
        if place in optional:
            left |= dict.fromkeys(bound, place)
            continue
        found += [
            f"cell {place} uses {name} as the optional cell {left[name]} leaves it" for name in sorted(used & set(left))
        ]
        left = {name: where for name, where in left.items() if name not in bound}
    return found


def _names(source):
    """Return which names a cell binds, and which it uses as the cells before have left them."""
    bound, used = set(), set()
    _follow(ast.parse(source).body, bound, used)
    return bound, used


def _follow(statements, bound, used):
    """Add what the statements bind and use, one after the other: a loop uses its variable after it has bound it."""
    for statement in statements:
        for part in _parts(statement):
            if isinstance(part, list):
                _follow(part, bound, used)
                continue
            table = symtable.symtable(ast.unparse(part), "cell", "exec")
            used |= set(_globals(table)) - bound
            if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                # The table says only that it is bound.
                used |= {part.target.id} - bound
            bound |= {
                symbol.get_name()
                for symbol in table.get_symbols()
                if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
            }


def _parts(statement):
    """Return a statement, or in their order the simple parts of one that holds others, and lists of the others."""
    match statement:
        case ast.For(target, iterable, body, orelse):
            return [iterable, _binding(target), body, orelse]
        case ast.With(items, body):
            parts = [(item.context_expr, item.optional_vars) for item in items]
            bindings = [[e, _binding(target)] if target else [e] for e, target in parts]
            return [*(part for binding in bindings for part in binding), body]
        case ast.If(test, body, orelse) | ast.While(test, body, orelse):
            return [test, body, orelse]
        case ast.Try(body, handlers, orelse, finalbody):
            named = [_binding(ast.Name(h.name, ast.Store())) for h in handlers if h.name]
            return [body, *named, *(h.body for h in handlers), orelse, finalbody]
    return [statement]


def _binding(target):
    return ast.Assign([target], ast.Constant(0), lineno=1)


def _globals(table):
    """Yield each name that is looked up as a global one in this block or in one inside it."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


SKELETON = (
    "The idea", "The mathematics", "From scratch", "Is it right?", "In TensorFlow 2", "On real data", "Try it",
    "Exercises", "What we have seen", "Where it stands today", "References",
)  # fmt: skip


def skeleton_faults(notebook):
    """Return in what the sections of a lesson are not those that all lessons have."""
    levels = [level for level, _, _ in headings(notebook)]
    found = [] if levels.count(1) == 1 and levels[0] == 1 else ["needs one title, first"]
    sections = tuple(text for level, text, _ in headings(notebook) if level == 2)
    if sections != SKELETON:
        found.append(f"has the sections {sections}, not {SKELETON}")
    return found


def mark_faults(notebook):
    """Return which marks of the errata are no links to their entries.

    JupyterLab finds a heading only if its letters are written as in the heading; GitHub does not care.
    """
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    links = re.findall(r"\[(E\d+)\]\(\.\./ERRATA\.md#(\w+)\)", prose)
    found = [f"{mark} leads to #{target}" for mark, target in links if mark != target]
    rest = re.sub(r"\[E\d+\]\(\.\./ERRATA\.md#\w+\)", "", prose)
    marks = re.findall(r"\bE\d\d\b", rest)
    return found + [f"{mark} is no link to ../ERRATA.md#{mark}" for mark in marks]


def citation_faults(notebook):
    """Return which references are not cited with their year, and which citations name a year of no reference."""
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    text, _, references = prose.partition("\n## References\n")
    first, all_years = {}, {}
    for authors, year in re.findall(r"^- ([^(]+)\((\d{4})", references, re.MULTILINE):
        names = re.findall(r"(?:^|[ \n])([^\s,&][^,&]*), (?:[A-Z]|et al)", authors)
        first.setdefault(names[0], set()).add(year)
        for name in names:
            all_years.setdefault(name, set()).add(year)
    found = [] if first else ["lists no references"]
    for name, own in first.items():
        # Between a name and its year stand co-authors, "et al." or a bracket, but no number and no full sentence.
        cited = set(re.findall(rf"\b{re.escape(name)}\b(?:(?!\. [A-Z])[^\d]){{0,60}}?(\d{{4}})", text))
        found += [f"{name} ({year}) is not cited" for year in sorted(own - cited)]
        found += [f"{name}, {year}, is no reference" for year in sorted(cited - all_years[name])]
    return found


def figure_faults(stored_outputs, new_outputs):
    """Return how newly drawn figures differ from the stored ones."""
    stored, new = figures(stored_outputs), figures(new_outputs)
    if len(stored) != len(new):
        return [f"{len(stored)} figures stored, {len(new)} drawn"]
    return [fault for pair in zip(stored, new, strict=True) for fault in _difference(*pair)]


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
        return [f"RMS {rms:.2f} grey levels, tolerance {FIGURE_TOLERANCE}; pixels differ in {where}"]
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
            with mock.patch.object(item, "cell", v4.new_code_cell(source, execution_count=1)):
                item.runtest()  # An error or a warning is an output, and there must be none.
    return result
