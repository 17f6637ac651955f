"""Gradient descent, momentum and Adam, each returning every point that it visits.

The iterates are those of the Keras optimisers `SGD`, `SGD(momentum=...)` and `Adam`.
"""

from collections.abc import Callable

import numpy as np

from helpers._arguments import (
    checked_function,
    empty_array,
    float_array,
    real_number,
    require_shape,
    whole_number,
)
from helpers._training import adam_correction
from helpers._types import Array, Numbers


def _path(gradient, start, steps, update) -> Array:
    """Follow ``theta + update(gradient(theta), number)`` for `steps` steps, numbered from 1, and keep each point."""
    checked_function(gradient, "gradient")
    start = float_array(start, "start")
    steps = whole_number(steps, "steps", minimum=0)
    path = empty_array((steps + 1, *start.shape), start.dtype, "steps")
    path[0] = start
    for number in range(1, len(path)):
        # A copy, so that a gradient that writes into its argument cannot change the path.
        slope = float_array(gradient(path[number - 1].copy()), "the result of gradient")
        require_shape(slope, "the result of gradient", start.shape, "the shape of start")
        path[number] = path[number - 1] + update(slope.astype(start.dtype, copy=False), number)
    return path


def _positive(value, name):
    return real_number(value, name, minimum=0, minimum_allowed=False)


def _decay(value, name):
    return real_number(value, name, minimum=0, below=1)


def _adam_decay(value, name):
    decay = _decay(value, name)
    if np.float32(decay) == 1:
        raise ValueError(f"{name} must lie in [0, 1) when rounded to float32 too, got {decay!r}")
    return decay


def gradient_descent(gradient: Callable, start: Numbers, learning_rate: float, steps: int) -> Array:
    """Plain gradient descent, ``theta <- theta - learning_rate * gradient(theta)``.

    The same iterates as ``keras.optimizers.SGD(learning_rate)`` given the gradient of the whole loss.

    Parameters
    ----------
    gradient : callable
        Takes an array of the shape and dtype of `start` and returns the gradient there, an array of that shape.
    start : array_like of real numbers, any shape
        The first point. float32 is kept; everything else is computed in float64.
    learning_rate : float
        Larger than 0; in units of theta squared over units of the loss.
    steps : int
        0 or more.

    Returns
    -------
    numpy.ndarray
        The whole path, shape ``(steps + 1, *start.shape)``; its first entry is `start`. Where the iteration diverges,
        the path runs to infinity or NaN, and NumPy warns of the overflow.

    Raises
    ------
    TypeError
        If `gradient` is no function, `start` or the result of `gradient` does not hold real numbers, `learning_rate`
        is no real number or `steps` no whole number.
    ValueError
        If `learning_rate` is not positive and finite, `steps` is negative or too large for the memory, or `gradient`
        returns another shape: broadcasting would otherwise hide the mistake.

    References
    ----------
    Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées. *Comptes rendus* 25,
    536-538.

    Examples
    --------
    >>> gradient_descent(lambda x: 2 * x, start=8.0, learning_rate=0.25, steps=3)
    array([8., 4., 2., 1.])
    """
    learning_rate = _positive(learning_rate, "learning_rate")
    return _path(gradient, start, steps, lambda slope, _: -learning_rate * slope)


