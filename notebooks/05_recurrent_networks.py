# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Model sequences with recurrent networks
#
# A sentence, a melody, three centuries of sunspots: the order matters, and the length varies. A recurrent network
# reads a sequence one step at a time and carries a state along. You build one, differentiate it through time, find out
# whether it remembers or only counts, and let it forecast the sun and write verses.
#
# **What you'll do**
#
# - work one step with a pencil, then write a recurrent layer and its way back through time;
# - look into an LSTM and a GRU, and watch the GRU's gates before and after training;
# - forecast sunspots and train a language model, each against a baseline.
#
# **What you'll learn**
#
# - why one set of weights serves every step, and what that does to the gradient;
# - why gradients vanish or explode, what clipping and gates do about it, and what truncation costs;
# - how to test whether a network remembers, and how to use recurrent layers in Keras.
#
# **What you'll need**
#
# - lessons 1 and 2: gradient descent, the chain rule through layers; products of matrices;
# - about 90 minutes, and another hour for the exercises.
#
# Marks such as [E10](../ERRATA.md#E10) are the numbers of mistakes in a published introduction.

# %%
import numpy as np

# `helpers` comes with these lessons (README.md); pip's package of that name is another.
from helpers import controls, datasets, drawings, plotting, recurrent_networks, startup
from helpers.backpropagation import softmax_cross_entropy
from helpers.checks import recurrent_networks as check
from helpers.gradient_check import numerical_gradient
from helpers.sequence_training import fit, run, start, train

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## The idea
#
# Read a sequence as you read a line of text: one piece at a time, with what you know so far in mind. What you know so
# far is the **state** $h$, a vector. At each step the network combines the new input $x_t$ with the state before it:
# $h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$, with weights $W_x$, $W_h$ and a bias $b$. If a step needs an output, a dense
# layer computes it from the state: $y_t = h_t W_y + b_y$.

# %% alt="Four steps side by side. Horizontal arrows of one colour, all labelled Wh, lead from each state h to the next; arrows labelled Wx lead up from each input x to its state, and arrows labelled Wy from each state up to its output y." tags=["plot"]
drawings.unrolled(steps=4)

# %% [markdown]
# This is *one* network, drawn once for each step: **unrolled**. Arrows of one colour are the same weights.
#
# With a pencil: one unit, $W_x = 1$, $W_h = \tfrac12$, no bias, the inputs 1, 0, 0, and $h_0 = 0$. Then
# $h_1 = \tanh(1\cdot 1 + \tfrac12\cdot 0) = 0.762$, and $h_2 = \tanh(\tfrac12\cdot 0.762) = 0.363$, and
# $h_3 = \tanh(\tfrac12\cdot 0.363) = 0.180$. One input, and an echo that fades.

# %%
state = 0.0
for x in (1, 0, 0):
    state = np.tanh(x * 1 + state * 0.5)
    print(f"{state:.3f}")

# %% [markdown]
# ### One set of weights for every step
#
# Feed all steps side by side to one dense layer instead, and each position has weights of its own: what is learned at
# position 3 is unknown at position 4, the weights grow with the length, and a longer sequence does not fit at all. Here
# for 4 features and 5 units:

# %%
features, units = 4, 5
for time in (1, 10, 1000):
    in_dense = time * features * units + units
    in_recurrent = features * units + units * units + units
    print(f"{time:4d} steps: dense {in_dense:5d} parameters, recurrent {in_recurrent}")

# %% [markdown]
# ### Which outputs count
#
# The same network serves several tasks. **Many-to-one**: only the output after the last step counts, as in a forecast.
# **Many-to-many**: each step has an output that counts. The most important case is the **language model**, which
# predicts at each character (or word) the next one. For translation, one network reads the sentence (the encoder), and
# a second one starts from its last state and writes (the decoder).

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# Each row is one example, so weights stand on the right.
#
# | symbol | meaning | size | in the code |
# |---|---|---|---|
# | $B$, $T$, $D$, $H$ | examples in a batch, steps, features, units | | `batch`, `time`, `features`, `units` |
# | $x_t$ | input at step $t = 1, \dots, T$ | $B \times D$ | `inputs[:, t]`, counted from 0 |
# | $h_t$ | state after step $t$; $h_0$ is given, often zero | $B \times H$ | `states[:, t]` |
# | $W_x$, $W_h$, $b$ | kernel, recurrent kernel, bias | $D \times H$, $H \times H$, $H$ | `kernel`, `recurrent_kernel`, `bias` |
# | $y_t$; $W_y$, $b_y$ | output; its kernel, called the **readout**, and bias | $B \times O$; $H \times O$, $O$ | `outputs` |
# | $J$ | loss | one number | |
# | $e_t$ | direct influence of $h_t$ on the loss: the upstream gradient | $B \times H$ | `upstream[:, t]` |
# | $\delta_t$ | gradient with respect to $a_t$, the argument of the $\tanh$ | $B \times H$ | `delta` |
# | $\odot$ | product entry by entry | | `*` |
#
# One formula is applied in every step (Elman, 1990); its sizes are $(B\times D)(D\times H) + (B\times H)(H\times H)$,
# and $b$ is added to every row:
#
# $$h_t = \tanh(a_t), \qquad a_t = x_t W_x + h_{t-1} W_h + b .$$
#
# ### Back-propagation through time
#
# Unrolled, the network is a deep one with a layer for each step, so you can differentiate it as in lesson 2. The state
# $h_t$ acts on the loss directly (that is $e_t$) and through the next state. With $\tanh' = 1 - \tanh^2$ the chain
# rule gives $\delta_t$ from the last step to the first. Now the weights. Imagine that each step had its own copy of
# $W_h$. That would be a dense layer with the input $h_{t-1}$, whose gradient is $h_{t-1}^\top\delta_t$. But the copies
# are one matrix: when it changes, all of them change, and the effects add up:
#
# $$\begin{aligned} \delta_t &= \big(e_t + \delta_{t+1} W_h^\top\big) \odot (1 - h_t^2), \qquad \delta_{T+1} = 0, \\
# \frac{\partial J}{\partial W_h} &= \sum_{t=1}^{T} h_{t-1}^\top \delta_t, \qquad
# \frac{\partial J}{\partial W_x} = \sum_{t=1}^{T} x_t^\top \delta_t, \qquad
# \frac{\partial J}{\partial b} = \sum_{t=1}^{T} \mathbf 1^\top \delta_t . \end{aligned}$$
#
# This is back-propagation through time (Werbos, 1990); the published introduction has no formula for it
# ([E10](../ERRATA.md#E10)).
#
# ### Vanishing and exploding
#
# Leave the $\tanh$ out for a moment, and take two units and $W_h = r\,\big({0 \atop -1}\,{1 \atop 0}\big)$: a quarter
# turn, times the number $r$. Start at $(1, 0)$ with $r = 0.9$: the states are $(0, 0.9)$, $(-0.81, 0)$ and
# $(0, -0.729)$. The vector turns, and its length is multiplied by $0.9$ in every step: after 100 steps
# next to nothing is left of it. With $r = 1.1$ it explodes.

# %% [markdown]
# A matrix that turns or reflects and keeps every length is called **orthogonal**; $r$ times such a matrix stretches
# every vector by $r$, and we call $r$ its **radius**. Gradients go the same way. A small change of $h_{t-1}$ is
# multiplied by $W_h$ and then, entry by entry, by the slope of the $\tanh$. So for one example the matrix of all
# derivatives of $h_T$ with respect to $h_0$, the **Jacobian**, is a product with the same $W_h$ in every factor. (Row
# $i$, column $j$: how unit $i$ of $h_0$ moves unit $j$ of $h_T$. The factors stand from left to right, $t = 1$ first.)
#
# $$\frac{\partial h_T}{\partial h_0} = \prod_{t=1}^{T} W_h \,\mathrm{diag}(1 - h_t^2) .$$
#
# Here $\mathrm{diag}(v)$ has the numbers $v$ on its diagonal and 0 elsewhere, and its entries are at most 1. With a
# radius $r < 1$, the product shrinks at least as fast as $r^T$: it **vanishes**. With $r > 1$ it may **explode**,
# unless the states come close to $\pm 1$, where the $\tanh$ is flat (Bengio, Simard & Frasconi, 1994; Pascanu, Mikolov
# & Bengio, 2013). Going forward, a *small change* of the first input fades or grows by the same factors.
#
# ### Gates
#
# The trouble is the matrix in every factor. The **long short-term memory**, LSTM (Hochreiter & Schmidhuber, 1997; with
# the forget gate of Gers, Schmidhuber & Cummins, 2000), keeps a second state, the cell $c_t$, that no matrix touches.
# Follow the straight line in this drawing of one step with one unit:

# %% alt="One step of an LSTM with its numbers. A thick straight line on top leads from the old cell state 0.500 to the new one; on it lie a multiplication by the forget gate and an addition. What is added is the input gate times the candidate. From the line a tanh leads down to a multiplication by the output gate, which gives the hidden state. All four boxes get x and the previous hidden state from below." tags=["plot"]
x, hidden, cell = 1.0, -0.3, 0.5
total = x * 1 + hidden * 1  # every weight is 1
i = o = 1 / (1 + np.exp(-total))  # with a bias of 0
f = 1 / (1 + np.exp(-(total + 1)))  # with a bias of 1
g = np.tanh(total)
next_cell = f * cell + i * g
next_hidden = o * np.tanh(next_cell)
before = {"x": x, "hidden": hidden, "cell": cell, "i": i, "f": f, "g": g, "o": o}
drawings.lstm_cell(**before, next_cell=next_cell, next_hidden=next_hidden)

