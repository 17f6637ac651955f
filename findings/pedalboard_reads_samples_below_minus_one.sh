#!/usr/bin/env bash
# pedalboard: the most negative sample of a WAV file is read as -1.00003, of 8 bits as -1.0079.
#
# Whole numbers are divided by 32767 and 127 on reading, where soundfile, and so librosa, divides by 32768 and 128, so
# that the same file has other numbers, 0.8 percent louder for 8 bits, and the smallest leaves the range from -1 to 1
# that the documentation names for most files. An array of int16 that is written comes back so as well. Guess before
# the run: the numbers of soundfile.
#
# Versions: pedalboard 0.9.26 soundfile 0.14.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   16 bits, soundfile: [-1.0, -0.5, 0.0, 0.5, 0.999970018863678] pedalboard: [-1.0000300407409668,
#     -0.5000200271606445, 0.0, 0.5000200271606445, 1.0]
#   8 bits, soundfile: [-1.0, -0.5, 0.0, 0.5, 0.9921900033950806] pedalboard: [-1.0078699588775635,
#     -0.5039399862289429, 0.0, 0.5039399862289429, 1.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pedalboard==0.9.26 soundfile==0.14.0 scipy==1.17.1 numpy==2.4.6)
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

import numpy as np
import soundfile
from pedalboard.io import AudioFile
from scipy.io import wavfile

files = {
    "16 bits": np.array([-32768, -16384, 0, 16384, 32767], np.int16),
    "8 bits": np.array([0, 64, 128, 192, 255], np.uint8),
}
with tempfile.TemporaryDirectory() as folder:
    for name, samples in files.items():
        path = os.path.join(folder, "sound.wav")
        wavfile.write(path, 16000, samples)
        first = soundfile.read(path, dtype="float32")[0]
        with AudioFile(path) as file:
            second = file.read(file.frames)[0]
        print(f"{name}, soundfile: {first.round(5).tolist()} pedalboard: {second.round(5).tolist()}")
        assert first.min() == -1
        largest = 127 if name == "8 bits" else 32767
        assert np.allclose(second, first * ((largest + 1) / largest), atol=1e-7)
        assert second.min() < -1
        assert second.max() == 1
EOF
