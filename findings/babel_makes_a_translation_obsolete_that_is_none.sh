#!/usr/bin/env bash
# Babel: a line #~| in a catalogue makes the message before it obsolete, and its translation is lost.
#
# `msgmerge --previous` writes such lines: what an obsolete message read before. Babel warns of a line it does not know,
# and then holds the live message before it for obsolete too. polib and the translate toolkit read all of the catalogue
# right. sphinx-intl reads with Babel.
#
# Versions: babel 2.18.0 polib 1.2.0 translate-toolkit 3.20.4, Python 3.11, Linux, a processor.
# Output seen:
#   WARNING: Unknown or misformatted keyword
#   WARNING: Problem on line 7: '| msgid "older"'
#   without the line: Babel, polib, translate ['live'] ['live'] ['live']
#   with it: [] ['live'] ['live']
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(babel==2.18.0 polib==1.2.0 translate-toolkit==3.20.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - <<'EOF'
import io

import polib
from babel.messages import pofile
from translate.storage import po

CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "live"
msgstr "lebendig"

{line}#~ msgid "gone"
#~ msgstr "fort"
"""


def live(text):
    """Return the messages that count, in three libraries."""
    by_babel = [message.id for message in pofile.read_po(io.BytesIO(text.encode())) if message.id]
    by_polib = [entry.msgid for entry in polib.pofile(text) if not entry.obsolete]
    units = po.pofile.parsestring(text.encode()).units
    return by_babel, by_polib, [unit.source for unit in units if unit.istranslated()]


seen = [live(CATALOGUE.format(line=line)) for line in ("", '#~| msgid "older"\n')]
print("without the line: Babel, polib, translate", *seen[0])
print("with it:", *seen[1])
assert seen == [(["live"], ["live"], ["live"]), ([], ["live"], ["live"])]
EOF
