"""Checks of the exercises of the lesson on convolution.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

from itertools import product

import numpy as np

from helpers.checks import judge
from helpers.convolution import conv2d, conv2d_backward


def _numbers(*shape):
    """Return whole numbers from 1 to 9, the same ones for the same shape."""
    return np.random.default_rng(shape).integers(1, 10, size=shape).astype(float)


def shift_kernel(function):
    """Check ``shift_kernel(down, right)`` by moving the single 1 of a kernel that changes nothing."""

    def expected(down, right):
        identity = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
        return np.roll(identity, (-down, -right), axis=(0, 1))

    steps = sorted(product((0, 1, -1), repeat=2), key=lambda step: sum(map(abs, step)))
    return judge(
        function, expected, [{"down": down, "right": right} for down, right in steps]
    )


def receptive_field(function):
    """Check ``receptive_field(kernel_sizes, strides)`` by going back from one output, layer by layer."""

    def expected(kernel_sizes, strides):
        side = 1
        for size, stride in zip(kernel_sizes[::-1], strides[::-1], strict=True):
            side = (side - 1) * stride + size
        return side

    networks = (
        ([1], [1]), ([3], [1]), ([3], [2]), ([3, 3], [1, 1]), ([3, 3], [2, 1]),
        ([3, 5], [3, 2]), ([5, 3, 3], [3, 2, 1]),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [{"kernel_sizes": sizes, "strides": strides} for sizes, strides in networks],
    )


def true_convolution(function):
    """Check ``true_convolution(image, kernel)`` by a product of Fourier transforms."""

    def expected(image, kernel):
        size = np.add(image.shape, kernel.shape) - 1
        return np.fft.irfft2(
            np.fft.rfft2(image, size) * np.fft.rfft2(kernel, size), size
        )

    shapes = (
        ((1, 1), (1, 1)),
        ((1, 3), (1, 2)),
        ((2, 2), (2, 2)),
        ((4, 3), (2, 3)),
        ((5, 6), (3, 3)),
    )
    return judge(
        function,
        expected,
        [{"image": _numbers(*a), "kernel": _numbers(*b)} for a, b in shapes],
    )


def depthwise(function):
    """Check ``depthwise(images, kernels)`` by an ordinary convolution whose filters do not mix the channels."""

    def expected(images, kernels):
        return conv2d(images, kernels[..., np.newaxis] * np.eye(kernels.shape[2]))

    shapes = (
        ((1, 1, 1, 1), (1, 1, 1)), ((1, 1, 2, 2), (1, 1, 2)), ((1, 3, 3, 1), (2, 2, 1)), ((1, 3, 4, 2), (2, 3, 2)),
        ((3, 5, 4, 3), (3, 2, 3)),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [{"images": _numbers(*a), "kernels": _numbers(*b)} for a, b in shapes],
    )


def transposed_convolution(function):
    """Check ``transposed_convolution(image, kernel, stride)`` by the gradient of the image in a convolution."""

    def expected(image, kernel, stride):
        enlarged = np.zeros(
            (1, *(stride * (np.array(image.shape) - 1) + kernel.shape), 1)
        )
        gradient, _ = conv2d_backward(
            image[None, :, :, None], enlarged, kernel[:, :, None, None], stride
        )
        return gradient[0, :, :, 0]

    shapes = (
        ((1, 1), (1, 1), 1),
        ((1, 1), (2, 2), 2),
        ((1, 2), (1, 2), 1),
        ((2, 2), (1, 1), 2),
        ((2, 2), (2, 3), 1),
    )
    larger = (((2, 2), (2, 2), 2), ((3, 4), (3, 2), 3))
    cases = [
        {"image": _numbers(*a), "kernel": _numbers(*b), "stride": s}
        for a, b, s in (*shapes, *larger)
    ]
    return judge(function, expected, cases)
