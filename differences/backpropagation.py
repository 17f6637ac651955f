"""Corners of layers, activations, losses and their gradients, the topics of lessons 1, 2 and 3."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from corners import (
    corner,
    dtype,
    jax_slope,
    keras_slope,
    run_onnx,
    shape,
    table,
    tf_slope,
    torch_slope,
)

from helpers.backpropagation import (
    dense_backward,
    relu,
    relu_backward,
    sigmoid_backward,
    softmax_cross_entropy,
)

NUMBER = 2
F = torch.nn.functional
ops = keras.ops
nan, inf = np.nan, np.inf
SLOPE = "gradient"


def values(what, advice, x, of_tf, of_keras=None, of_torch=None, of_jax=None, **cells):
    """Return a row in which each library applies its function to the same float32 numbers."""
    x = np.array(x, np.float32)
    if of_keras:
        cells["keras"] = lambda: of_keras(tf.constant(x))
    if of_torch:
        cells["torch"] = lambda: of_torch(torch.tensor(x))
    if of_jax:
        cells["jax"] = lambda: of_jax(jnp.asarray(x))
    return corner(what, advice, tensorflow=(of_tf, x) if of_tf else None, **cells)


def slopes(what, advice, x, of_tf, of_keras=None, of_torch=None, of_jax=None, **cells):
    """Return a row with the gradients of the sum of a function at the same float32 numbers."""
    x = np.array(x, np.float32)
    if of_keras:
        cells["keras"] = lambda: keras_slope(of_keras, x)
    if of_torch:
        cells["torch"] = lambda: torch_slope(of_torch, x)
    if of_jax:
        cells["jax"] = lambda: jax_slope(of_jax, x)
    return corner(
        f"{what}: {SLOPE}",
        advice,
        tensorflow=(tf_slope(of_tf), x) if of_tf else None,
        **cells,
    )


def onnx_of(operator, x, **attributes):
    """Return a cell that applies an ONNX operator to float32 numbers."""
    return lambda: run_onnx(operator, np.array(x, np.float32), **attributes)


LOGITS = np.array([[1.0, 2, 3]], np.float32)


def label_row(what, advice, label):
    """Return a row with the cross-entropy of the logits 1, 2, 3 for a label that may not exist."""
    labels = np.array([label])
    return corner(
        what,
        advice,
        tensorflow=(
            lambda z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z),
            LOGITS,
        ),
        keras=lambda: keras.losses.sparse_categorical_crossentropy(labels, tf.constant(LOGITS), from_logits=True),
        torch=lambda: F.cross_entropy(torch.tensor(LOGITS), torch.tensor(labels)),
        jax=lambda: optax.softmax_cross_entropy_with_integer_labels(jnp.asarray(LOGITS), jnp.asarray(labels)),
        onnx=lambda: run_onnx("SoftmaxCrossEntropyLoss", LOGITS, labels),
        ours=lambda: softmax_cross_entropy(LOGITS, labels),
    )


def log_of_softmax(z):
    """Return minus the logarithm of the probability of class 0."""
    return -tf.math.log(tf.nn.softmax(z))[0]


def row_means(rows):
    """Return the mean of many rows of 0.1 over the leading axis, as float32."""
    return np.full((rows, 2), 0.1, np.float32)


def corners():
    """Return the rows of the table."""
    half = np.ones((4096, 2), np.float16)
    many = row_means(2**20)
    return [
        slopes(
            "relu at 0",
            "All say 0.",
            0,
            tf.nn.relu,
            ops.relu,
            F.relu,
            jax.nn.relu,
            ours=lambda: relu_backward(1.0, 0.0),
        ),
        slopes(
            "maximum(x, 0) at 0",
            "Write `relu`, not `maximum`, or a dead unit is a matter of the library.",
            0,
            lambda x: tf.maximum(x, 0),
            lambda x: ops.maximum(x, 0.0),
            lambda x: torch.maximum(x, torch.tensor(0.0)),
            lambda x: jnp.maximum(x, 0),
        ),
        slopes(
            "maximum(0, x) at 0",
            "As the row before: in TensorFlow the first argument gets all.",
            0,
            lambda x: tf.maximum(0.0, x),
            lambda x: ops.maximum(0.0, x),
            lambda x: torch.maximum(torch.tensor(0.0), x),
            lambda x: jnp.maximum(0, x),
        ),
        slopes(
            "absolute value at 0",
            "Give the derivative at a kink yourself, if it matters.",
            0,
            tf.abs,
            ops.abs,
            torch.abs,
            jnp.abs,
        ),
        slopes(
            "Euclidean norm at (0, 0)",
            "Add a small number under the root.",
            [0, 0],
            tf.norm,
            ops.norm,
            torch.linalg.norm,
            jnp.linalg.norm,
        ),
        slopes(
            "clip to [0, 1] at 0 and 1",
            "Do not let parameters rest on a bound.",
            [0, 1],
            lambda x: tf.clip_by_value(x, 0, 1),
            lambda x: ops.clip(x, 0.0, 1.0),
            lambda x: torch.clamp(x, 0, 1),
            lambda x: jnp.clip(x, 0, 1),
        ),
        slopes(
            "relu6 at 0 and 6",
            "As clip, but not where the same bounds are written as a clip.",
            [0, 6],
            tf.nn.relu6,
            ops.relu6,
            F.relu6,
            jax.nn.relu6,
        ),
        slopes(
            "where(x > 0, √x, 0) at 0",
            "Choose a safe argument first: √where(x > 0, x, 1).",
            0,
            lambda x: tf.where(x > 0, tf.sqrt(x), 0),
            lambda x: ops.where(x > 0, ops.sqrt(x), 0.0),
            lambda x: torch.where(x > 0, torch.sqrt(x), 0),
            lambda x: jnp.where(x > 0, jnp.sqrt(x), 0),
        ),
        slopes(
            "selu at 0",
            "Nothing to do, unless exact zeros are common.",
            0,
            tf.nn.selu,
            ops.selu,
            F.selu,
            jax.nn.selu,
        ),
        slopes(
            "x⁰ at 0, by power",
            "Start polynomials at the constant.",
            0,
            lambda x: x**0.0,
            lambda x: ops.power(x, 0.0),
            lambda x: x**0.0,
            lambda x: x**0.0,
        ),
        slopes(
            "cumulative product at (2, 0, 3)",
            "The true gradient is 1 + 0 + 0, 2 + 6, 0: in TensorFlow write the products out.",
            [2, 0, 3],
            tf.math.cumprod,
            ops.cumprod,
            lambda x: torch.cumprod(x, 0),
            jnp.cumprod,
        ),
        slopes(
            "product at (2, 0, 3)",
            "All are right.",
            [2, 0, 3],
            tf.reduce_prod,
            ops.prod,
            torch.prod,
            jnp.prod,
        ),
        slopes(
            "maximum of (1, 3, 3)",
            "Expect the gradient to be shared here, but not in max pooling.",
            [1, 3, 3],
            tf.reduce_max,
            ops.max,
            torch.amax,
            jnp.max,
        ),
        slopes(
            "`max` over an axis of (1, 3, 3)",
            "`torch.max(x, 0)` is not `torch.amax(x, 0)`.",
            [1, 3, 3],
            lambda x: tf.reduce_max(x, 0),
            lambda x: ops.max(x, 0),
            lambda x: torch.max(x, 0).values,
            lambda x: jnp.max(x, 0),
        ),
        slopes(
            "standard deviation of (1, 1)",
            "Add epsilon to the variance before the root.",
            [1, 1],
            tf.math.reduce_std,
            ops.std,
            lambda x: torch.std(x, correction=0),
            jnp.std,
        ),
        slopes(
            "normalise to length 1 at (0, 0)",
            "Look up the epsilon, and whether it is inside the root.",
            [0, 0],
            lambda x: tf.math.l2_normalize(x),
            lambda x: ops.normalize(x, axis=0),
            lambda x: F.normalize(x, dim=0),
        ),
        slopes(
            "logsumexp at (−∞, −∞)",
            "Mask with a large finite number.",
            [-inf, -inf],
            tf.reduce_logsumexp,
            ops.logsumexp,
            lambda x: torch.logsumexp(x, 0),
            jax.nn.logsumexp,
        ),
        slopes(
            "logsumexp at (∞, 0)",
            "Refuse infinite scores.",
            [inf, 0],
            tf.reduce_logsumexp,
            ops.logsumexp,
            lambda x: torch.logsumexp(x, 0),
            jax.nn.logsumexp,
        ),
        slopes(
            "arc tangent of y/x, for y, at (0, 0)",
            "Add a small number to x.",
            0,
            lambda y: tf.atan2(y, 0.0 * y),
            lambda y: ops.arctan2(y, 0.0 * y),
            lambda y: torch.atan2(y, 0.0 * y),
            lambda y: jnp.arctan2(y, 0.0 * y),
        ),
        slopes(
            "x log x at 0, by xlogy",
            "The true slope is −∞. Keep x away from 0 where an entropy is trained.",
            0,
            lambda x: tf.math.xlogy(x, x),
            None,
            lambda x: torch.xlogy(x, x),
            lambda x: jax.scipy.special.xlogy(x, x),
        ),
        slopes(
            "sin(x)/x at 0, by sinc",
            "All should say 0.",
            0,
            None,
            None,
            torch.sinc,
            jnp.sinc,
        ),
        slopes(
            "sigmoid at −100 in float32",
            "Subnormal numbers are 0 in some libraries: do not divide by what may be one.",
            -100,
            tf.sigmoid,
            ops.sigmoid,
            torch.sigmoid,
            jax.nn.sigmoid,
            ours=lambda: sigmoid_backward(np.float32(1), np.float32(-100)),
        ),
        values(
            "silu(−∞)",
            "The limit is 0; x·sigmoid(x) is −∞ times 0.",
            -inf,
            tf.nn.silu,
            ops.silu,
            F.silu,
            jax.nn.silu,
        ),
        values(
            "gelu(−∞)",
            "The limit is 0.",
            -inf,
            tf.nn.gelu,
            ops.gelu,
            F.gelu,
            jax.nn.gelu,
            onnx=onnx_of("Gelu", -inf),
        ),
        values(
            "softmax(−∞, −∞)",
            "Never mask a whole row.",
            [-inf, -inf],
            tf.nn.softmax,
            ops.softmax,
            lambda x: torch.softmax(x, 0),
            jax.nn.softmax,
            onnx=onnx_of("Softmax", [-inf, -inf]),
        ),
        values(
            "softmax(∞, 0)",
            "Refuse infinite scores.",
            [inf, 0],
            tf.nn.softmax,
            ops.softmax,
            lambda x: torch.softmax(x, 0),
            jax.nn.softmax,
            onnx=onnx_of("Softmax", [inf, 0]),
        ),
        values(
            "softmax(NaN, 1)",
            "Look for NaN before the softmax.",
            [nan, 1],
            tf.nn.softmax,
            ops.softmax,
            lambda x: torch.softmax(x, 0),
            jax.nn.softmax,
            onnx=onnx_of("Softmax", [nan, 1]),
        ),
        values(
            "softmax of (0 0; 0 0) when no axis is given",
            "Always write the axis; ONNX before operator set 13 flattens the rest.",
            np.zeros((1, 2, 2)),
            lambda x: tf.nn.softmax(x),
            ops.softmax,
            lambda x: F.softmax(x),
            jax.nn.softmax,
            onnx=lambda: run_onnx("Softmax", np.zeros((1, 2, 2), np.float32), opset=11),
        ),
        values(
            "−log(softmax(0, 110)), class 0",
            "Use the log-softmax or a loss with `from_logits=True`: 110 everywhere.",
            [0, 110],
            log_of_softmax,
            lambda x: -ops.log(ops.softmax(x))[0],
            lambda x: -torch.log(torch.softmax(x, 0))[0],
            lambda x: -jnp.log(jax.nn.softmax(x))[0],
            ours=lambda: softmax_cross_entropy([[0.0, 110]], [0]),
        ),
        slopes(
            "−log(softmax(0, 110)), class 0",
            "As the row before: the gradient should be −1, 1.",
            [0, 110],
            log_of_softmax,
            lambda x: -ops.log(ops.softmax(x))[0],
            lambda x: -torch.log(torch.softmax(x, 0))[0],
            lambda x: -jnp.log(jax.nn.softmax(x))[0],
        ),
        values(
            "relu(−0) as 1/relu(−0)",
            "Do not divide by what a relu returns.",
            -0.0,
            lambda x: 1 / tf.nn.relu(x),
            lambda x: 1 / ops.relu(x),
            lambda x: 1 / F.relu(x),
            lambda x: 1 / jax.nn.relu(x),
            onnx=lambda: 1 / run_onnx("Relu", np.float32(-0.0)),
            ours=lambda: 1 / relu(-0.0),
        ),
        values(
            "relu(NaN)",
            "Look for NaN before an activation.",
            nan,
            tf.nn.relu,
            ops.relu,
            F.relu,
            jax.nn.relu,
            onnx=onnx_of("Relu", nan),
            ours=lambda: relu(nan),
        ),
        slopes(
            "relu at NaN",
            "A gradient of 0 hides the NaN.",
            nan,
            tf.nn.relu,
            ops.relu,
            F.relu,
            jax.nn.relu,
            ours=lambda: relu_backward(1.0, nan),
        ),
        values(
            "gelu(1)",
            "Say `approximate` where you call it.",
            1,
            tf.nn.gelu,
            ops.gelu,
            F.gelu,
            jax.nn.gelu,
            onnx=onnx_of("Gelu", 1),
        ),
        values(
            "leaky relu of −1, default slope",
            "Write the slope.",
            -1,
            tf.nn.leaky_relu,
            keras.layers.LeakyReLU(),
            F.leaky_relu,
            jax.nn.leaky_relu,
            onnx=onnx_of("LeakyRelu", -1),
        ),
        values(
            "hard sigmoid of 1",
            "Two definitions: x/6 + 1/2, and 0.2x + 0.5. Write the one you mean.",
            1,
            None,
            ops.hard_sigmoid,
            F.hardsigmoid,
            jax.nn.hard_sigmoid,
            onnx=onnx_of("HardSigmoid", 1),
        ),
        values(
            "argmax(NaN, 1) and argmax(1, NaN)",
            "Count NaN before you count hits: a model of NaN can score.",
            [[nan, 1], [1, nan]],
            lambda x: tf.argmax(x, 1),
            lambda x: ops.argmax(x, 1),
            lambda x: torch.argmax(x, 1),
            lambda x: jnp.argmax(x, 1),
            onnx=onnx_of("ArgMax", [[nan, 1], [1, nan]], axis=1),
        ),
        values(
            "maximum of (3, NaN, 1)",
            "Do not look for NaN by a maximum.",
            [3, nan, 1],
            tf.reduce_max,
            ops.max,
            torch.amax,
            jnp.max,
            onnx=onnx_of("ReduceMax", [3, nan, 1], keepdims=0),
        ),
        values(
            "two largest of (1, 2, 3, NaN)",
            "As the row before.",
            [1, 2, 3, nan],
            lambda x: tf.math.top_k(x, 2).values,
            lambda x: ops.top_k(x, 2)[0],
            lambda x: torch.topk(x, 2).values,
            lambda x: jax.lax.top_k(x, 2)[0],
            onnx=lambda: run_onnx("TopK", np.array([1, 2, 3, nan], np.float32), np.array([2]), outputs=2)[0],
        ),
        values(
            "clip NaN to [0, 1]",
            "Clipping does not remove NaN.",
            nan,
            lambda x: tf.clip_by_value(x, 0, 1),
            lambda x: ops.clip(x, 0.0, 1.0),
            lambda x: torch.clamp(x, 0, 1),
            lambda x: jnp.clip(x, 0, 1),
            onnx=lambda: run_onnx("Clip", np.float32(nan), np.float32(0), np.float32(1)),
        ),
        values(
            "clip 5 to [3, 1], bounds swapped",
            "Check bounds that are computed.",
            5,
            lambda x: tf.clip_by_value(x, 3, 1),
            lambda x: ops.clip(x, 3.0, 1.0),
            lambda x: torch.clamp(x, 3, 1),
            lambda x: jnp.clip(x, 3, 1),
            onnx=lambda: run_onnx("Clip", np.float32(5), np.float32(3), np.float32(1)),
        ),
        values(
            "clip 0 to [3, 1], bounds swapped",
            "As the row before.",
            0,
            lambda x: tf.clip_by_value(x, 3, 1),
            lambda x: ops.clip(x, 3.0, 1.0),
            lambda x: torch.clamp(x, 3, 1),
            lambda x: jnp.clip(x, 3, 1),
            onnx=lambda: run_onnx("Clip", np.float32(0), np.float32(3), np.float32(1)),
        ),
        values(
            "is 1e-39 equal to 0",
            "Do not ask whether a tiny float32 is 0.",
            1e-39,
            lambda x: x == 0,
            lambda x: ops.equal(x, 0.0),
            lambda x: x == 0,
            lambda x: x == 0,
            onnx=lambda: run_onnx("Equal", np.float32(1e-39), np.float32(0)),
            ours=lambda: relu(np.float32(1e-39)) == 0,
        ),
        values(
            "variance of (1, 2, 3)",
            "Write `correction=0` in PyTorch.",
            [1, 2, 3],
            tf.math.reduce_variance,
            ops.var,
            torch.var,
            jnp.var,
        ),
        values(
            "median of (1, 2, 3, 4)",
            "PyTorch takes the lower of the two; `torch.quantile` takes the mean.",
            [1, 2, 3, 4],
            None,
            ops.median,
            torch.median,
            jnp.median,
        ),
        corner(
            "mean over 4096 rows of ones in float16",
            "Take means of half precision in float32.",
            tensorflow=(lambda x: tf.reduce_mean(x, 0), half),
            keras=lambda: ops.mean(tf.constant(half), 0),
            torch=lambda: torch.tensor(half).mean(0),
            jax=lambda: jnp.mean(half, 0),
            onnx=lambda: run_onnx("ReduceMean", half, np.array([0])),
        ),
        corner(
            "mean over 1 048 576 rows of 0.1 in float32",
            "Sum long columns in float64, or transpose first.",
            tensorflow=(lambda x: tf.reduce_mean(x, 0), many),
            keras=lambda: ops.mean(tf.constant(many), 0),
            torch=lambda: torch.tensor(many).mean(0),
            jax=lambda: jnp.mean(many, 0),
            onnx=lambda: run_onnx("ReduceMean", many, np.array([0])),
            ours=lambda: dense_backward(many, many, np.eye(2))[2] / 2**20,
        ),
        corner(
            "mean of an empty array",
            "Refuse empty batches.",
            tensorflow=(tf.reduce_mean, np.zeros(0, np.float32)),
            keras=lambda: ops.mean(tf.zeros(0)),
            torch=lambda: torch.zeros(0).mean(),
            jax=lambda: jnp.mean(jnp.zeros(0)),
            onnx=lambda: run_onnx("ReduceMean", np.zeros(0, np.float32), keepdims=0),
        ),
        corner(
            "NumPy float64 times tensor float32, matrix product: type",
            "Convert before you multiply, and check the type after.",
            eager=lambda: dtype(np.ones((1, 1)) @ tf.ones((1, 1))),
            keras=lambda: dtype(ops.matmul(np.ones((1, 1)), tf.ones((1, 1)))),
            torch=lambda: dtype(np.ones((1, 1)) @ torch.ones(1, 1)),
            jax=lambda: dtype(np.ones((1, 1)) @ jnp.ones((1, 1))),
            onnx=lambda: dtype(run_onnx("MatMul", np.ones((1, 1)), np.ones((1, 1), "f"))),
        ),
        corner(
            "the same by the library's `matmul`",
            "As the row before.",
            eager=lambda: dtype(tf.matmul(np.ones((1, 1)), tf.ones((1, 1)))),
            torch=lambda: dtype(torch.matmul(torch.ones(1, 1).double(), torch.ones(1, 1))),
            jax=lambda: dtype(jnp.matmul(np.ones((1, 1)), jnp.ones((1, 1)))),
        ),
        label_row(
            "Cross-entropy of (1, 2, 3), label −1",
            "Check labels when you load them.",
            -1,
        ),
        label_row("Cross-entropy of (1, 2, 3), label 3", "As the row before.", 3),
        label_row(
            "Cross-entropy of (1, 2, 3), label −100",
            "−100 is PyTorch's mark for “ignore”: a batch of nothing else has the loss NaN.",
            -100,
        ),
        corner(
            "one-hot code of −1 among 3",
            "A row of zeros makes any loss 0: check labels.",
            tensorflow=(lambda x: tf.one_hot(x, 3), np.array([-1])),
            keras=lambda: ops.one_hot(np.array([-1]), 3),
            torch=lambda: F.one_hot(torch.tensor([-1]), 3),
            jax=lambda: jax.nn.one_hot(jnp.array([-1]), 3),
            onnx=lambda: run_onnx("OneHot", np.array([-1]), np.array([3]), np.array([0, 1], np.float32)),
        ),
        corner(
            "row −1 of an embedding 10, 20, 30",
            "As the row before.",
            tensorflow=(
                lambda x: tf.nn.embedding_lookup(tf.constant([[10.0], [20], [30]]), x),
                np.array([-1]),
            ),
            keras=lambda: ops.take(tf.constant([[10.0], [20], [30]]), np.array([-1]), 0),
            torch=lambda: F.embedding(torch.tensor([-1]), torch.tensor([[10.0], [20], [30]])),
            jax=lambda: jnp.take(jnp.array([[10.0], [20], [30]]), jnp.array([-1]), 0),
            onnx=lambda: run_onnx("Gather", np.array([[10], [20], [30]], np.float32), np.array([-1])),
        ),
        corner(
            "row 3 of an embedding 10, 20, 30",
            "As the row before.",
            tensorflow=(
                lambda x: tf.nn.embedding_lookup(tf.constant([[10.0], [20], [30]]), x),
                np.array([3]),
            ),
            keras=lambda: ops.take(tf.constant([[10.0], [20], [30]]), np.array([3]), 0),
            torch=lambda: F.embedding(torch.tensor([3]), torch.tensor([[10.0], [20], [30]])),
            jax=lambda: jnp.take(jnp.array([[10.0], [20], [30]]), jnp.array([3]), 0),
            onnx=lambda: run_onnx("Gather", np.array([[10], [20], [30]], np.float32), np.array([3])),
        ),
        corner(
            "Cross-entropy of an empty batch of 3 classes",
            "Drop empty batches.",
            tensorflow=(
                lambda z: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros(0, tf.int32), z)),
                np.zeros((0, 3), np.float32),
            ),
            keras=lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.zeros(0), tf.zeros((0, 3))),
            torch=lambda: F.cross_entropy(torch.zeros(0, 3), torch.zeros(0, dtype=torch.long)),
            jax=lambda: optax.softmax_cross_entropy_with_integer_labels(jnp.zeros((0, 3)), jnp.zeros(0, int)).mean(),
            ours=lambda: softmax_cross_entropy(np.zeros((0, 3)), np.zeros(0, int)),
        ),
        corner(
            "Binary cross-entropy, probability 0, label 1",
            "Give logits: the loss of a wrong certainty is a constant of the library.",
            keras=lambda: keras.losses.binary_crossentropy(tf.ones(1), tf.zeros(1)),
            torch=lambda: F.binary_cross_entropy(torch.zeros(1), torch.ones(1)),
        ),
        corner(
            "Binary cross-entropy, logit ∞, label 1",
            "Refuse infinite scores.",
            tensorflow=(
                lambda z: tf.nn.sigmoid_cross_entropy_with_logits(tf.ones(1), z),
                np.array([inf], np.float32),
            ),
            keras=lambda: keras.losses.binary_crossentropy(tf.ones(1), tf.constant([inf]), from_logits=True),
            torch=lambda: F.binary_cross_entropy_with_logits(torch.tensor([inf]), torch.ones(1)),
            jax=lambda: optax.sigmoid_binary_cross_entropy(jnp.array([inf]), jnp.ones(1)),
        ),
        corner(
            "Squared error of predictions (3, 1) and targets (3): shape",
            "Compare shapes before the loss: 9 pairs are not 3.",
            eager=lambda: shape(tf.zeros((3, 1)) - tf.zeros(3)),
            keras=lambda: shape(keras.losses.mean_squared_error(tf.zeros(3), tf.zeros((3, 1)))),
            torch=lambda: shape(F.mse_loss(torch.zeros(3, 1), torch.zeros(3), reduction="none")),
            jax=lambda: shape(optax.squared_error(jnp.zeros((3, 1)), jnp.zeros(3))),
        ),
        corner(
            "Huber loss with threshold 2 of an error of 4; then smooth L1",
            "Smooth L1 is Huber divided by the threshold.",
            keras=lambda: keras.losses.Huber(2.0)(tf.zeros(1), tf.fill((1,), 4.0)),
            torch=lambda: torch.stack(
                [
                    F.huber_loss(torch.tensor(4.0), torch.tensor(0.0), delta=2.0),
                    F.smooth_l1_loss(torch.tensor(4.0), torch.tensor(0.0), beta=2.0),
                ]
            ),
            jax=lambda: optax.huber_loss(jnp.array(4.0), delta=2.0),
        ),
        corner(
            "Hinge loss of 0.5, label 0",
            "Give labels −1 and 1.",
            keras=lambda: keras.losses.hinge(tf.zeros(1), tf.fill((1,), 0.5)),
            torch=lambda: F.soft_margin_loss(torch.tensor([0.5]), torch.zeros(1)),
            jax=lambda: optax.hinge_loss(jnp.array(0.5), jnp.array(0.0)),
        ),
        corner(
            "Cosine loss of a vector with itself",
            "Look up the sign.",
            keras=lambda: keras.losses.cosine_similarity(tf.ones(2), tf.ones(2)),
            torch=lambda: F.cosine_embedding_loss(torch.ones(1, 2), torch.ones(1, 2), torch.ones(1)),
            jax=lambda: optax.cosine_distance(jnp.ones(2), jnp.ones(2)),
        ),
        corner(
            "Divergence of (0, 1) from (0.5, 0.5)",
            "Clip, or write 0 log 0 = 0.",
            keras=lambda: keras.losses.kl_divergence(tf.constant([0.0, 1]), tf.constant([0.5, 0.5])),
            torch=lambda: F.kl_div(
                torch.log(torch.tensor([0.5, 0.5])),
                torch.tensor([0.0, 1]),
                reduction="sum",
            ),
            jax=lambda: optax.kl_divergence(jnp.log(jnp.array([0.5, 0.5])), jnp.array([0.0, 1])),
        ),
        corner(
            "The same, default reduction in PyTorch",
            'Write `reduction="batchmean"`.',
            torch=lambda: F.kl_div(torch.log(torch.tensor([[0.5, 0.5]])), torch.tensor([[0.0, 1]])),
        ),
        corner(
            "Dropout with rate 1 of ones",
            "Refuse a rate of 1.",
            tensorflow=(lambda x: tf.nn.dropout(x, 1.0), np.ones(2, np.float32)),
            keras=lambda: keras.layers.Dropout(1.0)(tf.ones(2), training=True),
            torch=lambda: F.dropout(torch.ones(2), 1.0),
            onnx=lambda: run_onnx("Dropout", np.ones(2, np.float32), np.float32(1), np.array(True)),
        ),
        corner(
            "softmax of the integers 0, 0",
            "Convert to a float first.",
            tensorflow=(tf.nn.softmax, np.zeros(2, np.int32)),
            keras=lambda: ops.softmax(np.zeros(2, np.int32)),
            torch=lambda: torch.softmax(torch.zeros(2, dtype=torch.int32), 0),
            jax=lambda: jax.nn.softmax(jnp.zeros(2, int)),
            onnx=lambda: run_onnx("Softmax", np.zeros(2, np.int32)),
        ),
        corner(
            "Range of a fresh dense kernel, 100 to 50; then the bias",
            "Copy the initialiser, not only the layer: Keras √(6/150), PyTorch 1/√100, bias included.",
            keras=lambda: fresh(*built(keras.layers.Dense(50), (1, 100))),
            torch=lambda: fresh(*torch.nn.Linear(100, 50).parameters()),
            jax=lambda: fresh(*flax_dense()),
        ),
        corner(
            "Accuracy of predictions that are all NaN, labels 0, 0, 1",
            "Look at the loss as well: NaN counts as class 0.",
            keras=lambda: keras.metrics.SparseCategoricalAccuracy()([0, 0, 1], np.full((3, 3), nan, np.float32)),
        ),
        corner(
            "Equal predictions for labels 0, 1, 2: accuracy, then top-1 accuracy",
            "A tie counts as right for the top k, and for the class itself only if it is the first.",
            keras=lambda: np.array(
                [
                    keras.metrics.SparseCategoricalAccuracy()([0, 1, 2], np.ones((3, 3))),
                    keras.metrics.SparseTopKCategoricalAccuracy(k=1)([0, 1, 2], np.ones((3, 3))),
                ]
            ),
        ),
    ]


def built(layer, shape):
    """Return the weights of a Keras layer, made with a fixed seed."""
    keras.utils.set_random_seed(0)
    layer.build(shape)
    return layer.get_weights()


def flax_dense():
    """Return kernel and bias of a dense layer of Flax."""
    from flax import linen

    weights = linen.Dense(50).init(jax.random.key(0), jnp.ones((1, 100)))["params"]
    return weights["kernel"], weights["bias"]


def fresh(kernel, bias):
    """Return the largest size of an entry of each, rounded so that the seed does not show."""

    def largest(weights):
        return float(np.abs(np.asarray(getattr(weights, "detach", lambda: weights)())).max())

    return f"{largest(kernel):.2f}, {largest(bias):.2f}"


if __name__ == "__main__":
    print(table(NUMBER, corners()))
