#!/usr/bin/env bash
# onnxoptimizer: its default passes turn group normalisation into normalisation of each channel.
#
# The pass eliminate_consecutive_idempotent_ops drops a Reshape before another Reshape. If the shape of the second
# holds a 0, "this dimension as it was", it now copies the dimension of another array: after splitting 4 channels into
# 2 groups, [0, 0, -1] gives 4 rows instead of 2. The model is valid before and after, and ONNX's own expansion of
# GroupNormalization has this pattern. Guess before the run: the same numbers before and after.
#
# Versions: onnxoptimizer 0.4.2 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   before, first two channels: [[-1.4639999866485596, -0.878000020980835, -0.2930000126361847],
#     [0.2930000126361847, 0.878000020980835, 1.4639999866485596]]
#   after, first two channels: [[-1.225000023841858, 0.0, 1.225000023841858], [-1.225000023841858, 0.0,
#     1.225000023841858]]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnxoptimizer==0.4.2 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import numpy as np
import onnx
import onnxoptimizer
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

groups, channels = 2, 4
nodes = [
    helper.make_node("Reshape", ["x", "split"], ["grouped"]),
    helper.make_node("Reshape", ["grouped", "flat"], ["rows"]),
    helper.make_node("ReduceMean", ["rows"], ["mean"], axes=[2]),
    helper.make_node("Sub", ["rows", "mean"], ["centred"]),
    helper.make_node("Mul", ["centred", "centred"], ["square"]),
    helper.make_node("ReduceMean", ["square"], ["variance"], axes=[2]),
    helper.make_node("Sqrt", ["variance"], ["deviation"]),
    helper.make_node("Div", ["centred", "deviation"], ["normal"]),
    helper.make_node("Reshape", ["normal", "back"], ["y"]),
]
shapes = {"split": [1, groups, channels // groups, 3], "flat": [0, 0, -1], "back": [1, channels, 3]}
constants = [numpy_helper.from_array(np.array(shape), name) for name, shape in shapes.items()]
inputs, outputs = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 3])] for name in "xy"]
graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
array = np.arange(12, dtype=np.float32).reshape(1, channels, 3)


def run(model):
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": array})[0][0]


def normalised(array, parts):
    rows = array.reshape(parts, -1)
    rows = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)
    return rows.reshape(channels, 3)


before = run(model)
after = run(onnxoptimizer.optimize(model))
one = run(onnxoptimizer.optimize(model, ["eliminate_consecutive_idempotent_ops"]))
print("before, first two channels:", before[:2].round(3).tolist())
print("after, first two channels:", after[:2].round(3).tolist())
assert np.allclose(before, normalised(array, groups), atol=1e-5)
assert np.allclose(after, normalised(array, channels), atol=1e-5)
assert np.array_equal(one, after)
assert not np.allclose(before, after, atol=0.5)
EOF
