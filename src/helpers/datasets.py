"""Real data sets that are on disk, and one that is drawn at random: nothing is downloaded.

Each docstring states the source and the licence, and so does each file in ``helpers/data``.
"""

from collections.abc import Sequence
from importlib.resources import as_file, files

import matplotlib.image
import numpy as np

from helpers._arguments import empty_array, real_number, whole_number, whole_numbers

_FOLDER = files("helpers") / "data"


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Images of hand-written digits, 8 x 8 grey values each.

    Source: the test part of *Optical Recognition of Handwritten Digits*; Alpaydin, E., & Kaynak, C. (1998), UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49, as distributed with scikit-learn. Licence: CC BY 4.0.

    Returns
    -------
    images : numpy.ndarray
        Shape (1797, 8, 8, 1), float64: the share of ink in each field, from 0 (none) to 1 (all of its 16 dots).
    labels : numpy.ndarray
        Shape (1797,), int64: the digit, 0 to 9.

    Examples
    --------
    >>> images, labels = load_digits()
    >>> images.shape, labels[:5]
    ((1797, 8, 8, 1), array([0, 1, 2, 3, 4]))
    """
    _, table = _read_table("digits.csv")
    return table[:, :-1].reshape(-1, 8, 8, 1) / 16, table[:, -1].astype(np.int64)


def load_photo() -> np.ndarray:
    """Colour photograph of a Chinese temple roof, 427 x 640.

    Source: danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035, as distributed with scikit-learn.
    Licence: CC BY 2.0.

    Returns
    -------
    numpy.ndarray
        Shape (427, 640, 3), float64: red, green, blue, each from 0 (dark) to 1 (bright).
    """
    with as_file(_FOLDER / "china.jpg") as path:
        return matplotlib.image.imread(path) / 255


def load_diabetes() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Ten measurements of each of 442 diabetes patients, and how far the disease had got one year later.

    Source: Efron, B., Hastie, T., Johnstone, I., & Tibshirani, R. (2004). Least angle regression. *Annals of
    Statistics* 32(2), 407-499. https://doi.org/10.1214/009053604000000067, as distributed with scikit-learn, unscaled.
    The authors made the data public without a licence text; scikit-learn distributes them under BSD-3-Clause.

    Returns
    -------
    features : numpy.ndarray
        Shape (442, 10), float64, as measured: age in years; sex (coded 1, 2); body mass index in kg/m2; average
        blood pressure in mmHg; six blood serum measurements (s1 to s6, not all of documented unit).
    targets : numpy.ndarray
        Shape (442,), float64: a measure of disease progression after one year, 25 to 346, without unit.
    feature_names : list of str
        The ten names, in the order of the columns.
    """
    names, table = _read_table("diabetes.csv")
    return table[:, :-1].copy(), table[:, -1].copy(), names[:-1]


def load_sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Yearly mean sunspot numbers from 1700 to 2008: the classical series, before the recalibration of 2015.

    Source: US National Geophysical Data Center, as distributed with statsmodels; the file
    ``helpers/data/sunspots.csv`` names both. Licence: public domain.

    Returns
    -------
    years : numpy.ndarray
        Shape (309,), int64.
    numbers : numpy.ndarray
        Shape (309,), float64: the mean sunspot number of the year, 0 to 190.2, without unit.
    """
    _, table = _read_table("sunspots.csv")
    return table[:, 0].astype(np.int64), table[:, 1]


def two_moons(number: int, spread: float, seed: int | Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Points of two half circles that reach into each other, which no straight line separates.

    These are no real data: they are drawn at random, evenly along the half circles, with normal noise.

    Parameters
    ----------
    number : int
        How many points, at least 1; every other one belongs to the lower moon.
    spread : float
        Standard deviation of the noise in either direction, 0 or more; the half circles have the radius 1.
    seed : int or sequence of int
        As for :func:`numpy.random.default_rng`, 0 or more.

    Returns
    -------
    points : numpy.ndarray
        Shape (number, 2), float64.
    labels : numpy.ndarray
        Shape (number,), int64: 0 for the upper moon, around (0, 0), and 1 for the lower one, around (1, 0.5).

    Raises
    ------
    TypeError
        If `number` or `seed` is no whole number or `spread` no real number.
    ValueError
        If one of them is too small, or `number` too large for the memory.

    Examples
    --------
    >>> points, labels = two_moons(100, spread=0.1, seed=0)
    >>> points.shape, labels[:4]
    ((100, 2), array([0, 1, 0, 1]))
    """
    number = whole_number(number, "number", minimum=1)
    spread = real_number(spread, "spread", minimum=0)
    seed = whole_numbers(seed, "seed", 0) if np.iterable(seed) else whole_number(seed, "seed", 0)
    rng = np.random.default_rng(seed)
    arcs = empty_array((number, 2), np.float64, "number")
    labels = np.arange(number) % 2
    angles = rng.uniform(0, np.pi, number)
    arcs[:, 0], arcs[:, 1] = np.cos(angles), np.sin(angles)
    points = np.where(labels[:, np.newaxis] == 0, arcs, [1, 0.5] - arcs)
    return points + rng.normal(scale=spread, size=points.shape), labels


def load_text() -> str:
    """Four poems by Lewis Carroll, a short text to learn the order of letters from.

    Source: *Alice's Adventures in Wonderland* (1865) and *Through the Looking-Glass* (1871); the file
    ``helpers/data/carroll.txt`` names the poems. Licence: public domain.

    Returns
    -------
    str
        6087 characters of ASCII: lines that end in a newline, an empty line after each stanza but the last.
    """
    lines = (_FOLDER / "carroll.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def _read_table(name):
    """Return the names of the columns, which stand below the comments, and the numbers."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    names, *rows = (line for line in lines if not line.startswith("#"))
    return names.split(","), np.loadtxt(rows, delimiter=",")
