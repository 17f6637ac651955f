"""The helpers against TensorFlow's eager operations: stride 1 for convolution, 2 x 2 pixels for pooling, no padding.

TensorFlow uses its oneDNN code unless the environment sets TF_ENABLE_ONEDNN_OPTS=0 before it is imported.
"""

import numpy as np
import pytest
import tensorflow as tf

from helpers import convolution, pooling

# (shape of the images, shape of the filters): whether the lessons use this size
SIZES = {
    ((32, 8, 8, 1), (3, 3, 1, 8)): True,
    ((32, 8, 8, 8), (3, 3, 8, 16)): True,
    ((64, 28, 28, 1), (3, 3, 1, 16)): False,
    ((64, 28, 28, 16), (3, 3, 16, 32)): False,
    ((16, 64, 64, 32), (3, 3, 32, 64)): False,
    ((1, 427, 640, 3), (5, 5, 3, 8)): True,
}
WAYS = ["numpy", "tensorflow"]
WINDOW = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}


def normal(shape, dtype):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def convolution_forward(images, filters):
    tensors = tf.constant(images), tf.constant(filters)
    return {
        "numpy": lambda: convolution.conv2d(images, filters),
        "tensorflow": lambda: tf.nn.conv2d(*tensors, 1, "VALID"),
    }


def convolution_backward(images, filters):
    upstream = convolution.conv2d(images, filters)
    shared = {
        "out_backprop": tf.constant(upstream),
        "strides": [1, 1, 1, 1],
        "padding": "VALID",
    }
    x, w = tf.constant(images), tf.constant(filters)
    return {
        "numpy": lambda: convolution.conv2d_backward(upstream, images, filters),
        "tensorflow": lambda: (
            tf.raw_ops.Conv2DBackpropInput(input_sizes=x.shape, filter=w, **shared),
            tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=w.shape, **shared),
        ),
    }


def max_pooling_forward(images, _):
    tensor = tf.constant(images)
    return {
        "numpy": lambda: pooling.max_pool2d(images, 2, 2),
        "tensorflow": lambda: tf.nn.max_pool2d(tensor, 2, 2, "VALID"),
    }


def max_pooling_backward(images, _):
    upstream = pooling.max_pool2d(images, 2, 2)
    x, y = tf.constant(images), tf.constant(upstream)
    return {
        "numpy": lambda: pooling.max_pool2d_backward(upstream, images, 2, 2),
        "tensorflow": lambda: tf.raw_ops.MaxPoolGrad(orig_input=x, orig_output=y, grad=y, **WINDOW),
    }


def average_pooling_forward(images, _):
    tensor = tf.constant(images)
    return {
        "numpy": lambda: pooling.avg_pool2d(images, 2, 2),
        "tensorflow": lambda: tf.nn.avg_pool2d(tensor, 2, 2, "VALID"),
    }


def average_pooling_backward(images, _):
    upstream = pooling.avg_pool2d(images, 2, 2)
    y = tf.constant(upstream)
    return {
        "numpy": lambda: pooling.avg_pool2d_backward(upstream, images, 2, 2),
        "tensorflow": lambda: tf.raw_ops.AvgPoolGrad(orig_input_shape=images.shape, grad=y, **WINDOW),
    }


CASES = [
    convolution_forward,
    convolution_backward,
    max_pooling_forward,
    max_pooling_backward,
    average_pooling_forward,
    average_pooling_backward,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.benchmark(max_time=0.1)
def test_same_result(benchmark, dtype, case, size, way):
    images, filters = (normal(shape, dtype) for shape in size)
    name = case.__name__.replace("_", " ")
    benchmark.group = f"{dtype} {name} {size[0]}"
    if "convolution" in name:
        benchmark.group += f" with {size[1]}"
    benchmark.extra_info["in_lessons"] = SIZES[size]
    ways = case(images, filters)
    result = benchmark(ways[way])
    (other,) = (ways[each]() for each in WAYS if each != way)
    for ours, theirs in zip(result, other, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(max_time=0.1)
def test_gradient_of_the_maximum_of_whole_images(benchmark, way):
    """One window of 50,176 pixels: a step for each row and column, and not for each pixel."""
    benchmark.group = "float32 max pooling backward (1, 224, 224, 64), one window"
    images = normal((1, 224, 224, 64), "float32")
    upstream = pooling.max_pool2d(images, 224, 224)
    x, y = tf.constant(images), tf.constant(upstream)
    window = {"ksize": [1, 224, 224, 1], "strides": [1, 224, 224, 1]}
    ways = {
        "numpy": lambda: pooling.max_pool2d_backward(upstream, images, 224, 224),
        "tensorflow": lambda: tf.raw_ops.MaxPoolGrad(orig_input=x, orig_output=y, grad=y, padding="VALID", **window),
    }
    result = benchmark(ways[way])
    np.testing.assert_array_equal(result, ways["tensorflow"]())
