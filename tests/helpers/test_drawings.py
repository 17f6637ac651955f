"""Each drawing shows the numbers that it was given, none of its texts overlapping."""

import itertools

import matplotlib.pyplot as plt
import pytest

from helpers import drawings

LSTM = {"x": 1.0, "hidden": -0.3, "cell": 0.5, "i": 0.111, "f": 0.222, "g": -0.333}
LSTM |= {"o": 0.444, "next_cell": -0.555, "next_hidden": 0.666}
GRU = {"x": 1.0, "hidden": -0.3, "z": 0.7, "r": 0.222, "candidate": -0.333}
GRU |= {"next_hidden": 0.444}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts():
    return [text for text in plt.gca().texts if text.get_text()]


@pytest.mark.parametrize(("draw", "numbers"), [(drawings.lstm_cell, LSTM), (drawings.gru_cell, GRU)])
def test_cell_shows_each_number_once_and_its_texts_apart(draw, numbers):
    draw(**numbers)
    written = "\n".join(text.get_text() for text in texts())
    for value in numbers.values():
        assert written.count(f"{value:.3f}".replace("-", "−")) == 1, value
    plt.gcf().canvas.draw()
    boxes = [text.get_window_extent() for text in texts()]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


def test_gru_shows_what_lets_the_candidate_in():
    drawings.gru_cell(**GRU)
    assert "1 − z = 0.300" in [text.get_text() for text in texts()]


@pytest.mark.parametrize("steps", [1, 4, 11])
def test_unrolled_has_an_input_a_state_and_an_output_for_each_step(steps):
    drawings.unrolled(steps)
    written = [text.get_text() for text in texts()]
    for t in range(1, steps + 1):
        for letter in "xhy":
            assert written.count(f"${letter}_{{{t}}}$") == 1
    assert written.count("$h_{0}$") == 1
    assert [written.count(f"$W_{kind}$") for kind in "xhy"] == [steps] * 3
