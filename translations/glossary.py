"""The terms of the lessons in English and in another language, and where they stand in a text."""

import csv
import re
from functools import cache
from typing import NamedTuple

from translations.messages import FOLDER, LESSONS, of_source

# The name of a system, how serious a mistake is, and titles of works, which stay English.
NO_TERMS = re.compile(r"\bWindows\b|; weight \w+|[A-Z][\w-]+, [A-Z]\.[^()]*\(\d{4}\)\.[^.?]*[.?]|\*[A-Z][\w\s:,.-]+\*")


class Term(NamedTuple):
    """An English term, and what it may be called in another language: the first of these, if nothing is against it."""

    english: str
    translations: tuple


@cache
def terms(locale):
    """Return all terms of a language, as a tuple."""
    with (FOLDER / locale / "glossary.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Term(row["english"], tuple(row["translations"].split("|"))) for row in csv.DictReader(file))


@cache
def pattern(english):
    """Return what matches a term in English prose: with small or capital letters, in the plural, over two lines."""
    stem = re.escape(english.removesuffix("y")).replace(r"\ ", r"[\s-]").replace(r"\-", "[- ]?")
    ending = "(?:y|ies)" if english.endswith("y") else "(?:e?s)?"
    return re.compile(rf"(?<![\w-]){stem}{ending}(?![\w-])", re.IGNORECASE)


@cache
def first_use(english):
    """Return the path of the lesson that uses a term first and the heading there, or None."""
    for name in LESSONS:
        heading = ""
        for message in of_source(name):
            for line in message.text.splitlines():
                heading = line if line.startswith("#") else heading
            if pattern(english).search(NO_TERMS.sub("", message.text)):
                return name, heading
    return None


def missing_terms(english, translated, locale):
    """Return the terms of an English text that its translation does not have, each with what it is called.

    A term that stands within a longer one, as "layer" in "dense layer", is looked for as the longer one only.
    """
    missing, english = {}, NO_TERMS.sub("", english)
    for term in sorted(terms(locale), key=lambda term: -len(term.english)):
        english, found = pattern(term.english).subn(" ", english)
        if found and not any(word.lower() in translated.lower() for word in term.translations):
            missing[term.english] = f"{term.english} is called {' or '.join(term.translations)}"
    return missing
