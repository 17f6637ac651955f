"""Derives the structure of a slide deck from the headings of a lesson, so that no cell needs slide metadata."""

import re

from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell

# "## A section" begins a column of slides; "### A part" and "**1. An exercise.**" begin a slide in that column.
SLIDE_TYPES = {r"##? ": "slide", r"### |\*\*\d+\. ": "subslide"}
START = re.compile(rf"^(?={'|'.join(SLIDE_TYPES)})", re.MULTILINE)


class SlideStructure(Preprocessor):
    """Splits prose where a slide begins, and marks what begins there."""

    def preprocess(self, notebook, resources):
        """Return the notebook with slide types, a title, and without outputs of exercises."""
        notebook.cells = [
            part
            for cell in without_folded_sections(notebook.cells)
            for part in split_at_slides(cell)
        ]
        notebook.metadata.title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
        in_exercises = False
        for cell in notebook.cells:
            kind = slide_type(cell)
            cell.metadata.slideshow = {"slide_type": kind}
            if kind == "slide":
                in_exercises = cell.source.startswith("## Exercises")
            if in_exercises and cell.cell_type == "code":
                # Stored is what the checks say about the solutions, which are gone.
                cell.outputs = []
        return notebook, resources


def without_folded_sections(cells):
    """Return the cells that are in no section that JupyterLab folds: an optional one, or a solution."""
    kept, level = [], 0
    for cell in cells:
        heading = re.match(r"#+", cell.source) if cell.cell_type == "markdown" else None
        if heading and level and len(heading[0]) <= level:
            level = 0
        if heading and not level and cell.metadata.get("jp-MarkdownHeadingCollapsed"):
            level = len(heading[0])
        if not level:
            kept.append(cell)
    return kept


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
