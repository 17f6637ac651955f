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
# A convolution asks one small question at every place of an image: is there an edge here, a corner, a stroke? A
# convolutional network learns the questions. In this lesson you compute convolutions with a pencil, then in a few
# lines, down to the last padded pixel, and then let a network find its own questions on handwritten digits.
#
# **What you'll do**
#
# - find out why a formula in print sees nine pixels of an image, and why a classifier in print ends in NaN;
# - derive what a convolution layer computes, how large its output is, and its backward pass;
# - write both passes in a few lines, and prove them equal to TensorFlow's;
# - repair the classifier, one mistake at a time, and train a network on digits with your own backward pass.
#
# **What you'll learn**
#
# - the difference between convolution and correlation, and when it shows;
# - what padding, stride, dilation, channels and bias do;
# - which mistakes with shapes, signs and logarithms raise no exception, and how to notice them.
#
# **What you'll need**
#
# - [Lesson 1](01_gradient_descent.ipynb) on gradient descent, and the chain rule from
#   [lesson 2](02_backpropagation.ipynb);
# - about 90 minutes, and an hour more for the exercises.
#
# A published introduction to this subject makes the mistakes that this lesson takes apart. Marks such as E22 are their
# numbers in [ERRATA.md](../ERRATA.md), where every one of them is on record.

# %%
import time
import warnings
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.linear_model import LogisticRegression

from helpers import backpropagation as layers
from helpers import controls, convolution, datasets, plotting, startup
from helpers.checks import convolution as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## What goes wrong
#
# ### Nine pixels of a whole image
#
# The article gives one formula for convolution:
#
# $$y(x,y) = \sum_{x'=0}^{x_w-1}\sum_{y'=0}^{y_w-1} x(x',y')\,k(x-x',y-y') .$$
#
# Here $x$ is the image, and also the place in it; $y$ is the output, and also a place; $x_w$ and $y_w$ are the width
# and the height of the kernel $k$, not of $x$ and $y$. In this lesson many lines fail on purpose. A small function
# prints what Python says to them, up to the first ", but":


# %%
def complain(action):
    try:
        action()
    except Exception as error:
        message = str(error).splitlines()[0].split(", but ")[0]
        print(f"{type(error).__name__}: {message}")


# %% [markdown]
# Type the formula as it stands, for an image of 8×8 pixels and a kernel of 3×3. There are 8 + 3 - 1 = 10 places along
# each side where the kernel touches the image. Python protests against the names (E23):


# %%
def as_typed(x, y, k):
    for x in range(10):
        for y in range(10):
            y[x, y] = sum(x[a, b] * k[x - a, y - b] for a in range(3) for b in range(3))


digit = datasets.load_digits()[0][0, :, :, 0]  # 8 x 8 grey values
blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
complain(lambda: as_typed(digit, np.zeros((10, 10)), blur))

# %% [markdown]
# Give every thing its own name: $i, j$ for a place in the output, $m, n$ for a place in the image. Now the kernel is
# asked for entries that it does not have (E25). For $i - m = 3$ there is an exception. For $i - m = -1$ there is none:
# Python counts from the end, and you get a wrong number in silence.

# %%
complain(lambda: blur[3 - 0, 0])
print(f"k[0 - 1, 0 - 1] gives {blur[0 - 1, 0 - 1]}, and should count as 0")


# %% [markdown]
# From now on, entries that the kernel does not have count as 0:


# %%
def printed_formula(image, kernel, limits):
    output = np.zeros(np.add(image.shape, kernel.shape) - 1)
    for i, j in np.ndindex(output.shape):
        for m, n in np.ndindex(limits):
            if 0 <= i - m < kernel.shape[0] and 0 <= j - n < kernel.shape[1]:
                output[i, j] += image[m, n] * kernel[i - m, j - n]
    return output


# %% [markdown]
# One question is left: how far do the sums run? In print, to the size of the *kernel*, although $m, n$ are places in
# the *image*. Switch on one pixel at a time, and note whether the output notices.

# %%
used = np.zeros((8, 8))
for pixel in np.ndindex(8, 8):
    single = np.zeros((8, 8))
    single[pixel] = 1
    used[pixel] = np.any(printed_formula(single, blur, limits=blur.shape))
print(f"pixels of the image that count: {used.sum():.0f} of {used.size}")

# %% alt="Four panels. A handwritten zero; a mask that is white in the three by three fields of its upper left corner only; the output of the printed formula, black except for a small grey blob at the top; the output with the right limits, a blurred zero." tags=["plot"]
plotting.images(
    {
        "image": digit,
        "pixels that count": used,
        "limits as printed": printed_formula(digit, blur, limits=blur.shape),
        "limits of the image": printed_formula(digit, blur, limits=digit.shape),
    }
)

# %% [markdown]
# With a kernel of 3×3, nine pixels in the corner are all that the printed formula ever looks at (E22), in an image of
# any size. With the sums running over the whole image, the same code blurs the whole digit.
#
# ### A loss that falls for ever
#
# The article's classifier has one convolution with one filter, one dense layer, and no minus sign in its loss. Here it
# is, changed so far that it runs, and with one label for each image instead of one for each colour of each pixel (E53,
# below). The images and the labels are random, as in the original. Three runs:


# %%
def printed_network(activation=None, last_activation="softmax"):
    return tf.keras.Sequential(
        [
            tf.keras.Input((32, 32, 3)),
            tf.keras.layers.Conv2D(1, 3, padding="same", activation=activation),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, activation=last_activation),
        ]
    )


