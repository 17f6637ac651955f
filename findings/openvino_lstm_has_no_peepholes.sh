#!/usr/bin/env bash
# OpenVINO: an ONNX LSTM loses its peepholes and its layout without a word.
#
# With peephole weights OpenVINO returns what it returns without them. With `layout=1`, the batch first, it reads the
# batch as steps all the same. ONNX Runtime uses the peepholes, and refuses that layout.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 openvino 2026.4.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   without peepholes [0.0117] [0.0117] with [0.0117] [0.014]
#   one sequence of four steps, layout 1: [0.0077, 0.0038, 0.0119, 0.0075] Fail
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

onnxruntime.set_default_logger_severity(4)


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


rng = np.random.default_rng(0)
shapes = (4, 1, 1), (1, 4, 1), (1, 4, 1), (1, 8)
inputs = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
more = [np.array([4], np.int32), np.zeros((1, 1, 1), np.float32), np.zeros((1, 1, 1), np.float32)]
holes = [np.full((1, 3), 3, np.float32)]


def last(run, given, **attributes):
    return (
        run(*model("LSTM", given, ["y", "last"], hidden_size=1, **attributes))[1]
        .ravel()
        .astype(float)
        .round(4)
        .tolist()
    )


without = [last(run, inputs + more) for run in (in_openvino, in_runtime)]
with_them = [last(run, inputs + more + holes) for run in (in_openvino, in_runtime)]
print("without peepholes", *without, "with", *with_them)
batch_first = last(in_openvino, [inputs[0].swapaxes(0, 1), *inputs[1:]], layout=1)
try:
    refused = str(last(in_runtime, [inputs[0].swapaxes(0, 1), *inputs[1:]], layout=1))
except Exception as error:
    refused = type(error).__name__
print("one sequence of four steps, layout 1:", batch_first, refused)
assert without[0] == without[1] == with_them[0] != with_them[1]
assert len(batch_first) == 4
assert refused == "Fail"
EOF
