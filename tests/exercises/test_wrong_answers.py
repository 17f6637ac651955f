"""Wrong answers to the exercises: none is accepted, and the most common ones are told what they are.

Each list of wrong answers names whole kinds, such as a gradient that clips what overflows. The right answers that stand
beside them in ``test_checks_*.py`` are accepted.
"""

import importlib
import pkgutil

import numpy as np
import pytest
import test_checks_recurrent_networks as recurrent
from test_checks_backpropagation import Node, backward, one_hot, softmax
from test_exercises import EXERCISES

import helpers.checks
from helpers import pooling
from helpers.checks import judge
from helpers.gradient_check import gradient_error


def checks():
    """Return each check by its name, with the engine that one of them needs."""
    found = {}
    for exercise in EXERCISES:
        module = importlib.import_module(f"helpers.checks.{exercise.lesson.partition('_')[2]}")
        found[exercise.name] = getattr(module, exercise.name)
    divide = found["divide"]
    return found | {"divide": lambda function: divide(function, Node, backward)}


CHECKS = checks()


@pytest.fixture
def asked(monkeypatch):
    """Return a function that gives what a check hands to the judge, by name."""

    def arguments_of(name):
        seen = {}

        def spy(function, expected, cases, **others):
            seen.update(expected=expected, cases=list(cases), **others)
            return judge(function, expected, seen["cases"], **others)

        for module in pkgutil.iter_modules(helpers.checks.__path__):
            if module.name[0] != "_":
                module = importlib.import_module(f"helpers.checks.{module.name}")
                monkeypatch.setattr(module, "judge", spy)
        CHECKS[name](lambda *_: None)
        return seen

    return arguments_of


each_check = pytest.mark.parametrize("name", CHECKS)


@each_check
def test_at_least_two_mistakes_are_known_by_name(name, asked):
    assert len(asked(name).get("mistakes", {})) >= 2


@each_check
def test_each_known_mistake_is_wrong_and_told_in_its_own_words(name, asked):
    arguments = asked(name)
    arguments.pop("call", None)
    for words, mistake in arguments["mistakes"].items():
        verdict = judge(mistake, **arguments)
        assert verdict.status == "wrong", words
        assert verdict.explanation.endswith(f": {words}"), verdict
        assert len(verdict.explanation) <= 600


