"""Controls in JupyterLab: moving one draws, and saving what was run keeps the paired script in step."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import pytest
from nbformat import v4
from notebook_checks import pair_faults

ROOT = Path(__file__).parents[1]
SOURCES = (
    "import matplotlib.pyplot as plt\n\nfrom helpers import controls",
    "def draw(height=1):\n    print('height', height)\n    plt.plot([0, height])",
    "controls.show(draw, height=(1, 5))",
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
# What is run before the kernel has answered is lost, though JupyterLab already shows it as idle.
KERNEL_ANSWERS = """async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await context.ready;
    await sessionContext.ready;
    await sessionContext.session.kernel.info;
}"""


@pytest.fixture
def lesson(tmp_path):
    """Write a notebook and its script, under the project's own rules for such pairs."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in SOURCES],
        metadata={"kernelspec": KERNEL},
    )
    jupytext.write(notebook, folder / "lesson.ipynb")
    jupytext.write(notebook, folder / "lesson.py", fmt="py:percent")
    return folder / "lesson.ipynb"


@pytest.fixture
def lab(lesson, tmp_path):
    """Start JupyterLab on the folder of the lesson, without the user's settings, and return its address."""
    places = ("CONFIG", "DATA", "RUNTIME")
    folders = {f"JUPYTER_{place}_DIR": str(tmp_path / place) for place in places}
    options = ["--allow-root", "--no-browser", "--expose-app-in-browser", "--port=0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options, "--ServerApp.ip=127.0.0.1",
         f"--ServerApp.root_dir={lesson.parent}"],
        env=os.environ | folders, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (found := list((tmp_path / "RUNTIME").glob("jpserver-*.json"))):
        assert server.poll() is None, "JupyterLab has stopped"
        time.sleep(0.2)
    running = json.loads(found[0].read_text(encoding="utf-8"))
    yield f"{running['url']}lab/tree/lesson.ipynb?reset&token={running['token']}"
    server.terminate()
    server.wait()


def test_moving_a_slider_draws_and_leaves_the_pair_in_step(browser, lab, lesson):
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.goto(lab)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.evaluate(KERNEL_ANSWERS)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    handle = page.locator(".jp-OutputArea .noUi-handle")
    handle.wait_for()
    figure = page.locator(".jp-OutputArea img")
    assert figure.count() == 0
    drawn = set()
    for height in (2, 3):
        handle.press("ArrowRight")
        page.get_by_text(f"height {height}", exact=True).wait_for()
        figure.wait_for()
        drawn.add(figure.get_attribute("src"))
    assert len(drawn) == 2
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.close()
    saved = jupytext.read(lesson)
    assert [cell.execution_count for cell in saved.cells] == [1, 2, 3]
    assert "widgets" not in saved.metadata
    assert pair_faults(lesson) == []
