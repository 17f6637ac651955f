"""Corners of recurrent layers, the topic of lesson 5."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from corners import corner, dtype, run_onnx, shape, table
from flax import linen
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.recurrent_networks import gru, lstm, simple_rnn

NUMBER = 5
nan = np.nan
layers = keras.layers
STEPS = np.array([1.0, 2, 3], np.float32).reshape(1, 3, 1)


def keras_simple(inputs, mask=None, state=None, **options):
    """Run Keras's plain layer of one unit, tanh(x + s / 2), over all steps."""
    layer = keras_layer(**options)
    if mask is not None:
        mask = tf.constant([mask])
    return layer(tf.constant(inputs), mask=mask, initial_state=state)


def keras_layer(**options):
    """Return Keras's plain layer of one unit with kernel 1, recurrent kernel 1/2 and no bias."""
    layer = layers.SimpleRNN(1, **{"return_sequences": True} | options)
    layer.build((1, None, 1))
    layer.set_weights([np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1)])
    return layer


def torch_layer(**options):
    """Return the same layer of PyTorch."""
    layer = torch.nn.RNN(1, 1, batch_first=True, **options)
    with torch.no_grad():
        for name, weights in layer.named_parameters():
            value = 0.0 if "bias" in name else 1.0 if "_ih_" in name else 0.5
            weights.fill_(value)
    return layer


def torch_simple(inputs, length=None, **options):
    """Run PyTorch's plain layer, over a packed sequence if a length is given; return the outputs."""
    inputs = torch.tensor(inputs)
    if length is None:
        return torch_layer(**options)(inputs)[0]
    packed = pack_padded_sequence(inputs, [length], batch_first=True)
    outputs, _ = torch_layer(**options)(packed)
    return pad_packed_sequence(outputs, batch_first=True, total_length=inputs.shape[1])[0]


WEIGHTS = {
    "params": {
        "cell": {
            "i": {"kernel": jnp.ones((1, 1)), "bias": jnp.zeros(1)},
            "h": {"kernel": jnp.full((1, 1), 0.5)},
        }
    }
}


def flax_simple(inputs, length=None, **options):
    """Run Flax's plain layer; return the outputs."""
    layer = linen.RNN(linen.SimpleCell(1, parent=None), **options)
    lengths = None if length is None else jnp.array([length])
    return layer.apply(WEIGHTS, jnp.asarray(inputs), seq_lengths=lengths)


def onnx_simple(inputs, length=None, state=None, which=0, **attributes):
    """Run the plain operator of ONNX; return the outputs, or the last state."""
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    return run_onnx(
        "RNN",
        np.moveaxis(np.asarray(inputs), 0, 1),
        np.ones((directions, 1, 1), np.float32),
        np.full((directions, 1, 1), 0.5, np.float32),
        None,
        None if length is None else np.array([length], np.int32),
        state,
        outputs=2,
        hidden_size=1,
        **attributes,
    )[which]


def ours_simple(inputs, state=None):
    """Run our plain layer."""
    return simple_rnn(inputs, [[1.0]], [[0.5]], [0.0], state)


def reversed_steps(inputs):
    """Run our plain layer from the last step to the first; put the outputs back in order."""
    return ours_simple(inputs[:, ::-1])[:, ::-1]


def gate_order(run):
    """Find which block of a kernel does what: drive the bias of one after the other far down, and far up.

    `run` gives the output of an LSTM of one unit for a bias of four blocks, a cell state of 2 and no input.
    """
    base = np.asarray(run(np.zeros(4, np.float32))).item()
    names = []
    for block in range(4):
        push = np.zeros(4, np.float32)
        push[block] = 200
        down, up = (np.asarray(run(bias)).item() for bias in (-push, push))
        if np.isclose(down, base):
            names.append("i")
        elif not np.isclose(down, 0):
            names.append("g")
        else:
            names.append("o" if np.isclose(up, np.tanh(1.0)) else "f")
    return " ".join(names)


def keras_lstm(bias):
    """Run one step of Keras's LSTM of one unit from cell state 2."""
    layer = layers.LSTM(1)
    layer.build((1, 1, 1))
    layer.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), bias])
    return layer(tf.zeros((1, 1, 1)), initial_state=[tf.zeros((1, 1)), tf.fill((1, 1), 2.0)])


