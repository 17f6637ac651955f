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
# - write gradient descent, mini-batches, momentum and Adam in a few lines each, and check them against Keras;
# - predict the progress of a disease from ten measurements, and compare with the exact solution.
#
# **What you'll learn**
#
# - what one step does to the loss and what it does not promise;
# - why some problems are slow, and what standardising the inputs does about it;
# - how TensorFlow 2 computes gradients and applies them, and some ways in which it silently returns none.
#
# **What you'll need**
#
# - Python with NumPy arrays; derivatives; the scalar product, and the product of a matrix and a vector. Partial
#   derivatives and eigenvectors are recalled where they are used;
# - about 90 minutes, and an hour more for the exercises.
#
# A published introduction to this subject makes the mistakes that this lesson takes apart. Marks such as E42 are their
# numbers in [ERRATA.md](../ERRATA.md), where every one of them is on record.

# %%
import numpy as np

import helpers.gradient_descent as optimisers
from helpers import controls, datasets, plotting, startup
from helpers.checks import gradient_descent as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## What goes wrong
#
# ### The slope that comes out as 3.75
#
# Take 100 points with $y = 3x + \eta$, where $x$ and the noise $\eta$ are both spread evenly over
# the interval from 0 to 1. Fit $y = \theta x$ by least squares. The slope should come out near 3.

# %%
rng = np.random.default_rng(0)
x = rng.random((2000, 100))  # 2000 data sets of 100 points each
y = 3 * x + rng.random((2000, 100))

# The exact least-squares solution of each data set, without any iteration.
slopes = (x * y).sum(axis=1) / (x * x).sum(axis=1)
print(
    f"slope: average {slopes.mean():.2f}, from {slopes.min():.2f} to {slopes.max():.2f}"
)

# %% [markdown]
# No iteration is involved, so no optimiser is to blame, and not one of 2000 data sets comes near 3. Now allow the line an
# intercept, $y = \theta_1 x + \theta_2$, and fit again. (The best line passes through the point of the means, so its slope
# is that of the centred data. The mathematics below gives the formula.)

# %%
x_centred = x - x.mean(axis=1, keepdims=True)
line_slopes = (x_centred * y).sum(axis=1) / (x_centred**2).sum(axis=1)
intercepts = y.mean(axis=1) - line_slopes * x.mean(axis=1)
print(f"on average: slope {line_slopes.mean():.2f}, intercept {intercepts.mean():.2f}")

# %% alt="Two histograms of the fitted slope over 2000 data sets: without an intercept a narrow one around 15/4, with an intercept a wider one around 3." tags=["plot"]
plotting.histograms(
    {"no intercept": slopes, "with intercept": line_slopes},
    {"3": 3, "15/4": 15 / 4},
    "fitted slope",
)

# %% [markdown]
# The noise has the mean ½, and a line through the origin has no other way to lift itself by ½ than to turn steeper. The
# model is wrong, and the optimiser finds the best wrong answer (E42). Why exactly 15/4? The mathematics below answers
# that. In a program that prints one fitted number, without a seed, a loss or a reference solution beside it, nobody can
# notice (E39). An explanation that only reads the code aloud does not help either (E40).
#
# ### "Update the parameters so as to reduce the gradient"
#
# So says the article that this lesson corrects (E12). Some words first. The *loss* $J$ says how wrong a parameter
# $\theta$ is; smaller is better. For one parameter, the *gradient* is its derivative $J'(\theta)$. Gradient descent
# subtracts a multiple of the gradient in each step; the factor is the *learning rate*.
#
# Watch the gradient during such a descent. Let the loss be $J(\theta) = 1 - e^{-\theta^2/2}$, a single smooth dip with its
# minimum at 0, and start on its flat rim at $\theta = 3$.


# %%
def dip(theta):
    return 1 - np.exp(-(theta**2) / 2)


def dip_gradient(theta):
    return theta * np.exp(-(theta**2) / 2)


rim_path = [3.0]
for _ in range(45):
    rim_path.append(rim_path[-1] - 0.5 * dip_gradient(rim_path[-1]))
rim_path = np.array(rim_path)

# %% alt="Over 45 steps the loss falls in every step, from 0.99 to 0, slowly at first. The size of the gradient rises from 0.03 to 0.6 until step 29, and falls only then." tags=["plot"]
plotting.lines(
    np.arange(46),
    {"loss": dip(rim_path), "size of the gradient": abs(dip_gradient(rim_path))},
    "step",
    "value",
)

# %%
sizes = abs(dip_gradient(rim_path))
rises = np.flatnonzero(np.diff(sizes) > 0)
print(f"the loss falls in every step: {np.all(np.diff(dip(rim_path)) < 0)}")
print(f"the gradient grows for {len(rises)} steps: {sizes[0]:.3f} to {sizes.max():.3f}")

# %% [markdown]
# Descent lowers the *loss*. The gradient grows 18-fold on the way, because the slope is steeper halfway down than on the
# rim. Now take the sentence literally, and make the *size* of the gradient small: descend on $\tfrac12 J'(\theta)^2$, whose
# derivative is $J'(\theta)\,J''(\theta)$. Here with two valleys and a hill between them, $J(\theta) = (\theta^2 - 1)^2$,
# from $\theta = 0.3$.


# %%
def two_valleys(theta):
    return (theta**2 - 1) ** 2


def valley_gradient(theta):
    return 4 * theta * (theta**2 - 1)


def valley_curvature(theta):
    return 12 * theta**2 - 4


down, flat = [0.3], [0.3]
for _ in range(400):
    down.append(down[-1] - 0.01 * valley_gradient(down[-1]))
    flat.append(
        flat[-1] - 0.01 * valley_gradient(flat[-1]) * valley_curvature(flat[-1])
    )
for name, end in (("reduce the loss", down[-1]), ("reduce the gradient", flat[-1])):
    print(f"{name}: theta = {end:.3f}, J = {two_valleys(end):.3f}")

# %% alt="A curve with two valleys and a hill between them. From the same point on the hillside one path runs down into the right valley, the other climbs to the top of the hill." tags=["plot"]
plotting.paths_on_curve(
    two_valleys,
    (-1.5, 1.5),
    {"reduce the loss": down[::4], "reduce the gradient": flat[::4]},
    "theta",
    "loss J",
)

# %% [markdown]
# From here, reducing the gradient climbs to the *top* of the hill: the gradient is zero there too. (From farther out than
# $1/\sqrt3 \approx 0.58$ it would have found a valley.) So the sentence should read: **update the parameters along the
# negative gradient, so as to reduce the loss**. And it is the loss that is differentiated with respect to the parameters,
# not the other way round (E13).

# %% [markdown]
# ## The idea
#
# You stand on a hillside in fog and want to go down. You cannot see the valley, but you feel the slope under your
# feet. So you step against the slope, feel again, and step again. Where the ground is steep, you take long steps; where
# it becomes flat, short ones.

