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
# Gradient descent is how neural networks learn: find out which way the loss falls, take a step that way, repeat. In
# this lesson you take the first step with a pencil, and then predict with a formula where all further steps lead. If a
# large network does not learn, you will know what to check first.
#
# **What you'll do**
#
# - take one step by hand, then let a program repeat it;
# - derive which learning rates converge, and watch rates that are too small, right and too large;
# - write gradient descent, mini-batches, momentum and Adam in a few lines each, and check the optimisers against Keras;
# - predict the progress of a disease from ten measurements, with a learning rate chosen on patients set aside.
#
# **What you'll learn**
#
# - what one step does to the loss, and what it does not promise;
# - why some problems are slow, and what standardising the inputs does about it;
# - how TensorFlow 2 computes gradients and applies them, and how it comes to answer `None`.
#
# **What you'll need**
#
# - Python with NumPy arrays; derivatives and a simple integral; the normal distribution; logarithms; scalar products;
#   products and transposes of matrices. Partial derivatives and eigenvectors are recalled;
# - about 90 minutes, and another hour for the exercises.
#
# A published introduction to this subject, "the article", makes mistakes. This lesson takes each apart where its topic
# is taught; marks such as [E42](../ERRATA.md#E42) lead to the list of all of them.

# %%
import numpy as np

# `helpers` comes with these lessons (README.md); pip's package of that name is another.
import helpers.gradient_descent as optimisers
from helpers import controls, datasets, plotting, startup
from helpers.checks import gradient_descent as check
from helpers.gradient_check import gradient_error

with startup.quiet():  # TensorFlow's start-up messages differ from machine to machine
    import tensorflow as tf

# %% [markdown]
# ## The idea
#
# ### How far off is a line?
#
# Here are three points, and a first guess at a line: $y = wx + b$ with the *slope* $w = 1$ and the *intercept* $b = 1$.
# At each point the line makes a prediction. Target minus prediction is the **residual**, written beside each dotted
# line.


# %% alt="Three points, (0, 1), (1, 3) and (2, 4), and the line with slope 1 and intercept 1. It meets the first point and passes below the other two, with a residual of 1 each." tags=["plot"]
def line(w, b):
    """The line with slope w and intercept b, as a function of x."""
    return lambda x: w * x + b


three_x, three_y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 4.0])
guess = {"first guess": line(1, 1)}
plotting.points_and_lines(three_x, three_y, guess, "x", "y", residuals="first guess")

# %% [markdown]
# The **loss** says in one number how wrong the line is: the mean of the squared residuals. They are squared so that too
# high and too low cannot cancel. (*Why squares* gives a better reason.)
#
# ### One step with a pencil
#
# Check each entry of this table on paper.
#
# | | $x$ | target $y$ | prediction $wx+b$ | residual $r$ | $r^2$ | $x\,r$ |
# |---|---|---|---|---|---|---|
# | point 1 | 0 | 1 | 1 | 0 | 0 | 0 |
# | point 2 | 1 | 3 | 2 | 1 | 1 | 1 |
# | point 3 | 2 | 4 | 3 | 1 | 1 | 2 |
# | mean | | | | $\tfrac23$ | $\tfrac23$ | 1 |
#
# The loss is $\tfrac23$. Now make $b$ a little larger. Each prediction rises, each residual $r$ falls by the same
# amount, and $r^2$ falls by $2r$ times that amount. So the derivative of the loss with respect to $b$ is $-2$ times the
# mean of $r$, which is $-\tfrac43$. If you make $w$ larger instead, the prediction rises $x$ times as much: the
# derivative with respect to $w$ is $-2$ times the mean of $x\,r$, which is $-2$.
#
# Both derivatives are negative, so the loss falls when $w$ and $b$ grow. Take a step against them: change each
# parameter by $-0.3$ times its derivative. The number 0.3 is the **learning rate**: $w = 1 + 0.3\cdot 2 = 1.6$ and
# $b = 1 + 0.3\cdot\tfrac43 = 1.4$. The new predictions are 1.4, 3.0 and 4.6, the new residuals −0.4, 0 and −0.6. The
# loss has fallen from $\tfrac23$ to $\tfrac13(0.16 + 0.36) = 0.173$. That was gradient descent. As a
# program:

# %%
learning_rate = 0.3
w, b = 1.0, 1.0
residuals = three_y - (w * three_x + b)
print(f"loss {np.mean(residuals**2):.3f}, residuals {residuals}")

d_w, d_b = -2 * np.mean(three_x * residuals), -2 * np.mean(residuals)
w, b = w - learning_rate * d_w, b - learning_rate * d_b

residuals = three_y - (w * three_x + b)
print(f"w = {w:.1f}, b = {b:.1f}, predictions {w * three_x + b}")
print(f"loss {np.mean(residuals**2):.3f}, residuals {residuals.round(1) + 0.0}")

# %% [markdown]
# ### Repeat
#
# Picture a hillside in fog. You cannot see the valley, but you feel the slope under your feet, and step downhill: long
# steps where it is steep, short ones where it becomes flat.

# %%
w, b = 1.0, 1.0
walk = [(w, b)]
for _ in range(60):
    residuals = three_y - (w * three_x + b)
    d_w, d_b = -2 * np.mean(three_x * residuals), -2 * np.mean(residuals)
    w, b = w - learning_rate * d_w, b - learning_rate * d_b
    walk.append((w, b))
print(f"after 60 steps: w = {w:.3f}, b = {b:.3f}")

# %% alt="The three points with the line at steps 0, 1 and 60. At step 1 it lies a little too high, at step 60 it runs between the points." tags=["plot"]
snapshots = {f"step {step}": line(*walk[step]) for step in (0, 1, 60)}
plotting.points_and_lines(three_x, three_y, snapshots, "x", "y")

# %% [markdown]
# The line settles where no small change of $w$ or $b$ lowers the loss any more. How long may a
# step be? And how many steps does it take? For a loss that is quadratic in the parameters both have an exact answer.

# %% [markdown]
# ## The mathematics
#
# ### Symbols
#
# | symbol | meaning | size | name in the code |
# |---|---|---|---|
# | $N$, $D$ | numbers of examples and of parameters | 1 | `len(targets)`, `len(theta)` |
# | $X$, $x_n$ | inputs; its row $n$, the example $n$ | $N \times D$, $D$ | `inputs`, `design`, `scaled` |
# | $y$, $r$ | targets; residuals $y - X\theta$ | $N$ | `targets`, `residuals` |
# | $\theta$, $\theta^*$ | parameters; those with the lowest loss | $D$ | `theta`, `exact` |
# | $J(\theta)$ | loss, one number | 1 | `mse` |
# | $\nabla J(\theta)$ | gradient: the derivatives of $J$ with respect to each parameter | $D$ | `mse_gradient` |
# | $\alpha$ | learning rate, larger than 0 | 1 | `learning_rate` |
# | $t$ | number of the step, 0, 1, 2, … | 1 | index into `path` |
# | $H$ | Hessian: the second derivatives of $J$ | $D \times D$ | `hessian` |
# | $\lambda_i$, $v_i$ | eigenvalues and eigenvectors of $H$ | $1$, $D$ | `flat`, `steep` |
# | $\kappa$ | condition number $\lambda_{\max}/\lambda_{\min}$ | 1 | `kappa` |
#
# A line has $D = 2$ parameters, $\theta = (w, b)$, and each example is a row $(x, 1)$: then $X\theta$ holds all
# predictions $wx + b$.
#
# ### Why the negative gradient
#
# A *partial* derivative is the derivative with respect to one parameter while all others are kept fixed. The
# **gradient** is the list of them. Move a little, from $\theta$ to $\theta + d$. As long as $d$ is small, the loss
# changes by slope times distance, summed over the parameters:
# $J(\theta + d) \approx J(\theta) + \nabla J(\theta)^\top d$. (This is Taylor's formula, cut after the first order.)
#
# Among all moves $d$ of one length, which lowers the loss most? A scalar product is
# $\lVert\nabla J\rVert\,\lVert d\rVert \cos\varphi$, with $\varphi$ the angle between the two vectors. It is smallest
# for $\cos\varphi = -1$: $d$ points exactly against the gradient. (Length counts a unit of every parameter alike.
# Measure one parameter in other units, and another direction is the steepest.) Make the step
# proportional to the slope, $d = -\alpha\nabla J(\theta)$, and you have gradient descent (Cauchy, 1847):
#
# $$\theta_{t+1} = \theta_t - \alpha\,\nabla J(\theta_t) .$$
#
# Here $t$ is the number of the step, not a time, and $\alpha$ cannot be any number you like, as the next section shows
# ([E15](../ERRATA.md#E15)).
#
# ### Which learning rates converge
#
# Start with one parameter and a parabola, $J(\theta) = \tfrac h2(\theta - \theta^*)^2$. Its derivative is
# $h\,(\theta - \theta^*)$; the second derivative, the *curvature*, is $h$ everywhere. One step gives
#
# $$\theta_{t+1} - \theta^* = (1 - \alpha h)\,(\theta_t - \theta^*) .$$
#
# So each step multiplies the error by $1 - \alpha h$:
#
# | $\alpha h$ | factor | what you see |
# |---|---|---|
# | between 0 and 1 | between 0 and 1 | shrinks; slowly if $\alpha h$ is close to 0 |
# | 1 | 0 | gone in one step |
# | between 1 and 2 | between −1 and 0 | jumps over the minimum, converges |
# | 2 | −1 | jumps to and fro for ever |
# | above 2 | below −1 | jumps over the minimum, diverges |
#
# With $h = 10$, for instance, the limit is $2/h = 0.2$, and $\alpha = 0.1$ needs a single step.
#
# What if the loss is no parabola? If its curvature is nowhere larger than $L$, a rate below $2/L$ lowers the loss in
# every step, as long as the gradient is not zero. The next section (optional) proves it.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Losses that are no parabola (optional)

