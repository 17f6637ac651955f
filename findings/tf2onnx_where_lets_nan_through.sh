#!/usr/bin/env bash
# tf2onnx: where(x < 1, x, -1) of infinity is -1 in TensorFlow and NaN in the exported model.
#
# A choice by comparison is exported as a sum of two products with 0 and 1, and infinity or NaN times 0 is NaN. The line
# that was written to keep them out lets them in. A choice by `is_nan` stays a choice.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 tf2onnx 1.17.0 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   TensorFlow, ONNX: [-1.  -1.   0.5] [nan nan 0.5]
#   TensorFlow, ONNX: [-1.   inf  0.5] [-1.   inf  0.5]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 tf2onnx==1.17.0 onnxruntime==1.32.0 numpy==2.4.6)
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
import onnxruntime
import tensorflow as tf
import tf2onnx


def in_onnx(function, *arrays):
    """Return what ONNX Runtime makes of the function, exported for arrays of these shapes."""
    signature = [tf.TensorSpec(array.shape, array.dtype) for array in arrays]
    whole, _ = tf2onnx.convert.from_function(
        tf.function(function, autograph=False), input_signature=signature, opset=18
    )
    session = onnxruntime.InferenceSession(whole.SerializeToString())
    names = [put_in.name for put_in in session.get_inputs()]
    return session.run(None, dict(zip(names, arrays)))[0]


numbers = np.array([np.nan, np.inf, 0.5], np.float32)
seen = []
for choose in (lambda x: tf.where(x < 1, x, -1.0), lambda x: tf.where(tf.math.is_nan(x), -1.0, x)):
    seen.append((choose(numbers).numpy(), in_onnx(choose, numbers)))
    print("TensorFlow, ONNX:", *seen[-1])
nan = np.nan
assert np.array_equal(seen[0], [[-1, -1, 0.5], [nan, nan, 0.5]], equal_nan=True)
assert np.array_equal(seen[1], [[-1, np.inf, 0.5], [-1, np.inf, 0.5]])
EOF
