"""The checks accept every right solution, and tell each wrong one from an untouched exercise."""

import numpy as np
import pytest

from helpers.checks import recurrent_networks as check


def parameters(time, features, units, blocks):
    return blocks * (features * units + units**2 + units), time * features * units + units


def clip_together(d_kernel, d_recurrent_kernel, limit):
    norm = np.hypot(np.linalg.norm(d_kernel), np.linalg.norm(d_recurrent_kernel))
    return d_kernel / max(1, norm / limit), d_recurrent_kernel / max(1, norm / limit)


def last_states(states, lengths):
    return np.take_along_axis(states, lengths[:, None, None] - 1, axis=1)[:, 0]


def masked_rnn(inputs, mask, kernel, recurrent_kernel, bias):
    states = np.zeros((*mask.shape, len(bias)))
    for i, t in np.ndindex(mask.shape):
        before = states[i, t - 1] if t else np.zeros(len(bias))
        states[i, t] = np.tanh(inputs[i, t] @ kernel + before @ recurrent_kernel + bias) if mask[i, t] else before
    return states


def gate_backward(upstream, inputs, z):
    # Forward mode: the derivatives of each state by every input and by z are carried along.
    state, by_inputs, by_z, d_inputs, d_z = (
        0.0,
        np.zeros(len(inputs)),
        0.0,
        np.zeros(len(inputs)),
        0.0,
    )
    for t, x in enumerate(inputs):
        by_z = z * by_z + state - x
        by_inputs = z * by_inputs
        by_inputs[t] = 1 - z
        state = z * state + (1 - z) * x
        d_inputs, d_z = d_inputs + upstream[t] * by_inputs, d_z + upstream[t] * by_z
    return d_inputs, d_z


def gru_step(x, state, kernel, recurrent_kernel, bias):
    units = state.shape[1]
    next_state = np.zeros_like(state)
    for row, unit in np.ndindex(state.shape):

        def sums(block, row=row, unit=unit):
            column = block * units + unit
            return (
                x[row] @ kernel[:, column] + bias[0, column],
                state[row] @ recurrent_kernel[:, column] + bias[1, column],
            )

        z, r = ((1 + np.tanh(sum(sums(block)) / 2)) / 2 for block in (0, 1))
        from_x, from_state = sums(2)
        candidate = np.tanh(from_x + r * from_state)
        next_state[row, unit] = candidate + z * (state[row, unit] - candidate)
    return next_state


def truncated_gradient(upstream, inputs, w, k):
    # Forward mode: the derivative of the state is carried along, and set to 0 at each cut.
    state = by_w = total = 0.0
    for t, x in enumerate(inputs):
        by_w = 0.0 if t % k == 0 else by_w
        before, state = state, np.tanh(w * state + x)
        by_w = (1 - state**2) * (before + w * by_w)
        total += upstream[t] * by_w
    return total


def sample(logits, temperature, u):
    chances = np.exp((logits - logits.max()) / temperature)
    return np.searchsorted(np.cumsum(chances) / chances.sum(), u, side="right")


SOLUTIONS = [
    parameters,
    clip_together,
    last_states,
    masked_rnn,
    gate_backward,
    gru_step,
    truncated_gradient,
    sample,
]
NAMES = [solution.__name__ for solution in SOLUTIONS]


@pytest.mark.parametrize("solution", SOLUTIONS, ids=NAMES)
def test_a_right_solution_written_in_another_way_is_accepted(solution):
    assert getattr(check, solution.__name__)(solution).status == "correct"


def unshared_in_time(time, features, units, blocks):
    return time * parameters(time, features, units, blocks)[0], parameters(time, features, units, blocks)[1]


def without_bias(time, features, units, blocks):
    return blocks * units * (features + units), time * features * units


def one_block(time, features, units, blocks):
    return parameters(time, features, units, 1)


def in_the_wrong_order(time, features, units, blocks):
    return parameters(time, features, units, blocks)[::-1]


def clipped_apart(d_kernel, d_recurrent_kernel, limit):
    return clip_together(d_kernel, 0 * d_kernel, limit)[0], clip_together(d_recurrent_kernel, 0 * d_kernel, limit)[0]


def clipped_always(d_kernel, d_recurrent_kernel, limit):
    norm = np.hypot(np.linalg.norm(d_kernel), np.linalg.norm(d_recurrent_kernel)) or 1
    return limit / norm * d_kernel, limit / norm * d_recurrent_kernel


def clipped_if_one_is_too_long(d_kernel, d_recurrent_kernel, limit):
    if max(np.linalg.norm(d_kernel), np.linalg.norm(d_recurrent_kernel)) <= limit:
        return d_kernel, d_recurrent_kernel
    return clip_together(d_kernel, d_recurrent_kernel, limit)


def clipped_by_value(d_kernel, d_recurrent_kernel, limit):
    return np.clip(d_kernel, -limit, limit), np.clip(d_recurrent_kernel, -limit, limit)