# %% [markdown]
# Suppose that at no point and in no direction the curvature of $J$ is larger than $L$. Then the second-order term of
# Taylor's formula is at most $\tfrac L2\lVert d\rVert^2$, and with $d = -\alpha\nabla J$
#
# $$J(\theta_{t+1}) \le J(\theta_t) - \alpha\left(1 - \frac{\alpha L}{2}\right)\lVert\nabla J(\theta_t)\rVert^2 .$$
#
# The bracket is positive for $0 < \alpha < 2/L$. In this range every step lowers the loss, unless the gradient is zero
# already. Add up all steps: if the loss cannot fall below some bound, the squared gradients of all steps together have
# a finite sum, so the gradient tends to zero (Nesterov, 2018, section 1.2.3). Nothing here says that the point reached
# is the lowest of all, or that a larger rate must fail.

# %% [markdown]
# ### The linear model
#
# The mean squared error is $J(\theta) = \frac1N \sum_n (y_n - x_n^\top\theta)^2$. With the pencil you found its
# derivatives already: $-2$ times the mean of (column of $X$) times (residual). All of them together, and differentiated
# once more:
#
# $$\nabla J(\theta) = -\frac2N X^\top (y - X\theta), \qquad H = \frac2N X^\top X .$$
#
# $X^\top$ has the size $D \times N$ and the residuals the size $N$, so the gradient has $D$ entries. $H$ does not
# depend on $\theta$, and $v^\top H v = \tfrac2N\lVert Xv\rVert^2$ is never negative: in every direction $v$ the loss is
# a parabola that opens upwards, or is flat. Such a loss has no second valley; it is *convex*. At its lowest point the
# gradient is zero, so that $X^\top X\,\theta^* = X^\top y$. This is the *closed form*; `np.linalg.lstsq` solves it. (It
# is unique if no column is a combination of the others.) Put $X^\top X\,\theta^*$ in place of $X^\top y$ in the
# gradient, and $\nabla J(\theta) = H(\theta - \theta^*)$. So the rule becomes
#
# $$\theta_{t+1} - \theta^* = (I - \alpha H)\,(\theta_t - \theta^*) .$$
#
# An *eigenvector* of $H$ is a direction that $H$ only stretches, $Hv_i = \lambda_i v_i$. A symmetric matrix has $D$ of
# them, at right angles to each other, so every error is a sum of parts along them. Along $v_i$ the loss is a parabola
# with the curvature $\lambda_i$: each step multiplies that part by $1 - \alpha\lambda_i$, and the table above holds for
# each part.
#
# One rate must serve all of them. The steepest direction forbids $2/\lambda_{\max}$ and everything above, and the
# flattest then decides how long you wait. The best rate makes the two extreme factors equally large,
# $1-\alpha\lambda_{\min} = -(1-\alpha\lambda_{\max})$. So it is $\alpha = 2/(\lambda_{\max}+\lambda_{\min})$, and the
# factor is $(\lambda_{\max}-\lambda_{\min})/(\lambda_{\max}+\lambda_{\min}) = (\kappa-1)/(\kappa+1)$ per step. What
# counts is the **condition number** $\kappa = \lambda_{\max}/\lambda_{\min}$. For $\kappa = 1$ one step is enough; for
# $\kappa = 19$ each step leaves $\tfrac{18}{20}$, nine tenths, of the error along the steepest and the flattest
# direction. Now your three points:

# %%
three_inputs = np.column_stack([three_x, np.ones(3)])  # a row (x, 1) for each point
three_hessian = 2 / 3 * three_inputs.T @ three_inputs
low, high = np.linalg.eigvalsh(three_hessian)
print(f"eigenvalues {low:.3f} and {high:.3f}, condition number {high / low:.1f}")
print(f"limit {2 / high:.3f}, best rate {2 / (high + low):.3f}")

your_gradient, your_step = np.array([-2, -4 / 3]), np.array([0.6, 0.4])
first, second = your_gradient @ your_step, your_step @ three_hessian @ your_step / 2
print(f"your step: {first:.3f} + {second:.3f} = {first + second:.3f}")

# %% [markdown]
# The last line is your step once more. Slope times distance promised a fall by 1.733; the curvature,
# $\tfrac12 d^\top H d$ in Taylor's formula, took 1.240 back, and 0.493 remains, as you found. So a step must not be too
# long.
#
# ### Why squares
#
# Suppose that each target is the line plus noise, $y_n = x_n^\top\theta + e_n$, drawn independently from a normal
# distribution with mean 0 and standard deviation $\sigma$. How likely are the targets that you see? Multiply their
# densities $\frac{1}{\sigma\sqrt{2\pi}}\exp(-r_n^2/2\sigma^2)$ and take the logarithm: it is
# $-\frac{1}{2\sigma^2}\sum_n r_n^2$ plus a constant. So the parameters that make the data most likely are those with
# the smallest sum of squares (Gauss, 1809). One residual of 2 weighs as much as four residuals of 1. If far-off points
# (*outliers*) are more common, with a density like $\exp(-|e|)$, the sum of $|r_n|$ takes the place of the squares. And
# the mean 0 is an assumption, as you will see.

# %% [markdown]
# ## From scratch
#
# ### The loss, its gradient, the loop
#
# From now on there are 100 points: $y = 3x + e$, where $x$ and the noise $e$ are both drawn uniformly between 0 and 1.
# Draw 2000 such data sets. You work with the first; the others show what was luck.

# %%
rng = np.random.default_rng(0)
many_x = rng.random((2000, 100))
many_y = 3 * many_x + rng.random((2000, 100))
points, targets = many_x[0], many_y[0]

# %% [markdown]
# The loss and its gradient, as in the formulas:


# %%
def mse(theta, inputs, targets):
    # theta @ inputs.T is X theta, and takes an array of many theta, too.
    return ((targets - theta @ inputs.T) ** 2).mean(axis=-1)


def mse_gradient(theta, inputs, targets):
    return -2 / len(targets) * inputs.T @ (targets - inputs @ theta)


def gradient_for(inputs, targets):
    """The gradient as a function of theta alone."""
    return lambda theta: mse_gradient(theta, inputs, targets)


# %% [markdown]
# The whole algorithm. It keeps every point that it visits.


# %%
def gradient_descent(gradient, start, learning_rate, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * gradient(path[-1]))
    return np.array(path)


# %% [markdown]
# ### Too small, right, too large
#
# First a line through the origin, $y = wx$: one parameter, so the loss is a single parabola. Its curvature is two times
# the mean of $x^2$.

# %%
curvature = 2 * (points**2).mean()
best_slope = (points * targets).sum() / (points**2).sum()  # the closed form
print(f"h = {curvature:.3f}, 1/h = {1 / curvature:.3f}, 2/h = {2 / curvature:.3f}")
slope_gradient = gradient_for(points[:, None], targets)  # 100 rows, 1 column


# %% alt="Four times the same parabola over the slope w, with eight steps that start at 1. Rate 0.2: the points creep down the left side and do not arrive. Rate 1.274: the first step lands on the lowest point. Rate 2.3: the points jump from side to side, lower each time. Rate 2.7: they jump from side to side, higher each time." tags=["plot"]
def above_lowest(w):
    return curvature / 2 * (w - best_slope) ** 2


