# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Fit a line with gradient descent
#
# Gradient descent is how neural networks learn: look at the slope of the loss, take a step downhill, repeat. In this
# lesson you take those steps yourself, on problems so small that you can predict every one of them with a pencil. When
# something goes wrong in a large network later, you will know where to look.
#
# **What you'll do**
#
# - find out why a perfect optimiser answers 3.75 where everybody expects 3;
# - derive the update rule, and the largest learning rate that still converges;
# - write gradient descent, mini-batches, momentum and Adam in a few lines each, and prove them right;
# - predict the progress of a disease from ten measurements, and compare with the exact solution.
#
# **What you'll learn**
#
# - what one step does to the loss and what it does not promise;
# - why some problems are slow, and what standardising the inputs does about it;
# - how TensorFlow 2 computes gradients and applies them, and the four ways in which it silently returns none.
#
# **What you'll need**
#
# - Python with NumPy arrays; derivatives of functions of one variable; the product of a matrix and a vector;
# - about 75 minutes.
#
# A published introduction to this subject makes the mistakes that this lesson takes apart. Marks such as E42 are their
# numbers in [ERRATA.md](../ERRATA.md), where every one of them is on record.

# %%
import numpy as np

import helpers.gradient_descent as optimisers
from helpers import datasets, plotting, startup
from helpers.checks import gradient_descent as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## What goes wrong
#
# ### The slope that comes out as 3.75
#
# Take 100 points with $y = 3x + \varepsilon$, where $x$ and the noise $\varepsilon$ are both spread evenly over
# the interval from 0 to 1. Fit $y = \theta x$ by least squares. The slope should come out near 3.

# %%
rng = np.random.default_rng(0)
x = rng.random((2000, 100))  # 2000 data sets of 100 points each
y = 3 * x + rng.random((2000, 100))

slope = (x * y).sum(axis=1) / (x * x).sum(axis=1)  # the exact least-squares solution, no iteration
print(f"slope: average {slope.mean():.2f}, from {slope.min():.2f} to {slope.max():.2f}")

# %% [markdown]
# No iteration is involved, so no optimiser is to blame, and not one of 2000 data sets comes near 3. Now allow the line an
# intercept, $y = \theta_1 x + \theta_0$, and fit again.

# %%
x_centred = x - x.mean(axis=1, keepdims=True)
slope_of_line = (x_centred * y).sum(axis=1) / (x_centred**2).sum(axis=1)
intercept = y.mean(axis=1) - slope_of_line * x.mean(axis=1)
print(f"with an intercept: slope {slope_of_line.mean():.2f}, intercept {intercept.mean():.2f} on average")

# %% alt="Two histograms of the fitted slope over 2000 data sets: without an intercept a narrow one around 15/4, with an intercept a wider one around 3." tags=["plot"]
plotting.histograms({"no intercept": slope, "with intercept": slope_of_line}, {"3": 3, "15/4": 15 / 4}, "fitted slope")

# %% [markdown]
# The noise has the mean ½, and a line through the origin has no other way to lift itself by ½ than to turn steeper. The
# model is wrong, and the optimiser finds the best wrong answer (E42). Why exactly 15/4? The mathematics below answers
# that. A program that prints one fitted number, without a seed, a loss or a reference solution beside it, gives its
# reader no chance to notice (E39), and neither does an explanation that repeats the names of its lines (E40).
#
# ### "Update the parameters so as to reduce the gradient"
#
# So says the article that this lesson corrects (E12). Take it literally. Let the loss be
# $J(\theta) = 1 - e^{-\theta^2/2}$, a single smooth dip with its minimum at 0, and start on its flat rim at
# $\theta = 3$.


# %%
def dip(theta):
    return 1 - np.exp(-(theta**2) / 2)


def dip_slope(theta):
    return theta * np.exp(-(theta**2) / 2)


rim_path = [3.0]
for _ in range(45):
    rim_path.append(rim_path[-1] - 0.5 * dip_slope(rim_path[-1]))  # gradient descent with learning rate 0.5
rim_path = np.array(rim_path)

# %% alt="Over 45 steps the loss falls steadily from 0.99 to 0, while the size of the gradient first rises from 0.03 to 0.6 and falls only at the end." tags=["plot"]
plotting.lines(
    np.arange(46), {"loss": dip(rim_path), "size of the gradient": abs(dip_slope(rim_path))}, "step", "value"
)

# %%
gradient_sizes = abs(dip_slope(rim_path))
rises = np.flatnonzero(np.diff(gradient_sizes) > 0)
print(f"the loss falls in every step: {np.all(np.diff(dip(rim_path)) < 0)}")
print(f"the gradient grows in the first {len(rises)} steps, from {gradient_sizes[0]:.3f} to {gradient_sizes.max():.3f}")

# %% [markdown]
# Descent lowers the *loss*. The gradient grows 18-fold on the way, because the slope is steeper halfway down than on the
# rim. What if you do reduce the gradient? Descend on $\tfrac12 J'(\theta)^2$ instead, whose derivative is
# $J'(\theta)\,J''(\theta)$. Here with two valleys and a hill between them, $J(\theta) = (\theta^2 - 1)^2$, from
# $\theta = 0.3$.


# %%
def two_valleys(theta):
    return (theta**2 - 1) ** 2


def valley_slope(theta):
    return 4 * theta * (theta**2 - 1)


down, flat = [0.3], [0.3]
for _ in range(400):
    down.append(down[-1] - 0.01 * valley_slope(down[-1]))
    flat.append(flat[-1] - 0.01 * valley_slope(flat[-1]) * (12 * flat[-1] ** 2 - 4))
for name, end in (("reduce the loss", down[-1]), ("reduce the gradient", flat[-1])):
    print(f"{name}: theta = {end:.3f}, J = {two_valleys(end):.3f}")

# %% alt="A curve with two valleys and a hill between them. From the same point on the hillside one path runs down into the right valley, the other climbs to the top of the hill." tags=["plot"]
plotting.paths_on_curve(
    two_valleys, (-1.5, 1.5), {"reduce the loss": down[::4], "reduce the gradient": flat[::4]}, "theta", "loss J"
)

