"""Bad calls of every public function of `helpers`: the right exception, which names the argument, and no input changed.

Odd but right calls are here too: arrays of any layout, byte order and type, with and without entries.
"""

import copy
import importlib
import inspect
import itertools
import pkgutil
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import helpers
from helpers import (
    controls,
    datasets,
    drawings,
    plotting,
    pooled_networks,
    sequence_training,
    window_networks,
)
from helpers.backpropagation import (
    dense,
    dense_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    tanh,
    tanh_backward,
    train_classifiers,
)
from helpers.checks import judge
from helpers.convolution import conv2d, conv2d_backward
from helpers.gradient_check import gradient_error, numerical_gradient
from helpers.gradient_descent import adam, gradient_descent, momentum
from helpers.pooled_networks import gradients, logits, starting_weights, train
from helpers.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)
from helpers.recurrent_networks import gru, lstm, simple_rnn, simple_rnn_backward


def square(theta):
    return theta**2


def double(theta):
    return 2 * theta


def ones(*shape):
    return np.ones(shape)


# A right call of each function, which a row of the table spoils in one argument.
DESCENT = {"gradient": double, "start": [1.0, 2.0], "learning_rate": 0.1, "steps": 2}
ACTIVATION_BACKWARD = {"upstream": ones(4, 3), "inputs": ones(4, 3)}
CROSS_ENTROPY = {"logits": ones(4, 3), "labels": [0, 1, 2, 0]}
# Two networks, each trained on 25 of 30 images of 4 x 5 pixels.
NETWORKS = {
    "images": ones(30, 4, 5),
    "labels": [0, 1, 2] * 10,
    "examples": [[*range(25)], [*range(5, 30)]],
}
PARAMETERS = [ones(2, 3, 3, 2), ones(2, 2), ones(2, 12, 10), ones(2, 10)]
HIDDEN = {"size": 3, "units": 2}
CLASSIFIERS = {
    "inputs": ones(4, 3),
    "labels": [0, 1, 1, 0],
    "networks": [[(ones(3, 2), ones(2))], [(ones(3, 2), ones(2))]],
    "batches": [[[0, 1], [2, 3]], [[0, 3], [1, 2]]],
    "learning_rate": 0.1,
}
CONVOLUTION = {"images": ones(2, 5, 6, 3), "filters": ones(3, 2, 3, 4)}
POOLING = {"images": ones(2, 5, 6, 3), "ksize": 2, "strides": 1}
SOME_POOLS = [("max", 2, 2), ("average", 3, 1)]
POOLED = {
    "weights": starting_weights(SOME_POOLS, (5, 6), [1, 2]),
    "pools": SOME_POOLS,
    "images": ones(2, 30, 5, 6),
}
TEN_LABELS = np.tile(np.arange(10), (2, 3))
RECURRENT = {
    "inputs": ones(2, 3, 4),
    "kernel": ones(4, 5),
    "recurrent_kernel": ones(5, 5),
    "bias": ones(5),
    "initial_state": ones(2, 5),
}
GATED = {
    blocks: RECURRENT
    | {
        "kernel": ones(4, 5 * blocks),
        "recurrent_kernel": ones(5, 5 * blocks),
        "bias": ones(5 * blocks),
    }
    for blocks in (3, 4)
}
TRAINED = sequence_training.start("gru", [0], features=2, units=3, outputs=1)

RIGHT = {
    gradient_descent: DESCENT,
    momentum: DESCENT,
    adam: DESCENT,
    numerical_gradient: {"function": np.sum, "point": [1.0, 2.0], "step": 1e-6},
    gradient_error: {
        "function": np.sum,
        "gradient": np.ones_like,
        "point": [1.0, 2.0],
    },
    dense: {"inputs": ones(4, 3), "kernel": ones(3, 2), "bias": ones(2)},
    dense_backward: {
        "upstream": ones(4, 2),
        "inputs": ones(4, 3),
        "kernel": ones(3, 2),
    },
    relu: {"inputs": ones(4, 3)},
    sigmoid: {"inputs": ones(4, 3)},
    tanh: {"inputs": ones(4, 3)},
    relu_backward: ACTIVATION_BACKWARD,
    sigmoid_backward: ACTIVATION_BACKWARD,
    tanh_backward: ACTIVATION_BACKWARD,
    softmax_cross_entropy: CROSS_ENTROPY,
    softmax_cross_entropy_backward: CROSS_ENTROPY,
    train_classifiers: CLASSIFIERS,
    conv2d: CONVOLUTION,
    conv2d_backward: {"upstream": ones(2, 3, 5, 4)} | CONVOLUTION,
    max_pool2d: POOLING,
    avg_pool2d: POOLING,
    max_pool2d_backward: {"upstream": ones(2, 4, 5, 3)} | POOLING,
    avg_pool2d_backward: {"upstream": ones(2, 4, 5, 3)} | POOLING,
    starting_weights: {"pools": SOME_POOLS, "size": (5, 6), "seeds": [1, 2], "filters": 3},
    logits: POOLED,
    gradients: POOLED | {"labels": TEN_LABELS.tolist()},
    train: {
        "pools": SOME_POOLS,
        "images": ones(2, 30, 5, 6),
        "labels": TEN_LABELS.tolist(),
        "seeds": [1, 2],
        "passes": 1,
        "filters": 3,
        "rate": 0.01,
        "moves": 1,
    },
    simple_rnn: RECURRENT,
    simple_rnn_backward: {
        "upstream": ones(2, 3, 5),
        "inputs": ones(2, 3, 4),
        "states": ones(2, 3, 5),
        "kernel": ones(4, 5),
        "recurrent_kernel": ones(5, 5),
        "initial_state": ones(2, 5),
    },
    lstm: GATED[4] | {"initial_state": (ones(2, 5), ones(2, 5))},
    gru: GATED[3] | {"bias": ones(2, 15)},
    judge: {
        "function": double,
        "expected": double,
        "cases": [(ones(2),)],
        "rtol": 1e-6,
    },
    sequence_training.start: {"cell": "gru", "seeds": [0], "features": 2, "units": 3, "outputs": 1},
    sequence_training.run: {"networks": TRAINED, "inputs": ones(5, 4, 2)},
    sequence_training.gradient: {
        "networks": TRAINED,
        "inputs": ones(5, 4, 2),
        "targets": ones(5, 4, 1),
        "loss": "mse",
    },
    sequence_training.fit: {"networks": TRAINED, "batches": [], "loss": "mse", "learning_rate": 0.1, "limit": 1.0},
    sequence_training.train: {"networks": TRAINED, "batches": [], "loss": "mse", "learning_rate": 0.1, "limit": 1.0},
    drawings.unrolled: {"steps": 3},
    drawings.lstm_cell: dict.fromkeys(
        ("x", "hidden", "cell", "i", "f", "g", "o", "next_cell", "next_hidden"), 0.5
    ),
    drawings.gru_cell: dict.fromkeys(("x", "hidden", "z", "r", "candidate", "next_hidden"), 0.5),
    controls.show: {"draw": lambda rate=0.5: None},
    datasets.load_digits: {},
    datasets.load_photo: {},
    datasets.load_diabetes: {},
    datasets.load_sunspots: {},
    datasets.load_text: {},
    window_networks.split: {"count": 9, "sizes": [4, 3], "splits": 2},
    window_networks.initial_parameters: {"image_size": (4, 5), "splits": 2} | HIDDEN,
    window_networks.train: NETWORKS | HIDDEN | {"learning_rate": 0.1, "epochs": 1},
    window_networks.accuracy: NETWORKS | {"parameters": PARAMETERS},
    window_networks.softmax_regression_accuracy: NETWORKS | {"test": [[0], [1]]},
    plotting.windows: {"steps": {"a": {"image": ones(3, 3), "kernel": ones(2, 2), "place": (0, 1)}}},
    datasets.two_moons: {"number": 4, "spread": 0.1, "seed": 0},
    plotting.lines: {"x": [1, 2], "series": {"a": [3, 4]}, "x_label": "x", "y_label": "y"},
    plotting.points_and_lines: {
        "x": [1, 2],
        "y": [3, 4],
        "fits": {},
        "x_label": "x",
        "y_label": "y",
    },
    plotting.images: {"panels": {"a": ones(2, 2)}},
    plotting.paths_on_curve: {
        "function": square,
        "interval": (0, 1),
        "paths": {"a": [1, 0]},
        "x_label": "x",
        "y_label": "y",
    },
    plotting.paths_on_contours: {
        "panels": {"a": (lambda at: at.sum(axis=-1), ones(3, 2), [0, 0])},
        "x_label": "x",
        "y_label": "y",
    },
    plotting.table: {"counts": [[1, 0], [0, 2]], "x_label": "x", "y_label": "y"},
    plotting.repeats: {"groups": {"a": {"b": [1, 2]}}, "x_label": "x"},
    plotting.runs: {"x": [1, 2], "panels": {"a": [[3, 4]]}, "x_label": "x", "y_label": "y"},
    plotting.diagram: {"boxes": {"a": (0, 0), "b": (1, 0)}, "arrows": [("a", "b")]},
    plotting.network: {
        "outputs": [[1, 2], [3]],
        "kernels": [[[1], [1]]],
        "biases": [[0]],
        "input_names": ["a", "b"],
    },
    plotting.graph: {
        "boxes": {"a": (0, 0, 1, 2), "b": (1, 0, 3, 1)},
        "arrows": [("a", "b", 2)],
    },
    plotting.decision_regions: {
        "panels": {"a": lambda points: points[:, 0]},
        "points": ones(2, 2),
        "labels": [0, 1],
        "x_label": "x",
        "y_label": "y",
    },
}  # fmt: skip

