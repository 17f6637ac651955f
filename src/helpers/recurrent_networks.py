"""Recurrent layers on whole batches: the simple one forward and backward, LSTM and GRU forward.

Sequences have the shape (batch, time, features). The weights have Keras's layout: each kernel holds one block of
`units` columns for every gate and for the candidate, side by side. The products with the inputs are made for all
time steps at once; only what depends on the state before is left to the loop.

Every size may be 0. Without a time step there are no states, and the final state is the initial one.
"""

import numpy as np

from helpers._arguments import checked_bool, float_array, require_shape, same_dtype
from helpers._sums import sum_of_products, sum_of_rows
from helpers._types import Array, Numbers
from helpers.backpropagation import sigmoid


def _checked(inputs, kernel, recurrent_kernel, blocks, initial_states, **others) -> list[Array]:
    """Return all arrays in their common dtype: the first three, the initial states, and the others as they are named.

    `blocks` counts the blocks of columns in a kernel. `initial_states` maps names to arrays, or to None for zeros.
    `others` may have any shape.
    """
    inputs = float_array(inputs, "inputs", ndim=3)
    kernel = float_array(kernel, "kernel")
    recurrent_kernel = float_array(recurrent_kernel, "recurrent_kernel", ndim=2)
    batch, _, features = inputs.shape
    units = len(recurrent_kernel)
    require_shape(
        recurrent_kernel,
        "recurrent_kernel",
        (units, blocks * units),
        f"units = its rows, {blocks} x units columns",
    )
    require_shape(
        kernel,
        "kernel",
        (features, blocks * units),
        "the features of inputs, the columns of recurrent_kernel",
    )
    # Zeros in float32 leave the common dtype to the others.
    zeros = np.zeros((batch, units), dtype=np.float32)
    states = {name: zeros if state is None else float_array(state, name) for name, state in initial_states.items()}
    for name, state in states.items():
        require_shape(
            state,
            name,
            (batch, units),
            "the batch of inputs, the rows of recurrent_kernel",
        )
    others = {name: float_array(array, name) for name, array in others.items()}
    return same_dtype(inputs, kernel, recurrent_kernel, *states.values(), *others.values())


def simple_rnn(
    inputs: Numbers,
    kernel: Numbers,
    recurrent_kernel: Numbers,
    bias: Numbers,
    initial_state: Numbers | None = None,
) -> Array:
    """States of a simple recurrent layer, as ``keras.layers.SimpleRNN(units, return_sequences=True)`` gives them.

    ``state[t] = tanh(inputs[t] @ kernel + state[t - 1] @ recurrent_kernel + bias)``

    Parameters
    ----------
    inputs : array_like, shape (batch, time, features)
    kernel : array_like, shape (features, units)
    recurrent_kernel : array_like, shape (units, units)
    bias : array_like, shape (units,)
    initial_state : array_like, shape (batch, units), optional
        The state before the first step; zeros by default.

    Returns
    -------
    numpy.ndarray, shape (batch, time, units)
        The state after each step; float32 if all arguments are, else float64.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If an argument has another shape than above.

    References
    ----------
    Elman, J. L. (1990). Finding structure in time. *Cognitive Science*, 14(2), 179-211.
    https://doi.org/10.1207/s15516709cog1402_1

    Examples
    --------
    >>> weights = {"kernel": [[0.5]], "recurrent_kernel": [[1.0]], "bias": [0.0]}
    >>> simple_rnn(np.ones((1, 3, 1)), **weights)[0, :, 0].round(3)
    array([0.462, 0.745, 0.847])
    """
    inputs, kernel, recurrent_kernel, state, bias = _checked(
        inputs, kernel, recurrent_kernel, 1, {"initial_state": initial_state}, bias=bias
    )
    require_shape(bias, "bias", kernel.shape[1:], "the columns of the kernels")
    from_inputs = inputs @ kernel + bias
    states = np.empty_like(from_inputs)
    for step in range(inputs.shape[1]):
        state = np.tanh(from_inputs[:, step] + state @ recurrent_kernel)
        states[:, step] = state
    return states


