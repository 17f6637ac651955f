#!/usr/bin/env bash
# ONNX Runtime pools with a window larger than the image, unless the stride is 1.
#
# An image of 2 by 2, a window of 3 by 3, no padding: no window fits. With stride 1 the output is empty, with stride 2
# or more it is one pixel, the mean of what is there: (2 - 3) / stride is rounded towards 0. Expected: empty, or an
# error, each time.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   stride 1 (1, 1, 0, 0) []
#   stride 2 (1, 1, 1, 1) [2.75]
#   stride 3 (1, 1, 1, 1) [2.75]
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
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - <<'EOF'
import numpy as np
import onnx
import onnxruntime

shapes = []
image = np.array([[[[1, 5], [2, 3]]]], np.float32)
for stride in (1, 2, 3):
    node = onnx.helper.make_node(
        "AveragePool", ["x"], ["y"], kernel_shape=(3, 3), strides=(stride, stride)
    )
    graph = onnx.helper.make_graph(
        [node],
        "pool",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, (1, 1, 2, 2))],
        [onnx.ValueInfoProto(name="y")],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (pooled,) = session.run(None, {"x": image})
    print("stride", stride, pooled.shape, pooled.ravel())
    shapes.append(pooled.shape)
assert shapes == [(1, 1, 0, 0), (1, 1, 1, 1), (1, 1, 1, 1)]
EOF
