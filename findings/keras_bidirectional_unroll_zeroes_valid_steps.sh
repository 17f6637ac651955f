#!/usr/bin/env bash
# A masked, unrolled Bidirectional layer of Keras on TensorFlow zeroes valid steps.
#
# Mask 1 1 1 0 0. Expected: the same outputs with unroll=True and unroll=False. Seen: the backward half is 0 at the
# valid steps 0 and 1; on JAX it is not, but the padded steps are not 0 there; on PyTorch the layer raises
# AttributeError.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   unroll=False [0.528 0.674 0.635 0.    0.   ]
#   unroll=True  [0.    0.    0.635 0.    0.   ]
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
import keras
import numpy as np

inputs = np.arange(1.0, 6).reshape(1, 5, 1) / 4
mask = np.array([[True, True, True, False, False]])


def backward_half(unroll):
    layer = keras.layers.Bidirectional(
        keras.layers.SimpleRNN(1, return_sequences=True, unroll=unroll)
    )
    layer.build(inputs.shape)
    layer.set_weights([np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1)] * 2)
    return np.array(layer(inputs, mask=mask))[0, :, 1].round(3)


loop, unrolled = backward_half(False), backward_half(True)
print("unroll=False", loop)
print("unroll=True ", unrolled)
assert loop[:3].all()
assert not unrolled[:2].any()
EOF
