"""TensorFlow's start-up messages are silenced, and nothing else."""

import gc
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import nbclient
import pytest
from nbformat import v4

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


SETTINGS = {
    "MPLBACKEND": "Agg",
    "KERAS_BACKEND": "torch",
    "TF_USE_LEGACY_KERAS": "1",
    "KERAS_MAX_EPOCHS": "1",
}
CELLS = {
    "import": """
from helpers import plotting, startup
with startup.quiet():
    import tensorflow as tf
""",
    "watch": """
from matplotlib.backends.backend_agg import FigureCanvasAgg
draw, drawn = FigureCanvasAgg.draw, []
FigureCanvasAgg.draw = lambda canvas: (drawn.append(canvas), draw(canvas))
""",
    "draw": "plotting.lines([0, 1], {'a': [1, 2]}, 'x', 'y')",
    "count": "print(len(drawn))",
    "convolve": "print(tf.keras.layers.Conv2D(3, 2)(tf.ones((1, 5, 4, 2))).shape)",
    "number": "print(tf.keras.layers.Dense(1)(tf.ones((1, 2))).dtype)",
    "train": """
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile(loss="mse")
print(len(model.fit(tf.ones((1, 1)), tf.ones((1, 1)), epochs=3, verbose=0).epoch))
""",
}


def test_tensorflow_writes_nothing_and_settings_of_other_projects_change_nothing_in_a_notebook(tmp_path, monkeypatch):
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    settings = {"image_data_format": "channels_first", "floatx": "float64"}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    notebook = v4.new_notebook(cells=[v4.new_code_cell(text) for text in CELLS.values()])
    nbclient.execute(notebook)
    outputs = {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}
    assert outputs["import"] == []
    assert [sorted(output.data) for output in outputs["draw"]] == [["image/png", "text/plain"]]
    printed = {name: [output.text for output in outputs[name]] for name in ("count", "convolve", "number", "train")}
    assert printed == {
        "count": ["2\n"],  # For the layout and for the picture; pyplot would draw once more, for no window.
        "convolve": ["(1, 4, 3, 3)\n"],
        "number": ["<dtype: 'float32'>\n"],
        "train": ["3\n"],
    }


def test_keras_that_runs_with_another_backend_already_is_refused(monkeypatch):
    config = SimpleNamespace(backend=lambda: "torch")
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(config=config))
    with (
        pytest.raises(RuntimeError, match="backend torch: restart the kernel"),
        startup.quiet(),
    ):
        pass


def test_figures_outside_of_a_notebook_stay_where_they_are():
    code = "from helpers import plotting\nimport matplotlib\nprint(matplotlib.get_backend())"
    assert run(code, MPLBACKEND="svg").stdout == "svg\n"
