"""Calls of the helpers as they are documented: they run, and a type checker finds nothing wrong (`make lint`)."""

import numpy as np

from helpers import (
    backpropagation,
    convolution,
    datasets,
    gradient_check,
    pooling,
    recurrent_networks,
)
from helpers import gradient_descent as descent


def test_documented_calls_run_and_have_the_types_that_a_checker_sees() -> None:
    digits, labels = datasets.load_digits()
    images, padding = digits[:2], "SAME"
    filters = np.ones((3, 3, 1, 2))
    maps: np.ndarray = convolution.conv2d(images, filters, (2, 1), padding)
    maps = convolution.conv2d(images, filters, padding=((1, 1), (0, 2)), dilations=[1, 2])
    d_images, _ = convolution.conv2d_backward(maps, images, filters, padding=((1, 1), (0, 2)), dilations=(1, 2))
    small: np.ndarray = pooling.max_pool2d(d_images, ksize=(2, 3), strides=2)
    d_images = pooling.max_pool2d_backward(small, images, [2, 3], strides=2)
    small = pooling.avg_pool2d(d_images, 4, 4, padding=((1, 0), (0, 3)))
    flat, kernel = small.reshape(2, -1), np.ones((small[0].size, 10))
    logits = backpropagation.dense(flat, kernel, bias=range(10))
    loss: float = backpropagation.softmax_cross_entropy(logits, labels[:2])
    upstream = backpropagation.softmax_cross_entropy_backward(logits, labels[:2])
    *_, d_bias = backpropagation.dense_backward(upstream, flat, kernel)
    path = descent.adam(np.sign, start=[1.0, 2.0], learning_rate=0.1, steps=5)
    error: float = gradient_check.gradient_error(np.sum, np.ones_like, path[-1])
    states = recurrent_networks.simple_rnn([[[1.0]]], [[1.0]], [[0.5]], bias=[0.0])
    assert np.isfinite([loss, error, states[0, -1, 0], d_bias.sum()]).all()
