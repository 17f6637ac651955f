"""Turns the exercises of a lesson into exercises that nbgrader knows how to grade."""

import re

from nbconvert.preprocessors import Preprocessor

CHECK = re.compile(r"check\.(\w+)\(.*\)")

HIDDEN_TEST = """
### BEGIN HIDDEN TESTS
verdict = {check}
assert verdict.status == "correct", verdict
### END HIDDEN TESTS"""


class AddGrading(Preprocessor):
    """Mark the cells of solutions and their checks for nbgrader: one point for each check that answers "correct"."""

    def preprocess_cell(self, cell, resources, index):  # noqa: ARG002
        """Add nbgrader's metadata to an exercise, and a hidden test to its check."""
        check = CHECK.fullmatch(cell.source)
        if "### BEGIN SOLUTION" in cell.source:
            function = re.search(r"^def (\w+)", cell.source, re.MULTILINE)[1]
            cell.metadata.nbgrader = _metadata(function, solution=True)
        elif cell.cell_type == "code" and check:
            cell.metadata.nbgrader = _metadata(f"check_{check[1]}", grade=True) | {
                "points": 1
            }
            # A check answers and does not raise. What raises is what costs the point.
            cell.source += HIDDEN_TEST.format(check=cell.source)
        return cell, resources


def _metadata(grade_id, solution=False, grade=False):
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": grade,
        "task": False,
    }
