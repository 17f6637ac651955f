#!/usr/bin/env bash
# SciPy: one NaN among the first points, and differential evolution returns NaN after 1000 generations.
#
# The least value is looked up by argmin, which takes NaN for the least, and a point is replaced if the new value is
# not larger, which is never true of NaN: the NaN stays the best and the others move after it. With infinity in its
# place, it finds the minimum, and so do direct, shgo, dual_annealing and Nelder-Mead with the NaN. Guess before the
# run: NaN counts as the worst.
#
# Versions: scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   differential_evolution, NaN: nan after 1000 generations
#   differential_evolution, infinity: [0.3, 0.4]
#   dual_annealing, NaN: [0.3, 0.4]
#   direct, NaN: [0.3, 0.4]
#   shgo, NaN: [0.3, 0.4]
#   Nelder-Mead, NaN: [0.3, 0.4]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(scipy==1.17.1 numpy==2.4.6)
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
from scipy.optimize import differential_evolution, direct, dual_annealing, minimize, shgo


def loss(x, outside=np.nan):
    """A bowl around (0.3, 0.4), which has no value in the left third of the square."""
    return (x[0] - 0.3) ** 2 + (x[1] - 0.4) ** 2 if x[0] > 0 else outside


square = [(-1, 2)] * 2
failed = differential_evolution(loss, square, rng=0)
print("differential_evolution, NaN:", failed.fun, "after", failed.nit, "generations")
found = {
    "differential_evolution, infinity": differential_evolution(loss, square, args=(np.inf,), rng=0),
    "dual_annealing, NaN": dual_annealing(loss, square, maxiter=50, rng=0),
    "direct, NaN": direct(loss, square),
    "shgo, NaN": shgo(loss, square),
    "Nelder-Mead, NaN": minimize(loss, [0.05, 1], method="Nelder-Mead"),
}
for name, result in found.items():
    print(f"{name}: {(np.round(result.x, 3) + 0).tolist()}")
    assert np.allclose(result.x, [0.3, 0.4], atol=1e-3)
assert np.isnan(failed.fun)
assert failed.x[0] <= 0
assert not failed.success
EOF
