"""Figures in one style: each function draws one pyplot figure, which a notebook shows below its cell.

Importing this module sets pyplot's style, so that figures which a reader adds look the same, and has all figures appear
below the cells of a notebook. All functions return nothing. What a function does not offer can be changed on the
current figure with pyplot.

What there is nothing to draw of raises ValueError before a figure is made. Other values go to Matplotlib as they are,
and its own errors say what is wrong with them.
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from helpers import startup
from helpers._arguments import require_no_mask
from helpers.convolution import conv2d

_GREY = "0.35"
_COVER = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}  # hides what is below a label
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


startup.figures_below_cells()
plt.style.use("helpers.lessons")


def _need_some(named, name):
    if not named:
        raise ValueError(f"{name} must hold at least one entry, got {named!r}")


def _need_names(named, name, known, of):
    for text in named or {}:
        if text not in known:
            raise ValueError(f"{name} must name {of}, got {text!r}")


def _label(axes, x_label, y_label, x_scale="linear", y_scale="linear"):
    axes.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale)
    for axis, scale in ((axes.xaxis, x_scale), (axes.yaxis, y_scale)):
        if scale == "log":
            # Matplotlib's own labels are formulas, and nine small ticks stand between two of them: that takes as long
            # to draw as all the rest of the figure.
            axis.set_major_formatter(_power_of_ten)
            axis.set_minor_locator(NullLocator())


def _power_of_ten(value, _):
    exponent = str(round(np.log10(value)))
    return "10" + exponent.translate(_SUPERSCRIPTS)


def _label_ends(axes, ends):
    """Write each label right of its line's end, and right of the axes for a line that reaches their side.

    `ends` holds ``(x, y, label, colour)``.
    """
    axes.get_ylim()  # Makes pyplot settle the limits, which it otherwise does when it draws.
    to_fraction = axes.transData + axes.transAxes.inverted()
    places = to_fraction.transform(np.reshape([end[:2] for end in ends], (-1, 2)))
    at_the_side = places[:, 0] > 0.95
    for index in np.flatnonzero(~at_the_side):
        _write_right_of(axes, *ends[index][2:], places[index], bbox=_COVER)  # other lines may pass below
    ends = [ends[index] for index in np.flatnonzero(at_the_side)]
    heights = np.clip(places[at_the_side, 1], 0, 1)
    order = np.argsort(heights, kind="stable")
    gap = 14 / 72 / (axes.figure.get_size_inches()[1] * 0.8)
    placed = {}
    lowest = -np.inf
    for index in order:
        placed[index] = lowest = max(heights[index], lowest + gap)
    # Where pushing the labels apart went beyond the top, move the upper ones down again.
    highest = np.inf
    for index in order[::-1]:
        placed[index] = highest = min(placed[index], highest - gap, 1.0 if highest == np.inf else np.inf)
    for index, (_, _, text, colour) in enumerate(ends):
        _write_right_of(axes, text, colour, (1, placed[index]))


def _write_right_of(axes, text, colour, place, **options):
    axes.annotate(
        text, place, xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
        color=colour, va="center", annotation_clip=False, **options,
    )  # fmt: skip


def _draw_levels(axes, levels):
    for value in levels.values():
        axes.axhline(value, color=_GREY, linestyle=":", linewidth=1.5)
    right = axes.get_xlim()[1]
    return [(right, value, text, _GREY) for text, value in levels.items()]


def lines(
    x,
    series,
    x_label,
    y_label,
    *,
    dashed=None,
    runs=None,
    levels=None,
    x_scale="linear",
    y_scale="linear",
    y_limits=None,
):
    """Draw curves over a common axis, each with its name at its right end.

    Parameters
    ----------
    x : array_like, shape (n,)
    series : dict of str to array_like
        The curves; one that is shorter than `x` is drawn over the first part of `x`.
    x_label, y_label : str
        With units where there are any.
    dashed : dict of str to array_like, optional
        Second curves for names of `series`, in the same colour, dashed and darker, for instance a prediction.
    runs : dict of str to array_like, shape (runs, n), optional
        Thin curves for names of `series`, in the same colour, for instance the runs that a mean was taken of.
    levels : dict of str to float, optional
        Horizontal dotted lines with their names.
    x_scale, y_scale : str
        ``"linear"`` or ``"log"``.
    y_limits : tuple of float, optional
        What lies outside is cut off.

    Raises
    ------
    ValueError
        If there is no curve, or one without any finite value, or `dashed` or `runs` names a curve that is not there.
    """
    _need_some(series, "series")
    _need_names(dashed, "dashed", series, "series")
    _need_names(runs, "runs", series, "series")
    for text, values in series.items():
        if not np.isfinite(values).any():
            raise ValueError(f"series[{text!r}] must hold a finite number")
    _, axes = plt.subplots()
    _label(axes, x_label, y_label, x_scale, y_scale)
    ends = []
    for text, values in series.items():
        values = np.asarray(values)
        (line,) = axes.plot(x[: len(values)], values)
        line.set_zorder(3)
        for run in runs[text] if runs and text in runs else ():
            axes.plot(x, run, color=line.get_color(), linewidth=0.6, alpha=0.4)
        last = np.flatnonzero(np.isfinite(values))[-1]
        ends.append((x[last], values[last], text, line.get_color()))
        if dashed and text in dashed:
            axes.plot(
                x[: len(dashed[text])],
                dashed[text],
                color=_darker(line.get_color()),
                linestyle=(0, (2, 3)),
                linewidth=1.5,
            )
    axes.margins(x=0)
    ends += _draw_levels(axes, levels or {})
    if y_limits:
        axes.set_ylim(y_limits)
    if x_scale == "linear" and np.asarray(x).dtype.kind in "iu":
        axes.xaxis.get_major_locator().set_params(integer=True)
    _label_ends(axes, ends)


def _darker(colour):
    return np.multiply(to_rgb(colour), 0.4)


def runs(x, panels, x_label, y_label, *, marks=None, levels=None, y_limits=None):
    """Draw one panel for each group of runs, side by side on the same axes: each run a thin line, nothing averaged.

    Parameters
    ----------
    x : array_like, shape (n,)
    panels : dict of str to array_like
        Title to the runs, shape (runs, n).
    x_label, y_label : str
        With units where there are any.
    marks : dict of str to float, optional
        Values of x that matter: a dashed vertical line in each panel, named in the first one.
    levels : dict of str to float, optional
        Horizontal dotted lines, named at the right end of the last panel.
    y_limits : tuple of float, optional

    Raises
    ------
    ValueError
        If `panels` is empty, or a group does not hold runs as long as `x`.
    """
    _need_some(panels, "panels")
    panels = {title: np.asarray(group) for title, group in panels.items()}
    for title, group in panels.items():
        if group.ndim != 2 or group.shape[1] != len(x) or not group.size:
            raise ValueError(f"panels[{title!r}] must have shape (runs, {len(x)}), got {group.shape}")
    width = min(3.1 * len(panels) + 0.9, 11.6)  # inches: a slide holds no more
    # Without constrained layout, which takes a third of the time to draw several panels.
    _, row = plt.subplots(
        1, len(panels), figsize=(width, 3.1), sharey=True, squeeze=False, layout="none",
        gridspec_kw={"wspace": 0.08, "left": 0.09, "right": 0.98, "bottom": 0.17, "top": 0.9},
    )  # fmt: skip
    for index, (axes, (title, group)) in enumerate(zip(row[0], panels.items(), strict=True)):
        _label(axes, x_label, y_label if index == 0 else "")
        axes.plot(x, group.T, color=f"C{index}", linewidth=1.3, alpha=0.75)
        axes.set_title(title)
        axes.margins(x=0)
        for value in (marks or {}).values():
            axes.axvline(value, color="black", linestyle="--", linewidth=1)
        for value in (levels or {}).values():
            axes.axhline(value, color=_GREY, linestyle=":", linewidth=1.5)
    if y_limits:
        axes.set_ylim(y_limits)
    for text, value in (marks or {}).items():
        row[0][0].annotate(
            text, (value, 0.04), xycoords=("data", "axes fraction"), xytext=(5, 0), textcoords="offset points",
        )  # fmt: skip
    for text, value in (levels or {}).items():
        axes.annotate(
            text, (1, value), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", color=_GREY,
        )  # fmt: skip


def points_and_lines(x, y, fits, x_label, y_label, *, residuals=None):
    """Draw data as points, and curves through them, each with its name at its right end.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    fits : dict of str to callable
        Each takes an array of values of x and returns as many values of y.
    x_label, y_label : str
    residuals : str, optional
        Name of a fit: a dotted line joins each point to it, and the residual, y minus the fit, is written beside it.

    Raises
    ------
    ValueError
        If `x` is empty, or `residuals` is no name in `fits`.
    """
    if not np.size(x):
        raise ValueError("x must hold at least one number, got none")
    if residuals is not None and residuals not in fits:
        raise ValueError(f"residuals must be a key of fits, got {residuals!r}")
    _, axes = plt.subplots()
    _label(axes, x_label, y_label)
    if residuals is not None:
        _draw_residuals(axes, np.asarray(x), np.asarray(y), fits[residuals])
    few = np.size(x) <= 10
    axes.plot(x, y, "o", color="0.4" if few else "0.55", markersize=9 if few else 4)
    grid = np.linspace(min(0, np.min(x)), np.max(x), 200)
    ends = []
    for text, fit in fits.items():
        (line,) = axes.plot(grid, fit(grid))
        ends.append((grid[-1], fit(grid)[-1], text, line.get_color()))
    axes.margins(x=0.07 if few else 0.01)
    if few and not np.any(np.mod(x, 1)) and not np.any(np.mod(y, 1)):
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
    _label_ends(axes, ends)


def _draw_residuals(axes, x, y, fit):
    for place, value, predicted in zip(x, y, fit(x), strict=True):
        axes.plot([place, place], [value, predicted], ":", color="black", linewidth=1.5)
        axes.annotate(
            f"{value - predicted:.2g}".replace("-", "−"), (place, (value + predicted) / 2),
            xytext=(-8, 0), textcoords="offset points", ha="right", va="center",
        )  # fmt: skip


def paths_on_curve(function, interval, paths, x_label, y_label, *, apart=False):
    """Draw a function of one variable, and on it the points that each path visits, with a ring around the last.

    Parameters
    ----------
    function : callable
        Takes and returns an array.
    interval : tuple of float
        The first and the last value of x.
    paths : dict of str to array_like
        The values of x that are visited, in order.
    x_label, y_label : str
    apart : bool
        Whether each path has a panel of its own, with its name as title. What leaves the interval is cut off there.

    Raises
    ------
    ValueError
        If `paths` is empty.
    """
    _need_some(paths, "paths")
    grid = np.linspace(*interval, 400)
    if apart:
        size = (2.6 * len(paths), 3.2)
        # Without constrained layout, which takes a third of the time to draw several panels.
        _, row = plt.subplots(
            1, len(paths), figsize=size, sharey=True, squeeze=False, layout="none",
            gridspec_kw={"wspace": 0.08},
        )  # fmt: skip
        for axes, (text, path) in zip(row[0], paths.items(), strict=True):
            _draw_paths_on_curve(axes, function, grid, {text: path})
            axes.set(title=text, xlabel=x_label, xlim=interval)
            low, high = function(grid).min(), function(grid).max()
            axes.set_ylim(low - 0.05 * (high - low), high)
        row[0, 0].set_ylabel(y_label)
        return
    _, axes = plt.subplots()
    _label(axes, x_label, y_label)
    _draw_paths_on_curve(axes, function, grid, paths)
    axes.margins(y=0.12)
    axes.legend(frameon=False, loc="upper center")


def _draw_paths_on_curve(axes, function, grid, paths):
    axes.plot(grid, function(grid), color=_GREY)
    for index, (text, path) in enumerate(paths.items()):
        path, colour = np.asarray(path), f"C{index}"
        axes.plot(
            path, function(path), "o-", color=colour, markersize=6, linewidth=1, label=text,
        )  # fmt: skip
        axes.plot(
            path[-1], function(path[-1]), "o", color=colour, markersize=12, fillstyle="none",
        )  # fmt: skip


def paths_on_contours(panels, x_label, y_label):
    """Draw one panel for each function of two variables: its contours, the points of a path, a star at the minimum.

    Contours are equally spaced in the square root of the height above the minimum, so that those of a quadratic bowl
    are evenly spaced.

    Parameters
    ----------
    panels : dict of str to tuple
        Title to ``(function, path, minimum)``: the function takes an array of shape (..., 2) and returns one of shape
        (...); the path has shape (n, 2), the minimum (2,).
    x_label, y_label : str

    Raises
    ------
    ValueError
        If `panels` is empty.
    """
    _need_some(panels, "panels")
    _, row = plt.subplots(
        1, len(panels), figsize=(5 * len(panels), 5), squeeze=False, layout="none",
        gridspec_kw={"wspace": 0.25},
    )  # fmt: skip
    for axes, (title, panel) in zip(row[0], panels.items(), strict=True):
        function, path, minimum = panel
        centre, radius = _middle_and_radius(np.vstack([path, minimum]))
        first, second = (np.linspace(middle - radius, middle + radius, 60) for middle in centre)
        height = function(np.stack(np.meshgrid(first, second), axis=-1))
        root = np.sqrt(np.maximum(height - function(np.asarray(minimum)), 0))
        axes.contour(first, second, root, levels=12, colors="0.7", linewidths=1)
        axes.plot(*np.transpose(path), "o-", markersize=3, linewidth=1.2)
        axes.plot(*minimum, "*", color="black", markersize=12)
        _label(axes, x_label, y_label)
        axes.set(title=title, aspect="equal")


def _middle_and_radius(points):
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, 0.62 * (high - low).max()


def images(panels, *, limits=None, columns=None, values=False, scale_label=None, frames=None):
    """Draw images side by side, all on the same scale.

    As soon as the scale holds a negative number, all are drawn in colours that are centred on zero: red above, blue
    below, white at 0. Otherwise they are grey, from black for the lowest to white for the highest number.

    Parameters
    ----------
    panels : dict of str to array_like
        Title to image: shape (rows, columns), or (rows, columns, 3) for red, green and blue from 0 to 1. NaN, as in
        gaps between tiles, is dark grey.
    limits : tuple of float, optional
        The lowest and the highest number of the scale; by default those of all panels together.
    columns : int, optional
        Panels in a row; by default all of them.
    values : bool
        Whether to write each number into its cell, with up to three significant digits.
    frames : dict of str to list of tuple, optional
        For titles of `panels`, rectangles to draw round groups of cells: ``(row, column, rows, columns)``. The first
        of each panel has the same colour, and so on, so that a window and what became of it can be told by colour.
    scale_label : str, optional
        What the numbers are; a scale that says which colour stands for which number is drawn on the right.

    Raises
    ------
    ValueError
        If `panels` is empty, an image is empty or has another shape, or `frames` names a panel that is not there.
    TypeError
        If an image is a masked array, whose mask would be lost.
    """
    _need_some(panels, "panels")
    _need_names(frames, "frames", panels, "panels")
    panels = {title: _image(image, f"panels[{title!r}]") for title, image in panels.items()}
    numbers = [image for image in panels.values() if image.ndim == 2]
    if limits is None and numbers:
        limits = min(map(np.nanmin, numbers)), max(map(np.nanmax, numbers))
    # In small integers, such as int8, the negative of the lowest number would overflow.
    low, high = map(float, limits or (0, 1))
    colours = "gray"
    if low < 0:
        colours, high = "RdBu_r", max(high, -low)
        low = -high
    columns = columns or len(panels)
    rows = -(-len(panels) // columns)
    width = min(3.4, 11 / columns)
    tallest = max(image.shape[0] / image.shape[1] for image in panels.values())
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(width * columns, (width * tallest + 0.35) * rows),
        squeeze=False,
    )
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    for axes, (title, image) in zip(grid.flat, panels.items(), strict=False):
        if np.isnan(image).any():
            axes.set_facecolor(_GREY)
        picture = axes.imshow(image, vmin=low, vmax=high, cmap=colours)
        axes.set(title=title, xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color=_GREY)
        if values:
            _write_values(axes, image, dark=lambda value: _is_dark(value, low, high))
        _draw_frames(axes, (frames or {}).get(title, []))
    if scale_label:
        figure.colorbar(picture, ax=grid, label=scale_label, fraction=0.03, aspect=30)
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)


def _image(image, name):
    require_no_mask(image, name)
    image = np.asarray(image)
    if image.shape[2:] not in ((), (3,)) or image.ndim < 2 or not image.size:
        raise ValueError(f"{name} must have shape (rows, columns) or (rows, columns, 3), got {image.shape}")
    return image


def _is_dark(value, low, high):
    """Whether white text is easier to read than black on this number's colour."""
    value = float(value)
    return abs(value) > 0.7 * high if low < 0 else value - low < 0.5 * (high - low)


