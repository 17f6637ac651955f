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
# A pooling layer slides a window over a feature map and keeps one number for what it sees: the largest, or the average.
# It has no parameters, and yet it decides how large the next maps are, where the gradient goes, and what happens when
# the input moves by a pixel.
#
# **What you'll do**
#
# - write maximum and average pooling and their gradients, for any square window and stride, with and without
#   padding;
# - train networks that pool, and one that ends in a global average, in Keras;
# - watch false stripes appear, and measure how strong they are;
# - train nine networks on ten splits of real digits, move the digits by a pixel, and see which still recognise them.
#
# **What you'll learn**
#
# - how window, stride and padding decide what is kept;
# - where the gradient goes, in ties and where windows overlap;
# - what a stride does to a shifted map, what a dense layer does to it, and why these are two questions.
#
# **What you'll need**
#
# - the [lesson on convolution](03_convolution.ipynb): feature maps, channels, stride, padding;
# - the chain rule, as in the [lesson on back-propagation](02_backpropagation.ipynb);
# - about 75 minutes, and another hour for the exercises.
#
# Marks such as [E27](../ERRATA.md#E27) lead to the mistakes of a published introduction, "the article", that this
# collection corrects.

# %%
import numpy as np

# `helpers` comes with these lessons (README.md); pip's package of that name is another.
from helpers import controls, convolution, datasets, plotting, pooling, startup
from helpers.checks import pooling as check
from helpers.gradient_check import gradient_error
from helpers.pooled_networks import logits, train

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## The idea
#
# A feature map says how strongly a filter has answered at each place. Lay a window of 2 by 2 cells on it, write down
# one number for the four cells that it sees, move it by two cells, and do the same again.

# %% alt="Three grids of numbers. A map of four by four cells, with a coloured frame around each of its four quarters. The maxima of the quarters, 4, 2, 2 and 6, each in the colour of its window. The averages, 2.5, 1, 0.75 and 4, in the same colours." tags=["plot"]
small_map = np.array([[1.0, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 0, 3, 6]])
quarters = small_map.reshape(2, 2, 2, 2)  # i, row inside, j, column inside
windows_seen = [(i, j, 2, 2) for i in (0, 2) for j in (0, 2)]
one_each = [(i, j, 1, 1) for i in (0, 1) for j in (0, 1)]
plotting.images(
    {
        "map": small_map,
        "maximum": quarters.max(axis=(1, 3)),
        "average": quarters.mean(axis=(1, 3)),
    },
    values=True,
    frames={"map": windows_seen, "maximum": one_each, "average": one_each},
)

# %% [markdown]
# Do the first window with a pencil. It sees 1, 3, 4 and 2. The largest is 4. The average is (1 + 3 + 4 + 2) / 4 = 2.5.
# In a cell:

# %%
window = small_map[0:2, 0:2]
print("seen:", window.ravel(), "maximum:", window.max(), "average:", window.mean())

# %% [markdown]
# Suppose the filter looks for a vertical stroke. Then the maximum says *whether there is a stroke somewhere in this
# window*, and the average says *how much stroke there is*. (Riesenhuber & Poggio, 1999, argue for the maximum from the
# visual cortex.) Both forget *where* in the window it was. The two can differ completely. On stripes one cell wide, the
# maximum sees only stroke, and the average sees only grey ([E28](../ERRATA.md#E28)):

# %%
stripes = np.tile([1.0, 0.0], (2, 2))  # two rows of 1 0 1 0
for left in (0, 2):
    window = stripes[:, left : left + 2]
    print(f"columns {left} and {left + 1}:", end=" ")
    print("maximum:", window.max(), "average:", window.mean())

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$ | feature maps: example $n$, row, column, channel $c$ | $N\times H\times W\times C$ | `images` |
# | $K_h, K_w$ | height and width of the window | 1 each | `ksize` |
# | $s$ | stride: how far the window moves | 1 | `strides` |
# | $p_t, p_l$ | rows above and columns to the left of the map that the first window covers | 1 each | `before` |
# | $i, j$ | row and column of the output | 1 each | `i, j` |
# | $r, q$; $u, v$ | row and column of a cell on the map; inside the window | 1 each | |
# | $\Omega_{ij}$ | the cells that window $(i, j)$ sees; there are $\lvert\Omega_{ij}\rvert$ of them | | `rows[i], columns[j]` |
# | $P$, $A$ | maximum and average | $N\times H'\times W'\times C$ | `pooled` |
# | $J$ | loss | 1 | |
# | $G$ | gradient of the loss with respect to $P$ or $A$ | size of $P$ | `upstream` |
#
# ### One window, one number
#
# In the window $(i, j)$, the cell $(u, v)$ is the cell $(s\,i + u - p_t,\; s\,j + v - p_l)$ of the map. $\Omega_{ij}$
# is the set of all these cells, $0\le u<K_h$ and $0\le v<K_w$, as far as they lie on the map. Then
#
# $$P[n,i,j,c] = \max_{(r,q)\in\Omega_{ij}} X[n,r,q,c], \qquad
# A[n,i,j,c] = \frac{1}{\lvert\Omega_{ij}\rvert}\sum_{(r,q)\in\Omega_{ij}} X[n,r,q,c] .$$
#
# The channel $c$ stands on both sides: each map is pooled by itself, and nothing is mixed. In the picture,
# $\Omega_{01}$ holds the cells of rows 0 and 1 in columns 2 and 3, so $P[0,1]=\max\{2,0,1,1\}=2$ and $A[0,1]=4/4=1$.
#
# ### How many windows fit
#
# **VALID** has no padding. The last window must not stick out: $s\,i + K_h \le H$, counting from $i=0$. Rows that are
# left over at the bottom are dropped. **SAME** wants a window for every $s$ rows, also where they are incomplete:
#
# $$H'_{\text{VALID}} = \Big\lfloor\frac{H-K_h}{s}\Big\rfloor + 1 , \qquad
# H'_{\text{SAME}} = \Big\lceil\frac{H}{s}\Big\rceil .$$
#
# With SAME, the last window needs $p = \max((H'-1)\,s + K_h - H,\ 0)$ more rows than there are. Of these,
# $p_t = \lfloor p/2\rfloor$ are above and the rest below: if $p$ is odd, one row more is at the bottom than at the top.
# Columns follow the same rules. (Dumoulin & Visin, 2016; where the odd row goes is TensorFlow's choice.) For 7 rows,
# $K_h = 2$ and $s = 2$, VALID gives $\lfloor 5/2\rfloor+1=3$ rows, and SAME gives $\lceil 7/2\rceil=4$ with one padded
# row at the bottom.

