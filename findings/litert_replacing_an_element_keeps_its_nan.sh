#!/usr/bin/env bash
# LiteRT: an element that is NaN and is set to 8 stays NaN; set to 8 and to 9, a 2 becomes 15.
#
# tensor_scatter_nd_update is converted to arithmetic: x - x m + u, where m counts how often an element is set and u
# adds up what it is set to. TensorFlow gives 8, and one of 8 and 9: only their order is left open by its
# documentation. Guess before the run: as TensorFlow. slice_update of Keras is right.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 ai-edge-litert 2.3.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   once TensorFlow, LiteRT: [1.0, 8.0, 3.0] [1.0, 8.0, 3.0]
#   once, NaN TensorFlow, LiteRT: [1.0, 8.0, 3.0] [1.0, nan, 3.0]
#   twice TensorFlow, LiteRT: [1.0, 9.0, 3.0] [1.0, 15.0, 3.0]
#   slice, NaN TensorFlow, LiteRT: [1.0, 8.0, 3.0] [1.0, 8.0, 3.0]
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


def once(x):
    return tf.tensor_scatter_nd_update(x, [[1]], [8.0])


def twice(x):
    return keras.ops.scatter_update(x, [[1], [1]], [8.0, 9.0])


def by_slice(x):
    return keras.ops.slice_update(x, [1], np.array([8], np.float32))


numbers, holed = np.array([1, 2, 3], np.float32), np.array([1, np.nan, 3], np.float32)
seen = {}
for name, function, array in (
    ("once", once, numbers),
    ("once, NaN", once, holed),
    ("twice", twice, numbers),
    ("slice, NaN", by_slice, holed),
):
    seen[name] = function(tf.constant(array)).numpy().tolist(), in_litert(function, array).tolist()
    print(name, "TensorFlow, LiteRT:", *seen[name])
assert seen["once"] == ([1, 8, 3], [1, 8, 3])
assert seen["once, NaN"][0] == [1, 8, 3]
assert np.isnan(seen["once, NaN"][1][1])
assert seen["twice"][0] in ([1, 8, 3], [1, 9, 3])
assert seen["twice"][1] == [1, 15, 3]
assert seen["slice, NaN"] == ([1, 8, 3], [1, 8, 3])
EOF
