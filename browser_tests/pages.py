"""The pages of the web book, and the sizes at which they are looked at."""

from pathlib import Path

import lessons

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "build" / "book"
NAMES = [path.stem for path in lessons.PATHS]
LESSONS = [f"notebooks/{name}.html" for name in NAMES]
PAGES = ["index.html", "ERRATA.html", "docs/helpers.html", "docs/teaching.html"]
PAGES += ["docs/benchmarks.html", "docs/checks.html", "docs/differences.html"]
PAGES += ["docs/glossary.html", "search.html", *LESSONS]
# What is in English in both books is looked at in one of them.
CHINESE = ["index.html", "ERRATA.html", "docs/teaching.html", "docs/glossary.html", "search.html", *LESSONS]
CHINESE = [f"zh_CN/{name}" for name in CHINESE]
CHINESE_LESSON = "zh_CN/notebooks/04_pooling.html"

DESKTOP = {"width": 1300, "height": 900}
PHONE = {"width": 390, "height": 844}
PAPER = {"width": 718, "height": 1045}  # A4 without margins of 1 cm


def show(page, size, scheme="light", media="screen"):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme, media=media)