REAL = "hold real numbers, got dtype "
RAGGED = [[1.0], [1.0, 2.0]]
PLAIN = "be a plain array"
EQUAL_ROWS = "be an array whose rows have equal lengths"


def is_shape(expected, got):
    """Return the message on an array of a wrong shape."""
    return rf"have shape \({expected}\) .*, got \({got}\)"


def not_real(*names):
    """Return rows for each of some arguments that must be arrays of real numbers."""
    values = [
        (TypeError, REAL + "complex128", 1j),
        (TypeError, REAL + "bool", [True]),
        (TypeError, REAL + "object", [None]),
        (TypeError, REAL + "object", [10**30]),
        (TypeError, REAL + "<U1", ["a"]),
        (TypeError, REAL + "datetime64", np.array(["2020-01-01"], "M8[D]")),
        (TypeError, REAL + "object", {"a": 1}),
        (TypeError, PLAIN, np.ma.masked_array([1.0, 2.0], mask=[True, False])),
        (TypeError, PLAIN, [(1.0, 2.0), np.ma.masked_array([1.0, 2.0], mask=[True, False])]),
        (ValueError, EQUAL_ROWS, RAGGED),
        (ValueError, EQUAL_ROWS, [ones(2, 3), ones(2)]),
    ]
    return [(name, value, error, says) for name in names for error, says, value in values]


