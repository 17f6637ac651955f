"""Figures in one style: each function draws one pyplot figure, which a notebook shows below its cell.

Importing this module sets pyplot's style, so that figures which a reader adds look the same. All functions return
nothing. What a function does not offer can be changed on the current figure with pyplot.
"""

import matplotlib.pyplot as plt
import numpy as np

_GREY = "0.35"


plt.style.use("helpers.lessons")


def _label(axes, x_label, y_label, x_scale="linear", y_scale="linear"):
    axes.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale)


def _label_ends(axes, ends):
    """Write each label right of the axes at the height of its line's end; `ends` holds ``(x, y, label, colour)``."""
    axes.get_ylim()  # Makes pyplot settle the limits, which it otherwise does when it draws.
    to_fraction = axes.transData + axes.transAxes.inverted()
    heights = [np.clip(to_fraction.transform((x, y))[1], 0, 1) for x, y, _, _ in ends]
    order = np.argsort(heights, kind="stable")
    gap = 14 / 72 / (axes.figure.get_size_inches()[1] * 0.8)
    placed = {}
    lowest = -np.inf
    for index in order:
        placed[index] = lowest = max(heights[index], lowest + gap)
    # Where pushing the labels apart went beyond the top, move the upper ones down again.
    highest = np.inf
    for index in order[::-1]:
        placed[index] = highest = min(
            placed[index], highest - gap, 1.0 if highest == np.inf else np.inf
        )
    for index, (_, _, text, colour) in enumerate(ends):
        axes.annotate(
            text, (1, placed[index]), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", annotation_clip=False,
        )  # fmt: skip


def _draw_levels(axes, levels):
    for value in levels.values():
        axes.axhline(value, color=_GREY, linestyle=":", linewidth=1.5)
    return [(0, value, text, _GREY) for text, value in levels.items()]