rates = {"too small": 0.2, "right": 1 / curvature, "large": 2.3, "too large": 2.7}
paths = {
    f"{name}: {rate:.4g}": gradient_descent(slope_gradient, np.ones(1), rate, 8)[:, 0]
    for name, rate in rates.items()
}
plotting.paths_on_curve(
    above_lowest, (-4, 11), paths, "w", "J above its minimum", apart=True
)

# %% [markdown]
# Each path starts at $w = 1$, and a ring marks its last point. In the third panel each step jumps over the minimum, and
# descent converges all the same, because 2.3 is below $2/h$. In the last one the jumps grow. The formula predicts every
# point with its sign. Check it on the first five data sets:

# %%
for x, y in zip(many_x[:5], many_y[:5]):
    h, lowest = 2 * (x**2).mean(), (x * y).sum() / (x * x).sum()
    for rate in (0.01, 0.2, 1 / h, 2.3, 2.7):
        path = gradient_descent(gradient_for(x[:, None], y), np.zeros(1), rate, 20)
        predicted = (1 - rate * h) ** np.arange(21) * (0 - lowest)  # from 0
        assert np.allclose(path[:, 0] - lowest, predicted, rtol=1e-9, atol=1e-9)
print("5 data sets, 5 rates, 20 steps: every error as predicted")

# %% [markdown]
# And what does the habit of taking 0.01 cost here ([E43](../ERRATA.md#E43))?

# %%
for rate in (0.01, 1.5, 1 / curvature):
    path = gradient_descent(slope_gradient, np.array([0.5]), rate, 2500)[:, 0]
    arrived = np.flatnonzero(abs(path - best_slope) < 1e-6)[0]
    print(f"rate {rate:.4g}: error below 1e-6 after step {arrived}")

# %% [markdown]
# ### The slope that comes out as 3.75
#
# The data have the slope 3. Yet the best line through the origin is much steeper. What would you change?

# %% alt="A hundred points around a line that starts near one half. The line through the origin lies below most points on the left and above most on the right. The line with an intercept runs through their middle." tags=["plot"]
design = np.column_stack([points, np.ones(100)])  # one column for each parameter
exact = np.linalg.lstsq(design, targets)[0]
fits = {
    f"w = {best_slope:.2f}, no intercept": line(best_slope, 0),
    f"w = {exact[0]:.2f}, b = {exact[1]:.2f}": line(*exact),
}
plotting.points_and_lines(points, targets, fits, "x", "y")

# %% [markdown]
# The noise has the mean ½, and a line through the origin has no other way to lift itself by ½ than to turn steeper. The
# optimiser is not to blame: the closed form involves no steps at all, and it is the same story in all 2000 data sets.

# %%
slopes = (many_x * many_y).sum(axis=1) / (many_x**2).sum(axis=1)
centred = many_x - many_x.mean(axis=1, keepdims=True)
many_w = (centred * many_y).sum(axis=1) / (centred**2).sum(axis=1)
many_b = many_y.mean(axis=1) - many_w * many_x.mean(axis=1)  # through the means

assert slopes.min() > 3.5  # of 2000
print(f"without b: {slopes.mean():.2f}, from {slopes.min():.2f} to {slopes.max():.2f}")
print(f"with b, on average: w = {many_w.mean():.2f}, b = {many_b.mean():.2f}")

# %% [markdown]
# Why 3.75? Write $E$ for the mean over infinitely many points. The closed form for one parameter is $E[xy]/E[x^2]$.
# Insert $y = 3x + e$; the noise does not depend on $x$, so that $E[xe] = E[x]\,E[e]$, and the fraction is
# $3 + E[x]\,E[e]/E[x^2]$. Here $E[x]$ and $E[e]$ are ½ and $E[x^2] = \int_0^1 x^2\,dx$ is ⅓, which makes
# $3 + \tfrac14/\tfrac13 = \tfrac{15}4$.
#
# The model is wrong, and the optimiser finds the best wrong answer ([E42](../ERRATA.md#E42)). A program that prints one
# number, without a loss or a reference beside it, gives nobody a chance to notice ([E39](../ERRATA.md#E39)), and an
# explanation that only reads its lines aloud does not help ([E40](../ERRATA.md#E40)).
#
# ### The intercept repairs the slope and spoils the condition
#
# So give the model its intercept, and let it descend: a thousand steps of 0.01.

# %%
line_gradient = gradient_for(design, targets)
after_1000 = gradient_descent(line_gradient, np.zeros(2), 0.01, 1000)[-1]
for name, theta in (("exact", exact), ("after 1000 steps", after_1000)):
    print(f"{name}: slope {theta[0]:.3f}, intercept {theta[1]:.3f}")

# %% [markdown]
# A thousand steps, and the slope is not even close ([E44](../ERRATA.md#E44)). Counting steps does not test for
# convergence ([E14](../ERRATA.md#E14)). The eigenvalues say why a thousand are too few.

# %%
hessian = 2 / 100 * design.T @ design
flat, steep = np.linalg.eigvalsh(hessian)
print(f"eigenvalues {flat:.3f} and {steep:.3f}, condition number {steep / flat:.1f}")
print(f"limit 2/{steep:.3f} = {2 / steep:.3f}")
left = (1 - 0.01 * flat) ** 1000
print(f"left along the flat direction after 1000 steps of 0.01: {left:.0%}")

# %% [markdown]
# A change of $w$ can be made up for by $b$: a steeper line that starts lower fits nearly as well. Along this direction
# the loss is almost flat. A larger rate helps, but the steep direction limits it: even the best one leaves about nine
# tenths of this error in each step.
#
# ### Standardise the input
#
# The cure is not patience but a better-shaped bowl. **Standardise** the input: subtract its mean and divide by its
# standard deviation (LeCun et al., 1998). Subtracting makes the two columns orthogonal (their scalar product is 0),
# dividing makes them equally long, so that $H = 2I$: the condition number is 1, and the rate ½ is right for every
# direction.

# %%
scaled = np.column_stack([(points - points.mean()) / points.std(), np.ones(100)])
exact_scaled = np.linalg.lstsq(scaled, targets)[0]
scaled_gradient = gradient_for(scaled, targets)
best_rate = 2 / (steep + flat)
raw_path = gradient_descent(line_gradient, np.zeros(2), best_rate, 60)
scaled_path = gradient_descent(scaled_gradient, np.zeros(2), 0.5, 60)

assert np.allclose(scaled_path[1], exact_scaled, rtol=1e-12)  # after one step
left = np.linalg.norm(raw_path[60] - exact) / np.linalg.norm(exact)
print(f"raw input: {left:.1%} of the distance is left after 60 steps")


# %% alt="Two panels of contours of the loss over slope and intercept, with the path of gradient descent at its best rate. Left, raw input: a long narrow valley, in which the path zigzags from side to side. Right, standardised input: round contours, and one step to the minimum in the centre." tags=["plot"]
def raw_loss(theta):
    return mse(theta, design, targets)


def scaled_loss(theta):
    return mse(theta, scaled, targets)


panels = {
    f"raw, rate {best_rate:.2f}": (raw_loss, raw_path, exact),
    "standardised, rate 0.50": (scaled_loss, scaled_path, exact_scaled),
}
plotting.paths_on_contours(panels, "slope w", "intercept b")

# %% [markdown]
# Both paths have the best rate for their bowl; the star is the minimum (right: $w$ per standard deviation, $b$ at the
# mean). On the left the steps jump from side to side, and progress along the valley floor is slow. On the right the
# negative gradient points straight at the minimum. (Newton's step, $-H^{-1}\nabla J$, makes every quadratic bowl
# round.)

# %% [markdown]
# ### What convergence does not promise
#
# When descent converges, the gradient tends to zero. The point that it reaches need not be the lowest. Here is a loss
# with two valleys, $J(\theta) = (\theta^2-1)^2 + 0.3\,\theta$, and two starts:


# %%
def two_valleys(theta):
    return (theta**2 - 1) ** 2 + 0.3 * theta


def valley_gradient(theta):
    return 4 * theta * (theta**2 - 1) + 0.3


# %% alt="A curve with a deep left and a shallow right valley and a hill between them. From -0.2 a path runs down into the deep valley, from 0.4 another one into the shallow valley." tags=["plot"]
valley_paths = {
    f"from {start}": gradient_descent(valley_gradient, start, 0.03, 60)
    for start in (-0.2, 0.4)
}
plotting.paths_on_curve(two_valleys, (-1.5, 1.45), valley_paths, "theta", "loss J")

# %% [markdown]
# Both converge, and here the start decides which valley they reach. The gradient is zero on top of the hill, too. The
# article tells you to "update the parameters so as to reduce the gradient": that may
# take you up there ([E12](../ERRATA.md#E12)). **Update them along the negative gradient, so as to reduce the loss.**
# The gradient itself may grow on the way: in the figure the steps are longest halfway down.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### When to stop (optional)

