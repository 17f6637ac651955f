#!/usr/bin/env bash
# safetensors: a conjugated tensor of PyTorch loses the conjugation, and its imaginary part the sign.
#
# In PyTorch conj() only sets a mark on a view of the same memory, as does the imaginary part of such a view for its
# sign. safetensors.torch writes the memory and forgets the mark; torch.save and numpy() after resolve_conj() keep it.
# The tensor counts as contiguous and dense, which is all that the documentation asks for.
#
# Versions: safetensors 0.8.0 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   conjugate, by torch.save, by safetensors: [(1-2j)] [(1-2j)] [(1+2j)]
#   its imaginary part, by torch.save, by safetensors: [-2.0] [-2.0] [2.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(safetensors==0.8.0 torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import io

import safetensors.torch
import torch

number = torch.tensor([1 + 2j])
seen = {}
for name, tensor in {"conjugate": number.conj(), "its imaginary part": number.conj().imag}.items():
    assert tensor.is_contiguous()
    back = safetensors.torch.load(safetensors.torch.save({"x": tensor}))["x"]
    file = io.BytesIO()
    torch.save(tensor, file)
    file.seek(0)
    seen[name] = tensor.tolist(), torch.load(file).tolist(), back.tolist()
    print(f"{name}, by torch.save, by safetensors:", *seen[name])
assert seen["conjugate"] == ([1 - 2j], [1 - 2j], [1 + 2j])
assert seen["its imaginary part"] == ([-2], [-2], [2])
resolved = safetensors.torch.save({"x": number.conj().resolve_conj()})
assert safetensors.torch.load(resolved)["x"].tolist() == [1 - 2j]
EOF
