# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Find features with convolution
#
# A convolution asks one small question at every place of an image: is there an edge here, a corner, a stroke? You
# compute convolutions with a pencil, then in a few lines, and let networks find their own questions.
#
# **What you'll do**
#
# - slide a window over an image, with padding, stride, dilation and channels;
# - derive, write and check the forward and the backward pass of a convolution layer, and train a network with them;
# - build another in Keras, and shuffle the pixels of all images to see what convolution depends on.
#
# **What you'll learn**
#
# - the difference between convolution and correlation, and when it shows;
# - how a convolution differs from a dense layer, and when that helps;
# - which mistakes with axes and logarithms raise no exception, and how to notice them.
#
# **What you'll need**
#
# - [Lesson 1](01_gradient_descent.ipynb) on gradient descent, and the chain rule from
#   [lesson 2](02_backpropagation.ipynb);
# - about 90 minutes, and another hour for the exercises.
#
# Marks such as [E24](../ERRATA.md#E24) lead to mistakes of a published introduction to this subject, "the article".

# %%
import warnings
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# `helpers` comes with these lessons (README.md); pip's package of that name is another.
from helpers import (
    backpropagation,
    controls,
    convolution,
    datasets,
    plotting,
    startup,
    window_networks,
)
from helpers.checks import convolution as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## The idea
#
# ### A window on the image
#
# Lay a small window of numbers, the **kernel**, on a corner of the image. Multiply each number by the pixel beneath it,
# add up the products, write down the sum. Move the window by one pixel and repeat. The sum is large where bright pixels
# lie under the large numbers of the kernel, and dark ones under the negative numbers: a kernel is a question, and the
# output, the **feature map**, is a map of the answers.
#
# Take an image of 3×3 pixels and a kernel of 2×2, which fits at four places. At the top left the sum is $2\cdot1 +
# 0\cdot2 + 1\cdot(-1) + 3\cdot0 = 1$. One column further, it is $0\cdot1 + 1\cdot2 + 3\cdot(-1) + 0\cdot0 = -1$:

# %% alt="An image of three by three numbers with a frame around the two by two pixels at its top right, times a kernel of two by two numbers, gives an output of two by two numbers, 1 and minus 1 above 7 and 2; the minus 1 at the top right is marked." tags=["plot"]
X = np.array([[2.0, 0, 1], [1, 3, 0], [0, 1, 2]])
K = np.array([[1.0, 2], [-1, 0]])
step = {"image": X, "kernel": K, "place": (0, 1)}
plotting.windows({"the window one column further": step})

# %% [markdown]
# The same for all four places, in one line:

# %%
sums = [[(X[i : i + 2, j : j + 2] * K).sum() for j in (0, 1)] for i in (0, 1)]
print(np.array(sums))

# %% [markdown]
# ### Three questions to ask of a photograph
#
# The helper `conv2d`, which you will write yourself, slides many kernels over many images at once; its `"SAME"` keeps
# their size. The first kernel below is a mean over 9×9 pixels. The second adds to each pixel its differences from the
# four neighbours. The third, named after Sobel, compares the row below with the row above.

# %%
photo = datasets.load_photo()[60:260, 30:330]  # 200 x 300 pixels: red, green, blue
grey = photo.mean(axis=2)
identity = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
kernels = {
    "blur": np.ones((9, 9)) / 81,
    "sharpen": identity + np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
    "sobel": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 4,
}


def answer(image, kernel, **options):
    """Slide one kernel over one grey image."""
    images, filters = image[np.newaxis, :, :, np.newaxis], kernel[:, :, None, None]
    return convolution.conv2d(images, filters, **options)[0, :, :, 0]


# %% alt="Four panels of a temple roof: the photograph in grey; blurred, without fine detail; sharpened, with crisper edges; and its horizontal edges, where the lines of the roofs and the tiles are bright on black." tags=["plot"]
maps = {name: answer(grey, kernel, padding="SAME") for name, kernel in kernels.items()}
panels = {
    "photograph": grey, "blur": maps["blur"], "sharpen": maps["sharpen"],
    "edges: |Sobel|, doubled": 2 * abs(maps["sobel"]),
}  # fmt: skip
inner = {name: panel[4:-4, 4:-4] for name, panel in panels.items()}  # full windows only
plotting.images(inner, limits=(0, 1), columns=2)

# %% [markdown]
# The question is *local*, and it is the *same everywhere*. The second property has a name: convolution is
# **equivariant** to shifts. Move the image, and the answers move with it, unchanged, away from the border.

# %%
before = answer(grey, kernels["sobel"])
for down, right in ((0, 1), (1, 0), (5, 12), (20, 3), (40, 40)):
    after = answer(np.roll(grey, (down, right), axis=(0, 1)), kernels["sobel"])
    assert np.allclose(after[down:, right:], before[: 198 - down, : 298 - right])
print("five shifts: the answers move along")

# %% [markdown]
# ### A dense layer with two restrictions
#
# A dense layer is a matrix, with a weight for each pixel and each output. A convolution is linear, so it is a matrix
# too. To read it off, switch on one pixel at a time. (Red is above 0, blue below.)

# %% alt="A matrix of four rows and nine columns in colours centred on zero. Each row holds the four numbers of the kernel, 1, 2, minus 1 and 0, in other columns than the row above, and zeros otherwise." tags=["plot"]
single_pixels = np.eye(9).reshape(9, 3, 3)
matrix = np.column_stack([answer(pixel, K).ravel() for pixel in single_pixels])
assert np.array_equal(matrix @ X.ravel(), np.ravel(sums))
plotting.images({"rows: four outputs, columns: nine pixels": matrix}, values=True)

# %% [markdown]
# Each row holds the same four numbers, in other columns. So a convolution is a dense layer with two restrictions: an
# output has weights for the pixels of its window only (it is local), and all outputs share them (the same everywhere).
# What a network *learns* are these few numbers, by gradient descent. The sliding itself is fixed and learns nothing
# ([E21](../ERRATA.md#E21)). LeCun et al. (1989) let a network learn them on handwritten digits, and so will you.

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$ | images: example $n$, row, column, channel $c$ | $N \times H \times W \times C$ | `images` |
# | $K$ | filters: row $u$, column $v$, channel $c$, filter $f$ | $K_h \times K_w \times C \times F$ | `filters` |
# | $b$ | bias, one for each filter | $F$ | `bias` |
# | $Y$ | feature maps: example $n$, row $i$, column $j$, filter $f$ | $N \times H' \times W' \times F$ | `outputs` |
# | $s$ | stride: the step of the window in the image | 1 | `stride` |
# | $d$ | dilation: the distance of the pixels under the kernel | 1 | `dilation` |
# | $p_t, p_b, p_l, p_r$ | rows and columns of zeros added at the top, bottom, left, right | 1 each | `padding` |
# | $p$ | zeros added along one axis: $p_t + p_b$ or $p_l + p_r$ | 1 | `total` |
# | $R$ | pixels that a kernel reaches over along one axis | 1 | `reach` |
# | $J$ | the loss, one number | 1 | `loss` |
# | $G$ | gradient of the loss with respect to $Y$ | that of $Y$ | `upstream` |
#
# Rows come before columns, as in a matrix. A *kernel* or *filter* is one slice $K[:,:,:,f]$. The helper and TensorFlow
# write `strides` and `dilations`, which may differ along rows and columns.
#
# ### What a convolution layer computes
#
# The pencil did this: put the window at row $i$, column $j$, then sum over the kernel, $Y[i,j]=\sum_{u,v}
# X[i+u,\,j+v]\,K[u,v]$. The rest is bookkeeping. **Padding** adds zeros around the image, so that the window fits at
# more places. With a **stride** $s$ the window moves by $s$ pixels, and the map is smaller. With a **dilation** $d$ the
# numbers of the kernel lie $d$ pixels apart, and it sees more of the image:

# %% alt="Three rows, each with an image of five by five numbers, a kernel of three by three and the output. Padding: a grey frame of zeros around the image, the window on its corner, an output of five by five. Stride 2: the fourth of four windows, at the bottom right, an output of two by two. Dilation 2: nine pixels of the image are marked, with gaps between them, and the output is one number." tags=["plot"]
pixels = np.random.default_rng(0).integers(5, size=(5, 5))
cross = {"image": pixels, "kernel": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])}
plotting.windows({
    "padding 1 on each side": {**cross, "place": (0, 0), "padding": ((1, 1), (1, 1))},
    "stride 2": {**cross, "place": (1, 1), "stride": 2},
    "dilation 2": {**cross, "place": (0, 0), "dilation": 2},
})  # fmt: skip

