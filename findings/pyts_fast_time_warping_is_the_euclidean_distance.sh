#!/usr/bin/env bash
# pyts: dtw(method="fast") of two series of one length does not warp at all; it is the Euclidean distance.
#
# The default radius is 0. At the coarsest level two steps are compared with two, where the diagonal is never longer
# than a way around. Projected to the next level, the diagonal leaves only squares of two by two, in which it wins
# again. The documentation describes a path that is refined from level to level. With a radius of 1 it is nearly the
# true distance. Guess before the run: within a fifth of it.
#
# Versions: pyts 0.14.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   shifted waves: Euclidean 4.43, fast 4.43, radius 1 1.336, true 1.336
#   80 pairs of random series of 2 to 81 steps, fast as Euclidean: 80
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pyts==0.14.1 numpy==2.4.6)
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
from pyts.metrics import dtw

time = np.linspace(0, 6 * np.pi, 64)
one, other = np.sin(time), np.sin(time + 0.8)
euclidean = float(np.linalg.norm(one - other))
fast = dtw(one, other, method="fast")
wider = dtw(one, other, method="fast", options={"radius": 1})
true = dtw(one, other)
print(f"shifted waves: Euclidean {euclidean:.4g}, fast {fast:.4g}, radius 1 {wider:.4g}, true {true:.4g}")
assert np.isclose(fast, euclidean)
assert wider < 1.2 * true < 0.5 * euclidean
rng = np.random.default_rng(0)
pairs = [rng.normal(size=(2, steps)) for steps in range(2, 82)]
same = sum(np.isclose(dtw(*pair, method="fast"), np.linalg.norm(pair[0] - pair[1])) for pair in pairs)
print("80 pairs of random series of 2 to 81 steps, fast as Euclidean:", same)
assert same == 80
EOF
