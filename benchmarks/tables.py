"""Prints the tables of docs/benchmarks.md, in Markdown, from what pytest-benchmark has stored in a folder.

The files are `strict_runs.json`, and `onednn.json` and `plain.json` of the helpers with TensorFlow's oneDNN on and off.
"""

import json
import math
import sys
from pathlib import Path


def benchmarks(path):
    return json.loads(path.read_text(encoding="utf-8"))["benchmarks"]


def row(*cells):
    print("|", " | ".join(cells), "|")


def head(*cells):
    print()
    row(*cells)
    print("|---" * len(cells) + "|")


def strict_runs(results):
    """Print each run beside the bare one of its group and, if there is another build, beside that."""
    found = {}
    for each in results:
        parameters = each["params"]
        place = each["group"], parameters.get("name", ""), parameters["build"]
        found[place] = each["stats"]["median"], each["extra_info"]
    other = any(build == "other" for *_, build in found)
    more = ["seconds / other build's", "beyond bare / other's"] if other else []
    head("run", "seconds", "/ bare", "CPU s", "beyond bare", "memory in MiB", "/ bare", *more)  # fmt: skip
    for (group, name, build), (seconds, info) in found.items():
        if build != "this":
            continue
        name = name.removesuffix(".ipynb")
        cells = [f"{group}: {name}" if name else group, f"{seconds:.1f}"]
        bare = found.get((group, "bare", "this"))
        cells += columns(seconds, info, bare)
        if other:
            cells += against(found, group, name, seconds, info, bare)
        row(*cells)


def columns(seconds, info, bare):
    cpu = f"{info['cpu']:.1f}"
    if not bare:
        return ["", cpu, "", "", ""]
    first, of_bare = bare
    return [
        f"{seconds / first:.2f}", cpu, f"{info['cpu'] - of_bare['cpu']:.1f}",
        f"{info['memory']:.0f}", f"{info['memory'] / of_bare['memory']:.2f}",
    ]  # fmt: skip


def against(found, group, name, seconds, info, bare):
    places = [(group, full, "other") for full in (name, f"{name}.ipynb")]
    (other,) = (found[place] for place in places if place in found)
    ratio = f"{seconds / other[0]:.2f}"
    if not bare or name == "bare":
        return [ratio, f"{info['cpu'] / other[1]['cpu']:.2f} of all CPU s"]
    other_bare = found[group, "bare", "other"][1]["cpu"]
    beyond = (info["cpu"] - bare[1]["cpu"]) / (other[1]["cpu"] - other_bare)
    return [ratio, f"{beyond:.2f}"]


def helpers(folder):
    """Print the shortest time of ours by that of theirs; a column for each type, with oneDNN and without."""
    settings = {"oneDNN": "onednn.json", "without": "plain.json"}
    ratios, milliseconds, in_lessons = {}, {}, {}
    for setting, file in settings.items():
        times = {}
        for each in benchmarks(folder / file):
            way = each["params"].get("way")
            times.setdefault(each["group"], {})[way] = each["stats"]["min"] * 1e3
            in_lessons[each["group"]] = each["extra_info"].get("in_lessons", False)
        for group, of_ways in times.items():
            ours = of_ways.pop("numpy")
            (theirs,) = of_ways.values()
            if group.startswith("float"):
                dtype, _, operation = group.partition(" ")
                ratios.setdefault(operation, {})[f"{dtype}, {setting}"] = ours / theirs
                in_lessons[operation] = in_lessons[group]
            else:
                milliseconds.setdefault(group, []).append((ours, theirs))
    headings = [f"{d}, {s}" for s in settings for d in ("float32", "float64")]
    head("operation, images (and filters)", *headings)
    for operation in sorted(ratios):
        marked = operation + " \\*" * in_lessons[operation]
        numbers = [ratios[operation].get(each) for each in headings]
        row(marked, *("" if each is None else f"{each:.2f}" for each in numbers))
    for text, chosen in (
        ("sizes of the lessons", [o for o in ratios if in_lessons[o]]),
        ("all sizes", ratios),
    ):
        means = [mean(v for o in chosen for k, v in ratios[o].items() if setting in k) for setting in settings]
        cells = [cell for each in means for cell in (f"{each:.2f}, both types", "")]
        row(f"*geometric mean, {text}*", *cells)
    head("recurrent layer", "ours, ms", "Keras, ms")
    for group, pairs in milliseconds.items():
        row(group, *(f"{min(each):.1f}" for each in zip(*pairs, strict=True)))


def mean(values):
    logarithms = [math.log(value) for value in values]
    return math.exp(math.fsum(logarithms) / len(logarithms))


folder = Path(sys.argv[1])
strict_runs(benchmarks(folder / "strict_runs.json"))
helpers(folder)
