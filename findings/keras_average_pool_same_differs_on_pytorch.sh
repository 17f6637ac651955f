#!/usr/bin/env bash
# Keras on PyTorch: average pooling with padding "same" counts a border pixel twice where the padding is odd.
#
# Row (1 2 3 4), windows of 3, stride 2: (1 2 3) and (3 4, padding). Expected: 2 and 3.5, as Keras gives on TensorFlow
# and JAX. Seen: 2 and 3.667, the mean of 3, 4 and 4 again. With stride 1, where one pixel is padded on each side, it
# is right. A change that was merged after this version (keras-team/keras, pull request 23233) is said to correct it.
#
# Versions: keras 3.15.1 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   stride: means {1: [1.5, 2.0, 3.0, 3.5], 2: [2.0, 3.667]}
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(keras==3.15.1 torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

row = keras.ops.convert_to_tensor(np.array([1, 2, 3, 4], np.float32).reshape(1, 4, 1))
means = {
    stride: [
        round(float(mean), 3)
        for mean in keras.ops.convert_to_numpy(
            keras.ops.average_pool(row, 3, stride, "same")
        ).ravel()
    ]
    for stride in (1, 2)
}
print("stride: means", means)
assert means[1] == [1.5, 2.0, 3.0, 3.5]
assert means[2] == [2.0, 3.667]
EOF
