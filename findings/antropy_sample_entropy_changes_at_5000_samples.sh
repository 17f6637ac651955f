#!/usr/bin/env bash
# AntroPy: with one sample more, the sample entropy of a signal of whole numbers falls from 1.4 to 0.5.
#
# Below 5000 samples, values that differ by exactly the tolerance do not match; from 5000 on, where a tree of
# scikit-learn counts the neighbours, they do. The documentation says that both should give equivalent results, and a
# signal of counts or of quantised levels with a whole tolerance tells them apart. With a tolerance that no difference
# hits, the lengths agree. Guess before the run: the number of the formula.
#
# Versions: antropy 0.2.3 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   tolerance 1.0: 4999 samples 1.386, 5000 samples 0.475
#   tolerance 0.9: 4999 samples 1.386, 5000 samples 1.386
#   tolerance 1.1: 4999 samples 0.475, 5000 samples 0.475
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(antropy==0.2.3 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import antropy
import numpy as np

signal = np.random.default_rng(0).integers(0, 4, 5000)
seen = {}
for tolerance in (1.0, 0.9, 1.1):
    for length in (4999, 5000):
        entropy = antropy.sample_entropy(signal[:length], tolerance=tolerance)
        seen[tolerance, length] = round(float(entropy), 3)
    print(f"tolerance {tolerance}: 4999 samples {seen[tolerance, 4999]},", end=" ")
    print(f"5000 samples {seen[tolerance, 5000]}")
assert seen[1.0, 4999] > 1.3
assert seen[1.0, 5000] < 0.5
assert abs(seen[0.9, 4999] - seen[0.9, 5000]) < 0.01
assert abs(seen[1.1, 4999] - seen[1.1, 5000]) < 0.01
EOF
