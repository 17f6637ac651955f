"""Finite differences against derivatives known in closed form, and wrong derivatives that must be found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from helpers.gradient_check import gradient_error, numerical_gradient


def wave(point):
    return np.sum(np.sin(point) * point**2)


def wave_gradient(point):
    return np.cos(point) * point**2 + 2 * point * np.sin(point)


POINTS = arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=st.floats(-3, 3))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(POINTS)
def test_differences_agree_with_the_derivative_in_closed_form(point):
    # Rounding of values up to 600 divided by a step of 1e-6.
    np.testing.assert_allclose(numerical_gradient(wave, point), wave_gradient(point), rtol=0, atol=1e-6)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(POINTS)
def test_right_gradient_has_a_small_error(point):
    assert gradient_error(wave, wave_gradient, point) < 1e-4


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    arrays(np.float64, (2, 3), elements=st.floats(0.5, 3)),
    st.integers(0, 5),
    st.sampled_from(["sign", "factor", "missing", "offset"]),
)
def test_wrong_entry_is_found_wherever_it_stands(point, index, fault):
    def wrong(point):
        gradient = wave_gradient(point)
        entry = gradient.flat[index]
        gradient.flat[index] = {
            "sign": -entry,
            "factor": 2 * entry,
            "missing": 0,
            "offset": entry + 0.1,
        }[fault]
        return gradient

    truth = abs(wave_gradient(point))
    if truth.flat[index] < 1e-2 * truth.max():
        return
    assert gradient_error(wave, wrong, point) > 1e-3


def test_wrong_small_entry_beside_a_large_one_is_found():
    weights = np.array([1e6, 1e-3])

    def wrong(point):
        return 2 * weights * point * [1, -1]

    assert (
        gradient_error(
            lambda point: weights @ point**2,
            lambda point: 2 * weights * point,
            np.ones(2),
        )
        < 1e-6
    )
    assert gradient_error(lambda point: weights @ point**2, wrong, np.ones(2)) > 1e-6


def test_wrong_gradient_of_a_flat_function_is_found():
    # Entries of 1e-4 are far above the noise of the differences.
    for scale in (1e-4, 1e-5):
        error = gradient_error(lambda x, s=scale: s * (x**2).sum(), lambda x, s=scale: s * x, [1.0, 2.0])
        assert error == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("height", [1e4, 1e6, -1e6])
@pytest.mark.parametrize("slope", [1e-3, 3e-2, -0.7])
def test_right_gradient_far_from_the_height_0_is_not_called_wrong(height, slope):
    # The differences of such values are rounded by up to 1e-16 of their height, divided by the step.
    noise = 4 * abs(height) * np.finfo(float).eps / 1e-6
    error = gradient_error(lambda x: height + slope * x.sum(), lambda x: slope + 0 * x, [0.3, 0.7])
    assert error <= noise / (1e-4 * abs(height))


def test_error_is_the_relative_difference():
    assert gradient_error(lambda x: x @ x, lambda x: 2.2 * x, np.ones(3)) == pytest.approx(0.2 / 2.2, rel=1e-6)
    assert gradient_error(lambda x: x @ x, lambda x: 1.0 * x, np.ones(3)) == pytest.approx(0.5, rel=1e-6)
    assert gradient_error(lambda x: x @ x, lambda x: 0.0 * x, np.ones(3)) == pytest.approx(1, rel=1e-6)


def test_derivative_that_is_zero_counts_as_right():
    assert gradient_error(lambda x: np.sum(x**2) + 7, lambda x: 2 * x, np.array([0.0, 1.0, 0.0])) < 1e-6
    assert gradient_error(lambda x: 3.0, lambda x: 0 * x, np.array([1.0, 2.0])) == 0
    assert gradient_error(lambda x: 0.0, lambda x: 0 * x, np.array([1.0, 2.0])) == 0


def test_larger_step_has_the_error_that_taylor_predicts():
    # (x + h)**3 - (x - h)**3 over 2h is 3x**2 + h**2.
    assert numerical_gradient(lambda x: x**3, 2.0, step=0.5) == pytest.approx(12.25)


def test_step_is_taken_as_it_was_really_added():
    # At 1e9 the neighbours of a float64 are 1.2e-7 apart: 1e-6 is rounded by up to 6 percent.
    assert numerical_gradient(lambda x: 3 * x, 1e9) == pytest.approx(3, rel=1e-12)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (2, 0)])
def test_result_has_the_shape_of_the_point(shape):
    assert numerical_gradient(lambda x: np.sum(x**2), np.ones(shape)).shape == shape
    assert gradient_error(lambda x: np.sum(x**2), lambda x: 2 * x, np.ones(shape)) < 1e-6


def test_dtype_of_the_point_is_kept_and_all_is_computed_in_float64():
    seen = []

    def square(x):
        seen.append(x.dtype)
        return np.sum(x**2)

    gradient = numerical_gradient(square, np.array([0.5, 2], np.float32))
    assert gradient.dtype == np.float32
    assert set(seen) == {np.dtype(np.float64)}
    np.testing.assert_allclose(gradient, [1, 4], rtol=1e-6)
    assert numerical_gradient(square, [1, 2]).dtype == np.float64


def test_point_is_not_changed_by_functions_that_write_into_their_argument():
    def spoil(x):
        value = float(np.sum(x**2))
        x[...] = 99
        return value

    def spoil_gradient(x):
        slope = 2 * x
        x[...] = 99
        return slope

    point = np.array([1.0, 2.0])
    np.testing.assert_allclose(numerical_gradient(spoil, point), [2, 4], rtol=1e-6)
    assert gradient_error(spoil, spoil_gradient, point) < 1e-6
    np.testing.assert_array_equal(point, [1, 2])
