#!/usr/bin/env bash
# pmdarima: diff_inv takes the first values of the series, checks how many there are, and starts from 0 all the same.
#
# It calls itself an implementation of R's diffinv, where xi holds the values that differencing took away, so that the
# inverse gives the series back. Here only the result for xi of zeros ever comes out, for differences of first and
# second order and of any lag, and too many values are refused. Differences turned back into levels are off by a
# constant or a line. Its authors have an open issue about it since 2021 (410).
#
# Versions: pmdarima 2.1.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   lag 1, differences 1: [0.0, 2.0, 1.0, 5.0, 6.0, 4.0]
#   lag 1, differences 2: [0.0, 0.0, -3.0, -1.0, -2.0, -6.0]
#   lag 2, differences 1: [0.0, 0.0, 1.0, 3.0, 6.0, 2.0]
#   series:               [3.0, 5.0, 4.0, 8.0, 9.0, 7.0]
#   one value too many: IndexError
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pmdarima==2.1.1 numpy==2.4.6)
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
from pmdarima.utils import diff, diff_inv

series = np.array([3.0, 5.0, 4.0, 8.0, 9.0, 7.0])
for lag, differences in ((1, 1), (1, 2), (2, 1)):
    taken = lag * differences
    changes = diff(series, lag, differences)
    back = diff_inv(changes, lag, differences, xi=series[:taken])
    print(f"lag {lag}, differences {differences}:", back.tolist())
    assert not np.allclose(back, series)
    assert np.array_equal(back, diff_inv(changes, lag, differences))
    assert np.array_equal(back, diff_inv(changes, lag, differences, xi=np.zeros(taken)))
print("series:              ", series.tolist())
try:
    diff_inv(diff(series), xi=series[:2])
except IndexError as error:
    print("one value too many:", type(error).__name__)
else:
    raise AssertionError("two first values were taken for one")
EOF
