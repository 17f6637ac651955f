#!/usr/bin/env bash
# nbval: a cell with a progress bar of rich fails, however often it is stored again; a slider of ipywidgets passes.
#
# In a notebook rich writes its bar into an Output widget. A front end, and `nbconvert --execute`, put such text into the
# widget, and the cell keeps a view of it. nbval does not follow the messages of the widget: to it, each refresh of
# the bar is an output of the cell, which the stored file does not have. Guess before the run: passes, because widgets
# are left out of the comparison.
#
# Versions: nbval 0.11.0 rich 15.0.0 ipywidgets 8.1.8 nbconvert 7.17.2 ipykernel 7.3.0, Python 3.11, Linux.
# Output seen:
#   slider: ['1 passed', '1 passed']
#   bar: ['1 failed', '1 failed']
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(nbval==0.11.0 rich==15.0.0 ipywidgets==8.1.8 nbconvert==7.17.2 ipykernel==7.3.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

cd "$folder"
export JUPYTER_PATH="$folder/venv/share/jupyter"
"$folder/venv/bin/python" -W ignore - <<'EOF'
import re
import subprocess
import sys

import nbformat

sources = {
    "slider": "import ipywidgets\nipywidgets.IntSlider()",
    "bar": "import time\nfrom rich.progress import track\nfor _ in track(range(20)):\n    time.sleep(0.02)",
}
seen = {}
for name, source in sources.items():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, f"{name}.ipynb")
    run = [sys.executable, "-m"]
    store = [*run, "nbconvert", "--log-level=ERROR", "--to=notebook", "--execute", "--inplace", f"{name}.ipynb"]
    subprocess.run(store, check=True)
    test = [*run, "pytest", "--nbval", "--quiet", f"{name}.ipynb"]
    ends = [subprocess.run(test, capture_output=True, text=True).stdout for _ in range(2)]
    seen[name] = [re.search(r"\d (passed|failed)", end)[0] for end in ends]
    print(f"{name}: {seen[name]}")
assert seen == {"slider": ["1 passed"] * 2, "bar": ["1 failed"] * 2}
EOF
