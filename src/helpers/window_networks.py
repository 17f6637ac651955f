"""Many small networks at once, whose hidden units look at windows of an image, trained on one split of the data each.

A network has one hidden layer with ReLU, and an output layer. The hidden layer is a convolution with stride 1 and
VALID: `units` filters of `size` x `size` pixels. With windows as large as the image there is one window, and the same
network is a dense one. So the two can be compared without any other difference.

The networks know nothing of each other. They are stacked along the first axis of every array because NumPy is then busy
with numbers instead of with steps: ten networks take little longer than one.

References
----------
He, K., Zhang, X., Ren, S., & Sun, J. (2015). *Delving deep into rectifiers: Surpassing human-level performance on
ImageNet classification*. ICCV, 1026-1034. arXiv:1502.01852.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers._arguments import (
    checked_bool,
    float_array,
    integer_array,
    parameter_arrays,
    real_number,
    require_shape,
    whole_number,
    whole_numbers,
)
from helpers._training import softmax_minus
from helpers._types import Array, Numbers
from helpers.backpropagation import train_classifiers

# Patches of a group of networks: these are trained together, and no more is kept in memory at a time.
_GROUP_BYTES = 2**22
# The steps are those of gradient descent with momentum, on batches of this size.
_BATCH, _MOMENTUM, _CLASSES = 25, np.float32(0.9), 10


def split(count: int, sizes: Sequence[int], splits: int) -> list[Array]:
    """Draw disjoint parts of the numbers 0 to `count` - 1, once for each split; split `n` is drawn with seed `n`.

    Parameters
    ----------
    count : int
        Examples in all.
    sizes : sequence of int
        Examples in each part, for instance training, validation and test.
    splits : int

    Returns
    -------
    list of numpy.ndarray of int, shapes (splits, size)
        One array for each of `sizes`.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole or below 1, or if there is no part, or if all together hold more than `count` examples.
    """
    count, splits = whole_number(count, "count", 1), whole_number(splits, "splits", 1)
    sizes = whole_numbers(sizes, "sizes", 1)
    if sum(sizes) > count:
        raise ValueError(f"sizes must add up to at most {count}, got {sum(sizes)}")
    orders = [np.random.default_rng(seed).permutation(count) for seed in range(splits)]
    ends = np.cumsum(sizes)
    return np.split(np.stack(orders)[:, : ends[-1]], ends[:-1], axis=1)


def initial_parameters(image_size: tuple[int, int], size: int, units: int, splits: int) -> list[Array]:
    """Draw first weights as He et al. (2015) say, those of split `n` with seed `n`; biases are 0.

    Parameters
    ----------
    image_size : pair of int
        Height and width of the images.
    size : int
        Side of a window in pixels, at most that of the images.
    units : int
        Filters of the hidden layer.
    splits : int

    Returns
    -------
    list of numpy.ndarray, float32
        Filters (splits, size, size, units), their biases (splits, units), the kernel of the output layer (splits,
        places * units, 10), where places counts the windows on an image, and its biases (splits, 10).

    Raises
    ------
    TypeError, ValueError
        If a number is not whole or too small, or a window larger than the image.
    """
    size, units = whole_number(size, "size", 1), whole_number(units, "units", 1)
    splits = whole_number(splits, "splits", 1)
    shapes = _shapes(image_size, size, units, splits)
    rngs = [np.random.default_rng(seed) for seed in range(splits)]
    filters, kernel = (
        np.stack([rng.normal(size=shape) * np.sqrt(2 / inputs) for rng in rngs])
        for (_, *shape), inputs in ((shapes[0], size**2), (shapes[2], shapes[2][1]))
    )
    parameters = filters, np.zeros(shapes[1]), kernel, np.zeros(shapes[3])
    return [part.astype(np.float32) for part in parameters]


def _shapes(image_size, size, units, splits):
    inputs = math.prod(_places(image_size, size)) * units
    return (splits, size, size, units), (splits, units), (splits, inputs, _CLASSES), (splits, _CLASSES)


def train(
    images: Numbers,
    labels: Numbers,
    examples: Numbers,
    size: int,
    units: int,
    learning_rate: float,
    epochs: int = 10,
    filters_learn: bool = True,
) -> list[Array]:
    """Train one network for each split, by gradient descent with momentum 0.9 on batches of 25.

    The learning rate falls to 0 in a straight line. The first weights are :func:`initial_parameters`; the order of the
    examples of split `n` is drawn with seed ``(n, 1)``.

    Parameters
    ----------
    images : array_like, shape (count, height, width) or (splits, count, height, width)
        The same images for all splits, or others for each.
    labels : array_like of int, shape (count,)
        From 0 to 9.
    examples : array_like of int, shape (splits, examples)
        On which images the network of each split is trained; at least 25. What is over after the last whole batch is
        left out in that pass.
    size, units : int
        Side of a window in pixels, and filters of the hidden layer. With `size` the side of square images, the hidden
        layer is dense.
    learning_rate : float
        At the start; above 0.
    epochs : int
        Passes through the examples.
    filters_learn : bool
        Whether the filters and their biases are trained as well, or stay as they were drawn.

    Returns
    -------
    list of numpy.ndarray, float32
        As :func:`initial_parameters` returns them.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range.
    """
    images, labels, examples = _checked(images, labels, examples)
    _require_batch(examples)
    learning_rate = real_number(learning_rate, "learning_rate", 0, minimum_allowed=False)
    epochs = whole_number(epochs, "epochs", 1)
    checked_bool(filters_learn, "filters_learn")
    start = initial_parameters(images.shape[2:], size, units, len(examples))
    batches = _batches(*examples.shape, epochs)
    rates = learning_rate * (1 - np.arange(len(batches)) / len(batches))
    rates = rates.astype(np.float32)
    trained = []
    for some in _groups(images, examples, size):
        weights = [part[some] for part in start]
        data = images[some], labels, examples[some], batches[:, some]
        trained.append(_train_together(weights, *data, rates, filters_learn))
    return [np.concatenate(parts) for parts in zip(*trained, strict=True)]


def _train_together(start, images, labels, examples, batches, rates, filters_learn):
    size = start[0].shape[1]
    weights = _joined(start)
    velocities = [np.zeros_like(part) for part in weights]
    patches, labels = _patches(images, examples, size), labels[examples]
    for batch, rate in zip(batches, rates, strict=True):
        gradients = _gradients(weights, *_chosen(patches, labels, batch))
        for part, velocity, gradient in zip(weights, velocities, gradients, strict=True):
            if filters_learn or part is not weights[0]:
                velocity *= _MOMENTUM
                velocity -= rate * gradient
                part += velocity
    return _apart(weights, size)


def accuracy(parameters: Sequence[Numbers], images: Numbers, labels: Numbers, examples: Numbers) -> Array:
    """Return the share of right answers of each network on the examples of its split.

    Parameters
    ----------
    parameters : list of array_like
        As :func:`train` returns them.
    images, labels, examples
        As for :func:`train`; any number of examples but none.

    Returns
    -------
    numpy.ndarray, shape (splits,)

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or shape.
    """
    images, labels, examples = _checked(images, labels, examples)
    parameters = _checked_parameters(parameters, images)
    size = parameters[0].shape[1]
    right = []
    for some in _groups(images, examples, size):
        patches = _patches(images[some], examples[some], size)
        _, logits = _forward(_joined([part[some] for part in parameters]), patches)
        right.append(logits.argmax(axis=2) == labels[examples[some]])
    return np.concatenate(right).mean(axis=1)


def softmax_regression_accuracy(images: Numbers, labels: Numbers, examples: Numbers, test: Numbers) -> Array:
    """Train the baseline that a network must beat, and return its accuracy on the test part of each split.

    It is one dense layer with softmax, trained by :func:`helpers.backpropagation.train_classifiers` from weights of 0:
    by plain gradient descent at the rate 0.5 on batches of 25, for 40 passes. The order of the examples of split `n` is
    drawn with seed ``(n, 1)``.

    Parameters
    ----------
    images : array_like, shape (count, height, width)
    labels, examples
        As for :func:`train`.
    test : array_like of int, shape (splits, test_examples)

    Returns
    -------
    numpy.ndarray, shape (splits,)

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range.
    """
    _, _, test = _checked(images, labels, test)
    _, labels, examples = _checked(images, labels, examples)
    _require_batch(examples)
    images = float_array(images, "images", ndim=3)
    if len(test) != len(examples):
        raise ValueError(f"test must have as many rows as examples, {len(examples)}, got shape {test.shape}")
    pixels = images.reshape(len(images), -1)
    start = [(np.zeros((pixels.shape[1], _CLASSES)), np.zeros(_CLASSES))]
    splits = np.arange(len(examples))[:, np.newaxis, np.newaxis]
    batches = examples[splits, _batches(*examples.shape, epochs=40).swapaxes(0, 1)]
    trained = train_classifiers(pixels, labels, [start] * len(examples), batches, learning_rate=0.5)
    answers = [
        (pixels[rows] @ kernel + bias).argmax(axis=1) for rows, [(kernel, bias)] in zip(test, trained, strict=True)
    ]
    return np.mean(answers == labels[test], axis=1)


def _checked(images, labels, examples):
    images = float_array(images, "images")
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(f"images must have 3 or 4 axes and not be empty, got shape {images.shape}")
    count = images.shape[-3]
    labels = integer_array(labels, "labels", (count,), "one for each image", _CLASSES)
    examples = integer_array(examples, "examples", (None, None), "any splits, any examples", count)
    if examples.size == 0:
        raise ValueError(f"examples must not be empty, got shape {examples.shape}")
    if images.ndim == 3:
        images = images[np.newaxis]
    elif len(images) != len(examples):
        raise ValueError(
            f"images must have one entry for each row of examples, {len(examples)}, where they have 4 axes, "
            f"got shape {images.shape}"
        )
    return np.broadcast_to(images, (len(examples), *images.shape[1:])), labels, examples


def _checked_parameters(parameters, images):
    """Return the parameters as arrays, if they are those of networks for the images, whose first axis is the splits."""
    parameters = parameter_arrays(parameters, "parameters", count=4, first_ndim=4)
    splits, *image_size = images.shape[:1] + images.shape[2:]
    # Windows that no image holds are refused with the largest ones that fit.
    size, units = max(1, min(parameters[0].shape[1], *image_size)), max(1, parameters[0].shape[3])
    for index, shape in enumerate(_shapes(image_size, size, units, splits)):
        because = f"{splits} rows of examples, images of {image_size[0]} x {image_size[1]}, 10 classes"
        require_shape(parameters[index], f"parameters[{index}]", shape, because)
    return parameters


def _require_batch(examples):
    if examples.shape[1] < _BATCH:
        raise ValueError(f"examples must have at least {_BATCH} columns, one batch, got shape {examples.shape}")


def _places(image_size, size):
    height, width = whole_numbers(image_size, "image_size", 1, count=2)
    if size > min(height, width):
        raise ValueError(f"size must be at most that of the images, {min(height, width)}, got {size}")
    return height - size + 1, width - size + 1


def _groups(images, examples, size):
    """Return slices of as many splits as have patches that fit into the memory of a group."""
    one = examples.shape[1] * math.prod(_places(images.shape[2:], size)) * (size**2 + 1)
    step = max(1, _GROUP_BYTES // (4 * one))
    return [slice(n, n + step) for n in range(0, len(examples), step)]


def _batches(splits, count, epochs):
    """Return which columns of the examples each step takes, shape (steps, splits, batch)."""
    rngs = [np.random.default_rng([seed, 1]) for seed in range(splits)]
    whole = count // _BATCH * _BATCH
    passes = [[rng.permutation(count)[:whole] for rng in rngs] for _ in range(epochs)]
    stacked = np.reshape(passes, (epochs, splits, -1, _BATCH))
    return stacked.swapaxes(1, 2).reshape(-1, splits, _BATCH)


def _patches(images, examples, size):
    """Return the windows of the examples, shape (splits, examples, places, size * size + 1).

    Behind the pixels of a window stands a 1, which is multiplied by the bias: one product then does for both.
    """
    splits, count = examples.shape
    chosen = images[np.arange(splits)[:, np.newaxis], examples]
    windows = sliding_window_view(chosen, (size, size), axis=(2, 3))
    patches = np.ones((*windows.shape[:4], size**2 + 1), np.float32)
    patches[..., :-1].reshape(windows.shape)[...] = windows
    return patches.reshape(splits, count, -1, size**2 + 1)


def _chosen(patches, labels, batch):
    """Return the patches and the labels of a batch."""
    splits, count = patches.shape[:2]
    flat = (batch + count * np.arange(splits)[:, np.newaxis]).ravel()
    # To take rows of a matrix costs a third of an index into four axes.
    rows = np.take(patches.reshape(splits * count, -1), flat, axis=0)
    chosen = rows.reshape(*batch.shape, *patches.shape[2:])
    return chosen, np.take_along_axis(labels, batch, axis=1)


def _joined(parameters):
    """Return the filters with their biases as a last row, the kernel, and its biases, each a matrix for each split."""
    filters, filter_biases, kernel, biases = (np.asarray(part, np.float32) for part in parameters)
    flat = filters.reshape(len(filters), -1, filters.shape[-1])
    joined = np.concatenate([flat, filter_biases[:, np.newaxis]], axis=1)
    return [joined, kernel, biases[:, np.newaxis]]


def _apart(weights, size):
    joined, kernel, biases = weights
    filters = joined[:, :-1].reshape(len(joined), size, size, -1)
    return [filters, joined[:, -1], kernel, biases[:, 0]]


def _forward(weights, patches):
    joined, kernel, biases = weights
    splits, count = patches.shape[:2]
    hidden = patches.reshape(splits, -1, patches.shape[-1]) @ joined
    hidden = np.maximum(hidden, 0, out=hidden).reshape(splits, count, -1)
    return hidden, hidden @ kernel + biases


def _gradients(weights, patches, labels):
    """Return the gradients of the mean cross-entropy of each split."""
    hidden, logits = _forward(weights, patches)
    splits, count = labels.shape
    upstream = softmax_minus(labels[..., np.newaxis] == np.arange(_CLASSES), logits)
    upstream /= count
    back = upstream @ weights[1].swapaxes(1, 2)
    back *= hidden > 0
    flat = patches.reshape(splits, -1, patches.shape[-1])
    d_joined = flat.swapaxes(1, 2) @ back.reshape(splits, flat.shape[1], -1)
    return d_joined, hidden.swapaxes(1, 2) @ upstream, upstream.sum(axis=1, keepdims=True)
