"""The judge of the exercises: every way in which a reader's function can be right, wrong or stuck."""

import contextlib
import fractions
import functools
import itertools
import os
import signal
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from IPython.core.interactiveshell import InteractiveShell

import helpers.checks
from helpers.checks import NotSolvedError, UnusableError, Verdict, judge

CASES = [(np.array([1.0, 2.0]),), (np.array([[3.0, 4.0], [5.0, 6.0]]),)]


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


@pytest.mark.parametrize(("error", "status"), [(0.7e-5, "correct"), (-0.7e-5, "correct"), (1.2e-5, "wrong")])
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
        (lambda x: 2 * x if x.ndim == 1 else x, "for x = [[3., 4.], [5., 6.]] I expected [[6., 8.], [10., 12.]]"),
    ],
)  # fmt: skip
def test_wrong_solution_is_told_the_first_input_on_which_it_fails(function, explanation):
    verdict = judge_double(function)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(explanation), verdict
    assert len(verdict.explanation) < 400


def test_function_that_changes_its_argument_is_told_so_and_cannot_spoil_the_cases():
    def in_place(x):
        x *= 2
        return x

    cases = [(np.array([1.0, 2.0]),)]
    verdict = judge(in_place, double, cases)
    assert verdict == Verdict("wrong", "for x = [1., 2.] your function changed its argument x: work on a copy")
    np.testing.assert_array_equal(cases[0][0], [1, 2])


def test_change_inside_a_tuple_of_arrays_of_several_shapes_is_found():
    def total(pair):
        return pair[0].sum() + pair[1].sum()

    def in_place(pair):
        pair[1][0] = 0
        return total(pair)

    cases = [((np.ones((2, 2)), np.zeros(3)),), ((np.ones(2), np.ones(1)),)]
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
        (lambda x: np.zeros((2, 0)), "I expected shape (2,), [2., 4.], and got shape (2, 0), [[], []]"),
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

    verdict = judge(spoiling, lambda x: 0, [([[1, 2], [3, 4]],)])
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


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan])
def test_beside_an_infinity_or_nan_the_other_numbers_are_still_compared(special):
    def verdict(*result):
        return judge(lambda: np.array(result), lambda: right, [()])

    right = np.array([special, 1.0, 3.0])
    assert verdict(special, 1.0 + 1e-9, 3.0) == Verdict("correct")
    for wrong in ((1.0, 1.0, 3.0), (special, 1.1, 3.0), (special, 1.0, special)):
        assert verdict(*wrong).status == "wrong"


def halve_and_count(x):
    return x / 2, x.size


EXPECTED = "I expected 2 results, ([0.5, 1.], 2), and got "


@pytest.mark.parametrize(
    ("function", "explanation"),
    [
        (lambda x: (x, x.size), "result 1 of 2: I expected [0.5, 1.] and got [1., 2.]"),
        (lambda x: (x / 2, 3), "result 2 of 2: I expected 2 and got 3"),
        (lambda x: (x / 2, None), "result 2 of 2: I expected 2 and got None"),
        (lambda x: (x / 2, 2, 2), EXPECTED + "3, ([0.5, 1.], 2, 2)"),
        (lambda x: (), EXPECTED + "0, ()"),
        (lambda x: 5, EXPECTED + "5"),
        (lambda x: "text", EXPECTED + "'text'"),
        (lambda x: None, EXPECTED + "None: is a `return` missing?"),
        (lambda x: x / 2, EXPECTED + "one array of shape (2,), [0.5, 1.]: return a tuple, the results with commas"),
        (lambda x: tf.zeros((2, 2)), EXPECTED + "one array of shape (2, 2), [[0., 0.], [0., 0.]]: return a tuple"),
    ],
)  # fmt: skip
def test_several_results_are_compared_one_by_one(function, explanation):
    assert judge(lambda x: (0.5 * x, x.size), halve_and_count, CASES) == Verdict("correct")
    verdict = judge(function, halve_and_count, CASES)
    assert verdict.status == "wrong"
    assert verdict.explanation.startswith(f"for x = [1., 2.] {explanation}"), verdict


def test_results_may_have_names():
    verdict = judge(lambda x: (x / 2, 3), halve_and_count, CASES, results=("half", "count"))
    assert verdict.explanation == "for x = [1., 2.] count: I expected 2 and got 3"


@pytest.mark.parametrize("result", [(3, 2.0), [3, 2], np.array([3, 2]), tf.constant([3, 2])])
def test_several_numbers_may_come_in_an_array(result):
    verdict = judge(lambda: result, lambda: (3, 2), [()])
    assert verdict.status == "correct"


