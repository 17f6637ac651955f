#!/usr/bin/env bash
# ONNX Runtime: pooling with SAME padding and a dilated window gives fewer pixels than there are.
#
# SAME_UPPER with stride 1 gives as many pixels as the image has: four. ONNX Runtime counts the padding for a window
# without gaps, and gives three maxima and two means. tract gives four each time.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 tract 0.23.9 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   MaxPool [3.0, 4.0, 3.0] [2.0, 3.0, 4.0, 3.0]
#   AveragePool [3.0, 2.0] [2.0, 3.0, 2.0, 3.0]
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


image = np.array([1, 2, 3, 4], np.float32).reshape(1, 1, 1, 4)
counts = []
for operator, width in (("MaxPool", 2), ("AveragePool", 3)):
    one = model(
        operator, [image], ["y"], kernel_shape=[1, width], dilations=[1, 2], auto_pad="SAME_UPPER"
    )
    results = [run(*one)[0].ravel().tolist() for run in (in_runtime, in_tract)]
    print(operator, *results)
    counts.append([len(result) for result in results])
assert counts == [[3, 4], [2, 4]]
EOF
