#!/usr/bin/env bash
# tf2onnx: -5 // 3 is -1 in the exported model, and the remainder -2.
#
# In TensorFlow, as in Python, it is -2 and 1. Floating-point numbers are right in ONNX, and so are integers without a
# sign to lose. An index counted from the right by `i // n` or `i % n` points to another pixel after the export.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 tf2onnx 1.17.0 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   int32 quotient TensorFlow, ONNX: [-2, 1] [-1, 1]
#   int32 remainder TensorFlow, ONNX: [1, 2] [-2, 2]
#   float32 quotient TensorFlow, ONNX: [-2.0, 1.0] [-2.0, 1.0]
#   float32 remainder TensorFlow, ONNX: [1.0, 2.0] [1.0, 2.0]
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


seen = {}
for name in ("int32", "float32"):
    numbers = np.array([-5, 5], name)
    for what, function in (("quotient", tf.math.floordiv), ("remainder", tf.math.floormod)):
        of = lambda x: function(x, tf.constant(3, name))
        seen[name, what] = of(numbers).numpy().tolist(), in_onnx(of, numbers).tolist()
for what, answers in seen.items():
    print(*what, "TensorFlow, ONNX:", *answers)
assert seen["int32", "quotient"] == ([-2, 1], [-1, 1])
assert seen["int32", "remainder"] == ([1, 2], [-2, 2])
assert seen["float32", "quotient"] == ([-2, 1], [-2, 1])
assert seen["float32", "remainder"] == ([1, 2], [1, 2])
EOF