def torch_lstm(bias):
    """Run one step of PyTorch's LSTM."""
    cell = torch.nn.LSTMCell(1, 1)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.fill_(0)
        cell.bias_ih.copy_(torch.tensor(bias))
        return cell(torch.zeros(1, 1), (torch.zeros(1, 1), torch.full((1, 1), 2.0)))[0].detach()


def onnx_lstm(bias):
    """Run one step of ONNX's LSTM."""
    zero = np.zeros((1, 4, 1), np.float32)
    biases = np.concatenate([bias, np.zeros(4)]).astype(np.float32)[None]
    return run_onnx(
        "LSTM", np.zeros((1, 1, 1), np.float32), zero, zero, biases, None,
        np.zeros((1, 1, 1), np.float32), np.full((1, 1, 1), 2, np.float32),
        hidden_size=1,
    )  # fmt: skip


def flax_gates():
    """Return the names of the weights of an LSTM of Flax, which has one kernel for each gate."""
    weights = linen.LSTMCell(1).init(jax.random.key(0), (jnp.ones((1, 1)),) * 2, jnp.ones((1, 1)))["params"]
    return " ".join(sorted(name for name in weights if name.startswith("i")))


def our_lstm(bias):
    """Run one step of our LSTM."""
    zero, states = np.zeros((1, 4)), (np.zeros((1, 1)), np.full((1, 1), 2.0))
    return lstm(np.zeros((1, 1, 1)), zero, zero, bias, states)


def our_gru():
    """Run our GRU as it is by default."""
    return gru(np.ones((1, 1, 1)), *gru_weights(), np.ones((1, 1)))


def gru_weights():
    """Return weights of a GRU of one unit, z r h, for which the two resets differ."""
    kernel = np.array([[-1.0, -2, 0.5]])
    recurrent = np.array([[0.3, 0.2, 1.5]])
    bias = np.array([[0.0, 0, 0], [0, 0, 1]])
    return kernel, recurrent, bias


def keras_gru():
    """Run Keras's GRU as it is by default."""
    layer = layers.GRU(1)
    layer.build((1, 1, 1))
    layer.set_weights(gru_weights())
    return layer(tf.ones((1, 1, 1)), initial_state=tf.ones((1, 1)))


def torch_gru():
    """Run PyTorch's GRU, whose blocks are r z n."""
    kernel, recurrent, bias = (np.float32(w) for w in gru_weights())
    cell, order = torch.nn.GRUCell(1, 1), [1, 0, 2]
    with torch.no_grad():
        cell.weight_ih.copy_(torch.tensor(kernel[:, order].T))
        cell.weight_hh.copy_(torch.tensor(recurrent[:, order].T))
        cell.bias_ih.copy_(torch.tensor(bias[0, order]))
        cell.bias_hh.copy_(torch.tensor(bias[1, order]))
    return cell(torch.ones(1, 1), torch.ones(1, 1))


def flax_gru():
    """Run Flax's GRU, which has biases of the inputs, and one of the state for the candidate."""
    kernel, recurrent, bias = gru_weights()
    weights = {}
    for block, name in enumerate("zrn"):
        weights[f"i{name}"] = {
            "kernel": jnp.asarray(kernel[:, block : block + 1]),
            "bias": jnp.asarray(bias[0, block : block + 1]),
        }
        weights[f"h{name}"] = {"kernel": jnp.asarray(recurrent[:, block : block + 1])}
    weights["hn"]["bias"] = jnp.asarray(bias[1, 2:])
    cell = linen.GRUCell(1)
    return cell.apply({"params": weights}, jnp.ones((1, 1)), jnp.ones((1, 1)))[1]


def onnx_gru(**attributes):
    """Run ONNX's GRU, whose blocks are z r h."""
    kernel, recurrent, bias = (np.float32(w) for w in gru_weights())
    return run_onnx(
        "GRU", np.ones((1, 1, 1), np.float32), kernel.T[None], recurrent.T[None],
        bias.reshape(1, 6), None, np.ones((1, 1, 1), np.float32), hidden_size=1,
        **attributes,
    )  # fmt: skip


def count_keras(layer):
    """Count the weights of a Keras layer of 4 units for 3 features."""
    layer.build((1, 1, 3))
    return layer.count_params()


def count_torch(layer):
    """Count the weights of a PyTorch layer."""
    return sum(weights.numel() for weights in layer.parameters())


