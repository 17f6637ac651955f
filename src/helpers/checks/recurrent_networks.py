"""Checks of the exercises of the lesson on recurrent networks.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import math

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient
from helpers.recurrent_networks import gru, simple_rnn


def parameters(function):
    """Check ``parameters(time, features, units, blocks)`` by the entries of arrays that fit together."""

    def expected(time, features, units, blocks):
        recurrent = (
            np.ones((features, blocks * units)),
            np.ones((units, blocks * units)),
            np.ones(blocks * units),
        )
        dense = np.ones((time * features, units)), np.ones(units)
        return tuple(sum(array.size for array in layer) for layer in (recurrent, dense))

    return judge(
        function,
        expected,
        [
            (1, 1, 1, 1), (1, 3, 1, 1), (1, 1, 3, 1), (5, 1, 1, 1), (1, 1, 1, 4), (5, 3, 2, 1), (2, 3, 4, 4),
            (7, 2, 5, 3), (1000, 4, 5, 4),
        ],
        results=("the recurrent layer", "the dense layer"),
        mistakes={
            "the biases are missing": (
                lambda t, f, u, b: (b * u * (f + u), t * f * u)
            ),
            "the two numbers are in the wrong order": (
                lambda *sizes: expected(*sizes)[::-1]
            ),
            "the kernel for the last state is missing": (
                lambda t, f, u, b: (b * u * (f + 1), expected(t, f, u, b)[1])
            ),
            "this leaves out the blocks": (
                lambda t, f, u, b: expected(t, f, u, 1)
            ),
            "all steps share the same parameters in a recurrent layer": (
                lambda t, f, u, b: (t * expected(t, f, u, b)[0], expected(t, f, u, b)[1])
            ),
            "the dense layer sees all steps side by side, and this counts one": (
                lambda t, f, u, b: (expected(t, f, u, b)[0], u * (f + 1))
            ),
        },
    )  # fmt: skip


def clip_together(function):
    """Check ``clip_together(d_kernel, d_recurrent_kernel, limit)`` on all entries laid in one row."""

    def expected(d_kernel, d_recurrent_kernel, limit):
        row = np.concatenate([d_kernel.ravel(), d_recurrent_kernel.ravel()])
        row = row * min(1.0, limit / max(np.linalg.norm(row), np.finfo(float).tiny))
        first, second = np.split(row, [d_kernel.size])
        return first.reshape(d_kernel.shape), second.reshape(d_recurrent_kernel.shape)

    def apart(*gradients):
        *gradients, limit = gradients
        return tuple(expected(g, np.zeros(1), limit)[0] for g in gradients)

    def always(d_kernel, d_recurrent_kernel, limit):
        norm = np.hypot(np.linalg.norm(d_kernel), np.linalg.norm(d_recurrent_kernel))
        factor = limit / norm if norm else 0.0
        return tuple(factor * part for part in (d_kernel, d_recurrent_kernel))

    def by_entry(d_kernel, d_recurrent_kernel, limit):
        return tuple(np.clip(gradient, -limit, limit) for gradient in (d_kernel, d_recurrent_kernel))

    def by_squares(d_kernel, d_recurrent_kernel, limit):
        square = (d_kernel**2).sum() + (d_recurrent_kernel**2).sum()
        factor = limit / square if square > limit else 1.0
        return tuple(factor * part for part in (d_kernel, d_recurrent_kernel))

    return judge(
        function,
        expected,
        [
            (np.array(first, dtype=float), np.array(second, dtype=float), limit)
            for first, second, limit in (
                ([0], [0], 1.0),
                ([0.3], [-0.4], 1.0),
                ([3], [0], 1.0),
                ([0], [-3], 1.0),
                ([3], [-4], 2.0),
                ([0.8], [-0.8], 1.0),
                ([3], [4], 10.0),
                ([[1, 2, 7]], [[5, -6], [0.1, 0]], 0.5),
            )
        ],
        results=("d_kernel", "d_recurrent_kernel"),
        mistakes={
            "each is clipped by its own length: there is one length over all entries": apart,
            "a length below the limit is raised to it: these stay unchanged": always,
            "this clips each entry, and the direction changes": by_entry,
            "the square root of the sum of squares is missing": by_squares,
        },
    )


def last_states(function):
    """Check ``last_states(states, lengths)`` sequence by sequence."""

    def expected(states, lengths):
        return np.array([sequence[:length][-1] for sequence, length in zip(states, lengths, strict=True)])

    def case(units, *lengths, time):
        size = len(lengths) * time * units
        # In no order: neither the largest nor the last one that is not 0.
        states = np.random.default_rng(size).permutation(size) - size // 2
        return states.reshape(len(lengths), time, units) + 0.0, np.array(lengths)

    return judge(
        function,
        expected,
        [
            (np.array([[[1.0]]]), np.array([1])),
            (np.array([[[1.0], [2.0]]]), np.array([2])),
            (np.array([[[2.0], [1.0]]]), np.array([2])),
            (np.array([[[1.0], [2.0], [3.0]]]), np.array([1])),
            (np.array([[[3.0], [0.0], [2.0]]]), np.array([2])),
            case(2, 1, 3, time=3),
            case(1, 3, 3, 1, time=4),
            case(3, 4, 2, 1, 5, time=6),
        ],
        mistakes={
            "this is the last step of all, filling included": (lambda states, lengths: states[:, -1]),
            "step n stands at the index n - 1": (
                lambda states, lengths: states[np.arange(len(states)), lengths % states.shape[1]]
            ),
            "this is the first state of each sequence": (lambda states, lengths: states[:, 0]),
            "every sequence has its own length, and this takes that of the first": (
                lambda states, lengths: states[:, lengths[0] - 1]
            ),
        },
    )


def masked_rnn(function):
    """Check ``masked_rnn(inputs, mask, kernel, recurrent_kernel, bias)`` by reading the real steps alone."""

    def expected(inputs, mask, kernel, recurrent_kernel, bias):
        states = np.zeros((*mask.shape, len(bias)))
        for sequence, real, row in zip(inputs, mask, states, strict=True):
            alone = simple_rnn(sequence[np.newaxis, real], kernel, recurrent_kernel, bias)[0]
            # The number of real steps so far says which state is carried; none is the initial state.
            row[:] = np.concatenate([np.zeros((1, len(bias))), alone])[np.cumsum(real)]
        return states

    def with_state(choose):
        """Return a network whose state follows from the mask, the new state and the old one."""

        def run(inputs, mask, kernel, recurrent_kernel, bias):
            shown, old = np.zeros((*mask.shape, len(bias))), np.zeros(len(bias))
            for step, real in enumerate(mask.T[..., np.newaxis]):
                new = np.tanh(inputs[:, step] @ kernel + old @ recurrent_kernel + bias)
                old = shown[:, step] = choose(real, new, old)
            return shown

        return run

    def case(units, *rows):
        mask = np.array(rows, dtype=bool)
        rng = np.random.default_rng(mask.size)
        shapes = (2, units), (units, units), (units,)
        weights = [rng.normal(size=shape).round(1) for shape in shapes]
        return rng.normal(size=(*mask.shape, 2)).round(1), mask, *weights

    return judge(
        function,
        expected,
        [
            case(1, [1]),
            case(1, [0]),
            case(1, [1, 1]),
            case(1, [1, 0]),
            case(1, [0, 1]),
            case(1, [1, 0, 1]),
            case(1, [1, 0], [0, 1]),
            case(3, [1, 0, 1], [1, 1, 1]),
            case(2, [1, 1, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]),
        ],
        mistakes={
            "at a step of filling the state becomes 0: carry the old one over": with_state(
                lambda real, new, old: np.where(real, new, 0)
            ),
            "a state that is carried over is one of the results, and this shows 0 for it": (
                lambda inputs, mask, *weights: expected(inputs, mask, *weights) * mask[..., None]
            ),
            "the mask is the wrong way round: where it is True, the step is real": with_state(
                lambda real, new, old: np.where(real, old, new)
            ),
            "the mask is not used": with_state(lambda real, new, old: new),
            "the inputs are set to 0, and the state still changes, by its kernel and the bias": (
                lambda inputs, mask, *weights: expected(inputs * mask[..., None], np.ones_like(mask), *weights)
            ),
            "the network goes on through the filling, and only what it shows is 0 there": (
                lambda inputs, mask, *weights: expected(inputs, np.ones_like(mask), *weights) * mask[..., None]
            ),
        },
    )


def gate_backward(function):
    """Check ``gate_backward(upstream, inputs, z)`` by finite differences of the loss."""

    def loss(upstream, inputs, z):
        # Each state written out as a weighted sum of the inputs up to it.
        age = np.subtract.outer(np.arange(len(inputs)), np.arange(len(inputs)))
        weights = np.where(age >= 0, (1 - z) * z ** np.maximum(age, 0), 0)
        return upstream @ weights @ inputs

    def expected(upstream, inputs, z):
        d_z = numerical_gradient(lambda z: loss(upstream, inputs, z.item()), np.array([z]))
        return numerical_gradient(lambda inputs: loss(upstream, inputs, z), inputs), d_z.item()

    def carrying(factor, behind=1):
        """Go backward with a factor of what is carried; the gate multiplies the state so many steps behind."""

        def gradients(upstream, inputs, z):
            carried, state, at_states, states = 0.0, 0.0, [], [0.0]
            for x, e in zip(inputs, upstream[::-1], strict=True):
                state = z * state + (1 - z) * x
                carried = e + factor(z) * carried
                states.append(state)
                at_states.insert(0, carried)
            gated = np.array(states[:-1] if behind else states[1:]) - inputs
            return (1 - z) * np.array(at_states), gated @ at_states

        return gradients

    def case(z, upstream, inputs):
        return np.array(upstream, dtype=float), np.array(inputs, dtype=float), z

    rng = np.random.default_rng(0)
    return judge(
        function,
        expected,
        [
            case(0.5, [1], [2]),
            case(0.25, [1], [2]),
            case(0.25, [0, 1], [2, 0]),
            case(0.25, [0, 1], [2, 3]),
            case(0.25, [1, 1], [2, 3]),
            case(0.0, [1, 1], [2, 3]),
            case(1.0, [1, 1], [2, 3]),
            case(0.25, [1, -1, 2], [2, 0, -3]),
            case(0.9, rng.normal(size=8).round(1), rng.normal(size=8).round(1)),
        ],
        results=("the gradient of the inputs", "the gradient of z"),
        mistakes={
            "this is the direct part: each h_t acts on the loss through the later states, too": (
                carrying(lambda z: 0.0)
            ),
            "from h_t to h_(t-1) the gradient is multiplied by z": carrying(lambda z: 1.0),
            "from h_t to h_(t-1) the gradient is multiplied by z, not by 1 - z": (carrying(lambda z: 1 - z)),
            "in h_t, z multiplies h_(t-1), the state before": carrying(lambda z: z, behind=0),
            "the gradient of z has the wrong sign": (
                lambda *arguments: (expected(*arguments)[0], -expected(*arguments)[1])
            ),
        },
    )


def gru_step(function):
    """Check ``gru_step(x, state, kernel, recurrent_kernel, bias)`` by a layer that reads one step."""

    def expected(x, state, kernel, recurrent_kernel, bias):
        return gru(x[:, np.newaxis], kernel, recurrent_kernel, bias, state)[:, 0]

    def step(combine, reset=lambda r, s_h, state, product: r * s_h, second=1):
        """Return a step that combines z, the old state and the candidate, with its own way to reset."""

        def run(x, state, kernel, recurrent_kernel, bias):
            s = state @ recurrent_kernel + second * bias[1]
            (x_z, x_r, x_h), (s_z, s_r, s_h) = (np.split(sums, 3, axis=1) for sums in (x @ kernel + bias[0], s))
            z, r = (1 / (1 + np.exp(-sums)) for sums in (x_z + s_z, x_r + s_r))
            product = np.split(recurrent_kernel, 3, axis=1)[2]
            return combine(z, state, np.tanh(x_h + reset(r, s_h, state, product)), r)

        return run

    def keeps(z, state, candidate, _):
        return candidate + z * (state - candidate)

    def case(batch, features, units, seed, **chosen):
        rng = np.random.default_rng(seed)
        shapes = {
            "x": (batch, features),
            "state": (batch, units),
            "kernel": (features, 3 * units),
            "recurrent_kernel": (units, 3 * units),
            "bias": (2, 3 * units),
        }
        drawn = {name: rng.normal(size=shape).round(1) for name, shape in shapes.items()}
        return tuple((drawn | chosen).values())

    zero = {"kernel": np.zeros((1, 3)), "recurrent_kernel": np.zeros((1, 3))}
    return judge(
        function,
        expected,
        [
            case(1, 1, 1, 0, **zero, bias=np.zeros((2, 3)), state=np.array([[1.0]])),
            case(1, 1, 1, 1, **zero, bias=np.array([[2.0, 0, 1], [0, 0, 0]])),
            case(1, 1, 1, 2, bias=np.zeros((2, 3))),
            case(1, 1, 1, 3),
            case(1, 2, 3, 4),
            case(4, 2, 3, 5),
        ],
        mistakes={
            "z keeps the old state, and 1 - z lets the candidate in": step(
                lambda z, state, candidate, _: (1 - z) * state + z * candidate
            ),
            "this takes the reset gate for the update gate: the first block is z": step(
                lambda z, state, candidate, r: r * state + (1 - r) * candidate
            ),
            "the reset gate multiplies the product of the state too": step(keeps, lambda r, s_h, state, product: s_h),
            "this resets the state before it is multiplied, and not after": step(
                keeps, lambda r, s_h, state, product: (r * state) @ product
            ),
            "the second row of the bias is missing": step(keeps, second=0),
            "this is the candidate alone": step(lambda z, state, candidate, _: candidate),
        },
    )


def truncated_gradient(function):
    """Check ``truncated_gradient(upstream, inputs, w, k)`` by finite differences within each chunk."""

    def states_from(state, inputs, w):
        states = []
        for x in inputs:
            state = np.tanh(w * state + x)
            states.append(state)
        return np.array(states)

    def expected(upstream, inputs, w, k):
        states = np.concatenate([[0.0], states_from(0.0, inputs, w)])
        total = 0.0
        for first in range(0, len(inputs), k):
            chunk = slice(first, first + k)

            def loss(w, begin=states[first], chunk=chunk):
                return upstream[chunk] @ states_from(begin, inputs[chunk], w.item())

            total += numerical_gradient(loss, np.array([w])).item()
        return total

    def forgotten(upstream, inputs, w, k):
        chunks = [slice(first, first + k) for first in range(0, len(inputs), k)]
        return sum(expected(upstream[c], inputs[c], w, k) for c in chunks)

    def first_chunk(upstream, inputs, w, k):
        return expected(upstream[:k], inputs[:k], w, k)

    def case(w, k, upstream, inputs):
        return np.array(upstream, dtype=float), np.array(inputs, dtype=float), w, k

    rng = np.random.default_rng(0)
    return judge(
        function,
        expected,
        [
            case(0.5, 1, [1], [1]),
            case(0.5, 1, [0, 1], [1, 0]),
            case(0.5, 2, [0, 1], [1, 0]),
            case(0.5, 1, [0, 0, 1], [1, 0, 0]),
            case(0.5, 3, [0, 0, 1], [1, 0, 0]),
            case(0.5, 2, [0, 0, 1, 1], [1, 0, 0, 2]),
            case(-0.5, 2, [1, 2, -1, 1, 1], [1, 0.5, 0, 2, 1]),
            case(0.9, 3, rng.normal(size=8).round(1), rng.normal(size=8).round(1)),
            case(0.9, 10, rng.normal(size=8).round(1), rng.normal(size=8).round(1)),
        ],
        mistakes={
            "this is the whole gradient: cut it at the beginning of each chunk": (
                lambda upstream, inputs, w, k: expected(upstream, inputs, w, len(inputs))
            ),
            "the state is carried on from chunk to chunk, and this starts each from 0": forgotten,
            "this is the first chunk alone: their gradients add up": first_chunk,
            "this keeps one step: within a chunk the gradient goes back to its beginning": (
                lambda upstream, inputs, w, k: expected(upstream, inputs, w, 1)
            ),
        },
    )


def sample(function):
    """Check ``sample(logits, temperature, u)`` by adding up exact probabilities one after the other."""

    def chances(logits, temperature):
        scaled = [float(logit) / temperature for logit in logits]
        weights = [math.exp(value - max(scaled)) for value in scaled]
        return [weight / math.fsum(weights) for weight in weights]

    def place(chances, u):
        below = 0.0
        for index, chance in enumerate(chances):
            below += chance
            if u < below:
                return index
        return len(chances) - 1

    def expected(logits, temperature, u):
        return place(chances(logits, temperature), u)

    def case(logits, temperature, u):
        return np.array(logits, dtype=float), temperature, u

    logits = np.random.default_rng(0).normal(size=6).round(1)
    return judge(
        function,
        expected,
        [
            case([0], 1.0, 0.5),
            case([0, 0], 1.0, 0.3),
            case([0, 0], 1.0, 0.7),
            case([0, 0, 0, 0], 1.0, 0.6),
            case([0, 1], 1.0, 0.2),
            case([0, 1], 1.0, 0.3),
            case([0, 1], 0.2, 0.1),
            case([0, 1], 5.0, 0.4),
            case([1, 2, 3], 1.0, 0.05),
            case([3, 2, 1], 1.0, 0.5),
            case([1000, 1001], 1.0, 0.4),
            case([1000, 1001], 1.0, 0.5),
            # Only the largest logit can be subtracted: not the first, last or smallest one, their median or mean.
            case([0, 1000], 1.0, 0.5),
            case([-1000, 1000, 1000], 1.0, 0.4),
            case([1000, 1000, -1000], 1.0, 0.6),
            case([1000, 1000, -1000, -1000, -1000], 1.0, 0.6),
            case([0, 0], 1.0, 0.5),  # exactly on the border: not yet exceeded
            *(case(logits, t, u) for t in (0.5, 2.0) for u in (0.02, 0.4, 0.8, 0.99)),
        ],
        mistakes={
            "this takes the likeliest one always": (lambda logits, temperature, u: int(np.argmax(logits))),
            "the temperature is not used": (lambda logits, temperature, u: expected(logits, 1.0, u)),
            "the logits are divided by the temperature, not multiplied": (
                lambda logits, temperature, u: expected(logits, 1 / temperature, u)
            ),
            "this draws all with the same chance": (lambda logits, temperature, u: int(u * len(logits))),
            "this counts from the end": (
                lambda logits, temperature, u: len(logits) - 1 - place(chances(logits, temperature)[::-1], u)
            ),
        },
    )
