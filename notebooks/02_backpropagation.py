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
# A network with a million weights has a gradient with a million entries. Back-propagation finds them all, for about
# three times the work of one run through the network. You build it here: first an engine that trains a
# network before your eyes, then the matrix form, which learns to read hand-written digits.
#
# **What you'll do**
#
# - work out a node, a network and derivatives with a pencil;
# - write an engine for automatic differentiation, which trains a network to do what no linear model can;
# - read digits, watch a network over-fit, and stop it in time.
#
# **What you'll learn**
#
# - why the backward pass is one sweep, and where its sums come from;
# - why labels go with softmax and cross-entropy;
# - why gradients vanish, and how large weights should be at the start;
# - how to check a gradient, and how to tell what a hidden layer is worth.
#
# **What you'll need**
#
# - the [lesson on gradient descent](01_gradient_descent.ipynb), the one-variable chain rule, the product of two
#   matrices, and variance;
# - about 90 minutes, and another hour for the exercises.
#
# Marks such as [E19](../ERRATA.md#E19) lead to mistakes of a published introduction to this subject, "the article".

# %%
from itertools import pairwise

import numpy as np

# `helpers` comes with these lessons (README.md); pip's package of that name is another.
from helpers import backpropagation, controls, datasets, plotting, startup
from helpers.checks import backpropagation as check
from helpers.gradient_check import gradient_error, numerical_gradient

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## The idea
#
# ### A node has many inputs
#
# A **node** takes many values, multiplies each by a **weight**, adds them up, adds a **bias**, and applies an
# **activation function** $\varphi$: $a = \sum_i w_i x_i + b$ and $h = \varphi(a)$. With the inputs 1, 2, -1, the
# weights 0.5, -1, 2 and the bias 4, $a = 0.5 - 2 - 2 + 4 = 0.5$. A common activation is the rectified linear unit, or
# **ReLU**, $\max(a, 0)$: it passes 0.5 on, and would turn a negative sum into 0.

# %%
x, w, b = np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 2.0]), 4.0
a = w @ x + b
h = max(a, 0)
print(f"a = {a}, h = {h}")

# %% alt="Three grey circles on the left, the inputs with the values 1, 2 and minus 1. An arrow with a weight leads from each to one blue circle: 0.5, minus 1 and 2. The blue circle is the node; it has the bias 4 and the output 0.5." tags=["plot"]
plotting.network([x, [h]], [w[:, None]], [[b]], ["$x_1$", "$x_2$", "$x_3$"])

# %% [markdown]
# The article's text gives a node one input ([E03](../ERRATA.md#E03)) and no activation ([E05](../ERRATA.md#E05)).
#
# ### A network
#
# The output of a node may be an input of many others. Take **XOR**: 1 if exactly one of two
# inputs is 1, else 0. One weighted sum with a bias cannot do it: the one of least squared error answers ½ in all four
# cases. But two nodes in a **hidden layer**, between inputs and output, can. The first adds the inputs up; the second
# is above 0 only if both are 1; the output is the first minus twice the second.

# %%
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
xor = np.array([0, 1, 1, 0])
with_bias = np.column_stack([X, np.ones(4)])
print("best linear answer:", (with_bias @ np.linalg.lstsq(with_bias, xor)[0]).round(6))
W1, b1 = np.array([[1, 1], [1, 1]]), np.array([0, -1])
W2, b2 = np.array([[1], [-2]]), np.array([0])
hidden = np.maximum(X @ W1 + b1, 0)
print("two hidden nodes:  ", (hidden @ W2 + b2)[:, 0])

# %% alt="Two inputs, both with the value 1, are joined by four arrows of weight 1 to two hidden nodes with the biases 0 and minus 1 and the outputs 2 and 1. These lead with the weights 1 and minus 2 to the output node, whose output is 0." tags=["plot"]
example = [X[3], hidden[3], hidden[3] @ W2 + b2]
plotting.network(example, [W1, W2], [b1, b2], ["$x_1$", "$x_2$"])

# %% [markdown]
# In the code, one example is a row, and a layer is a product of matrices. Now leave the activation out:
# $(X W_1 + b_1)\,W_2 + b_2 = X\,(W_1 W_2) + (b_1 W_2 + b_2)$. That is one layer again, however many you stack, and
# XOR stays out of reach ([E05](../ERRATA.md#E05)).

# %%
print("two layers without activation:", ((X @ W1 + b1) @ W2 + b2)[:, 0])
print("one layer that replaces them: ", (X @ (W1 @ W2) + (b1 @ W2 + b2))[:, 0])

# %% [markdown]
# ### Derivatives flow backwards
#
# Gradient descent finds the weights, if you know how the loss changes with each of them. Work out one node with a
# pencil: input $x = 3$, weight $w = 2$, bias $b = -4$, target $y = 5$, no activation, and the
# loss $J = (wx + b - y)^2$. Split it into operations whose derivatives are obvious: a **computational graph**.
#
# $c = wx$, $a = c + b$, $d = a - y$, $J = d^2$. Go forward and write each value above its box. Write on each arrow the
# rate at which its end changes with its start: $x = 3$ for $w \to c$, $2d = -6$ for $d \to J$, and 1 for a sum ($-1$
# for what is subtracted). Then go backward. $J$ itself gets 1, and every other box gets the number on its arrow times
# what the box at the end of that arrow got: $w$ gets $3\cdot(-6) = -18$.

# %%
w, x, b, y = 2, 3, -4, 5
c = w * x  # forward
a = c + b
d = a - y
J = d**2

J_d = 2 * d  # backward: J_d means dJ/dd
J_a, J_y = J_d * 1, J_d * -1
J_c, J_b = J_a * 1, J_a * 1
J_w, J_x = J_c * x, J_c * w
print(f"J = {J}; dJ/dw = {J_w}, dJ/dx = {J_x}, dJ/db = {J_b}, dJ/dy = {J_y}")

# %% alt="A computational graph with arrows from left to right. Inputs: w with value 2 and gradient minus 18, x with 3 and minus 12, b with minus 4 and minus 6, y with 5 and plus 6. Then c with 6 and minus 6, a with 2 and minus 6, d with minus 3 and minus 6, and J with 9 and 1. On the arrows stand the derivatives: 3 and 2 into the product, minus 1 from y, minus 6 into J, and 1 on the others." tags=["plot"]
boxes = {
    "w": (0, 2, w, J_w), "x": (0, 1, x, J_x), "b": (1, 0.5, b, J_b), "y": (2, 0.5, y, J_y),
    "c": (1, 1.5, c, J_c), "a": (2, 1.5, a, J_a), "d": (3, 1.5, d, J_d), "J": (4, 1.5, J, 1),
}  # fmt: skip
arrows = [("w", "c", x), ("x", "c", w), ("c", "a", 1), ("b", "a", 1), ("a", "d", 1)]
arrows += [("y", "d", -1), ("d", "J", 2 * d)]
plotting.graph(boxes, arrows, figsize=(8, 3.4))

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | in the code |
# |---|---|---|---|
# | $N$, $n_l$ | number of examples; of nodes in layer $l$ | 1 | |
# | $m$; $i$, $j$ | one example; one node of layer $l-1$, of layer $l$ | 1 | |
# | $H^{(l)}$ | outputs of layer $l$, one example a row; $H^{(0)}$ is the input | $N \times n_l$ | `h[l]` |
# | $W^{(l)}$, $b^{(l)}$ | weights and biases of layer $l$ | $n_{l-1} \times n_l$, $n_l$ | `kernel`, `bias` |
# | $A^{(l)}$ | sums of layer $l$, before the activation | $N \times n_l$ | `a[l - 1]` |
# | $\varphi$, $\varphi'$ | activation function and its derivative | | `phi`, `derivative` |
# | $J$ | loss | 1 | `loss` |
# | $\delta^{(l)}$ | derivatives of $J$ with respect to $A^{(l)}$ | $N \times n_l$ | `deltas[l - 1]` |
# | $z_k$, $p_k$ | last layer: its sum for label $k$, and the probability of $k$ | 1 | `logits`, `softmax` |
# | $y$; $Y$ | right label; rows with 1 at the label, else 0 | 1; $N \times K$ | `digits`; `one_hot` |
# | $\odot$ | product entry by entry | | `*` |
#
# Small letters are entries: $h_{mi}$ of $H$.
#
# ### The chain rule on a graph
#
# On each arrow $u \to v$ stands $\partial v/\partial u$, the **direct** derivative of one operation;
# $\mathrm dJ/\mathrm du$ is the **total** one, with everything in between. In the graph of $J = s + g$ with $s = 2a$
# and $g = e^s$, the value $s$ acts on $J$ twice: directly, and by way of $g$. Move $s$ by a tiny $\Delta$. One path
# moves $J$ by $1\cdot\Delta$, the other by $e^s\Delta$, and tiny changes add up. In general
#
# $$\frac{\mathrm dJ}{\mathrm du} = \sum_{u \to v} \frac{\mathrm dJ}{\mathrm dv}\,\frac{\partial v}{\partial u} .$$
#
# At $a = 0.5$ and $s = 1$, $\mathrm dJ/\mathrm ds = 1 + e = 3.718$ and $\mathrm dJ/\mathrm da = 2\,(1 + e) = 7.437$.
# **Multiply along a path, add over paths.** This is back-propagation, or automatic differentiation in reverse mode
# (Linnainmaa, 1970; Werbos, 1974; for networks Rumelhart, Hinton & Williams, 1986).
#
# The sum runs over the *successors* of $u$. So you go through the graph once, backwards, each box after all of its
# successors, and use each arrow once: one sweep for *all* inputs. There may be very many paths: in 20 layers of 64
# nodes, $64^{19}$ from a weight of the first layer to the loss. But paths that share their last part share one
# $\mathrm dJ/\mathrm dv$, computed once. That reuse is the whole idea ([E16](../ERRATA.md#E16)).