# %% [markdown]
# "Repeat until convergence" leaves out the criterion. Stop when the gradient is small enough, the budget is spent, or
# the numbers run away, and report which of these it was. Here on the line with the raw input:


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


# %%
for rate, budget in ((0.01, 1000), (0.01, 50_000), (0.7, 1000), (1.0, 50_000)):
    with np.errstate(over="ignore"):  # the last one diverges: its square overflows
        theta, reason = descend_until(line_gradient, np.zeros(2), rate, 1e-8, budget)
    print(f"rate {rate}: {reason}; slope {theta[0]:.4g}")

# %% [markdown]
# For a quadratic loss a small gradient means that the minimum is near: from $\nabla J = H(\theta - \theta^*)$ follows
# $\lVert\theta-\theta^*\rVert \le \lVert\nabla J\rVert/\lambda_{\min}$. For other losses it means less (next
# section).

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Reduce the loss, or reduce the gradient? (optional)

# %% [markdown]
# Does descent make the gradient smaller in each step? Take a loss that is flat far out,
# $J(\theta) = 1 - \exp(-\theta^2/2)$, a single dip with its minimum at 0, and start on its rim.


# %%
def dip(theta):
    return 1 - np.exp(-(theta**2) / 2)


def dip_gradient(theta):
    return theta * np.exp(-(theta**2) / 2)


for start in (1.5, 2.0, 2.5, 3.0, 3.5):
    path = gradient_descent(dip_gradient, start, 0.5, 120)
    sizes = abs(dip_gradient(path))
    rises = np.sum(np.diff(sizes) > 0)
    assert np.all(np.diff(dip(path)) <= 0)
    assert rises >= 2
    print(f"from {start}: grows for {rises} steps, {sizes[0]:.3f} to {sizes.max():.3f}")

# %% [markdown]
# From each of the five starts descent lowers the loss in every step, while the gradient grows at first: the dip is
# steeper halfway down than on its rim. Now take the article at its word and descend on $\tfrac12 J'(\theta)^2$, whose
# derivative is $J'(\theta)\,J''(\theta)$, in the two valleys from the second start:


# %%
def gradient_of_squared_gradient(theta):
    return valley_gradient(theta) * (12 * theta**2 - 4)


hilltop = gradient_descent(gradient_of_squared_gradient, 0.4, 0.01, 400)[-1]
bottom = valley_paths["from 0.4"][-1]
print(f"reduce the gradient: theta = {hilltop:.3f}, J = {two_valleys(hilltop):.3f}")
print(f"reduce the loss:     theta = {bottom:.3f}, J = {two_valleys(bottom):.3f}")

# %% [markdown]
# Reducing the gradient has climbed to the top of the hill. And it is the loss that is differentiated with respect to
# the parameters, not the other way round ([E13](../ERRATA.md#E13)).
#
# And the test for a small gradient? On the rim of the dip it is content at once:

# %%
print(f"at 10: gradient {dip_gradient(10.0):.1e}, loss {dip(10.0):.3f}, lowest loss 0")

# %% [markdown]
# ### Mini-batches
#
# With a million examples, one exact gradient is expensive. Descend with the gradient of a small random **mini-batch**
# (or *batch*): **stochastic gradient descent**, SGD. This gradient is wrong, but right on average: cut the data into
# equal batches, and the mean of their gradients *is* the full gradient. One pass over all batches is an **epoch**.
#
# How wrong is a batch? The mean of $B$ independent terms varies $1/\sqrt B$ times as much as one term. Draw batches of
# $B$ examples, with replacement, a thousand of each size, and measure the standard deviation of the derivative with
# respect to $w$, with five seeds:

# %%
of_one = -2 * points * (targets - design @ np.ones(2))  # one for each example
for size in (1, 4, 16, 64):
    measured = []
    for seed in range(5):
        batches = np.random.default_rng(seed).integers(100, size=(1000, size))
        measured.append(of_one[batches].mean(axis=1).std())
    predicted = of_one.std() / np.sqrt(size)
    assert np.allclose(measured, predicted, rtol=0.1)
    low, high = min(measured), max(measured)
    print(f"B = {size}: predicted {predicted:.3f}, measured {low:.3f} to {high:.3f}")

# %% [markdown]
# Four times the work, half the noise. (Batches cut from shuffled data have less.) Where a path takes many steps, cheap
# ones are a bargain, as long as all batches agree about the direction.
#
# ### A learning rate that falls
#
# Near the minimum they disagree. A **schedule** changes the learning rate during training; this one lowers it. Here is
# descent with one rate for each step:


# %%
def minibatch_descent(rates, batch_size, seed):
    shape = len(rates), batch_size
    batches = np.random.default_rng(seed).integers(100, size=shape)
    path = [np.zeros(2)]
    for rate, batch in zip(rates, batches):
        gradient = mse_gradient(path[-1], scaled[batch], targets[batch])
        path.append(path[-1] - rate * gradient)
    return np.array(path)


# %% [markdown]
# Compare two constant rates with $\alpha_t = 0.1/(1 + t/20)$, which starts at 0.1 and falls like $1/t$ later. Five runs
# of each:

# %% alt="Loss above the minimum over 400 steps of mini-batches, mean of five runs, on a logarithmic axis. The constant rate 0.1 falls fast and then hovers around 2e-3. The constant rate 0.02 falls slowly and hovers around 3e-4. The falling rate is nearly as fast as the first and ends lowest, below 1e-4." tags=["plot"]
schedules = {
    "constant 0.1": np.full(400, 0.1),
    "constant 0.02": np.full(400, 0.02),
    "falling": 0.1 / (1 + np.arange(400) / 20),
}
excess = {}
for name, rates in schedules.items():
    runs = [scaled_loss(minibatch_descent(rates, 10, seed)) for seed in range(5)]
    excess[name] = np.array(runs) - scaled_loss(exact_scaled)  # 5 runs, 401 losses each

curves = {name: runs.mean(axis=0) for name, runs in excess.items()}
plotting.lines(np.arange(401), curves, "step", "loss above its minimum", y_scale="log")

# %%
ends = {name: runs[:, -100:].mean(axis=1) for name, runs in excess.items()}
for name, end in ends.items():
    print(f"{name}: {end.min():.1e} to {end.max():.1e} in the last 100 steps")
assert np.all(ends["constant 0.02"] < ends["constant 0.1"])  # in each run
assert np.all(ends["falling"] < ends["constant 0.02"])

# %% [markdown]
# With a constant rate the loss hovers: the batches drive the line about. The smaller rate hovers lower and takes longer
# to get there. The schedule is fast at first and ends lowest of the three. Robbins and Monro (1951; see Bottou, Curtis
# & Nocedal, 2018) gave a rule that is enough in such a bowl: the sum of all $\alpha_t$ is infinite, so that
# descent arrives from anywhere, and the sum of their squares finite, so that the noise dies out.
#
# ### Momentum
#
# **Momentum** keeps a velocity $u$, which starts at 0, and of which each step keeps the share $\beta$ (Polyak, 1964):
# $u_{t+1} = \beta\,u_t - \alpha\,\nabla J(\theta_t)$, and then $\theta_{t+1} = \theta_t + u_{t+1}$. Steps that agree
# add up, steps that go back and forth cancel. On the raw input it bears the rate 1, above the limit of plain descent:


# %%
def momentum(gradient, start, learning_rate, steps, beta=0.9):
    path, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = beta * velocity - learning_rate * gradient(path[-1])
        path.append(path[-1] + velocity)
    return np.array(path)


quick = momentum(line_gradient, np.zeros(2), 1.0, 20, beta=0.4)
print(f"slope after 20 steps: {quick[20, 0]:.3f}, plain {raw_path[20, 0]:.3f}")

# %% [markdown]
# Let the derivative be 1 all the time, and $\beta = 0.9$. Then the steps are $\alpha$ times $1$, $1.9$, $2.71$, …, and
# they grow towards $\alpha\,(1 + 0.9 + 0.81 + \dots) = 10\,\alpha$. Plain descent on a quadratic loss needs a number of
# steps that grows like $\kappa$; with the best pair of $\alpha$ and $\beta$ it grows like $\sqrt\kappa$, as the next
# section (optional) shows. That pair needs the eigenvalues, which are hardly ever known, so in practice you take
# $\beta = 0.9$ and try several rates. That pays for large $\kappa$.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Why momentum takes the root (optional)

