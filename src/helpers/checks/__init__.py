"""Checks of the exercises: one module per lesson, one function per exercise.

A check calls the reader's function on inputs from small to large and answers with a :class:`Verdict`, which a notebook
shows as one sentence. What is expected comes from an independent way of computing it, so that any right solution
passes, whatever way it takes. A mistake never ends in a traceback: it is what the verdict describes.
"""

import _thread
import copy
import signal
import threading
from typing import NamedTuple

import numpy as np

from helpers._arguments import checked_function, real_number

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


def judge(function, expected, cases, rtol=1e-6, time_limit=TIME_LIMIT):
    """Compare a reader's function with an independent one on each case, in order, up to the first difference.

    Parameters
    ----------
    function : callable
        The reader's function. An untouched exercise raises NotImplementedError.
    expected : callable
        Takes the same arguments and returns the right result: numbers, an array, or a tuple of these.
    cases : iterable of dict
        The keyword arguments of each call, from small to large: the first case that fails is the one reported.
    rtol : float
        Relative to the largest entry of the expected array, so that rounding never fails a right solution.
    time_limit : float
        Seconds for each call.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError, ValueError
        If an argument other than `function` is of the wrong type or out of range.
    """
    checked_function(expected, "expected")
    rtol = real_number(rtol, "rtol", minimum=0)
    time_limit = real_number(
        time_limit, "time_limit", 0, threading.TIMEOUT_MAX, minimum_allowed=False
    )
    for case in _checked_cases(cases):
        arguments = copy.deepcopy(case)
        try:
            result = _call_within(time_limit, function, arguments)
        except NotImplementedError:
            return Verdict("not attempted yet")
        except TimeoutError:
            return _wrong(
                case, f"your function did not finish within {time_limit:g} seconds"
            )
        except (Exception, SystemExit) as error:
            return _wrong(case, f"your function raised {type(error).__name__}: {error}")
        changed = [name for name in case if not _equal(arguments[name], case[name])]
        if changed:
            return _wrong(
                case, f"your function changed its argument {changed[0]}: work on a copy"
            )
        difference = _difference(result, expected(**copy.deepcopy(case)), rtol)
        if difference:
            return _wrong(case, difference)
    return Verdict("correct")


def _checked_cases(cases):
    cases = list(cases) if np.iterable(cases) else [cases]
    if not cases or not all(isinstance(case, dict) for case in cases):
        raise TypeError(f"cases must hold dicts, at least one, got {cases!r}")
    return cases


def _call_within(seconds, function, arguments):
    """Call `function`, in this thread, which must be the main one; raise TimeoutError after `seconds`."""
    finished, too_late = threading.Event(), threading.Event()

    def watch():
        # Again and again, because the reader's own `except:` may swallow an interrupt.
        while not finished.wait(seconds):
            too_late.set()
            _thread.interrupt_main()

    # A process that was started in the background ignores interrupts, unless a handler is set.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            # By position, so that readers may rename the parameters.
            return function(*arguments.values())
        finally:
            finished.set()
            watcher.join()
    except KeyboardInterrupt:
        if too_late.is_set():
            raise TimeoutError from None
        raise  # The reader's own interrupt.
    finally:
        signal.signal(signal.SIGINT, previous)


def _wrong(case, what):
    return Verdict(
        "wrong",
        f"for {', '.join(f'{name} = {_text(value)}' for name, value in case.items())} {what}",
    )


def _text(value):
    """Write a value as the reader would type it; a function by its docstring."""
    if callable(value):
        return f"<{value.__doc__.rstrip('.')}>"
    if isinstance(value, tuple):
        return f"({', '.join(_text(part) for part in value)})"
    return np.array2string(
        np.asarray(value), precision=6, separator=", ", threshold=40
    ).replace("\n", "")


def _equal(after, before):
    if isinstance(before, (list, tuple)):
        return len(after) == len(before) and all(map(_equal, after, before))
    return after is before or np.array_equal(
        np.asarray(after), np.asarray(before), equal_nan=True
    )


def _difference(result, expected, rtol):
    """Say in what `result` differs from `expected`, or return None."""
    if result is None:
        return f"I expected {_text(expected)} and got None: is a `return` missing?"
    if isinstance(expected, tuple):
        if not isinstance(result, tuple) or len(result) != len(expected):
            return f"I expected {len(expected)} results, {_text(expected)}, and got {_text_of_anything(result)}"
        parts = (
            _difference(part, right, rtol)
            for part, right in zip(result, expected, strict=True)
        )
        return next((part for part in parts if part), None)
    try:
        got = np.asarray(result)
    except (TypeError, ValueError):  # Ragged lists, for example.
        got = np.asarray(None)
    if got.dtype.kind not in "biuf":
        return f"I expected {_text(expected)} and got {_text_of_anything(result)}"
    right = np.asarray(expected)
    if got.shape != right.shape:
        return f"I expected shape {right.shape}, {_text(right)}, and got shape {got.shape}, {_text(got)}"
    if not np.allclose(
        got,
        right,
        rtol=0,
        atol=rtol * np.max(np.abs(right), initial=1e-6),
        equal_nan=True,
    ):
        return f"I expected {_text(right)} and got {_text(got)}"
    return None


def _text_of_anything(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]} ..."
