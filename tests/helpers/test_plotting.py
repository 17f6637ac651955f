"""Each figure shows what it was given: the data, the names and the labels, none of them overlapping."""

import itertools
import unicodedata

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba

from helpers import plotting

STEPS = np.arange(4)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(axes):
    return [text for text in axes.texts if text.get_text()]


def assert_apart(axes):
    """No two texts of the axes overlap once the figure is drawn."""
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in texts(axes)]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def test_lines_draws_each_curve_over_its_part_of_x_and_names_it_in_its_colour():
    plotting.lines(STEPS, {"long": [4, 3, 2, 1], "short": [1.0, 2.0]}, "step", "loss")
    axes = plt.gca()
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), np.column_stack([STEPS, [4, 3, 2, 1]]))
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), [[0, 1], [1, 2]])
    assert {text.get_text(): text.get_color() for text in texts(axes)} == dict(
        zip(("long", "short"), [line.get_color() for line in axes.lines], strict=True)
    )
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "loss")


def test_lines_hides_other_lines_below_a_name_within_the_axes():
    plotting.lines(STEPS, {"short": [1.0, 2.0], "long": [3, 2, 2, 2]}, "step", "loss")
    axes = plt.gca()
    axes.figure.canvas.draw()
    pixels = np.asarray(axes.figure.canvas.buffer_rgba())[::-1, :, :3] / 255  # the first row at the bottom
    left, bottom, right, top = (int(edge) for edge in texts(axes)[0].get_window_extent().extents)
    of_line = np.abs(pixels - to_rgba(axes.lines[1].get_color())[:3]).max(axis=-1) < 0.1
    assert of_line[bottom:top, right + 10 :].any()
    assert not of_line[bottom:top, left:right].any()


def test_lines_draws_predictions_and_levels():
    plotting.lines(
        STEPS,
        {"a": [1, 2, 3, 4]},
        "x",
        "y",
        dashed={"a": [1, 1, 1, 1]},
        levels={"best": 2.5},
    )
    curve, prediction, level = plt.gca().lines
    np.testing.assert_array_equal(prediction.get_ydata(), [1, 1, 1, 1])
    assert curve.get_linestyle() == "-"
    assert prediction.get_linestyle() != "-"
    assert set(level.get_ydata()) == {2.5}
    assert "best" in [text.get_text() for text in texts(plt.gca())]


def test_lines_cuts_at_the_limits_and_takes_scales():
    plotting.lines(
        STEPS[1:],
        {"a": [1e-9, 1, 1e9]},
        "x",
        "y",
        x_scale="log",
        y_scale="log",
        y_limits=(1e-3, 1e3),
    )
    axes = plt.gca()
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_ylim() == (1e-3, 1e3)


@pytest.mark.parametrize("ends", [[1, 1, 1, 1], [0, 0, 1, 1], [0, 0.01, 0.02, 5], [5, 5, 5, 0], [3, 2, 1, 0]])
@pytest.mark.parametrize("y_scale", ["linear", "log"])
def test_labels_at_the_ends_do_not_overlap_and_keep_the_order_of_the_ends(ends, y_scale):
    plotting.lines(
        STEPS,
        {str(i): [1, 2, 3, end + 1e-3] for i, end in enumerate(ends)},
        "x",
        "y",
        y_scale=y_scale,
    )
    axes = plt.gca()
    assert_apart(axes)
    heights = [text.get_window_extent().y0 for text in texts(axes)]
    for i, j in itertools.combinations(range(4), 2):
        if ends[i] != ends[j]:
            assert (heights[i] < heights[j]) == (ends[i] < ends[j])


@pytest.mark.parametrize(("x", "whole"), [(np.arange(1, 5), True), (np.arange(1, 5) / 2, False)])
def test_axis_of_whole_numbers_has_whole_ticks(x, whole):
    plotting.lines(x, {"a": [1, 2, 3, 4]}, "x", "y")
    ticks = plt.gca().get_xticks()
    assert np.all(ticks == np.round(ticks)) == whole


