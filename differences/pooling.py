"""Corners of pooling, the topic of lesson 4."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from corners import compiled, corner, dtype, jax_slope, run_onnx, shape, table, tf_slope, traced, without_onednn
from flax import linen

from helpers.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)

NUMBER = 4
F = torch.nn.functional
nan, inf = np.nan, np.inf


def maps(rows, dtype=np.float32):
    """Return one feature map as (1, height, width, 1)."""
    rows = np.array(rows, dtype)
    return rows.reshape(1, *rows.shape, 1)


def planes(images):
    """Return the images with the channels first, as PyTorch and ONNX have them."""
    return np.moveaxis(images, -1, 1)


def tensor(images):
    """Return the images as a tensor of PyTorch."""
    return torch.tensor(np.ascontiguousarray(planes(images)))


def tf_max(size=2, stride=2, padding="VALID"):
    """Return the maximum pooling of TensorFlow."""
    return lambda images: tf.nn.max_pool2d(images, size, stride, padding)


def row(what, advice, kind, images, size=(2, 2), stride=None, same=False):
    """Return a row in which each library pools the same images by "max" or "avg"."""
    stride = stride or size
    padding = "SAME" if same else "VALID"
    of_tf = {"max": tf.nn.max_pool2d, "avg": tf.nn.avg_pool2d}[kind]
    of_keras = {"max": keras.ops.max_pool, "avg": keras.ops.average_pool}[kind]
    of_torch = {"max": F.max_pool2d, "avg": F.avg_pool2d}[kind]
    of_flax = {"max": linen.max_pool, "avg": linen.avg_pool}[kind]
    of_ours = {"max": max_pool2d, "avg": avg_pool2d}[kind]
    of_onnx = {"max": "MaxPool", "avg": "AveragePool"}[kind]
    margin = tuple(side // 2 for side in size) if same else 0
    return corner(
        what,
        advice,
        tensorflow=(lambda x: of_tf(x, size, stride, padding), images),
        keras=lambda: of_keras(tf.constant(images), size, stride, padding.lower()),
        torch=lambda: of_torch(tensor(images), size, stride, margin),
        jax=lambda: of_flax(jnp.asarray(images), size, stride, padding),
        onnx=lambda: run_onnx(
            of_onnx,
            planes(images),
            kernel_shape=size,
            strides=stride,
            auto_pad="SAME_UPPER" if same else "VALID",
        ),
        ours=lambda: of_ours(images, size, stride, padding),
    )


def too_large(what, advice, stride):
    """Return a row in which a window is larger than the image; ONNX Runtime averages in float32 only."""
    sides = (3, 3), (stride, stride)
    cells = row(what, advice, "avg", SQUARE.astype(float), *sides)[2]
    cells["onnx"] = lambda: run_onnx("AveragePool", planes(SQUARE), kernel_shape=sides[0], strides=sides[1])
    return corner(what, advice, **cells)


def torch_max_slope(images):
    """Gradient of the sum of the maximum pooling of PyTorch, 2 by 2, as a row of numbers."""
    point = tensor(images).requires_grad_()
    F.max_pool2d(point, 2).sum().backward()
    return point.grad


def jax_max_slope(images):
    """Gradient of the sum of the maximum pooling of Flax, 2 by 2."""
    return jax_slope(lambda x: linen.max_pool(x, (2, 2), (2, 2)), images)


def max_slopes(what, advice, images):
    """Return a row with the gradients of maximum pooling, 2 by 2, at some images."""
    one = np.ones((1, 1, images.shape[2] // 2, 1), images.dtype)
    return corner(
        what,
        advice,
        tensorflow=(tf_slope(tf_max()), images),
        keras=lambda: tf_slope(lambda x: keras.ops.max_pool(x, 2, 2))(tf.constant(images)),
        torch=lambda: torch_max_slope(images),
        jax=lambda: jax_max_slope(images),
        ours=lambda: max_pool2d_backward(one, images, 2, 2),
    )


def maps_with_ties():
    """Return two hundred maps, 3 by 3, of the numbers 0 to 2; windows of 2 by 2 with stride 1 often have ties."""
    return np.random.default_rng(0).integers(0, 3, (200, 3, 3, 1)).astype(np.float32)


def other_than_first(gradient):
    """Say how many maps have another gradient than that which goes to the first largest pixel."""
    images = maps_with_ties()
    first = max_pool2d_backward(np.ones(images.shape), images, 2, 1, "SAME")
    differ = np.any(np.asarray(gradient).reshape(200, 9) != first.reshape(200, 9), 1)
    return f"{differ.sum()} of 200"


def tied(compile_with):
    """Count the maps on which TensorFlow's gradient, compiled in some way, is not that of the first pixel."""
    slope = compile_with(tf_slope(tf_max(2, 1, "SAME")))
    return lambda: other_than_first(slope(tf.constant(maps_with_ties())))


