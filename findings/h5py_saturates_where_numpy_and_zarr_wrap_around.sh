#!/usr/bin/env bash
# h5py: 300 and -1 written to a dataset of bytes are 255 and 0; in NumPy and zarr they are 44 and 255.
#
# An array of another type is converted by the HDF5 library, which keeps to the ends of the range and makes NaN 0, not
# by NumPy. A pipeline that counts on the wrap of NumPy, or reads by dataset.astype instead of array.astype, gets other
# pixels. Written as a list instead of an array the same numbers raise OverflowError. Guess before: NumPy's rule, since
# a dataset is assigned like an array.
#
# Versions: h5py 3.16.0 zarr 3.1.6 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   numpy: [44, 255, 0, 5]
#   h5py: [255, 0, 255, 5]
#   h5py, read as bytes: [255, 0, 255, 5]
#   h5py, from a list: Python integer 300 out of bounds for uint8
#   h5py, NaN, infinity, -infinity, 300.5: [0, 255, 0, 255]
#   zarr: [44, 255, 0, 5]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(h5py==3.16.0 zarr==3.1.6 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import h5py
import numpy as np
import zarr

pixels = np.array([300, -1, 256, 5])
seen = {"numpy": pixels.astype(np.uint8).tolist()}
with h5py.File("bytes.h5", "w", driver="core", backing_store=False) as file:
    data = file.create_dataset("pixels", (4,), np.uint8)
    data[...] = pixels
    seen["h5py"] = data[:].tolist()
    seen["h5py, read as bytes"] = file.create_dataset("wide", data=pixels).astype(np.uint8)[:].tolist()
    try:
        data[...] = pixels.tolist()
    except OverflowError as error:
        seen["h5py, from a list"] = str(error)
    data[...] = np.array([np.nan, np.inf, -np.inf, 300.5])
    seen["h5py, NaN, infinity, -infinity, 300.5"] = data[:].tolist()
array = zarr.create_array(store=zarr.storage.MemoryStore(), shape=(4,), dtype=np.uint8)
array[:] = pixels
seen["zarr"] = array[:].tolist()
for name, numbers in seen.items():
    print(f"{name}: {numbers}")
assert seen["numpy"] == seen["zarr"] == [44, 255, 0, 5]
assert seen["h5py"] == seen["h5py, read as bytes"] == [255, 0, 255, 5]
assert "out of bounds" in seen["h5py, from a list"]
assert seen["h5py, NaN, infinity, -infinity, 300.5"] == [0, 255, 0, 255]
EOF
