#!/usr/bin/env bash
# tract: Celu with alpha 2 is elu of half its input.
#
# alpha (exp(x / alpha) - 1) at -1, alpha 2: -0.787. tract leaves the factor out, -0.393. Its softplus of 100 is
# infinite, and its log-softmax of (0, 110) starts with minus infinity, where ONNX Runtime has 100 and -110.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 tract 0.23.9 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   Celu [-0.393] [-0.787]
#   Softplus [inf] [100.0]
#   LogSoftmax [-inf, 0.0] [-110.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnx==1.23.2 onnxruntime==1.32.0 tract==0.23.9 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - "$folder" <<'EOF'
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import tract


def model(operator, inputs, outputs, opset=21, **attributes):
    names = [f"x{i}" for i in range(len(inputs))]
    node = onnx.helper.make_node(operator, names, outputs, **attributes)
    of = onnx.helper.np_dtype_to_tensor_dtype
    graph = onnx.helper.make_graph(
        [node],
        "one",
        [
            onnx.helper.make_tensor_value_info(n, of(x.dtype), x.shape)
            for n, x in zip(names, inputs)
        ],
        [onnx.ValueInfoProto(name=name) for name in outputs],
    )
    versions = [onnx.helper.make_opsetid("", opset)]
    whole = onnx.helper.make_model(graph, opset_imports=versions, ir_version=10)
    return onnx.shape_inference.infer_shapes(whole), dict(zip(names, inputs))


def in_runtime(model, inputs):
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, inputs)


def in_tract(model, inputs):
    path = Path(sys.argv[1]) / "model.onnx"
    path.write_bytes(model.SerializeToString())
    runnable = tract.onnx().load(path).into_model().into_runnable()
    return [output.to_numpy() for output in runnable.run(list(inputs.values()))]


seen = {}
for operator, numbers, attributes in (
    ("Celu", [[-1]], {"alpha": 2.0}),
    ("Softplus", [[100]], {}),
    ("LogSoftmax", [[0, 110]], {}),
):
    one = model(operator, [np.array(numbers, np.float32)], ["y"], **attributes)
    seen[operator] = [
        run(*one)[0].ravel().astype(float).round(3).tolist() for run in (in_tract, in_runtime)
    ]
    print(operator, *seen[operator])
assert np.allclose(seen["Celu"], [[-0.393], [-0.787]])
assert seen["Softplus"] == [[np.inf], [100]]
assert seen["LogSoftmax"] == [[-np.inf, 0], [-110, 0]]
EOF