# %% alt="A computational graph: a, with the value 0.5 and the gradient 7.437, leads with the derivative 2 to s, with 1 and 3.718. From there one arrow with the derivative 1 leads directly to J, with 3.718 and 1, and another with 2.718 leads to g, with 2.718 and 1, and on to J with 1." tags=["plot"]
s, g = 2 * 0.5, np.exp(2 * 0.5)
J_s = 1 + g
boxes = {
    "a": (0, 0, 0.5, 2 * J_s), "s": (1, 0, s, J_s), "g": (2, 1, g, 1), "J": (3, 0, s + g, 1),
}  # fmt: skip
arrows = [("a", "s", 2), ("s", "g", g), ("s", "J", 1), ("g", "J", 1)]
plotting.graph(boxes, arrows, figsize=(7, 2.8))

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Why five, four, three, two, one (optional)

# %% [markdown]
# The article adds up over all $n$ nodes, with $\theta$ any parameter and $z_i$ the output of node $i$
# ([E19](../ERRATA.md#E19)):
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
    chain_loss = (z - 1) ** 2

true_gradients = tape.gradient(chain_loss, weights)
d_nodes = tape.gradient(chain_loss, nodes)
for i, weight in enumerate(weights):
    behind = zip(d_nodes[i:], nodes[i:])  # a weight has no effect on earlier nodes
    terms = [d_z * tape.gradient(z, weight) for d_z, z in behind]
    ratio = float(sum(terms) / true_gradients[i])
    print(f"weight {i + 1}: formula / true derivative = {ratio:.3f}")

# %% [markdown]
# Five times the right value for the first weight, then four, three, two times; only the last is right. Both factors of
# the sum are total derivatives. In a chain their product is the whole path from $\theta$ to $J$, for *every* node $i$
# on it: the one path of a weight in layer $l$ of $L$ counts $L - l + 1$ times. The sum is right over the nodes of one
# layer only, which every path crosses once; or over the nodes that $\theta$ enters, with the direct derivative.

# %% [markdown]
# ### A layer at a time
#
# Two examples enter a layer with two inputs and one node: the rows $(1, 2)$ and $(3, 0)$ of $H$. The weights are 2 and
# -1. From the right arrives $\delta$. It says how $J$ changes with the sum $a$ of that node: 0.5 for the first example,
# -1 for the second. The first weight multiplies the input 1 of the first example and 3 of the second, so it acts on $J$
# by two paths: $1\cdot0.5 + 3\cdot(-1) = -2.5$. The bias enters both sums with the factor 1: $0.5 - 1 = -0.5$. The
# first input of the first example enters one sum, with the factor 2: $2\cdot0.5 = 1$.

# %%
H, W = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([[2.0], [-1.0]])
delta = np.array([[0.5], [-1.0]])
print("dJ/dW:", (H.T @ delta).ravel(), " dJ/db:", delta.sum(axis=0))
print("dJ/dH:", (delta @ W.T).tolist())

# %% [markdown]
# The same for any layer, $a_{mj} = \sum_i h_{mi}w_{ij} + b_j$, with $\delta_{mj} = \mathrm dJ/\mathrm da_{mj}$. Ask of
# each quantity which sums it enters, and with which factor.
#
# - $w_{ij}$ enters $a_{mj}$ with the factor $h_{mi}$, and $b_j$ with the factor 1, for *each example* $m$.
# - $h_{mi}$ enters $a_{mj}$ with the factor $w_{ij}$, for *each node* $j$.
# - The sum $a_{mi}$ of the layer below enters only $h_{mi} = \varphi(a_{mi})$, with the factor $\varphi'(a_{mi})$.
#
# A product of matrices does all this adding. With the sizes beneath:
#
# $$\frac{\mathrm dJ}{\mathrm dW^{(l)}} = \underbrace{H^{(l-1)\top}}_{n_{l-1}\times N}\;\underbrace{\delta^{(l)}}_{N\times n_l},
# \qquad \frac{\mathrm dJ}{\mathrm db^{(l)}} = \sum_m \delta^{(l)}_m,
# \qquad \delta^{(l-1)} = \Big(\underbrace{\delta^{(l)}}_{N\times n_l}\;\underbrace{W^{(l)\top}}_{n_l\times n_{l-1}}\Big)
# \odot \varphi'\big(A^{(l-1)}\big) .$$
#
# The article has neither the recursion nor the sum over the examples ([E20](../ERRATA.md#E20)). Its "gradient of a
# node" must be $\delta$, before the activation, where the parameters enter ([E18](../ERRATA.md#E18)).
#
# ReLU has the slope $\varphi' = 1$ right of 0 and 0 left of it; at 0 it has none, and like TensorFlow you take 0. For
# tanh, $\varphi' = 1 - \tanh^2$. The sigmoid $\sigma(a) = 1/(1+e^{-a})$ has $\sigma' = \sigma(1-\sigma)$, at most ¼,
# where $\sigma = \tfrac12$.
#
# **The price.** A layer takes one product of matrices forward and at most two of the same size backward. Central
# differences need two forward passes for *each* weight. But the forward pass must keep what the backward pass uses,
# here all $A^{(l)}$ and $H^{(l)}$, which costs memory.

# %% [markdown]
# ### Softmax and cross-entropy
#
# A network that names one of $K$ labels has $K$ outputs $z_k$, the **logits**, without activation. **Softmax** makes
# probabilities of them: $p_k = e^{z_k}/\sum_j e^{z_j}$. For the logits 2, 1 and 0, $e^{z_k}$ is 7.39, 2.72 and 1, so
# $p$ is 0.665, 0.245 and 0.090.
#
# Which loss? Good weights make the right labels of all examples *together* probable. For independent examples that
# probability is a product, and its logarithm a sum. Minus this sum, averaged over the examples, is the
# **cross-entropy**. With the right label $y$, one example has $J = -\log p_y = -z_y + \log\sum_j e^{z_j}$. Here
# $-\log 0.665 = 0.408$, if the first label is right.
#
# Differentiate: $-z_y$ gives $-1$ for $k = y$, and $\log\sum_je^{z_j}$ gives $e^{z_k}/\sum_je^{z_j} = p_k$ for every
# $k$. So $\partial J/\partial z_k$ is $p_k - 1$ for the right label and $p_k$ for the others, here $-0.335$, 0.245 and
# 0.090. For a batch, $\delta^{(L)} = (P - Y)/N$, where the rows of $P$ are the $p$. (In floating point $e^{1000}$ is
# infinite, so subtract the largest logit first, which changes no probability.)


