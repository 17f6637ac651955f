#!/usr/bin/env bash
# Flax: for a sequence of length 0, RNN returns the state after the last padded step.
#
# Initial state 1, three padded steps of 9, length 0. Expected: the initial state, 1, since there is no step. Seen:
# the state after all three padded steps: the index of the last valid step is -1, and wraps round.
#
# Versions: flax 0.12.8 jax 0.10.2 jaxlib 0.10.2 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   state for length 0 and 3: [-1.0, -1.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(flax==0.12.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import jax.numpy as jnp
from flax import linen

weights = {
    "params": {
        "cell": {
            "i": {"kernel": -jnp.ones((1, 1)), "bias": jnp.zeros(1)},
            "h": {"kernel": jnp.ones((1, 1))},
        }
    }
}
layer = linen.RNN(linen.SimpleCell(1, parent=None), return_carry=True)
states = [
    float(
        layer.apply(
            weights,
            jnp.full((1, 3, 1), 9.0),
            initial_carry=jnp.ones((1, 1)),
            seq_lengths=jnp.array([length]),
        )[0][0, 0]
    )
    for length in (0, 3)
]
print("state for length 0 and 3:", states)
assert states[0] == states[1] == -1.0
EOF
