"""What students get and how they are graded, by the tools that do it: nbconvert, as configured, and nbgrader."""

import copy
import csv
import itertools
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import lessons
import nbformat
import pytest
from jupytext.config import load_jupytext_configuration_file
from nbformat import v4
from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[2]
LESSONS = [path.stem for path in lessons.PATHS]
GRADED = "04_pooling"
STUB = "raise NotImplementedError"


def run(program, *arguments, folder=ROOT, fails=False):
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {
        # nbgrader starts a program of its database by its bare name.
        "PATH": scripts + os.pathsep + os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, "-m", program, *map(str, arguments)],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert bool(done.returncode) == fails, done.stdout + done.stderr
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
def chinese_edition(tmp_path_factory):
    """The notebooks of the Chinese student edition, as `make student LOCALE=zh_CN` converts them."""
    folder = tmp_path_factory.mktemp("chinese")
    run(
        "nbconvert", "--config", "classroom/student_edition.py", "--Translate.locale=zh_CN", "--output-dir", folder,
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
        "nbconvert", "--to", "notebook", "--NotebookExporter.preprocessors=classroom.grading.AddGrading",
        "--output-dir", folder / "source", "--output", "{notebook_name}/{notebook_name}",
        *(f"notebooks/{name}.ipynb" for name in LESSONS),
    )  # fmt: skip
    config = (ROOT / "classroom" / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run("nbgrader", "generate_assignment", "--assignment=*", folder=folder)
    return folder


@pytest.mark.parametrize("name", LESSONS)
def test_student_edition_has_neither_solutions_nor_hidden_tests_nor_outputs(name, student_edition):
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
        and cell.source != "A solution is folded away below each hint."
    ]
    for cell in expected.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    exercises = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len(exercises) == 2 * len(solutions(lesson(name)))
    for cell in notebook.cells:
        for added in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(added, None)
    assert notebook == expected


@pytest.mark.parametrize("name", LESSONS)
def test_chinese_student_edition_differs_in_prose_only(name, student_edition, chinese_edition):
    english, chinese = (read(folder / f"{name}.ipynb") for folder in (student_edition, chinese_edition))
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if one.cell_type == "markdown":
            assert re.search("[\u4e00-\u9fff]", other.source)
            other.source = one.source
        if "alt" in one.metadata:
            assert re.search("[\u4e00-\u9fff]", other.metadata.alt)
            other.metadata.alt = one.metadata.alt
    assert chinese == english


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


def hand_in(course, student, answers, accident=lambda cells: None, edition=None):
    """Store what a student hands in: the released notebook with these answers, in the order of the exercises.

    The student has deleted what the exercises do not need, so that the test need not run it again and again; only
    the student called "right" still imports it all. An accident happens to the list of the cells that remain: the
    imports, then each exercise and its check. Another edition than the released one is a folder of notebooks.
    """
    notebook = read((edition or course / "release" / GRADED) / f"{GRADED}.ipynb")
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    if student != "right":
        needed = {"import numpy as np", "from helpers.checks import pooling as check"}
        assert needed < set(imports.source.splitlines())
        imports.source = "\n".join([*sorted(needed), "from helpers import pooling"])
    exercises = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    notebook.cells = [imports, *exercises]
    for cell, answer in zip(exercises[::2], answers, strict=True):
        assert cell.source.count(STUB) == 1
        cell.source = cell.source.replace(STUB, answer)
    accident(notebook.cells)
    folder = course / "submitted" / student / GRADED
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{GRADED}.ipynb")


def same_metadata(cell, source):
    """Return another cell as JupyterLab copies or splits one: with the metadata of the first."""
    return v4.new_code_cell(source, metadata=copy.deepcopy(cell.metadata))


def copies_splits_and_pastes(cells):
    of_another_lesson = same_metadata(cells[2], "check.depthwise(depthwise)")
    of_another_lesson.metadata.nbgrader.grade_id = "check_depthwise"
    # From the last exercise to the first, so that the indices stay the right ones.
    cells[10].metadata.nbgrader = {}
    del cells[8]
    cells.insert(5, same_metadata(cells[5], "import math"))
    cells.insert(4, same_metadata(cells[4], cells[4].source))
    cells.insert(1, same_metadata(cells[1], cells[1].source))
    cells.append(of_another_lesson)


