"""Convolution of images as neural networks use it, and its gradients, in vectorised NumPy.

Everything is a product of two matrices. The pixels under each window, laid out as the rows of a matrix ("im2col"),
times the filters are the output. The same matrix, transposed, times the upstream gradient is the gradient of the
filters. The upstream gradient times the transposed filters is what each window sends to each of its pixels, and is
added up there.

Padding is never laid out: at a border, a window is multiplied with those elements of the filters that lie on pixels.
So nothing is multiplied by a zero that stands for no pixel, and infinity and NaN reach only what they meet.

References
----------
Dumoulin, V., & Visin, F. (2016). *A guide to convolution arithmetic for deep learning*. arXiv:1603.07285.

Chellapilla, K., Puri, S., & Simard, P. (2006). *High performance convolutional neural networks for document
processing*. Tenth International Workshop on Frontiers in Handwriting Recognition.
https://inria.hal.science/inria-00112631
"""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from helpers._arguments import (
    empty_array,
    float_array,
    require_shape,
    same_dtype,
)
from helpers._sums import sum_of_products
from helpers._types import Array, Numbers, Padding, PerAxis
from helpers._windows import (
    SLICE_BYTES,
    Axis,
    checked_images,
    checked_padding,
    checked_pair,
    pieces,
    runs_of_windows,
    taps_on_pixels,
    window_axes,
)


def conv2d(
    images: Numbers,
    filters: Numbers,
    strides: PerAxis = 1,
    padding: Padding = "VALID",
    dilations: PerAxis = 1,
) -> Array:
    """Convolve images with filters as ``tf.nn.conv2d`` does: a cross-correlation, the filters are not flipped.

    ``output[b, i, j, o]`` is the sum of ``filters[u, v, c, o] * images[b, y, x, c]`` over all `u`, `v`, `c` for which
    there is a pixel at ``y = i * strides[0] + u * dilations[0] - top`` and
    ``x = j * strides[1] + v * dilations[1] - left``.

    What lies outside the image counts as nothing, and not as a factor of 0: an infinite entry of the filters does not
    turn into NaN there. (TensorFlow does the same in float32 with oneDNN, and gives NaN otherwise.)

    Parameters
    ----------
    images : array_like, shape (batch, height, width, channels)
        The batch may be empty.
    filters : array_like, shape (filter_height, filter_width, channels, output_channels)
    strides : int or pair of int
        Steps of the window in pixels, (height, width); at least 1.
    padding : "VALID", "SAME" or ((top, bottom), (left, right))
        "VALID" pads nothing. "SAME" pads so that the output has ``ceil(size / stride)`` rows and columns; of an odd
        number, the larger half is at the bottom and right. Otherwise, the numbers of rows and columns of zeros.
    dilations : int or pair of int
        Distance between neighbouring elements of a filter in pixels, (height, width); at least 1.

    Returns
    -------
    numpy.ndarray, shape (batch, output_height, output_width, output_channels)
        float32 if both arrays are float32, else float64. Without "SAME", a side of the output has
        ``(padded_size - (filter_size - 1) * dilation - 1) // stride + 1`` pixels.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If an argument has the wrong number of axes or of values, if the channels do not match, or if the dilated
        filters are larger than the padded images. (If by no more than a stride, TensorFlow returns an empty output in
        float64; in float32, what it does depends on how it was built.)

    References
    ----------
    https://www.tensorflow.org/api_docs/python/tf/nn/conv2d

    Examples
    --------
    >>> image = np.reshape([[0, 1, 2], [3, 4, 5], [6, 7, 8]], (1, 3, 3, 1))
    >>> difference_of_neighbours = np.reshape([-1, 1], (1, 2, 1, 1))
    >>> conv2d(image, difference_of_neighbours)[0, :, :, 0]
    array([[1., 1.],
           [1., 1.],
           [1., 1.]])
    """
    images, filters, axes = _checked(images, filters, strides, padding, dilations)
    output = empty_array(_output_shape(images, filters, axes), images.dtype, "padding")
    output[...] = 0
    for windows, where, taps, pixels in _patches(images, filters, axes, output.itemsize):
        target = output[:, *windows][where]
        kernel = filters[taps].reshape(-1, filters.shape[3])
        target[...] = (pixels.reshape(-1, len(kernel)) @ kernel).reshape(target.shape)
    return output


def conv2d_backward(
    upstream: Numbers,
    images: Numbers,
    filters: Numbers,
    strides: PerAxis = 1,
    padding: Padding = "VALID",
    dilations: PerAxis = 1,
) -> tuple[Array, Array]:
    """Gradients of :func:`conv2d` with respect to the images and the filters.

    Both are sums of the products that follow from those in :func:`conv2d`, and no others: infinity and NaN reach what
    they meet there. The gradient of the filters is summed in float64 and rounded once, so that its error does not grow
    with the batch.

    Parameters
    ----------
    upstream : array_like
        Gradient of the loss with respect to the output of :func:`conv2d`, of its shape.
    images, filters, strides, padding, dilations
        As they were given to :func:`conv2d`.

    Returns
    -------
    d_images, d_filters : numpy.ndarray
        Of the shapes of `images` and `filters`; float32 if all three arrays are float32, else float64.

    Raises
    ------
    TypeError, ValueError
        As :func:`conv2d`; also if `upstream` does not have the shape of its output.

    Examples
    --------
    >>> image, filters = np.ones((1, 1, 3, 1)), np.reshape([2.0, 5.0], (1, 2, 1, 1))
    >>> d_image, d_filters = conv2d_backward(np.ones((1, 1, 2, 1)), image, filters)
    >>> d_image.ravel(), d_filters.ravel()
    (array([2., 7., 5.]), array([2., 2.]))
    """
    images, filters, axes = _checked(images, filters, strides, padding, dilations)
    upstream = float_array(upstream, "upstream", ndim=4)
    shape = _output_shape(images, filters, axes)
    require_shape(upstream, "upstream", shape, "the shape of the output of conv2d")
    upstream, images, filters = same_dtype(upstream, images, filters)
    d_images = _d_images(upstream, images.shape, filters, axes)
    d_filters = _d_filters(upstream, images, filters, axes)
    return d_images, d_filters


