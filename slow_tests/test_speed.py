"""Nothing has become several times as slow: helpers beside TensorFlow, lessons beside a notebook that only imports it.

Times of one run are compared with each other, so that the bounds hold on any machine. Machines are noisy, so they
are up to ten times what is usual: ten times as slow is found, twice as slow is not. `make bench` tells more.
"""

import math
import resource
import timeit

import lessons
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from benchmarks import test_convolution_and_pooling as images
from benchmarks import test_recurrent_networks as sequences

SIZES_OF_LESSONS = [size for size, in_lessons in images.SIZES.items() if in_lessons]
# Times of the helpers divided by those of TensorFlow: the geometric mean over the sizes of the lessons and both types.
# And seconds of the processor for a lesson, divided by those for a notebook that imports TensorFlow.
BOUND = 4
BOUNDS_OF_LAYERS = {"simple_rnn": 0.05, "lstm": 0.3, "gru": 0.2, "gru, reset before": 0.2}


def shortest(function):
    """Return the shortest time of many calls, in seconds."""
    timer = timeit.Timer(function)
    calls, _ = timer.autorange()
    return min(timer.repeat(5, max(1, calls // 10))) / max(1, calls // 10)


def ratio(ways):
    """Return the time of the helpers as a multiple of that of the other library."""
    ours = shortest(ways.pop("numpy"))
    (theirs,) = map(shortest, ways.values())
    return ours / theirs


@pytest.mark.parametrize("case", images.CASES, ids=lambda case: case.__name__)
def test_helpers_keep_pace_with_tensorflow_at_the_sizes_of_the_lessons(case):
    ratios = [
        ratio(case(*(images.normal(shape, dtype) for shape in size)))
        for size in SIZES_OF_LESSONS
        for dtype in ("float32", "float64")
    ]
    mean = math.exp(np.log(ratios).mean())
    print(f"{mean:.2f} times TensorFlow")
    assert mean < BOUND


@pytest.mark.parametrize("name", sequences.LAYERS)
def test_recurrent_layers_are_far_quicker_than_those_of_keras(name):
    function, layer_class, options = sequences.LAYERS[name]
    inputs = images.normal((32, 50, 16), "float32")
    layer = layer_class(64, return_sequences=True, **options)
    layer.build(inputs.shape)
    weights, tensor = layer.get_weights(), tf.constant(inputs)
    found = ratio(
        {
            "numpy": lambda: function(inputs, *weights, **options),
            "keras": lambda: layer(tensor),
        }
    )
    print(f"{found:.3f} times Keras")
    assert found < BOUNDS_OF_LAYERS[name]


def seconds(run_pytest, folder, path):
    """Return how long the processor works for a strict run of a notebook."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, report = run_pytest(folder, f"notebooks/{path.name}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0, report
    return sum(after[:2]) - sum(before[:2])


def test_lessons_take_little_more_than_the_import_of_tensorflow(repository, run_pytest):
    bare = nbformat.read(lessons.PATHS[0], as_version=4)
    bare.cells = [nbformat.v4.new_code_cell("import tensorflow", execution_count=1)]
    path = repository / "notebooks" / "bare.ipynb"
    nbformat.write(bare, path)
    alone = seconds(run_pytest, repository, path)
    multiples = {lesson.stem: seconds(run_pytest, repository, lesson) / alone for lesson in lessons.PATHS}
    print(*(f"{name}: {times:.2f}" for name, times in multiples.items()), sep="\n")
    assert max(multiples.values()) < BOUND
