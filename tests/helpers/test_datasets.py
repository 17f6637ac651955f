"""The data sets against what their sources say of them."""

import hashlib
import socket
from importlib.resources import files

import numpy as np
import pytest

from helpers import datasets


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a data set asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_digits_are_1797_images_of_ten_digits_scaled_to_1():
    images, labels = datasets.load_digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8, 1), np.float64)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    # Counts by class, from the description of the test set at the UCI repository.
    np.testing.assert_array_equal(np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert set(np.unique(images * 16)) == set(range(17))
    # The first image is a zero: ink around, none in the middle.
    assert labels[0] == 0
    assert images[0, 3:5, 3:5].max() == 0
    assert images[0, 1, 2:5].min() > 0


def test_photo_is_in_colour_between_0_and_1_with_the_sky_above():
    photo = datasets.load_photo()
    assert (photo.shape, photo.dtype) == ((427, 640, 3), np.float64)
    assert photo.min() == 0
    assert photo.max() == 1
    assert photo[:50].mean() > photo[-50:].mean()


def test_diabetes_has_raw_features_of_442_patients():
    features, targets, names = datasets.load_diabetes()
    assert (features.shape, features.dtype) == ((442, 10), np.float64)
    assert (targets.shape, targets.dtype) == ((442,), np.float64)
    assert names == ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    # The first patient of the paper's table 1, and the mean of the response.
    np.testing.assert_array_equal(features[0, :9], [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598])
    assert targets[0] == 151
    assert (targets.min(), targets.max()) == (25, 346)
    assert set(np.unique(features[:, 1])) == {1, 2}


def test_sunspots_are_yearly_from_1700_to_2008_with_the_known_extremes():
    years, numbers = datasets.load_sunspots()
    assert (years.dtype, numbers.dtype) == (np.int64, np.float64)
    np.testing.assert_array_equal(years, np.arange(1700, 2009))
    assert numbers.min() == 0
    # The recalibrated series has other numbers.
    assert (years[numbers.argmax()], numbers.max()) == (1957, 190.2)
    # No spots were seen during the Maunder minimum's last years and in 1810.
    assert set(years[numbers == 0]) == {1711, 1712, 1810}


STORED = sorted(path.name for path in (files("helpers") / "data").iterdir() if path.suffix != ".license")


@pytest.mark.parametrize("name", STORED)
def test_each_stored_file_names_its_source_and_licence(name):
    # A picture has them in a file beside it.
    beside = f"{name}.license" if name.endswith(".jpg") else name
    text = (files("helpers") / "data" / beside).read_text(encoding="utf-8")
    header = [line for line in text.splitlines() if line.startswith("#")]
    assert any("Source:" in line for line in header)
    assert any("Licence:" in line for line in header)


DIGESTS = {
    "carroll.txt": "4628398e435f83d0622497c871ad79d8e4b13970fa66f9ebfc11ec113929a407",
    "china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    "diabetes.csv": "80f01711aeb64281b0b80e2e18fe160f42742d64a46842d8e5111e483efd567c",
    "digits.csv": "9c6c915937592f616f5a6dce69e447ba176f042d98a9a0c340f287842533ebd3",
    "sunspots.csv": "31ee153eb98128c2204427df10447ca5b033d91eb167741befa28fe697f80277",
}


@pytest.mark.parametrize("name", STORED)
def test_each_stored_file_is_the_one_that_was_compared_with_its_source(name):
    content = (files("helpers") / "data" / name).read_bytes()
    if not name.endswith(".jpg"):
        # As text, because a checkout may end its lines otherwise.
        content = content.replace(b"\r\n", b"\n")
    assert hashlib.sha256(content).hexdigest() == DIGESTS[name]


@pytest.mark.parametrize("name", [name for name in dir(datasets) if name.startswith("load_")])
def test_each_loader_names_source_and_licence_and_returns_fresh_arrays(name):
    load = getattr(datasets, name)
    assert "Source:" in load.__doc__
    assert "licence" in load.__doc__.lower()
    first, second = load(), load()
    for one, other in zip(first, second, strict=True):
        if isinstance(one, np.ndarray):
            assert not np.shares_memory(one, other)
            np.testing.assert_array_equal(one, other)


def test_text_is_the_four_poems_without_the_header():
    text = datasets.load_text()
    assert text.isascii()
    assert len(text) == 6087
    assert text.startswith("How doth the little crocodile\n")
    assert text.endswith("They'd eaten every one.\n")
    assert "#" not in text
    # Stanzas as in the books: 2 of the crocodile, 8 of Father William, 3 of the
    # Lobster Quadrille, 18 of the Walrus and the Carpenter.
    stanzas = text.rstrip("\n").split("\n\n")
    assert [stanza.count("\n") + 1 for stanza in stanzas] == [4] * 10 + [6] * 21


def test_two_moons_lie_on_their_half_circles_and_no_line_separates_them():
    points, labels = datasets.two_moons(1000, 0.0, 0)
    centres = np.array([[0, 0], [1, 0.5]])[labels]
    np.testing.assert_allclose(np.linalg.norm(points - centres, axis=1), 1)
    upper, lower = points[labels == 0], points[labels == 1]
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    # The tip of each moon lies among the points of the other.
    assert upper[:, 1].min() < 0.05
    assert lower[:, 1].max() > 0.45
    with_constant = np.column_stack([points, np.ones(1000)])
    plane = np.linalg.lstsq(with_constant, 2 * labels - 1)[0]
    assert ((with_constant @ plane > 0) == labels).mean() < 0.95


def test_two_moons_have_the_spread_that_is_asked_for_and_depend_on_the_seed_alone():
    quiet, labels = datasets.two_moons(5000, 0.0, 3)
    noisy, same_labels = datasets.two_moons(5000, 0.2, 3)
    np.testing.assert_array_equal(labels, np.arange(5000) % 2)
    np.testing.assert_array_equal(labels, same_labels)
    np.testing.assert_allclose((noisy - quiet).std(axis=0), 0.2, rtol=0.05)
    np.testing.assert_array_equal(noisy, datasets.two_moons(5000, 0.2, 3)[0])
    assert (noisy != datasets.two_moons(5000, 0.2, 4)[0]).all()
