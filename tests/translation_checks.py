"""What a translated message must share with its English original, and what Chinese typography asks of it."""

import calendar
import re
from collections import Counter

from markdown_it import MarkdownIt

CJK = r"\u3400-\u9fff"
FULL = r"，。；：？！、（）“”‘’《》「」…—"
FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
DISPLAY = re.compile(r"\$\$.+?\$\$", re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)(?:\\.|[^$\\])+\$")
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
ADDRESS = re.compile(r"<https?://[^>]+>|https?://[^\s)>]+")
ROLE = re.compile(r"\{+\w+\}+`([^`<]*?) *<([^`>]+)>`")
HTML = re.compile(r"</?\w[^>]*>")
TEXT = re.compile(r"\\text\{[^{}]*\}")
REFERENCE = re.compile(r"^- .+, .+\(\d{4}\)\.(.+\n?)+", re.MULTILINE)
MONTHS = [*calendar.month_name][1:]


def parts(text):
    """Take a message apart.

    Returns
    -------
    dict of str to list of str
        Code in fences, formulas, code in a line, targets of links, addresses, tags of HTML.
    str
        The prose that is left, with `\N{OBJECT REPLACEMENT CHARACTER}` in the place of code, formulas and addresses.
    """
    found = {"links": [target for _, target in ROLE.findall(text)]}
    text = ROLE.sub(r"\1", text)
    for name, pattern in [
        ("fenced code", FENCED),
        ("code", CODE),
        ("formulas", DISPLAY),
        ("formulas in a line", INLINE),
    ]:
        found[name] = [TEXT.sub(r"\\text{}", match[0]) for match in pattern.finditer(text)]
        text = pattern.sub("\ufffc", text)
    # A line may break within code that is not fenced.
    found["code"] = [" ".join(code.split()) for code in found["code"]]
    while match := LINK.search(text):
        found["links"].append(match[2])
        text = text[: match.start()] + match[1] + text[match.end() :]
    found["addresses"] = ADDRESS.findall(text)
    text = ADDRESS.sub("\ufffc", text)
    found["HTML"] = HTML.findall(text)
    return found, HTML.sub("", text)


def faults(english, chinese):
    """Return what is wrong with the Chinese text of an English message, one phrase for each fault."""
    return [
        *different_parts(english, chinese),
        *different_structure(english, chinese),
        *untranslated(english, chinese),
        *wrong_typography(chinese),
        *wrong_markup(chinese),
    ]


def different_parts(english, chinese):
    """Compare formulas, code, links and numbers, which must be the same, in any order."""
    (in_english, prose), (in_chinese, chinese_prose) = parts(english), parts(chinese)
    in_english["numbers"], in_chinese["numbers"] = numbers(prose), numbers(chinese_prose)
    months = {str(i) for i, month in enumerate(MONTHS, 1) if month in prose}
    for name, expected in in_english.items():
        missing = Counter(expected) - Counter(in_chinese[name])
        surplus = Counter(in_chinese[name]) - Counter(expected)
        if name == "numbers":
            surplus = {number for number in surplus if number not in months}
        if missing:
            yield f"{name}: missing {sorted(missing)}"
        if surplus:
            yield f"{name}: not in English {sorted(surplus)}"


def numbers(prose):
    return re.findall(r"\d+", prose)


def different_structure(english, chinese):
    """Compare the levels of headings, the items of lists and the rows and columns of tables."""
    for name, pattern in [
        ("headings", r"^(#+) "),
        ("items of lists", r"^( *)(?:[-*]|\d{1,2}\.) "),
        ("cells of tables", r"(?<!\\)(\|)(?=.*\|\s*$)"),
    ]:
        expected, got = (re.findall(pattern, FENCED.sub("", text), re.MULTILINE) for text in (english, chinese))
        if name != "headings":
            expected, got = len(expected), len(got)
        if expected != got:
            yield f"{name}: {got} instead of {expected}"


def untranslated(english, chinese):
    """Find English words that run on. References, titles in italics, and verdicts, in quotation marks, stay English."""
    prose, original = (REFERENCE.sub("", parts(text)[1]) for text in (chinese, english))
    prose = re.sub(r"(?<!\*)\*[^*]+\*(?!\*)|“[^”]*”|「[^」]*」|（[\w ,-]+[；）]", "", prose)
    for run in re.findall(r"\b[a-z][a-z'’-]*(?: [a-z][a-z'’-]*){2,}\b", prose):
        yield f"untranslated: {run!r}"
    if not re.search(f"[{CJK}]", chinese) and re.search(r"[a-z]{3}", original):
        yield "not a Chinese character in it"


def wrong_typography(chinese):
    """Find punctuation of English, and blanks that Chinese has not, or has."""
    prose = re.sub(r"^ *(?:[-*]|\d+\.) |^\|[-:| ]+\|$", "\n", parts(chinese)[1], flags=re.MULTILINE)
    prose = re.sub(r"(?<!\\)\*+|^#+ ", "", prose, flags=re.MULTILINE)
    for name, pattern in [
        (
            "punctuation of English",
            rf"[{CJK}）”][,;:?!]|\ufffc[,;:?!]\s?[{CJK}]|[{CJK}](?:\(|\s?\")|[\",;:?!]\s?[{CJK}]|[{CJK}]\.(?!\w)|\([^()]*[{CJK}]",
        ),
        ("a blank between Chinese characters", rf"[{CJK}{FULL}][ \t]+[{CJK}]|[{CJK}][ \t]+[{FULL}]"),
        ("a blank beside Chinese punctuation", rf"[{FULL}][ \t]+(?=\S)(?!\|)|[^\s|>][ \t]+[{FULL}]"),
        ("a line that ends within a paragraph", rf"[{CJK}{FULL}\w\ufffc]\n(?=[{CJK}{FULL}\w\ufffc])"),
        ("no blank between Chinese and other characters", rf"[{CJK}][A-Za-z0-9\ufffc]|[A-Za-z0-9\ufffc%][{CJK}]"),
    ]:
        for match in re.finditer(pattern, prose):
            start = max(0, match.start() - 8)
            yield f"{name}: {prose[start : match.end() + 8]!r}"


def wrong_markup(chinese):
    """Find stars that CommonMark takes as no emphasis, or as one within another, as beside Chinese punctuation."""
    text = CODE.sub("x", DISPLAY.sub("x", INLINE.sub("x", chinese)))
    for token in MarkdownIt().enable("table").parse(text):
        depth = 0
        for child in token.children or []:
            depth += child.nesting * (child.tag in ("em", "strong"))
            if depth > 1 or (child.type == "text" and "*" in child.content):
                yield f"emphasis that is none: {token.content[:40]!r}"