def count_flax(cell):
    """Count the weights of a Flax cell for 3 features."""
    carry = cell.initialize_carry(jax.random.key(0), (1, 3))
    weights = cell.init(jax.random.key(0), carry, jnp.ones((1, 3)))
    return sum(leaf.size for leaf in jax.tree.leaves(weights))


def masked_nan_slope(unroll):
    """Gradient of the kernel of Keras's plain layer where a masked step is NaN."""
    layer = keras_layer(unroll=unroll)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(tf.constant([[[1.0], [nan]]]), mask=tf.constant([[True, False]])))
    return tape.gradient(total, layer.trainable_variables[0])


def torch_nan_slope():
    """Gradient of the kernel of PyTorch's plain layer where a step after the end is NaN."""
    layer = torch_layer()
    packed = pack_padded_sequence(torch.tensor([[[1.0], [nan]]]), [1], batch_first=True)
    layer(packed)[0].data.sum().backward()
    return layer.weight_ih_l0.grad


def flax_nan_slope():
    """Gradient of the kernel of Flax's plain layer where a step after the end is NaN."""

    def total(weights):
        layer = linen.RNN(linen.SimpleCell(1, parent=None), return_carry=True)
        carry, _ = layer.apply(weights, jnp.array([[[1.0], [nan]]]), seq_lengths=jnp.array([1]))
        return jnp.sum(carry)

    return jax.grad(total)(WEIGHTS)["params"]["cell"]["i"]["kernel"]


def bidirectional(unroll):
    """Return the backward half of Keras's bidirectional layer, put back in order, for a mask 1 1 1 0 0."""
    layer = layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True, unroll=unroll))
    inputs = tf.reshape(tf.range(1.0, 6) / 4, (1, 5, 1))
    layer.build(inputs.shape)
    layer.set_weights([np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1)] * 2)
    mask = tf.constant([[True, True, True, False, False]])
    return layer(inputs, mask=mask)[..., 1]


def masked_loss(batch):
    """Return loss and metric of Keras over four sequences of which the mask leaves 1, 1, 1 and 4 steps."""
    mask = np.zeros((4, 4, 1), np.float32)
    mask[:3, 0] = 1
    mask[3] = 1
    inputs = keras.Input((4, 1))
    model = keras.Model(inputs, layers.Masking()(inputs))
    model.compile(loss="mse", metrics=["mse"])
    targets = mask * np.array([0.0, 0, 0, 3]).reshape(4, 1, 1)
    return model.evaluate(mask, targets, batch_size=batch, verbose=0)


def stateful(batch):
    """Run Keras's stateful layer on a batch of two, then on another."""
    layer = keras_layer(stateful=True)
    layer(tf.ones((2, 1, 1)))
    return layer(tf.ones((batch, 1, 1)))


def forget_biases():
    """Return the bias of the forget gate of fresh LSTMs, summed over both biases where there are two."""
    layer = layers.LSTM(4)
    layer.build((1, 1, 3))
    torch.manual_seed(0)
    cell = torch.nn.LSTM(3, 4)
    total = cell.bias_ih_l0 + cell.bias_hh_l0
    return layer.get_weights()[2][4:8], total[4:8].detach().numpy()


def spread(values):
    """Write the smallest and the largest of some numbers, as a range, or as one number where they are the same."""
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:.3g}" if low == high else f"{low:.1f} to {high:.1f}"


def fresh_recurrent(kernel):
    """Say how far the columns of a fresh recurrent kernel are from being orthogonal and of length 1."""
    kernel = np.asarray(kernel)
    error = np.abs(kernel.T @ kernel - np.eye(len(kernel))).max()
    return "orthogonal" if error < 1e-5 else "not orthogonal"


