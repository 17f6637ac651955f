#!/usr/bin/env bash
# nevergrad: a random search over the integers 0 to 3 tries 0 and 3 half as often as 1 and 2.
#
# set_integer_casting rounds a number that is drawn evenly from 0 to 3, and only half an interval is rounded to each
# end. With upper=1, as for a switch, it does not show. The documentation advises against short ranges because they are
# hard to optimise, and says nothing of the draw. TransitionChoice draws evenly. Guess before the run: evenly.
#
# Versions: nevergrad 1.0.12 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   Scalar: [0.17, 0.34, 0.32, 0.17]
#   TransitionChoice: [0.25, 0.26, 0.24, 0.25]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(nevergrad==1.0.12 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import nevergrad
import numpy as np

COUNT = 4000


def drawn(parameter):
    parameter.random_state.seed(0)
    search = nevergrad.optimizers.RandomSearch(parameter, budget=COUNT)
    return [search.ask().value for _ in range(COUNT)]


seen = {
    "Scalar": drawn(nevergrad.p.Scalar(lower=0, upper=3).set_integer_casting()),
    "TransitionChoice": drawn(nevergrad.p.TransitionChoice(range(4))),
}
for name, numbers in seen.items():
    seen[name] = np.bincount(numbers, minlength=4) / COUNT
    print(f"{name}: {seen[name].round(2).tolist()}")
assert np.allclose(seen["Scalar"], [1 / 6, 1 / 3, 1 / 3, 1 / 6], atol=0.03)
assert np.allclose(seen["TransitionChoice"], 0.25, atol=0.03)
EOF
