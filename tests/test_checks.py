"""The judge of the exercises: every way in which a reader's function can be right, wrong or stuck."""

import contextlib
import fractions
import itertools
import signal
import sys
import time
import warnings

import numpy as np
import pytest
import tensorflow as tf

import helpers.checks
from helpers.checks import Verdict, judge

CASES = [{"x": np.array([1.0, 2.0])}, {"x": np.array([[3.0, 4.0], [5.0, 6.0]])}]


def double(x):
    return 2 * x


def judge_double(function):
    return judge(function, double, CASES)


@pytest.fixture
def short_time_limit(monkeypatch):
    monkeypatch.setattr(helpers.checks, "TIME_LIMIT", 0.2)


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
        lambda x: (
            [[fractions.Fraction(2 * y) for y in row] for row in x]
            if x.ndim == 2
            else [fractions.Fraction(2 * y) for y in x]
        ),
        lambda x: np.ma.masked_array(2 * x),
        lambda x: unusual(__array__=lambda self, dtype=None, copy=None: 2 * x),
    ],
)
def test_any_right_solution_is_correct(solution):
    assert judge_double(solution) == Verdict("correct")


def test_rounding_where_0_is_expected_is_correct():
    almost_zero = 0.1 + 0.2 - 0.3
    assert 0 < almost_zero < 1e-16
    rounded = judge(lambda x: almost_zero, lambda x: 0.0, CASES)
    assert rounded == Verdict("correct")
    assert judge(lambda x: 1e-9, lambda x: 0.0, CASES).status == "wrong"


def test_untouched_exercise_is_not_attempted_yet():
    def untouched(x):
        raise NotImplementedError

    assert judge_double(untouched) == Verdict("not attempted yet")


@pytest.mark.parametrize(
    ("error", "status"), [(0.7e-5, "correct"), (-0.7e-5, "correct"), (1.2e-5, "wrong")]
)
def test_tolerance_is_relative_to_the_largest_entry(error, status):
    verdict = judge(lambda x: 2 * x + error * 2 * x.max(), double, CASES, rtol=1e-5)
    assert verdict.status == status


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
        (lambda x: 2 * x + 1e-4, "for x = [1., 2.] I expected [2., 4.] and got [2.0001, 4.0001]"),
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


def test_exercise_of_which_a_part_is_untouched_is_attempted():
    def half_done(x):
        if x.ndim == 2:
            raise NotImplementedError
        return 2 * x

    assert judge_double(half_done).explanation.startswith(
        "for x = [[3., 4.], [5., 6.]] your function raised NotImplementedError"
    )


def unusual(**methods):
    """Return an object with these special methods."""
    return type("Unusual", (), methods)()


def fails(*_):
    raise RuntimeError("from a special method")


class OddPair(tuple):
    __slots__ = ()
    __len__ = __iter__ = __getitem__ = fails


class OddError(BaseException):
    __str__ = __repr__ = fails


def raises_odd_error(x):
    raise OddError


def raises_long_error(x):
    raise ValueError("long " * 1000)


def generates(x):
    yield 2 * x


GOT_UNUSUAL = "I expected [2., 4.] and got an object of the type Unusual"


@pytest.mark.parametrize(
    ("function", "explanation"),
    [
        (lambda x: unusual(__array__=fails, __repr__=fails), GOT_UNUSUAL),
        (lambda x: unusual(__repr__=fails), GOT_UNUSUAL),
        (lambda x: unusual(__eq__=fails, __hash__=fails, __bool__=fails, __repr__=fails), GOT_UNUSUAL),
        (lambda x: unusual(__len__=fails, __getitem__=fails, __repr__=fails), GOT_UNUSUAL),
        (lambda x: unusual(__array__=lambda *_, **__: "no array", __repr__=fails), GOT_UNUSUAL),
        (lambda x: [unusual(__float__=fails, __repr__=fails)], "I expected [2., 4.] and got an object of the type l"),
        (lambda x: OddPair((1, 2)), "I expected [2., 4.] and got "),
        (generates, "I expected [2., 4.] and got <generator object"),
        (lambda x: itertools.count(), "I expected [2., 4.] and got count(0)"),
        (lambda x: (y for y in itertools.count()), "I expected [2., 4.] and got <generator object"),
        (lambda x: np.broadcast_to(1.0, (10**6, 10**6)), "I expected shape (2,), [2., 4.], and got shape (1000000,"),
        (lambda x: np.zeros((2, 0)), "I expected shape (2,), [2., 4.], and got shape (2, 0), []"),
        (lambda x: np.array([2, None]), "I expected [2., 4.] and got array([2, None], dtype=object)"),
        (lambda x: {"two": 2}, "I expected [2., 4.] and got {'two': 2}"),
        (lambda x: np.zeros(2, dtype="datetime64[s]"), "I expected [2., 4.] and got array("),
        (lambda x: np.zeros(2, dtype=[("a", float)]), "I expected [2., 4.] and got array("),
        (raises_odd_error, "your function raised OddError: an object of the type OddError"),
        (raises_long_error, "your function raised ValueError: long long"),
        (lambda x, y: 2 * x, "your function raised TypeError: "),
        (lambda x, *, y: 2 * x, "your function raised TypeError: "),
        (None, "your function raised TypeError: 'NoneType' object is not callable"),
        ([2, 4], "your function raised TypeError: 'list' object is not callable"),
        (lambda x: sys.exit(), "your function raised SystemExit: "),
        (lambda x: np.zeros(10**15), "your function raised MemoryError"),
    ],
)  # fmt: skip
def test_judge_survives_whatever_a_function_does_or_returns(function, explanation):
    verdict = judge_double(function)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(f"for x = [1., 2.] {explanation}"), verdict
    assert len(verdict.explanation) < 400


