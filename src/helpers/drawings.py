"""Drawings of recurrent networks: unrolled in time, and one step of a gated cell with its numbers.

Each function draws one pyplot figure in the style of :mod:`helpers.plotting` and returns nothing. Colours: red for the
gates, blue for the candidate, black for the state that runs straight through.
"""

import math

import matplotlib.pyplot as plt

from helpers import plotting
from helpers._arguments import real_number, whole_number

_GATE, _CANDIDATE, _LINE = "C1", "C0", "0.35"


def _numbers(named):
    return {
        name: f"{real_number(value, name, minimum=-math.inf):.3f}".replace("-", "−") for name, value in named.items()
    }


def _canvas(bottom):
    _, axes = plt.subplots(figsize=(8.4, 4.3))
    axes.set(xlim=(-0.9, 10.9), ylim=(bottom, 4.1))
    axes.axis("off")
    return axes


def _arrow(axes, *places, colour=_LINE, width=1.6):
    """Draw straight lines from place to place; the last one ends in an arrow head."""
    if len(places) > 2:
        axes.plot(*zip(*places[:-1], strict=True), color=colour, linewidth=width)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", places[-1], places[-2], arrowprops=style)


def _box(axes, place, text, colour, number=""):
    frame = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
    axes.text(*place, text, ha="center", va="center", fontsize=12, color=colour, bbox=frame, zorder=3)
    # Beside the arrow that leaves the box at its top.
    axes.text(place[0] + 0.1, place[1] + 0.52, number, ha="left", va="center", fontsize=11, color=colour)


def _ring(axes, place, sign):
    ring = {"markersize": 19, "markerfacecolor": "white", "markeredgecolor": _LINE}
    axes.plot(*place, "o", **ring, markeredgewidth=1.6, zorder=3)
    axes.text(*place, sign, ha="center", va="center", fontsize=14, zorder=4)


def _state(axes, place, name, number, align):
    shift = {"right": -0.1, "left": 0.1, "center": 0}[align]
    axes.text(place[0] + shift, place[1], f"{name}\n{number}", ha=align, va="center", fontsize=12)


def unrolled(steps):
    """Draw a recurrent network with inputs x, states h and outputs y once for each step, side by side.

    Parameters
    ----------
    steps : int
        At least 1.

    Raises
    ------
    TypeError, ValueError
        If `steps` is no whole number of at least 1.
    """
    times = range(1, whole_number(steps, "steps", minimum=1) + 1)
    boxes = {f"$h_{{{t}}}$": (1.6 * t, 1) for t in (0, *times)}
    boxes |= {f"$x_{{{t}}}$": (1.6 * t, 0) for t in times}
    boxes |= {f"$y_{{{t}}}$": (1.6 * t, 2) for t in times}
    arrows = [(f"$h_{{{t - 1}}}$", f"$h_{{{t}}}$", "$W_h$") for t in times]
    arrows += [(f"$x_{{{t}}}$", f"$h_{{{t}}}$", "$W_x$") for t in times]
    arrows += [(f"$h_{{{t}}}$", f"$y_{{{t}}}$", "$W_y$") for t in times]
    plotting.diagram(boxes, arrows, figsize=(0.6 + 1.6 * steps, 3.8))