def corners():
    """Return the rows of the table."""
    short, ones = [True, True, False], np.ones((1, 1), np.float32)
    dirty = np.array([[[1.0], [nan]]], np.float32)
    return [
        corner(
            "Plain layer, tanh(x + s/2), steps 1 2 3",
            "All agree.",
            keras=lambda: keras_simple(STEPS),
            torch=lambda: torch_simple(STEPS),
            jax=lambda: flax_simple(STEPS),
            onnx=lambda: onnx_simple(STEPS),
            ours=lambda: ours_simple(STEPS),
        ),
        corner(
            "The same, the third step masked or beyond the length: outputs",
            "Take outputs of valid steps only: what stands after the end is a matter of the library.",
            keras=lambda: keras_simple(STEPS, short),
            torch=lambda: torch_simple(STEPS, 2),
            jax=lambda: flax_simple(STEPS, 2),
            onnx=lambda: onnx_simple(STEPS, 2),
        ),
        corner(
            "The same: last state",
            "The last state is the same, but in Flax ask for `return_carry=True`.",
            keras=lambda: keras_simple(STEPS, short, return_sequences=False),
            torch=lambda: torch_layer()(pack_padded_sequence(torch.tensor(STEPS), [2], batch_first=True))[1],
            jax=lambda: flax_simple(STEPS, 2, return_carry=True)[0],
            onnx=lambda: onnx_simple(STEPS, 2, which=1),
        ),
        corner(
            "The second of three steps masked",
            "Only Keras knows gaps.",
            keras=lambda: keras_simple(STEPS, [True, False, True]),
        ),
        corner(
            "The first of three steps masked, initial state 1",
            "The output before the first valid step is 0, though the state is 1.",
            keras=lambda: keras_simple(STEPS, [False, True, True], ones),
        ),
        corner(
            "All steps masked, or length 0, initial state 1: outputs",
            "Drop empty sequences.",
            keras=lambda: keras_simple(STEPS, [False] * 3, ones),
            torch=lambda: torch_simple(STEPS, 0),
            jax=lambda: flax_zero(False),
            onnx=lambda: onnx_simple(STEPS, 0, ones[None]),
        ),
        corner(
            "The same: last state",
            "As the row before: the state should be the initial one.",
            keras=lambda: keras_simple(STEPS, [False] * 3, ones, return_state=True, return_sequences=False)[1],
            jax=lambda: flax_zero(True),
            onnx=lambda: onnx_simple(STEPS, 0, ones[None], which=1),
        ),
        corner(
            "A length of 5 for 3 steps: outputs",
            "Check lengths.",
            torch=lambda: torch_simple(STEPS, 5),
            jax=lambda: flax_simple(STEPS, 5),
            onnx=lambda: onnx_simple(STEPS, 5),
        ),
        corner(
            "A masked step that is NaN: outputs",
            "Clean the padding.",
            keras=lambda: keras_simple(dirty, [True, False]),
            torch=lambda: torch_simple(dirty, 1),
            jax=lambda: flax_simple(dirty, 1),
            onnx=lambda: onnx_simple(dirty, 1),
        ),
        corner(
            "A masked step that is NaN: gradient of the kernel",
            "Clean the padding, even where the outputs are right.",
            keras=lambda: masked_nan_slope(False),
            torch=torch_nan_slope,
            jax=flax_nan_slope,
        ),
        corner(
            "From the last step to the first: outputs",
            "Turn Keras's and Flax's outputs round before you add them to others.",
            keras=lambda: keras_simple(STEPS, go_backwards=True),
            torch=lambda: torch_simple(STEPS, bidirectional=True)[..., 1],
            jax=lambda: flax_simple(STEPS, reverse=True),
            onnx=lambda: onnx_simple(STEPS, direction="reverse"),
            ours=lambda: reversed_steps(STEPS),
        ),
        corner(
            "From the last step to the first, the third step masked",
            "As the rows before.",
            keras=lambda: keras_simple(STEPS, short, go_backwards=True),
            torch=lambda: torch_simple(STEPS, 2, bidirectional=True)[..., 1],
            jax=lambda: flax_simple(STEPS, 2, reverse=True, keep_order=True),
            onnx=lambda: onnx_simple(STEPS, 2, direction="reverse"),
        ),
        corner(
            "Bidirectional, (1 … 5)/4, mask 1 1 1 0 0: backward half",
            "As it should be.",
            keras=lambda: bidirectional(False),
        ),
        corner(
            "The same with `unroll=True`",
            "Do not unroll a masked bidirectional layer: valid steps become 0.",
            keras=lambda: bidirectional(True),
        ),
        corner(
            "LSTM: order of the blocks of the kernel",
            "Reorder blocks when you copy weights: gates i, f, o, candidate g. Flax has a kernel for each, by name.",
            keras=lambda: gate_order(keras_lstm),
            torch=lambda: gate_order(torch_lstm),
            jax=flax_gates,
            onnx=lambda: gate_order(onnx_lstm),
            ours=lambda: gate_order(our_lstm),
        ),
        corner(
            "LSTM: bias of the forget gate of a fresh layer",
            "Set it to 1 where it is not.",
            keras=lambda: spread(forget_biases()[0]),
            torch=lambda: spread(forget_biases()[1]),
            jax=lambda: spread(
                linen.LSTMCell(4).init(jax.random.key(0), (jnp.ones((1, 4)),) * 2, jnp.ones((1, 3)))["params"]["hf"][
                    "bias"
                ]
            ),
        ),
        corner(
            "LSTM of 4 units for 3 features: weights",
            "PyTorch has two biases: copy one, and set the other to 0.",
            keras=lambda: count_keras(layers.LSTM(4)),
            torch=lambda: count_torch(torch.nn.LSTM(3, 4)),
            jax=lambda: count_flax(linen.LSTMCell(4)),
        ),
        corner(
            "GRU of 4 units for 3 features: weights",
            "As the row before; Flax has one more bias for the candidate alone.",
            keras=lambda: count_keras(layers.GRU(4)),
            torch=lambda: count_torch(torch.nn.GRU(3, 4)),
            jax=lambda: count_flax(linen.GRUCell(4)),
        ),
        corner(
            "Fresh recurrent kernel",
            "Copy the initialiser with the layer.",
            keras=lambda: fresh_recurrent(keras_fresh()),
            torch=lambda: fresh_recurrent(torch.nn.RNN(3, 4).weight_hh_l0.detach()),
            jax=lambda: fresh_recurrent(
                linen.SimpleCell(4).init(jax.random.key(0), jnp.ones((1, 4)), jnp.ones((1, 3)))["params"]["h"]["kernel"]
            ),
        ),
        corner(
            "GRU, one step, as it is by default",
            "Keras, PyTorch and Flax reset after the product with the recurrent kernel, ONNX before it.",
            keras=keras_gru,
            torch=torch_gru,
            jax=flax_gru,
            onnx=onnx_gru,
            ours=lambda: our_gru(),
        ),
        corner(
            "The same, with the reset on the other side",
            "In ONNX give `linear_before_reset=1` for the layers of the others.",
            onnx=lambda: onnx_gru(linear_before_reset=1),
            ours=our_gru_before,
        ),
        corner(
            "LSTM: first of the two states that a layer returns, when the cell is 1 and the output gate is shut",
            "0 is the hidden state, 1 the cell: take them by name.",
            keras=first_state_keras,
            torch=first_state_torch,
            jax=first_state_flax,
        ),
        corner(
            "No steps, 2×0×1: shape of the outputs",
            "Drop empty sequences.",
            keras=lambda: shape(keras_simple(np.zeros((2, 0, 1), np.float32))),
            torch=lambda: shape(torch_simple(np.zeros((2, 0, 1), np.float32))),
            jax=lambda: shape(flax_simple(np.zeros((2, 0, 1), np.float32))),
            ours=lambda: shape(ours_simple(np.zeros((2, 0, 1)))),
        ),
        corner(
            "Empty batch, 0×3×1: shape of the outputs",
            "Skip empty batches.",
            keras=lambda: shape(keras_simple(np.zeros((0, 3, 1), np.float32))),
            torch=lambda: shape(torch_simple(np.zeros((0, 3, 1), np.float32))),
            jax=lambda: shape(flax_simple(np.zeros((0, 3, 1), np.float32))),
            ours=lambda: shape(ours_simple(np.zeros((0, 3, 1)))),
        ),
        corner(
            "Empty batch, LSTM",
            "As the row before.",
            keras=lambda: shape(layers.LSTM(1)(tf.zeros((0, 3, 1)))),
            torch=lambda: shape(torch.nn.LSTM(1, 1)(torch.zeros(3, 0, 1))[0]),
        ),
        corner(
            "One initial state of 1 for a batch of two, one step of 0",
            "Repeat the state yourself.",
            keras=lambda: keras_simple(np.zeros((2, 1, 1), np.float32), state=ones),
            torch=lambda: torch_layer()(torch.zeros(2, 1, 1), torch.ones(1, 1, 1))[0],
            jax=lambda: linen.RNN(linen.SimpleCell(1, parent=None)).apply(
                WEIGHTS, jnp.zeros((2, 1, 1)), initial_carry=jnp.ones((1, 1))
            ),
            onnx=lambda: onnx_simple(np.zeros((2, 1, 1), "f"), None, ones[None]),
            ours=lambda: ours_simple(np.zeros((2, 1, 1)), ones),
        ),
        corner(
            "One sequence without a batch axis, 3×1: shape of the outputs",
            "Keep the batch axis.",
            keras=lambda: shape(keras_simple(STEPS[0])),
            torch=lambda: shape(torch_simple(STEPS[0])),
            jax=lambda: shape(flax_simple(STEPS[0])),
            ours=lambda: shape(ours_simple(STEPS[0])),
        ),
        corner(
            "Input in float64: type of the outputs",
            "Make the layer with the type that you want.",
            keras=lambda: dtype(keras_simple(STEPS.astype(float))),
            torch=lambda: dtype(torch_simple(STEPS.astype(float))),
            jax=lambda: dtype(flax_simple(STEPS.astype(float))),
            ours=lambda: dtype(ours_simple(STEPS.astype(float))),
        ),
        corner(
            "Stateful layer: a batch of two, then one of one",
            "Reset the states before another batch size.",
            keras=lambda: stateful(1),
        ),
        corner(
            "Masked squared error: loss, then metric, in one batch of four",
            "Within one batch both know the mask.",
            keras=lambda: masked_loss(4),
        ),
        corner(
            "The same in batches of one",
            "Over batches the loss is a mean of means, the metric a mean of steps: report the metric.",
            keras=lambda: masked_loss(1),
        ),
        *(
            corner(
                f"Loss of outputs 4×3×1, weights of shape {'×'.join(map(str, weights))}",
                "Give the weights one axis more than the batch.",
                keras=lambda weights=weights: weighted_loss(weights),
            )
            for weights in ((4,), (4, 1))
        ),
    ]


