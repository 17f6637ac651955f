"""Checks of arguments that several modules share.

Every error names the argument, says what it was and what was expected.
"""

import numbers

import numpy as np


def float_array(value, name, ndim=None) -> np.ndarray:
    """Return `value` as an array of float32 or float64 in native byte order.

    float32 stays float32 and float64 stays float64; float16 becomes float32, integers become float64.
    The result may share memory with `value`, so that callers must not write into it.

    Parameters
    ----------
    value : array_like of real numbers
    name : str
        The argument's name, for the error.
    ndim : int, optional
        The number of axes that is required.

    Raises
    ------
    TypeError
        If `value` does not hold real numbers, such as a symbolic tensor, or masks some of them.
    ValueError
        If `value` is ragged or has another number of axes than `ndim`.
    """
    require_no_mask(value, name)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError, NotImplementedError) as error:
        if "inhomogeneous" in str(error) or "broadcast" in str(error):
            raise ValueError(f"{name} must be an array whose rows have equal lengths: {error}") from error
        # Something of another library that has no numbers yet, such as a symbolic tensor.
        raise TypeError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}")
    is_small_float = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return array.astype(np.float32 if is_small_float else np.float64, copy=False)


def require_no_mask(value, name):
    """Raise TypeError if `value` is a masked array, or a list or tuple with one in it."""

    def is_masked(part):
        return np.ma.isMaskedArray(part) or (isinstance(part, (list, tuple)) and any(map(is_masked, part)))

    if is_masked(value):
        raise TypeError(f"{name} must be a plain array, got a masked one, whose mask would be lost")


def parameter_arrays(value, name, count, first_ndim) -> list[np.ndarray]:
    """Return `count` arrays, the first with `first_ndim` axes, each checked by :func:`float_array`."""
    parts = enumerate(entries(value, name, count))
    return [float_array(part, f"{name}[{index}]", None if index else first_ndim) for index, part in parts]


def same_dtype(*arrays) -> list[np.ndarray]:
    """Return the arrays in their common dtype: float64 as soon as one of them is float64."""
    dtype = np.result_type(*arrays)
    return [array.astype(dtype, copy=False) for array in arrays]


def require_shape(array, name, shape, because):
    """Raise ValueError unless `array` has `shape`; `because` says which other arguments demand it."""
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)} ({because}), got {array.shape}")


def integer_array(value, name, shape, because, end) -> np.ndarray:
    """Return `value` as an array of integers that lie in ``[0, end)``.

    Parameters
    ----------
    value : array_like
    name : str
        The argument's name, for the error.
    shape : tuple of int or None
        The shape that is required; None for an axis of any length.
    because : str
        Which other arguments demand the shape.
    end : int

    Raises
    ------
    TypeError
        If `value` does not hold integers. An empty list does.
    ValueError
        If it has another shape, or an entry that is out of range.
    """
    is_open = None in shape
    float_array(value, name, len(shape) if is_open else None)
    array = np.asarray(value)
    if is_open:
        shape = [size if want is None else want for want, size in zip(shape, array.shape, strict=True)]
    require_shape(array, name, shape, because)
    if not array.size:
        return array.astype(int)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    outside = array[(array < 0) | (array >= end)]
    if outside.size:
        raise ValueError(f"{name} must lie in [0, {end}), got {outside[0]}")
    return array


def whole_number(value, name, minimum) -> int:
    """Return `value` as an int; raise TypeError if it is none, ValueError if it is below `minimum`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    return int(value)


def whole_numbers(value, name, minimum, count=None) -> list[int]:
    """Return `value` as a list of at least one int, or of `count`; each is checked by :func:`whole_number`."""
    found = entries(value, name, count)
    if not found:
        raise ValueError(f"{name} must hold at least one number, got {found}")
    return [whole_number(number, name, minimum) for number in found]


def real_number(value, name, minimum, below=np.inf, minimum_allowed=True) -> float:
    """Return `value` as a float in ``[minimum, below)``, or in ``(minimum, below)`` if not `minimum_allowed`.

    Raises TypeError if it is no real number, ValueError if it lies outside, as a float too, or is NaN.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = np.inf  # Outside every interval, as is any number of this size.
    minimum_allowed = minimum_allowed and minimum > -np.inf
    if not (minimum < number < below or (minimum_allowed and number == minimum)):
        interval = f"{'[' if minimum_allowed else '('}{minimum:g}, {below:g})"
        raise ValueError(f"{name} must lie in {interval}, got {value}")
    return number


def entries(value, name, count=None) -> list:
    """Return what `value` holds; raise TypeError if it cannot be gone through, ValueError unless it holds `count`."""
    if not np.iterable(value):
        raise TypeError(f"{name} must be a list or a tuple, got {value!r}")
    found = list(value)
    if count is not None and len(found) != count:
        raise ValueError(f"{name} must hold {count} entries, got {len(found)}")
    return found


def one_of(value, name, choices):
    """Return `value`, a text; raise ValueError if it is none of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


def checked_bool(value, name) -> bool:
    """Return `value` as a bool; raise TypeError if it is none."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a bool, got {value!r}")
    return bool(value)


def checked_function(value, name):
    """Return `value`; raise TypeError if it cannot be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, got {value!r}")
    return value


def empty_array(shape, dtype, names) -> np.ndarray:
    """Return an array without content; raise ValueError if it is too large, because of the arguments called `names`."""
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        raise ValueError(f"{names} must be small enough for the memory at hand: {error}") from error