# %% [markdown]
# An image with **channels**, such as red, green and blue, needs a kernel with as many channels: the products are summed
# over the channels too, and there is *one* feature map. Here it is with two channels. The first is the pencil example;
# one row down it gives $1 + 6 + 0 + 0 = 7$. The second gives $0\cdot0 + 1\cdot1 + 0\cdot1 + 0\cdot0 = 1$, so that the
# sum is 8:

# %% alt="Two channels of an image, each three by three numbers, each with a frame around its two by two pixels at the bottom left and times a kernel of its own; a plus sign between them; the output of two by two numbers, with the 8 at the bottom left marked." tags=["plot"]
channels = np.dstack([X, np.eye(3)])
two_kernels = np.dstack([K, [[0, 1], [1, 0]]])
step = {"image": channels, "kernel": two_kernels, "place": (1, 0)}
plotting.windows({"two channels, one feature map": step})

# %% [markdown]
# A layer has $F$ such kernels, and gives $F$ maps: the channels of the next layer. Each map has its own bias. All
# together:
#
# $$Y[n,i,j,f] = b[f] + \sum_{u=0}^{K_h-1}\sum_{v=0}^{K_w-1}\sum_{c=0}^{C-1}
# X[n,\; s\,i + d\,u - p_t,\; s\,j + d\,v - p_l,\; c]\;K[u,v,c,f] .$$
#
# $X$ counts as 0 outside of its range. This is the formula that the article needs for its own program
# ([E26](../ERRATA.md#E26)).
#
# A kernel of **1×1** makes sense too. It sees one pixel, in all of its channels: a dense layer for each pixel, the same
# everywhere. With the weights 2 and -1 the values 2 and 1 at the top left give $2\cdot2 - 1\cdot1 = 3$. With three
# weights of $\frac13$ it turns a colour photograph grey:

# %%
thirds = np.full((1, 1, 3, 1), 1 / 3)
greyed = convolution.conv2d(photo[np.newaxis], thirds)[0, :, :, 0]
print("grey photograph:", np.allclose(greyed, grey))

# %% [markdown]
# ### Convolution or correlation?
#
# In mathematics, convolution runs through the image *backwards*:
#
# $$(X * K)[i,j] = \sum_{u,v} X[i-u,\; j-v]\;K[u,v] .$$
#
# With plus signs, as above, it is called **cross-correlation**. Write $u' = K_h-1-u$ and $v' = K_w-1-v$, and the sum
# becomes a cross-correlation with the kernel turned by half a turn, upside down and left to right; only the numbering
# of the outputs differs: output $(0, 0)$ of the correlation is output $(K_h-1, K_w-1)$ of the convolution. TensorFlow
# computes the correlation and calls it convolution, as is common in this field. The article prints one and runs the
# other, and does not say so ([E24](../ERRATA.md#E24)). On the pencil example:

# %%
print("correlation:     ", answer(X, K).tolist())
print("true convolution:", answer(X, K[::-1, ::-1]).tolist())
by_tensorflow = tf.nn.conv2d(X[None, :, :, None], K[:, :, None, None], 1, "VALID")
print("TensorFlow:      ", by_tensorflow[0, :, :, 0].numpy().tolist())

# %% [markdown]
# The Sobel kernel changes its sign when it is turned, so every edge from dark to bright becomes one from bright to
# dark. The blur is the same after half a turn, and hides the difference: a test with such a kernel cannot tell the two
# apart.

# %%
sobel, blur = kernels["sobel"], kernels["blur"]
convolved = {name: answer(grey, kernel[::-1, ::-1]) for name, kernel in kernels.items()}
print("Sobel: minus the other:", np.allclose(answer(grey, sobel), -convolved["sobel"]))
print("blur:  same as the other:", np.allclose(answer(grey, blur), convolved["blur"]))

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What the article's formula does (optional)
#
# The article gives one formula for convolution:
#
# $$y(x,y) = \sum_{x'=0}^{x_w-1}\sum_{y'=0}^{y_w-1} x(x',y')\,k(x-x',y-y') .$$
#
# Here $x$ is the image, and also the place in it; $y$ is the output, and also a place; $x_w$ and $y_w$ are the width
# and the height of the kernel $k$, not of $x$ and $y$. Type it as it stands, and Python protests against the names
# ([E23](../ERRATA.md#E23)). Give each thing its own name, and the kernel is asked for entries that it does not have:
# some raise an exception, and for others Python counts from the end and gives a wrong number in silence
# ([E25](../ERRATA.md#E25)).


# %%
def as_typed(x, y, k):
    for x in range(10):
        for y in range(10):
            y[x, y] = sum(x[a, b] * k[x - a, y - b] for a in range(3) for b in range(3))


digit = datasets.load_digits()[0][0, :, :, 0]  # 8 x 8 grey values
mean = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
for action in (lambda: as_typed(digit, np.zeros((10, 10)), mean), lambda: mean[3, 0]):
    try:
        action()
    except (TypeError, IndexError) as error:
        print(f"{type(error).__name__}: {error}")
print(f"k[0 - 1, 0 - 1] gives {mean[0 - 1, 0 - 1]}, and should count as 0")


# %% [markdown]
# Let entries that the kernel does not have count as 0. One question is left: how far do the sums run? As published,
# they stop at the size of the *kernel*, although $x', y'$ are places in the *image*. Switch on one pixel at a time, and
# note whether the output notices:


# %%
def printed_formula(image, kernel, limits):
    output = np.zeros(np.add(image.shape, kernel.shape) - 1)
    for i, j in np.ndindex(output.shape):
        for m, n in np.ndindex(limits):
            if 0 <= i - m < kernel.shape[0] and 0 <= j - n < kernel.shape[1]:
                output[i, j] += image[m, n] * kernel[i - m, j - n]
    return output


lit = np.eye(64).reshape(64, 8, 8)
for which, limits in (("as printed", mean.shape), ("the whole image", digit.shape)):
    count = sum(np.any(printed_formula(image, mean, limits)) for image in lit)
    print(f"limits {which}: {count} of 64 pixels count")

# %% [markdown]
# Nine pixels in the corner are all that the printed formula looks at, in an image of any size
# ([E22](../ERRATA.md#E22)).

# %% [markdown]
# ### How large is the output?
#
# Along one axis, the image has $H$ pixels and $p = p_t + p_b$ zeros. The kernel reaches over $R = d\,(K_h-1)+1$ pixels.
# The last window, number $i$, starts at $s\,i$ and has to end within the padded image:
#
# $$s\,i + R \le H + p \quad\Longrightarrow\quad i \le \frac{H+p-R}{s}, \qquad
# \text{so that}\quad H' = \left\lfloor\frac{H+p-R}{s}\right\rfloor + 1 .$$
#
# In the figure with the three rows, $H = 5$ and $K_h = 3$. With padding, $H' = (5 + 2 - 3)/1 + 1 = 5$; with stride 2,
# $(5 - 3)/2 + 1 = 2$; with dilation 2, $R = 5$ and $H' = 1$.
#
# TensorFlow has two recipes for $p$. **VALID** adds nothing. **SAME** wants $H' = \lceil H/s\rceil$, the size of the
# image for stride 1, and adds just the zeros that the last window needs, $s\,(H'-1) + R = H + p$, and none if it fits
# without; an odd zero goes to the bottom and the right:
#
# $$p = \max\big((\lceil H/s\rceil - 1)\,s + R - H,\; 0\big), \qquad p_t = \lfloor p/2\rfloor, \quad p_b = p - p_t .$$
#
# For $H = 4$, $K_h = 3$, $s = 2$: two outputs, $p = 2 + 3 - 4 = 1$, at the bottom. Dumoulin and Visin (2016)
# draw many cases.
#
# ### Parameters and multiplications
#
# A layer has $F\,(K_h K_w C + 1)$ parameters, whatever the size of the image. It multiplies $H' W' F K_h K_w C$ times
# for each image. A dense layer with as many outputs has $H' W' F\,(H W C + 1)$ parameters. For eight kernels of 3×3 on
# digits of 8×8 pixels, with SAME:

# %%
H, W, C, K_h, K_w, F = 8, 8, 1, 3, 3, 8
print("convolution, parameters:     ", F * (K_h * K_w * C + 1))
print("convolution, multiplications:", H * W * F * K_h * K_w * C)
print("dense layer, parameters:     ", H * W * F * (H * W * C + 1))

# %% [markdown]
# Some kernels are cheaper still. The blur of 9×9 is a column of nine times a row of nine, so you can slide first the
# column, then the row: about $9 + 9$ multiplications for each output instead of 81. Such a kernel is called
# **separable**. Sobel's is one too; a kernel is separable exactly when its rows are multiples of one row: rank 1.

