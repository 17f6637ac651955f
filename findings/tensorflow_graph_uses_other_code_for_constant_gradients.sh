#!/usr/bin/env bash
# TensorFlow: in a tf.function the gradient of average pooling is wrong if what comes back is a constant, else right.
#
# Float32, a row of 4 pixels, windows of 5, stride 3, SAME. Each of two windows sees 3 pixels: the gradient is 1/3,
# 2/3, 2/3, 1/3. So it is in eager mode, and in tf.function with upstream ones as an argument. With tf.ones written in
# the function it is 1/4, 7/12, 7/12, 7/12: the graph is worked out beforehand, by code without oneDNN, which is wrong
# for windows larger than the image.
#
# Versions: tensorflow 2.21.0 keras 3.15.1 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   eager [0.3333, 0.6667, 0.6667, 0.3333]
#   argument [0.3333, 0.6667, 0.6667, 0.3333]
#   constant [0.25, 0.5833, 0.5833, 0.5833]
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

"$folder/venv/bin/python" -W ignore - <<'EOF'
import tensorflow as tf


def slope(images, upstream):
    with tf.GradientTape() as tape:
        tape.watch(images)
        pooled = tf.nn.avg_pool2d(images, (1, 5), (1, 3), "SAME")
    return tape.gradient(pooled, images, upstream)


def of_ones(images):
    return slope(images, tf.ones((1, 1, 2, 1)))


images, ones = tf.zeros((1, 1, 4, 1)), tf.ones((1, 1, 2, 1))
results = [
    [round(float(x), 4) for x in tf.reshape(gradient, -1)]
    for gradient in (
        of_ones(images),
        tf.function(slope)(images, ones),
        tf.function(of_ones)(images),
    )
]
for name, result in zip(("eager", "argument", "constant"), results, strict=True):
    print(name, result)
assert results[0] == results[1] == [0.3333, 0.6667, 0.6667, 0.3333]
assert results[2] == [0.25, 0.5833, 0.5833, 0.5833]
EOF