def test_logarithmic_axis_has_ticks_at_powers_of_ten_that_say_so():
    x, y = np.geomspace(1, 1000, 4), [1e-12, 1e-3, 1, 100]
    plotting.lines(x, {"a": y}, "x", "y", x_scale="log", y_scale="log")
    axes = plt.gca()
    axes.figure.canvas.draw()
    for axis, shown in ((axes.xaxis, (1, 1000)), (axes.yaxis, (1e-12, 100))):
        ticks = {
            label.get_text(): place
            for label, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
            if shown[0] <= place <= shown[1]
        }
        assert len(ticks) >= 4
        for text, place in ticks.items():
            assert text.startswith("10")
            # The compatibility form of a superscript is the plain character.
            exponent = int(unicodedata.normalize("NFKC", text[2:]).replace("−", "-"))
            assert 10.0**exponent == pytest.approx(place)
        assert len(axis.get_minorticklocs()) == 0


def test_label_stands_at_the_height_of_the_end_of_its_line():
    plotting.lines(STEPS, {"low": [9, 5, 2, 1], "high": [0, 5, 7, 8]}, "x", "y")
    axes = plt.gca()
    axes.figure.canvas.draw()
    for text, end in zip(texts(axes), (1, 8), strict=True):
        box = text.get_window_extent()
        assert box.y0 < axes.transData.transform((3, end))[1] < box.y1


@pytest.mark.parametrize("values", [[1, 2, np.inf, np.nan], [1, 2]])
def test_curve_that_ends_early_is_named_at_its_last_finite_point(values):
    plotting.lines(STEPS, {"a": values, "b": [4, 3, 2, 1]}, "x", "y", levels={"c": 3})
    axes = plt.gca()
    axes.figure.canvas.draw()
    early, *others = texts(axes)
    assert [text.get_text() for text in (early, *others)] == ["a", "b", "c"]
    x, y = axes.transData.transform((1, 2))
    box = early.get_window_extent()
    assert box.y0 < y < box.y1
    assert 0 < box.x0 - x < 20
    side = axes.get_window_extent().x1
    assert all(0 < text.get_window_extent().x0 - side < 20 for text in others)


def test_points_and_lines_shows_the_data_and_evaluates_the_fits():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.0, 2.5])
    plotting.points_and_lines(x, y, {"double": lambda x: 2 * x, "half": lambda x: x / 2}, "x", "y")
    points, double, half = plt.gca().lines
    np.testing.assert_array_equal(points.get_xydata(), np.column_stack([x, y]))
    np.testing.assert_allclose(double.get_ydata(), 2 * double.get_xdata())
    np.testing.assert_allclose(half.get_ydata(), half.get_xdata() / 2)
    assert_apart(plt.gca())


def test_points_and_lines_joins_each_point_to_the_fit_and_writes_the_residual():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 0.5])
    fits = {"one": lambda x: 1 + 0 * x, "double": lambda x: 2 * x}
    plotting.points_and_lines(x, y, fits, "x", "y", residuals="double")
    axes = plt.gca()
    *residuals, points, _, _ = axes.lines
    np.testing.assert_array_equal(points.get_ydata(), y)
    joined = [line.get_xydata().tolist() for line in residuals]
    assert joined == [[[0, 1], [0, 0]], [[1, 3], [1, 2]], [[2, 0.5], [2, 4]]]
    placed = {text.get_text(): text.xy for text in texts(axes)}
    assert placed["−3.5"] == (2, 2.25)
    assert [text.get_text() for text in texts(axes)][:3] == ["1", "1", "−3.5"]
    assert_apart(axes)


def test_points_and_lines_has_whole_ticks_for_a_few_whole_numbers():
    plotting.points_and_lines([0, 1, 2], [1, 3, 4], {"a": np.poly1d([1, 1])}, "x", "y")
    ticks = np.concatenate([plt.gca().get_xticks(), plt.gca().get_yticks()])
    assert np.all(ticks == np.round(ticks))


