"""Corners of optimisers, schedules and clipping, the topics of lessons 1 and 5."""

import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from corners import compiled, corner, table, traced

from helpers.gradient_descent import adam, gradient_descent, momentum

NUMBER = 1
nan, inf = np.nan, np.inf


def keras_end(make, slopes, start=0.0, rates=None):
    """Return where an optimiser of Keras takes a number, given the slope at each step."""
    number = tf.Variable(np.atleast_1d(np.float32(start)))
    optimiser = make()
    for step, slope in enumerate(slopes):
        if rates:
            optimiser.learning_rate = rates[step]
        slope = np.broadcast_to(np.float32(slope), number.shape)
        optimiser.apply_gradients([(tf.constant(slope), number)])
    return number.numpy()


def torch_end(make, slopes, start=0.0, rates=None):
    """Return the same for PyTorch."""
    number = torch.tensor(np.atleast_1d(np.float32(start)), requires_grad=True)
    optimiser = make([number])
    for step, slope in enumerate(slopes):
        if rates:
            optimiser.param_groups[0]["lr"] = rates[step]
        number.grad = torch.tensor(np.broadcast_to(np.float32(slope), tuple(number.shape)).copy())
        optimiser.step()
    return number


def optax_end(make, slopes, start=0.0):
    """Return the same for optax."""
    number = jnp.atleast_1d(jnp.float32(start))
    optimiser = make()
    state = optimiser.init(number)
    for slope in slopes:
        slope = jnp.broadcast_to(jnp.float32(slope), number.shape)
        update, state = optimiser.update(slope, state, number)
        number = optax.apply_updates(number, update)
    return number


def row(
    what,
    advice,
    slopes,
    of_keras=None,
    of_torch=None,
    of_optax=None,
    start=0.0,
    **cells,
):
    """Return a row: where an optimiser of each library takes a number."""
    if of_keras:
        cells["keras"] = lambda: keras_end(of_keras, slopes, start)
    if of_torch:
        cells["torch"] = lambda: torch_end(of_torch, slopes, start)
    if of_optax:
        cells["jax"] = lambda: optax_end(of_optax, slopes, start)
    return corner(what, advice, **cells)


def tf_op(step):
    """Return the three cells of TensorFlow's own training operations, which take a resource and a slope."""

    def cell(compile_with):
        def run():
            number = tf.Variable([0.0])
            slots = [tf.Variable([0.0]), tf.Variable([0.0])]
            compile_with(lambda: step(number, *slots))()
            return number.numpy()

        return run

    return {
        "eager": cell(lambda f: f),
        "function": cell(traced),
        "xla": cell(compiled),
    }


def tf_momentum(nesterov=False, rates=(0.1, 0.1)):
    """Take two steps of TensorFlow's own momentum with slope 1."""

    def step(number, slot, _):
        for rate in rates:
            tf.raw_ops.ResourceApplyMomentum(
                var=number.handle,
                accum=slot.handle,
                lr=rate,
                grad=tf.constant([1.0]),
                momentum=0.9,
                use_nesterov=nesterov,
            )

    return tf_op(step)


def tf_adam(slope):
    """Take the first step of TensorFlow's own Adam, with a rate of 1 and an epsilon of 1e-7."""

    def step(number, mean, square):
        tf.raw_ops.ResourceApplyAdam(
            var=number.handle,
            m=mean.handle,
            v=square.handle,
            beta1_power=0.9,
            beta2_power=0.999,
            lr=1.0,
            beta1=0.9,
            beta2=0.999,
            epsilon=1e-7,
            grad=tf.constant([slope]),
        )

    return tf_op(step)


def tf_rmsprop():
    """Take the first step of TensorFlow's own RMSprop."""

    def step(number, square, slot):
        tf.raw_ops.ResourceApplyRMSProp(
            var=number.handle,
            ms=square.handle,
            mom=slot.handle,
            lr=1.0,
            rho=0.9,
            momentum=0.0,
            epsilon=1e-2,
            grad=tf.constant([1e-3]),
        )

    return tf_op(step)


def torch_schedule(make, step, rate=1.0):
    """Return the rate of a schedule of PyTorch after some steps."""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    schedule = make(optimiser)
    for _ in range(step):
        optimiser.step()
        schedule.step()
    return np.float64(schedule.get_last_lr()[0])


