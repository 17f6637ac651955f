#!/usr/bin/env bash
# OpenVINO, tinygrad and ONNX's reference give old models a new softmax.
#
# Before version 13 of the operators, softmax without `axis` ran over all axes but the first; since then it runs over
# the last. A model of version 11 with zeros of shape (1, 2, 2) should give quarters. ONNX Runtime and tract do, the
# other three give halves. Hardmax, which changed in the same way, is right in OpenVINO.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 openvino 2026.4.1 tinygrad 0.14.0 tract 0.23.9 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   Softmax in_runtime in_tract in_openvino in_tinygrad in_reference
#   [0.25, 0.25, 0.25, 0.25] [0.25, 0.25, 0.25, 0.25] [0.5, 0.5, 0.5, 0.5] [0.5, 0.5, 0.5, 0.5] [0.5, 0.5, 0.5, 0.5]
#   Hardmax in_runtime in_tract in_openvino in_tinygrad in_reference
#   [1.0, 0.0, 0.0, 0.0] [1.0, 0.0, 0.0, 0.0] [1.0, 0.0, 0.0, 0.0] [1.0, 0.0, 1.0, 0.0] [1.0, 0.0, 1.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 tinygrad==0.14.0 tract==0.23.9 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export DEV=PYTHON

"$folder/venv/bin/python" -W ignore - "$folder" <<'EOF'
import io
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
import tract
from onnx.reference import ReferenceEvaluator
from tinygrad import Tensor
from tinygrad.nn.onnx import OnnxRunner


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


def from_file(model, run):
    path = Path(sys.argv[1]) / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return run(path)


def in_tinygrad(model, inputs):
    run = from_file(model, OnnxRunner)
    return [y.numpy() for y in run({name: Tensor(x) for name, x in inputs.items()}).values()]


def in_tract(model, inputs):
    run = from_file(model, lambda path: tract.onnx().load(path).into_model().into_runnable())
    return [output.to_numpy() for output in run.run(list(inputs.values()))]


def in_reference(model, inputs):
    return ReferenceEvaluator(model).run(None, inputs)


runs = in_runtime, in_tract, in_openvino, in_tinygrad, in_reference
answers = {}
for operator in ("Softmax", "Hardmax"):
    one = model(operator, [np.zeros((1, 2, 2), np.float32)], ["y"], opset=11)
    answers[operator] = [run(*one)[0].ravel().tolist() for run in runs]
    print(operator, *(run.__name__ for run in runs))
    print(*answers[operator])
quarters, halves = [0.25] * 4, [0.5] * 4
assert answers["Softmax"] == [quarters, quarters, halves, halves, halves]
one, two = [1, 0, 0, 0], [1, 0, 1, 0]
assert answers["Hardmax"] == [one, one, one, two, two]
EOF