# %%
def softmax(logits):
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def cross_entropy(logits, one_hot):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=-1))
    return (log_sum - (shifted * one_hot).sum(axis=-1)).mean()


# %%
z, first = np.array([[2.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0]])
measured = numerical_gradient(lambda z: cross_entropy(z, first), z)
print(f"exp(z): {np.exp(z).round(2)}, J: {cross_entropy(z, first):.3f}")
print(f"p: {softmax(z).round(3)}, p - Y: {(softmax(z) - first).round(3)}")
print(f"measured: {measured.round(3)}")

# %% [markdown]
# Why not the squared error of the probabilities? With two labels it is $2p_{\text{wrong}}^2$, and its derivative with
# respect to the right logit $-4\,p_{\text{right}}\,p_{\text{wrong}}^2$. Let the wrong logit lead: this derivative
# *vanishes* where the network is badly wrong, because a softmax close to 0 and 1 hardly moves. The logarithm undoes
# that: cross-entropy has $-p_{\text{wrong}}$, close to $-1$.

# %%
lead = np.arange(1, 11)
right, wrong = softmax(np.column_stack([np.zeros(10), lead])).T
cross_entropy_push, squared_error_push = wrong, 4 * right * wrong**2
assert squared_error_push[9] < 0.001 < 0.99 < cross_entropy_push[9]
print(f"lead 10: {cross_entropy_push[9]:.2f} against {squared_error_push[9]:.4f}")

# %% [markdown]
# Last activation and loss belong together: softmax and cross-entropy for labels, a linear output and squared error for
# numbers. The article trains a sigmoid, which ends at 1, on targets up to 4 ([E49](../ERRATA.md#E49)).

# %% [markdown]
# ### How large at the start?
#
# Equal weights would keep the nodes of a hidden layer equal for ever. So draw them at random, with mean 0 and variance
# $s^2$.
#
# **Forward.** $a_{mj}$ is a sum of $n_{l-1}$ terms $h_{mi}w_{ij}$. Independent terms of mean 0 have variances that add
# up, so the mean square of $a$ is $n_{l-1}s^2$ times that of $h$. ReLU passes half of the squares on. The signal keeps
# its size if $\tfrac12 n_{l-1}s^2 = 1$: $s^2$ is 2 over the number of *inputs*.
#
# **Backward.** An entry of $\delta^{(l-1)}$ is a sum of $n_l$ terms $\delta_{mj}w_{ij}$, of which ReLU's slope lets
# half of the squares through. It keeps its size if $s^2 = 2/n_l$: 2 over the number of *outputs*.
#
# Where widths differ you cannot have both. He et al. (2015) derive both and find either sufficient: with the first,
# layer $l$ multiplies the mean square of $\delta$ by $n_l/n_{l-1}$, which over all layers is one ratio of widths. For
# tanh, whose slope at 0 is 1, the ½ is missing: $1/n_{l-1}$ (LeCun et al., 1998), or the compromise $2/(n_{l-1}+n_l)$
# (Glorot & Bengio, 2010). For the sigmoid, $\varphi' \le \tfrac14$. With $s^2 = 1/n$ and equal widths, each layer
# leaves on average at most a quarter of the length of $\delta$: it **vanishes** (Hochreiter, 1991; Bengio et al.,
# 1994).

# %% [markdown]
# ## From scratch
#
# ### An engine: the operations
#
# A `Node` keeps its value. For each node that it was computed from, it also keeps a rule: how the gradient that arrives
# from the right (`up`, for upstream) goes back to that node. A sum passes `up` on; a product multiplies it by the other
# factor; for matrices you have derived $\delta W^\top$ and $H^\top\delta$.


# %%
def add(a, b):
    a, b = as_node(a), as_node(b)
    return Node(a.value + b.value, (a, lambda up: up), (b, lambda up: up))


def multiply(a, b):
    a, b = as_node(a), as_node(b)
    value = a.value * b.value
    return Node(value, (a, lambda up: up * b.value), (b, lambda up: up * a.value))


def matmul(a, b):
    a, b = as_node(a), as_node(b)
    value = a.value @ b.value
    return Node(value, (a, lambda up: up @ b.value.T), (b, lambda up: a.value.T @ up))


# %% [markdown]
# Functions of one node: `up` times the slope. The total contains each entry with the factor 1.


# %%
def exp(a):
    value = np.exp(a.value)
    return Node(value, (a, lambda up: up * value))


def log(a):
    return Node(np.log(a.value), (a, lambda up: up / a.value))


def relu(a):
    return Node(np.maximum(a.value, 0), (a, lambda up: up * (a.value > 0)))


def total(a):
    return Node(a.value.sum(), (a, lambda up: up * np.ones_like(a.value)))


# %% [markdown]
# The class lets you write `+`, `*`, `@` and `-` for these functions.


# %%
class Node:
    __array_ufunc__ = None  # lets `array * node` reach the methods below
    __add__ = __radd__ = add
    __mul__ = __rmul__ = multiply
    __matmul__ = matmul

    def __init__(self, value, *inputs):
        self.value = np.asarray(value, dtype=float)
        self.inputs = inputs  # pairs (node, rule)
        self.gradient = np.zeros_like(self.value)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def __sub__(self, other):
        return self + -1 * as_node(other)

    def __rsub__(self, other):
        return as_node(other) - self


def as_node(value):
    return value if isinstance(value, Node) else Node(value)


# %% [markdown]
# ### Sums over repeated axes
#
# NumPy repeats a bias for each row of a batch without being asked: **broadcasting**. Each use sends a gradient back,
# and they add up: along every axis on which the value was repeated.


# %%
def sum_to(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=repeated, keepdims=True)


print("a row of a table of ones, used 5 times:", sum_to(np.ones((5, 3)), (3,)))

# %% [markdown]
# ### The order, and the sweep
#
# Each node must wait for its successors. List every node after its inputs, and go through the list from the end. All
# gradients start at 0, or old ones would be counted again.


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
    for node in reversed(order):
        for source, rule in node.inputs:
            arriving = sum_to(rule(node.gradient), source.value.shape)
            source.gradient = source.gradient + arriving


def backward(output):
    order = ordered(output)
    for node in order:
        node.gradient = np.zeros_like(node.value)
    output.gradient = np.ones_like(output.value)
    sweep(order)


# %% [markdown]
# That is the whole engine. It follows micrograd (Karpathy, 2020), but works on arrays. Your pencil graph:

# %%
w, x, b, y = Node(2), Node(3), Node(-4), Node(5)
d = w * x + b - y
J = d * d
backward(J)
print(f"J = {J.value}; w {w.gradient}, x {x.gradient}, b {b.gradient}, y {y.gradient}")

# %% [markdown]
# ### Two ways to break it
#
# In the graph $J = s + e^s$ with $s = 2a$, replace the sum of gradients by an **assignment**: the second path
# overwrites the first. Or take the nodes in the **wrong order**, by their distance from $J$: $s$ is as near as $e^s$,
# and here has its turn before $e^s$ has delivered.


# %%
def sweep_that_overwrites(order):
    for node in reversed(order):
        for source, rule in node.inputs:
            source.gradient = rule(node.gradient)


def by_distance(output):
    order = [output]
    for node in order:  # the list grows while the loop goes through it
        order += [source for source, _ in node.inputs if source not in order]
    return order[::-1]


# %%
a = Node(0.5)
s = 2 * a
J = s + exp(s)
backward(J)
print(f"dJ/da: {a.gradient:.3f}, as in the mathematics")
for node in ordered(J):
    node.gradient = np.zeros(())
J.gradient = np.ones(())
sweep(by_distance(J))
print(f"wrong order: {a.gradient:.3f}")
sweep_that_overwrites(ordered(J))
print(f"overwritten: {a.gradient:.3f}")