# %%
for name, kernel in kernels.items():
    print(f"{name}: rank {np.linalg.matrix_rank(kernel)}")
column = np.ones((9, 1)) / 9
in_two_steps = answer(answer(grey, column), column.T)
print("blur in two steps is the same:", np.allclose(in_two_steps, answer(grey, blur)))

# %% [markdown]
# ### The backward pass
#
# You know $G = \partial J/\partial Y$ and want the derivatives with respect to $b$, $K$ and $X$: multiply along each
# path from that number to the loss, and add over all paths.
#
# **The bias** $b[f]$ is added to every output of map $f$, with the derivative 1. So its derivative is the sum of $G$
# over $n$, $i$ and $j$.
#
# **A kernel entry** takes part in every output of its map, where it is multiplied by a pixel:
#
# $$\frac{\partial J}{\partial K[u,v,c,f]} = \sum_{n,i,j} G[n,i,j,f]\; X[n,\; s\,i + d\,u - p_t,\; s\,j + d\,v - p_l,\; c] .$$
#
# For $s = d = 1$ that is a correlation, too: now $G$ slides over the image. Say that on the pencil example the
# loss depends on the first and the last output only, $G = \begin{pmatrix}1&0\\0&2\end{pmatrix}$. Then
# $\partial J/\partial K[0,0] = 1\cdot X[0,0] + 2\cdot X[1,1] = 2 + 6 = 8$.
#
# **A pixel** lies under several windows. Take $s = d = 1$ and no padding. Let the pixel stand in row $m$ and column
# $l$. Its row is under row $u$ of the kernel in window row $i$ if $i + u = m$, that is, $i = m - u$, and the same holds
# for the columns:
#
# $$\frac{\partial J}{\partial X[n,m,l,c]} = \sum_{u,v,f} G[n,\; m-u,\; l-v,\; f]\; K[u,v,c,f] .$$
#
# The minus signs are back: this is a *true* convolution, with $G$ zero outside of its range, at every place where the
# two overlap at all (a *full* convolution), so that the result is as large as the image. The middle pixel lies under
# all four windows, but only two of them count: $1\cdot K[1,1] + 2\cdot K[0,0] = 0 + 2 = 2$. For other strides the sum
# runs over all $i, u$ with $s\,i + d\,u - p_t = m$. In code you need not solve that equation: each output hands its
# share to the pixels that it came from.

# %% [markdown]
# ## From scratch
#
# ### Loops
#
# One image, one channel, one kernel ([E64](../ERRATA.md#E64)):


# %%
def correlate(image, kernel):
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    output = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        for u, v in np.ndindex(kernel.shape):
            output[i, j] += image[i + u, j + v] * kernel[u, v]
    return output


print(correlate(X, K))

# %% [markdown]
# ### Padding
#
# The rule for SAME, along one axis. Like TensorFlow, and unlike Keras, it refuses `"same"`:


# %%
def pad_amounts(size, reach, stride, padding):
    if padding == "VALID":
        return 0, 0
    if padding != "SAME":
        raise ValueError(f'padding must be "VALID" or "SAME", got {padding!r}')
    outputs = -(-size // stride)  # size / stride, rounded up
    total = max((outputs - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


print("5 pixels, stride 1:", pad_amounts(5, 3, 1, "SAME"))
print("4 pixels, stride 2:", pad_amounts(4, 3, 2, "SAME"))

# %% [markdown]
# With 4 pixels and stride 2, all of the padding is at the end. PyTorch's `padding=1` pads both ends: the same shape
# and other numbers, a common mistake when weights move from one library to the other:

# %%
rng = np.random.default_rng(0)
square, kernel = rng.normal(size=(4, 4)), rng.normal(size=(3, 3))
same = answer(square, kernel, strides=2, padding="SAME")
for amounts in ((0, 1), (1, 1)):
    padded = answer(square, kernel, strides=2, padding=(amounts, amounts))
    print(amounts, padded.shape, "the same numbers:", np.array_equal(padded, same))

# %% [markdown]
# Zeros are not neutral ([E61](../ERRATA.md#E61)). On an image of ones, a mean over 3×3 pixels should give ones. At the
# border it counts the zeros as well, and darkens the edge of a picture:

# %%
print(answer(np.ones((5, 5)), np.ones((3, 3)) / 9, padding="SAME").round(3))

# %% [markdown]
# ### The whole formula
#
# `window` names the pixels that output $i, j$ sees: rows $s\,i + d\,u$, columns $s\,j + d\,v$ of the padded images.
# Indexed with a column of row numbers and a row of column numbers, NumPy returns every combination, here of shape
# $(N, K_h, K_w, C)$; `np.s_` stores such an index.


# %%
def reach_of(filters, dilation):
    return dilation * (np.array(filters.shape[:2]) - 1) + 1


def pad(images, filters, stride, padding, dilation):
    """Return the padded images, and the padding as ((top, bottom), (left, right))."""
    if isinstance(padding, str):
        sizes = zip(images.shape[1:3], reach_of(filters, dilation))
        padding = [pad_amounts(size, reach, stride, padding) for size, reach in sizes]
    return np.pad(images, ((0, 0), *padding, (0, 0))), padding


def window(i, j, filters, stride, dilation):
    height, width = filters.shape[:2]
    rows = stride * i + dilation * np.arange(height)
    columns = stride * j + dilation * np.arange(width)
    return np.s_[:, rows[:, np.newaxis], columns]


# %% [markdown]
# `tensordot(..., 3)` multiplies and sums over the last three axes of the window and the first three of the filters:
# $u$, $v$ and $c$. (Faster: all windows as the rows of one matrix, **im2col**, multiplied once, as the next section
# shows.)


# %%
def conv2d(images, filters, bias, stride=1, padding="VALID", dilation=1):
    padded, _ = pad(images, filters, stride, padding, dilation)
    rows, columns = (padded.shape[1:3] - reach_of(filters, dilation)) // stride + 1
    outputs = np.zeros((len(images), rows, columns, filters.shape[3]))
    for i, j in np.ndindex(rows, columns):
        seen = padded[window(i, j, filters, stride, dilation)]
        outputs[:, i, j] = np.tensordot(seen, filters, 3) + bias
    return outputs


print(conv2d(channels[np.newaxis], two_kernels[..., np.newaxis], 0.0)[0, :, :, 0])

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### From loops to one matrix product (optional)
#
# Every output is a sum of products: of a window, written as a row, and a kernel, written as a column. So put all
# windows below each other as the rows of one matrix, and all kernels beside each other as the columns of another. Their
# product holds every output (Chellapilla, Puri & Simard, 2006).
# `sliding_window_view` finds the windows without a loop:


# %%
def conv2d_by_matrix(images, filters):
    size, maps = filters.shape[:2], filters.shape[3]
    windows = sliding_window_view(images, size, axis=(1, 2))  # (n, i, j, c, u, v)
    windows = np.moveaxis(windows, 3, 5)  # the order of the filters: u, v, c
    im2col = windows.reshape(-1, filters[..., 0].size)  # one row for each n, i, j
    outputs = im2col @ filters.reshape(-1, maps)
    return outputs.reshape(*windows.shape[:3], maps)


pair = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(3, 3, 3, 4))
difference = abs(conv2d_by_matrix(*pair) - conv2d(*pair, 0.0))
print(f"largest difference below 1e-12: {difference.max() < 1e-12}")

# %% [markdown]
# The arithmetic is the same; what disappears is Python's work for each window. The price is memory: with a kernel of
# 3×3, a pixel is copied into each of the nine windows that it lies in.

# %% [markdown]
# ### The backward pass in code
#
# Read the forward loop backwards. There, output $i, j$ took a window and the filters. Now it gives each of them its
# share: the window gets $G$ times the filters, the filters get $G$ times the window. Shares add up with `+=`; with such
# an index that is safe only because no pixel occurs twice in one window. At the end the padding is cut off again.


# %%
def conv2d_backward(upstream, images, filters, stride=1, padding="VALID", dilation=1):
    padded, padding = pad(images, filters, stride, padding, dilation)
    d_padded, d_filters = np.zeros_like(padded), np.zeros_like(filters)
    for i, j in np.ndindex(upstream.shape[1:3]):
        seen = window(i, j, filters, stride, dilation)
        share = upstream[:, i, j]  # (n, f)
        d_padded[seen] += np.tensordot(share, filters, (1, 3))  # sum over f
        d_filters += np.tensordot(padded[seen], share, (0, 0))  # sum over n
    (top, _), (left, _) = padding
    height, width = images.shape[1:3]
    d_images = d_padded[:, top : top + height, left : left + width]
    return d_images, d_filters, upstream.sum(axis=(0, 1, 2))


# %% [markdown]
# The numbers of the pencil example: $\partial J/\partial K[0,0] = 8$, and 2 for the middle pixel.

# %%
G = np.array([[1.0, 0], [0, 2]])
as_batch = [array[np.newaxis, :, :, np.newaxis] for array in (G, X)]
d_images, d_filters, _ = conv2d_backward(*as_batch, K[:, :, np.newaxis, np.newaxis])
print("gradient of the kernel:", d_filters[:, :, 0, 0].tolist())
print("gradient of the image: ", d_images[0, :, :, 0].tolist())

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Learning a kernel (optional)
#
# Somebody has filtered images with a kernel that you do not know, once by correlation and once by true convolution. You
# have the images and both results. Start from zeros, and let gradient descent find a kernel for each, with the mean
# squared error as the loss.


# %%
def learn_kernel(images, targets, steps=40, learning_rate=0.3):
    filters = np.zeros((3, 3, 1, 1))
    for _ in range(steps):
        residual = conv2d(images, filters, 0.0) - targets
        upstream = 2 * residual / residual.size
        _, d_filters, _ = conv2d_backward(upstream, images, filters)
        filters = filters - learning_rate * d_filters
    return filters


# %%
unknown = np.array([[1.0, 2, 0], [0, -1, 3], [-2, 0, 1]])[:, :, None, None]
flipped = unknown[::-1, ::-1]
for run in range(5):
    inputs = np.random.default_rng(run).normal(size=(10, 5, 5, 1))
    for kernel in (unknown, flipped):
        learned = learn_kernel(inputs, conv2d(inputs, kernel, 0.0))
        assert abs(learned - kernel).max() < 1e-3
print("used: ", unknown[:, :, 0, 0].tolist())
print("learned from true convolution:", (learned[:, :, 0, 0].round(2) + 0.0).tolist())

# %% [markdown]
# The layer correlates, so it can imitate a true convolution only with a turned kernel, and that is what it learns, from
# each of five sets of images. For learning, then, it does not matter which of the two a library computes. It matters
# when you type in a kernel from a book.

# %% [markdown]
# ### Layers on layers
#
# What does one number of a second layer see of the image? Its gradient tells. Send 1 back from one output through two
# layers of 3×3; all weights are 1:


# %%
def seen_by_one_output(stride):
    """Gradient of one output of a second layer; `stride` is that of the first."""
    images, ones = np.zeros((1, 8, 8, 1)), np.ones((3, 3, 1, 1))
    first = conv2d(images, ones, 0.0, stride)
    upstream = np.zeros_like(conv2d(first, ones, 0.0))
    upstream[0, 0, 0, 0] = 1
    upstream, *_ = conv2d_backward(upstream, first, ones)
    return conv2d_backward(upstream, images, ones, stride)[0][0, :, :, 0]


# %% alt="Two squares of eight by eight numbers. Left, stride 1: five by five of them, at the top left, are not zero, from 1 in the corners to 9 in the middle. Right, stride 2: seven by seven of them are not zero." tags=["plot"]
plotting.images(
    {f"first layer with stride {s}": seen_by_one_output(s) for s in (1, 2)}, values=True
)

# %% [markdown]
# That square is the **receptive field**. One layer of 3×3 sees 3 pixels along a side. A second one adds two steps of
# its window, $3 + 2 = 5$; if the first has stride 2, a step of the second is two pixels in the image,
# $3 + 2\cdot2 = 7$. So small kernels see far when they are stacked; with stride 1, the middle has the most paths to the
# output.
#
# But convolutions that are only stacked can do nothing new. A convolution is linear, and two linear maps in a row are
# one linear map: here, without padding, one convolution with a kernel of 5×5. The **ReLU** between them is what lets a
# second layer do something new ([E05](../ERRATA.md#E05), [E60](../ERRATA.md#E60)).

# %%
for seed in range(5):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, 3, 3))
    images = rng.normal(size=(8, 8))
    wide = correlate(np.pad(first, 2), second[::-1, ::-1])  # 5 x 5
    one_layer = correlate(images, wide)
    linear = correlate(correlate(images, first), second)
    with_relu = correlate(backpropagation.relu(correlate(images, first)), second)
    assert np.allclose(linear, one_layer)
    assert not np.allclose(with_relu, one_layer)
