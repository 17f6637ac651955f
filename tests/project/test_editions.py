"""What is derived from the lessons leaves out, or folds away, what JupyterLab folds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import lessons
import pytest
from nbformat import v4
from traitlets.config.loader import PyFileConfigLoader

from classroom.slides_preprocessor import Shorten

ROOT = Path(__file__).parents[2]
FOLD = {"jp-MarkdownHeadingCollapsed": True}


def prose(text, **metadata):
    return v4.new_markdown_cell(text, metadata=metadata)


def lesson():
    return v4.new_notebook(
        cells=[
            prose("# Title"),
            prose("## A"),
            prose("### B (optional)\n\nLong.", **FOLD),
            v4.new_code_cell("long = 1"),
            prose("#### Below B"),
            prose("### C"),
            v4.new_code_cell("short = 1"),
            prose("### E (optional)", **FOLD),
            prose("## D"),
        ]
    )


def test_make_slides_makes_a_deck_of_each_lesson():
    folder = str(ROOT / "classroom")
    config = PyFileConfigLoader("slides_config.py", path=folder).load_config()
    found = [path for names in config.NbConvertApp.notebooks for path in ROOT.glob(names)]
    assert sorted(found) == lessons.PATHS


@pytest.mark.parametrize(("settings", "code"), [([], "en"), (["LOCALE=zh_CN"], "zh")])
def test_slides_say_which_language_they_are_in(settings, code):
    """A browser asks for it to choose the letters of Chinese, and a screen reader to choose its voice."""
    environment = {name: value for name, value in os.environ.items() if name not in ("LOCALE", "MAKEFLAGS")}
    command = ["make", "--dry-run", "slides", *settings]
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"--SlidesExporter\.language_code=(\S*)", shown) == [code]


def test_slides_leave_out_what_is_optional():
    preprocessor = Shorten()
    kept = preprocessor.preprocess(lesson(), {})[0].cells
    assert [cell.source for cell in kept] == [
        "# Title",
        "## A",
        "### C",
        "short = 1",
        "## D",
    ]


def test_book_folds_what_is_folded_and_nothing_else(tmp_path):
    """The sections above and below stay open, and nested sections are inside."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "index.md").write_text("# Start\n\n```{toctree}\nnotebooks/x\n```\n")
    notebook = lesson()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    (tmp_path / "notebooks" / "x.ipynb").write_text(v4.writes(notebook))
    (tmp_path / "conf.py").write_text(
        f"import runpy\nproject_conf = runpy.run_path({str(ROOT / 'docs/conf.py')!r})\n"
        "extensions = ['myst_nb']\nnb_execution_mode = 'off'\n"
        "def setup(app):\n"
        "    app.connect('doctree-read', project_conf['fold_optional_sections'])\n"
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", tmp_path]
    subprocess.run([*command, tmp_path / "built"], check=True)
    page = (tmp_path / "built" / "notebooks" / "x.html").read_text("utf-8")
    first, second = page.split("<details class='folded'>")[1:]
    first, between = first.split("</details>")
    second, after = second.split("</details>")
    assert "Long." in first
    assert "Below B" in first
    assert ">C<" in between
    assert second.count("Show this section") == 1
    assert ">D<" in after
