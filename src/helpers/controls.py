"""Sliders, menus and boxes to tick, each of which draws a figure again when a reader moves it."""

import ipywidgets
from IPython.display import display


def show(draw, **choices):
    """Show a control for each argument of `draw`, and below them, after the first change, what it draws and prints.

    Nothing is drawn before that: a figure for the defaults belongs into the cell above, where it also stands for the
    controls wherever these cannot work, such as on a web page.

    Parameters
    ----------
    draw : callable
        Draws with pyplot. The defaults of its arguments are the first values of the controls.
    **choices
        For each argument of `draw`, ``(lowest, highest)`` or ``(lowest, highest, step)`` for a slider, a list for a
        menu, or True or False for a box to tick, as for :func:`ipywidgets.interact`.
    """
    # Told to wait for a button, ipywidgets does not draw at once. The button is hidden: each change draws.
    control = ipywidgets.interactive(draw, {"manual": True}, **choices)
    control.manual_button.layout.display = "none"
    for widget in control.kwargs_widgets:
        widget.observe(control.update, names="value")
        widget.style.description_width = "9em"
        widget.layout.width = "34em"
    # The text that stands for a control is of no use to a reader. By the tag, `make build` leaves the rest out too: it
    # holds an id that is drawn at random.
    display(control, exclude=["text/plain"], metadata={"tags": ["control"]})
