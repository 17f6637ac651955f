#!/usr/bin/env bash
# Sphinx: the search of a book with language = "zh_CN" finds nothing, not even Latin words, for a class that is not
# there.
#
# The page of results loads language_data.js, whose last line takes ChineseStemmer for the stemmer; but the file
# brings EnglishStemmer, which Chinese uses. The name is made from the name of the language, not from that of the
# stemmer. The browser stops there, and "Searching" stays. Building it gives no warning. Guess before the run: Latin
# words are found.
#
# Versions: sphinx 9.0.4, Python 3.11, Linux.
# Output seen:
#   taken: ChineseStemmer, defined: EnglishStemmer
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(sphinx==9.0.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

mkdir "$folder/book"
echo 'language = "zh_CN"' > "$folder/book/conf.py"
printf 'Title\n=====\n\ngradient\n' > "$folder/book/index.rst"
"$folder/venv/bin/python" -m sphinx -q -W "$folder/book" "$folder/html"
"$folder/venv/bin/python" - "$folder/html/_static/language_data.js" <<'EOF'
import re
import sys

script = open(sys.argv[1], encoding="utf-8").read()
taken = re.search(r"window\.Stemmer = (\w+);", script)[1]
defined = set(re.findall(r"(?:var |class |function )?(\w*Stemmer) ?= ?function", script))
defined |= set(re.findall(r"(?:class|function) (\w+Stemmer)\b", script))
defined -= {"BaseStemmer"}
print(f"taken: {taken}, defined: {', '.join(sorted(defined))}")
assert taken == "ChineseStemmer"
assert taken not in defined
EOF