def deletes(cells):
    del cells[1:3]
    del cells[2]
    # Metadata of an old version of nbgrader, or of a tool that drops some.
    del cells[-1].metadata.nbgrader["schema_version"]


def ends_the_kernel(cells):
    cells.insert(1, v4.new_code_cell("quit"))


@pytest.fixture(scope="module")
def graded_course(course, chinese_edition):
    """The course after a class has handed in one lesson, with all that happens in classes."""
    right = [answer(cell).lstrip() for cell in solutions(lesson(GRADED))]
    # A right answer may warn, print, and call what writes to the error stream of the process.
    noisy = f"import os, warnings; warnings.warn('careful'); print('here'); os.write(2, b'C++')\n    {right[0]}"
    hand_in(course, "right", right)
    hand_in(course, "blank", [STUB] * len(right))
    hand_in(course, "partly", [noisy, "return images", "raise SystemExit", STUB, right[4]])
    hand_in(course, "accidents", right, copies_splits_and_pastes)
    hand_in(course, "deleted", right, deletes)
    hand_in(course, "exits", ["exit()", *right[1:3], "quit()", right[4]])
    hand_in(course, "dead", right, ends_the_kernel)
    hand_in(course, "renamed", right)
    renamed = course / "submitted" / "renamed" / GRADED / f"{GRADED}.ipynb"
    renamed.rename(renamed.with_stem(f"{GRADED} (1)"))
    hand_in(course, "unreadable", right)
    (course / "submitted" / "unreadable" / GRADED / f"{GRADED}.ipynb").write_text("{")
    hand_in(course, "Zoë L_12", right, edition=chinese_edition)
    said = run("nbgrader", "autograde", f"--assignment={GRADED}", folder=course, fails=True)
    (course / "autograde.log").write_text(said, encoding="utf-8")
    run("nbgrader", "generate_feedback", f"--assignment={GRADED}", folder=course)
    return course