def test_paths_on_curve_puts_each_point_on_the_curve_and_rings_the_last():
    plotting.paths_on_curve(np.square, (-2, 2), {"left": [-2, -1, 0], "right": [1, 0.5]}, "theta", "loss")
    curve, left, left_end, right, right_end = plt.gca().lines
    np.testing.assert_allclose(curve.get_ydata(), curve.get_xdata() ** 2)
    np.testing.assert_array_equal(left.get_xydata(), [[-2, 4], [-1, 1], [0, 0]])
    np.testing.assert_array_equal(left_end.get_xydata(), [[0, 0]])
    np.testing.assert_array_equal(right.get_xydata(), [[1, 1], [0.5, 0.25]])
    np.testing.assert_array_equal(right_end.get_xydata(), [[0.5, 0.25]])
    assert [text.get_text() for text in plt.gca().get_legend().texts] == [
        "left",
        "right",
    ]


def test_paths_on_curve_apart_have_a_panel_each_that_is_cut_at_the_interval():
    paths = {"near": [-2, -1, 0], "far": [1, -3, 9]}
    plotting.paths_on_curve(np.square, (-2, 4), paths, "theta", "loss", apart=True)
    near, far = plt.gcf().axes
    assert [axes.get_title() for axes in (near, far)] == ["near", "far"]
    for axes, path in ((near, [-2, -1, 0]), (far, [1, -3, 9])):
        curve, visited, end = axes.lines
        np.testing.assert_allclose(curve.get_ydata(), curve.get_xdata() ** 2)
        np.testing.assert_array_equal(visited.get_xdata(), path)
        np.testing.assert_array_equal(end.get_xdata(), path[-1:])
        assert axes.get_xlim() == (-2, 4)
        assert axes.get_ylim()[1] == 16
        assert axes.get_xlabel() == "theta"
    assert near.get_ylabel() == "loss"


def square_sum(theta):
    return (theta**2).sum(axis=-1)


def test_paths_on_contours_draws_a_panel_for_each_function_and_stars_the_minimum():
    path = np.array([[1.0, 2.0], [0.5, 1.0], [0.1, 0.1]])
    panels = {
        "one": (square_sum, path, [0.0, 0.0]),
        "two": (lambda theta: theta[..., 0] ** 2, path, (0.0, 3.0)),
    }
    plotting.paths_on_contours(panels, "a", "b")
    figure = plt.gcf()
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]
    for axes, minimum in zip(figure.axes, ([0, 0], [0, 3]), strict=True):
        drawn, star = axes.lines
        np.testing.assert_array_equal(drawn.get_xydata(), path)
        np.testing.assert_array_equal(star.get_xydata(), [minimum])
        assert axes.get_aspect() == 1
        assert axes.get_xlim()[0] < 0 < 1 < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < 0.1 < max(2, minimum[1]) < axes.get_ylim()[1]


def test_contours_of_a_quadratic_are_evenly_spaced_circles_around_the_minimum():
    path = np.array([[3.0, 1.0], [1.0, 1.0]])
    plotting.paths_on_contours({"bowl": (lambda theta: square_sum(theta - 1) + 7, path, [1, 1])}, "a", "b")
    contours = plt.gca().collections[0]
    np.testing.assert_allclose(np.diff(contours.levels), np.diff(contours.levels)[0])
    for level, outline in zip(contours.levels, contours.get_paths(), strict=True):
        if level > 0.2 and len(outline.vertices):
            radius = np.linalg.norm(outline.vertices - 1, axis=1)
            np.testing.assert_allclose(radius, level, rtol=0.01)


def test_style_is_set_and_its_colours_can_be_told_apart():
    colours = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert colours[0] == "#0072B2" or colours[0] == "0072B2"
    assert len(set(colours)) == 7


