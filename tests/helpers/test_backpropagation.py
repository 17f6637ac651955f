import decimal
from decimal import Decimal
from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from helpers.backpropagation import (
    dense,
    dense_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    tanh,
    tanh_backward,
    train_classifiers,
)
from helpers.gradient_check import gradient_error

DTYPES = [np.float32, np.float64]
# Sums of at most some 20 products of numbers of size 1: a few units in the last place.
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-13}
# Central differences are noisy by some 1e-10 of the function, and gradient_error divides by no less than 1e-4 of it. In
# float32 the rounding of the backward pass comes on top. A wrong gradient has an error of 1e-2 or more.
DIFFERENCE_TOLERANCE = {np.float32: 1e-4, np.float64: 1e-5}

DENSE_SHAPES = [
    (1, 1, 1),
    (4, 3, 2),
    (2, 3, 3),
    (17, 5, 10),
    (0, 3, 2),
]  # (batch, n_in, units)
ANY_SHAPE = [(), (5,), (4, 3), (2, 3, 4, 2), (0, 3)]
LOGITS_SHAPES = [(1, 1), (1, 2), (4, 3), (17, 10)]  # (batch, classes)

ACTIVATIONS = {
    "relu": (relu, relu_backward, tf.nn.relu),
    "sigmoid": (sigmoid, sigmoid_backward, tf.sigmoid),
    "tanh": (tanh, tanh_backward, tf.tanh),
}
activation = pytest.mark.parametrize(
    ("forward", "backward", "in_tensorflow"),
    ACTIVATIONS.values(),
    ids=ACTIVATIONS.keys(),
)
of_any_shape = pytest.mark.parametrize("shape", ANY_SHAPE, ids=str)
of_dense_shapes = pytest.mark.parametrize("shape", DENSE_SHAPES, ids=str)
of_logits_shapes = pytest.mark.parametrize("shape", LOGITS_SHAPES, ids=str)
in_both_dtypes = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)

by_hypothesis = settings(max_examples=60, deadline=None, derandomize=True)


def normal(seed, *shapes, dtype=np.float64):
    """Arrays of the given shapes, read-only: no function may write into its arguments."""
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(rng.standard_normal(shape), dtype) for shape in shapes]
    for array in arrays:
        array.setflags(write=False)
    return arrays if len(arrays) > 1 else arrays[0]


def tape_gradient(function, arguments, upstream=None):
    variables = [tf.constant(argument) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        result = function(*variables)
    upstream = None if upstream is None else tf.constant(upstream)
    return [gradient.numpy() for gradient in tape.gradient(result, variables, output_gradients=upstream)]


def assert_equal(actual, expected, dtype, tolerance):
    assert np.shape(actual) == np.shape(expected)
    assert actual.dtype == dtype
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


# Dense layer


def dense_case(shape, dtype):
    batch, n_in, units = shape
    return normal(0, (batch, n_in), (n_in, units), (units,), (batch, units), dtype=dtype)


def test_dense_by_hand():
    inputs, kernel, bias = (
        [[1.0, 2.0], [3.0, 4.0]],
        [[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]],
        [10.0, 20.0, 30.0],
    )
    np.testing.assert_array_equal(dense(inputs, kernel, bias), [[15, 22, 29], [21, 24, 27]])
    d_inputs, d_kernel, d_bias = dense_backward([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]], inputs, kernel)
    np.testing.assert_array_equal(d_inputs, [[-1, 2], [-1, 1]])
    np.testing.assert_array_equal(d_kernel, [[1, 3, 5], [2, 4, 8]])
    np.testing.assert_array_equal(d_bias, [1, 1, 3])


@of_dense_shapes
@in_both_dtypes
def test_dense_equals_keras_and_its_gradient_equals_the_tape(shape, dtype):
    inputs, kernel, bias, upstream = dense_case(shape, dtype)
    layer = keras.layers.Dense(shape[2], dtype=dtype.__name__)
    layer.build(inputs.shape)
    layer.set_weights([kernel, bias])
    assert_equal(dense(inputs, kernel, bias), layer(inputs).numpy(), dtype, TOLERANCE[dtype])
    expected = tape_gradient(lambda i, k, b: i @ k + b, (inputs, kernel, bias), upstream)
    for actual, wanted in zip(dense_backward(upstream, inputs, kernel), expected, strict=True):
        assert_equal(actual, wanted, dtype, TOLERANCE[dtype])


