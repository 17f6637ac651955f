# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train a network with back-propagation
#
# A network with a million weights has a gradient with a million entries, and back-propagation computes all of them for
# about the price of three evaluations of the network. In this lesson you build it twice: first as a small engine that
# differentiates expressions of arrays, then as the matrix form that trains a network to read digits. Nothing is taken
# on trust: each derivative is checked against finite differences, against TensorFlow, or against both.
#
# **What you'll do**
#
# - watch a network fail that has a perfect gradient, and a formula that counts one gradient up to five times;
# - draw a computational graph, and carry derivatives back through it by hand;
# - write an engine for automatic differentiation, break it in three ways, and repair it;
# - derive back-propagation for a whole layer, and train a network on 1280 images of digits with it, step for step with
#   Keras.
#
# **What you'll learn**
#
# - why the backward pass is one sweep, and in which order;
# - where the sums over paths, over examples and over broadcast axes come from;
# - why gradients vanish in deep networks, and what the activation and the weights at the start have to do with it;
# - how to check a gradient, and with which step size.
#
# **What you'll need**
#
# - the [lesson on gradient descent](01_gradient_descent.ipynb), and the chain rule for functions of one variable;
# - about 90 minutes, and an hour more for the exercises.
#
# A published introduction to this subject makes the mistakes that this lesson takes apart. Marks such as E19 are their
# numbers in [ERRATA.md](../ERRATA.md), where every one of them is on record.

# %%
import warnings
from itertools import pairwise
from string import ascii_lowercase
from types import SimpleNamespace

import numpy as np

import helpers.backpropagation as layers
from helpers import controls, datasets, plotting, startup
from helpers.checks import backpropagation as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## What goes wrong
#
# ### An output that cannot reach its targets
#
# The article's second program fits the line of the first lesson, $y = 3x + \eta$, where the noise $\eta$ is spread
# evenly over 0 to 1. Its mean is ½, and its variance is $\int_0^1(\eta-\tfrac12)^2d\eta=\tfrac1{12}$. The network has
# one hidden node and one output node. Both apply the sigmoid $\sigma(a) = 1/(1+e^{-a})$, whose values lie between
# 0 and 1. The targets lie between 0 and 4.
#
# Take chance out of the data first. Whatever the network answers, the noise adds its variance $\tfrac1{12}$ to the mean
# squared error, and the rest is the distance to the mean target $3x + \tfrac12$. So train on that mean, at 100 values
# of $x$, from 20 random starts at once. The lines that compute the gradient are back-propagation by hand; the article
# announces them and does not contain them (E46). The mathematics below derives each of them.
#
# Let $a_1 = w_1 x + b_1$ be what goes into the hidden node's sigmoid, and $a_2 = w_2\,\sigma(a_1) + b_2$ what goes into
# the output's. In the code, `hidden` is $\sigma(a_1)$, and `d_a2` means $\partial J/\partial a_2$, where $J$ is the
# loss, and so on. Each parameter is an array of shape (20, 1), one row for each start; together with `x` of shape
# (100,), NumPy makes tables of 20 rows and 100 columns. `squash` says whether the output goes through the sigmoid.

# %%
x = (np.arange(100) + 0.5) / 100  # evenly spread over 0 to 1
mean_target = 3 * x + 0.5


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def output_and_gradients(w1, b1, w2, b2, squash):
    hidden = sigmoid(w1 * x + b1)
    output = sigmoid(w2 * hidden + b2) if squash else w2 * hidden + b2
    d_output = 2 / 100 * (output - mean_target)
    d_a2 = d_output * output * (1 - output) if squash else d_output
    d_a1 = d_a2 * w2 * hidden * (1 - hidden)
    entries = (d_a1 * x, d_a1, d_a2 * hidden, d_a2)
    return output, [entry.sum(axis=1, keepdims=True) for entry in entries]


# %%
def train(squash, rate):
    rng, limit = np.random.default_rng(0), np.sqrt(3)  # the range that Keras draws from
    w1, w2 = rng.uniform(-limit, limit, (2, 20, 1))
    parameters, losses, sizes = [w1, np.zeros((20, 1)), w2, np.zeros((20, 1))], [], []
    for _ in range(1000):
        output, gradients = output_and_gradients(*parameters, squash)
        losses.append(((output - mean_target) ** 2).mean(axis=1) + 1 / 12)
        sizes.append(np.linalg.norm(gradients, axis=0))  # one length for each start
        parameters = [p - rate * d_p for p, d_p in zip(parameters, gradients)]
    return np.array(losses), output, np.median(sizes, axis=1)


runs = {
    "sigmoid output, rate 0.2": train(squash=True, rate=0.2),
    "linear, rate 0.01": train(squash=False, rate=0.01),
    "linear, rate 0.2": train(squash=False, rate=0.2),
}
for name, (losses, _, _) in runs.items():
    print(f"{name}: loss {losses[-1].min():.3f} to {losses[-1].max():.3f} at the end")

# %% [markdown]
# Each curve is the median of the 20 starts. The dotted lines are losses to compare them with.

# %% alt="Loss over 1000 steps on a logarithmic axis of steps, the median of 20 starts. With a sigmoid output it comes down towards the dotted line 131/72 and stays just above it, far above the dotted line 5/6 of the answer 2. With a linear output and rate 0.01 it has fallen below 5/6 and is still falling at the end; with rate 0.2 it reaches the dotted line of the straight line, 1/12, after 150 steps." tags=["plot"]
levels = {
    "best below 1: 131/72": 131 / 72,
    "answer 2 everywhere: 5/6": 5 / 6,
    "straight line: 1/12": 1 / 12,
}
plotting.lines(
    np.arange(1, 1001),
    {name: np.median(losses, axis=1) for name, (losses, _, _) in runs.items()},
    "step", "mean squared error", levels=levels, x_scale="log", y_limits=(0, 5),
)  # fmt: skip

# %% [markdown]
# With the sigmoid output all 20 starts end near 1.84, worse than always answering 2, the mean of the targets, which
# needs no network (E49). Nearly all of that is the model's fault: no function with values below 1 gets below 131/72 =
# 1.819 (the mathematics below computes the bound). The rest is **saturation**: where the sigmoid is close to 0 or 1 it
# is nearly flat, so its derivative is tiny, and every step too. The runs creep towards the constant answer 1, whose
# loss is 11/6 = 1.833, although this network could come within 0.001 of the bound. Here are parameters that do:

# %%
w1, b1, w2, b2 = np.reshape([16, -4, 20, -0.25], (4, 1, 1))
output, _ = output_and_gradients(w1, b1, w2, b2, squash=True)
reached = ((output - mean_target) ** 2).mean() + 1 / 12
print(f"loss - bound < 0.001: {reached - 131 / 72 < 0.001}")

# %% [markdown]
# With a linear output it works, if you give it time: the article's rate of 0.01 and its 1000 steps do not suffice
# (E50). How would you notice that the other network has failed? Its loss is still 22 times that of a straight line.
# Look at the length of its gradient, the median of the 20 starts, beside that of the run that works (E51):

# %%
for name in ("sigmoid output, rate 0.2", "linear, rate 0.2"):
    _, _, sizes = runs[name]
    print(
        f"{name}: gradient at the start {sizes[0, 0]:.2f}, at the end {sizes[-1, 0]:.4f}"
    )

# %% [markdown]
# Both gradients are small at the end. In the linear network that is because the task is done; in the other, because
# $\sigma' = \sigma(1-\sigma)$ is nearly 0 where the output is nearly 1. The size of the gradient alone does not tell
# the two apart; the loss beside a baseline does.

# %% [markdown]
# What do the two networks answer? Here is the first of the 20 starts, with 100 points, noise included, as the article
# draws them.

# %% alt="Points around a rising line from 0.5 to 3.5. The network with a sigmoid output is a flat line at 1, below most of the points. The network with a linear output follows the points, slightly bent." tags=["plot"]
rng = np.random.default_rng(0)
scatter = rng.random(100)
_, squashed, _ = runs["sigmoid output, rate 0.2"]
_, linear, _ = runs["linear, rate 0.2"]
plotting.points_and_lines(
    scatter, 3 * scatter + rng.random(100),
    {
        "sigmoid output": lambda grid: np.interp(grid, x, squashed[0]),
        "linear output": lambda grid: np.interp(grid, x, linear[0]),
    },
    "x", "y",
)  # fmt: skip

# %% [markdown]
# The network with the sigmoid output answers 1 everywhere, whatever $x$ is. The article shows no seed, no loss and no
# comparison, so its readers cannot notice any of this (E39).
#
# ### A formula that counts five times
#
# How does one get the gradient? The article adds up over all $n$ nodes, with $\theta$ any parameter and $z_i$ the
# output of node $i$ (E19):
#
# $$\frac{\partial J}{\partial\theta} = \sum_{i=1}^n \frac{\partial J}{\partial z_i}\,\frac{\partial z_i}{\partial\theta} .$$
#
# It looks like the chain rule. Try it on five sigmoid nodes in a row, each with one weight, and let TensorFlow's tape
# supply every derivative in it.

# %%
weights = [tf.Variable(w) for w in np.random.default_rng(0).normal(size=5)]
with tf.GradientTape(persistent=True) as tape:
    nodes, z = [], tf.constant(0.7, tf.float64)
    for weight in weights:
        z = tf.sigmoid(weight * z)
        nodes.append(z)
    J = (z - 1) ** 2

ratios, gradients, d_nodes = {}, tape.gradient(J, weights), tape.gradient(J, nodes)
for i, weight in enumerate(weights):
    behind = zip(d_nodes[i:], nodes[i:])  # a weight has no effect on earlier nodes
    terms = [d_z * tape.gradient(z, weight) for d_z, z in behind]
    ratios[f"weight {i + 1}"] = float(sum(terms) / gradients[i])

