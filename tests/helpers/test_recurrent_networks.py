"""The recurrent layers against Keras, its tape, finite differences and examples worked by hand."""

import itertools
import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.gradient_check import gradient_error
from helpers.recurrent_networks import gru, lstm, simple_rnn, simple_rnn_backward

# name: (function, its options, Keras's layer, blocks of columns in a kernel, leading shape of the bias)
CELLS = {
    "simple_rnn": (simple_rnn, {}, tf.keras.layers.SimpleRNN, 1, ()),
    "lstm": (lstm, {}, tf.keras.layers.LSTM, 4, ()),
    "gru": (gru, {}, tf.keras.layers.GRU, 3, (2,)),
    "gru, reset before": (gru, {"reset_after": False}, tf.keras.layers.GRU, 3, ()),
}
SIZES = [(1, 1, 1, 1), (2, 1, 3, 4), (1, 6, 2, 3), (3, 7, 2, 5), (5, 3, 8, 2)]
GRADIENTS = ["d_inputs", "d_kernel", "d_recurrent_kernel", "d_bias", "d_initial_state"]
every_cell = pytest.mark.parametrize("cell", CELLS)


def example(cell, sizes=(2, 3, 4, 5), dtype=np.float64, seed=0, scale=1.0):
    """Return random arguments of a cell, by name.

    What a unit adds up has a standard deviation of about 1 from the inputs, and `scale` from states of size 1.
    """
    _, _, _, blocks, bias_rows = CELLS[cell]
    batch, time, features, units = sizes
    shapes = {
        "inputs": (batch, time, features),
        "kernel": (features, blocks * units),
        "recurrent_kernel": (units, blocks * units),
        "bias": (*bias_rows, blocks * units),
        "initial_state": (2, batch, units) if cell == "lstm" else (batch, units),
    }
    rng = np.random.default_rng(seed)
    arguments = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    arguments["kernel"] /= np.asarray(math.sqrt(max(features, 1)), dtype)
    arguments["recurrent_kernel"] *= np.asarray(scale / math.sqrt(max(units, 1)), dtype)
    if cell == "lstm":
        arguments["initial_state"] = tuple(arguments["initial_state"])
    return arguments


def cast(arguments, dtype):
    """Convert every argument; the state of an LSTM is a tuple of arrays."""
    return {
        name: tuple(part.astype(dtype) for part in value) if isinstance(value, tuple) else value.astype(dtype)
        for name, value in arguments.items()
    }


def run(cell, arguments):
    function, options, *_ = CELLS[cell]
    return function(**arguments, **options)


def keras_layer(cell, arguments):
    _, options, layer_class, *_ = CELLS[cell]
    inputs, recurrent_kernel = arguments["inputs"], arguments["recurrent_kernel"]
    layer = layer_class(len(recurrent_kernel), return_sequences=True, dtype=inputs.dtype.name, **options)
    layer.build(inputs.shape)
    layer.set_weights([arguments["kernel"], recurrent_kernel, arguments["bias"]])
    return layer


def keras_states(cell, arguments):
    layer, state = keras_layer(cell, arguments), arguments.get("initial_state")
    if state is not None:
        state = tf.nest.map_structure(tf.constant, list(state) if cell == "lstm" else state)
    return layer(tf.constant(arguments["inputs"]), initial_state=state).numpy()


def without_state(arguments):
    return {name: value for name, value in arguments.items() if name != "initial_state"}


def backward_example(sizes=(2, 3, 4, 5), dtype=np.float64, seed=0, scale=1.0, of_last=False):
    """Return arguments of simple_rnn, and an upstream gradient for each state or for the last."""
    arguments = example("simple_rnn", sizes, dtype, seed, scale)
    batch, time, _, units = sizes
    shape = (batch, units) if of_last else (batch, time, units)
    return arguments, np.random.default_rng([seed, 1]).normal(size=shape).astype(dtype)