# %%
points, targets = x[0], y[0]  # the first data set


def slope_loss(theta):
    """Mean squared error of the line theta * x, for each theta of an array."""
    return np.mean(
        [(target - theta * x) ** 2 for x, target in zip(points, targets)], axis=0
    )


walk = [1.0]
for _ in range(8):
    gradient = -2 * np.mean(points * (targets - walk[-1] * points))
    walk.append(walk[-1] - 0.6 * gradient)

# %% alt="A bowl-shaped curve of the loss over the slope. A path of points runs down its left side with steps that become shorter towards the bottom near 3.7." tags=["plot"]
plotting.paths_on_curve(
    slope_loss, (0.5, 6.5), {"gradient descent": walk}, "slope theta", "loss J"
)

# %% [markdown]
# Two questions decide everything. How long may a step be? And how many does it take? Both have exact answers.

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $X$, $x_n$ | inputs; its row $n$, the example $n$ | $N \times D$, $D$ | `inputs`, `design`, `scaled` |
# | $y$ | targets | $N$ | `targets` |
# | $\theta$, $\theta^*$ | parameters; those with the lowest loss | $D$ | `theta`, `exact` |
# | $J(\theta)$ | loss, one number | 1 | `mse` |
# | $\nabla J(\theta)$ | gradient: the derivatives of $J$ with respect to each parameter | $D$ | `mse_gradient` |
# | $\alpha$ | learning rate, larger than 0 | 1 | `learning_rate` |
# | $t$ | number of the step, 0, 1, 2, … | 1 | index into `path` |
# | $H$ | Hessian: the second derivatives of $J$ | $D \times D$ | `hessian` |
# | $\lambda_i$, $v_i$ | eigenvalues and eigenvectors of $H$ | $1$, $D$ | `eigenvalues`, `eigenvectors` |
# | $\kappa$ | condition number $\lambda_{\max}/\lambda_{\min}$ | 1 | `condition` |
# | $\lVert d\rVert$ | length of a vector, $\sqrt{d^\top d}$ | 1 | `np.linalg.norm(d)` |
#
# ### Why the negative gradient
#
# A *partial* derivative is the derivative by one parameter while all others are kept fixed, and the gradient is the list
# of them. Move a little, from $\theta$ to $\theta + d$. As long as $d$ is so small that its square can be neglected, the loss
# changes by slope times distance, summed over the parameters:
#
# $$J(\theta + d) \approx J(\theta) + \nabla J(\theta)^\top d .$$
#
# Among all moves $d$ of one length, which lowers the loss most? A scalar product is
# $\lVert\nabla J\rVert\,\lVert d\rVert \cos\varphi$, with $\varphi$ the angle between the two. It is smallest for
# $\cos\varphi = -1$, that is, for $d$ pointing exactly against the gradient. (Length counts a unit of every parameter
# alike. Measure one of them in other units, and the steepest direction is another one. Keep this in mind.) Take the
# length in proportion to the slope, $d = -\alpha\nabla J(\theta)$, and you have gradient descent (Cauchy, 1847):
#
# $$\theta_{t+1} = \theta_t - \alpha\,\nabla J(\theta_t) .$$
#
# The rule is often printed without two things that it needs (E15): $t$ is the number of the step, not a time; and
# $\alpha$ is not free.
#
# ### Which learning rates converge
#
# The first-order picture holds for small steps only. Suppose that the curvature of $J$ along the path is at most $L$: along
# no straight line is the second derivative larger (in the terms of the next section: no eigenvalue of the Hessian exceeds
# $L$). Then the second-order term is at most $\tfrac{L}{2}\lVert d\rVert^2$, and
# with $d = -\alpha\nabla J$
#
# $$J(\theta_{t+1}) \le J(\theta_t) - \alpha\left(1 - \frac{\alpha L}{2}\right)\lVert\nabla J(\theta_t)\rVert^2 .$$
#
# The bracket is positive for $0 < \alpha < 2/L$. In this range **every step lowers the loss**, unless the gradient is
# zero already. Add up all steps: if the loss cannot fall below some bound, the squared gradients of all steps together
# have a finite sum, so **the gradient tends to zero** (Nesterov, 2018, section 1.2.3). Nothing here says that the point
# reached is the lowest of all, or that a larger rate must fail.
#
# ### The linear model: everything is exact
#
# The mean squared error of a linear model is $J(\theta) = \frac1N \sum_n (y_n - x_n^\top\theta)^2$. The chain rule gives
# its derivative by one parameter,
# $\partial J/\partial\theta_j = -\frac2N \sum_n x_{nj}\,(y_n - x_n^\top\theta)$: column $j$ of $X$ times the residuals. All
# of them together, and differentiated once more:
#
# $$\nabla J(\theta) = -\frac2N X^\top (y - X\theta), \qquad H = \frac2N X^\top X .$$
#
# $X^\top$ has the size $D \times N$ and the residual $y - X\theta$ the size $N$, so the gradient has $D$ entries. The Hessian
# does not depend on $\theta$: the loss is a parabola in every direction. At its lowest point the gradient is zero,
#
# $$X^\top X\,\theta^* = X^\top y .$$
#
# This is the closed form; `np.linalg.lstsq` solves it, and for one column it is $\theta^* = \sum xy/\sum x^2$, the first cell
# of this lesson. The solution is unique if no column is a combination of the others. Subtract it from the gradient's
# formula, and $\nabla J(\theta) = H(\theta - \theta^*)$. Insert that into the rule:
#
# $$\theta_{t+1} - \theta^* = (I - \alpha H)\,(\theta_t - \theta^*) .$$
#
# An eigenvector of $H$ is a direction that $H$ only stretches, $Hv_i = \lambda_i v_i$. The symmetric $H$ has $D$ of them, at
# right angles, so every error is a sum of parts along them. One step multiplies the part along $v_i$ by
#
# $$1 - \alpha\lambda_i .$$
#
# | learning rate | factor | what you see |
# |---|---|---|
# | $0 < \alpha\lambda_i < 1$ | between 0 and 1 | shrinks; slowly if $\alpha\lambda_i$ is close to 0 |
# | $\alpha\lambda_i = 1$ | 0 | gone in one step |
# | $1 < \alpha\lambda_i < 2$ | between -1 and 0 | jumps over the minimum, converges |
# | $\alpha\lambda_i = 2$ | -1 | jumps to and fro for ever |
# | $\alpha\lambda_i > 2$ | below -1 | jumps over the minimum, diverges |
#
# One rate must serve all directions. The steepest direction forbids $2/\lambda_{\max}$ and everything above, and the
# flattest then decides how long you wait. The best rate makes the two extreme factors equally large,
# $1-\alpha\lambda_{\min} = -(1-\alpha\lambda_{\max})$. Solve for $\alpha$ and insert:
#
# $$\alpha = \frac{2}{\lambda_{\max}+\lambda_{\min}}, \qquad
# \text{factor per step} = \frac{\lambda_{\max}-\lambda_{\min}}{\lambda_{\max}+\lambda_{\min}} = \frac{\kappa-1}{\kappa+1} .$$
#
# So what counts is the **condition number** $\kappa = \lambda_{\max}/\lambda_{\min}$. For $\kappa = 1$ one step is enough;
# for $\kappa = 19$ each step leaves 90 % of the error.
#
# ### Why exactly 15/4
#
# Write $E$ for the mean over infinitely many points. For one parameter the closed form becomes
# $\theta^* = E[xy]/E[x^2]$. Insert $y = 3x + \eta$; the noise does not depend on $x$, so that
# $E[x\eta] = E[x]\,E[\eta]$. For $x$ spread evenly from 0 to 1, $E[x] = \int_0^1 x\,dx = \tfrac12$ and
# $E[x^2] = \tfrac13$, and the noise has the mean ½ too:
#
# $$\theta^* = \frac{E[xy]}{E[x^2]} = 3 + \frac{E[x]\,E[\eta]}{E[x^2]}
# = 3 + \frac{\tfrac12\cdot\tfrac12}{\tfrac13} = \frac{15}{4} .$$
#
# With noise of mean zero the second term would vanish. With an intercept, the intercept absorbs the mean of the noise.

