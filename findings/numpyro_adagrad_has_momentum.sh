#!/usr/bin/env bash
# NumPyro: Adagrad has a momentum of 0.9, and its first step is a tenth of what the formula says.
#
# A slope of 1, learning rate 1: the formula and PyTorch step to -1, optax, which starts from 0.1, to -0.95. NumPyro
# steps to -0.1 and, when the slope is 0 from then on, goes on.
#
# Versions: numpyro 0.22.0 optax 0.2.8 jax 0.10.2 jaxlib 0.10.2, Python 3.11, Linux, a processor.
# Output seen:
#   NumPyro, NumPyro without momentum, optax: [-0.1, -0.19, -0.271] [-1.0, -1.0, -1.0] [-0.953, -0.953, -0.953]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(numpyro==0.22.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export JAX_PLATFORMS=cpu

"$folder/venv/bin/python" -W ignore - <<'EOF'
import jax.numpy as jnp
import numpyro.optim
import optax


def by_numpyro(rule, slopes):
    state, path = rule.init(jnp.array(0.0)), []
    for slope in slopes:
        state = rule.update(jnp.array(slope), state)
        path.append(round(float(rule.get_params(state)), 3))
    return path


def by_optax(rule, slopes):
    point, path = jnp.array(0.0), []
    state = rule.init(point)
    for slope in slopes:
        update, state = rule.update(jnp.array(slope), state, point)
        point = point + update
        path.append(round(float(point), 3))
    return path


slopes = [1.0, 0.0, 0.0]
seen = [
    by_numpyro(numpyro.optim.Adagrad(1.0), slopes),
    by_numpyro(numpyro.optim.Adagrad(1.0, momentum=0.0), slopes),
    by_optax(optax.adagrad(1.0), slopes),
]
print("NumPyro, NumPyro without momentum, optax:", *seen)
assert seen[0][0] == -0.1 and seen[0][2] < seen[0][1] < seen[0][0]
assert seen[1] == [-1, -1, -1]
assert seen[2] == [-0.953, -0.953, -0.953]
EOF
