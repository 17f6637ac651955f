#!/usr/bin/env bash
# ONNX's own reference evaluator: RNN, GRU and LSTM run over the end of a sequence, and do not clip.
#
# `sequence_lens` says that the sequence has two steps of three, `clip` that no activation gets more than 0.5. The
# reference takes both and returns what it returns without them. ONNX Runtime and OpenVINO stop after two steps, with 0
# for the third, and clip.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 openvino 2026.4.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   plain   [0.762, 0.983, 0.998] [0.762, 0.983, 0.998] [0.762, 0.983, 0.998]
#   2 steps [0.762, 0.983, 0.998] [0.762, 0.983, 0.0] [0.762, 0.983, 0.0]
#   clipped [0.762, 0.983, 0.998] [0.462, 0.462, 0.462] [0.462, 0.462, 0.462]
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


def outputs(inputs, **attributes):
    """Return the outputs of the three steps in the reference, in ONNX Runtime and in OpenVINO."""
    one = model("RNN", inputs, ["y", "last"], hidden_size=1, **attributes)
    results = ReferenceEvaluator(one[0]).run(None, one[1]), in_runtime(*one), in_openvino(*one)
    return [result[0].ravel().astype(float).round(3).tolist() for result in results]


steps = np.array([1, 2, 3], np.float32).reshape(3, 1, 1)
weights = [np.full((1, 1, 1), 1, np.float32), np.full((1, 1, 1), 0.5, np.float32)]
bias = np.zeros((1, 2), np.float32)
plain = outputs([steps, *weights])
shorter = outputs([steps, *weights, bias, np.array([2], np.int32)])
clipped = outputs([steps, *weights], clip=0.5)
print("plain  ", *plain)
print("2 steps", *shorter)
print("clipped", *clipped)
assert plain[0] == plain[1] == plain[2] == shorter[0] == clipped[0]
assert shorter[1] == shorter[2] == [0.762, 0.983, 0]
assert clipped[1] == clipped[2] == [0.462, 0.462, 0.462]
EOF
