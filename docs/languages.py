"""The book in two languages: translated pages, the same anchors in both, and a switch on every page.

An extension of Sphinx. The value `language` says which of the two books is made.
"""

import re

import nbformat
from chinese_search import SearchPairsOfCharacters
from docutils import nodes

from classroom.grading import is_solution
from translations import edition
from translations.messages import LOCALES, PAGES

HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)


def is_translated(app):
    return app.config.language in LOCALES


def translate_page(app, docname, content):
    """Translate a page; lessons are translated where they are prepared."""
    if not is_translated(app):
        return
    locale, name = app.config.language, f"{docname}.md"
    say = edition.interface(locale)
    if name in PAGES:
        content[0] = edition.translate_page(content[0], name, locale)
    elif not docname.startswith("notebooks/"):
        title, rest = content[0].split("\n", 1)
        content[0] = f"{title}\n\n```{{note}}\n{say('This page is in English only.')}\n```\n{rest}"
    if docname == "index":
        # What directives of the first page name is no prose.
        text = content[0].replace("include} README.md", f"include}} {edition.readme_path(locale).name}")
        text = text.replace('"## Start"', f'"{say("## Start")}"')
        content[0] = re.sub(r"(?<=:caption: )\w+", lambda caption: say(caption[0]), text)


def add_glossary(app, docname, content):
    """Put the table of terms on its page."""
    if docname == "docs/glossary":
        locale = app.config.language if is_translated(app) else LOCALES[0]
        content[0] += "\n" + edition.glossary_table(locale, is_translated(app))


def keep_english_headings(app, docname, content):
    """Remember the headings of the English text of a translated page, from which its anchors are made."""
    text = content[0]
    if docname.startswith("notebooks/"):
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown" and not is_solution(cell))
    elif docname == "index" or f"{docname}.md" not in PAGES:
        return
    app.env.temp_data["english headings"] = HEADING.findall(FENCED.sub("", text))


def use_english_anchors(app, doctree):
    """Give each section of a translated page the anchor that it has in English, so that a link fits both books."""
    headings = app.env.temp_data.pop("english headings", None)
    if not is_translated(app) or headings is None:
        return
    for section, heading in zip(doctree.findall(nodes.section), headings, strict=True):
        anchor = nodes.make_id(heading)
        if anchor not in doctree.ids:
            doctree.ids[anchor] = section
            section["ids"].insert(0, anchor)


def add_switch(app, pagename, _templatename, context, _doctree):
    """Tell the template of the switch where the same page of the other book is."""
    up = "../" * pagename.count("/")
    if is_translated(app):
        context["other_language"] = {"page": f"../{up}{pagename}.html", "code": "en", "name": "English"}
    else:
        context["other_language"] = {"page": f"{up}zh_CN/{pagename}.html", "code": "zh-CN", "name": "简体中文"}


def setup(app):
    app.add_search_language(SearchPairsOfCharacters)
    # Before everything else that changes the text, but after the English headings were read.
    app.connect("source-read", keep_english_headings, priority=100)
    app.connect("source-read", translate_page, priority=200)
    app.connect("source-read", add_glossary, priority=300)
    # Before the table of contents is collected.
    app.connect("doctree-read", use_english_anchors, priority=100)
    app.connect("html-page-context", add_switch)
    return {"parallel_read_safe": True}
