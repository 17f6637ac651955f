#!/usr/bin/env bash
# translate-toolkit: a catalogue in GB2312, as its header says, cannot be read.
#
# gettext's catalogues name their encoding. polib and Babel read this one, translate-toolkit ends with a
# UnicodeDecodeError, whether from a file or from bytes.
#
# Versions: translate-toolkit 3.20.4 babel 2.18.0 polib 1.2.0, Python 3.11, Linux, a processor.
# Output seen:
#   by_polib 池化
#   by_babel 池化
#   by_translate UnicodeDecodeError
#   by_translate_from_bytes UnicodeDecodeError
#
# Ends with 0 while it is so, with another number as soon as it is not.

set -euo pipefail
packages=(translate-toolkit==3.20.4 babel==2.18.0 polib==1.2.0)
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
import sys
from pathlib import Path

import polib
from babel.messages import pofile
from translate.storage import po

TEXT = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=GB2312\\n"\n\nmsgid "pool"\nmsgstr "池化"\n'
path = Path(sys.argv[1]) / "a.po"
path.write_bytes(TEXT.encode("gb2312"))


def by_translate():
    return po.pofile.parsefile(str(path)).units[-1].target


def by_translate_from_bytes():
    return po.pofile.parsestring(path.read_bytes()).units[-1].target


def by_polib():
    return polib.pofile(str(path))[0].msgstr


def by_babel():
    return pofile.read_po(io.BytesIO(path.read_bytes()))["pool"].string


seen = []
for read in (by_polib, by_babel, by_translate, by_translate_from_bytes):
    try:
        seen.append(read())
    except Exception as error:
        seen.append(type(error).__name__)
    print(read.__name__, seen[-1])
assert seen == ["池化", "池化", "UnicodeDecodeError", "UnicodeDecodeError"]
EOF
