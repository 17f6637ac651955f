"""The editions in other languages: complete, the same in all that is not prose, and true to their glossary."""

import ast
import os
import re
import tomllib
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from translation_checks import CJK, LINK, faults, parts

from translations import edition, glossary, messages, update

ROOT = Path(__file__).parents[2]
STALE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["translations"]["stale"]
each_source = pytest.mark.parametrize("name", messages.SOURCES)
each_lesson = pytest.mark.parametrize("name", messages.LESSONS)
# Where an English word is no term: the page or lesson, words of the message, and what means something else there.
OTHER_MEANINGS = [
    ("ERRATA.md", "have the weight high", "weight"),
    ("ERRATA.md", "is *high* if", "weight"),
    ("ERRATA.md", "invented facts", "bias"),
    ("notebooks/01_gradient_descent.ipynb", "under your feet", "slope"),
    ("notebooks/01_gradient_descent.ipynb", "makes no noise", "noise"),
    ("notebooks/03_convolution.ipynb", "vertical edges of columns", "column"),
    ("notebooks/03_convolution.ipynb", "vertical edges of columns", "window"),
    ("notebooks/04_pooling.ipynb", "dark columns", "column"),
    ("docs/teaching.md", "the image", "image"),
    ("docs/teaching.md", "the same image", "image"),
    ("docs/teaching.md", "figures with their labels", "label"),
]


def translations(name):
    """Return place, English and Chinese of each message that has a translation."""
    known = messages.translations(name, "zh_CN")
    return [(place, text, known[text]) for text, place in messages.of_source(name) if text in known]


def test_stale_translations_fail_or_are_marked():
    assert STALE in ("fail", "mark")


@each_source
def test_everything_is_translated_as_it_is_in_english_now(name):
    """If this fails: `make messages`, then translate what is empty or fuzzy in the catalogue."""
    stale = messages.stale_messages(name, "zh_CN")
    assert stale == [] or STALE == "mark", "\n".join(stale)


@each_source
def test_catalogue_holds_nothing_else(name):
    english = {text for text, _ in messages.of_source(name)}
    catalogue = messages.read_catalogue(name, "zh_CN")
    surplus = [message.id for message in catalogue if message.id and message.id not in english]
    assert surplus == [] or STALE == "mark"
    assert not catalogue.obsolete


@each_source
def test_make_messages_changes_nothing(name):
    def without_version(text):
        return re.sub(rb'^"Generated-By: .*\n', b"", text, flags=re.MULTILINE)

    stored = messages.catalogue_path(name, "zh_CN").read_bytes()
    assert without_version(update.updated(name, "zh_CN")) == without_version(stored) or STALE == "mark"


@each_source
def test_translation_has_all_that_is_no_prose_and_is_set_as_chinese_is(name):
    found = [f"{name}, {place}: {fault}" for place, *texts in translations(name) for fault in faults(*texts)]
    assert found == [], "\n".join(found)


@each_source
def test_terms_are_those_of_the_glossary(name):
    found = []
    for place, english, chinese in translations(name):
        other = {word for source, words, word in OTHER_MEANINGS if source == name and words in english}
        terms = glossary.missing_terms(parts(english)[1], chinese, "zh_CN")
        found += [f"{name}, {place}: {said}" for term, said in terms.items() if term not in other]
    assert found == [], "\n".join(found)


def test_glossary_has_terms_that_are_used_each_once():
    terms = glossary.terms("zh_CN")
    assert len(terms) >= 120
    assert [term.english for term in terms if glossary.first_use(term.english) is None] == []
    assert [name for name, count in Counter(term.english for term in terms).items() if count > 1] == []
    assert [term.english for term in terms] == sorted((term.english for term in terms), key=str.lower)


def test_readme_beside_the_english_one_is_the_translation():
    """If this fails: `make messages`."""
    assert edition.readme_path("zh_CN").read_text(encoding="utf-8") == edition.readme("zh_CN")


@pytest.mark.parametrize("name", ["ERRATA.md", "docs/teaching.md"])
def test_headings_that_a_page_names_are_those_of_the_translated_lesson(name):
    """A heading of a lesson stands on a page as link text, or in a column of a table."""
    lesson = None
    for _, english, chinese in translations(name):
        for (text, target), (translated, _) in zip(LINK.findall(english), LINK.findall(chinese), strict=True):
            path = Path(os.path.normpath(ROOT / Path(name).parent / target))
            lesson = path.relative_to(ROOT).as_posix() if path.suffix == ".ipynb" else lesson
            named = re.match(r"Lesson (\d), (.+)", " ".join(text.split()))
            if named:
                assert translated == f"第 {named[1]} 课“{translated_heading(lesson, named[2])}”"
        if english.startswith(("| section", "| they say")):
            for row, translated_row in zip(english.splitlines()[2:], chinese.splitlines()[2:], strict=True):
                column = 1 if english.startswith("| section") else 2
                heading = row.split(" | ")[column - 1].strip("| ")
                assert translated_row.split(" | ")[column - 1].strip("| ") == translated_heading(lesson, heading)


