"""The helpers against the eager Keras layers: 32 sequences of 50 steps, 16 features, 64 units, float32."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.recurrent_networks import gru, lstm, simple_rnn

# group: (function, Keras's layer, their options)
LAYERS = {
    "simple_rnn": (simple_rnn, tf.keras.layers.SimpleRNN, {}),
    "lstm": (lstm, tf.keras.layers.LSTM, {}),
    "gru": (gru, tf.keras.layers.GRU, {}),
    "gru, reset before": (gru, tf.keras.layers.GRU, {"reset_after": False}),
}


@pytest.fixture(params=LAYERS)
def ways(request, benchmark):
    """Both ways to the same states, as functions without arguments, by name."""
    benchmark.group = request.param
    function, layer_class, options = LAYERS[request.param]
    inputs = np.random.default_rng(0).normal(size=(32, 50, 16)).astype(np.float32)
    tf.keras.utils.set_random_seed(0)
    layer = layer_class(64, return_sequences=True, **options)
    layer.build(inputs.shape)
    weights, tensor = layer.get_weights(), tf.constant(inputs)
    return {
        "numpy": lambda: function(inputs, *weights, **options),
        "keras": lambda: layer(tensor),
    }


@pytest.mark.parametrize("way", ["numpy", "keras"])
@pytest.mark.benchmark(max_time=0.5)
def test_forward(benchmark, ways, way):
    states = benchmark(ways[way])
    other = ways["keras" if way == "numpy" else "numpy"]
    np.testing.assert_allclose(states, other(), rtol=0, atol=1e-6)
