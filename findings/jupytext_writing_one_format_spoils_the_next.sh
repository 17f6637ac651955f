#!/usr/bin/env bash
# jupytext: to write a notebook in the Sphinx format changes the notebook, and what is written of it afterwards.
#
# `jupytext.writes(notebook, "py:sphinx")` leaves `cell_marker` in the metadata of the Markdown cells of its argument.
# Written as Julia after that, the text comes back between quotation marks, and a heading without its mark.
#
# Versions: jupytext 1.19.6 nbformat 5.11.1, Python 3.11, Linux, a processor.
# Output seen:
#   jl:percent '# A heading\n\nwith text' {}
#   py:sphinx jl:percent '"""\nA heading\n\nwith text\n"""' {'cell_marker': '"""'}
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


def text_after(*formats):
    """Return the text of a notebook that was written in these formats, and read from the last."""
    cell = nbformat.v4.new_markdown_cell("# A heading\n\nwith text")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    for name in formats:
        script = jupytext.writes(notebook, name)
    return jupytext.reads(script, formats[-1]).cells[0].source, dict(cell.metadata)


seen = {formats: text_after(*formats) for formats in (("jl:percent",), ("py:sphinx", "jl:percent"))}
for formats, (text, metadata) in seen.items():
    print(*formats, repr(text), metadata)
assert seen["jl:percent",] == ("# A heading\n\nwith text", {})
text, metadata = seen["py:sphinx", "jl:percent"]
assert text == '"""\nA heading\n\nwith text\n"""'
assert metadata == {"cell_marker": '"""'}
EOF
