"""The convolution and its gradients against TensorFlow and its tape, SciPy, finite differences and a worked example."""

import functools
import itertools
import tracemalloc

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers import convolution
from helpers._windows import SLICE_BYTES
from helpers.convolution import conv2d, conv2d_backward
from helpers.gradient_check import gradient_error

# The rounding of a sum of products of standard normal numbers, as a share of the largest of the results.
TOLERANCE = {np.float64: 1e-13, np.float32: 2e-5}
FILTER_SIZES = [(1, 1), (2, 3), (3, 3), (5, 2), (7, 8)]
STRIDES = [(1, 1), (2, 2), (1, 3), (3, 1), (2, 5)]
PADDINGS = ["VALID", "SAME", ((0, 0), (0, 0)), ((1, 0), (2, 3)), ((4, 2), (0, 5))]


def normal(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def with_zeros_between(filters, dilations):
    """Return the dilated filters as ordinary ones: TensorFlow's own do not take every stride in the backward pass."""
    sizes = zip(filters.shape[:2], dilations, strict=True)
    height, width = ((size - 1) * dilation + 1 for size, dilation in sizes)
    dilated = np.zeros((height, width, *filters.shape[2:]), filters.dtype)
    dilated[:: dilations[0], :: dilations[1]] = filters
    return dilated


def by_tensorflow(images, filters, strides, padding, dilations):
    """Return an upstream gradient, the output, d_images and d_filters, computed in float64, in the dtype of `images`.

    In float32, TensorFlow 2.20 and 2.21 leave all rows but the first of some outputs unwritten, where oneDNN may use
    AVX-512: for several images of one channel, stride 1 down and more to the right, and a single column of outputs.
    """
    dtype = images.dtype
    images = tf.constant(images, tf.float64)
    dilated = tf.constant(with_zeros_between(filters, dilations), tf.float64)
    if not isinstance(padding, str):
        padding = [(0, 0), *padding, (0, 0)]
    with tf.GradientTape() as tape:
        tape.watch([images, dilated])
        output = tf.nn.conv2d(images, dilated, strides, padding)
    upstream = normal(*output.shape, dtype=dtype, seed=2)
    d_images, d_filters = tape.gradient(output, [images, dilated], output_gradients=tf.constant(upstream, tf.float64))
    d_filters = d_filters[:: dilations[0], :: dilations[1]]
    results = output, d_images, d_filters
    return upstream, *(result.numpy().astype(dtype) for result in results)


def assert_equals_tensorflow(images, filters, strides=(1, 1), padding="VALID", dilations=(1, 1)):
    """Compare output and gradients, in values, shapes and dtypes."""
    arguments = images, filters, strides, padding, dilations
    upstream, *expected = by_tensorflow(*arguments)
    results = conv2d(*arguments), *conv2d_backward(upstream, *arguments)
    for ours, theirs in zip(results, expected, strict=True):
        tolerance = TOLERANCE[images.dtype.type] * np.abs(theirs).max(initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, strict=True)


def test_hand_worked_example():
    image = np.arange(9.0).reshape(1, 3, 3, 1)
    kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    # The top left window: 0 * 0 + 1 * 1 + 3 * 2 + 4 * 3 = 19.
    output = conv2d(image, kernel)[0, :, :, 0]
    np.testing.assert_array_equal(output, [[19, 25], [37, 43]])
    # The top left window sends back 1, the bottom right one 2.
    upstream = np.reshape([1, 0, 0, 2], (1, 2, 2, 1))
    d_image, d_kernel = (gradient.squeeze() for gradient in conv2d_backward(upstream, image, kernel))
    np.testing.assert_array_equal(d_image, [[0, 1, 0], [2, 3, 2], [0, 4, 6]])
    np.testing.assert_array_equal(d_kernel, [[0 + 8, 1 + 10], [3 + 14, 4 + 16]])


def test_same_padding_of_an_odd_number_is_larger_at_the_bottom_and_right():
    output = conv2d(np.ones((1, 4, 4, 1)), np.ones((2, 2, 1, 1)), padding="SAME")
    np.testing.assert_array_equal(output[0, :, :, 0], [[4, 4, 4, 2], [4, 4, 4, 2], [4, 4, 4, 2], [2, 2, 2, 1]])


def test_filters_are_not_flipped():
    image, kernel = normal(9, 8), normal(3, 4, seed=1)
    output = conv2d(image[None, :, :, None], kernel[:, :, None, None])[0, :, :, 0]
    expected = scipy.signal.correlate2d(image, kernel, "valid")
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("filter_size", FILTER_SIZES)
@pytest.mark.parametrize("padding", PADDINGS)
def test_equals_tensorflow_forward_and_backward(filter_size, padding):
    for strides, size, channels in itertools.product(STRIDES, [(8, 9), (9, 8), (7, 11)], [(1, 1), (3, 2), (2, 33)]):
        images = normal(2, *size, channels[0])
        filters = normal(*filter_size, *channels, seed=1)
        assert_equals_tensorflow(images, filters, strides, padding)


@pytest.mark.parametrize("strides", STRIDES)
@pytest.mark.parametrize("dilations", [(2, 2), (1, 3), (3, 1), (4, 2)])
def test_dilated_filters_equal_filters_with_zeros_between(strides, dilations):
    for padding, filter_size, channels in itertools.product(PADDINGS, [(2, 3), (3, 2), (1, 4)], [1, 3]):
        images = normal(2, 10, 11, channels)
        filters = normal(*filter_size, channels, 2, seed=1)
        assert_equals_tensorflow(images, filters, strides, padding, dilations)


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_dilations_are_those_of_tensorflow(padding):
    images, filters = normal(2, 9, 8, 3), normal(3, 2, 3, 4)
    output = conv2d(images, filters, 1, padding, (2, 3))
    expected = tf.nn.conv2d(tf.constant(images), tf.constant(filters), 1, padding, dilations=(2, 3))
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("padding", ["SAME", ((5, 6), (6, 7))])
def test_filters_larger_than_the_image_are_padded_as_in_tensorflow(padding):
    for filter_size, strides in itertools.product([(4, 5), (9, 2), (8, 8)], STRIDES):
        images, filters = normal(1, 3, 2, 2), normal(*filter_size, 2, 3, seed=1)
        assert_equals_tensorflow(images, filters, strides, padding)


@pytest.mark.parametrize(
    ("image_shape", "filter_shape"),
    [
        # Several images at a time, the last time fewer.
        ((40, 30, 30, 16), (3, 3, 16, 32)),
        # Some rows of one image at a time.
        ((2, 90, 190, 16), (3, 3, 16, 20)),
        # Few channels.
        ((9, 31, 30, 3), (5, 5, 3, 8)),
        # Large filters: some windows of one row at a time.
        ((3, 12, 12, 1280), (3, 3, 1280, 4)),
        # Many output channels.
        ((3, 40, 40, 4), (3, 3, 4, 130)),
    ],
)
@pytest.mark.parametrize(("strides", "padding"), [((1, 1), "SAME"), ((2, 1), "VALID")])
def test_large_arrays_equal_tensorflow_in_float32(image_shape, filter_shape, strides, padding):
    images = normal(*image_shape, dtype=np.float32)
    filters = normal(*filter_shape, dtype=np.float32, seed=1)
    assert_equals_tensorflow(images, filters, strides, padding)


@pytest.mark.parametrize("slice_bytes", [1, 3000, 2**30])
def test_how_the_work_is_cut_does_not_change_the_result(monkeypatch, slice_bytes):
    monkeypatch.setattr(convolution, "SLICE_BYTES", slice_bytes)
    for channels, strides, padding in itertools.product([1, 3], [(1, 1), (2, 2)], ["VALID", "SAME", ((0, 3), (1, 4))]):
        images, filters = normal(5, 9, 11, channels), normal(3, 4, channels, 2, seed=1)
        assert_equals_tensorflow(images, filters, strides, padding)


SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
SMALL = st.tuples(st.integers(1, 4), st.integers(1, 4))
ENDS = st.tuples(st.integers(0, 5), st.integers(0, 5))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    size=SIZES,
    filter_size=SMALL,
    channels=SMALL,
    strides=SMALL,
    padding=st.sampled_from(["VALID", "SAME"]) | st.tuples(ENDS, ENDS),
    dilations=SMALL,
    dtype=st.sampled_from([np.float32, np.float64]),
)
@example((2, 3), (1, 2), (1, 1), (1, 2), "VALID", (1, 1), np.float32)
def test_any_geometry_equals_tensorflow_or_is_refused(size, filter_size, channels, strides, padding, dilations, dtype):
    images = normal(2, *size, channels[0], dtype=dtype)
    filters = normal(*filter_size, *channels, dtype=dtype, seed=1)
    padded = np.add(size, 0 if isinstance(padding, str) else np.sum(padding, axis=1))
    reach = (np.array(filter_size) - 1) * dilations + 1
    if padding != "SAME" and np.any(reach > padded):
        with pytest.raises(ValueError, match="filters must fit into the padded images"):
            conv2d(images, filters, strides, padding, dilations)
    else:
        assert_equals_tensorflow(images, filters, strides, padding, dilations)