# %% [markdown]
# Reducing the gradient climbs to the *top* of the hill: the gradient is zero there too. So the sentence should read:
# **update the parameters along the negative gradient, so as to reduce the loss**. And it is the loss that is
# differentiated with respect to the parameters, not the other way round (E13).

# %% [markdown]
# ## The idea
#
# You stand on a hillside in fog and want to go down. You cannot see the valley, but you feel the slope under your
# feet. So you step against the slope, feel again, and step again. Where the ground is steep, you take long steps; where
# it becomes flat, short ones.

# %%
inputs, targets = x[0][:, None], y[0]  # the first data set: 100 rows, 1 column


def slope_loss(theta):
    """Mean squared error of the line through the origin, for each slope in an array."""
    return ((targets - np.multiply.outer(theta, x[0])) ** 2).mean(axis=-1)


curvature = 2 * (x[0] ** 2).mean()
walk = [1.0]
for _ in range(8):
    walk.append(walk[-1] - 0.6 * curvature * (walk[-1] - slope[0]))  # learning rate 0.6

# %% alt="A bowl-shaped curve of the loss over the slope. A path of points runs down its left side with steps that become shorter towards the bottom near 3.7." tags=["plot"]
plotting.paths_on_curve(slope_loss, (0.5, 6.5), {"gradient descent": walk}, "slope theta", "loss J")

# %% [markdown]
# Two questions decide everything. How long may a step be? And how many does it take? Both have exact answers.

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$ | inputs, one example a row | $N \times D$ | `inputs` |
# | $y$ | targets | $N$ | `targets` |
# | $\theta$ | parameters | $D$ | `theta` |
# | $J(\theta)$ | loss, one number | 1 | `loss` |
# | $\nabla J(\theta)$ | gradient: the derivatives of $J$ with respect to each parameter | $D$ | `gradient` |
# | $\alpha$ | learning rate, larger than 0 | 1 | `learning_rate` |
# | $t$ | number of the step, 0, 1, 2, … | 1 | index into `path` |
# | $H$ | Hessian: the second derivatives of $J$ | $D \times D$ | `hessian` |
# | $\lambda_i$, $v_i$ | eigenvalues and eigenvectors of $H$ | $1$, $D$ | `eigenvalues`, `eigenvectors` |
#
# ### Why the negative gradient
#
# Move a little, from $\theta$ to $\theta + d$. To first order, the loss changes by the slope times the distance, summed
# over the parameters:
#
# $$J(\theta + d) \approx J(\theta) + \nabla J(\theta)^\top d .$$
#
# Among all moves $d$ of one length, which lowers the loss most? A scalar product is
# $\lVert\nabla J\rVert\,\lVert d\rVert \cos\varphi$, with $\varphi$ the angle between the two. It is smallest for
# $\cos\varphi = -1$, that is, for $d$ pointing exactly against the gradient. Take the length in proportion to the slope,
# $d = -\alpha\nabla J(\theta)$, and you have gradient descent (Cauchy, 1847):
#
# $$\theta_{t+1} = \theta_t - \alpha\,\nabla J(\theta_t) .$$
#
# The rule is often printed without two things that it needs (E15): $t$ is the number of the step, not a time; and
# $\alpha$ is not free.
#
# ### Which learning rates converge
#
# The first-order picture holds for small steps only. Suppose that the curvature of $J$ is nowhere larger than $L$.
# Then the second-order term is at most $\tfrac{L}{2}\lVert d\rVert^2$, and with $d = -\alpha\nabla J$
#
# $$J(\theta_{t+1}) \le J(\theta_t) - \alpha\left(1 - \frac{\alpha L}{2}\right)\lVert\nabla J(\theta_t)\rVert^2 .$$
#
# The bracket is positive for $0 < \alpha < 2/L$. In this range **every step lowers the loss**, unless the gradient is
# zero already (Nesterov, 2018, section 1.2.3). Nothing here says that the point reached is the lowest of all.
#
# ### The linear model: everything is exact
#
# For the mean squared error of a linear model,
#
# $$J(\theta) = \frac1N \lVert y - X\theta\rVert^2, \qquad
# \nabla J(\theta) = -\frac2N X^\top (y - X\theta), \qquad
# H = \frac2N X^\top X .$$
#
# In the gradient, $X^\top$ has the size $D \times N$ and the residual $y - X\theta$ has the size $N$, so the result has
# $D$ entries, one for each parameter. The Hessian does not depend on $\theta$: the loss is a parabola in every
# direction. Call its lowest point $\theta^*$. There the gradient is zero, and elsewhere it is
# $\nabla J(\theta) = H(\theta - \theta^*)$. Insert that into the rule and subtract $\theta^*$ from both sides:
#
# $$\theta_{t+1} - \theta^* = (I - \alpha H)\,(\theta_t - \theta^*) .$$
#
# Split the error along the eigenvectors $v_i$ of $H$. Along each of them, one step multiplies the error by
#
# $$1 - \alpha\lambda_i .$$
#
# | learning rate | factor | what you see |
# |---|---|---|
# | $\alpha\lambda_i$ close to 0 | a little below 1 | slow |
# | $\alpha\lambda_i = 1$ | 0 | done in one step |
# | $1 < \alpha\lambda_i < 2$ | between -1 and 0 | oscillates, converges |
# | $\alpha\lambda_i > 2$ | below -1 | oscillates, diverges |
#
# One rate must serve all directions. The steepest direction forbids anything above $2/\lambda_{\max}$, and the flattest
# direction then decides how long you wait. What counts is the **condition number**
# $\kappa = \lambda_{\max}/\lambda_{\min}$: the best possible rate is $2/(\lambda_{\max}+\lambda_{\min})$, and it shrinks
# the error by no more than $(\kappa-1)/(\kappa+1)$ per step.
#
# ### Why exactly 15/4
#
# For one parameter and very many points, $\nabla J = 0$ gives $\theta^* = E[xy]/E[x^2]$. Insert $y = 3x + \varepsilon$;
# the noise does not depend on $x$, so that $E[x\varepsilon] = E[x]\,E[\varepsilon]$:
#
# $$\theta^* = \frac{E[xy]}{E[x^2]} = 3 + \frac{E[x]\,E[\varepsilon]}{E[x^2]}
# = 3 + \frac{\tfrac12\cdot\tfrac12}{\tfrac13} = \frac{15}{4} .$$
#
# With noise of mean zero the second term would vanish. With an intercept, the intercept absorbs the mean of the noise.