@each_lesson
def test_title_of_a_lesson_is_the_same_on_all_pages(name):
    (title,) = re.findall(r"^# (.+)", messages.of_source(name)[0].text, re.MULTILINE)
    title = translated_heading(name, title)
    assert f"[{title}]({name})" in edition.readme("zh_CN")
    teaching = messages.read_catalogue("docs/teaching.md", "zh_CN")
    assert any(str(message.string).endswith(f"课：{title}") for message in teaching)


def translated_heading(lesson, heading):
    """Return a heading without its marks as the Chinese lesson has it."""
    for text, _ in messages.of_source(lesson):
        for line in re.findall(r"^#+ .+", text, re.MULTILINE):
            if line.lstrip("# ") == heading:
                return edition.translated_heading(lesson, line, "zh_CN").lstrip("# ")
    raise AssertionError(f"{lesson} has no heading {heading!r}")


def test_quotations_of_the_article_are_its_own_words():
    path = os.environ.get("ARTICLE")
    if not path:
        pytest.skip("the article is not part of this repository; ARTICLE names a file that holds it")
    article = Path(path).read_text(encoding="utf-8")
    quoted = [words for _, _, chinese in translations("ERRATA.md") for words in re.findall(r"「([^」]*)」", chinese)]
    assert quoted
    assert [words for words in quoted if words not in article] == []


@each_lesson
def test_translated_lesson_has_the_code_and_the_outputs_of_the_english_one(name):
    english = nbformat.read(ROOT / name, as_version=4)
    translated = nbformat.read(ROOT / name, as_version=4)
    edition.translate_notebook(translated, name, "zh_CN")
    for one, other in zip(english.cells, translated.cells, strict=True):
        if one.cell_type == "markdown":
            assert re.search(f"[{CJK}]", other.source)
            other.source = one.source
        if "alt" in one.metadata:
            assert re.search(f"[{CJK}]", other.metadata["alt"])
            other.metadata["alt"] = one.metadata["alt"]
    assert translated == english


def test_links_of_the_edition_lead_to_files():
    """In a folder of its own, beside those of the repository, as in `zh_CN`."""
    folder = ROOT / "build" / "links"
    for name in [*messages.LESSONS, *messages.PAGES]:
        if name.startswith("classroom") or name == "index.md":
            continue
        text = edition.translated(name, "zh_CN", folder)
        for link in edition.LINK.findall(text):
            target = Path(os.path.normpath((folder / name).parent / link))
            laid_out = target.is_relative_to(folder) and (ROOT / target.relative_to(folder)).exists()
            assert laid_out or target.exists(), (name, link)


def test_what_a_reader_has_changed_is_kept(tmp_path):
    assert edition.lay_out("zh_CN", tmp_path, keep=True) == []
    changed, deleted = tmp_path / messages.LESSONS[0], tmp_path / messages.LESSONS[1]
    expected = deleted.read_text(encoding="utf-8")
    changed.write_text("mine", encoding="utf-8")
    deleted.unlink()
    assert edition.lay_out("zh_CN", tmp_path, keep=True) == [changed]
    assert changed.read_text(encoding="utf-8") == "mine"
    assert deleted.read_text(encoding="utf-8") == expected


def test_what_has_no_translation_is_shown_in_english_below_a_mark():
    translate = edition.translator("README.md", "zh_CN")
    warning = "以下内容的英文已经改动，译文尚未更新。"
    assert translate("## Licence") == "## 许可"
    assert translate("A new sentence.") == f"**{warning}**\n\nA new sentence."


def changed_readme():
    """Return the messages of the README with one changed and one added, and the one that was changed."""
    changed = update.template("README.md")
    english = next(text for text, _ in messages.of_source("README.md") if text.startswith("Five notebooks"))
    changed.delete(english)
    changed.add(english.replace("Five notebooks", "Six notebooks"))
    changed.add("Quite another sentence about something else.")
    return changed, english


