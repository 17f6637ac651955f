#!/usr/bin/env bash
# audioread: the silence of a WAV file of 8 bits is read as -32768, and full scale as nearly silent.
#
# Samples of 8 bits in a WAV file have no sign, 128 is silence. audioread widens the bytes to 16 bits as if they had
# one, so that everything is off by half the range and what crosses the middle jumps from one end to the other. Its
# documentation promises 16-bit signed samples, and supports this width. soundfile and SciPy read 0 and 128. Guess
# before the run: the samples of soundfile.
#
# Versions: audioread 3.1.0 soundfile 0.14.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   in the file: [128, 128, 129, 127, 255, 0]
#   soundfile: [0, 0, 256, -256, 32512, -32768]
#   audioread: [-32768, -32768, -32512, 32512, -256, 0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(audioread==3.1.0 soundfile==0.14.0 scipy==1.17.1 numpy==2.4.6)
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
import audioread
import soundfile
from audioread.rawread import RawAudioFile
from scipy.io import wavfile

samples = np.array([128, 128, 129, 127, 255, 0], np.uint8)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "sound.wav")
    wavfile.write(path, 16000, samples)
    with audioread.audio_open(path, backends=[RawAudioFile]) as file:
        by_audioread = np.frombuffer(b"".join(file), "<i2").tolist()
    by_soundfile = soundfile.read(path, dtype="int16")[0].tolist()
print("in the file:", samples.tolist())
print("soundfile:", by_soundfile)
print("audioread:", by_audioread)
assert by_soundfile == [0, 0, 256, -256, 32512, -32768]
assert by_audioread == [-32768, -32768, -32512, 32512, -256, 0]
EOF