def _d_images(upstream, shape, filters, axes):
    """Add up what all windows send to the pixels that they cover."""
    d_images = np.zeros(shape, upstream.dtype)
    bytes_of_a_window = filters[..., 0].nbytes
    for where, (rows, columns) in _pieces(len(upstream), axes, bytes_of_a_window):
        flow = upstream[where]
        sent = flow.reshape(-1, flow.shape[3]) @ filters.swapaxes(2, 3)
        sent = sent.reshape(*filters.shape[:2], *flow.shape[:3], -1)
        target = d_images[where[0]]
        for row, in_rows, on_rows in taps_on_pixels(rows):
            for column, in_columns, on_columns in taps_on_pixels(columns):
                target[:, on_rows, on_columns] += sent[row, column, :, in_rows, in_columns]
    return d_images


def _d_filters(upstream, images, filters, axes):
    """Add up, over all windows, the pixels under each times what flows back to it."""
    d_filters = np.zeros(filters.shape)
    for windows, where, taps, pixels in _patches(images, filters, axes, d_filters.itemsize):
        flow = upstream[:, *windows][where].reshape(-1, filters.shape[3])
        target = d_filters[taps]
        target += sum_of_products(pixels.reshape(len(flow), -1), flow).reshape(target.shape)
    return d_filters.astype(filters.dtype)


def _checked(images, filters, strides, padding, dilations) -> tuple[Array, Array, tuple[Axis, Axis]]:
    images, filters = same_dtype(checked_images(images), float_array(filters, "filters", ndim=4))
    if 0 in filters.shape:
        raise ValueError(f"filters must not be empty, got shape {filters.shape}")
    if filters.shape[2] != images.shape[3]:
        raise ValueError(
            f"filters must have as many channels as images, {images.shape[3]}, on axis 2, got shape {filters.shape}"
        )
    axes = window_axes(
        images.shape[1:3],
        filters.shape[:2],
        checked_pair(strides, "strides"),
        checked_pair(dilations, "dilations"),
        checked_padding(padding),
        "filters",
    )
    return images, filters, axes


def _output_shape(images, filters, axes):
    return len(images), *(axis.count for axis in axes), filters.shape[3]


def _pieces(batch, axes, bytes_of_a_window):
    """Cut all windows into pieces for which so many bytes a window fill no more than a slice, or are of one window."""
    at_once = max(1, SLICE_BYTES // bytes_of_a_window)
    rows, columns = (axis.count for axis in axes)
    rows_at_once, images_at_once = at_once // columns, at_once // (rows * columns)
    return pieces(batch, axes, (max(1, images_at_once), max(1, rows_at_once), at_once))


def _patches(images, filters, axes, bytes_of_a_number):
    """Show the pixels under all windows, piece by piece; the windows of a piece meet the same elements of the filters.

    Yields
    ------
    windows : pair of slice
        Rows and columns of windows that meet the same elements.
    where : tuple of slice
        The piece: the images, and the rows and columns among these windows.
    taps : pair of slice
        Rows and columns of the filters that lie on pixels there.
    pixels : numpy.ndarray, shape (batch, rows, columns, filter_height, filter_width, channels)
        A view of `images`, in which a pixel stands once for each window that covers it.
    """
    channels, output_channels = filters.shape[2:]
    for runs in itertools.product(*map(runs_of_windows, axes)):
        windows, taps, run = zip(*runs, strict=True)
        features = math.prod(axis.taps for axis in run) * channels
        bytes_of_a_window = max(features, output_channels) * bytes_of_a_number
        for where, some in _pieces(len(images), run, bytes_of_a_window):
            yield windows, where, taps, _pixels_under(images[where[0]], some)


def _pixels_under(images, axes):
    """Return a view of images, shape (batch, rows, columns, filter_height, filter_width, channels)."""
    corner = images[:, axes[0].origin :, axes[1].origin :]
    counts = [axis.count for axis in axes] + [axis.taps for axis in axes]
    steps = [axis.stride for axis in axes] + [axis.dilation for axis in axes]
    batch_step, *pixel_steps, channel_step = corner.strides
    # From one window or element alone there is no step; as an argument, it may be larger than NumPy can hold.
    strides = [
        step * pixel_step if count > 1 else 0
        for count, step, pixel_step in zip(counts, steps, pixel_steps * 2, strict=True)
    ]
    return as_strided(
        corner,
        (len(corner), *counts, corner.shape[3]),
        (batch_step, *strides, channel_step),
        writeable=False,
    )
