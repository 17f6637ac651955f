"""Each slide deck, opened from disk in a browser of the size of a projector: can everything be seen and read?"""

import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import lessons
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from classroom.slides_preprocessor import without_optional_sections

ROOT = Path(__file__).parents[1]
LESSONS = lessons.PATHS
SIZE = {"width": 1280, "height": 720}

# In pixels on a screen of 1280 x 720, where 18 is a fortieth of the height.
SMALLEST_PROSE, SMALLEST_CODE = 18, 16
# Of the stored size: labels of figures must stay readable, too.
SMALLEST_FIGURE = 0.9

FORMULA = r"\$\$.+?\$\$|\$[^$]+\$"
CODE_SPAN = r"`[^`]+`"

# A cell of a lesson, and what must be found when it becomes a slide.
PICTURE = b64encode((ROOT / "docs/images/contours.png").read_bytes()).decode()
PLANTED = {
    "an_endless_cell": (
        new_code_cell("\n".join(f"line_{i} = {i}" for i in range(60))),
        "leaves the slide: line_59",
    ),
    "a_wide_line": (new_code_cell("x" * 200), "leaves the slide: xxx"),
    "a_figure_without_alt_text": (
        new_code_cell(outputs=[new_output("display_data", {"image/png": PICTURE})]),
        "a figure without alt text",
    ),
    "an_unknown_command": (new_markdown_cell(r"$\unknown$"), "a formula is wrong"),
    "a_wrong_formula": (new_markdown_cell("$x^2^3$"), "a formula is wrong"),
    "half_a_formula": (new_markdown_cell("It costs $x."), "a formula is not rendered"),
    "small_prose": (
        new_markdown_cell('A <span style="font-size: 12px">footnote</span>.'),
        "12 pixels are too small: footnote",
    ),
    "hidden_prose": (
        new_markdown_cell('A <span style="display: none">secret</span>.'),
        "not shown: secret",
    ),
    "a_scrolling_box": (
        new_markdown_cell(f'<pre style="overflow: auto">{"x" * 200}</pre>'),
        "is clipped or scrolls: xxx",
    ),
    "a_block_over_another": (
        new_markdown_cell('<p style="margin-bottom: -40px">Below.</p>\n\nAbove.'),
        "covers the block before: Above.",
    ),
    "a_request": (
        new_markdown_cell('<link rel="stylesheet" href="http://127.0.0.1:9/a.css">'),
        "http://127.0.0.1:9/a.css",
    ),
}

# Goes through all slides. What the reader sees of text are the rectangles of its lines; of a formula and of a figure
# its own. The text that MathJax keeps for screen readers is not shown.
FAULTS_OF_SLIDES = """
([smallestProse, smallestCode, smallestFigure]) => {
  const faults = [];
  Reveal.getSlides().forEach((slide, index) => {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v);
    const fault = (what, text) =>
      faults.push(`slide ${index + 1}: ${what}: ${text.trim().slice(0, 60)}`);
    const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    const between = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
    const inside = (inner, outer) =>
      between(inner, outer) && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const checkPlace = (element, boxes, text) => {
      const block = element.closest(".blocks > *, header").getBoundingClientRect();
      if (!boxes.length) fault("not shown", text);
      for (const box of boxes) {
        if (!inside(box, page)) return fault("leaves the slide", text);
        if (!between(box, block)) return fault("leaves its block", text);
      }
    };

    const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement, text = walker.currentNode.data;
      if (element.closest("mjx-container") || !text.replace("\\u2060", "").trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
      checkPlace(element, boxes, text);
      const size = parseFloat(getComputedStyle(element).fontSize);
      const smallest = element.closest("pre, code") ? smallestCode : smallestProse;
      if (size < smallest) fault(`${size} pixels are too small`, text);
      if (!element.closest("pre, code") && text.includes("$")) fault("a formula is not rendered", text);
    }

    slide.querySelectorAll("mjx-container").forEach((formula) => {
      const svg = formula.querySelector("svg").getBoundingClientRect();
      checkPlace(formula, svg.width && svg.height ? [svg] : [], "a formula");
      const size = parseFloat(getComputedStyle(formula).fontSize);
      if (size < smallestProse) fault(`${size} pixels are too small`, "a formula");
      if (formula.querySelector("[data-mml-node=merror], [fill=red]")) fault("a formula is wrong", formula.textContent);
    });
    slide.querySelectorAll("img").forEach((image) => {
      const box = image.getBoundingClientRect();
      checkPlace(image, image.naturalWidth ? [box] : [], image.alt);
      if (box.height < smallestFigure * image.naturalHeight - 1) fault("a figure is too small", image.alt);
      if (!image.alt) fault("a figure without alt text", "");
    });

    const blocks = [...slide.querySelectorAll(".blocks > *")];
    if (!blocks.length) fault("is empty", "");
    blocks.slice(1).forEach((block, previous) => {
      const bottom = blocks[previous].getBoundingClientRect().bottom;
      if (block.getBoundingClientRect().top < bottom) fault("covers the block before", block.textContent);
    });
    blocks.flatMap((block) => [block, ...block.querySelectorAll(":not(mjx-container *)")]).forEach((element) => {
      const clipped = element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
      const { overflowX, overflowY, display } = getComputedStyle(element);
      if (clipped && display !== "inline" && (overflowX !== "visible" || overflowY !== "visible")) {
        fault("is clipped or scrolls", element.textContent);
      }
    });
    slide.querySelectorAll("a").forEach((link) => {
      if (!link.href.startsWith("https:")) fault("a link that leads nowhere", link.textContent);
    });
  });
  return faults;
}
"""