# %% [markdown]
# ## From scratch
#
# The loss and its gradient, as in the formulas:


# %%
def mse(theta, inputs, targets):
    return ((targets - inputs @ theta) ** 2).mean()


def mse_gradient(theta, inputs, targets):
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
# Back to the line through the origin. It has one parameter, so $H$ is a single number, two times the mean of $x^2$, and
# each rate $\alpha$ comes with a prediction: after $t$ steps the error is $\lvert 1-\alpha H\rvert^t$ times the first one.


# %%
inputs = points[:, None]  # 100 rows, 1 column
curvature = 2 * (points**2).mean()
best_slope = slopes[0]


def slope_gradient(theta):
    return mse_gradient(theta, inputs, targets)


print(f"H = {curvature:.4f}, 1/H = {1 / curvature:.3f}")
print(f"rates below 2/H = {2 / curvature:.3f} converge")

# %%
measured, predicted, numbers = {}, {}, np.arange(17)
for rate in (0.01, 0.5, 1.5, 2.4, 2.7):
    path = gradient_descent(slope_gradient, np.array([0.5]), rate, 16)[:, 0]
    measured[f"rate {rate}"] = abs(path - best_slope)
    predicted[f"rate {rate}"] = (
        abs(1 - rate * curvature) ** numbers * measured[f"rate {rate}"][0]
    )

# %% alt="The distance from the best slope over 16 steps on a logarithmic axis for five learning rates. Each measured line lies on its dotted prediction: rate 0.01 hardly falls, 0.5 falls to 1e-3, 1.5 falls below 1e-11, 2.4 falls slowly, 2.7 rises." tags=["plot"]
plotting.lines(
    numbers,
    measured,
    "step",
    "distance from the best slope",
    dashed=predicted,
    y_scale="log",
)

# %% [markdown]
# The dotted predictions lie on the measured lines. The rates 1.5 and 2.4 jump over the minimum in each step and still
# converge, because they are below $2/H$; 2.7 is above, and diverges. A rate of 0.01, taken because everybody takes it, is
# 127 times smaller than $1/H$ and costs accordingly (E43):

# %%
for rate in (0.01, 1.5, 1 / curvature):
    path = gradient_descent(slope_gradient, np.array([0.5]), rate, 2500)[:, 0]
    close = np.flatnonzero(abs(path - best_slope) < 1e-6)
    print(f"rate {rate:.4g}: steps to 1e-6: {close[0] if len(close) else 'never'}")

# %% [markdown]
# ### The intercept repairs the slope and spoils the condition
#
# Give the model its intercept: a second column of ones.

# %%
design = np.column_stack([x[0], np.ones(100)])  # one column for each parameter
exact = np.linalg.lstsq(design, targets)[0]


def line_gradient(theta):
    return mse_gradient(theta, design, targets)


after_1000 = gradient_descent(line_gradient, np.zeros(2), 0.01, 1000)[-1]
for name, theta in (("exact", exact), ("after 1000 steps of 0.01", after_1000)):
    print(f"{name}: slope {theta[0]:.3f}, intercept {theta[1]:.3f}")

# %% [markdown]
# A thousand steps, and the slope is not even close (E44). The eigenvalues say why.

# %%
hessian = 2 / 100 * design.T @ design
eigenvalues, eigenvectors = np.linalg.eigh(hessian)
slow, steep = eigenvalues
print(f"eigenvalues {slow:.3f} and {steep:.3f}, condition number {steep / slow:.1f}")
print(f"rates below {2 / steep:.3f} converge")
left = (1 - 0.01 * slow) ** 1000
print(f"left of the error in the flat direction after 1000 steps of 0.01: {left:.0%}")

# %% [markdown]
# Split the error along the two eigenvectors, and each part follows its own predicted line. Here with a rate of 0.7.

# %%
raw_path = gradient_descent(line_gradient, np.zeros(2), 0.7, 60)
parts = abs((raw_path - exact) @ eigenvectors)  # one column for each eigenvector
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
# standard deviation. Subtracting makes the two columns orthogonal, dividing makes them equally long, so that $H = 2I$: the
# condition number is 1, and the rate $1/2$ is right for every direction.

# %%
standardised = np.column_stack([(points - points.mean()) / points.std(), np.ones(100)])
exact_standardised = np.linalg.lstsq(standardised, targets)[0]


def standardised_gradient(theta):
    return mse_gradient(theta, standardised, targets)


one_step = gradient_descent(standardised_gradient, np.zeros(2), 0.5, 1)[-1]
error = abs(one_step - exact_standardised).max()
print(f"error after a single step of 0.5 < 1e-14: {error < 1e-14}")

# %% [markdown]
# Half of it is not enough: look at the condition number of each variant.

# %%
columns = {
    "raw": points,
    "centred": points - points.mean(),
    "divided": points / points.std(),
    "both": (points - points.mean()) / points.std(),
}
for name, column in columns.items():
    variant = np.column_stack([column, np.ones(100)])
    values = np.linalg.eigvalsh(2 / 100 * variant.T @ variant)
    print(f"{name}: condition number {values[1] / values[0]:.1f}")


# %%
def bowl(hessian, lowest):
    """Loss above the minimum, as a function of points of shape (..., 2)."""
    return lambda theta: np.einsum(
        "...i,ij,...j", theta - lowest, hessian / 2, theta - lowest
    )


