"""Training of several recurrent networks at once: against Keras's layers, its tape and its Adam, network by network."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import sequence_training
from helpers.recurrent_networks import gru, lstm, simple_rnn
from helpers.sequence_training import Networks, fit, gradient, run, start, train

CELLS = ["simple", "gru", "lstm"]
LAYERS = {
    "simple": tf.keras.layers.SimpleRNN,
    "gru": tf.keras.layers.GRU,
    "lstm": tf.keras.layers.LSTM,
}
each_cell = pytest.mark.parametrize("cell", CELLS)


def networks_of(cell, count=3, features=2, units=4, outputs=3, seed=0):
    """Networks without a zero among their weights."""
    rng = np.random.default_rng(seed)
    zero = start(cell, range(count), features, units, outputs)
    return Networks(*(rng.normal(size=array.shape) / 2 for array in zero))


def sequences(count=3, batch=5, time=6, features=2, seed=1):
    return np.random.default_rng(seed).normal(size=(count, batch, time, features))


def targets_for(loss, shape, seed=2):
    rng = np.random.default_rng(seed)
    if loss == "softmax":
        return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]
    return rng.choice([-1.0, 1.0], size=shape) if loss == "logistic" else rng.normal(size=shape)


def keras_model(cell, networks, index):
    """One of the networks as a layer and its variables, in float64."""
    units = networks.recurrent_kernel.shape[1]
    layer = LAYERS[cell](units, return_sequences=True, return_state=True, dtype="float64")
    layer.build((None, None, networks.kernel.shape[1]))
    bias = networks.bias[index] if cell == "gru" else networks.bias[index, 0]
    layer.set_weights([networks.kernel[index], networks.recurrent_kernel[index], bias])
    return (
        layer,
        tf.Variable(networks.readout[index]),
        tf.Variable(networks.offset[index]),
    )


def keras_loss(loss, outputs, targets):
    if loss == "mse":
        return tf.reduce_mean((outputs - targets) ** 2)
    if loss == "logistic":
        return tf.reduce_mean(tf.math.softplus(-targets * outputs))
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, outputs))


def keras_gradient(cell, networks, index, inputs, targets, loss):
    layer, readout, offset = keras_model(cell, networks, index)
    with tf.GradientTape() as tape:
        outputs = layer(tf.constant(inputs))[0] @ readout + offset
        value = keras_loss(loss, outputs[:, -targets.shape[1] :], targets)
    gradients = tape.gradient(value, [*layer.trainable_variables, readout, offset])
    return [part.numpy() for part in gradients]


@each_cell
def test_each_network_reads_like_the_helper_and_goes_on_where_it_stopped(cell):
    networks, inputs = networks_of(cell), sequences()
    outputs, state, gates = run(networks, inputs)
    assert outputs.shape == (3, 5, 6, 3)
    assert gates.shape == (3, 5, 6, 0 if cell == "simple" else 4)
    function = {"simple": simple_rnn, "gru": gru, "lstm": lstm}[cell]
    for index in range(3):
        bias = networks.bias[index] if cell == "gru" else networks.bias[index, 0]
        weights = networks.kernel[index], networks.recurrent_kernel[index], bias
        states = function(inputs[index], *weights)
        expected = states @ networks.readout[index] + networks.offset[index]
        np.testing.assert_allclose(outputs[index], expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(state[0][index], states[:, -1], rtol=0, atol=1e-12)
    first, middle, _ = run(networks, inputs[:, :, :2])
    second, end, _ = run(networks, inputs[:, :, 2:], middle)
    np.testing.assert_allclose(np.concatenate([first, second], axis=2), outputs, rtol=0, atol=1e-14)
    for part, whole in zip(end, state, strict=True):
        np.testing.assert_allclose(part, whole, rtol=0, atol=1e-14)


@each_cell
def test_the_state_that_is_handed_on_is_that_of_keras(cell):
    networks, inputs = networks_of(cell), sequences()
    _, state, _ = run(networks, inputs)
    layer, *_ = keras_model(cell, networks, 1)
    _, *expected = layer(tf.constant(inputs[1]))
    for part, other in zip(state, expected, strict=False):
        np.testing.assert_allclose(part[1], other, rtol=0, atol=1e-12)


def test_gates_are_those_that_remember():
    # Without weights the biases alone set the gates.
    for cell, place in (("gru", slice(0, 4)), ("lstm", slice(4, 8))):
        networks = networks_of(cell)
        networks = Networks(*(0 * array for array in networks))
        networks.bias[:, 0, place] = 2.0
        gates = run(networks, sequences())[2]
        np.testing.assert_allclose(gates, 1 / (1 + np.exp(-2.0)), rtol=1e-12)
        expected = start(cell, [0, 1, 2], 2, 4, 3, gate_bias=2.0).bias
        np.testing.assert_array_equal(networks.bias, expected)


@each_cell
@pytest.mark.parametrize("loss", sequence_training.LOSSES)
@pytest.mark.parametrize("steps", [1, 6])
def test_gradient_is_that_of_the_tape_for_each_network(cell, loss, steps):
    networks, inputs = networks_of(cell), sequences()
    targets = targets_for(loss, (3, 5, steps, 3))
    gradients, _ = gradient(networks, inputs, targets, loss)
    for index in range(3):
        expected = keras_gradient(cell, networks, index, inputs[index], targets[index], loss)
        for ours, theirs in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(ours[index].reshape(theirs.shape), theirs, rtol=0, atol=1e-12)


@each_cell
def test_sequences_for_all_networks_are_the_same_as_one_copy_for_each(cell):
    networks, inputs = networks_of(cell), sequences()[0]
    targets = targets_for("mse", (5, 6, 3))
    shared, _ = gradient(networks, inputs, targets, "mse")
    copied, _ = gradient(networks, np.stack([inputs] * 3), np.stack([targets] * 3), "mse")
    for one, other in zip(shared, copied, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(run(networks, inputs)[0], run(networks, np.stack([inputs] * 3))[0])


@each_cell
def test_updates_are_those_of_keras_adam_with_clipping_by_the_global_norm(cell):
    networks, inputs = networks_of(cell, count=2), sequences(count=2)
    targets = 3 * targets_for("mse", (2, 5, 6, 3))  # far away, so that gradients are clipped
    *_, trained = fit(networks, [(inputs, targets)] * 4, "mse", learning_rate=0.05, limit=0.5)
    for index in range(2):
        layer, readout, offset = keras_model(cell, networks, index)
        variables = [*layer.trainable_variables, readout, offset]
        adam = tf.keras.optimizers.Adam(0.05, global_clipnorm=0.5)
        for _ in range(4):
            with tf.GradientTape() as tape:
                outputs = layer(tf.constant(inputs[index]))[0] @ readout + offset
                value = keras_loss("mse", outputs, targets[index])
            adam.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))
        for ours, theirs in zip(trained, variables, strict=True):
            theirs = theirs.numpy()
            np.testing.assert_allclose(ours[index].reshape(theirs.shape), theirs, rtol=0, atol=1e-6)


def test_networks_are_trained_apart():
    networks, inputs, targets = (
        networks_of("gru"),
        sequences(),
        targets_for("mse", (3, 5, 1, 3)),
    )
    together = train(networks, [(inputs, targets)] * 3, "mse")
    for index in range(3):
        alone = Networks(*(array[index : index + 1] for array in networks))
        pair = inputs[index : index + 1], targets[index : index + 1]
        for one, other in zip(train(alone, [pair] * 3, "mse"), together, strict=True):
            np.testing.assert_allclose(one[0], other[index], rtol=0, atol=1e-12)


def test_training_changes_neither_the_networks_nor_the_batches():
    networks, inputs, targets = (
        networks_of("lstm"),
        sequences(),
        targets_for("mse", (3, 5, 1, 3)),
    )
    before = [array.copy() for array in (*networks, inputs, targets)]
    train(networks, [(inputs, targets)] * 2, "mse")
    for array, copy in zip((*networks, inputs, targets), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@each_cell
def test_networks_that_have_been_handed_out_stay_as_they_were(cell):
    networks, batch = networks_of(cell), (sequences(), targets_for("mse", (3, 5, 6, 3)))
    handed_out = list(fit(networks, [batch] * 3, "mse"))
    for count, kept in enumerate(handed_out, 1):
        for part, expected in zip(kept, train(networks, [batch] * count, "mse"), strict=True):
            np.testing.assert_array_equal(part, expected)
    first, second, _ = handed_out
    assert not np.array_equal(first.kernel, second.kernel)


@each_cell
def test_carry_goes_on_with_the_state_and_cuts_the_gradient(cell):
    networks, inputs = networks_of(cell), sequences()
    targets = targets_for("mse", (3, 5, 6, 3))
    pieces = [(inputs[:, :, part], targets[:, :, part]) for part in (slice(0, 2), slice(2, 6))]
    *_, carried = fit(networks, pieces, "mse", carry=True)
    (middle,) = fit(networks, pieces[:1], "mse")
    # The state comes from the networks before the first update.
    _, state = gradient(networks, *pieces[0], "mse")
    expected, _ = gradient(middle, *pieces[1], "mse", state)
    fresh, _ = gradient(middle, *pieces[1], "mse")
    assert not np.allclose(expected.kernel, fresh.kernel)
    *_, reset = fit(networks, pieces, "mse")
    assert not np.allclose(carried.kernel, reset.kernel)
    # Adam's second step, from the two gradients.
    first, _ = gradient(networks, *pieces[0], "mse")
    norm = lambda slopes: np.sqrt(sum((slope**2).sum(axis=(1, 2)) for slope in slopes))  # noqa: E731
    one = first.kernel / np.maximum(1, norm(first))[:, None, None]
    two = expected.kernel / np.maximum(1, norm(expected))[:, None, None]
    mean, square = 0.09 * one + 0.1 * two, 0.999e-3 * one**2 + 1e-3 * two**2
    step = 0.01 * np.sqrt(1 - 0.999**2) / (1 - 0.9**2) * mean / (np.sqrt(square) + 1e-7)
    np.testing.assert_allclose(carried.kernel, middle.kernel - step, rtol=0, atol=1e-6)


def test_train_without_a_batch_returns_the_networks():
    networks = networks_of("simple")
    assert train(networks, [], "mse") is networks


@each_cell
def test_start_has_an_orthonormal_recurrent_kernel_times_the_radius(cell):
    networks = start(cell, [3, 4], features=2, units=5, outputs=1, radius=0.5)
    product = networks.recurrent_kernel @ networks.recurrent_kernel.mT
    np.testing.assert_allclose(product, [0.25 * np.eye(5)] * 2, rtol=0, atol=1e-12)
    again = start(cell, [4], features=2, units=5, outputs=1, radius=0.5)
    for array, other in zip(networks, again, strict=True):
        np.testing.assert_array_equal(array[1:], other)
    assert not np.array_equal(networks.kernel[0], networks.kernel[1])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"cell": "rnn"},
            ValueError,
            "cell must be one of simple, gru, lstm, got 'rnn'",
        ),
        ({"seeds": []}, ValueError, "seeds must hold at least one number"),
        ({"seeds": [0.5]}, TypeError, "seeds must be a whole number, got 0.5"),
        ({"units": 0}, ValueError, "units must be at least 1, got 0"),
        ({"radius": "1"}, TypeError, "radius must be a real number, got '1'"),
        ({"gate_bias": np.nan}, ValueError, "gate_bias must lie in"),
    ],
)
def test_bad_start_is_refused_by_name(change, error, message):
    right = {"cell": "gru", "seeds": [0], "features": 2, "units": 3, "outputs": 1}
    with pytest.raises(error, match=message):
        start(**right | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": "mae"}, "loss must be one of mse, logistic, softmax, got 'mae'"),
        (
            {"inputs": np.ones((5, 6))},
            r"inputs must have 3 or 4 axes, got shape \(5, 6\)",
        ),
        ({"inputs": np.ones((5, 6, 1))}, r"inputs must have shape \(5, 6, 2\)"),
        ({"inputs": np.ones((2, 5, 6, 2))}, r"inputs must have shape \(3, 5, 6, 2\)"),
        ({"targets": np.ones((3, 5, 6, 1))}, "targets must have shape"),
        ({"targets": np.ones((3, 5, 0, 3))}, "targets must hold 1 to 6 steps, got 0"),
        ({"targets": np.ones((3, 5, 7, 3))}, "targets must hold 1 to 6 steps, got 7"),
        ({"targets": np.ones((5, 6))}, "targets must have 3 or 4 axes"),
        (
            {"state": (np.ones((3, 5, 4)), np.ones((3, 4, 4)))},
            r"state\[1\] must have shape",
        ),
        ({"state": (np.ones((3, 5, 3)), np.ones((3, 5, 4)))}, r"state\[0\] must have shape"),
        ({"state": ([[1], [1, 2]], np.ones((3, 5, 4)))}, r"state\[0\] must be an array whose rows"),
        ({"state": (np.ones((3, 5, 4)), [[1], [1, 2]])}, r"state\[1\] must be an array whose rows"),
        ({"state": np.ones((3, 5, 4))}, "state must be a pair"),
    ],
)
def test_bad_arguments_of_gradient_are_refused_by_name(change, message):
    right = {
        "networks": networks_of("gru"),
        "inputs": sequences(),
        "targets": targets_for("mse", (3, 5, 6, 3)),
        "loss": "mse",
    }
    with pytest.raises(ValueError, match=message):
        gradient(**right | change)


def test_bad_options_of_fit_are_refused_by_name():
    networks = networks_of("gru")
    for options, message in (
        ({"learning_rate": 0}, "learning_rate must lie in"),
        ({"limit": -1.0}, "limit must lie in"),
    ):
        with pytest.raises(ValueError, match=message):
            train(networks, [], "mse", **options)
