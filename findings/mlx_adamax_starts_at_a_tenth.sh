#!/usr/bin/env bash
# MLX: the first step of Adamax is a tenth of the learning rate.
#
# The mean of the slopes starts at 0 and is a tenth of the slope after the first step. The paper and optax correct that,
# and step by the learning rate. MLX's Adam can be told to, by `bias_correction`; Adamax takes no such argument.
#
# Versions: mlx 0.32.4 mlx-cpu 0.32.4 optax 0.2.8 jax 0.10.2 jaxlib 0.10.2, Python 3.11, Linux, a processor.
# Output seen:
#   {'MLX Adamax': -0.1, 'optax adamax': -1.0, 'MLX Adam': -3.162, 'MLX Adam, corrected': -1.0}
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(mlx==0.32.4 mlx-cpu==0.32.4 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2)
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
import inspect

import jax.numpy as jnp
import mlx.core as mx
import mlx.optimizers as optimizers
import optax


def by_mlx(rule):
    moved = rule.apply_gradients({"w": mx.array(1.0)}, {"w": mx.array(0.0)})
    return round(moved["w"].item(), 3)


rule, point = optax.adamax(1.0), jnp.array(0.0)
update, _ = rule.update(jnp.array(1.0), rule.init(point), point)
seen = {
    "MLX Adamax": by_mlx(optimizers.Adamax(1.0)),
    "optax adamax": round(float(update), 3),
    "MLX Adam": by_mlx(optimizers.Adam(1.0)),
    "MLX Adam, corrected": by_mlx(optimizers.Adam(1.0, bias_correction=True)),
}
print(seen)
assert list(seen.values()) == [-0.1, -1, -3.162, -1]
assert "bias_correction" not in inspect.signature(optimizers.Adamax).parameters
EOF
