#!/usr/bin/env bash
# Keras: a second fit with targets (N, 1) after targets (N,) raises, though each works alone.
#
# The error is ValueError: Cannot take the length of shape with unknown rank. After it, targets (N,) work again.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   Cannot take the length of shape with unknown rank.
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

inputs = np.zeros((4, 1))


def fit(model, *shapes):
    for shape in shapes:
        model.fit(inputs, np.zeros(shape), verbose=0)


def new():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


fit(new(), (4,))
fit(new(), (4, 1))
model = new()
message = "both ranks were taken"
try:
    fit(model, (4,), (4, 1))
except ValueError as error:
    message = str(error)
print(message.splitlines()[-1][:70])
assert "shape with unknown rank" in message
fit(model, (4,))
EOF
