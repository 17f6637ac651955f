#!/usr/bin/env bash
# PyTorch: norm pooling with an odd power gives NaN for negative numbers.
#
# The norm of (-1 -2) for p = 3 is (1 + 8) ** (1 / 3) = 2.08, as ONNX Runtime gives. Seen: NaN, because no absolute
# value is taken; for p = 1 the "norm" is -3. torch.linalg.vector_norm is right.
#
# Versions: torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   lp_pool1d: [-3.0, 2.2360680103302, nan] vector_norm: [3.0, 2.2360680103302, 2.0800838470458984]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import torch

row = torch.tensor([[[-1.0, -2.0]]])
pooled = [float(torch.nn.functional.lp_pool1d(row, p, 2)) for p in (1, 2, 3)]
norms = [float(torch.linalg.vector_norm(row, p)) for p in (1, 2, 3)]
print("lp_pool1d:", pooled, "vector_norm:", norms)
assert pooled[0] == -3
assert round(pooled[1], 3) == round(norms[1], 3) == 2.236
assert torch.isnan(torch.tensor(pooled[2]))
EOF
