#!/usr/bin/env bash
# hmmlearn: the log probability of a decoded path is 3.7, which would be a probability of 40.
#
# With algorithm="map" each step gets its likeliest state, and decode returns the sum of the largest posteriors, which
# lies between 0 and the number of steps. The documentation promises the "log probability of the produced state
# sequence". The Viterbi path is here the same one, and has -5.9, which is right. Guess before the run: the same number
# for both.
#
# Versions: hmmlearn 0.3.3 scikit-learn 1.9.1 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   viterbi: -5.902 [1, 1, 1, 1, 1, 1]
#   map: 3.707 [1, 1, 1, 1, 1, 1]
#   by hand: -5.902
#   sum of the largest posteriors: 3.707
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(hmmlearn==0.3.3 scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6)
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
from hmmlearn.hmm import CategoricalHMM

start, change = np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.1, 0.9]])
shown = np.array([[0.8, 0.2], [0.3, 0.7]])
model = CategoricalHMM(2)
model.startprob_, model.transmat_, model.emissionprob_ = start, change, shown
series = np.array([0, 1, 1, 0, 0, 1])

seen = {}
for rule in ("viterbi", "map"):
    seen[rule], path = model.decode(series[:, None], algorithm=rule)
    print(f"{rule}: {seen[rule]:.3f} {path.tolist()}")
    assert path.tolist() == [1] * 6
hand = np.log(start[1] * change[1, 1] ** 5 * shown[1, series].prod())
largest = model.predict_proba(series[:, None]).max(axis=1).sum()
print(f"by hand: {hand:.3f}")
print(f"sum of the largest posteriors: {largest:.3f}")
assert np.isclose(seen["viterbi"], hand)
assert np.isclose(seen["map"], largest)
assert seen["map"] > 3
EOF
