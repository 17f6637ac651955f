"""What students get and how they are graded, by the tools that do it: nbconvert, as configured, and nbgrader."""

import itertools
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from jupytext.config import load_jupytext_configuration_file
from nbgrader.api import Gradebook

ROOT = Path(__file__).parent.parent
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
GRADED = "04_pooling"
STUB = "raise NotImplementedError"


def run(program, *arguments, folder=ROOT):
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "classroom"),
        # nbgrader starts a program of its database by its bare name.
        "PATH": scripts + os.pathsep + os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, "-m", program, *map(str, arguments)],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(path):
    return nbformat.read(path, as_version=4)


def lesson(name):
    return read(ROOT / "notebooks" / f"{name}.ipynb")


def graded(cell, role="grade"):
    return cell.metadata.get("nbgrader", {}).get(role, False)


def solutions(notebook):
    return [cell for cell in notebook.cells if "BEGIN SOLUTION" in cell.source]


def answer(cell):
    """Return the body of a solution, without the marks and the check below it."""
    marked = r"### BEGIN SOLUTION\n(.*)\n    ### END SOLUTION"
    return re.search(marked, cell.source, re.DOTALL)[1]


def function_name(cell):
    return re.match(r"def (\w+)", cell.source)[1]


@pytest.fixture(scope="module")
def student_edition(tmp_path_factory):
    """The notebooks of the student edition, as `make student` converts them."""
    folder = tmp_path_factory.mktemp("student")
    run(
        "nbconvert", "--config", "classroom/student_edition.py", "--output-dir", folder,
        *(f"notebooks/{name}.ipynb" for name in LESSONS),
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course for nbgrader, as `make course` lays it out, with its assignments generated."""
    folder = tmp_path_factory.mktemp("course")
    for name in LESSONS:
        (folder / "source" / name).mkdir(parents=True)
    run(
        "nbconvert", "--to", "notebook", "--NotebookExporter.preprocessors=grading.AddGrading",
        "--output-dir", folder / "source", "--output", "{notebook_name}/{notebook_name}",
        *(f"notebooks/{name}.ipynb" for name in LESSONS),
    )  # fmt: skip
    config = (ROOT / "classroom" / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run("nbgrader", "generate_assignment", "--assignment=*", folder=folder)
    return folder


@pytest.mark.parametrize("name", LESSONS)
def test_student_edition_has_neither_solutions_nor_hidden_tests_nor_outputs(
    name, student_edition
):
    text = (student_edition / f"{name}.ipynb").read_text(encoding="utf-8")
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)|verdict =|status", text)
    notebook = read(student_edition / f"{name}.ipynb")
    original = solutions(lesson(name))
    assert original
    code = "\n".join(cell.source for cell in notebook.cells if graded(cell, "solution"))
    for cell in original:
        for line in answer(cell).splitlines():
            assert line not in code, line
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", LESSONS)
def test_student_edition_has_lost_nothing_else(name, student_edition):
    expected, notebook = lesson(name), read(student_edition / f"{name}.ipynb")
    expected.cells = [
        cell
        for cell in expected.cells
        if "BEGIN SOLUTION" not in cell.source
        and not cell.source.startswith("#### Solution of")
    ]
    (introduction,) = [c for c in expected.cells if c.source.startswith("## Exercises")]
    sentence = "\nA solution is folded away below each hint."
    assert introduction.source.endswith(sentence)
    introduction.source = introduction.source.removesuffix(sentence)
    for cell in expected.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    exercises = [
        cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata
    ]
    assert len(exercises) == 2 * len(solutions(lesson(name)))
    for cell in notebook.cells:
        for added in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(added, None)
    assert notebook == expected


@pytest.mark.parametrize("name", LESSONS)
def test_student_edition_is_what_nbgrader_releases(name, student_edition, course):
    released = (course / "release" / name / f"{name}.ipynb").read_bytes()
    assert released == (student_edition / f"{name}.ipynb").read_bytes()


@pytest.mark.parametrize("name", LESSONS)
def test_each_exercise_is_worth_a_point_by_a_hidden_test_below_its_check(name, course):
    cells = read(course / "source" / name / f"{name}.ipynb").cells
    pairs = [
        pair for pair in itertools.pairwise(cells)
        if "BEGIN SOLUTION" in pair[0].source
    ]  # fmt: skip
    assert len(pairs) == sum(map(graded, cells))
    for exercise, check in pairs:
        function = function_name(exercise)
        assert exercise.metadata.nbgrader.grade_id == function
        assert exercise.metadata.nbgrader.solution
        assert check.metadata.nbgrader.points == 1
        assert check.metadata.nbgrader.grade_id == f"check_{function}"
        shown, hidden = check.source.split("\n### BEGIN HIDDEN TESTS\n")
        assert shown in hidden
        assert hidden.splitlines()[1:] == [
            'assert verdict.status == "correct", verdict',
            "### END HIDDEN TESTS",
        ]


def test_text_of_a_solution_or_a_hidden_test_is_in_no_file_that_students_get():
    markers = {
        line.strip()
        for name in LESSONS
        for cell in solutions(lesson(name))
        for line in answer(cell).splitlines()
        if len(line.strip()) > 30
    }
    assert len(markers) > 20
    files = [path for path in (ROOT / "classroom/student").rglob("*") if path.is_file()]
    files += (ROOT / "src").rglob("*.py")
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert [marker for marker in markers if marker in text] == [], path


def test_links_of_the_student_edition_lead_somewhere(student_edition):
    handed_out = {f"notebooks/{path.name}" for path in student_edition.glob("*.ipynb")}
    handed_out |= {"ERRATA.md", "LICENSE"}
    pages = {
        "README.md": (ROOT / "classroom/student/README.md").read_text("utf-8"),
        "ERRATA.md": (ROOT / "ERRATA.md").read_text("utf-8"),
    }
    for name in LESSONS:
        prose = [
            cell.source
            for cell in lesson(name).cells
            if cell.cell_type == "markdown"
        ]  # fmt: skip
        pages[f"notebooks/{name}.ipynb"] = "\n".join(prose)
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)#:\s]+)\)", text):
            path = os.path.normpath(os.path.join(os.path.dirname(page), target))
            assert path.replace(os.sep, "/") in handed_out, (page, target)


def test_saving_a_notebook_of_the_student_edition_writes_no_script():
    settings = ROOT / "classroom" / "student" / "notebooks" / "jupytext.toml"
    config = load_jupytext_configuration_file(str(settings))
    assert config.default_formats(str(settings.with_name("x.ipynb"))) == "ipynb"
    # In the lessons themselves it does.
    config = load_jupytext_configuration_file(str(ROOT / "pyproject.toml"))
    assert config.default_formats("x.ipynb") == "ipynb,py:percent"


def hand_in(course, student, answers):
    """Store what a student hands in: the released notebook with these answers, in the order of the exercises.

    The student has deleted what the exercises do not need, so that the test need not run it again and again.
    """
    notebook = read(course / "release" / GRADED / f"{GRADED}.ipynb")
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    exercises = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    notebook.cells = [imports, *exercises]
    for cell, answer in zip(exercises[::2], answers, strict=True):
        assert cell.source.count(STUB) == 1
        cell.source = cell.source.replace(STUB, answer)
    folder = course / "submitted" / student / GRADED
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{GRADED}.ipynb")


@pytest.fixture(scope="module")
def graded_course(course):
    """The course after three students have handed in one lesson."""
    right = [answer(cell).lstrip() for cell in solutions(lesson(GRADED))]
    # A right answer may warn and print.
    noisy = f"import warnings; warnings.warn('careful'); print('here')\n    {right[0]}"
    hand_in(course, "right", right)
    hand_in(course, "blank", [STUB] * len(right))
    hand_in(
        course, "partly", [noisy, "return images", "raise SystemExit", STUB, right[4]]
    )
    run("nbgrader", "autograde", f"--assignment={GRADED}", folder=course)
    run("nbgrader", "generate_feedback", f"--assignment={GRADED}", folder=course)
    return course


@pytest.mark.parametrize(
    ("student", "points"),
    [
        ("right", [1, 1, 1, 1, 1]),
        ("blank", [0, 0, 0, 0, 0]),
        ("partly", [1, 0, 0, 0, 1]),
    ],
)
def test_nbgrader_gives_a_point_for_each_right_answer(student, points, graded_course):
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(GRADED, student)
        assert (submission.score, submission.max_score) == (sum(points), len(points))
        assert not submission.needs_manual_grade
        scores = {
            grade.name: grade.auto_score
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    names = [f"check_{function_name(cell)}" for cell in solutions(lesson(GRADED))]
    assert scores == dict(zip(names, points, strict=True))


def test_feedback_says_what_is_wrong(graded_course):
    pages = {
        student: (
            graded_course / "feedback" / student / GRADED / f"{GRADED}.html"
        ).read_text(encoding="utf-8")
        for student in ("right", "blank", "partly")
    }
    assert "AssertionError" not in pages["right"]
    assert pages["blank"].count("AssertionError</span>: not attempted yet") == 5
    assert "for images = " in pages["partly"]
    assert "your function raised SystemExit" in pages["partly"]


def git(folder, *arguments):
    identity = ["-c", "user.name=teacher", "-c", "user.email=teacher@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nbgitpuller_brings_corrections_and_never_overwrites_a_students_work(
    student_edition, tmp_path
):
    published, home = tmp_path / "published", tmp_path / "home"
    name = f"{GRADED}.ipynb"
    link = [published.as_uri(), "student", home]
    git(tmp_path, "init", "--quiet", "--initial-branch=student", published)
    (published / name).write_bytes((student_edition / name).read_bytes())
    git(published, "add", "--all")
    git(published, "commit", "--quiet", "--message", "first")
    run("nbgitpuller.pull", *link)
    assert read(home / name) == read(published / name)

    stub = f'    {STUB}"'
    work = '    return my_own_work"'
    edit(home / name, stub, work)
    (home / "new.txt").write_text("my own")
    edit(published / name, "# Summarise", "# Corrected: summarise")
    edit(published / name, stub, f'    # corrected\\n",\n    "{stub}')
    (published / "new.txt").write_text("the teacher's")
    git(published, "add", "--all")
    git(published, "commit", "--quiet", "--message", "second")
    run("nbgitpuller.pull", *link)

    notebook = read(home / name)
    assert notebook.cells[0].source.startswith("# Corrected: summarise")
    exercises = [cell for cell in notebook.cells if graded(cell, "solution")]
    assert len(exercises) == len(solutions(lesson(GRADED)))
    assert all(cell.source.endswith("return my_own_work") for cell in exercises)
    texts = {path.read_text(encoding="utf-8") for path in home.glob("new*.txt")}
    assert texts == {"my own", "the teacher's"}
