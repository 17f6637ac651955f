#!/usr/bin/env bash
# tf.nn.conv2d of an empty batch returns the shape of its input.
#
# Expected: (0, 3, 3, 7), as in float64, and as shape inference says. Seen in float32, with oneDNN: (0, 5, 5, 2).
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   {'float64': (0, 3, 3, 7), 'float32': (0, 5, 5, 2)}
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6)
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
import tensorflow as tf

shapes = {
    dtype.name: tuple(
        tf.nn.conv2d(
            tf.zeros((0, 5, 5, 2), dtype), tf.zeros((3, 3, 2, 7), dtype), 1, "VALID"
        ).shape
    )
    for dtype in (tf.float64, tf.float32)
}
print(shapes)
assert shapes == {"float64": (0, 3, 3, 7), "float32": (0, 5, 5, 2)}
EOF
