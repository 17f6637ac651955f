"""The checks of lesson 3 accept right solutions that are written differently from ours, and refuse wrong ones."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from helpers.checks import convolution as check


def shift_by_condition(down, right):
    return [[float(u + down == 1 and v + right == 1) for v in range(3)] for u in range(3)]


def field_by_probing(kernel_sizes, strides):
    """Count the pixels that change the first output of layers of ones."""
    matrix = np.eye(100)
    for size, stride in zip(kernel_sizes, strides, strict=True):
        starts = range(0, len(matrix) - size + 1, stride)
        matrix = np.array([matrix[start : start + size].sum(axis=0) for start in starts])
    return np.count_nonzero(matrix[0])


def convolution_by_scipy(image, kernel):
    return signal.convolve2d(image, kernel, mode="full")


def convolution_by_stamps(image, kernel):
    output = np.zeros(np.add(image.shape, kernel.shape) - 1)
    for (i, j), value in np.ndenumerate(kernel):
        output[i : i + image.shape[0], j : j + image.shape[1]] += value * image
    return output


def depthwise_by_tensorflow(images, kernels):
    filters = tf.constant(kernels[..., np.newaxis])
    strides = [1, 1, 1, 1]
    return tf.nn.depthwise_conv2d(tf.constant(images), filters, strides, "VALID")


def depthwise_by_scipy(images, kernels):
    channels = [
        [signal.correlate2d(image[..., c], kernels[..., c], "valid") for image in images]
        for c in range(kernels.shape[2])
    ]
    return np.moveaxis(channels, 0, -1)


def transposed_by_tensorflow(image, kernel, stride):
    size = stride * (np.array(image.shape) - 1) + kernel.shape
    return tf.nn.conv2d_transpose(
        tf.constant(image[None, ..., None]),
        tf.constant(kernel[..., None, None]),
        (1, *size, 1),
        stride,
        "VALID",
    )[0, ..., 0]


def transposed_by_zeros(image, kernel, stride):
    spread = np.zeros(stride * (np.array(image.shape) - 1) + 1)
    spread[::stride, ::stride] = image
    return signal.convolve2d(spread, kernel)


@pytest.mark.parametrize(
    ("judge", "solution"),
    [
        (check.shift_kernel, shift_by_condition),
        (check.receptive_field, field_by_probing),
        (check.true_convolution, convolution_by_scipy),
        (check.true_convolution, convolution_by_stamps),
        (check.depthwise, depthwise_by_tensorflow),
        (check.depthwise, depthwise_by_scipy),
        (check.transposed_convolution, transposed_by_tensorflow),
        (check.transposed_convolution, transposed_by_zeros),
    ],
)
def test_right_solution_written_in_another_way_is_correct(judge, solution):
    assert repr(judge(solution)) == "correct"


def one_hot(u, v):
    kernel = np.zeros((3, 3))
    kernel[u, v] = 1
    return kernel


def summed(sizes, strides):
    return 1 + sum(size - 1 for size in sizes[: len(strides)])


def with_sum_of_strides(kernel_sizes, strides):
    steps = [sum(strides[:i]) or 1 for i in range(len(strides))]
    return 1 + sum((k - 1) * step for k, step in zip(kernel_sizes, steps, strict=True))


def with_power_of_stride(kernel_sizes, strides):
    return 1 + sum((k - 1) * strides[0] ** i for i, k in enumerate(kernel_sizes))


def with_own_stride(sizes, strides):
    side, step = 1, 1
    for size, stride in zip(sizes, strides, strict=True):
        step *= stride
        side += (size - 1) * step
    return side


def changes_its_argument(images, kernels):
    result = depthwise_by_scipy(images, kernels)
    images += 1
    return result


SCIPY = {"correlate": signal.correlate2d, "convolve": signal.convolve2d}


@pytest.mark.parametrize(
    ("judge", "wrong", "explanation"),
    [
        (check.shift_kernel, lambda d, r: one_hot(1 + d, 1 + r), "for down = 0, right = 1"),
        (check.shift_kernel, lambda d, r: one_hot(1 - d, 1 + r), "for down = 0, right = 1"),
        (check.shift_kernel, lambda d, r: one_hot(1 + d, 1 - r), "for down = 1, right = 0"),
        (check.shift_kernel, lambda d, r: one_hot(1 - r, 1 - d), "for down = 0, right = 1"),
        (check.shift_kernel, lambda d, r: one_hot(1 - d, 1 - abs(r)), "for down = 0, right = -1"),
        (check.shift_kernel, lambda d, r: one_hot(1 - abs(d), 1 - r), "for down = -1, right = 0"),
        (check.shift_kernel, lambda d, r: one_hot(1 - d, 1 - r) * (d * r < 1), "for down = 1, right = 1"),
        (check.receptive_field, lambda k, s: sum(k), "for kernel_sizes = [3, 3], strides = [1, 1]"),
        (check.receptive_field, summed, "for kernel_sizes = [3, 3], strides = [2, 1]"),
        (check.receptive_field, with_own_stride, "for kernel_sizes = [3], strides = [2]"),
        (check.receptive_field, with_sum_of_strides, "for kernel_sizes = [5, 3, 3]"),
        (check.receptive_field, with_power_of_stride, "for kernel_sizes = [5, 3, 3]"),
        (check.receptive_field, lambda k, s: field_by_probing(k[::-1], s[::-1]), "for kernel_sizes = [3, 3]"),
        (check.true_convolution, lambda x, k: SCIPY["correlate"](x, k), "for image = [["),
        (check.true_convolution, lambda x, k: SCIPY["convolve"](x, k, "valid"), "I expected shape (1, 3)"),
        (check.true_convolution, lambda x, k: SCIPY["convolve"](x, k, "same"), "I expected shape (1, 3)"),
        (check.true_convolution, lambda x, k: SCIPY["convolve"](x, k[::-1]), "for image = [["),
        (check.true_convolution, lambda x, k: SCIPY["convolve"](x, k[:, ::-1]), "for image = [["),
        (check.depthwise, lambda x, k: depthwise_by_scipy(x, k[::-1, ::-1]), "for images = [[[["),
        (check.depthwise, lambda x, k: depthwise_by_scipy(x, k[..., ::-1]), "for images = [[[["),
        (check.depthwise, lambda x, k: depthwise_by_scipy(x, k).sum(-1, keepdims=True), "shape (1, 1, 1, 2)"),
        (check.depthwise, lambda x, k: depthwise_by_scipy(x[:1], k), "I expected shape (2, 1, 1, 1)"),
        (check.depthwise, changes_its_argument, "your function changed its argument images"),
        (check.transposed_convolution, lambda x, k, s: transposed_by_zeros(x, k, 1), "I expected shape (1, 3)"),
        (check.transposed_convolution, lambda x, k, s: transposed_by_zeros(x, k[::-1, ::-1], s), "stride = 2"),
        (check.transposed_convolution, lambda x, k, s: transposed_by_zeros(x, k[::-1], s), "stride = 2"),
        (check.transposed_convolution, lambda x, k, s: transposed_by_zeros(x.T, k, s), "stride = 2"),
    ],
)  # fmt: skip
def test_wrong_solution_is_refused_with_the_smallest_case(judge, wrong, explanation):
    verdict = judge(wrong)
    assert verdict.status == "wrong"
    assert explanation in verdict.explanation