@pytest.mark.parametrize("pair", [OddPair((1, 2)), (unusual(__array__=fails), 2)])
def test_judge_survives_unusual_objects_where_several_results_are_expected(pair):
    assert judge(lambda x: pair, halve_and_count, CASES).status == "wrong"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x: x.append(0),
        lambda x: x.clear(),
        lambda x: x[1].append(0),
        lambda x: x.__setitem__(1, 0),
        lambda x: x.__setitem__(1, (3, 4)),
        lambda x: x.__setitem__(0, "text"),
        lambda x: x.__setitem__(0, unusual(__array__=fails, __eq__=fails)),
        lambda x: x[0].__setitem__(0, unusual(__array__=fails, __eq__=fails)),
    ],
)
def test_change_in_a_nested_list_is_found(spoil):
    def spoiling(x):
        spoil(x)
        return 0

    verdict = judge(spoiling, lambda x: 0, [{"x": [[1, 2], [3, 4]]}])
    assert verdict == Verdict(
        "wrong",
        "for x = [[1, 2], [3, 4]] your function changed its argument x: work on a copy",
    )


def test_settings_that_a_function_changes_are_as_before():
    before = np.geterr(), np.get_printoptions(), warnings.filters[:]
    limit, error_stream = sys.getrecursionlimit(), sys.stderr

    def meddling(x):
        np.seterr(all="raise")
        np.set_printoptions(precision=1)
        warnings.simplefilter("error")
        sys.setrecursionlimit(500)
        return 2 * x

    def dividing(x):
        return 2 * x + 0 * np.divide(x, 0, where=x > 9, out=np.exp(1e4 * (x - 9)) * 0)

    assert judge_double(meddling) == Verdict("correct")
    assert (np.geterr(), np.get_printoptions(), warnings.filters) == before
    assert (sys.getrecursionlimit(), sys.stderr) == (limit, error_stream)
    # What is expected may pass through an overflow, whatever the reader has set for the notebook.
    with np.errstate(all="raise"):
        assert judge(double, dividing, CASES) == Verdict("correct")


def test_prints_are_shown_and_nothing_arrives_at_the_error_stream(capfd):
    def talkative(x):
        print("x is", x.tolist())
        print("careful", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return 2 * x + 0 * np.log(-1.0)

    judge_double(talkative)
    captured = capfd.readouterr()
    assert captured.err == ""
    assert captured.out.startswith("x is [1.0, 2.0]\ncareful\n")


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


def loops_and_catches_everything_always(x):
    while True:
        try:
            loops(x)
        except:  # noqa: E722
            continue


def loops_and_suppresses_everything_always(x):
    while True:
        with contextlib.suppress(BaseException):
            loops(x)


def loops_in_each_clause(x):
    try:
        loops_and_catches_everything_always(x)
    except BaseException:
        loops_and_suppresses_everything_always(x)
    finally:
        loops_and_catches_everything_always(x)


def loops_over_a_generator(x):
    def generate():
        while True:
            try:
                yield x
            except:  # noqa: E722
                continue

    for _ in generate():
        pass


def loops_at_the_limit_of_recursion(x):
    while True:
        try:
            loops_at_the_limit_of_recursion(x)
        except:  # noqa: E722
            continue


def sleeps(x):
    time.sleep(1000)


def gives_an_array_that_loops(x):
    return unusual(__array__=lambda *_, **__: loops(x))


def gives_a_text_that_loops(x):
    return unusual(__repr__=loops)


@pytest.mark.parametrize(
    "function",
    [
        loops,
        loops_and_catches_exceptions,
        loops_and_catches_everything_once,
        loops_and_catches_everything_always,
        loops_and_suppresses_everything_always,
        loops_in_each_clause,
        loops_over_a_generator,
        loops_at_the_limit_of_recursion,
        sleeps,
        gives_an_array_that_loops,
        gives_a_text_that_loops,
    ],
)
def test_function_that_never_ends_is_stopped(function, short_time_limit):
    recursion_limit, handler = sys.getrecursionlimit(), signal.getsignal(signal.SIGINT)
    assert judge_double(function) == Verdict(
        "wrong", "for x = [1., 2.] your function did not finish within 0.2 seconds"
    )
    assert sys.getrecursionlimit() == recursion_limit
    assert signal.getsignal(signal.SIGINT) == handler


def test_function_that_never_ends_is_stopped_where_interrupts_are_ignored(
    short_time_limit,
):
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        verdict = judge_double(loops)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, previous)
    assert "did not finish" in verdict.explanation


def test_interrupt_by_the_reader_stays_an_interrupt():
    def interrupted(x):
        signal.raise_signal(signal.SIGINT)

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


@pytest.mark.parametrize("result", [(3, 2.0), [3, 2], np.array([3, 2])])
def test_several_numbers_may_come_in_an_array(result):
    verdict = judge(lambda: result, lambda: (3, 2), [{}])
    assert verdict.status == "correct"


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
