#!/usr/bin/env bash
# thinc: the loss of CategoricalCrossentropy is a sum of squares, and the loss of a class held for impossible is 2.
#
# It returns the gradient of the cross-entropy by the numbers before the softmax, which is right, and as the loss the
# sum of the squares of that gradient. That is no cross-entropy (0.69 for a half, infinity for a probability of 0), its
# own gradient is another one, and divided by the square of the size of the batch it falls as batches grow.
#
# Versions: thinc 9.1.1 numpy 2.3.5, Python 3.11, Linux.
# Output seen:
#   probability 0.5: thinc 0.5, cross-entropy 0.6931
#   probability 0.1: thinc 1.62, cross-entropy 2.3026
#   probability 0.0: thinc 2.0, cross-entropy inf
#   the same example 1, 2, 10 times: [0.5, 0.25, 0.05]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(thinc==9.1.1 numpy==2.3.5)
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
from thinc.api import CategoricalCrossentropy

rule = CategoricalCrossentropy()
seen = []
for chance in (0.5, 0.1, 0.0):
    guess = np.array([[chance, 1 - chance]], np.float32)
    slope, loss = rule(guess, np.array([0]))
    seen.append(round(float(loss), 4))
    with np.errstate(divide="ignore"):
        print(f"probability {chance}: thinc {seen[-1]}, cross-entropy {-np.log(chance):.4f}")
    assert np.isclose(loss, (slope**2).sum())
    assert np.allclose(slope, guess - [[1, 0]])
assert seen == [0.5, 1.62, 2]
many = [float(rule(np.full((size, 2), 0.5, np.float32), np.zeros(size, int))[1]) for size in (1, 2, 10)]
print("the same example 1, 2, 10 times:", [round(loss, 4) for loss in many])
assert np.allclose(many, [0.5, 0.25, 0.05])
EOF
