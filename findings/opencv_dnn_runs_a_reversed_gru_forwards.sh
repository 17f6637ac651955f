#!/usr/bin/env bash
# OpenCV: a reversed GRU of an ONNX model runs forwards, and a reversed LSTM ends at its first step.
#
# With direction="reverse" cv2.dnn gives for GRU what it gives for "forward", without a word, and for LSTM the right
# states but as last state (Y_h) the one of the last place in time, which has seen one step only; the last state of a
# reversed run stands at the first place. Forward and bidirectional are right, in both engines. Guess before the run:
# as in ONNX Runtime.
#
# Versions: opencv-python-headless 5.0.0.93 onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   GRU, forward, OpenCV, classic: all states right: True last state right: True
#   GRU, forward, OpenCV, new: all states right: True last state right: True
#   GRU, reverse, OpenCV, classic: all states right: False last state right: False
#   GRU, reverse, OpenCV, new: all states right: False last state right: False
#   GRU, bidirectional, OpenCV, classic: all states right: True last state right: True
#   GRU, bidirectional, OpenCV, new: all states right: True last state right: True
#   LSTM, forward, OpenCV, classic: all states right: True last state right: True
#   LSTM, forward, OpenCV, new: all states right: True last state right: True
#   LSTM, reverse, OpenCV, classic: all states right: True last state right: False
#   LSTM, reverse, OpenCV, new: all states right: True last state right: False
#   LSTM, bidirectional, OpenCV, classic: all states right: True last state right: True
#   LSTM, bidirectional, OpenCV, new: all states right: True last state right: True
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


generator = np.random.default_rng(0)
steps, features, hidden = 3, 4, 2
array = generator.normal(size=(steps, 1, features)).astype(np.float32)
for kind, gates in (("GRU", 3), ("LSTM", 4)):
    for direction in ("forward", "reverse", "bidirectional"):
        ways = 2 if direction == "bidirectional" else 1
        shapes = {"w": (2, gates * hidden, features), "r": (2, gates * hidden, hidden), "b": (2, 2 * gates * hidden)}
        generator = np.random.default_rng(1)
        weights = {name: generator.normal(size=shape)[:ways].astype(np.float32) for name, shape in shapes.items()}
        node = helper.make_node(kind, ["x", "w", "r", "b"], ["y", "h"], hidden_size=hidden, direction=direction)
        outputs = {"y": (steps, ways, 1, hidden), "h": (ways, 1, hidden)}
        seen = answers(node, array.shape, outputs, array, weights)
        right = seen.pop("ONNX Runtime")
        if direction == "forward":
            forward = right
        for name, answer in seen.items():
            same = [bool(np.allclose(*pair, atol=1e-5)) for pair in zip(answer, right, strict=True)]
            print(f"{kind}, {direction}, {name}: all states right: {same[0]} last state right: {same[1]}")
            if direction == "reverse" and kind == "GRU":
                assert same == [False, False]
                assert np.allclose(answer[0], forward[0], atol=1e-5)
                assert np.allclose(answer[1], forward[1], atol=1e-5)
            elif direction == "reverse":
                assert same == [True, False]
                assert np.allclose(answer[1], right[0][-1], atol=1e-5)
                assert np.allclose(right[1], right[0][0], atol=1e-5)
            else:
                assert same == [True, True]
EOF
