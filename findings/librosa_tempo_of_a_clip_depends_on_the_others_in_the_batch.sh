#!/usr/bin/env bash
# librosa: the tempo of a quiet clip, 90 or 150 beats a minute, is another one beside a loud clip in the batch.
#
# The onset strength is computed from decibels that are cut off 80 below the largest number of the whole array, so
# that nothing is left of a clip that is quieter by as much than its neighbour, and tempo answers all the same. The
# documentation promises one estimate and one envelope for each channel; only that of mfcc, where it is so too, warns
# of it. The mel spectrogram does not depend on the neighbour. Guess before the run: a batch is a stack of what each
# clip gives alone.
#
# Versions: librosa 0.11.0 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   90 and 120, tempo of each alone: [89.1, 117.5] in the batch: [117.5, 117.5] largest onset strength: [10.573,
#     0.0]
#   150 and 120, tempo of each alone: [152.0, 117.5] in the batch: [117.5, 117.5] largest onset strength: [10.84,
#     0.0]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(librosa==0.11.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import librosa
import numpy as np

rate = 22050


def clicks(beats, loudness):
    times = np.arange(0.1, 8, 60 / beats)
    return np.float32(loudness) * librosa.clicks(times=times, sr=rate, length=8 * rate).astype(np.float32)


loud = clicks(120, 1)
for beats in (90, 150):
    quiet = clicks(beats, 1e-4)
    batch = np.stack([quiet, loud])
    alone = [round(float(librosa.feature.tempo(y=sound, sr=rate)[0]), 1) for sound in (quiet, loud)]
    together = librosa.feature.tempo(y=batch, sr=rate).ravel().round(1).tolist()
    strengths = [librosa.onset.onset_strength(y=sound, sr=rate) for sound in (quiet, batch)]
    largest = [round(float(strength.max()), 3) for strength in (strengths[0], strengths[1][0])]
    print(f"{beats} and 120, tempo of each alone: {alone} in the batch: {together} largest onset strength: {largest}")
    assert abs(alone[0] - beats) < 5
    assert abs(together[0] - beats) > 20
    assert alone[1] == together[1]
    assert largest[0] > 1 > 0.01 > largest[1]
    mel = [librosa.feature.melspectrogram(y=sound, sr=rate) for sound in (quiet, batch)]
    assert np.allclose(mel[0], mel[1][0], rtol=1e-4, atol=0)
EOF