print("two layers, kernel of the one layer that equals them:", wide.shape)

# %% [markdown]
# ### A network that learns
#
# 1797 handwritten digits of 8×8 pixels, with values from 0 to 1: 1000 to train on, 297 for choices (validation), 500 to
# test. The network is one convolution with eight kernels of 3×3, a ReLU, and a dense layer with ten outputs, the
# logits. The first weights are random with a variance of 2 divided by the number of inputs (He et al., 2015).

# %%
digits, labels = datasets.load_digits()
order = np.random.default_rng(0).permutation(len(digits))
train, validation, test = np.split(order, (1000, 1297))


def initial_parameters(seed):
    rng = np.random.default_rng(seed)
    filters = rng.normal(size=(3, 3, 1, 8)) * np.sqrt(2 / 9)
    dense_kernel = rng.normal(size=(288, 10)) * np.sqrt(2 / 288)
    return [filters, np.zeros(8), dense_kernel, np.zeros(10)]


def forward(parameters, images):
    filters, bias, dense_kernel, dense_bias = parameters
    maps = backpropagation.relu(conv2d(images, filters, bias))
    flat = maps.reshape(len(images), -1)  # 6 * 6 * 8 = 288 numbers
    return maps, flat, backpropagation.dense(flat, dense_kernel, dense_bias)


# %% [markdown]
# The backward pass is the forward pass, read from the last line to the first. All but the convolution is from
# [lesson 2](02_backpropagation.ipynb):


# %%
def loss_and_gradients(parameters, images, labels):
    filters, _, dense_kernel, _ = parameters
    maps, flat, logits = forward(parameters, images)
    loss = backpropagation.softmax_cross_entropy(logits, labels)
    upstream = backpropagation.softmax_cross_entropy_backward(logits, labels)
    upstream, *d_dense = backpropagation.dense_backward(upstream, flat, dense_kernel)
    # maps > 0 exactly where the input of the ReLU was.
    upstream = backpropagation.relu_backward(upstream.reshape(maps.shape), maps)
    _, *d_convolution = conv2d_backward(upstream, images, filters)
    return loss, [*d_convolution, *d_dense]


# %% [markdown]
# Gradient descent with momentum, as in lesson 1, on batches of 50, six passes through the training digits:

# %% alt="The loss of the batch over 120 steps on a logarithmic axis. It falls from about 2.5 to mostly below 0.2, jumping up and down from batch to batch." tags=["plot"]
rng, parameters, losses = np.random.default_rng(0), initial_parameters(seed=0), []
velocities = [np.zeros_like(part) for part in parameters]
for _ in range(6):
    for batch in rng.permutation(train).reshape(-1, 50):
        loss, gradients = loss_and_gradients(parameters, digits[batch], labels[batch])
        velocities = [0.9 * v - 0.1 * g for v, g in zip(velocities, gradients)]
        parameters = [part + v for part, v in zip(parameters, velocities)]
        losses.append(loss)
right = forward(parameters, digits[test])[-1].argmax(axis=1) == labels[test]
print(f"first loss {losses[0]:.2f}, right on test digits {right.mean():.2f}")
plotting.lines(np.arange(120), {"": losses}, "step", "loss of the batch", y_scale="log")

# %% [markdown]
# ## Is it right?
#
# Finite differences first, on one layer with everything switched on: stride, dilation, uneven padding, channels. The
# loss is the sum of all outputs, weighted with random numbers; its gradient with respect to the outputs is then those
# weights.

# %%
rng = np.random.default_rng(0)
settings = {"stride": 2, "padding": ((1, 2), (0, 1)), "dilation": 2}
shapes = {"images": (2, 7, 6, 2), "filters": (3, 2, 2, 3), "bias": (3,)}
point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
upstream = rng.normal(size=conv2d(**point, **settings).shape)
gradients = conv2d_backward(upstream, point["images"], point["filters"], **settings)


def relative_error(name, gradient):
    def weighted_sum(value):
        return (upstream * conv2d(**{**point, name: value}, **settings)).sum()

    return gradient_error(weighted_sum, lambda _: gradient, point[name])


for name, gradient in zip(point, gradients):
    close = relative_error(name, gradient) < 1e-6
    print(f"{name}: relative difference to finite differences below 1e-6: {close}")

# %% [markdown]
# Then the loops above, forward and backward, against two others: the helper, which does the same with matrix products,
# and TensorFlow with its tape.