# %% [markdown]
# The **forget gate** keeps a part of the old cell, the **input gate** lets a part of the candidate in, and the
# **output gate** shows a part of the cell to the rest of the network:
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh(c_t) .$$
#
# Each gate is $\mathrm{sigmoid}(x_t W_x + h_{t-1} W_h + b)$ with weights of its own, where
# $\mathrm{sigmoid}(a) = 1/(1 + e^{-a})$ lies between 0 and 1, and the candidate $g_t$ is the $\tanh$ of such a sum. If
# the gates stay as they are, a change of $c_{t-1}$ changes $c_t$ by the factor $f_t$ alone. Over many steps that is a
# product of numbers between 0 and 1, one for each unit, which the network can push towards 1 where it wants to
# remember. It cannot explode. (Other paths lead through the gates and the candidate, and see $W_h$.)
#
# The **gated recurrent unit**, GRU (Cho et al., 2014), does the same with one state and two gates:
#
# $$h_t = z_t \odot h_{t-1} + (1 - z_t)\odot \tilde h_t, \qquad
# \tilde h_t = \tanh\big(x_t W_x + b + r_t \odot (h_{t-1} W_h + b')\big) .$$
#
# The **update gate** $z_t$ keeps a part of the old state, and the **reset gate** $r_t$ says how much of it the
# candidate sees; both are sigmoids like those above. (This is Keras's form; others reset $h_{t-1}$ before the product.)

# %% alt="One step of a GRU with its numbers. A thick straight line leads from the old state -0.300 to the new one; on it lie a multiplication by the update gate and an addition. What is added is 1 minus the update gate, times the candidate. The reset gate leads into the candidate. All boxes get x and the previous state from below." tags=["plot"]
x, state = 1.0, -0.3
z = r = 1 / (1 + np.exp(-(x + state)))  # weights 1, biases 0
candidate = np.tanh(x + r * state)
next_state = z * state + (1 - z) * candidate
before = {"x": x, "hidden": state, "z": z, "r": r, "candidate": candidate}
drawings.gru_cell(**before, next_hidden=next_state)

# %% [markdown]
# When training starts, a gate is about $\mathrm{sigmoid}(\text{bias})$. Along the straight path a gradient is
# multiplied by the gate in every step, so after 20 steps by its 20th power. Keras starts the GRU's update gate with a
# bias of 0, and the LSTM's forget gate with 1. A gate near 1 is called **open**: an open forget gate forgets nothing.

# %%
for bias in (0, 1, 3):
    gate = 1 / (1 + np.exp(-bias))
    print(f"bias {bias}: gate {gate:.3f}, to the power 20: {gate**20:.1g}")

# %% [markdown]
# ## From scratch
#
# ### Forward, and back through time
#
# Inputs have the shape (batch, time, features). The loop is the formula.


# %%
def simple_rnn(inputs, kernel, recurrent_kernel, bias):
    state = np.zeros((len(inputs), len(recurrent_kernel)))  # h_0
    states = [state]
    for t in range(inputs.shape[1]):
        state = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
        states.append(state)
    return np.stack(states, axis=1)  # T + 1 states: the first one is h_0


# %% [markdown]
# And back. `upstream` holds $e_t$ for every step. Each line is one formula from above, and the `+=` are the sums over
# the steps.


# %%
def simple_rnn_backward(upstream, inputs, states, kernel, recurrent_kernel):
    d_kernel, d_recurrent = np.zeros_like(kernel), np.zeros_like(recurrent_kernel)
    d_bias, d_state = np.zeros(len(recurrent_kernel)), 0.0
    for t in reversed(range(inputs.shape[1])):
        delta = (upstream[:, t] + d_state) * (1 - states[:, t + 1] ** 2)
        d_kernel += inputs[:, t].T @ delta
        d_recurrent += states[:, t].T @ delta  # the state before step t
        d_bias += delta.sum(axis=0)
        d_state = delta @ recurrent_kernel.T
    return d_kernel, d_recurrent, d_bias


# %% [markdown]
# ### The share of each step
#
# The gradient of $W_h$ is a sum with one term for each step. What if you keep only the last $k$ terms, that is, stop
# after $k$ steps on the way back? Take 20 random networks with an orthogonal recurrent kernel times 0.9, sequences of
# 30 steps, and a loss that sees the last state only, $J = \tfrac12\lVert h_T\rVert^2$, so that $e_T = h_T$.


# %%
def random_weights(rng, features, units, radius):
    orthogonal = np.linalg.qr(rng.normal(size=(units, units)))[0]
    return rng.normal(size=(features, units)), radius * orthogonal


errors = {1: [], 5: [], 15: []}
for seed in range(20):
    rng = np.random.default_rng(seed)
    weights = random_weights(rng, features=4, units=5, radius=0.9)
    inputs, upstream = 0.3 * rng.normal(size=(3, 30, 4)), np.zeros((3, 30, 5))
    states = simple_rnn(inputs, *weights, bias=0)
    upstream[:, -1] = states[:, -1]
    whole = simple_rnn_backward(upstream, inputs, states, *weights)[1]
    for k in errors:
        last = upstream[:, -k:], inputs[:, -k:], states[:, -k - 1 :]
        missing = whole - simple_rnn_backward(*last, *weights)[1]
        errors[k].append(np.linalg.norm(missing) / np.linalg.norm(whole))
for k, wrong in errors.items():
    print(f"the last {k:2d} terms: wrong by {min(wrong):.0%} to {max(wrong):.0%}")
assert min(errors[1]) > 0.3  # the last term alone, in all 20 networks

# %% [markdown]
# The last term alone, which treats the last step like an ordinary layer, is wrong by 41 % and more in these 20
# networks. Fifteen terms come close. Leaving out the oldest terms is often a usable approximation: **truncated**
# back-propagation, which you will use for the text. No gradient crosses the cut: what comes after it cannot teach the
# network what to write into the state before it. (With a larger radius, old terms count more.)
#
# ### Vanishing and exploding, measured
#
# Multiply the Jacobians for 100 steps, in ten random networks with 16 units for each of three radii. The **norm** is
# the largest factor by which a matrix stretches a vector.


# %%
def jacobian_norms(radius, seed, time=100, units=16):
    rng = np.random.default_rng(seed)
    kernel, recurrent_kernel = random_weights(rng, 1, units, radius)
    state, jacobian, norms = np.zeros(units), np.eye(units), []
    for _ in range(time):
        state = np.tanh(0.1 * rng.normal(size=1) @ kernel + state @ recurrent_kernel)
        jacobian = jacobian @ (recurrent_kernel * (1 - state**2))  # scales the columns
        norms.append(np.linalg.norm(jacobian, ord=2))
    return norms


for radius in (0.9, 1.0, 1.5):
    ends = [jacobian_norms(radius, seed)[-1] for seed in range(10)]
    print(f"radius {radius}: after 100 steps {min(ends):.0e} to {max(ends):.0e}")
    assert radius > 1 or max(ends) <= 1.01 * radius**100

# %% [markdown]
# Below 1 every gradient vanishes, at least as fast as $r^t$. At 1, with inputs as small as these, it fades slowly,
# which makes an orthogonal matrix a good start; Keras draws one, too. (Larger inputs saturate the $\tanh$, and it
# vanishes again.) Above 1, saturation decides: these ten networks end several powers of ten apart.
#
# One exploded gradient can throw the weights far off. **Clipping** therefore shortens a gradient whose length, over all
# entries, exceeds a limit, and keeps its direction (Pascanu, Mikolov & Bengio, 2013):
# `gradient * min(1, limit / length)`. Against vanishing it does nothing, because it never makes a gradient longer. All
# training below clips at 1.

# %% [markdown]
# ### An LSTM
#
# The four sums of the LSTM are computed at once: each kernel has four blocks of columns, in Keras's order $i, f, g, o$.
# (The GRU's step is an exercise below.)


# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm(inputs, kernel, recurrent_kernel, bias):
    hidden = cell = np.zeros((len(inputs), len(recurrent_kernel)))
    states = []
    for t in range(inputs.shape[1]):
        a = inputs[:, t] @ kernel + hidden @ recurrent_kernel + bias
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        cell = sigmoid(a_f) * cell + sigmoid(a_i) * np.tanh(a_g)
        hidden = sigmoid(a_o) * np.tanh(cell)
        states.append(hidden)
    return np.stack(states, axis=1)


# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Back through the LSTM (optional)

# %% [markdown]
# Two gradients walk back side by side: $\partial J/\partial h_t$, and $\gamma_t = \partial J/\partial c_t$. Read the
# forward formulas from right to left. From $h_t = o_t \odot \tanh(c_t)$, with the abbreviation $s_t = \tanh(c_t)$,
# and from $c_{t+1} = f_{t+1} \odot c_t + \dots$ the cell gets its two parts:
#
# $$\gamma_t = \frac{\partial J}{\partial h_t} \odot o_t \odot (1 - s_t^2) + \gamma_{t+1} \odot f_{t+1} .$$
#
# Then each gate, by the product rule, times its own slope, $\mathrm{sigmoid}' = \mathrm{sigmoid}\,(1 -
# \mathrm{sigmoid})$ and $\tanh' = 1 - \tanh^2$:
#
# $$\delta^i_t = \gamma_t \odot g_t \odot i_t (1 - i_t), \quad
# \delta^f_t = \gamma_t \odot c_{t-1} \odot f_t (1 - f_t), \quad
# \delta^g_t = \gamma_t \odot i_t \odot (1 - g_t^2), \quad
# \delta^o_t = \frac{\partial J}{\partial h_t} \odot s_t \odot o_t (1 - o_t) .$$
#
# Laid side by side they are one $\delta_t$ of width $4H$, and from here on nothing is new: $\partial J/\partial h_t =
# e_t + \delta_{t+1} W_h^\top$, and the gradients of the weights are the sums over the steps that you know. The cell
# itself is never multiplied by a matrix on the way: only by $f$.


