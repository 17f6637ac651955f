#!/usr/bin/env bash
# ONNX's own reference evaluator: the index of the maximum is another pixel's, with stride 1.
#
# An image (1 5; 2 3) and one window of 2 by 2. The maximum, 5, is pixel 1. With stride 2 the reference says so. With
# stride 1, which is the default and means the same for one window, it says 2, where the image has a 2. Of two channels
# of (0 1; 2 3) and (4 5; 6 7) it says 6 and 6. ONNX Runtime says 1 both times, and 3 and 7.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   reference, ONNX Runtime: stride 2, stride 1, two channels
#   [[1], [1]] [[2], [1]] [[6, 6], [3, 7]]
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


def indices(image, stride):
    one = model("MaxPool", [image], ["y", "at"], kernel_shape=[2, 2], strides=[stride, stride])
    results = ReferenceEvaluator(one[0]).run(None, one[1]), in_runtime(*one)
    return [at.ravel().tolist() for _, at in results]


image = np.array([[[[1, 5], [2, 3]]]], np.float32)
two_channels = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
seen = indices(image, 2), indices(image, 1), indices(two_channels, 1)
print("reference, ONNX Runtime: stride 2, stride 1, two channels")
print(*seen)
assert seen == ([[1], [1]], [[2], [1]], [[6, 6], [3, 7]])
EOF
