#!/usr/bin/env bash
# pyarrow: a batch of images (N, H, W, C) that is a view of (N, C, H, W) comes back with other axes.
#
# FixedShapeTensorArray.from_numpy_ndarray notes the order of the axes as a permutation, but the inverse of the one in
# the specification, where the logical shape is the physical one in the order of the permutation; to_numpy_ndarray
# follows the specification. A swap of two axes is its own inverse and survives; the turn of three axes that makes
# images channels-last does not. A single row, to_numpy of a scalar, has other numbers than the array even for a swap.
# Guess before: the two methods undo each other.
#
# Versions: pyarrow 26.0.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   images: (1, 3, 4, 2) come back as: (1, 4, 2, 3) a row of them: (4, 2, 3)
#   swapped, back: [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
#   its row alone: [[0.0, 2.0], [1.0, 3.0], [2.0, 4.0]]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pyarrow==26.0.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import numpy as np
import pyarrow as pa

first = np.arange(24.0).reshape(1, 2, 3, 4)
last = first.transpose(0, 2, 3, 1)
array = pa.FixedShapeTensorArray.from_numpy_ndarray(last)
back = array.to_numpy_ndarray()
print("images:", last.shape, "come back as:", back.shape, "a row of them:", array[0].to_numpy().shape)
assert back.shape != last.shape
assert array.type.shape == [2, 3, 4]
assert np.array_equal(pa.FixedShapeTensorArray.from_numpy_ndarray(last.copy()).to_numpy_ndarray(), last)

swapped = np.arange(6.0).reshape(1, 2, 3).transpose(0, 2, 1)
array = pa.FixedShapeTensorArray.from_numpy_ndarray(swapped)
print("swapped, back:", swapped[0].tolist(), array.to_numpy_ndarray()[0].tolist())
print("its row alone:", array[0].to_numpy().tolist())
assert np.array_equal(array.to_numpy_ndarray(), swapped)
assert array[0].to_numpy().shape == (3, 2)
assert not np.array_equal(array[0].to_numpy(), swapped[0])
EOF