@pytest.mark.parametrize("argument", range(3), ids=["inputs", "kernel", "bias"])
@of_dense_shapes
@in_both_dtypes
def test_dense_backward_equals_finite_differences(shape, dtype, argument):
    *arguments, upstream = dense_case(shape, dtype)

    def loss(value):
        changed = [value if k == argument else array for k, array in enumerate(arguments)]
        return np.sum(upstream * dense(*changed))

    def gradient(value):
        inputs, kernel, _ = [value.astype(dtype) if k == argument else array for k, array in enumerate(arguments)]
        return dense_backward(upstream, inputs, kernel)[argument]

    assert gradient_error(loss, gradient, arguments[argument]) < DIFFERENCE_TOLERANCE[dtype]


@by_hypothesis
@given(
    shape=st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
    dtype=st.sampled_from(DTYPES),
    data=st.data(),
)
def test_dense_backward_equals_the_tape_for_any_shape_and_values(shape, dtype, data):
    batch, n_in, units = shape
    numbers = st.floats(-100, 100, width=32)
    inputs, kernel, bias, upstream = [
        data.draw(hnp.arrays(dtype, s, elements=numbers))
        for s in [(batch, n_in), (n_in, units), (units,), (batch, units)]
    ]
    expected = tape_gradient(lambda i, k, b: i @ k + b, (inputs, kernel, bias), upstream)
    for actual, wanted in zip(dense_backward(upstream, inputs, kernel), expected, strict=True):
        # The products are of size 100**2.
        assert_equal(actual / 1e4, wanted / 1e4, dtype, TOLERANCE[dtype])


def test_dense_with_one_argument_in_float64_computes_in_float64():
    inputs, kernel = normal(3, (4, 30), (30, 2), dtype=np.float32)
    bias = normal(4, (2,))
    expected = tf.cast(inputs, tf.float64) @ tf.cast(kernel, tf.float64) + bias
    assert_equal(dense(inputs, kernel, bias), expected.numpy(), np.float64, 1e-14)


def test_the_gradient_of_an_empty_batch_is_zero():
    d_inputs, d_kernel, d_bias = dense_backward(np.ones((0, 2)), np.ones((0, 3)), np.ones((3, 2)))
    assert d_inputs.shape == (0, 3)
    np.testing.assert_array_equal(d_kernel, np.zeros((3, 2)))
    np.testing.assert_array_equal(d_bias, np.zeros(2))


def test_sums_over_a_large_batch_are_as_exact_in_float32_as_the_numbers():
    """A sum of float32 row after row is wrong by 1 %."""
    rows, tenth = 1_000_000, np.float32(0.1)
    upstream = np.full((rows, 2), tenth)
    inputs, kernel = np.ones((rows, 3), "f4"), np.ones((3, 2), "f4")
    _, d_kernel, d_bias = dense_backward(upstream, inputs, kernel)
    assert d_kernel.dtype == d_bias.dtype == np.float32
    np.testing.assert_allclose(d_bias, rows * np.float64(tenth), rtol=1e-7)
    np.testing.assert_allclose(d_kernel, rows * np.float64(tenth), rtol=1e-7)


def test_nan_in_one_example_stays_in_that_example():
    inputs, kernel, bias, upstream = [array.copy() for array in dense_case((4, 3, 2), np.float64)]
    inputs[1, 0] = np.nan
    np.testing.assert_array_equal(np.isnan(dense(inputs, kernel, bias)).any(axis=1), [False, True, False, False])
    _, d_kernel, _ = dense_backward(upstream, inputs, kernel)
    np.testing.assert_array_equal(np.isnan(d_kernel).any(axis=1), [True, False, False])


# Activations


@activation
@of_any_shape
@in_both_dtypes
def test_activations_equal_tensorflow_and_their_gradients_the_tape(forward, backward, in_tensorflow, shape, dtype):
    inputs, upstream = normal(1, shape, shape, dtype=dtype)
    assert_equal(
        forward(inputs),
        in_tensorflow(tf.constant(inputs)).numpy(),
        dtype,
        TOLERANCE[dtype],
    )
    (expected,) = tape_gradient(in_tensorflow, (inputs,), upstream)
    assert_equal(backward(upstream, inputs), expected, dtype, TOLERANCE[dtype])


