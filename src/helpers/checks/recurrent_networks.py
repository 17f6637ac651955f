"""Checks of the exercises of the lesson on recurrent networks.

Each function takes the reader's function of the same name and returns a :class:`helpers.checks.Verdict`.
"""

import numpy as np

from helpers.checks import judge
from helpers.gradient_check import numerical_gradient
from helpers.recurrent_networks import simple_rnn


def parameters(function):
    """Check ``parameters(time, features, units, blocks)`` by the entries of arrays that fit together."""

    def expected(time, features, units, blocks):
        recurrent = (
            np.ones((features, blocks * units)),
            np.ones((units, blocks * units)),
            np.ones(blocks * units),
        )
        dense = np.ones((time * features, units)), np.ones(units)
        return sum(array.size for array in recurrent), sum(
            array.size for array in dense
        )

    names = ("time", "features", "units", "blocks")
    sizes = (
        (1, 1, 1, 1),
        (1, 3, 1, 1),
        (1, 1, 3, 1),
        (5, 1, 1, 1),
        (5, 3, 2, 1),
        (2, 3, 4, 4),
        (1000, 4, 5, 4),
    )
    return judge(
        function, expected, [dict(zip(names, size, strict=True)) for size in sizes]
    )


def clip_together(function):
    """Check ``clip_together(d_kernel, d_recurrent_kernel, limit)`` on all entries laid in one row."""

    def expected(d_kernel, d_recurrent_kernel, limit):
        row = np.concatenate([d_kernel.ravel(), d_recurrent_kernel.ravel()])
        row = row * min(1.0, limit / max(np.linalg.norm(row), np.finfo(float).tiny))
        first, second = np.split(row, [d_kernel.size])
        return first.reshape(d_kernel.shape), second.reshape(d_recurrent_kernel.shape)

    def case(limit, *gradients):
        d_kernel, d_recurrent_kernel = (
            np.array(gradient, dtype=float) for gradient in gradients
        )
        return {
            "d_kernel": d_kernel,
            "d_recurrent_kernel": d_recurrent_kernel,
            "limit": limit,
        }

    return judge(
        function,
        expected,
        [
            case(1.0, [0], [0]),
            case(1.0, [0.3], [-0.4]),
            case(1.0, [3], [0]),
            case(2.0, [3], [-4]),
            case(1.0, [0.8], [-0.8]),
            case(0.5, [[1, 2, 7]], [[5, -6], [0.1, 0]]),
        ],
    )


def last_states(function):
    """Check ``last_states(states, lengths)`` sequence by sequence."""

    def expected(states, lengths):
        return np.array(
            [
                sequence[:length][-1]
                for sequence, length in zip(states, lengths, strict=True)
            ]
        )

    def case(units, *lengths, time):
        states = (
            np.arange(len(lengths) * time * units, dtype=float).reshape(
                len(lengths), time, units
            )
            + 1
        )
        return {"states": states, "lengths": np.array(lengths)}

    return judge(
        function,
        expected,
        [
            case(1, 1, time=1),
            case(1, 2, time=2),
            case(1, 1, time=3),
            case(2, 1, 3, time=3),
            case(3, 4, 2, 1, 5, time=6),
        ],
    )


def masked_rnn(function):
    """Check ``masked_rnn(inputs, mask, kernel, recurrent_kernel, bias)`` by reading the real steps alone."""

    def expected(inputs, mask, kernel, recurrent_kernel, bias):
        states = np.zeros((*mask.shape, len(bias)))
        for sequence, real, row in zip(inputs, mask, states, strict=True):
            alone = simple_rnn(
                sequence[np.newaxis, real], kernel, recurrent_kernel, bias
            )[0]
            # The number of real steps so far says which state is carried; none is the initial state.
            row[:] = np.concatenate([np.zeros((1, len(bias))), alone])[np.cumsum(real)]
        return states

    def case(units, *rows):
        mask = np.array(rows, dtype=bool)
        rng = np.random.default_rng(mask.size)
        shapes = {
            "kernel": (2, units),
            "recurrent_kernel": (units, units),
            "bias": (units,),
        }
        weights = {
            name: rng.normal(size=shape).round(1) for name, shape in shapes.items()
        }
        return {
            "inputs": rng.normal(size=(*mask.shape, 2)).round(1),
            "mask": mask,
            **weights,
        }

    return judge(
        function,
        expected,
        [
            case(1, [1]),
            case(1, [0]),
            case(1, [1, 1]),
            case(1, [1, 0]),
            case(1, [0, 1]),
            case(3, [1, 0, 1], [1, 1, 1]),
            case(2, [1, 1, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]),
        ],
    )


def gate_backward(function):
    """Check ``gate_backward(upstream, inputs, z)`` by finite differences of the loss."""

    def loss(upstream, inputs, z):
        # Each state written out as a weighted sum of the inputs up to it.
        age = np.subtract.outer(np.arange(len(inputs)), np.arange(len(inputs)))
        weights = np.where(age >= 0, (1 - z) * z ** np.maximum(age, 0), 0)
        return upstream @ weights @ inputs

    def expected(upstream, inputs, z):
        d_z = numerical_gradient(
            lambda z: loss(upstream, inputs, z.item()), np.array([z])
        )
        return numerical_gradient(
            lambda inputs: loss(upstream, inputs, z), inputs
        ), d_z.item()

    def case(z, upstream, inputs):
        return {
            "upstream": np.array(upstream, dtype=float),
            "inputs": np.array(inputs, dtype=float),
            "z": z,
        }

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
            case(0.9, rng.normal(size=8).round(1), rng.normal(size=8).round(1)),
        ],
    )