# Functions; the argument that is spoiled, its value, the exception, and what its message says after "must".
TABLE = [
    (
        [gradient_descent, momentum, adam],
        [
            *not_real("start"),
            ("learning_rate", 0, ValueError, r"lie in \(0, inf\), got 0"),
            ("learning_rate", -0.1, ValueError, r"lie in \(0, inf\), got -0.1"),
            ("learning_rate", np.nan, ValueError, "lie in .*, got nan"),
            ("learning_rate", np.inf, ValueError, "lie in .*, got inf"),
            ("learning_rate", 10**400, ValueError, "lie in .*, got 1000"),
            ("learning_rate", np.longdouble("1e-4000"), ValueError, "lie in "),
            ("learning_rate", "0.1", TypeError, "be a real number, got '0.1'"),
            ("learning_rate", True, TypeError, "be a real number, got True"),
            ("learning_rate", 1j, TypeError, "be a real number, got 1j"),
            ("learning_rate", ones(2), TypeError, "be a real number, got array"),
            ("steps", -1, ValueError, "be at least 0, got -1"),
            ("steps", 2.0, TypeError, "be a whole number, got 2.0"),
            ("steps", True, TypeError, "be a whole number, got True"),
            ("steps", 10**30, ValueError, "be small enough for the memory at hand"),
            ("gradient", 5, TypeError, "be a function, got 5"),
            ("gradient", lambda theta: theta[:1], ValueError, is_shape("2,", "1,")),
            ("gradient", lambda theta: theta[:, None], ValueError, is_shape("2,", "2, 1")),
            ("gradient", lambda theta: None, TypeError, REAL + "object"),
        ],
    ),
    (
        [momentum],
        [
            ("beta", 1.0, ValueError, r"lie in \[0, 1\), got 1.0"),
            ("beta", -0.1, ValueError, r"lie in \[0, 1\), got -0.1"),
            ("beta", np.nan, ValueError, "lie in .*, got nan"),
            ("beta", None, TypeError, "be a real number, got None"),
        ],
    ),
    (
        [adam],
        [
            ("beta_1", 1.0, ValueError, r"lie in \[0, 1\), got 1.0"),
            ("beta_2", 1.0, ValueError, r"lie in \[0, 1\), got 1.0"),
            # 1 in float32, which Keras uses for the correction.
            ("beta_1", 1 - 1e-12, ValueError, r"lie in .* float32 too, got 0\.9{11}"),
            ("beta_2", 1 - 1e-12, ValueError, r"lie in .* float32 too, got 0\.9{11}"),
            ("beta_2", -1, ValueError, r"lie in \[0, 1\), got -1"),
            ("epsilon", 0.0, ValueError, r"lie in \(0, inf\), got 0.0"),
            ("epsilon", "1e-7", TypeError, "be a real number, got '1e-7'"),
        ],
    ),
    (
        [numerical_gradient, gradient_error],
        [
            *not_real("point"),
            ("point", [np.nan], ValueError, r"be finite, got array\(\[nan\]\)"),
            ("point", [np.inf], ValueError, r"be finite, got array\(\[inf\]\)"),
            ("function", 5, TypeError, "be a function, got 5"),
            ("function", square, ValueError, "return one real number, got array"),
            ("function", lambda x: None, ValueError, "return one real number"),
            ("function", lambda x: 1j, ValueError, "return one real number"),
            ("function", lambda x: "a", ValueError, "return one real number"),
            ("function", lambda x: RAGGED, ValueError, "return one real number"),
            ("function", lambda x: 10**400, ValueError, "return one real number"),
            ("function", lambda x: np.nan, ValueError, "be finite around point.*nan"),
            ("function", lambda x: np.inf, ValueError, "be finite around point.*inf"),
        ],
    ),
    (
        [numerical_gradient],
        [
            ("step", 0, ValueError, r"lie in \(0, inf\), got 0"),
            ("step", -1e-6, ValueError, r"lie in \(0, inf\), got -1e-06"),
            ("step", np.nan, ValueError, "lie in .*, got nan"),
            ("step", np.inf, ValueError, "lie in .*, got inf"),
            ("step", "small", TypeError, "be a real number, got 'small'"),
            # Too small to change the coordinate, or too large for a float.
            ("step", 1e-30, ValueError, "move each coordinate of point .* 1e-30 for"),
            ("step", 1.5e308, ValueError, "move each coordinate of point .* 1.5e.308"),
        ],
    ),
    (
        [gradient_error],
        [
            ("gradient", 5, TypeError, "be a function, got 5"),
            ("gradient", lambda x: ones(3), ValueError, is_shape("2,", "3,")),
            ("gradient", lambda x: ones(2, 1), ValueError, is_shape("2,", "2, 1")),
            ("gradient", lambda x: 1.0, ValueError, is_shape("2,", "")),
            ("gradient", lambda x: [np.nan, 1], ValueError, "be finite"),
            ("gradient", lambda x: None, TypeError, REAL + "object"),
        ],
    ),
    (
        [dense, dense_backward],
        [
            *not_real("inputs", "kernel"),
            ("inputs", ones(3), ValueError, r"have 2 axes, got shape \(3,\)"),
            ("inputs", ones(1, 4, 3), ValueError, r"have 2 axes, got shape \(1, 4, 3"),
            ("kernel", ones(2), ValueError, r"have 2 axes, got shape \(2,\)"),
            ("kernel", ones(2, 3), ValueError, is_shape("3, 3", "2, 3")),
        ],
    ),
    (
        [dense],
        [
            *not_real("bias"),
            ("bias", ones(1, 2), ValueError, r"have 1 axes, got shape \(1, 2\)"),
            ("bias", ones(1), ValueError, is_shape("2,", "1,")),
            ("bias", ones(3), ValueError, is_shape("2,", "3,")),
        ],
    ),
    (
        [dense_backward],
        [
            *not_real("upstream"),
            ("upstream", ones(2), ValueError, r"have 2 axes, got shape \(2,\)"),
            ("upstream", ones(1, 2), ValueError, is_shape("4, 2", "1, 2")),
            ("upstream", ones(4, 1), ValueError, is_shape("4, 2", "4, 1")),
        ],
    ),
    ([relu, sigmoid, tanh], not_real("inputs")),
    (
        [relu_backward, sigmoid_backward, tanh_backward],
        [
            *not_real("upstream", "inputs"),
            ("upstream", 1.0, ValueError, is_shape("4, 3", "")),
            ("upstream", ones(1, 3), ValueError, is_shape("4, 3", "1, 3")),
        ],
    ),
    (
        [softmax_cross_entropy, softmax_cross_entropy_backward],
        [
            *not_real("logits", "labels"),
            ("logits", ones(3), ValueError, r"have 2 axes, got shape \(3,\)"),
            ("logits", ones(0, 3), ValueError, r"hold at least one .* \(0, 3\)"),
            ("logits", ones(4, 0), ValueError, r"hold at least one .* \(4, 0\)"),
            ("logits", [[1, 0], [np.nan, 0]], ValueError, r"hold in each row .* got \[nan"),
            ("logits", [[0, np.inf]], ValueError, r"hold in each row .* got \[ 0. inf"),
            ("logits", [[-np.inf] * 2], ValueError, "hold in each row a finite value"),
            ("labels", [0, 1, 2], ValueError, is_shape("4,", "3,")),
            ("labels", 0, ValueError, is_shape("4,", "")),
            ("labels", np.eye(4, 3, dtype=int), ValueError, is_shape("4,", "4, 3")),
            ("labels", [[0], [1], [2], [0]], ValueError, is_shape("4,", "4, 1")),
            ("labels", [[0], [1, 2]], ValueError, EQUAL_ROWS),
            ("labels", [0, 1, 2, 3], ValueError, r"lie in \[0, 3\).*, got 3"),
            ("labels", [0, 1, 2, -1], ValueError, r"lie in \[0, 3\).*, got -1"),
            ("labels", np.uint64([0, 1, 2, 2**63]), ValueError, r"lie in \[0, 3\)"),
            ("labels", [0.0, 1, 2, 0], TypeError, "hold integers, got dtype float64"),
            ("labels", [0, 1, np.nan, 0], TypeError, "hold integers, got dtype float"),
            ("labels", [True] * 4, TypeError, REAL + "bool"),
            ("labels", ["0", "1", "2", "0"], TypeError, REAL),
        ],
    ),
    (
        [conv2d, conv2d_backward],
        [
            *not_real("images", "filters"),
            ("images", ones(5, 6, 3), ValueError, r"have 4 axes, got shape \(5, 6, 3"),
            ("images", ones(2, 0, 6, 3), ValueError, "have pixels and channels"),
            ("images", ones(2, 5, 6, 0), ValueError, "have pixels and channels"),
            ("images", [[[[1], [2, 3]]]], ValueError, EQUAL_ROWS),
            ("filters", ones(3, 2, 3), ValueError, r"have 4 axes, got shape \(3, 2, 3"),
            ("filters", ones(3, 2, 3, 0), ValueError, "not be empty, got shape"),
            ("filters", ones(0, 2, 3, 4), ValueError, "not be empty, got shape"),
            ("filters", ones(3, 2, 1, 4), ValueError, "have as many channels .* 3"),
            ("filters", ones(6, 2, 3, 4), ValueError, "fit .* 5 .* height.* 6"),
            ("filters", ones(3, 7, 3, 4), ValueError, "fit .* 6 .* width.* 7"),
            ("strides", 1.5, TypeError, "be a whole number, got 1.5"),
            ("strides", True, TypeError, "be a whole number, got True"),
            ("strides", [1, 2, 2, 1], ValueError, "be .* a pair .*, got"),
            ("dilations", 0, ValueError, "be at least 1, got 0"),
            ("dilations", (2, 1.0), TypeError, "be a whole number, got 1.0"),
            ("dilations", (), ValueError, r"be .* a pair .*, got \(\)"),
            ("padding", 1, TypeError, 'be "VALID", "SAME" or .*, got 1'),
            ("padding", "FULL", ValueError, 'be "VALID", "SAME" or .*, got \'FULL\''),
            ("padding", (1, 1), TypeError, 'be "VALID", "SAME" or'),
            ("padding", ((1, 1),), ValueError, 'be "VALID", "SAME" or'),
            ("padding", ((0, 0), (1, 1), (1, 1), (0, 0)), ValueError, 'be "VALID"'),
            ("padding", ((0, 0.5), (0, 0)), TypeError, "be a whole number, got 0.5"),
        ],
    ),
    (
        [conv2d],
        [("padding", ((10**30, 0), (0, 0)), ValueError, "be small enough for the mem")],
    ),
    (
        [conv2d_backward],
        [
            ("upstream", ones(2, 3, 5, 3), ValueError, is_shape("2, 3, 5, 4", ".*")),
            ("upstream", ones(2, 3, 6, 4), ValueError, is_shape("2, 3, 5, 4", ".*")),
            ("upstream", ones(1, 3, 5, 4), ValueError, is_shape("2, 3, 5, 4", ".*")),
            ("upstream", ones(3, 5, 4), ValueError, r"have 4 axes, got shape"),
            *not_real("upstream"),
        ],
    ),
    (
        [max_pool2d, avg_pool2d, max_pool2d_backward, avg_pool2d_backward],
        [
            *not_real("images"),
            ("images", ones(5, 6, 3), ValueError, r"have 4 axes, got shape \(5, 6, 3"),
            ("images", ones(2, 5, 0, 3), ValueError, "have pixels and channels"),
            ("images", ones(2, 5, 6, 0), ValueError, "have pixels and channels"),
            ("ksize", (6, 2), ValueError, "fit .* 5 .* height.* 6"),
            ("ksize", (2, 7), ValueError, "fit .* 6 .* width.* 7"),
            ("ksize", 0, ValueError, "be at least 1, got 0"),
            ("ksize", (2, -2), ValueError, "be at least 1, got -2"),
            ("ksize", (2,), ValueError, r"be .* a pair .*, got \(2,\)"),
            ("ksize", [1, 2, 2, 1], ValueError, "be .* a pair .*, got"),
            ("ksize", 2.0, TypeError, "be a whole number, got 2.0"),
            ("ksize", None, TypeError, "be a whole number, got None"),
            ("padding", 0, TypeError, 'be "VALID", "SAME" or .*, got 0'),
            ("padding", (0, 0), TypeError, 'be "VALID", "SAME" or'),
            ("padding", ((0, 0),), ValueError, 'be "VALID", "SAME" or'),
            ("padding", ((0, 0), (0, 1.0)), TypeError, "be a whole number, got 1.0"),
            # A window that lies wholly in the padding has neither a maximum nor a mean.
            ("padding", ((2, 0), (0, 0)), ValueError, "be smaller than ksize"),
            ("padding", ((0, 0), (0, 2)), ValueError, "be smaller than ksize"),
        ],
    ),
    (
        [max_pool2d_backward, avg_pool2d_backward],
        [
            ("upstream", ones(2, 4, 5, 1), ValueError, is_shape("2, 4, 5, 3", ".*")),
            ("upstream", ones(2, 5, 4, 3), ValueError, is_shape("2, 4, 5, 3", ".*")),
            ("upstream", ones(1, 4, 5, 3), ValueError, is_shape("2, 4, 5, 3", ".*")),
            ("upstream", ones(4, 5, 3), ValueError, "have 4 axes, got shape"),
            *not_real("upstream"),
        ],
    ),
    (
        [
            conv2d,
            conv2d_backward,
            max_pool2d,
            avg_pool2d,
            max_pool2d_backward,
            avg_pool2d_backward,
        ],
        [
            ("strides", 0, ValueError, "be at least 1, got 0"),
            ("strides", (1, -1), ValueError, "be at least 1, got -1"),
            ("strides", (1, 2, 3), ValueError, "be .* a pair .*, got"),
            ("strides", "12", TypeError, "be a whole number, got '12'"),
            ("strides", None, TypeError, "be a whole number, got None"),
            ("padding", "same", ValueError, 'be "VALID", "SAME" or .* \'same\''),
            ("padding", None, TypeError, 'be "VALID", "SAME" or .*, got None'),
            ("padding", b"SAME", ValueError, 'be "VALID", "SAME" or .*, got b'),
            ("padding", ((1, 1), (1, 1, 1)), ValueError, 'be "VALID", "SAME" or'),
            ("padding", ((0, -1), (0, 0)), ValueError, "be at least 0, got -1"),
        ],
    ),
    (
        [simple_rnn, lstm, gru, simple_rnn_backward],
        [
            *not_real("inputs", "kernel", "recurrent_kernel"),
            ("inputs", ones(3, 4), ValueError, r"have 3 axes, got shape \(3, 4\)"),
            ("inputs", ones(2, 3, 4, 1), ValueError, r"have 3 axes, got shape"),
            ("kernel", ones(4), ValueError, is_shape(".*", "4,")),
            ("kernel", ones(1, 5), ValueError, is_shape(".*", "1, 5")),
            ("kernel", ones(4, 1), ValueError, is_shape(".*", "4, 1")),
            ("kernel", ones(5, 4), ValueError, is_shape(".*", "5, 4")),
            ("recurrent_kernel", ones(5), ValueError, r"have 2 axes, got shape \(5,"),
            ("recurrent_kernel", ones(5, 1), ValueError, is_shape(".*", "5, 1")),
            ("recurrent_kernel", ones(1, 5), ValueError, is_shape(".*", "1, 5")),
        ],
    ),
    (
        [simple_rnn, lstm, gru],
        [
            *not_real("bias"),
            ("bias", ones(), ValueError, is_shape(".*", "")),
            ("bias", ones(1), ValueError, is_shape(".*", "1,")),
            ("bias", ones(1, 5), ValueError, is_shape(".*", "1, 5")),
        ],
    ),
    (
        [simple_rnn, gru, simple_rnn_backward],
        [
            *not_real("initial_state"),
            ("initial_state", ones(5), ValueError, is_shape("2, 5", "5,")),
            ("initial_state", ones(1, 5), ValueError, is_shape("2, 5", "1, 5")),
            ("initial_state", ones(2, 1), ValueError, is_shape("2, 5", "2, 1")),
            ("initial_state", ones(2, 3, 5), ValueError, is_shape("2, 5", "2, 3, 5")),
        ],
    ),
    (
        [lstm],
        [
            ("initial_state", ones(2, 2, 5), TypeError, r"be a pair \(hidden, cell\)"),
            ("initial_state", 5, TypeError, r"be a pair \(hidden, cell\), got int"),
            ("initial_state", [], ValueError, r"be a pair \(hidden, cell\), got 0"),
            ("initial_state", [None] * 3, ValueError, r"be a pair .*, got 3 items"),
            ("initial_state", (None, ones(5)), ValueError, is_shape("2, 5", "5,")),
            ("initial_state", (ones(1, 5), None), ValueError, is_shape("2, 5", "1, 5")),
            ("initial_state", (None, ones(2, 1)), ValueError, is_shape("2, 5", "2, 1")),
            ("initial_state", (None, ones(2, 3, 5)), ValueError, is_shape("2, 5", ".*")),
            ("initial_state", (ones(2, 5) * 1j, None), TypeError, REAL + "complex128"),
            ("initial_state", ([[1], []], ones(2, 5)), ValueError, EQUAL_ROWS),
        ],
    ),
    (
        [gru],
        [
            ("reset_after", "before", TypeError, "be a bool, got 'before'"),
            ("reset_after", None, TypeError, "be a bool, got None"),
            ("reset_after", 1, TypeError, "be a bool, got 1"),
        ],
    ),
    ([lstm], [("return_state", "yes", TypeError, "be a bool, got 'yes'")]),
    (
        [sequence_training.fit, sequence_training.train],
        [("carry", "no", TypeError, "be a bool, got 'no'"), ("carry", None, TypeError, "be a bool, got None")],
    ),
    (
        [simple_rnn_backward],
        [
            *not_real("upstream", "states"),
            ("upstream", ones(), ValueError, is_shape("2, 3, 5", "")),
            ("upstream", ones(5), ValueError, is_shape("2, 3, 5", "5,")),
            ("upstream", ones(1, 5), ValueError, is_shape("2, 5", "1, 5")),
            ("upstream", ones(3, 5), ValueError, is_shape("2, 5", "3, 5")),
            ("upstream", ones(2, 1, 5), ValueError, is_shape("2, 3, 5", "2, 1, 5")),
            ("upstream", ones(2, 3, 4), ValueError, is_shape("2, 3, 5", "2, 3, 4")),
            ("states", ones(2, 5), ValueError, is_shape("2, 3, 5", "2, 5")),
            ("states", ones(2, 1, 5), ValueError, is_shape("2, 3, 5", "2, 1, 5")),
            ("states", ones(2, 4, 5), ValueError, is_shape("2, 3, 5", "2, 4, 5")),
        ],
    ),
    (
        [starting_weights, logits, gradients, train],
        [
            ("pools", 5, TypeError, "be a list of tuples, got 5"),
            ("pools", [5], ValueError, r"hold \('max' or 'average', ksize, strides\), got 5"),
            ("pools", [("min", 2, 2)], ValueError, r"hold .*, got \('min', 2, 2\)"),
            ("pools", [("max", 2)], ValueError, r"hold .*, got \('max', 2\)"),
            ("pools", [("max", 2, 0)], ValueError, "be at least 1, got 0"),
            ("pools", [("max", 1.5, 2)], TypeError, "be a whole number, got 1.5"),
            ("pools", [(np.array([1, 2]), 2, 2)], ValueError, r"hold .*, got \(array\(\[1, 2\]\), 2, 2\)"),
        ],
    ),
    (
        [starting_weights, train],
        [
            ("seeds", [], ValueError, r"hold at least one number, got \[\]"),
            ("seeds", [-1, 2], ValueError, "be at least 0, got -1"),
            ("seeds", 3, TypeError, "be a list or a tuple, got 3"),
            ("seeds", [1.0, 2], TypeError, "be a whole number, got 1.0"),
            ("filters", 0, ValueError, "be at least 1, got 0"),
        ],
    ),
    (
        [starting_weights],
        [
            ("size", (5, 0), ValueError, "be at least 1, got 0"),
            ("size", 5, TypeError, "be a list or a tuple, got 5"),
            ("size", (5,), ValueError, "hold 2 entries, got 1"),
            ("size", (5, 6, 7), ValueError, "hold 2 entries, got 3"),
            ("size", (5, 6.0), TypeError, "be a whole number, got 6.0"),
        ],
    ),
    (
        [logits, gradients, train],
        [
            *not_real("images"),
            ("images", ones(2, 5, 6), ValueError, r"have 4 axes, got shape \(2, 5, 6\)"),
            ("images", ones(2, 0, 5, 6), ValueError, "not be empty"),
        ],
    ),
    (
        [logits, gradients],
        [
            ("weights", starting_weights([], (5, 6), [1, 2]), ValueError, is_shape("2, 10, 36", "2, 10, 120")),
            ("weights", starting_weights(SOME_POOLS, (5, 6), [1]), ValueError, is_shape("2, 4, 3, 3", "1, 4, 3, 3")),
            ("weights", 5, TypeError, "be a list or a tuple, got 5"),
            ("weights", [], ValueError, "hold 4 entries, got 0"),
            ("weights", [[["a"]]] * 4, TypeError, REAL + "<U1"),
            ("weights", [[1.0]] * 4, ValueError, r"have 4 axes, got shape \(1,\)"),
            ("weights", [ones(2, 0, 3, 3)] * 4, ValueError, is_shape("2, 1, 3, 3", "2, 0, 3, 3")),
            *(
                ("weights", [*POOLED["weights"][:index], ones(2, 3), *POOLED["weights"][index + 1 :]], ValueError, says)
                for index, says in (
                    (1, is_shape("2, 4", "2, 3")), (2, is_shape("2, 10, 36", "2, 3")), (3, is_shape("2, 10", "2, 3")),
                )
            ),
        ],
    ),
    (
        [gradients, train],
        [
            ("labels", TEN_LABELS[:, :9], ValueError, r"have shape \(2, 30\)"),
            ("labels", TEN_LABELS + 1, ValueError, r"lie in \[0, 10\), got 10"),
            ("labels", TEN_LABELS / 2, TypeError, "hold integers, got dtype float64"),
        ],
    ),
    (
        [train],
        [
            ("seeds", [1], ValueError, "hold one number for each run, got 1 for 2 runs"),
            ("passes", -1, ValueError, "be at least 0, got -1"),
            ("moves", -1, ValueError, "be at least 0, got -1"),
            ("rate", -0.1, ValueError, r"lie in \[0, inf\)"),
            ("rate", "fast", TypeError, "be a real number"),
        ],
    ),
    (
        [sequence_training.start],
        [
            ("cell", "rnn", ValueError, "be one of simple, gru, lstm, got 'rnn'"),
            ("cell", ["gru"], ValueError, r"be one of simple, gru, lstm, got \['gru'\]"),
            ("seeds", [], ValueError, r"hold at least one number, got \[\]"),
            ("seeds", 5, TypeError, "be a list or a tuple, got 5"),
            ("seeds", [0, -1], ValueError, "be at least 0, got -1"),
            ("radius", -np.inf, ValueError, r"lie in \(-inf, inf\), got -inf"),
            ("gate_bias", np.nan, ValueError, r"lie in \(-inf, inf\), got nan"),
            ("scale", np.inf, ValueError, r"lie in \(-inf, inf\), got inf"),
            ("units", 0, ValueError, "be at least 1, got 0"),
            ("features", 1.5, TypeError, "be a whole number, got 1.5"),
            ("outputs", None, TypeError, "be a whole number, got None"),
        ],
    ),
    (
        [sequence_training.run, sequence_training.gradient],
        [
            *not_real("inputs"),
            ("networks", 5, TypeError, "be Networks, as start returns them, got int"),
            ("inputs", ones(5, 4), ValueError, r"have 3 or 4 axes, got shape \(5, 4\)"),
            ("inputs", ones(5, 4, 3), ValueError, is_shape("5, 4, 2", "5, 4, 3")),
            ("inputs", ones(3, 5, 4, 2), ValueError, is_shape("1, 5, 4, 2", "3, 5, 4, 2")),
        ],
    ),
    (
        [sequence_training.gradient],
        [
            *not_real("targets"),
            ("targets", ones(5, 5, 1), ValueError, "hold 1 to 4 steps, got 5"),
            ("targets", ones(5, 0, 1), ValueError, "hold 1 to 4 steps, got 0"),
            ("targets", ones(5), ValueError, r"have 3 or 4 axes, got shape \(5,\)"),
            ("targets", ones(5, 4, 2), ValueError, is_shape("5, 4, 1", "5, 4, 2")),
            ("targets", ones(3, 4, 1), ValueError, is_shape("5, 4, 1", "3, 4, 1")),
            ("targets", ones(2, 5, 4, 1), ValueError, is_shape("1, 5, 4, 1", "2, 5, 4, 1")),
        ],
    ),
    (
        [sequence_training.gradient, sequence_training.fit, sequence_training.train],
        [
            ("loss", "mae", ValueError, "be one of mse, logistic, softmax, got 'mae'"),
            ("loss", np.array(["mse"] * 2), ValueError, r"be one of mse, logistic, softmax, got array"),
        ],
    ),
    (
        [sequence_training.fit, sequence_training.train],
        [
            ("networks", 5, TypeError, "be Networks, as start returns them, got int"),
            ("learning_rate", 0, ValueError, r"lie in \(0, inf\), got 0"),
            ("limit", -1, ValueError, r"lie in \(0, inf\), got -1"),
            ("batches", 5, TypeError, r"be an iterable of pairs \(inputs, targets\), got 5"),
        ],
    ),
    (
        [sequence_training.train],
        [
            ("batches", [5], TypeError, "be a list or a tuple, got 5"),
            ("batches", [[ones(5, 4, 2), ones(5, 4, 1), 1]], ValueError, "hold 2 entries, got 3"),
        ],
    ),
    (
        [drawings.unrolled],
        [
            ("steps", 0, ValueError, "be at least 1, got 0"),
            ("steps", 1.5, TypeError, "be a whole number, got 1.5"),
        ],
    ),
    ([drawings.lstm_cell], [("f", "0.5", TypeError, "be a real number, got '0.5'")]),
    (
        [drawings.gru_cell],
        [
            ("z", None, TypeError, "be a real number, got None"),
            ("x", -np.inf, ValueError, r"lie in \(-inf, inf\), got -inf"),
        ],
    ),
    ([controls.show], [("draw", 5, TypeError, "be a function, got 5")]),
    (
        [judge],
        [
            ("expected", 5, TypeError, "be a function, got 5"),
            ("cases", 5, TypeError, r"hold tuples, at least one, got \[5\]"),
            ("cases", [], TypeError, r"hold tuples, at least one, got \[\]"),
            ("cases", [[1.0]], TypeError, "hold tuples"),
            ("cases", [(ones(2),), 5], TypeError, "hold tuples"),
            ("cases", [{"theta": ones(2)}], TypeError, "hold tuples"),
            ("cases", {"a": 1}, TypeError, r"hold tuples, at least one, got \['a'\]"),
            ("cases", [(1, 2)], ValueError, r"hold tuples of 1 arguments, theta, got \(1, 2\)"),
            ("cases", [(None,)], TypeError, "hold numbers, texts, .*, got theta = None"),
            ("cases", [([{1, 2}],)], TypeError, r"hold numbers, .*, got theta = \[\{1, 2"),
            ("cases", [(tf.zeros(2),)], TypeError, "hold numbers, .*, got theta = <tf.Tensor"),
            ("cases", [(np.array(["a"]),)], TypeError, "hold numbers, .*, got theta = array"),
            ("expected", lambda theta: "text", TypeError, "return numbers, .*'text'"),
            ("expected", lambda theta: {"a": 1}, TypeError, "return numbers, .*'a'"),
            ("expected", lambda theta: (), TypeError, "return numbers, "),
            ("call", 5, TypeError, "be a function, got 5"),
            ("mistakes", {"this": 5}, TypeError, "hold functions, got 5 for 'this'"),
            ("rtol", -1e-6, ValueError, r"lie in \[0, inf\), got -1e-06"),
            ("rtol", np.nan, ValueError, "lie in .*, got nan"),
            ("rtol", "small", TypeError, "be a real number, got 'small'"),
        ],
    ),
    *(
        ([function], [(name, {}, ValueError, r"hold at least one entry, got \{\}")])
        for function, name in {
            plotting.lines: "series",
            plotting.paths_on_curve: "paths",
            plotting.paths_on_contours: "panels",
            plotting.images: "panels",
            plotting.windows: "steps",
            plotting.repeats: "groups",
            plotting.runs: "panels",
            plotting.diagram: "boxes",
            plotting.graph: "boxes",
            plotting.decision_regions: "panels",
        }.items()
    ),
    ([plotting.images], [("frames", {"b": []}, ValueError, "name panels, got 'b'")]),
    (
        [plotting.lines],
        [
            ("dashed", {"b": [1, 2]}, ValueError, "name series, got 'b'"),
            ("runs", {"a": [[1, 2]], "b": [[1, 2]]}, ValueError, "name series, got 'b'"),
        ],
    ),
    (
        [window_networks.split],
        [
            ("sizes", [8, 3], ValueError, "add up to at most 9, got 11"),
            ("splits", 0, ValueError, "be at least 1, got 0"),
            ("sizes", [4, 0], ValueError, "be at least 1, got 0"),
            ("sizes", [4, 1.5], TypeError, "be a whole number, got 1.5"),
            ("sizes", 4, TypeError, "be a list or a tuple, got 4"),
            ("sizes", [], ValueError, r"hold at least one number, got \[\]"),
        ],
    ),
    (
        [window_networks.initial_parameters],
        [
            ("image_size", 5, TypeError, "be a list or a tuple, got 5"),
            ("image_size", (4.5, 5), TypeError, "be a whole number, got 4.5"),
            ("image_size", (4, 5, 3), ValueError, "hold 2 entries, got 3"),
            ("image_size", (0, 5), ValueError, "be at least 1, got 0"),
        ],
    ),
    (
        [window_networks.initial_parameters, window_networks.train],
        [
            ("size", 5, ValueError, "be at most that of the images, 4, got 5"),
            ("size", 0, ValueError, "be at least 1, got 0"),
            ("units", 0, ValueError, "be at least 1, got 0"),
            ("units", 1.5, TypeError, "be a whole number, got 1.5"),
        ],
    ),
    (
        [
            window_networks.train, window_networks.accuracy,
            window_networks.softmax_regression_accuracy,
        ],
        [
            ("images", ones(30, 4), ValueError, r"have 3 or 4 axes and not be empty, got shape \(30, 4\)"),
            ("images", ones(30, 0, 5), ValueError, r"have 3 or 4 axes and not be empty, got shape \(30, 0, 5\)"),
            (
                "images", ones(3, 30, 4, 5), ValueError,
                r"have one entry for each row of examples, 2, where they have 4 axes, got shape \(3, 30, 4, 5\)",
            ),
            ("labels", [0, 1], ValueError, r"have shape \(30,\) \(one for each image\), got \(2,\)"),
            ("labels", [10] * 30, ValueError, r"lie in \[0, 10\), got 10"),
            ("labels", [0.0] * 30, TypeError, "hold integers, got dtype float64"),
            ("examples", [[30] * 25] * 2, ValueError, r"lie in \[0, 30\), got 30"),
            ("examples", [0], ValueError, r"have 2 axes, got shape \(1,\)"),
        ],
    ),
    (
        [window_networks.accuracy],
        [
            ("parameters", 5, TypeError, "be a list or a tuple, got 5"),
            ("parameters", [ones(2, 3, 3, 2)], ValueError, "hold 4 entries, got 1"),
            *(
                ("parameters", [*PARAMETERS[:index], part, *PARAMETERS[index + 1 :]], error, says)
                for index, part, error, says in (
                    (0, ones(3, 3, 2), ValueError, r"have 4 axes, got shape \(3, 3, 2\)"),
                    (0, [["a"]], TypeError, REAL),
                    # Of one network only, or of one more.
                    (0, ones(1, 3, 3, 2), ValueError, is_shape("2, 3, 3, 2", "1, 3, 3, 2")),
                    (0, ones(3, 3, 3, 2), ValueError, is_shape("2, 3, 3, 2", "3, 3, 3, 2")),
                    # No square, larger than the images, or empty.
                    (0, ones(2, 3, 2, 2), ValueError, is_shape("2, 3, 3, 2", "2, 3, 2, 2")),
                    (0, ones(2, 5, 5, 2), ValueError, is_shape("2, 4, 4, 2", "2, 5, 5, 2")),
                    (0, ones(2, 0, 0, 2), ValueError, is_shape("2, 1, 1, 2", "2, 0, 0, 2")),
                    (0, ones(2, 3, 3, 0), ValueError, is_shape("2, 3, 3, 1", "2, 3, 3, 0")),
                    (1, ones(2, 1), ValueError, is_shape("2, 2", "2, 1")),
                    (1, ones(1, 2), ValueError, is_shape("2, 2", "1, 2")),
                    (2, ones(12, 10), ValueError, is_shape("2, 12, 10", "12, 10")),
                    (2, ones(2, 11, 10), ValueError, is_shape("2, 12, 10", "2, 11, 10")),
                    (3, ones(10), ValueError, is_shape("2, 10", "10,")),
                    (3, ones(2, 1), ValueError, is_shape("2, 10", "2, 1")),
                )
            ),
        ],
    ),
    (
        [window_networks.train, window_networks.softmax_regression_accuracy],
        [("examples", [[0], [1]], ValueError, r"have at least 25 columns, one batch, got shape \(2, 1\)")],
    ),
    (
        [window_networks.train],
        [
            ("learning_rate", 0, ValueError, r"lie in \(0, inf\), got 0"),
            ("epochs", 0, ValueError, "be at least 1, got 0"),
            ("filters_learn", "no", TypeError, "be a bool, got 'no'"),
            ("filters_learn", 1, TypeError, "be a bool, got 1"),
        ],
    ),
    (
        [window_networks.softmax_regression_accuracy],
        [
            ("test", [[0]], ValueError, r"have as many rows as examples, 2, got shape \(1, 1\)"),
            ("images", ones(2, 30, 4, 5), ValueError, r"have 3 axes, got shape \(2, 30, 4, 5\)"),
        ],
    ),
    (
        [plotting.table],
        [
            ("counts", ones(2, 3), ValueError, r"have shape \(n, n\), got \(2, 3\)"),
            ("counts", ones(2), ValueError, r"have shape \(n, n\), got \(2,\)"),
            ("counts", [], ValueError, r"have shape \(n, n\), got \(0,\)"),
            ("counts", [[1, -1], [0, 2]], ValueError, "be at least 0, got -1"),
        ],
    ),
    (
        [plotting.points_and_lines],
        [
            ("residuals", "b", ValueError, "be a key of fits, got 'b'"),
            ("x", [], ValueError, "hold at least one number, got none"),
        ],
    ),
    (
        [plotting.diagram],
        [("arrows", [("a", "c")], ValueError, r"join two keys of boxes, got \('a', 'c'\)")],
    ),
    (
        [plotting.graph],
        [("arrows", [("a", "c", 1)], ValueError, r"join two keys of boxes, got \('a', 'c'\)")],
    ),
    (
        [plotting.network],
        [
            ("kernels", [ones(2, 2)], ValueError, r"join layers of \[2, 1\] nodes, got shapes \[\(2, 2"),
            ("kernels", [], ValueError, r"join layers of \[2, 1\] nodes, got shapes \[\]"),
            ("biases", [[0, 1]], ValueError, r"hold one number for each of \[1\] nodes, got \[2\]"),
            ("input_names", ["a"], ValueError, r"hold one name for each of 2 inputs, got \['a'\]"),
            ("input_names", ["a", "b", "c"], ValueError, r"hold one name for each of 2 inputs, got \['a', 'b', 'c'\]"),
        ],
    ),
    (
        [datasets.two_moons],
        [
            ("number", 0, ValueError, "be at least 1, got 0"),
            ("number", 2.5, TypeError, "be a whole number, got 2.5"),
            ("spread", -0.1, ValueError, r"lie in \[0, inf\), got -0.1"),
            ("spread", "small", TypeError, "be a real number, got 'small'"),
            ("number", 10**13, ValueError, "be small enough for the memory at hand"),
            ("number", 10**30, ValueError, "be small enough for the memory at hand"),
            ("seed", -1, ValueError, "be at least 0, got -1"),
            ("seed", (1, -1), ValueError, "be at least 0, got -1"),
            ("seed", [], ValueError, r"hold at least one number, got \[\]"),
            ("seed", "a", TypeError, "be a whole number, got 'a'"),
            ("seed", 1.5, TypeError, "be a whole number, got 1.5"),
            ("seed", None, TypeError, "be a whole number, got None"),
        ],
    ),
    (
        [train_classifiers],
        [
            *not_real("inputs", "labels", "batches"),
            ("inputs", ones(4), ValueError, r"have 2 axes, got shape \(4,\)"),
            ("labels", [0, 1], ValueError, is_shape("4,", "2,")),
            ("labels", [0, 1, 2, 0], ValueError, r"lie in \[0, 2\), got 2"),
            ("labels", [0, 1, -1, 0], ValueError, r"lie in \[0, 2\), got -1"),
            ("labels", [0.0, 1, 1, 0], TypeError, "hold integers, got dtype float64"),
            ("networks", [], ValueError, r"hold at least one network .*, got \[\]"),
            ("networks", [[], []], ValueError, r"hold at least one network .*, got \[\[\]"),
            ("networks", 5, TypeError, "be a list or a tuple, got 5"),
            ("networks", [5, 5], TypeError, "be a list or a tuple, got 5"),
            ("networks", [[5], [5]], TypeError, "be a list or a tuple, got 5"),
            ("networks", [[(ones(3, 2), ones(2), 1)]] * 2, ValueError, "hold 2 entries, got 3"),
            ("batches", [[[0]]], ValueError, is_shape("2, 1, 1", "1, 1, 1")),
            ("batches", [[[0, 4]]] * 2, ValueError, r"lie in \[0, 4\), got 4"),
            ("batches", ones(2, 3, 0).astype(int), ValueError, "hold at least one row in each step"),
            ("batches", ones(2, 1, 1), TypeError, "hold integers, got dtype float64"),
            ("learning_rate", 0, ValueError, r"lie in \(0, inf\), got 0"),
            ("learning_rate", "fast", TypeError, "be a real number, got 'fast'"),
        ],
    ),
]  # fmt: skip

