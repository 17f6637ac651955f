#!/usr/bin/env bash
# nbconvert: with language_code="zh-CN", the page that it writes says lang="en"; with "zh" it says lang="zh".
#
# The option of HTMLExporter takes two letters only, and puts "en" in the place of everything else, with no more than
# a line in the log. But zh-CN and zh-TW are what HTML, browsers and fonts want to know, since both are zh; a screen
# reader reads such a page as English. Guess before the run: the code is written as it is given.
#
# Versions: nbconvert 7.17.2 nbformat 5.10.4, Python 3.11, Linux.
# Output seen:
#   zh -> zh, zh-CN -> en, pt-BR -> en
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(nbconvert==7.17.2 nbformat==5.10.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" - <<'EOF'
import logging
import re

from nbconvert import HTMLExporter
from nbformat import v4

logging.disable()
notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# Title")])
found = {}
for code in ("zh", "zh-CN", "pt-BR"):
    page, _ = HTMLExporter(language_code=code).from_notebook_node(notebook)
    found[code] = re.search(r'<html lang="([^"]*)"', page)[1]
print(", ".join(f"{asked} -> {got}" for asked, got in found.items()))
assert found == {"zh": "zh", "zh-CN": "en", "pt-BR": "en"}
EOF