@activation
@of_any_shape
@in_both_dtypes
def test_gradients_of_activations_equal_finite_differences(forward, backward, in_tensorflow, shape, dtype):
    inputs, upstream = normal(2, shape, shape, dtype=dtype)
    error = gradient_error(
        lambda value: np.sum(upstream * forward(value)),
        lambda value: backward(upstream, value.astype(dtype)),
        inputs,
    )
    assert error < DIFFERENCE_TOLERANCE[dtype]


@activation
@by_hypothesis
@given(
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    dtype=st.sampled_from(DTYPES),
    data=st.data(),
)
def test_activations_equal_tensorflow_for_any_values(forward, backward, in_tensorflow, shape, dtype, data):
    # TensorFlow takes subnormal numbers for 0, and closes the gate of ReLU there.
    numbers = st.floats(width=np.dtype(dtype).itemsize * 8, allow_nan=False, allow_subnormal=False)
    inputs = data.draw(hnp.arrays(dtype, shape, elements=numbers))
    upstream = data.draw(hnp.arrays(dtype, shape, elements=st.floats(-1, 1, width=32)))
    assert_equal(
        forward(inputs),
        in_tensorflow(tf.constant(inputs)).numpy(),
        dtype,
        TOLERANCE[dtype],
    )
    (expected,) = tape_gradient(in_tensorflow, (inputs,), upstream)
    assert_equal(backward(upstream, inputs), expected, dtype, TOLERANCE[dtype])


@activation
def test_nan_passes_through_activations_and_their_gradients(forward, backward, in_tensorflow):
    inputs = np.array([-1.0, np.nan, 2.0, 3.0])
    upstream = np.array([1.0, 1.0, np.nan, 1.0])
    np.testing.assert_array_equal(np.isnan(forward(inputs)), [False, True, False, False])
    np.testing.assert_array_equal(np.isnan(backward(upstream, inputs)), [False, True, True, False])


ODD_INPUTS = [-np.inf, -1000.0, -1.0, 0.0, 1.0, 1000.0, np.inf, np.nan]


@in_both_dtypes
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_the_gate_of_relu_lets_nothing_through_where_it_is_closed(dtype, value):
    """PyTorch does the same, but that it passes `upstream` where the input is NaN."""
    gradient = relu_backward(np.full(8, value, dtype), np.array(ODD_INPUTS, dtype))
    np.testing.assert_array_equal(gradient, [0, 0, 0, 0, value, value, value, np.nan])
    assert gradient.dtype == dtype


@pytest.mark.parametrize(
    ("backward", "in_tensorflow"),
    [(sigmoid_backward, tf.sigmoid), (tanh_backward, tf.tanh)],
    ids=["sigmoid", "tanh"],
)
@in_both_dtypes
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1.0])
def test_smooth_activations_multiply_as_tensorflow_does(backward, in_tensorflow, dtype, value):
    inputs, upstream = np.array(ODD_INPUTS, dtype), np.full(8, value, dtype)
    (expected,) = tape_gradient(in_tensorflow, (inputs,), upstream)
    with np.errstate(invalid="ignore"):
        gradient = backward(upstream, inputs)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)