# %% [markdown]
# Along one eigenvector, let $d_t$ be the error. Since $u_t = d_t - d_{t-1}$, the two rules become one:
#
# $$d_{t+1} = (1 + \beta - \alpha\lambda)\,d_t - \beta\,d_{t-1} .$$
#
# Its solutions are powers $z^t$ with $z^2 - (1+\beta-\alpha\lambda)\,z + \beta = 0$. The product of the two roots is
# $\beta$. Where they are complex, both have the size $\sqrt\beta$, whatever $\lambda$ is. That is the case for
# $(1-\sqrt\beta)^2 < \alpha\lambda < (1+\sqrt\beta)^2$. The smallest $\beta$ that holds all eigenvalues between these
# bounds has the smallest eigenvalue on the lower bound and the largest on the upper one. Divide one by the other and
# take the root, then solve:
#
# $$\sqrt\kappa = \frac{1+\sqrt\beta}{1-\sqrt\beta}, \qquad \sqrt\beta = \frac{\sqrt\kappa-1}{\sqrt\kappa+1}, \qquad
# \alpha = \frac{4}{(\sqrt{\lambda_{\max}}+\sqrt{\lambda_{\min}})^2} .$$
#
# Compare $\sqrt\beta$ with $(\kappa-1)/(\kappa+1)$, the factor of plain descent. (Exactly on a bound the two roots
# coincide, and then the error falls like $t\,\sqrt\beta^{\,t}$, a little more slowly.) For $\alpha\lambda > 2(1+\beta)$
# one root is below −1, and momentum diverges: it moves the limit up from $2/\lambda$. Measure it on bowls with the
# eigenvalues 1 and $\kappa$:


# %%
def bowl_gradient(hessian):
    return lambda theta: hessian @ theta  # the minimum is at 0


def steps_needed(path):
    """Number of the first step that is a million times closer to 0 than the start."""
    distance = np.linalg.norm(path, axis=1)
    return np.flatnonzero(distance < 1e-6 * distance[0])[0]


# %%
for kappa in (10, 100, 1000):
    of_bowl, root = bowl_gradient(np.diag([1, kappa])), np.sqrt(kappa)
    rate, beta = 4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2
    plain = gradient_descent(of_bowl, np.ones(2), 2 / (kappa + 1), 7000)
    heavy = momentum(of_bowl, np.ones(2), rate, 400, beta)
    print(f"kappa {kappa}: plain {steps_needed(plain)}, momentum {steps_needed(heavy)}")
    assert 6.5 < steps_needed(plain) / kappa < 7.5
    assert 8 < steps_needed(heavy) / root < 10

for beta in (0.3, 0.6, 0.9):
    sizes = [
        max(abs(np.roots([1, product - 1 - beta, beta])))
        for product in (1.99 * (1 + beta), 2.01 * (1 + beta))
    ]
    print(f"beta {beta}: just below the limit {sizes[0]:.3f}, above {sizes[1]:.3f}")
    assert sizes[0] < 1 < sizes[1]

# %% [markdown]
# The first three lines: from one to the next $\kappa$ grows tenfold, and so do the steps of plain descent; those of
# momentum grow about as $\sqrt\kappa$. The last three: the size of the larger root passes 1 at the limit.

# %% [markdown]
# ### A pace for each parameter: AdaGrad, RMSProp, Adam
#
# Plain descent takes long steps where the derivative is large, and the unit of a parameter decides how large it is. The
# next idea: divide each derivative $g$ by $\sqrt s$, which measures its size so far. **AdaGrad** (Duchi et al., 2011)
# adds up all squares so far, $s \leftarrow s + g^2$. **RMSProp** (Tieleman & Hinton, 2012) keeps a running mean of
# them, $s \leftarrow \beta_2\,s + (1-\beta_2)\,g^2$. Both then take the step $-\alpha\,g/\sqrt s$.
#
# Let the derivative be constant, once a hundred and once a hundredth. How long are the steps, in units of $\alpha$?

# %%
for slope in (100.0, 0.01):
    adagrad = rmsprop = 0.0
    lengths = []
    for _ in range(50):
        adagrad = adagrad + slope**2
        rmsprop = 0.9 * rmsprop + 0.1 * slope**2
        lengths.append((slope / np.sqrt(adagrad), slope / np.sqrt(rmsprop)))
    lengths = np.round(lengths, 2)[[0, 1, 2, 49]].T  # steps 1, 2, 3 and 50
    print(f"slope {slope}: AdaGrad {lengths[0]}, RMSProp {lengths[1]}")

# %% [markdown]
# The size of the derivative cancels. AdaGrad's steps fall like $1/\sqrt t$, a schedule of its own. RMSProp's tend to 1,
# but the first ones are too long, because $s$ starts at 0. **Adam** (Kingma & Ba, 2015) divides $s$ by
# $1-\beta_2^t$, which corrects that exactly here, and takes a running mean $m$ of the gradient in place of the gradient
# itself, as momentum does, with the same correction:
#
# $$\begin{aligned}
# g_t &= \nabla J(\theta_{t-1}), \qquad m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t, \qquad
# s_t = \beta_2 s_{t-1} + (1-\beta_2)\,g_t^2, \\
# \theta_{t} &= \theta_{t-1} - \alpha\,\frac{\sqrt{1-\beta_2^{t}}}{1-\beta_1^{t}}\;\frac{m_{t}}{\sqrt{s_{t}}+\epsilon} .
# \end{aligned}$$
#
# The two corrections are gathered in one factor, as in Keras. The small $\epsilon$ prevents a division by 0.


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


# %%
def first_step(slope):
    return adam(lambda theta: np.full_like(theta, slope), np.zeros(1), 0.1, 1)[1, 0]


for slope in (100.0, 0.01, 1e-5, 1e-6):
    print(f"slope {slope:g}: first step {first_step(slope):.3f}")

# %% [markdown]
# The first step has the length $\alpha$, here 0.1, for slopes of 100 and 0.01. For smaller ones $\epsilon$ is felt,
# earlier than its value of $10^{-7}$ suggests: after one step $\sqrt{s}$ is only $\sqrt{0.001}$ times the slope, and
# $\epsilon$ is added to *that*.
#
# So each parameter has a pace of its own. This cures a bad scale along the axes. Where a valley runs diagonally, each
# derivative mixes the steep and the flat direction, and no pace for each parameter can separate them. If such a valley
# is narrow, it slows Adam down (next section, optional).

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What a pace for each parameter cures (optional)

# %% [markdown]
# Take a bowl with the condition number 10, and one with 1000, first with the valley along an axis, then turned by 45°.
# How many steps does Adam take until it is a thousand times closer to the minimum than at the start? Try a hundred
# starts at once, each in a column of its own:


# %%
def valley(kappa, turned):
    hessian = np.diag([1.0, kappa])
    rotation = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    if turned:
        hessian = rotation @ hessian @ rotation.T
    return lambda theta: hessian @ theta


# %%
starts = np.random.default_rng(2).normal(size=(2, 100))
spent = {}
for name in ("upright", "turned"):
    for kappa in (10, 1000):
        path = adam(valley(kappa, name == "turned"), starts, 0.1, 4000)
        distance = np.linalg.norm(path, axis=1)  # of each start, at each step
        spent[name, kappa] = (distance < distance[0] / 1000).argmax(axis=0)
        assert spent[name, kappa].min() > 0  # all have arrived
        median = np.median(spent[name, kappa])
        print(f"{name}, condition number {kappa}: about {round(median, -2):.0f} steps")

assert np.median(spent["upright", 1000]) == np.median(spent["upright", 10])
slower = np.mean(spent["turned", 1000] > 3 * spent["turned", 10])
print(
    f"turned, 1000 takes over 3 times as many steps as 10: {slower:.0%} of the starts"
)
assert slower > 0.8

# %% [markdown]
# The numbers of steps are medians, rounded to hundreds. Upright, the condition number makes no difference: what
# dividing by the standard deviation does beforehand, Adam does on the way. Turned, Adam at this rate copes with the
# condition number 10; with 1000 it is far slower from nearly every start. (These are first arrivals: we saw Adam leave
# again later, upright too. In the turned valley we saw a larger rate help.)

# %% [markdown]
# ## Is it right?
#
# Two independent judges of a gradient: finite differences, and TensorFlow's automatic derivatives. `gradient_error`
# compares with $\big(J(\theta+\delta)-J(\theta-\delta)\big)/2\delta$, one parameter at a time, and returns the largest
# relative error. To see that the judges notice mistakes, give them two wrong gradients, too.

# %%
theta = np.array([1.0, -2.0])
variable = tf.Variable(theta)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((targets - tf.linalg.matvec(design, variable)) ** 2)
of_tape = tape.gradient(loss, variable).numpy()