# These have no argument, or hand it to Matplotlib, whose own message says what is wrong.
TABLE_OF_OTHER_MESSAGES = [
    (load, "return_X_y", True, TypeError, "unexpected keyword argument 'return_X_y'")
    for name, load in vars(datasets).items()
    if name.startswith("load_")
] + [
    (plotting.lines, "series", {"a": [1, 2, 3]}, ValueError, "x and y must have same"),
    (plotting.lines, "series", {"a": [np.nan]}, ValueError, r"series\['a'\] must hold a finite number"),
    (plotting.lines, "series", {"a": []}, ValueError, r"series\['a'\] must hold a finite number"),
    (plotting.lines, "x_scale", "cubic", ValueError, "'cubic' is not a valid value"),
    (plotting.lines, "y_limits", (1, 2, 3), ValueError, "too many values"),
    (plotting.points_and_lines, "y", [1, 2, 3], ValueError, "x and y must have same"),
    (plotting.images, "panels", {"a": np.ma.masked_array(ones(2, 2))}, TypeError, rf"^panels\['a'\] must {PLAIN}"),
    (
        plotting.repeats, "groups", {"a": {"b": [1]}, "c": {"b": [2], "d": [3]}}, ValueError,
        r"^groups\['c'\] must name series of the first row, got 'd'",
    ),
    *(
        (plotting.windows, "steps", {"a": {"image": ones(3, 3), "kernel": ones(2, 2)} | changed}, ValueError, says)
        for changed, says in (
            ({}, r"^steps\['a'\] must have the keys image, kernel and place, .*, got image, kernel$"),
            ({"place": (0, 0), "strides": 1}, r"^steps\['a'\] must have the keys .*, got .*, strides$"),
            ({"place": (-1, 0)}, r"^place must lie in the output, of shape \(2, 2\), got \(-1, 0\)"),
            ({"place": (0, 2)}, r"^place must lie in the output, of shape \(2, 2\), got \(0, 2\)"),
            ({"place": (0,)}, r"^place must lie in the output, of shape \(2, 2\), got \(0,\)"),
            ({"place": (1, 0), "stride": 2}, r"^place must lie in the output, of shape \(1, 1\), got \(1, 0\)"),
        )
    ),
    (plotting.images, "columns", -1, ValueError, "must be a positive integer"),
    *(
        (
            plotting.images, "panels", {"a": ones(*shape)}, ValueError,
            r"^panels\['a'\] must have shape \(rows, columns\) or \(rows, columns, 3\), got ",
        )
        for shape in ((2, 2, 4, 3), (), (3,), (0, 2), (2, 0, 3), (2, 2, 1), (2, 2, 4))
    ),
]  # fmt: skip


