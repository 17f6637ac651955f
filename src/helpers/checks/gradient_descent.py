"""Checks of the exercises of the lesson on gradient descent.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient


def _regression(examples, parameters):
    rng = np.random.default_rng(examples)
    return {
        "inputs": rng.normal(size=(examples, parameters)).round(2),
        "targets": rng.normal(size=examples).round(2),
    }


def largest_learning_rate(function):
    """Check ``largest_learning_rate(inputs)`` by the largest singular value of the inputs."""

    def expected(inputs):
        return len(inputs) / np.linalg.norm(inputs, ord=2) ** 2

    small = [
        {"inputs": np.array(rows, dtype=float)}
        for rows in ([[2]], [[1], [2]], [[1, 0], [0, 3]])
    ]
    return judge(
        function,
        expected,
        [*small, *({"inputs": _regression(n, 3)["inputs"]} for n in (5, 40))],
    )


def original_units(function):
    """Check ``original_units(slopes, intercept, means, deviations)`` by predictions at 0 and at the unit vectors."""

    def expected(slopes, intercept, means, deviations):
        at_zero, *at_units = (
            ((point - means) / deviations) @ slopes + intercept
            for point in np.eye(len(means) + 1, len(means), k=-1)
        )
        return np.array(at_units) - at_zero, at_zero

    def case(*rows, intercept):
        slopes, means, deviations = np.array(rows, dtype=float)
        return {
            "slopes": slopes,
            "intercept": intercept,
            "means": means,
            "deviations": deviations,
        }

    return judge(
        function,
        expected,
        [
            case([6], [0], [2], intercept=1.0),
            case([6], [10], [2], intercept=1.0),
            case([1, -2], [3, 5], [0.5, 4], intercept=-1.0),
            case(
                [0.3, 0, -7, 2], [100, 2, -3, 0.1], [20, 0.5, 1, 0.01], intercept=150.0
            ),
        ],
    )


def ridge_gradient(function):
    """Check ``ridge_gradient(theta, inputs, targets, penalty)`` by finite differences of the loss."""

    def expected(theta, inputs, targets, penalty):
        def loss(theta):
            return ((targets - inputs @ theta) ** 2).mean() + penalty * (theta**2).sum()

        return numerical_gradient(loss, theta)

    sizes = (
        (1, 1, 0.0),
        (1, 1, 0.5),
        (2, 1, 0.5),
        (4, 2, 0.0),
        (4, 2, 3.0),
        (20, 5, 0.1),
    )
    return judge(
        function,
        expected,
        [_with_theta(n, d, penalty=penalty) for n, d, penalty in sizes],
    )


def log_cosh_gradient(function):
    """Check ``log_cosh_gradient(theta, inputs, targets)`` by finite differences of the loss."""

    def expected(theta, inputs, targets):
        return numerical_gradient(
            lambda theta: np.log(np.cosh(targets - inputs @ theta)).mean(), theta
        )

    return judge(
        function,
        expected,
        [_with_theta(n, d) for n, d in ((1, 1), (2, 1), (4, 2), (20, 5))],
    )


def _with_theta(examples, parameters, **more):
    theta = np.linspace(1, 2, parameters).round(2)
    return {"theta": theta, **_regression(examples, parameters), **more}


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

    def square(theta):
        """Gradient of theta**2."""
        return 2 * theta

    def narrow_bowl(theta):
        """Gradient of theta[0]**2 + 10 * theta[1]**2."""
        return np.array([2, 20]) * theta

    def case(gradient, start, learning_rate, steps, beta):
        return {
            "gradient": gradient,
            "start": np.array(start),
            "learning_rate": learning_rate,
            "steps": steps,
            "beta": beta,
        }

    return judge(
        function,
        expected,
        [
            case(square, [1.0], 0.1, 0, 0.9),
            case(square, [1.0], 0.1, 1, 0.0),
            case(square, [1.0], 0.1, 1, 0.9),
            case(square, [1.0], 0.1, 3, 0.9),
            case(narrow_bowl, [1.0, -2.0], 0.02, 30, 0.8),
        ],
    )