@each_check
def test_first_cases_are_small(name, asked):
    def size(value):
        if isinstance(value, (list, tuple)):
            return sum(map(size, value))
        return value.size if isinstance(value, np.ndarray) else 1

    sizes = [size(case) for case in asked(name)["cases"]]
    assert all(entries <= 24 for entries in sizes[: len(sizes) // 2])


def regression(theta, inputs, targets):
    return inputs.T @ (targets - inputs @ theta)


def hessian(inputs):
    return 2 / len(inputs) * inputs.T @ inputs


def centred(inputs):
    return inputs - inputs.mean(axis=0)


def by_inverse(inputs):
    return 2 * np.linalg.eigvalsh(np.linalg.inv(hessian(inputs))).min()


def ridge(theta, inputs, targets, of_penalty):
    return -2 / len(targets) * regression(theta, inputs, targets) + of_penalty


def momentum(look, gradient, start, learning_rate, steps, beta):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = beta * velocity - learning_rate * gradient(look(path[-1], velocity))
        path.append(path[-1] + velocity)
    return np.array(path)


def nesterov_of_one_step_only(gradient, start, learning_rate, steps, beta):
    return np.array(
        [start] + [start - (1 + beta) * learning_rate * gradient(start)] * min(steps, 1) + [start] * (steps - 1)
    )


def probabilities(exponents):
    with np.errstate(all="ignore"):
        weights = np.exp(exponents)
        return weights / weights.sum(axis=1, keepdims=True)


def cross_entropy(shares, labels):
    return (shares - one_hot(shares, labels)) / len(labels)


def capped(logits):
    weights = np.minimum(np.exp(np.minimum(logits, 709.0)), 1e300)
    return weights / weights.sum(axis=1, keepdims=True)


def quotient(rule_a, rule_b):
    def divide(a, b):
        def back(gradient):
            a.receive(rule_a(gradient, a.value, b.value))
            b.receive(rule_b(gradient, a.value, b.value))

        return Node(a.value / b.value, back)

    return divide


def signed_errors(operations):
    points, h = np.array([-1.2, -0.3, 0.5, 1.4]), 1e-6
    return int(
        np.argmax([((f(points + h) - f(points - h)) / (2 * h) - d(points)).max() for f, d in operations])
    )  # fmt: skip


def by_difference(points, h=1e-6):
    def wrong_derivative(operations):
        errors = [abs((f(points + h) - f(points - h)) / (2 * h) - d(points)).max() for f, d in operations]
        return int(np.argmax(errors))

    return wrong_derivative


def by_gradient_error(points):
    def wrong_derivative(operations):
        errors = [gradient_error(lambda x, f=f: f(x).sum(), d, points) for f, d in operations]
        return int(np.argmax(errors))

    return wrong_derivative


def residual(upstream, inputs, kernel, bias, mean=1, skip=1, square=None):
    value = np.tanh(inputs @ kernel + bias)
    value = value + inputs if square == "with inputs" else value
    delta = upstream * (1 - value**2)
    return (
        skip * upstream + delta @ kernel.T,
        inputs.T @ delta / mean,
        delta.sum(0) / mean,
    )


def odd_kernels_only(kernel_sizes, strides):
    side, step = 1, 1
    for size, stride in zip(kernel_sizes, strides, strict=True):
        side, step = side + 2 * (size // 2) * step, step * stride
    return side


def correlate_full(image, kernel):
    rows, columns = np.subtract(kernel.shape, 1)
    padded = np.pad(image, ((rows, rows), (columns, columns)))
    shape = np.add(image.shape, kernel.shape) - 1
    return np.array(
        [
            [(padded[i : i + rows + 1, j : j + columns + 1] * kernel).sum() for j in range(shape[1])]
            for i in range(shape[0])
        ]
    )  # fmt: skip


def convolve(image, kernel):
    return correlate_full(image, kernel[::-1, ::-1])


def circular(image, kernel):
    size = np.maximum(image.shape, kernel.shape)
    return np.fft.irfft2(np.fft.rfft2(image, size) * np.fft.rfft2(kernel, size), size)


def depthwise(images, kernels, channel=lambda c: c):
    height, width, channels = kernels.shape
    rows, columns = images.shape[1] - height + 1, images.shape[2] - width + 1
    outputs = np.zeros((len(images), rows, columns, channels))
    for u, v, c in np.ndindex(kernels.shape):
        outputs[..., c] += images[:, u : u + rows, v : v + columns, c] * kernels[u, v, channel(c)]
    return outputs


def transposed(image, kernel, stride, add=True, largest_step=99):
    output = np.zeros(stride * (np.array(image.shape) - 1) + kernel.shape)
    for i, j in np.ndindex(image.shape):
        rows = slice(stride * i, stride * i + kernel.shape[0])
        columns = slice(stride * j, stride * j + kernel.shape[1])
        before = output[rows, columns] if add and stride <= largest_step else 0
        output[rows, columns] = before + image[i, j] * kernel
    return output


def padded_with(value, reduce, images, ksize, strides):
    margins = [(0, 0)]
    for length in images.shape[1:3]:
        total = max((-(-length // strides) - 1) * strides + ksize - length, 0)
        margins.append((total // 2, total - total // 2))
    padded = np.pad(images, [*margins, (0, 0)], constant_values=value)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (ksize, ksize), axis=(1, 2))
    return reduce(windows[:, ::strides, ::strides], axis=(4, 5))


def blurred(maxima):
    return pooling.avg_pool2d(maxima, 2, 1, "SAME")[:, ::2, ::2]


def share(upstream, images, ksize, strides, *, is_largest, over=(1, 2)):
    result = np.zeros_like(images)
    for i, j in np.ndindex(upstream.shape[1:3]):
        where = np.s_[:, i * strides : i * strides + ksize, j * strides : j * strides + ksize]
        marks = is_largest(images[where], images[where].max(axis=over, keepdims=True))
        count = np.maximum(marks.sum(axis=over, keepdims=True), 1)
        result[where] += marks / count * upstream[:, i : i + 1, j : j + 1]
    return result


def clipped(d_kernel, d_recurrent_kernel, limit, norm):
    size = norm(d_kernel, d_recurrent_kernel)
    factor = limit / size if size > limit else 1.0
    return factor * d_kernel, factor * d_recurrent_kernel


def up_to_length(states, lengths, reduce):
    return np.array([reduce(row[:length], axis=0) for row, length in zip(states, lengths, strict=True)])


def masked(inputs, mask, kernel, recurrent_kernel, bias, stop=False):
    state, alive, states = np.zeros((len(inputs), len(bias))), True, []
    for t in range(inputs.shape[1]):
        alive = mask[:, t, None] & (alive if stop else True)
        new = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
        state = np.where(alive, new, state)
        states.append(state)
    return np.stack(states, axis=1)


def gate(upstream, inputs, z, powers=lambda z, age: z**age):
    size = len(inputs)
    weights = np.array(
        [[(1 - z) * powers(z, t - s) if s <= t else 0.0 for s in range(size)] for t in range(size)]
    )  # fmt: skip
    changes = np.array(
        [
            [(t - s) * z ** (t - s - 1) * (1 - z) - z ** (t - s) if s <= t else 0.0 for s in range(size)]
            if z
            else [-1.0 if s == t else float(s == t - 1) for s in range(size)]
            for t in range(size)
        ]
    )  # fmt: skip
    return upstream @ weights, upstream @ changes @ inputs


def sampled_around(centre, logits, temperature, u):
    return int(np.argmax(np.cumsum(probabilities((logits - centre)[None] / temperature)) > u))


def sum_of_norms(*gradients):
    return sum(np.linalg.norm(gradient) for gradient in gradients)


WRONG = {
    "largest_learning_rate": {
        "by the inverse, which collinear columns do not have": by_inverse,
        "of centred inputs": lambda x: 2 / np.linalg.eigvalsh(hessian(centred(x))).max(),
        "the largest diagonal entry": lambda x: 2 / np.diag(hessian(x)).max(),
        "the number of columns": lambda x: x.shape[1] / np.linalg.norm(x, ord=2) ** 2,
        "the longest row": lambda x: 1 / (x**2).sum(axis=1).max(),
        "the largest entry": lambda x: 2 / hessian(x).max(),
        "the first eigenvalue": lambda x: 2 / np.linalg.eigvalsh(hessian(x))[0],
        "too few steps of the power method": lambda x: 2 / np.linalg.norm(hessian(x) @ np.ones(x.shape[1])),
        "a tenth": lambda x: 0.1,
    },
    "original_units": {
        "both multiplied": lambda w, b, m, s: (w * s, b - w @ (m * s)),
        "not added up": lambda w, b, m, s: (w / s, b - w / s * m),
        "the variance": lambda w, b, m, s: (w / s**2, b - w @ (m / s**2)),
        "the first feature": lambda w, b, m, s: (w / s, b - w[0] * m[0] / s[0]),
        "in one array": lambda w, b, m, s: np.append(w / s, b - w @ (m / s)),
        "the other order": lambda w, b, m, s: (b - w @ (m / s), w / s),
        "means added up": lambda w, b, m, s: (w / s, b - m.sum()),
    },
    "ridge_gradient": {
        "a penalty that cannot be negative": lambda t, x, y, c: ridge(t, x, y, 2 * abs(c) * t),
        "no penalty below 0": lambda t, x, y, c: ridge(t, x, y, 2 * max(c, 0) * t),
        "the size of theta": lambda t, x, y, c: ridge(t, x, y, 2 * c * abs(t)),
        "the sign of theta": lambda t, x, y, c: ridge(t, x, y, c * np.sign(t)),
        "the norm without square": lambda t, x, y, c: ridge(t, x, y, c * t / (np.linalg.norm(t) or 1)),
        "a penalty for each example": lambda t, x, y, c: ridge(t, x, y, 2 * c * t / len(y)),
        "a first entry without penalty": lambda t, x, y, c: ridge(t, x, y, 2 * c * t * (np.arange(len(t)) > 0)),
        "a last entry without penalty": lambda t, x, y, c: ridge(t, x, y, 2 * c * t * (np.arange(len(t)) < len(t) - 1)),
        "the sum of theta": lambda t, x, y, c: ridge(t, x, y, 2 * c * t.sum()),
        "divided by the entries of theta": lambda t, x, y, c: ridge(t, x, y, 2 * c * t) * len(y) / len(t),
    },
    "log_cosh_gradient": {
        "a clipped error": lambda t, x, y: -x.T @ np.clip(y - x @ t, -1, 1) / len(y),
        "a soft sign": lambda t, x, y: -x.T @ ((y - x @ t) / (1 + abs(y - x @ t))) / len(y),
        "the angle": lambda t, x, y: -x.T @ np.arctan(y - x @ t) / len(y),
        "the third power": lambda t, x, y: -x.T @ ((y - x @ t) - (y - x @ t) ** 3 / 3) / len(y),
        "the hyperbolic sine": lambda t, x, y: -x.T @ np.sinh(y - x @ t) / len(y),
        "tanh of the product": lambda t, x, y: -np.tanh(x.T @ (y - x @ t)) / len(y),
        "divided by the entries of theta": lambda t, x, y: -x.T @ np.tanh(y - x @ t) / len(t),
        "2 over N": lambda t, x, y: -2 * x.T @ np.tanh(y - x @ t) / len(y),
        "tanh of theta": lambda t, x, y: -x.T @ (y - x @ np.tanh(t)) / len(y),
    },
    "nesterov": {
        "looks ahead and stores the point behind": lambda g, start, rate, steps, beta: momentum(
            lambda point, velocity: point + beta * velocity, g, start, rate, steps, beta
        ),
        "the gradient at the start": lambda g, start, *others: momentum(
            lambda point, velocity: start, g, start, *others
        ),
        "one step only": nesterov_of_one_step_only,
        "a mean of gradients": lambda g, start, rate, steps, beta: momentum(
            lambda point, velocity: point, g, start, rate * (1 - beta), steps, beta
        ),
    },
    "leaky_relu_backward": {
        "the larger of two, for a slope below 1": lambda u, x, s: u * np.where(x > s * x, 1, s),
        "a sign": lambda u, x, s: u * np.where(np.sign(x) == -1, s, 1),
        "only large numbers are positive": lambda u, x, s: u * np.where(x > 1e-6, 1, s),
        "only large numbers are negative": lambda u, x, s: u * np.where(x > -1e-6, 1, s),
        "a slope that cannot be negative": lambda u, x, s: u * np.where(x > 0, 1, abs(s)),
        "an upstream that cannot be negative": lambda u, x, s: abs(u) * np.where(x > 0, 1, s),
        "a tenth": lambda u, x, s: u * np.where(x > 0, 1, 0.1),
        "added up": lambda u, x, s: (u * np.where(x > 0, 1, s)).sum(),
        "divided by the slope": lambda u, x, s: u * np.where(x > 0, 1, 1 / s if s else 0),
    },
    "divide": {
        "the size of b": quotient(lambda g, a, b: g / abs(b) + 0 * a, lambda g, a, b: -g * a / b**2),
        "no upstream": quotient(lambda g, a, b: 1 / b + 0 * g, lambda g, a, b: -a / b**2 + 0 * g),
        "a product": quotient(lambda g, a, b: g * b + 0 * a, lambda g, a, b: g * a + 0 * b),
        "exchanged": quotient(lambda g, a, b: -g * a / b**2, lambda g, a, b: g / b + 0 * a),
        "no node": lambda a, b: a.value / b.value,
        "the node of a": lambda a, b: a,
        "without rules": lambda a, b: Node(a.value / b.value),
        "rules that are numbers": lambda a, b: Node(a.value / b.value, 5.0),
        "nothing": lambda a, b: None,
    },
    "wrong_derivative": {
        **{
            f"{where} {kind.__name__} at {points}": kind(np.array(points))
            for where, all_points in {
                "right of 0": ([0.3], [2.0], [0.5, 1.5], [0.2, 0.7, 1.1, 1.9]),
                "left of 0": ([-0.3], [-2.0], [-0.5, -1.5], [-0.2, -0.7, -1.1, -1.9]),
            }.items()
            for points in all_points
            for kind in (by_difference, by_gradient_error)
        },
        "signed errors": signed_errors,
        "the last": lambda operations: len(operations) - 1,
        "always 0": lambda operations: 0,
        "always 1": lambda operations: min(1, len(operations) - 1),
        "none": lambda operations: None,
    },
    "cross_entropy_gradient": {
        "clipped logits": lambda z, y: cross_entropy(probabilities(np.clip(z, -500, 500)), y),
        "clipped at 709": lambda z, y: cross_entropy(probabilities(np.minimum(z, 709)), y),
        "zeros in place of what is no number": lambda z, y: cross_entropy(np.nan_to_num(probabilities(z)), y),
        "ones in place of what is no number": lambda z, y: cross_entropy(np.nan_to_num(probabilities(z), nan=1.0), y),
        "halves in place of what is no number": lambda z, y: cross_entropy(np.nan_to_num(probabilities(z), nan=0.5), y),
        "a capped exponential": lambda z, y: cross_entropy(capped(z), y),
        "minus the mean": lambda z, y: cross_entropy(probabilities(z - z.mean(axis=1, keepdims=True)), y),
        "minus the median": lambda z, y: cross_entropy(probabilities(z - np.median(z, axis=1, keepdims=True)), y),
        "minus the smallest": lambda z, y: cross_entropy(probabilities(z - z.min(axis=1, keepdims=True)), y),
        "minus the first": lambda z, y: cross_entropy(probabilities(z - z[:, :1]), y),
        "minus the last": lambda z, y: cross_entropy(probabilities(z - z[:, -1:]), y),
        "minus the largest of all": lambda z, y: cross_entropy(probabilities(z - z.max()), y),
        "minus the largest of each label": lambda z, y: cross_entropy(probabilities(z - z.max(axis=0)), y),
        "minus 1000": lambda z, y: cross_entropy(probabilities(z - 1000 * (z.max() > 700)), y),
        "divided by the largest": lambda z, y: cross_entropy(probabilities(z / max(1, abs(z).max() / 100)), y),
        "divided by the labels": lambda z, y: cross_entropy(softmax(z), y) * len(y) / z.shape[1],
        "a sum": lambda z, y: cross_entropy(softmax(z), y) * len(y),
        "no label": lambda z, y: softmax(z) / len(y),
        "the wrong sign": lambda z, y: -cross_entropy(softmax(z), y),
        "label 0": lambda z, y: cross_entropy(softmax(z), 0 * y),
        "a softmax of all": lambda z, y: cross_entropy(np.exp(z - z.max()) / np.exp(z - z.max()).sum(), y),
    },
    "residual_backward": {
        "means over the batch": lambda u, x, w, b: residual(u, x, w, b, mean=len(u)),
        "without the way around": lambda u, x, w, b: residual(u, x, w, b, skip=0),
        "twice around": lambda u, x, w, b: residual(u, x, w, b, skip=2),
        "inputs in the square": lambda u, x, w, b: residual(u, x, w, b, square="with inputs"),
        "a transposed kernel": lambda u, x, w, b: residual(u, x, w.T, b),
        "without bias": lambda u, x, w, b: residual(u, x, w, 0 * b),
        "a bias for each example": lambda u, x, w, b: (
            *residual(u, x, w, b)[:2], u * (1 - np.tanh(x @ w + b) ** 2)
        ),
        "a transposed gradient": lambda u, x, w, b: (
            residual(u, x, w, b)[0], residual(u, x, w, b)[1].T, residual(u, x, w, b)[2]
        ),
        "inputs around, not upstream": lambda u, x, w, b: (
            residual(u, x, w, b, skip=0)[0] + x, *residual(u, x, w, b)[1:]
        ),
    },
    "shift_kernel": {
        "always right": lambda down, right: np.eye(3)[[1, 0, 1]] * 0 + (np.arange(9).reshape(3, 3) == 3),
        "a sum of two": lambda down, right: np.add.outer(np.arange(3) == 1 - down, np.arange(3) == 1 - right),
        "columns of rows": lambda down, right: np.outer(np.arange(3) == 1 - right, np.arange(3) == 1 - down),
        "other way": lambda down, right: np.outer(np.arange(3) == 1 + down, np.arange(3) == 1 + right),
        "from the end": lambda down, right: np.outer(np.arange(3) == -down % 3, np.arange(3) == -right % 3),
    },
    "receptive_field": {
        "odd kernels only": odd_kernels_only,
        "even kernels count one less": lambda k, s: odd_kernels_only([n - 1 + n % 2 for n in k], s),
        "the sum of sizes": lambda k, s: sum(k),
        "the product of sizes": lambda k, s: int(np.prod(k)),
        "without strides": lambda k, s: 1 + sum(n - 1 for n in k),
        "times all strides": lambda k, s: 1 + sum(n - 1 for n in k) * int(np.prod(s[:-1])),
        "the stride of the layer before alone": lambda k, s: 1 + sum(
            (n - 1) * step for n, step in zip(k, [1, *s], strict=False)
        ),
        "the largest stride": lambda k, s: odd_kernels_only(k, [max(s)] * len(s)),
        "two layers": lambda k, s: 1 + sum((n - 1) * t for n, t in zip(k, [1, s[0], s[0]], strict=False)),
    },
    "true_convolution": {
        "a correlation": correlate_full,
        "a transposed kernel": lambda x, k: convolve(x, k.T) if k.shape[0] == k.shape[1] else convolve(x, k),
        "turned upside down": lambda x, k: correlate_full(x, k[::-1]),
        "turned left to right": lambda x, k: correlate_full(x, k[:, ::-1]),
        "an image that is turned": lambda x, k: correlate_full(x[::-1, ::-1], k),
        "a circle": circular,
        "positive numbers": lambda x, k: abs(convolve(x, k)),
        "rectified": lambda x, k: np.maximum(convolve(x, k), 0),
        "the size of the image": lambda x, k: convolve(x, k)[: x.shape[0], : x.shape[1]],
    },
    "depthwise": {
        "the first kernel for all": lambda x, k: depthwise(x, k, channel=lambda c: 0),
        "kernels the other way round": lambda x, k: depthwise(x, k, channel=lambda c: -1 - c),
        "a true convolution": lambda x, k: depthwise(x, k[::-1, ::-1]),
        "turned upside down": lambda x, k: depthwise(x, k[::-1]),
        "turned left to right": lambda x, k: depthwise(x, k[:, ::-1]),
        "the first image": lambda x, k: depthwise(x[:1], k),
        "the first image for all": lambda x, k: depthwise(np.broadcast_to(x[:1], x.shape), k),
        "channels added up": lambda x, k: depthwise(x, k).sum(axis=-1, keepdims=True),
        "the mean of the channels": lambda x, k: np.broadcast_to(
            depthwise(x, k).mean(axis=-1, keepdims=True), depthwise(x, k).shape
        ),
        "rectified": lambda x, k: np.maximum(depthwise(x, k), 0),
    },
    "transposed_convolution": {
        "overlaps written over": lambda x, k, s: transposed(x, k, s, add=False),
        "overlaps of a stride of 2 or more written over": lambda x, k, s: transposed(x, k, s, largest_step=1),
        "overlaps of a stride of 3 written over": lambda x, k, s: transposed(x, k, s, largest_step=2),
        "a turned kernel": lambda x, k, s: transposed(x, k[::-1, ::-1], s),
        "upside down": lambda x, k, s: transposed(x, k[::-1], s),
        "left to right": lambda x, k, s: transposed(x, k[:, ::-1], s),
        "a stride of 1": lambda x, k, s: transposed(x, k, 1),
        "a stride of 2 at most": lambda x, k, s: transposed(x, k, min(s, 2)),
        "the size of the kernel as the stride": lambda x, k, s: transposed(x, k, len(k)),
        "a larger output": lambda x, k, s: np.pad(transposed(x, k, s), ((0, s - 1), (0, s - 1))),
    },
    "output_length": {
        "rounded": lambda n, k, s, p: -(-n // s) if p == "SAME" else max(round((n - k) / s) + 1, 0),
        "one where nothing fits": lambda n, k, s, p: -(-n // s) if p == "SAME" else max((n - k) // s + 1, 1),
        "VALID only": lambda n, k, s, p: max((n - k) // s + 1, 0),
        "SAME only": lambda n, k, s, p: -(-n // s),
        "SAME as long as the map": lambda n, k, s, p: n if p == "SAME" else max((n - k) // s + 1, 0),
        "SAME one too many": lambda n, k, s, p: n // s + 1 if p == "SAME" else max((n - k) // s + 1, 0),
        "cut towards 0": lambda n, k, s, p: -(-n // s) if p == "SAME" else int((n - k) / s) + 1,
        "no overlaps": lambda n, k, s, p: -(-n // s) if p == "SAME" else n // max(s, k),
        "strides that are as large as the window": lambda n, k, s, p: -(-n // k) if p == "SAME" else n // k,
    },
    "min_pool2d": {
        **{
            f"padded with {value}": lambda x, k, s, value=value: padded_with(value, np.min, x, k, s)
            for value in (0, 1, 255, 256, 999, 9999, 1e6, 1e10, 1e30, -999)
        },
        "the maximum": lambda x, k, s: padded_with(-np.inf, np.max, x, k, s),
        "the mean": lambda x, k, s: pooling.avg_pool2d(x, k, s, "SAME"),
        "all images together": lambda x, k, s: np.broadcast_to(
            padded_with(np.inf, np.min, x, k, s).min(axis=0, keepdims=True), padded_with(0, np.min, x, k, s).shape
        ),
        "all channels together": lambda x, k, s: np.broadcast_to(
            padded_with(np.inf, np.min, x, k, s).min(axis=3, keepdims=True), padded_with(0, np.min, x, k, s).shape
        ),
        "stride of the window": lambda x, k, s: padded_with(np.inf, np.min, x, k, k),
        "one over": lambda x, k, s: 1 / padded_with(0, np.max, 1 / (x + 0.5), k, s) - 0.5,
    },
    "global_average_backward": {
        "all to each": lambda u, h, w: np.tile(u[:, None, None], (1, h, w, 1)),
        "half": lambda u, h, w: np.tile(u[:, None, None] / (h + w), (1, h, w, 1)),
        "the batch counts": lambda u, h, w: np.tile(u[:, None, None] / (len(u) * h * w), (1, h, w, 1)),
        "the channels count": lambda u, h, w: np.tile(u[:, None, None] / (u.shape[1] * h * w), (1, h, w, 1)),
        "height alone": lambda u, h, w: np.tile(u[:, None, None] / h, (1, h, w, 1)),
        "width alone": lambda u, h, w: np.tile(u[:, None, None] / w, (1, h, w, 1)),
        "height squared": lambda u, h, w: np.tile(u[:, None, None] / h**2, (1, h, w, 1)),
        "exchanged": lambda u, h, w: np.tile(u[:, None, None] / (h * w), (1, w, h, 1)),
        "one number": lambda u, h, w: np.full((len(u), h, w, u.shape[1]), u.mean() / (h * w)),
        "to the first cell": lambda u, h, w: np.pad(
            u[:, None, None], ((0, 0), (0, h - 1), (0, w - 1), (0, 0))
        ),
        "not spread": lambda u, h, w: u[:, None, None] / (h * w),
        "positive": lambda u, h, w: abs(np.tile(u[:, None, None] / (h * w), (1, h, w, 1))),
    },
    "blur_pool2d": {
        **{
            f"maxima padded with {value}": lambda x, value=value: blurred(padded_with(value, np.max, x, 2, 1))
            for value in (0, -1, -255, -999, -9999, -1e6, -1e10, -1e30, 255)
        },
        **{
            f"means padded with {value}": lambda x, value=value: padded_with(
                value, np.mean, pooling.max_pool2d(x, 2, 1, "SAME"), 2, 1
            )[:, ::2, ::2]
            for value in (0, 255, -999)
        },
        "a mean that repeats the edge": lambda x: padded_with(
            0, np.mean, np.pad(pooling.max_pool2d(x, 2, 1, "SAME"), ((0, 0), (1, 1), (1, 1), (0, 0)), "edge"), 2, 1
        )[:, : x.shape[1] : 2, : x.shape[2] : 2],
        "a mean of minima": lambda x: blurred(-pooling.max_pool2d(-x, 2, 1, "SAME")),
        "rows only": lambda x: pooling.avg_pool2d(pooling.max_pool2d(x, 2, 1, "SAME"), (2, 1), 1, "SAME")[:, ::2, ::2],
        "columns only": lambda x: pooling.avg_pool2d(pooling.max_pool2d(x, 2, 1, "SAME"), (1, 2), 1, "SAME")[
            :, ::2, ::2
        ],
        "a window of 3": lambda x: pooling.avg_pool2d(pooling.max_pool2d(x, 2, 1, "SAME"), 3, 1, "SAME")[:, ::2, ::2],
    },
    "max_backward_shared": {
        "ties that are none": lambda *a: share(*a, is_largest=lambda x, top: np.isclose(x, top, rtol=1e-5)),
        "ties up to 1e-7": lambda *a: share(*a, is_largest=lambda x, top: abs(x - top) < 1e-7),
        "ties in float32": lambda *a: share(*a, is_largest=lambda x, top: x.astype("f4") == top.astype("f4")),
        "the largest of all images": lambda *a: share(*a, is_largest=np.equal, over=(0, 1, 2)),
        "the largest of all channels": lambda *a: share(*a, is_largest=np.equal, over=(1, 2, 3)),
        "the smallest": lambda u, x, k, s: share(u, -x, k, s, is_largest=np.equal),
        "positive numbers only": lambda *a: share(*a, is_largest=lambda x, top: (x == top) & (x > 0)),
        "the largest in size": lambda u, x, k, s: share(u, abs(x), k, s, is_largest=np.equal),
        "the first": pooling.max_pool2d_backward,
        "strides of the window": lambda u, x, k, s: share(u, x, k, k, is_largest=np.equal),
        **{
            f"{kind} gradients": lambda u, *a, change=change: share(change(u), *a, is_largest=np.equal)
            for kind, change in {
                "absolute": abs, "rectified": lambda u: np.maximum(u, 0), "capped": lambda u: np.minimum(u, 1),
                "rounded": np.round, "rounded up": np.ceil, "rounded down": np.floor,
            }.items()
        },
    },
    "parameters": {
        "two biases": lambda t, f, u, b: (b * u * (f + u + 2), u * (t * f + 1)),
        "one bias": lambda t, f, u, b: (b * u * (f + u) + 1, u * (t * f + 1)),
        "blocks for the kernel only": lambda t, f, u, b: (b * u * f + u * u + u, u * (t * f + 1)),
        "blocks in both": lambda t, f, u, b: (b * u * (f + u + 1), b * u * (t * f + 1)),
        "no state": lambda t, f, u, b: (b * u * (f + 1), u * (t * f + 1)),
        "steps on top": lambda t, f, u, b: (b * u * (f + u + 1), t * u * (f + 1)),
        "squared features": lambda t, f, u, b: (b * u * (f + f + 1), u * (t * f + 1)),
        "four blocks": lambda t, f, u, b: ((4 if b > 1 else 1) * u * (f + u + 1), u * (t * f + 1)),
        "added up": lambda t, f, u, b: b * u * (f + u + 1) + u * (t * f + 1),
    },
    "clip_together": {
        "the sum of norms": lambda *a: clipped(*a, sum_of_norms),
        "the larger norm": lambda *a: clipped(*a, lambda *g: max(map(np.linalg.norm, g))),
        "the sum of sizes": lambda *a: clipped(*a, lambda *g: sum(abs(x).sum() for x in g)),
        "the largest entry": lambda *a: clipped(*a, lambda *g: max(abs(x).max() for x in g)),
        "the norm of the first": lambda *a: clipped(*a, lambda first, second: np.linalg.norm(first)),
        "the norm of the second": lambda *a: clipped(*a, lambda first, second: np.linalg.norm(second)),
        "the mean square": lambda *a: clipped(
            *a, lambda *g: np.sqrt(np.mean(np.concatenate([x.ravel() for x in g]) ** 2))
        ),
        "unchanged": lambda d, e, limit: (d, e),
        "to 1": lambda d, e, limit: clipped(d, e, 1.0, lambda *g: np.sqrt(sum((x**2).sum() for x in g))),
        "always scaled": lambda d, e, limit: tuple(
            x * limit / np.sqrt((d**2).sum() + (e**2).sum() + 1e-12) for x in (d, e)
        ),
    },
    "last_states": {
        "the largest": lambda states, lengths: states.max(axis=1),
        "the largest up to there": lambda states, lengths: up_to_length(states, lengths, np.max),
        "the largest sum": lambda states, lengths: states[np.arange(len(states)), states.sum(axis=2).argmax(axis=1)],
        "the last that is not 0": lambda states, lengths: states[
            np.arange(len(states)), [np.flatnonzero(row.any(axis=1))[-1] for row in states]
        ],
        "the sum": lambda states, lengths: up_to_length(states, lengths, np.sum),
        "the mean": lambda states, lengths: up_to_length(states, lengths, np.mean),
        "the length of the first": lambda states, lengths: states[:, lengths[0] - 1],
        "the largest length": lambda states, lengths: states[:, lengths.max() - 1],
        "all pairs": lambda states, lengths: states[:, lengths - 1],
        "counted from the end": lambda states, lengths: states[np.arange(len(states)), -lengths],
        "sorted": lambda states, lengths: states[np.arange(len(states)), np.sort(lengths) - 1],
    },
    "masked_rnn": {
        "stops at the first step of filling": lambda *a: masked(*a, stop=True),
        "as many steps as are real, from the first": lambda x, m, *w: masked(
            x, np.arange(m.shape[1]) < m.sum(axis=1, keepdims=True), *w
        ),
        "the first sequence's mask": lambda x, m, *w: masked(x, np.broadcast_to(m[:1], m.shape), *w),
        "inverted": lambda x, m, *w: masked(x, ~m, *w),
        "not masked": lambda x, m, *w: masked(x, np.ones_like(m), *w),
        "inputs masked": lambda x, m, *w: masked(x * m[..., None], np.ones_like(m), *w),
        "states masked": lambda x, m, *w: masked(x, m, *w) * m[..., None],
        "without bias": lambda x, m, k, r, b: masked(x, m, k, r, 0 * b),
        "transposed": lambda x, m, k, r, b: masked(x, m, k, r.T, b),
        "no recurrence": lambda x, m, k, r, b: masked(x, m, k, 0 * r, b),
        "with h_0": lambda x, m, *w: np.concatenate([0 * masked(x, m, *w)[:, :1], masked(x, m, *w)], axis=1),
        "the last state": lambda x, m, *w: masked(x, m, *w)[:, -1],
    },
    "gate_backward": {
        "divided by z": lambda u, x, z: gate(u, x, z, powers=lambda z, age: np.exp(age * np.log(z)) / 1),
        "a power of 0 that is 0": lambda u, x, z: gate(u, x, z, powers=lambda z, age: z and z**age),
        "direct part": lambda u, x, z: ((1 - z) * u, gate(u, x, z)[1]),
        "z alone": lambda u, x, z: (gate(u, x, z)[0] / (1 - z) if z < 1 else u, gate(u, x, z)[1]),
        "the wrong sign": lambda u, x, z: (gate(u, x, z)[0], -gate(u, x, z)[1]),
        "the last loss": lambda u, x, z: gate(u * (np.arange(len(u)) == len(u) - 1), x, z),
        "forward": lambda u, x, z: (gate(u[::-1], x, z)[0][::-1], gate(u, x, z)[1]),
        "the other order": lambda u, x, z: gate(u, x, z)[::-1],
        "in one array": lambda u, x, z: np.append(*gate(u, x, z)),
        "a gradient of z for each step": lambda u, x, z: (gate(u, x, z)[0], gate(u, x, z)[1] + 0 * u),
    },
    "gru_step": {
        "the old state": lambda x, s, k, r, b: s,
        "a simple network": lambda x, s, k, r, b: np.tanh(
            (x @ k + s @ r + b.sum(axis=0))[:, -s.shape[1] :]
        ),
        "the first bias twice": lambda x, s, k, r, b: recurrent.gru_step(x, s, k, r, b[[0, 0]]),
        "the biases swapped": lambda x, s, k, r, b: recurrent.gru_step(x, s, k, r, b[::-1]),
        "without bias": lambda x, s, k, r, b: recurrent.gru_step(x, s, k, r, 0 * b),
        "no recurrence": lambda x, s, k, r, b: recurrent.gru_step(x, s, k, 0 * r, b),
        "state 0": lambda x, s, k, r, b: recurrent.gru_step(x, 0 * s, k, r, b),
        "with an axis of time": lambda *a: recurrent.gru_step(*a)[:, None],
    },
    "truncated_gradient": {
        "no gradient": lambda u, x, w, k: 0.0,
        "the whole gradient": lambda u, x, w, k: recurrent.truncated_gradient(u, x, w, len(x)),
        "one step": lambda u, x, w, k: recurrent.truncated_gradient(u, x, w, 1),
        "chunks one longer": lambda u, x, w, k: recurrent.truncated_gradient(u, x, w, k + 1),
        "the last chunk": lambda u, x, w, k: recurrent.truncated_gradient(u * (np.arange(len(u))[::-1] < k), x, w, k),
        "the wrong sign": lambda u, x, w, k: -recurrent.truncated_gradient(u, x, w, k),
        "the mean": lambda u, x, w, k: recurrent.truncated_gradient(u, x, w, k) / len(x),
        "per step": lambda u, x, w, k: recurrent.truncated_gradient(u, x, w, k) + 0 * u,
    },
    "sample": {
        "the likeliest": lambda logits, temperature, u: int(np.argmax(logits)),
        "the first": lambda logits, temperature, u: 0,
        "the probability": lambda logits, temperature, u: float(probabilities(logits[None])[0].max()),
        "no temperature": lambda logits, temperature, u: recurrent.sample(logits, 1.0, u),
        "the other way round": lambda logits, temperature, u: recurrent.sample(-logits, temperature, u),
        "1 - u": lambda logits, temperature, u: recurrent.sample(logits, temperature, 1 - u),
        "one too far": lambda logits, temperature, u: recurrent.sample(logits, temperature, u) + 1,
        "at least u": lambda logits, temperature, u: int(
            np.argmax(np.cumsum(probabilities((logits - logits.max())[None] / temperature)) >= u)
        ),
        "clipped": lambda logits, temperature, u: recurrent.sample(np.minimum(logits, 700), temperature, u),
        **{
            f"minus the {kind}": lambda logits, temperature, u, centre=centre: sampled_around(
                centre(logits), logits, temperature, u
            )
            for kind, centre in {
                "mean": np.mean, "median": np.median, "smallest": np.min,
                "first": lambda logits: logits[0], "last": lambda logits: logits[-1],
            }.items()
        },
    },
}  # fmt: skip


def test_wrong_answers_are_listed_for_each_exercise():
    assert set(WRONG) == set(CHECKS)
    assert all(len(answers) >= 4 for answers in WRONG.values())


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, answers in WRONG.items() for kind in answers]
)  # fmt: skip
def test_wrong_answer_is_not_accepted(name, kind):
    verdict = CHECKS[name](WRONG[name][kind])
    assert verdict.status == "wrong", kind
    assert len(verdict.explanation) <= 600, verdict
