#!/usr/bin/env bash
# reservoirpy: a forecast that is only the mean has an R squared of nearly 1 if the columns have different means.
#
# For several columns the mean is taken over all of them, so what tells the columns apart counts as explained.
# scikit-learn takes the mean of each column and gives 0. The formula of the documentation names one "mean value of
# ground truth", and nrmse has the same trait; with dimensionwise=True each column is judged by its own mean. Guess
# before the run: scikit-learn's number.
#
# Versions: reservoirpy 0.4.2 scikit-learn 1.9.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   reservoirpy: 0.9998
#   reservoirpy, each column: [0.0, 0.0]
#   scikit-learn: 0.0
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(reservoirpy==0.4.2 scikit-learn==1.9.1 numpy==2.4.6)
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
from reservoirpy.observables import rsquare
from sklearn.metrics import r2_score

wave = np.sin(np.arange(100.0))
truth = np.stack([wave, 100 + wave], 1)
forecast = np.broadcast_to(truth.mean(0), truth.shape)
seen = {
    "reservoirpy": round(float(rsquare(truth, forecast)), 4),
    "reservoirpy, each column": rsquare(truth, forecast, dimensionwise=True).round(4).tolist(),
    "scikit-learn": round(float(r2_score(truth, forecast)), 4),
}
for name, score in seen.items():
    print(f"{name}: {score}")
assert seen["reservoirpy"] > 0.999
assert np.allclose(seen["reservoirpy, each column"], 0)
assert abs(seen["scikit-learn"]) < 1e-9
EOF