# %% alt="Five bars of falling height: the formula gives 5 times the true gradient for the first weight, then 4, 3, 2 and 1 times for the others." tags=["plot"]
plotting.bars(ratios, "from the input to the output", "formula / true gradient")

# %% [markdown]
# Five times too large for the first weight, then four, three, two times; only the last one is right. Keep this picture
# in mind: you will see it once more, from another mistake.

# %% [markdown]
# ## The idea
#
# ### A node has many inputs
#
# A **node** of a network takes many values, not one (E03). It adds them up with weights, adds a bias and applies an
# **activation function** $\varphi$. Its one result may go to many other nodes.
#
# $$a = \sum_i w_i h_i + b, \qquad z = \varphi(a) .$$
#
# Three common ones are the sigmoid, the hyperbolic tangent $\tanh a$, and the rectified linear unit, or **ReLU**:
# $\max(a, 0)$.

# %%
node_inputs, node_weights = np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 2.0])
a = node_weights @ node_inputs + 4.0  # 0.5 - 2 - 2 + 4
print(f"a = {a}, ReLU: max(a, 0) = {max(a, 0)}")
print(f"tanh(a) = {np.tanh(a):.3f}, sigmoid(a) = {sigmoid(a):.3f}")

# %% [markdown]
# What is the activation function for? The article does not mention it (E05). Leave it out, and stack two layers, one
# example in each row:
#
# $$(X W_1 + b_1)\,W_2 + b_2 = X\,(W_1 W_2) + (b_1 W_2 + b_2) .$$
#
# That is one layer again. However many you stack, you get one affine map (a linear map plus a constant), and its graph
# is a straight line or a plane. In the code, the weights of a layer are called its `kernel`, as in Keras.

# %%
rng = np.random.default_rng(1)
X, layer_sizes = rng.normal(size=(6, 4)), ((4, 8), (8, 8), (8, 2))
stack = [(rng.normal(size=size), rng.normal(size=size[1])) for size in layer_sizes]

output, W, b = X, np.eye(4), np.zeros(4)
for kernel, bias in stack:
    output = output @ kernel + bias  # layer by layer
    W, b = W @ kernel, b @ kernel + bias  # the single layer that replaces them
print(f"three layers - one layer < 1e-12: {abs(output - (X @ W + b)).max() < 1e-12}")

# %% [markdown]
# ### Derivatives flow backwards
#
# Now one node with numbers for a pencil: input $x = 3$, weight $w = 2$, bias $b = -4$, target $y = 5$, and the loss
# $J = (wx + b - y)^2$. Split it into operations so small that each derivative is obvious. That is a **computational
# graph**. The boxes of a graph are called nodes too, even a plain input. One node of a network is several boxes:
# products, sums, and $\varphi$.
#
# Go forward and write each value above its node: $a = wx = 6$, $s = a + b = 2$, $d = s - y = -3$, $J = d^2 = 9$.
#
# Then go backward, and write below each node how $J$ changes with its value. For $J$ itself that is 1. For $d$ it is
# $2d = -6$. Adding and subtracting pass it on, with a minus for $y$. The product exchanges its factors: $w$ receives
# $-6\cdot x = -18$, and $x$ receives $-6\cdot w = -12$.

# %% alt="A computational graph with arrows from left to right. Inputs: w with value 2 and gradient minus 18, x with 3 and minus 12, b with minus 4 and minus 6, y with 5 and plus 6. Then a = w x with 6 and minus 6, s = a + b with 2 and minus 6, d = s minus y with minus 3 and minus 6, and J = d squared with 9 and 1." tags=["plot"]
plotting.diagram(
    {
        "w": (0, 2, 2, -18), "x": (0, 1, 3, -12),
        "b": (1, 0.5, -4, -6), "y": (2, 0.5, 5, 6),
        "a = w x": (1, 1.5, 6, -6), "s = a + b": (2, 1.5, 2, -6),
        "d = s − y": (3, 1.5, -3, -6), "J = d²": (4, 1.5, 9, 1),
    },
    [
        ("w", "a = w x"), ("x", "a = w x"), ("a = w x", "s = a + b"), ("b", "s = a + b"),
        ("s = a + b", "d = s − y"), ("y", "d = s − y"), ("d = s − y", "J = d²"),
    ],
    figsize=(8.8, 2.9),
)  # fmt: skip

# %% [markdown]
# One sweep from right to left, and the derivatives with respect to *all* inputs are there. Each step used only the
# value that came from the right and the derivative of one small operation. Check one of them: nudge $w$ by a
# thousandth.