def flax_zero(want_state):
    """Run Flax's plain layer with a length of 0 from the state 1; return the outputs or the last state."""
    layer = linen.RNN(linen.SimpleCell(1, parent=None), return_carry=True)
    carry, outputs = layer.apply(
        WEIGHTS,
        jnp.asarray(STEPS),
        initial_carry=jnp.ones((1, 1)),
        seq_lengths=jnp.array([0]),
    )
    return carry if want_state else outputs


def keras_fresh():
    """Return the recurrent kernel of a fresh layer of Keras."""
    layer = layers.SimpleRNN(4)
    layer.build((1, 1, 3))
    return layer.get_weights()[1]


def our_gru_before():
    """Run our GRU with the reset before the product, which has one bias: the sum of both."""
    kernel, recurrent, bias = gru_weights()
    return gru(
        np.ones((1, 1, 1)), kernel, recurrent, bias.sum(0), np.ones((1, 1)),
        reset_after=False,
    )  # fmt: skip


def weighted_loss(weights):
    """Return the squared error of ones against zeros, with weights of some shape, for an output at each step."""
    network = keras.Sequential([keras.Input((3, 1)), layers.Dense(1, kernel_initializer="ones")])
    network.compile("sgd", "mse")
    ones = np.ones((4, 3, 1), np.float32)
    return np.float64(network.evaluate(ones, 0 * ones, sample_weight=np.ones(weights), verbose=0))


