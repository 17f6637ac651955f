"""The pages of the web book as readers see them: nothing from elsewhere, everything rendered, nothing cut."""

import re
from pathlib import Path
from urllib.parse import urljoin

import nbformat
import pytest
from pages import BOOK, CHINESE, CHINESE_LESSON, DESKTOP, LESSONS, PAGES, PAPER, PHONE, show
from playwright.sync_api import expect

from translations import edition

ROOT = Path(__file__).parents[1]
RAW_TEX = r"\$|\\\(|\\\[|\\begin\b"

# MathJax writes a command that it does not know in red.
FORMULAS_NOT_RENDERED = """() =>
  [...document.querySelectorAll('span.math, div.math')]
    .filter(math => !math.querySelector('mjx-container svg')
                 || math.querySelector('[data-mml-node=merror], [fill=red]'))
    .map(math => math.textContent)"""

PROSE = """() => {
  const main = document.querySelector('main').cloneNode(true)
  main.querySelectorAll('pre, code, mjx-container').forEach(part => part.remove())
  return main.textContent
}"""

FIGURES = """() =>
  [...document.querySelectorAll('main img')]
    .map(image => ({alt: image.alt, width: image.naturalWidth}))"""

# Formulas carry a copy for screen readers, which is not shown.
CUT = """() =>
  [...document.querySelectorAll('main *')]
    .filter(part => getComputedStyle(part).overflowX === 'hidden'
                 && part.scrollWidth > part.clientWidth + 1
                 && !part.closest('mjx-assistive-mml'))
    .map(part => part.textContent.trim())"""

WIDER_THAN_THE_SCREEN = """() => {
  const shown = document.documentElement
  return shown.scrollWidth > shown.clientWidth
}"""

TOO_LARGE_FOR_PAPER = """() =>
  [...document.querySelectorAll('main img, main pre')]
    .filter(part => part.tagName === 'IMG'
      ? part.clientHeight > window.innerHeight
      : part.scrollWidth > part.clientWidth + 1)
    .map(part => part.alt ?? part.textContent)"""


# Colours, code and figures are those of the English book: they are looked at in one Chinese lesson.
each_look = pytest.mark.parametrize("page", [*PAGES, CHINESE[0], CHINESE_LESSON], indirect=True)
each_lesson = pytest.mark.parametrize("page", [*LESSONS, CHINESE_LESSON], indirect=True)
with_figures = pytest.mark.parametrize("page", [*LESSONS, *(f"zh_CN/{name}" for name in LESSONS)], indirect=True)


def is_chinese(page):
    return "/zh_CN/" in page.url


def lesson_of(page):
    """Return the notebook that the page shows."""
    name = f"notebooks/{Path(page.url).stem}.ipynb"
    lesson = nbformat.read(ROOT / name, as_version=4)
    if is_chinese(page):
        edition.translate_notebook(lesson, name, "zh_CN")
    return lesson


def says(page, words):
    """Return what the page says for English words of the book."""
    return edition.interface("zh_CN")(words) if is_chinese(page) else words


def test_book_has_these_pages_and_no_others():
    built = {path.relative_to(BOOK).as_posix() for path in BOOK.rglob("*.html")}
    in_both = {name for page in PAGES for name in (page, f"zh_CN/{page}")}
    assert {name for name in built if "_static" not in name} == in_both


def test_book_is_smaller_than_40_megabytes():
    sizes = [path.stat().st_size for path in BOOK.rglob("*") if path.is_file()]
    assert 1e6 < sum(sizes) < 40e6


def test_page_asks_no_other_host_and_its_scripts_run(page):
    assert page.complaints == []


def test_mathematics_is_rendered(page):
    assert page.evaluate(FORMULAS_NOT_RENDERED) == []
    assert not re.findall(RAW_TEX, page.evaluate(PROSE))


@each_lesson
def test_lesson_has_formulas(page):
    lesson = lesson_of(page)
    assert "$$" in "".join(cell.source for cell in lesson.cells)
    assert page.locator("div.math mjx-container").count() > 0


def test_every_figure_is_there_with_a_text_for_those_who_cannot_see_it(page):
    for figure in page.evaluate(FIGURES):
        assert figure["width"] > 0, figure
        words = re.findall(r"\w+", figure["alt"])
        assert len("".join(words) if is_chinese(page) else words) >= 5, figure


@with_figures
def test_alt_texts_are_those_of_the_lesson(page):
    lesson = lesson_of(page)
    stored = [cell.metadata.alt for cell in lesson.cells if "alt" in cell.metadata]
    assert stored
    assert [figure["alt"] for figure in page.evaluate(FIGURES)] == stored


@pytest.mark.parametrize(("size", "media"), [(PHONE, "screen"), (PAPER, "print")], ids=["phone", "paper"])
def test_nothing_is_wider_than_the_screen_or_cut(page, size, media):
    show(page, size, media=media)
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    assert page.evaluate(CUT) == []


