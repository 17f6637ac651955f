"""The page of differences holds a table of each script, and the findings have the form of a finding.

Nothing is run here: the libraries that are compared are not installed with the lessons.
"""

import ast
import re
import subprocess

import pytest
from lessons import ROOT

FOLDER = ROOT / "differences"
SHARED = {"corners", "write_page"}
TOPICS = sorted({path.stem for path in FOLDER.glob("*.py")} - SHARED)
FINDINGS = sorted((ROOT / "findings").glob("*.sh"))
PAGE = (ROOT / "docs" / "differences.md").read_text()


def parsed(name):
    return ast.parse((FOLDER / f"{name}.py").read_text())


def section(name):
    return PAGE.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]


def constant(name, target):
    """Return the value of a constant at the top of a script, which is not run."""
    for node in parsed(name).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == target:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{name} has no {target}")


def test_a_topic_is_a_lesson():
    lessons = {path.stem[3:]: int(path.stem[:2]) for path in ROOT.glob("notebooks/*.py")}
    topics = {name: constant(name, "NUMBER") for name in TOPICS}
    assert topics
    assert topics.items() <= lessons.items()


@pytest.mark.parametrize("name", TOPICS)
def test_a_script_can_be_read_and_imports_what_is_pinned(name):
    pinned = re.findall(r"^([\w-]+)==", (FOLDER / "requirements.txt").read_text(), re.M)
    modules = {
        (node.module or "").split(".")[0] for node in ast.walk(parsed(name)) if isinstance(node, ast.ImportFrom)
    } | {
        alias.name.split(".")[0]
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert modules <= {*pinned, "corners", "helpers"}


@pytest.mark.parametrize("name", TOPICS)
def test_the_page_has_a_table_with_a_remedy_for_each_row(name):
    number = constant(name, "NUMBER")
    columns = constant("corners", "COLUMNS").values()
    lines = section(name).strip().splitlines()
    assert lines[0] == "|  | " + " | ".join(columns) + " |"
    rows = [line for line in lines[2:] if line.startswith("|")]
    remedies = [line for line in lines if line.startswith("- ")]
    assert len(rows) == len(remedies) > 20
    for index, (row, remedy) in enumerate(zip(rows, remedies, strict=True), 1):
        start = f"**{number}.{index}** "
        assert row.startswith(f"| {start}"), row
        assert remedy.startswith(f"- {start}"), remedy
        assert row.count(" | ") == len(columns), row
        assert max(len(cell) for cell in row.split(" | ")[1:]) < 40, row


def test_the_page_names_the_versions_that_are_pinned():
    run_with = section("versions")
    assert re.search(r"Run on 20\d\d-\d\d-\d\d with ", run_with)
    for version in re.findall(r"==([\d.]+)", (FOLDER / "requirements.txt").read_text()):
        assert f" {version}" in run_with, version


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_is_a_script_that_cleans_up_and_states_what_it_saw(path):
    text = path.read_text()
    assert path.stat().st_mode & 0o111 == 0o111
    subprocess.run(["bash", "-n", path], check=True)
    program = re.search(r"<<'EOF'\n(.*)\nEOF\n", text, re.DOTALL)[1]
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(program)))
    assert "set -euo pipefail\n" in text
    assert "folder=$(mktemp -d)\ntrap 'rm -rf" in text
    assert re.search(r"^# Output seen:\n#   \S", text, re.MULTILINE)
    assert "helpers" not in program
    stated = re.search(r"^# Versions: (.*), Python", text, re.MULTILINE)[1]
    installed = re.search(r"^packages=\((.*)\)$", text, re.MULTILINE)[1]
    assert stated == installed.replace("==", " ")


def test_there_are_findings():
    assert len(FINDINGS) > 10
