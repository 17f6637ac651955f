"""The checks of lesson 1 accept right solutions that are written differently from ours, and refuse wrong ones."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.checks import gradient_descent as check
from helpers.gradient_check import numerical_gradient


def by_singular_values(inputs):
    return len(inputs) / np.linalg.svd(inputs, compute_uv=False)[0] ** 2


def by_power_iteration(inputs):
    hessian = 2 / len(inputs) * inputs.T @ inputs
    vector = np.ones(len(hessian))
    for _ in range(2000):
        vector = hessian @ vector / np.linalg.norm(hessian @ vector)
    return np.array(2 / (vector @ hessian @ vector))


def original_units_by_loop(slopes, intercept, means, deviations):
    raw = []
    for slope, mean, deviation in zip(slopes, means, deviations, strict=True):
        raw.append(slope / deviation)
        intercept = intercept - slope * mean / deviation
    return raw, intercept


def ridge_by_loop(theta, inputs, targets, penalty):
    gradient = [2 * penalty * value for value in theta]
    for row, target in zip(inputs, targets, strict=True):
        for index, value in enumerate(row):
            gradient[index] += 2 / len(inputs) * (row @ theta - target) * value
    return gradient


def ridge_by_tape(theta, inputs, targets, penalty):
    variable = tf.Variable(theta)
    with tf.GradientTape() as tape:
        residual = targets - tf.linalg.matvec(inputs, variable)
        loss = tf.reduce_mean(residual**2) + penalty * tf.reduce_sum(variable**2)
    return tape.gradient(loss, variable)


def log_cosh_by_sinh(theta, inputs, targets):
    residual = targets - inputs @ theta
    return -np.mean(np.sinh(residual) / np.cosh(residual) * inputs.T, axis=1)


def nesterov_of_keras(gradient, start, learning_rate, steps, beta):
    optimizer = tf.keras.optimizers.SGD(learning_rate, momentum=beta, nesterov=True)
    variable = tf.Variable(start)
    path = [start]
    for _ in range(steps):
        optimizer.apply_gradients([(tf.constant(gradient(variable.numpy())), variable)])
        path.append(variable.numpy())
    return path


@pytest.mark.parametrize(
    ("judge", "solution"),
    [
        (check.largest_learning_rate, by_singular_values),
        (check.largest_learning_rate, by_power_iteration),
        (check.original_units, original_units_by_loop),
        (check.ridge_gradient, ridge_by_loop),
        (check.ridge_gradient, ridge_by_tape),
        (check.log_cosh_gradient, log_cosh_by_sinh),
        (check.nesterov, nesterov_of_keras),
    ],
)
def test_right_solution_written_in_another_way_is_correct(judge, solution):
    assert repr(judge(solution)) == "correct"


def test_gradients_are_those_of_the_functions_that_they_name():
    seen = {}

    def watching(gradient, *others):
        seen[gradient.__doc__] = gradient
        return nesterov_of_keras(gradient, *others)

    assert check.nesterov(watching).status == "correct"
    assert len(seen) == 4
    point = np.array([1.5, -0.5])
    for text, gradient in seen.items():
        formula = text.removeprefix("Gradient of ").removesuffix(".")
        expected = numerical_gradient(
            lambda theta, formula=formula: np.sum(eval(formula, {"theta": theta})),
            point,
        )
        np.testing.assert_allclose(gradient(point), expected, rtol=1e-6, err_msg=text)


def hessian(inputs):
    return 2 / len(inputs) * inputs.T @ inputs


def ridge(theta, inputs, targets, penalty, *, factor=2, sign=-1, of_penalty=2, divide=True):
    gradient = sign * factor * inputs.T @ (targets - inputs @ theta) / (len(targets) if divide else 1)
    return gradient + of_penalty * penalty * theta


def nesterov_wrong(gradient, start, learning_rate, steps, beta, *, extra=0, ahead=True):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps + extra):
        step = -learning_rate * gradient(path[-1])
        velocity = beta * velocity + step
        path.append(path[-1] + (beta * velocity if ahead else velocity))
    return np.array(path)


@pytest.mark.parametrize(
    ("judge", "wrong", "explanation"),
    [
        (check.largest_learning_rate, lambda x: 1 / np.linalg.eigvalsh(hessian(x)).max(), "for inputs = [[2.]]"),
        (check.largest_learning_rate, lambda x: 2 / np.linalg.eigvalsh(2 * x.T @ x).max(), "for inputs = [[1.], [2.]]"),
        (check.largest_learning_rate, lambda x: 2 / np.trace(hessian(x)), "for inputs = [[1., 0.], [0., 3.]]"),
        (check.largest_learning_rate, lambda x: 2 / np.linalg.eigvalsh(hessian(x)).min(), "for inputs = [[1., 0.], ["),
        (check.original_units, lambda w, b, m, s: (w * s, b - w @ (m / s)), "for slopes = [6.]"),
        (check.original_units, lambda w, b, m, s: (w / s, b), "for slopes = [6.], intercept = 1., means = [10"),
        (check.original_units, lambda w, b, m, s: (w / s, b + w @ (m / s)), "for slopes = [6.], intercept = 1., m"),
        (check.original_units, lambda w, b, m, s: (w / s, b - w @ m), "for slopes = [6.], intercept = 1., means = [10"),
        (check.ridge_gradient, lambda *a: ridge(*a, factor=1), "for theta = [1.]"),
        (check.ridge_gradient, lambda *a: ridge(*a, sign=1), "for theta = [1.]"),
        (check.ridge_gradient, lambda *a: ridge(*a, of_penalty=1), "for theta = [1.]"),
        (check.ridge_gradient, lambda *a: ridge(*a, of_penalty=0), "for theta = [1.]"),
        (check.ridge_gradient, lambda *a: ridge(*a, divide=False), "for theta = [1.]"),
        (check.log_cosh_gradient, lambda t, x, y: x.T @ np.tanh(y - x @ t) / len(y), "for theta = [1.]"),
        (check.log_cosh_gradient, lambda t, x, y: -x.T @ (y - x @ t) / len(y), "for theta = [1.]"),
        (check.log_cosh_gradient, lambda t, x, y: -x.T @ np.tanh(y - x @ t), "for theta = [1.]"),
        (check.nesterov, lambda *a: nesterov_wrong(*a, extra=1), "for gradient = <Gradient of theta**2>, start = ["),
        (check.nesterov, lambda *a: nesterov_wrong(*a), "for gradient = <Gradient of theta**2>, start = ["),
        (check.nesterov, lambda *a: nesterov_wrong(*a, ahead=False), "for gradient = <Gradient of theta**2>, start"),
        (check.nesterov, lambda *a: nesterov_of_keras(*a)[-1], "for gradient = <Gradient of theta**2>"),
    ],
)  # fmt: skip
def test_likely_mistake_is_found_on_a_small_input(judge, wrong, explanation):
    verdict = judge(wrong)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(explanation), verdict