suspects = {
    "ours": line_gradient,
    "half of it": lambda theta: line_gradient(theta) / 2,
    "wrong sign": lambda theta: -line_gradient(theta),
}
for name, suspect in suspects.items():
    by_differences = gradient_error(raw_loss, suspect, theta) < 1e-8
    by_tape = abs(suspect(theta) / of_tape - 1).max() < 1e-12
    print(f"{name}: differences agree {by_differences}, tape agrees {by_tape}")

# %% [markdown]
# "Agree" means a relative error below $10^{-8}$ for the differences, which are only approximate, and
# below $10^{-12}$ for TensorFlow's tape. Then the optimisers: the few lines above, and the versions in `helpers`. How
# far are they from Keras after ten steps?

# %%
SGD, Adam = tf.keras.optimizers.SGD, tf.keras.optimizers.Adam
cases = {
    "plain": (gradient_descent, optimisers.gradient_descent, SGD(0.3)),
    "momentum": (momentum, optimisers.momentum, SGD(0.3, momentum=0.9)),
    "Adam": (adam, optimisers.adam, Adam(0.3)),
}
for name, (*ours, optimizer) in cases.items():
    variable = tf.Variable(np.zeros(2))
    for _ in range(10):
        gradient = tf.constant(line_gradient(variable.numpy()))
        optimizer.apply_gradients([(gradient, variable)])
    ends = [method(line_gradient, np.zeros(2), 0.3, 10)[-1] for method in ours]
    errors = [abs(end - variable.numpy()).max() for end in ends]
    print(f"{name}: few lines {errors[0]:.0e}, helper {errors[1]:.0e}")

# %% [markdown]
# Keras rounds the constants 0.3 and 0.9 to single precision, even for `float64`. For Adam it also rounds
# $\beta_1$ and $\beta_2$ before it computes $\beta_1^t$ and $\beta_2^t$; the helper copies that, our few lines do not.

# %% [markdown]
# ## In TensorFlow 2
#
# A program whose loop calls `tf.gradients` or `tf.train.GradientDescentOptimizer` is from TensorFlow 1 and fails there
# today (`tf.gradients` works only inside a `tf.function`; [E31](../ERRATA.md#E31)).
#
# ### The training step by hand
#
# A **tape** records what TensorFlow (Abadi et al., 2016) computes while it is open, and differentiates it afterwards.
# The gradient and the update are two separate calls. `tf.function` records the step as a graph on its first call and
# runs that graph from then on, without Python in between, while shapes and types stay the same.

# %%
theta_tf = tf.Variable(np.zeros(2))
optimizer = SGD(learning_rate=0.3)


@tf.function
def train_step(inputs, targets):
    with tf.GradientTape() as tape:
        prediction = tf.linalg.matvec(inputs, theta_tf)
        loss = tf.reduce_mean((targets - prediction) ** 2)
    optimizer.apply_gradients([(tape.gradient(loss, theta_tf), theta_tf)])
    return loss


# %%
theta_tf.assign(np.zeros(2))  # start from 0 whenever you run this cell
inputs_tf, targets_tf = tf.constant(scaled), tf.constant(targets)
losses = [float(train_step(inputs_tf, targets_tf)) for _ in range(30)]
assert np.allclose(theta_tf.numpy(), exact_scaled, atol=1e-6)
lowest = scaled_loss(exact_scaled)
print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}, at best {lowest:.5f}")

# %% [markdown]
# The data are arguments of `train_step`. Had it read these arrays from outside, the graph would keep those of its first
# call, and other data would not reach it. The loss must be computed in each step, inside the tape: a loss from before
# the loop is a finished number ([E36](../ERRATA.md#E36)).
#
# ### The same with Keras
#
# A `Dense` layer with one unit *is* the line $wx + b$, and `fit` is the loop over mini-batches. Set 20 of the points
# aside: with `validation_data`, `fit` reports after each epoch how well the line does on points that it does not learn
# from. The mean and the deviation come from the 80 others alone; to use all would be peeking.

# %%
mean, deviation = points[:80].mean(), points[:80].std()
keras_x, keras_y = ((points - mean) / deviation)[:, None], targets[:, None]

tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.compile(optimizer=SGD(learning_rate=0.1), loss="mse")
history = model.fit(
    keras_x[:80], keras_y[:80], validation_data=(keras_x[80:], keras_y[80:]),
    batch_size=20, epochs=3, verbose=0,
).history  # fmt: skip
for name in ("loss", "val_loss"):
    print(name, [round(value, 3) for value in history[name]])

# %%
kernel, bias = model.get_weights()
print(f"slope per unit of x: {kernel[0, 0] / deviation:.2f}")
print(f"evaluate: {model.evaluate(keras_x[80:], keras_y[80:], verbose=0):.3f}")
new_x = np.array([[0.0], [0.5], [1.0]])
predictions = model.predict((new_x - mean) / deviation, verbose=0)
print(f"predict: {predictions.shape}, {predictions[:, 0].round(2)}")

# %% [markdown]
# `loss` is averaged while the line still moves; `val_loss` is taken at the end of the epoch.
# Three epochs are too few. `evaluate` gives the loss on any data, `predict` the outputs. Scale new inputs by
# the *old* mean and deviation.
#
# ### Four gradients that are `None`
#
# A tape raises no error when it has recorded no path from a variable to the loss. It answers `None`. Three ways to get
# there (`persistent=True` lets you query one tape several times):

# %%
weight, fixed = tf.Variable(2.0), tf.constant(2.0)
before = weight**2
with tf.GradientTape(persistent=True) as tape:
    of_constant = fixed**2
    through_numpy = tf.constant(weight.numpy()) ** 2

print("1. a constant is not watched:     ", tape.gradient(of_constant, fixed))
print("2. NumPy is invisible to the tape:", tape.gradient(through_numpy, weight))
print("3. computed before the tape:      ", tape.gradient(before, weight))

# %% [markdown]
# The cures: use a `tf.Variable` or `tape.watch(fixed)`; stay with TensorFlow operations; compute the loss inside the
# tape. The fourth way: write the update like the formula, and a constant takes the place of the variable; the *next*
# step gets `None`:

# %%
theta = tf.Variable(2.0)
theta = theta - 0.1 * 4.0  # the first step; write theta.assign_sub(0.1 * 4.0) instead
with tf.GradientTape() as tape:
    loss = theta**2
print("4. the variable was replaced:     ", tape.gradient(loss, theta))

# %% [markdown]
# ### Two traps of types and shapes
#
# Unless told otherwise, NumPy makes 64-bit numbers (`float64`), Keras 32-bit ones (`float32`). What happens when they
# meet depends on what they are ([E45](../ERRATA.md#E45)):

# %%
array_64, tensor_64 = np.ones((1, 1)), tf.ones((1, 1), tf.float64)
tensor_32 = tf.ones((1, 1))
print("array with tensor: ", (array_64 * tensor_32).dtype.name)
print("array @ tensor:    ", (array_64 @ tensor_32).dtype.name)
try:
    tensor_64 @ tensor_32
except tf.errors.InvalidArgumentError as error:
    print("tensor @ tensor:   ", type(error).__name__)

# %% [markdown]
# Tensors of two types refuse. With an operator such as `@` an array is rounded to 32 bits without a word, and so is the
# input of a Keras layer: that is the dangerous case. Choose one type at the top and stay with it: `float32` for
# training, `float64` where you check formulas. The second trap is as silent. A column minus a row is a whole table, and
# its mean is not the loss:

# %%
prediction = tf.constant(3 * points[:, None])  # shape (100, 1)
for name, y in (("(100, 1)", targets[:, None]), ("(100,)", targets)):
    loss = float(tf.reduce_mean((y - prediction) ** 2))
    print(f"targets {name}: difference {(y - prediction).shape}, loss {loss:.3f}")

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### What the article's program does (optional)

# %% [markdown]
# The program that this lesson corrects was written for TensorFlow 1. What you find in it, and what it is today:
#
# | you find | what happens in TensorFlow 2 | what you write |
# |---|---|---|
# | `theta = np.random.rand(1, 1)` | cannot be differentiated or updated ([E41](../ERRATA.md#E41)) | `theta = tf.Variable(...)` |
# | `loss = ...` once, before the loop | a finished number ([E36](../ERRATA.md#E36)) | compute the loss in each step, inside a tape |
# | `tf.gradients(loss, theta)` | `RuntimeError` outside a `tf.function` ([E32](../ERRATA.md#E32)) | `tape.gradient(loss, theta)` |
# | a gradient that no line reads again | computed for nothing ([E33](../ERRATA.md#E33)) | pass it to `apply_gradients` |
# | `tf.train.GradientDescentOptimizer` | `AttributeError` ([E34](../ERRATA.md#E34)) | `tf.keras.optimizers.SGD` |
# | `optimizer.minimize(loss)` | `AttributeError` since Keras 3 ([E35](../ERRATA.md#E35)) | `optimizer.apply_gradients(...)` |
# | `_, theta = optimizer.minimize(...)` | no pair to unpack ([E37](../ERRATA.md#E37)) | read the variable, it has changed in place |
# | `minimize` inside the loop | TensorFlow 1: more operations each round ([E38](../ERRATA.md#E38)) | one `tf.function`, called in a loop |


