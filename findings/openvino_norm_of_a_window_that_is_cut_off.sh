#!/usr/bin/env bash
# OpenVINO and ONNX's reference: the norm of a window at the edge grows by the pixels that are not there.
#
# LpPool with p = 2 over (1 2 3), two wide, stride 2, `ceil_mode`: the last window holds the 3 alone, whose norm is 3.
# Both say 4.2426, which is 3 times the root of 2, as if the missing pixel were a 3 too. ONNX Runtime says 3.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 openvino 2026.4.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   ONNX Runtime, OpenVINO, reference: [2.2361, 3.0] [2.2361, 4.2426] [2.2361, 4.2426]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import io

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx.reference import ReferenceEvaluator


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


def in_openvino(model, inputs):
    read = openvino.Core().read_model(io.BytesIO(model.SerializeToString()))
    compiled = openvino.Core().compile_model(read, "CPU")
    used = {port.any_name for port in compiled.inputs}
    results = compiled({name: value for name, value in inputs.items() if name in used})
    return [results[output] for output in compiled.outputs]


line = np.array([1, 2, 3], np.float32).reshape(1, 1, 1, 3)
one = model("LpPool", [line], ["y"], kernel_shape=[1, 2], strides=[1, 2], ceil_mode=1, p=2)
norms = [
    result[0].ravel().astype(float).round(4).tolist()
    for result in (
        in_runtime(*one),
        in_openvino(*one),
        ReferenceEvaluator(one[0]).run(None, one[1]),
    )
]
print("ONNX Runtime, OpenVINO, reference:", *norms)
assert np.allclose(norms, [[2.2361, 3], [2.2361, 4.2426], [2.2361, 4.2426]])
EOF
