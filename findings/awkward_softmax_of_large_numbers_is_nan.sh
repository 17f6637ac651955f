#!/usr/bin/env bash
# Awkward Array: the softmax of (1000, 1000) is NaN, and that of (-1000, -1000) as well.
#
# ak.softmax divides the exponentials by their sum, as the formula of its documentation has it, without first
# subtracting the largest number, as SciPy does, so that scores above 709 (88 for float32) overflow and scores below
# -745 (-103) are divided by nothing. The documentation names no such range, and only the overflow is warned of. Guess
# before the run: a half each.
#
# Versions: awkward 2.14.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   SciPy: [[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.5, 0.5]]
#   Awkward Array: [[nan, nan], [nan, nan], [nan, 0.0], [0.5, 0.5]]
#   Awkward Array, float32, of 89 and of 88: [[nan, nan], [0.5, 0.5]]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(awkward==2.14.0 scipy==1.17.1 numpy==2.4.6)
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
from scipy import special

rows = [[1000.0, 1000.0], [-1000.0, -1000.0], [710.0, 0.0], [1.0, 1.0]]
by_scipy = special.softmax(rows, axis=-1).round(3).tolist()
by_awkward = ak.softmax(ak.Array(rows), axis=-1).tolist()
print("SciPy:", by_scipy)
print("Awkward Array:", by_awkward)
single = ak.softmax(ak.unflatten(np.array([89, 89, 88, 88], np.float32), [2, 2]), axis=-1)
print("Awkward Array, float32, of 89 and of 88:", single.tolist())
assert by_scipy == [[0.5, 0.5], [0.5, 0.5], [1, 0], [0.5, 0.5]]
assert np.isnan(by_awkward[0]).all()
assert np.isnan(by_awkward[1]).all()
assert np.isnan(by_awkward[2][0])
assert by_awkward[3] == [0.5, 0.5]
assert np.isnan(single.to_numpy()).tolist() == [[True, True], [False, False]]
EOF
