#!/usr/bin/env bash
# simdkalman: the log-likelihood of a series is larger by 0.92 for each value than in two peers.
#
# The density of the normal distribution has a factor of 1 / sqrt(2 pi) for each value that is observed. It is left
# out, and nothing is said of it; filtered and smoothed states are the peers'. The sum so depends on how many values
# were missing, and cannot be compared with another library's. Guess before the run: the same number in all three.
#
# Versions: simdkalman 1.0.4 pykalman 0.11.2 filterpy 2.0.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   simdkalman: -5.01, with a gap -4.48
#   pykalman: -10.53, with a gap -9.08
#   filterpy: -10.53, with a gap -9.08
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(simdkalman==1.0.4 pykalman==0.11.2 filterpy==2.0.0 scipy==1.17.1 numpy==2.4.6)
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
from filterpy.kalman import KalmanFilter as OfFilterpy
from pykalman import KalmanFilter as OfPykalman
from simdkalman import KalmanFilter as OfSimdkalman

ONE, STATE, SEEN, START = np.eye(1), 0.5, 2.0, 3.0


def simdkalman(series):
    model = OfSimdkalman(ONE, ONE * STATE, ONE, ONE * SEEN)
    return model.compute(series, 0, [0], [[START]], log_likelihood=True).log_likelihood


def pykalman(series):
    model = OfPykalman(ONE, ONE, ONE * STATE, ONE * SEEN, initial_state_mean=[0], initial_state_covariance=[[START]])
    return model.loglikelihood(np.ma.masked_invalid(series[:, None]))


def filterpy(series):
    model, total = OfFilterpy(1, 1), 0
    model.F, model.H, model.Q, model.R, model.P = ONE, ONE, ONE * STATE, ONE * SEEN, ONE * START
    for value in series:
        if not np.isnan(value):
            model.update(value)
            total += model.log_likelihood
        model.predict()
    return total


full, gap = np.array([1.0, 2, 1, 0, -1, 1]), np.array([1.0, 2, np.nan, 0, -1, 1])
seen = {}
for function in (simdkalman, pykalman, filterpy):
    seen[function.__name__] = [float(np.squeeze(function(series))) for series in (full, gap)]
    print(f"{function.__name__}: {seen[function.__name__][0]:.2f}, with a gap {seen[function.__name__][1]:.2f}")
right = seen["pykalman"]
assert np.allclose(seen["filterpy"], right)
assert np.allclose(seen["simdkalman"], right + np.array([6, 5]) * np.log(2 * np.pi) / 2)
EOF