# %% [markdown]
# ## From scratch
#
# The loss and its gradient, as in the formulas:


# %%
def mean_squared_error(theta, inputs, targets):
    return ((targets - inputs @ theta) ** 2).mean()


def mean_squared_error_gradient(theta, inputs, targets):
    return -2 / len(targets) * inputs.T @ (targets - inputs @ theta)


# %% [markdown]
# And the whole algorithm. It keeps every point that it visits, so that you can look at the path afterwards.


# %%
def gradient_descent(gradient, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


# %% [markdown]
# ### Five learning rates, predicted and measured
#
# Back to the line through the origin. It has one parameter, so $H$ is a single number, and each rate $\alpha$ comes with
# a prediction: after $t$ steps the error is $\lvert 1-\alpha H\rvert^t$ times the first one.


# %%
def slope_gradient(theta):
    return mean_squared_error_gradient(theta, inputs, targets)


best_slope = slope[0]
rates = (0.01, 0.5, 1.5, 2.4, 2.7)
steps = np.arange(61)
measured = {
    f"rate {rate}": abs(gradient_descent(slope_gradient, np.array([0.5]), rate, 60)[:, 0] - best_slope)
    for rate in rates
}
predicted = {f"rate {rate}": abs(1 - rate * curvature) ** steps * abs(0.5 - best_slope) for rate in rates}
print(
    f"curvature H = {curvature:.4f}: converges below 2/H = {2 / curvature:.3f}, one step at 1/H = {1 / curvature:.3f}"
)

# %% alt="The error over 60 steps on a logarithmic axis for five learning rates. Each measured line lies on its dotted prediction: rate 0.01 hardly falls, 0.5 falls to 1e-12, 1.5 falls to 1e-12 within 20 steps, 2.4 falls slowly, 2.7 rises." tags=["plot"]
plotting.lines(
    steps, measured, "step", "distance from the best slope", dashed=predicted, y_scale="log", y_limits=(1e-12, 1e4)
)

# %% [markdown]
# The dotted predictions lie on the measured lines. The rates 1.5 and 2.4 jump over the minimum in each step and still
# converge, because they are below $2/H$; 2.7 is above, and diverges. A rate of 0.01, taken because everybody takes it, is
# 127 times smaller than $1/H$ and costs accordingly (E43):

# %%
for rate in (0.01, 1.5, 1 / curvature):
    error = abs(gradient_descent(slope_gradient, np.array([0.5]), rate, 2500)[:, 0] - best_slope)
    print(f"rate {rate:.4g}: steps to an error below 1e-6: {np.argmax(error < 1e-6)}")

# %% [markdown]
# ### The intercept repairs the slope and spoils the condition
#
# Give the model its intercept: a second column of ones.

# %%
design = np.column_stack([x[0], np.ones(100)])  # columns: x, 1; parameters: slope, intercept
exact = np.linalg.lstsq(design, targets)[0]


def line_gradient(theta):
    return mean_squared_error_gradient(theta, design, targets)


after_1000 = gradient_descent(line_gradient, np.zeros(2), 0.01, 1000)[-1]
print(f"exact:                    slope {exact[0]:.3f}, intercept {exact[1]:.3f}")
print(f"after 1000 steps of 0.01: slope {after_1000[0]:.3f}, intercept {after_1000[1]:.3f}")

# %% [markdown]
# A thousand steps, and the slope is not even close (E44). The eigenvalues say why.

# %%
hessian = 2 / 100 * design.T @ design
eigenvalues, eigenvectors = np.linalg.eigh(hessian)
print(
    f"eigenvalues {eigenvalues[0]:.3f} and {eigenvalues[1]:.3f}, condition number {eigenvalues[1] / eigenvalues[0]:.1f}"
)
print(f"still left of the slow part after 1000 steps of 0.01: {(1 - 0.01 * eigenvalues[0]) ** 1000:.0%}")
print(f"largest rate that converges: {2 / eigenvalues[1]:.3f}")

# %% [markdown]
# Split the error along the two eigenvectors, and each part follows its own predicted line. Here with a rate of 0.7.

# %%
path = gradient_descent(line_gradient, np.zeros(2), 0.7, 60)
parts = abs((path - exact) @ eigenvectors)  # one column for each eigenvector
names = [f"direction of eigenvalue {value:.2f}" for value in eigenvalues]
factors = abs(1 - 0.7 * eigenvalues)
predicted_parts = [parts[0, i] * factors[i] ** np.arange(61) for i in (0, 1)]

# %% alt="The error along the two eigenvectors over 60 steps on a logarithmic axis: along the steep direction it falls to 1e-4, along the flat one only to 5e-3. Both lie on their dotted predictions." tags=["plot"]
plotting.lines(
    np.arange(61), dict(zip(names, parts.T)), "step", "error along the direction",
    dashed=dict(zip(names, predicted_parts)), y_scale="log",
)  # fmt: skip

# %% [markdown]
# The cure is not patience but a better-shaped bowl. **Standardise** the input: subtract its mean and divide by its
# standard deviation. Then the two columns of the design are orthogonal and of equal length, $H = 2I$, and the condition
# number is 1.

# %%
standardised = np.column_stack([(x[0] - x[0].mean()) / x[0].std(), np.ones(100)])
hessian_standardised = 2 / 100 * standardised.T @ standardised
exact_standardised = np.linalg.lstsq(standardised, targets)[0]


def standardised_gradient(theta):
    return mean_squared_error_gradient(theta, standardised, targets)


one_step = gradient_descent(standardised_gradient, np.zeros(2), 0.5, 1)[-1]
print(abs(hessian_standardised.round(3)))
print(f"error after a single step of 0.5 < 1e-14: {abs(one_step - exact_standardised).max() < 1e-14}")


# %% alt="Two panels of contours. Left, raw input: a long narrow valley, and a path that jumps across it and then creeps along its floor. Right, standardised input: round contours and a path straight to the centre." tags=["plot"]
def bowl(hessian, lowest):
    return lambda theta: np.einsum("...i,ij,...j", theta - lowest, hessian, theta - lowest)


plotting.paths_on_contours(
    {
        "raw, rate 0.7": (bowl(hessian, exact), path),
        "standardised, rate 0.3": (
            bowl(hessian_standardised, exact_standardised),
            gradient_descent(standardised_gradient, np.zeros(2), 0.3, 60),
        ),
    },
    "slope", "intercept",
)  # fmt: skip

# %% [markdown]
# On the left the steps jump from side to side, because the steep direction sets the pace, while progress along the
# valley floor is slow. On the right the gradient points straight at the minimum.
#
# ### When to stop
#
# "Repeat until convergence" leaves out the criterion (E14), and a fixed number of steps tests nothing. Stop when the
# gradient is small enough or the budget is spent, and report which of the two it was.


# %%
def descend_until(gradient, start, learning_rate, tolerance, budget):
    theta = start
    for step in range(budget):
        slope = gradient(theta)
        if np.linalg.norm(slope) < tolerance:
            return theta, f"converged after {step} steps"
        theta = theta - learning_rate * slope
    return theta, f"stopped: budget of {budget} steps spent"


for rate, budget in ((0.01, 1000), (0.01, 50_000), (0.7, 1000)):
    theta, reason = descend_until(line_gradient, np.zeros(2), rate, 1e-8, budget)
    print(f"rate {rate}: {reason}, slope {theta[0]:.3f}")

# %% [markdown]
# ### What convergence does not promise
#
# The gradient is zero at every minimum, and at other places too. Tilt the two valleys, so that the left one is deeper,
# $J(\theta) = (\theta^2-1)^2 + 0.3\,\theta$, and start from three points.


# %%
def tilted_valleys(theta):
    return (theta**2 - 1) ** 2 + 0.3 * theta


def tilted_slope(theta):
    return 4 * theta * (theta**2 - 1) + 0.3


valley_paths = {f"from {start}": gradient_descent(tilted_slope, start, 0.03, 60) for start in (-1.45, -0.2, 0.5)}
for name, visited in valley_paths.items():
    print(f"{name}: ends at theta = {visited[-1]:.3f} with J = {tilted_valleys(visited[-1]):.3f}")

# %% alt="A curve with a deep left and a shallow right valley. Two paths end in the deep valley; the one that starts at 0.5 ends in the shallow one." tags=["plot"]
plotting.paths_on_curve(tilted_valleys, (-1.5, 1.45), valley_paths, "theta", "loss J")

# %% [markdown]
# The start decides which valley you reach. And on a saddle, $J = \theta_1^2 - \theta_2^2$, a start exactly on the ridge
# stops where the loss is neither lowest nor even a local minimum. The smallest disturbance leads away.


# %%
def saddle_gradient(theta):
    return np.array([2 * theta[0], -2 * theta[1]])


for start in ([1.0, 0.0], [1.0, 1e-8]):
    end = gradient_descent(saddle_gradient, np.array(start), 0.1, 100)[-1]
    print(f"start {start}: ends at ({end[0]:.1e}, {end[1]:.1e})")

# %% [markdown]
# ### Mini-batches
#
# With a million examples, one exact gradient is expensive. Take the gradient of a small random batch instead. It is
# wrong, but right on average: the mean over batches that share out all examples evenly *is* the full gradient.

# %%
rng = np.random.default_rng(1)
shuffled = rng.permutation(100).reshape(10, 10)  # ten batches of ten examples
theta = np.array([1.0, 1.0])
batch_gradients = [mean_squared_error_gradient(theta, design[batch], targets[batch]) for batch in shuffled]
difference = abs(np.mean(batch_gradients, axis=0) - line_gradient(theta)).max()
lowest, highest = np.min(batch_gradients, axis=0)[0], np.max(batch_gradients, axis=0)[0]
print(f"slope's entry: {lowest:.2f} to {highest:.2f} from batch to batch, {line_gradient(theta)[0]:.2f} for all data")
print(f"mean of the batches - all data < 1e-14: {difference < 1e-14}")


# %%
def minibatch_descent(start, learning_rate, epochs, batch_size, rng):
    theta, path = start, [start]
    for _ in range(epochs):
        for batch in rng.permutation(100).reshape(-1, batch_size):
            theta = theta - learning_rate * mean_squared_error_gradient(theta, standardised[batch], targets[batch])
        path.append(theta)
    return np.array(path)


def excess(path):
    """Loss above the lowest possible one, at each point of a path on the standardised data."""
    return bowl(hessian_standardised / 2, exact_standardised)(path)


# %% alt="Loss above the minimum over 40 passes on a logarithmic axis. The full gradient with rate 0.02 falls in a straight line and is at 0.2 in the end. Batches of ten with the same rate fall ten times as fast and then hover around 1e-6; with rate 0.1 they fall faster still and hover around 1e-4." tags=["plot"]
start, rng = np.zeros(2), np.random.default_rng(2)
plotting.lines(
    np.arange(41),
    {
        "all 100, rate 0.02": excess(gradient_descent(standardised_gradient, start, 0.02, 40)),
        "batches of 10, rate 0.1": excess(minibatch_descent(start, 0.1, 40, 10, rng)),
        "batches of 10, rate 0.02": excess(minibatch_descent(start, 0.02, 40, 10, rng)),
    },
    "passes through the data", "loss above the minimum", y_scale="log",
)  # fmt: skip

# %% [markdown]
# One pass now takes ten steps instead of one, so at the same rate the loss falls ten times as fast. Then it hovers: near
# the minimum the batches disagree about the direction, and the noise of a step is proportional to the rate. A smaller
# rate hovers lower. That is why schedules reduce the learning rate towards the end of a training (Bottou, Curtis &
# Nocedal, 2018).
#
# ### Momentum and Adam
#
# **Momentum** keeps a velocity. Steps that agree add up, steps that go back and forth cancel (Polyak, 1964):
#
# $$m_{t+1} = \beta\,m_t - \alpha\,\nabla J(\theta_t), \qquad \theta_{t+1} = \theta_t + m_{t+1} .$$


# %%
def momentum(gradient, start, learning_rate, steps, beta=0.9):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = beta * velocity - learning_rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


# %% [markdown]
# **Adam** keeps two running averages for each parameter: $m$ of the slope and $v$ of its square. Their quotient
# $m/\sqrt v$ is about $\pm1$ where the slope keeps its sign, however small that slope is, so flat and steep directions
# advance at the same pace. Both averages start at 0 and are too small at first; dividing by $1-\beta^t$ corrects that
# (Kingma & Ba, 2015):
#
# $$\theta_{t} = \theta_{t-1} - \alpha\,\frac{\sqrt{1-\beta_2^{t}}}{1-\beta_1^{t}}\;\frac{m_{t}}{\sqrt{v_{t}}+\epsilon} .$$


# %%
def adam(gradient, start, learning_rate, steps, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    path, mean, square = [start], np.zeros_like(start), np.zeros_like(start)
    for t in range(1, steps + 1):
        slope = gradient(path[-1])
        mean = beta_1 * mean + (1 - beta_1) * slope
        square = beta_2 * square + (1 - beta_2) * slope**2
        corrected = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        path.append(path[-1] - corrected * mean / (np.sqrt(square) + epsilon))
    return np.array(path)


# %% [markdown]
# All three on the raw, ill-conditioned line, from the same start. The dotted line is what the theory promises for plain
# descent at its best rate, $(\kappa-1)/(\kappa+1)$ per step.

# %%
three = {
    "plain, rate 0.7": gradient_descent(line_gradient, np.zeros(2), 0.7, 120),
    "momentum, rate 0.2": momentum(line_gradient, np.zeros(2), 0.2, 120, beta=0.7),
    "Adam, rate 0.2": adam(line_gradient, np.zeros(2), 0.2, 120),
}
distance = {name: np.linalg.norm(visited - exact, axis=1) for name, visited in three.items()}
limit = distance["plain, rate 0.7"][0] * ((eigenvalues[1] - eigenvalues[0]) / eigenvalues.sum()) ** np.arange(121)

# %% alt="Distance from the exact solution over 120 steps on a logarithmic axis: momentum falls fastest, to 1e-8; plain descent follows the straight dotted line of the theory to 1e-5; Adam is at 1e-2." tags=["plot"]
plotting.lines(
    np.arange(121), distance, "step", "distance from the solution", dashed={"plain, rate 0.7": limit}, y_scale="log"
)

# %% [markdown]
# Momentum wins here, and Adam is the slowest. Do not conclude more than that: this is one problem with two parameters and
# no noise, and each optimiser has settings to tune. Adam's strength is that one setting is tolerable for many problems.

# %% [markdown]
# ## Is it right?
#
# Three independent judges: finite differences, TensorFlow's automatic derivatives, and Keras's optimisers. First the
# gradient. `gradient_error` compares it with $\big(J(\theta+h)-J(\theta-h)\big)/2h$, one parameter at a time, and
# returns the largest relative difference.

# %%
theta = np.array([1.0, -2.0])
error = gradient_error(
    lambda theta: mean_squared_error(theta, design, targets),
    lambda theta: mean_squared_error_gradient(theta, design, targets),
    theta,
)
print(f"finite differences: relative difference < 1e-8: {error < 1e-8}")

# %%
variable = tf.Variable(theta)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((targets - tf.linalg.matvec(design, variable)) ** 2)
from_tape = tape.gradient(loss, variable).numpy()
print(f"GradientTape: difference < 1e-12: {abs(from_tape - line_gradient(theta)).max() < 1e-12}")

# %% [markdown]
# Would these judges notice a mistake? Plant one: forget the factor 2.

# %%
error = gradient_error(
    lambda theta: mean_squared_error(theta, design, targets),
    lambda theta: mean_squared_error_gradient(theta, design, targets) / 2,
    theta,
)
print(f"relative error of the wrong gradient: {error:.2f}")

# %% [markdown]
# Then the optimisers. For each: the few lines above, the version in `helpers` (which checks its arguments and keeps the
# dtype), and Keras, 20 steps from the same point.


# %%
def keras_path(optimizer, steps):
    variable = tf.Variable(np.zeros(2))
    path = [variable.numpy()]
    for _ in range(steps):
        optimizer.apply_gradients([(tf.constant(line_gradient(variable.numpy())), variable)])
        path.append(variable.numpy())
    return np.array(path)


keras_optimizers = tf.keras.optimizers
cases = {
    "plain": (gradient_descent, optimisers.gradient_descent, keras_optimizers.SGD(0.25)),
    "momentum": (momentum, optimisers.momentum, keras_optimizers.SGD(0.25, momentum=0.9)),
    "Adam": (adam, optimisers.adam, keras_optimizers.Adam(0.25)),
}

# %%
for name, (ours, helper, optimizer) in cases.items():
    keras = keras_path(optimizer, 20)
    differences = [abs(f(line_gradient, np.zeros(2), 0.25, 20) - keras).max() for f in (ours, helper)]
    print(f"{name}: ours - Keras < 1e-4: {differences[0] < 1e-4}, helper - Keras < 1e-6: {differences[1] < 1e-6}")

# %% [markdown]
# Why 1e-4 in one place and 1e-6 in the other? Keras rounds Adam's $\beta_2$ to single precision before it computes
# $\beta_2^t$. The helper copies that, our few lines do not.
#
# `SGD` stands for stochastic gradient descent, but the class knows nothing of chance: on the gradient of the whole data
# set it is plain gradient descent. The chance is in how *you* choose the batches.

# %% [markdown]
# ## In TensorFlow 2
#
# ### What became of the old calls
#
# Many programs on the web, among them the ones that this lesson corrects, are written for TensorFlow 1 and stop at their
# first line that matters (E31). What you find in them, and what it is today:
#
# | you find | what happens in TensorFlow 2 | what you write |
# |---|---|---|
# | `theta = np.random.rand(1, 1)` | cannot be differentiated or updated (E41) | `theta = tf.Variable(...)` |
# | `loss = ...` once, before the loop | a finished number, no formula (E36) | compute the loss in each step, inside a tape |
# | `tf.gradients(loss, theta)` | `RuntimeError` (E32) | `tape.gradient(loss, theta)` |
# | a gradient that no line reads again | it is computed for nothing (E33) | pass it to `apply_gradients` |
# | `tf.train.GradientDescentOptimizer` | `AttributeError` (E34) | `tf.keras.optimizers.SGD` |
# | `optimizer.minimize(loss)` | `AttributeError` (E35) | `optimizer.apply_gradients(...)` |
# | `_, theta = optimizer.minimize(...)` | there is no pair to unpack (E37) | read the variable, it has changed in place |
# | `minimize` inside the loop | in TensorFlow 1: more operations each round, none is run (E38) | one `tf.function`, called in a loop |
#
# Do not take a table's word for it:


# %%
def complain(action):
    try:
        action()
    except (AttributeError, RuntimeError, TypeError, tf.errors.InvalidArgumentError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0][:90]}")


weight = tf.Variable([[0.5]])
complain(lambda: tf.gradients(weight * weight, weight))
complain(lambda: tf.train.GradientDescentOptimizer(learning_rate=0.01))
complain(lambda: tf.keras.optimizers.SGD(0.01).minimize(weight * weight, [weight]))

array = np.array([[0.5]])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(array))
complain(lambda: tape.gradient(loss, array))

