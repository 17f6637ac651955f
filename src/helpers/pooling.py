"""Maximum and average pooling of images, and their gradients, in vectorised NumPy.

A window of `height` times `width` pixels is pooled along one axis and then along the other, in ``height + width``
steps, each of them one operation on all windows at once.

References
----------
Dumoulin, V., & Visin, F. (2016). *A guide to convolution arithmetic for deep learning*. arXiv:1603.07285.
"""

import functools
import itertools
import math

import numpy as np

from helpers._arguments import empty_array, float_array, same_dtype, shape_is
from helpers._windows import (
    SLICE_BYTES,
    checked_images,
    checked_padding,
    checked_pair,
    part,
    slices,
    window_positions,
)


def max_pool2d(images, ksize, strides, padding="VALID"):
    """Largest pixel under each window, for each channel, as ``tf.nn.max_pool2d`` gives it.

    Parameters
    ----------
    images : array_like, shape (batch, height, width, channels)
        The batch may be empty.
    ksize : int or pair of int
        Size of the window in pixels, (height, width); at least 1.
    strides : int or pair of int
        Steps of the window in pixels, (height, width); at least 1.
    padding : "VALID", "SAME" or ((top, bottom), (left, right))
        "VALID" pads nothing. "SAME" pads so that the output has ``ceil(size / stride)`` rows and columns; of an odd
        number, the larger half is at the bottom and right. Otherwise, the numbers of padded rows and columns, each
        smaller than `ksize`, so that every window sees a pixel. Padding is minus infinity: it is never the maximum.

    Returns
    -------
    numpy.ndarray, shape (batch, output_height, output_width, channels)
        float32 if `images` is float32, else float64. Without "SAME", a side of the output has
        ``(padded_size - ksize) // stride + 1`` pixels. A window that holds a NaN gives NaN (TensorFlow passes over it).

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `images` does not have four axes, if a size, stride or padding is out of range, or if the window is larger
        than the padded images. (If by less than a stride, TensorFlow returns an empty output.)

    References
    ----------
    https://www.tensorflow.org/api_docs/python/tf/nn/max_pool2d
    """
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    maxima = empty_array(_output_shape(images, axes), images.dtype, "padding")
    for examples in _example_slices(images):
        maxima[examples] = _pool(np.maximum, -np.inf, images[examples], axes)
    return maxima


def max_pool2d_backward(upstream, images, ksize, strides, padding="VALID"):
    """Gradient of :func:`max_pool2d` with respect to the images: each window sends its gradient to its largest pixel.

    Where several pixels are largest, the first of them in reading order (row by row) gets all, as in TensorFlow on a
    CPU. In a window that holds a NaN, that is the first NaN.

    Parameters
    ----------
    upstream : array_like
        Gradient of the loss with respect to the output of :func:`max_pool2d`, of its shape.
    images, ksize, strides, padding
        As they were given to :func:`max_pool2d`.

    Returns
    -------
    numpy.ndarray, shape of `images`
        float32 if both arrays are float32, else float64.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`; also if `upstream` does not have the shape of its output.
    """
    upstream, images, axes = _checked(upstream, images, ksize, strides, padding)
    d_images = np.zeros(images.shape, images.dtype)
    for examples in _example_slices(images):
        _route(upstream[examples], images[examples], d_images[examples], axes)
    return d_images


def avg_pool2d(images, ksize, strides, padding="VALID"):
    """Mean of the pixels under each window, for each channel, as ``tf.nn.avg_pool2d`` gives it.

    Padded pixels do not count: at a border, the mean is taken over those pixels of the window that lie in the image.

    Parameters
    ----------
    images, ksize, strides, padding
        As for :func:`max_pool2d`.

    Returns
    -------
    numpy.ndarray, shape (batch, output_height, output_width, channels)
        As for :func:`max_pool2d`.

    Raises
    ------
    TypeError, ValueError
        As :func:`max_pool2d`.

    References
    ----------
    https://www.tensorflow.org/api_docs/python/tf/nn/avg_pool2d (which has no explicit padding)
    """
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    means = empty_array(_output_shape(images, axes), images.dtype, "padding")
    counts = _pixel_counts(images, axes)
    for examples in _example_slices(images):
        sums = _pool(np.add, 0, images[examples], axes)
        np.divide(sums, counts, out=means[examples])
    return means


def avg_pool2d_backward(upstream, images, ksize, strides, padding="VALID"):
    """Gradient of :func:`avg_pool2d` with respect to the images: each window shares its gradient equally.

    On a CPU, TensorFlow's own gradient is wrong where, with "SAME", the window is larger than the images (see its issue
    48773, https://github.com/tensorflow/tensorflow/issues/48773).

    Parameters
    ----------
    upstream : array_like
        Gradient of the loss with respect to the output of :func:`avg_pool2d`, of its shape.
    images, ksize, strides, padding
        As they were given to :func:`avg_pool2d`. Of `images` only the shape and the dtype matter.

    Returns
    -------
    numpy.ndarray, shape of `images`
        float32 if both arrays are float32, else float64.

    Raises
    ------
    TypeError, ValueError
        As :func:`avg_pool2d`; also if `upstream` does not have the shape of its output.
    """
    upstream, images, axes = _checked(upstream, images, ksize, strides, padding)
    counts = _pixel_counts(images, axes)
    d_images = np.empty(images.shape, images.dtype)
    for examples in _example_slices(images):
        shares = upstream[examples] / counts
        for axis in (2, 1):
            shares = _spread(shares, axis, axes[axis - 1])
        d_images[examples] = shares
    return d_images


