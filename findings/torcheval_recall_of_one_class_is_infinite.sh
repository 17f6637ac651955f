#!/usr/bin/env bash
# torcheval: the recall of right answers is infinite if the batch holds one of three classes, and fails if it holds two.
#
# With average="macro" or "weighted", classes without an instance are to be left out. Recall leaves them out of the true
# positives, but not of the counts by which these are divided: one number is divided by each of three, two of which are
# 0, and two numbers by three is an error. Precision and F1 leave them out of both. Guess before the run: 1.
#
# Versions: torcheval 0.0.7 torch 2.13.0 numpy 2.4.6, Python 3.11, Linux, a processor.
# Output seen:
#   classes [1, 1]: recall inf inf, precision 1.0 1.0, F1 1.0 1.0
#   classes [0, 1]: recall RuntimeError RuntimeError, precision 1.0 1.0, F1 1.0 1.0
#   classes [0, 1, 2]: recall 1.0 1.0, precision 1.0 1.0, F1 1.0 1.0
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(torcheval==0.0.7 torch==2.13.0 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import logging

import torch
from torcheval.metrics.functional import multiclass_f1_score, multiclass_precision, multiclass_recall

logging.disable()
functions = {"recall": multiclass_recall, "precision": multiclass_precision, "F1": multiclass_f1_score}


def score(function, labels, average):
    """Return the score of answers that are all right, for three classes."""
    labels = torch.tensor(labels)
    try:
        return function(labels, labels, average=average, num_classes=3).item()
    except RuntimeError as error:
        return type(error).__name__


seen = {}
for labels in ([1, 1], [0, 1], [0, 1, 2]):
    for name, function in functions.items():
        seen[len(set(labels)), name] = [score(function, labels, a) for a in ("macro", "weighted")]
    parts = [f"{name} {' '.join(map(str, seen[len(set(labels)), name]))}" for name in functions]
    print(f"classes {labels}:", ", ".join(parts))
assert seen.pop((1, "recall")) == [float("inf")] * 2
assert seen.pop((2, "recall")) == ["RuntimeError"] * 2
assert all(scores == [1, 1] for scores in seen.values())
EOF
