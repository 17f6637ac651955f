#!/usr/bin/env bash
# aeon: the edit distance (EDR) of 0 0 0 0 1 and 1 is 0; a step more at the end counts, at the beginning not.
#
# By the paper and the documentation it is the share of elements that must be removed. Here the first row and the first
# column of the table hold 0, where the edit distance has the number of elements skipped so far: what only one series
# has at its beginning is free, and what it has at its end is not. Guess before the run: 0.8.
#
# Versions: aeon 1.6.0 numpy 2.3.5, Python 3.11, Linux.
# Output seen:
#   00001 1 0.0, edit distance 0.8
#   9012 012 0.0, edit distance 0.25
#   0129 012 0.25, edit distance 0.25
#   0123 1234 0.25, edit distance 0.5
#   0123 4012 0.25, edit distance 0.5
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(aeon==1.6.0 numpy==2.3.5)
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
from aeon.distances import edr_distance


def edit_distance(one, other):
    """Return the share of the longer series that has to be removed, inserted or replaced."""
    costs = np.add.outer(np.arange(len(one) + 1), np.arange(len(other) + 1))
    for i, x in enumerate(one):
        for j, y in enumerate(other):
            costs[i + 1, j + 1] = min(costs[i, j] + (x != y), costs[i, j + 1] + 1, costs[i + 1, j] + 1)
    return float(costs[-1, -1] / max(len(one), len(other)))


seen = []
for words in (("00001", "1"), ("9012", "012"), ("0129", "012"), ("0123", "1234"), ("0123", "4012")):
    one, other = (np.array([float(digit) for digit in word]) for word in words)
    seen.append((edr_distance(one, other, epsilon=0.5), edit_distance(one, other)))
    print(*words, f"{seen[-1][0]}, edit distance {seen[-1][1]}")
assert seen == [(0, 0.8), (0, 0.25), (0.25, 0.25), (0.25, 0.5), (0.25, 0.5)]
EOF
