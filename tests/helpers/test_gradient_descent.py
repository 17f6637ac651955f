"""The optimisers against Keras, closed forms and worked numbers."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.gradient_descent import adam, gradient_descent, momentum

HESSIAN = np.array([[2.0, 0.5], [0.5, 0.3]])
OPTIMISERS = (gradient_descent, momentum, adam)


def bowl_gradient(theta):
    return HESSIAN.astype(theta.dtype) @ theta


def curved_gradient(theta):
    """Gradient of the sum of log(cosh(theta)) + cos(3 theta) / 9: curvature of both signs."""
    return np.tanh(theta) - np.sin(3 * theta) / 3


def keras_path(optimizer, gradient, start, steps):
    variable = tf.Variable(start)
    path = [variable.numpy()]
    for _ in range(steps):
        optimizer.apply_gradients([(tf.constant(gradient(path[-1])), variable)])
        path.append(variable.numpy())
    return np.array(path)


SETTINGS = [
    *((gradient_descent, tf.keras.optimizers.SGD, rate, {}, {}) for rate in (0.01, 0.3, 0.9)),
    *(
        (momentum, tf.keras.optimizers.SGD, rate, {"beta": beta}, {"momentum": beta})
        for rate in (0.01, 0.3)
        for beta in (0.0, 0.5, 0.9)
    ),
    *(
        (adam, tf.keras.optimizers.Adam, rate, decays, decays)
        for rate in (0.001, 0.1)
        for decays in (
            {},
            {"beta_1": 0.5, "beta_2": 0.9},
            {"beta_1": 0.0, "epsilon": 1e-3},
            {"beta_2": 0.5},
        )
    ),
]


def both_gradients(theta):
    """Return the one of the first half, and the other of the second: half as many steps for Keras to take."""
    return np.concatenate([bowl_gradient(theta[:2]), curved_gradient(theta[2:])])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("ours", "keras", "rate", "arguments", "keras_arguments"), SETTINGS)
def test_100_iterates_are_those_of_keras(ours, keras, rate, arguments, keras_arguments, dtype):
    start = np.array([1.0, -2.0, 1.0, -2.0], dtype)
    path = ours(both_gradients, start, rate, 100, **arguments)
    assert path.dtype == dtype
    assert path.shape == (101, 4)
    # float32: a step adds up to half a unit in the last place of numbers up to 2, which is 1e-7, a hundred times.
    np.testing.assert_allclose(
        path,
        keras_path(keras(rate, **keras_arguments), both_gradients, start, 100),
        rtol=0,
        atol=1e-6 if dtype == np.float64 else 1e-5,
    )


def test_defaults_are_those_of_keras_adam_and_of_the_contract():
    start = np.array([1.0, -2.0])
    of_keras = keras_path(tf.keras.optimizers.Adam(0.1), bowl_gradient, start, 20)
    np.testing.assert_allclose(adam(bowl_gradient, start, 0.1, 20), of_keras, rtol=0, atol=1e-6)
    with_default = momentum(bowl_gradient, start, 0.1, 20)
    np.testing.assert_array_equal(with_default, momentum(bowl_gradient, start, 0.1, 20, beta=0.9))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("slope_in_epsilons", "shorter_by"),
    [(1, 0.94), (10, 0.74), (100, 0.23), (1000, 0.03)],
)
def test_epsilon_of_adam_shortens_the_first_step_as_in_keras_and_not_as_in_the_paper(
    slope_in_epsilons, shorter_by, dtype
):
    """The shares in the docstring; by algorithm 1 of the paper, the first step is slope / (slope + epsilon)."""
    epsilon = 1e-7
    slope = slope_in_epsilons * epsilon
    start = np.zeros(1, dtype)
    (step,) = adam(lambda theta: np.full_like(theta, slope), start, 1.0, 1, epsilon=epsilon)[1]
    of_keras = keras_path(
        tf.keras.optimizers.Adam(1.0, epsilon=epsilon), lambda theta: np.full_like(theta, slope), start, 1
    )
    assert step == pytest.approx(of_keras[1, 0], rel=1e-6)
    assert 1 + step / (slope / (slope + epsilon)) == pytest.approx(shorter_by, abs=0.005)
    # As an epsilon in algorithm 1 that is larger by 1 / sqrt(1 - beta_2).
    assert step == pytest.approx(-slope / (slope + epsilon / np.sqrt(1 - 0.999)), rel=1e-4)


def test_worked_example_by_hand():
    # J = theta**2 from 1 with rate 0.1: every step multiplies by 1 - 0.1 * 2 = 0.8.
    np.testing.assert_allclose(gradient_descent(lambda theta: 2 * theta, 1.0, 0.1, 3), [1, 0.8, 0.64, 0.512])
    # With momentum 0.5: velocities -0.2, -0.1 - 0.16 = -0.26.
    np.testing.assert_allclose(momentum(lambda theta: 2 * theta, 1.0, 0.1, 2, beta=0.5), [1, 0.8, 0.54])
    # Adam's first step is the learning rate times the sign of the slope, but for epsilon.
    np.testing.assert_allclose(adam(lambda theta: 2 * theta, [1.0, -3.0], 0.1, 1)[1], [0.9, -2.9], rtol=1e-5)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    start=arrays(np.float64, 2, elements=st.floats(-10, 10)),
    share=st.floats(0.01, 1.2),
    steps=st.integers(0, 30),
)
def test_error_on_a_quadratic_contracts_as_the_eigenvalues_say(start, share, steps):
    eigenvalues, vectors = np.linalg.eigh(HESSIAN)
    rate = share * 2 / eigenvalues[1]
    predicted = (1 - rate * eigenvalues) ** steps * (vectors.T @ start)
    end = gradient_descent(bowl_gradient, start, rate, steps)[-1]
    scale = max(1, abs(predicted).max(), abs(start).max())
    np.testing.assert_allclose(vectors.T @ end, predicted, rtol=0, atol=1e-11 * scale)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,)])
def test_path_has_a_leading_axis_of_steps_plus_one_for_any_shape(optimiser, shape):
    path = optimiser(lambda theta: 2 * theta, np.ones(shape), 0.1, 4)
    assert path.shape == (5, *shape)
    np.testing.assert_array_equal(path[0], np.ones(shape))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_no_steps_give_the_start_alone(optimiser):
    np.testing.assert_array_equal(optimiser(bowl_gradient, [1.0, 2.0], 0.1, 0), [[1.0, 2.0]])


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_integers_are_taken_as_float64(optimiser):
    path = optimiser(bowl_gradient, [1, 2], 0.1, 3)
    assert path.dtype == np.float64
    np.testing.assert_array_equal(path, optimiser(bowl_gradient, [1.0, 2.0], 0.1, 3))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_float32_path_stays_float32_though_the_gradient_is_float64(optimiser):
    path = optimiser(lambda theta: theta.astype(np.float64), np.ones(2, np.float32), 0.1, 3)
    assert path.dtype == np.float32


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_float32_path_is_the_same_whatever_the_dtype_of_the_gradient(optimiser):
    def in_float64(theta):
        # Thirds, which float32 rounds.
        return (theta.astype(np.float64) + 1) / 3

    start = np.float32([0.1, -7.3, 900.0])
    path = optimiser(in_float64, start, 0.37, 20)
    np.testing.assert_array_equal(path, optimiser(lambda theta: in_float64(theta).astype(np.float32), start, 0.37, 20))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_neither_the_start_nor_the_path_changes_when_the_gradient_writes_into_its_argument(
    optimiser,
):
    def spoil(theta):
        slope = 2 * theta
        theta[...] = 99
        return slope

    start = np.array([1.0, -1.0])
    path = optimiser(spoil, start, 0.1, 3)
    np.testing.assert_array_equal(start, [1, -1])
    np.testing.assert_array_equal(path, optimiser(lambda theta: 2 * theta, start, 0.1, 3))


@pytest.mark.parametrize(
    ("dtype", "smallest"), [(np.float32, np.finfo(np.float32).smallest_subnormal), (np.float64, 1e-320)]
)
def test_smallest_epsilon_of_the_dtype_still_divides_by_more_than_0(dtype, smallest):
    # A slope of 0 is divided by epsilon alone.
    path = adam(np.zeros_like, np.ones(2, dtype), 0.1, 3, epsilon=float(smallest))
    np.testing.assert_array_equal(path, np.ones((4, 2)))


def test_epsilon_that_is_0_in_the_dtype_of_start_is_refused():
    message = r"^epsilon must be larger than 0 in the dtype of start too, float32, got 1e-60$"
    with pytest.raises(ValueError, match=message):
        adam(np.zeros_like, np.ones(2, np.float32), 0.1, 3, epsilon=1e-60)
    assert np.isfinite(adam(np.zeros_like, np.ones(2), 0.1, 3, epsilon=1e-60)).all()


def test_divergence_runs_to_infinity_and_numpy_warns():
    with pytest.warns(RuntimeWarning, match="overflow"):
        path = gradient_descent(lambda theta: np.sign(theta) * 1e308, 1.0, 10.0, 1)
    np.testing.assert_array_equal(path, [1, -np.inf])
