"""Maximum and average pooling of images, and their gradients, in vectorised NumPy.

A window of `height` times `width` pixels is pooled along one axis and then along the other, in ``height + width``
steps, each of them one operation on all windows at once. The gradients take the same way back.

References
----------
Dumoulin, V., & Visin, F. (2016). *A guide to convolution arithmetic for deep learning*. arXiv:1603.07285.
"""

import numpy as np

from helpers._arguments import empty_array, float_array, require_shape, same_dtype
from helpers._types import Array, Numbers, Padding, PerAxis
from helpers._windows import (
    SLICE_BYTES,
    Axis,
    checked_images,
    checked_padding,
    checked_pair,
    pieces,
    taps_on_pixels,
    window_axes,
)


def max_pool2d(images: Numbers, ksize: PerAxis, strides: PerAxis, padding: Padding = "VALID") -> Array:
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
        smaller than `ksize`, so that every window sees a pixel. Padding does not count: it is never the maximum.

    Returns
    -------
    numpy.ndarray, shape (batch, output_height, output_width, channels)
        float32 if `images` is float32, else float64. Without "SAME", a side of the output has
        ``(padded_size - ksize) // stride + 1`` pixels. A window that holds a NaN gives NaN, and one that holds nothing
        but minus infinity gives minus infinity. (TensorFlow passes over NaN, and a window of nothing but NaN or minus
        infinity gives its lowest finite number; compiled by XLA, minus infinity.)

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If `images` does not have four axes, if a size, stride or padding is out of range, or if the window is larger
        than the padded images. (If by no more than a stride, TensorFlow returns an empty output in float64; in float32,
        what it does depends on how it was built.)

    References
    ----------
    https://www.tensorflow.org/api_docs/python/tf/nn/max_pool2d

    Examples
    --------
    >>> image = np.reshape([[1, 2, 0, 5], [4, 3, 5, 5]], (1, 2, 4, 1))
    >>> max_pool2d(image, ksize=2, strides=2)[0, :, :, 0]
    array([[4., 5.]])
    """
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    maxima = empty_array(_output_shape(images, axes), images.dtype, "padding")
    for where, some_axes in _pieces(images, axes):
        maxima[where] = _pool(np.maximum, -np.inf, images[where[0]], some_axes)
    return maxima


def max_pool2d_backward(
    upstream: Numbers,
    images: Numbers,
    ksize: PerAxis,
    strides: PerAxis,
    padding: Padding = "VALID",
) -> Array:
    """Gradient of :func:`max_pool2d` with respect to the images: each window sends its gradient to its largest pixel.

    Where several pixels are largest, the first of them in reading order (row by row) gets all, as in TensorFlow on a
    CPU unless XLA compiles it: then another one may get it. In a window that holds a NaN, that is the first NaN.
    Gradients are handed on, not multiplied: an infinite one, or NaN, reaches that pixel alone.

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

    Examples
    --------
    >>> image = np.reshape([[1, 2, 0, 5], [4, 3, 5, 5]], (1, 2, 4, 1))
    >>> upstream = np.reshape([7.0, 9.0], (1, 1, 2, 1))
    >>> max_pool2d_backward(upstream, image, ksize=2, strides=2)[0, :, :, 0]
    array([[0., 0., 0., 9.],
           [7., 0., 0., 0.]])
    """
    upstream, images, axes = _checked(upstream, images, ksize, strides, padding)
    d_images = np.zeros(images.shape, images.dtype)
    for where, some_axes in _pieces(images, axes):
        examples = where[0]
        _route(upstream[where], images[examples], d_images[examples], some_axes)
    return d_images


def avg_pool2d(images: Numbers, ksize: PerAxis, strides: PerAxis, padding: Padding = "VALID") -> Array:
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

    Examples
    --------
    >>> image = np.reshape([[1, 2, 0, 5], [4, 3, 5, 5]], (1, 2, 4, 1))
    >>> avg_pool2d(image, ksize=2, strides=2)[0, :, :, 0]
    array([[2.5 , 3.75]])
    """
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    means = empty_array(_output_shape(images, axes), images.dtype, "padding")
    counts = _pixel_counts(images, axes)
    for where, some_axes in _pieces(images, axes):
        sums = _pool(np.add, 0, images[where[0]], some_axes)
        np.divide(sums, counts[where[1:]], out=means[where])
    return means


def avg_pool2d_backward(
    upstream: Numbers,
    images: Numbers,
    ksize: PerAxis,
    strides: PerAxis,
    padding: Padding = "VALID",
) -> Array:
    """Gradient of :func:`avg_pool2d` with respect to the images: each window shares its gradient equally.

    Where, with "SAME", the window is larger than the images, TensorFlow's own gradient on a CPU is wrong for some sizes
    in float64, and without oneDNN in float32 too; with oneDNN in float32, or compiled by XLA, it is right (see its
    issue 48773, https://github.com/tensorflow/tensorflow/issues/48773).

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

    Examples
    --------
    >>> upstream, image = np.reshape([4.0], (1, 1, 1, 1)), np.zeros((1, 2, 2, 1))
    >>> avg_pool2d_backward(upstream, image, ksize=2, strides=2)[0, :, :, 0]
    array([[1., 1.],
           [1., 1.]])
    """
    upstream, images, axes = _checked(upstream, images, ksize, strides, padding)
    counts = _pixel_counts(images, axes)
    d_images = np.zeros(images.shape, images.dtype)
    for where, some_axes in _pieces(images, axes):
        shares = upstream[where] / counts[where[1:]]
        _spread(shares, d_images[where[0]], some_axes)
    return d_images


