#!/usr/bin/env bash
# pycm: the area under the precision-recall curve of a perfect classifier is 0 or 0.5, not 1.
#
# The thresholds are the probabilities that occur, so the curve ends at the recall of the highest one, and the area from
# there to recall 0 is missing. If all instances of a class have that probability, nothing is left. The ROC curve gets
# its last point; scikit-learn gives both curves one. Guess before the run: 1.
#
# Versions: pycm 4.6 scikit-learn 1.9.1 numpy 2.4.6, Python 3.11, Linux.
# Output seen:
#   [0.2, 0.2, 0.8, 0.8] precision-recall: 0.0, scikit-learn 1.0; ROC: 1.0, scikit-learn 1.0
#   [0.1, 0.2, 0.8, 0.9] precision-recall: 0.5, scikit-learn 1.0; ROC: 1.0, scikit-learn 1.0
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(pycm==4.6 scikit-learn==1.9.1 numpy==2.4.6)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
from pycm import PRCurve, ROCCurve
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score

truth = [0, 0, 1, 1]
seen = []
for scores in ([0.2, 0.2, 0.8, 0.8], [0.1, 0.2, 0.8, 0.9]):
    both = [[1 - score, score] for score in scores]
    areas = [curve(truth, both, [0, 1]).area()[1] for curve in (PRCurve, ROCCurve)]
    precision, recall, _ = precision_recall_curve(truth, scores)
    peers = [float(auc(recall, precision)), float(roc_auc_score(truth, scores))]
    print(scores, f"precision-recall: {areas[0]}, scikit-learn {peers[0]};", end=" ")
    print(f"ROC: {areas[1]}, scikit-learn {peers[1]}")
    seen.append((areas, peers))
assert seen == [([0, 1], [1, 1]), ([0.5, 1], [1, 1])]
EOF
