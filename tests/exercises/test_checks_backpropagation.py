"""The checks of lesson 2 accept right solutions that are written differently from ours, and refuse wrong ones."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

import helpers.backpropagation as layers
from helpers.checks import backpropagation as check
from helpers.gradient_check import gradient_error


class Node:
    """A small engine for numbers and arrays, written in another way than the lesson's."""

    def __init__(self, value, back=lambda gradient: None):
        self.value, self.back = np.asarray(value, dtype=float), back
        self.gradient = np.zeros(self.value.shape)

    def receive(self, gradient):
        while np.ndim(gradient) > self.value.ndim:
            gradient = gradient.sum(axis=0)
        for axis, size in enumerate(self.value.shape):
            if size == 1:
                gradient = gradient.sum(axis=axis, keepdims=True)
        self.gradient = self.gradient + gradient
        self.back(gradient)

    def __mul__(self, other):
        def back(gradient):
            self.receive(gradient * other.value)
            other.receive(gradient * self.value)

        return Node(self.value * other.value, back)


def backward(output):
    output.receive(np.ones(output.value.shape))


def quotient(for_a, for_b):
    """Return a `divide` with these rules."""

    def divide(a, b):
        def back(gradient):
            a.receive(for_a(gradient, a.value, b.value))
            b.receive(for_b(gradient, a.value, b.value))

        return Node(a.value / b.value, back)

    return divide


def right_for_a(gradient, a, b):
    return gradient / b + 0 * a


def right_for_b(gradient, a, b):
    return -gradient * a / b**2


right_divide = quotient(right_for_a, right_for_b)


def check_divide(function):
    return check.divide(function, Node, backward)


def leaky_by_loop(upstream, inputs, slope):
    result = np.empty(inputs.shape)
    for index, value in np.ndenumerate(inputs):
        result[index] = upstream[index] * (1 if value > 0 else slope)
    return result.tolist()


def leaky_by_relu(upstream, inputs, slope):
    steep = layers.relu_backward(upstream, inputs)
    return slope * upstream + (1 - slope) * steep


def softmax_minus_maximum_of_all(logits, labels):
    weights = np.exp(logits - logits.max())
    shares = weights / weights.sum(axis=1, keepdims=True)
    return (shares - one_hot(logits, labels)) / len(labels)


def residual_in_float32(*arguments):
    u, x, w, b = (np.asarray(argument, np.float32) for argument in arguments)
    delta = u * (1 - np.tanh(x @ w + b) ** 2)
    return u + delta @ w.T, x.T @ delta, delta.sum(axis=0)


def first_above_a_tolerance(operations):
    points = np.linspace(-2, 2, 8)
    for index, (function, derivative) in enumerate(operations):
        if gradient_error(lambda x, f=function: f(x).sum(), derivative, points) > 1e-3:
            return index
    return None


def largest_distance_to_differences(operations, kind=np.array):
    before, points, after = (kind([x + h for x in (-1.1, 0.3, 2.0)]) for h in (-1e-5, 0, 1e-5))
    errors = []
    for function, derivative in operations:
        measured = (function(after) - function(before)) / 2e-5
        errors.append(np.linalg.norm(measured - derivative(points)))
    return np.argmax(errors)


def cross_entropy_by_tape(logits, labels):
    logits = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    return tape.gradient(loss, logits)


def residual_by_tape(*arguments):
    upstream, *variables = (tf.Variable(argument) for argument in arguments)
    with tf.GradientTape() as tape:
        inputs, kernel, bias = variables
        output = inputs + tf.tanh(inputs @ kernel + bias)
    return tuple(tape.gradient(output, variables, output_gradients=upstream))


def residual_by_helpers(upstream, inputs, kernel, bias):
    delta = layers.tanh_backward(upstream, layers.dense(inputs, kernel, bias))
    d_inputs, d_kernel, d_bias = layers.dense_backward(delta, inputs, kernel)
    return upstream + d_inputs, d_kernel, d_bias


@pytest.mark.parametrize(
    ("judge", "solution"),
    [
        (check.leaky_relu_backward, leaky_by_loop),
        (check.leaky_relu_backward, leaky_by_relu),
        (check_divide, right_divide),
        (check.wrong_derivative, first_above_a_tolerance),
        (check.wrong_derivative, largest_distance_to_differences),
        (
            check.wrong_derivative,
            functools.partial(largest_distance_to_differences, kind=list),
        ),
        (check.cross_entropy_gradient, cross_entropy_by_tape),
        (check.residual_backward, residual_in_float32),
        (check.cross_entropy_gradient, layers.softmax_cross_entropy_backward),
        (check.residual_backward, residual_by_tape),
        (check.residual_backward, residual_by_helpers),
    ],
)
def test_right_solution_written_in_another_way_is_correct(judge, solution):
    assert repr(judge(solution)) == "correct"


