#!/usr/bin/env bash
# Keras: keras.ops.gelu is the approximation by tanh, keras.activations.gelu and tf.nn.gelu are exact.
#
# At 1: 0.84119 and 0.84134. One name, two defaults of `approximate`, inside one library. The same for leaky_relu: the
# slope is 0.2 as a function and 0.3 as a layer.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   [0.84119, 0.84134, 0.84134] [-0.2, -0.3]
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
import tensorflow as tf

one, minus = tf.constant([1.0]), tf.constant([-1.0])
gelus = [
    round(float(f(one)[0]), 5)
    for f in (keras.ops.gelu, keras.activations.gelu, tf.nn.gelu)
]
slopes = [
    round(float(f(minus)[0]), 5)
    for f in (keras.activations.leaky_relu, keras.layers.LeakyReLU())
]
print(gelus, slopes)
assert gelus == [0.84119, 0.84134, 0.84134]
assert slopes == [-0.2, -0.3]
EOF
