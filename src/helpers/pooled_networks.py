"""Small convolutional networks with pooling in the middle, trained many at a time.

A lesson that compares kinds of pooling has to train each network several times, on several splits of the data. Here the
runs of one network are trained together: their weights have one more axis, and each step is a few operations of NumPy
on all of them. That costs a fraction of what as many calls of Keras's ``fit`` do, and it is the same arithmetic:
convolution with 3 x 3 filters and the padding "SAME", ReLU, pooling, and a dense layer with ten outputs.

Inside, maps have the axes (runs * filters, height, width, examples), so that each operation walks along many examples
that lie side by side in memory.

References
----------
Kingma, D. P., & Ba, J. (2015). Adam: A method for stochastic optimization. *ICLR*. arXiv:1412.6980.
"""

import numpy as np

from helpers._arguments import (
    float_array,
    integer_array,
    parameter_arrays,
    real_number,
    require_shape,
    whole_number,
    whole_numbers,
)
from helpers._training import adam_step, softmax_minus

CLASSES = 10
BATCH_SIZE = 30
_TOGETHER = 3  # With more runs side by side, memory grows and time hardly falls.
_SIDE = 3
_BETA_2 = 0.99  # Keras's default is 0.999.


def starting_weights(pools, size, seeds, filters=4):
    """Draw the weights of one network for each seed: a normal distribution scaled to the inputs, and biases of 0.

    Parameters
    ----------
    pools : list of tuple
        The pooling layers, in their order: ``(kind, ksize, strides)`` with the kind "max" or "average", and the side
        of the square window and its stride in pixels. The padding is "SAME". No layer at all is allowed.
    size : pair of int
        Height and width of the images in pixels.
    seeds : list of int
        One for each run.
    filters : int

    Returns
    -------
    list of numpy.ndarray
        The filters, shape (runs, filters, 3, 3), their biases (runs, filters), the kernel of the dense layer
        (runs, 10, features) and its bias (runs, 10), all float32. The features are ordered (filter, row, column).

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If a number is out of range, a kind of pooling is unknown, or there is no seed.
    """
    pools = _checked_pools(pools)
    filters = whole_number(filters, "filters", 1)
    size = whole_numbers(size, "size", 1, count=2)
    seeds = whole_numbers(seeds, "seeds", 0)
    shapes = _shapes(pools, size, filters)[::2]
    spreads = np.sqrt(2 / _SIDE**2), np.sqrt(1 / shapes[1][1])
    drawn = [
        [rng.normal(0, s, shape) for s, shape in zip(spreads, shapes, strict=True)]
        for rng in map(np.random.default_rng, seeds)
    ]
    first, second = (np.array(part, np.float32) for part in zip(*drawn, strict=True))
    biases = [np.zeros((len(seeds), n), np.float32) for n in (filters, CLASSES)]
    return [first, biases[0], second, biases[1]]


