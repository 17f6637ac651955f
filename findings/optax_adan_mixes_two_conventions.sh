#!/usr/bin/env bash
# optax: Adan weighs the change of the gradient by 0.08, where its authors' numbers mean 0.92.
#
# The paper writes an average as (1 - b) m + b g and looks ahead by (1 - b2) v; implementations write b m + (1 - b) g
# and so must look ahead by b2 v. optax has the averages and the default 0.92 of the second, and 1 - b2 of the first, so
# hardly anything of the Nesterov step is left. Its documentation gives the formulas of the first with the numbers of
# the second. pytorch-optimizer, with the same numbers, follows the paper.
#
# Versions: optax 0.2.8 jax 0.10.2 jaxlib 0.10.2 pytorch-optimizer 4.1.0 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   optax: [-0.1, -0.1969, -0.2453, -0.2962]
#   0.08: [-0.1, -0.1969, -0.2453, -0.2962]
#   pytorch-optimizer: [-0.1, -0.1939, -0.1977, -0.219]
#   0.92: [-0.1, -0.1939, -0.1977, -0.219]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 pytorch-optimizer==4.1.0 torch==2.13.0 numpy==2.4.6)
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
import numpy as np
import optax
import pytorch_optimizer
import torch

SLOPES = [0.3, 0.5, -0.2, 0.1]


def by_hand(ahead):
    """Adan with averages b m + (1 - b) g, and a look ahead by this share of the change."""
    point, mean, change, square, before, path = 0.0, 0.0, 0.0, 0.0, SLOPES[0], []
    for step, slope in enumerate(SLOPES, 1):
        mean = 0.98 * mean + 0.02 * slope
        change = 0.92 * change + 0.08 * (slope - before)
        square = 0.99 * square + 0.01 * (slope + ahead * (slope - before)) ** 2
        corrected = mean / (1 - 0.98**step) + ahead * change / (1 - 0.92**step)
        point -= 0.1 * corrected / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        path.append(round(float(point), 4))
        before = slope
    return path


def by_optax():
    rule, point, path = optax.adan(0.1), jnp.array(0.0), []
    state = rule.init(point)
    for slope in SLOPES:
        update, state = rule.update(jnp.array(slope), state, point)
        point = point + update
        path.append(round(float(point), 4))
    return path


def by_torch():
    point, path = torch.zeros(1, requires_grad=True), []
    rule = pytorch_optimizer.Adan([point], lr=0.1, betas=(0.98, 0.92, 0.99), eps=1e-8)
    for slope in SLOPES:
        point.grad = torch.tensor([slope])
        rule.step()
        path.append(round(point.item(), 4))
    return path


seen = {"optax": by_optax(), "0.08": by_hand(0.08), "pytorch-optimizer": by_torch(), "0.92": by_hand(0.92)}
for name, path in seen.items():
    print(f"{name}: {path}")
assert np.allclose(seen["optax"], seen["0.08"], atol=2e-4)
assert np.allclose(seen["pytorch-optimizer"], seen["0.92"], atol=2e-4)
assert not np.allclose(seen["0.08"], seen["0.92"], atol=5e-3)
EOF
