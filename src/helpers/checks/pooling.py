"""Checks of the exercises of the lesson on pooling.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

from itertools import product

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient

LARGE = 1e37
"""Larger than what a map may be padded with by hand, such as 255 or 1e10; sums of four still fit in float32."""


def output_length(function):
    """Check ``output_length(length, ksize, strides, padding)`` by listing the windows."""

    def expected(length, ksize, strides, padding):
        firsts = range(0, length, strides)
        return len([first for first in firsts if padding == "SAME" or first + ksize <= length])

    def altered(same, valid):
        def count(length, ksize, strides, padding):
            if padding == "SAME":
                return same(length, strides)
            return valid(length, ksize, strides)

        return count

    def right_same(length, strides):
        return expected(length, 1, strides, "SAME")

    def right_valid(length, ksize, strides):
        return expected(length, ksize, strides, "VALID")

    sizes = product((1, 2, 3, 7, 10), (1, 2, 3, 4), (1, 2, 3), ("VALID", "SAME"))
    return judge(
        function,
        expected,
        [*sizes, (1000, 7, 13, "VALID"), (1000, 7, 13, "SAME")],
        mistakes={
            "with SAME, the division is rounded up": altered(lambda length, strides: length // strides, right_valid),
            "with VALID, add 1 for the window that stands at the beginning": altered(
                right_same, lambda length, k, s: max((length - k) // s, 0)
            ),
            "where no window fits, there are 0": altered(right_same, lambda length, k, s: (length - k) // s + 1),
            "with VALID, the division is rounded down: a window must lie wholly inside": altered(
                right_same, lambda length, k, s: max(-((k - length) // s) + 1, 0)
            ),
            "this does not look at the padding: it is always that of VALID": (
                lambda n, k, s, padding: right_valid(n, k, s)
            ),
        },
    )


def _maps(batch, height, width, channels):
    """Return maps without ties, with numbers of both signs that are short to print."""
    size = batch * height * width * channels
    numbers = np.random.default_rng(size).permutation(size) - size // 2
    return numbers.reshape(batch, height, width, channels).astype(float)


def _with_margins(images, ksize, strides, value):
    """Return the images with the margins of SAME, filled with a value."""
    margins = []
    for length in images.shape[1:3]:
        total = max((-(-length // strides) - 1) * strides + ksize - length, 0)
        margins.append((total // 2, total - total // 2))
    return np.pad(images, [(0, 0), *margins, (0, 0)], constant_values=value)


def _windows(images, ksize, strides):
    """Return all windows that lie inside the images, their cells on the last two axes."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (ksize, ksize), axis=(1, 2))
    return windows[:, ::strides, ::strides]


def min_pool2d(function):
    """Check ``min_pool2d(images, ksize, strides)`` by padding with infinity and listing all windows."""

    def expected(images, ksize, strides):
        padded = _with_margins(images, ksize, strides, np.inf)
        return _windows(padded, ksize, strides).min(axis=(4, 5))

    def maximum(images, ksize, strides):
        return -expected(-images, ksize, strides)

    def with_zeros(images, ksize, strides):
        padded = _with_margins(images, ksize, strides, 0)
        return _windows(padded, ksize, strides).min(axis=(4, 5))

    sizes = (
        ((1, 1, 1, 1), 1, 1), ((1, 2, 2, 1), 2, 2), ((2, 2, 2, 1), 2, 2), ((1, 3, 2, 1), 2, 2), ((1, 2, 3, 2), 2, 2),
        ((1, 1, 1, 1), 3, 1), ((1, 4, 4, 1), 3, 1), ((1, 4, 5, 2), 2, 3), ((2, 7, 6, 3), 3, 2),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [
            *(
                (images, ksize, strides)
                for shape, ksize, strides in sizes
                for images in (abs(_maps(*shape)), _maps(*shape))
            ),
            *((_maps(*shape) * 0 + LARGE, *window) for shape, *window in sizes),
        ],
        mistakes={
            "this is the maximum": maximum,
            "this is the maximum of the negative numbers: turn the sign of the result, too": (
                lambda images, ksize, strides: -expected(images, ksize, strides)
            ),
            "the sign of the images is not turned": (lambda images, ksize, strides: -maximum(images, ksize, strides)),
            "the margin is filled with 0, which is less than a positive number": with_zeros,
            "this is without padding": (
                lambda images, ksize, strides: _windows(images, ksize, strides).min(axis=(4, 5))
            ),
        },
    )


def global_average_backward(function):
    """Check ``global_average_backward(upstream, height, width)`` by finite differences."""

    def expected(upstream, height, width):
        images = np.zeros((len(upstream), height, width, upstream.shape[1]))
        return numerical_gradient(lambda images: (upstream * images.mean(axis=(1, 2))).sum(), images)

    def times(factor):
        return lambda upstream, height, width: factor(upstream, height, width) * expected(upstream, height, width)

    sizes = (
        (1, 1, 1, 1), (1, 1, 2, 1), (1, 2, 1, 1), (2, 1, 2, 1), (1, 2, 1, 2), (1, 2, 2, 1), (1, 2, 3, 1), (3, 4, 2, 2),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [
            (
                # Numbers of both signs: 1, -2, 3, and so on.
                np.reshape(
                    [n * (-1.0) ** (n + 1) for n in range(1, batch * channels + 1)],
                    (batch, channels),
                ),
                height,
                width,
            )
            for batch, height, width, channels in sizes
        ],
        mistakes={
            "each cell gets its share only: divide by the number of cells": times(
                lambda upstream, height, width: height * width
            ),
            "this divides by the height alone": times(lambda upstream, height, width: width),
            "this divides by the width alone": times(lambda upstream, height, width: height),
            "this divides by the number of images, too": times(lambda upstream, height, width: 1 / len(upstream)),
            "this exchanges height and width": (lambda upstream, height, width: expected(upstream, width, height)),
        },
    )


