"""How `make lab` starts JupyterLab: with the map of the lessons, and so that reading changes no file.

A kernel tells JupyterLab its version of Python, and JupyterLab writes it into the notebook: the lesson counts as
changed as soon as it is opened, and differs in git once it is saved. So each notebook is handed out with what its
kernel will report, and stored without. In the same way, a section that a reader has unfolded is stored folded.
"""

import re
from pathlib import Path

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

c = get_config()  # noqa: F821

FOLDED = re.compile(r"#+ (.*\(optional\)|Solution of exercise \d+)(\n|$)")
FOLD = "jp-MarkdownHeadingCollapsed"


class UnchangedByReading(AsyncLargeFileManager):
    """Keeps out of the files what only says how they were read. The server extension of jupytext derives from it."""

    async def get(self, path, content=True, type=None, format=None, **others):  # noqa: A002
        """Return a file or a folder; a notebook with the language of its kernel."""
        model = await super().get(path, content, type, format, **others)
        if content and model["type"] == "notebook":
            model["content"]["metadata"]["language_info"] = IPythonKernel.language_info
        return model

    async def save(self, model, path=""):
        """Store a file; a notebook without the language of its kernel and with its sections folded."""
        if model.get("type") == "notebook" and "content" in model:
            for name in ("language_info", "jupytext"):
                model["content"]["metadata"].pop(name, None)
            # A lesson in another language is no file of the repository, and has other headings.
            own = "locale" not in model["content"]["metadata"]
            for cell in model["content"]["cells"] if own else ():
                cell["metadata"].pop(FOLD, None)
                if cell["cell_type"] == "markdown" and FOLDED.match(cell["source"]):
                    cell["metadata"][FOLD] = True
        return await super().save(model, path)


c.ServerApp.contents_manager_class = UnchangedByReading
# The settings have Markdown files shown as pages to read.
c.LabApp.default_url = "/lab/tree/README.md"
c.LabApp.app_settings_dir = str(Path(__file__).parent / "lab_settings")
# nbgrader, where it is installed, serves its menus, which are kept out too; they take a third of the start.
c.ServerApp.jpserver_extensions = {
    f"nbgrader.server_extensions.{name}": False
    for name in ("assignment_list", "course_list", "formgrader", "validate_assignment")
}