@pytest.mark.parametrize(
    "options",
    [
        {"padding": "SAME"},
        {"strides": (2, 1), "padding": ((2, 1), (0, 1)), "dilations": (1, 2)},
    ],
)
def test_gradients_equal_finite_differences(options):
    images, filters = normal(2, 5, 6, 2), normal(3, 2, 2, 3, seed=1)
    upstream = normal(*conv2d(images, filters, **options).shape, seed=2)

    def loss(images, filters):
        return np.sum(upstream * conv2d(images, filters, **options))

    def gradient(images, filters, which):
        return conv2d_backward(upstream, images, filters, **options)[which]

    of_images = (functools.partial(f, filters=filters) for f in (loss, gradient))
    of_filters = (functools.partial(f, images) for f in (loss, gradient))
    for which, (function, claimed), point in (
        (0, of_images, images),
        (1, of_filters, filters),
    ):
        claimed = functools.partial(claimed, which=which)
        assert gradient_error(function, claimed, point) < 1e-7


def test_an_int_means_the_same_for_height_and_width():
    images, filters = normal(1, 9, 9, 2), normal(2, 2, 2, 3, seed=1)
    upstream = normal(1, 4, 4, 3, seed=2)
    for function, arrays in (
        (conv2d, (images, filters)),
        (conv2d_backward, (upstream, images, filters)),
    ):
        by_int = function(*arrays, strides=2, dilations=2)
        by_pair = function(*arrays, strides=(2, 2), dilations=[2, 2])
        for ours, expected in zip(by_int, by_pair, strict=True):
            np.testing.assert_array_equal(ours, expected)


