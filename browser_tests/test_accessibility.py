"""What axe finds on the pages of the web book, and the one setting of the book."""

import os
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import BOOK, CHINESE_LESSON, DESKTOP, LESSONS, PAGES, PHONE, ROOT, show
from playwright.sync_api import expect

# 300 ms after the size has changed, the theme lets the keyboard reach what scrolls now.
REACHABLE_BY_KEYBOARD = """() => new Promise(done => {
  window.dispatchEvent(new Event('resize'))
  setTimeout(done, 400)
})"""

# Lessons are made of the same elements, and dark pages have the colours of any other: one of each kind is looked at.
LOOKS = [(page, DESKTOP, "light") for page in [*PAGES, CHINESE_LESSON] if page not in LESSONS[:-1]]
LOOKS += [(page, PHONE, "dark") for page in ("index.html", "ERRATA.html", "docs/helpers.html", LESSONS[0])]


@pytest.mark.parametrize(("page", "size", "scheme"), LOOKS, indirect=["page"], ids=str)
def test_axe_finds_nothing_serious(page, size, scheme):
    show(page, size, scheme)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.evaluate(REACHABLE_BY_KEYBOARD)
    found = Axe().run(page).response["violations"]
    assert not [
        (fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in ("serious", "critical")
    ]


def test_one_setting_adds_links_that_start_the_lessons(tmp_path):
    repository = "https://github.com/example/lessons"
    subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", "-c", "docs", ".", tmp_path],
        cwd=ROOT, check=True, env=os.environ | {"BOOK_REPOSITORY_URL": repository},
    )  # fmt: skip
    for page in LESSONS:
        start = "https://mybinder.org/v2/gh/example/lessons/main?urlpath=lab/tree/"
        notebook = page.replace(".html", ".ipynb")
        assert start + notebook in (tmp_path / page).read_text(encoding="utf-8")
        assert "mybinder" not in (BOOK / page).read_text(encoding="utf-8")
