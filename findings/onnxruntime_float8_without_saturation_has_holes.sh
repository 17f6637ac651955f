#!/usr/bin/env bash
# ONNX Runtime: cast to float8 without saturation, 479 and 496 are NaN, and the numbers between are 448.
#
# By the table of the operator, what is rounded to more than the largest number becomes NaN in E4M3FN (largest 448) and
# infinite in E5M2 (largest 57344). ONNX Runtime takes the numbers from 480 to below 496 for 448, and in E5M2 makes NaN
# of those from 61440 to below 65536, infinity only of larger ones. In E4M3FN, QuantizeLinear does the same. ONNX's
# reference follows the table.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   E4M3FN [464, 479, 480, 495, 496, 512]
#     reference [448.0, nan, nan, nan, nan, nan]
#     ONNX Runtime [448.0, nan, 448.0, 448.0, nan, nan]
#   E5M2 [61439, 61440, 65535, 65536, 1000000]
#     reference [57344.0, inf, inf, inf, inf]
#     ONNX Runtime [57344.0, nan, nan, inf, inf]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6)
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
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def cast(numbers, to, **attributes):
    """Return the numbers, cast to a type and back, in ONNX's reference and in ONNX Runtime."""
    nodes = [
        helper.make_node("Cast", ["x"], ["cast"], to=to, **attributes),
        helper.make_node("Cast", ["cast"], ["y"], to=TensorProto.FLOAT),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy"]
    graph = helper.make_graph(nodes, "one", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return [
        run(None, {"x": np.array(numbers, np.float32)})[0].tolist()
        for run in (ReferenceEvaluator(model).run, session.run)
    ]


nan, inf = float("nan"), float("inf")
seen = {}
for name, numbers in {
    "E4M3FN": [464, 479, 480, 495, 496, 512],
    "E5M2": [61439, 61440, 65535, 65536, 10**6],
}.items():
    seen[name] = cast(numbers, getattr(TensorProto, f"FLOAT8{name}"), saturate=0)
    print(name, numbers)
    print("  reference", seen[name][0])
    print("  ONNX Runtime", seen[name][1])
wanted = {
    "E4M3FN": [[448] + [nan] * 5, [448, nan, 448, 448, nan, nan]],
    "E5M2": [[57344] + [inf] * 4, [57344, nan, nan, inf, inf]],
}
assert all(np.array_equal(seen[name], wanted[name], equal_nan=True) for name in wanted)
EOF
