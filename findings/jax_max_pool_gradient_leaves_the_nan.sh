#!/usr/bin/env bash
# JAX: the gradient of max pooling goes to a pixel that is not the maximum where the window holds NaN.
#
# Window (1 NaN 2 3). The output is NaN, so the maximum is the NaN; its gradient goes to the 3. Expected: to the NaN,
# as in PyTorch. In a training that looks at gradients, the NaN stays hidden.
#
# Versions: flax 0.12.8 jax 0.10.2 jaxlib 0.10.2 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   output nan gradient [0.0, 0.0, 0.0, 1.0]
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
import jax
import jax.numpy as jnp
from flax import linen

window = jnp.array([1.0, jnp.nan, 2.0, 3.0]).reshape(1, 4, 1)


def pooled(x):
    return jnp.sum(linen.max_pool(x, (4,)))


gradient = jax.grad(pooled)(window).ravel().tolist()
print("output", float(pooled(window)), "gradient", gradient)
assert jnp.isnan(pooled(window))
assert gradient == [0.0, 0.0, 0.0, 1.0]
EOF