def rows():
    """Return (function, argument, value, exception, pattern of the whole message) for each row of both tables."""
    checked = [
        # What an argument returned, and a part of a pair, are named by the argument.
        (
            function,
            name,
            value,
            error,
            rf"^(the result of )?{name}(\[\d\])* must {says}",
        )
        for functions, rows in TABLE
        for function, (name, value, error, says) in itertools.product(functions, rows)
    ]
    return checked + TABLE_OF_OTHER_MESSAGES


def row_id(row):
    function, name, value, *_ = row
    if isinstance(value, np.ndarray):
        text = f"{value.dtype}, shape {value.shape}"
    else:
        text = "a function" if callable(value) else repr(value)
    return f"{function.__name__}, {name}: {text[:40]}"


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def assert_unchanged(after, before):
    """Compare arguments with a copy, bit by bit, types included."""
    assert type(after) is type(before)
    if isinstance(before, dict):
        assert list(after) == list(before)
        after, before = after.values(), before.values()
    if isinstance(before, np.ndarray):
        assert (after.dtype, after.shape) == (before.dtype, before.shape)
        if before.dtype.hasobject:
            assert after.tolist() == before.tolist()
        else:
            assert after.tobytes() == before.tobytes()
    elif np.iterable(before) and not isinstance(before, (str, bytes)):
        for one, other in zip(after, before, strict=True):
            assert_unchanged(one, other)
    else:
        assert after is before or after == before or after != after


