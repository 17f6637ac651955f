#!/usr/bin/env bash
# Compiled by XLA, the gradient of tf.nn.max_pool2d goes to another one of equal pixels, only where SAME pads.
#
# One row (1 1), windows of 1 by 2, stride 1, SAME: windows (1 1) and (1, padding). Expected: 1 for each pixel, as in
# eager mode and as XLA itself gives without padding (the first of equals). Seen: each wrong row is printed.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   maps of 200 with another gradient: {'VALID': 0, 'SAME': 175}
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


def slope(images, padding):
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tf.nn.max_pool2d(images, 2, 1, padding)
    return tape.gradient(pooled, images)


images = np.random.default_rng(0).integers(0, 3, (200, 5, 5, 1)).astype("float32")
differ = {}
for padding in ("VALID", "SAME"):
    eager = slope(tf.constant(images), padding).numpy()
    compiled = tf.function(slope, jit_compile=True)(tf.constant(images), padding).numpy()
    differ[padding] = int(np.any(eager != compiled, axis=(1, 2, 3)).sum())
print("maps of 200 with another gradient:", differ)
assert differ["VALID"] == 0
assert differ["SAME"] > 100
EOF