def test_diagram_places_boxes_and_colours_arrows_by_their_text():
    boxes = {"a": (0, 0), "b": (2, 0), "c": (2, 1)}
    plotting.diagram(boxes, [("a", "b", "w"), ("b", "c", "v"), ("a", "c", "w")])
    axes = plt.gca()
    placed = {text.get_text(): text for text in axes.texts}
    assert {name: placed[name].xy for name in boxes} == boxes
    arrows = [text for text in axes.texts if text.arrow_patch]
    # The tip of an arrow is at its end, the tail at its start.
    ends = [(arrow.xyann, arrow.xy) for arrow in arrows]
    assert ends == [((0, 0), (2, 0)), ((2, 0), (2, 1)), ((0, 0), (2, 1))]
    first, second, third = [arrow.arrow_patch.get_edgecolor() for arrow in arrows]
    assert first == third != second
    assert_apart(axes)


def test_diagram_leaves_arrows_without_text_grey():
    plotting.diagram({"a": (0, 0), "b": (1, 0), "c": (2, 0)}, [("a", "b"), ("b", "c")])
    arrows = [text.arrow_patch for text in plt.gca().texts if text.arrow_patch]
    assert len(arrows) == 2
    for arrow in arrows:
        red, green, blue, _ = arrow.get_edgecolor()
        assert red == green == blue


def test_diagram_writes_one_number_above_and_one_below_each_box():
    plotting.diagram(
        {"x": (0, 0, 3, -12), "y": (0, 1, 0.5, None), "a = x y": (1, 0.5, 1.5, 1)},
        [("x", "a = x y"), ("y", "a = x y")],
    )
    axes = plt.gca()
    assert_apart(axes)
    boxes = {text.get_text(): text.get_window_extent() for text in texts(axes)}
    assert set(boxes) == {"x", "y", "a = x y", "3", "−12", "0.5", "1.5", "1"}
    assert boxes["3"].y0 > boxes["x"].y1 > boxes["x"].y0 > boxes["−12"].y1
    colours = {text.get_text(): text.get_color() for text in texts(axes)}
    assert colours["3"] == colours["0.5"] != colours["−12"]


def test_arrow_of_a_diagram_begins_and_ends_at_the_frames_of_its_boxes():
    plotting.diagram({"wide = box": (0, 0), "b": (1, 0)}, [("wide = box", "b")])
    axes = plt.gca()
    axes.figure.canvas.draw()
    wide, narrow = (text.get_bbox_patch().get_window_extent() for text in texts(axes))
    (arrow,) = [text.arrow_patch for text in axes.texts if text.arrow_patch]
    extent = arrow.get_window_extent()
    assert 0 < extent.x0 - wide.x1 < 6
    assert 0 < narrow.x0 - extent.x1 < 6


def step(**changed):
    image = np.arange(12.0).reshape(3, 4)
    return {"image": image, "kernel": [[1, 0], [0, -1]], "place": (1, 2)} | changed


def grid_of(axes):
    """Return the numbers that are written in the axes by their row and column, counted over all grids."""
    return {
        (text.get_position()[1], text.get_position()[0]): text.get_text()
        for text in axes.texts
        if text.get_text() not in ("×", "+", "=")
    }


def test_windows_writes_image_kernel_and_output_and_frames_the_step():
    plotting.windows({"a step": step()})
    axes = plt.gca()
    assert axes.get_title(loc="left") == "a step"
    written = grid_of(axes)
    assert [written[0.5, x + 0.5] for x in range(4)] == ["0", "1", "2", "3"]
    assert sorted(written.values()).count("−5") == 6  # each x[i, j] - x[i + 1, j + 1]
    on_image, on_kernel, on_output = ((patch.get_xy(), patch.get_width(), patch.get_height()) for patch in axes.patches)
    assert on_image == ((2, 1), 2, 2)
    assert on_kernel == ((5, 0.5), 2, 2)
    assert on_output == ((10, 1.5), 1, 1)


