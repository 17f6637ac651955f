#!/usr/bin/env bash
# pytensor: the maximum of NaN, 1 and 2 is 2 in the default mode, and NaN in the others; argmax finds the NaN in all.
#
# The default compiles with Numba, whose loop keeps the larger of two numbers by a comparison that NaN always loses
# (numba__fastmath=False changes nothing). FAST_COMPILE and the C linker (mode CVM) give NaN as NumPy does. So a model
# that is debugged in FAST_COMPILE shows a NaN that the run proper hides, and the number at the argmax is not the
# maximum. Guess before: NaN in all.
#
# Versions: pytensor 3.0.7 numba 0.65.1 numpy 2.3.5, Python 3.11, Linux.
# Output seen:
#   default: maximum, minimum, argmax [[2.0, 1.0, 0.0], [2.0, 1.0, 2.0]]
#   FAST_COMPILE: maximum, minimum, argmax [[nan, nan, 0.0], [nan, nan, 2.0]]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pytensor==3.0.7 numba==0.65.1 numpy==2.3.5)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export PYTENSOR_FLAGS="base_compiledir=$folder/compiled,cxx="

"$folder/venv/bin/python" -W ignore - <<'EOF'
import numpy as np
import pytensor
import pytensor.tensor as pt

numbers = pt.dvector("numbers")
seen = {}
for mode in (None, "FAST_COMPILE"):
    function = pytensor.function([numbers], [pt.max(numbers), pt.min(numbers), pt.argmax(numbers)], mode=mode)
    seen[mode] = [[float(x) for x in function(np.array(row))] for row in ([np.nan, 1, 2], [1, 2, np.nan])]
    print(f"{mode or 'default'}: maximum, minimum, argmax {seen[mode]}")
assert seen[None] == [[2, 1, 0], [2, 1, 2]]
assert np.isnan(np.array(seen["FAST_COMPILE"])[:, :2]).all()
assert np.array(seen["FAST_COMPILE"])[:, 2].tolist() == [0, 2]
EOF
