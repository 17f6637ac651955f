# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Summarise feature maps with pooling
#
# A pooling layer cuts a feature map into small windows and keeps one number of each: the largest, or the average. It is
# the simplest layer of a convolutional network: a few lines of code without a single parameter. Yet several things that
# are often said about it are wrong: that it learns, that it reduces the resolution, that it makes a network invariant
# to shifts. In this lesson you build it, check it to the last padded pixel, and then measure what it buys and what it
# does not.
#
# **What you'll do**
#
# - watch a published formula turn a photograph into one flat colour, and repair it;
# - derive the output size, the padding and the gradients of maximum and average pooling, and write them in a few lines;
# - train a network with a pooling layer, with your own backward pass and in Keras, from the same weights;
# - move digits by a pixel, count multiplications, and watch false stripes appear, to see what pooling really does.
#
# **What you'll learn**
#
# - how window, stride and padding decide what is kept, and which of them reduces the resolution;
# - where the gradient goes, in ties and where windows overlap;
# - why pooling makes a network tolerant of small shifts, but not invariant to them.
#
# **What you'll need**
#
# - the [lesson on convolution](03_convolution.ipynb): feature maps, channels, stride, padding;
# - the chain rule, as in the [lesson on back-propagation](02_backpropagation.ipynb);
# - momentum, from the [lesson on gradient descent](01_gradient_descent.ipynb);
# - about 60 minutes, and an hour more for the exercises.
#
# Marks such as E27 are the numbers of mistakes in a published introduction, all on record in
# [ERRATA.md](../ERRATA.md).

# %%
from functools import partial
from itertools import pairwise, product

import numpy as np

from helpers import backpropagation as layers
from helpers import controls, convolution, datasets, plotting, pooling, startup
from helpers.checks import pooling as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## What goes wrong
#
# ### A photograph becomes one flat colour
#
# The article that this lesson corrects defines pooling by one formula (E27). In our letters, with $X$ for the map, $P$
# for the result, and a window of $h$ by $w$ cells, it reads
#
# $$P[i, j] = \max_{0\le u<h}\ \max_{0\le v<w}\ X[u, v] .$$
#
# Here $u$ and $v$ count the cells inside the window. Look for $i$ and $j$ on the right. Now compute it literally, and
# beside it what was meant.