# %%
def lstm_gates(inputs, kernel, recurrent_kernel, bias):
    """What each step needs on the way back: hidden, cell, i, f, g, o, s."""
    hidden = cell = np.zeros((len(inputs), len(recurrent_kernel)))
    record = []
    for t in range(inputs.shape[1]):
        a = inputs[:, t] @ kernel + hidden @ recurrent_kernel + bias
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
        s = np.tanh(f * cell + i * g)
        record.append((hidden, cell, i, f, g, o, s))
        hidden, cell = o * s, f * cell + i * g
    return record


# %%
def lstm_backward(upstream, inputs, record, kernel, recurrent_kernel):
    d_kernel, d_recurrent = np.zeros_like(kernel), np.zeros_like(recurrent_kernel)
    d_bias, d_hidden, d_cell = np.zeros(kernel.shape[1]), 0.0, 0.0
    for t in reversed(range(inputs.shape[1])):
        hidden, cell, i, f, g, o, s = record[t]
        d_hidden = d_hidden + upstream[:, t]
        d_cell = d_cell + d_hidden * o * (1 - s**2)
        of_i, of_f = d_cell * g * i * (1 - i), d_cell * cell * f * (1 - f)
        of_g, of_o = d_cell * i * (1 - g**2), d_hidden * s * o * (1 - o)
        delta = np.concatenate([of_i, of_f, of_g, of_o], axis=1)
        d_kernel += inputs[:, t].T @ delta
        d_recurrent += hidden.T @ delta
        d_bias += delta.sum(axis=0)
        d_hidden, d_cell = delta @ recurrent_kernel.T, d_cell * f
    return d_kernel, d_recurrent, d_bias


# %% [markdown]
# Finite differences agree, here for the recurrent kernel and the loss $J = \tfrac12\sum_t \lVert h_t\rVert^2$:

# %%
generator = np.random.default_rng(0)
inputs, kernel = generator.normal(size=(3, 6, 2)), generator.normal(size=(2, 16))
recurrent_kernel, bias = generator.normal(size=(4, 16)), generator.normal(size=16)


def lstm_loss(recurrent_kernel):
    return (lstm(inputs, kernel, recurrent_kernel, bias) ** 2).sum() / 2


upstream = lstm(inputs, kernel, recurrent_kernel, bias)
record = lstm_gates(inputs, kernel, recurrent_kernel, bias)
ours = lstm_backward(upstream, inputs, record, kernel, recurrent_kernel)[1]
difference = abs(ours - numerical_gradient(lstm_loss, recurrent_kernel)).max()
print(f"largest difference below 1e-7: {difference < 1e-7}")

# %% [markdown]
# ### A memory, or a clock?
#
# Does a recurrent network remember? Give it a task that needs it. It reads two features: noise, and a second one that
# is 0 except once, when it is $+1$ or $-1$: the **cue**. After the last step it must say which. The **lag** is the
# number of steps from the cue to the end. With the answer $q = \pm 1$ and the output $y$, the sigmoid of $qy$ is the
# probability that the network gives to the right answer, so the loss is the cross-entropy $\log(1 + e^{-qy})$.


# %%
def recall_batch(rng, lags, steps, networks=8):
    """Inputs (networks, batch, steps, 2) and answers (networks, batch, 1, 1)."""
    answers = rng.choice([-1.0, 1.0], size=(networks, len(lags), 1))
    noise = 0.3 * rng.normal(size=(networks, len(lags), steps))
    is_cue = np.arange(steps) == steps - 1 - lags[:, None]
    return np.stack([noise, answers * is_cue], axis=-1), answers[..., None]


# %% [markdown]
# `helpers.sequence_training` trains eight networks at once, one for each seed: forward, back through time,
# clip, and the Adam of lesson 1, here for 180 updates with eight fresh sequences each. Train three kinds: the simple
# network with radius 1, a GRU with the bias of Keras, and the same GRU with its gates open from the beginning. First,
# the lag is always 20.


# %%
def train_to_recall(cell, gate_bias, shortest, longest, updates=180):
    rng = np.random.default_rng(0)
    lags = (rng.integers(shortest, longest + 1, size=8) for _ in range(updates))
    batches = (recall_batch(rng, lag, steps=21) for lag in lags)
    sizes = {"features": 2, "units": 8, "outputs": 1}
    networks = start(cell, range(8), **sizes, gate_bias=gate_bias)
    return train(networks, batches, "logistic")


always_20 = {"simple": train_to_recall("simple", 0, 20, 20)}
always_20["GRU"] = train_to_recall("gru", 0, 20, 20)
always_20["GRU, open"] = train_to_recall("gru", 3, 20, 20)

# %% [markdown]
# Then ask all of them for other lags, with the cue at the beginning, as in training: how often is the answer
# right?

# %%
lags_asked = np.array([1, 2, 5, 10, 15, 18, 19, 20, 21, 22, 25, 30, 40])


def share_right(networks, asked, noise_first=0):
    """For each of the eight networks and each lag, shape (8, lags)."""
    shares = []
    for lag in asked:
        rng, lags = np.random.default_rng(99), np.full(50, lag)
        inputs, answers = recall_batch(rng, lags, steps=noise_first + lag + 1)
        outputs, _, _ = run(networks, inputs)
        shares.append((outputs[:, :, -1:] * answers > 0).mean(axis=(1, 2, 3)))
    return np.transpose(shares)


right_of_20 = {
    name: share_right(networks, lags_asked) for name, networks in always_20.items()
}
print("seeds over 90 % right at each lag from 20 to 40, and at all six:")
for name, right in right_of_20.items():
    good = right[:, -6:] > 0.9
    print(f"{name:9s}: {good.sum(axis=0)}, {good.all(axis=1).sum()}")

# %% alt="Three panels with eight thin lines each: share of right answers over the lag that is asked, from 1 to 40, after training at lag 20 only. Simple network: all lines meet at 1 at lag 20, and jump up and down between 0 and 1 around it. GRU: seven lines stay near one half from lag 5 on, one is at 1 for all lags. GRU with open gates: all lines are at 1 for all lags." tags=["plot"]
labels = "lag that is asked", "share of right answers"
plotting.runs(lags_asked, right_of_20, *labels, levels={"guessing": 0.5})

# %%
simple, closed, opened = (right[:, -6:] for right in right_of_20.values())
wrong = (simple[:, 1] < 0.1).sum()
print(f"simple, lag 21: {wrong} of 8 seeds are wrong nearly always")
assert np.all(simple[:, 0] > 0.9)
assert wrong >= 3
assert (closed[:, 0] > 0.9).sum() <= 2
assert (opened > 0.9).all(axis=1).sum() >= 7  # one seed may fail
inputs, _ = recall_batch(np.random.default_rng(99), np.full(50, 20), steps=41)
outputs, _, _ = run(always_20["GRU, open"], inputs)
positive = (outputs[:, :, -1, 0] > 0).mean(axis=1)
print(f"GRU, open, noise first: share of answers that are +1: {positive}")
assert (abs(positive - 0.5) > 0.4).sum() >= 7

# %% [markdown]
# At lag 20 the simple network is right with all eight seeds, and *one step later* half of them give the wrong answer
# nearly always. Only one is right at all six lags. A network that is *always* wrong still has the cue. But the state
# turns, and the readout knows only where the hand stands after 20 steps: it reads a clock. The GRU with open gates is
# right at every lag. But what does it hold? In training the cue was the first input, always. With 20 steps of noise
# before the cue each network gives one answer to all sequences: it listens in the first steps only, and then is deaf.
# The GRU whose gates start half closed failed in these 180 updates with all seeds but one, and only its bias was
# different.
#
# So is it the cell, or the task? Change only the task: draw the lag of each sequence at random between 1 and 20. The
# sequences still have 21 steps, so that the cue comes at any of the first 20. An LSTM with open gates joins in.

# %%
kinds = {"simple": ("simple", 0), "GRU": ("gru", 0)}
kinds |= {"GRU, open": ("gru", 3), "LSTM, open": ("lstm", 3)}
any_lag = {name: train_to_recall(*kind, 1, 20) for name, kind in kinds.items()}
print("seeds over 90 % right at every lag that is asked:")
for noise_first, asked in ((0, lags_asked), (20, (1, 20, 40)), (40, (1, 20, 40))):
    seeds = {}
    for name, networks in any_lag.items():
        right = share_right(networks, asked, noise_first) > 0.9
        seeds[name] = int(right.all(axis=1).sum())
    print(f"after {noise_first:2d} steps of noise: {seeds}")
    assert min(seeds["simple"], seeds["GRU"], seeds["GRU, open"]) >= 4
    assert noise_first or min(seeds.values()) >= 6
assert seeds["LSTM, open"] <= 2  # after 40 steps of noise