# %%
def by_tape(upstream, images, filters, stride, padding, dilation):
    images, filters = tf.constant(images), tf.constant(filters)
    with tf.GradientTape() as tape:
        tape.watch((images, filters))
        outputs = tf.nn.convolution(
            images, filters, stride, padding, dilations=dilation
        )
    return outputs, *tape.gradient(outputs, (images, filters), upstream)


# %%
largest = 0.0
images, filters = rng.normal(size=(2, 8, 9, 2)), rng.normal(size=(3, 2, 2, 3))
cases = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]  # tf.nn.convolution refuses (2, 2)
for (stride, dilation), padding in product(cases, ("VALID", "SAME")):
    data, settings = (images, filters), (stride, padding, dilation)
    outputs = conv2d(*data, 0.0, *settings)
    upstream = rng.normal(size=outputs.shape)
    ours = outputs, *conv2d_backward(upstream, *data, *settings)[:2]
    helper = convolution.conv2d_backward(upstream, *data, *settings)
    helper = convolution.conv2d(*data, *settings), *helper
    for theirs in (helper, by_tape(upstream, *data, *settings)):
        largest = max(largest, *(np.abs(a - b).max() for a, b in zip(ours, theirs)))
print(f"10 cases, largest difference below 1e-12: {largest < 1e-12}")

# %% [markdown]
# ## In TensorFlow 2
#
# ### The order of the axes
#
# By default, Keras wants images as (N, height, width, channels), **NHWC**; PyTorch wants **NCHW**. The article stores
# its images as (32, 32, 3, 100), with the examples last. A Keras network that knows the shape of its input refuses
# that; a new one, called without labels, sees 32 images with 100 channels. Two repairs give the right shape:

# %%
patches = photo[:192, :288].reshape(6, 32, 9, 32, 3).swapaxes(1, 2)
stored = np.moveaxis(patches.reshape(54, 32, 32, 3), 0, -1)  # as in the article
moved, reshaped = np.moveaxis(stored, -1, 0), stored.reshape(54, 32, 32, 3)
for name, images in (("moveaxis", moved), ("reshape", reshaped)):
    left, right = images[:, :, :-1].ravel(), images[:, :, 1:].ravel()
    r = np.corrcoef(left, right)[0, 1]
    print(f"{name}: {images.shape}, correlation coefficient of neighbours {r:.2f}")

# %% alt="Four patches. The first two, by moveaxis: a corner of the roof before the sky, and its tiles. The last two, by reshape: diagonal stripes of coloured noise in which nothing can be recognised." tags=["plot"]
panels = {f"moveaxis, image {n}": moved[n] for n in (20, 34)}
panels.update({f"reshape, image {n}": reshaped[n] for n in (20, 34)})
plotting.images(panels)

# %% [markdown]
# `reshape` reads the numbers in their old order and cuts them at new places. No exception, the right shape, and every
# picture destroyed ([E52](../ERRATA.md#E52)). Between NCHW and NHWC too, you need `moveaxis`.
#
# ### Logits, not probabilities
#
# Should the last layer compute the softmax, and the loss its logarithm? In `float32` the probability of a class becomes
# 0 when its logit lies too far below the largest: TensorFlow rounds numbers below about $10^{-38}$ to 0, so a gap of 88
# is enough. And $\log 0 = -\infty$. From the logits $z_k$ themselves, the logarithm is
# $z_k - z_{\max} - \log\sum_l e^{z_l-z_{\max}}$: no exponential overflows, and the sum is at least 1.


# %%
def naive_loss(logits, label):
    return -tf.reduce_sum(tf.one_hot(label, 2) * tf.math.log(tf.nn.softmax(logits)))


print("softmax of 0 and 88:", tf.nn.softmax([0.0, 88.0]).numpy())
for label, gap in ((0, 50.0), (0, 110.0), (1, 110.0)):
    logits = tf.constant([0.0, gap])
    stable = tf.nn.sparse_softmax_cross_entropy_with_logits(label, logits)
    print(f"logits 0 and {gap:.0f}, label {label}: ", end="")
    print(f"naive {naive_loss(logits, label):.1f}, from logits {stable:.1f}")

# %% [markdown]
# In the last case the prediction is *right*, with full confidence, and the naive loss is NaN all the same, because
# $0\cdot(-\infty)$ is NaN ([E57](../ERRATA.md#E57)). That is TensorFlow line by line (*eagerly*). Inside a
# `tf.function` it may recognise the pair and replace it by the stable formula. Here it does so without a gradient, but
# not with one:

# %%
logits = tf.constant([0.0, 110.0])


@tf.function
def with_gradient():
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = naive_loss(logits, 0)
    return loss, tape.gradient(loss, logits)


print("tf.function:", tf.function(naive_loss)(logits, 0).numpy())
print("tf.function with a gradient:", *(part.numpy() for part in with_gradient()))
own_loss = tf.keras.losses.SparseCategoricalCrossentropy()
for name, package in (("tf.nn", tf.nn), ("Keras", tf.keras.activations)):
    by_keras = own_loss(tf.constant(0), package.softmax(logits))
    print(f"Keras's loss, softmax of {name}: {by_keras:.1f}")

# %% [markdown]
# So one and the same loss can be finite when you evaluate, and infinite with gradients of NaN when you train. Keras's
# own loss finds the logits behind a softmax of Keras, and clips other probabilities. Write the last layer without
# activation, and `from_logits=True` in the loss.
#
# ### Compile, fit, evaluate, predict
#
# A network as you would write it: two convolutions, each with ReLU, and logits at the end. Their parameters, by the
# formula from above: $8\,(9\cdot1+1) = 80$ and $16\,(9\cdot8+1) = 1168$.


# %%
def digit_network():
    return tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            tf.keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            tf.keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10),
        ]
    )


print("parameters:", [layer.count_params() for layer in digit_network().layers])