def noise(seed, count=100):
    """Random images and labels that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    images, labels = rng.random((count, 32, 32, 3)), rng.integers(10, size=count)
    return tf.constant(images, tf.float32), tf.constant(labels)


# %%
def training_step(network, loss_function, learning_rate):
    """A compiled step of gradient descent, which returns the loss before it."""

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = loss_function(labels, network(images))
        gradients = tape.gradient(loss, network.trainable_weights)
        for weight, gradient in zip(network.trainable_weights, gradients):
            weight.assign_sub(learning_rate * gradient)
        return loss

    return step


# %%
def restart(network, seed):
    """Draw first weights as Keras does: the kernels are random, the biases 0."""
    draw = tf.keras.initializers.GlorotUniform(tf.keras.random.SeedGenerator(seed))
    for weight in network.weights:
        is_kernel = len(weight.shape) > 1
        weight.assign(draw(weight.shape) if is_kernel else tf.zeros(weight.shape))


# %%
def printed_loss(labels, probabilities):
    return tf.reduce_mean(tf.one_hot(labels, depth=10) * tf.math.log(probabilities))


network, falling = printed_network(), {}
step = training_step(network, printed_loss, learning_rate=0.01)
for seed in range(3):
    restart(network, seed)
    images, labels = noise(seed)
    losses = [float(step(images, labels))]
    while np.isfinite(losses[-1]) and len(losses) < 1000:
        losses.append(float(step(images, labels)))
    falling[str(seed)] = [loss for loss in losses if loss > -4]  # NaN is not
    lost = all(np.isnan(weights).all() for weights in network.get_weights())
    print(f"seed {seed}: {losses[0]:.3f} ... {losses[-1]}, all weights NaN: {lost}")

# %% alt="The loss of three runs with different seeds, over at most 32 steps. Each starts near minus 0.3 and falls ever faster to minus 4, where the drawing ends." tags=["plot"]
plotting.lines(np.arange(1000), falling, "step", "loss of seeds 0 to 2, down to -4")

# %% [markdown]
# A falling loss looks like success. But a cross-entropy is minus the logarithm of a probability and cannot be negative.
# Without the sign, training drives the probability of every *right* class to 0. Once the probability of any class is 0
# in `float32`, its logarithm is $-\infty$. For an image of that class the product is $1\cdot(-\infty) = -\infty$; where
# the label has a 0 for it, $0\cdot(-\infty)$ is NaN, and so are the gradient and, after this step, every weight (E55).
# The original would go on for 1000 steps and then print its 10 278 weights (E63): all NaN, without a loss or an
# accuracy beside them that would show it (E39).

# %% [markdown]
# ## The idea
#
# Lay a small window of numbers, the **kernel**, on a corner of the image. Multiply what lies on top of each other, add
# it all up, write down the sum. Move the window by one pixel and repeat. The sum is large where bright pixels lie under
# the large numbers of the kernel, and dark ones under the negative: a kernel is a question, and the output a map of the
# answers.
#
# Here are three questions to a photograph:

# %%
photo = datasets.load_photo()[
    60:260, 30:330
]  # a part of it: 200 x 300 pixels, red, green, blue
grey = photo.mean(axis=2)
identity = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
kernels = {
    "blur": np.ones((9, 9)) / 81,
    "sharpen": identity + np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
    "sobel": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 4,
}


# %% [markdown]
# The helper `conv2d`, which you are about to write yourself, slides the window. It takes many images with many
# channels, and many filters.


# %%
def batch_of_one(image):
    return image[np.newaxis, :, :, np.newaxis]


def single_filter(kernel):
    return kernel[:, :, np.newaxis, np.newaxis]


def answer(image, kernel, **options):
    """Slide one kernel over one grey image."""
    outputs = convolution.conv2d(batch_of_one(image), single_filter(kernel), **options)
    return outputs[0, :, :, 0]


# %% alt="Four panels of a temple roof: the photograph in grey; blurred, without fine detail; sharpened, with crisper edges; and its horizontal edges, where the lines of the roofs and the tiles are bright on black." tags=["plot"]
plotting.images(
    {
        "photograph": grey,
        "blur": answer(grey, kernels["blur"]),
        "sharpen": answer(grey, kernels["sharpen"]),
        "horizontal edges": abs(answer(grey, kernels["sobel"])) * 2,
    },
    limits=(0, 1), columns=2,
)  # fmt: skip

# %% [markdown]
# The blur is a mean over 9×9 pixels. The sharpening adds to each pixel its differences from the four neighbours. The
# last kernel, named after Sobel, compares the row below with the row above.
#
# Two properties make this the right tool for images. The question is *local*, and it is the *same everywhere*. The
# second one has a name: convolution is **equivariant** to shifts. Move the image, and the answers move with it,
# unchanged. That holds away from the border of the image, and as long as the window moves by one pixel at a time.

# %%
moved = np.roll(grey, (5, 12), axis=(0, 1))  # 5 pixels down, 12 to the right
before, after = answer(grey, kernels["sobel"]), answer(moved, kernels["sobel"])
print(f"the answers move along: {np.allclose(after[5:, 12:], before[:-5, :-12])}")

# %% [markdown]
# And a shared question is cheap. Count the parameters of a layer that turns an 8×8 image into eight 8×8 maps: once with
# eight kernels of 3×3, once with a dense layer, where each output has a weight for each pixel. Both have biases.

# %%
convolution_parameters = 8 * (3 * 3 + 1)
dense_parameters = 8 * 64 * (64 + 1)
print(f"convolution {convolution_parameters}, dense {dense_parameters}")

# %% [markdown]
# The operation itself is linear and learns nothing (E21). What a network learns are the numbers in the kernels, by
# gradient descent. LeCun et al. (1989) let a network do so on handwritten digits, and so will you.

# %% [markdown]
# ## The mathematics
#
# ### A number with a pencil
#
# $$X = \begin{pmatrix} 2 & 0 & 1 \\ 1 & 3 & 0 \\ 0 & 1 & 2 \end{pmatrix}, \qquad
# K = \begin{pmatrix} 1 & 2 \\ -1 & 0 \end{pmatrix} .$$
#
# The kernel fits at four places. At the top left, $2\cdot1 + 0\cdot2 + 1\cdot(-1) + 3\cdot0 = 1$. One column further,
# $0\cdot1 + 1\cdot2 + 3\cdot(-1) + 0\cdot0 = -1$. One row down, $1 + 6 + 0 + 0 = 7$, and last $3 + 0 - 1 + 0 = 2$.

# %%
X = np.array([[2.0, 0, 1], [1, 3, 0], [0, 1, 2]])
K = np.array([[1.0, 2], [-1, 0]])
sums = [[(X[i : i + 2, j : j + 2] * K).sum() for j in (0, 1)] for i in (0, 1)]
print(np.array(sums))

# %% [markdown]
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$ | images: example $b$, row, column, channel $c$ | $B \times H \times W \times C$ | `images` |
# | $K$ | filters: row $u$, column $v$, channel in $c$, channel out $o$ | $K_h \times K_w \times C \times O$ | `filters` |
# | $\beta$ | bias, one for each channel out | $O$ | `bias` |
# | $Y$ | outputs: example $b$, row $i$, column $j$, channel $o$ | $B \times H' \times W' \times O$ | `outputs` |
# | $s$ | stride: the step of the window in the image | 1 | `stride` |
# | $d$ | dilation: the distance of the pixels under the kernel | 1 | `dilation` |
# | $p_t, p_b, p_l, p_r$ | rows and columns of zeros added at the top, bottom, left and right | 1 each | `padding` |
# | $p$ | zeros added along one axis: $p_t + p_b$ or $p_l + p_r$ | 1 | `total` |
# | $R$ | pixels that a kernel reaches over along one axis, with its gaps | 1 | `reach` |
# | $J$ | the loss, one number | 1 | `loss` |
# | $G$ | gradient of the loss with respect to $Y$ | that of $Y$ | `upstream` |
#
# Rows come before columns, as in a matrix. A *kernel* or *filter* is what slides: one slice $K[:,:,:,o]$. The array
# `filters` holds all those of a layer. The matrix of a dense layer is called a kernel too, as in lesson 2; below, its
# name is `dense_kernel`. The helper and TensorFlow can step differently along rows and columns, and so write `strides`
# and `dilations`.
#
# ### What a convolution layer computes
#
# The pencil did this: put the window at row $i$, column $j$, then sum over the kernel,
# $Y[i,j]=\sum_{u,v} X[i+u,\,j+v]\,K[u,v]$. The rest is bookkeeping. With a stride the window starts at $s\,i$; with a
# dilation its entries lie $d$ apart; padding moves the origin by $p_t$ and $p_l$; channels are summed like the rows of
# the window; and each output channel has a kernel and a bias of its own:
#
# $$Y[b,i,j,o] = \beta[o] + \sum_{u=0}^{K_h-1}\sum_{v=0}^{K_w-1}\sum_{c=0}^{C-1}
# X[b,\; s\,i + d\,u - p_t,\; s\,j + d\,v - p_l,\; c]\;K[u,v,c,o] .$$
#
# $X$ counts as 0 outside of its range. This is the formula that the article needs for its own program (E26).
#
# ### Convolution or correlation?
#
# In mathematics, convolution runs through the image *backwards*, as the minus signs of the printed formula do:
#
# $$(X * K)[i,j] = \sum_{u,v} X[i-u,\; j-v]\;K[u,v] .$$
#
# To get it, put $u = i - m$, $v = j - n$ in the printed formula. With plus signs it is called **cross-correlation**.
# Replace $u$ by $K_h-1-u$ and $v$ by $K_w-1-v$ in the sum:
#
# $$(X * K)[i,j] = \sum_{u,v} X[i-(K_h-1)+u,\; j-(K_w-1)+v]\;K[K_h-1-u,\; K_w-1-v] .$$
#
# That is a cross-correlation with the kernel flipped upside down and left to right; only its outputs are numbered
# differently: what it calls $0, 0$ is $K_h-1,\,K_w-1$ here. TensorFlow (Abadi et al., 2016) computes the correlation
# and calls it convolution, as is common in this field. The article prints one and runs the other, and does not say so
# (E24). See the difference on the pencil example:

# %%
flipped = K[::-1, ::-1]
print("correlation:     ", answer(X, K).tolist())
print("true convolution:", answer(X, flipped).tolist())
by_tensorflow = tf.nn.conv2d(batch_of_one(X), single_filter(K), 1, "VALID").numpy()
print("TensorFlow:      ", by_tensorflow[0, :, :, 0].tolist())

# %% [markdown]
# On the photograph: the Sobel kernel changes its sign when it is flipped, so every edge from dark to bright becomes one
# from bright to dark. The blur is symmetric, and hides the difference: a test with a symmetric kernel cannot tell the
# two apart. Where numbers are negative, figures are drawn in colours: red above 0, blue below, white at 0.

# %%
part = grey[60:160, 20:180]
correlated = {name: answer(part, kernel) for name, kernel in kernels.items()}
convolved = {name: answer(part, kernel[::-1, ::-1]) for name, kernel in kernels.items()}
opposite = np.allclose(correlated["sobel"], -convolved["sobel"])
print(f"Sobel: one is minus the other: {opposite}")
print(f"blur: both are the same: {np.allclose(correlated['blur'], convolved['blur'])}")

# %% alt="Three panels in colours centred on zero. The edges of a roof by correlation with the Sobel kernel; the same by convolution, where every red line has become blue and every blue one red; and the difference between the two for the blur, which is white everywhere." tags=["plot"]
plotting.images(
    {
        "Sobel, correlation": correlated["sobel"],
        "Sobel, convolution": convolved["sobel"],
        "blur, difference": (correlated["blur"] - convolved["blur"]).round(9),
    },
    limits=(-0.5, 0.5),
)

# %% [markdown]
# ### How large is the output?
#
# Along one axis, the image has $H$ pixels and $p = p_t + p_b$ zeros. The kernel reaches over $R = d\,(K_h-1)+1$ pixels.
# The last window, number $i$, starts at $s\,i$ and has to end within the padded image:
#
# $$s\,i + R \le H + p \quad\Longrightarrow\quad i \le \frac{H+p-R}{s}, \qquad
# \text{so that}\quad H' = \left\lfloor\frac{H+p-R}{s}\right\rfloor + 1 .$$
#
# TensorFlow has two recipes for $p$. **VALID** adds nothing. **SAME** wants $H' = \lceil H/s\rceil$, the size of the
# image for stride 1, and adds just as many zeros as that needs. Solve $s\,(H'-1) + R = H + p$:
#
# $$p = \max\big((\lceil H/s\rceil - 1)\,s + R - H,\; 0\big), \qquad p_t = \lfloor p/2\rfloor, \quad p_b = p - p_t .$$
#
# If $p$ is odd, the bottom and the right get one more. Dumoulin and Visin (2016) draw all the cases.
#
# ### The backward pass
#
# You know $G[b,i,j,o] = \partial J/\partial Y[b,i,j,o]$ and want the derivatives with respect to $K$, $\beta$ and $X$.
# The chain rule says: for each way in which a number reaches the loss, multiply the derivatives along the way, and add
# the ways up.
#
# **The bias** $\beta[o]$ is added to every output of channel $o$, each time with the derivative 1:
#
# $$\frac{\partial J}{\partial \beta[o]} = \sum_{b,i,j} G[b,i,j,o] .$$
#
# **A kernel entry** $K[u,v,c,o]$ takes part in every output of channel $o$, and is multiplied there by a pixel:
#
# $$\frac{\partial J}{\partial K[u,v,c,o]} = \sum_{b,i,j} G[b,i,j,o]\; X[b,\; s\,i + d\,u - p_t,\; s\,j + d\,v - p_l,\; c] .$$
#
# For $s = d = 1$ that is a correlation once more: now $G$ slides over the image.
#
# **A pixel** $X[b,m,n,c]$ lies under several windows. Take $s = d = 1$ and no padding. Then pixel $m$ is under entry
# $u$ of the window $i$ if $i + u = m$, that is, $i = m - u$:
#
# $$\frac{\partial J}{\partial X[b,m,n,c]} = \sum_{u,v,o} G[b,\; m-u,\; n-v,\; o]\; K[u,v,c,o] .$$
#
# The minus signs are back: this is a *true* convolution, with $G$ zero outside of its range, so that the result is as
# large as the image (a *full* convolution). For other strides the sum runs over all $i, u$ with
# $s\,i + d\,u - p_t = m$. In code, you need not solve that equation: each output hands its share to the pixels that it
# came from.

# %% [markdown]
# ## From scratch
#
# ### Loops
#
# One image, one channel, one kernel. This is the convolution that the article promises and leaves to a library (E64):


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
# The rule for SAME, along one axis. The last window needs pixels up to `(outputs - 1) * stride + reach`; where the image
# has as many or more, nothing is added:


# %%
def pad_amounts(size, reach, stride, padding):
    if padding == "VALID":
        return 0, 0
    outputs = -(-size // stride)  # size / stride, rounded up
    total = max((outputs - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


for size, span, stride in ((5, 3, 1), (4, 3, 2), (5, 3, 2), (6, 5, 3)):
    amounts = pad_amounts(size, span, stride, "SAME")
    print(f"size {size}, reach {span}, stride {stride}: {amounts}")

# %% [markdown]
# With 4 pixels and stride 2, all of the padding is at the end. Padding 1 on both sides gives the same shape and other
# numbers, a common mistake when weights move between libraries:

# %%
rng = np.random.default_rng(0)
square, kernel = rng.normal(size=(4, 4)), rng.normal(size=(3, 3))
same = answer(square, kernel, strides=2, padding="SAME")
uneven = answer(square, kernel, strides=2, padding=((0, 1), (0, 1)))
even = answer(square, kernel, strides=2, padding=((1, 1), (1, 1)))
for name, padded in (("at the end", uneven), ("on both sides", even)):
    print(f"zeros {name}: same shape {padded.shape == same.shape}, ", end="")
    print(f"same numbers {np.array_equal(padded, same)}")

# %% [markdown]
# Zeros are not neutral (E61). On an image of ones, a mean over 3×3 pixels should give ones. At the border it counts the
# zeros as well:

# %%
print(answer(np.ones((5, 5)), np.ones((3, 3)) / 9, padding="SAME").round(3))

# %% [markdown]
# The same on the photograph, with a mean over 21×21 pixels: SAME darkens a frame of 10 pixels.

# %% alt="A blurred photograph twice. VALID: no dark frame; its title gives 180 x 280 pixels. SAME, 200 x 300: a dark frame that fades inwards." tags=["plot"]
mean_filter = np.ones((21, 21)) / 21**2
valid, same = (answer(grey, mean_filter, padding=name) for name in ("VALID", "SAME"))
panels = {
    f"{name}, {blurred.shape[0]} x {blurred.shape[1]}": blurred
    for name, blurred in (("VALID", valid), ("SAME", same))
}
plotting.images(panels, limits=(0, 1))

# %% [markdown]
# ### Stride, dilation, channels, bias
#
# Now the whole formula. `window` names the pixels that output $i, j$ sees: rows $s\,i + d\,u$, columns $s\,j + d\,v$ of
# the padded images, as in the formula. Indexed with a column of row numbers and a row of column numbers, NumPy returns
# every combination, here of shape $(B, K_h, K_w, C)$; `np.s_` stores such an index.


# %%
def reach(filters, dilation):
    return dilation * (np.array(filters.shape[:2]) - 1) + 1


def pad(images, filters, stride, padding, dilation):
    """Return the padded images, and the padding as ((top, bottom), (left, right))."""
    if isinstance(padding, str):
        sizes = zip(images.shape[1:3], reach(filters, dilation))
        padding = [pad_amounts(size, span, stride, padding) for size, span in sizes]
    return np.pad(images, ((0, 0), *padding, (0, 0))), padding


def window(i, j, filters, stride, dilation):
    height, width = filters.shape[:2]
    rows = stride * i + dilation * np.arange(height)
    columns = stride * j + dilation * np.arange(width)
    return np.s_[:, rows[:, np.newaxis], columns]


# %% [markdown]
# `tensordot(..., 3)` multiplies and sums over the last three axes of the window and the first three of the filters:
# $u$, $v$ and $c$.


# %%
def conv2d(images, filters, bias, stride=1, padding="VALID", dilation=1):
    padded, _ = pad(images, filters, stride, padding, dilation)
    rows, columns = (padded.shape[1:3] - reach(filters, dilation)) // stride + 1
    outputs = np.zeros((len(images), rows, columns, filters.shape[3]))
    for i, j in np.ndindex(rows, columns):
        seen = padded[window(i, j, filters, stride, dilation)]
        outputs[:, i, j] = np.tensordot(seen, filters, 3) + bias
    return outputs


print(conv2d(batch_of_one(X), single_filter(K), bias=[0.0])[0, :, :, 0])

# %% [markdown]
# Is the size of the output right? One example proves little. Compare with TensorFlow over a whole grid of sizes,
# kernels, strides, dilations and both paddings.

# %%
grid = list(product(range(5, 12), (1, 2, 3), (1, 2, 3), ("VALID", "SAME"), (1, 2)))
different = 0
for size, kernel_size, *settings in grid:
    images = np.zeros((1, size, size + 1, 1))
    filters = np.zeros((kernel_size, kernel_size, 1, 1))
    stride, padding, dilation = settings
    theirs = tf.nn.conv2d(images, filters, stride, padding, dilations=dilation)
    different += conv2d(images, filters, 0.0, *settings).shape != tuple(theirs.shape)
print(f"shapes compared: {len(grid)}, different: {different}")

# %% [markdown]
# ### From loops to one matrix product
#
# Every output is a sum of products: of a window, written as a row, and a kernel, written as a column. So put all
# windows below each other as the rows of one matrix, and all kernels beside each other as the columns of another. Their
# product holds every output (Chellapilla, Puri & Simard, 2006). The arithmetic is the same; what disappears is Python's
# work for each single number. `sliding_window_view` finds the windows without a loop.


# %%
def conv2d_by_matrix(images, filters):
    size, out_channels = filters.shape[:2], filters.shape[3]
    windows = sliding_window_view(images, size, axis=(1, 2))  # (b, i, j, c, u, v)
    windows = np.moveaxis(windows, 3, 5)  # the order of the filters: u, v, c
    rows = windows.reshape(-1, filters[..., 0].size)  # one row for each b, i, j
    outputs = rows @ filters.reshape(-1, out_channels)
    return outputs.reshape(*windows.shape[:3], out_channels)


def shortest_time(action, repeats=3):
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return min(durations)


# %%
few_rows = part[:40]
image, one_filter = batch_of_one(few_rows), single_filter(K)
difference = correlate(few_rows, K) - conv2d_by_matrix(image, one_filter)[0, :, :, 0]
print(f"difference < 1e-12: {abs(difference).max() < 1e-12}")

by_loops = shortest_time(lambda: correlate(few_rows, K))
by_matrix = shortest_time(lambda: conv2d_by_matrix(image, one_filter))
print(f"loops / matrix product: ratio of times above 20: {by_loops / by_matrix > 20}")

# %% [markdown]
# The price is memory: every pixel is copied into each window that it lies in, here 4 times, with a 3×3 kernel 9 times.
#
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
        share = upstream[:, i, j]  # (b, o)
        d_padded[seen] += np.tensordot(share, filters, (1, 3))  # sum over o
        d_filters += np.tensordot(padded[seen], share, (0, 0))  # sum over b
    (top, _), (left, _) = padding
    height, width = images.shape[1:3]
    d_images = d_padded[:, top : top + height, left : left + width]
    return d_images, d_filters, upstream.sum(axis=(0, 1, 2))


# %% [markdown]
# The derivation promised two things for stride 1. The gradient of the image is a full convolution with $G$: pad $G$ by
# $K_h-1$ on all sides, flip the kernel, and swap its channels in and out. The gradient of the kernel is a correlation
# of the image with $G$, where the examples play the part of the channels. So both are a `conv2d`; take that of the
# helper, which is faster:


# %%
def image_gradient(upstream, filters):
    rows, columns = np.subtract(filters.shape[:2], 1)
    turned = filters[::-1, ::-1].swapaxes(2, 3)
    return convolution.conv2d(upstream, turned, 1, ((rows, rows), (columns, columns)))


def kernel_gradient(upstream, images, padding="VALID"):
    as_filters = np.moveaxis(upstream, 0, 2)  # (i, j, b, o)
    slid = convolution.conv2d(images.swapaxes(0, 3), as_filters, padding=padding)
    return np.moveaxis(slid, 0, 2)  # from (c, u, v, o) to (u, v, c, o)


# %%
images, filters = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(3, 3, 3, 4))
upstream = rng.normal(size=(2, 4, 5, 4))
d_images, d_filters, _ = conv2d_backward(upstream, images, filters)

images_differ = abs(image_gradient(upstream, filters) - d_images).max()
kernels_differ = abs(kernel_gradient(upstream, images) - d_filters).max()
print(f"full convolution - image gradient: < 1e-12: {images_differ < 1e-12}")
print(f"correlation - kernel gradient: < 1e-12: {kernels_differ < 1e-12}")

# %% [markdown]
# ### Learning a kernel
#
# Somebody has filtered images with a kernel that you do not know. You have the images and the results. Start from zeros
# and let gradient descent find the kernel, with the mean squared error as the loss. Two people made results: one by
# correlation, the other by true convolution.

# %%
unknown = single_filter(np.array([[1.0, 2, 0], [0, -1, 3], [-2, 0, 1]]))
flipped = unknown[::-1, ::-1]


def learn_kernel(images, targets, steps=100, learning_rate=0.3):
    filters = np.zeros((3, 3, 1, 1))
    for _ in range(steps):
        residual = convolution.conv2d(images, filters) - targets
        upstream = 2 * residual / residual.size
        _, d_filters = convolution.conv2d_backward(upstream, images, filters)
        filters = filters - learning_rate * d_filters
    return filters


# %%
for seed in range(3):
    images = np.random.default_rng(seed).normal(size=(4, 12, 12, 1))
    from_correlation = learn_kernel(images, convolution.conv2d(images, unknown))
    from_convolution = learn_kernel(images, convolution.conv2d(images, flipped))
    found = abs(from_correlation - unknown).max() < 1e-9
    found_flipped = abs(from_convolution - flipped).max() < 1e-9
    print(f"images {seed}: found the kernel {found}, found it flipped {found_flipped}")

# %% alt="Three kernels with their values written in, in colours centred on zero. The unknown one; the one learned from correlations, which is the same; and the one learned from true convolutions, which is turned by half a circle." tags=["plot"]
plotting.images(
    {
        "used for the targets": unknown[:, :, 0, 0],
        "from correlation": from_correlation[:, :, 0, 0].round(6) + 0.0,
        "from true convolution": from_convolution[:, :, 0, 0].round(6) + 0.0,
    },
    values=True,
)  # fmt: skip

# %% [markdown]
# The layer correlates, so it can imitate a true convolution only with a flipped kernel, and that is what it learns. For
# learning, then, it does not matter which of the two a library computes. It matters when you type in a kernel from a
# book.

# %% [markdown]
# ## Is it right?
#
# Finite differences first. The loss is the sum of all outputs, weighted with random numbers; its gradient by the
# outputs is then the weights themselves. Everything is switched on: stride, dilation, uneven padding, channels.

# %%
settings = {"stride": 2, "padding": ((1, 2), (0, 1)), "dilation": 2}
shapes = (2, 7, 6, 2), (3, 2, 2, 3), (3,)
images, filters, bias = (rng.normal(size=shape) for shape in shapes)
upstream = rng.normal(size=conv2d(images, filters, bias, **settings).shape)
gradients = conv2d_backward(upstream, images, filters, **settings)

# %%
arguments = {"images": images, "filters": filters, "bias": bias}


def weighted_sum(**changed):
    return (upstream * conv2d(**{**arguments, **changed}, **settings)).sum()


for (name, point), gradient in zip(arguments.items(), gradients):
    error = gradient_error(
        lambda value, name=name: weighted_sum(**{name: value}),
        lambda _, gradient=gradient: gradient,
        point,
    )
    print(f"{name}: relative difference to finite differences < 1e-6: {error < 1e-6}")

# %% [markdown]
# Then three versions against each other, forward and backward, over a grid: the loops above, the helper, which does the
# same with matrix products and checks its arguments, and TensorFlow with its tape. With a dilation TensorFlow has no
# backward pass on a CPU; there the finite differences are the judge, as just before, where the dilation was 2.


# %%
def by_tape(upstream, images, filters, stride, padding, dilation):
    if not isinstance(padding, str):
        padding = [(0, 0), *padding, (0, 0)]  # TensorFlow wants all four axes
    images, filters = tf.constant(images), tf.constant(filters)
    with tf.GradientTape() as tape:
        tape.watch((images, filters))
        outputs = tf.nn.conv2d(images, filters, stride, padding, dilations=dilation)
    if dilation > 1:
        return (outputs,)  # on a CPU, TensorFlow has no backward pass for this
    return outputs, *tape.gradient(outputs, (images, filters), upstream)


def by_helper(upstream, images, filters, *settings):
    outputs = convolution.conv2d(images, filters, *settings)
    return outputs, *convolution.conv2d_backward(upstream, images, filters, *settings)


# %%
sizes = ((3, 3), (2, 4), (1, 2))
paddings = ("VALID", "SAME", ((2, 1), (0, 3)))
images = rng.normal(size=(2, 8, 9, 2))
grid = list(product(sizes, (1, 2, 3), paddings, (1, 2)))
largest = 0.0
for size, *settings in grid:
    filters = rng.normal(size=(*size, 2, 3))
    outputs = conv2d(images, filters, 0.0, *settings)
    upstream = rng.normal(size=outputs.shape)
    ours = outputs, *conv2d_backward(upstream, images, filters, *settings)[:2]
    for other in (by_helper, by_tape):
        theirs = other(upstream, images, filters, *settings)
        largest = max(largest, *(np.abs(a - b).max() for a, b in zip(ours, theirs)))
print(f"{len(grid)} cases, largest difference < 1e-12: {largest < 1e-12}")

# %% [markdown]
# A layer of Keras with the same weights, in `float32`:

# %%
layer = tf.keras.layers.Conv2D(3, (3, 2), strides=2, padding="same")
shapes = (2, 7, 6, 2), (3, 2, 2, 3), (3,)
images, filters, bias = (0.1 * rng.normal(size=shape) for shape in shapes)
layer.build(images.shape)
layer.set_weights([filters, bias])
ours = conv2d(images, filters, bias, stride=2, padding="SAME")
print(f"Keras: difference < 1e-6: {abs(layer(images).numpy() - ours).max() < 1e-6}")

# %% [markdown]
# Would these judges notice a mistake? Plant one: forget to flip the kernel in the gradient of the image.

# %%
filters, upstream = rng.normal(size=(3, 3, 2, 3)), rng.normal(size=(2, 5, 4, 3))
right = by_tape(upstream, images, filters, 1, "VALID", 1)[1].numpy()
forgotten = conv2d(upstream, filters.swapaxes(2, 3), 0.0, padding=((2, 2), (2, 2)))
error = abs(forgotten - right).max() / abs(right).max()
print(f"same shape: {forgotten.shape == right.shape}, relative error {error:.1f}")

# %% [markdown]
# ## In TensorFlow 2
#
# Back to the article's classifier. It has many mistakes, and each repair only uncovers the next one (E31). Take them in
# order. Some of them raise an exception. The others are the dangerous ones.
#
# ### Calls that are gone
#
# `tf.log` has gone (E54). The other old calls of this program are those of the first one: lesson 1 runs them and has a
# [table](01_gradient_descent.ipynb) of what to write in their place.

# %%
network, (images, labels) = printed_network(), noise(seed=0)
weights = network.trainable_weights
loss = printed_loss(labels, network(images))  # computed once, before any tape (E36)
complain(lambda: tf.log(network(images)))

# %% [markdown]
# Three more traps: what the old optimiser returns cannot be unpacked (E37), a loss from before the tape has no gradient
# (E36), and `input_shape` in a layer still works, with a warning (E62):


# %%
def unpack_the_step():
    number = tf.Variable(2.0)
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(0.01)
    _, _new_number = optimizer.minimize(lambda: number**2, var_list=[number])


complain(unpack_the_step)
with tf.GradientTape() as tape:
    tape.watch(loss)
print("gradient of a loss from before the tape:", tape.gradient(loss, weights)[0])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    tf.keras.layers.Conv2D(1, 3, input_shape=(32, 32, 3))
print(str(caught[0].message).split(". ")[0])

# %% [markdown]
# ### Axes: `moveaxis`, not `reshape`
#
# The images come as an array of the shape (32, 32, 3, 100), with the examples last. Keras wants them first, and refuses
# (E52). Two repairs give the right shape. Here with real pictures, patches of the photograph:

# %%
complain(lambda: network.layers[0](tf.zeros((32, 32, 3, 100))))
whole = datasets.load_photo()[:416]  # 13 x 20 patches of 32 x 32 pixels
patches = whole.reshape(13, 32, 20, 32, 3).swapaxes(1, 2).reshape(260, 32, 32, 3)
stored = np.moveaxis(patches[100:200], 0, -1)  # in the order of the article
moved, reshaped = np.moveaxis(stored, -1, 0), stored.reshape(100, 32, 32, 3)
for name, pictures in {"moveaxis": moved, "reshape": reshaped}.items():
    left, right = pictures[:, :, :-1].ravel(), pictures[:, :, 1:].ravel()
    print(f"{name}: shape {pictures.shape}, ", end="")
    print(f"correlation coefficient of neighbours {np.corrcoef(left, right)[0, 1]:.2f}")

# %% alt="Two rows of four patches. Upper row, by moveaxis: two pieces of red columns and doors, a beam, and a corner of the roof. Lower row, by reshape: diagonal stripes of coloured noise in which nothing can be recognised." tags=["plot"]
chosen = (25, 26, 46, 65)
panels = {f"moveaxis, image {n}": moved[n] for n in chosen}
panels.update({f"reshape, image {n}": reshaped[n] for n in chosen})
plotting.images(panels, columns=4)

# %% [markdown]
# `reshape` reads the numbers in their old order and cuts them at new places. No exception, the right shape, and every
# picture destroyed. Look at your data after each change of their shape.
#
# ### Labels that broadcast
#
# The labels are drawn with the shape of the images: one for each colour of each pixel. A hundred would be enough.
# Shapes that do not match should be an error, but these do match, in a way (E53):

# %%
rng = np.random.default_rng(0)
printed_labels = rng.integers(10, size=(32, 32, 3, 100))
one_for_each_value = tf.one_hot(printed_labels, depth=10)
log_probabilities = tf.math.log(network(images))
print("product:", (one_for_each_value * log_probabilities).shape)
shares = tf.reduce_mean(one_for_each_value, axis=(0, 1, 2))  # one row for each image
printed = tf.reduce_mean(one_for_each_value * log_probabilities)
with_shares = tf.reduce_mean(shares * log_probabilities)
same = abs(printed - with_shares) < 1e-6
print(f"same loss as with the shares of the labels in each image: {same}")
even = abs(shares.numpy() - 0.1).max() < 0.03
print(f"the shares: all between 0.07 and 0.13: {even}")

# %% [markdown]
# Every image is asked to be all ten classes at once, in nearly equal parts. Even a column of a hundred labels, shape
# (100, 1), broadcasts to (100, 100, 10) and compares each image with the labels of all others. Some losses of Keras
# broadcast as well, such as the mean squared error. The cross-entropy for whole numbers as labels checks their shape:

# %%
keras_loss = tf.keras.losses.SparseCategoricalCrossentropy()
squared_error = tf.keras.losses.MeanSquaredError()
complain(lambda: keras_loss(printed_labels, network(images)))
column_error = squared_error(labels[:, tf.newaxis], network(images))
print(f"mean squared error, (100, 1) and (100, 10): a number: {column_error > 0}")

# %% [markdown]
# Use a loss that checks the shapes, and write `assert` where none does.
#
# ### The mean over the classes
#
# With labels and sign repaired, the number is still wrong: `reduce_mean` divides by the ten classes as well (E56).

# %%
one_hot = tf.one_hot(labels, depth=10)
over_everything = -tf.reduce_mean(one_hot * log_probabilities)
over_examples = -tf.reduce_mean(tf.reduce_sum(one_hot * log_probabilities, axis=-1))
by_keras = keras_loss(labels, network(images))
print(f"Keras / mean over everything: {by_keras / over_everything:.3f}")
print(f"Keras / sum over classes, mean over examples: {by_keras / over_examples:.3f}")

# %% [markdown]
# A loss that is ten times too small has a gradient that is ten times too small. With plain gradient descent that is a
# learning rate of 0.001 where the program says 0.01.
#
# ### The logarithm of a softmax
#
# The last layer computes a softmax, the loss takes its logarithm. In `float32` the probability of a class becomes 0
# when its logit lies more than about 104 below the largest. Some processors round the very smallest numbers
# (*subnormal* numbers, below $1.2\cdot10^{-38}$) to 0; there, 87 is enough. And $\log 0 = -\infty$. From the logits
# $z_k$ themselves, the logarithm is $z_k - z_{\max} - \log\sum_l e^{z_l-z_{\max}}$, where $z_{\max}$ is the largest of
# them: no exponential overflows, and the sum is at least 1 (E57).

# %%
for label, gap in ((0, 50.0), (0, 110.0), (1, 110.0)):
    logits, one_hot = tf.Variable([[0.0, gap]]), tf.one_hot([label], depth=2)
    with tf.GradientTape(persistent=True) as tape:
        naive = -tf.reduce_sum(one_hot * tf.math.log(tf.nn.softmax(logits)))
        stable = tf.nn.softmax_cross_entropy_with_logits(one_hot, logits)[0]
    print(f"logits 0 and {gap:.0f}, label {label}")
    for name, loss in (("naive", naive), ("from logits", stable)):
        gradient = tape.gradient(loss, logits).numpy()[0].round(3) + 0.0
        print(f"    {name}: loss {loss:.1f}, gradient {gradient}")

# %% [markdown]
# In the last case the prediction is *right*, with full confidence, and the naive loss is NaN all the same. So the last
# layer is to be a `Dense(10)` without softmax, with `from_logits=True` in the loss.
#
# ### A kernel that nobody uses
#
# The program fills an array `kernel`, and its explanation calls that the initialisation of the kernel (E40, E59). No
# line reads it, the layer makes its own; and it would not fit.

# %%
unused = rng.random((3, 3, 1, 1)).astype(np.float32)
complain(lambda: network.layers[0].set_weights([unused, np.zeros(1)]))
print("shape in the layer:", network.layers[0].kernel.shape)
print("parameters in all:", network.count_params())

# %% [markdown]
# ### A convolutional network that is one matrix
#
# Between the convolution and the dense layer there is no activation function (E60), and the article has no word about
# them at all (E05). But a convolution is linear, a dense layer is linear, and two linear maps in a row are one. You can
# read that one matrix off: feed in the zero image and, one by one, all images with a single pixel switched on.


# %%
def as_one_matrix(network):
    """The matrix and the constant that a linear network would consist of."""
    single_pixels = tf.reshape(tf.eye(3072), (3072, 32, 32, 3))
    constant = network(tf.zeros((1, 32, 32, 3))).numpy()
    return network(single_pixels).numpy() - constant, constant


flat = images.numpy().reshape(100, 3072)
for activation in (None, "relu"):
    network = printed_network(activation, last_activation=None)
    matrix, constant = as_one_matrix(network)
    difference = abs(network(images).numpy() - (flat @ matrix + constant)).max()
    print(f"activation {activation}: equal to one matrix: {difference < 1e-4}")
print("size of the matrix:", matrix.shape)

# %% [markdown]
# Without an activation this "convolutional network" is softmax regression in disguise. What does that cost? Here are
# stripes in four directions, with random phase and noise. The task: name the direction.


# %%
def stripes(seed, count):
    rng = np.random.default_rng(seed)
    direction = rng.integers(4, size=count)
    phase = rng.uniform(0, 2 * np.pi, size=(count, 1, 1))
    angle = direction[:, None, None] * np.pi / 4
    row, column = np.mgrid[:12, :12]
    waves = np.cos(np.pi / 2 * (np.cos(angle) * column + np.sin(angle) * row) + phase)
    noisy = waves + 0.3 * rng.normal(size=waves.shape)
    return noisy[..., None].astype(np.float32), direction


# %% alt="Four small images of noisy stripes in colours centred on zero: vertical, rising to the right, horizontal, and falling to the right." tags=["plot"]
examples, directions = stripes(seed=0, count=300)
first = [np.argmax(directions == n) for n in range(4)]
plotting.images({f"direction {n}": examples[first[n], :, :, 0] for n in range(4)})

# %% [markdown]
# One convolution with eight filters and one dense layer, without and with ReLU between them, are trained on 200
# examples and tested on 1000 new ones. Three seeds each.

# %%
from_logits = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def accuracy(network, images, labels):
    return (network(images).numpy().argmax(axis=1) == np.asarray(labels)).mean()


def learn(network, step, steps, data, new_data):
    """Take steps on all data at once; return the accuracy on them and on new data."""
    for _ in range(steps):
        step(*data)
    return accuracy(network, *data), accuracy(network, *new_data)


def one_layer(activation):
    return [
        tf.keras.layers.Conv2D(8, 3, padding="same", activation=activation),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(4),
    ]


# %%
for activation in (None, "relu"):
    network = tf.keras.Sequential([tf.keras.Input((12, 12, 1)), *one_layer(activation)])
    step, scores = training_step(network, from_logits, learning_rate=0.5), []
    for seed in range(3):
        restart(network, seed)
        data, new_data = stripes(seed, 200), stripes(seed + 100, 1000)
        scores.append(learn(network, step, 30, data, new_data))
    trained, new = np.mean(scores, axis=0)
    print(f"activation {activation}: training {trained:.1f}, new images {new:.1f}")

# %% [markdown]
# On new images the linear network is right in three of ten cases, hardly more than by guessing. Longer training is no
# cure. Shift the stripes by half a period, and every pixel changes its sign: an image and its negative are equally
# likely, and have the same label. But what a score that is linear in the pixels gives to the one, it takes from the
# other. Without constants, a linear score that is right about an image is wrong about its negative: at most half are
# right. The constants help little. Write the score of class $k$ as $w_k\cdot x + b_k$: $w_k$ is a column of the one
# matrix, $b_k$ its constant, $x$ the pixels of the image. To be right about an image of class $y$ and about its
# negative means
#
# $$w_y\cdot x + b_y > w_k\cdot x + b_k \quad\text{and}\quad -w_y\cdot x + b_y > -w_k\cdot x + b_k
# \quad\text{for all } k \ne y .$$
#
# The sum of the two says $b_y > b_k$. So only the class with the largest constant can be right about both, and with
# four equally frequent classes at most $\frac14\cdot1 + \frac34\cdot\frac12 = \frac58$ are right, however long you train.
# The ReLU breaks this symmetry. A convolution alone promises nothing about accuracy (E06).
#
# ### Noise, memorised
#
# Last, the data: random images with random labels (E58). There is nothing to learn. With the right loss, the linear
# network learns it all the same.

# %%
network = printed_network(last_activation=None)
step = training_step(network, from_logits, learning_rate=0.05)
for seed in range(3):
    restart(network, seed)
    data, new_data = noise(seed), noise(seed + 100, count=500)
    trained, new = learn(network, step, 50, data, new_data)
    print(f"seed {seed}: training accuracy {trained:.2f}, ", end="")
    print(f"new images between 0.06 and 0.14: {0.06 < new < 0.14}")

# %% [markdown]
# All 100 labels known by heart, and on new images no better than a die with ten faces. A training accuracy says
# nothing without a held-out one.
#
# ### The repaired program
#
# The network has two convolutions with ReLU, logits at the end, and an `Input` in place of `input_shape`. A loss that
# checks its shapes, and data with something to learn, follow in the next section.


# %%
def digit_network():
    return tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            tf.keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10),
        ]
    )


print("parameters:", digit_network().count_params())

# %% [markdown]
# ## On real data
#
# 1797 handwritten digits, 8×8 pixels each. Keep 500 of them aside. Standardise with the mean and the standard deviation
# of the training images: one of each for all pixels together, where lesson 1 had one for each column. The baseline is
# softmax regression, which is what one matrix can do, from scikit-learn, with the L2 penalty on large weights that it
# adds by default.

# %%
digits, digit_labels = datasets.load_digits()


def split(seed):
    """Training images and labels, held-out images and labels."""
    shuffled = np.random.default_rng(seed).permutation(len(digits))
    train, test = shuffled[500:], shuffled[:500]
    scaled = (digits - digits[train].mean()) / digits[train].std()
    return scaled[train], digit_labels[train], scaled[test], digit_labels[test]


def linear_accuracy(images, labels, test_images, test_labels):
    baseline = LogisticRegression(solver="newton-cg")
    baseline.fit(images.reshape(-1, 64), labels)
    return baseline.score(test_images.reshape(-1, 64), test_labels)


# %% [markdown]
# ### In NumPy, with your own backward pass
#
# The network comes in two parts, the first layer and the later ones, so that you can train the later ones alone below.
# He et al. (2015) say how large the first random weights should be for a layer with ReLU: a variance of 2 divided by
# the number of inputs of each output.


# %%
def initial_parameters(seed):
    rng = np.random.default_rng(seed)
    shapes = (3, 3, 1, 8), (3, 3, 8, 16), (6 * 6 * 16, 10)
    weights = [
        rng.normal(size=shape) * np.sqrt(2 / np.prod(shape[:-1])) for shape in shapes
    ]
    return [part for weight in weights for part in (weight, np.zeros(weight.shape[-1]))]


def first_layer(parameters, images):
    filters, bias = parameters
    return layers.relu(convolution.conv2d(images, filters, padding="SAME") + bias)


def later_layers(parameters, first):
    filters, bias, dense_kernel, dense_bias = parameters
    second = layers.relu(convolution.conv2d(first, filters) + bias)
    flat = second.reshape(len(first), -1)
    return second, layers.dense(flat, dense_kernel, dense_bias)


# %% [markdown]
# The backward pass is the forward pass read from the last line to the first. All strides are 1, so that the two
# functions from above give the gradients; each is called only where its answer is needed.


# %%
def later_gradients(parameters, first, labels):
    """Return the loss, its gradients, and that of the output of the convolution."""
    _, _, dense_kernel, _ = parameters
    second, logits = later_layers(parameters, first)
    upstream = layers.softmax_cross_entropy_backward(logits, labels)
    flat = second.reshape(len(first), -1)
    upstream, *d_dense = layers.dense_backward(upstream, flat, dense_kernel)
    # second > 0 exactly where the input of its ReLU was.
    upstream = layers.relu_backward(upstream.reshape(second.shape), second)
    d_bias = upstream.sum(axis=(0, 1, 2))
    gradients = [kernel_gradient(upstream, first), d_bias, *d_dense]
    return layers.softmax_cross_entropy(logits, labels), gradients, upstream


# %%
def loss_and_gradients(parameters, images, labels):
    first = first_layer(parameters[:2], images)
    loss, gradients, upstream = later_gradients(parameters[2:], first, labels)
    upstream = layers.relu_backward(image_gradient(upstream, parameters[2]), first)
    d_filters = kernel_gradient(upstream, images, padding=((1, 1), (1, 1)))  # SAME
    d_bias = upstream.sum(axis=(0, 1, 2))
    return loss, [d_filters, d_bias, *gradients]


# %% [markdown]
# Is the whole chain right? Finite differences, through both convolutions, for every entry of the first kernels:

# %%
images, labels, test_images, test_labels = split(seed=0)
start = initial_parameters(seed=0)


def with_kernels(filters):
    return [filters, *start[1:]], images[:20], labels[:20]


def loss_only(parameters, images, labels):
    _, logits = later_layers(parameters[2:], first_layer(parameters[:2], images))
    return layers.softmax_cross_entropy(logits, labels)


error = gradient_error(
    lambda filters: loss_only(*with_kernels(filters)),
    lambda filters: loss_and_gradients(*with_kernels(filters))[1][0],
    start[0],
)
print(f"relative difference < 1e-5: {error < 1e-5}")

# %% [markdown]
# Training: gradient descent with momentum on batches of 24, three passes through the data, with a learning rate that
# falls to 0 in a straight line.

# %%
EPOCHS, BATCH, RATE, MOMENTUM = 3, 24, 0.04, 0.9
STEPS = EPOCHS * (1297 // BATCH)


def batches(seed):
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(1297)[: STEPS // EPOCHS * BATCH] for _ in range(EPOCHS)]
    return np.concatenate(shuffled).reshape(STEPS, BATCH)


# %%
def train(parameters, gradients_of, seed):
    """`gradients_of(parameters, batch)` gives the loss of a batch and its gradients."""
    velocity, losses = [np.zeros_like(part) for part in parameters], []
    for step, batch in enumerate(batches(seed)):
        loss, gradients = gradients_of(parameters, batch)
        rate = RATE * (1 - step / STEPS)
        velocity = [MOMENTUM * v - rate * g for v, g in zip(velocity, gradients)]
        parameters = [part + v for part, v in zip(parameters, velocity)]
        losses.append(loss)
    return parameters, np.array(losses)


def train_in_numpy(images, labels, seed, start=1.0):
    """`start` scales the first kernels."""

    def gradients_of(parameters, batch):
        return loss_and_gradients(parameters, images[batch], labels[batch])

    parameters = initial_parameters(seed)
    return train([start * parameters[0], *parameters[1:]], gradients_of, seed)


# %% [markdown]
# ### The same in Keras
#
# From the same weights, on the same batches, in the same order, and in `float64` as NumPy:


# %%
def train_in_keras(images, labels, seed):
    tf.keras.config.set_dtype_policy("float64")
    network, losses = digit_network(), []
    network.set_weights(initial_parameters(seed))
    schedule = tf.keras.optimizers.schedules.PolynomialDecay(RATE, STEPS, 0.0)
    optimizer = tf.keras.optimizers.SGD(schedule, momentum=MOMENTUM)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=optimizer, loss=loss)
    tf.keras.config.set_dtype_policy("float32")  # as before, for other cells
    for batch in batches(seed):
        network.reset_metrics()  # else Keras reports a running mean
        losses.append(network.train_on_batch(images[batch], labels[batch]))
    return network, np.array(losses)


# %%
parameters, losses = train_in_numpy(images, labels, seed=0)
network, keras_losses = train_in_keras(images, labels, seed=0)
differences = abs(losses - keras_losses)
print(f"first step: difference of the losses < 1e-6: {differences[0] < 1e-6}")
relative = (differences / losses).max()
print(f"all {STEPS} steps: relative difference < 1e-3: {relative < 1e-3}")
weight_difference = max(
    abs(a - b).max() for a, b in zip(parameters, network.get_weights())
)
print(f"weights at the end: difference < 1e-3: {weight_difference < 1e-3}")

# %% alt="The loss of 162 steps on a logarithmic axis: it falls from 3 to mostly below 0.1, jumping up and down from batch to batch. The dotted line of Keras lies on that of NumPy everywhere." tags=["plot"]
plotting.lines(
    np.arange(STEPS), {"NumPy, and\nKeras (dotted)": losses}, "step", "loss of the batch",
    dashed={"NumPy, and\nKeras (dotted)": keras_losses}, y_scale="log",
)  # fmt: skip

# %% [markdown]
# The two lie on each other, jump for jump. Keras computes the learning rate in `float32`, so a small difference grows
# with the steps; it stays far below the thickness of the line. Now four splits, each with other images held out and
# other first weights. A digit may be held out in more than one of them.


# %%
def held_out_accuracy(parameters, data):
    *_, images, labels = data
    _, logits = later_layers(parameters[2:], first_layer(parameters[:2], images))
    return (logits.argmax(axis=1) == labels).mean()


def wrong(accuracies):
    return f"{500 * np.sum(np.subtract(1, accuracies)):.0f} of 2000 answers wrong"


splits = [split(seed) for seed in range(4)]
networks = [parameters, *(train_in_numpy(*splits[n][:2], n)[0] for n in (1, 2, 3))]
linear = [linear_accuracy(*data) for data in splits]
convolutional = [held_out_accuracy(*pair) for pair in zip(networks, splits)]
print(f"linear: {wrong(linear)}, convolutional: {wrong(convolutional)}")
print(
    f"convolutional better in {np.sum(np.greater(convolutional, linear))} of 4 splits"
)

# %% alt="Accuracy on held-out digits in four splits, one row for each model. The linear rings lie between 0.960 and 0.968, two of them on each other, with their mean at 0.963. The convolutional ones lie between 0.956 and 0.978, two of them on each other, with their mean between 0.970 and 0.971." tags=["plot"]
results = {"linear": linear, "convolutional": convolutional}
plotting.repeats({name: {"": values} for name, values in results.items()}, "accuracy")

# %% [markdown]
# Better, but by less than one answer in a hundred, and in one of the splits it is worse: the baseline is strong, because
# these digits are small and centred. The network has 7018 parameters, the baseline 650. And the test is a mild one. The
# 1797 digits come from 13 people (Alpaydin & Kaynak, 1998), who are in both parts; the hand of a stranger would be
# harder. So would digits that are not centred, which [lesson 4](04_pooling.ipynb) tries.
#
# ### What it has learned
#
# The eight kernels of the first layer are the questions that the network asks. It is tempting to draw them and to say
# what each has learned to look for. Draw also what they were before:


# %%
def tile(maps, rows):
    """Put all channels into one image, in so many rows, with gaps."""
    framed = np.kron(maps, np.ones((3, 3, 1)))  # each number as a square of 3 x 3
    framed = np.pad(framed, ((0, 1), (0, 1), (0, 0)), constant_values=np.nan)
    height, width, count = framed.shape
    tiles = framed.reshape(height, width, rows, count // rows).transpose(2, 0, 3, 1)
    return tiles.reshape(rows * height, -1)[:-1, :-1]


from_small_start, _ = train_in_numpy(images, labels, seed=0, start=0.1)

# %% alt="Three panels of eight kernels in colours centred on zero. The first, before training, and the second, after it, show nearly the same patterns. The third, trained from a start ten times smaller, shows weaker patterns, some like those of the first and some not." tags=["plot"]
drawn = {"before": start, "after": parameters, "small start": from_small_start}
plotting.images(
    {name: tile(part[0][:, :, 0], rows=2) for name, part in drawn.items()},
    limits=(-1, 1),
)

# %%
similarities = [
    np.corrcoef(initial_parameters(seed)[0].ravel(), network[0].ravel())[0, 1]
    for seed, network in enumerate(networks)
]
growth = np.linalg.norm(from_small_start[0]) / np.linalg.norm(0.1 * start[0])
print("kernels before and after training, four networks:")
print(f"    correlation coefficient {min(similarities):.2f} or more")
print(f"from the small start, in this run, the kernels grow {growth:.0f}-fold")

# %% [markdown]
# How much does their training matter? Keep the first layer as it is, and train the others. Its answers to all images
# can be computed once.


# %%
def train_later_layers(images, labels, seed):
    parameters = initial_parameters(seed)
    first = first_layer(parameters[:2], images)

    def gradients_of(later, batch):
        return later_gradients(later, first[batch], labels[batch])[:2]

    later, _ = train(parameters[2:], gradients_of, seed)
    return [*parameters[:2], *later]


frozen = [
    held_out_accuracy(train_later_layers(*data[:2], seed), data)
    for seed, data in enumerate(splits)
]
print(f"first layer never trained: {wrong(frozen)}")

# %% [markdown]
# The pictures show mostly the random start. Keep that, train only the other layers, and the network is as good: with
# eight random questions, the later layers learn to make sense of the answers. That is no accident of ours (Jarrett et
# al., 2009). Start with kernels ten times smaller, in the third panel, and most of what you see has been put there by
# training. Even so, several still resemble their start, and others do not: it has a share in the direction in which a
# kernel grows, but does not decide it.
#
# So be careful with stories about learned kernels. The honest ones come with a comparison. Here are the answers to one
# held-out digit, once from the kernels of the third panel, and once from the random ones of the first. The upper left
# tile is the digit itself.

# %% alt="Two panels of nine tiles: a handwritten six and its eight feature maps, on the left from trained kernels, on the right from random ones. In both, some maps show its strokes, others parts of its outline; one on the left is dark except for a dim patch." tags=["plot"]
ink, panels = test_images[0] - test_images.min(), {}
for name, part in {"trained": from_small_start, "random": start}.items():
    maps = first_layer(part[:2], test_images[:1])[0]
    panels[f"{name} kernels"] = tile(np.dstack([ink, maps]), rows=3)
plotting.images(panels, limits=(0, 2))

# %% [markdown]
# Some of the left maps show the strokes, others parts of the outline, and one could name each kernel after that. But
# the random kernels on the right answer with strokes and outlines as well, and nobody has taught them anything. What
# you see in such a map is mostly the digit.

# %% [markdown]
# ## Try it
#
# One kernel on the photograph. Run the cell below the figure and choose: yours appears under the controls.
#
# - `kernel` "below - above": which edges of the roof appear, and which vanish?
# - `dilation` 4: what happens to fine detail? Back to 1, and `stride` 4: what happens to the size, and what is the
#   difference?
# - A kernel whose entries sum to 0 answers 0 on even areas. Move `add_to_centre` up to 1. What do you see now? With
#   "centre - neighbours" and 1 it is a kernel that you have met in *The idea*.
# - `padding` "SAME", with "right - left" again, `add_to_centre` 0 and `stride` 1: a red line appears along the left
#   border, and a blue one along the right. Where do they come from?

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
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, run that cell, then
# run the check below it. The check answers "not attempted yet", "correct", or "wrong" with the smallest input on which
# yours fails. If you are stuck, open the hint.
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
# A *depthwise* convolution does not sum over the channels: each channel $c$ of `images`, shape $(B, H, W, C)$, has its
# own kernel, `kernels[:, :, c]`. Return the outputs, with stride 1 and VALID, of the shape $(B, H', W', C)$. It is half
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
# channels at once: a shifted part of `images`, of shape $(B, H', W', C)$, times `kernels[u, v]`, of shape $(C,)$, added
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
# `stride` further than the one before. It is the gradient of the image in a convolution with that stride. Return it for
# a 2-D `image` and a 2-D `kernel`: the output has $s\,(H-1) + K_h$ rows, columns likewise.


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
# - A convolution layer lays a kernel on every place of the image, multiplies and adds. It is local, the same everywhere,
#   and linear; what is learned are the kernels.
# - Libraries compute the correlation. True convolution flips the kernel; a symmetric kernel hides the difference.
# - The output has $\lfloor (H + p - R)/s\rfloor + 1$ rows. SAME pads just enough, and the odd zero goes to the end.
# - Backwards, each output hands its share to the window and to the kernel. For stride 1 the gradient of the image is a full
#   convolution with the flipped kernel, that of the kernel a correlation.
# - Mistakes in shapes often raise nothing: `reshape` in place of `moveaxis`, labels that broadcast, a mean over too many
#   axes. Look at the data, assert the shapes, compare the first loss with a library's.
# - A loss below its lowest possible value is a mistake, not a success. Compute cross-entropies from logits.
# - Without an activation function in between, layers collapse into one matrix. Without held-out data, memorising looks like
#   learning. Without a baseline, no accuracy means anything.
#
# ## References
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Alpaydin, E., & Kaynak, C. (1998). Optical recognition of handwritten digits. *UCI Machine Learning Repository*.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
# - Chellapilla, K., Puri, S., & Simard, P. (2006). High performance convolutional neural networks for document processing.
#   *Tenth International Workshop on Frontiers in Handwriting Recognition*.
#   [inria-00112631](https://inria.hal.science/inria-00112631)
# - Dumoulin, V., & Visin, F. (2016). A guide to convolution arithmetic for deep learning.
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285)
# - He, K., Zhang, X., Ren, S., & Sun, J. (2015). Delving deep into rectifiers: Surpassing human-level performance on
#   ImageNet classification. *ICCV*, 1026–1034. [arXiv:1502.01852](https://arxiv.org/abs/1502.01852)
# - Howard, A. G., et al. (2017). MobileNets: Efficient convolutional neural networks for mobile vision applications.
#   [arXiv:1704.04861](https://arxiv.org/abs/1704.04861)
# - Jarrett, K., Kavukcuoglu, K., Ranzato, M., & LeCun, Y. (2009). What is the best multi-stage architecture for object
#   recognition? *ICCV*, 2146–2153. [doi:10.1109/ICCV.2009.5459469](https://doi.org/10.1109/ICCV.2009.5459469)
# - LeCun, Y., Boser, B., Denker, J. S., Henderson, D., Howard, R. E., Hubbard, W., & Jackel, L. D. (1989).
#   Backpropagation applied to handwritten zip code recognition. *Neural Computation* 1(4), 541–551.
#   [doi:10.1162/neco.1989.1.4.541](https://doi.org/10.1162/neco.1989.1.4.541)
