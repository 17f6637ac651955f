#!/usr/bin/env bash
# jupytext: %%bash is lost in two of its formats, and the shell command becomes Python.
#
# A cell `%%bash` with `ls`, written in the format nomarker or sphinx and read again, is a cell with the name `ls`. Line
# magics come through. The formats percent, light and hydrogen keep both.
#
# Versions: jupytext 1.19.6 nbformat 5.11.1, Python 3.11, Linux, a processor.
# Output seen:
#   percent ['%%bash\nls', '%cd ..']
#   light ['%%bash\nls', '%cd ..']
#   hydrogen ['%%bash\nls', '%cd ..']
#   nomarker ['ls', '%cd ..']
#   sphinx ['ls', '%cd ..']
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(jupytext==1.19.6 nbformat==5.11.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import jupytext
import nbformat

seen = {}
for name in ("percent", "light", "hydrogen", "nomarker", "sphinx"):
    cells = [nbformat.v4.new_code_cell(source) for source in ("%%bash\nls", "%cd ..")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    read = jupytext.reads(jupytext.writes(notebook, f"py:{name}"), f"py:{name}")
    seen[name] = [cell.source for cell in read.cells][-2:]
    print(name, seen[name])
kept, lost = ["%%bash\nls", "%cd .."], ["ls", "%cd .."]
assert seen == dict(percent=kept, light=kept, hydrogen=kept, nomarker=lost, sphinx=lost)
EOF
