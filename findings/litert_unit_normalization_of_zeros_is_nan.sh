#!/usr/bin/env bash
# LiteRT: a vector of zeros, brought to length 1 by Keras's layer, is NaN; by TensorFlow's function it is 0.
#
# Both are zeros in TensorFlow. The layer UnitNormalization is converted to a reciprocal root, cut off afterwards; that
# of 0 is NaN in LiteRT. It is so for 1e-20 as well, whose square is 0 in float32.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 ai-edge-litert 2.3.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   0: (TensorFlow, LiteRT): layer (0.0, nan), function (0.0, 0.0)
#   1e-20: (TensorFlow, LiteRT): layer (9.99999993922529e-09, nan), function (9.9999998245167e-15, 9.9999998245167e-15)
#   3: (TensorFlow, LiteRT): layer (1.0, 1.0), function (1.0, 1.0)
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
import keras
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


layer = keras.layers.UnitNormalization()
seen = []
for number in (0, 1e-20, 3):
    vector = np.array([[number, 0]], np.float32)
    for function in (layer, lambda x: tf.math.l2_normalize(x, 1)):
        call = lambda x: function(x)
        seen.append((call(vector).numpy()[0, 0].item(), in_litert(call, vector)[0, 0].item()))
    print(f"{number}: (TensorFlow, LiteRT): layer {seen[-2]}, function {seen[-1]}")
lite = [answer for _, answer in seen]
assert np.isfinite([answer for answer, _ in seen]).all()
assert np.isnan(lite).tolist() == [True, False, True, False, False, False]
EOF
