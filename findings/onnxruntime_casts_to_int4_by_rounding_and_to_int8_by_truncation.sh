#!/usr/bin/env bash
# ONNX Runtime: 2.5 cast to int8 is 2, and cast to int4 is 3.
#
# To int8 and int32 it truncates, as ONNX's reference does for every integer. To int4 and uint4 it rounds, and halves
# away from zero, so that it is not the rounding of QuantizeLinear either, which takes the even one. A model that
# computes an index or a level by Cast changes when its integers get smaller.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   INT8 reference [0.0, 1.0, 2.0, -1.0, 6.0] ONNX Runtime [0.0, 1.0, 2.0, -1.0, 6.0]
#   INT4 reference [0.0, 1.0, 2.0, -1.0, 6.0] ONNX Runtime [1.0, 2.0, 3.0, -2.0, 7.0]
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


numbers = [0.5, 1.5, 2.5, -1.7, 6.7]
seen = {}
for name in ("INT8", "INT4"):
    seen[name] = cast(numbers, getattr(TensorProto, name))
    print(name, "reference", seen[name][0], "ONNX Runtime", seen[name][1])
cut = [0, 1, 2, -1, 6]
assert seen == {"INT8": [cut, cut], "INT4": [cut, [1, 2, 3, -2, 7]]}
EOF
