#!/usr/bin/env bash
# ONNX's own reference evaluator: LRN leaves a channel as it is, unless the batch has as many images.
#
# Local response normalisation of four channels, all parameters 1. For a batch of one image, only the first channel is
# divided; for a batch of two the first two; for a batch of four all. The images of a batch are the same here, so all
# rows should be equal. ONNX Runtime divides all channels each time.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   1 [0.375, 2.0, 3.0, 4.0] [0.375, 0.3529, 0.2812, 0.4286]
#   2 [0.375, 0.3529, 3.0, 4.0] [0.375, 0.3529, 0.2812, 0.4286]
#   4 [0.375, 0.3529, 0.2812, 0.4286] [0.375, 0.3529, 0.2812, 0.4286]
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


divided = []
for batch in (1, 2, 4):
    images = np.tile(np.array([1, 2, 3, 4], np.float32).reshape(1, 4, 1, 1), (batch, 1, 1, 1))
    one = model("LRN", [images], ["y"], size=3, alpha=1.0, beta=1.0, bias=1.0)
    (reference,), (runtime,) = ReferenceEvaluator(one[0]).run(None, one[1]), in_runtime(*one)
    print(
        batch,
        reference[0].ravel().astype(float).round(4).tolist(),
        runtime[0].ravel().astype(float).round(4).tolist(),
    )
    divided.append((int((reference[0] != images[0]).sum()), int((runtime[0] != images[0]).sum())))
assert divided == [(1, 4), (2, 4), (4, 4)]
EOF
