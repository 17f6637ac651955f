"""Every exercise of every lesson: it has a check, which tells its solution from a blank and from wrong answers.

The exercises are found in the notebooks and the checks in their modules, so that none can be forgotten.
"""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import NamedTuple

import jupytext
import lessons
import numpy as np
import pytest
from nbformat import NotebookNode

import helpers.checks
from classroom.grading import ABOUT_SOLUTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOLUTION_MARKS = ["### BEGIN SOLUTION", "### END SOLUTION"]
FOLDED = "jp-MarkdownHeadingCollapsed"


class Exercise(NamedTuple):
    lesson: str
    name: str
    text: NotebookNode
    stub: NotebookNode
    check: NotebookNode
    hint: NotebookNode
    heading: NotebookNode
    solution: NotebookNode


def cells(lesson):
    return jupytext.read(NOTEBOOKS / f"{lesson}.ipynb").cells


def code_cells(lesson):
    return [cell.source for cell in cells(lesson) if cell.cell_type == "code"]


def find_exercises():
    """Return the cells of each exercise: each cell with a solution, and the five before it."""
    for path in lessons.PATHS:
        of_lesson = cells(path.stem)
        for index, cell in enumerate(of_lesson):
            if SOLUTION_MARKS[0] in cell.source:
                name = ast.parse(cell.source).body[0].name
                yield Exercise(path.stem, name, *of_lesson[index - 5 : index + 1])


EXERCISES = list(find_exercises())
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=[f"{e.lesson}-{e.name}" for e in EXERCISES])


def test_each_exercise_has_a_check_and_each_check_an_exercise():
    checks = {
        (module.name, name)
        for module in pkgutil.iter_modules(helpers.checks.__path__)
        if module.name[0] != "_"
        for name, function in inspect.getmembers(
            importlib.import_module(f"helpers.checks.{module.name}"), inspect.isfunction
        )
        if function.__module__ == f"helpers.checks.{module.name}" and name[0] != "_"
    }
    exercises = [(e.lesson.partition("_")[2], e.name) for e in EXERCISES]
    assert sorted(exercises) == sorted(checks)


def test_each_lesson_has_four_exercises_or_more():
    found = [exercise.lesson for exercise in EXERCISES]
    assert all(found.count(path.stem) >= 4 for path in lessons.PATHS)


def test_exercises_are_all_that_the_section_holds_and_are_counted():
    for path in lessons.PATHS:
        of_lesson = cells(path.stem)
        (first,) = [index for index, cell in enumerate(of_lesson) if cell.source.startswith("## Exercises\n")]
        exercises = [exercise for exercise in EXERCISES if exercise.lesson == path.stem]
        assert of_lesson[first + 1].source == ABOUT_SOLUTIONS
        after = first + 2 + 6 * len(exercises)
        section = [cell for exercise in exercises for cell in exercise[2:]]
        assert of_lesson[first + 2 : after] == section
        assert of_lesson[after].source.startswith("## ")
        for number, exercise in enumerate(exercises, 1):
            assert exercise.text.source.startswith(f"### Exercise {number}: ")
            assert exercise.heading.source == f"#### Solution of exercise {number}"


@each_exercise
def test_an_empty_function_stands_between_the_text_and_its_check(exercise):
    signature, body = exercise.stub.source.splitlines()
    assert signature == exercise.solution.source.splitlines()[0]
    assert body == "    raise NotImplementedError"
    assert_is_one_call_of_the_check(ast.parse(exercise.check.source), exercise.name)
    (output,) = exercise.check.outputs
    assert output.data["text/plain"] == "not attempted yet"


@each_exercise
def test_a_hint_can_be_unfolded_before_the_solution(exercise):
    first, *hint, last = exercise.hint.source.split("\n\n")
    assert (first, last) == ("<details><summary>Hint</summary>", "</details>")
    assert len("".join(hint)) > 80


@each_exercise
def test_solution_is_folded_is_one_function_and_answers_correct_to_the_same_check(
    exercise,
):
    assert exercise.heading.metadata[FOLDED] is True
    lines = exercise.solution.source.splitlines()
    definition, *check = ast.parse(exercise.solution.source).body
    assert isinstance(definition, ast.FunctionDef)
    assert [line.strip() for line in (lines[1], lines[-4])] == SOLUTION_MARKS
    assert lines[-1] == exercise.check.source
    assert_is_one_call_of_the_check(ast.Module(check), exercise.name)
    (output,) = exercise.solution.outputs
    assert output.data["text/plain"] == "correct"


