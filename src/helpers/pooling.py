"""Maximum and average pooling of images, and their gradients, in vectorised NumPy.

A window of `height` times `width` pixels is pooled along one axis and then along the other, in ``height + width``
steps, each of them one operation on all windows at once.

References
----------
Dumoulin, V., & Visin, F. (2016). *A guide to convolution arithmetic for deep learning*. arXiv:1603.07285.
"""

import functools
import itertools

import numpy as np

from helpers._arguments import float_array, same_dtype, shape_is
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
    return _pool(np.maximum, -np.inf, images, *_geometry(images, ksize, strides, padding))


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
    upstream, images, geometry = _checked_backward(upstream, images, ksize, strides, padding)
    d_images = np.zeros_like(images, order="C")
    for examples in _example_slices(images):
        _route(upstream[examples], images[examples], d_images[examples], geometry)
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
    https://www.tensorflow.org/api_docs/python/tf/nn/avg_pool2d (which knows no explicit padding)
    """
    images = checked_images(images)
    geometry = _geometry(images, ksize, strides, padding)
    means = _pool(np.add, 0, images, *geometry)
    means /= _pixel_counts(images, *geometry)
    return means


def avg_pool2d_backward(upstream, images, ksize, strides, padding="VALID"):
    """Gradient of :func:`avg_pool2d` with respect to the images: each window shares its gradient equally.

    TensorFlow's own gradient is wrong on a CPU where a padded window is larger than the image (its issue 48773).

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
    upstream, images, geometry = _checked_backward(upstream, images, ksize, strides, padding)
    counts = _pixel_counts(images, *geometry)
    taps_of_rows, taps_of_columns = _taps(images, *geometry)
    d_images = np.zeros_like(images, order="C")
    for examples in _example_slices(images):
        shares = upstream[examples] / counts
        rows = np.zeros((*shares.shape[:2], *images.shape[2:]), shares.dtype)
        for windows, pixels in taps_of_columns:
            rows[:, :, pixels] += shares[:, :, windows]
        for windows, pixels in taps_of_rows:
            d_images[examples, pixels] += rows[:, windows]
    return d_images


def _geometry(images, ksize, strides, padding):
    ksize, strides, padding = checked_pair(ksize, "ksize"), checked_pair(strides, "strides"), checked_padding(padding)
    if not isinstance(padding, str) and any(max(ends) >= size for ends, size in zip(padding, ksize, strict=True)):
        raise ValueError(f"padding must be smaller than ksize on all sides, got {padding} with ksize {ksize}")
    return ksize, strides, *window_positions(images.shape[1:3], ksize, strides, padding, "ksize")


def _checked_backward(upstream, images, ksize, strides, padding):
    upstream, images = float_array(upstream, "upstream", ndim=4), checked_images(images)
    geometry = _geometry(images, ksize, strides, padding)
    shape_is(upstream, "upstream", (len(images), *geometry[2], images.shape[3]), "the shape of the output")
    return *same_dtype(upstream=upstream, images=images), geometry


def _example_slices(images):
    bytes_each = images.dtype.itemsize * images[:1].size
    return slices(len(images), max(1, SLICE_BYTES // max(1, bytes_each)))


def _pool(function, fill, images, ksize, strides, output_size, origin):
    """Combine the pixels under each window by a function of two arguments; `fill` is what it ignores."""
    output = np.empty((len(images), *output_size, images.shape[3]), images.dtype)
    spans = [(count - 1) * stride + 1 for count, stride in zip(output_size, strides, strict=True)]
    padded_size = [span + size - 1 for span, size in zip(spans, ksize, strict=True)]
    for examples in _example_slices(images):
        pixels = part(images[examples], origin, padded_size, fill)
        rows = functools.reduce(function, [pixels[:, k : k + spans[0] : strides[0]] for k in range(ksize[0])])
        output[examples] = functools.reduce(
            function, [rows[:, :, k : k + spans[1] : strides[1]] for k in range(ksize[1])]
        )
    return output


def _route(upstream, images, d_images, geometry):
    """Add the gradient of each window to its first largest pixel."""
    largest = _pool(np.maximum, -np.inf, images, *geometry)
    holds_nan = np.isnan(largest).any()
    open_windows = np.ones(largest.shape, bool)
    for (rows, pixel_rows), (columns, pixel_columns) in itertools.product(*_taps(images, *geometry)):
        windows, pixels = np.s_[:, rows, columns], np.s_[:, pixel_rows, pixel_columns]
        hits = images[pixels] == largest[windows]
        if holds_nan:
            hits |= np.isnan(images[pixels])
        hits &= open_windows[windows]
        open_windows[windows] ^= hits
        d_images[pixels] += np.where(hits, upstream[windows], 0)


def _taps(images, ksize, strides, output_size, origin):
    """Return, for each axis, for each element of the window, in which windows it lies on pixels, and on which."""
    axes = []
    for size, extent, stride, count, start in zip(images.shape[1:3], ksize, strides, output_size, origin, strict=True):
        taps = []
        for begin in range(start, start + extent):
            first, last = max(0, -(begin // stride)), min(count, -((begin - size) // stride))
            if first < last:
                taps.append((slice(first, last), slice(begin + first * stride, begin + last * stride, stride)))
        axes.append(taps)
    return axes


def _pixel_counts(images, ksize, strides, output_size, origin):
    """Return how many pixels of the image each window covers, repeated for each channel: broadcasting is slower."""
    counts = []
    for size, extent, stride, count, start in zip(images.shape[1:3], ksize, strides, output_size, origin, strict=True):
        first = start + stride * np.arange(count)
        counts.append(np.minimum(first + extent, size) - np.maximum(first, 0))
    counts = np.outer(*counts).astype(images.dtype)
    return np.repeat(counts[:, :, np.newaxis], images.shape[3], axis=2)