# %% [markdown]
# Nor did the programs work in their own day. TensorFlow 2 still knows the old rules, and under them `minimize` in a loop
# adds operations to the graph in each round. Nothing runs them, so the weight stays where it was; and what `minimize`
# returns is one operation, not a pair.

# %%
with tf.Graph().as_default() as graph:  # the rules of TensorFlow 1 inside this block
    old_weight = tf.compat.v1.get_variable("weight", initializer=0.5)
    old_optimizer = tf.compat.v1.train.GradientDescentOptimizer(learning_rate=0.01)
    sizes = [len(graph.get_operations())]
    for _ in range(3):
        operation = old_optimizer.minimize(old_weight**2)
        sizes.append(len(graph.get_operations()))

print(f"operations in the graph before and after each of three rounds: {sizes}")
complain(lambda: iter(operation))

# %% [markdown]
# ### The training loop by hand
#
# A **tape** records what TensorFlow (Abadi et al., 2016) computes while it is open, and differentiates it afterwards. The
# gradient and the update are two separate calls. `tf.function` turns the step into a compiled graph on its first call; the loop then runs many
# times faster.

# %%
inputs_tf, targets_tf = tf.constant(standardised), tf.constant(targets)
theta_tf = tf.Variable(np.zeros(2))
optimizer = tf.keras.optimizers.SGD(learning_rate=0.3)


