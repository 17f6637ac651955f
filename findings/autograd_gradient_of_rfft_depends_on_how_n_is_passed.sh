#!/usr/bin/env bash
# autograd: the gradient of rfft(x, n=6) is wrong, that of rfft(x, 6) is right.
#
# The number of points of a real Fourier transform is called d by the rule of the gradient, which therefore sees n only
# in the second place: by name the scale and the doubled frequencies are those of the length of x. Convolutions by the
# transform pad in just this way, and get a wrong gradient without a word. fft and ifft are right both ways.
#
# Versions: autograd 1.9.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   right: [0.0, 0.5, 1.0, 1.5]
#   by place: [-0.0, 0.5, 1.0, 1.5]
#   by name: [0.083, -1.083, 2.417, 0.25]
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(autograd==1.9.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import autograd.numpy as np
import numpy
from autograd import grad

signal, kernel, weights = numpy.array([1.0, 2, 3, 5]), numpy.array([1.0, -1, 0.5]), numpy.arange(6.0)


def by_name(x):
    return np.sum(weights * np.fft.irfft(np.fft.rfft(x, n=6) * numpy.fft.rfft(kernel, 6)))


def by_place(x):
    return np.sum(weights * np.fft.irfft(np.fft.rfft(x, 6) * numpy.fft.rfft(kernel, 6)))


def complex_by_name(x):
    return np.sum(np.abs(np.fft.fft(x, n=6)) ** 2)


def complex_by_place(x):
    return np.sum(np.abs(np.fft.fft(x, 6)) ** 2)


expected = numpy.correlate(weights, kernel, "valid")
assert numpy.isclose(by_name(signal), weights @ numpy.convolve(signal, kernel))
print("right:", expected.tolist())
print("by place:", grad(by_place)(signal).round(3).tolist())
print("by name:", grad(by_name)(signal).round(3).tolist())
assert by_name(signal) == by_place(signal)
assert numpy.allclose(grad(by_place)(signal), expected)
assert not numpy.allclose(grad(by_name)(signal), expected, atol=0.1)
assert numpy.allclose(grad(complex_by_name)(signal), grad(complex_by_place)(signal))
EOF