def simple_rnn_backward(
    upstream: Numbers,
    inputs: Numbers,
    states: Numbers,
    kernel: Numbers,
    recurrent_kernel: Numbers,
    initial_state: Numbers | None = None,
) -> tuple[Array, Array, Array, Array, Array]:
    """Back-propagation through time: the gradients of a loss with respect to the arguments of :func:`simple_rnn`.

    A state acts on the loss by itself, which is its part of `upstream`, and through the state after it. From the last
    step to the first, ``delta[t]`` is the gradient with respect to what the tanh of step t is taken of::

        delta[t] = (upstream[t] + delta[t + 1] @ recurrent_kernel.T) * (1 - state[t] ** 2)

    Every step uses the same weights, so that their gradients are sums over all steps: `d_recurrent_kernel` that of
    ``state[t - 1].T @ delta[t]``, `d_kernel` that of ``inputs[t].T @ delta[t]``, `d_bias` that of ``delta[t]``. These
    sums, over all steps and examples, are made in float64 and rounded once.

    Parameters
    ----------
    upstream : array_like, shape (batch, time, units) or (batch, units)
        Gradient of the loss with respect to each state; or, with two axes, with respect to the final state alone, in
        a loss on which the other states act only through that one.
    inputs : array_like, shape (batch, time, features)
    states : array_like, shape (batch, time, units)
        What :func:`simple_rnn` returned for the same arguments.
    kernel : array_like, shape (features, units)
    recurrent_kernel : array_like, shape (units, units)
    initial_state : array_like, shape (batch, units), optional
        As given to :func:`simple_rnn`.

    Returns
    -------
    d_inputs, d_kernel, d_recurrent_kernel, d_bias, d_initial_state : numpy.ndarray
        Each with the shape of what it is the gradient of; `d_initial_state` also if there was no `initial_state`.
        float32 if all arguments are, else float64.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If an argument has another shape than above.

    References
    ----------
    Werbos, P. J. (1990). Backpropagation through time: what it does and how to do it. *Proceedings of the IEEE*,
    78(10), 1550-1560. https://doi.org/10.1109/5.58337
    """
    inputs, kernel, recurrent_kernel, initial_state, upstream, states = _checked(
        inputs,
        kernel,
        recurrent_kernel,
        1,
        {"initial_state": initial_state},
        upstream=upstream,
        states=states,
    )
    require_shape(
        states,
        "states",
        (*inputs.shape[:2], len(recurrent_kernel)),
        "the states that simple_rnn returned",
    )
    d_state = np.zeros_like(initial_state)
    if upstream.ndim == 2:
        require_shape(upstream, "upstream", initial_state.shape, "two axes: the final state alone")
        # A sum, not the argument itself, because it is what is returned when there is no step.
        d_state, upstream = d_state + upstream, np.zeros_like(states)
    require_shape(
        upstream,
        "upstream",
        states.shape,
        "the shape of states, or two axes for the final state alone",
    )
    deltas = np.empty_like(states)
    for step in reversed(range(inputs.shape[1])):
        delta = (upstream[:, step] + d_state) * (1 - states[:, step] ** 2)
        d_state = delta @ recurrent_kernel.T
        deltas[:, step] = delta
    states_before = np.concatenate([initial_state[:, np.newaxis], states], axis=1)
    d_parameters = (
        sum_of_products(inputs, deltas),
        sum_of_products(states_before[:, :-1], deltas),
        sum_of_rows(deltas),
    )
    d_kernel, d_recurrent_kernel, d_bias = (gradient.astype(deltas.dtype) for gradient in d_parameters)
    return deltas @ kernel.T, d_kernel, d_recurrent_kernel, d_bias, d_state


def lstm(inputs, kernel, recurrent_kernel, bias, initial_state=None, return_state=False):
    """Hidden states of a long short-term memory, as ``keras.layers.LSTM(units, return_sequences=True)`` gives them.

    Four blocks of columns, in this order, give the input gate i, the forget gate f, the candidate g and the output
    gate o. With ``a = inputs[t] @ kernel + hidden[t - 1] @ recurrent_kernel + bias``, cut into the blocks::

        i, f, g, o = sigmoid(a_i), sigmoid(a_f), tanh(a_g), sigmoid(a_o)
        cell[t] = f * cell[t - 1] + i * g
        hidden[t] = o * tanh(cell[t])

    Parameters
    ----------
    inputs : array_like, shape (batch, time, features)
    kernel : array_like, shape (features, 4 * units)
    recurrent_kernel : array_like, shape (units, 4 * units)
    bias : array_like, shape (4 * units,)
    initial_state : pair of array_like, each of shape (batch, units), optional
        The hidden state and the cell state before the first step, a tuple or a list; either may be None, for zeros.
    return_state : bool
        Whether to return the last cell state as well: the last of the hidden states and it together are the
        `initial_state` with which to read on.

    Returns
    -------
    states : numpy.ndarray, shape (batch, time, units)
        The hidden state after each step; float32 if all arguments are, else float64.
    cell : numpy.ndarray, shape (batch, units)
        The cell state after the last step, only with ``return_state=True``.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, `initial_state` is no tuple or list, or `return_state` is no bool.
    ValueError
        If an argument has another shape than above, or `initial_state` is no pair.

    References
    ----------
    Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. *Neural Computation*, 9(8), 1735-1780.
    https://doi.org/10.1162/neco.1997.9.8.1735

    Gers, F. A., Schmidhuber, J., & Cummins, F. (2000). Learning to forget: continual prediction with LSTM. *Neural
    Computation*, 12(10), 2451-2471. https://doi.org/10.1162/089976600300015015
    """
    checked_bool(return_state, "return_state")
    if initial_state is None:
        initial_state = None, None
    if not isinstance(initial_state, (tuple, list)):
        raise TypeError(f"initial_state must be a pair (hidden, cell), got {type(initial_state).__name__}")
    if len(initial_state) != 2:
        raise ValueError(f"initial_state must be a pair (hidden, cell), got {len(initial_state)} items")
    initial_states = {f"initial_state[{index}]": state for index, state in enumerate(initial_state)}
    inputs, kernel, recurrent_kernel, hidden, cell, bias = _checked(
        inputs, kernel, recurrent_kernel, 4, initial_states, bias=bias
    )
    require_shape(bias, "bias", kernel.shape[1:], "the columns of the kernels")
    from_inputs = inputs @ kernel + bias
    states = np.empty((*inputs.shape[:2], len(recurrent_kernel)), dtype=inputs.dtype)
    for step in range(inputs.shape[1]):
        a_i, a_f, a_g, a_o = np.split(from_inputs[:, step] + hidden @ recurrent_kernel, 4, axis=1)
        cell = sigmoid(a_f) * cell + sigmoid(a_i) * np.tanh(a_g)
        hidden = sigmoid(a_o) * np.tanh(cell)
        states[:, step] = hidden
    return (states, np.array(cell)) if return_state else states


