#!/usr/bin/env bash
# Awkward Array: the maximum along an axis drops NaN, the maximum of everything is NaN, and argmax is neither.
#
# With axis=None ak.max is NumPy's maximum; along an axis it compares from -infinity upwards, which a NaN never wins.
# ak.argmax starts from the first number, which nothing wins against if it is NaN, so it points at a NaN there and to
# the place of the largest number elsewhere. The documentation says nothing of it and points to ak.nanmax. Guess
# before the run: NaN all over, as in NumPy.
#
# Versions: awkward 2.14.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   NumPy, each row, all: [nan, nan] nan
#   Awkward Array, each row, all: [2.0, 2.0] nan
#   places, NumPy, Awkward Array: [2, 0] [1, 0]
#   minimum of each row, all: [1.0, 1.0] nan
#   rows of unequal length: [1.0, -inf]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(awkward==2.14.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import awkward as ak
import numpy as np

rows = [[1.0, 2.0, np.nan], [np.nan, 1.0, 2.0]]
array = ak.Array(rows)
print("NumPy, each row, all:", np.max(rows, axis=1).tolist(), float(np.max(rows)))
print("Awkward Array, each row, all:", ak.max(array, axis=1).tolist(), float(ak.max(array, axis=None)))
print("places, NumPy, Awkward Array:", np.argmax(rows, axis=1).tolist(), ak.argmax(array, axis=1).tolist())
print("minimum of each row, all:", ak.min(array, axis=1).tolist(), float(ak.min(array, axis=None)))
print("rows of unequal length:", ak.max(ak.Array([[np.nan, 1.0], [np.nan]]), axis=1).tolist())
assert np.isnan(np.max(rows, axis=1)).all()
assert ak.max(array, axis=1).tolist() == [2, 2]
assert ak.min(array, axis=1).tolist() == [1, 1]
assert np.isnan(ak.max(array, axis=None))
assert np.isnan(ak.min(array, axis=None))
assert np.argmax(rows, axis=1).tolist() == [2, 0]
assert ak.argmax(array, axis=1).tolist() == [1, 0]
assert ak.max(ak.Array([[np.nan, 1.0], [np.nan]]), axis=1).tolist() == [1, -np.inf]
EOF
