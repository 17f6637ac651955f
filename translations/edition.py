"""Derives an edition in another language: the prose from its catalogues, all else from the English lessons and pages.

`python -m translations.edition zh_CN` lays out the folder `zh_CN`, for JupyterLab. What a reader has changed in it
stays.
"""

import argparse
import os
import re
from pathlib import Path

import jupytext
import nbformat
from nbconvert.preprocessors import Preprocessor
from traitlets import Unicode

from translations import glossary
from translations.messages import LESSONS, LOCALES, PAGES, ROOT, blocks, of_source, translations

LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


class Translate(Preprocessor):
    """Translates a lesson by the catalogue of its name; without a locale it does nothing."""

    locale = Unicode(help="The name of the folder of catalogues, as zh_CN.").tag(config=True)

    def preprocess(self, notebook, resources):
        """Return the notebook with prose and alt texts in the other language."""
        if self.locale:
            translate_notebook(notebook, f"notebooks/{resources['metadata']['name']}.ipynb", self.locale)
        return notebook, resources


def interface(locale):
    """Return a function that translates what programs say."""
    return lambda text: translations("interface", locale)[text]


def translator(name, locale):
    """Return a function that translates the messages of a lesson or page.

    What has no translation, or one of another English text, stays English, below a sentence that says so.
    """
    known = translations(name, locale)
    warning = interface(locale)("The English of what follows has changed, and its translation has not followed yet.")
    return lambda text: known.get(text, f"**{warning}**\n\n{text}")


def translate_notebook(notebook, name, locale):
    """Translate prose and alt texts of a notebook in place."""
    translate = translator(name, locale)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translate(cell.source)
        elif "alt" in cell.metadata:
            cell.metadata["alt"] = translate(cell.metadata["alt"])


def translate_page(text, name, locale):
    """Return a page with its prose in the other language."""
    translate, messages = translator(name, locale), {message.text for message in of_source(name)}
    translated = [translate(block) if block in messages else block for block in blocks(text)]
    return "\n\n".join(translated) + "\n"


def glossary_table(locale, translated):
    """Return the table of terms, whose last column leads to English lessons or to translated ones."""
    translate = interface(locale) if translated else str
    rows = [translate("| English | Chinese | first used in |"), "|---|---|---|"]
    for term in sorted(glossary.terms(locale), key=lambda term: term.english.lower()):
        name, heading = glossary.first_use(term.english)
        if translated:
            heading = translated_heading(name, heading, locale)
        place = f"[{int(Path(name).name[:2])} {heading.lstrip('# ')}](../{name})"
        rows.append(f"| {term.english} | {'、'.join(term.translations)} | {place} |")
    return "\n".join(rows) + "\n"


def translated_heading(name, heading, locale):
    """Return what a heading of a lesson, given with its marks, is in the other language."""
    translate = translator(name, locale)
    for message in of_source(name):
        headings = re.findall(r"^#+ .+", message.text, re.MULTILINE)
        if heading in headings:
            return re.findall(r"^#+ .+", translate(message.text), re.MULTILINE)[headings.index(heading)]
    raise ValueError(f"{name} has no heading {heading!r}")


def readme_path(locale):
    """Return where the translated README is, for those who read it on the page of the repository."""
    return ROOT / f"README.{locale.replace('_', '-')}.md"


def readme(locale):
    """Return the translated README; its links lead to the English files beside it."""
    return translate_page((ROOT / "README.md").read_text(encoding="utf-8"), "README.md", locale)


def with_links_from(text, name, folder):
    """Return a page with links that are right in another folder, where only lessons and pages are."""

    def moved(link):
        target = os.path.normpath(Path(name).parent / link[1])
        if target in LESSONS + PAGES:
            return link[1]
        return Path(os.path.relpath(ROOT / target, (folder / name).parent)).as_posix()

    return LINK.sub(moved, text)


def translated(name, locale, folder):
    """Return the text of a translated lesson or page that is to be laid out in a folder."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if name in LESSONS:
        notebook = nbformat.reads(text, as_version=4)
        translate_notebook(notebook, name, locale)
        notebook.metadata["locale"] = locale
        return nbformat.writes(notebook) + "\n"
    text = translate_page(text, name, locale)
    if name == "docs/glossary.md":
        text += "\n" + glossary_table(locale, translated=True)
    return with_links_from(text, name, folder)


def lay_out(locale, folder, keep):
    """Write the edition into a folder, in which lessons and pages have the places that they have in the repository.

    Parameters
    ----------
    locale : str
        The name of the folder of catalogues, as "zh_CN".
    folder : pathlib.Path
    keep : bool
        Whether a file that is there already stays as it is, for it may hold a reader's work.

    Returns
    -------
    list of pathlib.Path
        The files that were kept although they differ from what would have been written.
    """
    kept = []
    for name in [*LESSONS, *PAGES]:
        if name == "index.md":  # It is a page of the book only.
            continue
        path, text = folder / name, translated(name, locale, folder)
        if keep and path.exists():
            if path.read_text(encoding="utf-8") != text:
                kept.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name in LESSONS and not keep:
            jupytext.write(nbformat.reads(text, as_version=4), path.with_suffix(".py"), fmt="py:percent")
    # A lesson in another language is no pair: its source are the catalogue and the English lesson.
    (folder / "notebooks" / "jupytext.toml").write_text('formats = "ipynb"\n', encoding="utf-8")
    return kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locale", choices=LOCALES)
    parser.add_argument("folder", nargs="?", type=Path, help="another folder, whose files are written anew")
    given = parser.parse_args()
    target = (given.folder or ROOT / given.locale).resolve()
    for path in lay_out(given.locale, target, keep=given.folder is None):
        print(
            f"kept, because it was changed, here or in the lessons: {os.path.relpath(path)}; delete it to get it anew"
        )
