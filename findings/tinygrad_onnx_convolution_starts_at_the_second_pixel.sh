#!/usr/bin/env bash
# tinygrad: an ONNX convolution with SAME padding and a filter smaller than its stride looks at other pixels.
#
# (1 2 3 4), a filter of one pixel, stride 2: the first window starts at the first pixel, the second at the third, (1
# 3), in ONNX Runtime. tinygrad gives (2 4): where nothing has to be padded, it cuts off the first pixel.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 tinygrad 0.14.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   4 pixels, filter of 1, stride 2: [2.0, 4.0] [1.0, 3.0]
#   6 pixels, filter of 2, stride 3: [5.0, 11.0] [3.0, 9.0]
#   4 pixels, filter of 3, stride 2: [6.0, 7.0] [6.0, 7.0]
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


seen = []
for width, taps, stride in ((4, 1, 2), (6, 2, 3), (4, 3, 2)):
    line = np.arange(1, width + 1, dtype=np.float32).reshape(1, 1, 1, width)
    ones = np.ones((1, 1, 1, taps), np.float32)
    one = model("Conv", [line, ones], ["y"], strides=[1, stride], auto_pad="SAME_UPPER")
    seen.append([run(*one)[0].ravel().tolist() for run in (in_tinygrad, in_runtime)])
    print(f"{width} pixels, filter of {taps}, stride {stride}:", *seen[-1])
assert seen == [[[2, 4], [1, 3]], [[5, 11], [3, 9]], [[6, 7], [6, 7]]]
EOF
