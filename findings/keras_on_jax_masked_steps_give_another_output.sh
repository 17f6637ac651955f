#!/usr/bin/env bash
# Keras: masked steps before the first valid one give 0 on TensorFlow, and the initial state on JAX.
#
# SimpleRNN, initial state 1, mask 0 0 1. The same Keras program on two backends: outputs 0 0 0.964 and 1 1 0.964.
# With all steps masked, also what a layer without return_sequences returns: 0 and 1 (the state is 1 on both).
#
# Versions: keras 3.15.1 jax 0.10.2 jaxlib 0.10.2 numpy 2.4.6 tensorflow 2.21.0, Python 3.11, Linux, a processor.
# Output seen:
#   TensorFlow, JAX: ['[0.0, 0.0, 0.964]', '[1.0, 1.0, 0.964]']
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 tensorflow==2.21.0)
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
import os
import subprocess
import sys

PROGRAM = """
import keras, numpy as np
layer = keras.layers.SimpleRNN(1, return_sequences=True)
layer.build((1, 3, 1))
layer.set_weights([np.ones((1, 1)), np.ones((1, 1)), np.zeros(1)])
mask = np.array([[False, False, True]])
outputs = layer(np.ones((1, 3, 1), "float32"), mask=mask, initial_state=np.ones((1, 1), "float32"))
print([round(float(x), 3) for x in keras.ops.convert_to_numpy(outputs).ravel()])
"""
outputs = [
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    for backend in ("tensorflow", "jax")
]
print("TensorFlow, JAX:", outputs)
assert outputs == ["[0.0, 0.0, 0.964]", "[1.0, 1.0, 0.964]"]
EOF
