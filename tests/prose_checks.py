"""What the prose of a notebook says, held against what its cells print: functions that return faults as sentences."""

import re

# A number: what stands before it must not make it part of a name, a date or a longer number.
NUMBER = re.compile(r"(?<![\w.])[-\N{MINUS SIGN}]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]|\.\d)")
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]?\d+)?(?![\w]|\.\d)")
PERCENTAGE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?= ?%| percent\b)")
WORDS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
]  # fmt: skip
NUMBER_OF = rf"(\d+|{'|'.join(WORDS)})"
COUNT = re.compile(rf"\b{NUMBER_OF} (?:out )?of (?:the )?{NUMBER_OF}\b", re.IGNORECASE)
# Not measured: formulas, code, addresses, and the number of a version.
NOT_PROSE = re.compile(
    r"\$\$.+?\$\$|\$[^$]+\$|```.+?```|`[^`]+`|\]\([^)]*\)|https?://\S+"
    r"|\b(?:Colab|JupyterLab|Keras|Matplotlib|NumPy|Python|PyTorch|TensorFlow) \d+(?:\.\d+)*",
    re.DOTALL,
)
# The whole lesson may be quoted in its first section and in its summary; nothing is measured in the others.
OF_THE_WHOLE = re.compile(r"# |## (?:What we have seen|Where it stands today)")
NOT_READ = re.compile(r"## (?:Exercises|References)")


def number_faults(notebook, exempt=()):
    """Return where the prose states a decimal, a percentage or a count that no cell of its section holds.

    A section reaches from one heading of any level to the next. A number is held if it stands there in an output or
    in code, with more digits too. `exempt` holds numbers as they are written in the prose.
    """
    sections = list(_sections(notebook))
    everything = [text for _, _, texts in sections for text in texts]
    return [
        f"{heading.lstrip('# ')}: {number!r} stands in no output of this section"
        for heading, prose, texts in sections
        if not NOT_READ.match(heading)
        for number in _measured(prose)
        if number not in exempt and not _is_held(number, everything if OF_THE_WHOLE.match(heading) else texts)
    ]


def _sections(notebook):
    """Yield heading, prose, and texts of code and outputs, of each section; an unread one has all below it."""
    heading, prose, texts = "# ", "", []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            texts += [cell.source, *map(_text_of, cell.outputs)]
            continue
        for part in re.split(r"(?m)^(?=#{1,6} )", cell.source):
            if re.match(r"##? " if NOT_READ.match(heading) else "#+ ", part):
                yield heading, prose, texts
                heading, prose, texts = part.splitlines()[0], "", []
            prose += part
    yield heading, prose, texts


def _text_of(output):
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def _measured(prose):
    """Return each decimal, percentage and count of a text as it is written, in order, once."""
    prose = NOT_PROSE.sub(" ", prose)
    found = [(m.start(), m[0]) for pattern in (DECIMAL, COUNT) for m in pattern.finditer(prose)]
    found += [(m.start(), f"{m[1]} %") for m in PERCENTAGE.finditer(prose)]
    percentages = {start for start, text in found if text.endswith("%")}
    return dict.fromkeys(text for start, text in sorted(found) if text.endswith("%") or start not in percentages)


def _is_held(number, texts):
    held = {m[0].replace("\N{MINUS SIGN}", "-") for text in texts for m in NUMBER.finditer(text)}
    count = COUNT.fullmatch(number)
    if count:
        return all(str(WORDS.index(n.lower()) if n.lower() in WORDS else n) in held for n in count.groups())
    if number.endswith(" %"):
        percent = number.removesuffix(" %")
        return any(_rounds_to(value, percent) or _rounds_to(value, percent, 100) for value in held)
    return any(_rounds_to(value, number) for value in held)


def _rounds_to(value, number, factor=1):
    """Tell whether a printed value, with as many digits or more, is the number of the prose."""
    digits = len(number.partition(".")[2])
    return abs(factor * abs(float(value)) - float(number)) <= 0.5000001 * 10**-digits * (
        len(value) > len(number) or factor > 1
    )