@each_look
def test_figures_and_code_fit_on_paper(page):
    show(page, PAPER, media="print")
    assert page.evaluate(TOO_LARGE_FOR_PAPER) == []


@each_lesson
def test_solutions_are_folded_away_until_opened(page):
    lesson = lesson_of(page)
    show(page, DESKTOP)
    solutions = [cell for cell in lesson.cells if "### BEGIN SOLUTION" in cell.source]
    folded = page.locator("details.hide")
    expect(folded).to_have_count(len(solutions))
    assert page.get_by_text("raise NotImplementedError").count() >= len(solutions)
    assert not re.search("Solution of exercise|练习 [0-9]+ 的解答", page.content())
    for number, cell in enumerate(solutions):
        code, verdict = folded.nth(number).locator("pre").all()
        expect(code).to_be_hidden()
        expect(verdict).to_be_hidden()
        folded.nth(number).get_by_text(says(page, "Show the solution")).click()
        expect(code).to_be_visible()
        assert code.inner_text().strip() == cell.source.strip()
        assert verdict.inner_text().strip() == "correct"
    # Nowhere else on the page.
    assert page.content().count("### BEGIN SOLUTION") == len(solutions)


@each_lesson
def test_optional_sections_are_folded_on_the_screen_and_open_on_paper(page):
    show(page, DESKTOP)
    folded = page.locator("details.folded")
    assert folded.count()
    texts = [section.locator("p").first for section in folded.all()]
    assert not any(text.is_visible() for text in texts)
    show(page, PAPER, media="print")
    assert all(text.is_visible() and text.bounding_box()["height"] for text in texts)
    assert not page.get_by_text(says(page, "Show this section")).first.is_visible()


@each_lesson
def test_hints_are_folded_away_until_opened(page):
    lesson = lesson_of(page)
    show(page, DESKTOP)
    hints = [cell for cell in lesson.cells if cell.source.startswith("<details>")]
    folded = page.locator("details:not(.hide, .folded)")
    expect(folded).to_have_count(len(hints))
    for hint in folded.all():
        text = hint.locator("p").first
        expect(text).to_be_hidden()
        hint.locator("summary").click()
        expect(text).to_be_visible()


@each_lesson
def test_lesson_offers_its_notebook_its_student_edition_and_its_script(page):
    name = Path(page.url).stem
    build = ROOT / "build" / "zh_CN" if is_chinese(page) else ROOT / "build"
    notebooks = (build if is_chinese(page) else ROOT) / "notebooks"
    files = [
        notebooks / f"{name}.ipynb",
        build / "student" / "notebooks" / f"{name}.ipynb",
        notebooks / f"{name}.py",
    ]
    links = page.locator("main a.download").all()
    for link, file in zip(links, files, strict=True):
        target = urljoin(page.url, link.get_attribute("href"))
        assert page.request.get(target).body() == file.read_bytes()


def test_search_finds_what_is_there_and_only_that(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Control+k")
    page.keyboard.type("learning rate")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    first = results.filter(has_text="Fit a line with gradient descent")
    expect(first).not_to_have_count(0)
    first.first.click()
    expect(page).to_have_title(re.compile("Fit a line with gradient descent"))
    page.goto(urljoin(address, "search.html?q=xylophone"))
    expect(page.locator("#search-results")).to_contain_text("did not match")
    expect(results).to_have_count(0)
    page.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("学习率", "01_gradient_descent"),
        ("反向传播", "02_backpropagation"),
        ("卷积核", "03_convolution"),
        ("池化", "04_pooling"),
        ("门", "05_recurrent_networks"),
        ("GradientTape", "01_gradient_descent"),
        ("长短期记忆 LSTM", "05_recurrent_networks"),
        ("葫芦", None),
    ],
)
def test_search_finds_chinese_words(browser, address, query, found):
    """Whole words, words of two characters and of one, Latin ones, several at once."""
    page = browser.new_page()
    page.goto(urljoin(address, f"zh_CN/search.html?q={query}"))
    results = page.locator("#search-results li a")
    if found:
        expect(page.locator(f"#search-results li a[href*='{found}']")).not_to_have_count(0)
    else:
        expect(page.locator("#search-summary, #search-results p").first).to_contain_text("没有匹配")
        expect(results).to_have_count(0)
    page.close()


@pytest.mark.parametrize("name", ["index.html", "docs/helpers.html", *LESSONS[3:4]])
def test_switch_leads_to_the_same_place_in_the_other_language_and_back(browser, address, name):
    page = browser.new_page()
    here = urljoin(address, name)
    if name in LESSONS:
        here += "#how-many-windows-fit"
    there = here.replace(address, f"{address}zh_CN/")
    page.goto(here)
    page.get_by_text("简体中文", exact=True).click()
    expect(page).to_have_url(there)
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh.CN"))
    if name in LESSONS:
        expect(page.locator("#how-many-windows-fit")).to_be_in_viewport()
    page.get_by_text("English", exact=True).click()
    expect(page).to_have_url(here)
    page.close()
