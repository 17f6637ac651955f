"""How `make book` builds the web book: offline, from the lessons as they are stored, without running them.

The source folder is the root of the repository, so that the links in the lessons, the errata and the read-me lead to
the right place in the book as they do everywhere else.
"""

import importlib.resources
import os
import re
import sys
from pathlib import Path

import nbformat
from docutils import nodes

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT), str(ROOT / "docs")]

from classroom.grading import is_solution  # noqa: E402
from translations import edition  # noqa: E402

# The address of the public repository. Where it is set, each lesson has a button that starts it on Binder. (Colab would
# start it without the package `helpers`.)
REPOSITORY_URL = os.environ.get("BOOK_REPOSITORY_URL", "")

# The book in another language is made from the same files.
LOCALE = os.environ.get("BOOK_LOCALE", "")
_ = edition.interface(LOCALE) if LOCALE else str

project = _("Deep-learning lessons")
html_title = project
author = "the authors of the lessons"
project_copyright = "the authors. Code under BSD-3-Clause, prose and figures under CC BY 4.0"
language = LOCALE or "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "languages",
]
include_patterns = ["index.md", "ERRATA.md", "notebooks/*.ipynb", "docs/*.md"]
exclude_patterns = [".*", "build"]

nb_execution_mode = "off"
nb_code_prompt_show = _("Show the solution")
nb_code_prompt_hide = _("Hide the solution")
# No page needs what makes widgets move; by default it comes from another host.
nb_ipywidgets_js = {}
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# One file that needs no other one; of the rest of the package, 20 MB, the book needs nothing.
MATHJAX = importlib.resources.files("sphinx-mathjax-offline") / "static/mathjax/tex-svg-full.js"
mathjax_path = MATHJAX.name

autodoc_default_options = {"members": True, "member-order": "bysource"}
# The docstrings say more about what a function takes than its annotations do.
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
# Links into the reference of these packages, from each inventory that is on disk: the book is built offline.
INVENTORIES = ROOT / "docs" / "inventories"
intersphinx_mapping = {
    name: (address, str(INVENTORIES / f"{name}.inv"))
    for name, address in {
        "numpy": "https://numpy.org/doc/stable/",
        "tensorflow": "https://www.tensorflow.org/api_docs/python/",
    }.items()
    if (INVENTORIES / f"{name}.inv").exists()
}

html_theme = "sphinx_book_theme"
html_static_path = ["static", str(MATHJAX)]
html_css_files = ["book.css"]
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_favicon = "favicon.svg"
html_context = {"default_mode": "auto"}
templates_path = ["templates"]
html_js_files = ["language.js"]
html_theme_options = {
    "navbar_persistent": [],
    "use_download_button": False,
    "article_header_end": ["language.html", "article-header-buttons.html"],
}
if REPOSITORY_URL:
    html_theme_options |= {
        "repository_url": REPOSITORY_URL,
        "repository_branch": "main",
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }

DOWNLOADS = (
    "Download: {{download}}`this notebook <{notebook}>`, its {{download}}`student edition <{student}>` without "
    "solutions, or {{download}}`all of it as a script <{script}>`."
)


def downloads(name):
    """Return the sentence with what a reader can download of a lesson."""
    build = f"../build/{LOCALE}" if LOCALE else "../build"
    notebook = f"{build}/notebooks/{name}.ipynb" if LOCALE else f"{name}.ipynb"
    return _(DOWNLOADS).format(
        notebook=notebook,
        student=f"{build}/student/notebooks/{name}.ipynb",
        script=notebook.replace(".ipynb", ".py"),
    )


def prepare_lesson(_app, docname, content):
    """Offer downloads, hand the alt texts to myst-nb, and fold the solutions away."""
    if not docname.startswith("notebooks/"):
        return
    lesson = nbformat.reads(content[0], as_version=4)
    # In JupyterLab a heading folds a solution away; on the page the cell itself is folded, and says so.
    lesson.cells = [cell for cell in lesson.cells if not (is_solution(cell) and cell.cell_type == "markdown")]
    if LOCALE:
        edition.translate_notebook(lesson, f"{docname}.ipynb", LOCALE)
    for cell in lesson.cells:
        _prepare_cell(cell)
    title, rest = lesson.cells[0].source.split("\n", 1)
    name = Path(docname).name
    lesson.cells[0].source = f"{title}\n\n{downloads(name)}\n{rest}"
    content[0] = nbformat.writes(lesson)


def _prepare_cell(cell):
    if "alt" in cell.metadata:
        cell.metadata["mystnb"] = {"image": {"alt": cell.metadata["alt"]}}
    if is_solution(cell):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-cell"]


def fold_optional_sections(app, doctree):
    """Fold away, as JupyterLab does, what a reader may leave out: all but its heading."""
    if not app.env.docname.startswith("notebooks/"):
        return
    for section in list(doctree.findall(nodes.section)):
        if section.next_node(nodes.title).astext().endswith(_("(optional)")):
            start = f"<details class='folded'><summary>{_('Show this section')}</summary>"
            section.insert(1, nodes.raw("", start, format="html"))
            section.append(nodes.raw("", "</details>", format="html"))


def public_modules():
    """Return the names of all modules of `helpers` that callers may use."""
    paths = sorted((ROOT / "src").glob("helpers/**/*.py"))
    names = [path.relative_to(ROOT / "src").with_suffix("").parts for path in paths]
    public = [
        ".".join(name).removesuffix(".__init__") for name in names if not re.search(r"\b_(?!_init)", " ".join(name))
    ]
    return sorted(set(public) - {"helpers"})


def describe_modules(_app, docname, content):
    """Let no module be forgotten on the page about `helpers`."""
    if docname == "docs/helpers":
        content[0] += "".join(
            f"\n## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n```\n" for name in public_modules()
        )


def prepare_links(_app, _docname, content):
    """Let links to the errata lead to the anchors that Sphinx makes, which have small letters."""
    content[0] = re.sub(r"(\(|ERRATA\.md)#E(\d+)\)", r"\1#e\2)", content[0])


def setup(app):
    app.connect("source-read", describe_modules)
    app.connect("source-read", prepare_lesson)
    # After the translation, which finds a text by what it is in the source.
    app.connect("source-read", prepare_links, priority=900)
    app.connect("doctree-read", fold_optional_sections)