# %% [markdown]
# ### The engine trains a network
#
# Two half moons of 50 points each, which no straight line separates, and 16 hidden nodes. The weights of a layer are
# its `kernel`, as in Keras. By default, their variance is $2/n$ for $n$ inputs.


# %%
def draw_parameters(layer_sizes, rng, variance_times_n=2, count="inputs"):
    """Kernels of variance `variance_times_n / n`, n inputs or outputs, and biases of 0."""
    parameters = []
    for n_in, n_out in pairwise(layer_sizes):
        deviation = np.sqrt(variance_times_n / (n_in if count == "inputs" else n_out))
        kernel = rng.normal(scale=deviation, size=(n_in, n_out))
        parameters.append((kernel, np.zeros(n_out)))
    return parameters


# %% [markdown]
# The network and its loss. Subtracting a constant from a row leaves the loss as it is, and a
# product with ones adds up the row.


# %%
def logits_of(h, parameters):
    for kernel, bias in parameters[:-1]:
        h = relu(h @ kernel + bias)
    return h @ parameters[-1][0] + parameters[-1][1]


def mean_cross_entropy(z, one_hot):
    z = z + -z.value.max(axis=1, keepdims=True)
    ones = np.ones((one_hot.shape[1], 1))
    losses = log(exp(z) @ ones) - (z * one_hot) @ ones
    return total(losses) * (1 / len(one_hot))


# %% [markdown]
# The training loop: forward, backward, a step of gradient descent.


# %%
def train_with_engine(layer_sizes, points, moons, seed, steps=100, rate=2.0):
    start = draw_parameters(layer_sizes, np.random.default_rng(seed))
    parameters = [(Node(kernel), Node(bias)) for kernel, bias in start]
    for _ in range(steps):
        backward(mean_cross_entropy(logits_of(points, parameters), np.eye(2)[moons]))
        for kernel, bias in parameters:
            kernel.value = kernel.value - rate * kernel.gradient
            bias.value = bias.value - rate * bias.gradient
    return parameters


def share_right(parameters, points, moons):
    return (logits_of(points, parameters).value.argmax(axis=1) == moons).mean()


# %% [markdown]
# Five sets of points and five starts, without the hidden layer and with it. Judge each on 1000 new points.

# %%
shares, first_trained = {(2, 2): [], (2, 16, 2): []}, {}
for seed in range(5):
    seen, new = (datasets.two_moons(n, 0.15, (n, seed)) for n in (100, 1000))
    for layer_sizes, of_seeds in shares.items():
        parameters = train_with_engine(layer_sizes, *seen, seed)
        first_trained.setdefault(layer_sizes, parameters)
        of_seeds.append(share_right(parameters, *new))
assert min(shares[2, 16, 2]) > max(shares[2, 2])
for layer_sizes, of_seeds in shares.items():
    print(f"layers {layer_sizes}: {min(of_seeds):.2f} to {max(of_seeds):.2f} right")


# %% alt="Three maps of the plane with 100 points, blue dots in an upper half moon and red crosses in a lower one. Without a hidden layer the boundary is a straight line that cuts both moons. With 16 hidden nodes it has one bend after 10 steps, and after 100 steps it winds between the two moons." tags=["plot"]
def probability_of_lower(parameters):
    return lambda points: softmax(logits_of(points, parameters).value)[:, 1]


points, moons = datasets.two_moons(100, 0.15, (100, 0))
after_10 = train_with_engine((2, 16, 2), points, moons, seed=0, steps=10)
panels = {"no hidden layer": probability_of_lower(first_trained[2, 2])}
panels["16 hidden nodes, 10 steps"] = probability_of_lower(after_10)
panels["16 hidden nodes, 100 steps"] = probability_of_lower(first_trained[2, 16, 2])
plotting.decision_regions(panels, points, moons, "$x_1$", "$x_2$")

# %% [markdown]
# ### The matrix form
#
# A plain stack of layers needs no graph: the order is known. The forward pass keeps what the backward pass uses, the
# inputs `h[i]` of each layer and its sums `a[i]`. The last layer is linear, so `a[-1]` is the output.


# %%
def network_forward(inputs, parameters, phi):
    a, h = [], []
    for kernel, bias in parameters:
        h.append(phi(a[-1]) if a else inputs)
        a.append(h[-1] @ kernel + bias)
    return a, h


def network_deltas(delta, a, parameters, derivative):
    deltas = [delta]  # from the last layer to the first
    for (kernel, _), a_below in zip(reversed(parameters[1:]), reversed(a[:-1])):
        deltas.append((deltas[-1] @ kernel.T) * derivative(a_below))
    return deltas[::-1]


def network_backward(delta, a, h, parameters, derivative):
    deltas = network_deltas(delta, a, parameters, derivative)
    return [(inputs.T @ delta, delta.sum(axis=0)) for inputs, delta in zip(h, deltas)]


# %% [markdown]
# Three activations with their derivatives:


# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


activations = {
    "sigmoid": (sigmoid, lambda a: sigmoid(a) * (1 - sigmoid(a))),
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
    "ReLU": (lambda a: np.maximum(a, 0), lambda a: np.where(a > 0, 1.0, 0.0)),
}

# %% [markdown]
# ### Gradients through twenty layers
#
# Let $\delta$ arrive at the last of 20 layers of 64 nodes, and measure its size (the root of its mean square) in every
# layer on the way back, relative to the last. ReLU gets weights of the variance $2/n$, the others $1/n$. Thin curves
# are 10 draws, thick ones their medians.


# %%
def sizes_of_signals(layer_sizes, name, **how_drawn):
    """Sizes of `a` and of delta in each layer, each of shape (10 draws, layers)."""
    of_a, of_delta, (phi, derivative) = [], [], activations[name]
    for seed in range(10):
        rng = np.random.default_rng(seed)
        parameters = draw_parameters(layer_sizes, rng, **how_drawn)
        a, _ = network_forward(rng.normal(size=(32, layer_sizes[0])), parameters, phi)
        upstream = rng.normal(size=a[-1].shape)
        deltas = network_deltas(upstream, a, parameters, derivative)
        of_a.append([np.sqrt((layer**2).mean()) for layer in a])
        of_delta.append([np.sqrt((layer**2).mean()) for layer in deltas])
    return np.array(of_a), np.array(of_delta)


# %% alt="Size of delta after 0 to 19 layers on the way back, on a logarithmic axis, 10 thin curves and their median for each of three activations. ReLU stays near 1, tanh falls to 0.2. Sigmoid falls in a straight line to 1e-12 and lies a little below the dotted line of a quarter for each layer." tags=["plot"]
relative, back = {}, np.arange(20)
for name, variance_times_n in (("ReLU", 2), ("tanh", 1), ("sigmoid", 1)):
    _, of_delta = sizes_of_signals([64] * 21, name, variance_times_n=variance_times_n)
    relative[name] = of_delta[:, ::-1] / of_delta[:, -1:]
    low, high = relative[name][:, -1].min(), relative[name][:, -1].max()
    assert high < 1e-11 if name == "sigmoid" else low > 0.1
    print(f"{name}: after 19 layers {low:.1g} to {high:.1g}")
plotting.lines(
    back, {name: np.median(of_draws, axis=0) for name, of_draws in relative.items()},
    "layers that delta has gone back through", "relative size of delta",
    dashed={"sigmoid": 0.25**back}, runs=relative, y_scale="log",
)  # fmt: skip

# %% [markdown]
# The dotted line is $\tfrac14$ for each layer. With these weights the first of twenty sigmoid layers gets about a
# trillionth of what the last one gets. tanh loses a factor of five; ReLU's draws spread around 1
# ([E51](../ERRATA.md#E51)). (With $1/n$, ReLU would keep $\sqrt{1/2}$ in each layer.)
#
# Here the forward and the backward condition are one. So let the layers get narrower, and divide by the number of
# inputs, then by that of outputs. Compare the size of $a$ in the last layer with the first, and of $\delta$ in the
# first with the last. Predicted for $\delta$ with the first rule: $\sqrt{16/128} = 0.35$.

