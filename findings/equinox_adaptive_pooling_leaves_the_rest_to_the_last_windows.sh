#!/usr/bin/env bash
# Equinox: adaptive average pooling cuts at other places than PyTorch, and cannot enlarge.
#
# (1 2 3 4 5) to three pixels: PyTorch's windows overlap, each as wide as its share, (1.5 3 4.5). Equinox's do not, and
# the first ones are wider, (1.5 3.5 5). Where the sizes divide, both agree. From two pixels to four, PyTorch repeats
# them and Equinox divides by 0.
#
# Versions: equinox 0.13.8 jax 0.10.2 jaxlib 0.10.2 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   6 to 3: PyTorch, Equinox [1.5, 3.5, 5.5] [1.5, 3.5, 5.5]
#   5 to 3: PyTorch, Equinox [1.5, 3.0, 4.5] [1.5, 3.5, 5.0]
#   2 to 4: PyTorch, Equinox [1.0, 1.0, 2.0, 2.0] ZeroDivisionError
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(equinox==0.13.8 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6)
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
import equinox as eqx
import jax.numpy as jnp
import numpy as np
import torch


def pooled(size, target):
    line = np.arange(1, size + 1, dtype=np.float32)[None]
    by_torch = torch.nn.functional.adaptive_avg_pool1d(torch.tensor(line), target)
    try:
        by_equinox = eqx.nn.AdaptiveAvgPool1d(target)(jnp.asarray(line)).ravel().tolist()
    except ZeroDivisionError as error:
        by_equinox = type(error).__name__
    return by_torch.ravel().tolist(), by_equinox


seen = {sizes: pooled(*sizes) for sizes in ((6, 3), (5, 3), (2, 4))}
for (size, target), answers in seen.items():
    print(f"{size} to {target}: PyTorch, Equinox", *answers)
assert seen[6, 3] == ([1.5, 3.5, 5.5], [1.5, 3.5, 5.5])
assert seen[5, 3] == ([1.5, 3, 4.5], [1.5, 3.5, 5])
assert seen[2, 4] == ([1, 1, 2, 2], "ZeroDivisionError")
EOF
