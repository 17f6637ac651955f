#!/usr/bin/env bash
# Keras on JAX: the cross-entropy of a label that does not exist is 0, the best loss there is.
#
# Three classes, labels 3 and -1. Expected: an error, as Keras raises on TensorFlow and PyTorch; or NaN. Seen: -0 for
# both, also in fit, which reports a perfect loss and trains nothing.
#
# Versions: keras 3.15.1 jax 0.10.2 jaxlib 0.10.2 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   losses: [0.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6)
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
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
before = model.get_weights()[0]
losses = [
    model.fit(np.ones((4, 1)), np.full(4, label), verbose=0).history["loss"][0]
    for label in (3, -1)
]
print("losses:", losses)
assert np.all(np.array(losses) == 0)
assert np.array_equal(before, model.get_weights()[0])
EOF
