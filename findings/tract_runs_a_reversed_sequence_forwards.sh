#!/usr/bin/env bash
# tract: an ONNX RNN from the last step to the first runs from the first to the last, and with tanh.
#
# `direction="reverse"` gives the outputs of `forward`, though the backward half of `bidirectional` is right.
# `activations=["Relu"]` gives those of tanh. No warning. ONNX Runtime does what the model says.
#
# Versions: onnx 1.23.2 onnxruntime 1.32.0 tract 0.23.9 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   forward [0.762, 0.983, 0.998] [0.762, 0.983, 0.998]
#   reverse [0.762, 0.983, 0.998] [0.904, 0.987, 0.995]
#   bidirectional [0.904, 0.987, 0.995] [0.904, 0.987, 0.995]
#   ['Relu'] [0.762, 0.983, 0.998] [1.0, 2.5, 4.25]
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


def outputs(run, **attributes):
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    steps = np.array([1, 2, 3], np.float32).reshape(3, 1, 1)
    weights = [np.full((directions, 1, 1), number, np.float32) for number in (1, 0.5)]
    whole = model("RNN", [steps, *weights], ["y", "last"], hidden_size=1, **attributes)
    return run(*whole)[0][:, -1].ravel().astype(float).round(3).tolist()


seen = {}
for attributes in (
    {"direction": "forward"},
    {"direction": "reverse"},
    {"direction": "bidirectional"},
    {"activations": ["Relu"]},
):
    name = str(*attributes.values())
    seen[name] = outputs(in_tract, **attributes), outputs(in_runtime, **attributes)
    print(name, *seen[name])
forward, backward = [0.762, 0.983, 0.998], [0.904, 0.987, 0.995]
assert seen["forward"] == (forward, forward)
assert seen["reverse"] == (forward, backward)
assert seen["bidirectional"] == (backward, backward)
assert seen["['Relu']"] == (forward, [1, 2.5, 4.25])
EOF