def test_an_empty_batch_gives_an_empty_output_and_gradients_of_zero():
    images, filters = np.empty((0, 5, 6, 2)), normal(3, 3, 2, 4)
    assert conv2d(images, filters, padding="SAME").shape == (0, 5, 6, 4)
    d_images, d_filters = conv2d_backward(np.empty((0, 3, 4, 4)), images, filters)
    assert d_images.shape == images.shape
    np.testing.assert_array_equal(d_filters, np.zeros_like(filters), strict=True)


@pytest.mark.parametrize(
    ("upstream_dtype", "images_dtype", "filters_dtype", "expected"),
    [
        ("float32", "float32", "float32", "float32"),
        ("float64", "float64", "float64", "float64"),
        ("float64", "float32", "float64", "float64"),
        ("float64", "float64", "float32", "float64"),
        ("float32", "int64", "uint8", "float64"),
        ("float32", "float16", "float32", "float32"),
        (">f4", ">f4", "<f4", "float32"),
    ],
)
def test_dtype_of_the_results(upstream_dtype, images_dtype, filters_dtype, expected):
    images = np.arange(24).reshape(1, 4, 6, 1).astype(images_dtype)
    filters = np.arange(4).reshape(2, 2, 1, 1).astype(filters_dtype)
    output = conv2d(images, filters)
    upstream = np.ones(output.shape, upstream_dtype)
    for result in (output, *conv2d_backward(upstream, images, filters)):
        assert result.dtype == np.dtype(expected)
    assert output[0, 0, 0, 0] == 0 * 0 + 1 * 1 + 6 * 2 + 7 * 3


