#!/usr/bin/env bash
# jupytext: in the format percent, a Markdown cell with a line that starts with %%, or a code cell with an indented
# comment # %%, is written without a warning and read again as two cells, of which one no longer runs.
#
# The comment sign before Markdown turns `%% x` into the marker of a cell, and what follows becomes code. In code an
# indented marker counts as one, too. The same line in a string is left alone. Guesses before the run: Markdown is
# split, indented comments are not.
#
# Versions: jupytext 1.19.6 nbformat 5.11.1, Python 3.11, Linux.
# Output seen:
#   markdown: [('markdown', 'before\n'), ('code', '#\n# after')]
#   comment: [('code', 'if True:'), ('code', '    x = 1')]
#   string: [('code', 'x = """\n# %%\n"""')]
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
from nbformat import v4

cells = {
    "markdown": v4.new_markdown_cell("before\n\n%% x\n\nafter"),
    "comment": v4.new_code_cell("if True:\n    # %%\n    x = 1"),
    "string": v4.new_code_cell('x = """\n# %%\n"""'),
}
seen = {}
for name, cell in cells.items():
    written = jupytext.writes(v4.new_notebook(cells=[cell]), "py:percent")
    seen[name] = [(read.cell_type, read.source) for read in jupytext.reads(written, "py:percent").cells]
    print(f"{name}: {seen[name]}")
assert seen == {
    "markdown": [("markdown", "before\n"), ("code", "#\n# after")],
    "comment": [("code", "if True:"), ("code", "    x = 1")],
    "string": [("code", 'x = """\n# %%\n"""')],
}
EOF
