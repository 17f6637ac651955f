"""Many small networks trained at once are the networks that TensorFlow and Keras would train one by one."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.pooled_networks import (
    BATCH_SIZE,
    gradients,
    logits,
    starting_weights,
    train,
)

POOL = {"max": tf.nn.max_pool2d, "average": tf.nn.avg_pool2d}
CHAINS = [
    [],
    *([(kind, ksize, strides)] for kind in POOL for ksize in (1, 2, 3) for strides in (1, 2, 3)),
    [("max", 2, 1), ("average", 2, 2)],
    [("average", 3, 2), ("max", 4, 1), ("max", 1, 2)],
    [("max", 9, 9)],
    [("average", 9, 9)],
    [("max", 20, 7)],
]  # fmt: skip


def random_images(runs, examples, height=7, width=6):
    images = np.random.default_rng(3).normal(size=(runs, examples, height, width))
    return images, np.random.default_rng(4).integers(0, 10, (runs, examples))


def by_tensorflow(weights, pools, images, labels):
    """Return the scores of one network and the gradients of its loss, in float64."""
    variables = [tf.Variable(weight, dtype=tf.float64) for weight in weights]
    filters, biases, kernel, bias = variables
    with tf.GradientTape() as tape:
        filters = tf.transpose(filters, (1, 2, 0))[:, :, tf.newaxis]
        maps = tf.nn.relu(tf.nn.conv2d(images[..., np.newaxis], filters, 1, "SAME") + biases)
        for kind, ksize, strides in pools:
            maps = POOL[kind](maps, ksize, strides, "SAME")
        features = tf.reshape(tf.transpose(maps, (0, 3, 1, 2)), (len(images), -1))
        scores = features @ tf.transpose(kernel) + bias
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        loss = tf.reduce_mean(losses)
    return scores.numpy(), [g.numpy() for g in tape.gradient(loss, variables)]


@pytest.mark.parametrize("pools", CHAINS, ids=str)
def test_scores_and_gradients_are_those_of_tensorflow_for_each_run(pools):
    images, labels = random_images(3, 5)
    weights = starting_weights(pools, (7, 6), [5, 6, 7], filters=2)
    rng = np.random.default_rng(8)
    weights = [(w + 0.1 * rng.normal(size=w.shape)).astype("float32") for w in weights]
    scores, slopes = (
        logits(weights, pools, images),
        gradients(weights, pools, images, labels),
    )
    for run in range(3):
        one = [weight[run] for weight in weights]
        expected, expected_slopes = by_tensorflow(one, pools, images[run], labels[run])
        np.testing.assert_allclose(scores[run], expected, atol=2e-5)
        for slope, right in zip(slopes, expected_slopes, strict=True):
            np.testing.assert_allclose(slope[run], right, atol=2e-6)


def test_in_a_tie_the_gradients_of_a_window_still_add_up():
    images, labels = np.zeros((1, 1, 6, 6)), np.array([[3]])
    weights = starting_weights([("max", 3, 1)], (6, 6), [0], filters=1)
    weights[1] += 1  # Every cell of the map is 1.
    slopes = gradients(weights, [("max", 3, 1)], images, labels)
    _, expected = by_tensorflow([w[0] for w in weights], [("max", 3, 1)], images[0], labels[0])
    np.testing.assert_allclose(slopes[1][0], expected[1], rtol=1e-5)


def test_training_takes_the_steps_of_adam_in_keras():
    images, labels = random_images(2, BATCH_SIZE)
    pools = [("max", 2, 2)]
    trained = train(pools, images, labels, [1, 2], passes=6, filters=3, rate=0.02)
    for run in range(2):
        start = starting_weights(pools, (7, 6), [1, 2], filters=3)
        variables = [tf.Variable(weight[run], dtype=tf.float64) for weight in start]
        optimiser = tf.keras.optimizers.Adam(0.02, beta_2=0.99)
        for step in range(6):
            _, slopes = by_tensorflow(variables, pools, images[run], labels[run])
            optimiser.learning_rate = 0.02 * (1 - step / 6)
            optimiser.apply_gradients(zip(slopes, variables, strict=True))
        for weight, variable in zip(trained, variables, strict=True):
            np.testing.assert_allclose(weight[run], variable.numpy(), atol=2e-4)


def test_runs_do_not_see_each_other():
    images, labels = random_images(3, 2 * BATCH_SIZE)
    together = train([("max", 2, 1)], images, labels, [4, 5, 6], passes=2)
    for run in range(3):
        part = slice(run, run + 1)
        alone = train([("max", 2, 1)], images[part], labels[part], [4 + run], passes=2)
        for weight, of_all in zip(alone, together, strict=True):
            np.testing.assert_allclose(weight[0], of_all[run], atol=1e-5)


def test_it_learns_and_leaves_out_what_fills_no_batch():
    labels = np.tile(np.arange(10), (2, 9))
    images = np.zeros((2, 90, 5, 5))
    images[:, np.arange(90), labels[0] // 5 * 3, labels[0] % 5] = 1
    weights = train([], images, labels, [0, 1], passes=20)
    assert (logits(weights, [], images).argmax(axis=2) == labels).all()
    odd = np.concatenate([images, np.full((2, 7, 5, 5), 9.0)], axis=1)
    odd_labels = np.concatenate([labels, np.zeros((2, 7), int)], axis=1)
    for weight, same in zip(weights, train([], odd, odd_labels, [0, 1], passes=20), strict=True):
        np.testing.assert_array_equal(weight, same)


def test_no_pass_leaves_the_first_weights_and_a_rate_of_0_too():
    images, labels = random_images(1, BATCH_SIZE)
    start = starting_weights([], (7, 6), [9])
    for options in ({"passes": 0}, {"passes": 3, "rate": 0.0}):
        for weight, first in zip(train([], images, labels, [9], **options), start, strict=True):
            np.testing.assert_array_equal(weight, first)


def test_moves_are_those_of_the_images():
    """Trained on moved batches is trained on the moved images, as long as the margin is empty."""
    images, labels = random_images(1, BATCH_SIZE, 8, 8)
    images[:, :, (0, -1)] = 0
    images[:, :, :, (0, -1)] = 0
    moved = train([], images, labels, [3], passes=1, moves=1)
    rng = np.random.default_rng(0)
    rng.permutation(1)
    shift = tuple(rng.integers(-1, 2, 2))
    assert any(shift)
    by_hand = train([], np.roll(images, shift, (2, 3)), labels, [3], passes=1)
    for weight, same in zip(moved, by_hand, strict=True):
        np.testing.assert_allclose(weight, same, atol=1e-6)