def clipped(what, advice, slopes, limit):
    """Return a row with the slopes of one parameter, clipped by their norm."""
    slopes = np.array(slopes, np.float32)

    def of_torch():
        number = torch.zeros(len(slopes), requires_grad=True)
        number.grad = torch.tensor(slopes)
        torch.nn.utils.clip_grad_norm_([number], limit)
        return changed(number.grad.numpy(), slopes)

    def of_optax():
        clip = optax.clip_by_global_norm(limit)
        return changed(clip.update(jnp.asarray(slopes), clip.init(None))[0], slopes)

    return corner(
        what,
        advice,
        tensorflow=(lambda x: tf.clip_by_global_norm([x], limit)[0][0], slopes),
        keras=lambda: changed(
            -keras_end(
                lambda: keras.optimizers.SGD(1.0, global_clipnorm=limit),
                [slopes],
                np.zeros(len(slopes)),
            ),
            slopes,
        ),
        torch=of_torch,
        jax=of_optax,
    )


def changed(result, slopes):
    """Write clipped slopes; if they are nearly as before and not quite, say so."""
    result = np.asarray(result)
    near = np.allclose(result, slopes) and not np.array_equal(result, slopes)
    return f"{result[0]:.8g}, {result[1]:.8g}" if near else result


def constant(slope):
    """Return a gradient that is the same everywhere."""
    return lambda theta: np.full(np.shape(theta), slope)


def ours_end(path):
    """Return the last point of a path."""
    return path[-1]


def multi_steps(transform):
    """Return an optimiser of optax that accumulates two slopes."""
    return lambda: optax.MultiSteps(transform, 2)