# %% [markdown]
# Now most networks of every kind remember, for twice as long as they were ever asked to; among them the GRU with
# half-closed gates, with the same number of updates. Short lags give a gradient, and long ones extend what it has
# taught. After 40 steps of noise, more than in training, most GRUs, open at the start or not, and at least half of the
# simple networks still catch the cue, but hardly any LSTM does. So the task decides what a state keeps, and so does the
# cell; outside of what was trained, nothing is sure.
#
# ### What an open gate does, and what not
#
# Look at the gates that were trained with random lags, while they read a sequence with the cue at step 10: $+1$, $-1$,
# or none at all. Along the straight path, what is written at the cue is multiplied by every gate after it. How much is
# left 40 steps later, in the unit that keeps most?

# %%
noise, cue = 0.3 * np.random.default_rng(3).normal(size=61), np.arange(61) == 10
inputs = np.stack([np.stack([noise, sign * cue], axis=-1) for sign in (1, -1, 0)])
watched = {"GRU, before": start("gru", range(8), 2, 8, 1)}
watched["GRU, trained"] = any_lag["GRU"]
watched["GRU, open, trained"] = any_lag["GRU, open"]
watched["LSTM, trained"] = any_lag["LSTM, open"]
gates, left = {}, {}
for name, networks in watched.items():
    # gates (8 networks, 3 sequences, steps, units)
    outputs, (hidden, cell), gates[name] = run(networks, inputs)
    assert name == "GRU, before" or np.all(outputs[:, :2, -1, 0] * [1, -1] > 0)
    most = gates[name][:, :2, 11:51].prod(axis=2).max(axis=-1)
    left[name] = np.sort(most, axis=1).T  # the sign that keeps less, and the other one
    less, more = np.median(left[name], axis=1)
    print(f"{name:18s}: median left {less:.0e} of one sign, {more:.0e} of the other")
    state = cell if "LSTM" in name else hidden
    apart = abs(state[:, :2] - state[:, 2:]).max(axis=-1).min(axis=1)
    print(f"after one sign, {(apart < 0.05).sum()} of 8 end as without a cue")
    assert (apart > 0.5).all() if "LSTM" in name else (apart < 0.05).sum() >= 5

# %% alt="Gates of the first network of each kind, in four panels over 61 steps: one line for each of its eight units, the cue at step 10. GRU before training: all lines stay near one half. Trained GRU, after the cue +1: one line stays near 1, others lower. The same GRU after the cue -1: all lines stay below 0.8. Trained LSTM: most of the forget gates stay near 1 throughout, one falls to one half." tags=["plot"]
shown = {"GRU before, cue +1": gates["GRU, before"][0, 0].T}
shown["GRU trained, cue +1"] = gates["GRU, trained"][0, 0].T
shown["GRU trained, cue −1"] = gates["GRU, trained"][0, 1].T
shown["LSTM trained, cue +1"] = gates["LSTM, trained"][0, 0].T
limits = {"marks": {"cue": 10}, "y_limits": (0, 1)}
plotting.runs(np.arange(61), shown, "step", "gate of each unit", **limits)

# %%
assert left["GRU, before"].max() < 1e-9
less, more = left["GRU, trained"]
assert more.min() > 0.05  # training has opened a gate ...
assert (less < 0.01).sum() >= 6  # ... for one sign only, in most of the networks
assert (left["GRU, open, trained"][0] > 0.1).sum() >= 5  # started open, and stayed so
assert left["LSTM, trained"].min() > 0.1

# %% [markdown]
# The GRU started with gates near one half, whose straight path leaves nothing. Training opened a gate in all eight
# networks (the figure shows the first), but in most of them only for one of the two cues. After the other cue next to
# nothing is left, and the answer is right all the same: most end as they would without a cue, and give that answer
# until the cue comes that opens a gate. To keep one bit, that is enough. The GRUs that started open mostly stay open
# after both, and yet most of them, too, end after one cue as without any. In the LSTMs the cell tells all three apart.
#
# So an open gate at the *start* gives a gradient over many steps, with which learning can begin, as at lag 20 above. It
# is not needed if shorter lags give a gradient too. Jozefowicz, Zaremba & Sutskever (2015) recommend a forget bias of
# 1, because it worked better on their tasks.
#
# ### Where gates pay: one number among others
#
# So far the cue had a feature to itself. Now the first feature is a random number between $-1$ and $1$ in
# every step, the second one marks one step with 1, and the network must return *that* number at the end. Lags are
# random from 1 to 20 again, the loss is the squared error, and always answering 0 costs $\tfrac13$. The simple network
# gets twice as many updates, at half the rate.


# %%
def number_batch(rng, batch=8):
    lags = rng.integers(1, 21, size=(8, batch, 1))
    values = rng.uniform(-1, 1, size=(8, batch, 21))
    marks = (np.arange(21) == 20 - lags).astype(float)
    answers = (values * marks).sum(axis=-1)
    return np.stack([values, marks], axis=-1), answers[..., None, None]


squares = {}
for cell, updates, rate in (("simple", 400, 0.01), ("gru", 200, 0.02)):
    rng = np.random.default_rng(0)
    batches = (number_batch(rng) for _ in range(updates))
    networks = start(cell, range(8), features=2, units=8, outputs=1)
    networks = train(networks, batches, "mse", learning_rate=rate)
    inputs, answers = number_batch(np.random.default_rng(99), batch=100)
    outputs, _, _ = run(networks, inputs)
    squares[cell] = ((outputs[:, :, -1:] - answers) ** 2).mean(axis=(1, 2, 3))
    print(f"{cell:6s}: error {squares[cell].min():.3f} to {squares[cell].max():.3f}")
assert squares["gru"].max() < squares["simple"].min()

# %% [markdown]
# Each of these GRUs beats each simple network, although they start from Keras's bias of 0. To keep one number among
# others, a cell must decide at each step whether to write, and a gate can do exactly that. (Deciding is the hard part:
# with `values * marks` in place of `values` we saw the simple networks do far better.) The result is about how easily
# it is learned: the simple networks came close to the GRU when given 10 000 updates at a third of their rate.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Recursive is not recurrent (optional)

# %% [markdown]
# Some texts confuse the two words ([E09](../ERRATA.md#E09)). A **recursive** network combines two vectors into one,
# $\mathrm{combine}(u, v) = \tanh(u W_l + v W_r + b)$, along the branches of a tree, for instance the grammatical tree
# of a sentence (Socher et al., 2011). A **recurrent** network walks along a chain. The same eight vectors and the same
# weights, three ways:

# %%
rng = np.random.default_rng(0)
left_weights, right_weights = rng.normal(size=(2, 5, 5)) / 2
bias, vectors = rng.normal(size=5) / 10, rng.normal(size=(8, 5))


def combine(left, right):
    return np.tanh(left @ left_weights + right @ right_weights + bias)


def left_tree(vectors):
    if len(vectors) == 1:
        return vectors[0]
    return combine(left_tree(vectors[:-1]), vectors[-1])


def balanced_tree(vectors):
    if len(vectors) == 1:
        return vectors[0]
    half = len(vectors) // 2
    return combine(balanced_tree(vectors[:half]), balanced_tree(vectors[half:]))


# %%
state = vectors[0]
for vector in vectors[1:]:
    state = combine(state, vector)  # recurrent: the state and the next vector
print(f"left tree = recurrent network: {np.array_equal(left_tree(vectors), state)}")
difference = abs(balanced_tree(vectors) - state).max()
print(f"balanced tree - recurrent network: largest difference {difference:.2f}")

# %% [markdown]
# A fully left-branching tree *is* the recurrent network, with the first vector as its first state. Any other tree has
# another order of operations and another result: the balanced tree over eight vectors has three levels, the chain
# seven steps.

# %% [markdown]
# ## Is it right?
#
# Three judges of the gradient: finite differences, `helpers`, and TensorFlow's tape. The loss sees *every* state,
# $J = \tfrac12\sum_t \lVert h_t\rVert^2$, so that $e_t = h_t$.

# %%
rng = np.random.default_rng(1)
weights = kernel, recurrent_kernel = random_weights(
    rng, features=2, units=4, radius=0.9
)
inputs, bias = rng.normal(size=(3, 7, 2)), rng.normal(size=4)
states = simple_rnn(inputs, kernel, recurrent_kernel, bias)
upstream = states[:, 1:]
ours = simple_rnn_backward(upstream, inputs, states, *weights)


def loss(recurrent_kernel):
    return (simple_rnn(inputs, kernel, recurrent_kernel, bias)[:, 1:] ** 2).sum() / 2


difference = abs(ours[1] - numerical_gradient(loss, recurrent_kernel)).max()
print(f"finite differences: {difference:.0e}, of slopes up to {abs(ours[1]).max():.1f}")

# %%
helper = recurrent_networks.simple_rnn_backward(upstream, inputs, upstream, *weights)
variables = [tf.Variable(array) for array in (*weights, bias)]
state, tf_loss = tf.zeros((3, 4), tf.float64), 0.0
with tf.GradientTape() as tape:
    for x in tf.unstack(tf.constant(inputs), axis=1):
        state = tf.tanh(x @ variables[0] + state @ variables[1] + variables[2])
        tf_loss += tf.reduce_sum(state**2) / 2
of_tape = tape.gradient(tf_loss, variables)
for name, others in (("helper", helper[1:4]), ("tape", of_tape)):
    difference = max(np.abs(one - other).max() for one, other in zip(ours, others))
    print(f"ours - {name}: below 1e-12: {difference < 1e-12}")

# %% [markdown]
# And the LSTM forward, against Keras too, which computes in single precision:

