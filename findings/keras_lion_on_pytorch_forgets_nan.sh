#!/usr/bin/env bash
# Keras's Lion on PyTorch makes steps on a NaN gradient as if it were 0; on TensorFlow and JAX the weight is NaN.
#
# torch.sign(NaN) is 0, where NumPy, TensorFlow and JAX give NaN, and Lion takes the sign. One NaN in the gradient is
# then kept in the momentum for ever: the weight never moves again, and nothing is NaN.
#
# Versions: keras 3.15.1 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   weight after NaN and three slopes of 1: 1.0
#   sign of NaN: 0.0
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
import torch

weight = keras.Variable(np.ones(1, "float32"))
optimiser = keras.optimizers.Lion(0.1)
for slope in (np.nan, 1.0, 1.0, 1.0):
    optimiser.apply([torch.tensor([slope])], [weight])
end = float(keras.ops.convert_to_numpy(weight)[0])
print("weight after NaN and three slopes of 1:", end)
print("sign of NaN:", float(torch.sign(torch.tensor(np.nan))))
assert end == 1.0
EOF
