#!/usr/bin/env bash
# LiteRT: softplus of 89 is infinite, and mish of 89 is 89.
#
# Softplus is converted to log(1 + exp(x)), and exp(89) is no float32; TensorFlow gives 89. Mish, x tanh(softplus(x)),
# hides it, because tanh of infinity is 1.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 ai-edge-litert 2.3.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   softplus TensorFlow, LiteRT: [88.0, 89.0, 100.0] [88.0, inf, inf]
#   mish TensorFlow, LiteRT: [88.0, 89.0, 100.0] [88.0, 89.0, 100.0]
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


numbers = np.array([88, 89, 100], np.float32)
seen = {}
for function in (tf.nn.softplus, keras.activations.mish):
    seen[function.__name__] = (
        function(numbers).numpy().tolist(),
        in_litert(function, numbers).tolist(),
    )
    print(function.__name__, "TensorFlow, LiteRT:", *seen[function.__name__])
assert seen["softplus"] == ([88, 89, 100], [88, np.inf, np.inf])
assert seen["mish"] == ([88, 89, 100], [88, 89, 100])
EOF