def assert_is_one_call_of_the_check(code, name):
    (statement,) = code.body
    assert ast.unparse(statement.value.func) == f"check.{name}"
    assert ast.unparse(statement.value.args[0]) == name


@pytest.fixture(scope="module")
def definitions():
    """Return a function that gives what a lesson imports and defines; nothing else is run."""
    known = {}

    def of(lesson):
        if lesson not in known:
            imports, *others = (ast.parse(cell) for cell in code_cells(lesson))
            imports.body += [
                statement
                for cell in others
                for statement in cell.body
                if isinstance(statement, (ast.FunctionDef, ast.ClassDef))
                # Lesson 2 gives its class the operators after their rules are written.
                or ast.unparse(statement).startswith("Node.")
            ]
            names = {}
            exec(compile(imports, lesson, "exec"), names)
            known[lesson] = names
        return known[lesson]

    return of


@pytest.fixture
def verdict(definitions):
    """Return a function that gives the verdict on an answer, by the lesson's own check cell."""

    def on(exercise, answer):
        names = {**definitions(exercise.lesson), exercise.name: answer}
        return eval(exercise.check.source, names)

    return on


@pytest.fixture
def solution(definitions):
    return lambda exercise: definitions(exercise.lesson)[exercise.name]


@each_exercise
def test_solution_is_correct(exercise, verdict, solution):
    assert repr(verdict(exercise, solution(exercise))) == "correct"


@each_exercise
def test_blank_is_not_attempted_yet(exercise, verdict):
    def blank(*_):
        raise NotImplementedError

    assert repr(verdict(exercise, blank)) == "not attempted yet"


def raise_an_error(*_):
    raise ZeroDivisionError


class HasNoText:
    def __repr__(self):
        raise RuntimeError

    __array__ = __eq__ = __hash__ = __repr__


ANSWERS = {
    "none": lambda *_: None,
    "not a number": lambda *_: np.nan,
    "zero": lambda *_: 0.0,
    "text": lambda *_: "five",
    "matrix": lambda *_: np.zeros((7, 7)),
    "one entry in three axes": lambda *_: np.zeros((3, 1, 1)),
    "three axes": lambda *_: np.ones((7, 7, 7)),
    "many numbers": lambda *_: (1, 2, 3, 4),
    "huge": lambda *_: np.broadcast_to(1.0, (10**6, 10**6)),
    "generator": lambda *_: (number for number in range(3)),
    "itself": lambda *arguments: arguments,
    "odd object": lambda *_: HasNoText(),
    "exception": raise_an_error,
    "too few parameters": lambda: 0,
    "exit": lambda *_: exit(),
}


@pytest.mark.parametrize("kind", ANSWERS)
@each_exercise
def test_answer_of_the_wrong_kind_is_wrong(exercise, kind, verdict):
    answer = verdict(exercise, ANSWERS[kind])
    assert answer.status == "wrong"
    assert answer.explanation.startswith("for ")


def changed(result, change):
    if isinstance(result, tuple):
        return tuple(changed(part, change) for part in result)
    return change(np.asarray(result))


@pytest.mark.parametrize("change", [lambda x: x * 1.001, lambda x: x + 0.001, lambda x: x[..., None]])
@each_exercise
def test_result_that_is_a_little_different_from_the_solution_is_wrong(exercise, change, verdict, solution):
    def altered(*arguments):
        return changed(solution(exercise)(*arguments), change)

    assert verdict(exercise, altered).status == "wrong"


# Their arguments are numbers, texts, functions or nodes, which nobody changes by mistake.
WITHOUT_CHANGEABLE_ARGUMENT = {
    "divide",
    "wrong_derivative",
    "shift_kernel",
    "output_length",
    "parameters",
}


@each_exercise
def test_changed_argument_is_wrong_and_named(exercise, verdict, solution):
    touched = []

    def spoiling(*arguments):
        result = solution(exercise)(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = argument == 0
                touched.append(argument)
            if isinstance(argument, list):
                argument.append(1)
                touched.append(argument)
        return result

    explanation = verdict(exercise, spoiling).explanation
    changeable = exercise.name not in WITHOUT_CHANGEABLE_ARGUMENT
    assert bool(touched) == changeable
    assert ("your function changed its argument" in explanation) == changeable


@each_exercise
def test_endless_loop_is_stopped(exercise, verdict, monkeypatch):
    monkeypatch.setattr(helpers.checks, "TIME_LIMIT", 0.02)

    def endless(*_):
        while True:
            pass

    answer = verdict(exercise, endless)
    assert answer.status == "wrong"
    assert "did not finish within 0.02 seconds" in answer.explanation
