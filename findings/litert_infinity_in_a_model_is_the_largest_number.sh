#!/usr/bin/env bash
# LiteRT: an infinity that is written in a model becomes 3.4e38, and is_inf is never true.
#
# What the model holds as a constant is cut off at the largest float32 when the model is converted; infinite input
# stays infinite. So x < infinity is true for 1 and for infinity false, but x == infinity is always false, and is_inf,
# which is converted to such a comparison, too. A row in which each score is masked by minus infinity has equal shares
# as its softmax, in place of NaN. Guess before the run: as TensorFlow.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 ai-edge-litert 2.3.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   is_inf TensorFlow, LiteRT: [True, True, False] [False, False, False]
#   equals TensorFlow, LiteRT: [True, False, False] [False, False, False]
#   filled TensorFlow, LiteRT: [inf, -inf, -inf] [inf, -3.4028234663852886e+38, -3.4028234663852886e+38]
#   masked TensorFlow, LiteRT: [nan, nan, nan] [0.3333333432674408, 0.3333333432674408, 0.3333333432674408]
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


functions = {
    "is_inf": tf.math.is_inf,
    "equals": lambda x: x == np.inf,
    "filled": lambda x: tf.where(x > 1, x, -np.inf),
    "masked": lambda x: keras.ops.softmax(tf.where(x == 0.5, x, -np.inf)),
}
numbers = np.array([np.inf, -np.inf, 1], np.float32)
seen = {}
for name, function in functions.items():
    seen[name] = function(tf.constant(numbers)).numpy().tolist(), in_litert(function, numbers).tolist()
    print(name, "TensorFlow, LiteRT:", *seen[name])
largest = float(np.finfo(np.float32).max)
assert seen["is_inf"] == ([True, True, False], [False, False, False])
assert seen["equals"] == ([True, False, False], [False, False, False])
assert seen["filled"] == ([np.inf, -np.inf, -np.inf], [np.inf, -largest, -largest])
assert np.isnan(seen["masked"][0]).all()
assert np.allclose(seen["masked"][1], 1 / 3)
EOF
