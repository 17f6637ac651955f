#!/usr/bin/env bash
# tf.reduce_mean of ones in float16 over a leading axis is not 1.
#
# Mean over 4096 rows of ones: 0.5. Over the pixels of 256 by 256 ones: 0. Expected: 1, as of one column, in
# tf.function with jit_compile, in keras.ops.mean and in NumPy. No warning.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   two columns, pixels, one column, Keras, NumPy: [0.5, 0.0, 1.0, 1.0, 1.0]
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

rows = tf.ones((4096, 2), tf.float16)
pixels = tf.ones((1, 256, 256, 3), tf.float16)
means = [
    float(tf.reduce_mean(rows, 0)[0]),
    float(tf.reduce_mean(pixels, (1, 2))[0, 0]),
    float(tf.reduce_mean(rows[:, :1], 0)[0]),
    float(keras.ops.mean(rows, 0)[0]),
    float(np.mean(rows.numpy(), 0)[0]),
]
print("two columns, pixels, one column, Keras, NumPy:", means)
assert means == [0.5, 0.0, 1.0, 1.0, 1.0]
EOF