SHUT = np.array([-200.0, 200, 0, -200], np.float32)


def first_state_keras():
    """Return the first state of Keras's LSTM."""
    layer = layers.LSTM(1, return_state=True)
    layer.build((1, 1, 1))
    layer.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), SHUT])
    states = [tf.zeros((1, 1)), tf.ones((1, 1))]
    return layer(tf.zeros((1, 1, 1)), initial_state=states)[1]


def first_state_torch():
    """Return the first state of PyTorch's LSTM."""
    cell = torch.nn.LSTM(1, 1)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.fill_(0)
        cell.bias_ih_l0.copy_(torch.tensor(SHUT))
    states = torch.zeros(1, 1, 1), torch.ones(1, 1, 1)
    return cell(torch.zeros(1, 1, 1), states)[1][0]


def first_state_flax():
    """Return the first part of the carry of Flax's LSTM."""
    weights = {f"i{name}": {"kernel": jnp.zeros((1, 1))} for name in "ifgo"}
    for name, value in zip("ifgo", SHUT, strict=True):
        weights[f"h{name}"] = {"kernel": jnp.zeros((1, 1)), "bias": jnp.array([value])}
    carry = (jnp.ones((1, 1)), jnp.zeros((1, 1)))
    return linen.LSTMCell(1).apply({"params": weights}, carry, jnp.zeros((1, 1)))[0][0]


if __name__ == "__main__":
    print(table(NUMBER, corners()))