# %%
seven = tf.zeros((1, 7, 7, 1))
for strides, padding in ((2, "VALID"), (2, "SAME"), (1, "SAME")):
    rows, columns = tf.nn.max_pool2d(seven, 2, strides, padding).shape[1:3]
    print(f"7 x 7 map, window 2, stride {strides}, {padding}: {rows} x {columns}")

# %% [markdown]
# The window is 2 in all three. It is often said that "pooling reduces the resolution". In fact two things happen. The
# **stride** reduces the *sampling*: fewer numbers. The **window** reduces the *resolution*: neighbours are merged. With
# stride 1 you get the second without the first ([E08](../ERRATA.md#E08)).
#
# ### The gradient of the maximum
#
# Suppose that one cell of the window is larger than the others, and change all cells by so little that it stays the
# largest. Then $P[i,j]$ is that cell, whatever the others do (for one example and one channel):
#
# $$\frac{\partial P[i,j]}{\partial X[r,q]} = \begin{cases}1 & \text{if } (r,q) \text{ is the largest cell of }
# \Omega_{ij},\\ 0 & \text{otherwise,}\end{cases}
# \qquad \frac{\partial J}{\partial X[r,q]} = \sum_{(i,j)\,:\,(r,q)\text{ is the largest of }\Omega_{ij}} G[i,j] .$$
#
# The sum is the chain rule: a cell may be the largest of several windows. In a **tie** there is no derivative. If two
# cells are both 5, raising one of them raises the maximum, but lowering it changes nothing. A program must choose.
#
# ### The gradient of the average
#
# The average is linear, so its derivative is its weight: $\partial A[i,j]/\partial X[r,q] = 1/\lvert\Omega_{ij}\rvert$
# for the cells of $\Omega_{ij}$. The maximum sends the whole gradient of a window to one cell, the average shares it
# out. With $G=1$ for the first window of the picture, the maximum gives 1 to the cell that holds the 4, and the average
# gives 1/4 to each of the four. Either way nothing is lost: the entries of $\partial J/\partial X$ add up to the sum of
# $G$.

# %% [markdown]
# ## From scratch
#
# ### The loops
#
# First, where the windows begin and end along one axis. What sticks out of the map is cut off.


