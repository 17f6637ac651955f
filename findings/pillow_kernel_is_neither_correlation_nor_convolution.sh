#!/usr/bin/env bash
# Pillow: a kernel is mirrored upside down, but not from left to right, and the border of the image is not filtered.
#
# ImageFilter.Kernel, "a convolution kernel", answers a single white pixel with the rows of the kernel in their order
# and the columns reversed. A correlation (PyTorch, OpenCV) reverses both, a convolution (SciPy) none, so the Sobel
# filter for horizontal edges has the sign of a convolution and that for vertical edges the sign of a correlation. The
# documentation of the class mentions the vertical flip; that the outermost pixels are copied, not filtered, it does
# not. Guess before the run: a correlation.
#
# Versions: pillow 13.0.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   correlation: [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
#   convolution: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
#   Pillow: [[3, 2, 1], [6, 5, 4], [9, 8, 7]]
#   Sobel where the image brightens downwards, upwards: 0 8
#   first row of an image of ones times a kernel of ones: [1, 1, 1, 1, 1]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pillow==13.0.0 scipy==1.17.1 numpy==2.4.6)
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
from PIL import Image, ImageFilter
from scipy import ndimage

dot = np.zeros((5, 5), np.uint8)
dot[2, 2] = 1
kernel = np.arange(1, 10).reshape(3, 3)


def by_pillow(image, weights):
    rule = ImageFilter.Kernel((3, 3), weights.ravel().tolist(), scale=1)
    return np.array(Image.fromarray(image).filter(rule))


answers = {
    "correlation": ndimage.correlate(dot, kernel),
    "convolution": ndimage.convolve(dot, kernel),
    "Pillow": by_pillow(dot, kernel),
}
for name, answer in answers.items():
    print(f"{name}: {answer[1:4, 1:4].tolist()}")
assert answers["Pillow"][1:4, 1:4].tolist() == kernel[:, ::-1].tolist()
assert answers["correlation"][1:4, 1:4].tolist() == kernel[::-1, ::-1].tolist()
assert answers["convolution"][1:4, 1:4].tolist() == kernel.tolist()

downwards = np.repeat(np.arange(5, dtype=np.uint8)[:, None], 5, axis=1)
sobel = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
rises = by_pillow(downwards, sobel), by_pillow(downwards[::-1].copy(), sobel)
print("Sobel where the image brightens downwards, upwards:", *[int(rise[2, 2]) for rise in rises])
assert [int(rise[2, 2]) for rise in rises] == [0, 8]
print("first row of an image of ones times a kernel of ones:", by_pillow(dot + 1, np.ones((3, 3)))[0].tolist())
assert by_pillow(dot + 1, np.ones((3, 3)))[0].tolist() == [1] * 5
EOF