def lstm_cell(*, x, hidden, cell, i, f, g, o, next_cell, next_hidden):
    """Draw one step of an LSTM with one unit: the cell state as a straight line on top, the gates below it.

    Parameters
    ----------
    x, hidden, cell : float
        The input of the step, and the two states before it.
    i, f, o : float
        Input gate, forget gate and output gate.
    g : float
        The candidate.
    next_cell, next_hidden : float
        The two states after the step.

    Raises
    ------
    TypeError, ValueError
        If an argument is no real number.

    References
    ----------
    Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. *Neural Computation*, 9(8), 1735-1780.
    https://doi.org/10.1162/neco.1997.9.8.1735
    """
    number = _numbers(
        {"x": x, "hidden": hidden, "cell": cell, "i": i, "f": f, "g": g, "o": o}
        | {"next_cell": next_cell, "next_hidden": next_hidden}
    )
    axes = _canvas(-1.15)
    top, gates, bus = 3.4, 1.15, 0.15
    _arrow(axes, (0, top), (9.7, top), colour="black", width=3)
    for place in (1.3, 3.1, 5.3, 7.1):
        _arrow(axes, (place, bus), (place, gates - 0.35))
    axes.plot([0, 7.1], [bus, bus], color=_LINE, linewidth=1.6)
    axes.plot([0.4, 0.4], [-0.35, bus], color=_LINE, linewidth=1.6)
    _arrow(axes, (1.3, gates), (1.3, top - 0.2), colour=_GATE)
    _arrow(axes, (3.1, gates), (3.1, 2.25), (4.0, 2.25), colour=_GATE)
    _arrow(axes, (5.3, gates), (5.3, 2.25), (4.4, 2.25), colour=_CANDIDATE)
    _arrow(axes, (4.2, 2.25), (4.2, top - 0.2))
    _arrow(axes, (7.1, gates), (7.1, 2.0), (8.4, 2.0), colour=_GATE)
    _arrow(axes, (8.6, top), (8.6, 2.2))
    _arrow(axes, (8.6, 2.0), (9.7, 2.0))
    _box(axes, (1.3, gates), "forget $f$", _GATE, number["f"])
    _box(axes, (3.1, gates), "input $i$", _GATE, number["i"])
    _box(axes, (5.3, gates), "candidate $g$", _CANDIDATE, number["g"])
    _box(axes, (7.1, gates), "output $o$", _GATE, number["o"])
    _box(axes, (8.6, 2.78), "tanh", _LINE)
    for place, sign in (((1.3, top), "×"), ((4.2, top), "+"), ((4.2, 2.25), "×")):
        _ring(axes, place, sign)
    _ring(axes, (8.6, 2.0), "×")
    _state(axes, (0, top), "$c_{t-1}$", number["cell"], "right")
    _state(axes, (9.7, top), "$c_t$", number["next_cell"], "left")
    _state(axes, (0, bus), "$h_{t-1}$", number["hidden"], "right")
    _state(axes, (0.4, -0.75), "$x_t$", number["x"], "center")
    _state(axes, (9.7, 2.0), "$h_t$", number["next_hidden"], "left")


def gru_cell(*, x, hidden, z, r, candidate, next_hidden):
    """Draw one step of a GRU with one unit: the state as a straight line on top, the gates below it.

    Parameters
    ----------
    x, hidden : float
        The input of the step, and the state before it.
    z, r : float
        Update gate and reset gate.
    candidate : float
        What the state becomes where the update gate is 0.
    next_hidden : float
        The state after the step.

    Raises
    ------
    TypeError, ValueError
        If an argument is no real number.

    References
    ----------
    Cho, K., et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. https://arxiv.org/abs/1406.1078v1
    """
    number = _numbers({"x": x, "hidden": hidden, "z": z, "r": r, "candidate": candidate} | {"next_hidden": next_hidden})
    number["1 - z"] = f"{1 - z:.3f}"
    axes = _canvas(-1.15)
    top, gates, bus = 3.4, 1.15, 0.15
    _arrow(axes, (0, top), (9.7, top), colour="black", width=3)
    for place in (1.8, 4.4, 7.2):
        _arrow(axes, (place, bus), (place, gates - 0.35))
    axes.plot([0, 7.2], [bus, bus], color=_LINE, linewidth=1.6)
    axes.plot([0.4, 0.4], [-0.35, bus], color=_LINE, linewidth=1.6)
    _arrow(axes, (1.8, gates), (1.8, top - 0.2), colour=_GATE)
    _arrow(axes, (1.8, 2.25), (7.0, 2.25), colour=_GATE)
    _arrow(axes, (4.4, gates), (6.28, gates), colour=_GATE)
    _arrow(axes, (7.2, gates), (7.2, 2.05), colour=_CANDIDATE)
    _arrow(axes, (7.2, 2.25), (7.2, top - 0.2))
    _box(axes, (1.8, gates), "update $z$", _GATE, number["z"])
    _box(axes, (4.4, gates), "reset $r$", _GATE)
    axes.text(5.2, gates + 0.17, number["r"], color=_GATE, fontsize=11, ha="left")
    axes.text(4.4, 2.4, f"1 − z = {number['1 - z']}", color=_GATE, fontsize=11, ha="center")
    _box(axes, (7.2, gates), "candidate $\\tilde{h}$", _CANDIDATE, number["candidate"])
    for place, sign in (((1.8, top), "×"), ((7.2, top), "+"), ((7.2, 2.25), "×")):
        _ring(axes, place, sign)
    _state(axes, (0, top), "$h_{t-1}$", number["hidden"], "right")
    _state(axes, (0, bus), "$h_{t-1}$", "", "right")
    _state(axes, (0.4, -0.75), "$x_t$", number["x"], "center")
    _state(axes, (9.7, top), "$h_t$", number["next_hidden"], "left")
