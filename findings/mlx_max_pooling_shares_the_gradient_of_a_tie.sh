#!/usr/bin/env bash
# MLX: the gradient of max pooling is shared among the largest pixels of a window.
#
# A window of (3 3; 3 1) with an upstream gradient of 1: a third for each 3. TensorFlow, Keras, PyTorch, Flax, Haiku and
# Equinox give all to the first. After a relu, whose zeros tie, the gradients of a network trained in MLX are others.
#
# Versions: mlx 0.32.4 mlx-cpu 0.32.4 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   [0.3333, 0.3333, 0.3333, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(mlx==0.32.4 mlx-cpu==0.32.4 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import mlx.core as mx
import mlx.nn as nn
import numpy as np

pool = nn.MaxPool2d(2, 2)
image = mx.array([[3.0, 3.0], [3.0, 1.0]]).reshape(1, 2, 2, 1)
gradient = mx.grad(lambda x: pool(x).sum())(image)
print(np.array(gradient).ravel().astype(float).round(4).tolist())
assert np.allclose(np.array(gradient).ravel(), [1 / 3, 1 / 3, 1 / 3, 0])
EOF