def test_function_among_the_arguments_is_named_by_its_docstring():
    def square(x):
        """The square of x."""
        return x**2

    verdict = judge(lambda f, x: 0.0, lambda f, x: f(x), [(square, 3.0)])
    assert verdict.explanation == "for f = <The square of x>, x = 3. I expected 9. and got 0."


def nameless(x):
    return x


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (nameless, "<nameless>"),
        (lambda x: x, "<<lambda>>"),
        (np.sin, "<ufunc>"),
        (len, "<Return the number of items in a container>"),
        (functools.partial(max, 3), "<partial>"),
        ({"w": 1.0, "b": np.array([2, 3])}, "{'w': 1., 'b': [2, 3]}"),
        ("SAME", "'SAME'"),
        (True, "True"),
        ([1, [2.5, ()]], "[1, [2.5, ()]]"),
        (np.float32(0.1), "0.1"),
        (-0.0, "0."),
        (1e-7, "1e-07"),
        (1e20, "1e+20"),
        (1234567.0, "1234570."),
        (np.array([[np.nan, np.inf]]), "[[nan, inf]]"),
    ],
)
def test_any_value_can_stand_in_a_case_and_is_judged(value, text):
    cases = [(value,)]
    assert judge(lambda value: 1, lambda value: 1, cases) == Verdict("correct")
    verdict = judge(lambda value: 2, lambda value: 1, cases)
    assert verdict == Verdict("wrong", f"for value = {text} I expected 1 and got 2")


@pytest.mark.parametrize("make", [np.random.default_rng, lambda: iter([1]), object])
def test_value_that_cannot_be_copied_and_compared_is_refused_by_name(make):
    with pytest.raises(TypeError, match=r"^cases must hold numbers, .*, got source = "):
        judge(double, lambda source, x: x, [(make(), 1)])


def test_change_of_a_dict_is_found():
    def spoils(weights):
        weights["w"][0] = 5
        return 0

    def grows(weights):
        weights["v"] = 1
        return 0

    for function in (spoils, grows):
        verdict = judge(function, lambda weights: 0, [({"w": np.ones(2)},)])
        assert "your function changed its argument weights" in verdict.explanation


def test_expected_and_got_differ_as_printed():
    verdict = judge(lambda x: x + 2e-8, lambda x: x, [(1.0,)], rtol=1e-8)
    assert verdict.explanation == "for x = 1. I expected 1. and got 1.00000002"
    verdict = judge(lambda x: 3 + 1e-14, lambda x: 3, [(1.0,)], rtol=0)
    assert verdict.explanation.startswith("for x = 1. I expected 3. and got 3.00000000000001")


def test_of_a_large_result_the_first_entry_that_differs_is_named():
    def spoiled(x):
        x = x + 0.0
        x[1, 2] += 5
        x[2, 0] -= 1
        return x

    verdict = judge(spoiled, lambda x: x, [(np.zeros((3, 50)),)])
    assert verdict == Verdict(
        "wrong",
        "for x = an array of shape (3, 50) I expected 0. and got 5. at [1, 2], the first of 2 that differ",
    )


@pytest.mark.parametrize("size", [1, 3, 30, 1000])
@pytest.mark.parametrize(
    "result",
    [
        lambda x: x,
        lambda x: x[:, None],
        lambda x: (x, x),
        lambda x: str(x.tolist()),
        lambda x: [x.tolist(), 1],
        lambda x: None,
        lambda x: {"x": x},
        lambda x: x * np.pi * 1e-200,
    ],
)
def test_verdict_is_short_however_large_the_case_and_the_result_are(size, result):
    case = (
        np.full(size, -1.234567e-99),
        np.arange(size) / 7,
        "text" * size,
        [5] * size,
    )
    for expected in (
        lambda x, y, z, w: 2 * x + 1,
        lambda x, y, z, w: (2 * x, y, 3),
    ):
        for answer in (lambda x, y, z, w: result(x), lambda x, y, z, w: result(y)):
            verdict = judge(answer, expected, [case])
            assert verdict.status == "wrong"
            assert len(verdict.explanation) <= 600, verdict


def finds(x):
    for number in x.flat:
        if number > 5:
            return number
    return None


def forgets(x):
    return_value = 2 * x  # noqa: F841


def returns_early(x):
    if x.ndim == 1:
        return None
    return 2 * x


def test_missing_return_is_asked_for_only_where_there_is_none():
    assert judge_double(forgets).explanation.endswith("None: is a `return` missing?")
    assert judge_double(finds).explanation.endswith("and got None")
    assert judge_double(returns_early).explanation.endswith("and got None")


def left_over(x):
    x = 2 * x
    raise NotImplementedError


def not_implemented_by_tensorflow(x):
    return tf.keras.optimizers.Optimizer(0.1).update_step(x, x, x)


