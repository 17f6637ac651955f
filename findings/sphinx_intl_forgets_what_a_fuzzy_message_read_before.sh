#!/usr/bin/env bash
# sphinx-intl: an update marks a message as fuzzy and leaves out what it read before; polib leaves out the guess.
#
# A sentence has changed by one word. Babel, asked for it, and pot2po write the old sentence beside the new one, so that
# a translator sees the word. sphinx-intl, which merges with Babel, does not. polib's `merge` gives an empty translation
# and makes the old message obsolete.
#
# Versions: sphinx-intl 2.4.0 babel 2.18.0 polib 1.2.0 translate-toolkit 3.20.4, Python 3.11, Linux, a processor.
# Output seen:
#   by_babel fuzzy, translation, old message: True Anders herum. True
#   by_pot2po fuzzy, translation, old message: True Anders herum. True
#   Update: locale/de/LC_MESSAGES/a.po +1, -1
#   by_sphinx_intl fuzzy, translation, old message: True Anders herum. False
#   by_polib fuzzy, translation, old message: False  False
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(sphinx-intl==2.4.0 babel==2.18.0 polib==1.2.0 translate-toolkit==3.20.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - "$folder" <<'EOF'
import io
import os
import sys

import polib
from babel.messages import pofile
from sphinx_intl import basic
from translate.convert import pot2po

os.chdir(sys.argv[1])
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
OLD = HEAD + 'msgid "The gradient points up, so go the other way."\nmsgstr "Anders herum."\n'
NEW = HEAD + 'msgid "The gradient points up, so walk the other way."\nmsgstr ""\n'
os.makedirs("pot")
os.makedirs("locale/de/LC_MESSAGES")
for path, text in {"pot/a.pot": NEW, "locale/de/LC_MESSAGES/a.po": OLD}.items():
    with open(path, "w") as file:
        file.write(text)


def by_babel():
    catalogue = pofile.read_po(io.BytesIO(OLD.encode()))
    catalogue.update(pofile.read_po(io.BytesIO(NEW.encode())))
    written = io.BytesIO()
    pofile.write_po(written, catalogue, include_previous=True)
    return written.getvalue().decode()


def by_sphinx_intl():
    basic.update("locale", "pot", ["de"])
    with open("locale/de/LC_MESSAGES/a.po") as file:
        return file.read()


def by_polib():
    catalogue = polib.pofile(OLD)
    catalogue.merge(polib.pofile(NEW))
    return str(catalogue)


def by_pot2po():
    merged = io.BytesIO()
    pot2po.convertpot(io.BytesIO(NEW.encode()), merged, io.BytesIO(OLD.encode()))
    return merged.getvalue().decode()


seen = {}
for merge in (by_babel, by_pot2po, by_sphinx_intl, by_polib):
    entry = next(entry for entry in polib.pofile(merge()) if not entry.obsolete)
    seen[merge.__name__] = entry.fuzzy, entry.msgstr, bool(entry.previous_msgid)
    print(merge.__name__, "fuzzy, translation, old message:", *seen[merge.__name__])
whole = True, "Anders herum.", True
assert seen["by_babel"] == seen["by_pot2po"] == whole
assert seen["by_sphinx_intl"] == (True, "Anders herum.", False)
assert seen["by_polib"] == (False, "", False)
EOF
