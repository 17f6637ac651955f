"""The lessons and their student edition in JupyterLab, started as `make lab` starts it, used as a reader would."""

import os
import re
import shlex
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import jupytext
import lessons
import pytest
from playwright.sync_api import expect

from translations import edition

ROOT = Path(__file__).parents[1]
NAMES = [path.name for path in lessons.PATHS]
# In the folder that JupyterLab shows.
LESSONS = [f"notebooks/{name}" for name in NAMES]
STUDENT_EDITION = [f"student/notebooks/{name}" for name in NAMES]

USER_FOLDERS = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
)

OPEN = """async path => {
  const panel = await jupyterapp.commands.execute('docmanager:open', {path})
  await panel.context.ready
  await panel.sessionContext.ready
  jupyterapp.shell.activateById(panel.id)
}"""

RUN_ALL = "() => jupyterapp.commands.execute('notebook:run-all-cells')"

RESULTS = """() => jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === 'code')
  .map(cell => ({
    count: cell.model.executionCount,
    outputs: cell.model.outputs.toJSON(),
  }))"""

APPEND_TO_FIRST_CODE_CELL_AND_SAVE = """text => {
  const cells = jupyterapp.shell.currentWidget.content.widgets
  const source = cells.find(cell => cell.model.type === 'code').model.sharedModel
  source.setSource(source.getSource() + text)
  return jupyterapp.commands.execute('docmanager:save')
}"""

IS_CHANGED = "() => jupyterapp.shell.currentWidget.context.model.dirty"

SAVE = "() => jupyterapp.commands.execute('docmanager:save')"

UNFOLD_ALL = "() => jupyterapp.commands.execute('notebook:expand-all-headings')"

CLOSE = """async () => {
  const panel = jupyterapp.shell.currentWidget
  await panel.sessionContext.shutdown()
  panel.dispose()
}"""


def command_of_make_lab():
    """Return what `make lab` runs."""
    recipe = subprocess.check_output(["make", "--dry-run", "--always-make", "lab"], cwd=ROOT, text=True)
    command = re.search(r"^\S+/jupyter lab .*", recipe.replace("\\\n", ""), re.MULTILINE)
    program, *options = shlex.split(command[0])
    return [ROOT / program, *options]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the lessons and of the student edition, which may be changed."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "build" / "student", folder / "student")
    shutil.copytree(ROOT / "tools", folder / "tools")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def lab(browser, folder, tmp_path_factory):
    """A page with JupyterLab, without settings or files of the user's."""
    home = tmp_path_factory.mktemp("home")
    log = home / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command_of_make_lab(), "--no-browser", "--LabApp.expose_app_in_browser=True"],
            cwd=folder, stdout=stream, stderr=stream,
            env=os.environ | dict.fromkeys(USER_FOLDERS, str(home)),
        )  # fmt: skip
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(120_000)
    try:
        page.goto(address_in(log))
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("() => jupyterapp.restored")
        yield page
    finally:
        page.close()
        server.terminate()
        server.wait()


def address_in(log):
    """Return the address that JupyterLab writes into its log once it is ready."""
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


@contextmanager
def opened(lab, path):
    lab.evaluate(OPEN, path)
    try:
        yield
    finally:
        lab.evaluate(CLOSE)


def run_all(lab, path):
    """Open a notebook, run all of its cells and return all outputs."""
    with opened(lab, path):
        lab.evaluate(RUN_ALL)
        results = lab.evaluate(RESULTS)
    assert [cell["count"] for cell in results] == list(range(1, len(results) + 1))
    return [output for cell in results for output in cell["outputs"]]


def change_and_save(lab, path, text):
    with opened(lab, path):
        lab.evaluate(APPEND_TO_FIRST_CODE_CELL_AND_SAVE, text)


def problems(outputs):
    return [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]


def shown(outputs):
    """Return the results that are shown as text."""
    return [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]


def number_of_exercises(path):
    script = (ROOT / "notebooks" / Path(path).name).with_suffix(".py")
    return script.read_text(encoding="utf-8").count("### BEGIN SOLUTION")


def sources(path):
    return [cell.source for cell in jupytext.read(path).cells]


def test_first_page_is_the_map_of_the_lessons_and_opens_the_first(lab):
    page = lab.locator(".jp-MarkdownViewer")
    page.get_by_role("link", name="Fit a line with gradient descent").click()
    expect(lab.locator(".jp-NotebookPanel")).to_be_visible()
    assert lab.evaluate("() => jupyterapp.shell.currentPath") == LESSONS[0]
    lab.evaluate(CLOSE)