# %%
slope = ((2.001 * 3 - 4 - 5) ** 2 - (1.999 * 3 - 4 - 5) ** 2) / 0.002
print(f"measured: {slope:.3f}, from the graph: -18")

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $L$, $l$ | number of layers, and one of them, 1 … $L$ | 1 | `len(parameters)` |
# | $N$, $n_l$ | number of examples, of nodes in layer $l$ | 1 | |
# | $H^{(l)}$ | outputs of layer $l$, one example a row; $H^{(0)}$ is the input | $N \times n_l$ | `h[l]` |
# | $W^{(l)}$, $b^{(l)}$ | weights and biases of layer $l$ | $n_{l-1} \times n_l$, $n_l$ | `kernel`, `bias` |
# | $A^{(l)}$ | pre-activations of layer $l$, before $\varphi$ | $N \times n_l$ | `a[l - 1]` |
# | $\varphi$, $\varphi'$ | activation function and its derivative | | `phi`, `derivative` |
# | $J$ | loss, one number | 1 | `loss` |
# | $\delta^{(l)}$ | derivatives of $J$ with respect to $A^{(l)}$ | $N \times n_l$ | `deltas[l - 1]` |
# | $m$; $i$, $j$ | one example; one node of layer $l-1$, of layer $l$ | 1 | |
# | $Y$ | targets, one example a row | $N \times n_L$ | `targets` |
# | $\theta$ | any one of the parameters | 1 | |
# | $z$ | output of a single node; for digits, $z_k$ is output $k$ of the last layer | 1 | `z`, `logits` |
# | $p_k$ | probability of label $k$ | 1 | `probabilities` |
# | $y$ | target of a single output; for digits, the right label | 1 | `y`, `labels` |
# | $\epsilon$ | size of a rounding error, relative to the rounded number | 1 | `1e-16` |
# | $\odot$ | product entry by entry | | `*` |
#
# Some letters change their meaning from lesson 1: there $H$ was the Hessian, $L$ the curvature, $n$ an example and
# $\varphi$ an angle. An entry of a matrix is written with the small letter: $h_{mi}$ is an entry of $H$. Three letters
# have a second meaning where they stand alone: $h$ is also the step of a finite difference, $s$ a node of a small graph
# while $s^2$ is a variance, and $n$ a number of nodes whose layer the text names. $e$ is always Euler's number.
#
# ### The chain rule on a graph
#
# Let $\partial v/\partial u$ stand on each arrow $u \to v$: the **direct** derivative of the operation, with its other
# inputs held fixed. Let $\mathrm dJ/\mathrm du$ be the **total** derivative, along all paths from $u$ to $J$: a *total*
# derivative includes everything in between. The chain rule says: multiply along each path from $u$ to $J$, and add up
# over the paths.
#
# Why a sum? Move $u$ by a tiny $\Delta$. Each $v$ that $u$ enters moves by $\frac{\partial v}{\partial u}\Delta$, and
# each of these moves changes $J$ by $\frac{\mathrm dJ}{\mathrm dv}$ times its size. Tiny changes add up, so $J$ changes
# by $\sum_{u\to v}\frac{\mathrm dJ}{\mathrm dv}\frac{\partial v}{\partial u}\,\Delta$. Divide by $\Delta$: that is the
# formula below. Apply it again to each $\mathrm dJ/\mathrm dv$, and you get one product for each path.
#
# There are too many paths to go through one by one; in twenty layers of 64 nodes, a weight of the first layer acts on
# $J$ along $64^{19} \approx 2\cdot10^{34}$ of them. But all paths that leave $u$ by one arrow share that arrow, and the
# formula takes it out of the sum:
#
# $$\frac{\mathrm dJ}{\mathrm du} = \sum_{u \to v} \frac{\mathrm dJ}{\mathrm dv}\,\frac{\partial v}{\partial u} .$$
#
# That is back-propagation, a case of automatic differentiation in reverse mode (Baydin et al., 2018): the total
# derivative of a node is the sum over its *successors*, and their derivatives must be ready first. So you go through
# the graph once, from $J$ backwards, each node after all of its successors, and touch each arrow once. What makes it
# cheap is that the $\mathrm dJ/\mathrm dv$ are computed once and used by everything that lies before. To define it as
# "computing the gradient of each parameter" is circular (E16).
#
# ### Why five, four, three, two, one
#
# In the article's sum both factors are total derivatives. For a chain, $\mathrm dJ/\mathrm dz_i$ times
# $\mathrm dz_i/\mathrm d\theta$ is the whole product along the only path, for *every* node $i$ behind the weight. A
# weight in layer $l$ of $L$ has $L - l + 1$ such nodes, and so its path counts $L - l + 1$ times (E19). The sum is
# right in two ways: over the nodes of one layer only, that of $\theta$ or a later one, if every path crosses this layer
# exactly once; or over the nodes that $\theta$ enters, with the *direct* derivative $\partial z_i/\partial\theta$.
#
# ### A layer at a time
#
# Layer $l$ computes $A^{(l)} = H^{(l-1)} W^{(l)} + b^{(l)}$ and $H^{(l)} = \varphi(A^{(l)})$. For example $m$ and node
# $j$,
#
# $$a_{mj} = \sum_i h_{mi}\,w_{ij} + b_j .$$
#
# In these formulas $h$ belongs to layer $l-1$, and $a$, $w$ and $b$ to layer $l$. Suppose that
# $\delta_{mj} = \mathrm dJ/\mathrm da_{mj}$ is known. Ask of each quantity what it enters directly, and with which
# factor.
#
# - The weight $w_{ij}$ enters $a_{mj}$ with the factor $h_{mi}$, for *each example* $m$. Sum over the examples:
#   $\;\dfrac{\mathrm dJ}{\mathrm dw_{ij}} = \sum_m h_{mi}\,\delta_{mj}$.
# - The bias $b_j$ enters $a_{mj}$ with the factor 1, for each example:
#   $\;\dfrac{\mathrm dJ}{\mathrm db_j} = \sum_m \delta_{mj}$.
# - The input $h_{mi}$ enters $a_{mj}$ with the factor $w_{ij}$, for *each node* $j$ of its own example. Sum over the
#   nodes: $\;\dfrac{\mathrm dJ}{\mathrm dh_{mi}} = \sum_j \delta_{mj}\,w_{ij}$.
# - The pre-activation $a^{(l-1)}_{mi}$ of the layer below enters only $h_{mi} = \varphi(a^{(l-1)}_{mi})$, with the
#   factor $\varphi'$: $\;\delta^{(l-1)}_{mi} = \dfrac{\mathrm dJ}{\mathrm dh_{mi}}\,\varphi'(a^{(l-1)}_{mi})$.
#
# As matrices, with the sizes beneath:
#
# $$\frac{\mathrm dJ}{\mathrm dW^{(l)}} = \underbrace{H^{(l-1)\top}}_{n_{l-1}\times N}\;\underbrace{\delta^{(l)}}_{N\times n_l},
# \qquad \frac{\mathrm dJ}{\mathrm db^{(l)}} = \sum_m \delta^{(l)}_m,
# \qquad \delta^{(l-1)} = \Big(\underbrace{\delta^{(l)}}_{N\times n_l}\;\underbrace{W^{(l)\top}}_{n_l\times n_{l-1}}\Big)
# \odot \varphi'\big(A^{(l-1)}\big) .$$
#
# The derivatives of the activations: with $\sigma = 1/(1+e^{-a})$,
# $\sigma' = \dfrac{e^{-a}}{(1+e^{-a})^2} = \sigma\cdot\dfrac{e^{-a}}{1+e^{-a}} = \sigma(1-\sigma)$, at most $\tfrac14$,
# where $\sigma = \tfrac12$. In the same way $\tanh' = 1 - \tanh^2$. ReLU has the slope 1 right of 0 and 0 left of it.
# At 0 it has no derivative; like TensorFlow, we take 0 there.
#
# The recursion starts at the last layer:
#
# $$\delta^{(L)} = \frac{\mathrm dJ}{\mathrm dH^{(L)}} \odot \varphi'\big(A^{(L)}\big) .$$
#
# For the mean squared error over all $N n_L$ entries, the first factor is $\tfrac{2}{N n_L}(H^{(L)} - Y)$: the factor
# of the mean sits here, and nowhere else. A linear last layer has $\varphi' = 1$. Go back to `output_and_gradients`, at
# the beginning of the lesson: `d_a2` is this start, `d_a1` the recursion, and `entries` holds the two gradients of each
# layer before they are summed over the examples, all with one node per layer.
#
# All this is missing in the article: the recursion, the sum over the examples, and a clear word on which quantity of a
# node is meant (E18, E20). It is $\delta$, taken before the activation, because that is where the parameters enter
# (Rumelhart, Hinton & Williams, 1986).
#
# **The price.** A layer costs one product of matrices forward and two of the same size backward. So the whole gradient
# costs about as much as two more forward passes. Finite differences need two forward passes for *each* parameter.
# Back-propagation also has a price in memory: the forward pass must keep all $A^{(l)}$ and $H^{(l)}$ until the backward
# pass has used them, so memory grows with depth and batch.
#
# Could one sweep in the forward direction? It carries $\mathrm dv/\mathrm du$ for *one* input $u$ to all nodes, and
# would be needed once per parameter. One loss and many parameters: backward is the cheap direction.
#
# ### The bound 131/72
#
# What is the best that an output below 1 can do for the mean target $3x + \tfrac12$? Where that is below 1, for
# $x < \tfrac16$, it can be exact. Elsewhere 1 is the closest:
#
# $$\frac1{12} + \int_{1/6}^1 \left(3x - \tfrac12\right)^2 dx = \frac1{12} + \frac19\left(\tfrac52\right)^3 = \frac{131}{72} \approx 1.819 .$$
#
# The constant answer 1 has the loss $\tfrac1{12}+\int_0^1(3x-\tfrac12)^2dx=\tfrac{11}6\approx1.833$. The mean of the
# targets, 2, has the loss $\tfrac1{12} + \int_0^1 (3x - \tfrac32)^2 dx = \tfrac1{12} + \tfrac9{12} = \tfrac56$, and the
# straight line only the noise, $\tfrac1{12}$.
#
# ### Why gradients vanish
#
# Follow $\delta$ through many layers: each multiplies it by $W^\top$ and by $\varphi'$. For the sigmoid,
# $\varphi' = \sigma(1-\sigma) \le \tfrac14$, so ten layers shrink it by at least $4^{10}$, a million, if the weights do
# not make up for it (analysed for recurrent networks by Hochreiter, 1991, and by Bengio, Simard & Frasconi, 1994). How
# much do the weights contribute? Draw them independently with mean 0 and variance $s^2$, and treat $\delta$ and
# $\varphi'$ as independent of them. Independent terms of mean 0 have variances that add up (the mixed products are 0 on
# average). So the mean square of the entry $\sum_j\delta_{mj}w_{ij}$ is $s^2\sum_j\delta_{mj}^2$: $s^2$ times the
# squared length. Layer $l-1$ has $n = n_{l-1}$ such entries, so the product with $W^\top$ multiplies the squared length
# by $n s^2$, with $n$ the number of *inputs* of layer $l$. ReLU lets about half of the entries through. On average, one
# layer multiplies the squared length of $\delta$ by
#
# $$\tfrac12\,n\,s^2 \quad\text{for ReLU}, \qquad n\,s^2 \text{ times the mean of } \varphi'^2 \quad\text{in general} .$$
#
# With $s^2 = 2/n$ the gradient keeps its length through ReLU layers (He et al., 2015). With $s^2 = 1/n$ it nearly does
# through tanh layers, where $\varphi'$ is close to 1 for small pre-activations (Glorot & Bengio, 2010, who take
# $2/(n_{l-1}+n_l)$; the same for layers of equal width). For the sigmoid the same variance leaves at most $\tfrac1{16}$
# of the squared length, a quarter of the length.

# %% [markdown]
# ## From scratch
#
# ### An engine: the nodes
#
# A node keeps its value, and for each of its inputs a rule: how to carry the gradient back to that input. Such a rule
# takes the gradient that arrives from the right, $\mathrm dJ/\mathrm dv$, called `upstream`, and multiplies it by the
# direct derivative.


# %%
class Node:
    """A value, and for each node that it was computed from, the rule that leads back."""

    __array_ufunc__ = None  # lets `array * node` reach the methods below

    def __init__(self, value, *inputs):
        self.value = np.asarray(value, dtype=float)
        self.inputs = inputs  # pairs (node, rule)
        self.gradient = np.zeros_like(self.value)


def as_node(value):
    return value if isinstance(value, Node) else Node(value)


# %% [markdown]
# ### Operations, each with its derivative beside it
#
# A sum passes the gradient on, a product exchanges the factors, and for the product of two matrices you have just
# derived the rules $\delta W^\top$ and $H^\top\delta$.


# %%
def add(a, b):
    value = a.value + b.value
    return Node(value, (a, lambda upstream: upstream), (b, lambda upstream: upstream))


def multiply(a, b):
    return Node(
        a.value * b.value,
        (a, lambda upstream: upstream * b.value),
        (b, lambda upstream: upstream * a.value),
    )


def matmul(a, b):
    return Node(
        a.value @ b.value,
        (a, lambda upstream: upstream @ b.value.T),
        (b, lambda upstream: a.value.T @ upstream),
    )


# %% [markdown]
# Functions of one node: upstream times $\varphi'$. The total of all entries contains each entry with the factor 1.


# %%
def power(a, exponent):
    slope = exponent * a.value ** (exponent - 1)
    return Node(a.value**exponent, (a, lambda upstream: upstream * slope))


def exp(a):
    return Node(np.exp(a.value), (a, lambda upstream: upstream * np.exp(a.value)))


def tanh(a):
    value = np.tanh(a.value)
    return Node(value, (a, lambda upstream: upstream * (1 - value**2)))


def relu(a):
    return Node(np.maximum(a.value, 0), (a, lambda upstream: upstream * (a.value > 0)))


def total(a):
    return Node(a.value.sum(), (a, lambda upstream: upstream * np.ones_like(a.value)))


# %% [markdown]
# Let Python's signs call these functions, so that you can write formulas.

# %%
Node.__add__ = Node.__radd__ = lambda a, b: add(a, as_node(b))
Node.__mul__ = Node.__rmul__ = lambda a, b: multiply(a, as_node(b))
Node.__neg__ = lambda a: -1 * a
Node.__sub__ = lambda a, b: add(a, -as_node(b))
Node.__rsub__ = lambda a, b: as_node(b) - a
Node.__matmul__ = lambda a, b: matmul(a, as_node(b))
Node.__rmatmul__ = lambda a, b: matmul(as_node(b), a)
Node.__pow__ = power