def blur_pool2d(function):
    """Check ``blur_pool2d(images)`` by listing the windows of the maximum under each window of the mean."""

    def at_each_cell(images):
        """Return the mean of the maxima at the places that begin at each row and each column."""
        height, width = images.shape[1:3]
        blurred = np.empty(images.shape)
        for i, j in np.ndindex(height, width):
            maxima = [
                images[:, r : r + 2, q : q + 2].max(axis=(1, 2))
                for r in range(i, min(i + 2, height))
                for q in range(j, min(j + 2, width))
            ]
            blurred[:, i, j] = np.mean(maxima, axis=0)
        return blurred

    def expected(images):
        return at_each_cell(images)[:, ::2, ::2]

    def maximum_alone(images):
        padded = _with_margins(images, 2, 2, -np.inf)
        return _windows(padded, 2, 2).max(axis=(4, 5))

    def margin_counts(images):
        padded = _with_margins(images, 2, 1, -np.inf)
        maxima = _windows(padded, 2, 1).max(axis=(4, 5))
        return _windows(_with_margins(maxima, 2, 1, 0), 2, 1).mean(axis=(4, 5))[:, ::2, ::2]

    shapes = (
        (1, 1, 1, 1), (1, 2, 2, 1), (2, 2, 1, 1), (1, 1, 2, 2), (1, 3, 2, 1), (1, 4, 4, 1), (1, 5, 4, 2), (2, 7, 6, 3),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [
            *((images,) for shape in shapes for images in (abs(_maps(*shape)), _maps(*shape))),
            *((_maps(*shape) * 0 - LARGE,) for shape in shapes),
        ],
        mistakes={
            "this is the maximum with stride 2, without the blur": maximum_alone,
            "this is not sampled: take every second row and every second column": (at_each_cell),
            "this begins with the second row and column, not with the first": (
                lambda images: at_each_cell(images)[:, 1::2, 1::2]
            ),
            "in the mean, cells beyond the edge do not count": margin_counts,
        },
    )


def max_backward_shared(function):
    """Check ``max_backward_shared(upstream, images, ksize, strides)`` by the two one-sided slopes of the maximum.

    In a window, the slope to the right is 1 for each of the largest cells, so that the share is 1 over their number.
    """

    def with_shares(shares, overlaps=np.add):
        """Return a backward pass; `shares` gives the weights of a window's largest cells by their number."""

        def backward(upstream, images, ksize, strides):
            gradient = np.zeros(images.shape)
            for n, i, j, c in np.ndindex(upstream.shape):
                rows = range(i * strides, i * strides + ksize)
                columns = range(j * strides, j * strides + ksize)
                top = max(images[n, r, q, c] for r in rows for q in columns)
                largest = [(r, q) for r in rows for q in columns if images[n, r, q, c] == top]
                for (r, q), share in zip(largest, shares(len(largest)), strict=True):
                    gradient[n, r, q, c] = overlaps(gradient[n, r, q, c], share * upstream[n, i, j, c])
            return gradient

        return backward

    def equal(count):
        return [1 / count] * count

    expected = with_shares(equal)

    def case(images, ksize, strides):
        counts = [(length - ksize) // strides + 1 for length in images.shape[1:3]]
        shape = (len(images), *counts, images.shape[3])
        upstream = np.arange(1.0, np.prod(shape) + 1)
        upstream[1::2] *= -1.25  # Numbers of both signs, not all of them whole.
        return upstream.reshape(shape), images, ksize, strides

    def square(*numbers):
        return np.array(numbers, dtype=float).reshape(1, 2, 2, 1)

    few_values = np.random.default_rng(0).integers(-2, 1, (2, 5, 6, 2)).astype(float)
    return judge(
        function,
        expected,
        [
            case(np.zeros((1, 1, 1, 1)), 1, 1),
            case(_maps(1, 2, 2, 1), 2, 2),
            case(square(-1, -2, -3, -4), 2, 2),
            case(np.zeros((1, 2, 2, 1)), 2, 2),
            case(square(5, 1, 1, 5), 2, 2),
            case(square(1, 1 + 1e-9, 0, 0), 2, 2),
            case(np.zeros((1, 2, 3, 1)), 2, 1),
            case(np.array([[1.0, 1], [1, 2]]).reshape(2, 1, 1, 2), 1, 1),
            case(np.arange(16.0).reshape(2, 2, 2, 2) // 4, 2, 2),
            case(_maps(1, 4, 4, 2), 2, 2),
            case(few_values, 2, 2),
            case(few_values, 2, 3),
            case(few_values, 3, 1),
        ],
        mistakes={
            "all goes to the first of the largest cells": with_shares(lambda count: [1] + [0] * (count - 1)),
            "each of the largest cells gets all: divide by their number": with_shares(lambda count: [1] * count),
            "where windows overlap, add what a cell gets from each": with_shares(
                equal, overlaps=lambda before, new: new
            ),
            "a cell that is only nearly the largest gets nothing: compare with ==": lambda upstream, images, *window: (
                expected(upstream, images.round(5), *window)
            ),
        },
    )
