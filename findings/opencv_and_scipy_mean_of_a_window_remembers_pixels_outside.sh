#!/usr/bin/env bash
# OpenCV and SciPy: one NaN or infinite pixel spoils the mean of windows that do not hold it, as far as the edge.
#
# cv2.blur and scipy.ndimage.uniform_filter add the pixel that enters the window and subtract the one that leaves it, so
# what a NaN, infinity or large number did to the sum stays there. Both are documented as the mean of a window, and the
# same kernel given to cv2.filter2D or scipy.ndimage.correlate touches 9 pixels. Guess before the run: 9 in all four.
#
# Versions: opencv-python-headless 5.0.0.93 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   cv2.blur, pixels that are not 1 for NaN, infinity, 1e20: [33, 33, 33]
#   cv2.filter2D, pixels that are not 1 for NaN, infinity, 1e20: [9, 9, 9]
#   uniform_filter, pixels that are not 1 for NaN, infinity, 1e20: [121, 121, 57]
#   correlate, pixels that are not 1 for NaN, infinity, 1e20: [9, 9, 9]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(opencv-python-headless==5.0.0.93 scipy==1.17.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import cv2
import numpy as np
from scipy import ndimage

kernel = np.full((3, 3), 1 / 9, np.float32)
filters = {
    "cv2.blur": lambda image: cv2.blur(image, (3, 3)),
    "cv2.filter2D": lambda image: cv2.filter2D(image, -1, kernel),
    "uniform_filter": lambda image: ndimage.uniform_filter(image, 3),
    "correlate": lambda image: ndimage.correlate(image, kernel),
}
seen = {}
for name, mean in filters.items():
    spoilt = []
    for pixel in (np.nan, np.inf, 1e20):
        image = np.ones((12, 12), np.float32)
        image[2, 2] = pixel
        spoilt.append(int((~np.isclose(mean(image), 1)).sum()))
    seen[name] = spoilt
    print(f"{name}, pixels that are not 1 for NaN, infinity, 1e20: {spoilt}")
assert seen["cv2.filter2D"] == seen["correlate"] == [9, 9, 9]
assert min(seen["cv2.blur"]) >= 30
assert min(seen["uniform_filter"]) >= 50
EOF