even_bowl = bowl(2 * np.eye(2), exact_standardised)
even_path = gradient_descent(standardised_gradient, np.zeros(2), 0.3, 60)

# %% alt="Two panels of contours. Left, raw input: a long narrow valley, in which the path zigzags from side to side, a little nearer to the minimum each time. Right, standardised input: round contours, and a path straight to the minimum." tags=["plot"]
panels = {
    "raw, rate 0.7": (bowl(hessian, exact), raw_path, exact),
    "standardised, rate 0.3": (even_bowl, even_path, exact_standardised),
}
plotting.paths_on_contours(panels, "slope", "intercept")

# %% [markdown]
# The star is the minimum. On the left the steps jump from side to side, because the steep direction sets the pace, while
# progress along the valley floor is slow. On the right the gradient points straight at the minimum. (Contours are drawn
# at even steps of the root of the loss, which spaces those of a parabola evenly.)
#
# ### When to stop
#
# "Repeat until convergence" leaves out the criterion (E14), and a fixed number of steps tests nothing. Stop when the
# gradient is small enough, the budget is spent, or the numbers run away, and report which of these it was.


# %%
def descend_until(gradient, start, learning_rate, tolerance, budget):
    theta = start
    for step in range(budget + 1):
        slope = gradient(theta)
        size = np.linalg.norm(slope)
        if size < tolerance:
            return theta, f"converged after {step} steps"
        if step == budget or not np.isfinite(size):
            break
        theta = theta - learning_rate * slope
    return theta, f"stopped after {step} steps, gradient {size:.1g}"


for rate, budget in ((0.01, 1000), (0.01, 50_000), (0.7, 1000), (0.8, 50_000)):
    with np.errstate(over="ignore"):  # the last one diverges
        theta, reason = descend_until(line_gradient, np.zeros(2), rate, 1e-8, budget)
    print(f"rate {rate}: {reason}; slope {theta[0]:.3g}")

# %% [markdown]
# A small gradient means that the minimum is near only where the curvature is known: here
# $\lVert\theta-\theta^*\rVert \le \lVert\nabla J\rVert/\lambda_{\min}$. On the flat rim of the dip the same test is content at
# once.

# %%
theta, reason = descend_until(dip_gradient, 10.0, 0.5, 1e-8, 1000)
print(f"dip from 10: {reason}, at theta = {theta:.0f} with J = {dip(theta):.3f}")

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


valley_paths = {}
for start in (-1.45, -0.2, 0.5):
    path = gradient_descent(tilted_slope, start, 0.03, 60)
    valley_paths[f"from {start}"] = path
    print(f"from {start}: theta = {path[-1]:.3f}, J = {tilted_valleys(path[-1]):.3f}")

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
# wrong, but right on average: cut the data into batches of equal size, and the mean of their gradients *is* the full
# gradient. The training below draws each batch afresh, with replacement; then the full gradient is the expected value.

# %%
rng = np.random.default_rng(1)
batches = rng.permutation(100).reshape(10, 10)  # ten batches of ten examples
theta = np.array([1.0, 1.0])
of_batches = [mse_gradient(theta, design[batch], targets[batch]) for batch in batches]
of_all = line_gradient(theta)

low, high = np.min(of_batches, axis=0)[0], np.max(of_batches, axis=0)[0]
print(f"derivative by the slope: {low:.2f} to {high:.2f} in the batches")
print(f"for all examples: {of_all[0]:.2f}")
difference = abs(np.mean(of_batches, axis=0) - of_all).max()
print(f"mean over the batches - all < 1e-14: {difference < 1e-14}")


# %%
def minibatch_descent(start, learning_rate, steps, batch_size, rng):
    path = [start]
    for batch in rng.integers(100, size=(steps, batch_size)):
        gradient = mse_gradient(path[-1], standardised[batch], targets[batch])
        path.append(path[-1] - learning_rate * gradient)
    return np.array(path)


# %%
start, rng, numbers = np.zeros(2), np.random.default_rng(2), np.arange(301)
excess = {
    "all 100, rate 0.02": gradient_descent(standardised_gradient, start, 0.02, 300)
}
for rate in (0.1, 0.02):
    name = f"batches of 10, rate {rate}"
    excess[name] = minibatch_descent(start, rate, 300, 10, rng)
excess = {name: even_bowl(path) for name, path in excess.items()}

# %% alt="Loss above the minimum over 300 steps on a logarithmic axis. The full gradient falls in a straight line and leaves the picture at 1e-6 after 190 steps. Batches of ten with the same rate fall along with it and then hover, mostly between 1e-5 and 1e-3. With rate 0.1 they fall five times as fast and hover higher, mostly between 1e-4 and 1e-2." tags=["plot"]
plotting.lines(
    numbers,
    excess,
    "step",
    "loss above the minimum",
    y_scale="log",
    y_limits=(1e-6, 10),
)

# %%
start = exact_standardised
for rate in (0.1, 0.02):
    paths = [minibatch_descent(start, rate, 400, 10, rng)[100:] for _ in range(20)]
    height = even_bowl(np.array(paths)).mean()
    print(f"rate {rate}: hovers {height:.1e} above the minimum")

# %% [markdown]
# A step costs a tenth of a full one and helps as much, at first. Then the loss hovers: near the minimum the batches
# disagree about the direction, and drive away even a path that starts at the minimum, as the last twenty for each rate
# do. With a fifth of the rate it hovers at about a fifth of the height on average. That is why schedules reduce the
# learning rate towards the end of a training (Bottou, Curtis & Nocedal, 2018, section 4).
#
# ### Momentum and Adam
#
# **Momentum** keeps a velocity $u$, which starts at 0, and of which each step keeps the share $\beta$. Steps that agree add
# up, steps that go back and forth cancel (Polyak, 1964):
#
# $$u_{t+1} = \beta\,u_t - \alpha\,\nabla J(\theta_t), \qquad \theta_{t+1} = \theta_t + u_{t+1} .$$


# %%
def momentum(gradient, start, learning_rate, steps, beta=0.9):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = beta * velocity - learning_rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