# %%
def spans(length, ksize, strides, padding):
    """Beginning and end of each window along one axis, cut off at the border."""
    if padding == "SAME":
        count = -(-length // strides)  # rounded up
        before = max((count - 1) * strides + ksize - length, 0) // 2
    elif padding == "VALID":
        count, before = (length - ksize) // strides + 1, 0
    else:
        raise ValueError(f"padding must be 'SAME' or 'VALID', got {padding!r}")
    begins = [i * strides - before for i in range(count)]
    return [slice(max(begin, 0), min(begin + ksize, length)) for begin in begins]


# %%
for ksize, strides, padding in ((2, 2, "VALID"), (2, 2, "SAME"), (3, 1, "SAME")):
    ends = [(span.start, span.stop) for span in spans(7, ksize, strides, padding)]
    print(f"window {ksize}, stride {strides}, {padding}: {ends}")

# %% [markdown]
# Each pair is a beginning and an end, the end not included. With SAME and stride 2, the last window sees row 6 alone.
# Pooling itself is one loop, for the maximum (`np.max`) and the average (`np.mean`) alike:


# %%
def windows(images, ksize, strides, padding):
    return [spans(length, ksize, strides, padding) for length in images.shape[1:3]]


def pool2d(summary, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    pooled = np.empty((len(images), len(rows), len(columns), images.shape[3]))
    for i, j in np.ndindex(len(rows), len(columns)):
        pooled[:, i, j] = summary(images[:, rows[i], columns[j]], axis=(1, 2))
    return pooled


# %%
one_image = small_map[None, :, :, None]  # the shape (1, 4, 4, 1)
print("maximum:", pool2d(np.max, one_image, 2, 2).ravel())
print("average:", pool2d(np.mean, one_image, 2, 2).ravel())

# %% [markdown]
# The same numbers as in the picture. Two special cases: **global** pooling uses one window as large as the map, and
# leaves one number for each channel (Lin, Chen & Yan, 2014). And a window of 1 with stride 2 summarises nothing: it
# keeps every second cell, as stride 2 does with the outputs of a convolution.
#
# ### The position in the formula
#
# The position is what makes this a pooling. The published introduction prints a formula in which $i$ and $j$ stand on
# the left only ([E27](../ERRATA.md#E27)): every output is the maximum of the same window.

# %%
random_map = np.random.default_rng(0).normal(size=(1, 6, 6, 1))
truth = tf.nn.max_pool2d(tf.constant(random_map), 2, 2, "VALID").numpy()
ours, as_printed = pool2d(np.max, random_map, 2, 2), random_map[:, :2, :2].max()
print(f"with the position: {np.sum(ours == truth)} of 9 right")
print(f"as printed: {np.sum(as_printed == truth)} of 9 right")

# %% [markdown]
# ### A border that is not there
#
# Why cut windows off, instead of filling up with zeros as convolution does? Try both on maps that are the same
# everywhere:

# %%
for name, summary, value in (("maximum", np.max, -1.0), ("average", np.mean, 1.0)):
    flat = np.full((1, 4, 4, 1), value)
    framed = np.pad(flat, ((0, 0), (1, 1), (1, 1), (0, 0)))  # zeros all round
    zeros = pool2d(summary, framed, 3, 1)[0, 0, :, 0].round(2)
    cut_off = pool2d(summary, flat, 3, 1, "SAME")[0, 0, :, 0]
    print(f"{name} of {value:.0f}, top row: zeros {zeros}, cut off {cut_off}")

# %% [markdown]
# Zeros win against −1, and they dilute the average. TensorFlow cuts off, too: its average does not count what lies
# outside, and its maximum is padded with the lowest number that there is ([E29](../ERRATA.md#E29)). In PyTorch,
# `AvgPool2d` counts its zeros unless you say `count_include_pad=False`.
#
# ### One is a convolution, the other is not
#
# Without padding, average pooling is a convolution with a constant kernel, one channel at a time. The maximum is not
# even linear: the maximum of a sum is not the sum of the maxima.

# %%
constant_kernel = np.full((2, 2, 1, 1), 1 / 4)
as_convolution = convolution.conv2d(random_map, constant_kernel, strides=2)
assert np.allclose(as_convolution, pool2d(np.mean, random_map, 2, 2))

a, b = np.array([1.0, 0.0]), np.array([0.0, 1.0])
print("maximum of the sum:", (a + b).max(), "sum of the maxima:", a.max() + b.max())

# %% [markdown]
# ### The backward passes
#
# The maximum looks up again which cell was the largest, and gives it the gradient of the window. The average shares it
# out. Note the `+=`: windows may overlap.


# %%
def max_backward(upstream, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    d_images = np.zeros_like(images)
    for n, i, j, c in np.ndindex(upstream.shape):
        window = images[n, rows[i], columns[j], c]
        largest = np.unravel_index(window.argmax(), window.shape)
        d_images[n, rows[i], columns[j], c][largest] += upstream[n, i, j, c]
    return d_images


def avg_backward(upstream, images, ksize, strides, padding="VALID"):
    rows, columns = windows(images, ksize, strides, padding)
    d_images = np.zeros_like(images)
    for n, i, j, c in np.ndindex(upstream.shape):
        window = d_images[n, rows[i], columns[j], c]  # a view into d_images
        window += upstream[n, i, j, c] / window.size
    return d_images


# %% [markdown]
# Give every output the gradient 1 (`upstream`), and see which cells of the map in the first figure receive it.


# %% alt="Three grids of numbers. The gradient of the maximum with stride 2: 1 at the cells 4, 2, 2 and 6, and 0 elsewhere. The gradient of the average with stride 2: 0.25 everywhere. The gradient of the maximum with stride 1: 3 at the cell 5, 2 at the cell 4, 1 at four others, 0 elsewhere." tags=["plot"]
def received(backward, strides):
    ones = np.ones_like(pool2d(np.max, one_image, 2, strides))
    return backward(ones, one_image, 2, strides)[0, :, :, 0]


plotting.images(
    {
        "maximum, stride 2": received(max_backward, 2),
        "average, stride 2": received(avg_backward, 2),
        "maximum, stride 1": received(max_backward, 1),
    },
    values=True,
    limits=(0, 3),
)

# %% [markdown]
# In each panel the gradient adds up to the number of windows: 4, 4 and 9. With stride 1 they overlap, and the cell with
# the 5 is the largest of three of them.

# %% [markdown]
# ### A dot that moves
#
# What does a shift of the map do to the output? Two words for it. A function is **equivariant** if its output moves
# along, and **invariant** if its output stays the same. With stride 1, pooling is equivariant, away from the borders.
# With stride $s$ it is so for moves by a multiple of $s$ cells; for other moves there is no such rule. Take one bright
# cell and windows that do not overlap, $s = K_w$. Moved by one column, the dot stays in its window unless it was in the
# window's last column: in $K_w - 1$ of $K_w$ positions nothing changes, and in one the bright output moves.

# %%
dots = np.eye(24)[:, None, :, None]  # 24 maps of one row, the dot in another column
moved = np.roll(dots, 1, axis=2)
for ksize, strides in ((2, 2), (3, 3), (4, 4), (4, 1), (1, 2)):
    sizes = (1, ksize), (1, strides)
    pair = [pooling.max_pool2d(maps, *sizes) for maps in (dots, moved)]
    unchanged = np.sum(np.all(pair[0] == pair[1], axis=(1, 2, 3)))
    print(f"window {ksize}, stride {strides}: unchanged for {unchanged} of 24 dots")

# %% [markdown]
# Tolerance, not invariance, and an output that stays exactly the same takes both, a window and a stride: with stride 1,
# or with a window of 1 and stride 2, it changes every time. Whether a network still recognises what has moved is
# another question.

# %% [markdown]
# ## Is it right?
#
# ### Against finite differences
#
# Take the loss $J = \sum G\,P$ with a random $G$, so that every output counts differently, and windows of 3 with
# stride 2, which overlap.


# %%
def error_of(summary, backward, ksize=3, strides=2):
    rng = np.random.default_rng(2)
    images = rng.normal(size=(1, 6, 6, 2))
    upstream = rng.normal(size=pool2d(summary, images, ksize, strides).shape)
    return gradient_error(
        lambda images: (upstream * pool2d(summary, images, ksize, strides)).sum(),
        lambda images: backward(upstream, images, ksize, strides),
        images,
    )


for summary, backward in ((np.max, max_backward), (np.mean, avg_backward)):
    print(f"{backward.__name__} < 1e-6:", error_of(summary, backward) < 1e-6)

# %% [markdown]
# Plant a mistake: write `=` for `+=` in `max_backward`. With `ksize=2` the test passes all the same, because windows of
# 2 with stride 2 do not overlap. With 3 it fails. Test the cases in which your shortcuts would show.
#
# ### Against TensorFlow
#
# Now the maximum in three ways: the loops above, the faster version in `helpers.pooling`, and TensorFlow (Abadi et al.,
# 2016) with its tape. The windows overlap and stick out of the map. (`tf.constant`, because `tf.nn.max_pool2d`, from
# its second call on, turns a NumPy array of 64-bit numbers into 32-bit numbers.)

# %%
rng = np.random.default_rng(4)
images, upstream = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(2, 4, 3, 3))
geometry, pixels = (3, 2, "SAME"), tf.constant(images)
with tf.GradientTape() as tape:
    tape.watch(pixels)
    pooled = tf.nn.max_pool2d(pixels, *geometry)
d_pixels = tape.gradient(pooled, pixels, output_gradients=tf.constant(upstream))

# %%
by_loops = pool2d(np.max, images, *geometry)
d_by_loops = max_backward(upstream, images, *geometry)
d_by_helper = pooling.max_pool2d_backward(upstream, images, *geometry)
print("maxima differ by:", abs(by_loops - pooled).numpy().max())
assert np.array_equal(by_loops, pooling.max_pool2d(images, *geometry))
averages = pool2d(np.mean, images, *geometry)
assert np.allclose(averages, tf.nn.avg_pool2d(pixels, *geometry))
for name, gradient in (("loops", d_by_loops), ("helper", d_by_helper)):
    difference = abs(gradient - d_pixels).numpy().max()
    print(f"{name}, gradient < 1e-14: {difference < 1e-14}")

# %% [markdown]
# The maximum only compares and copies, so even the last bit agrees; a gradient is a sum, and rounding may differ.
#
# ### Ties
#
# ReLU makes ties all the time: a window in which nothing was found holds four zeros. Which cell is then "the largest"?

# %%
tied = tf.Variable(np.zeros((1, 4, 4, 1)))
with tf.GradientTape() as tape:
    total = tf.reduce_sum(tf.nn.max_pool2d(tied, 2, 2, "VALID"))
by_tape = tape.gradient(total, tied).numpy()
print(by_tape[0, :, :, 0])
assert np.array_equal(max_backward(np.ones((1, 2, 2, 1)), tied.numpy(), 2, 2), by_tape)

# %% [markdown]
# The first in reading order, as `argmax` chooses it: a convention of TensorFlow on a CPU. For zeros that come from a
# ReLU it does no harm: the ReLU passes no gradient back where its output is 0.

# %% [markdown]
# ## In TensorFlow 2
#
# ### Nothing to learn, and gradients that pass through
#
# Do pooling layers learn features, as one often reads ([E07](../ERRATA.md#E07))? Count what there is to learn:

# %%
layers = tf.keras.layers
for layer in (layers.Conv2D(8, 3), layers.MaxPooling2D(2), layers.AveragePooling2D(2)):
    layer.build((None, 7, 7, 8))
    print(f"{layer.__class__.__name__}: {layer.count_params()} parameters")

# %% [markdown]
# Nothing. (In LeNet-5 each averaging map had a trainable factor and a bias; LeCun et al., 1998.) But the filters in
# front of a pooling layer learn, and their gradient must come back *through* it. Take real digits, 8 by 8 pixels
# (Alpaydin & Kaynak, 1998), with one empty pixel all round, so that later they can move, and one step of training by
# hand:

# %%
digits, labels = datasets.load_digits()
padded = np.pad(digits, ((0, 0), (1, 1), (1, 1), (0, 0)))
cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(*layers_after_the_first):
    first = layers.Conv2D(8, 3, padding="same", activation="relu")
    last, image = layers.Dense(10), tf.keras.Input((10, 10, 1))
    return tf.keras.Sequential([image, first, *layers_after_the_first, last])


# %%
tf.keras.utils.set_random_seed(0)
small_network = network(layers.MaxPooling2D(2), layers.Flatten())
with tf.GradientTape() as tape:
    loss = cross_entropy(labels[:100], small_network(padded[:100]))
gradients = tape.gradient(loss, small_network.trainable_weights)
start = small_network.get_weights()
for weight, gradient in zip(small_network.trainable_weights, gradients):
    weight.assign_sub(0.2 * gradient)
after_a_step = cross_entropy(labels[:100], small_network(padded[:100]))
print(f"loss {loss:.3f} -> {after_a_step:.3f}")

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### The same gradients by hand (optional)
#
# The tape hides the way back. Here it is, for the same network and the weights it had before the step, with the layers
# of this lesson and the ones before. Read the second half from the top: it visits the layers in reverse order, and each
# is handed the gradient of its own output.

# %%
from helpers import backpropagation


def by_hand(weights, images, labels):
    filters, offsets, kernel, bias = weights
    maps = convolution.conv2d(images, filters, padding="SAME") + offsets
    rectified = backpropagation.relu(maps)
    pooled = pooling.max_pool2d(rectified, 2, 2)
    flat = pooled.reshape(len(images), -1)
    scores = backpropagation.dense(flat, kernel, bias)

    upstream = backpropagation.softmax_cross_entropy_backward(scores, labels)
    d_flat, d_kernel, d_bias = backpropagation.dense_backward(upstream, flat, kernel)
    d_pooled = d_flat.reshape(pooled.shape)
    d_rectified = pooling.max_pool2d_backward(d_pooled, rectified, 2, 2)
    d_maps = backpropagation.relu_backward(d_rectified, maps)
    _, d_filters = convolution.conv2d_backward(d_maps, images, filters, padding="SAME")
    return d_filters, d_maps.sum(axis=(0, 1, 2)), d_kernel, d_bias


# %%
d_weights = by_hand(start, padded[:100], labels[:100])
for hand, automatic in zip(d_weights, gradients):
    assert np.allclose(hand, automatic, atol=1e-6)
    print(f"{hand.shape}: by hand as by the tape")

# %% [markdown]
# ### Conv, pool, conv, pool
#
# Deep networks repeat the pair. Each pooling with stride 2 leaves a quarter of the positions, or fewer, to the next
# convolution, whose filters then see twice as far each way. Here are two such pairs and a dense layer, trained with
# `compile`, `fit`, `evaluate` and `predict`. One part of the digits is for training, one for validation, and one is
# held out.

# %%
order = np.random.default_rng(0).permutation(len(padded))
train_part, validation, held_out = np.split(order, [1000, 1300])
tf.keras.utils.set_random_seed(1)
flattening = network(
    layers.MaxPooling2D(2),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
)
adam = tf.keras.optimizers.Adam(0.03)
flattening.compile(optimizer=adam, loss=cross_entropy, metrics=["accuracy"])
history = flattening.fit(
    padded[train_part], labels[train_part], batch_size=100, epochs=5,
    validation_data=(padded[validation], labels[validation]), verbose=0,
)  # fmt: skip

# %%
print("validation, each pass:", np.round(history.history["val_accuracy"], 2))
_, accuracy = flattening.evaluate(padded[held_out], labels[held_out], verbose=0)
print(f"{flattening.count_params()} parameters, held-out accuracy {accuracy:.2f}")
six = flattening.predict(padded[held_out][:6], verbose=0)
print("six answers:", six.argmax(axis=1), "right:", labels[held_out][:6])

# %% [markdown]
# The same network can end in a **global average** instead of flattening: one number for each of the 32 maps, whatever
# their size, and a dense layer on 32 numbers instead of 128. Keep the trained filters as they are, and train only the
# new dense layer.

# %%
tf.keras.utils.set_random_seed(1)
averaging = network(
    layers.MaxPooling2D(2),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.GlobalAveragePooling2D(),
)
averaging.set_weights(flattening.get_weights()[:4] + averaging.get_weights()[4:])
for layer in averaging.layers[:-1]:
    layer.trainable = False
averaging.compile(optimizer=tf.keras.optimizers.Adam(0.3), loss=cross_entropy)
_ = averaging.fit(
    padded[train_part], labels[train_part], batch_size=100, epochs=5, verbose=0
)
answers = averaging(padded[held_out]).numpy().argmax(axis=1)
print(f"{averaging.count_params()} parameters")
print(f"held-out accuracy {np.mean(answers == labels[held_out]):.2f}")

# %% [markdown]
# Fewer parameters, and here less accurate; but its filters were trained for the other ending. Ask another question.
# Move the digits by one pixel, in each of the eight directions. How often does a network give the *same answer* as
# before, right or wrong?

# %%
directions = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
for name, model in (("flattening", flattening), ("global average", averaging)):
    in_place = model(padded[held_out]).numpy().argmax(axis=1)
    shifted = [
        model(np.roll(padded[held_out], shift, (1, 2))).numpy().argmax(axis=1)
        for shift in directions
    ]
    print(f"{name}: {np.mean(shifted == in_place):.0%} of the answers stay the same")

# %% [markdown]
# Here the network with the average over all positions keeps even fewer: it is not invariant either. Why not? That takes
# two questions.

# %% [markdown]
# ## On real data
#
# ### The first question: what does sampling do?
#
# The finest stripes that an output can show repeat every two cells. With stride 2, that is four cells of the map.
# What happens to stripes of 2.2 cells, if you keep every second cell, or the maximum or the average of each window?

# %% alt="Four panels. A map of fine vertical stripes, which look weaker in four grey bands. Every second cell of it: two broad dark stripes of full contrast. The maximum: a light pattern with two narrow grey lines. The average: almost even grey with very faint broad stripes." tags=["plot"]
fine = np.tile(0.5 + 0.5 * np.cos(2 * np.pi * np.arange(44) / 2.2), (44, 1))
one_map = fine[None, :, :, None]
plotting.images(
    {
        "stripes of 2.2 cells": fine,
        "every second cell": fine[::2, ::2],
        "maximum": pooling.max_pool2d(one_map, 2, 2)[0, :, :, 0],
        "average": pooling.avg_pool2d(one_map, 2, 2)[0, :, :, 0],
    }
)

# %% [markdown]
# Bare sampling shows broad stripes, from black to white. They are not in the map: in its grey bands fine stripes only
# look weaker. This is **aliasing**. From one output cell to the next, the wave advances by 2/2.2 = 10/11 of a period,
# which looks like a step *back* by 1/11: after eleven output cells the pattern begins again. How strong are the false
# stripes? Call the largest minus the smallest output, over all phases, the *contrast*.
#
# A wave of length $\ell$ has the phases $\varphi$ and $\varphi + 2\pi/\ell$ at two neighbouring cells. The mean of
# their cosines is $\cos(\pi/\ell)\,\cos(\varphi + \pi/\ell)$, so the average of two cells multiplies the contrast by
# $\cos(\pi/\ell)$. For $\ell=2.2$ that is 0.14. The maximum of the two is 1 at a crest, and smallest where the cells
# lie on both sides of a trough, at the same height $\tfrac12-\tfrac12\cos(\pi/\ell)$. So its contrast is
# $\tfrac12+\tfrac12\cos(\pi/\ell)$, here 0.57. Measure it, at wavelengths from 2 to 4 cells and all phases. (*Blur
# pooling* is the average of two maxima, as explained below.)

# %%
wavelengths = np.linspace(2, 4, 41)
phases = np.linspace(0, 2 * np.pi, 720)[:, None, None]
steps = 2 * np.pi / wavelengths[:, None] * np.arange(3)  # to three cells in a row
wave = 0.5 + 0.5 * np.cos(phases + steps)  # axes: phase, wavelength, cell
two_maxima = np.maximum(wave[..., :2], wave[..., 1:])
outputs = {
    "every second cell": wave[..., 0],
    "maximum of 2": two_maxima[..., 0],
    "blur pooling": two_maxima.mean(axis=-1),
    "average of 2": wave[..., :2].mean(axis=-1),
    "average of 3": wave.mean(axis=-1),
}
contrasts = {name: np.ptp(output, axis=0) for name, output in outputs.items()}

# %%
damping = np.cos(np.pi / wavelengths)
assert np.allclose(contrasts["average of 2"], damping, atol=0.01)
assert np.allclose(contrasts["maximum of 2"], (1 + damping) / 2, atol=0.01)
for other in (contrasts["blur pooling"], np.ptp(wave.max(axis=-1), axis=0)):
    assert np.all(other[1:] < contrasts["maximum of 2"][1:])
for name, contrast in contrasts.items():
    print(f"{name:17s} at {wavelengths[4]:.1f} cells: {contrast[4]:.2f}")

# %% alt="Contrast against wavelength from 2 to 4 cells. Every second cell: 1 everywhere. The maximum of 2 rises from 0.5 to 0.85. The average of 2 rises from 0 to 0.71. Blur pooling falls from 0.5 to 0.36 at 2.7 and rises to 0.5 again. The average of 3 falls from one third to 0 at 3 and rises to one third again." tags=["plot"]
plotting.lines(wavelengths, contrasts, "wavelength in cells", "contrast")

# %% [markdown]
# Wavelengths below 4 cells are too short for a stride of 2, and come back as false stripes. Bare sampling lets all of
# them through. The maximum damps them, but less than the average of the same two cells at every wavelength: with
# $c=\cos(\pi/\ell) < 1$, $(1+c)/2 > c$. A wider window is not always the better one: the average of 3 cells removes
# stripes of 3 cells, but at 2.2 cells it leaves more than the average of 2. Averaging *after* the maximum, before the
# sampling, damps more than the maximum alone, except at exactly 2 cells. That is **blur pooling** (Zhang, 2019):
# maximum with stride 1, then a small average, and only the average has a stride. (A maximum of 3, which reaches as far,
# damps more than that of 2, too.)

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### A photograph that moves (optional)

# %% [markdown]
# At 200 places, the camera sees 160 by 160 pixels. Move it by one pixel in each of four directions,
# and reduce what it sees by windows of 4, with stride 4 and with stride 1. How much does the result change, in units of
# its own standard deviation?

# %%
photo = datasets.load_photo().mean(axis=-1, dtype=np.float32)  # grey values
with_stride_1 = {
    "every fourth pixel": photo,
    "maximum": pooling.max_pool2d(photo[None, :, :, None], 4, 1)[0, :, :, 0],
    "average": pooling.avg_pool2d(photo[None, :, :, None], 4, 1)[0, :, :, 0],
}


def change(image, top, left, down, right, stride=4):
    def seen(top, left):  # 160 by 160 pixels of the photograph
        return image[top : top + 157 : stride, left : left + 157 : stride]

    before, after = seen(top, left), seen(top + down, left + right)
    return np.abs(after - before).mean() / before.std()


# %%
rng = np.random.default_rng(0)
places = list(zip(rng.integers(1, 263, 200), rng.integers(1, 476, 200)))
ways = [(0, 1), (1, 0), (0, -1), (-1, 0)]
views = [(*place, *way) for place in places for way in ways]
changes = {}
for name, image in with_stride_1.items():
    changes[name] = np.array([change(image, *view) for view in views])
    stride_1 = np.median([change(image, *view, stride=1) for view in views])
    print(f"{name:18s} median {np.median(changes[name]):.0%}, stride 1 {stride_1:.0%}")
    assert abs(np.median(changes[name]) - stride_1) < 0.005
for name in ("maximum", "average"):
    assert np.all(changes[name] < changes["every fourth pixel"])

# %% [markdown]
# In all 800 cases, the bare samples change more than the maxima and the averages. That is the window's doing, not the
# stride's: with every pixel kept, the medians are the same to within half a point.

# %% [markdown]
# ### The second question: what does the dense layer do?
#
# With stride 1 no cell is left out, and the maps of a moved digit are the moved maps. Take 100 digits, eight random
# filters and ReLU, and look at what the last layer gets to see: all cells (flattened), or the average of each map, with
# stride 1; then with stride 2, bare, as maxima, as averages, and as averages with another convolution behind them. The
# digits move by one pixel to the right. How much do these numbers change, as a share of the difference between one
# digit and the next in the list? (Other filters give other shares.)

# %%
rng = np.random.default_rng(6)
filters, second_filters = rng.normal(size=(3, 3, 1, 8)), rng.normal(size=(3, 3, 8, 8))
wide = np.pad(digits[:100], ((0, 0), (4, 4), (4, 4), (0, 0)))  # nothing leaves the map


def convolved(images, filters):
    return np.maximum(convolution.conv2d(images, filters, padding="SAME"), 0)


in_place = convolved(wide, filters)
one_right = convolved(np.roll(wide, 1, axis=2), filters)
assert np.allclose(one_right, np.roll(in_place, 1, axis=2))  # equivariant


# %%
def share(before, after):
    to_next = np.abs(np.roll(before, 1, axis=0) - before).mean()
    return np.abs(after - before).mean() / to_next


def halved(maps):
    return pooling.avg_pool2d(maps, 2, 2)


kinds = {
    "stride 1": lambda maps: maps,
    "every second cell": lambda maps: maps[:, ::2, ::2],
    "maximum of 2, stride 2": lambda maps: pooling.max_pool2d(maps, 2, 2),
    "average of 2, stride 2": halved,
    "... and a convolution": lambda maps: convolved(halved(maps), second_filters),
}

# %%
for name, keep in kinds.items():
    pair = keep(in_place), keep(one_right)
    flat, averaged = share(*pair), share(*[maps.mean(axis=(1, 2)) for maps in pair])
    print(f"{name}: flattened {flat:.0%}, global average {averaged:.0%}")
    unchanged = name in ("stride 1", "average of 2, stride 2")
    assert averaged < 1e-12 if unchanged else averaged > 0.05

# %% [markdown]
# **Sampling** decides whether the maps of a moved digit are the moved maps. **The last layer** decides what becomes of
# that. Flattened, even equivariant maps change as much as if another digit stood there, and a dense layer has its own
# weight for each position. A summary over all positions does not change with stride 1, or *directly* behind an average
# of just the stride's size: every cell counts once. Behind bare sampling or maxima with a stride it changes; behind
# averages with a stride it changes as soon as another convolution and ReLU follow. The network with the global average
# had maxima with strides in front, and its moved digits met the border.
#
# ### Digits that move by a pixel
#
# How much tolerance does each kind of pooling buy a network that flattens? Compare nine networks. Each has four filters
# of 3 by 3, ReLU, its own pooling or none, and a dense layer. Each learns from 480 digits; 220 tell how many passes are
# enough, and 150 are held out. All this ten times, each time with another split and other first weights.
#
# `helpers.pooled_networks` trains the ten runs side by side in NumPy, with Adam and a learning rate that falls to 0.

# %%
networks = {  # how far the pooling reaches; layers as (kind, window, stride)
    "1 cell": {"stride 1": [], "stride 2": [("max", 1, 2)]},
    "2 cells, average": {"stride 1": [("average", 2, 1)]},
    "2 cells, maximum": {"stride 1": [("max", 2, 1)], "stride 2": [("max", 2, 2)]},
    "3 cells, average": {"stride 1": [("average", 3, 1)]},
    "3 cells, maximum": {"stride 1": [("max", 3, 1)], "stride 2": [("max", 3, 2)]},
    "3 cells, blur pooling": {"stride 2": [("max", 2, 1), ("average", 2, 2)]},
}
seeds = range(10)
orders = [np.random.default_rng(seed).permutation(len(digits))[:850] for seed in seeds]
learn, watch, test = np.split(np.stack(orders), [480, 700], axis=1)

# %%
grey = padded[..., 0].astype(np.float32)


def trained(pools, passes, moves=0):
    return train(pools, grey[learn], labels[learn], seeds, passes, moves=moves)


def right(weights, pools, examples, shift=(0, 0)):
    images = np.roll(grey[examples], shift, axis=(2, 3))
    answers = logits(weights, pools, images).argmax(axis=2)
    return np.mean(answers == labels[examples], axis=1)


# %% [markdown]
# How many passes are enough? Ask the 220 digits. A network can also be trained on digits that are moved by up to one
# pixel (`moves=1`). It then needs more passes.

# %%
weights_of = {}
for moves, passes in ((0, 8), (0, 20), (1, 8), (1, 20)):
    weights_of[moves, passes] = trained([], passes, moves)
    share_right = right(weights_of[moves, passes], [], watch).mean()
    print(f"no pooling, moves {moves}, {passes:2d} passes: {share_right:.1%}")

# %% [markdown]
# After 20 passes, networks trained either way recognise more: take 20 for all.


# %%
def right_when_moved(weights, pools):
    return np.mean([right(weights, pools, test, shift) for shift in directions], axis=0)


recognised = {row: {} for row in networks}
for row, group in networks.items():
    for stride, pools in group.items():
        weights = trained(pools, 20) if pools else weights_of[0, 20]
        assert right(weights, pools, test).mean() > 0.9  # in place
        recognised[row][stride] = right_when_moved(weights, pools)
        assert recognised[row][stride].mean() < 0.6
weights = weights_of[1, 20]
assert right(weights, [], test).mean() > 0.9
recognised["1 cell, trained on moved"] = {"stride 1": right_when_moved(weights, [])}

# %% alt="For seven rows, from a reach of one cell to three, the shares of moved digits that ten runs recognise, stride 1 and stride 2 in two colours. Both means are near 0.3 for one cell. The means are 0.38 to 0.43 for two cells and 0.46 to 0.53 for three. One cell, trained on moved digits, reaches 0.86. A dotted line marks pure guessing at 0.1." tags=["plot"]
label = "share of moved digits recognised"
plotting.repeats(recognised, label, limits=(0, 1), levels={"guessing": 0.1})

# %% [markdown]
# Each ring is one run, each short line a mean over ten. The number in front of a row is the side of the square that
# each output of the pooling sees; within a row only the stride differs. One run alone would prove nothing
# ([E39](../ERRATA.md#E39)), so compare split by split: in each pair below, the first must recognise more of the moved
# digits on at least nine of ten splits.

# %%
bare, average_2, max_2, average_3, max_3, blur, on_moved = recognised.values()
for first, second in (
    (average_2["stride 1"], bare["stride 1"]),
    (average_3["stride 1"], average_2["stride 1"]),
    (max_2["stride 1"], bare["stride 1"]),
    (max_3["stride 1"], max_2["stride 1"]),
    (max_3["stride 1"], average_3["stride 1"]),
    (max_2["stride 1"], max_2["stride 2"]),
    (blur["stride 2"], max_2["stride 2"]),
    (max_3["stride 2"], blur["stride 2"]),
    (on_moved["stride 1"], max_3["stride 1"]),
):
    assert np.sum(first > second) >= 9
assert abs(np.mean(bare["stride 1"] - bare["stride 2"])) < 0.03
assert on_moved["stride 1"].mean() > 0.8

# %% [markdown]
# - **In place** each network recognises more than 90%, as a mean over its runs. When the digits move by one pixel, no
#   mean of a network trained in place reaches 60%.
# - **The window buys tolerance**, and a window of 3 buys more than one of 2: the average with stride 1 as well as the
#   maximum. On most splits, the maximum of 3 buys more than the average of 3.
# - **The stride alone buys none**: in the first row the two means agree to within 3 points. With the maximum of 2, a
#   stride of 2 costs some tolerance here; it also leaves the dense layer a quarter of its inputs.
# - **Blur pooling** recognises more moved digits than the maximum of 2 with the same stride. But its two windows
#   together reach over 3 cells, and the maximum of 3 recognises still more here: it may be the reach that helps, not
#   the blur.
# - **Training on moved digits** buys far more than any of these windows. If you expect shifts, train on those.
#
# These are small networks on small digits. Azulay and Weiss (2019) moved photographs by one pixel, and deep networks
# trained on a million images often changed their answer. Blurring and training on moved images helped only in part.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What strides save in a deep network (optional)
#
# Why are the pooling layers there at all? VGG-16 (Simonyan & Zisserman, 2015) has thirteen convolutions of 3 by 3, and
# a maximum pooling with stride 2 after each of five groups. Each of them leaves a quarter of the positions to what
# follows. Count the multiplications of the convolutions, and what they would be without the pooling in between.

# %%
channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
poolings_before = (0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
with_pooling = without = 0
for ins, outs, poolings in zip(channels, channels[1:], poolings_before):
    with_pooling += (224 // 2**poolings) ** 2 * 9 * ins * outs
    without += 224**2 * 9 * ins * outs
print(f"with pooling {with_pooling / 1e9:.1f}, without {without / 1e9:.0f} billion")
print(f"{without / with_pooling:.0f} times as many")

# %% [markdown]
# Without these strides, the convolutions would need 48 times as many. Bare sampling would save as much; the windows
# save nothing. And behind each stride the cells under a filter of 3 by 3 lie twice as far apart in the image.

# %% [markdown]
# ## Try it
#
# Run the cell below the figure and choose: yours appears under the controls.
#
# - `kind` "average", then "maximum", with `ksize` 8 and `strides` 8: which one keeps the thin bright rail?
# - `ksize` 1, `strides` 8: no window, only the stride. Move the `camera` to the right, pixel by pixel up to 8. How do
#   the squares change, and what happens at 8? Do the same with the average and `ksize` 8.
# - `ksize` 8, `strides` 1: only the window. How large is the output now, and what does the maximum do to dark columns?


# %% alt="A photograph of two temple roofs and beside it the same pooled by the maximum of windows of 8 by 8 pixels with stride 8: coarse squares, mostly lighter than the photograph; the bright rail is a broad white line, and the roofs can just be recognised." tags=["plot"]
photo = datasets.load_photo().mean(axis=-1, dtype=np.float32)  # grey values


def try_it(kind="maximum", ksize=8, strides=8, padding="VALID", camera=0):
    pool = pooling.max_pool2d if kind == "maximum" else pooling.avg_pool2d
    roofs = photo[150:310, 200 + camera : 360 + camera]
    pooled = pool(roofs[None, :, :, None], ksize, strides, padding)[0, :, :, 0]
    rows, columns = pooled.shape
    panels = {"photograph": roofs, f"pooled to {rows} x {columns}": pooled}
    plotting.images(panels, limits=(0, 1))


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, kind=["maximum", "average"], ksize=(1, 16), strides=(1, 16),
    padding=["VALID", "SAME"], camera=(0, 16),
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
# ### Exercise 1: How many windows?
#
# Return the number of outputs along one axis, for a map with `length` cells, a window of `ksize` cells, the stride
# `strides` and the padding `"VALID"` or `"SAME"`. With VALID, if the window does not fit into the map, there is no
# output: return 0.


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
# $(N, H, W, C)$ and the padding `"SAME"`. One line is enough, with `pooling.max_pool2d`.


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
# The forward pass is `images.mean(axis=(1, 2))`, of shape $(N, C)$. Return the gradient with respect to `images`, for
# an `upstream` of shape $(N, C)$ and maps of `height` by `width` cells.


# %%
def global_average_backward(upstream, height, width):
    raise NotImplementedError


# %%
check.global_average_backward(global_average_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Each cell of a map takes part in the mean with the weight $1/(\text{height}\cdot\text{width})$, so each gets that
# share of the upstream gradient of its channel. `upstream[:, None, None, :]` has the shape $(N, 1, 1, C)$;
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
# $(N, H, W, C)$: the maximum of windows of 2 by 2 with stride 1, then the mean of windows of 2 by 2 with stride 1, then
# every second row and every second column, beginning with the first. The padding is `"SAME"` both times. Then try it on
# the dots: `abs(blur_pool2d(dots) - blur_pool2d(moved)).max(axis=(1, 2, 3))`. With the maximum alone,
# `pooling.max_pool2d(…, 2, 2, "SAME")`, the largest change is 0 for half of the dots and 1 for the others. With the
# blur it is 0.5 for every dot but the last, which comes in again on the left.


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
# the output, $(N, H', W', C)$. Return the gradient with respect to `images`.


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
# - Pooling replaces each window of a map by its maximum or its average, channel by channel. It has no parameters; the
#   gradient passes through it to the layers that learn.
# - The stride reduces the sampling, the window the resolution. At the border the window is cut off.
# - The maximum sends its gradient to one cell, in a tie to the first; the average shares it out. Where windows overlap,
#   the gradients add up, and only a test with overlapping windows shows whether they do.
# - Sampling decides whether the maps of a moved input are the moved maps. What is sampled too coarsely comes back as
#   stripes that were never there; the average of two cells damps them more than their maximum, bare sampling not at
#   all.
# - A dense layer on flattened maps is not invariant even where nothing is sampled. A global average is, if nothing is
#   sampled before it and nothing is cut off at the border. The window buys a little tolerance; training on examples
#   moved as far bought far more than these windows.
#
# ## Where it stands today
#
# Many convolutional networks today shrink their maps by convolutions with a stride (Springenberg et al., 2015) and keep
# pooling for the end, as one global average (Lin, Chen & Yan, 2014). Vision Transformers cut the image into patches and
# so sample even more coarsely in one step (Dosovitskiy et al., 2021). Low-pass filters before the sampling are used
# where stable outputs matter, above all in networks that generate images (Karras et al., 2021).
#
# ## References
#
# The article has no source for pooling apart from a textbook and overviews, and none for TensorFlow
# ([E85](../ERRATA.md#E85)). These are the ones behind this lesson.
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Alpaydin, E., & Kaynak, C. (1998). *Optical Recognition of Handwritten Digits*. UCI Machine Learning Repository.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
# - Azulay, A., & Weiss, Y. (2019). Why do deep convolutional networks generalize so poorly to small image
#   transformations? *Journal of Machine Learning Research* 20(184), 1–25.
#   [arXiv:1805.12177](https://arxiv.org/abs/1805.12177)
# - Dosovitskiy, A., et al. (2021). An image is worth 16x16 words: Transformers for image recognition at scale. *ICLR*.
#   [arXiv:2010.11929](https://arxiv.org/abs/2010.11929)
# - Dumoulin, V., & Visin, F. (2016). A guide to convolution arithmetic for deep learning.
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285)
# - Karras, T., et al. (2021). Alias-free generative adversarial networks. *NeurIPS*.
#   [arXiv:2106.12423](https://arxiv.org/abs/2106.12423)
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
