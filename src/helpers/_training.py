"""Steps that several trainings share. The arrays may hold many networks at once, along their leading axes.

References
----------
Kingma, D. P., & Ba, J. (2015). Adam: A method for stochastic optimization. *ICLR*. arXiv:1412.6980.
"""

import numpy as np


def softmax_minus(one_hot, logits, axis=-1) -> np.ndarray:
    """Return ``softmax(logits) - one_hot``, the gradient of the summed cross-entropy with respect to the logits.

    Parameters
    ----------
    one_hot, logits : numpy.ndarray
        Of the same shape and dtype.
    axis : int
        Along which the classes lie.

    Returns
    -------
    numpy.ndarray
        A new array of that shape and dtype.
    """
    slopes = logits - logits.max(axis=axis, keepdims=True)
    np.exp(slopes, out=slopes)
    slopes /= slopes.sum(axis=axis, keepdims=True)
    slopes -= one_hot
    return slopes


def adam_step(weight, mean, square, slope, learning_rate, number, beta_2=0.999):
    """Make step `number`, from 1 on, of Adam as Keras has it: see :func:`helpers.gradient_descent.adam`.

    Parameters
    ----------
    weight, mean, square : numpy.ndarray
        Of the same shape and dtype; are changed in place. The last two start as zeros.
    slope : numpy.ndarray
        The gradient with respect to `weight`.
    learning_rate, beta_2 : float
        The share of the running mean of slopes that is kept is 0.9, and epsilon is 1e-7.
    number : int
    """
    beta_1, epsilon = 0.9, 1e-7
    mean += (1 - beta_1) * (slope - mean)
    square += (1 - beta_2) * (slope * slope - square)
    scale = learning_rate * adam_correction(beta_1, beta_2, number)
    weight -= weight.dtype.type(scale) * mean / (np.sqrt(square) + weight.dtype.type(epsilon))


def adam_correction(beta_1, beta_2, number) -> float:
    """Return what the learning rate of step `number` is multiplied by, because both averages start at 0.

    Keras rounds the betas to float32 before it raises them to a power, in float64 too; unrounded, the first steps would
    differ from its own by 6e-6 of their length.
    """
    rounded_1, rounded_2 = float(np.float32(beta_1)), float(np.float32(beta_2))
    return np.sqrt(1 - rounded_2**number) / (1 - rounded_1**number)