@pytest.mark.parametrize(
    ("options", "frame", "marked"),
    [
        ({"place": (0, 0), "padding": ((1, 0), (2, 1))}, ((0, 0), 2, 2), 4),
        ({"place": (0, 1), "stride": 2}, ((2, 0), 2, 2), 4),
        ({"place": (0, 1), "dilation": 2}, ((1, 0), 3, 3), 4),
    ],
)
def test_windows_marks_what_the_kernel_sees(options, frame, marked):
    plotting.windows({"a": step(**options)})
    axes = plt.gca()
    patch = axes.patches[0]
    assert (patch.get_xy(), patch.get_width(), patch.get_height()) == frame
    faces = np.asarray(axes.images[0].get_array())
    coloured = faces.max(axis=-1) - faces.min(axis=-1) > 0
    assert coloured.sum() == marked
    top, left = (pair[0] for pair in options.get("padding", ((0, 0), (0, 0))))
    grey = (faces[..., 0] < 1) & ~coloured
    assert grey.sum() == {0: 0, 1: faces[..., 0].size - 12 - 4}[top]
    assert left == 0 or coloured[0, 0]


def test_windows_keeps_numbers_of_three_characters_off_the_sides_of_their_cells():
    plotting.windows({"a": step(image=np.full((3, 4), -88.0))})
    axes = plt.gca()
    axes.figure.canvas.draw()
    (left, _), (right, _) = axes.transData.transform([(0, 0), (1, 0)])
    widths = {text.get_window_extent().width for text in texts(axes) if text.get_text() == "−88"}
    assert 0 < max(widths) < 0.9 * (right - left)


def test_windows_adds_channels_up():
    image = np.dstack([np.eye(3), np.ones((3, 3))])
    kernel = np.dstack([np.eye(2), np.eye(2)])
    plotting.windows({"a": step(image=image, kernel=kernel, place=(0, 0))})
    axes = plt.gca()
    signs = [text.get_text() for text in axes.texts if text.get_text() in "×+="]
    assert signs == ["×", "+", "×", "="]
    output = np.asarray(axes.images[-1].get_array()).shape[:2]
    assert output == (2, 2)
    written = [text.get_text() for text in axes.texts][-4:]
    assert written == ["4", "2", "2", "4"]


def test_images_show_gaps_in_grey_and_leave_them_out_of_the_scale():
    plotting.images({"a": [[0.0, np.nan, 2.0]]})
    axes = plt.gca()
    assert axes.images[0].get_clim() == (0, 2)
    assert axes.get_facecolor()[:3] == to_rgba("0.35")[:3]


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


def drawn():
    return [axes for axes in plt.gcf().axes if axes.get_visible()]


def test_images_share_one_grey_scale_from_the_lowest_to_the_highest_number():
    plotting.images({"dark": np.array([[0.0, 1.0]]), "bright": np.array([[2.0], [5.0]])})
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


@pytest.mark.parametrize("numbers", [[-128, -100, 50, 127], [-3, 0, 1, 2], [0, 1, 100, 127]])
@pytest.mark.parametrize("dtype", ["i1", "i2", "f4"])
def test_images_of_any_type_have_the_scale_and_the_ink_of_the_same_floats(numbers, dtype):
    for kind in (dtype, float):
        plotting.images({"a": np.array([numbers], kind)}, values=True)
    ours, expected = (plt.figure(number).axes[0] for number in plt.get_fignums()[-2:])
    assert ours.images[0].get_clim() == expected.images[0].get_clim()
    np.testing.assert_array_equal(
        ours.images[0].to_rgba(np.array([numbers], float)), expected.images[0].to_rgba(np.array([numbers], float))
    )
    assert [text.get_color() for text in texts(ours)] == [text.get_color() for text in texts(expected)]


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
    texts = {text.get_text(): (text.get_position(), text.get_color()) for text in drawn()[0].texts}
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