def _write_values(axes, image, dark):
    rows, columns = image.shape
    axes.set_xticks(np.arange(1, columns) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, rows) - 0.5, minor=True)
    axes.grid(which="minor", color=_GREY, linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    for (row, column), value in np.ndenumerate(image):
        axes.text(
            column,
            row,
            f"{value:.3g}",
            ha="center",
            va="center",
            color="white" if dark(value) else "black",
        ).set_in_layout(False)


def windows(steps):
    """Draw single steps of a convolution: the window on the image, the kernel, and the output, with all their numbers.

    Pixels under the kernel are orange, with a frame around the whole window; zeros that are padded are grey; the number
    that this step gives is blue. With several channels, each has its image and its kernel, and their sums add up.

    Parameters
    ----------
    steps : dict of str to dict
        Title to the arguments of one step, one row of the figure each: "image", shape (rows, columns) or (rows,
        columns, channels); "kernel", with as many axes; "place", the (row, column) in the output; and, where they are
        not 1, 1 and ((0, 0), (0, 0)), "stride", "dilation" and "padding" as ((top, bottom), (left, right)).

    Raises
    ------
    ValueError
        If `steps` is empty, a step lacks an argument or has one of another name, its place lies outside the output, or
        what :func:`helpers.convolution.conv2d` refuses.
    """
    _need_some(steps, "steps")
    needed, optional = {"image", "kernel", "place"}, {"stride", "dilation", "padding"}
    for title, step in steps.items():
        if not needed <= step.keys() <= needed | optional:
            raise ValueError(
                f"steps[{title!r}] must have the keys image, kernel and place, and may have stride, dilation and "
                f"padding, got {', '.join(step)}"
            )
    drawings = {title: _step_grids(**step) for title, step in steps.items()}
    sizes = [_extent(grids) for grids in drawings.values()]
    widest, cell = max(width for _, width in sizes), 0.27
    heights = [height + 1.6 for height, _ in sizes]
    _, column = plt.subplots(
        len(steps), 1, figsize=(cell * (widest + 1), cell * sum(heights)), squeeze=False,
        height_ratios=heights,
    )  # fmt: skip
    for axes, (title, grids) in zip(column[:, 0], drawings.items(), strict=True):
        _draw_grids(axes, grids, widest)
        axes.set_title(title, loc="left", fontsize=12)


def _step_grids(image, kernel, place, stride=1, dilation=1, padding=((0, 0), (0, 0))):
    """Return, left to right, what stands in a row: a sign, or numbers with their marked cells, frame, and colour."""
    image, kernel = (np.asarray(array, float) for array in (image, kernel))
    if image.ndim == 2:
        image, kernel = image[..., np.newaxis], kernel[..., np.newaxis]
    output = conv2d(image[np.newaxis], kernel[..., np.newaxis], stride, padding, dilation)[0, :, :, 0]
    if len(place) != 2 or not all(0 <= at < size for at, size in zip(place, output.shape, strict=True)):
        raise ValueError(f"place must lie in the output, of shape {output.shape}, got {place}")
    rows, columns = (
        stride * start + dilation * np.arange(count) for start, count in zip(place, kernel.shape[:2], strict=True)
    )
    seen = {(row, column) for row in rows for column in columns}
    frame = rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    whole = 0, 0, *kernel.shape[:2]
    grids = []
    for channel in range(image.shape[2]):
        padded = np.pad(image[..., channel], padding)
        real = np.pad(np.ones(image.shape[:2], bool), padding)
        numbers = kernel[..., channel]
        grids += ["+"] if channel else []
        grids += [
            (padded, real, seen, frame, "C1"),
            "×",
            (numbers, numbers == numbers, set(np.ndindex(numbers.shape)), whole, "C1"),
        ]
    at = (*place, 1, 1)
    return [*grids, "=", (output, output == output, {tuple(place)}, at, "C0")]


def _extent(grids):
    arrays = [grid[0] for grid in grids if not isinstance(grid, str)]
    width = sum(array.shape[1] for array in arrays) + len(grids) - len(arrays)
    return max(array.shape[0] for array in arrays), width


def _draw_grids(axes, grids, width):
    height, _ = _extent(grids)
    left = 0
    for grid in grids:
        if isinstance(grid, str):
            axes.text(left + 0.5, height / 2, grid, ha="center", va="center", size=18)
            left += 1
            continue
        numbers, real, marked, frame, colour = grid
        top = (height - len(numbers)) / 2
        _draw_numbers(axes, left, top, numbers, real, marked, colour)
        row, column, rows, columns = frame
        axes.add_patch(
            Rectangle((left + column, top + row), columns, rows, fill=False, edgecolor=colour, linewidth=2.5)
        )  # fmt: skip
        left += numbers.shape[1]
    axes.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1), aspect="equal")
    axes.set_anchor("W")
    axes.axis("off")


