#!/usr/bin/env bash
# With jit_compile=True, tf.reduce_max and tf.reduce_min drop NaN.
#
# Maximum of (3, NaN, 1). Expected: NaN, as without jit_compile. Seen: 3. A check for NaN by a maximum passes.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   eager, compiled: [[nan, 3.0], [nan, 1.0]]
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
import numpy as np
import tensorflow as tf

numbers = tf.constant([3.0, np.nan, 1.0])


def both(function):
    compiled = tf.function(function, jit_compile=True)
    return [float(f(numbers)) for f in (function, compiled)]


results = [both(tf.reduce_max), both(tf.reduce_min)]
print("eager, compiled:", results)
for eager, compiled in results:
    assert np.isnan(eager)
    assert np.isfinite(compiled)
EOF
