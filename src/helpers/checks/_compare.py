"""Which values can stand in a case of a check, and in what a result differs from the expected one."""

import numbers

import numpy as np

from helpers.checks._text import (
    text_of_first_difference,
    text_of_result,
    text_of_shape,
)


def is_comparable(value):
    """Return whether `copied` and `equal` know what to do with a value."""
    if isinstance(value, (list, tuple)):
        return all(map(is_comparable, value))
    if isinstance(value, dict):
        return all(map(is_comparable, value.values()))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, (numbers.Real, np.bool_, str)) or callable(value)


def copied(value):
    """Return a value in which a function can change nothing that others see. A function stays the same one."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def equal(after, before):
    """Return whether a copy of `before` has stayed as it was."""
    if after is before:
        return True
    if isinstance(before, dict):
        return (
            type(after) is dict
            and list(after) == list(before)
            and all(equal(after[key], before[key]) for key in before)
        )
    if isinstance(before, (list, tuple)):
        return type(after) is type(before) and len(after) == len(before) and all(map(equal, after, before))
    try:
        return np.array_equal(
            np.asarray(after),
            np.asarray(before),
            equal_nan=not isinstance(before, str),
        )
    except Exception:  # An object of the reader's own that stands in a list now.
        return False


def difference(result, expected, rtol, names=None):
    """Say in what `result` differs from `expected`, or return None; `names` are those of several results."""
    if isinstance(expected, tuple):
        return _difference_of_several(result, expected, rtol, names)
    if result is None:
        return f"I expected {text_of_result(expected)} and got None"
    got, right = _array(result), np.asarray(expected)
    if got.dtype.kind not in "biuf":
        return f"I expected {text_of_result(right)} and got {text_of_result(result)}"
    if got.shape != right.shape:
        return f"I expected {text_of_shape(right)}, and got {text_of_shape(got)}"
    close = np.isclose(got, right, rtol=0, atol=_tolerance(right, rtol), equal_nan=True)
    return None if close.all() else text_of_first_difference(got, right, ~close)


def _tolerance(right, rtol):
    # An infinity would let every result pass, and NaN none.
    return rtol * np.max(np.abs(right), initial=1e-6, where=np.isfinite(right))


def _difference_of_several(result, expected, rtol, names):
    count = len(expected)
    names = names or [f"result {number} of {count}" for number in range(1, count + 1)]
    wanted = f"I expected {count} results, {text_of_result(expected)}, and got"
    if result is None:
        return f"{wanted} None"
    if not isinstance(result, (list, tuple)):
        array = _array(result)
        if array.ndim == 0 or array.dtype.kind not in "biuf":
            return f"{wanted} {text_of_result(result)}"
        if array.shape != (count,) or any(map(np.ndim, expected)):
            return f"{wanted} one array of {text_of_shape(array)}: return a tuple, the results with commas between them"
        result = list(array)
    if len(result) != count:
        return f"{wanted} {len(result)}, {text_of_result(result)}"
    for name, part, right in zip(names, result, expected, strict=True):
        fault = difference(part, right, rtol)
        if fault:
            return f"{name}: {fault}"
    return None


def _array(value):
    """Return an array, of objects where `value` is not made of numbers; NumPy refuses ragged lists."""
    array = np.asarray(value)
    if array.dtype == object and all(isinstance(x, numbers.Real) for x in array.flat):
        return array.astype(float)  # Fractions, and whole numbers of many digits.
    return array
