"""JupyterLab is open to its owner alone, and a kernel that is stopped, in whatever way, does no harm."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel

PATIENCE = 120


def wait_for(condition):
    """Return the first true value that the function gives."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise TimeoutError(f"not within {PATIENCE} seconds: {condition.__doc__}")


def end(process):
    """Stop a process with all that it has started."""
    family = [*process.children(recursive=True), process]
    for member in family:
        member.kill()
    psutil.wait_procs(family)


@pytest.fixture
def make(repository, environment_of, request):
    """Return a function that starts a target of the Makefile in a copy, with this environment."""
    (repository / ".venv").symlink_to(request.config.rootpath / ".venv")
    started = []

    def start(target, **settings):
        process = psutil.Popen(
            ["make", "--assume-old=.venv/ready", target],
            cwd=repository,
            env=environment_of(repository, **settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.is_running():
            end(process)


@pytest.fixture
def server(make, tmp_path):
    """What `make lab` says of the server that it starts, on a free port and without a browser."""
    (tmp_path / "jupyter_server_config.py").write_text(
        "c.ServerApp.open_browser = False\nc.ServerApp.port = 0\n", encoding="utf-8"
    )
    make("lab", JUPYTER_CONFIG_DIR=str(tmp_path), JUPYTER_RUNTIME_DIR=str(tmp_path))

    def started():
        """JupyterLab writes down where it listens."""
        return list(tmp_path.glob("jpserver-*.json"))

    (path,) = wait_for(started)
    return json.loads(path.read_text(encoding="utf-8"))


def status(server, path, token):
    request = urllib.request.Request(
        f"http://127.0.0.1:{server['port']}/{path}",
        headers={"Authorization": f"token {token}"} if token else {},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_lab_listens_on_localhost_only_and_demands_its_token(server):
    process = psutil.Process(server["pid"])
    listening = [
        connection.laddr
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert server["port"] in [address.port for address in listening]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert len(server["token"]) >= 32
    for path in ("api/contents/notebooks", "api/kernels", "api/terminals"):
        assert status(server, path, token=None) == 403
        assert status(server, path, token="x" * len(server["token"])) == 403
        assert status(server, path, token=server["token"]) == 200


def test_lesson_runs_again_after_an_interrupt_and_a_restart(repository):
    lesson = repository / "notebooks" / "01_gradient_descent.ipynb"
    cells = nbformat.read(lesson, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    manager, client = start_new_kernel(cwd=lesson.parent)
    try:
        for source in sources[:3]:
            reply = client.execute_interactive(source, output_hook=lambda _: None)
            assert reply["content"]["status"] == "ok"
        # Behind an error, the kernel throws away for a moment what else arrives, unless it is told not to.
        endless = "started = True\nprint('started', flush=True)\nwhile True: pass"
        client.execute(endless, stop_on_error=False)
        # An interrupt before the cell runs would strike the kernel itself, and be lost.
        while client.get_iopub_msg(PATIENCE)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        reply = client.get_shell_msg(PATIENCE)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        # The kernel has kept what it knew, until it is restarted.
        alive = client.execute_interactive("np, started", output_hook=lambda _: None)
        assert alive["content"]["status"] == "ok"
        manager.restart_kernel()
        client.wait_for_ready(PATIENCE)
        gone = client.execute_interactive("started", output_hook=lambda _: None)
        assert gone["content"]["ename"] == "NameError"
        for source in sources:
            reply = client.execute_interactive(source, output_hook=lambda _: None)
            assert reply["content"]["status"] == "ok", reply["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_kernel_that_is_killed_during_a_build_leaves_the_stored_notebooks(make, repository):
    stored = {path: path.read_bytes() for path in (repository / "notebooks").iterdir()}
    build = make("build")

    def kernel_with_tensorflow():
        """The kernel of the first lesson is at work."""
        assert build.poll() is None
        found = []
        for child in build.children(recursive=True):
            # Some end while they are looked at.
            with suppress(psutil.NoSuchProcess):
                if "ipykernel_launcher" in child.cmdline():
                    found += [child] if child.memory_info().rss > 300e6 else []
        return found

    kernel, *_ = wait_for(kernel_with_tensorflow)
    kernel.kill()
    assert build.wait(PATIENCE) != 0
    assert {path: path.read_bytes() for path in (repository / "notebooks").iterdir()} == stored
