"""What is said in more than one place, because tools or readers need it there, is said alike."""

import base64
import re
import runpy
import tomllib
from collections import Counter
from pathlib import Path

import jupytext
import lessons
import pytest
import yaml
from nbgrader.apps import NbGraderApp
from notebook_checks import figures
from prose_checks import WORDS

ROOT = Path(__file__).parents[2]
ENTRY = re.compile(r"^### (E\d\d)\n\n\*\*(.+)\*\*\n\n", re.MULTILINE)
POINTER = re.compile(r"\[Lesson\s\d,\s([^]]+)\]\((notebooks/\w+\.ipynb)\)")
FIELDS = ("Where", "Wrong", "Right", "Proof")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def project():
    return tomllib.loads(read("pyproject.toml"))["project"]


def test_environment_yml_names_the_newest_python_allowed_and_this_package_and_nothing_else():
    environment = yaml.safe_load(read("environment.yml"))
    assert environment["name"] == project()["name"]
    newest = f"3.{allowed_minors()[-1]}"
    assert environment["dependencies"] == [
        f"python ={newest}",
        "pip",
        {"pip": ["-e ."]},
    ]


def test_citation_names_the_same_version_and_title():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == project()["version"]
    assert citation["title"] == project()["description"]
    assert " AND ".join(citation["license"]) == project()["license"]


def test_workflow_runs_every_python_that_is_allowed():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    versions = workflow["jobs"]["locked"]["strategy"]["matrix"]["python"]
    assert versions == [f"3.{minor}" for minor in allowed_minors()]


def allowed_minors():
    python = project()["requires-python"]
    first, last = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", python).groups()
    return range(int(first), int(last))


PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "ERRATA.md",
    *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")),
]


@pytest.mark.parametrize("name", PAGES)
def test_links_to_files_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#:]+)\)", read(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target


def test_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {
        name: set(" ".join(re.findall(r"(?:`|^)make ([a-z -]+)", read(name), re.MULTILINE)).split())
        for name in (*PAGES, "classroom/student/README.md")
    }
    assert all(some <= targets for some in named.values()), named
    assert {"lab", "test", "build"} <= named["README.md"]
    assert {"student", "course", "slides"} <= named["docs/teaching.md"]
    assert {"test", "build", "prose"} <= named["CONTRIBUTING.md"]


def test_commands_of_nbgrader_that_the_teachers_page_names_exist():
    code = re.findall(r"^```console\n.*?^```|`[^`]+`", read("docs/teaching.md"), re.MULTILINE | re.DOTALL)
    named = re.findall(r"\bnbgrader\s(\w+)", re.sub("#.*", "", "\n\n".join(code)))
    assert {"generate_assignment", "autograde"} <= set(named)
    assert set(named) <= set(NbGraderApp.subcommands)


def test_files_that_the_contributors_page_names_exist():
    text = re.sub("06_NAME|NAME", "pooling", read("CONTRIBUTING.md"))
    names = re.findall(r"`([\w./]*(?:/|\.(?:py|md|toml|lock|ipynb)))`", text)
    assert len(names) > 15
    for name in names:
        path = name.replace("notebooks/pooling", "notebooks/04_pooling")
        assert path in (".ipynb", ".py", "build/", "zh_CN/") or (ROOT / path).exists(), name


def test_read_me_and_student_edition_name_the_supported_versions():
    *others, last = [f"3.{minor}" for minor in allowed_minors()]
    for name in ("README.md", "classroom/student/README.md"):
        text = " ".join(read(name).split())
        assert f"Python {', '.join(others)} or {last}" in text, name


def errata():
    """Return the text of each entry by its id."""
    text = read("ERRATA.md")
    marks = list(ENTRY.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}


def test_errata_has_its_entries_in_order_with_all_fields():
    assert list(errata()) == [f"E{n:02}" for n in range(1, len(errata()) + 1)]
    for number, text in errata().items():
        assert re.findall(r"^- \*\*(\w+):\*\*", text, re.MULTILINE) == list(FIELDS), number


def test_errata_and_readme_count_the_entries_rightly():
    where = [re.search(r"Where:\*\* (.+?), (\w+); weight (\w+)\n", text, re.DOTALL) for text in errata().values()]
    kinds = Counter(match[2] for match in where)
    weights = Counter(match[3] for match in where)
    assert set(weights) == {"high", "medium", "low"}
    said = (
        f"all {len(where)} mistakes: {kinds['prose']} in the prose, {kinds['formula']} in the formulas, "
        f"{kinds['code']} in the programs and {kinds['reference']} in the references. {weights['high']} have the "
        f"weight high, {weights['medium']} medium, {weights['low']} low."
    )
    assert said in " ".join(read("ERRATA.md").split())
    assert f"Its {len(where)} mistakes" in " ".join(read("README.md").split())


