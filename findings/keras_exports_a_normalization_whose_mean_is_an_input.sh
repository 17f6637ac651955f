#!/usr/bin/env bash
# Keras: in an ONNX file the mean and the deviation of a Normalization layer are inputs, without a value.
#
# The layer keeps the two in plain tensors, not in weights, when it is used, and tf2onnx makes an input of each tensor
# that it finds caught in a function. export ends without an error; the file asks for three inputs, and what it learned
# from the data is not in it. Likewise with mean and variance given by hand. The same model is right as a SavedModel.
# Guess before the run: one input, and the numbers of Keras.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 tf2onnx 1.17.0 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   adapted: ['number', 'Sub/y:0', 'Sqrt/x:0'], constants: 1
#   by hand: ['number', 'Sub/y:0', 'Sqrt/x:0'], constants: 1
#   Keras, SavedModel: [-1.225, 0.0, 1.225] [-1.225, 0.0, 1.225]
#   ONNX Runtime: Required inputs
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 tf2onnx==1.17.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import os

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf

numbers = np.array([[1], [2], [3]], np.float32)
adapted = keras.layers.Normalization()
adapted.adapt(numbers)
for name, layer in {"adapted": adapted, "by hand": keras.layers.Normalization(mean=[2.0], variance=[2 / 3])}.items():
    model = keras.Sequential([keras.Input((1,), name="number"), layer])
    expected = model(numbers).numpy()
    model.export("model.onnx", format="onnx", verbose=False)
    graph = onnx.load("model.onnx").graph
    inputs = ["/".join(value.name.split("/")[-2:]) for value in graph.input]
    print(f"{name}: {inputs}, constants: {len(graph.initializer)}")
    assert len(inputs) == 3
    assert [inputs[1][:3], inputs[2][:4]] == ["Sub", "Sqrt"]

model.export("folder", verbose=False)
saved = tf.saved_model.load("folder").serve(numbers).numpy()
print("Keras, SavedModel:", *(np.round(x.ravel().astype(float), 3).tolist() for x in (expected, saved)))
assert np.allclose(expected, saved)
session = onnxruntime.InferenceSession("model.onnx")
try:
    session.run(None, {"number": numbers})
except ValueError as error:
    print("ONNX Runtime:", str(error)[:15])
    assert str(error).startswith("Required inputs")
else:
    raise AssertionError("the file works")
EOF
