"""Checks of the exercises of the lesson on back-propagation.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import numpy as np

from helpers.checks import UnusableError, judge
from helpers.checks._text import text_of_error, text_of_result
from helpers.gradient_check import numerical_gradient


def leaky_relu_backward(function):
    """Check ``leaky_relu_backward(upstream, inputs, slope)`` by finite differences."""

    def expected(upstream, inputs, slope):
        def loss(inputs):
            return (upstream * np.where(inputs > 0, inputs, slope * inputs)).sum()

        # The slope depends on the sign alone. At 0 the exercise asks for that of the negative side.
        return numerical_gradient(loss, np.where(inputs > 0, 1.0, -1.0))

    return judge(
        function,
        expected,
        [
            (np.array(upstream), np.array(inputs), slope)
            for upstream, inputs, slope in (
                ([1.0], [2.0], 0.1),
                ([1.0], [-2.0], 0.1),
                ([3.0], [-2.0], 0.1),
                ([-3.0], [2.0], 0.1),
                ([1.0], [0.0], 0.1),
                ([1.0, 1.0], [1e-9, -1e-9], 0.1),
                ([1.0, 1.0], [-1.0, 1.0], 2.0),
                ([1.0, 1.0], [-1.0, 1.0], -0.5),
                ([1.0, -2.0, 0.5], [-1.0, 4.0, -0.2], 0.0),
                ([[1.0, 2.0], [-3.0, 4.0]], [[0.3, -0.3], [-5.0, 6.0]], 0.25),
            )
        ],
        mistakes={
            "the chain rule multiplies this by upstream": (
                lambda upstream, inputs, slope: np.where(inputs > 0, 1.0, slope)
            ),
            "where the input is not positive, upstream is multiplied by slope, too": (
                lambda upstream, inputs, slope: np.where(inputs > 0, upstream, slope)
            ),
            "this looks at the sign of upstream, not of inputs": (
                lambda upstream, inputs, slope: upstream * np.where(upstream > 0, 1, slope)
            ),
            "at 0 take slope": (lambda upstream, inputs, slope: upstream * np.where(inputs >= 0, 1, slope)),
            "this is leaky_relu itself, not its derivative times upstream": (
                lambda upstream, inputs, slope: inputs * np.where(inputs > 0, 1, slope)
            ),
            "a negative input lets slope through, and this lets nothing through": (
                lambda upstream, inputs, slope: upstream * (inputs > 0)
            ),
        },
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

    def call(function, a, b, weights):
        first, second = node(a), node(b)
        quotient = function(first, second)
        if not isinstance(quotient, type(first)):
            hint = ": is a `return` missing?" if quotient is None else ""
            raise UnusableError(
                f"your function must return a Node with rules, and returned {text_of_result(quotient)}{hint}"
            )
        try:
            backward(quotient * node(weights))
        except Exception as error:
            raise UnusableError(
                "your function must return a Node with rules that take upstream and return a gradient: "
                f"backward raised {text_of_error(error)}"
            ) from error
        return quotient.value, first.gradient, second.gradient

    def expected(a, b, weights):
        gradients = (
            numerical_gradient(lambda a: (a / b * weights).sum(), a),
            numerical_gradient(lambda b: (a / b * weights).sum(), b),
        )
        return (a / b, *gradients)

    def altered(change):
        return lambda a, b, weights: change(a, b, *expected(a, b, weights))

    return judge(
        function,
        expected,
        [
            tuple(map(np.array, case))
            for case in (
                (6.0, 2.0, 1.0),
                (6.0, -2.0, 1.0),
                (6.0, 2.0, 5.0),
                ([1.0, -3.0], [2.0, 0.5], [1.0, 2.0]),
                ([[1.0], [2.0]], [[4.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]]),
                (
                    [[1.0, 2.0, 3.0], [4.0, -5.0, 6.0]],
                    [2.0, -1.0, 4.0],
                    [[1.0, 0.5, 2.0], [3.0, 1.0, -1.0]],
                ),
            )
        ],
        call=call,
        results=("the value of the Node", "the gradient of a", "the gradient of b"),
        mistakes={
            "the derivative by b has a minus": altered(lambda a, b, value, for_a, for_b: (value, for_a, -for_b)),
            "in the derivative by b, b is squared": altered(
                lambda a, b, value, for_a, for_b: (value, for_a, for_b * b)
            ),
            "in the derivative by b, a is a factor": altered(
                lambda a, b, value, for_a, for_b: (value, for_a, for_b / a)
            ),
            "the Node has no rule for b": altered(lambda a, b, value, for_a, for_b: (value, for_a, 0 * for_b)),
            "the Node has no rules": altered(lambda a, b, value, for_a, for_b: (value, 0 * for_a, 0 * for_b)),
        },
    )


def wrong_derivative(function):
    """Check ``wrong_derivative(operations)``, where exactly one pair of function and derivative does not fit."""
    right = (
        _pair(np.sin, np.cos, "sin", "cos"),
        _pair(np.tanh, lambda x: 1 - np.tanh(x) ** 2, "tanh", "1 - tanh**2"),
        # Rounded more than the others: where the wrong one looks right, this is the one that looks wrong.
        _pair(lambda x: x**2 + 100, lambda x: 2 * x, "x**2 + 100", "2 * x"),
    )
    on_one_side = (
        _pair(np.abs, np.ones_like, "|x|", "1"),
        _pair(np.abs, lambda x: -np.ones_like(x), "|x|", "-1"),
    )
    wrong = (
        _pair(np.square, lambda x: x, "x**2", "x"),
        _pair(np.cos, np.sin, "cos", "sin"),
        _pair(
            lambda x: np.exp(-(x**2)),
            lambda x: -np.exp(-(x**2)),
            "exp(-x**2)",
            "-exp(-x**2)",
        ),
        _pair(
            np.arctan,
            lambda x: 1 / (1 + x**2) + 0.01,
            "arctan(x)",
            "1 / (1 + x**2) + 0.01",
        ),
    )
    faults = [(fault, (index + 1) % 4) for index, fault in enumerate(wrong)]
    # At every place: nobody is right by chance.
    faults += [(fault, place) for fault in on_one_side for place in range(4)]
    cases = [((wrong[0],),)]
    for fault, place in faults:
        cases.append(((*right[:place], fault, *right[place:]),))

    def expected(operations):
        return next(index for index, pair in enumerate(operations) if pair in wrong or pair in on_one_side)

    def seen_at(points, h=1e-6):
        def index(operations):
            errors = [
                abs((f(points + h) - f(points - h)) / (2 * h) - derivative(points)).max()
                for f, derivative in operations
            ]
            return int(np.argmax(errors))

        return index

    points = np.array([0.4, 0.7, 1.1, 1.6])
    return judge(
        function,
        expected,
        cases,
        mistakes={
            "an index counts from 0, and this counts from 1": (lambda operations: expected(operations) + 1),
            "this mistake shows where x is negative: look on both sides of 0": seen_at(points),
            "this mistake shows where x is positive: look on both sides of 0": seen_at(-points),
        },
    )


def _pair(function, derivative, function_text, derivative_text):
    """Return two functions which say in a verdict what they compute."""

    def first(x):
        return function(np.asarray(x, dtype=float))

    def second(x):
        return derivative(np.asarray(x, dtype=float))

    first.__doc__, second.__doc__ = function_text, derivative_text
    return first, second


def cross_entropy_gradient(function):
    """Check ``cross_entropy_gradient(logits, labels)`` by the differences of the logits of each pair of labels."""

    def shares(logits):
        # exp(z_k) / sum of exp(z_j) is 1 / sum of exp(z_j - z_k), in which an overflow does no harm.
        differences = logits[:, np.newaxis, :] - logits[:, :, np.newaxis]
        return 1 / np.exp(differences).sum(axis=2)

    def expected(logits, labels):
        gradient = shares(logits)
        gradient[np.arange(len(labels)), labels] -= 1
        return gradient / len(labels)

    def by(exponents):
        def gradient(logits, labels):
            weights = np.exp(exponents(logits))
            difference = weights / weights.sum(axis=1, keepdims=True)
            difference[np.arange(len(labels)), labels] -= 1
            return difference / len(labels)

        return gradient

    rng = np.random.default_rng(0)
    small = (
        ([[0, 0]], [0]),
        ([[1, 0, -1]], [2]),
        ([[1, 0], [0, 2]], [0, 0]),
        ([[1000, 0]], [1]),
        ([[1000, 999]], [0]),
        ([[1000, 1000]], [1]),
        ([[1000, -1000]], [0]),
        ([[-1000, -1001]], [0]),
        ([[1000, 0], [0, 1]], [1, 0]),
        # The largest logit is not always the first one.
        ([[0, 1000]], [0]),
        ([[0, 1000, 0]], [2]),
    )
    return judge(
        function,
        expected,
        [
            *((np.array(z, dtype=float), np.array(labels)) for z, labels in small),
            (rng.normal(size=(5, 4)).round(2), np.array([3, 1, 1, 0, 2])),
        ],
        mistakes={
            "this is the sum over the batch, not its mean": (
                lambda logits, labels: expected(logits, labels) * len(labels)
            ),
            "this has the wrong sign: p minus 1 where k = y, not 1 minus p": (
                lambda logits, labels: -expected(logits, labels)
            ),
            "this is p alone: at the label of each example 1 is subtracted": (
                lambda logits, labels: shares(logits) / len(labels)
            ),
            "the exponential of 1000 overflows: subtract the largest logit of each example first": (by(lambda z: z)),
            "clipped logits are other logits: subtract the largest one of each example instead": (
                by(lambda z: np.clip(z, -500, 500))
            ),
            "subtract the largest logit of each example, not the largest of all": (by(lambda z: z - z.max())),
            "subtract the largest logit of each example, not its mean": (
                by(lambda z: z - z.mean(axis=1, keepdims=True))
            ),
        },
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

    def by_rules(change):
        """Return the backward pass of the dense layer, from a changed gradient at its sum."""

        def gradients(upstream, inputs, kernel, bias):
            value = np.tanh(inputs @ kernel + bias)
            delta = change(upstream, value, inputs)
            d_inputs = upstream + delta @ kernel.T
            return d_inputs, inputs.T @ delta, delta.sum(axis=0)

        return gradients

    def with_changed(change):
        return lambda upstream, *others: change(upstream, *expected(upstream, *others))

    def case(examples, units):
        rng = np.random.default_rng(examples)
        shapes = (examples, units), (examples, units), (units, units), units
        return tuple(rng.normal(size=shape).round(1) for shape in shapes)

    return judge(
        function,
        expected,
        [case(1, 1), case(2, 1), case(1, 2), case(2, 2), case(4, 3)],
        results=("d_inputs", "d_kernel", "d_bias"),
        mistakes={
            "the way around the layer is missing: add upstream": with_changed(
                lambda upstream, d_inputs, *others: (d_inputs - upstream, *others)
            ),
            "these are means over the batch: add the examples up": with_changed(
                lambda upstream, d_inputs, d_kernel, d_bias: (
                    d_inputs,
                    d_kernel / len(upstream),
                    d_bias / len(upstream),
                )
            ),
            "the derivative of tanh is 1 minus its square, and inputs do not belong into that square": (
                by_rules(lambda upstream, t, inputs: upstream * (1 - (inputs + t) ** 2))
            ),
            "the derivative of tanh is missing": (by_rules(lambda upstream, t, inputs: upstream)),
        },
    )