def _checked(upstream, images, ksize, strides, padding):
    upstream = float_array(upstream, "upstream", ndim=4)
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    shape = _output_shape(images, axes)
    shape_is(upstream, "upstream", shape, "the shape of the output of the pooling")
    return *same_dtype(upstream=upstream, images=images), axes


def _axes(images, ksize, strides, padding):
    """Return, for rows and columns, the pixels, the window's size and stride, where the first begins, and how many."""
    sizes = images.shape[1:3]
    ksize = checked_pair(ksize, "ksize")
    strides = checked_pair(strides, "strides")
    padding = checked_padding(padding)
    if not isinstance(padding, str) and np.any(np.max(padding, axis=1) >= ksize):
        raise ValueError(
            f"padding must be smaller than ksize on all sides, got {padding} with ksize {ksize}"
        )
    counts, origin = window_positions(sizes, ksize, strides, padding, "ksize")
    axes = zip(sizes, ksize, strides, origin, counts, strict=True)
    return [_without_what_is_never_seen(*axis) for axis in axes]


def _without_what_is_never_seen(size, window_size, stride, origin, count):
    """Leave out, along one axis, those elements of the window that lie in the padding wherever the window stands.

    So memory does not grow with a window that is larger than the image.
    """
    first = max(0, -(origin + (count - 1) * stride))
    last = min(window_size, size - origin)
    return size, last - first, stride, origin + first, count


def _output_shape(images, axes):
    return len(images), *(count for *_, count in axes), images.shape[3]


def _example_slices(images):
    image_bytes = math.prod(images.shape[1:]) * images.itemsize
    return slices(len(images), max(1, SLICE_BYTES // image_bytes))


def _pool(function, fill, images, axes):
    """Combine the pixels under each window by a function of two arguments; `fill` is what it ignores."""
    _, ksize, strides, origin, counts = zip(*axes, strict=True)
    spans = [(n - 1) * stride + 1 for n, stride in zip(counts, strides, strict=True)]
    padded_size = [span + size - 1 for span, size in zip(spans, ksize, strict=True)]
    pixels = part(images, origin, padded_size, fill)
    shifted = [pixels[:, k : k + spans[0] : strides[0]] for k in range(ksize[0])]
    rows = functools.reduce(function, shifted)
    # Columns between two windows are combined too, and left out at the end: to skip them at each step takes longer.
    shifted = [rows[:, :, k : k + spans[1]] for k in range(ksize[1])]
    return functools.reduce(function, shifted)[:, :, :: strides[1]]


def _route(upstream, images, d_images, axes):
    """Add the gradient of each window to its first largest pixel."""
    largest = _pool(np.maximum, -np.inf, images, axes).copy()
    holds_nan = np.isnan(largest).any()
    waiting = np.ones(largest.shape, bool)
    for taps in itertools.product(*(_taps(*axis) for axis in axes)):
        windows, pixels = ((slice(None), *place) for place in zip(*taps, strict=True))
        hits = images[pixels] == largest[windows]
        if holds_nan:
            hits |= np.isnan(images[pixels])
        hits &= waiting[windows]
        waiting[windows] ^= hits
        flow = np.where(hits, upstream[windows], 0)
        _accumulate(d_images, pixels, flow, axes)


def _spread(shares, axis, along):
    """Add the share of each window, along one axis, to all its pixels."""
    size = along[0]
    shape = *shares.shape[:axis], size, *shares.shape[axis + 1 :]
    spread = np.zeros(shape, shares.dtype)
    for windows, pixels in _taps(*along):
        flow = shares.swapaxes(0, axis)[windows]
        _accumulate(spread.swapaxes(0, axis), pixels, flow, [along])
    return spread


def _accumulate(target, pixels, values, axes):
    """Add to zeros; where windows do not overlap, set them, which takes little more than half the time."""
    if any(stride < window_size for _, window_size, stride, *_ in axes):
        target[pixels] += values
    else:
        target[pixels] = values


def _pixel_counts(images, axes):
    """Return how many pixels of the image each window covers: one number, or where they differ, one for each mean."""
    counts = [np.zeros(axis[-1], images.dtype) for axis in axes]
    for count, axis in zip(counts, axes, strict=True):
        for windows, _ in _taps(*axis):
            count[windows] += 1
    counts = np.outer(*counts)
    if np.ptp(counts) == 0:
        return counts[0, 0]
    # Division by an array of the same shape is faster than by one that has to be repeated for each channel.
    return np.repeat(counts[:, :, np.newaxis], images.shape[3], axis=2)


def _taps(size, window_size, stride, origin, count):
    """Yield, for each element of the window along one axis, in which windows it lies on a pixel, and on which."""
    for begin in range(origin, origin + window_size):
        first = max(0, -(begin // stride))
        last = min(count, -((begin - size) // stride))
        if first < last:
            pixels = slice(begin + first * stride, begin + last * stride, stride)
            yield slice(first, last), pixels
