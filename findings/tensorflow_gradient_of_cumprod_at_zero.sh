#!/usr/bin/env bash
# The gradient of tf.math.cumprod is wrong, not NaN, where a factor is 0.
#
# At (2, 0, 3) the sum of the cumulative products is a + ab + abc; its gradient is (1, 8, 0). Seen: (1, 0, 0).
# tf.reduce_prod is right at the same place.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   cumprod, by hand: [[1.0, 0.0, 0.0], [1.0, 8.0, 0.0]]
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

factors = tf.Variable([2.0, 0.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    by_cumprod = tf.reduce_sum(tf.math.cumprod(factors))
    a, b, c = tf.unstack(factors)
    by_hand = a + a * b + a * b * c
gradients = [tape.gradient(y, factors).numpy().tolist() for y in (by_cumprod, by_hand)]
print("cumprod, by hand:", gradients)
assert gradients == [[1.0, 0.0, 0.0], [1.0, 8.0, 0.0]]
EOF