def momentum(
    gradient: Callable,
    start: Numbers,
    learning_rate: float,
    steps: int,
    beta: float = 0.9,
) -> Array:
    """Gradient descent with momentum (the heavy ball).

    ``velocity <- beta * velocity - learning_rate * gradient(theta)``, then ``theta <- theta + velocity``; the
    velocity starts at 0. The same iterates as ``keras.optimizers.SGD(learning_rate, momentum=beta)``.

    Parameters
    ----------
    gradient, start, learning_rate, steps
        As for :func:`gradient_descent`.
    beta : float
        The share of the velocity that is kept from step to step, in [0, 1); 0 is plain gradient descent.

    Returns
    -------
    numpy.ndarray
        The whole path, shape ``(steps + 1, *start.shape)``.

    Raises
    ------
    TypeError, ValueError
        As :func:`gradient_descent`; also if `beta` is not in [0, 1).

    References
    ----------
    Polyak, B. T. (1964). Some methods of speeding up the convergence of iteration methods. *USSR Computational
    Mathematics and Mathematical Physics* 4(5), 1-17. https://doi.org/10.1016/0041-5553(64)90137-5

    Examples
    --------
    >>> momentum(lambda x: 2 * x, start=8.0, learning_rate=0.25, steps=3, beta=0.5)
    array([ 8.,  4.,  0., -2.])
    """
    learning_rate, beta = (
        _positive(learning_rate, "learning_rate"),
        _decay(beta, "beta"),
    )
    velocity = 0.0

    def update(slope, _):
        nonlocal velocity
        velocity = beta * velocity - learning_rate * slope
        return velocity

    return _path(gradient, start, steps, update)


def adam(
    gradient: Callable,
    start: Numbers,
    learning_rate: float,
    steps: int,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> Array:
    """Adam: each coordinate's step is scaled by running averages of its slope and of the square of its slope.

    The same iterates as ``keras.optimizers.Adam(learning_rate, beta_1, beta_2, epsilon)``, which adds `epsilon` after
    the correction of the averages has been moved into the learning rate ("epsilon hat" in the paper, end of
    section 2), and not before as in the paper's algorithm 1. Therefore it acts like an `epsilon` in that algorithm that
    is larger by the factor ``1 / sqrt(1 - beta_2**step)``: 32 in the first step, 1.3 in the thousandth. For a slope of
    10 times `epsilon` the first step is shorter by 74 % than by algorithm 1, for 100 times by 23 %, for 1000 times by
    3 %.

    Parameters
    ----------
    gradient, start, learning_rate, steps
        As for :func:`gradient_descent`; `learning_rate` is in units of theta here, because the slope's own size
        cancels.
    beta_1, beta_2 : float
        The shares of the two averages that are kept from step to step, in [0, 1).
    epsilon : float
        Larger than 0, in the dtype of `start` too; keeps the division finite where the slope is 0; in units of the
        gradient.

    Returns
    -------
    numpy.ndarray
        The whole path, shape ``(steps + 1, *start.shape)``.

    Raises
    ------
    TypeError, ValueError
        As :func:`gradient_descent`; also if `beta_1` or `beta_2` is not in [0, 1) or `epsilon` is not positive.

    References
    ----------
    Kingma, D. P., & Ba, J. (2015). Adam: A method for stochastic optimization. *ICLR*. https://arxiv.org/abs/1412.6980

    Examples
    --------
    >>> path = adam(np.sign, start=[3.0, -3.0], learning_rate=0.5, steps=2)
    >>> path.round(3)
    array([[ 3. , -3. ],
           [ 2.5, -2.5],
           [ 2. , -2. ]])
    """
    learning_rate, epsilon = (
        _positive(learning_rate, "learning_rate"),
        _positive(epsilon, "epsilon"),
    )
    beta_1, beta_2 = _adam_decay(beta_1, "beta_1"), _adam_decay(beta_2, "beta_2")
    start = float_array(start, "start")
    if start.dtype.type(epsilon) == 0:
        raise ValueError(f"epsilon must be larger than 0 in the dtype of start too, {start.dtype}, got {epsilon!r}")
    mean = square = 0.0

    def update(slope, number):
        nonlocal mean, square
        mean = beta_1 * mean + (1 - beta_1) * slope
        square = beta_2 * square + (1 - beta_2) * slope**2
        corrected = learning_rate * adam_correction(beta_1, beta_2, number)
        return -corrected * mean / (np.sqrt(square) + epsilon)

    return _path(gradient, start, steps, update)