@pytest.mark.parametrize("path", LESSONS)
def test_lesson_that_was_only_read_is_not_changed(lab, folder, path):
    before = (folder / path).read_bytes()
    with opened(lab, path):
        lab.wait_for_timeout(1000)
        assert not lab.evaluate(IS_CHANGED)
        lab.evaluate(UNFOLD_ALL)
        lab.evaluate(SAVE)
    assert (folder / path).read_bytes() == before


# The cells of the others run in the strict test; here the question is what JupyterLab makes of them.
@pytest.mark.parametrize("path", [LESSONS[0], LESSONS[-1]])
def test_lesson_runs_from_top_to_bottom(lab, path):
    outputs = run_all(lab, path)
    assert problems(outputs) == []
    assert shown(outputs).count("correct") == number_of_exercises(path)


SOLUTIONS = """() => jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.sharedModel.getSource().includes('### BEGIN SOLUTION'))
  .map(cell => cell.isHidden)"""

SHOW_FIRST_HINT = """() => {
  const notebook = jupyterapp.shell.currentWidget.content
  const isHint = cell => cell.model.sharedModel.getSource().startsWith('<details>')
  notebook.activeCellIndex = notebook.widgets.findIndex(isHint)
  return notebook.scrollToItem(notebook.activeCellIndex, 'center')
}"""


@pytest.mark.parametrize("path", LESSONS)
def test_solutions_are_folded_until_their_headings_are_unfolded(lab, path):
    with opened(lab, path):
        lab.wait_for_function(f"() => ({SOLUTIONS})().every(Boolean)")
        assert len(lab.evaluate(SOLUTIONS)) == number_of_exercises(path)
        lab.evaluate(UNFOLD_ALL)
        assert not any(lab.evaluate(SOLUTIONS))


@pytest.mark.parametrize("path", LESSONS[:1] + STUDENT_EDITION[:1])
def test_hint_opens_by_a_click(lab, path):
    with opened(lab, path):
        lab.evaluate(SHOW_FIRST_HINT)
        hint = lab.locator(".jp-Notebook .jp-mod-active details")
        text = hint.locator("p").first
        expect(hint).to_have_count(1)
        expect(text).to_be_hidden()
        hint.get_by_text("Hint", exact=True).click()
        expect(text).to_be_visible()


# All of them are run when the student edition is installed, in `.ci/run`.
@pytest.mark.parametrize("path", STUDENT_EDITION[:1])
def test_student_edition_runs_and_every_exercise_is_open(lab, path):
    outputs = run_all(lab, path)
    assert problems(outputs) == []
    open_exercises = shown(outputs).count("not attempted yet")
    assert open_exercises == number_of_exercises(path)


def test_change_of_a_lesson_is_saved_in_both_files_of_the_pair(lab, folder):
    notebook = folder / LESSONS[0]
    before = sources(notebook)
    change_and_save(lab, LESSONS[0], "\nchanged = True")
    after = sources(notebook)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new for _, new in changed] == [old + "\nchanged = True" for old, _ in changed]
    assert len(changed) == 1
    assert sources(notebook.with_suffix(".py")) == after


def test_chinese_edition_opens_folded_and_is_saved_alone(lab, folder):
    """As `make lab LOCALE=zh_CN` lays it out, beside the English lessons."""
    edition.lay_out("zh_CN", folder / "zh_CN", keep=True)
    path = f"zh_CN/{LESSONS[0]}"
    with opened(lab, path):
        lab.wait_for_function(f"() => ({SOLUTIONS})().every(Boolean)")
        assert lab.locator(".jp-Notebook h1").first.inner_text().startswith("用梯度下降")
    change_and_save(lab, path, "\nchanged = True")
    assert "\nchanged = True" in "".join(sources(folder / path))
    assert not list((folder / "zh_CN").rglob("notebooks/*.py"))
    with opened(lab, path):
        lab.wait_for_function(f"() => ({SOLUTIONS})().every(Boolean)")


def test_change_of_the_student_edition_is_saved(lab, folder):
    change_and_save(lab, STUDENT_EDITION[0], "\nchanged = True")
    assert "\nchanged = True" in "".join(sources(folder / STUDENT_EDITION[0]))
    # It is handed in alone, without a script.
    assert not list((folder / "student").rglob("notebooks/*.py"))
