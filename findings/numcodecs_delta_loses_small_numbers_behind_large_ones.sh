#!/usr/bin/env bash
# numcodecs: Delta is not lossless for floating-point numbers, and one NaN makes all that follow NaN.
#
# The codec keeps the differences of neighbours as floating-point numbers and adds them up again, so a number behind a
# much larger one loses its digits, and NaN or infinity never leaves the sum. As a filter of a zarr array it changes
# data without a word. The delta codec of imagecodecs, on the same arrays, gives all of them back. Guess before the
# run: lossless, like the other filters that are not called lossy.
#
# Versions: numcodecs 0.16.6 imagecodecs 2026.3.6 zarr 3.1.6 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   large: [100000000.0, 0.10000000149011612, 5.0, 100000000.0, 5.0] comes back as [100000000.0, 0.0,
#     4.900000095367432, 100000000.0, 8.0]
#   NaN: [1.0, nan, 2.0, 3.0, 4.0] comes back as [1.0, nan, nan, nan, nan]
#   infinity: [1.0, inf, 2.0, 3.0, 4.0] comes back as [1.0, inf, nan, nan, nan]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(numcodecs==0.16.6 imagecodecs==2026.3.6 zarr==3.1.6 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import imagecodecs
import numpy as np
import zarr
from numcodecs import Delta

arrays = {
    "large": np.array([1e8, 0.1, 5, 1e8, 5], np.float32),
    "NaN": np.array([1, np.nan, 2, 3, 4], np.float32),
    "infinity": np.array([1, np.inf, 2, 3, 4], np.float32),
}
codec = Delta(dtype="<f4")
back = {}
for name, array in arrays.items():
    back[name] = codec.decode(codec.encode(array))
    stored = zarr.create_array(
        store=zarr.storage.MemoryStore(), shape=(5,), dtype="float32", zarr_format=2, filters=[codec]
    )
    stored[:] = array
    assert np.array_equal(stored[:], back[name], equal_nan=True)
    print(f"{name}: {array.round(2).tolist()} comes back as {back[name].round(2).tolist()}")
    assert np.array_equal(imagecodecs.delta_decode(imagecodecs.delta_encode(array)), array, equal_nan=True)
assert back["large"][[1, 4]].tolist() == [0, 8]
assert np.isnan(back["NaN"]).tolist() == [False, True, True, True, True]
assert not np.isfinite(back["infinity"][1:]).any()
EOF