# %%
tf.keras.utils.set_random_seed(0)
network = digit_network()
network.compile(
    optimizer=tf.keras.optimizers.SGD(0.1, momentum=0.9),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = network.fit(
    digits[train], labels[train], batch_size=50, epochs=5, verbose=0,
    validation_data=(digits[validation], labels[validation]),
)  # fmt: skip
_, accuracy = network.evaluate(digits[test], labels[test], verbose=0)
predicted = network.predict(digits[test], verbose=0).argmax(axis=1)
assert np.isclose(accuracy, (predicted == labels[test]).mean())
print("validation loss:", np.round(history.history["val_loss"], 2))
print(f"right on test digits: {accuracy:.2f}")

# %% [markdown]
# `fit` shuffles, makes batches and keeps the validation loss; `evaluate` returns the loss and the metrics, `predict`
# the logits. One step of `fit` by hand is what you know: a tape, the gradients, an update.

# %%
by_hand, optimizer = digit_network(), tf.keras.optimizers.SGD(0.1)
from_logits = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
batch, batch_labels = tf.constant(digits[train]), labels[train]
with tf.GradientTape() as tape:
    loss = from_logits(batch_labels, by_hand(batch))
gradients = tape.gradient(loss, by_hand.trainable_weights)
optimizer.apply_gradients(zip(gradients, by_hand.trainable_weights))
print("the loss falls:", bool(from_logits(batch_labels, by_hand(batch)) < loss))

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What the article's program does (optional)
#
# The article's classifier has one convolution with one filter, one dense layer, and random images with random labels.
# It has many mistakes, and each repair only uncovers the next one ([E31](../ERRATA.md#E31)). Some of them raise an
# exception. The others are the dangerous ones. Here is the network, its data, and its loss:


# %%
def printed_network(last_activation="softmax"):
    return tf.keras.Sequential(
        [
            tf.keras.Input((32, 32, 3)),
            tf.keras.layers.Conv2D(1, 3, padding="same", name="only"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, activation=last_activation),
        ]
    )


def noise(seed, count=100):
    """Random images, and labels that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    images = rng.random((count, 32, 32, 3), dtype=np.float32)
    return tf.constant(images), tf.constant(rng.integers(10, size=count))


def printed_loss(labels, probabilities):
    return tf.reduce_mean(tf.one_hot(labels, depth=10) * tf.math.log(probabilities))


# %% [markdown]
# **What stops it.** `tf.log` is gone ([E54](../ERRATA.md#E54)), what the old optimiser returns cannot be unpacked
# ([E37](../ERRATA.md#E37)), a loss from before the tape has no gradient to apply ([E36](../ERRATA.md#E36)), and the
# array `kernel` would not fit the layer, if any line used it ([E40](../ERRATA.md#E40), [E59](../ERRATA.md#E59)).
# `input_shape` only warns ([E62](../ERRATA.md#E62)). [Lesson 1](01_gradient_descent.ipynb) has a table of what to write
# in place of the old calls.


# %%
def unpack_the_step():
    number = tf.Variable(2.0)
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(0.01)
    _, _new_number = optimizer.minimize(lambda: number**2, var_list=[number])


stops, (noisy, noisy_labels) = printed_network(), noise(seed=0)
unused = [np.zeros((3, 3, 1, 1)), np.zeros(1)]
for action in (
    lambda: tf.log(1.0),
    unpack_the_step,
    lambda: stops.layers[0].set_weights(unused),
):
    try:
        action()
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")

# %%
early = printed_loss(noisy_labels, stops(noisy))
with tf.GradientTape() as tape:
    tape.watch(early)
print("gradient of an early loss:", tape.gradient(early, stops.weights)[0])

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    tf.keras.layers.Conv2D(1, 3, input_shape=(32, 32, 3))
print(str(caught[0].message).split(". ")[0])

# %% [markdown]
# **What passes in silence: labels.** They are drawn with the shape of the images, one for each colour of each pixel,
# and they broadcast against the probabilities ([E53](../ERRATA.md#E53)). The loss is the same as if each image were
# asked to be all ten classes at once, in nearly equal parts. Here with the first ten images. And with one label for
# each image, the mean is still one over the ten classes too ([E56](../ERRATA.md#E56)):

# %%
probabilities = printed_network()(noisy[:10])
rng = np.random.default_rng(0)
for_each_value = tf.one_hot(rng.integers(10, size=(32, 32, 3, 10)), depth=10)
print("product:", (for_each_value * tf.math.log(probabilities)).shape)
shares = tf.reduce_mean(for_each_value, axis=(0, 1, 2))  # one row for each image
print(
    f"shares of the classes: {tf.reduce_min(shares):.2f} to {tf.reduce_max(shares):.2f}"
)
printed, by_shares = (
    tf.reduce_mean(part * tf.math.log(probabilities))
    for part in (for_each_value, shares)
)
print("same loss as with the shares:", bool(abs(printed - by_shares) < 1e-6))

keras_loss = tf.keras.losses.SparseCategoricalCrossentropy()(
    noisy_labels[:10], probabilities
)
printed = printed_loss(noisy_labels[:10], probabilities)
print(f"Keras's loss / minus the printed: {-keras_loss / printed:.3f}")

# %% [markdown]
# **A loss that falls too far.** The loss has no minus sign ([E55](../ERRATA.md#E55)). A cross-entropy cannot be
# negative; this one falls and falls, which looks like success. In the end, the network gives *one* class to all images,
# right for the few, if any, that have it, and drives the probabilities of all other classes towards 0. Once one of them
# is 0, the loss is $-\infty$ or, where its one-hot entry is 0 too, $0\cdot(-\infty)$: NaN. After that step every weight
# is NaN. The original would go on for 1000 steps and then print its 10 278 weights ([E63](../ERRATA.md#E63)), all NaN,
# without a curve or an accuracy on new images ([E39](../ERRATA.md#E39)). Here with ten images:


# %%
falling = printed_network()


@tf.function
def falling_step(images, labels):
    with tf.GradientTape() as tape:
        probabilities = falling(images)
        loss = printed_loss(labels, probabilities)
    for weight, gradient in zip(falling.weights, tape.gradient(loss, falling.weights)):
        weight.assign_sub(0.01 * gradient)
    return loss, tf.argmax(probabilities, axis=1)


def fall(seed):
    """Train until the loss is not finite; return the losses and the classes before that."""
    tf.keras.utils.set_random_seed(seed)
    falling.set_weights(printed_network().get_weights())
    data, steps = noise(seed, count=10), []
    while not steps or np.isfinite(steps[-1][0]):
        steps.append([part.numpy() for part in falling_step(*data)])
    return [float(loss) for loss, _ in steps], steps[-2][1]


# %%
for seed in range(5):
    losses, classes = fall(seed)
    assert losses[-2] < -5
    assert len(np.unique(classes)) == 1
    assert all(np.isnan(weights).all() for weights in falling.get_weights())
print(f"five seeds, the last: {losses[0]:.1f} ... {losses[-2]:.1f}, then {losses[-1]}")
print(f"classes given before: {np.unique(classes).size}")
print(f"weights, all NaN: {falling.count_params()}")

# %% [markdown]
# **One matrix.** Between the convolution and the dense layer there is no activation function, so that the whole network
# is one matrix: lesson 2's network without a hidden layer, in disguise ([E60](../ERRATA.md#E60)). The gradients of the
# ten logits are its columns, whatever the image. So take ten blank images, and from image number $k$ only logit number
# $k$:

# %%
linear, blank = printed_network(last_activation=None), tf.zeros((10, 32, 32, 3))
with tf.GradientTape() as tape:
    tape.watch(blank)
    each_logit_once = tf.linalg.trace(linear(blank))
matrix = tf.transpose(tf.reshape(tape.gradient(each_logit_once, blank), (10, 3072)))
by_matrix = tf.reshape(noisy, (100, 3072)) @ matrix + linear(blank)[:1]
difference = tf.reduce_max(abs(linear(noisy) - by_matrix))
print(
    f"matrix {matrix.shape}, difference to the network below 1e-4: {difference < 1e-4}"
)

# %% [markdown]
# **Noise, memorised.** The labels are drawn independently of the images, and there is nothing to learn
# ([E58](../ERRATA.md#E58)). A linear model fits them all the same: it has more weights than there are images. (So
# can the network: its convolution picks one colour, and the dense layer behind it is any matrix.) Of all matrices that
# fit, here is the smallest:

# %%
for seed in range(5):
    (known, targets), (new, new_targets) = noise(seed), noise(seed + 100, count=200)
    red, new_red = (part[..., 0].numpy().reshape(-1, 1024) for part in (known, new))
    matrix = red.T @ np.linalg.solve(red @ red.T, np.eye(10)[targets])
    remembered = ((red @ matrix).argmax(axis=1) == targets.numpy()).mean()
    guessed = ((new_red @ matrix).argmax(axis=1) == new_targets.numpy()).mean()
    assert remembered == 1
    assert 0.03 < guessed < 0.17
print("five seeds: all training labels right, new images between 0.03 and 0.17")

# %% [markdown]
# All labels learned by heart, and on new images about as many right as with a die with ten faces.

# %% [markdown]
# ## On real data
#
# ### What does convolution gain?
#
# Nearly all test digits right: is that thanks to convolution? A fair question needs rivals. The first is the baseline,
# *softmax regression*: lesson 2's network without a hidden layer, what one matrix can do. The second is a **dense
# network of the same size**: one hidden layer with ReLU too, and about as many parameters.
#
# The third: the same convolution on **shuffled pixels**. One shuffling for all images loses no information, and to a
# dense layer it makes no difference which pixel has which number. But neighbours are no longer neighbours, and a digit
# that has moved is no longer the same pattern at another place.
#
# The digits are centred. To make it harder, place each at random on a field of 10×10 pixels:


# %%
def placed_at_random(images):
    rng = np.random.default_rng(0)
    fields = np.zeros((len(images), 10, 10), np.float32)
    for field, image in zip(fields, images):
        top, left = rng.integers(3, size=2)
        field[top : top + 8, left : left + 8] = image
    return fields


def shuffled(images, seed):
    order = np.random.default_rng(seed).permutation(images[0].size)
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)


centred = digits[:, :, :, 0]
placed = placed_at_random(centred)

# %% alt="Six panels of 10 by 10 pixels. The first three: handwritten digits at different places of the field. The last three: the same with their pixels shuffled, in which no digit can be seen." tags=["plot"]
panels = {f"{labels[n]}": placed[n] for n in range(3)}
panels.update({f"{labels[n]}, shuffled": shuffled(placed, 0)[n] for n in range(3)})
plotting.images(panels, columns=6)

# %% [markdown]
# Repeat everything for ten splits into 1000, 297 and 500 digits, each with its own initial weights and, where pixels
# are shuffled, its own shuffling. The helper `window_networks` trains ten networks at once, for ten passes (softmax
# regression for forty). They have one hidden layer of `units` kernels of `size`×`size` pixels; if `size` is that of the
# image, it is a dense layer. The networks learn with momentum and one rate, which falls to 0: on the validation parts,
# neither half nor twice that rate is clearly better for any but the one with 288 units, which comes last (see
# `tests/helpers/test_window_networks.py`). Softmax regression has a rate of its own.

# %%
learn, _, held_out = window_networks.split(len(digits), (1000, 297, 500), splits=10)


def test_accuracy(images, size, units):
    networks = window_networks.train(images, labels, learn, size, units, 0.1)
    return window_networks.accuracy(networks, images, labels, held_out)


def regression(images):
    return window_networks.softmax_regression_accuracy(images, labels, learn, held_out)


# %%
each_shuffled = np.stack([shuffled(placed, seed) for seed in range(10)])
results = {
    "softmax regression": regression(placed),
    "dense": test_accuracy(placed, size=10, units=28),
    "dense, shuffled": test_accuracy(each_shuffled, size=10, units=28),
    "convolution": test_accuracy(placed, size=5, units=8),
    "convolution, shuffled": test_accuracy(each_shuffled, size=5, units=8),
}
means = {name: accuracies.mean() for name, accuracies in results.items()}
print({name: float(mean.round(2)) for name, mean in means.items()})
print("parameters:", 28 * (100 + 1) + 10 * (28 + 1), 8 * (25 + 1) + 10 * (36 * 8 + 1))

# %% alt="Accuracy on held-out digits at random places, ten rings for each model. Softmax regression lies lowest, around 0.62. Dense, dense on shuffled pixels and the convolution on shuffled pixels lie between 0.74 and 0.86, and the convolution highest, between 0.80 and 0.90." tags=["plot"]
plotting.repeats({name: {"": values} for name, values in results.items()}, "accuracy")

# %%
assert test_accuracy(placed, size=10, units=288).mean() > means["convolution"]
assert sum(results["convolution"] > results["dense"]) >= 9
assert sum(results["convolution"] > results["convolution, shuffled"]) >= 9
assert means["convolution"] - means["convolution, shuffled"] > 0.03
assert abs(means["dense"] - means["dense, shuffled"]) < 0.02
assert abs(means["convolution, shuffled"] - means["dense"]) < 0.03
# Shuffled before they are placed, digits still move, and have no neighbourhood.
shuffled_first = [placed_at_random(shuffled(centred, seed)) for seed in range(10)]
again = np.stack([shuffled(fields, seed) for seed, fields in enumerate(shuffled_first)])
moving = test_accuracy(shuffled_first, size=5, units=8).mean()
dense_moving = test_accuracy(shuffled_first, size=10, units=28).mean()
assert means["convolution"] - moving > means["dense"] - dense_moving + 0.02
assert moving - test_accuracy(again, size=5, units=8).mean() > 0.01

# %% [markdown]
# With about 3100 parameters each, this convolution beats this dense network in at least 9 of 10 splits. Shuffle the
# pixels, and its mean falls by more than 0.03, to within 0.03 of the dense network, whose own mean stays within 0.02.
# Only the places of pixels have changed: the convolution depends on neighbours, and on patterns that stay the same when
# they move. Each counts: shuffle the pixels of the digits *before* they are placed, and the convolution's accuracy
# falls by more than the dense network's; shuffle again, and it falls further. Against a dense network of 288 units,
# with ten times the parameters, no lead is left.
#
# ### Where it gains little
#
# Now the digits as the data set has them, centred, and again two networks of the same size, and the baseline:

# %%
centred_results = {
    "softmax regression": regression(centred),
    "dense": test_accuracy(centred, size=8, units=20),
    "convolution": test_accuracy(centred, size=5, units=8),
}
centred_means = {name: values.mean() for name, values in centred_results.items()}
print({name: float(mean.round(2)) for name, mean in centred_means.items()})
assert max(centred_means.values()) - min(centred_means.values()) < 0.01

# %% [markdown]
# The three means are less than 0.01 apart: an accuracy of 0.96 on these digits says nothing in favour of a network.
# Here 20 hidden units or 8 kernels, in ten passes, add nothing to one matrix (64 hidden nodes did, in lesson 2). So a
# convolution alone promises nothing about accuracy ([E06](../ERRATA.md#E06)): compare with a baseline, and with a rival
# of the same size. The digits of the same 13 people (Alpaydin & Kaynak, 1998) are in all parts.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What it has learned (optional)
#
# It is tempting to draw the kernels of a network and to say what each has learned to look for. Draw also what they were
# before. Here are those of the first of ten networks, for the digits at random places, each without its mean, on a
# scale of its own:

# %% alt="Two rows of eight kernels of five by five numbers in colours centred on zero. Upper row, before training; lower row, after it. Most of the lower ones show the pattern above them again." tags=["plot"]
data = placed, labels, learn
start = window_networks.initial_parameters((10, 10), size=5, units=8, splits=10)
trained = window_networks.train(*data, size=5, units=8, learning_rate=0.1)
panels = {}
for name, filters in (("start", start[0][0]), ("trained", trained[0][0])):
    scaled = filters - filters.mean(axis=(0, 1))
    scaled = scaled / abs(scaled).max(axis=(0, 1))  # each by its largest number
    panels.update({f"{name} {f}": scaled[:, :, f] for f in range(8)})
plotting.images(panels, columns=8)

# %%
pairs = [(a.ravel(), b.ravel()) for a, b in zip(start[0], trained[0])]
similar = [np.corrcoef(*pair)[0, 1] for pair in pairs]
assert min(similar) > 0.5
assert all(np.linalg.norm(b - a) > np.linalg.norm(a) for a, b in pairs)
print(
    f"correlation coefficient, ten networks: {min(similar):.1f} to {max(similar):.1f}"
)

# %% [markdown]
# After training with this rate, the *patterns* still resemble their random start, in all ten networks, though the eight
# together have changed by more than their first length: neither picture nor coefficient shows size. So a good part of
# the story that one could tell about each of them would be about a random number generator. Does their training matter
# at all? Keep them, and their biases of 0, as they were drawn, and train the output layer only, with a larger rate:

# %%
frozen = window_networks.train(*data, 5, 8, learning_rate=0.4, filters_learn=False)
frozen = window_networks.accuracy(frozen, placed, labels, held_out)
print(f"kernels never trained: mean {frozen.mean():.2f}, {frozen.min():.2f} or more")
gain = results["convolution"] - frozen
assert (gain > 0.01).all()
assert frozen.mean() < results["dense"].mean()
print(f"gain of training: {gain.min():.2f} to {gain.max():.2f}, mean {gain.mean():.2f}")

# %% [markdown]
# It does, in every split, though you would not think so from the picture. With kernels at random, the network still
# knows most of the digits (Jarrett et al., 2009), but its mean is below that of the dense network: the lead is gone. Be
# careful with stories about learned kernels. The honest ones come with a comparison.

# %% [markdown]
# ## Try it
#
# One kernel on the photograph. Run the cell below the figure and choose: yours appears under the controls.
#
# - `kernel` "below - above": which edges of the roof appear, and which vanish?
# - `dilation` 4, then 1 again and `stride` 4: what happens to fine detail, and to the size?
# - Move `add_to_centre` up to 1. What do you see now, and why?
# - `padding` "SAME", with all else as at the start: where do the red line on the left and the blue one on the right
#   come from?

# %% alt="Response of a temple roof to a kernel that compares right with left, in colours centred on zero: vertical edges of columns and windows stand out, and even areas are white." tags=["plot"]
questions = {
    "right - left": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4,
    "below - above": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 4,
    "centre - neighbours": np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
}


def try_it(
    kernel="right - left", add_to_centre=0.0, stride=1, dilation=1, padding="VALID"
):
    kernel = questions[kernel] + add_to_centre * identity
    response = answer(grey, kernel, strides=stride, dilations=dilation, padding=padding)
    rows, columns = response.shape
    largest = 0.5 + add_to_centre / 2  # the end of the scale of colours
    title = f"response, {rows} x {columns}"
    plotting.images({title: response}, limits=(-largest, largest))


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, kernel=list(questions), add_to_centre=(0, 1, 0.1), stride=(1, 8),
    dilation=(1, 8), padding=["VALID", "SAME"],
)  # fmt: skip

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, do not modify what
# is passed in, run that cell, then run the check below it. The check answers "not attempted yet", "correct", or "wrong"
# with the smallest input on which yours fails. If you are stuck, open the hint.

# %% [markdown]
# A solution is folded away below each hint.

# %% [markdown]
# ### Exercise 1: Move an image
#
# Return the 3×3 kernel with which a correlation (SAME, stride 1) moves an image by `down` rows and `right` columns,
# each -1, 0 or 1.


# %%
def shift_kernel(down, right):
    raise NotImplementedError


# %%
check.shift_kernel(shift_kernel)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Think of one output: $(i, j)$ must be the pixel $(i - \text{down},\, j - \text{right})$ of the image. In a correlation
# with a 3×3 kernel, the entry $(u, v)$ of the kernel meets the pixel $(i + u - 1,\, j + v - 1)$. Which entry must be 1?
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 1


# %%
def shift_kernel(down, right):
    ### BEGIN SOLUTION
    kernel = np.zeros((3, 3))
    kernel[1 - down, 1 - right] = 1
    return kernel
    ### END SOLUTION


check.shift_kernel(shift_kernel)

# %% [markdown]
# ### Exercise 2: How far can it see?
#
# One output of the last of several convolution layers depends on a square of pixels in the image, its *receptive
# field*. Return the side of that square, for the lists `kernel_sizes` and `strides` of the layers, first layer first,
# without dilation.


# %%
def receptive_field(kernel_sizes, strides):
    raise NotImplementedError


# %%
check.receptive_field(receptive_field)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Go through the layers, first layer first, with two numbers: the side of the square so far, and how far apart in the
# image two neighbours in the output of the layers so far are. Both begin at 1. A kernel of size $k$ reaches over
# $k - 1$ gaps between neighbours.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def receptive_field(kernel_sizes, strides):
    ### BEGIN SOLUTION
    side, step = 1, 1
    for size, stride in zip(kernel_sizes, strides):
        side += (size - 1) * step
        step *= stride
    return side
    ### END SOLUTION


check.receptive_field(receptive_field)

# %% [markdown]
# ### Exercise 3: True convolution
#
# Return the full true convolution of a 2-D `image` and a 2-D `kernel`: every place where the two overlap at all, of the
# size $H + K_h - 1$ by $W + K_w - 1$. You may use `correlate` from above.


# %%
def true_convolution(image, kernel):
    raise NotImplementedError


# %%
check.true_convolution(true_convolution)

# %% [markdown]
# <details><summary>Hint</summary>
#
# A true convolution is a correlation with the kernel turned upside down and left to right. The full one begins where
# only a corner of the kernel overlaps the image. How many zeros on each side let `correlate`, which takes only whole
# overlaps, begin there? `np.pad` adds them.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def true_convolution(image, kernel):
    ### BEGIN SOLUTION
    rows, columns = np.subtract(kernel.shape, 1)
    return correlate(
        np.pad(image, ((rows, rows), (columns, columns))), kernel[::-1, ::-1]
    )
    ### END SOLUTION


check.true_convolution(true_convolution)

# %% [markdown]
# ### Exercise 4: One kernel for each channel
#
# A *depthwise* convolution does not sum over the channels: each channel $c$ of `images`, shape $(N, H, W, C)$, has its
# own kernel, `kernels[:, :, c]`. Return the outputs, with stride 1 and VALID, of the shape $(N, H', W', C)$. It is half
# of what makes networks for mobile phones small (Howard et al., 2017).


# %%
def depthwise(images, kernels):
    raise NotImplementedError


# %%
check.depthwise(depthwise)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Do it first for one channel: a correlation of `images[..., c]` with `kernels[:, :, c]`. Then let broadcasting do all
# channels at once: a shifted part of `images`, of shape $(N, H', W', C)$, times `kernels[u, v]`, of shape $(C,)$, added
# up over all $u$ and $v$.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 4


# %%
def depthwise(images, kernels):
    ### BEGIN SOLUTION
    height, width, _ = kernels.shape
    rows, columns = images.shape[1] - height + 1, images.shape[2] - width + 1
    outputs = np.zeros((len(images), rows, columns, images.shape[3]))
    for u in range(height):
        for v in range(width):
            outputs += images[:, u : u + rows, v : v + columns] * kernels[u, v]
    return outputs
    ### END SOLUTION


check.depthwise(depthwise)

# %% [markdown]
# ### Exercise 5: Backwards as a layer
#
# A *transposed* convolution makes an image larger: each of its pixels, times the kernel, is added to the output,
# `stride` further than the one before. It is what the backward pass of a convolution with that stride (no padding, no
# rows left over) does to the upstream gradient to get that of the image. Return it for a 2-D `image` and a 2-D
# `kernel`: the output has $s\,(H-1) + K_h$ rows, columns likewise.


# %%
def transposed_convolution(image, kernel, stride):
    raise NotImplementedError


# %%
check.transposed_convolution(transposed_convolution)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Begin with zeros of the size that the text gives. The pixel $(i, j)$ adds `image[i, j] * kernel` to the part of the
# output whose first row is `stride * i` and whose first column is `stride * j`. Parts that overlap add up.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 5


# %%
def transposed_convolution(image, kernel, stride):
    ### BEGIN SOLUTION
    output = np.zeros(stride * (np.array(image.shape) - 1) + kernel.shape)
    for i, j in np.ndindex(image.shape):
        top, left = stride * i, stride * j
        output[top : top + kernel.shape[0], left : left + kernel.shape[1]] += (
            image[i, j] * kernel
        )
    return output
    ### END SOLUTION


check.transposed_convolution(transposed_convolution)

# %% [markdown]
# ## What we have seen
#
# - A convolution layer lays a kernel on every place of the image, multiplies and adds. It is a dense layer whose
#   weights are local and shared; what is learned are the kernels.
# - Deep-learning libraries compute the correlation. True convolution turns the kernel by half a turn; a kernel that is
#   the same after it hides the difference.
# - The output has $\lfloor (H + p - R)/s\rfloor + 1$ rows. SAME pads just enough, and the odd zero goes to the end.
# - Channels are summed; a kernel of 1×1 is a dense layer for each pixel. $F(K_hK_wC+1)$ parameters, whatever the image.
# - Backwards, each output hands its share to the window and to the kernel. For stride and dilation 1, without padding,
#   the gradient of the image is a full convolution, that of the kernel a correlation.
# - Stacked layers see more, and need a ReLU between them, or they collapse into one.
# - Convolution counts on neighbours and on patterns that move: shuffle the pixels, and most of its lead is gone. Where
#   a linear model already gets nearly everything right, small networks may add nothing. Without a baseline, no accuracy
#   means anything.
# - Mistakes with axes may raise no exception: look at the data. Compute cross-entropies from logits.
#
# ## Where it stands today
#
# Residual networks of 3×3 convolutions (He et al., 2016) are still a workhorse for images, and depthwise convolutions
# (exercise 4) make networks small enough for a phone. Vision transformers (Dosovitskiy et al., 2021) look at
# neighbourhoods only in their first layer, which cuts the image into patches: a convolution whose stride is as large as
# its kernel. With much data they do as well or better; convolutional networks that are designed and trained with the
# same care keep up (Liu et al., 2022).
#
# ## References
#
# - Alpaydin, E., & Kaynak, C. (1998). Optical recognition of handwritten digits. *UCI Machine Learning Repository*.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
# - Chellapilla, K., Puri, S., & Simard, P. (2006). High performance convolutional neural networks for document
#   processing. *Tenth International Workshop on Frontiers in Handwriting Recognition*.
#   [inria-00112631](https://inria.hal.science/inria-00112631)
# - Dosovitskiy, A., et al. (2021). An image is worth 16x16 words: Transformers for image recognition at scale. *ICLR*.
#   [arXiv:2010.11929](https://arxiv.org/abs/2010.11929)
# - Dumoulin, V., & Visin, F. (2016). A guide to convolution arithmetic for deep learning.
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285)
# - He, K., Zhang, X., Ren, S., & Sun, J. (2015). Delving deep into rectifiers: Surpassing human-level performance on
#   ImageNet classification. *ICCV*, 1026–1034. [arXiv:1502.01852](https://arxiv.org/abs/1502.01852)
# - He, K., Zhang, X., Ren, S., & Sun, J. (2016). Deep residual learning for image recognition. *CVPR*, 770–778.
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385)
# - Howard, A. G., et al. (2017). MobileNets: Efficient convolutional neural networks for mobile vision applications.
#   [arXiv:1704.04861](https://arxiv.org/abs/1704.04861)
# - Jarrett, K., Kavukcuoglu, K., Ranzato, M., & LeCun, Y. (2009). What is the best multi-stage architecture for object
#   recognition? *ICCV*, 2146–2153. [doi:10.1109/ICCV.2009.5459469](https://doi.org/10.1109/ICCV.2009.5459469)
# - LeCun, Y., Boser, B., Denker, J. S., Henderson, D., Howard, R. E., Hubbard, W., & Jackel, L. D. (1989).
#   Backpropagation applied to handwritten zip code recognition. *Neural Computation* 1(4), 541–551.
#   [doi:10.1162/neco.1989.1.4.541](https://doi.org/10.1162/neco.1989.1.4.541)
# - Liu, Z., Mao, H., Wu, C.-Y., Feichtenhofer, C., Darrell, T., & Xie, S. (2022). A ConvNet for the 2020s. *CVPR*,
#   11976–11986. [arXiv:2201.03545](https://arxiv.org/abs/2201.03545)