def test_runs_draw_each_run_in_a_panel_of_its_group_on_the_same_axes():
    panels = {"a": [[0.0, 1, 2, 3], [3, 2, 1, 0]], "b": [[5.0, 5, 5, 5]]}
    plotting.runs(
        STEPS, panels, "step", "share", marks={"cue": 1}, levels={"guess": 0.5}, y_limits=(0, 6)
    )  # fmt: skip
    first, second = drawn()
    assert [axes.get_title() for axes in (first, second)] == ["a", "b"]
    for axes, runs in zip((first, second), panels.values(), strict=True):
        for line, run in zip(axes.lines, runs, strict=False):
            np.testing.assert_array_equal(line.get_xydata(), np.c_[STEPS, run])
        assert len(axes.lines) == len(runs) + 2  # the mark and the level
        assert axes.get_ylim() == (0, 6)
        assert axes.get_xlabel() == "step"
    assert (first.get_ylabel(), second.get_ylabel()) == ("share", "")
    assert [text.get_text() for text in first.texts] == ["cue"]
    assert [text.get_text() for text in second.texts] == ["guess"]
    plotting.runs(STEPS, {"a": panels["a"]}, "step", "share")
    assert len(drawn()) == 1


def test_runs_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"panels\['a'\] must have shape \(runs, 4\)"):
        plotting.runs(STEPS, {"a": [1, 2, 3, 4]}, "step", "share")


def test_repeats_write_names_that_would_touch_one_above_the_other():
    groups = {"first": {"a": [0.5], "b": [0.51], "c": [0.9]}, "second": {"a": [0.1]}}
    plotting.repeats(groups, "share", limits=(0, 1))
    assert_apart(drawn()[0])


def test_repeats_draw_each_result_and_the_mean_in_the_colour_of_the_series():
    groups = {
        "first": {"a": [0.1, 0.3], "b": [0.5]},
        "second": {"a": [0.2, 0.6], "b": [0.9]},
    }
    plotting.repeats(groups, "share", limits=(0, 1))
    axes = drawn()[0]
    results = [(line.get_xdata().tolist(), line.get_ydata().tolist(), line.get_color()) for line in axes.lines]
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
    assert [text.xy for text in axes.texts] == [(pytest.approx(0.2), 0), (0.5, 0)]
    assert axes.get_xlim() == (0, 1)
    low, high = axes.get_ylim()
    assert low > high, "the first group must be on top"


def test_images_frames_groups_of_cells_inside_their_borders_in_the_same_colours():
    plotting.images(
        {"map": np.ones((4, 4)), "other": np.ones((2, 2)), "plain": np.ones((2, 2))},
        frames={"map": [(0, 2, 2, 2), (2, 0, 1, 3)], "other": [(0, 1, 1, 1)]},
    )
    first, second, third = plt.gcf().axes
    one, two = first.patches
    assert (one.get_x(), one.get_y()) == (1.55, -0.45)
    np.testing.assert_allclose((one.get_width(), one.get_height()), (1.9, 1.9))
    np.testing.assert_allclose((two.get_width(), two.get_height()), (2.9, 0.9))
    assert one.get_edgecolor() == to_rgba("C0") == second.patches[0].get_edgecolor()
    assert two.get_edgecolor() == to_rgba("C1")
    assert not third.patches


