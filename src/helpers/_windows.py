"""Where a sliding window stands on an image: what convolution and pooling share."""

from helpers._arguments import empty_array, float_array, whole_number

# Work proceeds in slices of about so many bytes, so that intermediate results are used while they are in the cache.
# From 0.5 MB to 2 MB the time hardly changes; the whole batch at once takes up to twice as long, and far more memory.
SLICE_BYTES = 2**20


def checked_images(images):
    """Return `images` as floats with four axes (batch, height, width, channels); only the batch may be empty."""
    images = float_array(images, "images", ndim=4)
    if 0 in images.shape[1:]:
        raise ValueError(
            f"images must have pixels and channels, got shape {images.shape}"
        )
    return images


def checked_pair(value, name):
    """Return (height, width) from a whole number or a pair of them, each at least 1."""
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(
            f"{name} must be a whole number or a pair (height, width), got {value!r}"
        )
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
    top, bottom, left, right = (
        whole_number(number, "padding", minimum=0)
        for number in (top, bottom, left, right)
    )
    return (top, bottom), (left, right)


def window_positions(image_size, reach, strides, padding, name):
    """Return how many windows there are, and the pixel at which the first of them begins.

    Parameters
    ----------
    image_size, reach, strides : pair of int
        (height, width) of the image, of the window with its gaps, and of the steps.
    padding : str or pair of pairs of int
        As :func:`checked_padding` returns it.
    name : str
        The argument that gives the window its size, for the error.

    Returns
    -------
    output_size : tuple of int
        (rows, columns) of windows, both at least 1.
    origin : tuple of int
        (row, column) where the first window begins, in pixels of the image: negative by what is padded before it.

    Raises
    ------
    ValueError
        If the window is larger than the padded image.
    """
    counts, origin = [], []
    for axis, (size, extent) in enumerate(zip(image_size, reach, strict=True)):
        stride = strides[axis]
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
        counts.append(count)
        origin.append(-before)
    return tuple(counts), tuple(origin)


def part(images, origin, size, fill=0):
    """Cut a part out of images that are extended without end by `fill`; a view, where it lies inside the images.

    Parameters
    ----------
    images : numpy.ndarray, shape (batch, height, width, channels)
    origin : pair of int
        (row, column) where the part begins; may be negative or beyond the images.
    size : pair of int
        (height, width) of the part.
    """
    inside, target = [], []
    for start, length, limit in zip(origin, size, images.shape[1:3], strict=True):
        first, last = (min(max(end, 0), limit) for end in (start, start + length))
        inside.append(slice(first, last))
        target.append(slice(first - start, last - start))
    seen = images[:, inside[0], inside[1]]
    if seen.shape[1:3] == tuple(size):
        return seen
    shape = len(images), *size, images.shape[3]
    extended = empty_array(shape, images.dtype, "the window and its padding")
    extended[...] = fill
    extended[:, target[0], target[1]] = seen
    return extended


def slices(count, step):
    """Return the slices that cut range(count) into pieces of `step`; the last may be shorter."""
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
