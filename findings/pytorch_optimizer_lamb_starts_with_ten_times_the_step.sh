#!/usr/bin/env bash
# pytorch-optimizer: the first step of Lamb is ten times as long as the learning rate allows.
#
# Lamb makes each step as long as the learning rate times the norm of the weights, whatever the gradient is. Here the
# moments are not corrected, as the class says, but the learning rate is divided by 1 - 0.9^t, which corrects nothing
# any more because the length has already been normalised. With a rate of 0.1 the first step is as long as the weights
# themselves. torch-optimizer keeps to the rate. The option adam_debias=True, which is off, makes it right.
#
# Versions: pytorch-optimizer 4.1.0 torch-optimizer 0.3.0 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   pytorch-optimizer: [1.0, 0.526, 0.369]
#   with adam_debias: [0.1, 0.1, 0.1]
#   torch-optimizer: [0.1, 0.1, 0.1]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pytorch-optimizer==4.1.0 torch-optimizer==0.3.0 torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import pytorch_optimizer
import torch
import torch_optimizer

START, SLOPES = [3.0, -4.0], [[0.3, -1.2], [0.5, 0.1], [-0.2, 0.6]]


def lengths(path):
    """Return how long each step is, in norms of the weights before it."""
    return [round((torch.dist(new, old) / old.norm()).item(), 3) for old, new in zip(path, path[1:])]


def by_torch(rule, **options):
    point = torch.tensor(START, requires_grad=True)
    optimizer, path = rule([point], lr=0.1, weight_decay=0, **options), [point.detach().clone()]
    for slope in SLOPES:
        point.grad = torch.tensor(slope)
        optimizer.step()
        path.append(point.detach().clone())
    return lengths(path)


seen = {
    "pytorch-optimizer": by_torch(pytorch_optimizer.Lamb),
    "with adam_debias": by_torch(pytorch_optimizer.Lamb, adam_debias=True),
    "torch-optimizer": by_torch(torch_optimizer.Lamb),
}
for name, steps in seen.items():
    print(f"{name}: {steps}")
assert seen["pytorch-optimizer"] == [1, 0.526, 0.369]
assert seen["with adam_debias"] == seen["torch-optimizer"] == [0.1, 0.1, 0.1]
EOF
