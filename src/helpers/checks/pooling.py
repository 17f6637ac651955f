"""Checks of the exercises of the lesson on pooling.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

from itertools import product

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient


def output_length(function):
    """Check ``output_length(length, ksize, strides, padding)`` by listing the windows."""

    def expected(length, ksize, strides, padding):
        firsts = range(0, length, strides)
        return len(
            [first for first in firsts if padding == "SAME" or first + ksize <= length]
        )

    sizes = product((1, 2, 3, 7, 10), (1, 2, 3, 4), (1, 2, 3), ("VALID", "SAME"))
    return judge(
        function,
        expected,
        [
            dict(zip(("length", "ksize", "strides", "padding"), s, strict=True))
            for s in sizes
        ],
    )


def _maps(batch, height, width, channels):
    """Return maps without ties, with numbers of both signs that are short to print."""
    size = batch * height * width * channels
    numbers = np.random.default_rng(size).permutation(size) - size // 2
    return numbers.reshape(batch, height, width, channels).astype(float)


def min_pool2d(function):
    """Check ``min_pool2d(images, ksize, strides)`` by padding with infinity and listing all windows."""

    def expected(images, ksize, strides):
        counts = [-(-length // strides) for length in images.shape[1:3]]
        ends = [
            max((count - 1) * strides + ksize - length, 0)
            for count, length in zip(counts, images.shape[1:3], strict=True)
        ]
        margins = [(end // 2, end - end // 2) for end in ends]
        padded = np.pad(images, [(0, 0), *margins, (0, 0)], constant_values=np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(
            padded, (ksize, ksize), axis=(1, 2)
        )
        return windows[:, ::strides, ::strides].min(axis=(4, 5))

    sizes = (
        ((1, 1, 1, 1), 1, 1),
        ((1, 2, 2, 1), 2, 2),
        ((1, 3, 2, 1), 2, 2),
        ((1, 4, 4, 1), 3, 1),
        ((1, 4, 5, 2), 2, 3),
        ((2, 7, 6, 3), 3, 2),
    )
    return judge(
        function,
        expected,
        [
            {"images": images, "ksize": k, "strides": s}
            for shape, k, s in sizes
            for images in (abs(_maps(*shape)), _maps(*shape))
        ],
    )


def global_average_backward(function):
    """Check ``global_average_backward(upstream, height, width)`` by finite differences."""

    def expected(upstream, height, width):
        images = np.zeros((len(upstream), height, width, upstream.shape[1]))
        return numerical_gradient(
            lambda images: (upstream * images.mean(axis=(1, 2))).sum(), images
        )

    sizes = ((1, 1, 1, 1), (1, 2, 2, 1), (1, 2, 3, 1), (1, 2, 2, 2), (3, 4, 2, 2))
    return judge(
        function,
        expected,
        [
            {
                "upstream": np.arange(1.0, batch * channels + 1).reshape(
                    batch, channels
                ),
                "height": height,
                "width": width,
            }
            for batch, height, width, channels in sizes
        ],
    )


def blur_pool2d(function):
    """Check ``blur_pool2d(images)`` by listing the windows of the maximum under each window of the mean."""

    def expected(images):
        batch, height, width, channels = images.shape
        blurred = np.empty((batch, -(-height // 2), -(-width // 2), channels))
        for i, j in np.ndindex(blurred.shape[1:3]):
            maxima = [
                images[:, r : r + 2, q : q + 2].max(axis=(1, 2))
                for r in range(2 * i, min(2 * i + 2, height))
                for q in range(2 * j, min(2 * j + 2, width))
            ]
            blurred[:, i, j] = np.mean(maxima, axis=0)
        return blurred

    shapes = (
        (1, 1, 1, 1),
        (1, 2, 2, 1),
        (1, 3, 2, 1),
        (1, 4, 4, 1),
        (1, 5, 4, 2),
        (2, 7, 6, 3),
    )
    return judge(
        function,
        expected,
        [
            {"images": images}
            for shape in shapes
            for images in (abs(_maps(*shape)), _maps(*shape))
        ],
    )


def max_backward_shared(function):
    """Check ``max_backward_shared(upstream, images, ksize, strides)`` by the two one-sided slopes of the maximum.

    In a window, the slope to the right is 1 for each of the largest cells, so that the share is 1 over their number.
    """

    def expected(upstream, images, ksize, strides):
        gradient = np.zeros(images.shape)
        for n, i, j, c in np.ndindex(upstream.shape):
            rows, columns = (
                range(i * strides, i * strides + ksize),
                range(j * strides, j * strides + ksize),
            )
            top = max(images[n, r, q, c] for r in rows for q in columns)
            largest = [
                (r, q) for r in rows for q in columns if images[n, r, q, c] == top
            ]
            for r, q in largest:
                gradient[n, r, q, c] += upstream[n, i, j, c] / len(largest)
        return gradient

    def case(images, ksize, strides):
        counts = [(length - ksize) // strides + 1 for length in images.shape[1:3]]
        shape = (len(images), *counts, images.shape[3])
        upstream = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
        return {
            "upstream": upstream,
            "images": images,
            "ksize": ksize,
            "strides": strides,
        }

    few_values = np.random.default_rng(0).integers(0, 3, (2, 5, 6, 2)).astype(float)
    return judge(
        function,
        expected,
        [
            case(np.zeros((1, 1, 1, 1)), 1, 1),
            case(_maps(1, 2, 2, 1), 2, 2),
            case(np.zeros((1, 2, 2, 1)), 2, 2),
            case(np.array([[5.0, 1], [1, 5]]).reshape(1, 2, 2, 1), 2, 2),
            case(np.zeros((1, 3, 3, 1)), 2, 1),
            case(_maps(1, 4, 4, 2), 2, 2),
            case(few_values, 2, 2),
            case(few_values, 3, 1),
        ],
    )
