"""What `make messages` does: take over into each catalogue what has changed in English.

A message whose English has changed keeps its translation, marked as fuzzy, with the English that it was made from. What
is new has none; what no lesson has any longer is dropped.
"""

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from translations.edition import readme, readme_path
from translations.messages import LOCALES, SOURCES, catalogue_path, of_source, read_catalogue


def template(name):
    """Return a catalogue that has the messages of a lesson or page, and no translations."""
    catalogue = Catalog(project="Deep-learning lessons", charset="utf-8")
    for message in of_source(name):
        place = message.place.split(": ", 1)[-1]
        catalogue.add(message.text, locations=[(name, None)], auto_comments=[place] if place else [])
    return catalogue


def take_over(catalogue, template):
    """Give a catalogue the messages of a template, in place."""
    catalogue.update(template, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    for message in catalogue:
        # Babel takes the braces of formulas for those of Python's formats.
        message.flags &= {"fuzzy"}


def update(name, locale):
    """Write the catalogue of a lesson or page again, with the messages that its source has now."""
    catalogue_path(name, locale).write_bytes(updated(name, locale))


def updated(name, locale):
    """Return the bytes of a catalogue that has the messages of its source."""
    catalogue, file = read_catalogue(name, locale), io.BytesIO()
    take_over(catalogue, template(name))
    write_po(file, catalogue, width=0, include_previous=True)
    return file.getvalue()


if __name__ == "__main__":
    for locale in LOCALES:
        for name in SOURCES:
            update(name, locale)
        readme_path(locale).write_text(readme(locale), encoding="utf-8")