def corners():
    """Return the rows of the table."""
    of_keras, of_torch, one = keras.optimizers, torch.optim, [1.0, 1.0]
    return [
        corner(
            "Momentum 0.9, slope 1, rate 0.1, then 0.01",
            "After a change of the rate the old one goes on in Keras, which keeps steps, where others keep slopes.",
            **tf_momentum(rates=(0.1, 0.01)),
            keras=lambda: keras_end(lambda: of_keras.SGD(0.1, 0.9), one, rates=(0.1, 0.01)),
            torch=lambda: torch_end(lambda p: of_torch.SGD(p, 0.1, 0.9), one, rates=(0.1, 0.01)),
            jax=lambda: optax_end(lambda: optax.sgd(lambda step: jnp.where(step < 1, 0.1, 0.01), 0.9), one),
        ),
        row(
            "Momentum 0.9, two steps of slope 1, rate 0.1",
            "With one rate, all agree.",
            one,
            lambda: of_keras.SGD(0.1, 0.9),
            lambda p: of_torch.SGD(p, 0.1, 0.9),
            lambda: optax.sgd(0.1, 0.9),
            **tf_momentum(),
            ours=lambda: ours_end(momentum(constant(1.0), 0.0, 0.1, 2)),
        ),
        row(
            "The same with Nesterov",
            "The variable is the point that looks ahead, in all of them.",
            one,
            lambda: of_keras.SGD(0.1, 0.9, nesterov=True),
            lambda p: of_torch.SGD(p, 0.1, 0.9, nesterov=True),
            lambda: optax.sgd(0.1, 0.9, nesterov=True),
            **tf_momentum(nesterov=True),
        ),
        row(
            "Momentum 0.9 with dampening 0.9, two steps of slope 1, rate 1",
            "PyTorch does not dampen the first step: it is ten times as long. optax.ema is another average.",
            one,
            None,
            lambda p: of_torch.SGD(p, 1.0, 0.9, dampening=0.9),
            lambda: optax.chain(optax.ema(0.9, debias=False), optax.scale(-1.0)),
        ),
        row(
            "Adam, first step, slope 1e-6, epsilon 1e-7, rate 1",
            "To have the step of PyTorch or optax, divide epsilon by 31.6 in Keras, at the start.",
            [1e-6],
            lambda: of_keras.Adam(1.0, epsilon=1e-7),
            lambda p: of_torch.Adam(p, 1.0, eps=1e-7),
            lambda: optax.adam(1.0, eps=1e-7),
            **tf_adam(1e-6),
            ours=lambda: ours_end(adam(constant(1e-6), 0.0, 1.0, 1, epsilon=1e-7)),
        ),
        row(
            "Adam, first step, slope 1e-6, epsilon as it is by default, rate 1",
            "Write epsilon.",
            [1e-6],
            lambda: of_keras.Adam(1.0),
            lambda p: of_torch.Adam(p, 1.0),
            lambda: optax.adam(1.0),
            ours=lambda: ours_end(adam(constant(1e-6), 0.0, 1.0, 1)),
        ),
        row(
            "Adam with AMSGrad, slopes 1, then 0.1, rate 1",
            "The largest average is taken with its bias in some and without it in others.",
            [1.0, 0.1],
            lambda: of_keras.Adam(1.0, amsgrad=True),
            lambda p: of_torch.Adam(p, 1.0, amsgrad=True),
            lambda: optax.amsgrad(1.0),
        ),
        row(
            "Adam with `weight_decay=0.1`, slope 0, from 1, rate 0.1",
            "In PyTorch take AdamW; in Keras `Adam(weight_decay=)` is AdamW.",
            [0.0],
            lambda: of_keras.Adam(0.1, weight_decay=0.1),
            lambda p: of_torch.Adam(p, 0.1, weight_decay=0.1),
            lambda: optax.adamw(0.1, weight_decay=0.1),
            start=1.0,
        ),
        row(
            "AdamW, decay as it is by default, slope 0, from 1, rate 1",
            "Write the decay.",
            [0.0],
            lambda: of_keras.AdamW(1.0),
            lambda p: of_torch.AdamW(p, 1.0),
            lambda: optax.adamw(1.0),
            start=1.0,
        ),
        row(
            "SGD with momentum 0.9 and decay 0.1, two steps of slope 0, from 1, rate 0.1",
            "PyTorch's decay goes through the momentum, Keras's does not.",
            [0.0, 0.0],
            lambda: of_keras.SGD(0.1, 0.9, weight_decay=0.1),
            lambda p: of_torch.SGD(p, 0.1, 0.9, weight_decay=0.1),
            lambda: optax.chain(optax.sgd(0.1, 0.9), optax.add_decayed_weights(-0.01)),
            start=1.0,
        ),
        row(
            "RMSprop, first step, slope 1e-3, epsilon 1e-2, share 0.9, rate 1",
            "Epsilon stands inside the root or outside.",
            [1e-3],
            lambda: of_keras.RMSprop(1.0, 0.9, epsilon=1e-2),
            lambda p: of_torch.RMSprop(p, 1.0, 0.9, eps=1e-2),
            lambda: optax.rmsprop(1.0, 0.9, eps=1e-2),
            **tf_rmsprop(),
        ),
        row(
            "RMSprop, first step, slope 1, all by default but rate 1",
            "Write the share that is kept: 0.9 in Keras and optax, 0.99 in PyTorch.",
            [1.0],
            lambda: of_keras.RMSprop(1.0),
            lambda p: of_torch.RMSprop(p, 1.0),
            lambda: optax.rmsprop(1.0),
        ),
        row(
            "RMSprop, centred, first step, slope 1, share 0.9, rate 1",
            "As two rows before.",
            [1.0],
            lambda: of_keras.RMSprop(1.0, 0.9, centered=True),
            lambda p: of_torch.RMSprop(p, 1.0, 0.9, centered=True),
            lambda: optax.rmsprop(1.0, 0.9, centered=True),
        ),
        row(
            "Adagrad, first step, slope 1, rate 1",
            "Write the first value of the sum of squares.",
            [1.0],
            lambda: of_keras.Adagrad(1.0),
            lambda p: of_torch.Adagrad(p, 1.0),
            lambda: optax.adagrad(1.0),
        ),
        row(
            "Adadelta, first step, slope 1, all by default but rate 1",
            "Write epsilon and the share.",
            [1.0],
            lambda: of_keras.Adadelta(1.0),
            lambda p: of_torch.Adadelta(p, 1.0),
            lambda: optax.adadelta(1.0),
        ),
        row(
            "Adamax, first step, slope 0, rate 1",
            "Nothing to do.",
            [0.0],
            lambda: of_keras.Adamax(1.0),
            lambda p: of_torch.Adamax(p, 1.0),
            lambda: optax.adamax(1.0),
        ),
        row(
            "Nadam, first step, slope 1, rate 1",
            "Two papers, two rules: do not compare runs.",
            [1.0],
            lambda: of_keras.Nadam(1.0),
            lambda p: of_torch.NAdam(p, 1.0),
            lambda: optax.nadam(1.0),
        ),
        row(
            "RAdam, first step, slope 2, rate 1",
            "The first steps are plain gradient steps: they are as long as the slope.",
            [2.0],
            None,
            lambda p: of_torch.RAdam(p, 1.0),
            lambda: optax.radam(1.0),
        ),
        row(
            "Adam, share of squares 0 and epsilon 0, slope 0, rate 1",
            "Keep epsilon above 0.",
            [0.0],
            lambda: of_keras.Adam(1.0, beta_2=0.0, epsilon=0.0),
            lambda p: of_torch.Adam(p, 1.0, (0.9, 0.0), 0.0),
            lambda: optax.adam(1.0, b2=0.0, eps=0.0),
            ours=lambda: adam(constant(0.0), 0.0, 1.0, 1, beta_2=0.0, epsilon=0.0),
        ),
        row(
            "SGD, slope 1, all by default",
            "Write the rate.",
            [1.0],
            lambda: of_keras.SGD(),
            lambda p: of_torch.SGD(p),
        ),
        row(
            "Rate −0.1, slope 1",
            "Check the sign: where nothing is said, the loss is climbed.",
            [1.0],
            lambda: of_keras.SGD(-0.1),
            lambda p: of_torch.SGD(p, -0.1),
            lambda: optax.sgd(-0.1),
            ours=lambda: ours_end(gradient_descent(constant(1.0), 0.0, -0.1, 1)),
        ),
        row(
            "Momentum of 1.5, two steps of slope 1, rate 0.1",
            "Check that it lies in [0, 1).",
            one,
            lambda: of_keras.SGD(0.1, 1.5),
            lambda p: of_torch.SGD(p, 0.1, 1.5),
            lambda: optax.sgd(0.1, 1.5),
            ours=lambda: ours_end(momentum(constant(1.0), 0.0, 0.1, 2, beta=1.5)),
        ),
        row(
            "Accumulate slopes 1 and 4, then step, rate 1",
            "PyTorch adds them: divide the loss by the number of parts.",
            [1.0, 4.0],
            lambda: of_keras.SGD(1.0, gradient_accumulation_steps=2),
            None,
            multi_steps(optax.sgd(1.0)),
            torch=lambda: -torch_sum(),
        ),
        row(
            "Slope NaN once, then 1 twice, Adam",
            "Skip the step whose slope is not finite: it stays in the averages.",
            [nan, 1.0, 1.0],
            lambda: of_keras.Adam(1.0),
            lambda p: of_torch.Adam(p, 1.0),
            lambda: optax.adam(1.0),
            ours=lambda: ours_end(adam(constant(nan), 0.0, 1.0, 3)),
        ),
        clipped(
            "Slopes (3, 4) clipped at their norm, 5",
            "PyTorch adds 1e-6 to the norm: it shortens a little what need not be.",
            [3, 4],
            5.0,
        ),
        clipped(
            "Slopes (∞, 1) clipped at 1",
            "Look for infinity before you clip.",
            [inf, 1],
            1.0,
        ),
        clipped(
            "Slopes (3e20, 4e20) clipped at 1",
            "The squares overflow in float32: clip by value first.",
            [3e20, 4e20],
            1.0,
        ),
        clipped(
            "Slopes (3e-30, 4e-30) clipped at 1e-30",
            "PyTorch adds 1e-6 to the norm: nothing is left. Else the squares are 0 in float32: nothing is clipped.",
            [3e-30, 4e-30],
            1e-30,
        ),
        corner(
            "Cosine schedule over 10 steps from 1 to 0: rate at step 20",
            "PyTorch's rate goes up again: stop, or end the schedule.",
            keras=lambda: of_keras.schedules.CosineDecay(1.0, 10)(20),
            torch=lambda: round_(torch_schedule(lambda o: of_torch.lr_scheduler.CosineAnnealingLR(o, 10), 20)),
            jax=lambda: optax.cosine_decay_schedule(1.0, 10)(20),
        ),
        corner(
            "Rate 1 up to step 5, then 0.1: rate at step 5",
            "Move the boundary by one when you translate.",
            keras=lambda: of_keras.schedules.PiecewiseConstantDecay([5], [1.0, 0.1])(5),
            torch=lambda: torch_schedule(lambda o: of_torch.lr_scheduler.MultiStepLR(o, [5], 0.1), 5),
            jax=lambda: optax.piecewise_constant_schedule(1.0, {5: 0.1})(5),
        ),
        corner(
            "Linear from 1 to 0 in 4 steps: rate at step 6",
            "Nothing to do.",
            keras=lambda: of_keras.schedules.PolynomialDecay(1.0, 4, 0.0)(6),
            torch=lambda: torch_schedule(lambda o: of_torch.lr_scheduler.LinearLR(o, 1.0, 0.0, 4), 6),
            jax=lambda: optax.linear_schedule(1.0, 0.0, 4)(6),
        ),
        corner(
            "Linear from 1 in 4 steps, as it is by default: rate at step 0, then at 6",
            "Write both ends: PyTorch's `LinearLR` warms up from a third.",
            keras=lambda: [
                of_keras.schedules.PolynomialDecay(1.0, 4)(0),
                of_keras.schedules.PolynomialDecay(1.0, 4)(6),
            ],
            torch=lambda: [
                torch_schedule(lambda o: of_torch.lr_scheduler.LinearLR(o, total_iters=4), 0),
                torch_schedule(lambda o: of_torch.lr_scheduler.LinearLR(o, total_iters=4), 6),
            ],
        ),
        corner(
            "Exponential, halved every 2 steps: rate at step 3",
            "Say whether the rate goes down in stairs.",
            keras=lambda: of_keras.schedules.ExponentialDecay(1.0, 2, 0.5)(3),
            torch=lambda: torch_schedule(lambda o: of_torch.lr_scheduler.StepLR(o, 2, 0.5), 3),
            jax=lambda: optax.exponential_decay(1.0, 2, 0.5)(3),
        ),
        corner(
            "Warm-up from 0 to 1 in 4 steps, then cosine over 10: rate at step 9",
            "optax counts the warm-up among the steps, Keras does not.",
            keras=lambda: of_keras.schedules.CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=4)(9),
            jax=lambda: optax.warmup_cosine_decay_schedule(0.0, 1.0, 4, 10)(9),
        ),
        corner(
            "Mean of the weights with decay 0.9, of 1 then 2, at the start 0",
            "Look up whether the start counts, and whether it is divided out.",
            keras=keras_ema,
            torch=torch_ema,
            jax=optax_ema,
        ),
        *(
            row(
                f"Adam, first step, slope {slope:.0e}, epsilon 1e-7, rate 1",
                "As 1.5: the larger the slope, the less epsilon matters.",
                [slope],
                lambda: of_keras.Adam(1.0, epsilon=1e-7),
                lambda p: of_torch.Adam(p, 1.0, eps=1e-7),
                lambda: optax.adam(1.0, eps=1e-7),
                **tf_adam(slope),
                ours=lambda slope=slope: ours_end(adam(constant(slope), 0.0, 1.0, 1, epsilon=1e-7)),
            )
            for slope in (1e-7, 1e-5, 1e-4)
        ),
    ]