@pytest.mark.parametrize("function", RIGHT, ids=lambda function: function.__name__)
def test_call_from_which_the_rows_start_is_right_and_changes_nothing(function):
    numbers = np.random.default_rng(0)
    arguments = {
        name: numbers.normal(size=value.shape) if isinstance(value, np.ndarray) else value
        for name, value in RIGHT[function].items()
    }
    before = copy.deepcopy(arguments)
    function(**arguments)
    assert_unchanged(arguments, before)


@pytest.mark.parametrize(
    ("function", "name", "value", "error", "message"),
    [pytest.param(*row, id=row_id(row)) for row in rows()],
)
def test_bad_call_is_refused_by_name_and_changes_nothing(function, name, value, error, message):
    arguments = {**RIGHT[function], name: value}
    before = copy.deepcopy(arguments)
    with pytest.raises(error, match=message) as caught:
        function(**arguments)
    # Not a subclass, such as UnicodeDecodeError or ComplexWarning.
    assert caught.type is error
    assert_unchanged(arguments, before)


def test_symbolic_tensor_is_refused_for_having_no_numbers():
    with pytest.raises(TypeError, match=r"^inputs must be an array of numbers: A KerasTensor is symbolic"):
        relu(tf.keras.Input((3,)))

    def in_a_graph(tensor):
        with pytest.raises(TypeError, match=r"^inputs must be an array of numbers: Cannot convert a symbolic"):
            relu(tensor)
        return tensor

    assert tf.autograph.experimental.do_not_convert(tf.function(in_a_graph, autograph=False))(tf.ones(3)).shape == (3,)


