"""Checks of the exercises: one module per lesson, one function per exercise.

A check calls the reader's function on inputs from small to large and answers with a :class:`Verdict`, which a notebook
shows as one sentence. What is expected comes from an independent way of computing it, so that any right solution
passes, whatever way it takes. A mistake never ends in a traceback: it is what the verdict describes.
"""

import dis
import functools
import inspect
import os
from typing import NamedTuple

import numpy as np

from helpers._arguments import checked_function, real_number
from helpers.checks._compare import copied, difference, equal, is_comparable
from helpers.checks._deadline import call_within
from helpers.checks._surroundings import kept_apart, silenced
from helpers.checks._text import text_of_case, text_of_error, text_of_result

TIME_LIMIT = 10.0
"""Seconds that one call of the reader's function may take."""


class Verdict(NamedTuple):
    """Answer of a check.

    Attributes
    ----------
    status : str
        ``"not attempted yet"``, ``"correct"`` or ``"wrong"``.
    explanation : str
        For ``"wrong"``: the smallest failing input, what was expected, what came. Else empty.
    """

    status: str
    explanation: str = ""

    def __repr__(self):
        return f"{self.status}: {self.explanation}" if self.explanation else self.status


class UnusableError(Exception):
    """Raised by what a check puts around the reader's function: its text ends the sentence "for x = ... ..."."""


class NotSolvedError(AssertionError):
    """What nbgrader's Validate shows of an exercise that is not solved: the verdict, without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


def _call(function, *arguments):
    return function(*arguments)


def judge(function, expected, cases, rtol=1e-5, mistakes=None, call=_call, results=None):
    """Compare a reader's function with an independent one on each case, in order, up to the first difference.

    Parameters
    ----------
    function : callable
        The reader's function. Untouched, it consists of ``raise NotImplementedError``.
    expected : callable
        Takes the arguments of a case and returns the right result: numbers, an array, or a tuple of these. Its
        parameters name the arguments in the verdict.
    cases : iterable of tuple
        The arguments of each call, from small to large: the first case that fails is the one reported. An argument is
        a number, a text, an array, a function, or a list, tuple or dict of these.
    rtol : float
        Relative to the largest entry of the expected array, so that rounding, in float32 too, never fails a right
        solution.
    mistakes : dict, optional
        Wrong functions by the words that name the mistake, as in "this is the sum, not the mean". The words are added
        to the verdict on a function that gives the same results in every case.
    call : callable, optional
        Takes the reader's function and the arguments of a case, and returns what is to be compared. It may raise
        :class:`UnusableError`.
    results : sequence of str, optional
        The names of the results where there are several; "result 1 of 2" and so on without them.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError, ValueError
        If an argument other than `function` is of the wrong type or out of range.
    NotSolvedError
        Under nbgrader's Validate, which knows only errors, instead of a verdict that is not "correct".

    Notes
    -----
    A call that takes longer than `TIME_LIMIT` is stopped and wrong. Only the main thread can be stopped: in
    another one, such as that of a subshell, the answer is the same, but there is no limit.
    """
    checked_function(expected, "expected")
    checked_function(call, "call")
    for words, mistake in (mistakes or {}).items():
        if not callable(mistake):
            raise TypeError(f"mistakes must hold functions, got {mistake!r} for {words!r}")
    rtol = real_number(rtol, "rtol", minimum=0)
    names, cases = _checked_cases(cases, expected)
    compare = functools.partial(difference, rtol=rtol, names=results)
    if _is_untouched(function):
        verdict = Verdict("not attempted yet")
    else:
        run = functools.partial(call, function)
        verdict = _verdict(run, expected, names, cases, compare, mistakes or {})
    if os.environ.get("NBGRADER_VALIDATING") and verdict.status != "correct":
        raise NotSolvedError(verdict)
    return verdict


def _verdict(run, expected, names, cases, compare, mistakes):
    for case in cases:
        with kept_apart():
            right = _checked_result(expected(*copied(case)))
            try:
                fault = call_within(TIME_LIMIT, _fault, run, names, case, right, compare)
            except TimeoutError:
                fault = f"your function did not finish within {TIME_LIMIT:g} seconds"
            if fault:
                words = _named_mistake(run, case, cases, compare, mistakes)
                where = f"for {text_of_case(names, case)} " if names else ""
                what = f"{fault}: {words}" if words else fault
                return Verdict("wrong", where + what)
    return Verdict("correct")


def _checked_cases(cases, expected):
    """Return the names of the arguments, and the cases as tuples."""
    cases = list(cases) if np.iterable(cases) else [cases]
    if not cases or not all(isinstance(case, tuple) for case in cases):
        raise TypeError(f"cases must hold tuples, at least one, got {cases!r}")
    names = tuple(inspect.signature(expected).parameters)
    for case in cases:
        if len(case) != len(names):
            raise ValueError(f"cases must hold tuples of {len(names)} arguments, {', '.join(names)}, got {case!r}")
        for name, value in zip(names, case, strict=True):
            if not is_comparable(value):
                raise TypeError(
                    "cases must hold numbers, texts, arrays, functions, and lists, tuples or dicts of these, "
                    f"got {name} = {value!r}"
                )
    return names, cases


def _checked_result(right):
    parts = right if isinstance(right, tuple) else (right,)
    if not parts or not all(np.asarray(part).dtype.kind in "biuf" for part in parts):
        raise TypeError(f"expected must return numbers, an array, or a tuple of these, got {right!r}")
    return right


def _stub():
    raise NotImplementedError


def _is_untouched(function):
    """Return whether a function does what `_stub` does, and nothing else."""
    code, stub = getattr(function, "__code__", None), _stub.__code__
    return code is not None and code.co_code == stub.co_code and code.co_names == stub.co_names


def _fault(run, names, case, right, compare):
    """Say what is wrong with the reader's function on one case, or return None."""
    arguments = copied(case)
    try:
        # By position, so that readers may rename the parameters.
        result = run(*arguments)
    except KeyboardInterrupt:
        raise
    except UnusableError as refusal:
        return str(refusal)
    except BaseException as error:
        return f"your function raised {text_of_error(error)}"
    for name, after, before in zip(names, arguments, case, strict=True):
        if not equal(after, before):
            return f"your function changed its argument {name}: work on a copy"
    try:
        fault = compare(result, right)
    except Exception:  # NumPy's, of ragged lists, or that of an object of the reader's.
        return f"I expected {text_of_result(right)} and got {text_of_result(result)}"
    if result is None and not _returns_something(run.args[0]):
        return f"{fault}: is a `return` missing?"
    return fault


