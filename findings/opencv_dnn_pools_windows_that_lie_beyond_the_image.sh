#!/usr/bin/env bash
# OpenCV: pooling with ceil_mode gives -3.4e38 or NaN for windows that lie beyond the image.
#
# Six pixels, windows of two, stride three: a third window would begin behind the last pixel, and the text of the
# operator says that such windows are ignored. cv2.dnn keeps it in both engines: the output has another shape, and the
# maximum of no pixel is the lowest float32, the mean NaN. Guess before the run: as in ONNX Runtime.
#
# Versions: opencv-python-headless 5.0.0.93 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   MaxPool, ONNX Runtime: [2.0, 5.0]
#   MaxPool, OpenCV, classic: [2.0, 5.0, -3.4028234663852886e+38]
#   MaxPool, OpenCV, new: [2.0, 5.0, -3.4028234663852886e+38]
#   AveragePool, ONNX Runtime: [1.5, 4.5]
#   AveragePool, OpenCV, classic: [1.5, 4.5, nan]
#   AveragePool, OpenCV, new: [1.5, 4.5, nan]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(opencv-python-headless==5.0.0.93 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ENGINES = {"classic": cv2.dnn.ENGINE_CLASSIC, "new": cv2.dnn.ENGINE_NEW}


def answers(node, shape, out_shapes, array, weights, opset=17):
    """Return what ONNX Runtime and both engines of OpenCV make of a model of one node."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, out) for name, out in out_shapes.items()]
    constants = [numpy_helper.from_array(weight, name) for name, weight in weights.items()]
    graph = helper.make_graph([node], "graph", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    seen = {"ONNX Runtime": session.run(list(out_shapes), {"x": array})}
    for name, engine in ENGINES.items():
        net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8), engine)
        net.setInput(array, "x")
        seen[f"OpenCV, {name}"] = list(net.forward(list(out_shapes)))
    return seen


row = np.arange(1, 7, dtype=np.float32).reshape(1, 1, 1, 6)
for kind in ("MaxPool", "AveragePool"):
    node = helper.make_node(kind, ["x"], ["y"], kernel_shape=[1, 2], strides=[1, 3], ceil_mode=1)
    seen = answers(node, row.shape, {"y": (1, 1, 1, 2)}, row, {}, opset=22)
    for name, answer in seen.items():
        print(f"{kind}, {name}: {answer[0].ravel().tolist()}")
    right = seen.pop("ONNX Runtime")[0].ravel().tolist()
    assert len(right) == 2
    for answer in seen.values():
        *begin, end = answer[0].ravel()
        assert begin == right
        assert end == np.finfo(np.float32).min if kind == "MaxPool" else not end > 0
EOF
