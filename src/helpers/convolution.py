"""Convolution of images as neural networks use it, and its gradients, in vectorised NumPy.

Everything is a product of two matrices: the pixels under each window, laid out as the rows of a matrix ("im2col"),
times the filters. The gradient with respect to the filters is a product of the same matrix, transposed; the gradient
with respect to the images is again a convolution, of the upstream gradient with the filters turned by 180 degrees.

Two details are there for speed only:

- With few channels the matrix is narrow, and mostly copies of itself. There, neighbouring windows share a row of it,
  and the filters are repeated, shifted, so that each window meets its own pixels: see :func:`_banded`. This takes 0.6
  to 0.9 times as long, for a photograph with three channels.
- The products are made in pieces of some 2**18 multiplications. Linear-algebra libraries have special code for
  products so small, and run them without waiting for other threads: on one core they are some 20 % faster than one
  large product, and where other programs keep the cores busy, many times.

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
from numpy.lib.stride_tricks import sliding_window_view

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

# Neighbouring windows share a row until the filters have so many columns. Of 1 (no sharing), 16, 32 and 64, measured
# on 8 x 8, 28 x 28 and 427 x 640 pixels with 1, 3, 8 and 16 channels, 32 is the fastest or near to it in all passes.
_SHARED_COLUMNS = 32
# OpenBLAS runs a product on one thread up to this number of multiplications.
_SMALL_PRODUCT = 2**18
# Products of fewer rows are no faster than one large product: they spend their time on reading the filters again.
_FEWEST_ROWS = 8


def conv2d(images, filters, strides=1, padding="VALID", dilations=1):
    """Convolve images with filters as ``tf.nn.conv2d`` does: a cross-correlation, the filters are not flipped.

    ``output[b, i, j, o]`` is the sum over `u`, `v`, `c` of ``filters[u, v, c, o] * images[b, y, x, c]``, where
    ``y = i * strides[0] + u * dilations[0] - top``, ``x = j * strides[1] + v * dilations[1] - left``, and pixels
    outside the image are 0.

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
        filters are larger than the padded images. (If by less than a stride, TensorFlow returns an empty output.)

    References
    ----------
    https://www.tensorflow.org/api_docs/python/tf/nn/conv2d
    """
    images, filters, output_size, geometry = _checked(
        images, filters, strides, padding, dilations
    )
    shape = len(images), *output_size, filters.shape[3]
    output = empty_array(shape, images.dtype, "padding")
    _correlate(images, filters, *geometry, output)
    return output


def conv2d_backward(upstream, images, filters, strides=1, padding="VALID", dilations=1):
    """Gradients of :func:`conv2d` with respect to the images and the filters.

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
    """
    images, filters, output_size, geometry = _checked(
        images, filters, strides, padding, dilations
    )
    upstream = float_array(upstream, "upstream", ndim=4)
    output_shape = len(images), *output_size, filters.shape[3]
    shape_is(upstream, "upstream", output_shape, "the shape of the output of conv2d")
    upstream, images, filters = same_dtype(
        upstream=upstream, images=images, filters=filters
    )
    d_images = _d_images(upstream, images.shape, filters, *geometry)
    d_filters = _d_filters(upstream, images, filters.shape, *geometry)
    return d_images, d_filters


def _checked(images, filters, strides, padding, dilations):
    images, filters = same_dtype(
        images=checked_images(images), filters=float_array(filters, "filters", ndim=4)
    )
    if 0 in filters.shape:
        raise ValueError(f"filters must not be empty, got shape {filters.shape}")
    if filters.shape[2] != images.shape[3]:
        raise ValueError(
            f"filters must have as many channels as images, {images.shape[3]}, on axis 2, got shape {filters.shape}"
        )
    strides = checked_pair(strides, "strides")
    dilations = checked_pair(dilations, "dilations")
    output_size, origin = window_positions(
        images.shape[1:3],
        _reach(filters.shape[:2], dilations),
        strides,
        checked_padding(padding),
        "filters",
    )
    return images, filters, output_size, (origin, strides, dilations)


def _reach(counts, steps):
    """Return, for each axis, over how many pixels so many elements reach that are so many pixels apart."""
    return [(count - 1) * step + 1 for count, step in zip(counts, steps, strict=True)]


def _correlate(images, filters, origin, strides, dilations, output):
    """Write the convolution into `output`, whose shape says how many windows to take from `origin` on."""
    _, *output_size, output_channels = output.shape
    share, pieces = _shared_patches(
        images, filters.shape, origin, strides, dilations, output_size
    )
    banded = _banded(filters, share, strides[1])
    for where, patches in pieces:
        target = output[where]
        product = _product(patches, banded)
        product = product.reshape(*target.shape[:2], -1, output_channels)
        # The last windows of a row may share their pixels with windows beyond the output.
        target[...] = product[:, :, : output_size[1]]


def _d_filters(upstream, images, shape, origin, strides, dilations):
    """Sum over all windows the pixels under a window times the gradient that flows back to it."""
    height, width, channels, output_channels = shape
    rows, columns = upstream.shape[1:3]
    share, pieces = _shared_patches(
        images, shape, origin, strides, dilations, (rows, columns)
    )
    starts = range(0, share * strides[1], strides[1])
    run = starts[-1] + width
    banded = np.zeros((height * run * channels, share * output_channels), images.dtype)
    for where, patches in pieces:
        flow = upstream[where]
        flow = part(flow, (0, 0), (flow.shape[1], columns + -columns % share))
        flow = flow.reshape(len(patches), -1)
        banded += _product_over_rows(patches, flow, height, run)
    banded = banded.reshape(height, run, channels, share, output_channels)
    return sum(banded[:, n : n + width, :, k] for k, n in enumerate(starts))


def _d_images(upstream, shape, filters, origin, strides, dilations):
    """Convolve `upstream` with the flipped filters, once for each phase of the rows and columns of the images."""
    d_images = np.zeros(shape, upstream.dtype)
    rows, columns = (
        _phases(shape[1 + k], filters.shape[k], origin[k], strides[k], dilations[k])
        for k in (0, 1)
    )
    for phase in itertools.product(rows, columns):
        pixels, taps, first, steps = zip(*phase, strict=True)
        flipped = filters[taps].swapaxes(2, 3)
        _correlate(upstream, flipped, first, (1, 1), steps, d_images[:, *pixels])
    return d_images


def _phases(size, taps, origin, stride, dilation):
    """Split the pixels of one axis by the elements of the filter, here "taps", that meet them.

    Tap `u` of window `i` lies on pixel ``origin + i * stride + u * dilation``. The taps that meet a pixel are therefore
    those of one remainder by `stride`, which are ``stride / gcd(stride, dilation)`` apart; and seen from the pixels of
    one remainder, the windows follow each other as in a convolution with stride 1.

    Yields
    ------
    pixels, taps : slice
        The pixels of one remainder, and the taps that meet them, in reverse.
    first : int
        The window, counted from the first, maybe negative, whose last of these taps lies on the first of these pixels.
    step : int
        By how many windows each of the reversed taps is further on than the one before.
    """
    apart = stride // math.gcd(stride, dilation)
    step = apart * dilation // stride
    for tap in range(min(apart, taps)):
        pixel = (origin + tap * dilation) % stride
        last = range(tap, taps, apart)[-1]
        first = (pixel - origin - last * dilation) // stride
        if pixel < size:
            yield slice(pixel, None, stride), slice(last, None, -apart), first, step


def _shared_patches(images, shape, origin, strides, dilations, output_size):
    """Return how many neighbouring windows share a row of pixels, and the :func:`_patches` of windows so much wider."""
    height, width, channels, output_channels = shape
    rows, columns = output_size
    share = min(_SHARED_COLUMNS // max(channels, output_channels), columns)
    # Windows multiply by zero what is not theirs: an infinite pixel would become NaN.
    if share < 2 or strides[1] >= width or dilations[1] > 1 or not _all_finite(images):
        share = 1
    columns = math.ceil(columns / share)
    share = math.ceil(output_size[1] / columns)
    window = height, (share - 1) * strides[1] + width
    strides = strides[0], share * strides[1]
    # What is multiplied by the patches, or results from it, shall not outgrow a slice either.
    widest = max(math.prod(window) * channels, share * output_channels)
    rows_at_once = max(1, SLICE_BYTES // (columns * widest * images.itemsize))
    return share, _patches(
        images, window, origin, strides, dilations, (rows, columns), rows_at_once
    )


def _all_finite(array):
    return math.isfinite(array.max(initial=0)) and math.isfinite(array.min(initial=0))


def _patches(images, window, origin, strides, dilations, output_size, rows_at_once):
    """Yield, piece by piece, where in the output some windows stand, and the pixels under each of them as a row.

    A piece is some whole images, or some rows of windows of one image: at most `rows_at_once` rows of windows, and of
    images, padding included, no more than fill a slice.
    """
    rows = output_size[0]
    reach = _reach(window, dilations)
    beyond = _reach(output_size, strides)
    size = [start + extent - 1 for start, extent in zip(beyond, reach, strict=True)]
    features = math.prod(window) * images.shape[3]
    image_bytes = math.prod(size) * images.shape[3] * images.itemsize
    examples_at_once = min(rows_at_once // rows, SLICE_BYTES // image_bytes)
    for examples in slices(len(images), max(1, examples_at_once)):
        views = sliding_window_view(part(images[examples], origin, size), reach, (1, 2))
        views = views[:, :: strides[0], :: strides[1]]
        views = views[..., :: dilations[0], :: dilations[1]].transpose(0, 1, 2, 4, 5, 3)
        for some_rows in slices(rows, rows_at_once):
            yield (examples, some_rows), views[:, some_rows].reshape(-1, features)


def _banded(filters, share, stride):
    """Lay out the filters as a matrix, once for each of the windows that share a run of pixels, zero where not theirs.

    For one row of three taps `a b c`, one channel, stride 1 and two windows, the transpose of the matrix is
    ``[[a, b, c, 0], [0, a, b, c]]``.
    """
    height, width, channels, output_channels = filters.shape
    run = (share - 1) * stride + width
    banded = np.zeros((height, run, channels, share, output_channels), filters.dtype)
    for k in range(share):
        banded[:, k * stride : k * stride + width, :, k] = filters
    return banded.reshape(-1, share * output_channels)


def _product(patches, filters):
    """Return ``patches @ filters``, made of small products of some rows each."""
    features, channels = filters.shape
    rows = _SMALL_PRODUCT // filters.size
    if rows < _FEWEST_ROWS:
        rows = len(patches)
    whole = len(patches) // rows * rows
    product = np.empty((len(patches), channels), patches.dtype)
    stacked = product[:whole].reshape(-1, rows, channels)
    np.matmul(patches[:whole].reshape(-1, rows, features), filters, out=stacked)
    np.matmul(patches[whole:], filters, out=product[whole:])
    return product


def _product_over_rows(patches, flow, height, run):
    """Return ``patches.T @ flow``, made of small products of some features and some rows each."""
    features, channels = patches.shape[1], flow.shape[1]
    # Each product leaves a matrix to be added up. With fewer rows than channels, those would outgrow the patches.
    fits = features // height * channels**2 <= _SMALL_PRODUCT
    parts = height if fits else height * run
    rows = _SMALL_PRODUCT // (features // parts * channels)
    rows = min(rows, len(patches)) if rows >= channels else len(patches)
    whole = len(patches) // rows * rows
    patches = patches.reshape(len(patches), parts, -1)
    stacked = patches[:whole].reshape(-1, rows, *patches.shape[1:])
    stacked_flow = flow[:whole].reshape(-1, 1, rows, channels)
    product = (stacked.transpose(0, 2, 3, 1) @ stacked_flow).sum(axis=0)
    product += patches[whole:].transpose(1, 2, 0) @ flow[whole:]
    return product.reshape(features, channels)
