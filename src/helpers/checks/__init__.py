"""Checks of the exercises: one module per lesson, one function per exercise.

A check calls the reader's function on inputs from small to large and answers with a :class:`Verdict`, which a notebook
shows as one sentence. What is expected comes from an independent way of computing it, so that any right solution
passes, whatever way it takes. A mistake never ends in a traceback: it is what the verdict describes.
"""

import _thread
import contextlib
import copy
import functools
import numbers
import operator
import signal
import sys
import threading
import warnings
from typing import NamedTuple

import numpy as np

from helpers._arguments import checked_function, real_number

TIME_LIMIT = 10.0
"""Seconds that one call of the reader's function may take."""

RAISED_AT_ONCE = 10_000
"""Interrupts of a function that is too late, one at each of its loops and calls, until it may run on for a moment."""


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


def judge(function, expected, cases, rtol=1e-5):
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
        Relative to the largest entry of the expected array, so that rounding, in float32 too, never fails a right
        solution.

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
    for number, case in enumerate(_checked_cases(cases)):
        with _own_settings():
            right = expected(**copy.deepcopy(case))
            try:
                fault = _call_within(TIME_LIMIT, _fault, function, case, right, rtol)
            except NotImplementedError as untouched:
                if number == 0:
                    return Verdict("not attempted yet")
                fault = _raised(untouched)
            except TimeoutError:
                fault = f"your function did not finish within {TIME_LIMIT:g} seconds"
            if fault:
                return _wrong(case, fault)
    return Verdict("correct")


def _checked_cases(cases):
    cases = list(cases) if np.iterable(cases) else [cases]
    if not cases or not all(isinstance(case, dict) for case in cases):
        raise TypeError(f"cases must hold dicts, at least one, got {cases!r}")
    return cases


@contextlib.contextmanager
def _own_settings():
    """Keep away what the reader's function prints as an error, and undo what it sets for all of NumPy and Python."""
    with (
        np.errstate(all="ignore"),
        np.printoptions(),
        warnings.catch_warnings(),
        # What is written to the error stream looks like a crash, to a reader and to nbgrader.
        contextlib.redirect_stderr(sys.stdout),
    ):
        warnings.simplefilter("ignore")
        yield


def _fault(function, case, right, rtol):
    """Say what is wrong with the reader's function on one case, or return None."""
    arguments = copy.deepcopy(case)
    try:
        # By position, so that readers may rename the parameters.
        result = function(*arguments.values())
    except (KeyboardInterrupt, NotImplementedError):
        raise
    except BaseException as error:
        return _raised(error)
    changed = [name for name in case if not _equal(arguments[name], case[name])]
    if changed:
        return f"your function changed its argument {changed[0]}: work on a copy"
    try:
        return _difference(result, right, rtol)
    except Exception:  # NumPy's, of ragged lists, or that of an object of the reader's.
        return f"I expected {_text(right)} and got {_text_of_anything(result)}"


def _call_within(seconds, function, *arguments):
    """Call `function`, in this thread, which must be the main one; raise TimeoutError after `seconds`.

    The reader's own `except:` may swallow an interrupt. Therefore one that comes too late brings the next one with it,
    which strikes as soon as Python runs a loop or a call again, until the function has been left.
    """
    finished = threading.Event()
    left = None
    recursion_limit = sys.getrecursionlimit()
    # A signal wakes this thread from a sleep, too. Windows cannot send one to a thread, and wakes it all the same.
    send, *target = (
        (signal.pthread_kill, threading.get_ident())
        if hasattr(signal, "pthread_kill")
        else (signal.raise_signal,)
    )

    def watch():
        nonlocal left
        pause = seconds
        while not finished.wait(pause):
            left, pause = RAISED_AT_ONCE, 0.1
            # A function that calls itself to the limit leaves no room to handle the interrupt.
            sys.setrecursionlimit(recursion_limit + 100)
            send(*target, signal.SIGINT)

    def on_interrupt(signal_number, frame):
        nonlocal left
        if not _is_running(_reader, frame):
            return
        if left:
            left -= 1
            # One call into C: between two steps of Python the next interrupt would strike here.
            stop = functools.partial(signal.default_int_handler, signal_number, frame)
            any(map(operator.call, (_thread.interrupt_main, stop)))
        raise KeyboardInterrupt

    # A process that was started in the background ignores interrupts, unless a handler is set.
    previous = signal.signal(signal.SIGINT, on_interrupt)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return _reader(function, arguments)
    except KeyboardInterrupt:
        if left is None:
            raise  # The reader's own interrupt.
        raise TimeoutError from None
    finally:
        finished.set()
        watcher.join()
        sys.setrecursionlimit(recursion_limit)
        signal.signal(signal.SIGINT, previous)


def _reader(function, arguments):
    """Mark, among the frames, the part that may be interrupted."""
    return function(*arguments)


def _is_running(function, frame):
    while frame is not None and frame.f_code is not function.__code__:
        frame = frame.f_back
    return frame is not None


def _raised(error):
    return f"your function raised {type(error).__name__}: {_shortened(str, error)}"


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
    if after is before:
        return True
    if isinstance(before, (list, tuple)):
        return (
            type(after) is type(before)
            and len(after) == len(before)
            and all(map(_equal, after, before))
        )
    try:
        return np.array_equal(np.asarray(after), np.asarray(before), equal_nan=True)
    except Exception:  # An object of the reader's own that stands in a list now.
        return False


def _difference(result, expected, rtol):
    """Say in what `result` differs from `expected`, or return None."""
    if result is None:
        return f"I expected {_text(expected)} and got None: is a `return` missing?"
    if isinstance(expected, tuple):
        kinds = (list, tuple)
        if not any(map(np.ndim, expected)):
            kinds += (np.ndarray,)
        if not isinstance(result, kinds) or len(result) != len(expected):
            return f"I expected {len(expected)} results, {_text(expected)}, and got {_text_of_anything(result)}"
        parts = (
            _difference(part, right, rtol)
            for part, right in zip(result, expected, strict=True)
        )
        return next((part for part in parts if part), None)
    got = _array(result)
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


def _array(value):
    """Return an array, of objects where `value` is not made of numbers; NumPy refuses ragged lists."""
    array = np.asarray(value)
    if array.dtype == object and all(isinstance(x, numbers.Real) for x in array.flat):
        return array.astype(float)  # Fractions, and whole numbers of many digits.
    return array


def _text_of_anything(value):
    return _shortened(repr, value)


def _shortened(to_text, value):
    try:
        text = to_text(value)
    except Exception:  # Whatever the reader's own class raises.
        text = f"an object of the type {type(value).__name__}"
    return text if len(text) <= 200 else f"{text[:200]} ..."