# %%
for count in ("inputs", "outputs"):
    narrowing = (256, 128, 64, 32, 16)
    of_a, of_delta = sizes_of_signals(narrowing, "ReLU", count=count)
    a, delta = of_a[:, -1] / of_a[:, 0], of_delta[:, 0] / of_delta[:, -1]
    kept, other = (a, delta) if count == "inputs" else (delta, a)
    assert abs(np.log(kept)).max() < abs(np.log(other)).min()
    print(f"2 / {count}: a {a.min():.1f} to {a.max():.1f}, ", end="")
    print(f"delta {delta.min():.2f} to {delta.max():.2f}")

# %% [markdown]
# In all 10 draws, each rule keeps the signal of its own direction better than that of the other.

# %% [markdown]
# ## Is it right?
#
# ### The engine against the tape
#
# One expression with all operations, with a value that is used twice, and with values that are repeated along one axis
# or the other. TensorFlow uses the same operators (`+`, `*`, `@`, `-`), so the expression is written once.


# %%
def expression(column, row, table, square, exp, log, relu, total):
    smooth = log(exp(table * column + row) + 1.0)
    return total(smooth * relu(table @ square) - table * row)


rng = np.random.default_rng(3)
values = [rng.normal(size=shape) for shape in ((4, 1), (3,), (4, 3), (3, 3))]
nodes = [Node(value) for value in values]
backward(expression(*nodes, exp, log, relu, total))
variables = [tf.Variable(value) for value in values]
with tf.GradientTape() as tape:
    result = expression(*variables, tf.exp, tf.math.log, tf.nn.relu, tf.reduce_sum)
pairs = zip(nodes, tape.gradient(result, variables))
differences = [abs(node.gradient - gradient.numpy()).max() for node, gradient in pairs]
print(f"engine - tape < 1e-12: {max(differences) < 1e-12}")

# %% [markdown]
# ### The matrix form against finite differences
#
# A network with 4, 5, 3 and 2 nodes, and seven examples. Finite differences know nothing of the chain rule. Would they
# notice a mistake? Plant one in the first kernel's gradient: forget the sum over the examples, so that only the first
# one counts.

# %%
rng = np.random.default_rng(4)
parameters = draw_parameters((4, 5, 3, 2), rng)
inputs, one_hot = rng.normal(size=(7, 4)), np.eye(2)[rng.integers(2, size=7)]
phi, derivative = activations["ReLU"]
a, h = network_forward(inputs, parameters, phi)
delta = (softmax(a[-1]) - one_hot) / len(inputs)
right = network_backward(delta, a, h, parameters, derivative)[0][0]
first_delta = network_deltas(delta, a, parameters, derivative)[0]
planted = np.outer(inputs[0], first_delta[0])


def loss(first_kernel):
    changed = [(first_kernel, parameters[0][1]), *parameters[1:]]
    return cross_entropy(network_forward(inputs, changed, phi)[0][-1], one_hot)


right_error = gradient_error(loss, lambda _: right, parameters[0][0])
planted_error = gradient_error(loss, lambda _: planted, parameters[0][0])
print(f"right < 1e-6: {right_error < 1e-6}; one example only: {planted_error:.2g}")

# %% [markdown]
# `gradient_error` divides each difference by the larger of the two values and reports the worst entry; 2 is the most.
#
# ### Which step size?
#
# By Taylor's series, the central difference $\big(J(w+\varepsilon)-J(w-\varepsilon)\big)/2\varepsilon$ leaves out about
# $\tfrac{\varepsilon^2}{6}\lvert J'''\rvert$, and the one-sided $\big(J(w+\varepsilon)-J(w)\big)/\varepsilon$ about
# $\tfrac\varepsilon2\lvert J''\rvert$. Both want $\varepsilon$ small. But $J$ is rounded, to about $10^{-16}$ of its
# value, and dividing by $\varepsilon$ magnifies that. Compare for $J = 1/w$, on average over 50 values near $w = 0.7$.

# %% alt="Error of finite differences over the step size, both axes logarithmic, with dotted predictions. The error of the central difference falls with slope 2 from the right to below 1e-10 at a step near 2e-6, and rises again towards smaller steps. The one-sided difference falls with slope 1 to 2e-8 at a step near 5e-9 and then rises too. Measured errors lie on the dotted lines or a little below." tags=["plot"]
w = np.linspace(0.6, 0.8, 50)[:, None]
steps = 2.0 ** -np.arange(47, 2, -1)  # dividing by powers of two is exact
one_sided = (1 / (w + steps) - 1 / w) / steps
central = (1 / (w + steps) - 1 / (w - steps)) / (2 * steps)
errors = {"one-sided": one_sided + 1 / w**2, "central": central + 1 / w**2}
cut = {"one-sided": steps / 0.7**3, "central": steps**2 / 0.7**4}
predicted = {name: size + 1e-16 / 0.7 / steps for name, size in cut.items()}
means = {name: abs(of_points).mean(axis=0) for name, of_points in errors.items()}
plotting.lines(
    steps, means, "step", "error of the derivative", dashed=predicted,
    x_scale="log", y_scale="log", y_limits=(1e-14, 1),
)  # fmt: skip

# %% [markdown]
# The dotted curves are the prediction: what is left out, plus $10^{-16}J/\varepsilon$ for the rounding. To the right of
# its lowest point each curve shows what was left out, to the left the rounding, which stays below the prediction. So
# check with central differences, in double precision, and for numbers near 1 with a step near $10^{-6}$ (Nocedal &
# Wright, 2006).

# %% [markdown]
# ## In TensorFlow 2
#
# ### The whole training in a few lines
#
# 1797 scanned digits, 8 × 8 pixels each. Describe the layers, choose loss and optimiser, and leave the loop to `fit`.
# After each pass through the data, or **epoch**, it tests itself on images that it does not learn from. The last layer
# has no activation: `from_logits=True` says that softmax belongs to the loss.

# %%
images, digits = datasets.load_digits()
pixels = images.reshape(-1, 64)
loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

# %%
tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([
    tf.keras.Input((64,)),
    tf.keras.layers.Dense(64, activation="relu"),
    tf.keras.layers.Dense(10),
])  # fmt: skip
sgd = tf.keras.optimizers.SGD(learning_rate=1.0)
model.compile(optimizer=sgd, loss=loss, metrics=["accuracy"])
history = model.fit(
    pixels[:1024], digits[:1024], batch_size=64, epochs=4, verbose=0,
    validation_data=(pixels[1024:1280], digits[1024:1280]), validation_batch_size=256,
)  # fmt: skip

# %%
print("rows 1024 to 1279:", np.round(history.history["val_accuracy"], 2))
_, share = model.evaluate(pixels[1280:], digits[1280:], batch_size=517, verbose=0)
print(f"the rest: {share:.2f} right")
answers = model.predict(pixels[1280:1285], verbose=0).argmax(axis=1)
print("five answers:", answers, "right:", digits[1280:1285])

# %% [markdown]
# The rest is read worse than the rows just before it. Its digits may be harder, or the file has an order, and
# neighbours are by the same hand. *On real data* shuffles them.
#
# ### Back-propagation is not the update
#
# What `fit` does in each step, by hand: forward inside a tape, `tape.gradient` in the place of your `backward`,
# `apply_gradients` for the update. (`training=True` matters for layers such as dropout.) Started where your engine
# started, 10 steps on the moons must be the same computation.

# %%
model = tf.keras.Sequential([
    tf.keras.Input((2,), dtype="float64"),
    tf.keras.layers.Dense(16, activation="relu", dtype="float64"),
    tf.keras.layers.Dense(2, dtype="float64"),
])  # fmt: skip
loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
sgd = tf.keras.optimizers.SGD(learning_rate=2.0)
start = draw_parameters((2, 16, 2), np.random.default_rng(0))
model.set_weights([array for pair in start for array in pair])

for _ in range(10):
    with tf.GradientTape() as tape:
        value = loss(moons, model(points, training=True))
    before = model.get_weights()
    gradients = tape.gradient(value, model.trainable_variables)
    between = model.get_weights()
    sgd.apply_gradients(zip(gradients, model.trainable_variables))