def test_only_the_untouched_function_is_not_attempted_yet():
    def with_comment(anything, *, more=1):
        """Say something."""
        # A comment.
        raise NotImplementedError

    assert judge_double(with_comment) == Verdict("not attempted yet")
    assert judge_double(left_over).explanation.endswith(
        "raised NotImplementedError: is this line left over from the empty function?"
    )
    verdict = judge_double(not_implemented_by_tensorflow)
    assert "your function raised NotImplementedError" in verdict.explanation


MISTAKES = {
    "this is the square": lambda x: x**2,
    "this is the half": lambda x: x / 2,
    "this always fails": lambda x: x.missing,
}


@pytest.mark.parametrize(
    ("function", "end"),
    [
        (lambda x: x * x, "and got [1., 4.]: this is the square"),
        (lambda x: 0.5 * x, "and got [0.5, 1.]: this is the half"),
        (lambda x: x, "and got [1., 2.]"),
        # The square in the case that fails first, and not in the other one.
        (lambda x: np.array([1.0, 4.0]) if x.ndim == 1 else x, "and got [1., 4.]"),
        (lambda x: x * x if x.ndim == 1 else sys.exit(), "and got [1., 4.]"),
        (lambda x: print("here") or x * x, "and got [1., 4.]: this is the square"),
        (lambda x: x.missing_too, ": this always fails"),
        (lambda x: unusual(__array__=fails), "an object of the type Unusual"),
    ],
)
def test_mistake_is_told_where_a_function_makes_it_in_every_case(function, end, capsys):
    verdict = judge(function, double, CASES, mistakes=MISTAKES)
    assert verdict.status == "wrong"
    if "Unusual" not in end:
        assert verdict.explanation.endswith(end), verdict
    # It is called again, and prints once.
    assert capsys.readouterr().out.count("here") <= 1


def test_search_for_a_mistake_is_stopped_too(short_time_limit):
    def squares_and_loops(x):
        return x * x if x.ndim == 1 else loops(x)

    verdict = judge(squares_and_loops, double, CASES, mistakes=MISTAKES)
    assert verdict.explanation.endswith("and got [1., 4.]")


def test_what_stands_around_a_function_may_refuse_its_result():
    def call(function, x):
        raise UnusableError("your function must return a tree")

    assert judge(double, double, CASES, call=call) == Verdict(
        "wrong", "for x = [1., 2.] your function must return a tree"
    )


@pytest.mark.parametrize(
    ("function", "status"),
    [(double, "correct"), (lambda x: x, "wrong"), (leaves, "wrong")],
)
def test_in_another_thread_there_is_a_verdict_too(function, status):
    with ThreadPoolExecutor() as pool:
        verdict = pool.submit(judge_double, function).result()
    assert verdict == judge_double(function)
    assert verdict.status == status


def test_text_of_a_library_does_not_arrive_at_the_error_stream(capfd):
    def talkative(x):
        os.write(2, b"from C++")
        return 2 * x

    assert judge_double(talkative) == Verdict("correct")
    assert capfd.readouterr().err == ""
    os.write(2, b"afterwards")
    assert capfd.readouterr().err == "afterwards"


def test_process_without_an_error_stream_has_a_verdict():
    kept = os.dup(2)
    os.close(2)
    try:
        assert judge_double(double) == Verdict("correct")
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def untouched(x):
    raise NotImplementedError


def test_under_nbgraders_validate_what_is_not_correct_is_an_error(monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    assert judge_double(double) == Verdict("correct")
    with pytest.raises(NotSolvedError, match=r"^not attempted yet$"):
        judge_double(untouched)
    with pytest.raises(NotSolvedError, match=r"^wrong: for x = \[1., 2.\] I exp") as caught:
        judge_double(lambda x: x)
    assert caught.value._render_traceback_() == [str(caught.value)]


@pytest.mark.parametrize("name", ["exit", "quit"])
def test_exit_of_ipython_is_an_answer_like_others(name):
    shell = InteractiveShell.instance()
    try:
        shell.user_ns |= {"judge_double": judge_double}
        result = shell.run_cell(f"judge_double(lambda x: {name}())").result
        assert result.explanation == (
            "for x = [1., 2.] your function raised SystemExit: exit() or quit() would end the whole notebook"
        )
        assert "ask_exit" not in vars(shell)
    finally:
        InteractiveShell.clear_instance()


def test_verdict_reads_as_a_sentence():
    assert repr(Verdict("correct")) == str(Verdict("correct")) == "correct"
    assert repr(Verdict("wrong", "for x = 1 I expected 2 and got 3")) == "wrong: for x = 1 I expected 2 and got 3"


def test_long_inputs_and_results_are_shortened():
    verdict = judge(lambda x: [[i] for i in range(500)] + [1], double, [(np.arange(1000.0),)])
    assert verdict.status == "wrong"
    assert len(verdict.explanation) < 600
