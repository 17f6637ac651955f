#!/usr/bin/env bash
# Awkward Array: the softmax of a square NumPy matrix divides each row by the sums of other rows.
#
# ak.softmax divides the exponentials by their sums without keeping the axis that was added up. Lists of lists line up
# at the left and are right, but an array that comes from NumPy is regular and lines up at the right, so the sum of
# row j divides column j: a square matrix of scores has wrong probabilities without a word, a column becomes a square,
# and other shapes raise an error. The documentation says that lists and regular arrays are grouped as in the
# reducers. Guess before the run: rows that add up to 1, as for the list.
#
# Versions: awkward 2.14.0 scipy 1.17.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   list, sums of its rows: [1.0, 1.0, 1.0]
#   matrix, sums of its rows: [0.922, 4.281, 0.788]
#   matrix, its first row: [0.09, 0.045, 0.787] SciPy: [0.09, 0.245, 0.665]
#   column, shape: (3, 3)
#   two rows: cannot broadcast RegularArray of size 2 with RegularArray of si
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(awkward==2.14.0 scipy==1.17.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import awkward as ak
import numpy as np
from scipy import special

scores = np.array([[0.0, 1.0, 2.0], [3.0, 3.0, 3.0], [2.0, 0.0, 0.0]])
of_list = ak.softmax(ak.Array(scores.tolist()), axis=-1).to_numpy()
of_matrix = ak.softmax(ak.Array(scores), axis=-1).to_numpy()
of_column = ak.softmax(ak.Array(scores[:, :1]), axis=-1).to_numpy()
print("list, sums of its rows:", of_list.sum(axis=1).round(3).tolist())
print("matrix, sums of its rows:", of_matrix.sum(axis=1).round(3).tolist())
print("matrix, its first row:", of_matrix[0].round(3).tolist(), "SciPy:", special.softmax(scores[0]).round(3).tolist())
print("column, shape:", of_column.shape)
assert np.allclose(of_list, special.softmax(scores, axis=-1))
assert np.allclose(of_matrix, np.exp(scores) / np.exp(scores).sum(axis=1))
assert not np.allclose(of_matrix.sum(axis=1), 1)
assert of_column.shape == (3, 3)
try:
    ak.softmax(ak.Array(scores[:2]), axis=-1)
except ValueError as error:
    print("two rows:", " ".join(str(error).split())[:63])
else:
    raise AssertionError("two rows were taken")
EOF
