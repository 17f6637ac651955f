#!/usr/bin/env bash
# netCDF4: a white pixel (255) and a sample of -32767 are missing in what is read; xarray and h5py have them.
#
# A variable without a fill value has a default one, and the Python package masks what is equal to it, so that a mean
# leaves it out: 255 for unsigned bytes, -127 for signed ones, -32767 for 16 bits, which is what full scale times -1.0
# gives. The package documents a default for each type; that a byte has no number to spare is easy to overlook. xarray
# reads the same file without masking. Guess before the run: all numbers come back.
#
# Versions: netCDF4 1.7.5.1.post1 xarray 2026.9.0 h5netcdf 1.8.2 h5py 3.16.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   pixels: [255, 255, 0, 100] netCDF4: [None, None, 0, 100] mean 50.0 instead of 152.5
#   levels: [-127, 127, 0, 1] netCDF4: [None, 127, 0, 1] mean 42.666666666666664 instead of 0.25
#   sound: [-32767, 32767, 0, -16383] netCDF4: [None, 32767, 0, -16383] mean 5461.333333333333 instead of -4095.75
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(netCDF4==1.7.5.1.post1 xarray==2026.9.0 h5netcdf==1.8.2 h5py==3.16.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import os
import tempfile

import h5py
import netCDF4
import numpy as np
import xarray

numbers = {
    "pixels": np.array([255, 255, 0, 100], np.uint8),
    "levels": np.array([-127, 127, 0, 1], np.int8),
    "sound": (np.array([-1.0, 1.0, 0.0, -0.5]) * 32767).astype(np.int16),
}
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data.nc")
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("t", 4)
        for name, array in numbers.items():
            file.createVariable(name, array.dtype, ("t",))[:] = array
    with netCDF4.Dataset(path) as file:
        read = {name: file[name][:] for name in numbers}
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        by_xarray = {name: data[name].values for name in numbers}
    with h5py.File(path) as file:
        by_h5py = {name: file[name][:] for name in numbers}
for name, array in numbers.items():
    print(f"{name}: {array.tolist()} netCDF4: {read[name].tolist()} mean {read[name].mean()} instead of {array.mean()}")
    assert np.array_equal(by_xarray[name], array)
    assert np.array_equal(by_h5py[name], array)
    assert by_xarray[name].mean() == array.mean()
assert read["pixels"].tolist() == [None, None, 0, 100]
assert read["levels"].tolist() == [None, 127, 0, 1]
assert read["sound"].tolist() == [None, 32767, 0, -16383]
EOF