# %% [markdown]
# ### The sum over broadcast axes
#
# NumPy repeats a bias for each row of a batch without being asked. A value that is used many times receives a gradient
# from each use, and they add up: along every axis on which it was repeated.


# %%
def sum_to(gradient, shape):
    """Add up along the axes on which a value of this shape was repeated."""
    new_axes = gradient.ndim - len(shape)
    stretched = [new_axes + i for i, size in enumerate(shape) if size == 1]
    return gradient.sum(axis=(*range(new_axes), *stretched)).reshape(shape)


for shape in ((3,), (5, 1), (), (5, 3)):
    print(f"a value of shape {shape}: {sum_to(np.ones((5, 3)), shape).ravel()}")

# %% [markdown]
# ### The order, and the sweep
#
# Each node must wait for all of its successors. List every node after its own inputs, and go through the list from the
# end.


# %%
def ordered(output):
    """All nodes that `output` depends on, each one after its inputs."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source, _ in node.inputs:
                visit(source)
            order.append(node)

    visit(output)
    return order


# %%
def sweep(order):
    """Carry the gradients back, from the last node in `order` to the first."""
    for node in reversed(order):
        for source, rule in node.inputs:
            arriving = sum_to(rule(node.gradient), source.value.shape)
            source.gradient = source.gradient + arriving


def backward(output):
    """Set the gradient of every node that `output` depends on."""
    order = ordered(output)
    for node in order:
        node.gradient = np.zeros_like(node.value)
    output.gradient = np.ones_like(output.value)
    sweep(order)


# %% [markdown]
# That is the whole engine, in about 70 lines. Its limits: `@` takes two matrices, no vectors, and `ordered` calls
# itself once per step along the path, so graphs deeper than about 1000 operations exceed Python's limit. micrograd
# (Karpathy, 2020) does the same for single numbers.
#
# First the graph that you worked out by hand:

# %%
w, x_node, b, y = Node(2), Node(3), Node(-4), Node(5)
J = (w * x_node + b - y) ** 2
backward(J)
print(f"J = {J.value}")
print(f"w {w.gradient}, x {x_node.gradient}, b {b.gradient}, y {y.gradient}")

# %% [markdown]
# ### Three ways to break it
#
# **A node that is used twice.** Here `double` is $a + a$, so its derivative is 2. Replace the sum of gradients by a
# plain assignment, and the second use overwrites the first:


# %%
def backward_that_overwrites(output):
    output.gradient = np.ones_like(output.value)
    for node in reversed(ordered(output)):
        for source, rule in node.inputs:
            source.gradient = rule(node.gradient)  # no sum


a = Node(3)
double = a + a
backward_that_overwrites(double)
print(f"overwritten: {a.gradient}", end=", ")
backward(double)
print(f"summed: {a.gradient}")

# %% [markdown]
# **The wrong order.** In $J = s + e^s$ with $s = 2a$, the node $s$ acts on $J$ along two paths of different length. Go
# through the nodes by their distance from $J$, and $s$ has its turn before the longer path has delivered:


# %%
def by_distance(output):
    order = [output]
    for node in order:  # the list grows while the loop goes through it
        order += [source for source, _ in node.inputs if source not in order]
    return order[::-1]


a = Node(0.5)
s = 2 * a
J = s + exp(s)
J.gradient = np.ones(())
sweep(by_distance(J))
print(f"by distance: {a.gradient:.3f}, true: 2 (1 + e) = {2 * (1 + np.e):.3f}")

# %% alt="A computational graph: a, with the value 0.5 and the gradient 7.437, leads to s = 2 a, with 1 and 3.718. From there one arrow leads directly to J = s + g, with 3.718 and 1, and another leads there by way of g = exp(s), with 2.718 and 1." tags=["plot"]
backward(J)
g = next(node for node, _ in J.inputs if node is not s)
plotting.diagram(
    {
        "a": (0, 0, a.value, a.gradient), "s = 2 a": (1, 0, s.value, s.gradient),
        "g = exp(s)": (2, 1, g.value, g.gradient), "J = s + g": (3, 0, J.value, 1),
    },
    [
        ("a", "s = 2 a"), ("s = 2 a", "J = s + g"),
        ("s = 2 a", "g = exp(s)"), ("g = exp(s)", "J = s + g"),
    ],
    figsize=(7, 2.3),
)  # fmt: skip

# %% [markdown]
# In the right order $s$ collects 1 from the short path and $g = e^s = 2.718$ from the long one, and passes on 3.718 in
# one piece.
#
# **A second sweep on old gradients.** Gradients are summed, so they must be zero before you start. A chain of five
# additions, where each derivative is 1:

# %%
chain = [Node(1.0)]
for _ in range(5):
    chain.append(chain[-1] + 1)
backward(chain[-1])
print("first sweep: ", [float(node.gradient) for node in chain])
sweep(ordered(chain[-1]))
print("second sweep:", [float(node.gradient) for node in chain])

# %% [markdown]
# There are the falling bars again: 6, 5, 4, 3, 2, 1. (Six numbers, because the chain has six nodes.) Old gradients
# travel back together with the new ones, and the path counts once more at every node that it crosses, as in the
# article's formula. The stale gradients of the nodes in between do this. PyTorch keeps only those of the parameters:
# two backward passes without `zero_grad` give twice the gradient. `tape.gradient` starts from zero each time, and so
# does `backward`: you may call it as often as you like.

# %%
backward(chain[-1])
print("backward:    ", [float(node.gradient) for node in chain])

# %% [markdown]
# ### The matrix form
#
# For a plain stack of layers no graph is needed: the order is known. The forward pass keeps what the backward pass will
# need: all pre-activations `a` and all outputs `h`, the inputs being `h[0]`.


# %%
def network_forward(inputs, parameters, phi):
    a, h = [], [inputs]
    for kernel, bias in parameters:
        a.append(h[-1] @ kernel + bias)
        h.append(phi(a[-1]))
    h[-1] = a[-1]  # the last layer is linear
    return a, h


# %% [markdown]
# The backward pass is the recursion, followed by the gradients of the parameters, which are put together from the
# deltas.


# %%
def network_deltas(upstream, a, parameters, derivative):
    deltas = [upstream]
    for i in reversed(range(1, len(parameters))):
        kernel, _ = parameters[i]
        deltas.insert(0, (deltas[0] @ kernel.T) * derivative(a[i - 1]))
    return deltas


def network_backward(upstream, a, h, parameters, derivative):
    deltas = network_deltas(upstream, a, parameters, derivative)
    return [(h[i].T @ delta, delta.sum(axis=0)) for i, delta in enumerate(deltas)]


# %% [markdown]
# Four activation functions with their derivatives, and a way to draw the weights at the start. The identity stands for
# "no activation function".

# %%
activations = {
    "sigmoid": (sigmoid, lambda a: sigmoid(a) * (1 - sigmoid(a))),
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: np.where(a > 0, 1.0, 0.0)),
    "none": (lambda a: a, np.ones_like),
}


def draw_parameters(layer_sizes, variance_times_n, rng):
    """Draw kernels of mean 0 and variance `variance_times_n / n` for n inputs."""
    parameters = []
    for n_in, n_out in pairwise(layer_sizes):
        deviation = np.sqrt(variance_times_n / n_in)
        kernel = rng.normal(scale=deviation, size=(n_in, n_out))
        parameters.append((kernel, np.zeros(n_out)))
    return parameters


# %% [markdown]
# Try it on something bent: 60 points along a sine, and a network with one input, eight hidden nodes and one output. The
# update is a function of its own; it is no part of the backward pass.


# %%
def updated(parameters, gradients, rate):
    pairs = zip(parameters, gradients)
    return [(W - rate * d_W, b - rate * d_b) for (W, b), (d_W, d_b) in pairs]


wave_x = np.linspace(-1, 1, 60)[:, None]
wave_y = np.sin(4 * wave_x) + 0.1 * np.random.default_rng(2).normal(size=(60, 1))


def fit_wave(name, seed):
    phi, derivative = activations[name]
    parameters = draw_parameters((1, 8, 1), 1, np.random.default_rng(seed))
    for _ in range(1000):
        a, h = network_forward(wave_x, parameters, phi)
        upstream = 2 / wave_y.size * (h[-1] - wave_y)
        gradients = network_backward(upstream, a, h, parameters, derivative)
        parameters = updated(parameters, gradients, rate=0.1)
    return h[-1]


# %%
starts = range(5)
fitted = {name: [fit_wave(name, seed) for seed in starts] for name in ("tanh", "none")}
line = np.polyval(np.polyfit(wave_x[:, 0], wave_y[:, 0], 1), wave_x)
for name, fits in fitted.items():
    losses = [((fit - wave_y) ** 2).mean() for fit in fits]
    print(f"{name}: loss {min(losses):.3f} to {max(losses):.3f}")
print(f"straight line: loss {((line - wave_y) ** 2).mean():.3f}")

largest = max(abs(fit - line).max() for fit in fitted["none"])
print(f"none - straight line < 1e-12: {largest < 1e-12}")

# %% alt="Points along two bends of a sine. The network with tanh follows them; the same network without activation is a straight line through the middle." tags=["plot"]
with_tanh, without = fitted["tanh"][0], fitted["none"][0]
plotting.points_and_lines(
    wave_x[:, 0], wave_y[:, 0],
    {
        "tanh": lambda grid: np.interp(grid, wave_x[:, 0], with_tanh[:, 0]),
        "none": lambda grid: np.interp(grid, wave_x[:, 0], without[:, 0]),
    },
    "x", "y",
)  # fmt: skip

# %% [markdown]
# Without an activation function, 25 parameters end where a straight line with two is, from every start (E05).
#
# ### Gradients through twenty layers
#
# Let $\delta$ arrive at the last of 20 layers of 64 nodes, and measure its length in every layer on the way back,
# relative to the last. ReLU gets weights of the variance $2/n$, the others $1/n$; the curves are the medians of 20
# draws.


# %%
def delta_lengths(name, variance_times_n, seed):
    rng = np.random.default_rng(seed)
    phi, derivative = activations[name]
    parameters = draw_parameters([64] * 21, variance_times_n, rng)
    inputs, upstream = rng.normal(size=(2, 32, 64))
    a, _ = network_forward(inputs, parameters, phi)
    deltas = network_deltas(upstream, a, parameters, derivative)
    lengths = np.array([np.linalg.norm(delta) for delta in deltas[::-1]])
    return lengths / lengths[0]


def over_draws(name, variance_times_n):
    return np.array([delta_lengths(name, variance_times_n, seed) for seed in range(20)])


# %%
suited = {
    "ReLU": over_draws("ReLU", 2),
    "tanh": over_draws("tanh", 1),
    "sigmoid": over_draws("sigmoid", 1),
}
print("length of delta after 19 layers, in 20 draws")
for name, lengths in suited.items():
    print(f"{name}: {lengths[:, -1].min():.1g} to {lengths[:, -1].max():.1g}")
after_15, after_19 = np.median(suited["tanh"], axis=0)[[15, 19]]
print(f"tanh, median: {after_15:.2f} after 15 layers, {after_19:.2f} after 19")

# %% alt="Length of delta after 0 to 19 layers on the way back, on a logarithmic axis. ReLU stays near 1, tanh falls to 0.2. Sigmoid falls in a straight line to 1e-12 and lies a little below the dotted line of the bound." tags=["plot"]
back = np.arange(20)
plotting.lines(
    back, {name: np.median(lengths, axis=0) for name, lengths in suited.items()},
    "layers that delta has gone back through", "relative length of delta",
    dashed={"sigmoid": 0.25**back}, y_scale="log",
)  # fmt: skip

# %% [markdown]
# The dotted line is $\tfrac14$ for each layer. In the first of twenty sigmoid layers $\delta$ is about a trillionth of
# that in the last. With one learning rate for all layers, the first layers stand still while the last ones learn (E51).
# Larger weights help only in part: they make up for the factor $\tfrac14$, but they also push the nodes into
# saturation. tanh loses a factor of five: a factor of two in 15 layers, and more than another two in the last four.
# These are near the input, where the pre-activations are still large and $\varphi'$ is well below 1. ReLU keeps the
# length on average; single draws vary between 0.6 and 2.
#
# Now the same ReLU network with weights half as large and twice as large. The dotted lines are the prediction: a factor
# ½ or 2 in each layer.

# %%
scales = {"half as large": 0.5, "variance 2/n": 1.0, "twice as large": 2.0}
scaled = {name: over_draws("ReLU", 2 * scale**2) for name, scale in scales.items()}
print("length of delta after 19 layers, in 20 draws")
for name, lengths in scaled.items():
    print(f"{name}: {lengths[:, -1].min():.1g} to {lengths[:, -1].max():.1g}")

# %% alt="Length of delta after 0 to 19 layers on the way back, on a logarithmic axis, for three sizes of the weights at the start. With the variance 2/n it stays near 1. With weights half as large it falls to 2e-6, with weights twice as large it grows to 5e5. All three lie on their dotted predictions or just below." tags=["plot"]
plotting.lines(
    back, {name: np.median(lengths, axis=0) for name, lengths in scaled.items()},
    "layers that delta has gone back through", "relative length of delta",
    dashed={name: scale**back for name, scale in scales.items()}, y_scale="log",
)  # fmt: skip

# %% [markdown]
# A factor of two in the weights at the start, in every layer, decides whether the gradient vanishes or explodes. What
# that does to a training you can see under *Try it*.

# %% [markdown]
# ## Is it right?
#
# ### The engine against the tape
#
# The same expressions for both: one with a shared node, one with broadcasting along both axes, one with two matrix
# products, one with the functions `exp` and `relu`. TensorFlow's operators have the same signs, so each expression is
# written once. The argument `v` of each expression is a `SimpleNamespace`: an object to which you give attributes, here
# values (`v.table`) and functions (`v.tanh`) of the engine or of TensorFlow.

# %%
rng = np.random.default_rng(3)
shapes = {"column": (4, 1), "row": (3,), "table": (4, 3), "square": (3, 3)}
values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
expressions = {
    "shared node": lambda v: (v.table * v.table + v.table) * v.table,
    "broadcasting": lambda v: (v.column * v.row + 2 * v.table) ** 2 - v.column,
    "network": lambda v: v.tanh(v.table @ v.square + v.row) @ v.square * v.column,
    "exp and ReLU": lambda v: v.relu(v.table + v.column) * v.exp(v.row * v.column),
}
our_functions = {"tanh": tanh, "relu": relu, "exp": exp}
their_functions = {"tanh": tf.tanh, "relu": tf.nn.relu, "exp": tf.exp}


# %%
def largest_difference(expression):
    nodes = {name: Node(value) for name, value in values.items()}
    backward(total(expression(SimpleNamespace(**nodes, **our_functions))))
    variables = {name: tf.Variable(value) for name, value in values.items()}
    with tf.GradientTape() as tape:
        namespace = SimpleNamespace(**variables, **their_functions)
        loss = tf.reduce_sum(expression(namespace))
    zeros = tf.UnconnectedGradients.ZERO  # for what an expression does not use
    gradients = tape.gradient(loss, variables, unconnected_gradients=zeros)
    pairs = ((nodes[name].gradient, gradients[name].numpy()) for name in values)
    return max(abs(ours - theirs).max() for ours, theirs in pairs)


for name, expression in expressions.items():
    print(f"{name}: engine - tape < 1e-12: {largest_difference(expression) < 1e-12}")

# %% [markdown]
# ### The matrix form against everything
#
# A network with 4 inputs, 5 and 3 hidden nodes and 2 outputs, seven examples, and the squared error. Compute its
# gradient with the matrix form, with the engine, with the helpers, and with the tape.

# %%
rng = np.random.default_rng(4)
kernels = [kernel for kernel, _ in draw_parameters((4, 5, 3, 2), 1, rng)]
parameters = [(kernel, rng.normal(size=kernel.shape[1])) for kernel in kernels]
inputs, targets = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))


def with_matrix_form(parameters):
    phi, derivative = activations["tanh"]
    a, h = network_forward(inputs, parameters, phi)
    upstream = 2 / targets.size * (h[-1] - targets)
    return network_backward(upstream, a, h, parameters, derivative)


def with_engine(parameters):
    *hidden, last = [(Node(kernel), Node(bias)) for kernel, bias in parameters]
    h = Node(inputs)
    for kernel, bias in hidden:
        h = tanh(h @ kernel + bias)
    backward(total((h @ last[0] + last[1] - targets) ** 2) * (1 / targets.size))
    return [(kernel.gradient, bias.gradient) for kernel, bias in (*hidden, last)]


# %% [markdown]
# The helpers are the grown-up versions, layer by layer: they check their arguments and stay exact where a function
# saturates.


# %%
def with_helpers(parameters):
    a, h = [], [inputs]
    for kernel, bias in parameters:
        a.append(layers.dense(h[-1], kernel, bias))
        h.append(layers.tanh(a[-1]))
    gradients, upstream = [], 2 / targets.size * (a[-1] - targets)
    for i in (2, 1, 0):
        kernel, _ = parameters[i]
        d_h, d_kernel, d_bias = layers.dense_backward(upstream, h[i], kernel)
        gradients.insert(0, (d_kernel, d_bias))
        if i:
            upstream = layers.tanh_backward(d_h, a[i - 1])
    return gradients


# %%
def with_tape(parameters):
    variables = [(tf.Variable(kernel), tf.Variable(b)) for kernel, b in parameters]
    *hidden, last = variables
    with tf.GradientTape() as tape:
        h = tf.constant(inputs)
        for kernel, bias in hidden:
            h = tf.tanh(h @ kernel + bias)
        loss = tf.reduce_mean((h @ last[0] + last[1] - targets) ** 2)
    return tape.gradient(loss, variables)


def flat(gradients):
    return np.concatenate([np.ravel(array) for pair in gradients for array in pair])


ours = flat(with_matrix_form(parameters))
for way in (with_engine, with_helpers, with_tape):
    difference = abs(flat(way(parameters)) - ours).max()
    print(f"matrix form, and {way.__name__}: difference < 1e-12: {difference < 1e-12}")

# %% [markdown]
# Four ways, one gradient. Finite differences judge them all, and know nothing of the chain rule. Would they notice a
# mistake? Plant two: forget the factor $\varphi'$ of the hidden layers, or the sum over the examples, so that only the
# first one counts.


# %%
def first_kernel_error(gradient):
    def loss(kernel):
        changed = [(kernel, parameters[0][1]), *parameters[1:]]
        _, h = network_forward(inputs, changed, np.tanh)
        return ((h[-1] - targets) ** 2).mean()

    return gradient_error(loss, lambda _: gradient, parameters[0][0])


a, h = network_forward(inputs, parameters, np.tanh)
upstream = 2 / targets.size * (h[-1] - targets)
right = with_matrix_form(parameters)[0][0]
no_factor = network_backward(upstream, a, h, parameters, np.ones_like)[0][0]
delta = network_deltas(upstream, a, parameters, activations["tanh"][1])[0]
print(f"right gradient: relative error < 1e-6: {first_kernel_error(right) < 1e-6}")
print(f"without phi': {first_kernel_error(no_factor):.2g}")
print(f"one example only: {first_kernel_error(np.outer(inputs[0], delta[0])):.2g}")

# %% [markdown]
# `gradient_error` divides the difference by the larger of the two values, entry by entry, and reports the worst entry.
# (For a tiny entry it divides by a floor instead, because finite differences do not resolve it.) 2 is the most it can
# reach (equal size, opposite signs); a right gradient stays near $10^{-7}$.
#
# The same judge for what is left: the derivatives of all four activations, and the gradients of the very first network
# of this lesson, with and without the sigmoid at its output.

# %%
somewhere = np.array([-2, -0.5, 0.3, 1.5])
for name, (phi, derivative) in activations.items():
    error = gradient_error(lambda v, phi=phi: phi(v).sum(), derivative, somewhere)
    print(f"{name}: relative error < 1e-6: {error < 1e-6}")


def first_network_error(squash):
    def loss(p):
        output, _ = output_and_gradients(*p.reshape(4, 1, 1), squash)
        return ((output - mean_target) ** 2).mean()

    def gradient(p):
        return np.ravel(output_and_gradients(*p.reshape(4, 1, 1), squash)[1])

    return gradient_error(loss, gradient, np.array([1.2, -0.3, 0.8, 0.4]))


for squash in (True, False):
    small = first_network_error(squash) < 1e-6
    print(f"first network, squash={squash}: relative error < 1e-6: {small}")

# %% [markdown]
# ### Which step size?
#
# Finite differences are not exact either. The central difference $\big(J(w+h)-J(w-h)\big)/2h$ leaves out terms of the
# size $\tfrac{h^2}{6}\lvert J'''\rvert$, which asks for a small $h$. The one-sided difference $\big(J(w+h)-J(w)\big)/h$
# leaves out $\tfrac h2\lvert J''\rvert$. But $J$ is rounded, to about $\epsilon = 10^{-16}$ of its value, and dividing
# by $h$ magnifies that to $\epsilon\lvert J\rvert/h$, which asks for a large one. Take a loss whose derivatives you
# know, $J(w) = \frac1N\sum_m (1 + w x_m)^{-2}$, and compare.

# %%
points = np.linspace(0.1, 2, 50)


def smooth_loss(w):
    return (1 / ((1 + w * points) * (1 + w * points))).mean()


u = 1 / (1 + 0.7 * points)
first = (-2 * points * u**3).mean()  # the derivatives at w = 0.7
second = (6 * points**2 * u**4).mean()
third = (-24 * points**3 * u**5).mean()

# %%
steps = 2.0 ** -np.arange(47, 0, -1)  # powers of two, so that dividing by h is exact
here = smooth_loss(0.7)
ahead, behind = (np.array([smooth_loss(0.7 + h) for h in s]) for s in (steps, -steps))
measured = {
    "one-sided": abs((ahead - here) / steps - first),
    "central": abs((ahead - behind) / (2 * steps) - first),
}
rounding = 1e-16 * here / steps
predicted = {
    "one-sided": steps / 2 * second + rounding,
    "central": steps**2 / 6 * abs(third) + rounding,
}

# %% alt="Error of finite differences over the step size, both axes logarithmic, with dotted predictions. The error of the central difference falls with slope 2 from the right and rises towards smaller steps, with jitter. Its dotted prediction has its lowest point at about 1e-11, at a step near 4e-6; the measured curve dips below it there by chance. The one-sided difference falls with slope 1 to 1e-8 at a step near 1e-8 and then rises too." tags=["plot"]
plotting.lines(
    steps, measured, "step h", "error of the derivative",
    dashed=predicted, x_scale="log", y_scale="log", y_limits=(1e-14, 1),
)  # fmt: skip

# %% [markdown]
# To the right of its lowest point each curve shows the terms left out, with slope 2 or 1; to the left the rounding,
# with slope -1. For the central difference, $\epsilon/h + h^2$ is smallest near $h = \epsilon^{1/3}$, about
# $5\cdot10^{-6}$ (Nocedal & Wright, 2006, section 8.1); `gradient_error` takes $10^{-6}$. In single precision, with
# $\epsilon = 6\cdot10^{-8}$, the best step is near $4\cdot10^{-3}$, and the error to be expected there is about
# $10^{-5}$. So compute in double precision, and remember that a *smaller* step is not a better one.

# %% [markdown]
# ## In TensorFlow 2
#
# ### The second program, line by line
#
# The article's program warns at its first layer, stops at the first call that matters, and each repair uncovers the
# next exception (E31). Here they are, one after the other.

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(1,))
print(str(caught[0].message).split(". ")[0])

dense = tf.keras.layers.Dense
tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([tf.keras.Input((1,)), dense(1, "sigmoid"), dense(1)])
x_tf = tf.constant(x[:, None], tf.float32)
y_tf = tf.constant(mean_target[:, None], tf.float32)
loss_before = tf.reduce_mean((y_tf - model(x_tf)) ** 2)


# %%
def complain(action):
    try:
        action()
    except (AttributeError, RuntimeError, ValueError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0][:90]}")


variables = model.trainable_variables
optimizer = tf.keras.optimizers.SGD(learning_rate=0.2)
complain(lambda: model.thetas)
complain(lambda: tf.gradients(loss_before, variables))
complain(lambda: tf.train.GradientDescentOptimizer(learning_rate=0.01))
complain(lambda: optimizer.minimize(loss_before, variables))
with tf.GradientTape() as tape:
    pass  # the loss was computed before
gradients = tape.gradient(loss_before, variables)
complain(lambda: optimizer.apply_gradients(zip(gradients, variables)))

# %% [markdown]
# | you find | what happens | what you write |
# |---|---|---|
# | `input_shape=(1,)` in a layer | a warning (E62) | `tf.keras.Input((1,))` first |
# | `model.thetas` | `AttributeError` (E47) | `model.trainable_variables` |
# | `tf.gradients(...)[0]` | `RuntimeError` (E32); the `[0]` would keep one gradient of four | `tape.gradient(loss, variables)` |
# | `tf.train.GradientDescentOptimizer` | `AttributeError` (E34) | `tf.keras.optimizers.SGD` |
# | `_, thetas = optimizer.minimize(loss)` | `AttributeError` (E35), and no pair to unpack (E37) | `optimizer.apply_gradients(...)` |
# | `loss = ...` once, before the loop | no gradient at all (E36) | compute the loss inside the tape, in each step |
# | `theta1 = np.random.rand(1, 1)` | is never used (E48) | nothing: Keras draws its own |
#
# At its end the program prints the first two entries of a list of variables as `theta1` and `theta2`. Which are they?

# %%
for number, variable in enumerate(variables):
    print(f"entry {number}: {variable.path}, shape {tuple(variable.shape)}")

# %% [markdown]
# Entries 0 and 1 are the weight and the bias of the *first* layer; the second layer is never shown (E48). An
# explanation that only names the lines one after the other cannot notice this (E40). (The name `dense` without a number
# went to the layer that was made only to see its warning.)
#
# ### Back-propagation is not the update
#
# In the article the update is the third step of back-propagation (E17). But there are two parties. Back-propagation
# computes a gradient and changes nothing. The optimiser takes a gradient, wherever it comes from, and changes the
# variables. Which of the four variables has changed?

# %%
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((y_tf - model(x_tf)) ** 2)
before = model.get_weights()

gradients = tape.gradient(loss, variables)  # back-propagation
changed = [not np.array_equal(*pair) for pair in zip(before, model.get_weights())]
print(f"changed by tape.gradient:   {changed}")
optimizer.apply_gradients(zip(gradients, variables))  # gradient descent
changed = [not np.array_equal(*pair) for pair in zip(before, model.get_weights())]
print(f"changed by apply_gradients: {changed}")

# %% [markdown]
# Because they are separate, you may exchange either of them: another optimiser for the same gradients, or, in the next
# section, your own gradients in place of TensorFlow's.

# %% [markdown]
# ## On real data
#
# 1797 scanned digits of 8 × 8 grey values, from 0 (no ink) to 1 (Alpaydin & Kaynak, 1998): an array of shape
# (1797, 8, 8, 1), and a label for each. Shuffle once, learn from 1280, and keep 517 aside. What must a network beat?
# For instance this: average the training images of each digit, and give a new image the digit whose mean is nearest.

# %%
images, labels = datasets.load_digits()
pixels = images.reshape(-1, 64)
shuffled = np.random.default_rng(0).permutation(len(pixels))
train_rows, test_rows = shuffled[:1280], shuffled[1280:]

of_digit = [train_rows[labels[train_rows] == digit] for digit in range(10)]
means = np.array([pixels[rows].mean(axis=0) for rows in of_digit])
nearest = ((pixels[:, None] - means) ** 2).sum(axis=-1).argmin(axis=1)
for name, rows in (("training", train_rows), ("held out", test_rows)):
    print(f"nearest mean, {name}: {(nearest[rows] == labels[rows]).mean():.2f} right")

# %% [markdown]
# The network has 64 inputs, 32 hidden nodes with ReLU, and 10 outputs $z_k$, not passed through any activation, called
# **logits**. Softmax turns these into probabilities, $p_k = e^{z_k}/\sum_j e^{z_j}$, and the loss is the
# **cross-entropy** $-\log p_y$ of the right label $y$, averaged over the batch. Its derivative with respect to $z_k$ is
# short: $p_k - 1$ for the right label, $k = y$, and $p_k$ for the others, $k \ne y$, divided by the size of the batch;
# you derive it in exercise 4. The loss and its derivative come from the helpers, because the formula as it stands
# overflows ($e^{1000}$ is infinite in floating point):

# %%
huge = np.array([[1000.0, 0.0]])
with np.errstate(all="ignore"):
    probabilities = np.exp(huge) / np.exp(huge).sum()
    print(f"as in the formula: p = {probabilities}, J = {-np.log(probabilities[0, 1])}")
print(f"helper: J = {layers.softmax_cross_entropy(huge, [1])}")

# %% [markdown]
# One training: batches of 64 in random order, 20 times through the data, plain gradient descent.


# %%
def draw_batches(rng, epochs):
    passes = [rng.permutation(train_rows).reshape(-1, 64) for _ in range(epochs)]
    return np.concatenate(passes)


def train_network(parameters, batches, rate=1.0, name="ReLU"):
    phi, derivative = activations[name]
    losses = []
    for batch in batches:
        a, h = network_forward(pixels[batch], parameters, phi)
        losses.append(layers.softmax_cross_entropy(h[-1], labels[batch]))
        upstream = layers.softmax_cross_entropy_backward(h[-1], labels[batch])
        gradients = network_backward(upstream, a, h, parameters, derivative)
        parameters = updated(parameters, gradients, rate)
    return parameters, np.array(losses)


# %%
rng = np.random.default_rng(0)
first_parameters = draw_parameters((64, 32, 10), 2, rng)
first_batches = draw_batches(rng, epochs=20)
trained, losses = train_network(first_parameters, first_batches)
print(f"{flat(trained).size} parameters, {len(losses)} steps")
print(f"loss: first batch {losses[0]:.2f}, last 20 batches {losses[-20:].mean():.3f}")

# %% [markdown]
# ### Step for step with Keras
#
# The same network in Keras, in double precision, from the same weights and with the same batches. If your backward pass
# and TensorFlow's are the same function, the two trainings must coincide, up to rounding, in every one of the 400
# steps. (Keras keeps the learning rate in single precision. 1 is exact there; with 0.1 the weights would part by about
# $5\cdot10^{-9}$.)

# %%
model = tf.keras.Sequential([tf.keras.Input((64,), dtype="float64")])
model.add(dense(32, "relu", dtype="float64"))
model.add(dense(10, dtype="float64"))
model.set_weights([array for pair in first_parameters for array in pair])
cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, dtype="float64"
)
optimizer = tf.keras.optimizers.SGD(learning_rate=1.0)


@tf.function
def train_step(inputs, targets):
    with tf.GradientTape() as tape:
        loss = cross_entropy(targets, model(inputs))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


# %%
keras_losses = [float(train_step(pixels[rows], labels[rows])) for rows in first_batches]
print(f"400 losses: difference < 1e-10: {abs(keras_losses - losses).max() < 1e-10}")
difference = abs(flat([model.get_weights()]) - flat(trained)).max()
print(f"all weights at the end: difference < 1e-10: {difference < 1e-10}")

# %% alt="Mean loss over 20 passes through the data, on a logarithmic axis: it falls from 1.6 to 0.03, with four small bumps. The dotted curve of Keras lies on the solid one everywhere." tags=["plot"]
passes = np.arange(1, 21)
plotting.lines(
    passes, {"ours (dotted: Keras)": losses.reshape(20, 20).mean(axis=1)},
    "pass through the data", "cross-entropy, mean of 20 batches",
    dashed={"ours (dotted: Keras)": np.reshape(keras_losses, (20, 20)).mean(axis=1)},
    y_scale="log",
)  # fmt: skip

# %% [markdown]
# In everyday work you leave the loop to `fit`. Give it the 20 batches of the first pass in a row and forbid it to
# shuffle, and it arrives at the weights that your loop has after this pass.

# %%
in_order = first_batches[:20].ravel()
model.set_weights([array for pair in first_parameters for array in pair])
model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=1.0), loss=cross_entropy)
model.fit(pixels[in_order], labels[in_order], batch_size=64, shuffle=False, verbose=0)
after_one_pass, _ = train_network(first_parameters, first_batches[:20])
difference = abs(flat([model.get_weights()]) - flat(after_one_pass)).max()
print(f"fit, one pass: all weights: difference < 1e-10: {difference < 1e-10}")

# %% [markdown]
# ### How good is it?
#
# One training proves little, so repeat it with five seeds, for the weights at the start and for the order of the
# batches. As a second baseline, take the network without its hidden layer.


# %%
def is_right(parameters, rows, name="ReLU"):
    _, h = network_forward(pixels[rows], parameters, activations[name][0])
    return h[-1].argmax(axis=1) == labels[rows]


def trained_from(seed, layer_sizes):
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(layer_sizes, 2, rng)
    return train_network(parameters, draw_batches(rng, epochs=20))[0]


# %%
architectures = {"no hidden layer": (64, 10), "32 hidden nodes": (64, 32, 10)}
held_out = {}
for name, layer_sizes in architectures.items():
    networks = [trained_from(seed, layer_sizes) for seed in range(5)]
    training = np.mean([is_right(network, train_rows) for network in networks])
    held_out[name] = np.array([is_right(network, test_rows) for network in networks])
    shares = held_out[name].mean(axis=1)
    print(f"{name}: training {training:.1%}, held out {shares.mean():.1%}")
    print(f"    held out from {shares.min():.1%} to {shares.max():.1%}")

# %% [markdown]
# The network reads 98 % of the held-out digits, the nearest mean 91 %. But do not give all the credit to the hidden
# layer: without it you get 97 % already. The gap between them is about five images of 517. The ranges show the chance
# of the weights and of the order only; the split is one draw too. Both networks answer the same images, so count those
# that only one of them reads, for each seed:

# %%
direct_right, hidden_right = held_out.values()
print(f"only with the hidden layer:    {(hidden_right & ~direct_right).sum(axis=1)}")
print(f"only without the hidden layer: {(direct_right & ~hidden_right).sum(axis=1)}")

# %% [markdown]
# If the hidden layer gained nothing, each of these images would be the toss of a coin. Eleven tosses give a split as
# uneven as 10 to 1 only once in 85 times: had you tried the first seed alone, you would be convinced. But one as uneven
# as 8 to 3 comes up once in four times, and the other three are weaker still. (And do not add the five up: they are
# about the same 517 images.) So the gap is weak evidence for the hidden layer. Both networks got the same 400 steps and
# the same rate, not tuned to either.

# %% alt="Confusion matrix of ten digits. Nearly all of the 517 counts lie on the diagonal, between 41 and 59 in each field. Off the diagonal there are five ones and a two, for a 0 that is taken for a 4." tags=["plot"]
logits = network_forward(pixels[test_rows], trained, activations["ReLU"][0])[1][-1]
answers, truth = logits.argmax(axis=1), labels[test_rows]
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (truth, answers), 1)
plotting.table(confusion, "answer of the network", "right digit")

# %% [markdown]
# The first training above gets these seven wrong. Above each one, the right digit and what the network took it for.

# %% alt="Seven held-out digits, coarse and dark, that the network reads wrongly. Two rings, one narrow and one wide, are zeros taken for a 4. Several are hard to read for a person too: the upper half of a 3 is a black block, and the ring of a 9 is filled with ink." tags=["plot"]
wrong = np.flatnonzero(answers != truth)
panels = {}
for letter, row in zip(ascii_lowercase, wrong):
    title = f"{letter}) {truth[row]}, read as {answers[row]}"
    panels[title] = 1 - images[test_rows[row], :, :, 0]  # ink is black
plotting.images(panels)

# %% [markdown]
# What this does not show: how the network reads the digits of people whose hand it has never seen. All 1797 images come
# from 13 writers (Alpaydin & Kaynak, 1998), and a random split mixes them. And the network knows nothing of
# neighbouring pixels: reorder the pixels of all images in the same way, and it learns just as well, because the inputs
# of a dense layer have no order. That is what the next lesson changes.

# %% [markdown]
# ## Try it
#
# **Can larger weights save the sigmoid?** As above, the length of $\delta$ on its way back through twenty layers, now
# for five draws of weights with the deviation `gain` $/\sqrt n$. The dotted line has the factor `gain` times the
# largest $\varphi'$ for each layer, and for ReLU `gain` $/\sqrt2$, because half of the entries are let through. Run the
# cell below the figure and choose: yours appears under the controls.
#
# - With the sigmoid and `gain` 4 the dotted line is level: the weights make up for the factor $\tfrac14$. The gradient
#   still falls to $10^{-4}$, because larger weights push the nodes into saturation. What does 8 do to both?
# - ReLU: find the `gain` at which the gradient keeps its length. The mathematics says $\sqrt2$. What do 0.2 more or
#   less cost?
# - `none`, with `gain` 2: nothing saturates, and the curve lies on the dotted line. tanh with the same `gain` ends more
#   than four powers of ten lower. Why?


# %% alt="Length of delta for the sigmoid with gain 4 over the layers on the way back, on a logarithmic axis: it falls steadily to 1e-4, far below the level dotted line at 1." tags=["plot"]
largest_factor = {"sigmoid": 1 / 4, "tanh": 1, "ReLU": 1 / np.sqrt(2), "none": 1}


def try_it(activation="sigmoid", gain=4.0):
    lengths = [delta_lengths(activation, gain**2, seed) for seed in range(5)]
    plotting.lines(
        back, {activation: np.median(lengths, axis=0)},
        "layers that delta has gone back through", "relative length of delta",
        dashed={activation: (gain * largest_factor[activation]) ** back},
        y_scale="log", y_limits=(1e-10, 1e10),
    )  # fmt: skip


try_it()

# %% tags=["remove-cell"]
controls.show(try_it, activation=list(activations), gain=(0.2, 8, 0.2))

# %% [markdown]
# **What does that do to a training?** Change the constants and run the cell again. Try three seeds before you answer.
#
# - `name = "tanh"`, then `"sigmoid"`: which one does not learn at all, and why?
# - ReLU again, with `size_of_weights` 0.25, then 3. A loss of $\log 10 = 2.3$ is that of guessing. (With 3 the first
#   losses are astronomical: look at the end of the curve.)
# - Back to `size_of_weights = 1.0` and ReLU, with `hidden = (32,)`: what did the other three layers gain you, in
#   training and on digits held out?
# - Keep `(32,)` and set `name = "none"` as well. It is right at least as often as with ReLU, on both, although it is
#   one linear map. After ten passes over these digits, the activation has gained nothing yet; a baseline tells you so.
#   (Four layers without activation end in an error at this rate, because the numbers overflow: the weights of variance
#   $2/n$ count on ReLU to halve the squares.)

# %% alt="Mean loss over 10 passes through the data, on a logarithmic axis: it falls from 2.0 to 0.12." tags=["plot"]
hidden = (32, 32, 32, 32)
name = "ReLU"
size_of_weights = 1.0
rate = 0.2
seed = 1

rng = np.random.default_rng(seed)
start = draw_parameters((64, *hidden, 10), 2 * size_of_weights**2, rng)
tried, losses = train_network(start, draw_batches(rng, epochs=10), rate, name)
plotting.lines(
    np.arange(1, 11), {name: losses.reshape(10, 20).mean(axis=1)},
    "pass through the data", "cross-entropy, mean of 20 batches", y_scale="log",
)  # fmt: skip
for data, rows in (("training", train_rows), ("held out", test_rows)):
    print(f"{data}: {is_right(tried, rows, name).mean():.2f} right")

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, run that cell, then
# run the check below it. The check answers "not attempted yet", "correct", or "wrong" with the smallest input on which
# yours fails. If you are stuck, open the hint.
# A solution is folded away below each hint.

# %% [markdown]
# ### Exercise 1: A ReLU that leaks
#
# `leaky_relu` returns its input where that is positive, and `slope` times the input elsewhere. With a positive `slope`,
# its derivative is never exactly 0, so no node is cut off from learning. Return the gradient with respect to `inputs`;
# at 0 take `slope`.


# %%
def leaky_relu_backward(upstream, inputs, slope):
    raise NotImplementedError


# %%
check.leaky_relu_backward(leaky_relu_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The derivative is one number for each entry: 1 where the input is positive, `slope` elsewhere. The chain rule
# multiplies it by `upstream`, entry by entry. `np.where` chooses between two values.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 1


# %%
def leaky_relu_backward(upstream, inputs, slope):
    ### BEGIN SOLUTION
    return upstream * np.where(inputs > 0, 1, slope)
    ### END SOLUTION


check.leaky_relu_backward(leaky_relu_backward)

# %% [markdown]
# ### Exercise 2: Teach the engine to divide
#
# Complete `divide`, which takes two nodes and returns the node $a/b$ with a rule for each of them. Broadcasting is
# `sum_to`'s business, not yours.


# %%
def divide(a, b):
    raise NotImplementedError


# %%
check.divide(divide, Node, backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Look at how the other operations are written: `Node(value, (parent, rule), …)`, and a rule takes `upstream` and
# returns the gradient for that parent. You need $\partial(a/b)/\partial a$ and $\partial(a/b)/\partial b$, computed
# with `a.value` and `b.value`.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def divide(a, b):
    ### BEGIN SOLUTION
    return Node(
        a.value / b.value,
        (a, lambda upstream: upstream / b.value),
        (b, lambda upstream: -upstream * a.value / b.value**2),
    )
    ### END SOLUTION


check.divide(divide, Node, backward)

# %% [markdown]
# ### Exercise 3: Find the planted mistake
#
# `operations` is a tuple of pairs: a function of an array, applied entry by entry, and what is said to be its
# derivative. Exactly one derivative is wrong. Return its index. Choose the points at which you look with care: some
# mistakes show on one side of 0 only. (`gradient_error(f, derivative, points)` wants an `f` that returns one number,
# for instance a sum.)


# %%
def wrong_derivative(operations):
    raise NotImplementedError


# %%
check.wrong_derivative(wrong_derivative)

# %% [markdown]
# <details><summary>Hint</summary>
#
# For each pair, compare the derivative with central differences, $(f(x + h) - f(x - h))/2h$, at several points: some
# negative, some positive, none at 0. The largest difference of each pair goes into a list, and `np.argmax` finds the
# pair. A right derivative differs by about $10^{-9}$, the wrong one by far more.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def wrong_derivative(operations):
    ### BEGIN SOLUTION
    points, h, errors = np.array([-1.3, -0.4, 0.6, 1.7]), 1e-6, []
    for function, derivative in operations:
        measured = (function(points + h) - function(points - h)) / (2 * h)
        errors.append(abs(measured - derivative(points)).max())
    return int(np.argmax(errors))
    ### END SOLUTION


check.wrong_derivative(wrong_derivative)

# %% [markdown]
# ### Exercise 4: Softmax and cross-entropy
#
# For one example, $J = -\log p_y = -z_y + \log\sum_j e^{z_j}$. Derive $\partial J/\partial z_k$, once for $k = y$ and
# once for $k \ne y$. Then return the gradient of the mean over the batch, for `logits` of shape $(N, K)$, for $K$
# labels, and integer `labels` of shape $(N,)$. It must survive logits of 1000: what happens to $p$ when you subtract
# the largest logit from all of them?


# %%
def cross_entropy_gradient(logits, labels):
    raise NotImplementedError


# %%
check.cross_entropy_gradient(cross_entropy_gradient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# With $p_k = e^{z_k}/\sum_j e^{z_j}$, both cases become one: $p_k$, minus 1 where $k = y$. Then divide by $N$, because
# the loss is a mean. To subtract a number from all logits of one example leaves $p$ as it is; with the largest of them,
# no exponent is positive.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 4


# %%
def cross_entropy_gradient(logits, labels):
    ### BEGIN SOLUTION
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    right = labels[:, None] == np.arange(logits.shape[1])
    return (probabilities - right) / len(logits)
    ### END SOLUTION


check.cross_entropy_gradient(cross_entropy_gradient)

# %% [markdown]
# ### Exercise 5: A way around the layer
#
# A residual layer adds its input to its output, $Z = H + \tanh(HW + b)$, with a square $W$ (He et al., 2016). Return
# the gradients with respect to `inputs`, `kernel` and `bias`, as a tuple. Then look at the first: why does it not
# vanish, even if $W$ is tiny or the tanh is saturated? (In other cases it can: $W=-I$ and $b=0$ at $H=0$ gives 0.)


# %%
def residual_backward(upstream, inputs, kernel, bias):
    raise NotImplementedError


# %%
check.residual_backward(residual_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# `inputs` acts on the loss along two ways, and the gradients of the two ways add up. One way is the addition: it hands
# `upstream` on as it is. The other is the dense layer with tanh, whose backward pass you have written above. `kernel`
# and `bias` lie on the second way only.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 5


# %%
def residual_backward(upstream, inputs, kernel, bias):
    ### BEGIN SOLUTION
    delta = upstream * (1 - np.tanh(inputs @ kernel + bias) ** 2)
    return upstream + delta @ kernel.T, inputs.T @ delta, delta.sum(axis=0)
    ### END SOLUTION


check.residual_backward(residual_backward)

# %% [markdown]
# ## What we have seen
#
# - A node has many inputs and one activation function. Without the latter, a stack of layers is one affine map.
# - Back-propagation is the chain rule in one sweep: each node after all of its successors, each total derivative the
#   sum of what comes back along its arrows. It computes the gradient and changes no parameter.
# - Sums appear wherever something is used more than once: over paths, over the examples of a batch, over broadcast
#   axes. Count nothing twice.
# - In matrix form the algorithm is three formulas for each layer. It costs about as much as two more forward passes.
# - Sigmoid layers with weights of variance $1/n$ shrink the gradient on average to a quarter or less, per layer. ReLU
#   layers with variance $2/n$ keep its length on average.
# - A gradient is checked with central differences and a step near $10^{-6}$, and by planting a mistake to see whether
#   the check notices. A right gradient does not rescue a wrong model.
#
# ## References
#
# - Alpaydin, E., & Kaynak, C. (1998). Optical recognition of handwritten digits. *UCI Machine Learning Repository*.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
# - Baydin, A. G., Pearlmutter, B. A., Radul, A. A., & Siskind, J. M. (2018). Automatic differentiation in machine
#   learning: a survey. *Journal of Machine Learning Research* 18(153), 1–43.
#   [arXiv:1502.05767](https://arxiv.org/abs/1502.05767)
# - Bengio, Y., Simard, P., & Frasconi, P. (1994). Learning long-term dependencies with gradient descent is difficult.
#   *IEEE Transactions on Neural Networks* 5(2), 157–166. [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181)
# - Glorot, X., & Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural networks.
#   *AISTATS*, PMLR 9, 249–256.
# - He, K., Zhang, X., Ren, S., & Sun, J. (2015). Delving deep into rectifiers: Surpassing human-level performance on
#   ImageNet classification. *ICCV*, 1026–1034. [arXiv:1502.01852](https://arxiv.org/abs/1502.01852)
# - He, K., Zhang, X., Ren, S., & Sun, J. (2016). Deep residual learning for image recognition. *CVPR*, 770–778.
#   [arXiv:1512.03385](https://arxiv.org/abs/1512.03385)
# - Hochreiter, S. (1991). *Untersuchungen zu dynamischen neuronalen Netzen*. Diploma thesis, Technische Universität
#   München.
# - Karpathy, A. (2020). *micrograd*. [github.com/karpathy/micrograd](https://github.com/karpathy/micrograd)
# - Nocedal, J., & Wright, S. J. (2006). *Numerical Optimization*, 2nd ed. Springer.
#   [doi:10.1007/978-0-387-40065-5](https://doi.org/10.1007/978-0-387-40065-5)
# - Rumelhart, D. E., Hinton, G. E., & Williams, R. J. (1986). Learning representations by back-propagating errors.
#   *Nature* 323, 533–536. [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0)
