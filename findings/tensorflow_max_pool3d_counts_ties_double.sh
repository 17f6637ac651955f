#!/usr/bin/env bash
# tf.nn.max_pool3d gives the whole gradient to each of several equal voxels, but not inside tf.function.
#
# One window of eight equal voxels, upstream gradient 1. Expected: gradients that sum to 1, as in max_pool2d. Seen: 8
# in eager mode.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   eager, tf.function: [8.0, 1.0]
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
import tensorflow as tf


def total(images):
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tf.nn.max_pool3d(images, 2, 2, "VALID")
    return tf.reduce_sum(tape.gradient(pooled, images))


ones = tf.ones((1, 2, 2, 2, 1))
sums = [float(total(ones)), float(tf.function(total)(ones))]
print("eager, tf.function:", sums)
assert sums == [8.0, 1.0]
EOF