def test_float64_upstream_makes_gradients_of_float32_arrays_float64():
    images, filters = np.ones((1, 4, 4, 1), "f4"), np.ones((2, 2, 1, 1), "f4")
    for gradient in conv2d_backward(np.full((1, 3, 3, 1), 0.1), images, filters):
        assert gradient.dtype == np.float64
    # 0.1 was not rounded to float32 on its way.
    np.testing.assert_allclose(gradient, 0.9, rtol=1e-15)


VIEWS = {
    "transposed": lambda array: array.copy().T.copy().T,
    "backwards": lambda array: array[::-1, ::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1, ::-1],
    "every other": lambda array: np.repeat(np.repeat(array, 2, 1), 2, 3)[:, ::2, :, ::2],
    "read only": lambda array: np.frombuffer(array.tobytes()).reshape(array.shape),
    "list": np.ndarray.tolist,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("options", [{}, {"padding": "SAME", "strides": (2, 1)}])
def test_memory_layout_does_not_matter_and_inputs_are_not_changed(view, options):
    contiguous = normal(2, 7, 9, 3), normal(3, 2, 3, 4, seed=1)
    expected = conv2d(*contiguous, **options)
    upstream = normal(*expected.shape, seed=2)
    expected_gradients = conv2d_backward(upstream, *contiguous, **options)

    arguments = [VIEWS[view](array) for array in (upstream, *contiguous)]
    before = [np.array(argument) for argument in arguments]
    output = conv2d(*arguments[1:], **options)
    gradients = conv2d_backward(*arguments, **options)
    for ours, theirs in zip((output, *gradients), (expected, *expected_gradients), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)
        assert not any(np.shares_memory(ours, np.asarray(a)) for a in arguments)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)


def test_a_filter_of_one_pixel_returns_a_new_array():
    images = normal(2, 3, 4, 1)
    output = conv2d(images, [[[[1]]]])
    np.testing.assert_array_equal(output, images)
    assert not np.shares_memory(output, images)


def by_loops(upstream, images, filters, strides, padding, dilations):
    """Return output, d_images and d_filters, made of nothing but products with pixels that exist."""
    output, d_images, d_filters = (np.zeros(shape) for shape in (upstream.shape, images.shape, filters.shape))
    before = [0, 0]
    for axis in (0, 1):
        size, extent = (
            images.shape[1 + axis],
            (filters.shape[axis] - 1) * dilations[axis] + 1,
        )
        if padding == "SAME":
            padded = (upstream.shape[1 + axis] - 1) * strides[axis] + extent - size
            before[axis] = max(padded, 0) // 2
        elif padding != "VALID":
            before[axis] = padding[axis][0]
    for b, i, j, u, v in np.ndindex(*upstream.shape[:3], *filters.shape[:2]):
        y = i * strides[0] + u * dilations[0] - before[0]
        x = j * strides[1] + v * dilations[1] - before[1]
        if 0 <= y < images.shape[1] and 0 <= x < images.shape[2]:
            for c, o in np.ndindex(filters.shape[2:]):
                output[b, i, j, o] += images[b, y, x, c] * filters[u, v, c, o]
                d_images[b, y, x, c] += upstream[b, i, j, o] * filters[u, v, c, o]
                d_filters[u, v, c, o] += upstream[b, i, j, o] * images[b, y, x, c]
    return output, d_images, d_filters


def with_infinities(array, rng, how_many):
    """Return a copy in which some entries are infinite, NaN or 0."""
    array = array.copy()
    places = rng.integers(0, array.size, how_many)
    array.flat[places] = rng.choice([np.inf, -np.inf, np.nan, 0.0], how_many)
    return array