def test_changed_message_becomes_fuzzy_and_new_one_has_no_translation():
    """The catalogue keeps the translation, and the English that it belongs to, for whoever mends it."""
    catalogue = messages.read_catalogue("README.md", "zh_CN")
    changed, english = changed_readme()
    update.take_over(catalogue, changed)
    message = catalogue[english.replace("Five", "Six")]
    assert message.fuzzy
    assert message.previous_id == [english]
    assert message.string.startswith("五个")
    assert not catalogue["Quite another sentence about something else."].string
    assert catalogue.get(english) is None


def test_file_of_a_catalogue_shows_the_english_that_a_fuzzy_translation_belongs_to(monkeypatch):
    changed, english = changed_readme()
    monkeypatch.setattr(update, "template", lambda name: changed)
    written = update.updated("README.md", "zh_CN").decode()
    previous = " ".join(re.findall(r"^#\| (.*)", written, re.MULTILINE))
    assert ast.literal_eval(previous.removeprefix("msgid ")) == english
    assert "#, fuzzy" in written


ENGLISH = "See [the idea](../ERRATA.md#E27): `x` has 3 rows, $x^2 = \\text{one}$, **not** *more*."
CHINESE = "见[核心想法](../ERRATA.md#E27)：`x` 有 3 行，$x^2 = \\text{一}$，**不**会**更多**。"


@pytest.mark.parametrize(
    ("english", "chinese", "fault"),
    [
        (ENGLISH, CHINESE, None),
        (ENGLISH, CHINESE.replace("x^2", "x^3"), "formulas in a line: missing"),
        (ENGLISH, CHINESE.replace("E27", "E28"), "links: missing"),
        (ENGLISH, CHINESE.replace("`x` 有", "有"), "code: missing"),
        (ENGLISH, CHINESE.replace("3 行", "4 行"), "numbers: missing"),
        (ENGLISH, CHINESE + "另有 2 列。", "numbers: not in English"),
        (ENGLISH, CHINESE.replace("，$", ", $"), "punctuation of English"),
        (ENGLISH, CHINESE.replace("有 3", "有3"), "no blank between"),
        (ENGLISH, CHINESE.replace("核心想法", "核心 想法"), "a blank between"),
        (ENGLISH, CHINESE.replace("，$", "， $"), "a blank beside"),
        (ENGLISH, CHINESE.replace("，**", "，\n**"), "a line that ends"),
        (ENGLISH, CHINESE.replace("**不**", "**“不”**"), "emphasis that is none"),
        (ENGLISH, "See the next line.", "untranslated"),
        ("$$a=b$$", "$$a=c$$", "formulas: missing"),
        ("```\nx = 1\n```", "```\nx = 2\n```", "fenced code: missing"),
        ("## A\n\n### B", "## 甲\n\n## 乙", "headings"),
        ("- a\n- b", "- 甲", "items of lists"),
        ("| a | b |\n|---|---|\n| c | d |", "| 甲 | 乙 |\n|---|---|\n| 丙丁 |", "cells of tables"),
        ("<details><summary>Hint</summary>", "<details>提示", "HTML: missing"),
        ("{doc}`teachers <docs/teaching>`", "{doc}`教师页 <docs/helpers>`", "links: missing"),
        ("In May 2020 it was 7.", "2020 年 5 月为 7。", None),
        ("- Cho, K. (2014). To read and write.", "- Cho, K. (2014). To read and write.", None),
        ('It says "not attempted yet".', "它回答“not attempted yet”（尚未作答）。", None),
    ],
)  # fmt: skip
def test_planted_fault_is_found(english, chinese, fault):
    found = faults(english, chinese)
    assert found == [] if fault is None else any(text.startswith(fault) for text in found), found


def test_terms_that_differ_from_the_glossary_are_found():
    english = "The learning rates of recurrent networks, and a dense layer."
    assert glossary.missing_terms(english, "循环网络的学习率，以及全连接层。", "zh_CN") == {}
    assert glossary.missing_terms(english, "递归网络的学习率，以及稠密层。", "zh_CN") == {
        "recurrent network": "recurrent network is called 循环网络 or 循环神经网络",
        "dense layer": "dense layer is called 全连接层",
    }


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_fenced_code_is_one_block_and_no_message(fence):
    code = f"{fence}bash\nmake\n\nmake test\n\nmake build\n{fence}"
    page = f"# Title\n\nBefore.\n\n{code}\n\nAfter.\n\nThe end.\n"
    assert messages.blocks(page) == ["# Title", "Before.", code, "After.", "The end."]
    assert [message.text for message in messages.of_page(page)] == ["# Title", "Before.", "After.", "The end."]


def test_blocks_of_a_page_are_the_page():
    for name in messages.PAGES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "\n\n".join(messages.blocks(text)) == text.strip("\n")
        assert all(block.count("```") % 2 == 0 for block in messages.blocks(text))
