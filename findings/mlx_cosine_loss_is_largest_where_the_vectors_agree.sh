#!/usr/bin/env bash
# MLX: nn.losses.cosine_similarity_loss is 1 for equal vectors and -1 for opposite ones.
#
# Whoever minimises it turns the vectors away from each other. The loss of that name in Keras has the other sign, that
# of PyTorch and optax is 1 minus the cosine.
#
# Versions: mlx 0.32.4 mlx-cpu 0.32.4, Python 3.11, Linux, a processor.
# Output seen:
#   equal, opposite: [1.0, -1.0]
#   after 100 steps from (1, 1): [-1.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(mlx==0.32.4 mlx-cpu==0.32.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optimizers

target = mx.array([[1.0, 0.0]])
losses = [
    round(nn.losses.cosine_similarity_loss(mx.array([[sign, 0.0]]), target).item(), 3)
    for sign in (1.0, -1.0)
]
print("equal, opposite:", losses)
assert losses == [1, -1]

point = {"w": mx.array([[1.0, 1.0]])}
descent = optimizers.SGD(0.5)
cosine = nn.losses.cosine_similarity_loss
for _ in range(100):
    slope = mx.grad(lambda w: cosine(w, target).sum())(point["w"])
    point = descent.apply_gradients({"w": slope}, point)
end = (point["w"] / mx.linalg.norm(point["w"])).reshape(-1).tolist()
print("after 100 steps from (1, 1):", [round(number, 2) for number in end])
assert end[0] < -0.99
EOF
