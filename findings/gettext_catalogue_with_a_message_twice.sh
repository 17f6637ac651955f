#!/usr/bin/env bash
# The same message twice in a catalogue: Babel and Sphinx take the first translation, polib and translate the last.
#
# All write a compiled catalogue without a word, and Python's `gettext` answers from it: another answer for each pair of
# tools. The same for an empty context, which is a context of its own: Babel, Sphinx, polib and translate compile it
# away, so that a message without a context has a translation.
#
# Versions: babel 2.18.0 polib 1.2.0 translate-toolkit 3.20.4 sphinx 9.0.4, Python 3.11, Linux, a processor.
# Output seen:
#   Babel, Sphinx, polib, translate: ['first', 'first', 'last', 'last']
#   empty context: ['of the context', 'of the context', 'of the context', 'of the context']
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(babel==2.18.0 polib==1.2.0 translate-toolkit==3.20.4 sphinx==9.0.4)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if command -v uv > /dev/null; then
    uv pip install --quiet --python "$folder/venv" "${packages[@]}"
else
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "${packages[@]}"
fi

"$folder/venv/bin/python" -W ignore - "$folder" <<'EOF'
import gettext
import io
import os
import sys

import polib
from babel.messages import mofile, pofile
from sphinx.util.i18n import CatalogInfo
from translate.storage import po
from translate.tools import pocompile

os.chdir(sys.argv[1])
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def by_babel():
    with open("c.po", "rb") as source, open("c.mo", "wb") as target:
        mofile.write_mo(target, pofile.read_po(source))


def by_sphinx():
    CatalogInfo(".", "c", "utf-8").write_mo("de")


def by_polib():
    polib.pofile("c.po").save_as_mofile("c.mo")


def by_translate():
    with open("c.po", "rb") as source, open("c.mo", "wb") as target:
        pocompile.convertmo(source, target, None)


def answers(body):
    with open("c.po", "w") as file:
        file.write(HEAD + body)
    found = []
    for compiled_by in (by_babel, by_sphinx, by_polib, by_translate):
        compiled_by()
        with open("c.mo", "rb") as file:
            found.append(gettext.GNUTranslations(file).gettext("a"))
        os.remove("c.mo")
    return found


twice = answers('msgid "a"\nmsgstr "first"\n\nmsgid "a"\nmsgstr "last"\n')
context = answers('msgctxt ""\nmsgid "a"\nmsgstr "of the context"\n')
print("Babel, Sphinx, polib, translate:", twice)
print("empty context:", context)
assert twice == ["first", "first", "last", "last"]
assert context == ["of the context"] * 4
EOF
