#!/usr/bin/env bash
# Keras: a second fit with targets (N, 1) after targets (N,) raises, though each works alone.
#
# The error is ValueError: Cannot take the length of shape with unknown rank. After it, targets (N,) work again.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   ValueError Cannot take the length of shape with unknown rank.
#
# Ends with 0 while it is so, with 1 as soon as it is not.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
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
try:
    fit(model, (4,), (4, 1))
except ValueError as error:
    print(type(error).__name__, str(error).splitlines()[-1][:70])
else:
    raise SystemExit("both ranks were taken")
fit(model, (4,))
EOF
