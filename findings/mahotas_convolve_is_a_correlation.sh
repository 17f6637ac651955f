#!/usr/bin/env bash
# mahotas: convolve does not flip the kernel, and the mean of an image of bytes by a kernel of ninths is black.
#
# mahotas.convolve and scipy.ndimage.convolve have the same arguments and the same default border; SciPy flips the
# kernel, mahotas gives what SciPy calls correlate. Its documentation says that weights of another type than the image
# are cast to it: 1/9 as a byte is 0, so the mean of the usual type of image vanishes without a word. Guess before: as
# in SciPy.
#
# Versions: mahotas 1.4.19 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   kernel (3, 3) equals SciPy's correlate, convolve: [True, False]
#   kernel (2, 2) equals SciPy's correlate, convolve: [True, False]
#   mean of bytes of 200, mahotas, SciPy: [0, 200]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(mahotas==1.4.19 scipy==1.17.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import mahotas
import numpy as np
from scipy import ndimage

for shape in ((3, 3), (2, 2)):
    image, kernel = np.random.default_rng(0).normal(size=(6, 6)), np.arange(np.prod(shape, dtype=float)).reshape(shape)
    answer = mahotas.convolve(image, kernel)
    same = [np.allclose(answer, rule(image, kernel)) for rule in (ndimage.correlate, ndimage.convolve)]
    print(f"kernel {shape} equals SciPy's correlate, convolve: {same}")
    assert same == [True, False]
grey = np.full((4, 4), 200, np.uint8)
means = [int(rule(grey, np.full((3, 3), 1 / 9)).max()) for rule in (mahotas.convolve, ndimage.convolve)]
print("mean of bytes of 200, mahotas, SciPy:", means)
assert means[0] == 0
assert means[1] in (199, 200)
EOF
