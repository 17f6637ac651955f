"""Checks of the exercises of the lesson on gradient descent.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient


def _regression(examples, parameters):
    """Return inputs and targets with two digits, the same ones for the same size."""
    rng = np.random.default_rng(examples)
    inputs = rng.normal(size=(examples, parameters)).round(2)
    return inputs, rng.normal(size=examples).round(2)


def largest_learning_rate(function):
    """Check ``largest_learning_rate(inputs)`` by the largest singular value of the inputs."""

    def expected(inputs):
        return len(inputs) / np.linalg.norm(inputs, ord=2) ** 2

    def by_smallest(inputs):
        return 2 / np.linalg.eigvalsh(2 / len(inputs) * inputs.T @ inputs).min()

    small = (
        [[2]], [[1], [2]], [[1, 0], [0, 3]], [[1, 1], [1, 2]],
        # Collinear columns, a column of zeros, and more columns than rows: the Hessian has no inverse.
        [[1, 2], [2, 4]], [[1, 0], [2, 0]], [[1, -2, 3]],
    )  # fmt: skip
    return judge(
        function,
        expected,
        [
            *((np.array(rows, dtype=float),) for rows in small),
            *((_regression(examples, 3)[0],) for examples in (5, 40)),
        ],
        mistakes={
            "this is half of it, 1 over the largest eigenvalue: twice that still converges": (
                lambda inputs: expected(inputs) / 2
            ),
            "the Hessian lacks its factor 2": lambda inputs: expected(inputs) * 2,
            "the Hessian lacks its factor 1/N": (lambda inputs: expected(inputs) / len(inputs)),
            "the Hessian lacks its factor 2/N": (lambda inputs: expected(inputs) * 2 / len(inputs)),
            "this is the limit of the smallest eigenvalue: the largest one breaks it first": by_smallest,
            "this is the trace, the sum of the eigenvalues: only the largest counts": (
                lambda inputs: len(inputs) / (inputs**2).sum()
            ),
        },
    )


def original_units(function):
    """Check ``original_units(slopes, intercept, means, deviations)`` by predictions at 0 and at the unit vectors."""

    def expected(slopes, intercept, means, deviations):
        at_zero, *at_units = (
            ((point - means) / deviations) @ slopes + intercept for point in np.eye(len(means) + 1, len(means), k=-1)
        )
        return np.array(at_units) - at_zero, at_zero

    def case(slopes, intercept, means, deviations):
        slopes, means, deviations = np.array([slopes, means, deviations], dtype=float)
        return slopes, intercept, means, deviations

    return judge(
        function,
        expected,
        [
            case([6], 1.0, [0], [2]),
            case([6], 1.0, [10], [2]),
            case([1, -2], -1.0, [3, 5], [0.5, 4]),
            case([0.3, 0, -7, 2], 150.0, [100, 2, -3, 0.1], [20, 0.5, 1, 0.01]),
        ],
        results=("the slopes", "the intercept"),
        mistakes={
            "this goes the other way, from raw features to standardised ones": (lambda w, b, m, s: (w * s, b + w @ m)),
            "the intercept changes as well: it is the prediction at the raw 0": (lambda w, b, m, s: (w / s, b)),
            "the intercept has the wrong sign: the means are subtracted from the features": (
                lambda w, b, m, s: (w / s, b + w @ (m / s))
            ),
            "the means are divided by the deviations, too": (lambda w, b, m, s: (w / s, b - w @ m)),
        },
    )


def ridge_gradient(function):
    """Check ``ridge_gradient(theta, inputs, targets, penalty)`` by finite differences of the loss."""

    def expected(theta, inputs, targets, penalty):
        def loss(theta):
            return ((targets - inputs @ theta) ** 2).mean() + penalty * (theta**2).sum()

        return numerical_gradient(loss, theta)

    def altered(fit=1.0, of_penalty=2.0):
        def gradient(theta, inputs, targets, penalty):
            alone = expected(theta, inputs, targets, 0.0)
            factor = len(targets) if fit == "sum" else fit
            return factor * alone + of_penalty * penalty * theta

        return gradient

    return judge(
        function,
        expected,
        [
            (*_with_theta(theta, examples), penalty)
            for theta, examples, penalty in (
                ([1.0], 1, 0.0),
                ([1.0], 1, 0.5),
                ([-1.0], 1, 0.5),
                ([0.0], 1, 0.5),
                ([1.0], 1, -0.5),
                ([1.0], 2, 0.5),
                ([1.0, -2.0], 1, 0.5),
                ([1.0, -2.0], 4, 0.0),
                ([1.0, 0.0], 4, 3.0),
                ([1.0, -1.25, 1.5, -1.75, 2.0], 20, 0.1),
            )
        ],
        mistakes={
            "the penalty lacks its factor 2": altered(of_penalty=1.0),
            "the gradient of the penalty is missing": altered(of_penalty=0.0),
            "the gradient of the penalty has the wrong sign": altered(of_penalty=-2.0),
            "the first part has the wrong sign": altered(fit=-1.0),
            "the first part lacks its factor 2": altered(fit=0.5),
            "this is the sum over the examples, not their mean": altered(fit="sum"),
        },
    )


def log_cosh_gradient(function):
    """Check ``log_cosh_gradient(theta, inputs, targets)`` by finite differences of the loss."""

    def expected(theta, inputs, targets):
        return numerical_gradient(lambda theta: np.log(np.cosh(targets - inputs @ theta)).mean(), theta)

    def of(slope):
        return lambda theta, inputs, targets: -inputs.T @ slope(targets - inputs @ theta) / len(targets)

    far_off = np.array([1.0]), np.array([[1.0], [2.0]]), np.array([1.5, 30.0])
    return judge(
        function,
        expected,
        [
            _with_theta([1.0], 1),
            _with_theta([1.0], 2),
            far_off,
            _with_theta([1.0, 2.0], 4),
            _with_theta([1.0, -1.25, 1.5, -1.75, 2.0], 20),
        ],
        mistakes={
            "this has the wrong sign: it leads uphill": (lambda *arguments: -expected(*arguments)),
            "this is the sum over the examples, not their mean": (
                lambda theta, inputs, targets: expected(theta, inputs, targets) * len(targets)
            ),
            "the tanh is missing: this is a gradient of squares": of(lambda x: x),
            "this is the gradient of the mean squared error": of(lambda x: 2 * x),
            "this has the sign of the errors in place of their tanh": of(np.sign),
        },
    )


def _with_theta(theta, examples):
    return np.array(theta), *_regression(examples, len(theta))


def nesterov(function):
    """Check ``nesterov(gradient, start, learning_rate, steps, beta)`` by the original form of the method.

    There the gradient is taken at the point ahead, and the exercise's points are the points ahead.
    """

    def expected(gradient, start, learning_rate, steps, beta):
        position, velocity, ahead = start, np.zeros_like(start), [start]
        for _ in range(steps):
            velocity = beta * velocity - learning_rate * gradient(ahead[-1])
            position = position + velocity
            ahead.append(position + beta * velocity)
        return np.array(ahead)

    def with_move(move):
        """Return a method whose move follows from the velocity and the step downhill."""

        def method(gradient, start, learning_rate, steps, beta):
            points, velocity = [start], 0 * start
            for _ in range(steps):
                downhill = -learning_rate * gradient(points[-1])
                velocity = downhill + beta * velocity
                points.append(points[-1] + move(beta, velocity, downhill))
            return np.array(points)

        return method

    def square(theta):
        """Gradient of theta**2."""
        return 2 * theta

    def moved_square(theta):
        """Gradient of (theta - 3)**2."""
        return 2 * (theta - 3)

    def fourth_power(theta):
        """Gradient of theta**4."""
        return 4 * theta**3

    def narrow_bowl(theta):
        """Gradient of theta[0]**2 + 10 * theta[1]**2."""
        return np.array([2, 20]) * theta

    return judge(
        function,
        expected,
        [
            (square, np.array([1.0]), 0.1, 0, 0.9),
            (square, np.array([1.0]), 0.1, 1, 0.0),
            (square, np.array([1.0]), 0.1, 1, 0.9),
            (square, np.array([1.0]), 0.1, 2, 0.9),
            (moved_square, np.array([0.0]), 0.1, 3, 0.5),
            (fourth_power, np.array([1.0]), 0.1, 3, 0.5),
            (narrow_bowl, np.array([1.0, -2.0]), 0.02, 30, 0.8),
        ],
        mistakes={
            "this is momentum that does not look ahead": with_move(lambda beta, velocity, downhill: velocity),
            "the second rule adds -learning_rate * gradient, too": with_move(
                lambda beta, velocity, downhill: beta * velocity
            ),
            "this is plain gradient descent: the velocity is not kept": with_move(
                lambda beta, velocity, downhill: downhill
            ),
            "this is the last point alone, not the whole path": (lambda *arguments: expected(*arguments)[-1]),
            "the path begins with the start": (lambda *arguments: expected(*arguments)[1:]),
        },
    )