def test_repeats_draws_levels_and_names_them_beside_the_last_row():
    plotting.repeats({"a": {"x": [0.5, 0.6]}, "b": {"x": [0.7]}}, "share", levels={"guessing": 0.1})
    axes = plt.gca()
    (level,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert set(level.get_xdata()) == {0.1}
    (text,) = [text for text in texts(axes) if text.get_text() == "guessing"]
    assert text.xy == (0.1, 1)
    assert_apart(axes)


def test_lines_draws_runs_thin_and_in_the_colour_of_their_curve():
    runs = {"b": [[1, 2, 3, 4], [4, 3, 2, 1]]}
    plotting.lines(STEPS, {"a": [0] * 4, "b": [2.5] * 4}, "x", "y", runs=runs)
    _, curve, *thin = plt.gca().lines
    assert [list(line.get_ydata()) for line in thin] == runs["b"]
    assert {line.get_color() for line in thin} == {curve.get_color()}
    assert max(line.get_linewidth() for line in thin) < curve.get_linewidth()
    assert max(line.get_zorder() for line in thin) < curve.get_zorder()


def test_images_have_a_scale_that_covers_their_numbers_when_it_is_asked_for():
    plotting.images({"a": [[0.0, 1.0]], "b": [[-2.0, 0.5]]}, scale_label="weight")
    *panels, scale = plt.gcf().axes
    assert scale.get_ylabel() == "weight"
    assert scale.get_ylim() == (-2, 2)
    assert {axes.images[0].get_clim() for axes in panels} == {(-2, 2)}


def test_network_shows_each_output_weight_and_bias_at_its_place():
    kernels = [[[1, -2], [3, 4]], [[0.5], [-7]]]
    plotting.network([[10, 20], [30, 40], [50]], kernels, [[5, 6], [8]], ["p", "q"])
    axes = plt.gca()
    assert_apart(axes)
    shown = {text.get_text(): text.xy for text in texts(axes)}
    assert set(shown) == {
        *("10", "20", "30", "40", "50", "p", "q", "bias 5", "bias 6", "bias 8"),
        *("1", "−2", "3", "4", "0.5", "−7"),
    }  # fmt: skip
    assert [shown[name][0] for name in ("10", "30", "50")] == [0, 1, 2]
    assert shown["10"][1] > shown["20"][1]
    assert shown["bias 6"] == shown["40"]
    assert shown["q"] == shown["20"]
    arrows = [text for text in axes.texts if not text.get_text()]
    ends = [(tuple(arrow.xyann), tuple(arrow.xy)) for arrow in arrows]
    places = [[shown["10"], shown["20"]], [shown["30"], shown["40"]], [shown["50"]]]
    for (layer, (start, end)), weight in {
        (0, (0, 1)): "−2",
        (0, (1, 0)): "3",
        (1, (1, 0)): "−7",
    }.items():
        first, second = places[layer][start], places[layer + 1][end]
        assert (tuple(first), tuple(second)) in ends
        share = (shown[weight][0] - first[0]) / (second[0] - first[0])
        assert 0 < share < 0.5
        height = first[1] + share * (second[1] - first[1])
        assert shown[weight][1] == pytest.approx(height)


def test_graph_has_derivatives_on_its_arrows_and_says_what_the_colours_mean():
    boxes = {"u": (0, 0, 3, -18), "v": (1, 0, 6, -6)}
    plotting.graph(boxes, [("u", "v", 2.71828)])
    axes = plt.gca()
    assert_apart(axes)
    colours = {text.get_text(): to_hex(text.get_color()) for text in texts(axes)}
    legend = {text.get_text(): to_hex(text.get_color()) for text in axes.get_legend().get_texts()}
    assert colours["6"] == legend["value →"]
    assert colours["−18"] == legend["← gradient of the loss"]
    assert colours["2.718"] == legend["derivative along the arrow"]
    (derivative,) = [text for text in texts(axes) if text.get_text() == "2.718"]
    assert tuple(derivative.xy) == (0.5, 0)


def test_decision_regions_show_the_probability_and_its_boundary_in_each_panel():
    points = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]])
    panels = {
        "right": lambda grid: (grid[:, 0] > 1.0).astype(float),
        "never": lambda grid: np.full(len(grid), 0.2),
    }
    plotting.decision_regions(panels, points, [0, 1, 1], "a", "b")
    right, never, scale = plt.gcf().axes
    assert [axes.get_title() for axes in (right, never)] == list(panels)
    assert scale.get_ylabel() == "probability of ×"
    heights = right.images[0].get_array()
    low, high, *_ = right.images[0].get_extent()
    grid = np.linspace(low, high, heights.shape[1])
    np.testing.assert_array_equal(heights[0], grid > 1.0)
    np.testing.assert_array_equal(heights[-1], heights[0])
    (boundary,) = right.collections
    crossings = np.concatenate([path.vertices for path in boundary.get_paths()])
    np.testing.assert_allclose(crossings[:, 0], 1.0, atol=grid[1] - grid[0])
    assert not never.collections
    for axes in (right, never):
        zeros, ones = axes.lines
        np.testing.assert_array_equal(zeros.get_xydata(), points[:1])
        np.testing.assert_array_equal(ones.get_xydata(), points[1:])
