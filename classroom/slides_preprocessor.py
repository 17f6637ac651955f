"""Derives the structure of a slide deck from the headings of a lesson, so that no cell needs slide metadata."""

import re

from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell

from classroom.grading import ABOUT_SOLUTIONS, is_solution

# "## A section" begins a column of slides, "### A part" a slide in that column.
SLIDE_TYPES = {r"##? ": "slide", r"### ": "subslide"}
START = re.compile(rf"^(?={'|'.join(SLIDE_TYPES)})", re.MULTILINE)


class Shorten(Preprocessor):
    """Leaves out what is optional, and what gives an exercise away."""

    def preprocess(self, notebook, resources):
        """Return the notebook without optional sections, hints and solutions."""
        notebook.cells = [
            cell
            for cell in without_optional_sections(notebook.cells)
            if not (is_solution(cell) or is_hint(cell)) and cell.source != ABOUT_SOLUTIONS
        ]
        return notebook, resources


class SlideStructure(Preprocessor):
    """Splits prose where a slide begins, and marks what begins there."""

    def preprocess(self, notebook, resources):
        """Return the notebook with slide types and a title."""
        notebook.cells = [part for cell in notebook.cells for part in split_at_slides(cell)]
        notebook.metadata.title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
        for cell in notebook.cells:
            cell.metadata.slideshow = {"slide_type": slide_type(cell)}
        return notebook, resources


def without_optional_sections(cells):
    """Return the cells that are in no section whose heading ends in "(optional)"."""
    kept, level = [], 0
    for cell in cells:
        heading = cell.cell_type == "markdown" and re.match(r"(#+) (.+)", cell.source)
        if heading and len(heading[1]) <= level:
            level = 0
        if heading and not level and heading[2].endswith("(optional)"):
            level = len(heading[1])
        if not level:
            kept.append(cell)
    return kept


def is_hint(cell):
    return cell.source.startswith("<details><summary>Hint</summary>")


def split_at_slides(cell):
    """Return the cell, or several if slides begin in the middle of its prose."""
    if cell.cell_type != "markdown":
        return [cell]
    return [new_markdown_cell(part) for part in START.split(cell.source) if part]


def slide_type(cell):
    """Return which slide type begins at this cell, "-" if it continues one."""
    if cell.cell_type == "markdown":
        for pattern, kind in SLIDE_TYPES.items():
            if re.match(pattern, cell.source):
                return kind
    return "-"