# %%
after = model.get_weights()
print("equal after tape.gradient:", list(map(np.array_equal, before, between)))
print("equal after apply_gradients:", list(map(np.array_equal, between, after)))
our_weights = [node.value for pair in after_10 for node in pair]
difference = max(abs(w - v).max() for w, v in zip(our_weights, after))
print(f"engine - Keras < 1e-10: {difference < 1e-10}")

# %% [markdown]
# In the article, the update is a step of back-propagation ([E17](../ERRATA.md#E17)). But back-propagation computes a
# gradient; the optimiser takes one, wherever it comes from, and changes the variables.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What the article's program does (optional)

# %% [markdown]
# #### An output that cannot reach its targets
#
# The article's second program fits the line of lesson 1, $y = 3x + \eta$, with noise $\eta$ spread evenly over 0 to 1,
# of mean ½ and variance $\tfrac1{12}$. Its network has one hidden node and one output node, both with the sigmoid: the
# output lies between 0 and 1, the targets between 0 and 4. The program announces back-propagation and contains none
# ([E46](../ERRATA.md#E46)); here it is for this network, from 20 random starts at once, one in each row. Instead of
# noisy targets take their mean, $3x+\tfrac12$, and add the variance of the noise to the loss. `squash` says whether the
# output goes through the sigmoid.

# %%
x = (np.arange(100) + 0.5) / 100  # evenly spread over 0 to 1
mean_target = 3 * x + 0.5


def output_and_gradients(w1, b1, w2, b2, squash):
    hidden = sigmoid(w1 * x + b1)
    output = sigmoid(w2 * hidden + b2) if squash else w2 * hidden + b2
    d_output = 2 / 100 * (output - mean_target)
    d_a2 = d_output * output * (1 - output) if squash else d_output
    d_a1 = d_a2 * w2 * hidden * (1 - hidden)
    entries = (d_a1 * x, d_a1, d_a2 * hidden, d_a2)
    return output, [entry.sum(axis=1, keepdims=True) for entry in entries]


# %%
def train_article(squash, rate):
    rng, limit = np.random.default_rng(0), np.sqrt(3)  # the range that Keras draws from
    w1, w2 = rng.uniform(-limit, limit, (2, 20, 1))
    parameters, losses, sizes = [w1, np.zeros((20, 1)), w2, np.zeros((20, 1))], [], []
    for _ in range(1000):
        output, gradients = output_and_gradients(*parameters, squash)
        losses.append(((output - mean_target) ** 2).mean(axis=1) + 1 / 12)
        sizes.append(np.linalg.norm(gradients, axis=0))  # one length for each start
        parameters = [p - rate * d_p for p, d_p in zip(parameters, gradients)]
    return np.array(losses), np.median(sizes, axis=1)


runs = {
    "sigmoid output, rate 0.2": train_article(squash=True, rate=0.2),
    "linear, rate 0.01": train_article(squash=False, rate=0.01),
    "linear, rate 0.2": train_article(squash=False, rate=0.2),
}
for output_and_rate, (losses, sizes) in runs.items():
    print(
        f"{output_and_rate}: loss {losses[-1].min():.3f} to {losses[-1].max():.3f} at the end,"
    )
    print(f"    gradient at the start {sizes[0, 0]:.2f}, at the end {sizes[-1, 0]:.4f}")

# %% [markdown]
# With the sigmoid output all 20 starts end worse than always answering 2, the mean of the targets, which needs no
# network ([E49](../ERRATA.md#E49)). They creep towards the constant answer 1. With a linear output it works at the rate
# 0.2; the article's 0.01 does not suffice in 1000 steps ([E50](../ERRATA.md#E50)). At 0.2 both gradients are small at
# the end, one because the task is done, the other because the sigmoid is flat where its output is nearly 1. The size of
# the gradient does not tell the two apart; the loss beside a baseline does. The article shows no seed, no loss and no
# comparison ([E39](../ERRATA.md#E39)).
#
# #### The bound 131/72
#
# What is the best that an output below 1 can do for the mean target $3x + \tfrac12$? Where that is below 1, for
# $x < \tfrac16$, it can be exact. Elsewhere 1 is the closest:
#
# $$\frac1{12} + \int_{1/6}^1 \left(3x - \tfrac12\right)^2 dx = \frac1{12} + \frac19\left(\tfrac52\right)^3 = \frac{131}{72} \approx 1.819 .$$
#
# The constant answer 1 has the loss $\tfrac1{12}+\int_0^1(3x-\tfrac12)^2dx=\tfrac{11}6\approx1.833$, the answer 2 has
# $\tfrac1{12} + \int_0^1 (3x - \tfrac32)^2 dx = \tfrac56$, and the straight line only the noise, $\tfrac1{12}$. The
# network comes within 0.001 of the bound, with parameters that no start has found:

# %%
w1, b1, w2, b2 = np.reshape([16, -4, 20, -0.25], (4, 1, 1))
output, _ = output_and_gradients(w1, b1, w2, b2, squash=True)
reached = ((output - mean_target) ** 2).mean() + 1 / 12
print(f"131/72 = {131 / 72:.3f}, 11/6 = {11 / 6:.3f}")
print(f"loss - bound < 0.001: {reached - 131 / 72 < 0.001}")

# %% [markdown]
# #### The second program, line by line
#
# The program warns at its first layer, stops at the first call that matters, and each repair uncovers the next
# exception ([E31](../ERRATA.md#E31)).

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(1,))
print(str(caught[0].message).split(". ")[0])

tf.keras.utils.set_random_seed(0)
article_model = tf.keras.Sequential([
    tf.keras.Input((1,)),
    tf.keras.layers.Dense(1, activation="sigmoid", name="first"),
    tf.keras.layers.Dense(1, name="second"),
], name="model")  # fmt: skip
variables = article_model.trainable_variables
x_tf, y_tf = tf.constant(x[:, None]), tf.constant(mean_target[:, None], tf.float32)
loss_before = tf.reduce_mean((y_tf - article_model(x_tf)) ** 2)


# %%
def complain(action):
    try:
        action()
    except (AttributeError, RuntimeError, ValueError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0][:90]}")


optimizer = tf.keras.optimizers.SGD(learning_rate=0.2)
complain(lambda: article_model.thetas)
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
# | `input_shape=(1,)` in a layer | a warning ([E62](../ERRATA.md#E62)) | `tf.keras.Input((1,))` first |
# | `model.thetas` | `AttributeError` ([E47](../ERRATA.md#E47)) | `model.trainable_variables` |
# | `tf.gradients(...)[0]` | `RuntimeError` ([E32](../ERRATA.md#E32)) | `tape.gradient(loss, variables)` |
# | `tf.train.GradientDescentOptimizer` | `AttributeError` ([E34](../ERRATA.md#E34)) | `tf.keras.optimizers.SGD` |
# | `_, thetas_new = optimizer.minimize(...)` | `AttributeError` ([E35](../ERRATA.md#E35)), and no pair to unpack ([E37](../ERRATA.md#E37)) | `optimizer.apply_gradients(...)` |
# | `loss = ...` once, before the loop | no gradient at all ([E36](../ERRATA.md#E36)) | compute the loss inside the tape, in each step |
# | `theta1 = np.random.rand(1, 1)` | is never used ([E48](../ERRATA.md#E48)) | nothing: Keras draws its own |
#
# At its end the program prints the first two entries of a list of variables as `theta1` and `theta2`. Which are they?

# %%
for number, variable in enumerate(variables):
    print(f"entry {number}: {variable.path}, shape {tuple(variable.shape)}")

# %% [markdown]
# Entries 0 and 1 are the weight and the bias of the *first* layer; the second layer is never shown. An explanation that
# only names the lines one after the other cannot notice this ([E40](../ERRATA.md#E40)).

# %% [markdown]
# ## On real data
#
# ### Twenty splits
#
# The digits again (Alpaydin & Kaynak, 1998), 64 grey values each. One split proves little, so draw twenty. Each
# shuffles the images and cuts them in three: 1024 for **training**, 256 for **validation**, with which you make
# choices, and 517 for the **test**, which no choice may see.

# %%
splits = [np.random.default_rng(seed).permutation(len(pixels)) for seed in range(20)]
parts = [np.split(rows, [1024, 1280]) for rows in splits]  # training, validation, test

