"""How `make student` clears the lessons: as `nbgrader generate_assignment` does, so that they can be graded."""

c = get_config()  # noqa: F821
load_subconfig("nbgrader_config.py")  # noqa: F821

c.NbConvertApp.export_format = "notebook"
c.NotebookExporter.preprocessors = [
    "classroom.grading.AddGrading",
    "translations.edition.Translate",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
]
