"""Corners of convolution, the topic of lesson 3."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from corners import compiled, corner, dtype, run_onnx, shape, table, tf_slope, traced, without_onednn
from flax import linen

from helpers.convolution import conv2d, conv2d_backward

NUMBER = 3
F = torch.nn.functional
nan, inf = np.nan, np.inf
NHWC = ("NHWC", "HWIO", "NHWC")


def line(numbers, dtype=np.float32):
    """Return an image of one row and one channel, (1, 1, width, 1)."""
    return np.array(numbers, dtype).reshape(1, 1, -1, 1)


def taps(numbers, dtype=np.float32):
    """Return a filter of one row, one channel in and one out, (1, width, 1, 1)."""
    return np.array(numbers, dtype).reshape(1, -1, 1, 1)


def planes(images):
    """Return the images with the channels first, as PyTorch and ONNX have them."""
    return np.ascontiguousarray(np.moveaxis(images, -1, 1))


def first_axes(filters):
    """Return the filters as (out, in, height, width)."""
    return np.ascontiguousarray(np.transpose(filters, (3, 2, 0, 1)))


def row(what, advice, images, filters, stride=1, padding="VALID", dilation=1, show=None):
    """Return a row in which each library convolves the same images with the same filters."""
    show = show or (lambda output: output)
    lower = padding.lower()
    return corner(
        what,
        advice,
        tensorflow=None
        if show in (shape, dtype)
        else (
            lambda x, f: tf.nn.conv2d(x, f, stride, padding, dilations=dilation),
            images,
            filters,
        ),
        **tf_shown(show, images, filters, stride, padding, dilation),
        keras=lambda: show(
            keras.ops.conv(
                tf.constant(images),
                tf.constant(filters),
                stride,
                lower,
                dilation_rate=dilation,
            )
        ),
        torch=lambda: show(
            F.conv2d(
                torch.tensor(planes(images)),
                torch.tensor(first_axes(filters)),
                stride=stride,
                padding=lower,
                dilation=dilation,
            )
        ),
        jax=lambda: show(
            jax.lax.conv_general_dilated(
                jnp.asarray(images),
                jnp.asarray(filters),
                (stride, stride),
                padding,
                rhs_dilation=(dilation, dilation),
                dimension_numbers=NHWC,
            )
        ),
        onnx=lambda: show(
            run_onnx(
                "Conv",
                planes(images),
                first_axes(filters),
                strides=(stride, stride),
                dilations=(dilation, dilation),
                auto_pad="SAME_UPPER" if padding == "SAME" else "VALID",
            )
        ),
        ours=lambda: show(conv2d(images, filters, stride, padding, dilation)),
    )


def tf_shown(show, images, filters, stride, padding, dilation):
    """Return three cells of TensorFlow that show the shape or the type."""
    if show not in (shape, dtype):
        return {}

    def convolve(x, f):
        return tf.nn.conv2d(x, f, stride, padding, dilations=dilation)

    def cell(compiled):
        return lambda: show(compiled(tf.constant(images), tf.constant(filters)))

    return {
        "eager": cell(convolve),
        "function": cell(traced(convolve)),
        "xla": cell(compiled(convolve)),
    }


def slope_row(what, advice, images, filters, padding="VALID", of="image"):
    """Return a row with the gradients with respect to the images or the filters, for an upstream of ones."""
    first = of == "image"

    def of_tf(x, f):
        point, other = (x, f) if first else (f, x)

        def convolve(y):
            pair = (y, other) if first else (other, y)
            return tf.nn.conv2d(*pair, 1, padding)

        return tf_slope(convolve)(point)

    def of_torch():
        x, f = torch.tensor(planes(images)), torch.tensor(first_axes(filters))
        point = (x if first else f).requires_grad_()
        F.conv2d(x, f, padding=padding.lower()).sum().backward()
        return point.grad

    def of_jax():
        def total(x, f):
            return jnp.sum(jax.lax.conv_general_dilated(x, f, (1, 1), padding, dimension_numbers=NHWC))

        return jax.grad(total, 0 if first else 1)(jnp.asarray(images), jnp.asarray(filters))

    def of_ours():
        upstream = np.ones_like(conv2d(images, filters, 1, padding))
        return conv2d_backward(upstream, images, filters, 1, padding)[0 if first else 1]

    return corner(
        what, advice, tensorflow=(of_tf, images, filters), torch=of_torch, jax=of_jax,
        ours=of_ours,
    )  # fmt: skip


def transposed(what, advice, numbers, of_filter, stride, padding="VALID"):
    """Return a row with the transposed convolution of one row of numbers."""
    images, filters = line(numbers), taps(of_filter)
    width = len(numbers)
    size = width * stride
    if padding == "VALID":
        size += max(len(of_filter) - stride, 0)
    return corner(
        what,
        advice,
        tensorflow=(
            lambda x, f: tf.nn.conv2d_transpose(x, f, (1, 1, size, 1), (1, stride), padding),
            images,
            filters,
        ),
        keras=lambda: keras.ops.conv_transpose(tf.constant(images), tf.constant(filters), (1, stride), padding.lower()),
        torch=(
            lambda: F.conv_transpose2d(
                torch.tensor(planes(images)),
                torch.tensor(first_axes(filters)),
                stride=(1, stride),
            )
        )
        if padding == "VALID"
        else lambda: F.conv_transpose2d(
            torch.tensor(planes(images)),
            torch.tensor(first_axes(filters)),
            stride=(1, stride),
            padding=(0, 1),
            output_padding=(0, 1),
        ),
        jax=lambda: jax.lax.conv_transpose(
            jnp.asarray(images),
            jnp.asarray(filters),
            (1, stride),
            padding,
            dimension_numbers=NHWC,
        ),
        onnx=lambda: run_onnx(
            "ConvTranspose",
            planes(images),
            first_axes(filters),
            strides=(1, stride),
            auto_pad="SAME_UPPER" if padding == "SAME" else "VALID",
        ),
    )


def negative(pads):
    """Return a row with padding of minus one on both sides of (1 2 3 4), filter (1)."""
    images, filters = line([1, 2, 3, 4]), taps([1])
    return corner(
        "Padding of −1 on both sides of (1 2 3 4), filter (1)",
        "Crop the image yourself.",
        tensorflow=(
            lambda x, f: tf.nn.conv2d(x, f, 1, [[0, 0], [0, 0], [pads, pads], [0, 0]]),
            images,
            filters,
        ),
        torch=lambda: F.conv2d(
            torch.tensor(planes(images)),
            torch.tensor(first_axes(filters)),
            padding=(0, pads),
        ),
        jax=lambda: jax.lax.conv_general_dilated(
            jnp.asarray(images),
            jnp.asarray(filters),
            (1, 1),
            ((0, 0), (pads, pads)),
            dimension_numbers=NHWC,
        ),
        onnx=lambda: run_onnx("Conv", planes(images), first_axes(filters), pads=(0, pads, 0, pads)),
        ours=lambda: conv2d(images, filters, 1, ((0, 0), (pads, pads))),
    )


def depthwise():
    """Return a row with the order of the outputs of a depthwise convolution, two for each of two channels."""
    image = np.array([[[[1.0, 10]]]], np.float32)
    filters = np.array([[[[1.0, 2], [3, 4]]]], np.float32)
    grouped = filters.reshape(4, 1, 1, 1)
    return corner(
        "Depthwise, channels (1, 10), two filters for each: (1 2) and (3 4)",
        "All put the outputs of a channel together.",
        tensorflow=(
            lambda x, f: tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "VALID"),
            image,
            filters,
        ),
        keras=lambda: keras.ops.depthwise_conv(tf.constant(image), tf.constant(filters)),
        torch=lambda: F.conv2d(torch.tensor(planes(image)), torch.tensor(grouped), groups=2),
        jax=lambda: jax.lax.conv_general_dilated(
            jnp.asarray(image),
            jnp.asarray(filters.reshape(1, 1, 1, 4)),
            (1, 1),
            "VALID",
            dimension_numbers=NHWC,
            feature_group_count=2,
        ),
        onnx=lambda: run_onnx("Conv", planes(image), grouped, group=2),
    )


def fresh(kernel, bias):
    """Return the largest size of an entry of each, with two digits, so that the seed does not show."""
    largest = [float(np.abs(np.asarray(weights)).max()) for weights in (kernel, bias)]
    return "{:.2f}, {:.2f}".format(*largest)


def keras_fresh():
    """Return the fresh weights of a convolution of Keras."""
    keras.utils.set_random_seed(0)
    layer = keras.layers.Conv2D(256, 3)
    layer.build((1, 9, 9, 16))
    return fresh(*layer.get_weights())


def torch_fresh():
    """Return the fresh weights of a convolution of PyTorch."""
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(16, 256, 3)
    return fresh(layer.weight.detach(), layer.bias.detach())


def flax_fresh():
    """Return the fresh weights of a convolution of Flax."""
    layer = linen.Conv(256, (3, 3))
    weights = layer.init(jax.random.key(0), jnp.ones((1, 9, 9, 16)))["params"]
    return fresh(weights["kernel"], weights["bias"])


def corners():
    """Return the rows of the table."""
    ones = np.ones((1, 1, 4097, 1))
    return [
        row(
            "Filter (1 2 3) on (0 1 0), SAME",
            "The filter is not flipped, in all of them: it is a cross-correlation.",
            line([0, 1, 0]),
            taps([1, 2, 3]),
            padding="SAME",
        ),
        corner(
            "`convolve` of (0 1 0) and (1 2 3), same size",
            "A function named `convolve` flips the filter.",
            jax=lambda: jnp.convolve(jnp.array([0.0, 1, 0]), jnp.array([1.0, 2, 3]), "same"),
            ours=lambda: np.convolve([0.0, 1, 0], [1.0, 2, 3], "same"),
        ),
        row(
            "Filter (1 10) on (1 2 3), SAME",
            "Padding is odd here: all put it on the right.",
            line([1, 2, 3]),
            taps([1, 10]),
            padding="SAME",
        ),
        row(
            "Filter (1 10 100) on (1 2 3 4), stride 2, SAME",
            "In PyTorch pad by hand, (0, 1), with `torch.nn.functional.pad`.",
            line([1, 2, 3, 4]),
            taps([1, 10, 100]),
            2,
            "SAME",
        ),
        corner(
            "The same with padding of 1 on each side",
            "This is what `padding=1` gives, and not what SAME gives: weights of one do not fit the other.",
            tensorflow=(
                lambda x, f: tf.nn.conv2d(x, f, (1, 2), [[0, 0], [0, 0], [1, 1], [0, 0]]),
                line([1, 2, 3, 4]),
                taps([1, 10, 100]),
            ),
            torch=lambda: F.conv2d(
                torch.tensor(planes(line([1, 2, 3, 4]))),
                torch.tensor(first_axes(taps([1, 10, 100]))),
                stride=(1, 2),
                padding=(0, 1),
            ),
            jax=lambda: jax.lax.conv_general_dilated(
                jnp.asarray(line([1, 2, 3, 4])),
                jnp.asarray(taps([1, 10, 100])),
                (1, 2),
                ((0, 0), (1, 1)),
                dimension_numbers=NHWC,
            ),
            onnx=lambda: run_onnx(
                "Conv",
                planes(line([1, 2, 3, 4])),
                first_axes(taps([1, 10, 100])),
                strides=(1, 2),
                pads=(0, 1, 0, 1),
            ),
            ours=lambda: conv2d(line([1, 2, 3, 4]), taps([1, 10, 100]), (1, 2), ((0, 0), (1, 1))),
        ),
        corner(
            "Filter (1 10 100) on (1 2 3 4), stride 2, SAME on the lower side",
            "Only JAX and ONNX have it by name.",
            jax=lambda: jax.lax.conv_general_dilated(
                jnp.asarray(line([1, 2, 3, 4])),
                jnp.asarray(taps([1, 10, 100])),
                (2, 2),
                "SAME_LOWER",
                dimension_numbers=NHWC,
            ),
            onnx=lambda: run_onnx(
                "Conv",
                planes(line([1, 2, 3, 4])),
                first_axes(taps([1, 10, 100])),
                strides=(2, 2),
                auto_pad="SAME_LOWER",
            ),
        ),
        row(
            "Filter (1 10) on (1 2 3 4 5), stride 2 and dilation 2",
            "Keras's layer refuses both together; its operation, and the others, do not.",
            line([1, 2, 3, 4, 5]),
            taps([1, 10]),
            2,
            dilation=2,
        ),
        corner(
            "The same in a layer",
            "As the row before.",
            keras=lambda: keras.layers.Conv2D(1, 2, strides=2, dilation_rate=2)(tf.ones((1, 5, 5, 1))),
            torch=lambda: shape(torch.nn.Conv2d(1, 1, 2, stride=2, dilation=2)(torch.ones(1, 1, 5, 5))),
            jax=lambda: shape(
                linen.Conv(1, (2, 2), strides=2, kernel_dilation=2, padding="VALID").init_with_output(
                    jax.random.key(0), jnp.ones((1, 5, 5, 1))
                )[0]
            ),
        ),
        row(
            "Empty batch 0×5×5×2, filter 3×3×2×7, float32: shape",
            "Skip empty batches in TensorFlow: the shape is right in float64 alone.",
            np.zeros((0, 5, 5, 2), np.float32),
            np.zeros((3, 3, 2, 7), np.float32),
            show=shape,
        ),
        row(
            "The same in float64",
            "As the row before.",
            np.zeros((0, 5, 5, 2)),
            np.zeros((3, 3, 2, 7)),
            show=shape,
        ),
        slope_row(
            "Empty batch, filter (1 2): gradient of the filter",
            "Nothing to do.",
            np.zeros((0, 1, 3, 1), np.float32),
            taps([1, 2]),
            of="filter",
        ),
        row(
            "Filter 1 by 3 on 1 by 2, VALID, float64",
            "Compare sizes before you convolve. In float32, what TensorFlow returns here is no result at all.",
            line([1, 2], np.float64),
            taps([1, 2, 3], np.float64),
        ),
        row(
            "No filters: 1×1×3×1 with 1×2×1×0: shape",
            "Refuse a layer without outputs.",
            line([1, 2, 3]),
            np.zeros((1, 2, 1, 0), np.float32),
            show=shape,
        ),
        row(
            "Image (∞ 1), filter (0)",
            "A zero in a filter does not hide what is infinite.",
            line([inf, 1]),
            taps([0]),
        ),
        row(
            "Image (1), filter (∞ 1 ∞), SAME: ∞ meets padding only",
            "Where it matters, pad by hand: padding is multiplied in some, left out in others.",
            line([1]),
            taps([inf, 1, inf]),
            padding="SAME",
        ),
        row(
            "Image (1 2), filter (NaN 1 0), SAME: the left pixel meets NaN as padding only",
            "As the row before.",
            line([1, 2]),
            taps([nan, 1, 0]),
            padding="SAME",
        ),
        slope_row(
            "Image (1), filter (∞ 1 ∞), SAME: gradient of the image",
            "As the row before.",
            line([1]),
            taps([inf, 1, inf]),
            "SAME",
        ),
        slope_row(
            "Image (1), filter (∞ 1 ∞), SAME: gradient of the filter",
            "As the row before.",
            line([1]),
            taps([inf, 1, inf]),
            "SAME",
            of="filter",
        ),
        slope_row(
            "Images (1 1), filter (∞ 1), SAME: gradient of the image",
            "As the row before: the second window sees one pixel only.",
            line([1, 1]),
            taps([inf, 1]),
            "SAME",
        ),
        row(
            "Image of four channels, filter for two: output of ones",
            "Compare channels yourself in TensorFlow: it takes groups for granted.",
            np.ones((1, 1, 1, 4), np.float32),
            np.ones((1, 1, 2, 2), np.float32),
        ),
        row(
            "float32 image, float64 filter: type",
            "Convert before you convolve.",
            line([1, 2]),
            taps([1], np.float64),
            show=dtype,
        ),
        row(
            "Integers, int32: (1 2 3) with (1 1)",
            "Convert to a float first.",
            line([1, 2, 3], np.int32),
            taps([1, 1], np.int32),
        ),
        row(
            "4097 ones with a filter of 4097 ones, float16",
            "4096 is the nearest that float16 has: 2048 would be the answer of a sum in float16.",
            ones.astype(np.float16),
            ones.reshape(1, 4097, 1, 1).astype(np.float16),
        ),
        row(
            "16 777 217 as 16 777 216 + 1, filter (1 1), float32",
            "float32 cannot hold it.",
            line([2.0**24, 1]),
            taps([1, 1]),
        ),
        negative(-1),
        depthwise(),
        transposed(
            "Transposed, (1 0), filter (1 10 100), stride 1, VALID",
            "JAX flips unless `transpose_kernel=True`.",
            [1, 0],
            [1, 10, 100],
            1,
        ),
        transposed(
            "Transposed, (1 2), filter (1 10 100), stride 2, SAME or padding 1 and output padding 1",
            "Check which end is cut off; copy a model only with explicit padding.",
            [1, 2],
            [1, 10, 100],
            2,
            "SAME",
        ),
        transposed(
            "Transposed, (1 2), filter (1 10), stride 3, VALID",
            "Where the stride is larger than the filter, gaps of 0 come in; some drop the last.",
            [1, 2],
            [1, 10],
            3,
        ),
        corner(
            "Transposed layer, Keras and PyTorch, width 4, filter 2, stride 3: width of the output",
            "As the row before.",
            keras=lambda: shape(keras.layers.Conv1DTranspose(1, 2, 3)(tf.ones((1, 4, 1)))),
            torch=lambda: shape(torch.nn.ConvTranspose1d(1, 1, 2, 3)(torch.ones(1, 1, 4))),
            jax=lambda: shape(
                linen.ConvTranspose(1, (2,), (3,), padding="VALID").init_with_output(
                    jax.random.key(0), jnp.ones((1, 4, 1))
                )[0]
            ),
        ),
        corner(
            "A layer of which only the size 3 is given, on 5 by 5: shape",
            "Write the padding: Flax pads when nothing is said.",
            keras=lambda: shape(keras.layers.Conv2D(1, 3)(tf.ones((1, 5, 5, 1)))),
            torch=lambda: shape(torch.nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 5, 5))),
            jax=lambda: shape(linen.Conv(1, (3, 3)).init_with_output(jax.random.key(0), jnp.ones((1, 5, 5, 1)))[0]),
        ),
        corner(
            "Largest fresh weight of 256 filters 3×3×16; then the bias",
            "Copy the initialiser with the layer, bias included.",
            keras=keras_fresh,
            torch=torch_fresh,
            jax=flax_fresh,
        ),
        corner(
            "Channels first on a processor, 1×1×1×2",
            "Keep the channels last in TensorFlow on a CPU: float64 has no other code.",
            eager=lambda: tf.nn.conv2d(
                tf.ones((1, 1, 1, 2), tf.float64),
                tf.ones((1, 1, 1, 1), tf.float64),
                1,
                "VALID",
                data_format="NCHW",
            ),
            function=lambda: traced(tf.nn.conv2d)(
                tf.ones((1, 1, 1, 2), tf.float64),
                tf.ones((1, 1, 1, 1), tf.float64),
                1,
                "VALID",
                data_format="NCHW",
            ),
            xla=lambda: compiled(tf.nn.conv2d)(
                tf.ones((1, 1, 1, 2), tf.float64),
                tf.ones((1, 1, 1, 1), tf.float64),
                1,
                "VALID",
                data_format="NCHW",
            ),
            keras=lambda: keras.ops.conv(
                tf.ones((1, 1, 1, 2), tf.float64),
                tf.ones((1, 1, 1, 1), tf.float64),
                data_format="channels_first",
            ),
            torch=lambda: F.conv2d(torch.ones(1, 1, 1, 2), torch.ones(1, 1, 1, 1)),
            onnx=lambda: run_onnx("Conv", np.ones((1, 1, 1, 2), "f"), np.ones((1, 1, 1, 1), "f")),
        ),
        corner(
            "Empty batch 0×5×5×2, filter 3×3×2×7, float32, without oneDNN: shape",
            "As 3.9: with oneDNN, the shape is wrong in float32.",
            eager=lambda: without_onednn(
                "convolution.shape(convolution.tf.nn.conv2d("
                "convolution.np.zeros((0, 5, 5, 2), 'f'), convolution.np.zeros((3, 3, 2, 7), 'f'), 1, 'VALID'))"
            ),
        ),
        corner(
            "Image (1), filter (∞ 1 ∞), SAME, without oneDNN",
            "As 3.15: without oneDNN, ∞ is multiplied by the zeros of the padding.",
            eager=lambda: without_onednn(
                "float(convolution.tf.nn.conv2d("
                "convolution.line([1]), convolution.taps([convolution.inf, 1, convolution.inf]), 1, 'SAME')"
                "[0, 0, 0, 0])"
            ),
        ),
    ]


if __name__ == "__main__":
    print(table(NUMBER, corners()))