# %% [markdown]
# ### Training
#
# 64 inputs, 64 hidden nodes with ReLU, and 10 logits. For 20 epochs the network sees batches of 64 images in random
# order. Nothing in the loop is new.


# %%
def draw_batches(rng, rows, epochs):
    shuffled = [rng.permutation(rows).reshape(-1, 64) for _ in range(epochs)]
    return np.concatenate(shuffled)


def train(parameters, batches, rate):
    phi, derivative = activations["ReLU"]
    for rows in batches:
        a, h = network_forward(pixels[rows], parameters, phi)
        delta = (softmax(a[-1]) - np.eye(10)[digits[rows]]) / len(rows)
        pairs = zip(parameters, network_backward(delta, a, h, parameters, derivative))
        parameters = [(W - rate * d_W, b - rate * d_b) for (W, b), (d_W, d_b) in pairs]
    return parameters


def accuracy(parameters, rows, right):
    a, _ = network_forward(pixels[rows], parameters, activations["ReLU"][0])
    return (a[-1].argmax(axis=1) == right[rows]).mean()


# %% [markdown]
# One run on the first split, then one on each: `train_classifiers` of the helpers takes the same steps for twenty
# networks at once.


# %%
def train_on_all_splits(layer_sizes, rate):
    rngs = [np.random.default_rng(seed) for seed in range(20)]
    networks = [draw_parameters(layer_sizes, rng) for rng in rngs]
    batches = [draw_batches(rng, part[0], 20) for rng, part in zip(rngs, parts)]
    return backpropagation.train_classifiers(pixels, digits, networks, batches, rate)


rng = np.random.default_rng(0)
start = draw_parameters((64, 64, 10), rng)
ours = train(start, draw_batches(rng, parts[0][0], 20), rate=1.0)
networks = train_on_all_splits((64, 64, 10), rate=1.0)
difference = max(abs(W - V).max() for (W, _), (V, _) in zip(networks[0], ours))
print(f"helper - ours < 1e-10: {difference < 1e-10}")
for name, rows in zip(("training", "validation"), parts[0]):
    print(f"{name}: {accuracy(ours, rows, digits):.2f} right")

# %% [markdown]
# ### What a hidden layer is worth
#
# The baseline is the network without a hidden layer. Each of the two may choose from two rates, for every split by its
# validation part, and only the chosen network goes to the test.


# %%
def test_of_the_better(one, other):
    shares = []
    for first, second, (_, validation, test) in zip(one, other, parts):
        on_validation = [accuracy(n, validation, digits) for n in (first, second)]
        better = second if on_validation[1] > on_validation[0] else first
        shares.append(accuracy(better, test, digits))
    return np.array(shares)


no_hidden = [train_on_all_splits((64, 10), rate) for rate in (1.0, 2.0)]
hidden_64 = [networks, train_on_all_splits((64, 64, 10), 0.5)]
tests = {"no hidden layer": test_of_the_better(*no_hidden)}
tests["64 hidden nodes"] = test_of_the_better(*hidden_64)

# %% alt="Two rows of 20 rings on an axis of shares of test images that are read correctly, from 0.93 to 0.99, with a bar at the mean of each row. The row without a hidden layer has its mean at 0.956, the one with 64 hidden nodes at 0.968. The rows overlap." tags=["plot"]
gains = tests["64 hidden nodes"] - tests["no hidden layer"]
for name, of_splits in {**tests, "gain": gains}.items():
    low, high = of_splits.min(), of_splits.max()
    print(f"{name}: {of_splits.mean():.1%}, from {low:.1%} to {high:.1%}")
print(f"the gain is positive in {(gains > 0).sum()} of 20 splits")
assert (gains > 0).sum() >= 18
groups = {name: {"": of_splits} for name, of_splits in tests.items()}
plotting.repeats(groups, "share of the test images read correctly")

# %% [markdown]
# Without a hidden layer you are most of the way; 64 hidden nodes add about one image in a hundred. Look at the spread:
# on one split you could have seen a small drop, or twice the mean gain. And these twenty were lucky: twenty others had
# more without a gain and, at the rate 1, now and then a network far below.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What the first layer looks for (optional)

# %% [markdown]
# Each node of the first layer has one weight for each pixel, so its weights are a picture. Without a hidden layer there
# is one node for each digit: ink on red pixels speaks for it, ink on blue ones against it. Below are the five hidden
# nodes whose weights moved most in the run on the first split.

# %% alt="Two rows of five pictures of 8 by 8 fields in red and blue. Above, the weights of the digits 0 to 4 without a hidden layer: for 0 a red ring around a blue centre, for 1 a dark red spot above the middle and blue fields on both sides. Below, five hidden nodes, each with strokes and spots of either sign in other places." tags=["plot"]
((template, _),), ((hidden, _), _) = no_hidden[0][0], ours  # both of the first split
moved = np.linalg.norm(hidden - start[0][0], axis=0).argsort()[:-6:-1]
pictures = {f"digit {k}": template[:, k].reshape(8, 8) for k in range(5)}
pictures |= {f"node {node}": hidden[:, node].reshape(8, 8) for node in moved}
plotting.images(pictures, columns=5, scale_label="weight")

# %% [markdown]
# A digit's own node is a template: the 0 wants a ring and an empty centre. A hidden node serves all ten digits at once,
# and its random start still shows in its picture. Read no more into such pictures than you can test.

# %% [markdown]
# ### Over-fitting, and when to stop
#
# Make it harder: only 256 training images, and about every fifth label typed wrong. (Those of validation and test are
# right.) Train 32 hidden nodes for 120 epochs, and keep the network every 12.

# %%
rng = np.random.default_rng(0)
mistakes = rng.integers(1, 10, len(digits)) * (rng.random(len(digits)) < 0.2)
typed = (digits + mistakes) % 10
few = [training[:256] for training, _, _ in parts]


def train_and_keep(labels):
    rngs = [np.random.default_rng(seed) for seed in range(20)]
    networks = [draw_parameters((64, 32, 10), rng) for rng in rngs]
    for _ in range(10):
        batches = [draw_batches(rng, rows, 12) for rng, rows in zip(rngs, few)]
        data = pixels, labels, networks, batches
        networks = backpropagation.train_classifiers(*data, learning_rate=0.3)
        learned = [accuracy(n, rows, labels) for n, rows in zip(networks, few)]
        valid = [accuracy(n, part[1], digits) for n, part in zip(networks, parts)]
        yield networks, learned, valid


kept, learned, valid = zip(*train_and_keep(typed))

# %% alt="Share of right answers over 120 epochs, 20 thin curves and their mean for each of two parts. On the training part, with the labels as typed, the mean rises all the time, from 0.68 to 0.87, and crosses the dotted line of the labels typed correctly, 0.78, after about 50 epochs. On the validation part it rises to 0.85 within 36 epochs and then falls to 0.78." tags=["plot"]
runs = {"training": np.transpose(learned), "validation": np.transpose(valid)}
means = {name: of_splits.mean(axis=0) for name, of_splits in runs.items()}
epochs = np.arange(12, 121, 12)
levels = {"labels typed correctly": (mistakes == 0).mean()}
plotting.lines(epochs, means, "epoch", "share right", runs=runs, levels=levels)

# %% [markdown]
# Whoever reads all digits correctly agrees with the typed labels, on average, about up to the dotted line. To get more,
# the network must learn mistakes by heart, and it does, while it gets worse on new images. That is **over-fitting**.
# One cure is **early stopping**: take the network of the epoch at which validation was best.

# %%
stopped, at_the_end = [], []
for n, best in enumerate(np.argmax(valid, axis=0)):
    stopped.append(accuracy(kept[best][n], parts[n][2], digits))
    at_the_end.append(accuracy(kept[-1][n], parts[n][2], digits))
better = np.greater(stopped, at_the_end).sum()
assert better >= 18
print(f"test: stopped {np.mean(stopped):.1%}, at the end {np.mean(at_the_end):.1%}")
print(f"stopping is better in {better} of 20 splits")
of_right_labels = [np.mean(valid) for _, _, valid in train_and_keep(digits)]
print("validation with right labels:", np.round(of_right_labels, 2))
assert of_right_labels[-1] > max(of_right_labels) - 0.01