@tf.function
def train_step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((targets_tf - tf.linalg.matvec(inputs_tf, theta_tf)) ** 2)
    optimizer.apply_gradients([(tape.gradient(loss, theta_tf), theta_tf)])
    return loss


losses = [float(train_step()) for _ in range(30)]
print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")
print(f"difference to the closed form < 1e-6: {abs(theta_tf.numpy() - exact_standardised).max() < 1e-6}")

# %% [markdown]
# What if the gradient is computed once and used for ever, as a program does that leaves its loss before the loop (E36)?

# %%
gradient_once = slope_gradient(np.array([0.5]))
theta = 0.5 - 1000 * 0.01 * gradient_once[0]
print(f"1000 steps along one stale gradient: slope {theta:.1f}, should be {best_slope:.1f}")

# %% [markdown]
# ### Four gradients that are `None`
#
# A tape raises no error when the loss does not depend on what you differentiate by. It answers `None`. Four common ways
# to get there:

# %%
weight, fixed = tf.Variable(2.0), tf.constant(2.0)
before = weight**2
with tf.GradientTape(persistent=True) as tape:
    of_constant = fixed**2  # 1. a constant is not watched
    through_numpy = tf.constant(weight.numpy()) ** 2  # 2. NumPy is invisible to the tape
    copy = tf.Variable(0.0)
    copy.assign(weight)  # 3. assigning cuts the connection
    through_assign = copy**2