def torch_tied():
    """Count the same for PyTorch, which cannot pad on one side: minus infinity is padded by hand."""
    point = tensor(maps_with_ties()).requires_grad_()
    padded = F.pad(point, (0, 1, 0, 1), value=-np.inf)
    F.max_pool2d(padded, 2, 1).sum().backward()
    return other_than_first(point.grad.numpy())


def volume_slope(x):
    """Gradient at a window of eight voxels, summed."""
    slope = tf_slope(lambda y: tf.nn.max_pool3d(y, 2, 2, "VALID"))
    return tf.reduce_sum(slope(x))


def torch_volume():
    """Return the sum of the gradient of `max_pool3d` at a window of eight equal voxels."""
    point = torch.ones(1, 1, 2, 2, 2, requires_grad=True)
    F.max_pool3d(point, 2).sum().backward()
    return point.grad.sum()


def avg_sizes():
    """Yield sizes of a row of pixels, of a window, and a stride."""
    for width in range(1, 7):
        for size in range(1, 9):
            for stride in range(1, 4):
                yield width, (1, size), (1, stride)


def avg_faults(slope):
    """Count the sizes at which the gradient of average pooling, SAME, is not the sum of the columns of its matrix."""
    faults = count = 0
    for width, size, stride in avg_sizes():
        unit = np.eye(width).reshape(width, 1, width, 1)
        matrix = avg_pool2d(unit, size, stride, "SAME").reshape(width, -1)
        gradient = np.ravel(slope(np.ones((1, 1, width, 1)), size, stride))
        faults += not np.allclose(gradient, matrix.sum(1), rtol=1e-5)
        count += 1
    return f"{faults} of {count}"


def avg_slopes(of_type):
    """Return the three cells of TensorFlow that count faults.

    The upstream gradient is an argument: were it a constant, the graph could be worked out beforehand, by other code.
    """

    def slope(compile_with):
        def run(image, size, stride):
            def weighted(x, upstream):
                return tf_slope(lambda y: tf.nn.avg_pool2d(y, size, stride, "SAME") * upstream)(x)

            one = tf.ones((1, 1, 1, 1), of_type)
            return compile_with(weighted)(tf.constant(image, of_type), one)

        return run

    ways = {
        "eager": lambda function: function,
        "function": traced,
        "xla": compiled,
    }
    return {name: lambda way=way: avg_faults(slope(way)) for name, way in ways.items()}