# %%
def article_pool(image, window):
    pooled = np.empty((image.shape[0] // window, image.shape[1] // window))
    for i, j in np.ndindex(pooled.shape):
        corner = image[:window, :window]  # the same for every i and j
        pooled[i, j] = corner.max()
    return pooled


def repaired_pool(image, window):
    pooled = np.empty((image.shape[0] // window, image.shape[1] // window))
    for i, j in np.ndindex(pooled.shape):
        top, left = i * window, j * window
        pooled[i, j] = image[top : top + window, left : left + window].max()
    return pooled


# %% alt="Three panels. Left, a grey photograph of a Chinese temple tower at a lake. Middle, the article's formula: an evenly light grey rectangle. Right, the repaired formula: the tower again, coarser and brighter." tags=["plot"]
photo = datasets.load_photo().mean(axis=-1)  # grey: the mean of red, green and blue
plotting.images(
    {
        "photograph, 427 x 640": photo,
        "as printed, 53 x 80": article_pool(photo, 8),
        "repaired, 53 x 80": repaired_pool(photo, 8),
    },
    limits=(0, 1),
)

# %% [markdown]
# Without the position, every output is the maximum of the same top left window. TensorFlow gives the verdict on a map
# of 6 by 6 random numbers:


# %%
def on_one_image(pool, image, *geometry, **more):
    """Give a pooling function the axes of batch and channels, and take them away."""
    pooled = pool(tf.constant(image[None, :, :, None]), *geometry, **more)
    return np.asarray(pooled)[0, :, :, 0]


random_map = np.random.default_rng(0).normal(size=(6, 6))
truth = on_one_image(tf.nn.max_pool2d, random_map, 2, 2, "VALID")
for name, pool in (("as printed", article_pool), ("repaired", repaired_pool)):
    pooled = pool(random_map, 2)
    distinct, right = len(np.unique(pooled)), np.sum(pooled == truth)
    print(f"{name}: distinct values: {distinct}, right: {right} of 9")

# %% [markdown]
# ### A layer that "learns", an operation that "reduces the resolution"
#
# The article says twice that a network learns features through its convolution *and pooling* layers (E07). Count what
# there is to learn:

# %%
for layer in (
    tf.keras.layers.Conv2D(8, 3),
    tf.keras.layers.MaxPooling2D(2),
    tf.keras.layers.AveragePooling2D(2),
):
    layer.build((None, 7, 7, 8))
    print(f"{layer.__class__.__name__}: {layer.count_params()} parameters")

# %% [markdown]
# Nothing. (In LeNet-5 each averaging map did have a trainable factor and a bias; LeCun et al., 1998. Today's layers do
# not.) The article also says that pooling reduces the resolution of the image (E08). But pooling works on feature maps,
# not only on images, and the resolution depends on something that the article never mentions:

# %%
seven = tf.zeros((1, 7, 7, 1))
for strides, padding in ((2, "VALID"), (2, "SAME"), (1, "SAME")):
    rows, columns = tf.nn.max_pool2d(seven, 2, strides, padding).shape[1:3]
    print(f"7 x 7 map, window 2, stride {strides}, {padding}: {rows} x {columns}")

# %% [markdown]
# The window is the same in all three. It is the **stride** that reduces the resolution. (With VALID
# and stride 1, a window of $h$ rows costs $h-1$ rows at the border. That makes the map smaller, not coarser.)
#
# ### A border that is not there
#
# The third stumbling block is the border (E29). With `padding="SAME"` some windows stick out of the map. Filling the
# gap with zeros seems natural, since convolution does it. Try it on maps that are the same everywhere:


# %%
def top_rows(pool, value):
    flat = np.full((4, 4), value)
    framed = np.pad(flat, 1)  # one cell of zeros all round
    with_zeros = on_one_image(pool, framed, 3, 1, "VALID")
    same = on_one_image(pool, flat, 3, 1, "SAME")
    return with_zeros[0].round(2), same[0]


for name, pool, value in (
    ("maximum of -1", tf.nn.max_pool2d, -1.0),
    ("average of 1", tf.nn.avg_pool2d, 1.0),
):
    with_zeros, same = top_rows(pool, value)
    print(f"{name}, top row: zeros {with_zeros}, SAME {same}")

# %% [markdown]
# Zeros win against −1, and they dilute the average. TensorFlow does neither: the maximum is padded with $-\infty$, and
# the average does not count what lies outside. Both amount to one rule: **cut the window off at the border.**

# %% [markdown]
# ## The idea
#
# Slide a window over the map and replace what it sees by one number. Here the window is 2 by 2 and moves by 2.

# %% alt="Three grids of numbers. Left, a map of four by four cells. Middle, the maxima of its four quarters: 4, 2, 2, 6. Right, their averages: 2.5, 1, 0.75, 4." tags=["plot"]
small_map = np.array([[1.0, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 0, 3, 6]])
quarters = small_map.reshape(2, 2, 2, 2)  # i, row inside, j, column inside
plotting.images(
    {
        "map": small_map,
        "maximum": quarters.max(axis=(1, 3)),
        "average": quarters.mean(axis=(1, 3)),
    },
    values=True,
)

# %% [markdown]
# Top left the window sees 1, 3, 4 and 2: the maximum is 4, the average 10 / 4 = 2.5. Think of the map as the answer of
# a filter that looks for a vertical stroke. The maximum then says *whether there is a stroke somewhere in this window*;
# the average says *how much stroke there is* (Riesenhuber & Poggio, 1999, argue for the maximum from the visual
# cortex). Both forget where in the window it was, and that is the point.
#
# They can differ completely. On stripes one cell wide, the maximum sees only stroke and the average sees only grey. The
# article speaks of both and gives a formula for one (E28).

# %%
stripes = np.tile([1.0, 0.0], (4, 2)).reshape(2, 2, 2, 2)
print("maximum:", stripes.max(axis=(1, 3)).ravel())
print("average:", stripes.mean(axis=(1, 3)).ravel())

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$ | feature maps: example $b$, row, column, channel $c$ | $B\times H\times W\times C$ | `images` |
# | $h, w$ | height and width of the window | 1 | `ksize` |
# | $s_h, s_w$ | strides: how far the window moves, down and to the right | 1 | `strides` |
# | $p_t, p_l$ | rows above and columns to the left of the map that the first window covers | 1 | `before` |
# | $i, j$ | position in the output | 1 | `i, j` |
# | $H', W'$ | rows and columns of the output | 1 | `len(rows)`, `len(columns)` |
# | $r, q$ | row and column of the map | 1 | |
# | $\Omega_{ij}$ | the cells that window $(i, j)$ sees; there are $\lvert\Omega_{ij}\rvert$ of them | | `rows[i], columns[j]` |
# | $P$, $A$ | maximum and average | $B\times H'\times W'\times C$ | `pooled` |
# | $J$ | loss | 1 | `loss` |
# | $G$ | gradient of the loss with respect to $P$ or $A$ | size of $P$ | `upstream` |
#
# ### One window, one number
#
# Window $(i,j)$ starts in row $s_h i - p_t$ and column $s_w j - p_l$, and what sticks out of the map is cut off:
#
# $$\Omega_{ij} = \{(r,q) :\ s_h i - p_t \le r < s_h i - p_t + h,\quad s_w j - p_l \le q < s_w j - p_l + w,\quad
# 0\le r<H,\ 0\le q<W\} .$$
#
# Then the two kinds of pooling are
#
# $$P[b,i,j,c] = \max_{(r,q)\in\Omega_{ij}} X[b,r,q,c], \qquad
# A[b,i,j,c] = \frac{1}{\lvert\Omega_{ij}\rvert}\sum_{(r,q)\in\Omega_{ij}} X[b,r,q,c] .$$
#
# The maximum is taken over a set, not between limits like a sum. The example $b$ and the channel $c$ stand on both
# sides: each map of each example is pooled by itself, and nothing is mixed. In the picture above, $\Omega_{01}$ holds
# rows 0 and 1, columns 2 and 3, so that $P[0,1]=\max\{2,0,1,1\}=2$ and $A[0,1]=4/4=1$.
#
# ### How many windows fit
#
# **VALID** has no padding. The last window must not stick out: $s_h i + h \le H$, that is $i \le (H-h)/s_h$. Counting
# from $i=0$,
#
# $$H' = \Big\lfloor\frac{H-h}{s_h}\Big\rfloor + 1 .$$
#
# Rows that are left over at the bottom are dropped. **SAME** wants one output for every $s_h$ rows that are begun:
#
# $$H' = \Big\lceil\frac{H}{s_h}\Big\rceil .$$
#
# The last window then needs the padded map to have $(H'-1)s_h + h$ rows, so that the padding is
#
# $$p = \max\big((H'-1)s_h + h - H,\ 0\big), \qquad p_t = \lfloor p/2\rfloor .$$
#
# So $p_t$ rows are above the map, and the rest is below: an odd row goes to the bottom. (Dumoulin & Visin, 2016, derive
# many such sizes; the rule for the odd row is TensorFlow's.) Columns follow the same rule. For 7 rows, window 2 and
# stride 2: VALID gives $\lfloor 5/2\rfloor+1=3$, SAME gives $\lceil 7/2\rceil=4$ with one padded row, at the bottom.
# These are the sizes that you saw above.
#
# ### The gradient of the maximum
#
# Suppose that one cell $m$ of the window is larger than the others. Change all cells by so little that it stays the
# largest. Then $P = X[m]$, whatever the other cells do (write $P[i,j]$ and $X[r,q]$, for one example and one channel):
#
# $$\frac{\partial P[i,j]}{\partial X[r,q]} = \begin{cases}1 & \text{if } (r,q) \text{ is the largest cell of }
# \Omega_{ij},\\ 0 & \text{otherwise.}\end{cases}$$
#
# A cell may be the largest of several windows. By the chain rule its shares add up:
#
# $$\frac{\partial J}{\partial X[r,q]} = \sum_{(i,j)\,:\,(r,q)\text{ is the largest of }\Omega_{ij}} G[i,j] .$$
#
# In a **tie** there is no derivative. If two cells are both 5, raising one of them raises the maximum, and lowering it
# does not: the slope is 1 on one side and 0 on the other. A program must choose; you will see what TensorFlow chooses.
#
# ### The gradient of the average
#
# The average is linear, so its derivative is its weight, everywhere:
#
# $$\frac{\partial A[i,j]}{\partial X[r,q]} = \frac1{\lvert\Omega_{ij}\rvert} \text{ for } (r,q)\in\Omega_{ij}, \qquad
# \frac{\partial J}{\partial X[r,q]} = \sum_{(i,j)\,:\,(r,q)\in\Omega_{ij}} \frac{G[i,j]}{\lvert\Omega_{ij}\rvert} .$$
#
# The maximum sends the whole gradient of a window to one cell, the average shares it out equally. Either way nothing is
# lost on the way: the entries of $\partial J/\partial X$ add up to the sum of $G$.
#
# ### What a shift does
#
# Move the whole map by exactly one stride, and every window sees what its neighbour saw: the output moves by one cell,
# and away from the borders nothing else changes. For smaller moves there is no such rule. Take a single bright cell on
# a dark map, and windows that do not overlap, $s_w = w$. Moved by one column, the dot stays in its window unless it was
# in the last column of it. So $w-1$ of $w$ positions give an unchanged output, and one in $w$ does not.

# %% [markdown]
# ## From scratch
#
# The article announces programs for all of its algorithms; for pooling there is none (E30). Here are the loops. First,
# where the windows begin and end along one axis, with the sizes just derived:


# %%
def spans(length, ksize, strides, padding):
    """Beginning and end of each window along one axis, cut off at the border."""
    if padding == "SAME":
        count = -(-length // strides)  # rounded up
        before = max((count - 1) * strides + ksize - length, 0) // 2
    else:
        count, before = (length - ksize) // strides + 1, 0
    begins = [i * strides - before for i in range(count)]
    return [slice(max(begin, 0), min(begin + ksize, length)) for begin in begins]


def windows(images, ksize, strides, padding):
    return [spans(length, ksize, strides, padding) for length in images.shape[1:3]]


for padding in ("VALID", "SAME"):
    print(padding, [(span.start, span.stop) for span in spans(7, 2, 2, padding)])
print("window 3, stride 1:", [(s.start, s.stop) for s in spans(7, 3, 1, "SAME")])

# %% [markdown]
# Each pair is a beginning and an end, the end not included. The last window of SAME is cut off: it sees row 6 alone;
# with a window of 3 and stride 1, the first and the last window are cut off. For the maximum, cutting off gives the
# same as padding with $-\infty$; for the average, it means that padding is not counted. Pooling itself is then one
# loop, for the maximum (`np.max`) and the average (`np.mean`) alike:


# %%
def pool2d(summary, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    pooled = np.empty((len(images), len(rows), len(columns), images.shape[3]))
    for i, j in np.ndindex(len(rows), len(columns)):
        pooled[:, i, j] = summary(images[:, rows[i], columns[j]], axis=(1, 2))
    return pooled


one_image = small_map[None, :, :, None]  # the shape (1, 4, 4, 1)
print("maximum:", pool2d(np.max, one_image, 2, 2).ravel())
print("average:", pool2d(np.mean, one_image, 2, 2).ravel())

# %% [markdown]
# The same numbers as in the picture. Two special cases are worth knowing. **Global** pooling uses one window that is as
# large as the map, and leaves one number for each channel, whatever the size of the map (Lin, Chen & Yan, 2014). And
# where the stride equals the window and the sizes divide, no loop is needed at all:

# %%
maps = np.random.default_rng(1).normal(size=(2, 6, 6, 3))
blocks = maps.reshape(2, 3, 2, 3, 2, 3)  # example, i, u, j, v, channel
without_loops = blocks.max(axis=(2, 4))
print("global average:", maps.mean(axis=(1, 2)).shape)
print("reshape = loops:", np.array_equal(without_loops, pool2d(np.max, maps, 2, 2)))

# %% [markdown]
# ### One is a convolution, the other is not
#
# An average is a weighted sum with equal weights: without padding, average pooling is a convolution with a constant
# kernel, one channel at a time. (At a border that is cut off, the weights are larger.) The maximum is not even linear:
# the maximum of a sum is not the sum of the maxima.

# %%
one_channel = maps[..., :1]
constant_kernel = np.full((2, 2, 1, 1), 1 / 4)
as_convolution = convolution.conv2d(one_channel, constant_kernel, strides=2)
difference = abs(as_convolution - pool2d(np.mean, one_channel, 2, 2)).max()
print(f"average pooling - convolution < 1e-15: {difference < 1e-15}")

a, b = np.array([1.0, 0.0]), np.array([0.0, 1.0])
print(
    f"maximum of the sum {(a + b).max():.0f}, sum of the maxima {a.max() + b.max():.0f}"
)

# %% [markdown]
# The maximum has another virtue: it commutes with every function that never decreases. ReLU first or pooling first, the
# result is the same, and with window and stride 2, pooling first needs ReLU on a quarter of the numbers. For the
# average the order matters.

# %%
for name, summary in (("maximum", np.max), ("average", np.mean)):
    pooling_first = layers.relu(pool2d(summary, maps, 2, 2))
    relu_first = pool2d(summary, layers.relu(maps), 2, 2)
    print(
        f"{name}: the order does not matter: {np.allclose(pooling_first, relu_first)}"
    )

# %% [markdown]
# ### The backward passes
#
# The maximum looks up again which cell was the largest, and gives it the gradient of the window. Note the `+=`: windows
# may overlap.


# %%
def max_backward(upstream, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    d_images = np.zeros_like(images)
    for b, i, j, c in np.ndindex(upstream.shape):
        window = images[b, rows[i], columns[j], c]
        largest = np.unravel_index(window.argmax(), window.shape)
        d_images[b, rows[i], columns[j], c][largest] += upstream[b, i, j, c]
    return d_images


# %% [markdown]
# The average shares out:


# %%
def avg_backward(upstream, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    d_images = np.zeros_like(images)
    for b, i, j, c in np.ndindex(upstream.shape):
        window = d_images[b, rows[i], columns[j], c]  # a view into d_images
        window += upstream[b, i, j, c] / window.size
    return d_images


# %% [markdown]
# Let every output ask for one unit more, `upstream` = 1, and see which cells of the small map are held responsible.


# %% alt="Four grids of numbers. The map of four by four cells. The gradient of the maximum with stride 2: 1 at the cells 4, 2, 2 and 6, and 0 elsewhere. The gradient of the average with stride 2: 0.25 everywhere. The gradient of the maximum with stride 1: 3 at the cell 5, 2 at the cell 4, 1 at four others, 0 elsewhere." tags=["plot"]
def responsible(backward, strides):
    outputs = pool2d(np.max, one_image, 2, strides)
    return backward(np.ones_like(outputs), one_image, 2, strides)[0, :, :, 0]


plotting.images(
    {
        "map": small_map,
        "maximum, stride 2": responsible(max_backward, 2),
        "average, stride 2": responsible(avg_backward, 2),
        "maximum, stride 1": responsible(max_backward, 1),
    },
    values=True,
)

# %% [markdown]
# In each panel the gradient adds up to the number of windows: 4, 4 and 9. With stride 1 the windows overlap, and the
# cell with the 5 is the largest of three of them.

# %% [markdown]
# ## Is it right?
#
# ### Against finite differences, and against a planted mistake
#
# Take the loss $J = \sum G\,P$ with a random $G$, so that every output counts differently. The maps are random too, so
# that there are no ties and the derivative exists. Beside the two backward passes stands a third one with a mistake
# that is easily made: `=` instead of `+=`.


# %%
def overwriting_backward(upstream, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    d_images = np.zeros_like(images)
    for b, i, j, c in np.ndindex(upstream.shape):
        window = images[b, rows[i], columns[j], c]
        largest = np.unravel_index(window.argmax(), window.shape)
        d_images[b, rows[i], columns[j], c][largest] = upstream[b, i, j, c]
    return d_images


# %%
def error_of(summary, backward, ksize, strides):
    rng = np.random.default_rng(2)
    images = rng.normal(size=(1, 6, 6, 2))
    upstream = rng.normal(size=pool2d(summary, images, ksize, strides).shape)
    return gradient_error(
        lambda images: (upstream * pool2d(summary, images, ksize, strides)).sum(),
        lambda images: backward(upstream, images, ksize, strides),
        images,
    )


for name, summary, backward in (
    ("maximum", np.max, max_backward),
    ("average", np.mean, avg_backward),
    ("maximum with =", np.max, overwriting_backward),
):
    right = [error_of(summary, backward, ksize, 2) < 1e-6 for ksize in (2, 3)]
    print(f"{name}: error < 1e-6 with window 2: {right[0]}, with window 3: {right[1]}")

# %% [markdown]
# The mistake passes the first test, because windows of 2 with stride 2 do not overlap. Only the second size reveals it.
# Test the cases in which your shortcuts would show.
#
# ### Against TensorFlow, over a grid
#
# Now all three: the loops above, the faster version in `helpers.pooling` (which also takes pairs of sizes and explicit
# padding, and checks its arguments), and TensorFlow (Abadi et al., 2016) with its tape, in double precision. Windows
# from 1 to 4, strides from 1 to 3, both paddings, on maps of 7 by 6 cells. (`partial(f, a)` is the function `f` with
# its first argument already filled in; arguments with a name, as in `partial(f, padding="SAME")`, can be filled in
# too.)


# %%
def in_numpy(forward, backward, upstream, images, *geometry):
    return forward(images, *geometry), backward(upstream, images, *geometry)


def in_tensorflow(pool, upstream, images, *geometry):
    images, upstream = tf.constant(images), tf.constant(upstream)
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = pool(images, *geometry)
    d_images = tape.gradient(pooled, images, output_gradients=upstream)
    return pooled.numpy(), d_images.numpy()


# %%
grid = list(product((1, 2, 3, 4), (1, 2, 3), ("VALID", "SAME")))
three_ways = {
    "maximum": [
        partial(in_numpy, partial(pool2d, np.max), max_backward),
        partial(in_numpy, pooling.max_pool2d, pooling.max_pool2d_backward),
        partial(in_tensorflow, tf.nn.max_pool2d),
    ],
    "average": [
        partial(in_numpy, partial(pool2d, np.mean), avg_backward),
        partial(in_numpy, pooling.avg_pool2d, pooling.avg_pool2d_backward),
        partial(in_tensorflow, tf.nn.avg_pool2d),
    ],
}

# %%
rng = np.random.default_rng(4)
for name, ways in three_ways.items():
    differences = []
    for geometry in grid:
        images = rng.normal(size=(2, 7, 6, 3))
        upstream = rng.normal(size=pool2d(np.max, images, *geometry).shape)
        first, *others = [way(upstream, images, *geometry) for way in ways]
        differences += [abs(a - b).max() for x in others for a, b in zip(first, x)]
    largest = max(differences)
    print(f"{name}: {len(grid)} cases, all differences < 1e-12: {largest < 1e-12}")

# %% [markdown]
# ### Ties
#
# ReLU makes ties all the time: a window in which nothing was found holds four zeros. Which cell is then "the largest"?

# %%
tied, upstream = np.zeros((1, 4, 4, 1)), np.ones((1, 2, 2, 1))
loops, helper, tensorflow = (
    way(upstream, tied, 2, 2, "VALID")[1] for way in three_ways["maximum"]
)
print(tensorflow[0, :, :, 0])
print("our loops choose the same:", np.array_equal(loops, tensorflow))
print("the helper does, too:", np.array_equal(helper, tensorflow))

# %% [markdown]
# The first in reading order, on a CPU; `argmax` chooses the same one. It is a convention. For zeros that come from a
# ReLU it does no harm, because the ReLU in front passes no gradient back where its output is 0.
#
# ### Against Keras
#
# The layers of Keras compute in single precision, with about seven digits; hence the wider bound of $10^{-6}$.


# %%
def keras_difference(layer, helper, ksize, strides, padding):
    keras = layer(ksize, strides, padding.lower())(images).numpy()
    return abs(keras - helper(images, ksize, strides, padding)).max()


images = rng.normal(size=(2, 7, 6, 3))
for layer, helper in (
    (tf.keras.layers.MaxPooling2D, pooling.max_pool2d),
    (tf.keras.layers.AveragePooling2D, pooling.avg_pool2d),
):
    largest = max(keras_difference(layer, helper, *geometry) for geometry in grid)
    print(f"{layer.__name__}: {len(grid)} cases, < 1e-6: {largest < 1e-6}")

keras_global = tf.keras.layers.GlobalAveragePooling2D()(images).numpy()
difference = abs(keras_global - images.mean(axis=(1, 2))).max()
print(f"GlobalAveragePooling2D: < 1e-6: {difference < 1e-6}")

# %% [markdown]
# ## In TensorFlow 2
#
# ### One network, twice
#
# Pooling has nothing to train, but the filters in front of it have, and their gradient must come back *through* it. So
# put it into a small network: 8 filters, ReLU, pooling, and a dense layer with ten outputs, one for each digit. In
# NumPy, from the layers of this lesson and the ones before. The biases of the filters are called `offsets` here,
# because `bias` is that of the dense layer:


# %%
def forward(weights, images):
    filters, offsets, kernel, bias = weights
    maps = convolution.conv2d(images, filters, padding="SAME") + offsets
    rectified = layers.relu(maps)
    pooled = pooling.max_pool2d(rectified, 2, 2)
    flat = pooled.reshape(len(images), -1)
    return layers.dense(flat, kernel, bias), (maps, rectified, pooled, flat)


def backward(weights, images, labels):
    filters, _, kernel, _ = weights
    logits, (maps, rectified, pooled, flat) = forward(weights, images)
    upstream = layers.softmax_cross_entropy_backward(logits, labels)
    d_flat, d_kernel, d_bias = layers.dense_backward(upstream, flat, kernel)
    d_pooled = d_flat.reshape(pooled.shape)
    d_rectified = pooling.max_pool2d_backward(d_pooled, rectified, 2, 2)
    d_maps = layers.relu_backward(d_rectified, maps)
    _, d_filters = convolution.conv2d_backward(d_maps, images, filters, padding="SAME")
    return d_filters, d_maps.sum(axis=(0, 1, 2)), d_kernel, d_bias


# %% [markdown]
# Read `backward` from the top: it visits the layers in reverse order and hands each the gradient of its output. Now the
# same network with TensorFlow's operations and a tape, on 200 real digits of 8 by 8 pixels (Alpaydin & Kaynak, 1998).

# %%
digits, labels = datasets.load_digits()
some_digits, some_labels = digits[:200], labels[:200]


def starting_weights(size, rng):
    """Random filters and kernel; `size` is the number of inputs of the dense layer."""
    filters = rng.normal(0, np.sqrt(2 / 9), (3, 3, 1, 8))
    kernel = rng.normal(0, np.sqrt(1 / size), (size, 10))
    return [filters, np.zeros(8), kernel, np.zeros(10)]


start = starting_weights(4 * 4 * 8, np.random.default_rng(5))

# %%
variables = [tf.Variable(weight) for weight in start]
filters, offsets, kernel, bias = variables
with tf.GradientTape() as tape:
    maps = tf.nn.conv2d(tf.constant(some_digits), filters, 1, "SAME") + offsets
    pooled = tf.nn.max_pool2d(tf.nn.relu(maps), 2, 2, "VALID")
    logits = tf.reshape(pooled, (200, 128)) @ kernel + bias
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(some_labels, logits)
    loss = tf.reduce_mean(losses)

# %%
by_hand = backward(start, some_digits, some_labels)
by_tape = tape.gradient(loss, variables)
names = ("filters", "offsets", "kernel", "bias")
for name, hand, automatic in zip(names, by_hand, by_tape):
    difference = abs(hand - automatic.numpy()).max()
    print(f"gradient of {name} {hand.shape}: difference < 1e-12: {difference < 1e-12}")

# %% [markdown]
# And as you would write it today, in Keras. Same weights, same data, 30 steps of gradient descent with all 200 digits
# in each step. Keras works in single precision again, so expect agreement to about four decimals, not twelve.

# %%
model = tf.keras.Sequential(
    [
        tf.keras.Input((8, 8, 1)),
        tf.keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
        tf.keras.layers.MaxPooling2D(2),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(10),
    ]
)
model.set_weights(start)
cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=tf.keras.optimizers.SGD(0.2), loss=cross_entropy)
keras_losses = [model.train_on_batch(some_digits, some_labels) for _ in range(30)]

# %%
weights, our_losses = start, []
for _ in range(30):
    logits, _ = forward(weights, some_digits)
    our_losses.append(layers.softmax_cross_entropy(logits, some_labels))
    gradients = backward(weights, some_digits, some_labels)
    weights = [weight - 0.2 * gradient for weight, gradient in zip(weights, gradients)]

print(f"loss {our_losses[0]:.3f} -> {our_losses[-1]:.3f}")
difference = np.max(np.abs(np.subtract(our_losses, keras_losses)))
print(f"difference to Keras in any step < 1e-4: {difference < 1e-4}")

# %% alt="The loss falls smoothly over 30 steps, from 2.5 to 0.7. The dotted line of Keras lies exactly on the line of the NumPy network." tags=["plot"]
plotting.lines(
    np.arange(30),
    {"NumPy, and\nKeras (dotted)": our_losses},
    "step",
    "loss in nats",
    dashed={"NumPy, and\nKeras (dotted)": keras_losses},
)

# %% [markdown]
# The dotted line is Keras. (A *nat* is the unit of a loss that is computed with the natural logarithm.) What do the
# maps look like before and after pooling? Here for the first digit, with the filters just learned.

# %% alt="Two rows of five panels. Above, a zero of 8 by 8 pixels and four of its feature maps: one shows its whole outline, the others parts of it, more faintly. Below, each of them pooled to 4 by 4 cells: the bright parts are still there, the hole of the zero has nearly closed." tags=["plot"]
_, (_, rectified, _, _) = forward(weights, some_digits[:1])
strongest = np.sort(np.argsort(-rectified[0].max(axis=(0, 1)))[:4])
shown = {"digit": some_digits[0, :, :, 0] * rectified.max()}
shown |= {f"map {c}": rectified[0, :, :, c] for c in strongest}
shown |= {f"{name}, pooled": repaired_pool(image, 2) for name, image in shown.items()}
plotting.images(shown, columns=5)

# %% [markdown]
# Every strong answer survives. Thin gaps do not: the hole of the zero has nearly closed. That is the price of the lower
# resolution, and of the maximum, which widens what is bright.

# %% [markdown]
# ## On real data
#
# ### A dot that moves
#
# "Pooling makes a network invariant to shifts": is that so? Start with one bright cell that moves to the right, and
# windows of 2 with stride 2.

# %% alt="Three pairs of panels. In each pair, a map of eight by eight cells with one white cell, and the same map pooled to four by four cells. For the white cell in columns 2 and 3 the pooled maps are the same, for column 4 the white cell of the pooled map has moved to the right." tags=["plot"]
pairs = {}
for column in (2, 3, 4):
    dot = np.zeros((8, 8))
    dot[3, column] = 1
    pairs |= {f"column {column}": dot, f"{column}, pooled": repaired_pool(dot, 2)}
plotting.images(pairs)

# %% [markdown]
# From column 2 to 3 nothing changes in the output, from 3 to 4 it does. The mathematics above predicts that one
# position in $w$ is affected. Put the dot into each of 24 columns, move it by one, and count.

# %%
dots = np.eye(24)[:, None, :, None]  # 24 examples of one row, the dot in another column
moved = np.roll(dots, 1, axis=2)
for ksize in (2, 3, 4):
    in_place, shifted = (
        pooling.max_pool2d(x, (1, ksize), (1, ksize)) for x in (dots, moved)
    )
    unchanged = np.all(in_place == shifted, axis=(1, 2, 3)).sum()
    print(f"window {ksize}: unchanged in {unchanged} of 24 positions")

# %% [markdown]
# That is $(w-1)/w$ of them: tolerance, not invariance, and all or nothing for each dot. One kind of pooling *is*
# invariant, as long as nothing leaves the map: the maximum (or average) over the whole of it.
#
# ### Digits that move by a pixel
#
# Now real digits, with two empty pixels all round, so that no ink is lost when a digit moves. A network learns from
# 1197 digits in their place. Then it is tested on the 600 others, which were held out: in place, moved by one pixel,
# moved by two (every second digit down, the others to the right). One network is a dense layer on the plain pixels. All
# others have 8 filters of 3 by 3, ReLU, and a dense layer; they differ in what is in between, and one in its stride.
#
# All networks see the same digits, so you can cut them into patches once. A *patch* is what a filter sees at one place:
# the pixel there and its eight neighbours, nine numbers.

# %%
padded = np.pad(digits, ((0, 0), (2, 2), (2, 2), (0, 0)))


def moved_by(distance):
    """Move every second digit down, and the others to the right."""
    images = np.roll(padded, distance, axis=2)
    images[::2] = np.roll(padded[::2], distance, axis=1)
    return images


def all_patches(images):
    ones = (1, 1, 1, 1)  # strides and dilations
    return tf.image.extract_patches(images, (1, 3, 3, 1), ones, ones, "SAME")


moved_patches = [all_patches(moved_by(distance)) for distance in (0, 1, 2)]
print("patches:", moved_patches[0].shape)

# %% [markdown]
# The convolution then is one matrix product, of the patches and the filters. The result is that of `tf.nn.conv2d`.
# `extract` stands here and below for any such function, from patches to features. (With 12 rows and stride 2, SAME puts
# its one row of zeros at the bottom, so that the first filter is centred on row 1: `1::2`.)


# %%
def features(patches, filters, offsets, pool=tf.identity):
    maps = tf.tensordot(patches, tf.reshape(filters, (9, 8)), 1) + offsets
    return pool(tf.nn.relu(maps))


def strided(patches, filters, offsets):
    return features(patches[:, 1::2, 1::2], filters, offsets)  # every second patch


filters = np.random.default_rng(6).normal(size=(3, 3, 1, 8))
for extract, stride in ((features, 1), (strided, 2)):
    ours = extract(moved_patches[0][:99], filters, np.zeros(8))
    maps = tf.nn.relu(tf.nn.conv2d(tf.constant(padded[:99]), filters, stride, "SAME"))
    difference = abs(ours - maps).numpy().max()
    print(f"stride {stride}: difference to conv2d < 1e-12: {difference < 1e-12}")


# %% [markdown]
# The baseline extracts nothing. The dense layer makes ten scores of the features, one for each digit:


# %%
def pixels(patches, *_):
    return patches[..., 4]  # in each patch the pixel in the middle


def scores(weights, extract, patches):
    filters, offsets, kernel, bias = weights
    flat = tf.reshape(extract(patches, filters, offsets), (-1, kernel.shape[0]))
    return flat @ kernel + bias


# %% [markdown]
# The whole training becomes one compiled `tf.function`, loop included: gradient descent with momentum, as in the [first
# lesson](01_gradient_descent.ipynb). The last network learns from digits moved by up to one pixel in each direction:
# for it, `moves` says how far to push each batch. To push the patches is the same as to push the digits, because the
# margin is wide enough for one pixel. Everything is in double precision here, so that rounding, which differs from
# machine to machine, is unlikely to change an answer.


# %%
def train(extract, weights, velocities, batches, moves):
    for i in tf.range(tf.shape(batches)[0]):
        patches = tf.gather(moved_patches[0], batches[i])
        if moves is not None:
            patches = tf.roll(patches, moves[i], (1, 2))
        digit = tf.gather(labels, batches[i])
        with tf.GradientTape() as tape:
            logits = scores(weights, extract, patches)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(digit, logits)
            loss = tf.reduce_mean(losses)
        # "zero": `pixels` does not use the filters, and their gradient would be `None`
        gradients = tape.gradient(loss, weights, unconnected_gradients="zero")
        for weight, velocity, gradient in zip(weights, velocities, gradients):
            velocity.assign(0.9 * velocity - 0.03 * gradient)
            weight.assign_add(velocity)


# %% [markdown]
# A seed decides everything random: which digits are held out, the first weights, the order of the batches, the moves.


# %%
def accuracy(weights, extract, rows, distance=0):
    patches = tf.gather(moved_patches[distance], rows)
    answers = tf.argmax(scores(weights, extract, patches), axis=1)
    return np.mean(answers.numpy() == labels[rows])


def number_of_features(extract):
    one_digit = moved_patches[0][:1]
    return tf.size(extract(one_digit, np.zeros((3, 3, 1, 8)), np.zeros(8))).numpy()


def batches_of(rows, rng, passes=3):
    """Row numbers of 72 batches of 16 for each pass, freshly shuffled."""
    each_pass = [rng.permutation(rows)[:1152].reshape(72, 16) for _ in range(passes)]
    return np.concatenate(each_pass)


# %%
def run(compiled, extract, seed, moving):
    rng = np.random.default_rng(seed)
    rows, held_out = np.split(rng.permutation(1797), [1197])
    start = starting_weights(number_of_features(extract), rng)
    weights = [tf.Variable(array) for array in start]
    velocities = [tf.Variable(tf.zeros_like(weight)) for weight in weights]
    batches = batches_of(rows, rng)
    moves = tf.constant(rng.integers(-1, 2, (len(batches), 2))) if moving else None
    compiled(weights, velocities, tf.constant(batches), moves)
    on_held_out = [accuracy(weights, extract, held_out, d) for d in (2, 1, 0)]
    return [*on_held_out, accuracy(weights, extract, rows[:600])]


def experiment(extract, moving=False):
    compiled = tf.function(partial(train, extract))
    by_seed = [run(compiled, extract, seed, moving) for seed in (0, 1, 2)]
    names = ("moved by 2", "moved by 1", "in place", "training")
    return dict(zip(names, np.transpose(by_seed)))


# %%
def pooled_features(pool, ksize, strides):
    pool = partial(pool, ksize=ksize, strides=strides, padding="VALID")
    return partial(features, pool=pool)


networks = {
    "pixels only": pixels,
    "no pooling": features,
    "convolution with stride 2": strided,
    "average 2, stride 2": pooled_features(tf.nn.avg_pool2d, 2, 2),
    "maximum 2, stride 1": pooled_features(tf.nn.max_pool2d, 2, 1),
    "maximum 2, stride 2": pooled_features(tf.nn.max_pool2d, 2, 2),
    "maximum 3, stride 2": pooled_features(tf.nn.max_pool2d, 3, 2),
    "maximum of whole map": partial(features, pool=partial(tf.reduce_max, axis=(1, 2))),
}
results = {name: experiment(extract) for name, extract in networks.items()}
results["no pooling, moved in training"] = experiment(features, moving=True)

# %%
columns = ("training", "in place", "moved by 1", "moved by 2")
print(" " * 29, *(f"{column:>11s}" for column in columns))
for name, shares in results.items():
    print(f"{name:29s}", *(f"{shares[column].mean():11.0%}" for column in columns))

# %% [markdown]
# The first column is the accuracy on 600 of the training digits, in place, also for the network that was trained on
# moved ones. Now the three seeds one by one, on the held-out digits:

# %% alt="For each of nine networks, the accuracies of three seeds on held-out digits in place, moved by one pixel and moved by two. In place, seven of the nine are above 0.9 with every seed. Moved by one, the means go from 0.42 without pooling over 0.54 for the maximum of 2 with stride 2 and 0.72 for the maximum of 3 to 0.81 for the network trained on moved digits. Moved by two, most are near 0.1. For the maximum of the whole map the three coincide, between 0.24 and 0.38." tags=["plot"]
shown = ("moved by 2", "moved by 1", "in place")
held_out = {name: {key: a[key] for key in shown} for name, a in results.items()}
plotting.repeats(held_out, "share of held-out digits recognised", limits=(-0.05, 1))

# %% [markdown]
# Each ring is one seed, each bar a mean. One run alone would prove nothing, so check what you want to claim with every
# seed (E39):

# %%
claims = (
    ("maximum 2, stride 1", "no pooling"),
    ("maximum 2, stride 2", "no pooling"),
    ("maximum 2, stride 2", "convolution with stride 2"),
    ("maximum 3, stride 2", "maximum 2, stride 2"),
    ("no pooling, moved in training", "maximum 3, stride 2"),
)
for better, worse in claims:
    always = np.all(results[better]["moved by 1"] > results[worse]["moved by 1"])
    print(f"moved by 1, every seed: {better} > {worse}: {always}")

# %% [markdown]
# For the maximum of the whole map, compare the features themselves, with the random filters from above:

# %%
whole_map = networks["maximum of whole map"]
in_place, moved_by_1 = (
    whole_map(patches, filters, np.zeros(8)) for patches in moved_patches[:2]
)
difference = abs(in_place - moved_by_1).numpy().max()
print(f"features in place - moved by 1: difference < 1e-12: {difference < 1e-12}")

# %% [markdown]
# - **In place**, the network with maximum pooling does as well as the one without, with a quarter of the weights in the
#   dense layer. Even the plain pixels reach 93%: on these digits nobody needs pooling.
# - **Moved by one pixel**, which would not stop you from reading the digit, the network without pooling falls from
#   96% to 42%. Maximum pooling helps: 54%. A larger window with the same stride helps more: 72% (its windows overlap,
#   and it hands on 5 by 5 cells instead of 6 by 6 and drops the last row and column). The average gains little.
# - **The maximum over the window gives the tolerance, the stride does not.** A convolution with stride 2 hands on maps
#   of the same small size as pooling by 2, and gets 43%, as without pooling. The maximum over the same windows of 2
#   with stride 1 hands on large maps, and gets 58%. A stride can replace pooling where accuracy in place counts
#   (Springenberg et al., 2015), but it does not bring the tolerance.
# - **Moved by two**, the tolerance is used up: most fall to about the 10% of pure guessing, the window of 3 to 22%.
# - **The maximum over the whole map** is invariant to a move by one: the features are the same numbers, because
#   everything that a filter finds stays on the map. It also recognises little: about a third of the digits, even of
#   those it was trained on. Eight numbers, each saying that somewhere there is a certain edge or stroke, were not
#   enough in three passes to tell ten digits apart. Deep networks use global pooling at their end, where a feature says
#   more (Lin, Chen & Yan, 2014).
# - **Training on moved digits** beats the pooling layers here: 81% without any pooling, at the price of six percentage
#   points in place after the same three passes. If you expect shifts, show shifts.
#
# All this is one small network, three seeds and three passes: enough for the large differences in the column "moved by
# 1", not for the small ones in place. So pooling gives *some* tolerance to *small* shifts. Networks trained on a
# million photographs are no exception: a shift by one pixel can change their answer (Azulay & Weiss, 2019).
#
# ### What it costs, and what it saves
#
# Maximum pooling itself only compares, and the average needs one division for each output. Pooling saves where the
# *next* layer works on a smaller map: a stride of 2 leaves a quarter of the positions. Count the multiplications of the
# first convolution, of a second one from 8 to 16 channels, and of the dense layer behind it:


# %%
def multiplications(rows, columns, kernel, channels_in, channels_out):
    return rows * columns * kernel**2 * channels_in * channels_out


sizes = {  # rows of the maps behind the first convolution, and in front of the second
    "no pooling": (12, 12),
    "maximum 2, stride 2": (12, 6),
    "convolution with stride 2": (6, 6),
}
for name, (n, m) in sizes.items():
    first = multiplications(n, n, 3, 1, 8)
    second = multiplications(m, m, 3, 8, 16)
    dense = multiplications(1, 1, m, 16, 10)  # one window as large as the map
    total = first + second + dense
    print(f"{name:25s} {first:6d} + {second:6d} + {dense:5d} = {total}")

# %% [markdown]
# The strided convolution saves in the first layer too, because it never computes what would be thrown away. In a deep
# network the savings multiply. VGG-16 (Simonyan & Zisserman, 2015) has thirteen convolutions of 3 by 3 and a maximum
# pooling after each of five groups. What would the convolutions cost without the pooling in between?

# %%
channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
group = (0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)  # so many poolings stand before
with_pooling = without_pooling = 0
for (channels_in, channels_out), poolings in zip(pairwise(channels), group):
    rows = 224 // 2**poolings
    with_pooling += multiplications(rows, rows, 3, channels_in, channels_out)
    without_pooling += multiplications(224, 224, 3, channels_in, channels_out)
print(f"VGG-16, multiplications per image: {with_pooling / 1e9:.1f} billion")
print(f"without pooling: {without_pooling / 1e9:.0f} billion")

# %% [markdown]
# That is one reason why the pooling layers are there: without them, the convolutions would need 48 times as many
# multiplications. Another is that behind a stride, a filter of 3 by 3 sees a larger piece of the image
# (exercise 2 of [lesson 3](03_convolution.ipynb)).
#
# ### Stripes that were not there
#
# Nothing is free. A stride of 2 can show no pattern finer than two cells of the output, which are four cells of the
# map. What happens to finer ones? Take stripes of 2.2 cells, and keep every second cell, the maximum, or the average of
# each window of 2 by 2.

# %% alt="Four panels. A map of fine vertical stripes. Every second cell of it: four broad dark stripes of full contrast. The maximum: a light pattern with narrow grey lines at the same broad spacing. The average: almost even grey with very faint broad stripes." tags=["plot"]
column = np.arange(88)
fine = np.tile(0.5 + 0.5 * np.cos(2 * np.pi * column / 2.2), (88, 1))
reduced = {
    "every second cell": fine[::2, ::2],
    "maximum": repaired_pool(fine, 2),
    "average": on_one_image(pooling.avg_pool2d, fine, 2, 2),
}
plotting.images({"stripes of 2.2 cells": fine} | reduced)

# %%
for name, image in reduced.items():
    print(f"{name}: contrast {np.ptp(image):.2f}")
print(f"cos(pi / 2.2) = {np.cos(np.pi / 2.2):.3f}")

# %% [markdown]
# Broad stripes appear that are not in the map. (The left panel fades in and out, because whole cells cannot follow a
# wave of 2.2 cells, but its local mean is the same grey everywhere.) This is **aliasing**. Every second cell of a wave
# of 2.2 cells looks like a wave of 11 output cells: each output cell advances by $2/2.2 = 10/11$ of a period, which
# looks like a step *back* by 1/11; after eleven cells the pattern begins again. The contrast printed is the largest
# value minus the smallest. The average weakens the wave before it is sampled. Take a wave of length $\ell$ that has the
# phase $\varphi$ at one cell, and so $\varphi + 2\pi/\ell$ at the next. With
# $\cos a + \cos b = 2\cos\frac{a-b}2\cos\frac{a+b}2$, the mean of the two cells is
#
# $$\tfrac12\big(\cos\varphi + \cos(\varphi + 2\pi/\ell)\big) = \cos(\pi/\ell)\,\cos(\varphi + \pi/\ell) ,$$
#
# so its contrast is multiplied by $\cos(\pi/2.2) = 0.142$. The maximum does not weaken it nearly as much. The same on
# the roof of the temple, with windows of 4:

# %% alt="Four panels of two temple roofs. The photograph with fine tiles. Every fourth pixel: jagged, with dark and bright bands across the lower roof. The maximum: brighter, edges widened, the tiles a light speckle. The average: smooth, the roofs an even grey." tags=["plot"]
roof = photo[150:310, 200:360]
ways = {
    "every fourth pixel": lambda image: image[::4, ::4],
    "maximum": partial(on_one_image, pooling.max_pool2d, ksize=4, strides=4),
    "average": partial(on_one_image, pooling.avg_pool2d, ksize=4, strides=4),
}
panels = {name: reduce(roof) for name, reduce in ways.items()}
plotting.images({"160 x 160 pixels": roof} | panels)

# %% [markdown]
# Look at the tiles of the lower roof: they run down the slope, and every fourth pixel turns them into bands that run
# across. A strided convolution samples in the same way, unless its kernel has learned to blur. How much do the
# reduced images change when the camera moves by one pixel?

# %%
roof_moved = photo[150:310, 201:361]


def change(reduce):
    """Mean change in units of the standard deviation of the reduced photograph."""
    reduced = reduce(roof)
    return abs(reduce(roof_moved) - reduced).mean() / reduced.std()


for name, reduce in ways.items():
    print(f"{name}: {change(reduce):.0%} of the standard deviation")

# %% [markdown]
# Bare subsampling changes four times as much as either kind of pooling. On this photograph the maximum does as well as
# the average; on regular fine stripes it did not. Aliasing and the intolerance of shifts are two faces of one thing:
# what is sampled too coarsely depends on where the grid happens to lie. That also points to a remedy, which you build
# in exercise 4: take the maximum with stride 1, blur, and only then sample (Zhang, 2019).

# %% [markdown]
# ## Try it
#
# Two roofs, pooled. Run the cell below the figure and choose: yours appears under the controls.
#
# - `kind` "average", then "maximum", with `ksize` 8 and `strides` 8: which one keeps the thin bright rail?
# - `ksize` 1, `strides` 8: no window, only the stride. What becomes of the tiles?
# - Stay there, and move the camera to the right with `camera`, pixel by pixel up to 8. How do the squares change, and
#   what happens at 8? Do the same with the average and `ksize` 8. The printed number says how large the first of these
#   steps is.
# - `ksize` 8, `strides` 1: only the window. How large is the output now, and what does the maximum do to dark columns?
# - `ksize` 3, `strides` 2, then `padding` "SAME": where do the additional row and column come from?


# %% alt="A photograph of two temple roofs and beside it the same pooled by the maximum of windows of 8 by 8 pixels with stride 8: coarse squares, mostly lighter than the photograph; the bright rail is a broad white line, and the roofs can just be recognised." tags=["plot"]
def try_it(kind="maximum", ksize=8, strides=8, padding="VALID", camera=0):
    pool = pooling.max_pool2d if kind == "maximum" else pooling.avg_pool2d
    reduce = partial(on_one_image, pool, ksize=ksize, strides=strides, padding=padding)
    moved = photo[150:310, 200 + camera : 360 + camera]
    pooled = reduce(moved)
    rows, columns = pooled.shape
    panels = {"photograph": moved, f"pooled to {rows} x {columns}": pooled}
    plotting.images(panels, limits=(0, 1))
    print(f"change when the camera moves by one pixel: {change(reduce):.0%}")


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, kind=["maximum", "average"], ksize=(1, 16), strides=(1, 16),
    padding=["VALID", "SAME"], camera=(0, 16),
)  # fmt: skip

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, run that cell, then
# run the check below it. The check answers "not attempted yet", "correct", or "wrong" with the smallest input on which
# yours fails. If you are stuck, open the hint.
# A solution is folded away below each hint.

# %% [markdown]
# ### Exercise 1: How many windows?
#
# Return the number of outputs along one axis, for a map with `length` cells, a window of `ksize` cells, the stride
# `strides` and the padding `"VALID"` or `"SAME"`. If the window does not fit into the map, there is no output: return
# 0.


# %%
def output_length(length, ksize, strides, padding):
    raise NotImplementedError


# %%
check.output_length(output_length)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Both formulas stand above, where padding is explained. With VALID the last window must end inside the map; with SAME a
# window begins at every `strides`-th cell, and you must round up. `//` rounds down, also for negative numbers.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 1


# %%
def output_length(length, ksize, strides, padding):
    ### BEGIN SOLUTION
    if padding == "SAME":
        return -(-length // strides)
    return max((length - ksize) // strides + 1, 0)
    ### END SOLUTION


check.output_length(output_length)

# %% [markdown]
# ### Exercise 2: Minimum pooling
#
# TensorFlow has no pooling function of that name. Return the minimum of each window, for `images` of shape
# $(B, H, W, C)$ and the padding `"SAME"`. One line is enough, with a function that you already have.


# %%
def min_pool2d(images, ksize, strides):
    raise NotImplementedError


# %%
check.min_pool2d(min_pool2d)

# %% [markdown]
# <details><summary>Hint</summary>
#
# What is the smallest of some numbers, in terms of the largest of the same numbers with the opposite sign? The padding
# then does what it should, too: it never wins.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def min_pool2d(images, ksize, strides):
    ### BEGIN SOLUTION
    return -pooling.max_pool2d(-images, ksize, strides, "SAME")
    ### END SOLUTION


check.min_pool2d(min_pool2d)

# %% [markdown]
# ### Exercise 3: Back through the global average
#
# The forward pass is `images.mean(axis=(1, 2))`, of shape $(B, C)$. Return the gradient with respect to `images`, for
# an `upstream` of shape $(B, C)$ and maps of `height` by `width` cells.


# %%
def global_average_backward(upstream, height, width):
    raise NotImplementedError


# %%
check.global_average_backward(global_average_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Each cell of a map takes part in the mean with the weight $1/(\text{height}\cdot\text{width})$, so each gets that
# share of the upstream gradient of its channel. `upstream[:, None, None, :]` has the shape $(B, 1, 1, C)$;
# `np.broadcast_to` or `np.tile` gives it `height` rows and `width` columns.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def global_average_backward(upstream, height, width):
    ### BEGIN SOLUTION
    share = upstream[:, None, None, :] / (height * width)
    return np.tile(share, (1, height, width, 1))
    ### END SOLUTION


check.global_average_backward(global_average_backward)

# %% [markdown]
# ### Exercise 4: Blur before you sample
#
# Return what Zhang (2019) puts in the place of maximum pooling, with his smallest blur, for `images` of shape
# $(B, H, W, C)$: the maximum of windows of 2 by 2 with stride 1, then the mean of windows of 2 by 2 with stride 1, then
# every second row and every second column, beginning with the first. The padding is `"SAME"` both times. Then try it on
# the dots: `abs(blur_pool2d(dots) - blur_pool2d(moved)).max(axis=(1, 2, 3))`. With the maximum alone, window 2 and
# stride 2, the largest change is 0 for half of the dots and 1 for the others. With the blur it is 0.5 for every dot but
# the last, which comes in again on the left.


# %%
def blur_pool2d(images):
    raise NotImplementedError


# %%
check.blur_pool2d(blur_pool2d)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Three lines: `pooling.max_pool2d`, `pooling.avg_pool2d` and a slice. Both windows are 2 by 2 with stride 1 and
# `"SAME"`. `[:, ::2, ::2]` takes every second row and every second column, beginning with the first.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 4


# %%
def blur_pool2d(images):
    ### BEGIN SOLUTION
    maxima = pooling.max_pool2d(images, 2, 1, "SAME")
    means = pooling.avg_pool2d(maxima, 2, 1, "SAME")
    return means[:, ::2, ::2]
    ### END SOLUTION


check.blur_pool2d(blur_pool2d)

# %% [markdown]
# ### Exercise 5: Share in a tie
#
# Where several cells of a window are the largest, send each of them an equal part of the gradient, instead of all to
# the first. The windows are `ksize` by `ksize` with the stride `strides`, without padding. `upstream` has the shape of
# the output, $(B, H', W', C)$. Return the gradient with respect to `images`.


# %%
def max_backward_shared(upstream, images, ksize, strides):
    raise NotImplementedError


# %%
check.max_backward_shared(max_backward_shared)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Loop over the windows, `np.ndindex(upstream.shape[1:3])`. In each, mark the cells that are equal to the largest, one
# channel at a time (`max(axis=(1, 2), keepdims=True)`), divide the marks by their number, and multiply by the upstream
# gradient of the window. Windows may overlap: add to what is there.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 5


# %%
def max_backward_shared(upstream, images, ksize, strides):
    ### BEGIN SOLUTION
    d_images = np.zeros_like(images)
    for i, j in np.ndindex(upstream.shape[1:3]):
        where = np.s_[
            :, i * strides : i * strides + ksize, j * strides : j * strides + ksize
        ]
        largest = images[where] == images[where].max(axis=(1, 2), keepdims=True)
        d_images[where] += (
            largest
            / largest.sum(axis=(1, 2), keepdims=True)
            * upstream[:, i : i + 1, j : j + 1]
        )
    return d_images
    ### END SOLUTION


check.max_backward_shared(max_backward_shared)

# %% [markdown]
# ## What we have seen
#
# - Pooling replaces each window of a map by its maximum or its average, channel by channel. It has no parameters and
#   learns nothing; the gradient passes through it to the layers that do.
# - The stride reduces the resolution. The maximum over the window gives the tolerance; the average over the same window
#   gave little. The formulas need window, stride and position.
# - At the border the window is cut off: that is padding with $-\infty$ for the maximum, and not counting the padding
#   for the average.
# - The maximum sends its gradient to one cell, in a tie to the first; the average shares it out. Where windows overlap,
#   the gradients add up, and only a test with overlapping windows shows whether they do.
# - Pooling with stride 2 cuts the work of the next layer to a quarter, and the maximum buys some tolerance to shifts of
#   about a pixel. It does not buy invariance. Training on shifted examples bought more.
# - What is sampled too coarsely comes back as stripes that were never there. The average damps them, the maximum less,
#   bare subsampling not at all.
#
# ## References
#
# The article has no source for pooling apart from a textbook, and none for TensorFlow (E85). These are the ones behind
# this lesson.
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Alpaydin, E., & Kaynak, C. (1998). *Optical Recognition of Handwritten Digits*. UCI Machine Learning Repository.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
# - Azulay, A., & Weiss, Y. (2019). Why do deep convolutional networks generalize so poorly to small image
#   transformations? *Journal of Machine Learning Research* 20(184), 1–25.
#   [arXiv:1805.12177](https://arxiv.org/abs/1805.12177)
# - Dumoulin, V., & Visin, F. (2016). A guide to convolution arithmetic for deep learning.
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285)
# - LeCun, Y., Bottou, L., Bengio, Y., & Haffner, P. (1998). Gradient-based learning applied to document recognition.
#   *Proceedings of the IEEE* 86(11), 2278–2324. [doi:10.1109/5.726791](https://doi.org/10.1109/5.726791)
# - Lin, M., Chen, Q., & Yan, S. (2014). Network in network. *ICLR*. [arXiv:1312.4400](https://arxiv.org/abs/1312.4400)
# - Riesenhuber, M., & Poggio, T. (1999). Hierarchical models of object recognition in cortex. *Nature Neuroscience*
#   2(11), 1019–1025. [doi:10.1038/14819](https://doi.org/10.1038/14819)
# - Simonyan, K., & Zisserman, A. (2015). Very deep convolutional networks for large-scale image recognition. *ICLR*.
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556)
# - Springenberg, J. T., Dosovitskiy, A., Brox, T., & Riedmiller, M. (2015). Striving for simplicity: The all
#   convolutional net. *ICLR Workshop*. [arXiv:1412.6806](https://arxiv.org/abs/1412.6806)
# - Zhang, R. (2019). Making convolutional networks shift-invariant again. *ICML*, PMLR 97, 7324–7334.
#   [arXiv:1904.11486](https://arxiv.org/abs/1904.11486)
