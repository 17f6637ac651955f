"""What the strict run of the notebooks costs, beside that of notebooks which only import TensorFlow.

The environment variable AGAINST may name the folder of another checkout that has its own `.venv`. Then each run is made
in both, in turn, and more often.
"""

import os
import resource
import shlex
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import lessons
import nbformat
import pytest

ROOT = Path(__file__).parents[1]
LESSONS = [path.name for path in lessons.PATHS]
BUILDS = {"this": ROOT}
if "AGAINST" in os.environ:
    BUILDS["other"] = Path(os.environ["AGAINST"]).resolve()
ROUNDS = 5 if len(BUILDS) > 1 else 2
PORT = 8990


def paths_in(build, name):
    """Return the notebooks of a name: one lesson, all "lessons", or as many "bare" ones, with the import alone."""
    if name != "bare":
        return [build / "notebooks" / path for path in LESSONS if name in (path, "all")]
    # Below the root, so that pytest loads the same plugins for them.
    folder = build / "build" / "bare_notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    cell = nbformat.v4.new_code_cell("import tensorflow", execution_count=1)
    kernel = nbformat.read(lessons.PATHS[0], as_version=4).metadata
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    for path in LESSONS:
        nbformat.write(notebook, folder / path)
    return [folder / path for path in LESSONS]


def run(command, build):
    """Run a command to its end; return its CPU seconds, and the peak memory of its largest process in MiB."""
    with subprocess.Popen(command, cwd=build, stdout=subprocess.DEVNULL) as process:
        # Linux counts in KiB, and with the process those that it has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(benchmark, build, paths, options, rounds):
    python = str(BUILDS[build] / ".venv" / "bin" / "python")
    command = [python, "-m", "pytest", "--quiet", *options, *map(str, paths)]
    runs = []
    benchmark.pedantic(lambda: runs.append(run(command, BUILDS[build])), rounds=rounds)
    benchmark.extra_info["cpu"], benchmark.extra_info["memory"] = map(min, zip(*runs, strict=True))  # fmt: skip


@pytest.mark.benchmark(group="one notebook")
@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", ["bare", *LESSONS])
def test_one_notebook(benchmark, name, build):
    paths = paths_in(BUILDS[build], name)[:1]
    measure(benchmark, build, paths, ["--numprocesses=0"], ROUNDS)


@pytest.mark.benchmark(group="all notebooks over the cores")
@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", ["bare", "all"])
def test_all_notebooks(benchmark, name, build):
    paths = paths_in(BUILDS[build], name)
    measure(benchmark, build, paths, [], ROUNDS if len(BUILDS) > 1 else 1)


def first_answer(command, build):
    """Start JupyterLab, and end it as soon as it answers; return its CPU seconds until then."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    options = ["--no-browser", f"--ServerApp.port={PORT}", "--ServerApp.port_retries=0"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, *options], cwd=build, **quiet) as process:
        while True:
            assert process.poll() is None
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api").close()
                break
            except OSError:
                time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


@pytest.mark.benchmark(group="make lab, to the first answer")
@pytest.mark.parametrize("build", BUILDS)
def test_lab(benchmark, build):
    """With the command that `make lab` runs."""
    plan = ["make", "--no-print-directory", "--dry-run", "--assume-old=.venv/ready", "lab"]
    said = subprocess.run(plan, cwd=BUILDS[build], capture_output=True, text=True, check=True)  # fmt: skip
    command = shlex.split(said.stdout.replace("\\\n", " "))
    seconds = []
    benchmark.pedantic(
        lambda: seconds.append(first_answer(command, BUILDS[build])),
        rounds=5,
        warmup_rounds=1,
    )
    benchmark.extra_info["cpu"] = min(seconds)
