"""TensorFlow's start-up messages are silenced, and nothing else."""

import gc
import os
import subprocess
import sys

import pytest

from helpers import startup


@pytest.fixture(autouse=True)
def thaw():
    """Give back to the garbage collector what was frozen: other tests run in the same process."""
    yield
    gc.unfreeze()


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_importing_tensorflow_inside_writes_nothing():
    done = run(
        "from helpers import startup\nwith startup.quiet():\n    import tensorflow as tf\nprint(tf.constant(1.0))"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1.0" in done.stdout


def test_garbage_collector_passes_over_what_has_been_imported():
    frozen = gc.get_freeze_count()
    with startup.quiet():
        made = [[] for _ in range(1000)]
    assert gc.get_freeze_count() >= frozen + len(made)


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_collector_rests_inside_and_then_is_as_before(collects):
    states = []

    def fail_inside():
        with startup.quiet():
            states.append(gc.isenabled())
            raise ImportError

    try:
        if not collects:
            gc.disable()
        with pytest.raises(ImportError):
            fail_inside()
        states.append(gc.isenabled())
    finally:
        gc.enable()
    assert states == [False, collects]


def test_error_inside_is_raised_and_the_stream_is_given_back():
    code = """
import sys
from helpers import startup
try:
    with startup.quiet():
        print("lost", file=sys.stderr, flush=True)
        raise ImportError("no such module")
except ImportError as error:
    print(error, file=sys.stderr)
"""
    done = run(code)
    assert done.stderr.strip() == "no such module"


@pytest.mark.parametrize("level", ["0", "2"])
def test_log_level_of_the_environment_is_kept(monkeypatch, level):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", level)
    with startup.quiet():
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == level
