#!/usr/bin/env bash
# LiteRT: max pooling of a window whose first pixel is NaN gives minus infinity.
#
# TensorFlow passes over NaN and gives 3, the largest of the others, wherever the NaN stands. LiteRT does so too, but
# for the first place: there the result is no pixel of the image.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 ai-edge-litert 2.3.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   NaN at pixel 0, 1, 2, 3: (TensorFlow, LiteRT) [(3.0, -inf), (3.0, 3.0), (3.0, 3.0), (3.0, 3.0)]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 ai-edge-litert==2.3.0 numpy==2.4.6)
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
from ai_edge_litert.interpreter import Interpreter


def in_litert(function, array):
    """Return what LiteRT makes of the function, converted for an array of this shape."""
    traced = tf.function(function, autograph=False)
    concrete = traced.get_concrete_function(tf.TensorSpec(array.shape, array.dtype))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], traced)
    interpreter = Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], array)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


seen = []
for place in range(4):
    image = np.array([1, 2, 3], np.float32)
    image = np.insert(image, place, np.nan).reshape(1, 2, 2, 1)
    pool = lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")
    seen.append((pool(tf.constant(image)).numpy().item(), in_litert(pool, image).item()))
print("NaN at pixel 0, 1, 2, 3: (TensorFlow, LiteRT)", seen)
assert seen == [(3, -np.inf), (3, 3), (3, 3), (3, 3)]
EOF
