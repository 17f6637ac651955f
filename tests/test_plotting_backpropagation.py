"""The figures that came with lesson 2 show what they were given."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from helpers import plotting


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(axes):
    return [text for text in axes.texts if text.get_text()]


def test_graph_writes_the_value_above_and_the_gradient_below_each_node():
    plotting.graph(
        {"x": (0, 0, 3, -12), "y": (0, 1, 0.5, None), "a = x y": (1, 0.5, 1.5, 1)},
        [("x", "a = x y"), ("y", "a = x y")],
    )
    axes = plt.gca()
    axes.figure.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in texts(axes)}
    assert set(boxes) == {"x", "y", "a = x y", "3", "−12", "0.5", "1.5", "1"}
    assert boxes["3"].y0 > boxes["x"].y1 > boxes["x"].y0 > boxes["−12"].y1
    for one, other in itertools.combinations(boxes.values(), 2):
        assert not one.overlaps(other)
    colours = {text.get_text(): text.get_color() for text in texts(axes)}
    assert colours["3"] == colours["0.5"] != colours["−12"]


def test_graph_draws_an_arrow_for_each_edge_from_its_start_to_its_end():
    plotting.graph({"x": (0, 0, 1, 1), "y": (2, 0, 1, 1)}, [("x", "y")])
    (arrow,) = [text for text in plt.gca().texts if not text.get_text()]
    assert (arrow.xyann, arrow.xy) == ((0, 0), (2, 0))
    assert arrow.arrowprops["arrowstyle"] == "-|>"


def test_bars_have_the_heights_and_say_them():
    plotting.bars({"one": 3, "two": 0.5}, "name", "ratio")
    axes = plt.gca()
    assert [bar.get_height() for bar in axes.patches] == [3, 0.5]
    assert [text.get_text() for text in axes.texts] == ["3", "0.5"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "two"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("name", "ratio")


def test_table_writes_each_count_where_it_belongs_and_shades_by_its_root():
    plotting.table([[9, 1], [0, 4]], "answer", "truth")
    axes = plt.gca()
    written = {text.xy: text.get_text() for text in axes.texts}
    assert written == {(0, 0): "9", (1, 0): "1", (0, 1): "0", (1, 1): "4"}
    np.testing.assert_array_equal(axes.images[0].get_array(), [[3, 1], [0, 2]])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer", "truth")
    for text in axes.texts:
        row, column = text.xy[::-1]
        ground = axes.images[0].to_rgba(axes.images[0].get_array())[row, column, :3]
        ink = to_rgba(text.get_color())[:3]
        if text.get_text() != "0":
            assert abs(np.mean(ground) - np.mean(ink)) > 0.3
