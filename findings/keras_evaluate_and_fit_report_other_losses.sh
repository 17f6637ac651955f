#!/usr/bin/env bash
# Keras: the same model with the same weights has the loss inf in fit and 110 in evaluate.
#
# The loss is -sum(y log p), the scores are 0 and 110. evaluate runs a traced function in which log(softmax) has been
# turned into log_softmax; in fit, with a gradient, it has not. Expected: one value.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   evaluate: 110.0 fit: inf
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import keras
import numpy as np
import tensorflow as tf

inputs = keras.Input((1,))
scores = keras.layers.Dense(2, kernel_initializer="zeros")(inputs)
model = keras.Model(inputs, keras.layers.Softmax()(scores))
model.compile("sgd", lambda y, p: -tf.reduce_sum(y * tf.math.log(p), axis=-1))
model.set_weights([np.zeros((1, 2)), np.array([0.0, 110.0])])
data = np.zeros((1, 1)), np.array([[1.0, 0.0]])
evaluated = model.evaluate(*data, verbose=0)
fitted = model.fit(*data, verbose=0).history["loss"][0]
print("evaluate:", evaluated, "fit:", fitted)
assert round(evaluated) == 110
assert fitted == np.inf
EOF