@in_both_dtypes
def test_activations_saturate_without_a_warning(dtype):
    largest = np.finfo(dtype).max
    inputs = np.array([-np.inf, -largest, -1e4, 1e4, largest, np.inf], dtype)
    np.testing.assert_array_equal(relu(inputs), [0, 0, 0, 10_000, largest, np.inf])
    np.testing.assert_array_equal(sigmoid(inputs), [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(tanh(inputs), [-1, -1, -1, 1, 1, 1])
    ones = np.ones_like(inputs)
    np.testing.assert_array_equal(relu_backward(ones, inputs), [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(sigmoid_backward(ones, inputs), np.zeros(6))
    np.testing.assert_array_equal(tanh_backward(ones, inputs), np.zeros(6))


# Far beyond the points where 1 - sigmoid, 1 - tanh**2 are rounded to 0, and where cosh**2 overflows.
TAILS = {np.float32: np.linspace(-60, 60, 61), np.float64: np.linspace(-450, 450, 61)}
# Lifts the gradients out of the numbers that are too small to have all digits.
LARGE_UPSTREAM = {np.float32: 1e20, np.float64: 1e200}


@in_both_dtypes
def test_sigmoid_keeps_its_relative_accuracy_in_the_tails(dtype):
    inputs = TAILS[dtype].astype(dtype)
    np.testing.assert_allclose(sigmoid(inputs), special.expit(inputs), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize(
    ("backward", "exact"),
    [
        (sigmoid_backward, lambda x: x.exp() / (1 + x.exp()) ** 2),
        (tanh_backward, lambda x: 4 / (x.exp() + (-x).exp()) ** 2),
    ],
    ids=["sigmoid", "tanh"],
)
@in_both_dtypes
def test_gradients_of_activations_keep_their_relative_accuracy_in_the_tails(backward, exact, dtype):
    inputs = TAILS[dtype].astype(dtype)
    upstream = np.full_like(inputs, LARGE_UPSTREAM[dtype])
    with decimal.localcontext(prec=50):
        expected = [
            float(Decimal(u) * exact(Decimal(x))) for u, x in zip(upstream.tolist(), inputs.tolist(), strict=True)
        ]
    np.testing.assert_allclose(backward(upstream, inputs), expected, rtol=8 * np.finfo(dtype).eps)


def test_the_gate_of_relu_opens_above_zero_only():
    inputs = np.array([-2.0, -1e-300, -0.0, 0.0, 1e-300, 2.0])
    np.testing.assert_array_equal(relu_backward(np.full(6, 5.0), inputs), [0, 0, 0, 0, 5, 5])


def test_the_gate_of_relu_stays_closed_when_it_is_given_the_rectified_values():
    inputs, upstream = normal(3, (6, 5), (6, 5))
    gated = relu_backward(upstream, inputs)
    assert np.count_nonzero(gated) == np.count_nonzero(inputs > 0) < inputs.size
    np.testing.assert_array_equal(relu_backward(upstream, relu(inputs)), gated)


# Softmax cross-entropy


def logits_case(shape, dtype, scale=1.0):
    batch, classes = shape
    logits = np.asarray(normal(4, shape) * scale, dtype)
    logits.setflags(write=False)
    return logits, np.random.default_rng(5).integers(classes, size=batch)


def mean_cross_entropy_of_tensorflow(labels):
    return lambda logits: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def exact_cross_entropy(logits, labels):
    """Loss of each example and gradient of their mean, in 400 decimal digits, rounded to float64 at the end.

    So many, because ``log(1 + p)`` is wanted to full relative accuracy for p down to 1e-323.
    """
    losses, gradient = [], []
    with decimal.localcontext(prec=400):
        for row, label in zip(logits.tolist(), labels, strict=True):
            shifted = [Decimal(z) - Decimal(max(row)) for z in row]
            weights = [z.exp() for z in shifted]
            total = sum(weights)
            losses.append(float(total.ln() - shifted[label]))
            others = total - weights[label]
            gradient.append([float((-others if k == label else w) / total) for k, w in enumerate(weights)])
    return np.array(losses), np.array(gradient) / len(labels)


def test_cross_entropy_by_hand():
    # Odds of 1 : 3 and 4 : 1.
    logits = np.log([[1.0, 3.0], [4.0, 1.0]])
    loss = softmax_cross_entropy(logits, [1, 1])
    assert loss == pytest.approx((np.log(4 / 3) + np.log(5)) / 2, rel=1e-15)
    gradient = softmax_cross_entropy_backward(logits, [1, 1])
    np.testing.assert_allclose(gradient, [[1 / 8, -1 / 8], [2 / 5, -2 / 5]], rtol=1e-15)


@of_logits_shapes
@in_both_dtypes
def test_cross_entropy_equals_tensorflow_and_its_gradient_the_tape(shape, dtype):
    logits, labels = logits_case(shape, dtype, scale=3)
    loss = softmax_cross_entropy(logits, labels)
    in_tensorflow = mean_cross_entropy_of_tensorflow(labels)
    assert type(loss) is float
    assert loss == pytest.approx(in_tensorflow(tf.constant(logits)).numpy(), rel=TOLERANCE[dtype])
    (expected,) = tape_gradient(in_tensorflow, (logits,))
    assert_equal(
        softmax_cross_entropy_backward(logits, labels),
        expected,
        dtype,
        TOLERANCE[dtype],
    )


@of_logits_shapes
@pytest.mark.parametrize("scale", [0.0, 1.0, 100.0, 1e4, 1e30])
def test_cross_entropy_equals_keras_from_logits(shape, scale):
    logits, labels = logits_case(shape, np.float32, scale)
    in_keras = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert softmax_cross_entropy(logits, labels) == pytest.approx(float(in_keras(labels, logits)), rel=1e-6)


@of_logits_shapes
@in_both_dtypes
def test_gradient_of_cross_entropy_equals_finite_differences(shape, dtype):
    logits, labels = logits_case(shape, dtype)
    error = gradient_error(
        lambda value: softmax_cross_entropy(value, labels),
        lambda value: softmax_cross_entropy_backward(value.astype(dtype), labels),
        logits,
    )
    assert error < DIFFERENCE_TOLERANCE[dtype]


@st.composite
def logits_and_labels(draw):
    dtype = draw(st.sampled_from(DTYPES))
    batch, classes = draw(st.tuples(st.integers(1, 4), st.integers(1, 5)))
    width = np.dtype(dtype).itemsize * 8
    of_any_size = st.floats(width=width, allow_nan=False, allow_infinity=False)
    # Half of them of moderate size, where no probability is a plain 0 or 1.
    numbers = draw(st.sampled_from([st.floats(-50, 50, width=width), of_any_size]))
    logits = draw(hnp.arrays(dtype, (batch, classes), elements=numbers))
    return logits, draw(st.lists(st.integers(0, classes - 1), min_size=batch, max_size=batch))


@settings(by_hypothesis, max_examples=200)
@given(logits_and_labels())
def test_cross_entropy_and_its_gradient_are_exact_for_logits_of_any_size(case):
    logits, labels = case
    losses, gradient = exact_cross_entropy(logits, labels)
    # A difference z of logits is rounded by z * eps, hence exp(z) by the factor 1 + z * eps, and |z| < 745 where exp(z)
    # is not 0. Near the smallest float64, 5e-324, digits are lost.
    assert softmax_cross_entropy(logits, labels) == pytest.approx((losses / len(losses)).sum(), rel=1e-12, abs=1e-307)
    actual = softmax_cross_entropy_backward(logits, labels)
    assert actual.dtype == logits.dtype
    info = np.finfo(logits.dtype)
    np.testing.assert_allclose(actual, gradient, rtol=max(1e-12, info.eps), atol=2 * info.tiny)


FLOAT32_MAX, FLOAT64_MAX = (
    float(np.finfo(np.float32).max),
    float(np.finfo(np.float64).max),
)


@pytest.mark.parametrize(
    ("dtype", "logits", "label", "loss", "gradient"),
    [
        (np.float32, [0, 1e4], 0, 1e4, [-1, 1]),
        (np.float32, [0, 1e4], 1, 0, [0, 0]),
        (np.float32, [-1e30, 1e30], 0, 2 * float(np.float32(1e30)), [-1, 1]),
        (np.float32, [-FLOAT32_MAX, FLOAT32_MAX], 0, 2 * FLOAT32_MAX, [-1, 1]),
        (np.float32, [-FLOAT32_MAX, FLOAT32_MAX], 1, 0, [0, 0]),
        (np.float32, [FLOAT32_MAX, FLOAT32_MAX], 0, np.log(2), [-0.5, 0.5]),
        (np.float64, [-1e300, 1e300], 0, 2e300, [-1, 1]),
        (np.float64, [0, FLOAT64_MAX], 0, FLOAT64_MAX, [-1, 1]),
        (np.float64, [-FLOAT64_MAX, FLOAT64_MAX], 0, np.inf, [-1, 1]),
        (np.float64, [-FLOAT64_MAX, FLOAT64_MAX], 1, 0, [0, 0]),
    ],
)
def test_cross_entropy_of_huge_gaps_is_the_gap(dtype, logits, label, loss, gradient):
    logits = np.array([logits], dtype)
    assert softmax_cross_entropy(logits, [label]) == pytest.approx(loss, rel=1e-15)
    np.testing.assert_array_equal(softmax_cross_entropy_backward(logits, [label]), [gradient])


def test_the_mean_of_huge_losses_does_not_overflow_and_a_sum_beyond_float64_is_inf():
    logits = np.array([[0.0, 1.5e308]] * 4)
    assert softmax_cross_entropy(logits, [0] * 4) == pytest.approx(1.5e308, rel=1e-15)
    # A third of the largest float64, rounded up, is more than a third.
    assert softmax_cross_entropy(np.array([[0.0, FLOAT64_MAX]] * 3), [0] * 3) >= FLOAT64_MAX


def test_a_logit_of_minus_infinity_takes_its_class_away():
    logits, masked = normal(6, (3, 2)), np.full((3, 3), -np.inf)
    masked[:, [0, 2]] = logits
    expected = softmax_cross_entropy(logits, [0, 1, 0])
    assert softmax_cross_entropy(masked, [0, 2, 0]) == pytest.approx(expected, rel=1e-15)
    gradient = softmax_cross_entropy_backward(masked, [0, 2, 0])
    np.testing.assert_array_equal(gradient[:, 1], np.zeros(3))
    np.testing.assert_allclose(
        gradient[:, [0, 2]],
        softmax_cross_entropy_backward(logits, [0, 1, 0]),
        rtol=1e-15,
    )
    assert softmax_cross_entropy(masked, [0, 1, 0]) == np.inf


def test_a_confident_right_answer_has_the_loss_plus_zero():
    for logits in [[[7.0]], [[0.0, 1e4]]]:
        loss = softmax_cross_entropy(logits, [len(logits[0]) - 1])
        assert str(loss) == "0.0"


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_labels_may_be_of_any_integer_dtype(dtype):
    logits, labels = logits_case((4, 3), np.float64)
    expected = softmax_cross_entropy(logits, labels)
    assert softmax_cross_entropy(logits, labels.astype(dtype)) == expected
    assert softmax_cross_entropy(logits, labels.tolist()) == expected


# A whole network: dense, relu, dense, softmax cross-entropy


def network_case(dtype):
    inputs, *parameters = normal(7, (8, 4), (4, 6), (6,), (6, 3), (3,), dtype=dtype)
    return inputs, parameters, np.random.default_rng(8).integers(3, size=8)


def network(inputs, parameters, labels):
    """Loss and its gradient with respect to the parameters."""
    kernel_1, bias_1, kernel_2, bias_2 = parameters
    pre_activation = dense(inputs, kernel_1, bias_1)
    hidden = relu(pre_activation)
    logits = dense(hidden, kernel_2, bias_2)
    d_logits = softmax_cross_entropy_backward(logits, labels)
    d_hidden, d_kernel_2, d_bias_2 = dense_backward(d_logits, hidden, kernel_2)
    _, d_kernel_1, d_bias_1 = dense_backward(relu_backward(d_hidden, pre_activation), inputs, kernel_1)
    return softmax_cross_entropy(logits, labels), [
        d_kernel_1,
        d_bias_1,
        d_kernel_2,
        d_bias_2,
    ]


@in_both_dtypes
def test_gradient_of_a_network_equals_the_tape(dtype):
    inputs, parameters, labels = network_case(dtype)
    assert 0.2 < np.mean(relu(dense(inputs, *parameters[:2])) > 0) < 0.8  # gates of both kinds
    expected = tape_gradient(
        lambda k1, b1, k2, b2: mean_cross_entropy_of_tensorflow(labels)(tf.nn.relu(inputs @ k1 + b1) @ k2 + b2),
        parameters,
    )
    for actual, wanted in zip(network(inputs, parameters, labels)[1], expected, strict=True):
        assert_equal(actual, wanted, dtype, TOLERANCE[dtype])


@pytest.mark.parametrize("argument", range(4), ids=["kernel_1", "bias_1", "kernel_2", "bias_2"])
def test_gradient_of_a_network_equals_finite_differences(argument):
    inputs, parameters, labels = network_case(np.float64)

    def result(value):
        changed = [value if k == argument else array for k, array in enumerate(parameters)]
        return network(inputs, changed, labels)

    def loss(value):
        return result(value)[0]

    def gradient(value):
        return result(value)[1][argument]

    assert gradient_error(loss, gradient, parameters[argument]) < DIFFERENCE_TOLERANCE[np.float64]


# Dtypes and errors


def test_integers_become_float64_and_a_mixture_becomes_float64():
    single = normal(9, (2, 2), dtype=np.float32)
    double = single.astype(np.float64)
    whole = np.array([[1, -2], [3, 0]])
    for forward, backward, _ in ACTIVATIONS.values():
        assert forward(whole).dtype == np.float64
        for upstream, inputs in [(single, double), (double, single), (whole, single)]:
            assert backward(upstream, inputs).dtype == np.float64
    for arguments in [
        (double, single, single[0]),
        (single, double, single[0]),
        (single, single, double[0]),
    ]:
        assert dense(*arguments).dtype == np.float64
    assert dense(whole, whole, whole[0]).dtype == np.float64
    for arguments in [
        (double, single, single),
        (single, double, single),
        (single, single, double),
    ]:
        assert {gradient.dtype for gradient in dense_backward(*arguments)} == {np.dtype(np.float64)}
    assert softmax_cross_entropy_backward(whole, [0, 1]).dtype == np.float64


@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3), (5, 4, 6, 3)], ids=str)
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_train_classifiers_takes_the_steps_of_keras_for_each_network_alone(sizes, steps):
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(20, 5)), rng.integers(3, size=20)
    networks = [[(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)] for _ in range(3)]
    batches = rng.integers(20, size=(3, steps, 8))
    trained = train_classifiers(inputs, labels, networks, batches, 0.3)

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    for network, rows_of_steps, result in zip(networks, batches, trained, strict=True):
        variables = [[tf.Variable(array) for array in pair] for pair in network]
        for rows in rows_of_steps:
            with tf.GradientTape() as tape:
                outputs = tf.constant(inputs[rows])
                for kernel, bias in variables[:-1]:
                    outputs = tf.nn.relu(outputs @ kernel + bias)
                kernel, bias = variables[-1]
                value = loss(labels[rows], outputs @ kernel + bias)
            for pair, slopes in zip(variables, tape.gradient(value, variables), strict=True):
                for variable, slope in zip(pair, slopes, strict=True):
                    variable.assign_sub(0.3 * slope)
        for pair, ours in zip(variables, result, strict=True):
            for variable, array in zip(pair, ours, strict=True):
                assert array.dtype == np.float64
                np.testing.assert_allclose(array, variable.numpy(), atol=1e-12)


def test_train_classifiers_is_stable_for_huge_logits_and_leaves_its_arguments_alone():
    networks = [[(np.array([[1000.0, -1000.0]]), np.zeros(2))]]
    before = networks[0][0][0].copy()
    trained = train_classifiers([[1.0]], [1], networks, [[[0]]], 1.0)
    np.testing.assert_array_equal(trained[0][0][0], [[999, -999]])
    np.testing.assert_array_equal(networks[0][0][0], before)


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ([[(np.ones((2, 2)), np.ones(2))]], r"kernel of networks\[0\] must have shape \(3, 2\)"),
        ([[(np.ones((3, 2)), np.ones(3))]], r"bias of networks\[0\] must have shape \(2,\)"),
        (
            [[(np.ones((3, 2)), np.ones(2))], [(np.ones((3, 4)), np.ones(4))]],
            r"kernel of networks\[1\] must have shape \(3, 2\)",
        ),
        ([[(np.ones((3, 2)), np.ones(2))], []], r"networks\[1\] must have 1 layers"),
    ],
)  # fmt: skip
def test_train_classifiers_names_the_network_that_does_not_fit(networks, message):
    batches = np.zeros((len(networks), 1, 1), int)
    with pytest.raises(ValueError, match=message):
        train_classifiers(np.ones((4, 3)), [0, 1, 1, 0], networks, batches, 0.1)
