"""Turns the exercises of a lesson into exercises that nbgrader knows how to grade."""

import re

from nbconvert.preprocessors import Preprocessor

FUNCTION = re.compile(r"def (\w+)\(")
CHECK = re.compile(r"check\.(\w+)\(.*\)")
SOLUTION_HEADING = "#### Solution of exercise"
SOLUTION = re.compile(r".*### END SOLUTION", re.DOTALL)
# A cell above the exercises that is true only where there are solutions.
ABOUT_SOLUTIONS = "A solution is folded away below each hint."

HIDDEN_TEST = """
### BEGIN HIDDEN TESTS
verdict = {check}
assert verdict.status == "correct", verdict
### END HIDDEN TESTS"""


class AddGrading(Preprocessor):
    """Mark the exercises and their checks for nbgrader: one point for each check that answers "correct".

    A lesson has an empty function, its check, a hint and, folded away, the solution. nbgrader wants the solution in the
    place of the empty function, and makes the empty one out of it for the students.
    """

    def preprocess(self, notebook, resources):
        """Move each solution to its exercise, and add nbgrader's metadata and the hidden tests."""
        solutions = {
            FUNCTION.match(cell.source)[1]: SOLUTION.match(cell.source)[0]
            for cell in notebook.cells
            if is_solution(cell) and cell.cell_type == "code"
        }
        notebook.cells = [cell for cell in notebook.cells if not is_solution(cell) and cell.source != ABOUT_SOLUTIONS]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                _add_grading(cell, solutions)
        return notebook, resources


def is_solution(cell):
    """Return whether a cell is a solution or the heading over one."""
    return "### BEGIN SOLUTION" in cell.source or cell.source.startswith(SOLUTION_HEADING)


def _add_grading(cell, solutions):
    function, check = FUNCTION.match(cell.source), CHECK.fullmatch(cell.source)
    if function and function[1] in solutions:
        cell.source = solutions[function[1]]
        cell.metadata.nbgrader = _metadata(function[1], solution=True)
    elif check:
        cell.metadata.nbgrader = _metadata(f"check_{check[1]}", grade=True) | {"points": 1}
        # A check answers and does not raise. What raises is what costs the point.
        cell.source += HIDDEN_TEST.format(check=cell.source)


def _metadata(grade_id, solution=False, grade=False):
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": grade,
        "task": False,
    }
