"""Train several small recurrent networks at once: the same cell from different starts, or on different batches.

Each array of weights has a first axis for the networks, so that eight seeds take little more time than one. A network
reads a sequence with a simple recurrent layer, a GRU or an LSTM, and a dense layer turns each state into outputs. The
layout of the weights is Keras's, as in :mod:`helpers.recurrent_networks`; the bias of a GRU has two rows, that of the
others one.
"""

import math
from typing import NamedTuple

import numpy as np

from helpers._arguments import (
    checked_bool,
    entries,
    float_array,
    one_of,
    real_number,
    require_shape,
    whole_number,
    whole_numbers,
)
from helpers._training import adam_step, softmax_minus

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


def start(cell, seeds, features, units, outputs, *, radius=1.0, gate_bias=0.0, scale=0.5):
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
    one_of(cell, "cell", BLOCKS)
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
    for seed in whole_numbers(seeds, "seeds", minimum=0):
        rng = np.random.default_rng(seed)
        kernel = scale * rng.normal(size=(features, columns))
        orthonormal = np.linalg.qr(rng.normal(size=(columns, units)))[0].T
        bias = np.zeros((2 if cell == "gru" else 1, columns))
        bias[0, first : first + units] = gate_bias
        readout = 0.3 * rng.normal(size=(units, outputs))
        drawn.append((kernel, radius * orthonormal, bias, readout, np.zeros((1, outputs))))
    return Networks(*(np.stack(arrays) for arrays in zip(*drawn, strict=True)))


def _check(networks):
    if not isinstance(networks, Networks):
        raise TypeError(f"networks must be Networks, as start returns them, got {type(networks).__name__}")