print("a constant:           ", tape.gradient(of_constant, fixed))
print("through NumPy:        ", tape.gradient(through_numpy, weight))
print("through an assignment:", tape.gradient(through_assign, weight))
print("loss before the tape: ", tape.gradient(before, weight))  # 4. computed before the tape was open

# %% [markdown]
# The cures, in the same order: use a `tf.Variable` or `tape.watch(fixed)`; stay with TensorFlow operations; use the
# variable itself; compute the loss inside the tape.
#
# ### Two traps of types and shapes
#
# NumPy makes 64-bit numbers, TensorFlow 32-bit ones, and the two do not mix (E45). And shapes that do not match may
# broadcast in silence: a column minus a row is a whole table, and its mean is not the loss.

# %%
complain(lambda: tf.constant(x[0][:, None]) @ tf.constant([[0.5]]))

prediction = tf.constant(3 * x[0][:, None])  # shape (100, 1)
print("right:", (targets[:, None] - prediction).shape, " wrong:", (targets - prediction).shape)
right, wrong = (float(tf.reduce_mean((y - prediction) ** 2)) for y in (targets[:, None], targets))
print(f"loss {right:.3f}, with the wrong shape {wrong:.3f}, and no error")

# %% [markdown]
# Choose one type at the top and stay with it: `float32` for training, `float64` where you check formulas. A step that
# is smaller than half of the last digit changes nothing, so in `float32` the descent stalls early:


# %%
def typed_gradient(theta):
    return mean_squared_error_gradient(theta, design.astype(theta.dtype), targets.astype(theta.dtype))