# In the order of the slides. A heading stands on each of its slides.
CONTENT = r"""
() => {
  const texts = (selector) =>
    [...document.querySelectorAll(`.slides ${selector}`)].map((element) => element.textContent.trim());
  // Word by word: items of a list have nothing between them.
  const textNodes = (element) =>
    [...element.childNodes].flatMap((node) => (node.nodeType === Node.TEXT_NODE ? node.data : textNodes(node)));
  const formulas = document.querySelectorAll(".blocks mjx-container").length;
  document.querySelectorAll("mjx-container").forEach((formula) => formula.remove());
  return {
    code: texts(".code"),
    outputs: texts(".jp-RenderedText"),
    figures: [...document.querySelectorAll(".slides img")].map((image) => image.alt),
    headings: [...new Set(texts("header > *"))],
    prose: [...document.querySelectorAll(".blocks > :not(.code, .jp-OutputArea-output)")].flatMap(textNodes).join(" "),
    formulas,
  };
}
"""


def open_deck(browser, folder, name):
    """Return the page of a deck, what it asked for outside of its file, and its errors."""
    path = folder / f"{name}.slides.html"
    page, asked, errors = browser.new_page(viewport=SIZE), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    outside = [url for url in asked if not url.startswith(("data:", "blob:", path.as_uri()))]
    return SimpleNamespace(page=page, outside=outside, errors=errors)


def faults_of_slides(page):
    return page.evaluate(FAULTS_OF_SLIDES, [SMALLEST_PROSE, SMALLEST_CODE, SMALLEST_FIGURE])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the decks of all lessons, and of a small lesson for each planted fault."""
    folder = tmp_path_factory.mktemp("slides")
    for name, (cell, _) in PLANTED.items():
        cells = [new_markdown_cell("# A title\n\n## A section"), cell]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--config", "classroom/slides_config.py",
         "--output-dir", folder, *LESSONS, *folder.glob("*.ipynb")],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def decks(browser, folder):
    return {lesson.stem: open_deck(browser, folder, lesson.stem) for lesson in LESSONS}


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


@pytest.fixture
def deck(decks, lesson):
    return decks[lesson.stem]


def test_everything_on_every_slide_can_be_seen_and_read(deck):
    assert faults_of_slides(deck.page) == []


def test_a_deck_asks_for_nothing_outside_of_its_file(deck):
    assert deck.outside == []


def test_a_deck_has_no_script_error(deck):
    assert deck.errors == []


def test_the_deck_has_everything_of_the_lesson_but_the_hints_and_solutions(deck, lesson):
    stored = nbformat.read(lesson, as_version=4)
    core = without_optional_sections(stored.cells)
    stored.cells = [cell for cell in core if not helps(cell)]
    shown = deck.page.evaluate(CONTENT)
    assert shown["code"] == [cell.source for cell in code_of(stored)]
    assert shown["outputs"] == [text.strip() for cell in code_of(stored) for text in texts_printed(cell)]
    assert shown["figures"] == [cell.metadata.alt for cell in code_of(stored) if "alt" in cell.metadata]
    prose = "\n".join(c.source for c in stored.cells if c.cell_type == "markdown")
    headings, text = split_headings(prose)
    assert [words(heading) for heading in shown["headings"]] == [words(heading) for heading in headings]
    assert words(shown["prose"]) == words(re.sub(FORMULA, " ", text, flags=re.DOTALL))
    assert shown["formulas"] == len(re.findall(FORMULA, re.sub(CODE_SPAN, " ", text), re.DOTALL))


def test_chinese_deck_can_be_read_and_has_the_same_slides(browser, folder, tmp_path):
    (lesson,) = (path for path in LESSONS if path.stem == "04_pooling")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--config", "classroom/slides_config.py", "--Translate.locale=zh_CN",
         "--SlidesExporter.language_code=zh", "--output-dir", tmp_path, lesson],
        cwd=ROOT, check=True,
    )  # fmt: skip
    # Of its own: what is shown can be taken out of a deck once.
    chinese, english = (open_deck(browser, place, lesson.stem) for place in (tmp_path, folder))
    assert faults_of_slides(chinese.page) == []
    assert (chinese.outside, chinese.errors) == ([], [])
    assert chinese.page.locator("html").get_attribute("lang") == "zh"
    shown, expected = chinese.page.evaluate(CONTENT), english.page.evaluate(CONTENT)
    for name in ("code", "outputs", "formulas"):
        assert shown[name] == expected[name]
    for name in ("headings", "figures"):
        assert len(shown[name]) == len(expected[name])
        assert all(re.search("[\u4e00-\u9fff]", text) for text in shown[name])


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def helps(cell):
    start = ("<details>", "#### Solution of", "A solution is folded away")
    return cell.source.startswith(start) or "### BEGIN SOLUTION" in cell.source


def texts_printed(cell):
    return [
        output.get("text") or output.data["text/plain"]
        for output in cell.outputs
        if "image/png" not in output.get("data", {})
    ]


def split_headings(prose):
    pattern = r"^#{1,3} (.*)$"
    return re.findall(pattern, prose, re.MULTILINE), re.sub(pattern, "", prose, flags=re.MULTILINE)


def words(text):
    addresses = r"\]\(\S*\)"
    return re.findall(r"[^\W\d_]+", re.sub(addresses, "]", text))


@pytest.mark.parametrize("name", sorted(PLANTED.keys() - {"a_request"}))
def test_a_planted_fault_is_found(browser, folder, name):
    page = open_deck(browser, folder, name).page
    fault = PLANTED[name][1]
    assert [found for found in faults_of_slides(page) if fault in found]


def test_a_planted_request_and_its_error_are_found(browser, folder):
    deck = open_deck(browser, folder, "a_request")
    assert set(deck.outside) == {PLANTED["a_request"][1]}
    assert "Failed to load resource" in deck.errors[0]