@pytest.mark.parametrize(
    ("student", "points"),
    [
        ("right", [1, 1, 1, 1, 1]),
        ("blank", [0, 0, 0, 0, 0]),
        ("partly", [1, 0, 0, 0, 1]),
        ("accidents", [1, 1, 1, 1, 1]),
        ("deleted", [0, 1, 1, 1, 1]),
        ("exits", [0, 1, 1, 0, 1]),
        ("Zoë L_12", [1, 1, 1, 1, 1]),
    ],
)
def test_nbgrader_gives_a_point_for_each_right_answer(student, points, graded_course):
    with Gradebook(f"sqlite:///{graded_course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(GRADED, student)
        assert (submission.score, submission.max_score) == (sum(points), len(points))
        assert not submission.needs_manual_grade
        scores = {grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades}
    names = [f"check_{function_name(cell)}" for cell in solutions(lesson(GRADED))]
    assert scores == dict(zip(names, points, strict=True))


def test_log_of_autograding_warns_of_nothing_that_is_normal(graded_course):
    log = (graded_course / "autograde.log").read_text(encoding="utf-8")
    warnings = re.findall(r"\| WARNING\] (.+)", log)
    expected = "exists multiple times|was deleted|does not exist in the database|Removing failed|Skipping unknown"
    assert warnings
    assert [text for text in warnings if not re.search(expected, text)] == []


def test_export_names_who_could_not_be_graded_and_gives_no_points(graded_course):
    said = run("nbgrader", "export", folder=graded_course)
    failed = dict(re.findall(rf"NOT GRADED: {GRADED} of (\w+): (.+)", said))
    assert set(failed) == {"dead", "renamed", "unreadable"}
    assert "its kernel ended" in failed["dead"]
    assert failed["renamed"] == f"there is no {GRADED}.ipynb, only {GRADED} (1).ipynb"
    assert failed["unreadable"].startswith(f"{GRADED}.ipynb cannot be read: ")
    with (graded_course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == GRADED]
    scores = {row["student_id"]: (row["raw_score"], row["score"]) for row in rows}
    assert scores["blank"] == ("0.0", "0.0")
    assert scores["right"] == ("5.0", "5.0")
    assert {student: scores[student] for student in failed} == dict.fromkeys(failed, ("", ""))


NAMES = {
    # Moodle, as files and in folders.
    f"Ada L_123456_assignsubmission_file_{GRADED}.ipynb": "Ada L_123456",
    f"Åsa Ö-Berg_7_assignsubmission_file_/{GRADED}.ipynb": "Åsa Ö-Berg_7",
    f"Ben A_8_assignsubmission_file/{GRADED} (1).ipynb": "Ben A_8",
    # Canvas: late, and handed in again.
    f"lovelaceada_1234_98765_{GRADED}.ipynb": "lovelaceada_1234",
    f"hoppergrace_LATE_1235_98766_{GRADED}-2.ipynb": "hoppergrace_1235",
    f"noetheremmy_1236_98767_{GRADED}-Copy1.ipynb": "noetheremmy_1236",
    # Twice: the one with the right name counts.
    f"Two T_9_assignsubmission_file_/{GRADED}.ipynb": "Two T_9",
    f"Two T_9_assignsubmission_file_/{GRADED} (1).ipynb": None,
    f"Copy C_5_assignsubmission_file_/{GRADED} (1).ipynb": "Copy C_5",
    f"Copy C_5_assignsubmission_file_/{GRADED} (2).ipynb": None,
    "notes.txt": None,
    f"{GRADED}.ipynb": None,
}


@pytest.mark.parametrize("zipped", [False, True])
def test_zip_collect_sorts_what_moodle_and_canvas_hand_over(zipped, course, tmp_path):
    for name in ("nbgrader_config.py", "release"):
        (tmp_path / name).symlink_to(course / name)
    archive = tmp_path / "downloaded" / GRADED / "archive"
    content = tmp_path / "content" if zipped else archive
    for name in NAMES:
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(name, encoding="utf-8")
    if zipped:
        archive.mkdir(parents=True)
        shutil.make_archive(archive / "CS101-Lesson 4-98", "zip", content)
    said = run("nbgrader", "zip_collect", GRADED, folder=tmp_path)
    collected = {
        path.parents[1].name: path.read_text(encoding="utf-8")
        for path in (tmp_path / "submitted").glob(f"*/{GRADED}/{GRADED}.ipynb")
    }
    assert collected == {student: name for name, student in NAMES.items() if student}
    assert len(list((tmp_path / "submitted").rglob("*.ipynb"))) == len(collected)
    assert said.count("has handed in") == 2


def test_nbgraders_validate_says_which_exercises_are_open(course, tmp_path):
    right = [answer(cell).lstrip() for cell in solutions(lesson(GRADED))]
    answers = {"blank": [STUB] * 5, "one wrong": ["return 7", *right[1:]], "all right": right}
    (tmp_path / "release").symlink_to(course / "release")
    for student, given in answers.items():
        hand_in(tmp_path, student, given)
    paths = [tmp_path / "submitted" / student / GRADED / f"{GRADED}.ipynb" for student in answers]
    said = run("nbgrader", "validate", *paths, "--Execute.timeout=120", folder=tmp_path)
    blank, wrong, passed = re.split("(?=VALIDATION FAILED ON 1 CELL|Your notebook passes all the tests)", said)
    assert "VALIDATION FAILED ON 5 CELL(S)" in blank
    assert blank.count("not attempted yet") == said.count("not attempted yet") == 5
    assert "wrong: for length = 1, ksize = 1" in wrong
    assert "FAILED" not in passed


def test_feedback_says_what_is_wrong(graded_course):
    pages = {
        student: (graded_course / "feedback" / student / GRADED / f"{GRADED}.html").read_text(encoding="utf-8")
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


def test_nbgitpuller_brings_corrections_and_never_overwrites_a_students_work(student_edition, tmp_path):
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
