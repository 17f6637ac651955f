"""The lessons, by their notebooks, and what the first cell of each says of it."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def place(path):
    """Return the path of a lesson as pages of the repository write it."""
    return path.relative_to(ROOT).as_posix()


def number(path):
    """Return the number of a lesson, without a zero in front."""
    return str(int(path.name.split("_")[0]))


def title(path):
    """Return the heading with which a lesson begins."""
    return _first_cell(path).splitlines()[0].removeprefix("# ")


def minutes(path):
    """Return how long a lesson says that it takes."""
    return int(re.search(r"about (\d+) minutes", _first_cell(path))[1])


def _first_cell(path):
    return nbformat.read(path, as_version=4).cells[0].source
