#!/usr/bin/env bash
# zarr: an array that shrinks and grows again shows some of the removed values; in h5py they are gone.
#
# resize deletes the chunks that lie outside the new shape, but leaves the last chunk as it is, so that its numbers
# beyond the end come back with the next resize, up to the border of the chunk; behind it stands the fill value. HDF5
# writes the fill value there. Both formats of zarr do it. Guess before the run: the fill value, as in h5py.
#
# Versions: zarr 3.1.6 h5py 3.16.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   zarr, format 2: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0, 0.0]
#   zarr, format 3: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0, 0.0]
#   h5py: [1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(zarr==3.1.6 h5py==3.16.0 numpy==2.4.6)
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

losses = np.arange(1, 11, dtype=np.float32)
seen = {}
for version in (2, 3):
    array = zarr.create_array(
        store=zarr.storage.MemoryStore(), shape=(10,), chunks=(4,), dtype="float32", fill_value=0, zarr_format=version
    )
    array[:] = losses
    array.resize((5,))
    assert array[:].tolist() == [1, 2, 3, 4, 5]
    array.resize((10,))
    seen[f"zarr, format {version}"] = array[:].tolist()
with h5py.File("losses.h5", "w", driver="core", backing_store=False) as file:
    data = file.create_dataset("losses", (10,), "float32", chunks=(4,), maxshape=(None,))
    data[:] = losses
    data.resize((5,))
    data.resize((10,))
    seen["h5py"] = data[:].tolist()
for name, numbers in seen.items():
    print(f"{name}: {numbers}")
assert seen["h5py"] == [1, 2, 3, 4, 5, 0, 0, 0, 0, 0]
assert seen["zarr, format 2"] == seen["zarr, format 3"] == [1, 2, 3, 4, 5, 6, 7, 8, 0, 0]
EOF
