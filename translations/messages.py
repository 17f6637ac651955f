"""What is translated, and what it is translated into: one gettext catalogue for each lesson and each page.

A message is a Markdown cell or the alt text of a figure; on a page it is what stands between two blank lines. Code is
no message, so that no translation can change it.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent
LOCALES = sorted(path.parent.name for path in FOLDER.glob("*/interface.po"))
LESSONS = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("notebooks/*.ipynb"))]
PAGES = ["index.md", "README.md", "ERRATA.md", "docs/teaching.md", "docs/glossary.md", "classroom/student/README.md"]
SOURCES = [*LESSONS, *PAGES, "interface"]

# What programs say in the book and in the notebooks.
INTERFACE = [
    "(optional)",
    "## Start",
    "Deep-learning lessons",
    "Show the solution",
    "Hide the solution",
    "Show this section",
    "The English of what follows has changed, and its translation has not followed yet.",
    "This page is in English only.",
    "Lessons",
    "More",
    "Download: {{download}}`this notebook <{notebook}>`, its {{download}}`student edition <{student}>` without "
    "solutions, or {{download}}`all of it as a script <{script}>`.",
    "| English | Chinese | first used in |",
]

FENCE = re.compile(r"^(```|~~~)")
# What is the same in all languages: a number of the errata as heading, the names of languages, a place for a table.
NOT_PROSE = re.compile(r"#+ E\d+|\[English\].*|\{lessons\}")


class Message(NamedTuple):
    """An English text, and how to name the place where it stands."""

    text: str
    place: str


def of_notebook(notebook):
    """Return the messages of a notebook, in order."""
    messages, section = [], ""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ .+", cell.source, re.MULTILINE)
            place = headings[0] if headings else f"below {section}"
            section = headings[-1] if headings else section
            messages.append(Message(cell.source, f"cell {number}: {place}"))
        elif "alt" in cell.metadata:
            messages.append(Message(cell.metadata["alt"], f"cell {number}: alt text of a figure, below {section}"))
    return messages


def blocks(text):
    """Split a page where there are blank lines, but for those in fenced code.

    Returns
    -------
    list of str
        Joined by blank lines, they are the page again.
    """
    parts, fenced = [], False
    for block in text.strip("\n").split("\n\n"):
        if fenced:
            parts[-1] += "\n\n" + block
        else:
            parts.append(block)
        fenced ^= sum(bool(FENCE.match(line)) for line in block.splitlines()) % 2 == 1
    return parts


def of_page(text):
    """Return the messages of a page, in order."""
    messages, section = [], ""
    for block in blocks(text):
        if block.startswith("#"):
            section = block.splitlines()[0]
        if not (FENCE.match(block) or NOT_PROSE.fullmatch(block)):
            messages.append(Message(block, section if block.startswith("#") else f"below {section}"))
    return messages


@cache
def of_source(name):
    """Return the messages of a lesson or page, given by its path from the root, or those of "interface"."""
    if name == "interface":
        return tuple(Message(text, "") for text in INTERFACE)
    path = ROOT / name
    if path.suffix == ".ipynb":
        return tuple(of_notebook(nbformat.read(path, as_version=4)))
    return tuple(of_page(path.read_text(encoding="utf-8")))


def catalogue_path(name, locale):
    """Return where the catalogue of a lesson or page is."""
    stem = name.removeprefix("docs/").removeprefix("notebooks/").removeprefix("classroom/").split(".")[0]
    return FOLDER / locale / f"{stem.replace('/', '_')}.po"


def read_catalogue(name, locale):
    """Return the catalogue of a lesson or page."""
    with catalogue_path(name, locale).open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


@cache
def translations(name, locale):
    """Return all translations of a lesson or page that are up to date, by their English texts."""
    catalogue = read_catalogue(name, locale)
    return {m.id: m.string for m in catalogue if m.id and m.string and not m.fuzzy}


def stale_messages(name, locale):
    """Return the places of a lesson or page whose English has no translation, or one of an earlier English text."""
    known = translations(name, locale)
    return [f"{name}, {place}" for text, place in of_source(name) if text not in known]
