#!/usr/bin/env bash
# safetensors: a transposed NumPy array comes back with its numbers in another order; PyTorch is refused.
#
# safetensors.numpy writes the memory of an array as it lies and notes only the shape. The documentation asks for
# contiguous arrays, but only safetensors.torch checks it. A weight matrix transposed from one library to the other, the
# usual thing to do, has the right shape and the wrong weights. np.savez gives it back as it was. Guess before the run:
# as it was.
#
# Versions: safetensors 0.8.0 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   transposed: [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] comes back as [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
#   Fortran order: [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] comes back as [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]]
#   PyTorch: You are trying to save a non contiguous tensor: `
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(safetensors==0.8.0 torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import io

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

weights = np.arange(6, dtype=np.float32).reshape(2, 3)
for name, array in {"transposed": weights.T, "Fortran order": np.asfortranarray(weights)}.items():
    back = safetensors.numpy.load(safetensors.numpy.save({"weights": array}))["weights"]
    file = io.BytesIO()
    np.savez(file, weights=array)
    file.seek(0)
    print(f"{name}: {array.tolist()} comes back as {back.tolist()}")
    assert np.array_equal(np.load(file)["weights"], array)
    assert back.shape == array.shape
    assert back.ravel().tolist() == array.ravel("K").tolist() != array.ravel().tolist()
try:
    safetensors.torch.save({"weights": torch.from_numpy(weights).T})
except ValueError as error:
    print("PyTorch:", str(error)[:49])
else:
    raise AssertionError("safetensors.torch took a transposed tensor")
EOF