def our_avg_slope(image, size, stride):
    """Return the gradient of our average pooling."""
    upstream = np.ones((1, 1, -(-image.shape[2] // stride[1]), 1))
    return avg_pool2d_backward(upstream, image, size, stride, "SAME")


def jax_avg_slope(image, size, stride):
    """Return the gradient of Flax's average pooling, without padding in the count."""
    return jax_slope(
        lambda x: linen.avg_pool(x, size, stride, "SAME", count_include_pad=False),
        image,
    )


LINE = np.array([1.0, 2, 3], np.float32)
SQUARE = maps([[1, 5], [2, 3]])
WIDE = np.eye(9, dtype=np.float32)[[0, 4]].T.reshape(1, 3, 3, 2)


def corners():
    """Return the rows of the table."""
    big = maps([[60000, 60000], [60000, 60000]], np.float16)
    return [
        max_slopes(
            "Tie, window (3 3; 3 1): gradient",
            "All send it to the first pixel in reading order, in this window. See the next two rows.",
            maps([[3, 3], [3, 1]]),
        ),
        corner(
            "200 maps with ties, 2 by 2, stride 1, SAME: gradients not those of the first pixel (ours)",
            "Do not rely on which of several equal pixels learns. After a ReLU, zeros tie often. Without padding, "
            "XLA too takes the first.",
            eager=tied(lambda f: f),
            function=tied(traced),
            xla=tied(compiled),
            torch=torch_tied,
            jax=lambda: other_than_first(
                jax_slope(
                    lambda x: linen.max_pool(x, (2, 2), padding="SAME"),
                    maps_with_ties(),
                )
            ),
        ),
        corner(
            "`max_pool3d`, eight equal voxels: sum of the gradient for 1 upstream",
            "In TensorFlow, pool volumes of ties inside a `tf.function`, or expect a gradient that is too large.",
            tensorflow=(volume_slope, np.ones((1, 2, 2, 2, 1), np.float32)),
            torch=torch_volume,
            jax=lambda: jnp.sum(
                jax_slope(
                    lambda x: linen.max_pool(x, (2, 2, 2), (2, 2, 2)),
                    np.ones((1, 2, 2, 2, 1)),
                )
            ),
        ),
        row(
            "Maximum, NaN first (NaN 1; 2 3)",
            "Look for NaN before pooling: after it there may be none left.",
            "max",
            maps([[nan, 1], [2, 3]]),
        ),
        row(
            "Maximum, NaN last (1 2; 3 NaN)",
            "As 4.4. Where the place decides, a flipped image gives another answer.",
            "max",
            maps([[1, 2], [3, nan]]),
        ),
        row(
            "Maximum, NaN only",
            "A huge negative number after pooling may have been NaN.",
            "max",
            maps([[nan, nan], [nan, nan]]),
        ),
        row(
            "Maximum, −∞ only",
            "Mask with a large finite number, not with −∞, if the result is compared.",
            "max",
            maps([[-inf, -inf], [-inf, -inf]]),
        ),
        max_slopes(
            "Maximum, (1 NaN; 2 3): gradient",
            "As 4.4: the gradient goes where the forward pass looked.",
            maps([[1, nan], [2, 3]]),
        ),
        row(
            "Average, 3 by 3, SAME, of an image of one pixel, 1",
            "Say whether padding counts: `count_include_pad=False` in PyTorch and Flax gives TensorFlow's 1.",
            "avg",
            maps([[1]]),
            (3, 3),
            (1, 1),
            same=True,
        ),
        corner(
            "The same, padding not counted",
            "With that option, all agree.",
            tensorflow=(lambda x: tf.nn.avg_pool2d(x, 3, 1, "SAME"), maps([[1]])),
            keras=lambda: keras.ops.average_pool(tf.constant(maps([[1]])), 3, 1, "same"),
            torch=lambda: F.avg_pool2d(tensor(maps([[1]])), 3, 1, 1, count_include_pad=False),
            jax=lambda: linen.avg_pool(
                jnp.asarray(maps([[1]])),
                (3, 3),
                padding="SAME",
                count_include_pad=False,
            ),
            onnx=lambda: run_onnx(
                "AveragePool",
                planes(maps([[1]])),
                kernel_shape=(3, 3),
                pads=(1, 1, 1, 1),
                count_include_pad=0,
            ),
            ours=lambda: avg_pool2d(maps([[1]]), 3, 1, "SAME"),
        ),
        corner(
            "Average of (1 2 3), 1 by 2, stride 2, last window half outside",
            "`ceil_mode` and SAME agree here; in Flax add `count_include_pad=False`.",
            tensorflow=(
                lambda x: tf.nn.avg_pool2d(x, (1, 2), (1, 2), "SAME"),
                maps([LINE]),
            ),
            keras=lambda: keras.ops.average_pool(tf.constant(maps([LINE])), (1, 2), (1, 2), "same"),
            torch=lambda: F.avg_pool2d(tensor(maps([LINE])), (1, 2), (1, 2), ceil_mode=True),
            jax=lambda: linen.avg_pool(jnp.asarray(maps([LINE])), (1, 2), (1, 2), "SAME"),
            onnx=lambda: run_onnx(
                "AveragePool",
                planes(maps([LINE])),
                kernel_shape=(1, 2),
                strides=(1, 2),
                ceil_mode=1,
            ),
            ours=lambda: avg_pool2d(maps([LINE]), (1, 2), (1, 2), "SAME"),
        ),
        corner(
            "Maximum of (1 2 3 9), 1 by 3, stride 2: SAME in TensorFlow and Keras, padded on the left in the others",
            "Say on which side you pad: SAME pads on the right.",
            onnx=lambda: run_onnx(
                "MaxPool",
                planes(maps([[1, 2, 3, 9]])),
                kernel_shape=(1, 3),
                strides=(1, 2),
                auto_pad="SAME_LOWER",
            ),
            jax=lambda: linen.max_pool(jnp.asarray(maps([[1, 2, 3, 9]])), (1, 3), (1, 2), ((0, 0), (1, 0))),
            tensorflow=(
                lambda x: tf.nn.max_pool2d(x, (1, 3), (1, 2), "SAME"),
                maps([[1, 2, 3, 9]]),
            ),
            keras=lambda: keras.ops.max_pool(tf.constant(maps([[1, 2, 3, 9]])), (1, 3), (1, 2), "same"),
            torch=lambda: F.max_pool2d(tensor(maps([[1, 2, 3, 9]])), (1, 3), (1, 2), (0, 1)),
            ours=lambda: max_pool2d(maps([[1, 2, 3, 9]]), (1, 3), (1, 2), ((0, 0), (1, 0))),
        ),
        too_large(
            "Average, float64 (ONNX: float32), window 3 by 3 on (1 5; 2 3), stride 3",
            "Compare sizes before you pool: ONNX Runtime gives the mean of what is there, but not with stride 1.",
            3,
        ),
        too_large("The same, stride 1", "As the row before.", 1),
        row(
            "Maximum, float64, window 3 by 3 on (1 5; 2 3)",
            "Check sizes yourself where a library returns an empty array.",
            "max",
            maps([[1, 5], [2, 3]], np.float64),
            (3, 3),
        ),
        corner(
            "Average, SAME, float64, 144 sizes: wrong gradients",
            "Take float32 in TensorFlow, or windows no larger than the image.",
            **avg_slopes(tf.float64),
            ours=lambda: avg_faults(our_avg_slope),
        ),
        corner(
            "The same, float32",
            "With oneDNN, TensorFlow is right, unless the gradient that comes back is a constant of the graph.",
            **avg_slopes(tf.float32),
            jax=lambda: avg_faults(jax_avg_slope),
        ),
        corner(
            "Maximum of a NumPy array in float64: type of the result",
            "Wrap arrays: `tf.constant(x)` keeps float64.",
            eager=lambda: dtype(tf.nn.max_pool2d(maps([[1, 2], [3, 4]], float), 2, 2, "VALID")),
            function=lambda: dtype(traced(tf_max())(maps([[1, 2], [3, 4]], float))),
            xla=lambda: dtype(compiled(tf_max())(maps([[1, 2], [3, 4]], float))),
            keras=lambda: dtype(keras.ops.max_pool(maps([[1, 2], [3, 4]], float), 2, 2)),
            jax=lambda: dtype(linen.max_pool(maps([[1, 2], [3, 4]], float), (2, 2))),
            torch=lambda: dtype(F.max_pool2d(tensor(maps([[1, 2], [3, 4]], float)), 2)),
            onnx=lambda: dtype(
                run_onnx(
                    "MaxPool",
                    planes(maps([[1, 2], [3, 4]], float)),
                    kernel_shape=(2, 2),
                )
            ),
            ours=lambda: dtype(max_pool2d(maps([[1, 2], [3, 4]], float), 2, 2)),
        ),
        row(
            "Maximum of int32 (1 5; 2 3)",
            "Convert to a float first.",
            "max",
            SQUARE.astype(np.int32),
        ),
        row(
            "Average of int32 (1 5; 2 4)",
            "Convert to a float first: where integers are taken, the mean is rounded.",
            "avg",
            maps([[1, 5], [2, 4]], np.int32),
        ),
        row(
            "Average of four times 60000 in float16",
            "The sum is larger than float16 holds. Average half precision in float32.",
            "avg",
            big,
        ),
        row(
            "Average of (1 ∞; 2 3)",
            "As expected.",
            "avg",
            maps([[1, inf], [2, 3]]),
        ),
        row(
            "Average of (1 ∞ 2 −∞), 1 by 2, stride 1",
            "Infinities may not leave the windows that see them; check sums that run along.",
            "avg",
            maps([[1, inf, 2, -inf]]),
            (1, 2),
            (1, 1),
        ),
        corner(
            "Stride when none is given, maximum 2 by 2 on 4 by 4: shape",
            "Always write the stride.",
            keras=lambda: shape(keras.ops.max_pool(tf.ones((1, 4, 4, 1)), 2)),
            torch=lambda: shape(F.max_pool2d(torch.ones(1, 1, 4, 4), 2)),
            jax=lambda: shape(linen.max_pool(jnp.ones((1, 4, 4, 1)), (2, 2))),
            onnx=lambda: shape(run_onnx("MaxPool", np.ones((1, 1, 4, 4), np.float32), kernel_shape=(2, 2))),
        ),
        corner(
            "Index of the maximum of a 3 by 3 map in the centre, second channel of two",
            "Indices of one library mean other pixels in the next: convert by hand.",
            tensorflow=(
                lambda x: tf.nn.max_pool_with_argmax(x, 3, 3, "VALID")[1][0, 0, 0, 1],
                WIDE,
            ),
            torch=lambda: F.max_pool2d(tensor(WIDE), 3, return_indices=True)[1][0, 1],
            onnx=lambda: run_onnx("MaxPool", planes(WIDE), kernel_shape=(3, 3), outputs=2)[1][0, 1],
        ),
        corner(
            "Adaptive average of (1 2 3 4 5) to 3",
            "Windows overlap where the sizes do not divide.",
            keras=lambda: keras.layers.AdaptiveAveragePooling1D(3)(tf.reshape(tf.range(1.0, 6), (1, 5, 1))),
            torch=lambda: F.adaptive_avg_pool1d(torch.arange(1.0, 6)[None, None], 3),
        ),
        corner(
            "Norm pooling, p = 1, of (−1 −2)",
            "Take absolute values first.",
            torch=lambda: F.lp_pool1d(torch.tensor([[[-1.0, -2]]]), 1, 2),
            onnx=lambda: run_onnx("LpPool", np.array([[[-1, -2]]], np.float32), kernel_shape=(2,), p=1),
        ),
        corner(
            "Norm pooling, p = 3, of (−1 −2)",
            "As the row before: odd powers keep the sign.",
            torch=lambda: F.lp_pool1d(torch.tensor([[[-1.0, -2]]]), 3, 2),
            onnx=lambda: run_onnx("LpPool", np.array([[[-1, -2]]], np.float32), kernel_shape=(2,), p=3),
        ),
        row(
            "Maximum of an empty batch, 0 by 4 by 4: values",
            "Nothing to do.",
            "max",
            np.zeros((0, 4, 4, 1), np.float32),
        ),
        corner(
            "Global average of a map of 0 by 0",
            "Refuse empty maps before.",
            tensorflow=(
                lambda x: tf.reduce_mean(x, (1, 2)),
                np.zeros((1, 0, 0, 1), np.float32),
            ),
            keras=lambda: keras.layers.GlobalAveragePooling2D()(tf.zeros((1, 0, 0, 1))),
            torch=lambda: F.adaptive_avg_pool2d(torch.zeros(1, 1, 0, 0), 1),
            jax=lambda: jnp.mean(jnp.zeros((1, 0, 0, 1)), (1, 2)),
            onnx=lambda: run_onnx("GlobalAveragePool", np.zeros((1, 1, 0, 0), np.float32)),
        ),
        corner(
            "Maximum 3 wide with padding of 2 on both sides: (1 2 3), stride 1",
            "PyTorch allows half the window; pad by hand with −∞ for more.",
            tensorflow=(
                lambda x: tf.nn.max_pool2d(x, (1, 3), 1, [[0, 0], [0, 0], [2, 2], [0, 0]]),
                maps([LINE]),
            ),
            torch=lambda: F.max_pool2d(tensor(maps([LINE])), (1, 3), 1, (0, 2)),
            jax=lambda: linen.max_pool(jnp.asarray(maps([LINE])), (1, 3), padding=((0, 0), (2, 2))),
            onnx=lambda: run_onnx("MaxPool", planes(maps([LINE])), kernel_shape=(1, 3), pads=(0, 2, 0, 2)),
            ours=lambda: max_pool2d(maps([LINE]), (1, 3), 1, ((0, 0), (2, 2))),
        ),
        corner(
            "Average with dilation 2, 1 by 2, of (1 2 3 4)",
            "Slice by hand.",
            tensorflow=(
                lambda x: tf.nn.pool(x, (1, 2), "AVG", padding="VALID", dilations=(1, 2)),
                maps([[1, 2, 3, 4]]),
            ),
            onnx=lambda: run_onnx(
                "AveragePool",
                planes(maps([[1, 2, 3, 4]])),
                kernel_shape=(1, 2),
                dilations=(1, 2),
            ),
            jax=lambda: (
                jax.lax.reduce_window(
                    jnp.asarray(maps([[1, 2, 3, 4]])),
                    0.0,
                    jax.lax.add,
                    (1, 1, 2, 1),
                    (1, 1, 1, 1),
                    "VALID",
                    window_dilation=(1, 1, 2, 1),
                )
                / 2
            ),
        ),
        corner(
            "Average, SAME, float32, 144 sizes, without oneDNN: wrong gradients",
            "As 4.16 and 4.17: what is wrong in float64 is wrong in float32 too, without oneDNN.",
            eager=lambda: without_onednn("pooling.avg_slopes(pooling.tf.float32)['eager']()"),
        ),
    ]


if __name__ == "__main__":
    print(table(NUMBER, corners()))