# %%
def complain(action):
    try:
        action()
    except (AttributeError, RuntimeError, TypeError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")


weight, array = tf.Variable([[0.5]]), np.array([[0.5]])
complain(lambda: tf.gradients(weight * weight, weight))
complain(lambda: tf.train.GradientDescentOptimizer(learning_rate=0.01))
complain(lambda: SGD(0.01).minimize(weight * weight, [weight]))
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(array))
complain(lambda: tape.gradient(loss, array))

# %% [markdown]
# Nor did the program work in its own day. Under the rules of TensorFlow 1, which TensorFlow 2 still knows, the
# optimiser refuses a NumPy array as well. With a variable in its place, `minimize` in a loop adds operations to the
# graph in each round, and nothing runs them.

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
# And if somebody ports the program but leaves the loss before the loop, the same stale gradient is used for ever:

# %%
stale_gradient = slope_gradient(np.array([0.5]))[0]
stale = 0.5 - 1000 * 0.01 * stale_gradient
print(f"slope after 1000 stale steps: {stale:.1f}, should be {best_slope:.1f}")

# %% [markdown]
# Last, precision ([E45](../ERRATA.md#E45)). Neighbouring numbers of `float32` near 3 are $2\cdot10^{-7}$ apart: no
# descent can count on coming closer. With a small rate it stops even earlier, because a step smaller than half of that
# gap changes nothing:


# %%
def typed_gradient(theta):
    return mse_gradient(theta, design.astype(theta.dtype), targets.astype(theta.dtype))


for dtype in (np.float64, np.float32):
    end = gradient_descent(typed_gradient, np.zeros(2, dtype), dtype(0.7), 400)[-1]
    error = abs(end - exact).max()
    small, tiny = error < 1e-5, error < 1e-12
    print(f"{np.dtype(dtype)}: error < 1e-5: {small}, < 1e-12: {tiny}")

*_, last, end = gradient_descent(typed_gradient, np.zeros(2, "f"), 0.01, 10000)
stands, error = np.array_equal(last, end), abs(end - exact).max()
print(f"float32, rate 0.01: stands still: {stands}, error > 1e-5: {error > 1e-5}")

# %% [markdown]
# ## On real data
#
# ### A rate chosen on patients set aside
#
# 442 patients with diabetes, ten measurements each, and a number that says how far the disease had progressed a year
# later (Efron et al., 2004). Split them at random into three parts: the *training* part fixes the weights, the
# *validation* part chooses the learning rate, and the *test* part is looked at once, at the end.

# %%
features, progression, feature_names = datasets.load_diabetes()


def split(seed):
    shuffled = np.random.default_rng(seed).permutation(len(features))
    return np.split(shuffled, [266, 354])


train, validation, test = split(seed=0)
print(f"{len(train)} to train, {len(validation)} to choose, {len(test)} to test")
print(", ".join(feature_names))

# %% [markdown]
# Sex is coded 1 or 2, and s1, the total cholesterol, is near 190. Look at the condition number before you start.


# %%
def standardise(train):
    """Features on the scale of the training patients, and a column of ones."""
    means, deviations = features[train].mean(axis=0), features[train].std(axis=0)
    return np.column_stack([(features - means) / deviations, np.ones(len(features))])


def eigenvalues_of(rows):
    return np.linalg.eigvalsh(2 / len(rows) * rows.T @ rows)


raw = np.column_stack([features, np.ones(len(features))])
for name, rows in (("raw", raw), ("standardised", standardise(train))):
    values = eigenvalues_of(rows[train])
    print(f"{name}: condition {values[-1] / values[0]:.2g}, limit {2 / values[-1]:.3g}")

# %% [markdown]
# Standardise, then. Start at the simplest prediction, the mean of the training patients, which every model must beat.
# Give each rate a hundred steps and look at the error on both parts.


# %%
def rmse(theta, rows, part):
    """Root of the mean squared error, in the unit of the target."""
    return np.sqrt(mse(theta, rows[part], progression[part]))


def mean_only(train):
    return np.append(np.zeros(10), progression[train].mean())  # all weights are 0


def descend(rows, train, learning_rate, steps=100):
    gradient = gradient_for(rows[train], progression[train])
    return gradient_descent(gradient, mean_only(train), learning_rate, steps)[-1]


# %% alt="Error of the training and of the validation patients against the learning rate, on a logarithmic axis from 0.0003 to 0.24. Both begin a little below the level of the mean and fall, stay low and nearly constant from 0.01 to 0.2, and from 0.23 on lie far above the level of the mean." tags=["plot"]
rows = standardise(train)
rates = np.array([0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.23, 0.24])
weights = [descend(rows, train, rate) for rate in rates]
curves = {
    "training": [rmse(theta, rows, train) for theta in weights],
    "validation": [rmse(theta, rows, validation) for theta in weights],
}
plotting.lines(
    rates, curves, "learning rate", "root mean squared error",
    levels={"mean, validation": rmse(mean_only(train), rows, validation)},
    x_scale="log", y_limits=(45, 90),
)  # fmt: skip

# %% [markdown]
# Too small a rate does not arrive within a hundred steps, too large a one diverges.
#
# ### Twenty splits
#
# One split proves little. Repeat everything twenty times: split, choose the rate, test once.


# %%
def chosen_rate(rows, train, validation):
    rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
    errors = [rmse(descend(rows, train, rate), rows, validation) for rate in rates]
    return rates[np.nanargmin(errors)]


# %%
results = {"mean": [], "descent": [], "closed form": []}
chosen, pairs = [], []
for seed in range(20):
    train, validation, test = split(seed)
    rows = standardise(train)
    chosen.append(chosen_rate(rows, train, validation))
    solved = np.linalg.lstsq(rows[train], progression[train])[0]
    descended = descend(rows, train, chosen[-1])
    pairs.append((descended, solved))
    for name, theta in zip(results, (mean_only(train), descended, solved)):
        results[name].append(rmse(theta, rows, test))

# %%
mean_error, descent, closed = map(np.array, results.values())
gaps, explained = descent - closed, 1 - (descent / mean_error) ** 2
assert np.all(descent < mean_error)  # in each of the 20 splits
assert abs(gaps.mean()) < 0.5
assert min(chosen) > 0.001  # neither the smallest rate nor the largest
assert max(chosen) < 0.3
for name, errors in results.items():
    print(f"{name}: {np.mean(errors):.1f}, from {min(errors):.1f} to {max(errors):.1f}")
print(f"descent - closed form: {gaps.min():.1f} to {gaps.max():.1f}")
print(f"variance explained: {explained.min():.2f} to {explained.max():.2f}")
print(f"rates chosen: {min(chosen)} to {max(chosen)}")

# %% [markdown]
# In all twenty splits the chosen rate is neither the smallest nor the largest on offer, and the model beats the mean.
# It is far from perfect: in these splits it explains 0.33 to 0.53 of the variance (one minus its mean squared error
# over that of the mean). The rest is noise, or not in these ten numbers, or not linear, or needs more patients. And
# descent has no advantage here over the closed form, which needs no rate, no steps and no validation patients. You need
# it where there is no closed form, as in the next lesson, or where solving for very many parameters at once is too
# expensive.

# %% [markdown] jp-MarkdownHeadingCollapsed=true
# ### Do not read a meaning into single weights (optional)

# %% [markdown]
# After a hundred steps descent predicts as well as the closed form. Are its weights the same? Look at the body mass
# index, and at the blood values s1 and s2, total and LDL cholesterol, over the twenty splits.

# %%
by_descent, by_closed_form = np.transpose(pairs, (1, 0, 2))  # 20 rows, 11 weights each
for i in (2, 4, 5):
    low, high = by_descent[:, i].min(), by_descent[:, i].max()
    print(f"{feature_names[i]} by descent: {low:.1f} to {high:.1f}", end="; ")
    low, high = by_closed_form[:, i].min(), by_closed_form[:, i].max()
    print(f"by the closed form: {low:.1f} to {high:.1f}")