def backward(arguments, upstream):
    """Call simple_rnn, then simple_rnn_backward; return the gradients by name."""
    states = simple_rnn(**arguments)
    rest = {name: value for name, value in arguments.items() if name != "bias"}
    return dict(zip(GRADIENTS, simple_rnn_backward(upstream, states=states, **rest), strict=True))


def tape_gradients(arguments, upstream):
    layer, inputs = (
        keras_layer("simple_rnn", arguments),
        tf.constant(arguments["inputs"]),
    )
    shape = len(inputs), len(arguments["recurrent_kernel"])
    state = tf.constant(arguments.get("initial_state", np.zeros(shape, inputs.dtype.as_numpy_dtype)))
    with tf.GradientTape() as tape:
        tape.watch([inputs, state])
        states = layer(inputs, initial_state=state)
        loss = tf.reduce_sum((states[:, -1] if upstream.ndim == 2 else states) * upstream)
    gradients = tape.gradient(loss, [inputs, *layer.trainable_variables, state])
    return {name: gradient.numpy() for name, gradient in zip(GRADIENTS, gradients, strict=True)}


# --- Forward ---


@every_cell
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("has_state", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
def test_states_are_those_of_the_keras_layer(cell, sizes, has_state, dtype, tolerance):
    arguments = example(cell, sizes, dtype)
    arguments = arguments if has_state else without_state(arguments)
    states = run(cell, arguments)
    assert states.dtype == dtype
    np.testing.assert_allclose(states, keras_states(cell, arguments), rtol=0, atol=tolerance)


any_example = {
    "sizes": st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 3), st.integers(1, 4)),
    "seed": st.integers(0, 2**32 - 1),
    "scale": st.sampled_from([0.0, 0.1, 1.0, 3.0]),
}
few_examples = settings(deadline=None, max_examples=25, derandomize=True)