@pytest.mark.parametrize("error", [RuntimeError, ValueError, TypeError, NotImplementedError])
def test_array_that_cannot_be_made_is_refused_by_name_with_the_reason(error):
    class NeedsGradient:
        def __array__(self, dtype=None, copy=None):
            raise error("call detach() first")

    with pytest.raises(TypeError, match=r"^inputs must be an array of numbers: call detach\(\) first$"):
        relu(NeedsGradient())


def test_number_alone_gives_a_number_of_numpy():
    for function in (relu, sigmoid, tanh):
        for dtype in (np.float32, np.float64):
            for number in (dtype(0.5), np.array(0.5, dtype)):
                assert type(function(number)) is dtype
                np.testing.assert_array_equal(function(number), function([number])[0])


def test_list_without_labels_is_one_of_integers():
    networks = CLASSIFIERS["networks"]
    batches = np.zeros((2, 0, 1), int)
    trained = train_classifiers(ones(0, 3), [], networks, batches, 0.1)
    for after, before in zip(trained, networks, strict=True):
        np.testing.assert_array_equal(after[0][0], before[0][0])


def test_weights_of_pooled_networks_are_taken_in_float32():
    labels = RIGHT[gradients]["labels"]
    for kind in (lambda part: part.astype(float), np.ndarray.tolist):
        weights = [kind(part) for part in POOLED["weights"]]
        results = [
            (logits(some, SOME_POOLS, POOLED["images"]), *gradients(some, SOME_POOLS, POOLED["images"], labels))
            for some in (weights, POOLED["weights"])
        ]
        for ours, expected in zip(*results, strict=True):
            assert ours.dtype == np.float32
            np.testing.assert_array_equal(ours, expected)


def test_networks_and_seeds_may_come_one_by_one():
    networks = CLASSIFIERS["networks"]
    one_by_one = (iter(network) for network in networks)
    for ours, expected in zip(
        train_classifiers(**CLASSIFIERS | {"networks": one_by_one}), train_classifiers(**CLASSIFIERS), strict=True
    ):
        np.testing.assert_array_equal(ours[0][0], expected[0][0])
    for ours, expected in zip(
        sequence_training.start("gru", iter([3, 4]), 2, 3, 1),
        sequence_training.start("gru", [3, 4], 2, 3, 1),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, expected)


def public_functions(*modules):
    """Return the functions with a public name that the modules define."""
    return [
        pytest.param(function, id=f"{module.__name__}.{name}")
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    ]


def modules_of(package):
    """Return the public modules directly in a package."""
    return [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    ]