def torch_sum():
    """Return what PyTorch accumulates of the slopes 1 and 4."""
    number = torch.zeros(1, requires_grad=True)
    (number * 1).sum().backward()
    (number * 4).sum().backward()
    return number.grad


def round_(rate):
    """Round what a recurrence of the schedule leaves of a whole number."""
    return np.round(rate, 6)


def keras_ema():
    """Return the mean that Keras keeps of a weight that goes 0, 1, 2."""
    weight = tf.Variable([0.0])
    optimiser = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.9)
    for _ in range(2):
        optimiser.apply_gradients([(tf.constant([-1.0]), weight)])
    optimiser.finalize_variable_values([weight])
    return weight.numpy()


def torch_ema():
    """Return the mean that PyTorch keeps of a weight that goes 1, 2."""
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    for value in (1.0, 2.0):
        torch.nn.init.constant_(model.weight, value)
        average.update_parameters(model)
    return average.module.weight


def optax_ema():
    """Return the mean that optax keeps of a weight that goes 1, 2."""
    mean = optax.ema(0.9)
    state = mean.init(jnp.zeros(1))
    for value in (1.0, 2.0):
        result, state = mean.update(jnp.array([value]), state)
    return result


if __name__ == "__main__":
    print(table(NUMBER, corners()))