# %%
weights = rng.normal(size=(2, 16)), rng.normal(size=(4, 16)), rng.normal(size=16)
layer = tf.keras.layers.LSTM(4, return_sequences=True)
layer.build(inputs.shape)
layer.set_weights(weights)
ours, helper = lstm(inputs, *weights), recurrent_networks.lstm(inputs, *weights)
in_keras = layer(inputs.astype("float32")).numpy()
print(f"ours - helper below 1e-12: {abs(ours - helper).max() < 1e-12}")
print(f"ours - Keras below 1e-6: {abs(ours - in_keras).max() < 1e-6}")

# %% [markdown]
# ## In TensorFlow 2
#
# ### Layers, states and sequences
#
# By default a recurrent layer of Keras, the high-level part of TensorFlow (Abadi et al., 2016), returns the last state
# only: many-to-one. `return_sequences` gives all of them, `return_state` the final state besides; for an LSTM that is a
# pair, hidden and cell. A long sequence in two pieces gives the same result as in one only if you pass that state on:

# %%
tf.keras.utils.set_random_seed(0)  # the layers below start with random weights
numbers = tf.random.normal((3, 7, 4))
layer = tf.keras.layers.LSTM(5, return_sequences=True, return_state=True)
whole, hidden, cell = layer(numbers)
print(f"every state {whole.shape}, hidden {hidden.shape}, cell {cell.shape}")
_, *state = layer(numbers[:, :4])
passed_on, _, _ = layer(numbers[:, 4:], initial_state=state)
forgotten, _, _ = layer(numbers[:, 4:])
for name, second in (("passed on", passed_on), ("forgotten", forgotten)):
    difference = np.abs(second - whole[:, 4:]).max()
    print(f"state {name}: as in one piece within 1e-6: {difference < 1e-6}")

# %% [markdown]
# ### Padding and masks
#
# A batch is a box: sequences of 7, 4 and 2 steps are **padded** to length 7, with zeros at the end. Without a mask the
# layer goes on reading the zeros as if they were data. A mask tells it which steps are data; at the others it carries
# the state over unchanged.

# %%
lengths = np.array([7, 4, 2])
mask = np.arange(7) < lengths[:, None]  # True where there is data
padded = np.where(mask[..., None], numbers, 0).astype("float32")
layer = tf.keras.layers.SimpleRNN(5)
layer.supports_masking = True  # keeps Keras 3.16 from warning
alone = [layer(padded[i : i + 1, :length])[0] for i, length in enumerate(lengths)]
for name, chosen in (("with the mask", tf.constant(mask)), ("without it", None)):
    wrong = np.abs(layer(padded, mask=chosen) - np.array(alone)).max(axis=1)
    print(f"{name}: as if read alone, within 1e-6: {wrong < 1e-6}")

# %% [markdown]
# The longest sequence comes out right either way, which hides the mistake from anyone who tests with equal lengths. In
# a Keras model, `Embedding(mask_zero=True)` or `Masking` makes the mask, and later layers receive it. (`Masking` treats
# *every* step whose features all equal its `mask_value` as padding, even data.)

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Stacked, and in both directions (optional)

# %% [markdown]
# A **stacked** network feeds all states of one recurrent layer to the next. A **bidirectional** layer reads the
# sequence a second time from its end and lays the states of both readings side by side. That helps where the whole
# sequence is there before the answer is wanted, as in labelling the words of a sentence. It has no place in a forecast
# or a language model with an output at each step: there it would read the answer. Change the last input, and see which
# outputs move:

# %%
tf.keras.utils.set_random_seed(0)
lower = tf.keras.layers.SimpleRNN(4, return_sequences=True)  # all states, for the next
stacked = tf.keras.Sequential(
    [lower, tf.keras.layers.SimpleRNN(4, return_sequences=True)]
)
again = tf.keras.layers.SimpleRNN(4, return_sequences=True)
both_ways = tf.keras.layers.Bidirectional(again)
changed = tf.concat([numbers[:, :6], numbers[:, 6:] + 1], axis=1)
for kind, read in (("stacked", stacked), ("bidirectional", both_ways)):
    moved = np.abs(read(changed) - read(numbers)).max(axis=(0, 2)) > 0
    print(f"{kind:13s}: outputs that move {np.flatnonzero(moved) + 1}")

# %% [markdown]
# ### Compile, fit, evaluate
#
# Real data: the yearly mean number of sunspots since 1700 (US National Geophysical Data Center, as distributed with
# statsmodels) rises and falls in a cycle of about eleven years. Forecast each year from the eleven years before it. A
# time series must not be shuffled before it is split, or the future leaks into the training: here the years up to 1929
# are for training, the next 40 for validation, the rest for the test.

# %%
years, sunspots = datasets.load_sunspots()
windows = np.lib.stride_tricks.sliding_window_view(sunspots / 100, 12)
past, following, year = windows[:, :-1, None], windows[:, -1:], years[11:]
parts = {"training": year < 1930, "validation": (year >= 1930) & (year < 1970)}
parts["test"] = year >= 1970
print("windows:", {name: int(rows.sum()) for name, rows in parts.items()})

# %% [markdown]
# An LSTM of Keras starts with its forget gates at a bias of 1, a GRU with its update gates at 0. A `bias_initializer`
# opens those of the GRU. (For a bias other than 1, an LSTM also needs `unit_forget_bias=False`.) The GRU has two rows
# of biases, $b$ and $b'$, and its update gates come first of three blocks of columns.


