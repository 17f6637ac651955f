#!/usr/bin/env bash
# tsfresh: a series without any surprise has a sample entropy, and the shorter the series, the higher it is.
#
# Sample entropy compares how many patterns of two steps match with how many still match at the third, so it must count
# only patterns of two steps that have a third. tsfresh also counts the last one, which has none: of 5 equal numbers it
# finds 12 matches of two steps and 6 of three, and the entropy is log 2. Where patterns are rare, the difference is
# small. AntroPy gives 0. Guess before the run: 0.
#
# Versions: tsfresh 0.21.2 antropy 0.2.3 pandas 2.3.3 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   steps   5: constant 0.693, alternating 0.693, alternating in AntroPy 0.0
#   steps  10: constant 0.251, alternating 0.288, alternating in AntroPy 0.0
#   steps 100: constant 0.02, alternating 0.021, alternating in AntroPy 0.0
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tsfresh==0.21.2 antropy==0.2.3 pandas==2.3.3 numpy==2.4.6)
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
from tsfresh.feature_extraction.feature_calculators import sample_entropy

seen = {}
for steps in (5, 10, 100):
    alternating = np.arange(steps) % 2.0
    numbers = (
        sample_entropy(np.ones(steps)),
        sample_entropy(alternating),
        abs(antropy.sample_entropy(alternating)),
    )
    seen[steps] = [round(float(number), 3) for number in numbers]
    constant, other, peer = seen[steps]
    print(f"steps {steps:3}: constant {constant}, alternating {other}, alternating in AntroPy {peer}")
assert seen == {5: [0.693, 0.693, 0], 10: [0.251, 0.288, 0], 100: [0.02, 0.021, 0]}
EOF
