"""Pooling and its gradients against TensorFlow and its tape, reductions over NaN, differences, worked examples."""

import functools
import itertools
import tracemalloc

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from helpers import pooling
from helpers._windows import SLICE_BYTES
from helpers.gradient_check import gradient_error
from helpers.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)

# name: (forward, backward, TensorFlow's)
POOLINGS = {
    "max": (max_pool2d, max_pool2d_backward, tf.nn.max_pool2d),
    "avg": (avg_pool2d, avg_pool2d_backward, tf.nn.avg_pool2d),
}
TOLERANCE = {np.float64: 1e-14, np.float32: 1e-6}
WINDOWS = [(1, 1), (2, 2), (3, 2), (2, 5), (4, 4)]
STRIDES = [(1, 1), (2, 2), (1, 3), (3, 1), (2, 5)]
PADDINGS = ["VALID", "SAME", ((0, 0), (0, 0)), ((1, 0), (0, 1)), ((0, 1), (1, 1))]
both_poolings = pytest.mark.parametrize("name", POOLINGS)


def normal(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def with_ties(*shape, dtype=np.float64):
    """Return images of three grey levels, so that most windows hold their maximum more than once."""
    return np.random.default_rng(0).integers(-1, 2, size=shape).astype(dtype)


def fits(ksize, padding):
    return isinstance(padding, str) or np.all(np.max(padding, axis=1) < ksize)


def by_tensorflow(pool, images, ksize, strides, padding):
    """Return an upstream gradient, the output and the gradient of the images."""
    images = tf.constant(images)
    if not isinstance(padding, str):
        padding = [(0, 0), *padding, (0, 0)]
    with tf.GradientTape() as tape:
        tape.watch(images)
        output = pool(images, ksize, strides, padding)
    upstream = normal(*output.shape, dtype=images.dtype.as_numpy_dtype, seed=2)
    d_images = tape.gradient(output, images, output_gradients=tf.constant(upstream))
    return upstream, output.numpy(), d_images.numpy()


def assert_equals_tensorflow(name, images, ksize, strides, padding):
    """Compare output and gradient, in values, shapes and dtypes."""
    forward, backward, pool = POOLINGS[name]
    upstream, *expected = by_tensorflow(pool, images, ksize, strides, padding)
    results = (
        forward(images, ksize, strides, padding),
        backward(upstream, images, ksize, strides, padding),
    )
    for ours, theirs in zip(results, expected, strict=True):
        tolerance = TOLERANCE[images.dtype.type] * np.abs(theirs).max(initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, strict=True)


def test_hand_worked_examples():
    image = np.reshape([[1, 2, 0], [4, 3, 5], [9, 7, 8]], (1, 3, 3, 1))
    maxima, means = max_pool2d(image, 2, 1).squeeze(), avg_pool2d(image, 2, 1).squeeze()
    np.testing.assert_array_equal(maxima, [[4, 5], [9, 8]])
    np.testing.assert_array_equal(means, [[2.5, 2.5], [5.75, 5.75]])
    upstream = np.reshape([[1, 2], [4, 8]], (1, 2, 2, 1))
    np.testing.assert_array_equal(
        max_pool2d_backward(upstream, image, 2, 1).squeeze(),
        [[0, 0, 0], [1, 0, 2], [4, 0, 8]],
    )
    np.testing.assert_array_equal(
        avg_pool2d_backward(upstream, image, 2, 1).squeeze() * 4,
        [[1, 1 + 2, 2], [1 + 4, 1 + 2 + 4 + 8, 2 + 8], [4, 4 + 8, 8]],
    )


def test_padding_is_never_the_maximum_and_does_not_count_for_the_mean():
    image = np.full((1, 3, 3, 1), -1.0)
    for padding in ("SAME", ((0, 1), (0, 1))):
        for pool in (max_pool2d, avg_pool2d):
            np.testing.assert_array_equal(pool(image, 2, 2, padding), -np.ones((1, 2, 2, 1)))


def test_same_padding_of_an_odd_number_is_at_the_bottom_and_right():
    image = np.arange(9.0).reshape(1, 3, 3, 1)
    means = avg_pool2d(image, 2, 2, "SAME").squeeze()
    np.testing.assert_array_equal(means, [[2, 3.5], [6.5, 8]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_first_of_equal_maxima_in_reading_order_gets_the_gradient(dtype):
    image = np.array([[0, 7, 7], [7, 7, 7]], dtype).reshape(1, 2, 3, 1)
    d_image = max_pool2d_backward(np.ones((1, 1, 2, 1), dtype), image, 2, 1)
    np.testing.assert_array_equal(d_image.squeeze(), [[0, 2, 0], [0, 0, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "padding"),
    # TensorFlow's average pooling has no explicit padding.
    [("avg", "VALID"), ("avg", "SAME"), *(("max", padding) for padding in PADDINGS)],
)
def test_equals_tensorflow_forward_and_backward(name, dtype, padding):
    sizes = [(5, 6), (8, 9), (9, 7)]
    for ksize, strides, size in itertools.product(WINDOWS, STRIDES, sizes):
        if fits(ksize, padding):
            for images in (
                normal(2, *size, 3, dtype=dtype),
                with_ties(2, *size, 1, dtype=dtype),
            ):
                assert_equals_tensorflow(name, images, ksize, strides, padding)


@both_poolings
def test_large_batches_equal_tensorflow(name):
    for shape, ksize, strides in (
        ((50, 28, 28, 16), 2, 2),
        ((3, 200, 210, 5), (3, 2), 1),
    ):
        images = normal(*shape, dtype=np.float32)
        assert_equals_tensorflow(name, images, ksize, strides, "SAME")


@both_poolings
@pytest.mark.parametrize("slice_bytes", [1, 1000, 2**30])
def test_how_the_work_is_cut_does_not_change_the_result(monkeypatch, name, slice_bytes):
    monkeypatch.setattr(pooling, "SLICE_BYTES", slice_bytes)
    assert_equals_tensorflow(name, normal(7, 6, 5, 2), (3, 2), (2, 1), "SAME")


def windows_with_nan(images, ksize, strides, padding):
    """Return all windows, shape (batch, rows, columns, channels, height, width), with NaN for padding."""
    if padding == "SAME":
        counts = [-(-n // s) for n, s in zip(images.shape[1:3], strides, strict=True)]
        missing = [
            max((count - 1) * stride + size - n, 0)
            for count, stride, size, n in zip(counts, strides, ksize, images.shape[1:3], strict=True)
        ]
        padding = [(n // 2, n - n // 2) for n in missing]
    elif padding == "VALID":
        padding = [(0, 0), (0, 0)]
    padded = np.pad(images, [(0, 0), *padding, (0, 0)], constant_values=np.nan)
    windows = sliding_window_view(padded, ksize, axis=(1, 2))
    return windows[:, :: strides[0], :: strides[1]]


SIZES = st.tuples(st.integers(1, 8), st.integers(1, 8))
SMALL = st.tuples(st.integers(1, 5), st.integers(1, 5))
ENDS = st.tuples(st.integers(0, 4), st.integers(0, 4))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    size=SIZES,
    ksize=SMALL,
    strides=SMALL,
    padding=st.sampled_from(["VALID", "SAME"]) | st.tuples(ENDS, ENDS),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_any_geometry_equals_reductions_over_nan_or_is_refused(size, ksize, strides, padding, dtype):
    images = with_ties(2, *size, 2, dtype=dtype)
    padded = np.add(size, 0 if isinstance(padding, str) else np.sum(padding, axis=1))
    if not fits(ksize, padding):
        refused = "padding must be smaller than ksize"
    elif padding != "SAME" and np.any(ksize > padded):
        refused = "ksize must fit into the padded images"
    else:
        refused = None
    for forward, backward, _ in POOLINGS.values():
        if refused:
            with pytest.raises(ValueError, match=refused):
                forward(images, ksize, strides, padding)
            continue
        windows = windows_with_nan(images, ksize, strides, padding)
        reduce = np.nanmax if forward is max_pool2d else np.nanmean
        output = forward(images, ksize, strides, padding)
        np.testing.assert_allclose(output, reduce(windows, axis=(4, 5)), rtol=0, atol=1e-6, strict=True)
        # Where each upstream gradient goes, from the place of each pixel in its window.
        upstream = normal(*output.shape, dtype=dtype, seed=2)
        places = np.arange(images.size, dtype=float).reshape(images.shape)
        places = windows_with_nan(places, ksize, strides, padding)
        places = places.reshape(*output.shape, -1)
        windows = windows.reshape(places.shape)
        if forward is max_pool2d:
            first = np.nanargmax(windows, axis=-1)[..., None]
            weights = np.arange(places.shape[-1]) == first
        else:
            weights = 1 / np.isfinite(places).sum(axis=-1, keepdims=True)
        flows = np.where(np.isnan(places), 0, upstream[..., None] * weights)
        expected = np.bincount(np.nan_to_num(places).astype(int).ravel(), flows.ravel(), images.size)
        np.testing.assert_allclose(
            backward(upstream, images, ksize, strides, padding),
            expected.reshape(images.shape).astype(dtype),
            rtol=0,
            atol=1e-5 if dtype == np.float32 else 1e-13,
            strict=True,
        )


@both_poolings
def test_windows_larger_than_the_image_are_padded_as_in_tensorflow(name):
    forward, _, pool = POOLINGS[name]
    for ksize, strides, size in itertools.product([(4, 5), (9, 2), (2, 7), (13, 14)], STRIDES, [(3, 2), (7, 9)]):
        images = normal(1, *size, 2)
        np.testing.assert_allclose(
            forward(images, ksize, strides, "SAME"),
            pool(tf.constant(images), ksize, strides, "SAME"),
            rtol=0,
            atol=1e-14,
        )


@pytest.mark.parametrize("strides", STRIDES)
def test_windows_larger_than_the_image_with_padding_in_numbers_as_in_tensorflow(
    strides,
):
    """For the maximum alone: the average pooling of TensorFlow takes no padding in numbers."""
    for padding in (((9, 9), (6, 6)), ((9, 1), (0, 6)), ((2, 9), (6, 5))):
        assert_equals_tensorflow("max", normal(1, 3, 2, 2), (10, 7), strides, padding)


@both_poolings
@pytest.mark.parametrize(
    ("ksize", "strides", "padding"),
    [(2, 2, "VALID"), ((3, 2), 1, ((2, 1), (0, 1))), (9, (3, 2), "SAME")],
)
def test_gradients_equal_finite_differences(name, ksize, strides, padding):
    forward, backward, _ = POOLINGS[name]
    images = normal(2, 5, 6, 2)
    upstream = normal(*forward(images, ksize, strides, padding).shape, seed=2)

    def loss(images):
        return np.sum(upstream * forward(images, ksize, strides, padding))

    gradient = functools.partial(backward, upstream, ksize=ksize, strides=strides, padding=padding)
    assert gradient_error(loss, gradient, images) < 1e-6


@both_poolings
def test_an_int_means_the_same_for_height_and_width(name):
    forward, backward, _ = POOLINGS[name]
    images, upstream = normal(1, 7, 8, 2), normal(1, 3, 3, 2, seed=2)
    np.testing.assert_array_equal(forward(images, 3, 2), forward(images, (3, 3), [2, 2], "VALID"))
    np.testing.assert_array_equal(backward(upstream, images, 3, 2), backward(upstream, images, [3, 3], (2, 2)))


@both_poolings
def test_an_empty_batch_gives_an_empty_output_and_gradient(name):
    forward, backward, _ = POOLINGS[name]
    images = np.empty((0, 5, 6, 2))
    output = forward(images, 2, 2, "SAME")
    assert output.shape == (0, 3, 3, 2)
    assert backward(output, images, 2, 2, "SAME").shape == images.shape


@both_poolings
@pytest.mark.parametrize(
    ("upstream_dtype", "images_dtype", "expected"),
    [
        ("float32", "float32", "float32"),
        ("float64", "float64", "float64"),
        ("float32", "float64", "float64"),
        ("float64", "float32", "float64"),
        ("float32", "uint8", "float64"),
        ("float16", "float16", "float32"),
        (">f4", ">f4", "float32"),
    ],
)
def test_dtype_of_the_results(name, upstream_dtype, images_dtype, expected):
    forward, backward, _ = POOLINGS[name]
    images = np.arange(16).reshape(1, 4, 4, 1).astype(images_dtype)
    gradient = backward(np.ones((1, 2, 2, 1), upstream_dtype), images, 2, 2)
    assert gradient.dtype == np.dtype(expected)
    np.testing.assert_allclose(gradient.sum(), 4)
    # The output depends on the images alone.
    output = forward(images, 2, 2)
    is_float32 = images_dtype in ("float32", "float16", ">f4")
    assert output.dtype == ("float32" if is_float32 else "float64")
    assert output[0, 0, 0, 0] == (5 if name == "max" else 2.5)


VIEWS = {
    "transposed": lambda array: array.copy().T.copy().T,
    "backwards": lambda array: array[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
    "every other": lambda array: np.repeat(np.repeat(array, 2, 1), 2, 3)[:, ::2, :, ::2],
    "read only": lambda array: np.frombuffer(array.tobytes()).reshape(array.shape),
    "list": np.ndarray.tolist,
}


@both_poolings
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("ksize", [1, (3, 2)])
def test_memory_layout_does_not_matter_and_inputs_are_not_changed(name, view, ksize):
    forward, backward, _ = POOLINGS[name]
    images = normal(2, 5, 6, 3)
    expected = forward(images, ksize, 1, "SAME")
    upstream = normal(*expected.shape, seed=2)
    expected_gradient = backward(upstream, images, ksize, 1, "SAME")

    arguments = [VIEWS[view](array) for array in (upstream, images)]
    before = [np.array(argument) for argument in arguments]
    output = forward(arguments[1], ksize, 1, "SAME")
    gradient = backward(*arguments, ksize, 1, "SAME")
    np.testing.assert_array_equal(output, expected)
    np.testing.assert_array_equal(gradient, expected_gradient)
    for result, argument in itertools.product((output, gradient), arguments):
        assert not np.shares_memory(result, np.asarray(argument))
        result[...] = 0
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)


def test_nan_reaches_only_the_windows_that_hold_it_and_takes_their_gradient():
    images = np.arange(25.0).reshape(1, 5, 5, 1)
    images[0, 2, 2] = images[0, 3, 3] = np.nan
    holds = np.zeros((4, 4), bool)
    holds[1:3, 1:3] = holds[2:4, 2:4] = True
    for pool in (max_pool2d, avg_pool2d):
        np.testing.assert_array_equal(np.isnan(pool(images, 2, 1).squeeze()), holds)
    upstream = np.ones((1, 4, 4, 1))
    d_images = max_pool2d_backward(upstream, images, 2, 1).squeeze()
    # The window that holds both sends its gradient to the first.
    assert d_images[2, 2] == 4
    assert d_images[3, 3] == 3
    assert d_images.sum() == 16


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_windows_of_nothing_but_nan_or_minus_infinity(dtype):
    """TensorFlow answers with its lowest finite number, and passes over NaN beside a number."""
    pixels = [np.nan, np.nan, -np.inf, -np.inf, 1, np.nan]
    images = np.array(pixels, dtype).reshape(1, 1, 6, 1)
    maxima = max_pool2d(images, (1, 2), (1, 2)).ravel()
    np.testing.assert_array_equal(maxima, [np.nan, -np.inf, np.nan])
    in_tensorflow = tf.nn.max_pool2d(tf.constant(images), (1, 2), (1, 2), "VALID")
    lowest = np.finfo(dtype).min
    np.testing.assert_array_equal(np.ravel(in_tensorflow), [lowest, lowest, 1])


def test_compiled_by_xla_tensorflow_sends_the_gradient_of_a_tie_elsewhere():
    images = tf.constant(with_ties(20, 4, 4, 1))

    @tf.function(jit_compile=True)
    def gradient(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            maxima = tf.nn.max_pool2d(images, 2, 1, "SAME")
        return tape.gradient(maxima, images)

    ours = max_pool2d_backward(np.ones(images.shape), images.numpy(), 2, 1, "SAME")
    differs = np.any(gradient(images) != ours, axis=(1, 2, 3))
    assert np.count_nonzero(differs) > 0
    # What is handed on is the same in all.
    np.testing.assert_allclose(np.sum(gradient(images)), ours.sum())


def test_gradient_of_average_pooling_is_right_where_that_of_tensorflow_is_wrong():
    images = normal(1, 4, 3, 1)
    upstream, _, wrong = by_tensorflow(tf.nn.avg_pool2d, images, 5, 1, "SAME")
    backward = functools.partial(avg_pool2d_backward, upstream, ksize=5, strides=1, padding="SAME")

    def loss(images):
        return np.sum(upstream * avg_pool2d(images, 5, 1, "SAME"))

    assert gradient_error(loss, backward, images) < 1e-6
    assert gradient_error(loss, lambda _: wrong, images) > 1e-2


def test_infinite_pixels_and_gradients_stay_where_they_belong():
    images = np.full((1, 4, 4, 1), -np.inf)
    images[0, 3, 3] = np.inf
    output = max_pool2d(images, 3, 2, "SAME").squeeze()
    np.testing.assert_array_equal(output, [[-np.inf, -np.inf], [-np.inf, np.inf]])
    # A window that holds nothing larger than its padding sends the gradient to a pixel.
    upstream = np.reshape([np.inf, 1, 2, 3], (1, 2, 2, 1))
    d_images = max_pool2d_backward(upstream, images, 3, 2, ((1, 0), (1, 0))).squeeze()
    expected = np.zeros((4, 4))
    expected[0, 0], expected[0, 1], expected[1, 0], expected[3, 3] = np.inf, 1, 2, 3
    np.testing.assert_array_equal(d_images, expected)


@both_poolings
@pytest.mark.parametrize(
    ("shape", "geometry"),
    [
        ((64, 64, 64, 8), (2, 2)),
        ((64, 60, 60, 8), (2, 2)),
        ((500, 3, 3, 1), (100, 1, "SAME")),
        ((1, 3, 3, 1), (10**6, 1, "SAME")),
        ((1, 3, 3, 1), (10**6, 10**6, "SAME")),
        # The stride jumps over nearly all of the padding.
        ((1, 16, 16, 16), (513, 513, ((512, 512), (512, 512)))),
        ((1, 16, 16, 16), (10**9, 10**9, ((10**9 - 1, 10**9 - 1), (0, 10**9 - 1)))),
        # Many windows along one axis, a single one along the other.
        ((1, 1000, 1, 4), (1000, (1000, 1), ((0, 0), (999, 999)))),
        ((1, 1, 1000, 4), (1000, (1, 1000), ((999, 999), (0, 0)))),
    ],
)
def test_work_takes_no_more_memory_for_a_larger_batch_or_window(name, shape, geometry):
    forward, backward, _ = POOLINGS[name]
    images = np.ones(shape, "f4")
    upstream = forward(images, *geometry)
    for function, arrays in ((forward, [images]), (backward, [upstream, images])):
        tracemalloc.start()
        result = function(*arrays, *geometry)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        jumps = np.min(geometry[1]) > max(images.shape)
        limit = SLICE_BYTES if jumps else 3 * SLICE_BYTES
        assert peak - result.nbytes < limit


def test_global_maximum_takes_a_step_for_each_row_and_column_not_for_each_pixel():
    """Of one large window, each row and each column is looked at once."""
    images = normal(1, 300, 200, 2)
    images[0, 170, 30] = images[0, 171, 20] = 9.0
    calls = []
    accumulate = pooling._accumulate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooling, "_accumulate", lambda *a: (calls.append(1), accumulate(*a)))
        d_images = max_pool2d_backward(np.full((1, 1, 1, 2), 7.0), images, (300, 200), 1)
    assert len(calls) == 300 + 200
    assert np.argwhere(d_images[..., 0]).tolist() == [[0, 170, 30]]
    assert d_images.sum() == 14
