"""How `make slides` turns each lesson into one HTML file that needs no other file and no network."""

from importlib.resources import files

import matplotlib

c = get_config()  # noqa: F821

c.NbConvertApp.export_format = "slides"
c.NbConvertApp.notebooks = ["notebooks/*.ipynb"]
c.FilesWriter.build_directory = "build/slides"

# What the template puts into the deck comes from installed packages: reveal.js and the font of the prose (MIT, OFL),
# MathJax (Apache 2.0), the font of the code (Bitstream Vera licence).
c.SlidesExporter.template_name = "slides_template"
c.SlidesExporter.extra_template_basedirs = ["classroom"]
c.SlidesExporter.extra_template_paths = [
    str(files("sphinx_revealjs") / "_static" / "revealjs"),
    str(files("sphinx-mathjax-offline") / "static" / "mathjax"),
    f"{matplotlib.get_data_path()}/fonts/ttf",
]
c.CSSHTMLHeaderPreprocessor.style = "a11y-high-contrast-light"

c.SlidesExporter.exclude_input_prompt = True
c.SlidesExporter.exclude_output_prompt = True
c.SlidesExporter.exclude_anchor_links = True

c.SlidesExporter.preprocessors = [
    "classroom.slides_preprocessor.Shorten",
    "translations.edition.Translate",
    "classroom.slides_preprocessor.SlideStructure",
]
