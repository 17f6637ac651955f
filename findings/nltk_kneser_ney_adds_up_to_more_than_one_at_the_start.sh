#!/usr/bin/env bash
# NLTK: the Kneser-Ney probabilities of the first word of a sentence add up to more than 1, in other places to 1.
#
# Its own pipeline puts two marks before a sentence for trigrams. Nothing stands before the first, so the pair of marks
# has no continuation count to discount; it is counted all the same among the words that may follow a mark, and a share
# for it is handed out to all words. So the perplexity of beginnings is too low. Witten-Bell and absolute discounting
# add up to 1. Guess before the run: 1 in each context.
#
# Versions: nltk 3.10.4, Python 3.11, Linux.
# Output seen:
#   Kneser-Ney: start 1.1875, after a 1.0, after a b 1.0
#   absolute discounting: start 1.0, after a 1.0, after a b 1.0
#   Witten-Bell: start 1.0, after a 1.0, after a b 1.0
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(nltk==3.10.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
from nltk import lm
from nltk.lm.preprocessing import padded_everygram_pipeline

models = {
    "Kneser-Ney": lm.KneserNeyInterpolated(order=3, discount=0.75),
    "absolute discounting": lm.AbsoluteDiscountingInterpolated(order=3, discount=0.75),
    "Witten-Bell": lm.WittenBellInterpolated(order=3),
}
contexts = {"start": ("<s>", "<s>"), "after a": ("a",), "after a b": ("a", "b")}
seen = {}
for name, model in models.items():
    model.fit(*padded_everygram_pipeline(3, [list("abcab"), list("abba"), list("cab")]))
    for place, context in contexts.items():
        total = sum(model.score(word, context) for word in model.vocab)
        seen[name, place] = round(total, 6)
    print(f"{name}:", ", ".join(f"{place} {seen[name, place]}" for place in contexts))
assert seen.pop(("Kneser-Ney", "start")) == 1.1875
assert set(seen.values()) == {1}
EOF