def _draw_numbers(axes, left, top, numbers, real, marked, colour):
    rows, columns = numbers.shape
    faces = np.where(real[..., np.newaxis], 1.0, 0.9) * np.ones(3)
    for place in marked:
        faces[place] = 0.75 + 0.25 * np.array(to_rgb(colour))
    edges = left, left + columns, top + rows, top
    axes.imshow(faces, extent=edges)
    lines = {"color": _GREY, "linewidth": 0.6}
    axes.vlines(np.arange(columns + 1) + left, top, top + rows, **lines)
    axes.hlines(np.arange(rows + 1) + top, left, left + columns, **lines)
    for (row, column), value in np.ndenumerate(numbers):
        text = f"{value:.3g}".replace("-", "−")
        axes.text(
            left + column + 0.5,
            top + row + 0.5,
            text,
            ha="center",
            va="center",
            fontsize=9 if len(text) < 3 else 7.5,  # Three characters would touch the sides of the cell.
            color="black" if real[row, column] else "0.45",
        ).set_in_layout(False)


def _draw_frames(axes, frames):
    """Draw rectangles a little inside their outermost cells, so that neighbours do not cover each other."""
    for index, (row, column, rows, columns) in enumerate(frames):
        corner = column - 0.45, row - 0.45
        axes.add_patch(
            Rectangle(
                corner, columns - 0.1, rows - 0.1, fill=False, edgecolor=f"C{index % 7}", linewidth=4
            )
        )  # fmt: skip


