#!/usr/bin/env bash
# OpenCV: auto_pad of an ONNX model, SAME_UPPER or SAME_LOWER, is the same to it, and half of the time the wrong one.
#
# Where an odd number of pixels is added, SAME_UPPER puts the odd one at the end and SAME_LOWER at the beginning.
# cv2.dnn puts it at the end for stride 1 and a window of 2, and at the beginning for stride 2 and a window of 3,
# whatever the model says, in both engines and for convolution, maximum and mean. Stride 2 with SAME_UPPER is what
# models from TensorFlow have. The shapes are right. Guess before the run: as in ONNX Runtime.
#
# Versions: opencv-python-headless 5.0.0.93 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   maximum of 2, stride 1, SAME_UPPER: {'ONNX Runtime': [2.0, 3.0, 4.0, 5.0, 6.0, 6.0], 'OpenCV, classic': [2.0,
#     3.0, 4.0, 5.0, 6.0, 6.0], 'OpenCV, new': [2.0, 3.0, 4.0, 5.0, 6.0, 6.0]}
#   maximum of 2, stride 1, SAME_LOWER: {'ONNX Runtime': [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 'OpenCV, classic': [2.0,
#     3.0, 4.0, 5.0, 6.0, 6.0], 'OpenCV, new': [2.0, 3.0, 4.0, 5.0, 6.0, 6.0]}
#   maximum of 3, stride 2, SAME_UPPER: {'ONNX Runtime': [3.0, 5.0, 6.0], 'OpenCV, classic': [2.0, 4.0, 6.0],
#     'OpenCV, new': [2.0, 4.0, 6.0]}
#   maximum of 3, stride 2, SAME_LOWER: {'ONNX Runtime': [2.0, 4.0, 6.0], 'OpenCV, classic': [2.0, 4.0, 6.0],
#     'OpenCV, new': [2.0, 4.0, 6.0]}
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
for kernel, stride, wrong in ((2, 1, "SAME_LOWER"), (3, 2, "SAME_UPPER")):
    for kind in ("MaxPool", "AveragePool", "Conv"):
        found = {}
        for padding in ("SAME_UPPER", "SAME_LOWER"):
            convolution = kind == "Conv"
            node = helper.make_node(
                kind,
                ["x", "w"] if convolution else ["x"],
                ["y"],
                kernel_shape=[1, kernel],
                strides=[1, stride],
                auto_pad=padding,
            )
            weights = {"w": np.ones((1, 1, 1, kernel), np.float32)} if convolution else {}
            seen = answers(node, row.shape, {"y": (1, 1, 1, 6 // stride)}, row, weights)
            found[padding] = {name: answer[0].ravel().tolist() for name, answer in seen.items()}
            if kind == "MaxPool":
                print(f"maximum of {kernel}, stride {stride}, {padding}: {found[padding]}")
            assert found[padding]["OpenCV, classic"] == found[padding]["OpenCV, new"]
            same = np.allclose(found[padding]["ONNX Runtime"], found[padding]["OpenCV, new"])
            assert same == (padding != wrong)
        assert found["SAME_UPPER"]["OpenCV, new"] == found["SAME_LOWER"]["OpenCV, new"]
EOF
