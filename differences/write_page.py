"""Write the tables of docs/differences.md, and with them the date and the versions.

Usage: python differences/write_page.py
"""

import datetime
import importlib
import re
from pathlib import Path

from corners import table, versions

PAGE = Path(__file__).parents[1] / "docs" / "differences.md"
TOPICS = [
    "gradient_descent",
    "backpropagation",
    "convolution",
    "pooling",
    "recurrent_networks",
]
NAMES = {"keras": "Keras", "torch": "PyTorch", "jax": "JAX", "flax": "Flax"} | {
    "tensorflow": "TensorFlow",
    "onnx": "ONNX",
    "onnxruntime": "ONNX Runtime",
    "numpy": "NumPy",
}


def between_marks(text, name, content):
    """Put the content between the marks of that name."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"the page needs one mark {start} and one {end}")
    pattern = re.escape(start) + ".*?" + re.escape(end)
    return re.sub(pattern, lambda _: f"{start}\n\n{content}\n\n{end}", text, flags=re.DOTALL)


def run_with():
    """Say when this is run, and with which versions."""
    date = datetime.datetime.now(datetime.UTC).date()
    listed = ", ".join(f"{NAMES.get(name, name)} {version}" for name, version in versions().items())
    return f"Run on {date} with {listed}."


def main():
    """Write the page."""
    contents = {}
    for name in TOPICS:
        topic = importlib.import_module(name)
        contents[name] = table(topic.NUMBER, topic.corners())
        print(f"{name}: {contents[name].count('| **')} rows", flush=True)
    text = PAGE.read_text()
    for name, content in (contents | {"versions": run_with()}).items():
        text = between_marks(text, name, content)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