def _returns_something(function):
    """Return whether there is a ``return`` with a value in the function, or it cannot be looked into."""
    code = getattr(function, "__code__", None)
    if code is None:
        return True
    previous = None
    for step in dis.get_instructions(code):
        if step.opname == "RETURN_CONST" and step.argval is not None:
            return True
        if step.opname == "RETURN_VALUE" and not (previous.opname == "LOAD_CONST" and previous.argval is None):
            return True
        previous = step
    return False


def _named_mistake(run, failing, cases, compare, mistakes):
    """Return the words for the mistake that gives what the reader's function gives, in every case; or None."""

    def matching():
        left = mistakes
        # First the case that failed: it tells most of them apart.
        for case in (failing, *cases):
            result = _outcome(run, case)
            left = {
                words: mistake for words, mistake in left.items() if _agree(result, _outcome(mistake, case), compare)
            }
        return next(iter(left), None)

    if not mistakes:
        return None
    try:
        with silenced():
            return call_within(TIME_LIMIT, matching)
    except KeyboardInterrupt:
        raise
    except BaseException:  # The function takes too long, or its result is odd.
        return None


def _outcome(function, case):
    """Return the result, or the exception: some mistakes do not work in every case."""
    try:
        return function(*copied(case))
    except Exception as error:
        return error


def _agree(result, mistaken, compare):
    if isinstance(mistaken, Exception) or isinstance(result, Exception):
        return isinstance(mistaken, Exception) and isinstance(result, Exception)
    return compare(result, mistaken) is None
