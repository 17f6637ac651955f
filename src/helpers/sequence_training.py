"""Train several small recurrent networks at once: the same cell from different starts, or on different batches.

Each array of weights has a first axis for the networks, so that eight seeds take little more time than one. A network
reads a sequence with a simple recurrent layer, a GRU or an LSTM, and a dense layer turns each state into outputs. The
layout of the weights is Keras's, as in :mod:`helpers.recurrent_networks`; the bias of a GRU has two rows, that of the
others one.
"""

import math
from typing import NamedTuple

import numpy as np

from helpers._arguments import float_array, real_number, shape_is, whole_number

BLOCKS = {"simple": 1, "gru": 3, "lstm": 4}
LOSSES = ("mse", "logistic", "softmax")


class Networks(NamedTuple):
    """Weights of n networks with one cell each; `columns` is the number of units times 1, 3 (GRU) or 4 (LSTM).

    Attributes
    ----------
    kernel : numpy.ndarray, shape (n, features, columns)
    recurrent_kernel : numpy.ndarray, shape (n, units, columns)
    bias : numpy.ndarray, shape (n, 1, columns), or (n, 2, columns) for a GRU
    readout : numpy.ndarray, shape (n, units, outputs)
    offset : numpy.ndarray, shape (n, 1, outputs)
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    readout: np.ndarray
    offset: np.ndarray


def start(
    cell, seeds, features, units, outputs, *, radius=1.0, gate_bias=0.0, scale=0.5
):
    """Weights of one network for each seed, before training.

    Parameters
    ----------
    cell : str
        ``"simple"``, ``"gru"`` or ``"lstm"``.
    seeds : iterable of int
        A network of its own is drawn from each.
    features, units, outputs : int
        At least 1.
    radius : float
        The recurrent kernel has orthonormal rows, as Keras makes them, times this number.
    gate_bias : float
        Bias of the gate that remembers: the update gate of a GRU, the forget gate of an LSTM. A simple network has
        none, and ignores it.
    scale : float
        Standard deviation of the kernel's entries; that of the readout is 0.3.

    Returns
    -------
    Networks

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.
    """
    if cell not in BLOCKS:
        raise ValueError(f"cell must be one of {', '.join(BLOCKS)}, got {cell!r}")
    sizes = {"features": features, "units": units, "outputs": outputs}
    for name, size in sizes.items():
        whole_number(size, name, minimum=1)
    numbers = {"radius": radius, "gate_bias": gate_bias, "scale": scale}
    for name, number in numbers.items():
        real_number(number, name, minimum=-math.inf)
    columns = BLOCKS[cell] * units
    # The second block of an LSTM, the first one of a GRU.
    first = {"simple": columns, "gru": 0, "lstm": units}[cell]
    drawn = []
    for seed in seeds:
        rng = np.random.default_rng(whole_number(seed, "each of seeds", minimum=0))
        kernel = scale * rng.normal(size=(features, columns))
        orthonormal = np.linalg.qr(rng.normal(size=(columns, units)))[0].T
        bias = np.zeros((2 if cell == "gru" else 1, columns))
        bias[0, first : first + units] = gate_bias
        readout = 0.3 * rng.normal(size=(units, outputs))
        drawn.append(
            (kernel, radius * orthonormal, bias, readout, np.zeros((1, outputs)))
        )
    if not drawn:
        raise ValueError("seeds must hold at least one seed, got none")
    return Networks(*(np.stack(arrays) for arrays in zip(*drawn, strict=True)))


def _cell_of(networks):
    units, columns = networks.recurrent_kernel.shape[1:]
    return {blocks: cell for cell, blocks in BLOCKS.items()}[columns // units]


def _time_first(networks, sequences):
    """Move the time to the front, and give all networks the same sequences if there are only three axes."""
    sequences = np.asarray(sequences)
    if sequences.ndim == 3:
        sequences = np.broadcast_to(sequences, (len(networks.kernel), *sequences.shape))
    return np.moveaxis(sequences, 2, 0)


def _read(networks, inputs, state):
    """Read inputs of shape (time, n, batch, features).

    Return states, cells (LSTM only) and what the way back needs, each with the time first, states with the first one.
    """
    cell = _cell_of(networks)
    time, count, batch, _ = inputs.shape
    units = networks.recurrent_kernel.shape[1]
    from_inputs = inputs @ networks.kernel + networks.bias[:, :1]
    columns = from_inputs.shape[-1]
    states = np.empty((time + 1, count, batch, units))
    cells = np.empty_like(states)
    states[0], cells[0] = state
    # Each gate is a sigmoid, (1 + tanh(a / 2)) / 2, and each candidate a tanh: with the slopes 1/2 and 1 in `scale`
    # both are scale * tanh(scale * a) + 1 - scale.
    scale = _scale(cell, units)
    squashed = np.empty_like(from_inputs)
    remembered = np.empty((time, count, batch, units))
    for step in range(time):
        state = states[step]
        a = state @ networks.recurrent_kernel
        if cell == "gru":
            a += networks.bias[:, 1:]
            remembered[step] = a[..., 2 * units :]
            a[..., 2 * units :] = 0
            a += from_inputs[step]
            gates = np.tanh(0.5 * a[..., : 2 * units])
            squashed[step, ..., : 2 * units] = gates
            update = 0.5 + 0.5 * gates[..., :units]
            reset = 0.5 + 0.5 * gates[..., units:]
            candidate = np.tanh(a[..., 2 * units :] + reset * remembered[step])
            squashed[step, ..., 2 * units :] = candidate
            states[step + 1] = candidate + update * (state - candidate)
            continue
        a += from_inputs[step]
        a *= scale
        np.tanh(a, out=squashed[step])
        if cell == "simple":
            states[step + 1] = squashed[step]
            continue
        i, f, g, o = _split(scale * squashed[step] + (1 - scale), 4)
        cells[step + 1] = f * cells[step] + i * g
        remembered[step] = np.tanh(cells[step + 1])
        states[step + 1] = o * remembered[step]
    assert columns == squashed.shape[-1]
    return states, cells, squashed, remembered


def _scale(cell, units):
    candidate = {"simple": 0, "gru": 2, "lstm": 2}[cell]
    scale = np.full(BLOCKS[cell] * units, 0.5)
    scale[candidate * units : (candidate + 1) * units] = 1
    return scale


def _split(array, parts):
    units = array.shape[-1] // parts
    return [array[..., units * part : units * (part + 1)] for part in range(parts)]


def _read_backward(networks, upstream, record):
    """Gradients with respect to what each step squashes, and to the product with the state, for all steps."""
    cell = _cell_of(networks)
    states, cells, squashed, remembered = record
    units = states.shape[-1]
    scale = _scale(cell, units)
    slopes = scale**2 * (1 - squashed**2)
    d_a = np.empty_like(squashed)
    d_products = np.empty_like(squashed) if cell == "gru" else d_a
    back = networks.recurrent_kernel.mT
    d_state, d_cell = np.zeros_like(states[0]), np.zeros_like(states[0])
    active = scale * squashed + (1 - scale)
    for step in reversed(range(len(squashed))):
        d_state = d_state + upstream[step]
        here = d_a[step]
        if cell == "simple":
            np.multiply(d_state, slopes[step], out=here)
            d_state = here @ back
        elif cell == "lstm":
            i, f, g, o = _split(active[step], 4)
            tanh_of_cell = remembered[step]
            d_cell = d_cell + d_state * o * (1 - tanh_of_cell**2)
            here[..., :units] = d_cell * g
            here[..., units : 2 * units] = d_cell * cells[step]
            here[..., 2 * units : 3 * units] = d_cell * i
            here[..., 3 * units :] = d_state * tanh_of_cell
            here *= slopes[step]
            d_state, d_cell = here @ back, d_cell * f
        else:
            z, r, candidate = _split(active[step], 3)
            here[..., :units] = d_state * (states[step] - candidate)
            here[..., 2 * units :] = d_state * (1 - z) * slopes[step, ..., 2 * units :]
            here[..., units : 2 * units] = here[..., 2 * units :] * remembered[step]
            here[..., : 2 * units] *= slopes[step, ..., : 2 * units]
            there = d_products[step]
            there[...] = here
            there[..., 2 * units :] *= r
            d_state = d_state * z + there @ back
    return d_a, d_products


def _sum_over_steps(left, right):
    """Return for each network the sum over the time of left.T @ right."""
    count = left.shape[1]
    rows = [
        np.moveaxis(array, 0, 1).reshape(count, -1, array.shape[-1])
        for array in (left, right)
    ]
    return rows[0].mT @ rows[1]


def run(networks, inputs, state=None):
    """Let each network read sequences.

    Parameters
    ----------
    networks : Networks
    inputs : array_like, shape (batch, time, features) or (n, batch, time, features)
        The same sequences for all n networks, or its own for each.
    state : pair of numpy.ndarray, each of shape (n, batch, units), optional
        The hidden state and the cell before the first step; zeros by default. Only an LSTM has a cell, the others
        hand it on untouched.

    Returns
    -------
    outputs : numpy.ndarray, shape (n, batch, time, outputs)
        After every step, before any softmax or sigmoid.
    state : pair of numpy.ndarray
        The hidden state and the cell after the last step, to read on with.
    gates : numpy.ndarray, shape (n, batch, time, units)
        The gate that remembers at each step: forget gate of an LSTM, update gate of a GRU; without units for a simple
        network.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or shape.
    """
    inputs = _checked_inputs(networks, inputs)
    states, cells, squashed, _ = _read(
        networks, inputs, _initial(networks, inputs, state)
    )
    outputs = states[1:] @ networks.readout + networks.offset
    units = states.shape[-1]
    first = {"simple": 0, "gru": 0, "lstm": units}[_cell_of(networks)]
    last = 0 if _cell_of(networks) == "simple" else first + units
    gates = 0.5 + 0.5 * squashed[..., first:last]
    return np.moveaxis(outputs, 0, 2), (states[-1], cells[-1]), np.moveaxis(gates, 0, 2)


def _checked_inputs(networks, inputs):
    inputs = float_array(inputs, "inputs")
    count, features, _ = networks.kernel.shape
    if inputs.ndim == 4:
        shape_is(
            inputs,
            "inputs",
            (count, *inputs.shape[1:3], features),
            "the networks, batch, time, features",
        )
    else:
        if inputs.ndim != 3:
            raise ValueError(f"inputs must have 3 or 4 axes, got shape {inputs.shape}")
        shape_is(
            inputs,
            "inputs",
            (*inputs.shape[:2], features),
            "any batch, any time, the features",
        )
    return _time_first(networks, inputs)


def _initial(networks, inputs, state):
    shape = (len(networks.kernel), inputs.shape[2], networks.recurrent_kernel.shape[1])
    if state is None:
        return np.zeros(shape), np.zeros(shape)
    for name, part in zip(("state[0]", "state[1]"), state, strict=True):
        shape_is(part, name, shape, "networks, batch, units")
    return state


def gradient(networks, inputs, targets, loss, state=None):
    """Back-propagation through time for each network.

    Parameters
    ----------
    networks, inputs, state
        As for :func:`run`. The state counts as given: no gradient goes back into it.
    targets : array_like
        Shape (batch, time, outputs) or (n, batch, time, outputs): the loss counts every step. With one step,
        shape (..., batch, 1, outputs), it counts the last step alone.
    loss : str
        ``"mse"``: mean squared error; ``"logistic"``: cross-entropy of targets -1 and 1 with the sigmoid;
        ``"softmax"``: cross-entropy of one-hot targets with the softmax.

    Returns
    -------
    gradients : Networks
        Of the mean loss of the batch, for each network by itself.
    state : pair of numpy.ndarray
        As from :func:`run`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or shape.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")
    inputs = _checked_inputs(networks, inputs)
    record = _read(networks, inputs, _initial(networks, inputs, state))
    states = record[0]
    targets = _time_first(networks, float_array(targets, "targets"))
    counted = states[-len(targets) :]
    outputs = counted @ networks.readout + networks.offset
    shape_is(targets, "targets", outputs.shape, "time, networks, batch, outputs")
    d_outputs = _loss_gradient(outputs, targets, loss) / (
        outputs.shape[0] * outputs.shape[2]
    )
    upstream = np.zeros_like(states[1:])
    upstream[-len(targets) :] = d_outputs @ networks.readout.mT
    d_a, d_products = _read_backward(networks, upstream, record)
    d_bias = d_a.sum(axis=(0, 2))[:, np.newaxis]
    if networks.bias.shape[1] == 2:
        d_bias = np.concatenate(
            [d_bias, d_products.sum(axis=(0, 2))[:, np.newaxis]], axis=1
        )
    gradients = Networks(
        _sum_over_steps(inputs, d_a),
        _sum_over_steps(states[:-1], d_products),
        d_bias,
        _sum_over_steps(counted, d_outputs),
        d_outputs.sum(axis=(0, 2))[:, np.newaxis],
    )
    return gradients, (states[-1], record[1][-1])


