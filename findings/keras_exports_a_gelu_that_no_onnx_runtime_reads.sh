#!/usr/bin/env bash
# Keras: a network with gelu is exported as an ONNX file with an operator that ONNX does not have.
#
# The exact gelu is computed by the complement of the error function, which tf2onnx cannot translate. It copies the
# operator of TensorFlow into the file, under ONNX's own domain, logs a line, and export ends without an error; onnx's
# checker and ONNX Runtime refuse the file. celu fails by expm1, a grouped convolution by a whole function. The gelu by
# tanh is right. Guess before the run: Keras's numbers, or an error of export.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 tf2onnx 1.17.0 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   gelu: ['Erfc'] InvalidGraph
#   celu: ['Expm1'] InvalidGraph
#   grouped: ['StatefulPartitionedCall'] InvalidGraph
#   gelu by tanh: [] as Keras
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
import keras
import numpy as np
import onnx
import onnxruntime

layers = {
    "gelu": keras.layers.Activation("gelu"),
    "celu": keras.layers.Activation("celu"),
    "grouped": keras.layers.Conv2D(4, 3, groups=2),
    "gelu by tanh": keras.layers.Activation(lambda x: keras.activations.gelu(x, approximate=True)),
}
image = np.linspace(-3, 3, 32, dtype=np.float32).reshape(1, 4, 4, 2)
seen = {}
for name, layer in layers.items():
    model = keras.Sequential([keras.Input((4, 4, 2), name="image"), layer])
    expected = model(image).numpy()
    model.export("model.onnx", format="onnx", verbose=False)
    names = {node.op_type for node in onnx.load("model.onnx").graph.node}
    unknown = sorted(names - {schema.name for schema in onnx.defs.get_all_schemas()})
    try:
        session = onnxruntime.InferenceSession("model.onnx")
        result = session.run(None, {"image": image})[0]
        end = "as Keras" if np.allclose(result, expected, atol=1e-5) else "other numbers"
    except Exception as error:
        end = type(error).__name__
    seen[name] = unknown, end
    print(f"{name}: {unknown} {end}")
assert seen == {
    "gelu": (["Erfc"], "InvalidGraph"),
    "celu": (["Expm1"], "InvalidGraph"),
    "grouped": (["StatefulPartitionedCall"], "InvalidGraph"),
    "gelu by tanh": ([], "as Keras"),
}
EOF
