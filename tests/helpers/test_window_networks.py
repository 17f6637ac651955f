"""The stacked networks compute what one network after the other computes, with independent code for every step."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import optimize, special

from helpers import datasets, window_networks
from helpers.gradient_check import gradient_error

RNG = np.random.default_rng(0)
IMAGES = RNG.random((60, 5, 6))
LABELS = RNG.integers(10, size=60)
EXAMPLES, VALIDATION, TEST = window_networks.split(60, (50, 4, 6), splits=3)


def logits_of(parameters, images):
    """One network, in TensorFlow."""
    filters, biases, kernel, output_biases = map(tf.convert_to_tensor, parameters)
    images = tf.constant(images[..., np.newaxis], filters.dtype)
    maps = tf.nn.conv2d(images, filters[:, :, tf.newaxis], 1, "VALID") + biases
    flat = tf.reshape(tf.nn.relu(maps), (len(images), -1))
    return flat @ kernel + output_biases


def one_of(parameters, split):
    return [part[split] for part in parameters]


def test_parts_of_a_split_are_disjoint_and_drawn_by_its_number():
    parts = window_networks.split(20, (9, 4, 5), splits=3)
    assert [part.shape for part in parts] == [(3, 9), (3, 4), (3, 5)]
    for split in range(3):
        drawn = np.concatenate([part[split] for part in parts])
        np.testing.assert_array_equal(drawn, np.random.default_rng(split).permutation(20)[:18])


def test_first_weights_have_the_variance_of_he_and_are_drawn_by_the_split():
    parameters = window_networks.initial_parameters((20, 30), 10, 40, splits=2)
    filters, biases, kernel, output_biases = parameters
    assert [part.shape for part in parameters] == [
        (2, 10, 10, 40), (2, 40), (2, 11 * 21 * 40, 10), (2, 10),
    ]  # fmt: skip
    assert {part.dtype for part in parameters} == {np.dtype(np.float32)}
    assert filters.var() == pytest.approx(2 / 100, rel=0.05)
    assert kernel.var() == pytest.approx(2 / (11 * 21 * 40), rel=0.05)
    assert not biases.any()
    assert not output_biases.any()
    more = window_networks.initial_parameters((20, 30), 10, 40, splits=3)
    np.testing.assert_array_equal(more[0][:2], filters)


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("filters_learn", [True, False])
def test_training_takes_the_steps_of_momentum_with_the_gradients_of_tensorflow(size, filters_learn):
    epochs, rate = 3, 0.2
    trained = window_networks.train(IMAGES, LABELS, EXAMPLES, size, 4, rate, epochs, filters_learn)
    start = window_networks.initial_parameters((5, 6), size, 4, splits=3)
    for split in range(3):
        variables = [tf.Variable(part) for part in one_of(start, split)]
        learning = variables if filters_learn else variables[2:]
        velocities = [np.zeros(part.shape) for part in learning]
        rng = np.random.default_rng([split, 1])
        orders = [rng.permutation(50) for _ in range(epochs)]
        for step, batch in enumerate(np.reshape(orders, (-1, 25))):
            chosen = EXAMPLES[split][batch]
            now = rate * (1 - step / (2 * epochs))
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS[chosen], logits_of(variables, IMAGES[chosen]))
                )
            gradients = tape.gradient(loss, learning)
            for n, (weight, gradient) in enumerate(zip(learning, gradients, strict=True)):
                velocities[n] = 0.9 * velocities[n] - now * gradient.numpy()
                weight.assign_add(velocities[n].astype(np.float32))
        for ours, theirs in zip(one_of(trained, split), variables, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_gradients_agree_with_finite_differences():
    patches = window_networks._patches(IMAGES[np.newaxis], EXAMPLES[:1, :6], 3)
    labels = LABELS[EXAMPLES[:1, :6]]
    start = window_networks.initial_parameters((5, 6), 3, 4, splits=1)
    weights = [part.astype(float) for part in window_networks._joined(start)]
    gradients = window_networks._gradients(weights, patches.astype(float), labels)
    for n, gradient in enumerate(gradients):

        def loss(value, n=n):
            changed = [*weights[:n], value, *weights[n + 1 :]]
            _, logits = window_networks._forward(changed, patches.astype(float))
            log = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
            return -np.take_along_axis(log, labels[..., np.newaxis], axis=2).mean()

        assert gradient_error(loss, lambda _, gradient=gradient: gradient, weights[n]) < 1e-6


def test_accuracy_counts_right_answers_of_each_network():
    parameters = window_networks.train(IMAGES, LABELS, EXAMPLES, 3, 4, 0.1, 2)
    shares = window_networks.accuracy(parameters, IMAGES, LABELS, EXAMPLES)
    for split, share in enumerate(shares):
        chosen = EXAMPLES[split]
        answers = logits_of(one_of(parameters, split), IMAGES[chosen]).numpy()
        assert share == (answers.argmax(axis=1) == LABELS[chosen]).mean()


def test_groups_change_nothing(monkeypatch):
    together = window_networks.train(IMAGES, LABELS, EXAMPLES, 3, 4, 0.1, 2)
    monkeypatch.setattr(window_networks, "_GROUP_BYTES", 1)
    alone = window_networks.train(IMAGES, LABELS, EXAMPLES, 3, 4, 0.1, 2)
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_each_split_may_have_images_of_its_own():
    own = np.stack([IMAGES, IMAGES[::-1], IMAGES[:, ::-1]])
    trained = window_networks.train(own, LABELS, EXAMPLES, 3, 4, 0.1, 2)
    shares = window_networks.accuracy(trained, own, LABELS, TEST)
    for split in range(3):
        alike = window_networks.train(own[split], LABELS, EXAMPLES, 3, 4, 0.1, 2)
        for one, other in zip(one_of(trained, split), one_of(alike, split), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
        again = window_networks.accuracy(alike, own[split], LABELS, TEST)
        assert again[split] == shares[split]


def test_dense_network_does_not_notice_a_shuffling_of_its_weights_and_pixels():
    square = IMAGES[:, :, :5]
    order = RNG.permutation(25)
    shuffled = square.reshape(60, 25)[:, order].reshape(square.shape)
    parameters = window_networks.train(square, LABELS, EXAMPLES, 5, 4, 0.1, 2)
    filters = parameters[0].reshape(3, 25, 4)[:, order].reshape(3, 5, 5, 4)
    for one, images in ((parameters, square), ([filters, *parameters[1:]], shuffled)):
        shares = window_networks.accuracy(one, images, LABELS, TEST)
        if one is parameters:
            expected = shares
    np.testing.assert_array_equal(shares, expected)


def digits_of_lesson_3():
    """Digits as they are, at random places, and so with the pixels of each split shuffled: name to images."""
    digits, labels = datasets.load_digits()
    centred = digits[:, :, :, 0]
    rng = np.random.default_rng(0)
    moved = np.zeros((len(digits), 10, 10))
    for field, image in zip(moved, centred, strict=True):
        top, left = rng.integers(3, size=2)
        field[top : top + 8, left : left + 8] = image
    orders = [np.random.default_rng(seed).permutation(100) for seed in range(10)]
    shuffled = [moved.reshape(-1, 100)[:, order] for order in orders]
    each_shuffled = np.reshape(shuffled, (10, *moved.shape))
    return {"centred": centred, "moved": moved, "shuffled": each_shuffled}, labels


@pytest.mark.parametrize("kind", ["centred", "moved", "shuffled"])
@pytest.mark.parametrize("units", [{10: 28, 8: 20}, {5: 8}], ids=["dense", "window"])
def test_learning_rate_of_lesson_3_is_as_good_as_half_and_twice_of_it(kind, units):
    all_images, labels = digits_of_lesson_3()
    images = all_images[kind]
    train, validation = window_networks.split(len(labels), (1000, 297), splits=10)
    size = 5 if 5 in units else images.shape[-1]
    shares = {}
    for rate in (0.05, 0.1, 0.2):
        networks = window_networks.train(images, labels, train, size, units[size], rate)
        shares[rate] = window_networks.accuracy(networks, images, labels, validation).mean()
    assert shares[0.1] > max(shares.values()) - 0.01, shares


def test_softmax_regression_learns_what_one_matrix_can():
    images = np.zeros((60, 3, 4))
    images.reshape(60, 12)[np.arange(60), LABELS] = 5  # The label is the lit pixel.
    shares = window_networks.softmax_regression_accuracy(images, LABELS, EXAMPLES, EXAMPLES)
    np.testing.assert_array_equal(shares, 1)
    noise = window_networks.softmax_regression_accuracy(IMAGES, LABELS, EXAMPLES, TEST)
    assert noise.mean() < 0.5


@pytest.mark.parametrize("kind", ["centred", "moved"])
def test_softmax_regression_of_lesson_3_is_as_good_as_trained_to_the_end(kind):
    images, labels = digits_of_lesson_3()
    pixels = np.pad(images[kind].reshape(len(labels), -1), ((0, 0), (0, 1)), constant_values=1)
    train, test = window_networks.split(len(labels), (1000, 500), splits=3)
    shares = window_networks.softmax_regression_accuracy(images[kind], labels, train, test)
    for rows, held_out, share in zip(train, test, shares, strict=True):
        # The penalty on large weights makes the loss strictly convex: there is one end, and this method finds it.
        def loss(weights, inputs=pixels[rows], right=labels[rows]):
            logits = inputs @ weights.reshape(-1, 10)
            slopes = special.softmax(logits, axis=1) - np.eye(10)[right]
            value = special.logsumexp(logits, axis=1).sum() - logits[np.arange(len(right)), right].sum()
            return value + weights @ weights / 2, (inputs.T @ slopes).ravel() + weights

        weights = optimize.minimize(loss, np.zeros(pixels.shape[1] * 10), jac=True, method="L-BFGS-B").x
        best = np.mean((pixels[held_out] @ weights.reshape(-1, 10)).argmax(axis=1) == labels[held_out])
        assert abs(share - best) < 0.03
