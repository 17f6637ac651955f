"""The judge of the exercises: every way in which a reader's function can be right, wrong or stuck."""

import contextlib
import signal
import time

import numpy as np
import pytest
import tensorflow as tf

from helpers.checks import Verdict, judge

CASES = [{"x": np.array([1.0, 2.0])}, {"x": np.array([[3.0, 4.0], [5.0, 6.0]])}]


def double(x):
    return 2 * x


def judge_double(function, **settings):
    return judge(function, double, CASES, **settings)


@pytest.mark.parametrize(
    "solution",
    [
        double,
        lambda x: x + x,
        lambda anything: anything * 2,
        lambda x: (2 * x).tolist(),
        lambda x: (2 * x).astype(np.float32),
        lambda x: (2 * x).astype(int),
        lambda x: tf.constant(x) * 2,
        lambda x: 2 * x * (1 + 1e-9),
    ],
)
def test_any_right_solution_is_correct(solution):
    assert judge_double(solution) == Verdict("correct")


def test_untouched_exercise_is_not_attempted_yet():
    def untouched(x):
        raise NotImplementedError

    assert judge_double(untouched) == Verdict("not attempted yet")


def raises(x):
    return x[0].missing


def leaves(x):
    raise SystemExit("bye")


def recurses(x):
    return recurses(x)


@pytest.mark.parametrize(
    ("function", "explanation"),
    [
        (lambda x: x, "for x = [1., 2.] I expected [2., 4.] and got [1., 2.]"),
        (lambda x: None, "for x = [1., 2.] I expected [2., 4.] and got None: is a `return` missing?"),
        (lambda x: 2 * x[:, None], "for x = [1., 2.] I expected shape (2,), [2., 4.], and got shape (2, 1), [[2.], ["),
        (lambda x: 2 * x.sum(), "for x = [1., 2.] I expected shape (2,), [2., 4.], and got shape (), 6."),
        (lambda x: x * np.nan, "for x = [1., 2.] I expected [2., 4.] and got [nan, nan]"),
        (lambda x: x * np.inf, "for x = [1., 2.] I expected [2., 4.] and got [inf, inf]"),
        (lambda x: 2 * x + 1e-5, "for x = [1., 2.] I expected [2., 4.] and got [2.00001, 4.00001]"),
        (lambda x: (2 * x).astype(complex), "for x = [1., 2.] I expected [2., 4.] and got array([2.+0.j, 4.+0.j])"),
        (lambda x: "2 4", "for x = [1., 2.] I expected [2., 4.] and got '2 4'"),
        (lambda x: [2, [4]], "for x = [1., 2.] I expected [2., 4.] and got [2, [4]]"),
        (lambda x: double, "for x = [1., 2.] I expected [2., 4.] and got <function double"),
        (raises, "for x = [1., 2.] your function raised AttributeError: "),
        (leaves, "for x = [1., 2.] your function raised SystemExit: bye"),
        (recurses, "for x = [1., 2.] your function raised RecursionError: "),
        (lambda: 1, "for x = [1., 2.] your function raised TypeError: "),
        (lambda x: 2 * x if x.ndim == 1 else x, "for x = [[3., 4.], [5., 6.]] I expected [[ 6.,  8.], [10., 12.]]"),
    ],
)  # fmt: skip
def test_wrong_solution_is_told_the_first_input_on_which_it_fails(
    function, explanation
):
    verdict = judge_double(function)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(explanation), verdict
    assert len(verdict.explanation) < 400


def test_function_that_changes_its_argument_is_told_so_and_cannot_spoil_the_cases():
    def in_place(x):
        x *= 2
        return x

    cases = [{"x": np.array([1.0, 2.0])}]
    verdict = judge(in_place, double, cases)
    assert verdict == Verdict(
        "wrong", "for x = [1., 2.] your function changed its argument x: work on a copy"
    )
    np.testing.assert_array_equal(cases[0]["x"], [1, 2])


def test_change_inside_a_tuple_of_arrays_of_several_shapes_is_found():
    def total(pair):
        return pair[0].sum() + pair[1].sum()

    def in_place(pair):
        pair[1][0] = 0
        return total(pair)

    cases = [
        {"pair": (np.ones((2, 2)), np.zeros(3))},
        {"pair": (np.ones(2), np.ones(1))},
    ]
    assert judge(total, total, cases) == Verdict("correct")
    assert judge(in_place, in_place, cases).explanation.endswith(
        "your function changed its argument pair: work on a copy"
    )


def loops(x):
    while True:
        pass


def loops_and_catches_exceptions(x):
    while True:
        with contextlib.suppress(Exception):
            x = x + 1


def loops_and_catches_everything_once(x):
    try:
        loops(x)
    except BaseException:
        loops(x)


@pytest.mark.parametrize(
    "function", [loops, loops_and_catches_exceptions, loops_and_catches_everything_once]
)
def test_function_that_never_ends_is_stopped(function):
    begin = time.monotonic()
    verdict = judge_double(function, time_limit=0.2)
    assert time.monotonic() - begin < 5
    assert verdict == Verdict(
        "wrong", "for x = [1., 2.] your function did not finish within 0.2 seconds"
    )


def test_function_that_never_ends_is_stopped_where_interrupts_are_ignored():
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        verdict = judge_double(loops, time_limit=0.2)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, previous)
    assert "did not finish" in verdict.explanation


def test_interrupt_by_the_reader_stays_an_interrupt():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_double(interrupted)


def halve_and_count(x):
    return x / 2, x.size


@pytest.mark.parametrize(
    ("function", "explanation"),
    [
        (
            lambda x: (x, x.size),
            "for x = [1., 2.] I expected [0.5, 1. ] and got [1., 2.]",
        ),
        (lambda x: (x / 2, 3), "for x = [1., 2.] I expected 2 and got 3"),
        (lambda x: (x / 2, None), "for x = [1., 2.] I expected 2 and got None"),
        (
            lambda x: x / 2,
            "for x = [1., 2.] I expected 2 results, ([0.5, 1. ], 2), and got array([0.5, 1. ])",
        ),
        (
            lambda x: (x / 2, 2, 2),
            "for x = [1., 2.] I expected 2 results, ([0.5, 1. ], 2), and got (array(",
        ),
        (lambda x: None, "for x = [1., 2.] I expected ([0.5, 1. ], 2) and got None"),
    ],
)
def test_several_results_are_compared_one_by_one(function, explanation):
    assert judge(lambda x: (0.5 * x, x.size), halve_and_count, CASES) == Verdict(
        "correct"
    )
    verdict = judge(function, halve_and_count, CASES)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(explanation), verdict


def test_function_among_the_arguments_is_named_by_its_docstring():
    def square(x):
        """The square of x."""
        return x**2

    verdict = judge(lambda f, x: 0.0, lambda f, x: f(x), [{"f": square, "x": 3.0}])
    assert (
        verdict.explanation
        == "for f = <The square of x>, x = 3. I expected 9. and got 0."
    )


def test_verdict_reads_as_a_sentence():
    assert repr(Verdict("correct")) == str(Verdict("correct")) == "correct"
    assert (
        repr(Verdict("wrong", "for x = 1 I expected 2 and got 3"))
        == "wrong: for x = 1 I expected 2 and got 3"
    )


def test_long_inputs_and_results_are_shortened():
    verdict = judge(
        lambda x: [[i] for i in range(500)] + [1], double, [{"x": np.arange(1000.0)}]
    )
    assert verdict.status == "wrong"
    assert len(verdict.explanation) < 600
