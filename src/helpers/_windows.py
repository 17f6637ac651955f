"""Where a sliding window stands on an image: what convolution and pooling share.

Padding is never laid out, and nothing is multiplied by it: it is what a window covers beyond the image. What is found
here are the places at which elements of windows lie on pixels that exist.
"""

import itertools
from typing import NamedTuple

import numpy as np

from helpers._arguments import float_array, whole_number

# Work proceeds in slices of about so many bytes, so that intermediate results are used while they are in the cache.
# From 0.5 MB to 2 MB the time hardly changes; the whole batch at once takes up to twice as long, and far more memory.
SLICE_BYTES = 2**20


class Axis(NamedTuple):
    """How the windows stand along one axis of the images, the rows or the columns.

    Element `tap` of window `i` lies on pixel ``origin + i * stride + tap * dilation``, if there is such a pixel.

    Attributes
    ----------
    size : int
        Pixels of the image.
    taps : int
        Elements of the window.
    stride : int
        Pixels from one window to the next.
    dilation : int
        Pixels from one element of the window to the next.
    origin : int
        The pixel at which the first window begins: negative by what is padded before the image.
    count : int
        Windows; at least 1.
    """

    size: int
    taps: int
    stride: int
    dilation: int
    origin: int
    count: int


def checked_images(images) -> np.ndarray:
    """Return `images` as floats with four axes (batch, height, width, channels); only the batch may be empty."""
    images = float_array(images, "images", ndim=4)
    if 0 in images.shape[1:]:
        raise ValueError(f"images must have pixels and channels, got shape {images.shape}")
    return images


def checked_pair(value, name):
    """Return (height, width) from a whole number or a pair of them, each at least 1."""
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} must be a whole number or a pair (height, width), got {value!r}")
    return tuple(whole_number(number, name, minimum=1) for number in pair)


def checked_padding(padding):
    """Return "VALID", "SAME", or ((top, bottom), (left, right)) with whole numbers, each at least 0."""
    expected = f'padding must be "VALID", "SAME" or ((top, bottom), (left, right)), got {padding!r}'
    if isinstance(padding, str):
        if padding not in ("VALID", "SAME"):
            raise ValueError(expected)
        return padding
    try:
        (top, bottom), (left, right) = padding
    except TypeError as error:
        raise TypeError(expected) from error
    except ValueError as error:
        raise ValueError(expected) from error
    top, bottom, left, right = (whole_number(number, "padding", minimum=0) for number in (top, bottom, left, right))
    return (top, bottom), (left, right)


def window_axes(sizes, taps, strides, dilations, padding, name) -> tuple[Axis, Axis]:
    """Return the :class:`Axis` of the rows and that of the columns.

    Parameters
    ----------
    sizes, taps, strides, dilations : pair of int
        (height, width) of what the attributes of :class:`Axis` say.
    padding : str or pair of pairs of int
        As :func:`checked_padding` returns it.
    name : str
        The argument that gives the window its size, for the error.

    Raises
    ------
    ValueError
        If the window is larger than the padded image.
    """
    axes = []
    for axis, (size, tap_count, stride, dilation) in enumerate(zip(sizes, taps, strides, dilations, strict=True)):
        extent = (tap_count - 1) * dilation + 1
        if padding == "SAME":
            count = -(-size // stride)
            # Of an odd number of padded pixels, the larger half is at the end.
            before = max((count - 1) * stride + extent - size, 0) // 2
        else:
            before, after = (0, 0) if padding == "VALID" else padding[axis]
            padded = before + size + after
            if extent > padded:
                raise ValueError(
                    f"{name} must fit into the padded images: of {padded} pixels in "
                    f"{('height', 'width')[axis]}, the window would take {extent}"
                )
            count = (padded - extent) // stride + 1
        axes.append(Axis(size, tap_count, stride, dilation, -before, count))
    return tuple(axes)


def taps_on_pixels(axis):
    """Yield, for each element of the window along one axis, in which windows it lies on a pixel, and on which.

    Elements that lie on no pixel, wherever the window stands, are passed over, so that a window may be far larger than
    the image.

    Yields
    ------
    tap : int
        The number of the element, ascending.
    windows, pixels : slice
        Of equal lengths, at least 1.
    """
    taps = _range_of_taps(axis, 0, axis.count - 1)
    if axis.stride >= axis.size:
        # At most one window meets a pixel, so that most elements of a large window may never lie on any.
        windows = reversed(range(axis.count))
        taps = itertools.chain.from_iterable(_range_of_taps(axis, window, window) for window in windows)
    for tap in taps:
        begin = axis.origin + tap * axis.dilation
        first = max(0, -(begin // axis.stride))
        last = min(axis.count, -((begin - axis.size) // axis.stride))
        if first < last:
            begin, end = (begin + window * axis.stride for window in (first, last))
            yield tap, slice(first, last), slice(begin, end, axis.stride)


def runs_of_windows(axis):
    """Cut the windows along one axis into runs of neighbours of which the same elements lie on pixels.

    Windows inside the image are one run; at its ends, windows of which other elements lie outside are others. Windows
    that lie outside with all their elements are passed over.

    Yields
    ------
    windows, taps : slice
        The windows of a run, and their elements that lie on pixels.
    run : Axis
        How these elements of these windows stand: none of them outside the image.
    """
    covered = [windows for _, windows, _ in taps_on_pixels(axis)]
    ends = {end for windows in covered for end in (windows.start, windows.stop)}
    for windows in itertools.starmap(slice, itertools.pairwise(sorted(ends))):
        taps = _range_of_taps(axis, windows.start, windows.start)
        if taps:
            run = some_windows(axis, windows)
            origin = run.origin + taps[0] * axis.dilation
            run = run._replace(origin=origin, taps=len(taps))
            yield windows, slice(taps[0], taps[-1] + 1), run


def _range_of_taps(axis, first, last):
    """Return which elements lie neither before the image in window `last`, nor behind it in window `first`."""
    begin, end = (axis.origin + window * axis.stride for window in (last, first))
    return range(
        max(0, -(begin // axis.dilation)),
        min(axis.taps, -((end - axis.size) // axis.dilation)),
    )


def some_windows(axis, windows):
    """Return the axis with a slice of its windows alone."""
    return axis._replace(
        origin=axis.origin + windows.start * axis.stride,
        count=windows.stop - windows.start,
    )


def pieces(batch, axes, at_once):
    """Cut the windows on all images into pieces: at most so many images, rows of windows and columns of them at once.

    Yields
    ------
    where : tuple of slice
        The images, and the rows and the columns of windows.
    axes : pair of Axis
        With these rows and columns alone.
    """
    counts = batch, *(axis.count for axis in axes)
    for where in itertools.product(*map(_slices, counts, at_once)):
        yield where, tuple(map(some_windows, axes, where[1:]))


def _slices(count, step):
    """Return the slices that cut range(count) into pieces of `step`; the last may be shorter."""
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