def test_links_between_entries_of_the_errata_lead_to_their_entries():
    links = re.findall(r"\[(E\d+)\]\(#(\w+)\)", read("ERRATA.md"))
    assert links
    for name, target in links:
        assert name == target
        assert name in errata()


def headings(path):
    notebook = jupytext.read(ROOT / path)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^#+ (.+)$", prose, re.MULTILINE)


def test_pointers_of_the_errata_lead_to_headings_that_exist():
    pointers = [pointer for text in errata().values() for pointer in POINTER.findall(text)]
    assert pointers
    for heading, path in pointers:
        # A pointer may be broken over two lines.
        assert " ".join(heading.split()) in headings(path), (heading, path)


def plans():
    """Return the part of the teacher's page about each lesson, by the path of the lesson."""
    text = read("docs/teaching.md")
    parts = re.split(r"^##+ ", text, flags=re.MULTILINE)
    return {re.search(r"\.\./(notebooks/\w+\.ipynb)", part)[1]: part for part in parts if part.startswith("Lesson ")}


def rows(plan, columns):
    row = r"\| (.+) " * columns + r"\|"
    return [re.fullmatch(row, line) for line in plan.splitlines() if line[:3] != "|--"]


def test_teachers_page_has_a_plan_for_each_lesson():
    assert list(plans()) == [lessons.place(path) for path in lessons.PATHS]
    for path, plan in zip(lessons.PATHS, plans().values(), strict=True):
        start = f"Lesson {lessons.number(path)}: {lessons.title(path)}\n"
        assert plan.startswith(start)


@pytest.mark.parametrize("path", plans())
def test_plan_of_a_lesson_has_its_sections_in_order_and_its_minutes(path):
    prose = "\n".join(cell.source for cell in jupytext.read(ROOT / path).cells)
    sections = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    taught = sections[: sections.index("Exercises")]
    plan = [row for row in rows(plans()[path], 3) if row and row[2].isdecimal()]
    assert [row[1] for row in plan] == taught
    assert sum(int(row[2]) for row in plan) == lessons.minutes(ROOT / path)


@pytest.mark.parametrize("path", plans())
def test_misconceptions_are_settled_under_headings_that_exist(path):
    text = plans()[path].partition("| they say |")[2]
    settled = [row[2] for row in rows(text, 2) if row]
    assert len(settled) >= 6
    assert set(settled) <= set(headings(path))


def test_errata_that_a_lesson_names_point_back_to_it():
    for path in lessons.PATHS:
        notebook = jupytext.read(path)
        named = set(re.findall(r"\bE\d\d\b", "\n".join(cell.source for cell in notebook.cells)))
        pointing = {number for number, text in errata().items() if f"notebooks/{path.name}" in text}
        assert named <= pointing, (path.name, named - pointing)


def test_picture_in_the_readme_is_one_that_lesson_1_stores():
    (picture,) = re.findall(r"!\[.{40,}\]\(([^)]+)\)", read("README.md"))
    notebook = jupytext.read(ROOT / "notebooks" / "01_gradient_descent.ipynb")
    stored = [base64.b64decode(png) for cell in notebook.cells for png in figures(cell.get("outputs", []))]
    assert (ROOT / picture).read_bytes() in stored, "copy the figure out of the notebook again"


def test_readme_lists_each_lesson_with_its_title_and_its_minutes():
    """And nothing else: `make student` takes all rows of the page's one table over."""
    rows = [line for line in read("README.md").splitlines() if line[:1] == "|"]
    starts = [
        f"| {lessons.number(path)} [{lessons.title(path)}]({lessons.place(path)}) | {lessons.minutes(path)} | "
        for path in lessons.PATHS
    ]
    assert len(rows) == 2 + len(starts)
    for row, start in zip(rows[2:], starts, strict=True):
        assert row.startswith(start), f"write {start}..."
    assert read("classroom/student/README.md").count("\n{lessons}\n") == 1


def test_readme_says_how_many_lessons_there_are():
    word = WORDS[len(lessons.PATHS)].capitalize()
    assert f"{word} notebooks" in read("README.md")


def test_book_describes_every_public_module_of_helpers():
    book = runpy.run_path(str(ROOT / "docs" / "conf.py"))
    content = [""]
    book["describe_modules"](None, "docs/helpers", content)
    described = re.findall(r"^\.\. automodule:: (\S+)$", content[0], re.MULTILINE)
    assert described == book["public_modules"]()
    for name in ("helpers.pooling", "helpers.checks", "helpers.checks.pooling"):
        assert name in described
    assert not re.search(r"\b_", " ".join(described))
