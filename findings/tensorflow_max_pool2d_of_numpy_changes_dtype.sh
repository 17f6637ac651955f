#!/usr/bin/env bash
# tf.nn.max_pool2d of the same NumPy array is float64 in the first call of a process and float32 in the second.
#
# Expected: float64 both times, as avg_pool2d gives.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   float64 float32
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
import numpy as np
import tensorflow as tf

images = np.full((1, 2, 2, 1), 2.0**53 - 1)
first = tf.nn.max_pool2d(images, 2, 2, "VALID")
second = tf.nn.max_pool2d(images, 2, 2, "VALID")
print(first.dtype.name, second.dtype.name)
assert (first.dtype, second.dtype) == (tf.float64, tf.float32)
assert tf.nn.avg_pool2d(images, 2, 2, "VALID").dtype == tf.float64
EOF