# %% [markdown]
# The same quality, and much the same weight of bmi. But those of s1 and s2 differ: by the closed form they change
# widely from split to split, by descent about as little as that of bmi. The condition number is still in the hundreds
# after standardising, because s1 is nearly a combination of LDL (s2), HDL (s3) and s5, which goes with the
# triglycerides. Is it really these? Predict s1 from the three, then leave out one feature at a time:

# %%
rows = standardise(np.arange(442))
others, s1 = rows[:, [5, 6, 8]], rows[:, 4]
rest = s1 - others @ np.linalg.lstsq(others, s1)[0]
print(f"share of the variance of s1 that s2, s3 and s5 explain: {1 - rest.var():.2f}")

# %%
shares = []  # condition number without a feature, over that with all, for each split
for seed in range(20):
    part = split(seed)[0]
    rows = standardise(part)[part]
    without = [np.linalg.cond(np.delete(rows, i, axis=1)) for i in range(10)]
    shares.append((np.array(without) / np.linalg.cond(rows)) ** 2)
for i, name in enumerate(feature_names):
    low, high = np.min(shares, axis=0)[i], np.max(shares, axis=0)[i]
    print(f"without {name}: {low:.2f} to {high:.2f}")
    assert high < 0.4 if name in ("s1", "s2", "s3", "s5") else low > 0.6

# %% [markdown]
# In each of the twenty splits, leaving out any one of the four brings the condition number far down; leaving out any
# other feature changes much less. Along a direction in which the data hardly vary, the weights are slow to learn, and
# they hardly matter for the prediction. So do not read a meaning into the single weights of
# features that nearly determine one another.

# %% [markdown]
# ## Try it
#
# The figure shows the path of momentum on the raw input. Run the cell below it and move a slider: a figure of your own
# appears. Its title says how far from the minimum the path ends.
#
# - `beta` 0, `steps` 200, `learning_rate` `0.7`, `0.75`, `0.76`: on which side of the limit for plain descent is each?
#   Look at the numbers on the axes, too.
# - The same rates with `beta` 0.7: all converge. Momentum moves the limit to $2(1+\beta)/\lambda_{\max}$. Try both
#   sides of it.
# - Tick `standardise_input`. With `steps` 40 and `learning_rate` `0.5`, set `beta` to 0, then 0.7, then 0.95. Plain
#   descent needs a single step in this round bowl: what does momentum do?

# %%
print(f"limit without momentum: 2 / {steep:.3f} = {2 / steep:.3f}")
print(f"limit with beta 0.7: {2 * (1 + 0.7) / steep:.3f}")


# %% alt="Contours of the loss over slope and intercept with the path of gradient descent with momentum, which curves around and ends near the minimum, 0.0085 away after 40 steps." tags=["plot"]
def try_it(learning_rate=0.2, beta=0.7, steps=40, standardise_input=False):
    gradient, loss, lowest = line_gradient, raw_loss, exact
    if standardise_input:
        gradient, loss, lowest = scaled_gradient, scaled_loss, exact_scaled
    path = optimisers.momentum(gradient, np.zeros(2), learning_rate, steps, beta)
    distance = np.linalg.norm(path[-1] - lowest)
    title = f"distance after {steps} steps: {distance:.1e}"
    plotting.paths_on_contours({title: (loss, path, lowest)}, "slope w", "intercept b")


try_it()

# %% tags=["remove-cell"]
controls.show(
    try_it, learning_rate=(0.01, 1.3, 0.01), beta=(0, 0.95, 0.05), steps=(1, 200)
)

# %% [markdown]
# ## Exercises
#
# Each exercise is a function to complete: write your code in place of `raise NotImplementedError`, do not modify what
# is passed in, run that cell, then run the check below it. The check answers "not attempted yet", "correct", or "wrong"
# with the smallest input on which yours fails. If you are stuck, open the hint.

# %% [markdown]
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
# only linearly for large errors. Derive its gradient (the derivative of $\log\cosh$ is $\tanh$), and write it
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
# Return the path of these $\theta_t$, which are the points ahead, as an array with `steps + 1` rows, like `momentum`
# above.


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
# - Where the curvature is bounded, each step of gradient descent with a small enough rate lowers the loss until the
#   gradient is zero. The gradient may grow on the way, and where it is zero there may be a local minimum, a local
#   maximum, or neither.
# - For a quadratic loss everything can be predicted: each step multiplies the error along each eigenvector of the
#   Hessian by $1-\alpha\lambda_i$, descent converges for rates below $2/\lambda_{\max}$, and at the best rate the
#   condition number decides how long you wait.
# - Standardising the inputs changes the shape of the bowl. For a line, one step at the right rate is then enough.
# - A wrong model stays wrong under a perfect optimiser. Compare with a closed form where there is one, and with a
#   simple baseline always.
# - The noise of a mini-batch falls like $1/\sqrt B$, or faster where batches are cut from shuffled data. As long as the
#   batches disagree at the minimum, a constant rate lets the loss hover in the end; a rate that falls, but not too
#   fast, lets it settle.
# - Momentum adds up the steps that agree. Adam gives each parameter its own pace, which cures a bad scale of the axes;
#   a narrow valley that runs between them slows it down.
# - A validation part chooses the learning rate; the test part is looked at once.
# - In TensorFlow 2 a tape computes the gradient, an optimiser applies it, and a `None` means that no path with a
#   derivative leads from the variable to the loss.
#
# ## Where it stands today
#
# Large networks are trained with mini-batches, most of them with Adam or its variant AdamW, which shrinks the weights
# by a step of its own (Loshchilov & Hutter, 2019); momentum is common for image networks. The learning rate rises for a
# short time at the start of training and then falls, often along a cosine, and a validation part chooses its height.
# For a linear model like this one, a library solves the closed form.
#
# ## References
#
# - Abadi, M., et al. (2016). TensorFlow: A system for large-scale machine learning. *OSDI*, 265–283.
#   [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Bengio, Y., Boulanger-Lewandowski, N., & Pascanu, R. (2013). Advances in optimizing recurrent networks. *ICASSP*,
#   8624–8628. [arXiv:1212.0901](https://arxiv.org/abs/1212.0901)
# - Bottou, L., Curtis, F. E., & Nocedal, J. (2018). Optimization methods for large-scale machine learning. *SIAM
#   Review* 60(2), 223–311. [doi:10.1137/16M1080173](https://doi.org/10.1137/16M1080173)
# - Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées. *Comptes rendus de
#   l'Académie des sciences* 25, 536–538.
# - Duchi, J., Hazan, E., & Singer, Y. (2011). Adaptive subgradient methods for online learning and stochastic
#   optimization. *Journal of Machine Learning Research* 12, 2121–2159.
# - Efron, B., Hastie, T., Johnstone, I., & Tibshirani, R. (2004). Least angle regression. *Annals of Statistics* 32(2),
#   407–499. [doi:10.1214/009053604000000067](https://doi.org/10.1214/009053604000000067)
# - Gauss, C. F. (1809). *Theoria motus corporum coelestium*. Perthes & Besser, Hamburg. Book 2, section 3.
# - Kingma, D. P., & Ba, J. (2015). Adam: A method for stochastic optimization. *ICLR*.
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - LeCun, Y., Bottou, L., Orr, G. B., & Müller, K.-R. (1998). Efficient BackProp. *Neural Networks: Tricks of the
#   Trade*, LNCS 1524, 9–50. [doi:10.1007/3-540-49430-8_2](https://doi.org/10.1007/3-540-49430-8_2)
# - Loshchilov, I., & Hutter, F. (2019). Decoupled weight decay regularization. *ICLR*.
#   [arXiv:1711.05101](https://arxiv.org/abs/1711.05101)
# - Nesterov, Y. (2018). *Lectures on Convex Optimization*, 2nd ed. Springer.
#   [doi:10.1007/978-3-319-91578-4](https://doi.org/10.1007/978-3-319-91578-4)
# - Polyak, B. T. (1964). Some methods of speeding up the convergence of iteration methods. *USSR Computational
#   Mathematics and Mathematical Physics* 4(5), 1–17.
#   [doi:10.1016/0041-5553(64)90137-5](https://doi.org/10.1016/0041-5553%2864%2990137-5)
# - Robbins, H., & Monro, S. (1951). A stochastic approximation method. *Annals of Mathematical Statistics* 22(3),
#   400–407. [doi:10.1214/aoms/1177729586](https://doi.org/10.1214/aoms/1177729586)
# - Sutskever, I., Martens, J., Dahl, G., & Hinton, G. (2013). On the importance of initialization and momentum in deep
#   learning. *ICML*, PMLR 28(3), 1139–1147.
# - Tieleman, T., & Hinton, G. (2012). Lecture 6.5: RMSProp. *Neural Networks for Machine Learning*, Coursera.