def gru(
    inputs: Numbers,
    kernel: Numbers,
    recurrent_kernel: Numbers,
    bias: Numbers,
    initial_state: Numbers | None = None,
    reset_after: bool = True,
) -> Array:
    """States of a gated recurrent unit, as ``keras.layers.GRU(units, return_sequences=True)`` gives them.

    Three blocks of columns, in this order, give the update gate z, the reset gate r and the candidate h. With
    ``x = inputs[t] @ kernel + bias[0]`` and ``s = state[t - 1] @ recurrent_kernel + bias[1]``, cut into the blocks::

        z, r = sigmoid(x_z + s_z), sigmoid(x_r + s_r)
        h = tanh(x_h + r * s_h)
        state[t] = z * state[t - 1] + (1 - z) * h

    This resets after the product with the recurrent kernel. With ``reset_after=False`` it resets before, there is one
    bias, that of the inputs, and ``h = tanh(x_h + (r * state[t - 1]) @ recurrent_kernel_h)``.

    Parameters
    ----------
    inputs : array_like, shape (batch, time, features)
    kernel : array_like, shape (features, 3 * units)
    recurrent_kernel : array_like, shape (units, 3 * units)
    bias : array_like, shape (2, 3 * units), or (3 * units,) with ``reset_after=False``
    initial_state : array_like, shape (batch, units), optional
        The state before the first step; zeros by default.
    reset_after : bool
        Whether the reset gate acts after the product (the paper's version 1, Keras's default) or before it (version 3).

    Returns
    -------
    numpy.ndarray, shape (batch, time, units)
        The state after each step; float32 if all arguments are, else float64.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `reset_after` is no bool.
    ValueError
        If an argument has another shape than above.

    References
    ----------
    Cho, K., et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. Version 1: https://arxiv.org/abs/1406.1078v1, version 3: https://arxiv.org/abs/1406.1078v3

    Examples
    --------
    >>> weights = {"kernel": np.ones((1, 6)), "recurrent_kernel": np.ones((2, 6))}
    >>> gru(np.ones((1, 3, 1)), **weights, bias=np.zeros((2, 6))).shape
    (1, 3, 2)
    """
    checked_bool(reset_after, "reset_after")
    inputs, kernel, recurrent_kernel, state, bias = _checked(
        inputs, kernel, recurrent_kernel, 3, {"initial_state": initial_state}, bias=bias
    )
    bias_shape = (2, *kernel.shape[1:]) if reset_after else kernel.shape[1:]
    require_shape(
        bias,
        "bias",
        bias_shape,
        f"the columns of the kernels, reset_after={reset_after}",
    )
    input_bias, recurrent_bias = bias if reset_after else (bias, np.zeros_like(bias))
    states = np.empty((*inputs.shape[:2], len(recurrent_kernel)), dtype=inputs.dtype)
    # Apart, because only the gates are needed before the reset.
    start_of_candidate = [2 * len(recurrent_kernel)]
    gates_from_inputs, candidate_from_inputs = np.split(inputs @ kernel + input_bias, start_of_candidate, axis=2)
    gates_kernel, candidate_kernel = np.split(recurrent_kernel, start_of_candidate, axis=1)
    gates_bias, candidate_bias = np.split(recurrent_bias, start_of_candidate)
    for step in range(inputs.shape[1]):
        gates = sigmoid(gates_from_inputs[:, step] + state @ gates_kernel + gates_bias)
        update, reset = np.split(gates, 2, axis=1)
        if reset_after:
            candidate_from_state = reset * (state @ candidate_kernel + candidate_bias)
        else:
            candidate_from_state = (reset * state) @ candidate_kernel
        candidate = np.tanh(candidate_from_inputs[:, step] + candidate_from_state)
        state = update * state + (1 - update) * candidate
        states[:, step] = state
    return states