# %% [markdown]
# **Adam** keeps two running averages, entry by entry: $m$ of the gradient $g$ and $s$ of its square (Kingma & Ba, 2015,
# who write $v$ for it). Each step keeps the shares $\beta_1$ and $\beta_2$ of them. Both start at 0 and are too small at
# first; dividing by $1-\beta_1^t$ and $1-\beta_2^t$ corrects that. The small $\epsilon$ prevents a division by 0:
#
# $$m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t, \qquad s_t = \beta_2 s_{t-1} + (1-\beta_2)\,g_t^2, \qquad g_t = \nabla J(\theta_{t-1}),$$
#
# $$\theta_{t} = \theta_{t-1} - \alpha\,\frac{\sqrt{1-\beta_2^{t}}}{1-\beta_1^{t}}\;\frac{m_{t}}{\sqrt{s_{t}}+\epsilon} .$$
#
# The two corrections are gathered in one factor, as at the end of the paper's section 2 and in Keras. The quotient
# $m/\sqrt s$ is about $\pm1$ as long as a derivative keeps its sign and its size, however small it is. So each *parameter*
# gets a pace of its own. A narrow valley that runs diagonally between the axes, as ours does, is not helped by that.


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
# For a quadratic loss, Polyak's best choice is $\alpha = 4/(\sqrt{\lambda_{\max}}+\sqrt{\lambda_{\min}})^2$ and
# $\beta = \big(\tfrac{\sqrt\kappa-1}{\sqrt\kappa+1}\big)^2$, and the error is then multiplied by about $\sqrt\beta$ in each
# step: momentum replaces $\kappa$ by $\sqrt\kappa$. Compare on the raw, ill-conditioned line.

# %%
best_rate = 2 / (steep + slow)
root = np.sqrt(steep / slow)
polyak_rate = 4 / (np.sqrt(steep) + np.sqrt(slow)) ** 2
polyak_beta = ((root - 1) / (root + 1)) ** 2
print(
    f"plain: rate {best_rate:.3f}, factor {(steep - slow) / (steep + slow):.3f} per step"
)
print(
    f"momentum: rate {polyak_rate:.2f}, beta {polyak_beta:.2f}, factor {polyak_beta**0.5:.2f}"
)

# %%
start = np.zeros(2)
paths = {
    "plain, best rate": gradient_descent(line_gradient, start, best_rate, 120),
    "momentum, best choice": momentum(
        line_gradient, start, polyak_rate, 60, polyak_beta
    ),
    "momentum 0.9, rate 0.2": momentum(line_gradient, start, 0.2, 120),
    "Adam, rate 0.2": adam(line_gradient, start, 0.2, 120),
}
distance = {name: np.linalg.norm(path - exact, axis=1) for name, path in paths.items()}
promised = np.linalg.norm(exact) * ((steep - slow) / (steep + slow)) ** np.arange(121)

# %% alt="Distance from the exact solution over 120 steps on a logarithmic axis. Momentum with the best choice falls to 1e-10 within 60 steps. Plain descent at its best rate follows the dotted line of the theory to 1e-5. Momentum 0.9, rate 0.2, jitters downwards to 5e-3. Adam, rate 0.2, falls smoothly for 95 steps and levels off near 1e-2." tags=["plot"]
plotting.lines(
    np.arange(121), distance, "step", "distance from the solution",
    dashed={"plain, best rate": promised}, y_scale="log",
)  # fmt: skip

# %% [markdown]
# With the best choice momentum wins by far; with the popular 0.9 it loses to plain descent, and Adam loses too. Do not
# conclude more than that: this is one problem with two parameters and no noise, and its eigenvalues, which the best
# choices need, are known here and hardly ever elsewhere.

# %% [markdown]
# ## Is it right?
#
# Three independent judges: finite differences, TensorFlow's automatic derivatives, and Keras's optimisers. First the
# gradient. `gradient_error` compares it with $\big(J(\theta+h)-J(\theta-h)\big)/2h$, one parameter at a time, and
# returns the largest relative difference.

# %%
theta = np.array([1.0, -2.0])
error = gradient_error(
    lambda theta: mse(theta, design, targets),
    lambda theta: mse_gradient(theta, design, targets),
    theta,
)
print(f"finite differences: relative difference < 1e-8: {error < 1e-8}")

# %%
variable = tf.Variable(theta)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((targets - tf.linalg.matvec(design, variable)) ** 2)
difference = abs(tape.gradient(loss, variable).numpy() - line_gradient(theta)).max()
print(f"GradientTape: difference < 1e-12: {difference < 1e-12}")

# %% [markdown]
# Would these judges notice a mistake? Plant one: forget the factor 2.

# %%
error = gradient_error(
    lambda theta: mse(theta, design, targets),
    lambda theta: mse_gradient(theta, design, targets) / 2,
    theta,
)
print(f"relative error of the wrong gradient: {error:.2f}")

# %% [markdown]
# Then the optimisers. For each: the few lines above, the version in `helpers` (which checks its arguments and keeps the
# dtype), both against Keras, ten steps from the same point.


# %%
def keras_path(optimizer, steps):
    variable = tf.Variable(np.zeros(2))
    path = [variable.numpy()]
    for _ in range(steps):
        gradient = tf.constant(line_gradient(variable.numpy()))
        optimizer.apply_gradients([(gradient, variable)])
        path.append(variable.numpy())
    return np.array(path)


SGD, Adam = tf.keras.optimizers.SGD, tf.keras.optimizers.Adam
cases = {
    "plain": (gradient_descent, optimisers.gradient_descent, SGD(0.25)),
    "momentum": (momentum, optimisers.momentum, SGD(0.25, momentum=0.9)),
    "Adam": (adam, optimisers.adam, Adam(0.25)),
}

# %%
bounds = {"plain": 1e-6, "momentum": 1e-6, "Adam": 1e-4}
for name, (ours, helper, optimizer) in cases.items():
    keras = keras_path(optimizer, 10)
    few_lines = abs(ours(line_gradient, np.zeros(2), 0.25, 10) - keras).max()
    grown_up = abs(helper(line_gradient, np.zeros(2), 0.25, 10) - keras).max()
    print(f"{name}: few lines < {bounds[name]:g}: {few_lines < bounds[name]}", end=", ")
    print(f"helper < 1e-6: {grown_up < 1e-6}")

# %% [markdown]
# Why only 1e-4 for Adam? Keras rounds $\beta_2$ to single precision before it computes $\beta_2^t$. The helper copies that,
# our few lines do not.
#
# `SGD` stands for stochastic gradient descent, but the class knows nothing of chance: on the gradient of the whole data
# set it is plain gradient descent. The chance is in how *you* choose the batches. Give Keras the same batches as ours,
# and it takes the same path:

# %%
ours = minibatch_descent(np.zeros(2), 0.1, 20, 10, np.random.default_rng(3))
optimizer, variable = SGD(0.1), tf.Variable(np.zeros(2))
for batch in np.random.default_rng(3).integers(100, size=(20, 10)):
    gradient = mse_gradient(variable.numpy(), standardised[batch], targets[batch])
    optimizer.apply_gradients([(tf.constant(gradient), variable)])
difference = abs(variable.numpy() - ours[-1]).max()
print(f"mini-batches: ours - Keras < 1e-6: {difference < 1e-6}")

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
# | `optimizer.minimize(loss)` | `AttributeError` since Keras 3 (E35) | `optimizer.apply_gradients(...)` |
# | `_, theta = optimizer.minimize(...)` | there is no pair to unpack (E37) | read the variable, it has changed in place |
# | `minimize` inside the loop | in TensorFlow 1: more operations each round, none is run (E38) | one `tf.function`, called in a loop |
#
# Do not take a table's word for it:


# %%
def complain(action):
    try:
        action()
    except (
        AttributeError,
        RuntimeError,
        TypeError,
        tf.errors.InvalidArgumentError,
    ) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0].split(' [Op')[0]}")


weight = tf.Variable([[0.5]])
complain(lambda: tf.gradients(weight * weight, weight))
complain(lambda: tf.train.GradientDescentOptimizer(learning_rate=0.01))
complain(lambda: tf.keras.optimizers.SGD(0.01).minimize(weight * weight, [weight]))

array = np.array([[0.5]])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(array))
complain(lambda: tape.gradient(loss, array))

# %% [markdown]
# Nor did the programs work in their own day. TensorFlow 2 still knows the old rules, and under them the optimiser refuses
# a NumPy array as well. With a variable in its place, `minimize` in a loop adds operations to the graph in each round.
# Nothing runs them, so the weight stays where it was; and what `minimize` returns is one operation, not a pair.

# %%
with tf.Graph().as_default() as graph:  # the rules of TensorFlow 1 inside this block
    old_weight = tf.compat.v1.get_variable("weight", initializer=0.5)
    old_loss = old_weight**2
    old_optimizer = tf.compat.v1.train.GradientDescentOptimizer(learning_rate=0.01)
    complain(lambda: old_optimizer.minimize(old_loss, var_list=[array]))
    initialise = tf.compat.v1.global_variables_initializer()
    sizes = [len(graph.get_operations())]
    for _ in range(3):
        operation = old_optimizer.minimize(old_loss)
        sizes.append(len(graph.get_operations()))
    with tf.compat.v1.Session() as session:
        session.run(initialise)
        print(f"operations in the graph, round by round: {sizes}")
        print(f"weight, at the start 0.5: {session.run(old_weight)}")

complain(lambda: iter(operation))

# %% [markdown]
# ### The training loop by hand
#
# A **tape** records what TensorFlow (Abadi et al., 2016) computes while it is open, and differentiates it afterwards. The
# gradient and the update are two separate calls. `tf.function` records (traces) the step as a graph on its
# first call and runs that graph from then on, without Python in between.

# %%
inputs_tf, targets_tf = tf.constant(standardised), tf.constant(targets)
theta_tf = tf.Variable(np.zeros(2))
optimizer = tf.keras.optimizers.SGD(learning_rate=0.3)


@tf.function
def train_step():
    with tf.GradientTape() as tape:
        prediction = tf.linalg.matvec(inputs_tf, theta_tf)
        loss = tf.reduce_mean((targets_tf - prediction) ** 2)
    optimizer.apply_gradients([(tape.gradient(loss, theta_tf), theta_tf)])
    return loss


losses = [float(train_step()) for _ in range(30)]
difference = abs(theta_tf.numpy() - exact_standardised).max()
print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")
print(f"difference to the closed form < 1e-6: {difference < 1e-6}")

# %% [markdown]
# The loss does not go to 0: what remains is the noise, whose variance is $1/12 \approx 0.083$ on average over all data sets.

# %% [markdown]
# What if the gradient is computed once and used for ever, as a program does that leaves its loss before the loop (E36)?

# %%
gradient_once = slope_gradient(np.array([0.5]))[0]
stale = 0.5 - 1000 * 0.01 * gradient_once
print(f"slope after 1000 stale steps: {stale:.1f}, should be {best_slope:.1f}")

# %% [markdown]
# ### Four gradients that are `None`
#
# A tape raises no error when it has recorded no path from a variable to the loss. It answers `None`. Four common ways to
# get there (`persistent=True` allows to ask one tape several times):

# %%
weight, fixed = tf.Variable(2.0), tf.constant(2.0)
before = weight**2
with tf.GradientTape(persistent=True) as tape:
    of_constant = fixed**2  # 1. a constant is not watched
    through_numpy = (
        tf.constant(weight.numpy()) ** 2
    )  # 2. NumPy is invisible to the tape
    copy = tf.Variable(0.0)
    copy.assign(weight)  # 3. assigning cuts the connection
    through_assign = copy**2

print("a constant:           ", tape.gradient(of_constant, fixed))
print("through NumPy:        ", tape.gradient(through_numpy, weight))
print("through an assignment:", tape.gradient(through_assign, weight))
print(
    "loss before the tape: ", tape.gradient(before, weight)
)  # 4. computed before the tape was open

# %% [markdown]
# The cures, in the same order: use a `tf.Variable` or `tape.watch(fixed)`; stay with TensorFlow operations; use the
# variable itself; compute the loss inside the tape. One of these meets everybody in disguise. The update as the formula
# writes it makes a constant out of the variable, and the *next* step gets nothing:

# %%
theta = tf.Variable(2.0)
for step in (1, 2):
    with tf.GradientTape() as tape:
        loss = theta**2
    gradient = tape.gradient(loss, theta)
    print(f"step {step}: gradient {gradient if gradient is None else gradient.numpy()}")
    if gradient is not None:
        theta = theta - 0.1 * gradient  # write theta.assign_sub(0.1 * gradient) instead

# %% [markdown]
# ### Two traps of types and shapes
#
# NumPy makes 64-bit numbers, TensorFlow 32-bit ones, and the two do not mix (E45). And shapes that do not match may
# broadcast in silence: a column minus a row is a whole table, and its mean is not the loss.

# %%
complain(lambda: tf.constant(x[0][:, None]) @ tf.constant([[0.5]]))

prediction = tf.constant(3 * x[0][:, None])  # shape (100, 1)
print(
    "right:",
    (targets[:, None] - prediction).shape,
    " wrong:",
    (targets - prediction).shape,
)
right, wrong = (
    float(tf.reduce_mean((y - prediction) ** 2)) for y in (targets[:, None], targets)
)
print(f"loss {right:.3f}, with the wrong shape {wrong:.3f}, and no error")

# %% [markdown]
# Choose one type at the top and stay with it: `float32` for training, `float64` where you check formulas. A step that
# is smaller than half of the last digit changes nothing, so in `float32` the descent stalls early:


# %%
def typed_gradient(theta):
    return mse_gradient(theta, design.astype(theta.dtype), targets.astype(theta.dtype))


for dtype in (np.float64, np.float32):
    end = gradient_descent(typed_gradient, np.zeros(2, dtype), dtype(0.7), 400)[-1]
    error = abs(end - exact).max()
    small, tiny = error < 1e-5, error < 1e-12
    print(f"{np.dtype(dtype)}: error < 1e-5: {small}, < 1e-12: {tiny}")

