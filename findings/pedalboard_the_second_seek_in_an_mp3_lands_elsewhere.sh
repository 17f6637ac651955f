#!/usr/bin/env bash
# pedalboard: the second seek in an MP3 file lands elsewhere than the first one to the same place.
#
# After a seek and a read, another seek gives the sound of a place some frames of 1152 samples away, 0.13 s later in a
# file by libsndfile and 0.03 s earlier in one by pedalboard itself; tell names the place that was asked for. The
# first seek of a freshly opened file and one to 0 are right, and so is FLAC. The documentation of seek says that
# reads start from the place given, without a word on MP3. Guess before the run: twice the same samples.
#
# Versions: pedalboard 0.9.26 soundfile 0.14.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   mp3 by soundfile: seek to 20000, 20000, 0 gives the sound of [20000, 25760, 0]
#   mp3 by soundfile: seek to 50000, 50000, 0 gives the sound of [50000, 55760, 0]
#   mp3 by pedalboard: seek to 20000, 20000, 0 gives the sound of [20000, 18848, 0]
#   mp3 by pedalboard: seek to 50000, 50000, 0 gives the sound of [50000, 48848, 0]
#   flac by soundfile: seek to 20000, 20000, 0 gives the sound of [20000, 20000, 0]
#   flac by soundfile: seek to 50000, 50000, 0 gives the sound of [50000, 50000, 0]
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
from scipy import signal

rate = 44100
sound = (0.5 * signal.chirp(np.arange(3 * rate) / rate, 100, 3, 4000)).astype(np.float32)


def part(file, start):
    file.seek(start)
    assert file.tell() == start
    return file.read(1000)[0]


with tempfile.TemporaryDirectory() as folder:
    for writer, kind in (("soundfile", "mp3"), ("pedalboard", "mp3"), ("soundfile", "flac")):
        path = os.path.join(folder, f"{writer}.{kind}")
        if writer == "soundfile":
            soundfile.write(path, sound, rate)
        else:
            with AudioFile(path, "w", rate, 1) as file:
                file.write(sound)
        with AudioFile(path) as file:
            whole = file.read(file.frames)[0]
        windows = np.lib.stride_tricks.sliding_window_view(whole, 1000)
        for start in (20000, 50000):
            with AudioFile(path) as file:
                reads = [part(file, start), part(file, start), part(file, 0)]
            found = []
            for read in reads:
                near = np.flatnonzero(np.abs(windows[:, 0] - read[0]) < 1e-4)
                found.append(int(near[np.abs(windows[near] - read).max(axis=1).argmin()]))
                assert np.allclose(windows[found[-1]], read, atol=1e-4)
            print(f"{kind} by {writer}: seek to {start}, {start}, 0 gives the sound of {found}")
            assert found[0] == start
            assert found[2] == 0
            assert (found[1] == start) == (kind == "flac")
            assert (found[1] - start) % 1152 == 0
EOF
