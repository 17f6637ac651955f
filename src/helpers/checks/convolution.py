"""Checks of the exercises of the lesson on convolution.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

from itertools import product

import numpy as np

from helpers.checks import judge
from helpers.convolution import conv2d, conv2d_backward


def _numbers(*shape):
    """Return whole numbers from -9 to 9 without 0, the same ones for the same shape, the first of them positive."""
    rng = np.random.default_rng(shape)
    numbers = rng.integers(1, 10, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    numbers.flat[0] = abs(numbers.flat[0])
    return numbers


def shift_kernel(function):
    """Check ``shift_kernel(down, right)`` by moving the single 1 of a kernel that changes nothing."""

    def expected(down, right):
        identity = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
        return np.roll(identity, (-down, -right), axis=(0, 1))

    return judge(
        function,
        expected,
        sorted(product((0, 1, -1), repeat=2), key=lambda step: sum(map(abs, step))),
        mistakes={
            "this moves the image the other way": (lambda down, right: expected(-down, -right)),
            "this exchanges rows and columns": (lambda down, right: expected(right, down)),
            "this moves the image the other way along the rows": (lambda down, right: expected(-down, right)),
            "this moves the image the other way along the columns": (lambda down, right: expected(down, -right)),
        },
    )


def receptive_field(function):
    """Check ``receptive_field(kernel_sizes, strides)`` by going back from one output, layer by layer."""

    def expected(kernel_sizes, strides):
        side = 1
        for size, stride in zip(kernel_sizes[::-1], strides[::-1], strict=True):
            side = (side - 1) * stride + size
        return side

    def with_own_stride(kernel_sizes, strides):
        steps = np.cumprod(strides)
        return 1 + ((np.array(kernel_sizes) - 1) * steps).sum()

    return judge(
        function,
        expected,
        [
            ([1], [1]), ([3], [1]), ([2], [1]), ([3], [2]), ([3, 3], [1, 1]), ([2, 2], [1, 1]), ([3, 3], [2, 1]),
            ([2, 3], [2, 1]), ([3, 5], [3, 2]), ([4, 2, 6], [2, 2, 1]), ([5, 3, 3], [3, 2, 1]),
            ([7, 3, 3, 2, 5], [2, 2, 1, 2, 3]),
        ],
        mistakes={
            "this leaves the strides out: behind a stride of 2, neighbours are 2 pixels apart": (
                lambda kernel_sizes, strides: expected(kernel_sizes, [1] * len(strides))
            ),
            "the stride of a layer acts on the layers behind it, not on its own kernel": (
                with_own_stride
            ),
            "the kernels of two layers overlap: each adds its size less 1": (
                lambda kernel_sizes, strides: sum(kernel_sizes)
            ),
            "this begins with the last layer": (
                lambda kernel_sizes, strides: expected(kernel_sizes[::-1], strides[::-1])
            ),
        },
    )  # fmt: skip


def true_convolution(function):
    """Check ``true_convolution(image, kernel)`` by a product of Fourier transforms."""

    def expected(image, kernel):
        size = np.add(image.shape, kernel.shape) - 1
        return np.fft.irfft2(np.fft.rfft2(image, size) * np.fft.rfft2(kernel, size), size)

    def inside(image, kernel):
        """Return the part where the kernel lies wholly inside the image."""
        rows, columns = kernel.shape
        full = expected(image, kernel)
        return full[rows - 1 : image.shape[0], columns - 1 : image.shape[1]]

    def of_the_size_of_the_image(image, kernel):
        (rows, columns), (height, width) = (
            (np.array(kernel.shape) - 1) // 2,
            image.shape,
        )
        return expected(image, kernel)[rows : rows + height, columns : columns + width]

    shapes = (
        ((1, 1), (1, 1)), ((1, 2), (1, 2)), ((1, 3), (1, 2)), ((3, 1), (2, 1)), ((2, 2), (2, 2)), ((1, 2), (3, 3)),
        ((4, 3), (2, 3)), ((5, 6), (3, 3)),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [(_numbers(*a), _numbers(*b)) for a, b in shapes],
        mistakes={
            "this is the full correlation: turn the kernel upside down and left to right": (
                lambda image, kernel: expected(image, kernel[::-1, ::-1])
            ),
            "the kernel is turned upside down only": (lambda image, kernel: expected(image, kernel[:, ::-1])),
            "the kernel is turned left to right only": (lambda image, kernel: expected(image, kernel[::-1])),
            "this has only the places where the kernel lies wholly inside the image": inside,
            "this has the size of the image: a full convolution is larger": (of_the_size_of_the_image),
        },
    )


def depthwise(function):
    """Check ``depthwise(images, kernels)`` by an ordinary convolution whose filters do not mix the channels."""

    def expected(images, kernels):
        return conv2d(images, kernels[..., np.newaxis] * np.eye(kernels.shape[2]))

    shapes = (
        ((1, 1, 1, 1), (1, 1, 1)), ((1, 1, 1, 2), (1, 1, 2)), ((2, 1, 1, 1), (1, 1, 1)), ((1, 1, 2, 1), (1, 2, 1)),
        ((1, 2, 2, 1), (2, 1, 1)), ((1, 2, 2, 2), (2, 2, 2)), ((2, 2, 3, 1), (2, 2, 1)), ((1, 3, 4, 2), (2, 3, 2)),
        ((3, 5, 4, 3), (3, 2, 3)),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [(_numbers(*a), _numbers(*b)) for a, b in shapes],
        mistakes={
            "this adds the channels up: each one stays for itself": (
                lambda images, kernels: expected(images, kernels).sum(-1, keepdims=True)
            ),
            "this adds the channels up, and their axis is gone": (
                lambda images, kernels: expected(images, kernels).sum(-1)
            ),
            "this is a true convolution: the kernel is not turned here": (
                lambda images, kernels: expected(images, kernels[::-1, ::-1])
            ),
            "every channel has the kernel of the first one": (
                lambda images, kernels: expected(images, np.broadcast_to(kernels[..., :1], kernels.shape))
            ),
            "this has only the first image": (lambda images, kernels: expected(images[:1], kernels)),
        },
    )


def transposed_convolution(function):
    """Check ``transposed_convolution(image, kernel, stride)`` by the gradient of the image in a convolution."""

    def expected(image, kernel, stride):
        enlarged = np.zeros((1, *(stride * (np.array(image.shape) - 1) + kernel.shape), 1))
        gradient, _ = conv2d_backward(image[None, :, :, None], enlarged, kernel[:, :, None, None], stride)
        return gradient[0, :, :, 0]

    def written_over(image, kernel, stride):
        output = np.zeros_like(expected(image, kernel, stride))
        for (i, j), pixel in np.ndenumerate(image):
            rows = slice(i * stride, i * stride + kernel.shape[0])
            columns = slice(j * stride, j * stride + kernel.shape[1])
            output[rows, columns] = pixel * kernel
        return output

    shapes = (
        ((1, 1), (1, 1), 1), ((1, 1), (2, 2), 2), ((1, 2), (1, 1), 2), ((2, 1), (1, 1), 2), ((1, 2), (1, 2), 1),
        ((1, 2), (1, 3), 2), ((2, 1), (3, 1), 2), ((2, 2), (2, 2), 2), ((2, 2), (2, 3), 1), ((2, 2), (3, 3), 2),
        ((3, 4), (3, 2), 3), ((2, 3), (5, 4), 3),
    )  # fmt: skip
    return judge(
        function,
        expected,
        [(_numbers(*a), _numbers(*b), stride) for a, b, stride in shapes],
        mistakes={
            "the stride is not used": (lambda image, kernel, stride: expected(image, kernel, 1)),
            "where the parts of two pixels overlap, add them: this keeps the last one": (written_over),
            "the kernel is turned: each pixel is multiplied by the kernel as it is": (
                lambda image, kernel, stride: expected(image, kernel[::-1, ::-1], stride)
            ),
            "this exchanges the rows and the columns of the kernel": (
                lambda image, kernel, stride: expected(image, kernel.T, stride)
            ),
        },
    )
