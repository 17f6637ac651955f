#!/usr/bin/env bash
# soundfile and librosa: a part of an MP3 file begins with silence, tens of milliseconds, that the whole does not have.
#
# The read at a place jumps into the file and gives zeros first and wrong samples next, presumably because a frame of
# MP3 borrows bits from earlier ones that were not decoded. It shows in tones, which need few bits, not in noise.
# read(start=...), seek and librosa.load(offset=...), with which random crops are cut, all do so, while the place is
# reported correctly. Ogg Vorbis and FLAC give the slice of the whole. Guess before the run: the slice.
#
# Versions: soundfile 0.14.0 librosa 0.11.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   mp3: wrong samples: 2659 largest of the first 500, slice of the whole, part: [0.5, 0.0]
#   ogg: wrong samples: 0 largest of the first 500, slice of the whole, part: [0.51, 0.51]
#   flac: wrong samples: 0 largest of the first 500, slice of the whole, part: [0.5, 0.5]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(soundfile==0.14.0 librosa==0.11.0 scipy==1.17.1 numpy==2.4.6)
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
import librosa
import soundfile
from scipy import signal

rate, start = 44100, 50000
sound = (0.5 * signal.chirp(np.arange(3 * rate) / rate, 100, 3, 4000)).astype(np.float32)
with tempfile.TemporaryDirectory() as folder:
    for kind in ("mp3", "ogg", "flac"):
        path = os.path.join(folder, f"sound.{kind}")
        soundfile.write(path, sound, rate)
        cut = soundfile.read(path)[0][start : start + 8000]
        part = soundfile.read(path, start=start, frames=8000)[0]
        by_librosa = librosa.load(path, sr=None, offset=start / rate, duration=8000 / rate)[0]
        with soundfile.SoundFile(path) as file:
            place = file.seek(start)
            sought = file.read(8000)
        wrong = np.flatnonzero(np.abs(part - cut) > 0.01)
        largest = [float(np.abs(samples[:500]).max().round(2)) for samples in (cut, part)]
        print(f"{kind}: wrong samples: {len(wrong)} largest of the first 500, slice of the whole, part: {largest}")
        assert place == start
        assert len(part) == len(by_librosa) == len(sought) == 8000
        assert np.allclose(part, by_librosa, atol=1e-6)
        assert np.allclose(part, sought, atol=1e-6)
        if kind == "mp3":
            assert 1000 < len(wrong)
            assert wrong.max() < 4000
            assert np.abs(part[:500]).max() < 0.01 < 0.4 < np.abs(cut[:500]).max()
        else:
            assert not len(wrong)
EOF
