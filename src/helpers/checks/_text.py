"""Words and numbers for a verdict, short enough to be read."""

import inspect

import numpy as np

LONGEST_CASE = 300
"""Letters of all arguments together; the longest are described by their shape until the rest has room."""

LONGEST_RESULT = 100
"""Letters of a result."""

LONGEST_ERROR = 200
"""Letters of the message of an exception."""

MOST_ENTRIES = 12
"""Entries of arrays that are shown whole where they differ; of larger ones, only the first entry that differs."""

DIGITS = (6, 9, 17)
"""Significant digits, until two numbers that differ look different."""


def text_of_case(names, case):
    """Return the arguments of a case as ``name = value``, with commas between them."""
    texts = [_text(value) for value in case]
    for index in sorted(range(len(case)), key=lambda i: len(texts[i]), reverse=True):
        if sum(map(len, texts)) > LONGEST_CASE:
            texts[index] = _description(case[index])
    return ", ".join(f"{name} = {text}" for name, text in zip(names, texts, strict=True))


def text_of_result(value):
    """Return any value, what the reader's function has returned too, as a text that is short."""
    try:
        if _is_plain(value):
            text = _text(value)
            return text if len(text) <= LONGEST_RESULT else _description(value)
    except Exception:  # Of a tuple, for instance, whose class the reader has written.
        pass
    return _shortened(repr, value, LONGEST_RESULT)


def text_of_error(error):
    """Return the type and the message of an exception."""
    message = _shortened(str, error, LONGEST_ERROR)
    name = type(error).__name__[:40]
    if isinstance(error, NotImplementedError) and not message:
        return f"{name}: is this line left over from the empty function?"
    return f"{name}: {message}"


def text_of_shape(array):
    """Return the shape of an array, with the array if that is short."""
    text = f"shape {array.shape}"
    if array.size <= MOST_ENTRIES and len(_text(array)) <= LONGEST_RESULT:
        text += f", {_text(array)}"
    return text


def text_of_first_difference(got, right, differs):
    """Say what was expected and what came, in numbers that look different."""
    if got.dtype.kind != right.dtype.kind:
        got, right = got.astype(float), right.astype(float)
    if right.size <= MOST_ENTRIES:
        texts = _texts_that_differ(right, got)
        if sum(map(len, texts)) <= 2 * LONGEST_RESULT:
            return "I expected {} and got {}".format(*texts)
    index = tuple(map(int, np.argwhere(differs)[0]))
    texts = _texts_that_differ(right[index], got[index])
    return "I expected {} and got {} at [{}], the first of {:d} that differ".format(
        *texts, ", ".join(map(str, index)), np.count_nonzero(differs)
    )


def _texts_that_differ(*values):
    """Return each value as a text, with as many digits as it takes to tell them apart."""
    for digits in DIGITS:
        texts = [_text(value, digits) for value in values]
        if len(set(texts)) > 1:
            break
    return texts


def _is_plain(value):
    if isinstance(value, (list, tuple)):
        return type(value) in (list, tuple) and all(map(_is_plain, value))
    if isinstance(value, np.generic) or type(value) is np.ndarray:
        return value.dtype.kind in "biuf"
    return type(value) in (bool, int, float)


def _text(value, digits=DIGITS[0]):
    """Write a value as the reader would type it; a function by its docstring."""
    if isinstance(value, np.ndarray | np.generic):
        return _text(value.tolist(), digits) if value.size <= 100 else _description(value)
    if isinstance(value, float):
        return _text_of_number(value, digits)
    if isinstance(value, list):
        return f"[{', '.join(_text(part, digits) for part in value)}]"
    if isinstance(value, tuple):
        return f"({', '.join(_text(part, digits) for part in value)})"
    if isinstance(value, dict):
        parts = (f"{key!r}: {_text(part, digits)}" for key, part in value.items())
        return f"{{{', '.join(parts)}}}"
    if callable(value):
        return f"<{_name(value)}>"
    return repr(value)


def _text_of_number(number, digits):
    text = repr(float(f"{number:.{digits}g}") + 0.0)  # 0 has no sign.
    return text.removesuffix("0") if text.endswith(".0") else text


def _name(function):
    """Return the first sentence about a function, else its name; of any other object, its type."""
    if inspect.isroutine(function):
        sentence = (function.__doc__ or function.__name__).strip().splitlines()[0]
        return sentence.rstrip(".")
    return type(function).__name__


def _description(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return _shortened(repr, value, LONGEST_RESULT)


def _shortened(to_text, value, longest):
    try:
        text = to_text(value)
    except Exception:  # Whatever the reader's own class raises.
        text = f"an object of the type {type(value).__name__}"
    return text if len(text) <= longest else f"{text[:longest]} ..."