def _loss_gradient(outputs, targets, loss):
    if loss == "mse":
        return 2 * (outputs - targets) / outputs.shape[-1]
    if loss == "logistic":
        return (
            -targets
            * (0.5 - 0.5 * np.tanh(0.5 * targets * outputs))
            / outputs.shape[-1]
        )
    exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True) - targets


def fit(networks, batches, loss, *, learning_rate=0.01, limit=1.0, carry=False):
    """Train with Adam, one update for each batch; the gradient of each network is clipped by its norm.

    Parameters
    ----------
    networks : Networks
        Is not changed.
    batches : iterable of pairs
        ``(inputs, targets)`` as for :func:`gradient`.
    loss : str
        As for :func:`gradient`.
    learning_rate : float
        Of Adam, which is that of :func:`helpers.gradient_descent.adam`.
    limit : float
        Longest gradient of a network, over all of its weights; ``math.inf`` for no clipping.
    carry : bool
        Truncated back-propagation: each batch goes on where the one before it ended, with the states carried over and
        no gradient through them. By default each batch starts from the state 0.

    Yields
    ------
    Networks
        After each update.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.
    """
    learning_rate = real_number(
        learning_rate, "learning_rate", minimum=0, minimum_allowed=False
    )
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7
    means = [np.zeros_like(array) for array in networks]
    squares = [np.zeros_like(array) for array in networks]
    state = None
    for number, (inputs, targets) in enumerate(batches, 1):
        slopes, after = gradient(networks, inputs, targets, loss, state)
        state = after if carry else None
        norms = np.sqrt(sum((slope**2).sum(axis=(1, 2)) for slope in slopes))
        factor = np.minimum(1, limit / np.maximum(norms, np.finfo(float).tiny))
        rate = learning_rate * np.sqrt(1 - beta_2**number) / (1 - beta_1**number)
        updated = []
        for array, slope, mean, square in zip(
            networks, slopes, means, squares, strict=True
        ):
            slope = slope * factor[:, np.newaxis, np.newaxis]
            mean += (1 - beta_1) * (slope - mean)
            square += (1 - beta_2) * (slope**2 - square)
            updated.append(array - rate * mean / (np.sqrt(square) + epsilon))
        networks = Networks(*updated)
        yield networks


def train(networks, batches, loss, **options):
    """Let :func:`fit` train on all batches, and return the networks after the last one.

    Parameters
    ----------
    networks, batches, loss, **options
        As for :func:`fit`.

    Returns
    -------
    Networks
        `networks` themselves if there is no batch.

    Raises
    ------
    TypeError, ValueError
        As :func:`fit`.
    """
    for trained in fit(networks, batches, loss, **options):
        networks = trained
    return networks
