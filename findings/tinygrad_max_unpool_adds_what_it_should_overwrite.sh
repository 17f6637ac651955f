#!/usr/bin/env bash
# tinygrad: the indices of MaxPool are those within a channel, and MaxUnpool adds pixels that fall together.
#
# Two channels of (0 1; 2 3) and (4 5; 6 7): the maximum of the second is pixel 7 of the tensor, as ONNX counts;
# tinygrad says 3. Overlapping windows choose one pixel twice; put back, it should be that pixel again, and is twice as
# large.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 tinygrad 0.14.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   indices [3, 3] [3, 7]
#   unpooled [0.0, 10.0, 0.0] [0.0, 5.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(onnx==1.23.2 onnxruntime==1.32.0 tinygrad==0.14.0 numpy==2.4.6)
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
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
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


def in_tinygrad(model, inputs):
    path = Path(sys.argv[1]) / "model.onnx"
    path.write_bytes(model.SerializeToString())
    outputs = OnnxRunner(path)({name: Tensor(x) for name, x in inputs.items()})
    return [output.numpy() for output in outputs.values()]


two = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
pool = model("MaxPool", [two], ["y", "at"], kernel_shape=[2, 2])
indices = [run(*pool)[1].ravel().tolist() for run in (in_tinygrad, in_runtime)]
print("indices", *indices)
line = np.array([1, 5, 2], np.float32).reshape(1, 1, 1, 3)
maxima, at = in_runtime(*model("MaxPool", [line], ["y", "at"], kernel_shape=[1, 2]))
back = model("MaxUnpool", [maxima, at], ["y"], kernel_shape=[1, 2], strides=[1, 1])
unpooled = [run(*back)[0].ravel().tolist() for run in (in_tinygrad, in_runtime)]
print("unpooled", *unpooled)
assert indices == [[3, 3], [3, 7]]
assert unpooled == [[0, 10, 0], [0, 5, 0]]
EOF
