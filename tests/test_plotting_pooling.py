"""What the figures of images and of repeated experiments show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plotting


@pytest.fixture(autouse=True)
def no_figures_left():
    plt.close("all")
    yield
    plt.close("all")


def drawn():
    return [axes for axes in plt.gcf().axes if axes.get_visible()]


def test_images_share_one_grey_scale_from_the_lowest_to_the_highest_number():
    plotting.images(
        {"dark": np.array([[0.0, 1.0]]), "bright": np.array([[2.0], [5.0]])}
    )
    pictures = [axes.images[0] for axes in drawn()]
    assert [axes.get_title() for axes in drawn()] == ["dark", "bright"]
    assert [picture.get_clim() for picture in pictures] == [(0, 5), (0, 5)]
    np.testing.assert_array_equal(pictures[1].get_array(), [[2], [5]])
    assert pictures[0].cmap(0.0)[:3] == (0, 0, 0)
    assert pictures[0].cmap(1.0)[:3] == (1, 1, 1)


def test_images_with_a_negative_number_are_coloured_and_centred_on_zero():
    plotting.images({"a": np.array([[-1.0, 3.0]]), "b": np.array([[1.0, 1.0]])})
    picture = drawn()[1].images[0]
    assert picture.get_clim() == (-3, 3)
    red, _, blue, _ = picture.cmap(picture.norm(3))
    assert red > blue
    red, _, blue, _ = picture.cmap(picture.norm(-3))
    assert blue > red
    assert min(picture.cmap(picture.norm(0))[:3]) > 0.95


def test_images_obey_the_limits_that_are_given():
    plotting.images({"a": np.array([[0.2, 0.4]])}, limits=(0, 1))
    assert drawn()[0].images[0].get_clim() == (0, 1)


def test_images_in_colour_are_shown_as_they_are():
    photo = np.random.default_rng(0).random((2, 3, 3))
    plotting.images({"photo": photo, "grey": photo[..., 0] * 9})
    np.testing.assert_array_equal(drawn()[0].images[0].get_array(), photo)


def test_images_fill_rows_and_leave_no_empty_panel():
    plotting.images({str(n): np.eye(2) for n in range(5)}, columns=3)
    assert [axes.get_title() for axes in drawn()] == list("01234")
    rows = [axes.get_subplotspec().rowspan.start for axes in drawn()]
    assert rows == [0, 0, 0, 1, 1]


def test_images_write_each_number_into_its_cell_in_a_colour_that_can_be_read():
    plotting.images({"a": np.array([[0.0, 2.5], [-4.0, 1 / 3]])}, values=True)
    texts = {
        text.get_text(): (text.get_position(), text.get_color())
        for text in drawn()[0].texts
    }
    assert texts == {
        "0": ((0, 0), "black"),
        "2.5": ((1, 0), "black"),
        "-4": ((0, 1), "white"),
        "0.333": ((1, 1), "black"),
    }
    plotting.images({"a": np.array([[0.0, 5.0]])}, values=True)
    assert [text.get_color() for text in drawn()[0].texts] == ["white", "black"]


def test_images_of_one_value_everywhere_are_drawn():
    plotting.images({"flat": np.zeros((2, 2))}, values=True)
    plt.gcf().canvas.draw()


def test_repeats_draw_each_result_and_the_mean_in_the_colour_of_the_series():
    groups = {
        "first": {"a": [0.1, 0.3], "b": [0.5]},
        "second": {"a": [0.2, 0.6], "b": [0.9]},
    }
    plotting.repeats(groups, "share", limits=(0, 1))
    axes = drawn()[0]
    results = [
        (line.get_xdata().tolist(), line.get_ydata().tolist(), line.get_color())
        for line in axes.lines
    ]
    assert results[0] == ([0.1, 0.3], [0, 0], "C0")
    assert results[1] == ([pytest.approx(0.2)], [0], "C0")
    assert results[2] == ([0.5], [0], "C1")
    assert results[4] == ([0.2, 0.6], [1, 1], "C0")
    assert results[5] == ([pytest.approx(0.4)], [1], "C0")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second"]
    assert [(text.get_text(), text.get_color()) for text in axes.texts] == [
        ("a", "C0"),
        ("b", "C1"),
    ]
    assert axes.get_xlim() == (0, 1)
    low, high = axes.get_ylim()
    assert low > high, "the first group must be on top"
