#!/usr/bin/env bash
# Babel: a gettext catalogue that is read and written again has flags that it had not, where messages hold formulas.
#
# A message with $\frac{a}{b}$ comes back marked as python-brace-format, one with "5 % of" as python-format, although
# neither file nor caller asked for it: messages are looked through whenever they are made, also by the reader.
# Programs that check formats, as Weblate and pofilter do, then look for braces and percent signs in the translation.
# polib leaves the file as it was. Guess before the run: reading and writing changes nothing.
#
# Versions: babel 2.18.0 polib 1.2.0, Python 3.11, Linux.
# Output seen:
#   babel: ['python-brace-format'] ['python-format']
#   polib: [] []
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(babel==2.18.0 polib==1.2.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" - <<'EOF'
import io

import polib
from babel.messages.pofile import read_po, write_po

catalogue = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    'msgid "A brace: $x_{max}$"\nmsgstr "Eine Klammer: $x_{max}$"\n\n'
    'msgid "It is 5 % of it"\nmsgstr "Es sind 5 % davon"\n'
)
written = io.BytesIO()
write_po(written, read_po(io.BytesIO(catalogue.encode())))
after = polib.pofile(written.getvalue().decode())
untouched = polib.pofile(str(polib.pofile(catalogue)))
found = [[sorted(entry.flags) for entry in file] for file in (after, untouched)]
print("babel:", *found[0])
print("polib:", *found[1])
assert found == [[["python-brace-format"], ["python-format"]], [[], []]]
EOF