def table(counts, x_label, y_label):
    """Draw a square of counts, such as a confusion matrix, as a picture with the counts written in it.

    The shade of a field follows the root of its count, so that a few cases are not lost beside very many.

    Parameters
    ----------
    counts : array_like of int, shape (n, n)
    x_label, y_label : str
        What the columns and the rows stand for.

    Raises
    ------
    ValueError
        If `counts` is not square, or holds a number below 0.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ValueError(f"counts must have shape (n, n), got {counts.shape}")
    if np.any(counts < 0):
        raise ValueError(f"counts must be at least 0, got {counts.min()}")
    _, axes = plt.subplots(figsize=(5, 5))
    _label(axes, x_label, y_label)
    shades = np.sqrt(counts)
    axes.imshow(shades, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "0.75" if count == 0 else "white" if shades[row, column] > shades.max() / 2 else "black"
        axes.annotate(str(count), (column, row), ha="center", va="center", color=colour).set_in_layout(
            False
        )  # They lie inside; to measure them all takes time.
    axes.set(xticks=range(len(counts)), yticks=range(len(counts)))
    axes.spines[:].set_visible(False)


def repeats(groups, x_label, *, limits=None, levels=None):
    """Draw the results of repeated experiments: a row for each group, a ring for each repeat, a bar at their mean.

    Parameters
    ----------
    groups : dict of str to dict of str to array_like
        Name of the row to ``{name of the series: results}``. Each series has its own colour, and its name is written
        above the first row, which must therefore hold all of them.
    x_label : str
        With units where there are any.
    limits : tuple of float, optional
        First and last value of the horizontal axis.
    levels : dict of str to float, optional
        Vertical dotted lines with their names beside the last row, such as what guessing gives.

    Raises
    ------
    ValueError
        If `groups` is empty, or a row has a series that the first one lacks.
    """
    _need_some(groups, "groups")
    first_row = next(iter(groups.values()))
    for row, series in groups.items():
        _need_names(series, f"groups[{row!r}]", first_row, "series of the first row")
    _, axes = plt.subplots(figsize=(8, 0.6 + 0.48 * len(groups)))
    _label(axes, x_label, "")
    colours = {}
    for row, series in enumerate(groups.values()):
        for text, results in series.items():
            colour = colours.setdefault(text, f"C{len(colours)}")
            axes.plot(
                results,
                np.full(len(results), row),
                "o",
                color=colour,
                fillstyle="none",
                markersize=7,
            )
            axes.plot(
                np.mean(results),
                row,
                "|",
                color=colour,
                markersize=18,
                markeredgewidth=2.5,
            )
    first = {text: np.mean(results) for text, results in first_row.items()}
    left, right = limits or axes.get_xlim()
    last, height, highest = -np.inf, 14, 14
    for text, mean in sorted(first.items(), key=lambda pair: pair[1]):
        # Names that would touch stand one above the other.
        height = height + 13 if mean - last < 0.09 * (right - left) else 14
        last, highest = mean, max(highest, height)
        axes.annotate(
            text, (mean, 0), xytext=(0, height), textcoords="offset points", ha="center", color=colours[text],
        )  # fmt: skip
    axes.set(
        yticks=range(len(groups)),
        yticklabels=groups,
        ylim=(len(groups) - 0.5, -0.9 - (highest - 14) / 34),
        xlim=limits,
    )
    for text, value in (levels or {}).items():
        axes.axvline(value, color=_GREY, linestyle=":", linewidth=1.5)
        axes.annotate(
            text, (value, len(groups) - 1), xytext=(6, 0), textcoords="offset points", va="center", color=_GREY
        )  # fmt: skip
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)


def diagram(boxes, arrows, figsize=(7, 3)):
    """Draw boxes and arrows between them, such as a computational graph, or a network unrolled in time.

    Parameters
    ----------
    boxes : dict of str to tuple
        Text to the position ``(x, y)`` of its middle, or to ``(x, y, above, below)`` with two numbers to write above
        and below the box; None for a number leaves it away. The text may hold LaTeX between dollar signs.
    arrows : list of tuple of str
        ``(start, end)`` or ``(start, end, text)``: two keys of `boxes`, and what stands beside the arrow. Arrows with
        the same text have the same colour; without text they are grey.
    figsize : tuple of float
        Width and height in inches.

    Raises
    ------
    ValueError
        If `boxes` is empty, or an arrow joins what is not in it.
    """
    _need_some(boxes, "boxes")
    strangers = [arrow for arrow in arrows if not {*arrow[:2]} <= boxes.keys()]
    if strangers:
        raise ValueError(f"arrows must join two keys of boxes, got {strangers[0]}")
    _, axes = plt.subplots(figsize=figsize)
    axes.axis("off")
    for limit, places in ((axes.set_xlim, 0), (axes.set_ylim, 1)):
        middles = [place[places] for place in boxes.values()]
        limit(min(middles) - 0.5, max(middles) + 0.5)
    frames = {}
    for text, (x, y, *numbers) in boxes.items():
        frame = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.6"}
        box = axes.annotate(text, (x, y), ha="center", va="center", fontsize=13, bbox=frame)
        frames[text] = box.get_bbox_patch()
        _write_above_and_below(axes, x, y, *numbers)
    texts = dict.fromkeys(text for _, _, *texts in arrows for text in texts)
    colours = {text: f"C{index}" for index, text in enumerate(texts)}
    for start, end, *texts in arrows:
        text = "".join(texts)
        colour = colours.get(text, _GREY)
        ends = boxes[start][:2], boxes[end][:2]
        arrow = {
            "arrowstyle": "-|>", "color": colour, "linewidth": 1.5, "shrinkA": 2, "shrinkB": 2,
            "patchA": frames[start], "patchB": frames[end],
        }  # fmt: skip
        axes.annotate("", ends[1], ends[0], arrowprops=arrow)
        _write_beside_arrow(axes, *ends, text, colour)


def network(outputs, kernels, biases, input_names=None):
    """Draw a small network with its numbers: values in the nodes, weights on the arrows, biases below the nodes.

    Parameters
    ----------
    outputs : list of array_like, each of shape (nodes,)
        The values of one example, layer by layer: those of the inputs first.
    kernels : list of array_like, each of shape (nodes of one layer, nodes of the next)
    biases : list of array_like, each of shape (nodes,)
    input_names : list of str, optional
        What stands left of the inputs.

    Raises
    ------
    ValueError
        If `kernels`, `biases` or `input_names` does not fit `outputs`.
    """
    outputs, kernels, biases = (
        [np.asarray(array, dtype=float) for array in arrays] for arrays in (outputs, kernels, biases)
    )
    sizes = [len(values) for values in outputs]
    if [kernel.shape for kernel in kernels] != list(itertools.pairwise(sizes)):
        raise ValueError(
            f"kernels must join layers of {sizes} nodes, got shapes {[kernel.shape for kernel in kernels]}"
        )
    if [len(bias) for bias in biases] != sizes[1:]:
        raise ValueError(
            f"biases must hold one number for each of {sizes[1:]} nodes, got {[len(bias) for bias in biases]}"
        )
    if input_names and len(input_names) != sizes[0]:
        raise ValueError(f"input_names must hold one name for each of {sizes[0]} inputs, got {input_names}")
    _, axes = plt.subplots(figsize=(2.6 * len(sizes), 0.6 + 1.15 * max(sizes)))
    _fill_figure(axes)
    axes.axis("off")
    axes.set(xlim=(-0.6, len(sizes) - 0.4), ylim=(-0.7, max(sizes) - 0.4))
    # Unequal scales of the axes: a circle is a marker here, whose size is in points.
    places = [
        [(layer, (max(sizes) - size) / 2 + size - 1 - node) for node in range(size)] for layer, size in enumerate(sizes)
    ]
    for layer, kernel in enumerate(kernels):
        for (start, end), weight in np.ndenumerate(kernel):
            _draw_weight(axes, places[layer][start], places[layer + 1][end], weight)
    for layer, values in enumerate(outputs):
        for node, value in enumerate(values):
            colour = _GREY if layer == 0 else "C0"
            axes.plot(
                *places[layer][node], "o", markersize=38, markerfacecolor="white", markeredgecolor=colour,
                markeredgewidth=2,
            )  # fmt: skip
            axes.annotate(
                _number(value), places[layer][node], ha="center", va="center", color=colour, weight="bold"
            )  # fmt: skip
            if layer:
                bias = f"bias {_number(biases[layer - 1][node])}"
                _write_near(axes, bias, places[layer][node], (0, -28), "C2")
            elif input_names:
                _write_near(axes, input_names[node], places[0][node], (-34, 0), "black")
    circle = {
        "marker": "o",
        "markerfacecolor": "white",
        "linestyle": "",
        "markersize": 10,
    }
    handles = [
        Line2D([], [], color=_GREY, label="input", **circle),
        Line2D([], [], color="C0", label="node: its output", **circle),
        Line2D([], [], color="C2", label="weight"),
    ]
    _legend_above(axes, handles=handles)


def _fill_figure(axes):
    """Let the axes fill the figure: without labels there is nothing that constrained layout would have to measure."""
    axes.figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))


def _legend_above(axes, *args, **kwargs):
    axes.legend(
        *args, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize=11, **kwargs
    )  # fmt: skip


def _number(value):
    return f"{value:.4g}".replace("-", "−")


def _draw_weight(axes, start, end, weight):
    axes.annotate(
        "", end, start,
        arrowprops={"arrowstyle": "-|>", "color": "C2", "linewidth": 1.2, "shrinkA": 19, "shrinkB": 20},
    )  # fmt: skip
    # Nearer to the start: arrows that cross do so in their middle.
    place = tuple(0.68 * a + 0.32 * b for a, b in zip(start, end, strict=True))
    axes.annotate(
        _number(weight), place, ha="center", va="center", color="C2", fontsize=11, bbox=_COVER,
    )  # fmt: skip


def _write_near(axes, text, place, offset, colour):
    axes.annotate(
        text, place, xytext=offset, textcoords="offset points", ha="center", va="center", color=colour, fontsize=11
    )  # fmt: skip


def graph(boxes, arrows, figsize=(8, 3)):
    """Draw a computational graph: above each box its value, below it the gradient, on each arrow its derivative.

    Parameters
    ----------
    boxes : dict of str to tuple
        Text to ``(x, y, value, gradient)``: the position of the middle and two numbers.
    arrows : list of tuple
        ``(start, end, derivative)``: two keys of `boxes`, and the derivative of the end with respect to the start.
    figsize : tuple of float
        Width and height in inches.

    Raises
    ------
    ValueError
        If `boxes` is empty, or an arrow joins what is not in it.
    """
    diagram(boxes, [arrow[:2] for arrow in arrows], figsize)
    axes = plt.gca()
    _fill_figure(axes)
    for start, end, derivative in arrows:
        middle = np.add(boxes[start][:2], boxes[end][:2]) / 2
        axes.annotate(
            _number(derivative), middle, ha="center", va="center", color="C2", weight="bold",
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
    kinds = {"value →": "C0", "derivative along the arrow": "C2", "← gradient of the loss": "C1"}
    invisible = [Line2D([], [], linestyle="") for _ in kinds]
    colours = list(kinds.values())
    _legend_above(axes, invisible, kinds, labelcolor=colours, handlelength=0, handletextpad=0)


def decision_regions(panels, points, labels, x_label, y_label):
    """Draw, for each classifier of points in the plane, the probability of label 1 and the boundary where it is a half.

    Parameters
    ----------
    panels : dict of str to callable
        Title to a function that takes points, shape (n, 2), and returns n probabilities of label 1.
    points : array_like, shape (n, 2)
    labels : array_like of int, shape (n,)
        0 or 1: drawn as blue circles and as red crosses, in the colours of the probabilities.
    x_label, y_label : str

    Raises
    ------
    ValueError
        If `panels` is empty.
    """
    _need_some(panels, "panels")
    points, labels = np.asarray(points), np.asarray(labels)
    low, high = points.min(axis=0) - 0.4, points.max(axis=0) + 0.4
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 80).T), axis=-1)
    width = 11 / max(len(panels), 3)
    # Without constrained layout, which takes half of the time to draw several panels.
    figure, row = plt.subplots(
        1, len(panels), figsize=(width * len(panels) + 1.4, width * 0.85 + 0.9),
        squeeze=False, sharey=True, layout="none", gridspec_kw={"wspace": 0.06},
    )  # fmt: skip
    for axes, (title, probability) in zip(row[0], panels.items(), strict=True):
        heights = np.reshape(probability(grid.reshape(-1, 2)), grid.shape[:2])
        picture = axes.imshow(
            heights, cmap="RdBu_r", vmin=0, vmax=1, alpha=0.5, origin="lower", aspect="auto",
            extent=(low[0], high[0], low[1], high[1]), interpolation="bilinear",
        )  # fmt: skip
        if heights.min() < 0.5 < heights.max():
            axes.contour(*grid.transpose(2, 0, 1), heights, levels=[0.5], colors="black", linewidths=1.5)
        white = {"markeredgecolor": "white", "markeredgewidth": 0.4}
        axes.plot(*points[labels == 0].T, "o", color="C0", markersize=4, **white)
        axes.plot(*points[labels == 1].T, "x", color="#6b0000", markersize=4.5)
        axes.set(title=title, xlabel=x_label)
    row[0, 0].set_ylabel(y_label)
    figure.colorbar(picture, ax=row, label="probability of ×", ticks=[0, 0.5, 1], pad=0.02)


def _write_above_and_below(axes, x, y, above=None, below=None):
    for number, colour, shift, align in (
        (above, "C0", 16, "bottom"),
        (below, "C1", -16, "top"),
    ):
        if number is not None:
            axes.annotate(
                f"{number:.4g}".replace("-", "−"), (x, y), xytext=(0, shift), textcoords="offset points",
                ha="center", va=align, color=colour, weight="bold",
            )  # fmt: skip


def _write_beside_arrow(axes, start, end, text, colour):
    """Write above an arrow that runs sideways, else on the outer side of the arrow."""
    (x_start, y_start), (x_end, y_end) = start, end
    sideways = abs(x_end - x_start) > abs(y_end - y_start)
    offset, align = ((0, 5), "center") if sideways else ((-5, 0), "right") if x_end >= x_start else ((5, 0), "left")
    axes.annotate(
        text, ((x_start + x_end) / 2, (y_start + y_end) / 2), xytext=offset, textcoords="offset points",
        color=colour, ha=align, va="bottom" if sideways else "center", fontsize=11,
    )  # fmt: skip
