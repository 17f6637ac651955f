#!/usr/bin/env bash
# optax: rprop does not move in the first step, nor in the second after each change of sign.
#
# In PyTorch it does, by the learning rate. Where the sign of the slope has just changed, both wait for one step; optax
# waits for two. With slopes that change their sign at every other step it never moves at all.
#
# Versions: optax 0.2.8 jax 0.10.2 jaxlib 0.10.2 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   steady optax, PyTorch: [0.0, -0.1, -0.22] [-0.1, -0.22, -0.364]
#   turning optax, PyTorch: [0.0, -0.1, -0.1, -0.1, -0.1, -0.1] [-0.1, -0.22, -0.22, -0.16, -0.16, -0.19]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6)
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
import optax
import torch


def by_optax(slopes):
    rule, point = optax.rprop(0.1), jnp.array(0.0)
    state, path = rule.init(point), []
    for slope in slopes:
        update, state = rule.update(jnp.array(slope), state, point)
        point = point + update
        path.append(round(float(point), 3))
    return path


def by_torch(slopes):
    point = torch.zeros((), requires_grad=True)
    rule, path = torch.optim.Rprop([point], lr=0.1), []
    for slope in slopes:
        point.grad = torch.tensor(slope)
        rule.step()
        path.append(round(point.item(), 3))
    return path


seen = {}
for name, slopes in {"steady": [1.0] * 3, "turning": [1.0, 1.0, -1.0, -1.0, 1.0, 1.0]}.items():
    seen[name] = by_optax(slopes), by_torch(slopes)
    print(name, "optax, PyTorch:", *seen[name])
assert seen["steady"] == ([0, -0.1, -0.22], [-0.1, -0.22, -0.364])
assert seen["turning"][0][0] == 0
assert seen["turning"][1][0] == -0.1
EOF
