#!/usr/bin/env bash
# OpenVINO: with ceil_mode, MaxPool adds a window that lies in the padding, and AveragePool does not.
#
# (1 2 3 4) with one pixel of padding on each side, windows of two, stride 3. A window that would start in the padding
# on the right does not count. Of the maxima there is one more all the same, the lowest float32; of the means there is
# not. ONNX Runtime gives two of each.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 openvino 2026.4.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   MaxPool [1.0, 4.0, -3.4028234663852886e+38] [1.0, 4.0]
#   AveragePool [1.0, 3.5] [1.0, 3.5]
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


line = np.array([1, 2, 3, 4], np.float32).reshape(1, 1, 1, 4)
seen = []
for operator in ("MaxPool", "AveragePool"):
    one = model(
        operator, [line], ["y"], kernel_shape=[1, 2], strides=[1, 3], pads=[0, 1, 0, 1], ceil_mode=1
    )
    seen += [in_openvino(*one)[0].ravel().tolist(), in_runtime(*one)[0].ravel().tolist()]
print("MaxPool", *seen[:2])
print("AveragePool", *seen[2:])
lowest = float(np.finfo(np.float32).min)
assert seen == [[1, 4, lowest], [1, 4], [1, 3.5], [1, 3.5]]
EOF