def test_each_function_among_the_operations_computes_what_its_text_says():
    seen = []

    def watching(operations):
        seen.extend(itertools.chain.from_iterable(operations))
        return first_above_a_tolerance(operations)

    assert check.wrong_derivative(watching).status == "correct"
    points = [-1.3, 0.4, 2.0]
    names = {name: getattr(np, name) for name in ("sin", "cos", "exp", "arctan")}
    names |= {"tanh": np.tanh(points), "x": np.array(points)}
    for function in seen:
        text = function.__doc__.replace("|x|", "abs(x)")
        expected = eval(text, names)
        if callable(expected):
            expected = expected(points)
        values = function(points)
        np.testing.assert_allclose(values, np.broadcast_to(expected, 3), err_msg=text)


def naive_softmax(logits, labels):
    with np.errstate(all="ignore"):
        weights = np.exp(logits)
        probabilities = weights / weights.sum(axis=1, keepdims=True)
    return (probabilities - np.eye(logits.shape[1])[labels]) / len(logits)


def in_place(upstream, inputs, slope):
    upstream *= np.where(inputs > 0, 1, slope)
    return upstream


def right_residual(upstream, inputs, kernel, bias):
    return residual_by_helpers(upstream, inputs, kernel, bias)


def softmax(logits):
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def one_hot(logits, labels):
    return np.eye(logits.shape[1])[labels]


@pytest.mark.parametrize(
    ("judge", "wrong", "smallest"),
    [
        (check.leaky_relu_backward, lambda u, x, s: u, "inputs = [-2.]"),
        (
            check.leaky_relu_backward,
            lambda u, x, s: np.where(x > 0, 1, s),
            "upstream = [3.]",
        ),
        (
            check.leaky_relu_backward,
            lambda u, x, s: np.where(u > 0, u, s * u),
            "inputs = [-2.]",
        ),
        (
            check.leaky_relu_backward,
            lambda u, x, s: np.where(x > 0, u, s),
            "upstream = [3.]",
        ),
        (
            check.leaky_relu_backward,
            lambda u, x, s: np.where(x >= 0, u, s * u),
            "inputs = [0.]",
        ),
        (
            check.leaky_relu_backward,
            lambda u, x, s: u * np.where(x > s * x, 1, s),
            "slope = 2.",
        ),
        (check.leaky_relu_backward, in_place, "changed its argument upstream"),
        (
            check_divide,
            quotient(lambda g, a, b: 1 / b + 0 * g, right_for_b),
            "weights = 5.",
        ),
        (
            check_divide,
            quotient(right_for_a, lambda g, a, b: g * a / b**2),
            "b = 2.",
        ),
        (
            check_divide,
            quotient(right_for_a, lambda g, a, b: -g * a / b),
            "b = 2.",
        ),
        (check_divide, lambda a, b: a * Node(1 / b.value), "b = 2."),
        (check_divide, lambda a, b: a.value / b.value, "must return a Node with rules"),
        (check.wrong_derivative, lambda operations: 0, "I expected 1 and got 0"),
        (
            check.wrong_derivative,
            lambda operations: min(1, len(operations) - 1),
            "I expected 2 and got 1",
        ),
        (
            check.wrong_derivative,
            lambda operations: len(operations) - 1,
            "I expected 1 and got 3",
        ),
        (
            check.wrong_derivative,
            lambda operations: np.argmax([abs(f(1 + 1e-6) - f(1) - 1e-6 * d(1)) for f, d in operations]),
            "|x|",
        ),
        (check.cross_entropy_gradient, naive_softmax, "1000."),
        (check.cross_entropy_gradient, softmax_minus_maximum_of_all, "labels = [1, 0]"),
        (
            check.cross_entropy_gradient,
            lambda z, y: one_hot(z, y) - softmax(z),
            "logits = [[0., 0.]]",
        ),
        (
            check.cross_entropy_gradient,
            lambda z, y: softmax(z) - one_hot(z, y),
            "labels = [0, 0]",
        ),
        (
            check.cross_entropy_gradient,
            lambda z, y: (softmax(z) - one_hot(z, y)).mean(axis=0),
            "shape (1, 2)",
        ),
        (
            check.residual_backward,
            lambda u, x, w, b: ((right_residual(u, x, w, b)[0] - u, *right_residual(u, x, w, b)[1:])),
            "I expected",
        ),
        (
            check.residual_backward,
            lambda u, x, w, b: right_residual(u, x, w.T, b),
            "I expected",
        ),
        (
            check.residual_backward,
            lambda u, x, w, b: right_residual(u, x, w, b)[:2],
            "I expected 3 results",
        ),
        (
            check.residual_backward,
            lambda u, x, w, b: right_residual(u, x, w, 0 * b),
            "I expected",
        ),
    ],
)
def test_mistake_is_named_with_the_smallest_input_that_shows_it(judge, wrong, smallest):
    verdict = judge(wrong)
    assert verdict.status == "wrong"
    assert smallest in verdict.explanation, verdict