def state_zeroed(inputs, mask, kernel, recurrent_kernel, bias):
    return masked_rnn(inputs, mask, kernel, recurrent_kernel, bias) * mask[..., None]


def inputs_zeroed(inputs, mask, kernel, recurrent_kernel, bias):
    return masked_rnn(inputs * mask[..., None], np.ones_like(mask), kernel, recurrent_kernel, bias)


def mask_inverted(inputs, mask, kernel, recurrent_kernel, bias):
    return masked_rnn(inputs, ~mask, kernel, recurrent_kernel, bias)


def last_step_only(upstream, inputs, z):
    return gate_backward(upstream * (np.arange(len(inputs)) == len(inputs) - 1), inputs, z)


def direct_part_only(upstream, inputs, z):
    states = np.concatenate(
        [
            [0.0],
            [z ** np.arange(t + 1)[::-1] @ inputs[: t + 1] * (1 - z) for t in range(len(inputs))],
        ]
    )
    return (1 - z) * upstream, (states[:-1] - inputs) @ upstream


def gate_wrong_sign(upstream, inputs, z):
    d_inputs, d_z = gate_backward(upstream, inputs, z)
    return d_inputs, -d_z


def gates_swapped(x, state, kernel, recurrent_kernel, bias):
    order = np.roll(np.arange(kernel.shape[1]).reshape(3, -1)[[1, 0, 2]], 0).ravel()
    return gru_step(x, state, kernel[:, order], recurrent_kernel[:, order], bias[:, order])


def one_bias(x, state, kernel, recurrent_kernel, bias):
    both = np.stack([bias.sum(axis=0), 0 * bias[0]])
    return gru_step(x, state, kernel, recurrent_kernel, both)


def cut_one_step_late(upstream, inputs, w, k):
    return truncated_gradient(upstream, inputs, w, k + 1)


def overflowing(logits, temperature, u):
    with np.errstate(all="ignore"):
        chances = np.exp(logits / temperature)
        return int(np.argmax(np.cumsum(chances / chances.sum()) > u))


# The check, a typical mistake, and the beginning of the smallest case that reveals it.
MISTAKES = [
    (
        check.parameters,
        unshared_in_time,
        "time = 5, features = 1, units = 1, blocks = 1 ",
    ),
    (check.parameters, without_bias, "time = 1, features = 1, units = 1, blocks = 1 "),
    (check.parameters, one_block, "time = 1, features = 1, units = 1, blocks = 4 "),
    (
        check.parameters,
        in_the_wrong_order,
        "time = 1, features = 1, units = 1, blocks = 1 ",
    ),
    (
        check.clip_together,
        clipped_always,
        "d_kernel = [0.3], d_recurrent_kernel = [-0.4], limit = 1. ",
    ),
    (
        check.clip_together,
        clipped_by_value,
        "d_kernel = [3.], d_recurrent_kernel = [-4.], limit = 2. ",
    ),
    (
        check.clip_together,
        clipped_apart,
        "d_kernel = [3.], d_recurrent_kernel = [-4.], limit = 2. ",
    ),
    (
        check.clip_together,
        clipped_if_one_is_too_long,
        "d_kernel = [0.8], d_recurrent_kernel = [-0.8], limit = 1. ",
    ),
    (
        check.last_states,
        lambda states, lengths: states[:, -1],
        "states = [[[1.], [2.], [3.]]], lengths = [1]",
    ),
    (
        check.last_states,
        lambda states, lengths: states[np.arange(len(states)), lengths % states.shape[1]],
        "states = [[[1.",
    ),
    (check.masked_rnn, state_zeroed, "inputs = "),
    (check.masked_rnn, inputs_zeroed, "inputs = "),
    (check.masked_rnn, mask_inverted, "inputs = "),
    (check.gate_backward, last_step_only, "upstream = [1., 1.], inputs = [2., 3.]"),
    (check.gate_backward, direct_part_only, "upstream = [0., 1.], inputs = [2., 0.]"),
    (check.gate_backward, gate_wrong_sign, "upstream = [1.], inputs = [2.]"),
    (check.gru_step, gates_swapped, "x = "),
    (check.gru_step, one_bias, "x = "),
    (
        check.truncated_gradient,
        cut_one_step_late,
        "upstream = [0., 0., 1., 1.], inputs = [1., 0., 0., 2.], w = 0.5, k = 2",
    ),
    (check.sample, overflowing, "logits = [1000., 1001.]"),
    (
        check.sample,
        lambda logits, temperature, u: sample(logits * temperature**2, temperature, u),
        "logits = [0., 1.], temperature = 0.2",
    ),
]


@pytest.mark.parametrize(("checked", "mistake", "smallest"), MISTAKES)
def test_a_mistake_is_wrong_and_the_smallest_case_is_named(checked, mistake, smallest):
    verdict = checked(mistake)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(f"for {smallest}"), verdict.explanation