def _cell_of(networks):
    units, columns = networks.recurrent_kernel.shape[1:]
    return {blocks: cell for cell, blocks in BLOCKS.items()}[columns // units]


def _checked_sequences(networks, sequences, name, batch, width):
    """Move the time to the front, and give all networks the same sequences if there are only three axes.

    `batch` and `width`, the features or the outputs, are those that are required; None for a batch of any size.
    """
    sequences = float_array(sequences, name)
    if sequences.ndim not in (3, 4):
        raise ValueError(f"{name} must have 3 or 4 axes, got shape {sequences.shape}")
    *_, examples, time, _ = sequences.shape
    own = (len(networks.kernel),) if sequences.ndim == 4 else ()
    shape = *own, examples if batch is None else batch, time, width
    last = "features" if name == "inputs" else "outputs"
    require_shape(sequences, name, shape, f"{'networks, ' if own else ''}batch, time, {last}")
    if sequences.ndim == 3:
        sequences = np.broadcast_to(sequences, (len(networks.kernel), *sequences.shape))
    return np.moveaxis(sequences, 2, 0)


def _slopes(networks):
    """Return 1/2 for each column of a gate and 1 for each column of a candidate.

    With this number s, both a gate, (1 + tanh(a / 2)) / 2, and a candidate, tanh(a), are s * tanh(s * a) + 1 - s. So
    one tanh serves all columns of a step.
    """
    units, columns = networks.recurrent_kernel.shape[1:]
    slopes = np.full(columns, 0.5)
    candidate = {"simple": 0, "gru": 2, "lstm": 2}[_cell_of(networks)]
    slopes[candidate * units : (candidate + 1) * units] = 1
    return slopes


class _Record(NamedTuple):
    """What the way back needs: arrays with the time first, then networks, batch, units or columns."""

    states: np.ndarray  # with the first one
    cells: np.ndarray  # with the first one; LSTM only
    active: np.ndarray  # gates and candidate of each step, in the order of the columns
    kept: np.ndarray  # tanh of the cell (LSTM), what the reset gate is multiplied by (GRU)


def _read(networks, inputs, state):
    """Read inputs of shape (time, n, batch, features)."""
    cell, slopes = _cell_of(networks), _slopes(networks)
    units = len(slopes) // BLOCKS[cell]
    active = inputs @ (networks.kernel * slopes) + networks.bias[:, :1] * slopes
    recurrent_kernel = networks.recurrent_kernel * slopes
    states = np.empty((len(inputs) + 1, *active.shape[1:3], units))
    states[0] = hidden = state[0]
    cells, kept = np.empty_like(states), np.empty_like(states[1:])
    cells[0] = state[1]
    if cell == "gru":
        gates, bias = slice(0, 2 * units), networks.bias[:, 1:] * slopes
    for step, here in enumerate(active):
        product = hidden @ recurrent_kernel
        if cell == "gru":
            product += bias
            here[..., gates] += product[..., gates]
            np.tanh(here[..., gates], out=here[..., gates])
            here[..., gates] *= 0.5
            here[..., gates] += 0.5
            kept[step] = product[..., 2 * units :]
            here[..., 2 * units :] += here[..., units : 2 * units] * kept[step]
            candidate = np.tanh(here[..., 2 * units :], out=here[..., 2 * units :])
            hidden = candidate + here[..., :units] * (hidden - candidate)
        else:
            here += product
            np.tanh(here, out=here)
            if cell == "lstm":
                here *= slopes
                here += 1 - slopes
                i, f, g, o = _split(here, 4)
                cells[step + 1] = f * cells[step] + i * g
                hidden = o * np.tanh(cells[step + 1], out=kept[step])
            else:
                hidden = here
        states[step + 1] = hidden
    if cell != "lstm":
        cells[-1] = state[1]
    return _Record(states, cells, active, kept)


def _split(array, parts):
    units = array.shape[-1] // parts
    return [array[..., units * part : units * (part + 1)] for part in range(parts)]


def _read_backward(networks, upstream, record):
    """Gradients with respect to the sum in each column, and to the product with the state in it, for all steps."""
    cell, slopes = _cell_of(networks), _slopes(networks)
    states, cells, active, kept = record
    units = states.shape[-1]
    back = networks.recurrent_kernel.mT
    is_gate = slopes < 1
    # Slopes of sigmoid and tanh, from their values.
    factors = active * (is_gate - active) + ~is_gate
    d_sums = np.empty_like(active)
    d_products = np.empty_like(active) if cell == "gru" else d_sums
    d_state = d_cell = np.zeros_like(states[0])
    if cell == "gru":
        z, r, candidate = _split(active, 3)
        factors[..., :units] *= states[:-1] - candidate
        factors[..., units : 2 * units] *= kept
        factors[..., 2 * units :] *= 1 - z
    elif cell == "lstm":
        i, f, g, o = _split(active, 4)
        for block, other in enumerate((g, cells[:-1], i, kept)):
            factors[..., units * block : units * (block + 1)] *= other
        to_cell = o * (1 - kept**2)
    for step in reversed(range(len(active))):
        d_state = d_state + upstream[step]
        here, factor = d_sums[step], factors[step]
        if cell == "simple":
            np.multiply(d_state, factor, out=here)
            d_state = here @ back
        elif cell == "lstm":
            d_cell = d_cell + d_state * to_cell[step]
            for block in range(3):
                columns = slice(units * block, units * (block + 1))
                np.multiply(d_cell, factor[..., columns], out=here[..., columns])
            np.multiply(d_state, factor[..., 3 * units :], out=here[..., 3 * units :])
            d_state, d_cell = here @ back, d_cell * f[step]
        else:
            d_candidate = d_state * factor[..., 2 * units :]
            here[..., 2 * units :] = d_candidate
            np.multiply(d_state, factor[..., :units], out=here[..., :units])
            of_reset = slice(units, 2 * units)
            np.multiply(d_candidate, factor[..., of_reset], out=here[..., of_reset])
            there = d_products[step]
            there[...] = here
            there[..., 2 * units :] *= r[step]
            d_state = d_state * z[step] + there @ back
    return d_sums, d_products


def _sum_over_steps(left, right):
    """Return for each network the sum over the time of left.T @ right.

    Many small products and then their sum: each runs on one thread, a large one would start as many as there are.
    """
    return (left.mT @ right).sum(axis=0)


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
    record = _read(networks, inputs, _initial(networks, inputs, state))
    outputs = record.states[1:] @ networks.readout + networks.offset
    units = networks.recurrent_kernel.shape[1]
    first = {"simple": 0, "gru": 0, "lstm": units}[_cell_of(networks)]
    last = 0 if _cell_of(networks) == "simple" else first + units
    gates = record.active[..., first:last]
    state = record.states[-1], record.cells[-1]
    return np.moveaxis(outputs, 0, 2), state, np.moveaxis(gates, 0, 2)


def _checked_inputs(networks, inputs):
    _check(networks)
    return _checked_sequences(networks, inputs, "inputs", None, networks.kernel.shape[1])


def _initial(networks, inputs, state):
    shape = (len(networks.kernel), inputs.shape[2], networks.recurrent_kernel.shape[1])
    if state is None:
        return np.zeros(shape), np.zeros(shape)
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        raise ValueError(f"state must be a pair (hidden, cell), got {type(state).__name__}")
    state = [float_array(part, f"state[{index}]") for index, part in enumerate(state)]
    for index, part in enumerate(state):
        require_shape(part, f"state[{index}]", shape, "networks, batch, units")
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
    one_of(loss, "loss", LOSSES)
    inputs = _checked_inputs(networks, inputs)
    record = _read(networks, inputs, _initial(networks, inputs, state))
    states = record.states
    targets = _checked_sequences(networks, targets, "targets", inputs.shape[2], networks.readout.shape[2])
    if not 1 <= len(targets) <= len(inputs):
        raise ValueError(f"targets must hold 1 to {len(inputs)} steps, got {len(targets)}")
    counted = states[-len(targets) :]
    outputs = counted @ networks.readout + networks.offset
    d_outputs = _loss_gradient(outputs, targets, loss) / (outputs.shape[0] * outputs.shape[2])
    upstream = np.zeros_like(states[1:])
    upstream[-len(targets) :] = d_outputs @ networks.readout.mT
    d_a, d_products = _read_backward(networks, upstream, record)
    d_bias = d_a.sum(axis=(0, 2))[:, np.newaxis]
    if networks.bias.shape[1] == 2:
        d_bias = np.concatenate([d_bias, d_products.sum(axis=(0, 2))[:, np.newaxis]], axis=1)
    gradients = Networks(
        _sum_over_steps(inputs, d_a),
        _sum_over_steps(states[:-1], d_products),
        d_bias,
        _sum_over_steps(counted, d_outputs),
        d_outputs.sum(axis=(0, 2))[:, np.newaxis],
    )
    return gradients, (states[-1], record.cells[-1])


def _loss_gradient(outputs, targets, loss):
    if loss == "mse":
        return 2 * (outputs - targets) / outputs.shape[-1]
    if loss == "logistic":
        return -targets * (0.5 - 0.5 * np.tanh(0.5 * targets * outputs)) / outputs.shape[-1]
    return softmax_minus(targets, outputs)


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
        Longest gradient of a network, over all of its weights.
    carry : bool
        Truncated back-propagation: each batch goes on where the one before it ended, with the states carried over and
        no gradient through them. By default each batch starts from the state 0.

    Returns
    -------
    iterator of Networks
        After each update; each update is made when the iterator is asked for it.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.
    """
    learning_rate = real_number(learning_rate, "learning_rate", minimum=0, minimum_allowed=False)
    limit = real_number(limit, "limit", minimum=0, minimum_allowed=False)
    _check(networks)
    one_of(loss, "loss", LOSSES)
    checked_bool(carry, "carry")
    if not np.iterable(batches):
        raise TypeError(f"batches must be an iterable of pairs (inputs, targets), got {batches!r}")
    return _updates(networks, batches, loss, learning_rate, limit, carry)


def _updates(networks, batches, loss, learning_rate, limit, carry):
    weights = _joined(networks)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    state = None
    for number, batch in enumerate(batches, 1):
        inputs, targets = entries(batch, f"batches[{number - 1}]", 2)
        slopes, after = gradient(networks, inputs, targets, loss, state)
        state = after if carry else None
        slope = _joined(slopes)
        norm = np.sqrt((slope**2).sum(axis=1, keepdims=True))
        slope *= np.minimum(1, limit / np.maximum(norm, np.finfo(float).tiny))
        # What has been handed out may be kept, and must not change.
        weights = weights.copy()
        adam_step(weights, mean, square, slope, learning_rate, number)
        networks = _parted(weights, networks)
        yield networks


def _joined(networks):
    """Return all weights of each network in a row, shape (n, weights): one array is updated faster than five."""
    return np.concatenate([a.reshape(len(a), -1) for a in networks], axis=1)


def _parted(weights, networks):
    """Undo :func:`_joined`: views in the shapes of `networks`."""
    sizes = [array[0].size for array in networks]
    parts = np.split(weights, np.cumsum(sizes)[:-1], axis=1)
    return Networks(*(part.reshape(a.shape) for part, a in zip(parts, networks, strict=True)))


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
