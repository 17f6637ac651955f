"""The checks of lesson 4 accept right solutions that are written differently from ours, and refuse wrong ones."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import pooling
from helpers.checks import pooling as check


def length_by_tensorflow(length, ksize, strides, padding):
    maps = tf.zeros((1, length, 1, 1))
    return tf.nn.max_pool2d(maps, (ksize, 1), (strides, 1), padding).shape[1]


def length_by_counting(length, ksize, strides, padding):
    last = length - 1 if padding == "SAME" else length - ksize
    count = 0
    while count * strides <= last:
        count += 1
    return count


def minimum_by_loops(images, ksize, strides):
    batch, height, width, channels = images.shape
    rows, columns = -(-height // strides), -(-width // strides)
    top = max((rows - 1) * strides + ksize - height, 0) // 2
    left = max((columns - 1) * strides + ksize - width, 0) // 2
    result = np.empty((batch, rows, columns, channels))
    for i in range(rows):
        for j in range(columns):
            row, column = max(i * strides - top, 0), max(j * strides - left, 0)
            below, beyond = i * strides - top + ksize, j * strides - left + ksize
            window = images[:, row:below, column:beyond]
            result[:, i, j] = window.min(axis=(1, 2))
    return result


def minimum_by_tensorflow(images, ksize, strides):
    return -tf.nn.max_pool2d(-tf.constant(images), ksize, strides, "SAME")


def global_by_tape(upstream, height, width):
    images = tf.zeros((len(upstream), height, width, upstream.shape[1]), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(upstream * tf.reduce_mean(images, axis=(1, 2)))
    return tape.gradient(loss, images)


def global_by_broadcasting(upstream, height, width):
    ones = np.ones((1, height, width, 1))
    return np.einsum("nc,xhwy->nhwc", upstream, ones) / ones.size


def blur_by_tensorflow(images):
    maxima = tf.nn.max_pool2d(tf.constant(images), 2, 1, "SAME")
    return tf.nn.avg_pool2d(maxima, 2, 1, "SAME")[:, ::2, ::2]


def minimum_in_float32(images, ksize, strides):
    return -pooling.max_pool2d(-images.astype(np.float32), ksize, strides, "SAME")


def blur_in_float32(images):
    return blur_by_tensorflow(images.astype(np.float32))


def blur_in_one_stride(images):
    maxima = pooling.max_pool2d(images, 2, 1, "SAME")
    return pooling.avg_pool2d(maxima, 2, 2, "SAME")


def blur_by_shifts(images):
    """Repeat the last row and column: the maximum does not change, and the mean is that of the cells inside."""
    for axis in (1, 2):
        last = np.take(images, [-1], axis)
        images = np.maximum(images, np.delete(np.append(images, last, axis), 0, axis))
    for axis in (1, 2):
        last = np.take(images, [-1], axis)
        images = (images + np.delete(np.append(images, last, axis), 0, axis)) / 2
    return images[:, ::2, ::2]


def shared_by_loops(upstream, images, ksize, strides):
    result = np.zeros(images.shape)
    for n, i, j, c in np.ndindex(upstream.shape):
        row, column = i * strides, j * strides
        window = images[n, row : row + ksize, column : column + ksize, c]
        places = np.argwhere(window == window.max())
        for u, v in places:
            result[n, row + u, column + v, c] += upstream[n, i, j, c] / len(places)
    return result


def shared_by_reduce_max(upstream, images, ksize, strides):
    """TensorFlow shares the gradient of `reduce_max` equally in ties."""
    images = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.constant(0.0, tf.float64)
        for i, j in np.ndindex(upstream.shape[1:3]):
            row, column = i * strides, j * strides
            window = images[:, row : row + ksize, column : column + ksize]
            loss += tf.reduce_sum(upstream[:, i, j] * tf.reduce_max(window, axis=(1, 2)))
    return tape.gradient(loss, images)


@pytest.mark.parametrize(
    ("judge", "solution"),
    [
        (check.output_length, length_by_counting),
        (check.min_pool2d, minimum_by_loops),
        (check.min_pool2d, minimum_by_tensorflow),
        (check.min_pool2d, minimum_in_float32),
        (check.global_average_backward, global_by_tape),
        (check.global_average_backward, global_by_broadcasting),
        (check.blur_pool2d, blur_by_tensorflow),
        (check.blur_pool2d, blur_in_one_stride),
        (check.blur_pool2d, blur_in_float32),
        (check.blur_pool2d, blur_by_shifts),
        (check.max_backward_shared, shared_by_loops),
        (check.max_backward_shared, shared_by_reduce_max),
    ],
)
def test_right_solution_written_in_another_way_is_correct(judge, solution):
    assert repr(judge(solution)) == "correct"


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_output_length_that_the_check_expects_is_that_of_tensorflow(padding):
    for length, ksize, strides in np.ndindex(10, 4, 3):
        case = length + ksize + 1, ksize + 1, strides + 1, padding
        assert length_by_counting(*case) == length_by_tensorflow(*case)


def test_blur_answers_each_move_of_a_dot_by_half():
    dots = np.eye(24)[:, None, :, None]
    moved = np.roll(dots, 1, axis=2)
    change = abs(blur_by_tensorflow(dots) - blur_by_tensorflow(moved))
    assert np.array_equal(np.max(change, axis=(1, 2, 3)), [0.5] * 23 + [1])
    change = abs(pooling.max_pool2d(dots, 2, 2, "SAME") - pooling.max_pool2d(moved, 2, 2, "SAME"))
    assert np.array_equal(change.max(axis=(1, 2, 3)), [0, 1] * 12)


def changed_images(images, ksize, strides):
    images *= -1
    return -pooling.max_pool2d(images, ksize, strides, "SAME")


def changed_upstream(upstream, images, ksize, strides):
    result = shared_by_loops(upstream, images, ksize, strides)
    upstream /= 2
    return result


@pytest.mark.parametrize(
    ("judge", "solution", "name"),
    [
        (check.min_pool2d, changed_images, "images"),
        (check.max_backward_shared, changed_upstream, "upstream"),
    ],
)
def test_argument_that_is_changed_is_named(judge, solution, name):
    assert f"changed its argument {name}" in judge(solution).explanation


def without_one(length, ksize, strides, padding):
    if padding == "SAME":
        return -(-length // strides)
    return max((length - ksize) // strides, 0)


def same_rounded_down(length, ksize, strides, padding):
    if padding == "SAME":
        return length // strides
    return max((length - ksize) // strides + 1, 0)


def negative_where_nothing_fits(length, ksize, strides, padding):
    if padding == "SAME":
        return -(-length // strides)
    return (length - ksize) // strides + 1


def maximum_instead(images, ksize, strides):
    return pooling.max_pool2d(images, ksize, strides, "SAME")


def minimum_padded_with_zeros(images, ksize, strides):
    if ksize == strides == 1:
        return images
    margins = [(0, 0), (ksize // 2, ksize), (ksize // 2, ksize), (0, 0)]
    return -pooling.max_pool2d(np.pad(-images, margins), ksize, strides, "VALID")


def minimum_without_padding(images, ksize, strides):
    return -pooling.max_pool2d(-images, ksize, strides, "VALID")


def minimum_clipped_at_zero(images, ksize, strides):
    return np.minimum(minimum_by_loops(images, ksize, strides), 0)


def share_of_one_axis(upstream, height, width):
    return np.tile(upstream[:, None, None] / height, (1, height, width, 1))


def not_shared(upstream, height, width):
    return np.tile(upstream[:, None, None], (1, height, width, 1))


def axes_swapped(upstream, height, width):
    share = upstream[:, None, None] / (height * width)
    return np.tile(share, (1, width, height, 1))


def maximum_without_blur(images):
    return pooling.max_pool2d(images, 2, 2, "SAME")


def blur_without_maximum(images):
    return pooling.avg_pool2d(images, 2, 2, "SAME")


def blur_before_maximum(images):
    return pooling.max_pool2d(pooling.avg_pool2d(images, 2, 1, "SAME"), 2, 2, "SAME")


def sampled_before_blur(images):
    return pooling.avg_pool2d(pooling.max_pool2d(images, 2, 2, "SAME"), 2, 1, "SAME")


def blurred_but_not_sampled(images):
    return pooling.avg_pool2d(pooling.max_pool2d(images, 2, 1, "SAME"), 2, 1, "SAME")


def sampled_from_the_second(images):
    return blurred_but_not_sampled(images)[:, 1::2, 1::2]


def blur_padded_with_zeros(images):
    maxima = np.pad(pooling.max_pool2d(images, 2, 1, "SAME"), ((0, 0), (0, 1), (0, 1), (0, 0)))
    return pooling.avg_pool2d(maxima, 2, 1)[:, ::2, ::2]


def maximum_padded_with_zeros(images):
    padded = np.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)))
    return pooling.avg_pool2d(pooling.max_pool2d(padded, 2, 1), 2, 2, "SAME")


def all_to_the_first(upstream, images, ksize, strides):
    return pooling.max_pool2d_backward(upstream, images, ksize, strides)


def all_to_each(upstream, images, ksize, strides):
    result = np.zeros_like(images)
    for i, j in np.ndindex(upstream.shape[1:3]):
        row, column = i * strides, j * strides
        where = np.s_[:, row : row + ksize, column : column + ksize]
        largest = images[where] == images[where].max(axis=(1, 2), keepdims=True)
        result[where] += largest * upstream[:, i : i + 1, j : j + 1]
    return result


def shared_by_overwriting(upstream, images, ksize, strides):
    result = np.zeros_like(images)
    for i, j in np.ndindex(upstream.shape[1:3]):
        row, column = i * strides, j * strides
        where = np.s_[:, row : row + ksize, column : column + ksize]
        largest = images[where] == images[where].max(axis=(1, 2), keepdims=True)
        shares = largest / largest.sum(axis=(1, 2), keepdims=True)
        result[where] = shares * upstream[:, i : i + 1, j : j + 1]
    return result


def average_instead(upstream, images, ksize, strides):
    return pooling.avg_pool2d_backward(upstream, images, ksize, strides)


@pytest.mark.parametrize(
    ("judge", "solution", "smallest"),
    [
        (check.output_length, without_one, "for length = 1, ksize = 1, strides = 1,"),
        (check.output_length, same_rounded_down, "length = 1, ksize = 1, strides = 2"),
        (check.output_length, negative_where_nothing_fits, "length = 1, ksize = 3"),
        (check.min_pool2d, maximum_instead, "ksize = 2, strides = 2"),
        (check.min_pool2d, minimum_padded_with_zeros, "ksize = 2, strides = 2"),
        (check.min_pool2d, minimum_without_padding, "I expected shape (1, 2, 1, 1)"),
        (check.min_pool2d, minimum_clipped_at_zero, "images = "),
        (check.global_average_backward, share_of_one_axis, "height = 1, width = 2"),
        (check.global_average_backward, not_shared, "height = 1, width = 2"),
        (check.global_average_backward, axes_swapped, "height = 1, width = 2"),
        (check.blur_pool2d, maximum_without_blur, "expected [[[[1.25]]]]"),
        (check.blur_pool2d, blur_without_maximum, "expected [[[[1.25]]]]"),
        (check.blur_pool2d, blur_before_maximum, "expected [[[[1.25]]]]"),
        (check.blur_pool2d, sampled_before_blur, "expected [[[[1.25]]]]"),
        (check.blur_pool2d, blurred_but_not_sampled, "(1, 1, 1, 1), [[[[1.25]]]]"),
        (check.blur_pool2d, sampled_from_the_second, "for images = [[[[0.]]]]"),
        (check.blur_pool2d, blur_padded_with_zeros, "expected [[[[2.]]], [[[0.5]]]]"),
        (
            check.blur_pool2d,
            maximum_padded_with_zeros,
            "for images = [[[[1.]], [[-2.]]]",
        ),
        (check.max_backward_shared, all_to_the_first, "images = [[[[0.],"),
        (check.max_backward_shared, all_to_each, "images = [[[[0.],"),
        (check.max_backward_shared, shared_by_overwriting, "strides = 1"),
        (check.max_backward_shared, average_instead, "ksize = 2, strides = 2"),
    ],
)
def test_mistake_is_wrong_and_shown_on_the_smallest_input(judge, solution, smallest):
    verdict = judge(solution)
    assert verdict.status == "wrong"
    assert smallest in verdict.explanation