def _checked(upstream, images, ksize, strides, padding) -> tuple[Array, Array, tuple[Axis, Axis]]:
    upstream = float_array(upstream, "upstream", ndim=4)
    images = checked_images(images)
    axes = _axes(images, ksize, strides, padding)
    shape = _output_shape(images, axes)
    require_shape(upstream, "upstream", shape, "the shape of the output of the pooling")
    return *same_dtype(upstream, images), axes


def _axes(images, ksize, strides, padding):
    sizes = images.shape[1:3]
    ksize = checked_pair(ksize, "ksize")
    strides = checked_pair(strides, "strides")
    padding = checked_padding(padding)
    if not isinstance(padding, str) and np.any(np.max(padding, axis=1) >= ksize):
        raise ValueError(f"padding must be smaller than ksize on all sides, got {padding} with ksize {ksize}")
    return window_axes(sizes, ksize, strides, (1, 1), padding, "ksize")


def _output_shape(images, axes):
    return len(images), *(axis.count for axis in axes), images.shape[3]


def _pieces(images, axes):
    """Cut all windows into pieces, so that what is laid out for one is no larger than a slice, or than one image."""
    _, height, width, channels = images.shape
    rows, columns = (axis.count for axis in axes)
    # With much padding there may be more windows than pixels along an axis.
    pixels = max(height * width, rows * width, height * columns)
    numbers = SLICE_BYTES // (channels * images.itemsize)
    at_once = (
        max(1, numbers // pixels),
        max(height, numbers // width),
        max(width, numbers // height),
    )
    return pieces(len(images), axes, at_once)


def _pool(function, fill, images, axes):
    """Combine the pixels under each window by a function of two arguments; `fill` is what it ignores."""
    rows, columns = axes
    # Rows first: whole rows are read at once, and for the columns less is left.
    of_columns = _pool_along(1, rows, function, fill, images)
    return _pool_along(2, columns, function, fill, of_columns)


def _pool_along(axis, windows, function, fill, pixels):
    """Combine the pixels under each window along one axis."""
    shape = list(pixels.shape)
    shape[axis] = windows.count
    pooled = np.full(shape, fill, pixels.dtype)
    for places, seen in _taps(axis, windows):
        function(pooled[places], pixels[seen], out=pooled[places])
    return pooled


def _route(upstream, images, d_images, axes):
    """Add the gradient of each window to its first largest pixel.

    That is the first pixel, of those under the window, of the first row that holds the maximum.
    """
    rows, columns = axes
    of_rows = _pool_along(2, columns, np.maximum, -np.inf, images)
    maxima = _pool_along(1, rows, np.maximum, -np.inf, of_rows)
    d_of_rows = np.zeros(of_rows.shape, of_rows.dtype)
    _route_along(1, rows, upstream, maxima, of_rows, d_of_rows)
    _route_along(2, columns, d_of_rows, of_rows, images, d_images, rows)


def _route_along(axis, windows, upstream, maxima, pixels, d_pixels, *other_windows):
    """Add the gradient of each window along one axis to the first of its pixels that equals the maximum, or is NaN."""
    holds_nan = np.isnan(maxima).any()
    waiting = np.ones(maxima.shape, bool)
    for places, seen in _taps(axis, windows):
        hits = pixels[seen] == maxima[places]
        if holds_nan:
            hits |= np.isnan(pixels[seen])
        hits &= waiting[places]
        waiting[places] ^= hits
        flow = np.where(hits, upstream[places], 0)
        _accumulate(d_pixels, seen, flow, windows, *other_windows)


def _spread(shares, d_images, axes):
    """Add the share of each window to all its pixels."""
    rows, columns = axes
    along_rows = np.zeros((len(shares), rows.size, *shares.shape[2:]), shares.dtype)
    for places, seen in _taps(1, rows):
        _accumulate(along_rows, seen, shares[places], rows)
    for places, seen in _taps(2, columns):
        _accumulate(d_images, seen, along_rows[places], *axes)


def _accumulate(target, pixels, values, *axes):
    """Add to zeros; where no windows overlap, set them, which takes little more than half the time."""
    if any(windows.stride < windows.taps for windows in axes):
        target[pixels] += values
    else:
        target[pixels] = values


def _pixel_counts(images, axes):
    """Return how many pixels of the image each window covers, shape (rows, columns, channels)."""
    counts = [np.zeros(windows.count, images.dtype) for windows in axes]
    for count, windows in zip(counts, axes, strict=True):
        for _, places, _ in taps_on_pixels(windows):
            count[places] += 1
    # Division by an array of the same shape is faster than by one that has to be repeated for each channel.
    return np.repeat(np.outer(*counts)[:, :, np.newaxis], images.shape[3], axis=2)


def _taps(axis, windows):
    """Yield, for each element of the window along an axis of the images, in which windows it lies on which pixels.

    Both as an index of an array of four axes.
    """
    before = (slice(None),) * axis
    for _, places, pixels in taps_on_pixels(windows):
        yield (*before, places), (*before, pixels)