# %% [markdown]
# ### With Keras
#
# Today you would write the same in four lines. A `Dense` layer with one unit *is* the line $\theta_1 x + \theta_2$, and
# `batch_size=100` makes each epoch one step of plain gradient descent. With the rate ½, one is enough.

# %%
model = tf.keras.Sequential(
    [tf.keras.Input((1,)), tf.keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.5), loss="mse")
model.fit(standardised[:, :1], targets[:, None], batch_size=100, epochs=1, verbose=0)
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


train, test = split(seed=0)
print(f"{len(train)} patients to learn from, {len(test)} held out")
print(f"measured: {', '.join(feature_names)}")

# %% [markdown]
# The features have very different sizes: sex is coded 1 or 2, and s1, the first of six blood values, is the total
# cholesterol, near 190. Look at the condition number before you start. The means and standard deviations come from the
# training patients alone; to use the others' as well would be peeking.


# %%
def with_intercept(features):
    return np.column_stack([features, np.ones(len(features))])


def standardise(train):
    """Return the features on the scale of the training patients, and a column of ones."""
    means, deviations = features[train].mean(axis=0), features[train].std(axis=0)
    return with_intercept((features - means) / deviations)


raw, scaled = with_intercept(features), standardise(train)
for name, rows in (("raw", raw[train]), ("standardised", scaled[train])):
    values = np.linalg.eigvalsh(2 / len(rows) * rows.T @ rows)
    condition, largest_rate = values[-1] / values[0], 2 / values[-1]
    print(f"{name}: condition number {condition:.2g}, largest rate {largest_rate:.2g}")

# %% [markdown]
# On the raw features rates must stay below fourteen millionths, and then it would take hundreds of millions of steps to
# shrink the slowest part of the error a millionfold. On the standardised ones a rate of 0.2 is below the limit:


# %%
def rmse(theta, inputs, targets):
    """Root of the mean squared error, in the unit of the target."""
    return np.sqrt(mse(theta, inputs, targets))


def fit_by_descent(inputs, targets, steps):
    def gradient(theta):
        return mse_gradient(theta, inputs, targets)

    return gradient_descent(gradient, np.zeros(inputs.shape[1]), 0.2, steps)


seen, unseen = (scaled[train], progression[train]), (scaled[test], progression[test])
patient_path = fit_by_descent(*seen, 2000)
closed_form = np.linalg.lstsq(*seen)[0]
mean_only = np.append(np.zeros(10), progression[train].mean())  # all slopes are 0

# %%
candidates = {
    "mean of the training patients": mean_only,
    "descent, 100 steps": patient_path[100],
    "descent, 2000 steps": patient_path[2000],
    "closed form": closed_form,
}
for name, theta in candidates.items():
    errors = f"training {rmse(theta, *seen):.1f}, held out {rmse(theta, *unseen):.1f}"
    print(f"{name:30s} {errors}; weights of s1 {theta[4]:5.1f}, s2 {theta[5]:4.1f}")

# %% alt="Training and held-out error over 2000 steps, with the steps on a logarithmic axis: both fall from above 110 to their final level within ten steps, 53 in training and 57 held out, where the closed form lies too. The mean of the training patients has a held-out error of 72." tags=["plot"]
visits = np.unique(np.geomspace(1, 2000, 60).astype(int))
curves = {
    "training": [rmse(patient_path[i], *seen) for i in visits],
    "held out": [rmse(patient_path[i], *unseen) for i in visits],
}
levels = {
    "mean, held out": rmse(mean_only, *unseen),
    "closed form, held out": rmse(closed_form, *unseen),
}
plotting.lines(
    visits, curves, "step", "root mean squared error", levels=levels, x_scale="log"
)

# %% [markdown]
# Descent reaches the closed form in the end. Its predictions are nearly as good after a hundred steps, although its weights
# are wrong then, the one of s2 even in its sign. The condition number is still about 500, because s1 and s2 nearly repeat
# each other: the data hardly vary along that direction, so it is slow to learn, and hardly matters for the prediction.
# Beware of reading a meaning into single weights.
#
# One split proves little. Repeat it twenty times, and say how much of the held-out variance the model explains. (This
# share is called $R^2$: 1 is perfect, 0 is what the best constant reaches, and it can be negative.)

# %%
shares = {"descent, 100 steps": [], "closed form": []}
for seed in range(20):
    of_train, of_test = split(seed)
    rows = standardise(of_train)
    fitted = fit_by_descent(rows[of_train], progression[of_train], 100)[-1]
    solved = np.linalg.lstsq(rows[of_train], progression[of_train])[0]
    for share, theta in zip(shares.values(), (fitted, solved)):
        error = mse(theta, rows[of_test], progression[of_test])
        share.append(1 - error / progression[of_test].var())

for name, share in shares.items():
    print(
        f"{name}: {min(share):.2f} to {max(share):.2f}, {np.mean(share):.2f} on average"
    )

# %% [markdown]
# In all twenty splits better than the mean, and far from perfect: about half of the variance remains unexplained, because
# it is noise, or not in these ten numbers, or not in them in a linear way. And gradient descent has no advantage here
# over the closed form, which needs no rate and no steps. It is needed where there is no closed form, as in the next
# lesson, or where solving for very many parameters at once is too expensive.

# %% [markdown]
# ## Try it
#
# The figure shows the path of momentum on the raw input. Run the cell below it and move a slider: a figure of your own
# appears under the sliders. Its title says how far from the minimum the path ends.
#
# - `beta` 0, `steps` 200, `learning_rate` 0.7, then 0.75, then 0.76: on which side of $2/\lambda_{\max} = 0.756$ is
#   each? Look at the numbers on the axes, too.
# - The same rates with `beta` 0.7: all converge. Momentum moves the limit to $2(1+\beta)/\lambda_{\max} = 1.285$. Try
#   both sides of it.
# - Tick `standardise_input`. With `steps` 40 and the rate 0.2, set `beta` to 0, then 0.7, then 0.95. Where the bowl is
#   round, no direction needs the extra speed: what does momentum do?


# %% alt="Contours of the loss over slope and intercept with the path of gradient descent with momentum, which curves around and ends near the minimum, 0.0085 away after 40 steps." tags=["plot"]
def try_it(learning_rate=0.2, beta=0.7, steps=40, standardise_input=False):
    inputs = standardised if standardise_input else design
    lowest = exact_standardised if standardise_input else exact

    def gradient(theta):
        return mse_gradient(theta, inputs, targets)

    path = optimisers.momentum(gradient, np.zeros(2), learning_rate, steps, beta)
    height = bowl(2 / 100 * inputs.T @ inputs, lowest)
    distance = np.linalg.norm(path[-1] - lowest)
    title = f"distance after {steps} steps: {distance:.1e}"
    plotting.paths_on_contours({title: (height, path, lowest)}, "slope", "intercept")


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, learning_rate=(0.01, 1.3, 0.01), beta=(0, 0.95, 0.05), steps=(1, 200)
)

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, run that cell, then
# run the check below it. The check answers "not attempted yet", "correct", or "wrong" with the smallest input on which
# yours fails. If you are stuck, open the hint.
# A solution is folded away below each hint.