def _shapes(pools, size, filters):
    """Return the shapes of the weights of one network."""
    height, width = size
    for _, _, strides in pools:
        height, width = -(-height // strides), -(-width // strides)
    return (filters, _SIDE, _SIDE), (filters,), (CLASSES, filters * height * width), (CLASSES,)


def logits(weights, pools, images):
    """Scores of the ten classes that each network gives to its images.

    Parameters
    ----------
    weights : list of array_like
        As :func:`starting_weights` or :func:`train` returns them; other numbers are rounded to float32.
    pools
        As there.
    images : array_like, shape (runs, examples, height, width)
        Grey values; each network has images of its own.

    Returns
    -------
    numpy.ndarray, shape (runs, examples, 10), float32

    Raises
    ------
    TypeError, ValueError
        As :func:`starting_weights`; also if the shapes do not fit together.
    """
    pools, images = _checked_pools(pools), _checked_images(images)
    weights = _checked_weights(weights, pools, images)
    scores = [  # A batch at a time stays in the processor's cache.
        _forward(weights, pools, _patches(images[:, first : first + BATCH_SIZE]))[0]
        for first in range(0, images.shape[1], BATCH_SIZE)
    ]
    return np.concatenate(scores, axis=2).swapaxes(1, 2)


def gradients(weights, pools, images, labels):
    """Gradients of each network's loss, the mean cross-entropy of its examples, with respect to its weights.

    Parameters
    ----------
    weights, pools, images
        As for :func:`logits`.
    labels : array_like of int, shape (runs, examples)
        The right classes, 0 to 9.

    Returns
    -------
    list of numpy.ndarray, float32
        Of the shapes of `weights`. Of several largest cells in a window, one gets the gradient.

    Raises
    ------
    TypeError, ValueError
        As :func:`logits`; also if the labels do not fit.
    """
    pools, images = _checked_pools(pools), _checked_images(images)
    labels = integer_array(labels, "labels", images.shape[:2], "the runs and examples of images", CLASSES)
    weights = _checked_weights(weights, pools, images)
    return _gradients(weights, pools, _patches(images), _one_hot(labels))


def train(pools, images, labels, seeds, passes, filters=4, rate=0.03, moves=0):
    """Train one network for each seed with Adam, whose rate falls evenly to 0; all of them side by side.

    Batches hold 30 examples that stay together; each pass takes them in a new order. Examples that do not fill a batch
    are left out. The order and the moves are the same for all runs, which differ in their images and first weights.

    Parameters
    ----------
    pools, seeds, filters
        As for :func:`starting_weights`.
    images : array_like, shape (runs, examples, height, width)
    labels : array_like of int, shape (runs, examples)
    passes : int
        How many times each example is seen.
    rate : float
        Learning rate of the first step.
    moves : int
        Each batch is moved up or down, and left or right, by a random number of pixels from ``-moves`` to `moves`.
        The images need an empty margin as wide: what leaves on one side comes in again on the other.

    Returns
    -------
    list of numpy.ndarray, float32
        As from :func:`starting_weights`.

    Raises
    ------
    TypeError, ValueError
        As :func:`gradients`; also if there are fewer than 30 examples, or not as many seeds as runs.
    """
    pools, images = _checked_pools(pools), _checked_images(images)
    labels = integer_array(labels, "labels", images.shape[:2], "the runs and examples of images", CLASSES)
    passes, moves = whole_number(passes, "passes", 0), whole_number(moves, "moves", 0)
    rate = real_number(rate, "rate", 0)
    weights = starting_weights(pools, images.shape[2:], seeds, filters)
    if len(weights[0]) != len(images):
        raise ValueError(f"seeds must hold one number for each run, got {len(weights[0])} for {len(images)} runs")
    if images.shape[1] < BATCH_SIZE:
        raise ValueError(f"images must hold at least {BATCH_SIZE} examples, got shape {images.shape}")
    together = [slice(first, first + _TOGETHER) for first in range(0, len(images), _TOGETHER)]
    for runs in together:
        # Weights are changed in place, also through these views of them.
        some = [weight[runs] for weight in weights]
        _train_together(some, pools, images[runs], labels[runs], passes, rate, moves)
    return weights


def _train_together(weights, pools, images, labels, passes, rate, moves):
    parts = [slice(first, first + BATCH_SIZE) for first in range(0, images.shape[1] - BATCH_SIZE + 1, BATCH_SIZE)]
    patches = [] if moves else [_patches(images[:, part]) for part in parts]
    targets = [_one_hot(labels[:, part]) for part in parts]
    moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in weights]
    rng = np.random.default_rng(0)
    order = [i for _ in range(passes) for i in rng.permutation(len(parts))]
    for step, i in enumerate(order):
        if moves:
            shift = rng.integers(-moves, moves + 1, 2)
            seen = _patches(np.roll(images[:, parts[i]], shift, (2, 3)))
        else:
            seen = patches[i]
        slopes = _gradients(weights, pools, seen, targets[i])
        rate_now = rate * (1 - step / len(order))
        for weight, moment, slope in zip(weights, moments, slopes, strict=True):
            adam_step(weight, *moment, slope, rate_now, step + 1, _BETA_2)


def _checked_pools(pools):
    if not isinstance(pools, (list, tuple)):
        raise TypeError(f"pools must be a list of tuples, got {pools!r}")
    checked = []
    for pool in pools:
        well_formed = isinstance(pool, (list, tuple)) and len(pool) == 3
        if not well_formed or not isinstance(pool[0], str) or pool[0] not in ("max", "average"):
            raise ValueError(f"pools must hold ('max' or 'average', ksize, strides), got {pool!r}")
        kind, *sizes = pool
        checked.append((kind, *(whole_number(size, "pools", 1) for size in sizes)))
    return checked


def _checked_images(images):
    images = float_array(images, "images", ndim=4)
    if 0 in images.shape:
        raise ValueError(f"images must not be empty, got shape {images.shape}")
    return images.astype(np.float32, copy=False)


def _checked_weights(weights, pools, images):
    """Return the weights in float32, if they are those of networks with these pooling layers for the images."""
    weights = parameter_arrays(weights, "weights", count=4, first_ndim=4)
    shapes = _shapes(pools, images.shape[2:], filters=max(1, weights[0].shape[1]))
    for index, shape in enumerate(shapes):
        because = f"{len(images)} runs, {images.shape[2]} x {images.shape[3]} pixels, the pools"
        require_shape(weights[index], f"weights[{index}]", (len(images), *shape), because)
    return [part.astype(np.float32, copy=False) for part in weights]


def _one_hot(labels):
    return np.ascontiguousarray(np.eye(CLASSES, dtype=np.float32)[labels].swapaxes(1, 2))


