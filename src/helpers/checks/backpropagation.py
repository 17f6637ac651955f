"""Checks of the exercises of the lesson on back-propagation.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import numpy as np

from helpers.backpropagation import softmax_cross_entropy
from helpers.checks import judge
from helpers.gradient_check import numerical_gradient


def leaky_relu_backward(function):
    """Check ``leaky_relu_backward(upstream, inputs, slope)`` by finite differences."""

    def expected(upstream, inputs, slope):
        def loss(inputs):
            return (upstream * np.where(inputs > 0, inputs, slope * inputs)).sum()

        # At 0, where there is no derivative, the exercise asks for that of the negative side.
        return numerical_gradient(loss, np.where(inputs == 0, -1.0, inputs))

    return judge(
        function,
        expected,
        [
            {"upstream": np.array(upstream), "inputs": np.array(inputs), "slope": slope}
            for upstream, inputs, slope in (
                ([1.0], [2.0], 0.1),
                ([1.0], [-2.0], 0.1),
                ([3.0], [-2.0], 0.1),
                ([1.0], [0.0], 0.1),
                ([1.0, 1.0], [-1.0, 1.0], 2.0),
                ([1.0, -2.0, 0.5], [-1.0, 4.0, -0.2], 0.0),
                ([[1.0, 2.0], [-3.0, 4.0]], [[0.3, -0.3], [-5.0, 6.0]], 0.25),
            )
        ],
    )


def divide(function, node, backward):
    """Check ``divide(a, b)`` on the lesson's engine by finite differences, broadcasting included.

    Parameters
    ----------
    function : callable
        Takes two nodes and returns one.
    node : callable
        Makes a node from a value; nodes have ``value`` and ``gradient`` and can be multiplied.
    backward : callable
        Takes the last node, and fills in the gradients.
    """

    def run(a, b, weights):
        first, second = node(a), node(b)
        quotient = function(first, second)
        if quotient is None:
            return None
        backward(quotient * node(weights))
        return quotient.value, first.gradient, second.gradient

    def expected(a, b, weights):
        gradients = (
            numerical_gradient(lambda a: (a / b * weights).sum(), a),
            numerical_gradient(lambda b: (a / b * weights).sum(), b),
        )
        return (a / b, *gradients)

    return judge(
        run,
        expected,
        [
            {"a": np.array(a), "b": np.array(b), "weights": np.array(weights)}
            for a, b, weights in (
                (6.0, 2.0, 1.0),
                (6.0, 2.0, 5.0),
                ([1.0, -3.0], [2.0, 0.5], [1.0, 2.0]),
                (
                    [[1.0, 2.0, 3.0], [4.0, -5.0, 6.0]],
                    [2.0, -1.0, 4.0],
                    [[1.0, 0.5, 2.0], [3.0, 1.0, -1.0]],
                ),
                ([[1.0], [2.0]], [[4.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]]),
            )
        ],
    )


def wrong_derivative(function):
    """Check ``wrong_derivative(operations)``, where exactly one pair of function and derivative does not fit."""
    right = (
        _pair(np.sin, np.cos, "sin", "cos"),
        _pair(np.tanh, lambda x: 1 - np.tanh(x) ** 2, "tanh", "1 - tanh**2"),
    )
    exp = _pair(np.exp, np.exp, "exp", "exp")
    wrong = (
        _pair(np.square, lambda x: x, "x**2", "x"),
        _pair(np.cos, np.sin, "cos", "sin"),
        _pair(
            lambda x: np.exp(-(x**2)),
            lambda x: -np.exp(-(x**2)),
            "exp(-x**2)",
            "-exp(-x**2)",
        ),
        _pair(np.abs, np.ones_like, "|x|", "1"),
        _pair(np.abs, lambda x: -np.ones_like(x), "|x|", "-1"),
        _pair(
            np.arctan,
            lambda x: 1 / (1 + x**2) + 0.01,
            "arctan(x)",
            "1 / (1 + x**2) + 0.01",
        ),
    )
    cases = [{"operations": (wrong[0],)}]
    for index, fault in enumerate(wrong):
        pairs = [*right, exp]
        pairs.insert((index + 1) % 4, fault)
        cases.append({"operations": tuple(pairs)})

    def expected(operations):
        return next(index for index, pair in enumerate(operations) if pair in wrong)

    return judge(function, expected, cases)


def _pair(function, derivative, function_text, derivative_text):
    """Return two functions which say in a verdict what they compute."""

    def first(x):
        return function(np.asarray(x, dtype=float))

    def second(x):
        return derivative(np.asarray(x, dtype=float))

    first.__doc__, second.__doc__ = function_text, derivative_text
    return first, second


def cross_entropy_gradient(function):
    """Check ``cross_entropy_gradient(logits, labels)`` by finite differences of the loss."""

    def expected(logits, labels):
        return numerical_gradient(
            lambda logits: softmax_cross_entropy(logits, labels), logits
        )

    rng = np.random.default_rng(0)
    return judge(
        function,
        expected,
        [
            {"logits": np.array([[0.0, 0.0]]), "labels": np.array([0])},
            {"logits": np.array([[1.0, 0.0, -1.0]]), "labels": np.array([2])},
            {"logits": np.array([[1.0, 0.0], [0.0, 2.0]]), "labels": np.array([0, 0])},
            {"logits": np.array([[1000.0, 0.0]]), "labels": np.array([1])},
            {
                "logits": np.array([[1000.0, 0.0], [0.0, 1.0]]),
                "labels": np.array([1, 0]),
            },
            {
                "logits": rng.normal(size=(5, 4)).round(2),
                "labels": np.array([3, 1, 1, 0, 2]),
            },
        ],
    )


def residual_backward(function):
    """Check ``residual_backward(upstream, inputs, kernel, bias)`` by finite differences."""

    def expected(upstream, inputs, kernel, bias):
        def loss(inputs, kernel, bias):
            return (upstream * (inputs + np.tanh(inputs @ kernel + bias))).sum()

        return (
            numerical_gradient(lambda inputs: loss(inputs, kernel, bias), inputs),
            numerical_gradient(lambda kernel: loss(inputs, kernel, bias), kernel),
            numerical_gradient(lambda bias: loss(inputs, kernel, bias), bias),
        )

    def case(examples, units):
        rng = np.random.default_rng(examples)
        shapes = {
            "upstream": (examples, units),
            "inputs": (examples, units),
            "kernel": (units, units),
            "bias": units,
        }
        return {name: rng.normal(size=shape).round(1) for name, shape in shapes.items()}

    return judge(function, expected, [case(1, 1), case(3, 1), case(1, 2), case(4, 3)])