# %% [markdown]
# ### Exercise 1: How fast may it go?
#
# Return the learning rate above which gradient descent on the mean squared error of a linear model diverges, for given
# `inputs` of shape $(N, D)$.


# %%
def largest_learning_rate(inputs):
    raise NotImplementedError


# %%
check.largest_learning_rate(largest_learning_rate)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The loss is quadratic: its Hessian is $\frac2N X^\top X$ everywhere. Along the eigenvector of an eigenvalue $\lambda$,
# each step multiplies the distance to the minimum by $1 - \alpha\lambda$. For which $\alpha$ is that between -1 and 1,
# and which eigenvalue is the first to break it? `np.linalg.eigvalsh` returns the eigenvalues of a symmetric matrix.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 1


# %%
def largest_learning_rate(inputs):
    ### BEGIN SOLUTION
    hessian = 2 / len(inputs) * inputs.T @ inputs
    return 2 / np.linalg.eigvalsh(hessian).max()
    ### END SOLUTION


check.largest_learning_rate(largest_learning_rate)

# %% [markdown]
# ### Exercise 2: Back to the patient's units
#
# A model was fitted on standardised features: its prediction is $\sum_i w_i\,(x_i - \mu_i)/\sigma_i + b$, with `slopes`
# $w$, `intercept` $b$, `means` $\mu$ and `deviations` $\sigma$. Return the slopes and the intercept that give the same
# prediction from the raw features $x$, as a pair.


# %%
def original_units(slopes, intercept, means, deviations):
    raise NotImplementedError


# %%
check.original_units(original_units)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Expand the prediction and collect what stands in front of each $x_i$: that is its new slope. Everything that has no
# $x_i$ in it is the new intercept. Test: at $x = \mu$ both models predict $b$.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 2


# %%
def original_units(slopes, intercept, means, deviations):
    ### BEGIN SOLUTION
    raw_slopes = slopes / deviations
    return raw_slopes, intercept - raw_slopes @ means
    ### END SOLUTION


check.original_units(original_units)

# %% [markdown]
# ### Exercise 3: A penalty for large weights
#
# Ridge regression adds $c\,\lVert\theta\rVert^2$ to the loss,
# $J(\theta) = \frac1N\lVert y - X\theta\rVert^2 + c\,\lVert\theta\rVert^2$, with the `penalty` $c$. Return the
# gradient.


# %%
def ridge_gradient(theta, inputs, targets, penalty):
    raise NotImplementedError


# %%
check.ridge_gradient(ridge_gradient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The gradient of a sum is the sum of the gradients. You have the first one already, from the mean squared error. For
# the second, write $\lVert\theta\rVert^2 = \sum_i\theta_i^2$ and differentiate with respect to one $\theta_i$.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 3


# %%
def ridge_gradient(theta, inputs, targets, penalty):
    ### BEGIN SOLUTION
    residual = targets - inputs @ theta
    return -2 / len(targets) * inputs.T @ residual + 2 * penalty * theta
    ### END SOLUTION


check.ridge_gradient(ridge_gradient)

# %% [markdown]
# ### Exercise 4: A loss that forgives outliers
#
# Squares let one far-off point rule the fit. The loss $J(\theta) = \frac1N\sum_n \log\cosh(y_n - x_n^\top\theta)$ grows
# only in proportion to a large error. Derive its gradient (the derivative of $\log\cosh$ is $\tanh$), and write it
# down.


# %%
def log_cosh_gradient(theta, inputs, targets):
    raise NotImplementedError


# %%
check.log_cosh_gradient(log_cosh_gradient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Chain rule, one example at a time: $\tanh$ of the residual $y_n - x_n^\top\theta$, times the derivative of the
# residual with respect to $\theta$. Mind its sign. The sum over the examples is a product with $X^\top$, as for the
# mean squared error.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 4


# %%
def log_cosh_gradient(theta, inputs, targets):
    ### BEGIN SOLUTION
    return -inputs.T @ np.tanh(targets - inputs @ theta) / len(targets)
    ### END SOLUTION


check.log_cosh_gradient(log_cosh_gradient)

# %% [markdown]
# ### Exercise 5: Nesterov's momentum
#
# Momentum that looks ahead: take the gradient not where you are but where the velocity is about to carry you, at
# $\theta + \beta u$ (Sutskever et al., 2013). If you store that point ahead as $\theta_t$, the rule becomes (Bengio et
# al., 2013; Keras: `SGD(momentum=..., nesterov=True)`)
#
# $$u_{t+1} = \beta u_t - \alpha\nabla J(\theta_t), \qquad \theta_{t+1} = \theta_t + \beta\,u_{t+1} - \alpha\nabla J(\theta_t), \qquad u_0 = 0 .$$
#
# Return the whole path as an array with `steps + 1` rows, like `momentum` above.


# %%
def nesterov(gradient, start, learning_rate, steps, beta):
    raise NotImplementedError


# %%
check.nesterov(nesterov)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Start from the loop of `momentum`. Compute the gradient once in each step, at the last point of the path, then the new
# velocity, then the new point. The new point uses the *new* velocity $u_{t+1}$. Check the first step by hand:
# $u_0 = 0$, so it is $-(1+\beta)\,\alpha\nabla J(\theta_0)$.
#
# </details>

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# #### Solution of exercise 5


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


check.nesterov(nesterov)

# %% [markdown]
# ## What we have seen
#
# - Gradient descent lowers the loss. The gradient may grow on the way, and a zero gradient may be a minimum, a maximum or
#   a saddle.
# - For a quadratic loss everything can be predicted: the error along each eigenvector of the Hessian is multiplied by
#   $1-\alpha\lambda_i$ per step, rates below $2/\lambda_{\max}$ converge, and at the best rate the condition number decides
#   how long you wait.
# - Standardising the inputs changes the shape of the bowl, and often helps more than any choice of rate.
# - A wrong model stays wrong under a perfect optimiser. Compare with a closed form where there is one, and with a simple
#   baseline always.
# - Mini-batches are right on average and hover at the end, the lower the smaller the rate. Momentum adds up the steps that
#   agree. Adam gives each parameter its own pace.
# - In TensorFlow 2 a tape computes the gradient, an optimiser applies it, and a `None` means that the tape has recorded no
#   path from the variable to the loss.
#
# ## References
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Bengio, Y., Boulanger-Lewandowski, N., & Pascanu, R. (2013). Advances in optimizing recurrent networks. *ICASSP*,
#   8624–8628. [arXiv:1212.0901](https://arxiv.org/abs/1212.0901)
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
