"""Controls start with the defaults, draw at each change and not before, and leave no trace in a stored notebook."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider
from nbformat import v4

from helpers import controls

CONFIG = Path(__file__).parents[2] / "tools" / "build_config.py"


@pytest.fixture
def shown(monkeypatch):
    """Return what has been displayed, as pairs of positional and named arguments."""
    calls = []
    monkeypatch.setattr(controls, "display", lambda *given, **named: calls.append((given, named)))
    return calls


@pytest.fixture
def widgets(shown):
    """Show one control of each kind, and return them with the list of the calls that they make."""
    calls = []

    def draw(rate=0.3, steps=7, kind="b", thick=True):
        calls.append((rate, steps, kind, thick))

    controls.show(draw, rate=(0.1, 0.9, 0.1), steps=(1, 20), kind=["a", "b"])
    (((control,), _),) = shown
    return control.kwargs_widgets, calls


def test_each_argument_has_a_control_that_starts_with_its_default(widgets):
    rate, steps, kind, _ = widgets[0]
    kinds = [type(widget) for widget in widgets[0]]
    assert kinds == [FloatSlider, IntSlider, Dropdown, Checkbox]
    assert [widget.description for widget in widgets[0]] == [
        "rate", "steps", "kind", "thick",
    ]  # fmt: skip
    assert [widget.value for widget in widgets[0]] == [0.3, 7, "b", True]
    assert (rate.min, rate.max, rate.step) == (0.1, 0.9, 0.1)
    assert (steps.min, steps.max, kind.options) == (1, 20, ("a", "b"))


def test_each_change_draws_with_all_values_and_nothing_is_drawn_before(widgets):
    (rate, _, kind, thick), calls = widgets
    assert calls == []
    rate.value = 0.5
    kind.value = "a"
    thick.value = False
    assert calls == [(0.5, 7, "b", True), (0.5, 7, "a", True), (0.5, 7, "a", False)]


def test_no_button_is_left_to_press(widgets, shown):
    (((control,), _),) = shown
    buttons = [child for child in control.children if hasattr(child, "on_click")]
    assert [button.layout.display for button in buttons] == ["none"]


def test_build_stores_nothing_of_a_control_and_counts_its_cell(tmp_path):
    sources = (
        "from helpers import controls",
        "controls.show(lambda x=1: print(x), x=(0, 2))",
        "print(2)",
    )
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    command = ["nbconvert", "--config", CONFIG, "--output-dir", "built", "lesson.ipynb"]
    subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, check=True)
    built = nbformat.read(tmp_path / "built" / "lesson.ipynb", as_version=4)
    assert [len(cell.outputs) for cell in built.cells] == [0, 0, 1]
    assert [cell.execution_count for cell in built.cells] == [1, 2, 3]
    assert "widgets" not in built.metadata