def lines(
    x,
    series,
    x_label,
    y_label,
    *,
    dashed=None,
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
    levels : dict of str to float, optional
        Horizontal dotted lines with their names.
    x_scale, y_scale : str
        ``"linear"`` or ``"log"``.
    y_limits : tuple of float, optional
        What lies outside is cut off.
    """
    _, axes = plt.subplots()
    _label(axes, x_label, y_label, x_scale, y_scale)
    ends = []
    for text, values in series.items():
        values = np.asarray(values)
        (line,) = axes.plot(x[: len(values)], values)
        last = np.flatnonzero(np.isfinite(values))[-1]
        ends.append((x[last], values[last], text, line.get_color()))
        if dashed and text in dashed:
            axes.plot(
                x[: len(dashed[text])],
                dashed[text],
                color="black",
                linestyle=(0, (2, 3)),
                linewidth=1.5,
            )
    ends += _draw_levels(axes, levels or {})
    if y_limits:
        axes.set_ylim(y_limits)
    axes.margins(x=0)
    _label_ends(axes, ends)


def histograms(samples, marks, x_label):
    """Draw overlapping histograms, each named on its right side, and vertical lines at values that matter.

    Parameters
    ----------
    samples : dict of str to array_like
    marks : dict of str to float
    x_label : str
    """
    _, axes = plt.subplots()
    _label(axes, x_label, "number of cases")
    bins = np.histogram_bin_edges(np.concatenate(list(samples.values())), bins=60)
    for index, (text, values) in enumerate(samples.items()):
        counts, _, _ = axes.hist(values, bins, alpha=0.6, color=f"C{index}")
        half = counts.argmax() + np.argmax(counts[counts.argmax() :] < counts.max() / 2)
        axes.annotate(
            text,
            (bins[half], counts.max() * 0.6),
            xytext=(6, 0),
            textcoords="offset points",
            color=f"C{index}",
        )
    for text, value in marks.items():
        axes.axvline(value, color="black", linestyle="--", linewidth=1.5)
        axes.annotate(
            text,
            (value, 1.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
        )
    axes.margins(y=0.12)


def points_and_lines(x, y, fits, x_label, y_label):
    """Draw data as points, and curves through them, each with its name at its right end.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    fits : dict of str to callable
        Each takes an array of values of x and returns as many values of y.
    x_label, y_label : str
    """
    _, axes = plt.subplots()
    _label(axes, x_label, y_label)
    axes.plot(x, y, "o", color="0.55", markersize=4)
    grid = np.linspace(min(0, np.min(x)), np.max(x), 200)
    ends = []
    for text, fit in fits.items():
        (line,) = axes.plot(grid, fit(grid))
        ends.append((grid[-1], fit(grid)[-1], text, line.get_color()))
    axes.margins(x=0.01)
    _label_ends(axes, ends)


def paths_on_curve(function, interval, paths, x_label, y_label):
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
    """
    _, axes = plt.subplots()
    _label(axes, x_label, y_label)
    grid = np.linspace(*interval, 400)
    axes.plot(grid, function(grid), color=_GREY)
    for index, (text, path) in enumerate(paths.items()):
        path = np.asarray(path)
        axes.plot(
            path,
            function(path),
            "o-",
            color=f"C{index}",
            markersize=6,
            linewidth=1,
            label=text,
        )
        axes.plot(
            path[-1],
            function(path[-1]),
            "o",
            color=f"C{index}",
            markersize=12,
            fillstyle="none",
        )
    axes.margins(y=0.12)
    axes.legend(frameon=False, loc="upper center")


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
    """
    _, row = plt.subplots(
        1, len(panels), figsize=(4.6 * len(panels), 4.4), squeeze=False
    )
    for axes, (title, panel) in zip(row[0], panels.items(), strict=True):
        function, path, minimum = panel
        centre, radius = _middle_and_radius(np.vstack([path, minimum]))
        first, second = (
            np.linspace(middle - radius, middle + radius, 200) for middle in centre
        )
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


def diagram(boxes, arrows, figsize=(7, 3)):
    """Draw boxes and arrows between them, such as a network unrolled in time.

    Parameters
    ----------
    boxes : dict of str to tuple of float
        Text to the position ``(x, y)`` of its middle. The text may hold LaTeX between dollar signs.
    arrows : list of tuple
        ``(start, end, text)``: two keys of `boxes`, and what stands beside the arrow. Arrows with the same text have
        the same colour; without text they are grey.
    figsize : tuple of float
        Width and height in inches.
    """
    _, axes = plt.subplots(figsize=figsize)
    axes.axis("off")
    colours = {
        text: f"C{index}"
        for index, text in enumerate(dict.fromkeys(text for *_, text in arrows if text))
    }
    for start, end, text in arrows:
        (x_start, y_start), (x_end, y_end) = boxes[start], boxes[end]
        colour = colours.get(text, _GREY)
        arrow = {
            "arrowstyle": "-|>",
            "color": colour,
            "shrinkA": 17,
            "shrinkB": 17,
            "linewidth": 1.8,
        }
        axes.annotate("", (x_end, y_end), (x_start, y_start), arrowprops=arrow)
        # Above arrows that run sideways, else on the outer side of the arrow.
        sideways = abs(x_end - x_start) > abs(y_end - y_start)
        offset, align = (
            ((0, 5), "center")
            if sideways
            else ((-5, 0), "right")
            if x_end >= x_start
            else ((5, 0), "left")
        )
        axes.annotate(
            text, ((x_start + x_end) / 2, (y_start + y_end) / 2), xytext=offset, textcoords="offset points",
            color=colour, ha=align, va="bottom" if sideways else "center", fontsize=11,
        )  # fmt: skip
    for text, position in boxes.items():
        axes.annotate(
            text, position, ha="center", va="center", fontsize=13,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.6"},
        )  # fmt: skip
    horizontal, vertical = zip(*boxes.values(), strict=True)
    axes.set_xlim(min(horizontal) - 0.5, max(horizontal) + 0.5)
    axes.set_ylim(min(vertical) - 0.5, max(vertical) + 0.5)