# %% [markdown]
# Few images alone do not make validation fall: with right labels it does not. This does not show how a network reads a
# hand that it has never seen, since a random split mixes them. Nor does the network know of neighbouring pixels:
# reorder the pixels of all images alike, and it learns just as well. The next lesson changes that.

# %% [markdown]
# ## Try it
#
# The moons, your engine, and five choices. Run the cell below the figure.
#
# - How many hidden nodes does it take until the boundary has two bends? Try several seeds.
# - `spread=0.4`: with which seeds do 64 hidden nodes fence off single points in 1000 steps?
# - 16 nodes, rate 4: does the boundary still find its way with every seed?


# %% alt="Map of the plane with the points of two half moons; the boundary of the network with 4 hidden nodes after 100 steps is nearly a straight line that cuts both moons." tags=["plot"]
def try_it(hidden=4, spread=0.15, steps=100, rate=2.0, seed=0):
    seen, new = (datasets.two_moons(n, spread, (n, seed)) for n in (100, 1000))
    layer_sizes = (2, hidden, 2) if hidden else (2, 2)
    parameters = train_with_engine(layer_sizes, *seen, seed, steps, rate)
    shares = share_right(parameters, *seen), share_right(parameters, *new)
    print(f"right: {shares[0]:.2f} of those seen, {shares[1]:.2f} of new ones")
    panel = {f"{hidden} hidden nodes": probability_of_lower(parameters)}
    plotting.decision_regions(panel, *seen, "$x_1$", "$x_2$")


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, hidden=(0, 64), spread=(0.05, 0.5, 0.05), steps=[100, 300, 1000],
    rate=[0.1, 0.5, 2.0, 4.0], seed=(0, 9),
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
# ### Exercise 1: A ReLU that leaks
#
# `leaky_relu` returns its input where that is positive, and `slope` times the input elsewhere. With a positive `slope`,
# its derivative is never exactly 0, so a node learns even where its sums are negative. `upstream` is the gradient of
# $J$ with respect to its output; return the one with respect to `inputs`. At 0 take `slope`.


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
# Look at how the other operations are written: `Node(value, (node, rule), …)`, and a rule takes `up` and returns the
# gradient for that node. You need $\partial(a/b)/\partial a$ and $\partial(a/b)/\partial b$, computed with `a.value`
# and `b.value`.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def divide(a, b):
    ### BEGIN SOLUTION
    return Node(
        a.value / b.value,
        (a, lambda up: up / b.value),
        (b, lambda up: -up * a.value / b.value**2),
    )
    ### END SOLUTION


check.divide(divide, Node, backward)

# %% [markdown]
# ### Exercise 3: Find the planted mistake
#
# `operations` is a tuple of pairs: a function of an array, applied entry by entry, and what is said to be its
# derivative. Exactly one derivative is wrong. Return its index. Choose with care the points at which you look: some
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
# For each pair, compare the derivative with central differences,
# $(f(x + \varepsilon) - f(x - \varepsilon))/2\varepsilon$, at several points: some negative, some positive, none at 0.
# The largest difference of each pair goes into a list, and `np.argmax` finds the pair. With $\varepsilon = 10^{-6}$ a
# right derivative differs by less than $10^{-7}$, the wrong one by far more.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def wrong_derivative(operations):
    ### BEGIN SOLUTION
    points, step, errors = np.array([-1.3, -0.4, 0.6, 1.7]), 1e-6, []
    for function, derivative in operations:
        measured = (function(points + step) - function(points - step)) / (2 * step)
        errors.append(abs(measured - derivative(points)).max())
    return int(np.argmax(errors))
    ### END SOLUTION


check.wrong_derivative(wrong_derivative)

# %% [markdown]
# ### Exercise 4: Softmax and cross-entropy
#
# For one example, $J = -\log p_y = -z_y + \log\sum_j e^{z_j}$. Without looking back, derive $\partial J/\partial z_k$
# for $k = y$ and for $k \ne y$. Then return the gradient of the mean over the batch, for `logits` of shape $(N, K)$,
# for $K$ labels, and integer `labels` of shape $(N,)$. It must survive logits of 1000: what happens to $p$ when you
# subtract the largest logit from all of them?


# %%
def cross_entropy_gradient(logits, labels):
    raise NotImplementedError


# %%
check.cross_entropy_gradient(cross_entropy_gradient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# With $p_k = e^{z_k}/\sum_j e^{z_j}$, both cases become one: $p_k$, minus 1 where $k = y$. Then divide by $N$, because
# the loss is a mean. Subtracting a number from all logits of one example leaves $p$ as it is; with the largest of them,
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
# A residual layer adds its input to its output, $Z = H + \tanh(HW + b)$, with a square $W$ (He et al., 2016). Given
# `upstream` $= \partial J/\partial Z$, return the gradients with respect to `inputs`, `kernel` and `bias`, as a tuple.
# Then look at the first: why does it not vanish, even if $W$ is tiny or the tanh is saturated? (In other cases it can:
# $W=-I$ and $b=0$ at $H=0$ gives 0.)


# %%
def residual_backward(upstream, inputs, kernel, bias):
    raise NotImplementedError


# %%
check.residual_backward(residual_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# `inputs` acts on the loss by two paths, and their gradients add up. One is the addition: it hands `upstream` on as it
# is. The other is the layer with tanh, whose backward pass stands above. `kernel` and `bias` lie on the second path
# only.
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
# - A node has many inputs, a bias and an activation. Without activation, a stack of layers is one layer.
# - Back-propagation is the chain rule in one sweep: multiply along paths, add over paths, each node after all of its
#   successors. It computes the gradient and changes no parameter.
# - Sums appear wherever something is used more than once: over paths, examples, repeated axes.
# - In matrix form it is three formulas a layer, with at most two products of matrices for one in the forward pass.
# - Cross-entropy belongs to softmax: its derivative $(P - Y)/N$ does not vanish where the network is wrong.
# - Weights of variance $2/n$ keep the signal through wide ReLU layers, on average: forward with the number of inputs,
#   backward with that of outputs. With the variance $1/n$ and layers of equal width, a sigmoid layer leaves on average
#   at most a quarter of the gradient's length.
# - A gradient is checked with central differences, and the check with a planted mistake.
# - What a hidden layer gains is a question for many splits, with a validation part for every choice.
#
# ## Where it stands today
#
# Every deep-learning library has an engine like yours. Those of TensorFlow, PyTorch and JAX have many more operations,
# and can compile the graph. Hidden layers use ReLU or smooth relatives of it. At the start, He's or Glorot's variance
# is common, or another one that falls with the width; for the update, Adam. Residual connections and normalisation keep
# the signal of very deep networks.
#
# ## References
#
# - Alpaydin, E., & Kaynak, C. (1998). Optical recognition of handwritten digits. *UCI Machine Learning Repository*.
#   [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49)
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
# - LeCun, Y., Bottou, L., Orr, G. B., & Müller, K.-R. (1998). Efficient BackProp. In *Neural Networks: Tricks of the
#   Trade*, LNCS 1524, 9–50. Springer. [doi:10.1007/3-540-49430-8_2](https://doi.org/10.1007/3-540-49430-8_2)
# - Linnainmaa, S. (1970). *The representation of the cumulative rounding error of an algorithm as a Taylor expansion of
#   the local rounding errors* (in Finnish). Master's thesis, University of Helsinki.
# - Nocedal, J., & Wright, S. J. (2006). *Numerical Optimization*, 2nd ed. Springer.
#   [doi:10.1007/978-0-387-40065-5](https://doi.org/10.1007/978-0-387-40065-5)
# - Rumelhart, D. E., Hinton, G. E., & Williams, R. J. (1986). Learning representations by back-propagating errors.
#   *Nature* 323, 533–536. [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0)
# - Werbos, P. J. (1974). *Beyond regression: New tools for prediction and analysis in the behavioral sciences*. PhD
#   thesis, Harvard University.
