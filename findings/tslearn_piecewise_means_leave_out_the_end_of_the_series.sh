#!/usr/bin/env bash
# tslearn: piecewise means of 10 steps in 6 segments are the first 6 steps, and the last 4 do not count.
#
# The length of a segment is rounded down, and what is left at the end belongs to no segment, without a warning. SAX and
# the distances are built on it: two series that differ only at the end have the same words and the distance 0. The last
# segment of pyts ends with the series. Guess before the run: as in pyts.
#
# Versions: tslearn 0.10.0 pyts 0.14.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   tslearn: [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
#   pyts:    [0.0, 1.5, 3.5, 5.0, 6.5, 8.5]
#   distance of two series that differ by 100 in the last four steps: 0.0
#   words: [0, 0, 0, 0, 1, 1] [0, 0, 0, 0, 1, 1]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tslearn==0.10.0 pyts==0.14.1 numpy==2.4.6)
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
from pyts.approximation import PiecewiseAggregateApproximation as Pyts
from tslearn.piecewise import PiecewiseAggregateApproximation, SymbolicAggregateApproximation

series = np.arange(10.0)
means = PiecewiseAggregateApproximation(n_segments=6)
seen = means.fit_transform(series[None]).ravel().tolist()
peer = Pyts(window_size=None, output_size=6, overlapping=False).transform(series[None])[0].tolist()
print("tslearn:", seen)
print("pyts:   ", peer)
other = series + 100 * (series >= 6)
distance = float(means.distance(series[:, None], other[:, None]))
print("distance of two series that differ by 100 in the last four steps:", distance)
words = SymbolicAggregateApproximation(n_segments=6, alphabet_size_avg=3)
spelt = [words.fit_transform((s - 5)[None] / 3).ravel().tolist() for s in (series, other)]
print("words:", *spelt)
assert seen == [0, 1, 2, 3, 4, 5]
assert peer == [0, 1.5, 3.5, 5, 6.5, 8.5]
assert distance == 0
assert spelt[0] == spelt[1]
EOF
