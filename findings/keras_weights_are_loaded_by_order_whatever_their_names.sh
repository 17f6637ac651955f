#!/usr/bin/env bash
# Keras: a .weights.h5 file is loaded by the order of the layers, and names that contradict it do not matter.
#
# The file holds layers a and b. A model with the same two layers in the other order, b and a, gets the weights of a
# into b. A model with a alone is loaded too, though half of the file is left. In a file of the old form, `by_name=True`
# goes by name.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   new.weights.h5: layer a has the weights of b, layer b those of a
#   old.h5: layer a has the weights of a, layer b those of b
#   a smaller network is loaded: True
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi
export TF_CPP_MIN_LOG_LEVEL=3

"$folder/venv/bin/python" -W ignore - "$folder" <<'EOF'
import os
import sys

import keras
import numpy as np

os.chdir(sys.argv[1])


def network(*names):
    return keras.Sequential(
        [keras.Input((2,)), *(keras.layers.Dense(2, name=name) for name in names)]
    )


def kernels(model):
    return {layer.name: layer.kernel.numpy() for layer in model.layers}


first = network("a", "b")
first.save_weights("new.weights.h5")
first.save("old.h5")
wanted = kernels(first)
seen = {}
for file, options in {"new.weights.h5": {}, "old.h5": {"by_name": True}}.items():
    swapped = network("b", "a")
    swapped.load_weights(file, **options)
    seen[file] = [
        name
        for layer in "ab"
        for name in "ab"
        if np.array_equal(kernels(swapped)[layer], wanted[name])
    ]
    print(f"{file}: layer a has the weights of {seen[file][0]}, layer b those of {seen[file][1]}")
smaller = network("a")
smaller.load_weights("new.weights.h5")
print("a smaller network is loaded:", np.array_equal(kernels(smaller)["a"], wanted["a"]))
assert seen == {"new.weights.h5": ["b", "a"], "old.h5": ["a", "b"]}
assert np.array_equal(kernels(smaller)["a"], wanted["a"])
EOF