def test_every_public_function_is_in_the_table():
    # `startup` takes no argument.
    modules = [module for module in modules_of(helpers) if module.__name__ != "helpers.startup"]
    functions = [param.values[0] for param in public_functions(*modules)]
    assert len(functions) > 30
    assert set(functions) <= {function for function, *_ in rows()}


@pytest.mark.parametrize("check", public_functions(*modules_of(helpers.checks)))
def test_every_exercise_has_a_verdict_on_what_is_no_function(check):
    # One check needs the reader's own engine beside the function.
    verdict = check(*[5] * len(inspect.signature(check).parameters))
    assert verdict.status == "wrong"
    assert "'int' object is not callable" in verdict.explanation


# --- Odd calls: a right answer, or a refusal that is a ValueError or a TypeError ---

REAL_TYPES = ["<f2", "<f4", ">f4", "<f8", ">f8", "i1", ">i2", "<i8", "u1", "<u8"]
WHOLE_TYPES = [dtype for dtype in REAL_TYPES if "f" not in dtype]
OTHER_TYPES = ["O", "c16", "?", "U1", "M8[s]"]
TYPES_OF = {"labels": WHOLE_TYPES}
LAYOUTS = {
    "as it is": lambda array: array,
    "list": lambda array: array.tolist(),
    "columns first": np.asfortranarray,
    "reversed": lambda array: np.flip(np.flip(array).copy()),
    "large strides": lambda array: np.repeat(array[..., None], 999, axis=-1)[..., 7],
    "read-only": lambda array: np.broadcast_to(array, array.shape),
}


@st.composite
def odd_arrays(draw, shape, types=REAL_TYPES):
    """Draw small whole numbers, maybe one that is not finite, in any type and layout; at times of another shape."""
    shape = draw(st.sampled_from([shape] * 19 + [(*shape, 1)]))
    numbers = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 3, shape)
    dtype = np.dtype(draw(st.sampled_from(list(types) * 6 + OTHER_TYPES)))
    array = numbers.astype(dtype)
    if dtype.kind == "f" and array.size:
        array -= 1
        array.flat[0] = draw(st.sampled_from([1, 1, -2, np.nan, np.inf, -np.inf]))
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](array)


@st.composite
def odd_calls(draw, function):
    """Draw the keyword arguments of a function, most of which fit together; any size may be 0."""
    batch, time, features, units = (draw(st.sampled_from([2, 1, 3, 2, 1, 3, 0])) for _ in range(4))
    blocks = {lstm: 4, gru: 3}.get(function, 1)
    shapes = {
        "inputs": (batch, features),
        "kernel": (features, units),
        "bias": (units,),
        "upstream": (batch, units),
        "logits": (batch, 2 * features),
        "start": (batch, features),
        "point": (batch, features),
        "labels": (batch,),
    }
    if "recurrent_kernel" in RIGHT[function]:
        shapes |= {
            "inputs": (batch, time, features),
            "kernel": (features, blocks * units),
            "recurrent_kernel": (units, blocks * units),
            "bias": (2, blocks * units) if function is gru else (blocks * units,),
            "states": (batch, time, units),
            "upstream": (batch, time, units),
            "initial_state": (batch, units),
        }
    if set(RIGHT[function]) == {"upstream", "inputs"}:
        shapes["upstream"] = shapes["inputs"]
    options = {}
    if "images" in RIGHT[function]:
        sides, filter_sides = (
            st.sampled_from([5, 3, 4, 7, 0]),
            st.sampled_from([2, 1, 3]),
        )
        shapes["images"] = batch, draw(sides), draw(sides), features
        shapes["filters"] = draw(filter_sides), draw(filter_sides), features, units
        options["padding"] = draw(st.sampled_from(["VALID", "SAME"] * 3 + [((1, 0), (0, 2)), ((0, 0), (1, 1)), "?"]))
        options["strides"] = draw(st.sampled_from([1, 2, (1, 3), [3, 1], 10**30]))
        if "ksize" in RIGHT[function]:
            options["ksize"] = draw(st.sampled_from([2, 3, (3, 2), [2, 3], 1, 6]))
        else:
            options["dilations"] = draw(st.sampled_from([1, 2, (1, 3), 1, 10**30]))
        shapes["upstream"] = output_shape(shapes, options)
    arguments = {
        name: draw(odd_arrays(shapes[name], TYPES_OF.get(name, REAL_TYPES))) if name in shapes else value
        for name, value in RIGHT[function].items()
    }
    if function is lstm:
        arguments["initial_state"] = tuple(draw(odd_arrays(shapes["initial_state"])) for _ in range(2))
    return arguments | options


def output_shape(shapes, options):
    """Return the shape of what is convolved or pooled, or where that is refused, any shape."""
    images = np.zeros(shapes["images"])
    try:
        if "ksize" in options:
            return avg_pool2d(images, **options).shape
        return conv2d(images, np.zeros(shapes["filters"]), **options).shape
    except ValueError:
        return (1, 1, 1, 1)


OPTIONS = {"strides", "padding", "ksize", "dilations", "learning_rate", "steps", "step"}


def plain(arguments):
    """Return arguments with all data as new arrays of float64, labels as integers."""
    return {
        name: value
        if name in OPTIONS or callable(value)
        else tuple(np.array(part, float) for part in value)
        if isinstance(value, tuple)
        else np.array(value, int if name == "labels" else float)
        for name, value in arguments.items()
    }


def as_list(results):
    return [np.asarray(part) for part in (results if isinstance(results, tuple) else (results,))]


def by_tensorflow(function, arguments):
    """Return the result of the function of the same name in TensorFlow, which takes strides of 32 bits only."""
    if function is dense:
        return tf.linalg.matmul(arguments["inputs"], arguments["kernel"]) + (arguments["bias"])
    if function in (relu, sigmoid, tanh):
        return getattr(tf.nn, function.__name__)(arguments["inputs"])
    if function not in (conv2d, max_pool2d, avg_pool2d):
        return None
    if not np.isfinite(arguments.get("filters", 0)).all():
        # TensorFlow multiplies them by the zeros of the padding.
        return None
    options = {
        name: [min(number, 99) for number in np.broadcast_to(np.array(value, object), 2)]
        for name, value in arguments.items()
        if name in ("strides", "ksize", "dilations")
    }
    padding = arguments["padding"]
    if not isinstance(padding, str):
        images = np.pad(arguments["images"], [(0, 0), *padding, (0, 0)])
        if function is not conv2d:
            return None
        arguments, padding = arguments | {"images": images}, "VALID"
    data = [arguments[name] for name in ("images", "filters") if name in arguments]
    return getattr(tf.nn, function.__name__)(*map(tf.constant, data), padding=padding, **options)


ODD_FUNCTIONS = [
    function
    for function in RIGHT
    if inspect.getmodule(function) not in (controls, datasets, drawings, plotting, pooled_networks, sequence_training)
    and function is not judge
]


@pytest.mark.parametrize("function", ODD_FUNCTIONS, ids=lambda f: f.__name__)
@settings(max_examples=120, deadline=None, derandomize=True)
@given(data=st.data())
def test_odd_call_has_a_right_answer_or_is_refused(function, data):
    arguments = data.draw(odd_calls(function))
    before = copy.deepcopy(arguments)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        try:
            results = as_list(function(**arguments))
        except (TypeError, ValueError):
            results = None
    assert_unchanged(arguments, before)
    # Where a factor is transposed and holds an infinity, BLAS computes 0 * inf, which is in no result.
    of_blas = "invalid value encountered in matmul"
    shown = [str(warning.message) for warning in shown]
    shown = [message for message in shown if message != of_blas]
    if results is None:
        assert shown == []
        return
    arguments = plain(arguments)
    with np.errstate(all="ignore"):
        expected = as_list(function(**arguments))
    for ours, right in zip(results, expected, strict=True):
        assert ours.dtype in (np.float32, np.float64)
        tolerance = 1e-4 if ours.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(ours, right, rtol=tolerance, atol=tolerance)
    if all(np.isfinite(result).all() for result in expected):
        assert shown == []
        in_tensorflow = by_tensorflow(function, arguments)
        if in_tensorflow is not None:
            np.testing.assert_allclose(expected[0], in_tensorflow, atol=1e-12)
    # That a number became undefined is NumPy's own notice, and no other.
    assert all(text.startswith("invalid value encountered") for text in shown)
