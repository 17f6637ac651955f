"""The course for nbgrader: each lesson is an assignment. What a class does by accident stops nobody's grading."""

import csv
import re
from pathlib import Path

import nbformat
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.plugins import CsvExportPlugin, FileNameCollectorPlugin
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)

c = get_config()  # noqa: F821


class ForgetCopies(DeduplicateIds):
    """Of cells with the same metadata, copies or the halves of one that was split, keep the last one's.

    JupyterLab copies the metadata with a cell. nbgrader's own class leaves empty ones behind, and takes them for an old
    format, which ends the grading of the whole class.
    """

    def preprocess(self, notebook, resources):
        """Remove what no cell of this version of nbgrader has."""
        for cell in notebook.cells:
            found = cell.metadata.get("nbgrader", {})
            if found.get("schema_version") != MetadataValidator.schema_version:
                cell.metadata.pop("nbgrader", None)
        notebook, resources = super().preprocess(notebook, resources)
        for cell in notebook.cells:
            if not cell.metadata.get("nbgrader", True):
                del cell.metadata["nbgrader"]
        return notebook, resources


class RestoreCells(OverwriteCells):
    """Put the teacher's checks in the place of the student's, and those that are missing behind the last cell."""

    def preprocess_cell(self, cell, resources, index):
        """Overwrite a check; forget what belongs to another lesson."""
        cell, resources = super().preprocess_cell(cell, resources, index)
        if "grade_id" not in cell.metadata.get("nbgrader", {"grade_id": None}):
            del cell.metadata["nbgrader"]
        return cell, resources

    def add_missing_grade_cells(self, notebook, resources):
        """Add each missing check, also where the function before it is missing, too."""
        present = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        points = {cell.name: cell.max_score for cell in source.grade_cells}
        for cell in source.source_cells:
            if cell.name in points and cell.name not in present:
                self.log.warning("The cell '%s' was deleted: it is added", cell.name)
                notebook.cells.append(self.missing_cell_transform(cell, points[cell.name]))
        return notebook, resources

    def report_change(self, name, attr, old, new):
        """Say nothing of the hidden tests, which are put back into every submission."""
        if attr != "checksum":
            super().report_change(name, attr, old, new)


class LearningPlatformCollector(FileNameCollectorPlugin):
    """Sort the files of Moodle's and Canvas's downloads by student, whatever a browser has done to their names."""

    platforms = (
        # Moodle: "Ada L_123_assignsubmission_file_/04_pooling.ipynb", in a folder or in one name.
        r"(?P<name>[^/\\]+)_(?P<number>\d+)_assignsubmission_file_?[/\\]?(?P<file>[^/\\]+)",
        # Canvas: "lada_123_456_04_pooling.ipynb", "lada_LATE_123_456_04_pooling-1.ipynb".
        r"(?P<name>[^/\\_]+)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<file>[^/\\]+)",
    )
    # "04_pooling (1)", "04_pooling-2", "04_pooling-Copy1"
    copy = re.compile(r"([ _-]*\(\d+\)| ?-\d+| ?-? ?Copy ?\d*)+$", re.IGNORECASE)

    def __init__(self, **options):
        super().__init__(**options)
        self.collected = set()

    def _match(self, filename):
        for platform in self.platforms:
            found = re.search(rf"(?:^|[/\\]){platform}$", filename)
            if found:
                break
        else:
            self.log.warning("Not a name of Moodle or Canvas: %s", filename)
            return None
        student = f"{found['name'].strip()}_{found['number']}"
        name = self.copy.sub("", Path(found["file"]).stem)
        exact = Path(filename[: found.start("file")] + name + ".ipynb")
        if (exact != Path(filename) and exact.exists()) or ((student, name) in self.collected):
            self.log.warning("%s has handed in %s twice, skipped: %s", student, name, filename)
            return None
        self.collected.add((student, name))
        return {"student_id": student, "file_id": name}


class HonestCsv(CsvExportPlugin):
    """Export the grades; who has handed in what could not be graded has no points, and not 0, and is named."""

    def export(self, gradebook):
        """Write the table, then take out the points that mean nothing."""
        super().export(gradebook)
        path = Path(self.to or "grades.csv")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n") if rows else None
            if table:
                table.writeheader()
            for row in rows:
                reason = self.reason_without_grade(row["student_id"], row["assignment"])
                if reason:
                    self.log.error(
                        "NOT GRADED: %s of %s: %s",
                        row["assignment"], row["student_id"], reason,
                    )  # fmt: skip
                    row["raw_score"] = row["score"] = ""
                table.writerow(row)

    def reason_without_grade(self, student, assignment):
        """Return why something that was handed in has no grade, or None."""

        def folder(step):
            return Path(self.parent.coursedir.format_path(step, student, assignment))

        course = self.parent.coursedir
        submitted = folder(course.submitted_directory)
        notebook = f"{assignment}.ipynb"
        if not submitted.exists() or (folder(course.autograded_directory) / notebook).exists():
            return None
        if not (submitted / notebook).exists():
            names = sorted(path.name for path in submitted.iterdir())
            return f"there is no {notebook}, only {', '.join(names) or 'an empty folder'}"
        try:
            nbformat.read(submitted / notebook, as_version=4)
        except Exception as error:  # Whatever stands in the file.
            return f"{notebook} cannot be read: {str(error)[:100]}"
        return "it was not autograded yet, or its kernel ended (by exit(), quit or too much memory): see autograde"


c.CourseDirectory.course_id = "deep-learning-lessons"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
# Seconds for one cell; the slowest of the lessons takes a few. The checks stop an endless loop themselves.
c.Execute.timeout = 120
c.KernelManager.transport_encryption = "auto"
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    ForgetCopies,
    OverwriteKernelspec,
    RestoreCells,
    CheckCellMetadata,
]
c.OverwriteCells.add_missing_cells = True
c.ZipCollectApp.collector_plugin = LearningPlatformCollector
c.ExportApp.plugin_class = HonestCsv