@every_cell
@few_examples
@given(**any_example, has_state=st.booleans())
def test_states_are_those_of_the_keras_layer_for_any_size_and_scale(cell, sizes, seed, scale, has_state):
    arguments = example(cell, sizes, seed=seed, scale=scale)
    arguments = arguments if has_state else without_state(arguments)
    np.testing.assert_allclose(run(cell, arguments), keras_states(cell, arguments), rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("has_state", [True, False], ids=["state", "no state"])
def test_lstm_hands_back_the_last_cell_state_of_the_keras_layer_and_reads_on_from_it(dtype, has_state):
    arguments = example("lstm", (3, 7, 2, 5), dtype)
    arguments = arguments if has_state else without_state(arguments)
    states, cell = lstm(**arguments, return_state=True)
    layer = keras_layer("lstm", arguments)
    layer.return_state = True
    state = arguments.get("initial_state")
    _, hidden, expected = layer(
        tf.constant(arguments["inputs"]),
        initial_state=None if state is None else [tf.constant(part) for part in state],
    )
    assert cell.dtype == dtype
    np.testing.assert_allclose(cell, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(states[:, -1], hidden, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(lstm(**arguments), states)
    first = {**arguments, "inputs": arguments["inputs"][:, :3]}
    begun, middle = lstm(**first, return_state=True)
    rest = {**arguments, "inputs": arguments["inputs"][:, 3:]}
    rest["initial_state"] = begun[:, -1], middle
    again, end = lstm(**rest, return_state=True)
    np.testing.assert_allclose(again, states[:, 3:], rtol=0, atol=1e-6)
    np.testing.assert_allclose(end, cell, rtol=0, atol=1e-6)


def test_lstm_without_a_step_hands_back_a_copy_of_its_cell_state():
    arguments = example("lstm", (2, 0, 3, 4))
    states, cell = lstm(**arguments, return_state=True)
    assert states.shape == (2, 0, 4)
    np.testing.assert_array_equal(cell, arguments["initial_state"][1])
    assert not np.shares_memory(cell, arguments["initial_state"][1])


def test_simple_rnn_worked_by_hand():
    # One sequence of one feature, 1 then 0; one unit, whose own weight is 2.
    states = simple_rnn([[[1], [0]]], [[1]], [[2]], [0])
    first = math.tanh(1)
    np.testing.assert_allclose(states, [[[first], [math.tanh(2 * first)]]], rtol=1e-15)


def test_lstm_with_an_open_forget_gate_and_a_closed_input_gate_keeps_its_cell():
    # One unit; the weights are 0, so that the biases alone set the gates: i closed, f open, g any, o half open.
    bias, cell = [-1000, 1000, 5, 0], 0.7
    states = lstm(
        np.ones((1, 6, 2)),
        np.zeros((2, 4)),
        np.zeros((1, 4)),
        bias,
        ([[0.3]], [[cell]]),
    )
    np.testing.assert_allclose(states, np.full((1, 6, 1), 0.5 * math.tanh(cell)), rtol=1e-15)


@pytest.mark.parametrize(("update", "expected"), [(1000, [0.3, 0.3]), (-1000, [math.tanh(5)] * 2)])
def test_gru_with_an_open_update_gate_keeps_its_state_and_with_a_closed_one_takes_the_candidate(update, expected):
    arguments = (
        np.ones((1, 2, 2)),
        np.zeros((2, 3)),
        np.zeros((1, 3)),
        [update, 0, 5],
        [[0.3]],
    )
    np.testing.assert_allclose(gru(*arguments, reset_after=False)[0, :, 0], expected, rtol=1e-15)


@every_cell
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
def test_saturated_gates_are_exact_and_give_no_warning(cell, dtype, tolerance):
    arguments = example(cell, (4, 3, 1, 5), dtype)
    arguments["inputs"][...] = np.array([1e3, -1e30, np.inf, -np.inf], dtype)[:, np.newaxis, np.newaxis]
    np.testing.assert_allclose(run(cell, arguments), keras_states(cell, arguments), rtol=0, atol=tolerance)


@every_cell
def test_nan_reaches_its_own_sequence_from_its_own_step_on_and_nothing_else(cell):
    arguments = example(cell, (3, 4, 2, 5))
    arguments["inputs"][1, 2, 0] = np.nan
    expected = np.zeros((3, 4, 5), dtype=bool)
    expected[1, 2:] = True
    np.testing.assert_array_equal(np.isnan(run(cell, arguments)), expected)


@every_cell
def test_no_initial_state_means_zeros(cell):
    arguments = example(cell)
    zeros = np.zeros((2, 5))
    given_zeros = {
        **arguments,
        "initial_state": (zeros, zeros) if cell == "lstm" else zeros,
    }
    np.testing.assert_array_equal(run(cell, without_state(arguments)), run(cell, given_zeros))


def test_either_part_of_the_state_of_an_lstm_may_be_none():
    arguments = example("lstm")
    hidden, cell = arguments["initial_state"]
    for given_state, full_state in [
        ([None, cell], (0 * hidden, cell)),
        ([hidden, None], (hidden, 0 * cell)),
    ]:
        states = lstm(**{**arguments, "initial_state": given_state})
        np.testing.assert_array_equal(states, lstm(**{**arguments, "initial_state": full_state}))


@every_cell
@pytest.mark.parametrize("axis", range(4), ids=["batch", "time", "features", "units"])
def test_every_size_may_be_0(cell, axis):
    sizes = [2, 3, 4, 5]
    sizes[axis] = 0
    arguments = example(cell, sizes)
    states = run(cell, arguments)
    assert states.shape == (sizes[0], sizes[1], sizes[3])
    # Without features the bias and the state remain, as with one feature that is always 0.
    if axis == 2:
        silent = {
            "inputs": np.zeros((2, 3, 1)),
            "kernel": np.ones((1, arguments["kernel"].shape[1])),
        }
        np.testing.assert_array_equal(states, run(cell, {**arguments, **silent}))


# --- Backward ---


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("has_state", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize("of_last", [True, False], ids=["last", "each"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
def test_gradients_are_those_of_the_tape(sizes, has_state, of_last, dtype, tolerance):
    arguments, upstream = backward_example(sizes, dtype, of_last=of_last)
    arguments = arguments if has_state else without_state(arguments)
    gradients = backward(arguments, upstream)
    # The tape in float64 also for float32, where the tape's own rounding alone reaches 1.3e-6 on this grid.
    for name, expected in tape_gradients(cast(arguments, np.float64), upstream.astype(np.float64)).items():
        assert gradients[name].dtype == dtype
        # Gradients are no numbers between -1 and 1 as states are: rounding grows with their largest entry.
        scale = max(1, np.abs(expected).max())
        np.testing.assert_allclose(gradients[name], expected, rtol=0, atol=tolerance * scale, err_msg=name)


@few_examples
@given(**any_example, of_last=st.booleans())
def test_gradients_are_those_of_the_tape_for_any_size_and_scale(sizes, seed, scale, of_last):
    arguments, upstream = backward_example(sizes, seed=seed, scale=scale, of_last=of_last)
    gradients = backward(arguments, upstream)
    for name, expected in tape_gradients(arguments, upstream).items():
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("of_last", [True, False], ids=["last", "each"])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_those_of_finite_differences(name, of_last):
    arguments, upstream = backward_example(of_last=of_last)
    argument = name.removeprefix("d_")

    def loss(value):
        states = simple_rnn(**{**arguments, argument: value})
        return np.sum((states[:, -1] if of_last else states) * upstream)

    def gradient(value):
        return backward({**arguments, argument: value}, upstream)[name]

    assert gradient_error(loss, gradient, arguments[argument]) < 1e-6


def test_upstream_of_the_last_state_is_upstream_of_each_with_zeros_before():
    arguments, of_last = backward_example(of_last=True)
    of_each = np.zeros((2, 3, 5))
    of_each[:, -1] = of_last
    expected = backward(arguments, of_each)
    for name, gradient in backward(arguments, of_last).items():
        np.testing.assert_array_equal(gradient, expected[name], err_msg=name)


@pytest.mark.parametrize("cut", [0, 1, 4, 6])
def test_a_sequence_cut_in_two_has_the_same_states_and_gradients_when_state_and_gradient_are_handed_over(
    cut,
):
    arguments, upstream = backward_example((3, 6, 2, 4))
    states = simple_rnn(**arguments)
    first = {**arguments, "inputs": arguments["inputs"][:, :cut]}
    first_states = simple_rnn(**first)
    final = first_states[:, -1] if cut else arguments["initial_state"]
    second = {
        **arguments,
        "inputs": arguments["inputs"][:, cut:],
        "initial_state": final,
    }
    np.testing.assert_allclose(np.hstack([first_states, simple_rnn(**second)]), states, rtol=0, atol=1e-14)

    of_second = backward(second, upstream[:, cut:])
    of_first_directly = backward(first, upstream[:, :cut])
    of_first_through_second = backward(first, of_second["d_initial_state"])
    whole = backward(arguments, upstream)
    for name in ["d_kernel", "d_recurrent_kernel", "d_bias"]:
        parts = of_second[name] + of_first_directly[name] + of_first_through_second[name]
        np.testing.assert_allclose(parts, whole[name], rtol=0, atol=1e-13, err_msg=name)
    for name, second_part in [
        ("d_inputs", [of_second["d_inputs"]]),
        ("d_initial_state", []),
    ]:
        parts = np.hstack([of_first_directly[name] + of_first_through_second[name], *second_part])
        np.testing.assert_allclose(parts, whole[name], rtol=0, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("axis", range(4), ids=["batch", "time", "features", "units"])
@pytest.mark.parametrize("of_last", [True, False], ids=["last", "each"])
def test_gradients_have_the_shapes_of_the_arguments_when_a_size_is_0(axis, of_last):
    sizes = [2, 3, 4, 5]
    sizes[axis] = 0
    arguments, upstream = backward_example(sizes, of_last=of_last)
    gradients = backward(arguments, upstream)
    for name, gradient in gradients.items():
        assert gradient.shape == arguments[name.removeprefix("d_")].shape
    if axis in (0, 1):
        assert not any(gradients[name].any() for name in ["d_kernel", "d_recurrent_kernel", "d_bias"])
    if axis == 1:
        np.testing.assert_array_equal(gradients["d_initial_state"], upstream if of_last else np.zeros((2, 5)))


# --- Types, and what is left alone ---


@every_cell
@pytest.mark.parametrize("wide", ["inputs", "kernel", "recurrent_kernel", "bias", "initial_state"])
def test_one_float64_argument_makes_all_computation_float64(cell, wide):
    arguments = example(cell, dtype=np.float32)
    all_wide = cast(arguments, np.float64)
    states = run(cell, {**arguments, wide: all_wide[wide]})
    assert states.dtype == np.float64
    np.testing.assert_array_equal(states, run(cell, all_wide))


@pytest.mark.parametrize(
    "wide",
    ["upstream", "inputs", "states", "kernel", "recurrent_kernel", "initial_state"],
)
def test_one_float64_argument_makes_all_gradients_float64(wide):
    arguments, upstream = backward_example(dtype=np.float32)
    arguments |= {"upstream": upstream, "states": simple_rnn(**arguments)}
    del arguments["bias"]
    all_wide = cast(arguments, np.float64)
    gradients = simple_rnn_backward(**{**arguments, wide: all_wide[wide]})
    expected = simple_rnn_backward(**all_wide)
    for gradient, same in zip(gradients, expected, strict=True):
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient, same)


@every_cell
def test_integers_and_nested_lists_count_as_float64(cell):
    arguments = cast(example(cell, scale=5), np.int64)
    as_lists = {name: [part.tolist() for part in value] for name, value in arguments.items()}
    expected = run(cell, cast(arguments, np.float64))
    for same in (arguments, as_lists):
        assert run(cell, same).dtype == np.float64
        np.testing.assert_array_equal(run(cell, same), expected)


def frozen(arguments):
    for value in arguments.values():
        for part in value if isinstance(value, tuple) else (value,):
            part.setflags(write=False)
    return arguments


@every_cell
@pytest.mark.parametrize("time", [0, 3])
def test_forward_neither_changes_its_arguments_nor_returns_their_memory(cell, time):
    arguments = frozen(example(cell, (2, time, 4, 5)))
    states = run(cell, arguments)
    assert states.flags.writeable
    assert not any(np.shares_memory(states, part) for value in arguments.values() for part in value)


@pytest.mark.parametrize("time", [0, 3])
@pytest.mark.parametrize("of_last", [True, False], ids=["last", "each"])
def test_backward_neither_changes_its_arguments_nor_returns_their_memory(time, of_last):
    arguments, upstream = backward_example((2, time, 4, 5), of_last=of_last)
    arguments |= {"upstream": upstream, "states": simple_rnn(**arguments)}
    del arguments["bias"]
    gradients = simple_rnn_backward(**frozen(arguments))
    assert all(gradient.flags.writeable for gradient in gradients)
    assert not any(np.shares_memory(*pair) for pair in itertools.product(gradients, arguments.values()))


@every_cell
def test_views_with_any_strides_give_the_same_states(cell):
    arguments = example(cell)
    views = {name: np.flip(np.flip(value).copy()) for name, value in arguments.items() if name != "initial_state"}
    views["initial_state"] = arguments["initial_state"]
    np.testing.assert_allclose(run(cell, views), run(cell, arguments), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("reset_after", "shape"), [(True, (15,)), (False, (2, 15))])
def test_the_bias_of_the_other_kind_of_gru_is_an_error_that_says_which_kind_was_asked_for(reset_after, shape):
    arguments = {**example("gru"), "bias": np.ones(shape)}
    with pytest.raises(ValueError, match=rf"^bias must have .*reset_after={reset_after}\)"):
        gru(**arguments, reset_after=reset_after)
