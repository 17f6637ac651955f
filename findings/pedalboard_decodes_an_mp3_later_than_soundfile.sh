#!/usr/bin/env bash
# pedalboard: the sound of an MP3 file starts 1105 samples later than in soundfile, whichever wrote the file.
#
# An encoder puts silence before and behind the sound and notes how much; libsndfile, so librosa too, takes it away,
# pedalboard leaves it. A label given in seconds is 25 ms off between the two, and the file is longer by 1980 samples
# than what was written. The rest is the same to a millionth. Ogg Vorbis and FLAC agree. Guess before the run: the
# same samples from both.
#
# Versions: pedalboard 0.9.26 soundfile 0.14.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   mp3 by soundfile: sound starts at, in soundfile, in pedalboard: [10001, 10001, 11106] lengths: [44100, 44100,
#     46080]
#   mp3 by pedalboard: sound starts at, in soundfile, in pedalboard: [10001, 10001, 11106] lengths: [44100, 44100,
#     46080]
#   ogg by soundfile: sound starts at, in soundfile, in pedalboard: [10001, 10001, 10001] lengths: [44100, 44100,
#     44100]
#   ogg by pedalboard: sound starts at, in soundfile, in pedalboard: [10001, 10001, 10001] lengths: [44100, 44100,
#     44100]
#   flac by soundfile: sound starts at, in soundfile, in pedalboard: [10001, 10001, 10001] lengths: [44100, 44100,
#     44100]
#   flac by pedalboard: sound starts at, in soundfile, in pedalboard: [10001, 10001, 10001] lengths: [44100, 44100,
#     44100]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pedalboard==0.9.26 soundfile==0.14.0 numpy==2.4.6)
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

rate = 44100
time = np.arange(rate)
sound = (0.5 * np.sin(2 * np.pi * 440 * time / rate) * (time > 10000)).astype(np.float32)
with tempfile.TemporaryDirectory() as folder:
    for kind in ("mp3", "ogg", "flac"):
        for writer in ("soundfile", "pedalboard"):
            path = os.path.join(folder, f"{writer}.{kind}")
            if writer == "soundfile":
                soundfile.write(path, sound, rate)
            else:
                with AudioFile(path, "w", rate, 1) as file:
                    file.write(sound)
            first = soundfile.read(path)[0]
            with AudioFile(path) as file:
                second = file.read(file.frames)[0]
            starts = [int(np.argmax(np.abs(read) > 0.2)) for read in (sound, first, second)]
            print(f"{kind} by {writer}: sound starts at, in soundfile, in pedalboard: {starts}", end=" ")
            print(f"lengths: {[len(sound), len(first), len(second)]}")
            late = 1105 if kind == "mp3" else 0
            assert abs(starts[1] - starts[0]) < 20
            assert len(first) == len(sound)
            assert starts[2] - starts[1] == late
            assert len(second) == len(sound) + (1980 if late else 0)
            assert np.allclose(second[late : late + rate], first, atol=1e-4)
EOF
