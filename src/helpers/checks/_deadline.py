"""A call that is stopped when it takes too long, whatever the function does against it."""

import _thread
import functools
import operator
import signal
import sys
import threading

INTERRUPTS_IN_A_ROW = 10_000
"""Interrupts of a function that is too late, one at each of its loops and calls, until it may run on for a moment."""


def call_within(seconds, function, *arguments):
    """Call `function` and return its result; raise TimeoutError after `seconds`, if this is the main thread.

    Only the main thread can be interrupted. In any other one the function runs without a limit.
    """
    if threading.current_thread() is not threading.main_thread():
        return function(*arguments)
    return _interrupted_after(seconds, function, arguments)


def _interrupted_after(seconds, function, arguments):
    """Call `function`, in this thread, which must be the main one; raise TimeoutError after `seconds`.

    The reader's own `except:` may swallow an interrupt. Therefore one that comes too late brings the next one with it,
    which strikes as soon as Python runs a loop or a call again, until the function has been left.
    """
    finished = threading.Event()
    interrupts_left = None  # A number as soon as the function is too late.
    recursion_limit = sys.getrecursionlimit()
    # A signal wakes this thread from a sleep, too. Windows cannot send one to a thread, and wakes it all the same.
    send, *target = (
        (signal.pthread_kill, threading.get_ident()) if hasattr(signal, "pthread_kill") else (signal.raise_signal,)
    )

    def watch():
        nonlocal interrupts_left
        pause = seconds
        while not finished.wait(pause):
            interrupts_left, pause = INTERRUPTS_IN_A_ROW, 0.1
            # A function that calls itself to the limit leaves no room to handle the interrupt.
            sys.setrecursionlimit(recursion_limit + 100)
            send(*target, signal.SIGINT)

    def on_interrupt(signal_number, frame):
        nonlocal interrupts_left
        if not _is_running(_marked, frame):
            return
        if interrupts_left:
            interrupts_left -= 1
            # One call into C: between two steps of Python the next interrupt would strike here.
            stop = functools.partial(signal.default_int_handler, signal_number, frame)
            any(map(operator.call, (_thread.interrupt_main, stop)))
        raise KeyboardInterrupt

    # A process that was started in the background ignores interrupts, unless a handler is set.
    previous = signal.signal(signal.SIGINT, on_interrupt)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return _marked(function, arguments)
    except KeyboardInterrupt:
        if interrupts_left is None:
            raise  # The reader's own interrupt.
        raise TimeoutError from None
    finally:
        finished.set()
        watcher.join()
        sys.setrecursionlimit(recursion_limit)
        signal.signal(signal.SIGINT, previous)


def _marked(function, arguments):
    """Mark, among the frames, the part that may be interrupted."""
    return function(*arguments)


def _is_running(function, frame):
    while frame is not None and frame.f_code is not function.__code__:
        frame = frame.f_back
    return frame is not None
