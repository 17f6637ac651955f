"""Derivatives from finite differences: the independent truth that every hand-written gradient is held against."""

from collections.abc import Callable

import numpy as np

from helpers._arguments import checked_function, float_array, real_number, require_shape
from helpers._types import Array, Numbers

# Below this share of the largest quantity at hand, an entry of a gradient is mostly the noise of the differences.
_RESOLVED_SHARE = 1e-4
# Where everything is 0, at a minimum of height 0 say, differences leave a truncation error of about the step squared.
_RESOLVED = 1e-6


def _value(function, point):
    result = function(point.copy())
    try:
        value = np.asarray(result)
    except ValueError as error:
        raise ValueError(f"function must return one real number, got {result!r}") from error
    if value.size != 1 or value.dtype.kind not in "fiu":
        raise ValueError(f"function must return one real number, got {value!r}")
    if not np.isfinite(value).all():
        raise ValueError(f"function must be finite around point, got {value.item()} at {point!r}")
    return np.float64(value.item())


def numerical_gradient(function: Callable, point: Numbers, step: float = 1e-6) -> Array:
    """Gradient of a scalar function by central differences, one coordinate at a time.

    Each entry is ``(f(point + step) - f(point - step)) / (2 * step)``. Its error is a sum of two: the truncation,
    which falls with ``step ** 2``, and the rounding, which grows as ``1 / step``. In float64, steps between 1e-5 and
    1e-6 balance them, and therefore all evaluations are made in float64, whatever the dtype of `point`.

    Parameters
    ----------
    function : callable
        Takes an array of the shape of `point`, float64, and returns one finite real number. It gets a copy each
        time, so that it may change its argument.
    point : array_like of real numbers, any shape
    step : float
        Half the distance between the two evaluations, in the units of `point`; larger than 0.

    Returns
    -------
    numpy.ndarray
        Shape of `point`; float32 if `point` is float32, else float64.

    Raises
    ------
    TypeError
        If `function` is none, `point` does not hold real numbers, or `step` is none.
    ValueError
        If `step` is not positive, or too small or too large for `point` in float64, if `point` is not finite, or
        `function` returns something else than one finite number.

    References
    ----------
    Nocedal, J., & Wright, S. J. (2006). *Numerical Optimization*, 2nd ed., section 8.1. Springer.

    Examples
    --------
    >>> numerical_gradient(lambda x: np.sum(x**2), [1.0, -3.0]).round(6)
    array([ 2., -6.])
    """
    checked_function(function, "function")
    point = float_array(point, "point")
    step = real_number(step, "step", minimum=0, minimum_allowed=False)
    if not np.isfinite(point).all():
        raise ValueError(f"point must be finite, got {point!r}")
    centre = point.astype(np.float64)
    gradient = np.empty_like(centre)
    for index in np.ndindex(centre.shape):
        ahead, behind = centre.copy(), centre.copy()
        ahead[index] = centre.item(index) + step
        behind[index] = centre.item(index) - step
        # Not 2 * step: what was really added differs from it by rounding when the coordinate is large.
        distance = ahead.item(index) - behind.item(index)
        if not 0 < distance < np.inf:
            raise ValueError(
                f"step must move each coordinate of point a finite way, got {step} for the coordinate {centre[index]}"
            )
        gradient[index] = (_value(function, ahead) - _value(function, behind)) / distance
    return gradient.astype(point.dtype)


def gradient_error(function: Callable, gradient: Callable, point: Numbers) -> float:
    """Largest relative error of a gradient against central differences.

    For each entry this is ``|gradient - difference| / max(|gradient|, |difference|)``. Where an entry is smaller than
    1e-4 of the largest entry, 1e-4 of the function's value, or 1e-6, the largest of these is the denominator instead:
    differences resolve no less, and the right derivative 0 would otherwise count as an error of 1.

    A right gradient of a smooth function gives some 1e-7 or less; a wrong one gives 1e-2 or more. At a kink (the
    point 0 of a ReLU) there is no derivative, and the figure means nothing.

    Parameters
    ----------
    function : callable
        As for :func:`numerical_gradient`.
    gradient : callable
        Takes the same argument and returns the gradient, an array of the shape of `point`.
    point : array_like of real numbers, any shape
        Taken in float64.

    Returns
    -------
    float
        0 or more; 0 for a `point` without entries.

    Raises
    ------
    TypeError, ValueError
        As :func:`numerical_gradient`; also if `gradient` returns another shape or NaN.

    Examples
    --------
    >>> point = [1.0, -3.0]
    >>> gradient_error(lambda x: np.sum(x**2), lambda x: 2 * x, point) < 1e-7
    True
    >>> round(gradient_error(lambda x: np.sum(x**2), lambda x: x, point), 3)
    0.5
    """
    checked_function(gradient, "gradient")
    point = float_array(point, "point").astype(np.float64)
    difference = numerical_gradient(function, point)
    claimed = float_array(gradient(point.copy()), "the result of gradient")
    require_shape(claimed, "the result of gradient", point.shape, "the shape of point")
    if not np.isfinite(claimed).all():
        raise ValueError(f"the result of gradient must be finite, got {claimed!r}")
    scale = np.maximum(np.abs(claimed), np.abs(difference))
    largest = max(np.max(scale, initial=0), abs(_value(function, point)))
    relative = np.abs(claimed - difference) / np.maximum(scale, max(_RESOLVED_SHARE * largest, _RESOLVED))
    return float(np.max(relative, initial=0))