def _patches(images):
    """Return, for each pixel, itself and its eight neighbours: shape (runs, 9, height, width, examples)."""
    _, _, height, width = images.shape
    margins = (0, 0), (1, 1), (1, 1), (0, 0)
    padded = np.pad(np.moveaxis(images, 1, -1), margins)
    neighbours = [
        padded[:, row : row + height, column : column + width] for row in range(_SIDE) for column in range(_SIDE)
    ]
    return np.stack(neighbours, axis=1)


def _forward(weights, pools, patches):
    """Return the scores, shape (runs, 10, examples), and what the way back needs."""
    filters, biases, kernel, bias = weights
    runs, _, height, width, examples = patches.shape
    rows = filters.reshape(runs, -1, _SIDE**2)
    maps = rows @ patches.reshape(runs, _SIDE**2, -1)
    maps = maps.reshape(-1, height, width, examples)
    maps += biases.reshape(-1, 1, 1, 1)
    active = maps > 0
    maps *= active
    pooled, steps = maps, []
    for kind, ksize, strides in pools:
        for axis in (1, 2):
            # The axes before the one that is pooled become one, so that this is always the second.
            shape = pooled.shape
            before = pooled.reshape(-1, *shape[axis:])
            taps = _taps(shape[axis], ksize, strides)
            after = _pool(kind, before, taps)
            steps.append((kind, before, after, taps))
            pooled = after.reshape(*shape[:axis], *after.shape[1:])
    features = pooled.reshape(runs, -1, examples)
    scores = kernel @ features + bias[:, :, np.newaxis]
    return scores, active, steps, features


def _gradients(weights, pools, patches, targets):
    scores, active, steps, features = _forward(weights, pools, patches)
    upstream = softmax_minus(targets, scores, axis=1)
    upstream /= scores.shape[2]
    d_kernel, d_bias = upstream @ features.swapaxes(1, 2), upstream.sum(axis=2)
    d_maps = weights[2].swapaxes(1, 2) @ upstream
    for kind, before, after, taps in reversed(steps):
        d_maps = _pool_backward(kind, d_maps.reshape(after.shape), before, after, taps)
    d_maps = d_maps.reshape(active.shape) * active
    runs, filters = weights[1].shape
    d_maps = d_maps.reshape(runs, filters, -1)
    rows = patches.reshape(runs, _SIDE**2, -1).swapaxes(1, 2)
    d_filters = (d_maps @ rows).reshape(weights[0].shape)
    return [d_filters, d_maps.sum(axis=2), d_kernel, d_bias]


def _taps(length, ksize, strides):
    """Return, for each element of a window along one axis, which windows it exists in and which cells it meets there.

    The first of them exists in all windows. Behind them, how many cells each window has.
    """
    count = -(-length // strides)
    origin = -(max((count - 1) * strides + ksize - length, 0) // 2)
    taps, cells = [], np.zeros((count, 1), np.float32)
    for begin in range(origin, origin + ksize):
        first = max(0, -(begin // strides))
        last = min(count, -((begin - length) // strides))
        if first < last:
            place = begin + first * strides
            end = begin + (last - 1) * strides + 1
            taps.append((slice(first, last), slice(place, end, strides)))
            cells[first:last] += 1
    taps.sort(key=lambda tap: tap[0].start - tap[0].stop)
    return taps, cells, ksize > strides


def _pool(kind, maps, taps):
    (_, cells), *others = taps[0]
    pooled = maps[:, cells].copy()
    combine = np.maximum if kind == "max" else np.add
    for windows, cells in others:
        combine(pooled[:, windows], maps[:, cells], out=pooled[:, windows])
    if kind == "average":
        pooled /= taps[1].reshape(-1, *[1] * (maps.ndim - 2))
    return pooled


def _pool_backward(kind, upstream, maps, pooled, taps):
    taps, counts, overlap = taps
    d_maps = np.zeros_like(maps)
    if kind == "average":
        rest = upstream / counts.reshape(-1, *[1] * (maps.ndim - 2))
        shares = ((rest[:, windows], cells) for windows, cells in taps)
    else:
        shares = _shares_of_maximum(upstream, maps, pooled, taps)
    for share, cells in shares:
        if overlap:
            d_maps[:, cells] += share
        else:
            d_maps[:, cells] = share
    return d_maps


def _shares_of_maximum(upstream, maps, pooled, taps):
    """Yield what the cells of each tap get: all if they are the maximum; what is left at the end is the first tap's."""
    rest = upstream.copy()
    for windows, cells in taps[:0:-1]:
        share = (maps[:, cells] == pooled[:, windows]) * rest[:, windows]
        rest[:, windows] -= share
        yield share, cells
    yield rest, taps[0][1]