# %%
def open_update_gates(shape, dtype=None):
    bias = np.zeros(shape)
    bias[0, : shape[1] // 3] = 1.0
    return tf.constant(bias, dtype)


tf.keras.utils.set_random_seed(0)
layer = tf.keras.layers.GRU(8, bias_initializer=open_update_gates)
model = tf.keras.Sequential([tf.keras.Input((11, 1)), layer, tf.keras.layers.Dense(1)])
model.compile(tf.keras.optimizers.Adam(0.03, global_clipnorm=1.0), loss="mse")

# %%
learn, choose = parts["training"], parts["validation"]
judged = past[choose], following[choose]
options = {"batch_size": 16, "epochs": 6, "verbose": 0, "validation_data": judged}
history = model.fit(past[learn], following[learn], **options).history
print("validation by epoch:", *(f"{100 * mse**0.5:.0f}" for mse in history["val_loss"]))

# %%
for name, rows in parts.items():
    error = 100 * model.evaluate(past[rows], following[rows], verbose=0) ** 0.5
    last_year = 100 * ((past[rows, -1] - following[rows]) ** 2).mean() ** 0.5
    print(f"{name:10s}: model {error:.0f}, last year's {last_year:.0f}")

# %% [markdown]
# These are root mean squared errors, in sunspots. The forecast beats "the same as last year" on all three parts. That
# is one seed, one split and a weak baseline: "Sunspots, judged fairly" asks more.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Several years ahead (optional)

# %% [markdown]
# In training, each input is the *true* number of a year, which is called **teacher forcing**. To look further ahead
# than one year, the network must read its own forecasts, a **free-running** forecast: append the forecast to the
# window, drop the oldest year, and repeat. Here from every test year that leaves eleven years to compare with.

# %%
beginnings = np.flatnonzero((year >= 1970) & (year <= 1998))
known, ahead = past[beginnings], []
for _ in range(11):
    ahead.append(model.predict_on_batch(known))
    known = np.concatenate([known[:, 1:], ahead[-1][:, None]], axis=1)
ahead = np.concatenate(ahead, axis=1)
truth = np.lib.stride_tricks.sliding_window_view(sunspots / 100, 11)[beginnings + 11]
by_distance = 100 * np.sqrt(((ahead - truth) ** 2).mean(axis=0))
cycle_before = np.lib.stride_tricks.sliding_window_view(sunspots / 100, 11)[beginnings]
repeated = 100 * np.sqrt(((cycle_before - truth) ** 2).mean(axis=0))
print("error of the model, and of the number of eleven years before:")
for distance in (1, 2, 5, 11):
    both = by_distance[distance - 1], repeated[distance - 1]
    print(f"{distance:2d} years ahead: {both[0]:.0f}, {both[1]:.0f}")
assert by_distance[0] < repeated[0]
assert np.all(by_distance[4:] > repeated[4:])

# %% alt="Sunspot numbers from 1965 to 2008: measured, and two forecasts of eleven years that feed on themselves, from 1976 and from 1986. Both rise and fall like a cycle of the sun, but miss its height and its time." tags=["plot"]
curves = {"measured": sunspots[years >= 1965]}
for begin in (1976, 1986):
    forecast = np.full(44, np.nan)
    forecast[begin - 1965 : begin - 1954] = 100 * ahead[begin - 1970]
    curves[f"from {begin}"] = forecast
plotting.lines(years[years >= 1965], curves, "year", "yearly mean sunspot number")

# %% [markdown]
# One year ahead the network beats the number of eleven years before; from five years on, repeating the last cycle is
# better. Reading one's own forecasts, with their errors, need not be the reason: we saw a linear autoregression (see
# below) over nine years, learned from the same years and run freely, stay about level with the repeated cycle. (The
# curves are one network's; four other seeds gave others, and lost at five years, too.)

# %% [markdown]
# ## On real data
#
# ### Sunspots, judged fairly
#
# A stronger baseline is a **linear autoregression**, the least-squares fit of a year to the $p$ years before it, which
# was invented for this very series (Yule, 1927). One split may favour one side, so use four: the test years are
# 1849–1888, 1889–1928, 1929–1968 and 1969–2008. The 40 years before each are for validation, all earlier ones for
# training. The validation part chooses $p$, after which the autoregression learns from both.

# %%
firsts = (1849, 1889, 1929, 1969)  # the first test years
# (4 splits, 80, 12): 40 windows for validation, 40 for the test
judged = np.stack([windows[(year >= t - 40) & (year < t + 40)] for t in firsts])


def rmse(forecast, rows):
    return 100 * np.sqrt(((forecast - rows[..., -1]) ** 2).mean(axis=-1))


def autoregression(learned, order, rows):
    def design(rows):
        return np.column_stack([rows[:, -order - 1 : -1], np.ones(len(rows))])

    return design(rows) @ np.linalg.lstsq(design(learned), learned[:, -1])[0]


linear = []
for first, rows in zip(firsts, judged):
    learned, valid = windows[year < first - 40], rows[:40]
    errors = [rmse(autoregression(learned, p, valid), valid) for p in range(1, 12)]
    best = 1 + int(np.argmin(errors))
    linear.append(autoregression(windows[year < first], best, rows[40:]))
    print(f"test from {first}: p = {best:2d}, error {rmse(linear[-1], rows[40:]):.1f}")

# %% [markdown]
# For each split five seeds, so 20 networks at once, each with batches from its own training years. After every 50
# updates, measure the error on the validation part, and keep the networks of the best moment: **early stopping**.


# %%
def sunspot_batches(updates):
    rng = np.random.default_rng(0)
    training = [windows[year < first - 40] for first in firsts for _ in range(5)]
    for _ in range(updates):
        batch = np.stack([rng.choice(rows, 8) for rows in training])
        yield batch[..., :-1, None], batch[..., -1:, None]


def forecasts(cell, gate_bias):
    """After 50, 100, 150, 200 updates: (moments, 4 splits, 5 seeds, 80 windows)."""
    networks = start(cell, list(range(5)) * 4, 1, 8, 1, gate_bias=gate_bias)
    inputs, moments = np.repeat(judged[..., :-1, None], 5, axis=0), []
    path = fit(networks, sunspot_batches(200), "mse", learning_rate=0.02)
    for update, networks in enumerate(path, 1):
        if update % 50 == 0:
            outputs, _, _ = run(networks, inputs)
            moments.append(outputs[:, :, -1, 0].reshape(4, 5, 80))
    return np.array(moments)


# %%
chosen, rows = {}, {f"{first}–{first + 39}": {} for first in firsts}
for name, gate_bias in (("simple", 0), ("GRU", 1), ("LSTM", 1)):
    moments = forecasts(name.lower(), gate_bias)
    errors = rmse(moments[..., :40], judged[:, None, :40]).mean(axis=-1)
    best = errors.argmin(axis=0)  # the moment, for each split
    chosen[name] = [moments[best[split], split, :, 40:] for split in range(4)]
    for split, row in enumerate(rows.values()):
        row["linear"] = [rmse(linear[split], judged[split, 40:])]
        row[name] = rmse(chosen[name][split], judged[split, 40:])

# %% alt="Test error on four splits, five rings for each kind of network with a mark at their mean, one ring for the linear autoregression. 1849 to 1888: the linear model is right of nearly all networks. In the other three splits its ring lies among those of the networks or left of most." tags=["plot"]
plotting.repeats(rows, "root mean squared error on the test years, in sunspots")

# %%
for name in chosen:
    better = [int((row[name] < row["linear"][0]).sum()) for row in rows.values()]
    print(f"{name:6s}: seeds of 5 better than linear, split by split: {better}")
    assert max(better) > 2.5 > min(better)

# %% [markdown]
# With each kind of network most seeds beat the linear autoregression in at least one split, and most lose in another.
# (GRU and LSTM were often still improving; with four times the updates we saw both ahead of it overall, but not in
# 1929–1968.) These data do not tell which is better. Start with the linear model, and let the network show
# what it adds.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### How sure is that? (optional)

# %% [markdown]
# Take all 160 test years together and draw whole blocks of 11 years with replacement, a thousand times: a **block
# bootstrap**. Single years would not be independent. In what range does the difference of the two errors lie, network
# minus linear autoregression?

# %%
actual = judged[:, 40:, -1]  # (4 splits, 40 years)
generator = np.random.default_rng(0)
blocks = generator.integers(0, 160, size=(1000, 15, 1)) + np.arange(11)
drawn = (blocks % 160).reshape(1000, -1)  # after the last year comes the first
of_linear = ((np.array(linear) - actual) ** 2).reshape(160)
for kind, forecast in chosen.items():
    of_network = ((np.array(forecast) - actual[:, None]) ** 2).mean(axis=1).reshape(160)
    differing = np.sqrt(
        [squares[drawn].mean(axis=1) for squares in (of_network, of_linear)]
    )
    low, high = np.quantile(100 * (differing[0] - differing[1]), (0.05, 0.95))
    print(f"{kind:6s} - linear: between {low:.1f} and {high:.1f} in 90 % of the draws")
    assert low < 0 < high

# %% [markdown]
# All three intervals contain 0, and so they did with four times the updates: 160 years are too few to tell a network
# and the linear autoregression apart.

# %% [markdown]
# ### A language model
#
# A **language model** gives each text a probability, one character after the other, by the chain rule of probability:
# $P(x_1, \dots, x_T) = \prod_{t=1}^{T} P(x_t \mid x_1, \dots, x_{t-1})$. So a many-to-many network that reads
# $x_1, \dots, x_{t-1}$ and gives by a softmax the probabilities of $x_t$ *is* a language model, and the mean of
# $-\log P(x_t \mid \dots)$ is its cross-entropy. The **perplexity** is $\exp$ of that mean: 10 means as uncertain as a
# fair choice among ten characters. The text is four poems by Lewis Carroll from *Alice's Adventures in Wonderland*
# (1865) and *Through the Looking-Glass* (1871); spaces, line ends and punctuation are characters too. The last of it is
# held out: 600 characters for validation, the rest for the test.

# %%
text = datasets.load_text().lower()
characters = sorted(set(text))
codes = np.array([characters.index(character) for character in text])
learned, validation, test = codes[:4800], codes[4800:5400], codes[5400:]
one_hot = np.eye(len(characters))  # row c: 1 at place c, 0 elsewhere
print(f"{len(characters)} characters; {len(learned)} learned, {len(test)} in the test")

# %% [markdown]
# The baseline counts: how often does each character follow the one before (a bigram), the two before (a trigram), the
# three before (a 4-gram)? Many runs never occur in the training part, and must not become impossible. So the prediction
# of the next shorter model is mixed in, as if it had been counted `added` times for each different character that
# followed the run (Witten & Bell, 1991): where many did, expect new ones. The validation part chooses `added`.


# %%
def runs_of(sequence, order):
    """All runs of `order` characters, one array for each place in the run."""
    return tuple(np.lib.stride_tricks.sliding_window_view(sequence, order).T)


def count_model(order, added):
    """Probabilities; the last axis is the next character, those before it the run."""
    uniform = 1 / len(characters)
    shorter = count_model(order - 1, added) if order > 1 else uniform
    counts = np.zeros((len(characters),) * order)
    np.add.at(counts, runs_of(learned, order), 1)
    followers = np.maximum((counts > 0).sum(axis=-1, keepdims=True), 1)
    counts += added * followers * shorter
    counts /= counts.sum(axis=-1, keepdims=True)
    return counts


def count_perplexity(model, sequence):
    return np.exp(-np.log(model[runs_of(sequence, model.ndim)]).mean())


# %%
counted, both = {}, (validation, test)
for name, order in (("bigram", 2), ("trigram", 3), ("4-gram", 4)):
    mixed = (count_model(order, added) for added in (1, 2, 4))
    pairs = [[count_perplexity(model, part) for part in both] for model in mixed]
    counted[name] = min(pairs)  # the one with the least perplexity in the validation
    print(f"{name}: perplexity {counted[name][1]:.1f} on the test part")

# %% [markdown]
# ### Train on pieces: truncated back-propagation
#
# A text of 4800 characters, unrolled whole, is a network of 4800 layers. So cut the text into eight rows and read all
# rows at once, in chunks of 24 characters. After each chunk the weights are updated; the *state* is carried on to the
# next chunk, but no gradient goes back through it (Williams & Peng, 1990). The gradient sees 24 steps; the state may
# know more.


# %%
def chunks(updates, rows=8, steps=24):
    length = (len(learned) - 1) // rows
    inputs = one_hot[learned[: rows * length]].reshape(rows, length, -1)
    following = one_hot[learned[1 : rows * length + 1]].reshape(rows, length, -1)
    for update in range(updates):
        first = steps * (update % (length // steps))  # after the end, from the start
        yield inputs[:, first : first + steps], following[:, first : first + steps]


def perplexities(networks, sequence):
    """One number for each network."""
    logits, _, _ = run(networks, one_hot[sequence[None, :-1]])
    return np.exp([softmax_cross_entropy(rows[0], sequence[1:]) for rows in logits])


# %% [markdown]
# Three kinds of network with 32 units, five seeds each, 175 updates; at each step the network reads the true character,
# not its own guess, which is called **teacher forcing**. The validation part chooses the number of updates. With
# `carry=True`, the helper `fit` carries the state on from chunk to chunk.

# %%
best, on_test = {}, {}
for name, gate_bias in (("simple", 0), ("GRU", 0), ("LSTM", 1)):
    sizes = len(characters), 32, len(characters)
    networks = start(name.lower(), range(5), *sizes, gate_bias=gate_bias)
    path = fit(networks, chunks(175), "softmax", learning_rate=0.02, carry=True)
    visited = [networks for update, networks in enumerate(path, 1) if update % 25 == 0]
    valid = np.array([perplexities(networks, validation) for networks in visited])
    chosen_moment = valid.mean(axis=1).argmin()
    best[name] = visited[chosen_moment]
    on_test[name] = perplexities(best[name], test)
    ends = f"{on_test[name].min():.1f} to {on_test[name].max():.1f} on the test part"
    print(f"{name:6s}: {ends}, after {25 * (chosen_moment + 1)} updates")

# %%
assert min(on_kind.min() for on_kind in on_test.values()) > counted["4-gram"][1]
assert on_test["simple"].min() > counted["trigram"][1]
for name in ("GRU", "LSTM"):
    assert abs(on_test[name] / counted["trigram"][1] - 1).max() < 0.1

# %% [markdown]
# With all five seeds, GRU and LSTM come within 10 % of the trigram. The simple network is worse, and the 4-gram is
# better than all of them. This is one short text: in seven other divisions we saw the 4-gram win again, but GRU and
# LSTM fall behind the trigram by up to about a fifth. On millions of words, recurrent networks overtook the counts
# (Mikolov et al., 2010).

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Let it write (optional)

# %% [markdown]
# Draw a character from the predicted probabilities, feed it back, and repeat: the network runs freely. The
# **temperature** divides the logits before the softmax: below 1 the network plays safe, above 1 it takes risks. What
# does a trigram write?


# %%
def write_by_trigram(written, length):
    rng, model = np.random.default_rng(0), count_model(3, 0.001)
    for _ in range(length):
        before, last = (characters.index(character) for character in written[-2:])
        written += rng.choice(characters, p=model[before, last])
    return written


def write(networks, written, length, temperature):
    """The first of the networks reads what is written so far, and goes on."""
    rng, state, read = np.random.default_rng(0), None, written
    for _ in range(length):
        inputs = one_hot[[[characters.index(character) for character in read]]]
        logits, state, _ = run(networks, inputs, state)
        chances = np.exp(logits[0, 0, -1] / temperature)
        read = rng.choice(characters, p=chances / chances.sum())
        written += read
    return written


print(f"trigram:\n{write_by_trigram('the ', 150)}")
for temperature in (0.5, 1.0):
    verses = write(best["GRU"], "the ", 150, temperature)
    print(f"\nGRU, temperature {temperature}:\n{verses}")

# %% [markdown]
# Both spell some words and invent others, and neither means anything. Read what such a trigram writes, here with next
# to nothing mixed in, before you admire what a network writes.

# %% [markdown]
# ## Try it
#
# **Vanishing and exploding.** The norm of the Jacobian of five networks: the highest, the middle and the lowest at each
# step, and dotted the norm without $\tanh$. Run the cell below the figure and move a slider.
#
# - `radius = 0.5`, then `0.9`, then `1`, where the dotted line is level. What do the norms do?
# - Find the radius at which the middle norm neither vanishes nor explodes, and go on to 2. What becomes of the spread?
# - `units = 1` and `radius = 1.5`: why does the norm vanish, although the radius is above 1?


# %% alt="Norm of the Jacobian over 100 steps for radius 1.5 and 16 units, on a logarithmic axis. The dotted line without tanh leaves the figure at the top after 57 steps. The norms rise at first, and then spread: at the end the highest is near 1e4, the middle one near 1e3, the lowest near 3." tags=["plot"]
def try_it(radius=1.5, units=16):
    norms = np.sort([jacobian_norms(radius, n, units=units) for n in range(5)], axis=0)
    steps, shown = np.arange(1, 101), {"highest of 5": norms[4], "lowest": norms[0]}
    shown["middle"], dotted = norms[2], {"middle": radius**steps}
    axes = {"y_scale": "log", "y_limits": (1e-10, 1e10), "dashed": dotted}
    plotting.lines(steps, shown, "step t", "norm of the Jacobian", **axes)


try_it()

# %% tags=["remove-cell"]
controls.show(try_it, radius=(0.1, 2, 0.05), units=(1, 16))

# %% [markdown]
# Two more trials, further up. A line with `assert` states what we have found; if your setting gives something else, the
# cell stops: an answer, too.
#
# **Learning to remember.** Go back to "A memory, or a clock?", and give the GRU other biases between 0 and 3. From
# which one on is the lag of 20 learned?
#
# **Another division.** Under "A language model", put `codes = np.roll(codes, -1500)` before `codes` is divided. Which
# assertions still hold?

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, do not modify what
# is passed in, run that cell, then run the check below it. The check answers "not attempted yet", "correct", or "wrong"
# with the smallest input on which yours fails. If you are stuck, open the hint.

# %% [markdown]
# A solution is folded away below each hint.

# %% [markdown]
# ### Exercise 1: How many parameters?
#
# Sequences of `time` steps with `features` numbers each. Return, as a pair, the number of parameters of a recurrent
# layer with `units` hidden units and `blocks` blocks of columns (1 for the simple network, 4 for the LSTM), and that of
# a dense layer with as many units that sees all steps side by side; biases included. A GRU has 3 blocks; count one bias
# vector for each, as for the others. (Keras's GRU has a second one for each block, so `3 * units` parameters more.)


# %%
def parameters(time, features, units, blocks):
    raise NotImplementedError


# %%
check.parameters(parameters)

# %% [markdown]
# <details><summary>Hint</summary>
#
# One block of a recurrent layer has three parts: a kernel for the features, a recurrent kernel for the last state, a
# bias. Write down the shape of each. The dense layer sees `time * features` numbers, has one column and one
# bias for each unit.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 1


# %%
def parameters(time, features, units, blocks):
    ### BEGIN SOLUTION
    recurrent = blocks * units * (features + units + 1)
    return recurrent, units * (time * features + 1)
    ### END SOLUTION


check.parameters(parameters)

# %% [markdown]
# ### Exercise 2: Clip together
#
# Given the gradients of two weights, arrays of any shapes, return both as new arrays, as a pair, multiplied by the same
# factor, so that the length over *all* their entries is at most `limit`. If that length is at most `limit` already,
# return them unchanged. Both gradients may be 0.


# %%
def clip_together(d_kernel, d_recurrent_kernel, limit):
    raise NotImplementedError


# %%
check.clip_together(clip_together)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The length over all entries is the square root of the sum of *all* squares, those of both arrays. Compute one factor
# from it, and multiply both by that factor. If the length is at most `limit`, the factor is 1; asking this first also
# keeps you from dividing by 0.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def clip_together(d_kernel, d_recurrent_kernel, limit):
    ### BEGIN SOLUTION
    length = np.sqrt((d_kernel**2).sum() + (d_recurrent_kernel**2).sum())
    factor = limit / length if length > limit else 1.0
    return factor * d_kernel, factor * d_recurrent_kernel
    ### END SOLUTION


check.clip_together(clip_together)

# %% [markdown]
# ### Exercise 3: The last state that counts
#
# `states` has the shape (batch, time, units), without $h_0$, and sequence $i$ of the batch has `lengths[i]` steps, at
# least one; what follows is filling. Return the state of each sequence after its own last step, shape (batch, units).


# %%
def last_states(states, lengths):
    raise NotImplementedError


# %%
check.last_states(last_states)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The state after step $n$ stands at the index $n - 1$ of the time axis. To take one entry from each row, index with two
# arrays of the same length: the rows, `np.arange(len(states))`, and the steps.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def last_states(states, lengths):
    ### BEGIN SOLUTION
    return states[np.arange(len(states)), lengths - 1]
    ### END SOLUTION


check.last_states(last_states)

# %% [markdown]
# ### Exercise 4: A mask
#
# Return all states of a simple recurrent network, shape (batch, time, units), without $h_0 = 0$. Where `mask`, of shape
# (batch, time), is False, the step is filling: the state is carried over unchanged. The bias has the shape (units,).
# Unlike in exercise 3, filling may stand anywhere.


# %%
def masked_rnn(inputs, mask, kernel, recurrent_kernel, bias):
    raise NotImplementedError


# %%
check.masked_rnn(masked_rnn)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Write the loop of the simple network first. In each step, compute the candidate for the new state for the whole batch,
# and then choose, sequence by sequence: the candidate where `mask[:, t]` is True, else the old state. `np.where`
# chooses; `mask[:, t, None]` has the shape (batch, 1), so that all units of a sequence share one choice.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 4


# %%
def masked_rnn(inputs, mask, kernel, recurrent_kernel, bias):
    ### BEGIN SOLUTION
    state, states = np.zeros((len(inputs), len(bias))), []
    for t in range(inputs.shape[1]):
        candidate = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
        state = np.where(mask[:, t, None], candidate, state)
        states.append(state)
    return np.stack(states, axis=1)
    ### END SOLUTION


check.masked_rnn(masked_rnn)

# %% [markdown]
# ### Exercise 5: Back through a gate
#
# The smallest gated network has one unit and a constant gate $z$, and starts at $h_0 = 0$:
#
# $$h_t = z\,h_{t-1} + (1 - z)\,x_t .$$
#
# Given $e_t$, the upstream gradients of a loss with respect to each $h_t$, and $x_t$, both of shape (time,), return as
# a pair the gradients of the loss with respect to all $x_t$, shape (time,), and with respect to $z$, a number.


# %%
def gate_backward(upstream, inputs, z):
    raise NotImplementedError


# %%
check.gate_backward(gate_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Run forward once and keep every state, $h_0$ too. Then go backward with one number, the gradient of the loss with
# respect to $h_t$: its own $e_t$ plus $z$ times that of $h_{t+1}$. From it come the gradient with respect to $x_t$,
# with the factor $1 - z$, and one term of the sum for $z$, with the factor $h_{t-1} - x_t$.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 5


# %%
def gate_backward(upstream, inputs, z):
    ### BEGIN SOLUTION
    states = [0.0]
    for x in inputs:
        states.append(z * states[-1] + (1 - z) * x)
    d_inputs, d_z, d_state = np.zeros(len(inputs)), 0.0, 0.0
    for t in reversed(range(len(inputs))):
        d_state = d_state + upstream[t]
        d_inputs[t] = (1 - z) * d_state
        d_z = d_z + (states[t] - inputs[t]) * d_state
        d_state = z * d_state
    return d_inputs, d_z
    ### END SOLUTION


check.gate_backward(gate_backward)

# %% [markdown]
# ### Exercise 6: One step of a GRU
#
# Return the next state, shape (batch, units), of Keras's GRU. `x` has the shape (batch, features), `state` (batch,
# units), `kernel` (features, 3 units), `recurrent_kernel` (units, 3 units) and `bias` (2, 3 units): its first row
# belongs to the inputs, its second one to the state. The three blocks of columns are $z$, $r$ and the candidate, in
# this order.


# %%
def gru_step(x, state, kernel, recurrent_kernel, bias):
    raise NotImplementedError


# %%
check.gru_step(gru_step)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Compute the two sums `x @ kernel + bias[0]` and `state @ recurrent_kernel + bias[1]`, and split each into three
# blocks. Add the first two blocks of both for the gates. In the third, the reset gate multiplies the part that comes
# from the state before it is added.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 6


# %%
def gru_step(x, state, kernel, recurrent_kernel, bias):
    ### BEGIN SOLUTION
    x_z, x_r, x_h = np.split(x @ kernel + bias[0], 3, axis=1)
    s_z, s_r, s_h = np.split(state @ recurrent_kernel + bias[1], 3, axis=1)
    z, r = 1 / (1 + np.exp(-x_z - s_z)), 1 / (1 + np.exp(-x_r - s_r))
    candidate = np.tanh(x_h + r * s_h)
    return z * state + (1 - z) * candidate
    ### END SOLUTION


check.gru_step(gru_step)

# %% [markdown]
# ### Exercise 7: Cut the gradient
#
# The smallest recurrent network is $h_t = \tanh(w\,h_{t-1} + x_t)$ with $h_0 = 0$, and its loss is
# $J = \sum_t e_t h_t$. Cut the sequence into chunks of `k` steps (the last one may be shorter). Return the gradient
# with respect to $w$, a number, by truncated back-propagation: the state is carried on from chunk to chunk, but no
# gradient goes back across a cut. `upstream` holds the $e_t$, `inputs` the $x_t$, both of shape (time,).


# %%
def truncated_gradient(upstream, inputs, w, k):
    raise NotImplementedError


# %%
check.truncated_gradient(truncated_gradient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Run forward through the whole sequence and keep all states. Go back as in "Forward, and back through time", with
# numbers instead of matrices. The only new line: where a chunk ends, that is, at a step `t` (from 0) for which `t + 1`
# is a multiple of `k`, nothing comes back from the step after it.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 7


# %%
def truncated_gradient(upstream, inputs, w, k):
    ### BEGIN SOLUTION
    states = [0.0]
    for x in inputs:
        states.append(np.tanh(w * states[-1] + x))
    d_w = d_state = 0.0
    for t in reversed(range(len(inputs))):
        if (t + 1) % k == 0:
            d_state = 0.0  # the next step belongs to another chunk
        delta = (upstream[t] + d_state) * (1 - states[t + 1] ** 2)
        d_w += delta * states[t]
        d_state = delta * w
    return d_w
    ### END SOLUTION


check.truncated_gradient(truncated_gradient)

# %% [markdown]
# ### Exercise 8: Draw a character
#
# Turn `logits`, shape (characters,), into probabilities by a softmax with the given `temperature`, and choose by the
# number `u`, drawn from [0, 1): return the index of the first character at which the probabilities, added up from the
# left, exceed `u`. Logits may be as large as 1000.


# %%
def sample(logits, temperature, u):
    raise NotImplementedError


# %%
check.sample(sample)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Divide the logits by the temperature first, then subtract the largest one, so that nothing overflows. `np.cumsum` adds
# up from the left, and `np.argmax` of an array of True and False is the place of the first True.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 8


# %%
def sample(logits, temperature, u):
    ### BEGIN SOLUTION
    scaled = logits / temperature
    chances = np.exp(scaled - scaled.max())
    added_up = np.cumsum(chances)
    return int(np.argmax(added_up / added_up[-1] > u))  # the last is exactly 1
    ### END SOLUTION


check.sample(sample)

# %% [markdown]
# ## What we have seen
#
# - A recurrent network is one layer, applied at every step with the same weights; its size does not grow with the
#   length.
# - Back-propagation through time is back-propagation with one addition: the gradient of a shared weight is the sum over
#   all steps. Its last term alone is not that gradient.
# - The gradient over many steps is a product of Jacobians. It vanishes when the recurrent matrix shortens vectors, and
#   can explode when it lengthens them. Clipping helps against exploding; an orthogonal start and open gates help
#   against vanishing.
# - Test a memory at other lags, and with the cue at other places, than those it was trained with: a network that is
#   right at one lag may only count, or listen only at the beginning. With lags drawn at random, every kind of cell
#   learned to keep a bit; to pick one number among others and keep it, the GRU learned faster.
# - Pass the state on if a sequence comes in pieces, pass a mask if lengths differ, and use a bidirectional layer only
#   where the whole sequence is known.
# - Compare a network with something simple, done well: on sunspots a linear autoregression is as good as far as the
#   data can tell; on the poems, well-counted runs of four characters beat every network.
#
# ## Where it stands today
#
# Most large language models and translators no longer use recurrent layers: the Transformer (Vaswani et al., 2017)
# connects every step to every other by **attention**, so that no signal has to survive a long chain and all steps are
# computed at once. Its cost grows with the square of the length, and it keeps all that was read, while a recurrent
# network needs the same time and memory for each further step. So LSTM and GRU live on where data stream in and devices
# are small, and gated recurrences that can be computed in parallel are coming back for long sequences (Gu & Dao, 2023).
#
# ## References
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Bengio, Y., Simard, P., & Frasconi, P. (1994). Learning long-term dependencies with gradient descent is difficult.
#   *IEEE Transactions on Neural Networks* 5(2), 157–166. [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181)
# - Cho, K., et al. (2014). Learning phrase representations using RNN encoder–decoder for statistical machine
#   translation. *EMNLP*, 1724–1734. [arXiv:1406.1078](https://arxiv.org/abs/1406.1078)
# - Elman, J. L. (1990). Finding structure in time. *Cognitive Science* 14(2), 179–211.
#   [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1)
# - Gers, F. A., Schmidhuber, J., & Cummins, F. (2000). Learning to forget: Continual prediction with LSTM. *Neural
#   Computation* 12(10), 2451–2471. [doi:10.1162/089976600300015015](https://doi.org/10.1162/089976600300015015)
# - Gu, A., & Dao, T. (2023). Mamba: Linear-time sequence modeling with selective state spaces.
#   [arXiv:2312.00752](https://arxiv.org/abs/2312.00752)
# - Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. *Neural Computation* 9(8), 1735–1780.
#   [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735)
# - Jozefowicz, R., Zaremba, W., & Sutskever, I. (2015). An empirical exploration of recurrent network architectures.
#   *ICML*, PMLR 37, 2342–2350.
# - Mikolov, T., Karafiát, M., Burget, L., Černocký, J., & Khudanpur, S. (2010). Recurrent neural network based language
#   model. *Interspeech*, 1045–1048. [doi:10.21437/Interspeech.2010-343](https://doi.org/10.21437/Interspeech.2010-343)
# - Pascanu, R., Mikolov, T., & Bengio, Y. (2013). On the difficulty of training recurrent neural networks. *ICML*,
#   PMLR 28(3), 1310–1318. [arXiv:1211.5063](https://arxiv.org/abs/1211.5063)
# - Socher, R., Lin, C. C.-Y., Ng, A. Y., & Manning, C. D. (2011). Parsing natural scenes and natural language with
#   recursive neural networks. *ICML*, 129–136.
# - Vaswani, A., et al. (2017). Attention is all you need. *NIPS* 30, 5998–6008.
#   [arXiv:1706.03762](https://arxiv.org/abs/1706.03762)
# - Werbos, P. J. (1990). Backpropagation through time: What it does and how to do it. *Proceedings of the IEEE*
#   78(10), 1550–1560. [doi:10.1109/5.58337](https://doi.org/10.1109/5.58337)
# - Williams, R. J., & Peng, J. (1990). An efficient gradient-based algorithm for on-line training of recurrent
#   network trajectories. *Neural Computation* 2(4), 490–501.
#   [doi:10.1162/neco.1990.2.4.490](https://doi.org/10.1162/neco.1990.2.4.490)
# - Witten, I. H., & Bell, T. C. (1991). The zero-frequency problem: Estimating the probabilities of novel events in
#   adaptive text compression. *IEEE Transactions on Information Theory* 37(4), 1085–1094.
#   [doi:10.1109/18.87000](https://doi.org/10.1109/18.87000)
# - Yule, G. U. (1927). On a method of investigating periodicities in disturbed series, with special reference to
#   Wolfer's sunspot numbers. *Philosophical Transactions of the Royal Society A* 226, 267–298.
#   [doi:10.1098/rsta.1927.0007](https://doi.org/10.1098/rsta.1927.0007)
