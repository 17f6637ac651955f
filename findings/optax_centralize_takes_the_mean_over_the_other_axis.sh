#!/usr/bin/env bash
# optax: gradients are centralised over the outputs of a layer, not over its inputs as in the paper.
#
# The paper subtracts from the gradient of each unit its mean over the inputs, so the sum of the weights of a unit stays
# as it is. optax takes the mean over every axis but the first, which is right where the outputs come first (PyTorch);
# in Flax, Haiku and Keras the kernel is (inputs, outputs). optax itself takes it so in adaptive_grad_clip, which clips
# each column. The documentation says "along leading dimension" and refers to the paper.
#
# Versions: optax 0.2.8 jax 0.10.2 jaxlib 0.10.2 flax 0.12.8 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   is the mean 0 over inputs, over outputs: False True
#   adaptive_grad_clip, columns (1, 1, 1) and (1000, 1000, 1000): [[1.0, 1.0, 1.0], [10.0, 10.0, 10.0]]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 flax==0.12.8 numpy==2.4.6)
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
import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

inputs = jnp.arange(12.0).reshape(4, 3) ** 1.5
layer = nn.Dense(2)
weights = layer.init(jax.random.key(0), inputs)["params"]


def loss(weights):
    return jnp.mean((layer.apply({"params": weights}, inputs) - jnp.array([1.0, -2.0])) ** 2)


kernel = jax.grad(loss)(weights)["kernel"]
assert kernel.shape == (3, 2)
rule = optax.centralize()
centred = rule.update(kernel, rule.init(kernel))[0]
sums = {f"axis {axis}": jnp.abs(centred.sum(axis)).max() / jnp.abs(kernel).max() for axis in (0, 1)}
print("is the mean 0 over inputs, over outputs:", *[bool(size < 1e-4) for size in sums.values()])
assert sums["axis 0"] > 0.1
assert sums["axis 1"] < 1e-4

slopes = jnp.array([[1.0, 1000.0], [1.0, 1000.0], [1.0, 1000.0]])
rule = optax.adaptive_grad_clip(1.0)
clipped = rule.update(slopes, rule.init(slopes), jnp.full((3, 2), 10.0))[0]
print("adaptive_grad_clip, columns (1, 1, 1) and (1000, 1000, 1000):", clipped.T.round(2).tolist())
assert jnp.allclose(clipped, jnp.array([1.0, 10.0]), atol=1e-3)
EOF