# Some libraries multiply infinity by zeros of their own, drop the result, and leave a warning.
@np.errstate(invalid="ignore")
@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    filter_size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    strides=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["VALID", "SAME"]) | st.tuples(ENDS, ENDS),
    dilations=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dtype=st.sampled_from([np.float32, np.float64]),
    how_many=st.tuples(*3 * [st.integers(0, 2)]),
    seed=st.integers(0, 999),
)
def test_infinity_and_nan_reach_what_they_meet_on_a_pixel_and_nothing_else(
    size, filter_size, channels, strides, padding, dilations, dtype, how_many, seed
):
    rng = np.random.default_rng(seed)
    images, filters = (
        rng.normal(size=(2, *size, channels[0])),
        rng.normal(size=(*filter_size, *channels)),
    )
    images = with_infinities(images, rng, how_many[0]).astype(dtype)
    filters = with_infinities(filters, rng, how_many[1]).astype(dtype)
    geometry = strides, padding, dilations
    try:
        output = conv2d(images, filters, *geometry)
    except ValueError:
        assert padding != "SAME"
        return
    upstream = with_infinities(rng.normal(size=output.shape), rng, how_many[2]).astype(dtype)
    results = output, *conv2d_backward(upstream, images, filters, *geometry)
    expected = by_loops(upstream, images, filters, *geometry)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    for ours, right in zip(results, expected, strict=True):
        np.testing.assert_allclose(ours, right, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_infinite_filter_does_not_meet_the_padding_nor_windows_that_do_not_exist(dtype):
    images, filters = np.ones((1, 3, 3, 1), dtype), np.ones((3, 3, 1, 1), dtype)
    filters[0, 0] = np.inf
    output = conv2d(images, filters, padding="SAME").squeeze()
    np.testing.assert_array_equal(output, [[4, 6, 4], [6, np.inf, np.inf], [4, np.inf, np.inf]])
    images, filters = (
        np.ones((1, 2, 1, 1), dtype),
        np.reshape([np.inf, 1], (2, 1, 1, 1)),
    )
    d_images, d_filters = conv2d_backward(np.ones((1, 1, 1, 1)), images, filters)
    np.testing.assert_array_equal(d_images.ravel(), [np.inf, 1])
    np.testing.assert_array_equal(d_filters.ravel(), [1, 1])


def test_sums_over_many_windows_are_as_exact_in_float32_as_the_numbers():
    """A sum of float32 row after row would be wrong by 1e-3 and more."""
    images, filters = (
        np.full((1, 1000, 1000, 1), 0.1, "f4"),
        np.ones((1, 1, 1, 1), "f4"),
    )
    upstream = np.ones((1, 1000, 1000, 1), "f4")
    _, d_filters = conv2d_backward(upstream, images, filters)
    np.testing.assert_allclose(d_filters, 1e6 * np.float64(np.float32(0.1)), rtol=1e-7)


@pytest.mark.parametrize(
    ("image_shape", "filter_shape", "options"),
    [
        ((256, 28, 28, 1), (3, 3, 1, 16), {}),
        ((256, 28, 28, 1), (3, 3, 1, 16), {"padding": "SAME"}),
        ((8, 64, 64, 16), (3, 3, 16, 32), {}),
        ((8, 64, 64, 16), (3, 3, 16, 32), {"padding": "SAME"}),
        ((1000, 3, 3, 1), (2, 2, 1, 1), {"padding": "SAME", "dilations": 100}),
        ((100, 3, 3, 32), (2, 2, 32, 1), {"padding": "SAME", "dilations": 100}),
        # A long row, and filters that cover much of it.
        ((2, 9, 900, 16), (9, 31, 16, 2), {"padding": "SAME"}),
        # The stride jumps over nearly all of the padding.
        (
            (2, 32, 32, 8),
            (3, 3, 8, 8),
            {"strides": 1024, "padding": ((1024, 1024), (1024, 1024))},
        ),
        (
            (2, 32, 32, 8),
            (3, 3, 8, 8),
            {"strides": 10**9, "padding": ((10**9, 10**9), (10**9, 10**9))},
        ),
    ],
)
def test_work_takes_no_more_memory_than_three_slices(image_shape, filter_shape, options):
    images, filters = np.ones(image_shape, "f4"), np.ones(filter_shape, "f4")
    output = conv2d(images, filters, **options)
    for function, arrays in (
        (conv2d, (images, filters)),
        (conv2d_backward, (output, images, filters)),
    ):
        tracemalloc.start()
        results = function(*arrays, **options)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        kept = sum(array.nbytes for array in (results if isinstance(results, tuple) else [results]))
        limit = SLICE_BYTES if "strides" in options else 3 * SLICE_BYTES
        assert peak - kept < limit