for dtype in (np.float64, np.float32):
    end = gradient_descent(typed_gradient, np.zeros(2, dtype), dtype(0.7), 400)[-1]
    error = abs(end - exact).max()
    print(f"{np.dtype(dtype)}: error after 400 steps < 1e-12: {error < 1e-12}, < 1e-5: {error < 1e-5}")

# %% [markdown]
# ### With Keras
#
# Today you would write the same in four lines. A `Dense` layer with one unit *is* the line $\theta_1 x + \theta_0$, and
# `batch_size=100` makes each epoch one step of plain gradient descent.

# %%
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.3), loss="mse")
model.fit(standardised[:, :1], targets[:, None], batch_size=100, epochs=30, verbose=0)
kernel, bias = model.get_weights()
difference = abs(np.array([kernel[0, 0], bias[0]]) - exact_standardised).max()
print(f"Keras - closed form < 1e-4: {difference < 1e-4}")

# %% [markdown]
# ## On real data
#
# 442 patients with diabetes, ten measurements each, and a number that says how far the disease had got a year later
# (Efron et al., 2004). Keep a quarter of the patients aside: only they can tell how well the model predicts people that it
# has never seen. A model must beat the simplest prediction of all, the mean.

# %%
features, progression, feature_names = datasets.load_diabetes()


def split(seed):
    shuffled = np.random.default_rng(seed).permutation(len(features))
    return shuffled[:331], shuffled[331:]


def with_intercept(features):
    return np.column_stack([features, np.ones(len(features))])


train, test = split(seed=0)
print(f"{len(train)} patients to learn from, {len(test)} held out; measured: {', '.join(feature_names)}")

# %% [markdown]
# The features have very different sizes: sex is coded 1 or 2, cholesterol is near 190. Look at the condition number
# before you start. The means and standard deviations come from the training patients alone; to use the others' as well
# would be peeking.


# %%
def standardise(train):
    """All features on the scale of the training patients, with a last column of ones."""
    return with_intercept((features - features[train].mean(axis=0)) / features[train].std(axis=0))


scaled = standardise(train)
for name, rows in (("raw", with_intercept(features)[train]), ("standardised", scaled[train])):
    values = np.linalg.eigvalsh(2 / len(rows) * rows.T @ rows)
    print(f"{name}: condition number {values[-1] / values[0]:.2g}, largest rate {2 / values[-1]:.2g}")

# %% [markdown]
# On the raw features the largest rate that converges is fourteen millionths, and with it the flattest direction would
# need hundreds of millions of steps. On the standardised ones:


# %%
def rmse(theta, rows):
    """Root of the mean squared error, in the unit of the target."""
    return np.sqrt(mean_squared_error(theta, scaled[rows], progression[rows]))


def fit_by_descent(inputs, targets, steps):
    return gradient_descent(
        lambda theta: mean_squared_error_gradient(theta, inputs, targets), np.zeros(inputs.shape[1]), 0.2, steps
    )


path = fit_by_descent(scaled[train], progression[train], 2000)
closed_form = np.linalg.lstsq(scaled[train], progression[train])[0]
baseline = np.append(np.zeros(10), progression[train].mean())  # all slopes 0, the intercept is the mean

# %%
candidates = {"mean of the training patients": baseline, "descent, 100 steps": path[100],
              "descent, 2000 steps": path[2000], "closed form": closed_form}  # fmt: skip
for name, theta in candidates.items():
    print(f"{name:30s} training {rmse(theta, train):5.1f}   held out {rmse(theta, test):5.1f}")

# %% alt="Training and held-out error over 2000 steps, with the steps on a logarithmic axis: both fall from above 110 to their final level within ten steps, 53 in training and 57 held out, where the closed form lies too. The mean of the training patients has a held-out error of 72." tags=["plot"]
visits = np.unique(np.geomspace(1, 2000, 60).astype(int))
plotting.lines(
    visits,
    {"training": [rmse(path[i], train) for i in visits], "held out": [rmse(path[i], test) for i in visits]},
    "step", "root mean squared error", x_scale="log",
    levels={"mean, held out": rmse(baseline, test), "closed form, held out": rmse(closed_form, test)},
)  # fmt: skip

# %% [markdown]
# Descent reaches the closed form. Its predictions are as good after a hundred steps, although the weights are not settled
# then: the condition number is still about 500, since some of the blood values nearly repeat each other. The
# directions that are slow to learn hardly matter for the prediction, because the data hardly vary along them.
#
# One split proves little. Repeat it twenty times, and say how much of the held-out variance the model explains: 0 is no
# better than the mean, 1 is perfect.

# %%
shares = []
for seed in range(20):
    train, test = split(seed)
    scaled = standardise(train)
    after_100 = fit_by_descent(scaled[train], progression[train], 100)[-1]
    closed_form = np.linalg.lstsq(scaled[train], progression[train])[0]
    mean_error = ((progression[test] - progression[train].mean()) ** 2).mean()
    shares.append([1 - rmse(theta, test) ** 2 / mean_error for theta in (after_100, closed_form)])

shares = np.array(shares)
for name, share in zip(("descent, 100 steps", "closed form"), shares.T):
    print(f"{name}: explains {share.min():.2f} to {share.max():.2f} of the variance, {share.mean():.2f} on average")

# %% [markdown]
# Always better than the mean, and far from perfect: half of what makes the disease progress is not in these ten numbers,
# or not in a linear way. And gradient descent has no advantage here over the closed form, which needs no rate and no
# steps. It becomes indispensable where no closed form exists: in the next lesson.

# %% [markdown]
# ## Try it
#
# Change the constants and run the cell again.
#
# - Raw input, `learning_rate` 0.7, then 0.75, then 0.76: what happens between the last two?
# - Raw input, rate 0.2, `beta` 0, then 0.7, then 0.95: which is the fastest, and what does too much momentum do?
# - `standardise_input = True`: now repeat both.

# %% alt="Contours of the loss over slope and intercept with the path of gradient descent with momentum, which curves around and ends near the minimum." tags=["plot"]
learning_rate = 0.2
beta = 0.7
steps = 40
standardise_input = False

chosen = standardised if standardise_input else design
visited = optimisers.momentum(
    lambda theta: mean_squared_error_gradient(theta, chosen, targets), np.zeros(2), learning_rate, steps, beta
)
lowest = exact_standardised if standardise_input else exact
chosen_bowl = bowl(2 / 100 * chosen.T @ chosen, lowest)
plotting.paths_on_contours({f"rate {learning_rate}, beta {beta}": (chosen_bowl, visited)}, "slope", "intercept")
print(f"distance from the minimum after {steps} steps: {np.linalg.norm(visited[-1] - lowest):.1e}")

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete. The cell below it checks yours and answers "not attempted yet", "correct", or
# "wrong" with the smallest input on which it fails.
#
# **1. How fast may it go?** Return the learning rate above which gradient descent on the mean squared error of a linear
# model diverges, for given `inputs` of shape $(N, D)$.


# %%
def largest_learning_rate(inputs):
    ### BEGIN SOLUTION
    hessian = 2 / len(inputs) * inputs.T @ inputs
    return 2 / np.linalg.eigvalsh(hessian).max()
    ### END SOLUTION


# %%
check.largest_learning_rate(largest_learning_rate)

# %% [markdown]
# **2. Back to the patient's units.** A model was fitted on standardised features: its prediction is
# $\sum_i w_i\,(x_i - m_i)/s_i + b$, with `slopes` $w$, `intercept` $b$, `means` $m$ and `deviations` $s$. Return the
# slopes and the intercept that give the same prediction from the raw features $x$, as a pair.


# %%
def original_units(slopes, intercept, means, deviations):
    ### BEGIN SOLUTION
    raw_slopes = slopes / deviations
    return raw_slopes, intercept - raw_slopes @ means
    ### END SOLUTION


# %%
check.original_units(original_units)

# %% [markdown]
# **3. A penalty for large weights.** Ridge regression adds $c\,\lVert\theta\rVert^2$ to the loss,
# $J(\theta) = \frac1N\lVert y - X\theta\rVert^2 + c\,\lVert\theta\rVert^2$, with the `penalty` $c$. Return the gradient.


# %%
def ridge_gradient(theta, inputs, targets, penalty):
    ### BEGIN SOLUTION
    residual = targets - inputs @ theta
    return -2 / len(targets) * inputs.T @ residual + 2 * penalty * theta
    ### END SOLUTION


# %%
check.ridge_gradient(ridge_gradient)

# %% [markdown]
# **4. A loss that forgives outliers.** Squares let one far-off point rule the fit. The loss
# $J(\theta) = \frac1N\sum_n \log\cosh(y_n - x_n^\top\theta)$ grows only in proportion to a large error. Derive its
# gradient (the derivative of $\log\cosh$ is $\tanh$), and write it down.


# %%
def log_cosh_gradient(theta, inputs, targets):
    ### BEGIN SOLUTION
    return -inputs.T @ np.tanh(targets - inputs @ theta) / len(targets)
    ### END SOLUTION


# %%
check.log_cosh_gradient(log_cosh_gradient)

# %% [markdown]
# **5. Nesterov's momentum.** Look ahead before you step: with the velocity $m_{t+1} = \beta m_t - \alpha\nabla J(\theta_t)$,
# go to $\theta_{t+1} = \theta_t + \beta\,m_{t+1} - \alpha\nabla J(\theta_t)$ (Sutskever et al., 2013). Return the whole path as
# an array with `steps + 1` rows, like `momentum` above.


# %%
def nesterov(gradient, start, learning_rate, steps, beta):
    ### BEGIN SOLUTION
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        step = -learning_rate * gradient(path[-1])
        velocity = beta * velocity + step
        path.append(path[-1] + beta * velocity + step)
    return np.array(path)
    ### END SOLUTION


# %%
check.nesterov(nesterov)

# %% [markdown]
# ## What we have seen
#
# - Gradient descent lowers the loss. The gradient may grow on the way, and a zero gradient may be a minimum, a maximum or
#   a saddle.
# - For a quadratic loss everything can be predicted: the error along each eigenvector of the Hessian is multiplied by
#   $1-\alpha\lambda_i$ per step, the largest rate is $2/\lambda_{\max}$, and the condition number decides how long you wait.
# - Standardising the inputs changes the shape of the bowl, and helps more than any choice of rate.
# - A wrong model stays wrong under a perfect optimiser. Compare with a closed form where there is one, and with a simple
#   baseline always.
# - Mini-batches are right on average and hover at the end. Momentum adds up the steps that agree. Adam gives each
#   parameter its own pace.
# - In TensorFlow 2 a tape computes the gradient, an optimiser applies it, and a `None` means that the loss does not
#   depend on the variable.
#
# ## References
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Bottou, L., Curtis, F. E., & Nocedal, J. (2018). Optimization methods for large-scale machine learning. *SIAM Review*
#   60(2), 223–311. [doi:10.1137/16M1080173](https://doi.org/10.1137/16M1080173)
# - Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées. *Comptes rendus de
#   l'Académie des sciences* 25, 536–538.
# - Efron, B., Hastie, T., Johnstone, I., & Tibshirani, R. (2004). Least angle regression. *Annals of Statistics* 32(2),
#   407–499. [doi:10.1214/009053604000000067](https://doi.org/10.1214/009053604000000067)
# - Kingma, D. P., & Ba, J. (2015). Adam: A method for stochastic optimization. *ICLR*.
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - Nesterov, Y. (2018). *Lectures on Convex Optimization*, 2nd ed. Springer.
#   [doi:10.1007/978-3-319-91578-4](https://doi.org/10.1007/978-3-319-91578-4)
# - Polyak, B. T. (1964). Some methods of speeding up the convergence of iteration methods. *USSR Computational
#   Mathematics and Mathematical Physics* 4(5), 1–17.
#   [doi:10.1016/0041-5553(64)90137-5](https://doi.org/10.1016/0041-5553%2864%2990137-5)
# - Sutskever, I., Martens, J., Dahl, G., & Hinton, G. (2013). On the importance of initialization and momentum in deep
#   learning. *ICML*, PMLR 28(3), 1139–1147.
