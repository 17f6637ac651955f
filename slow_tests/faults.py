"""The faults that can be planted into a copy of the repository: data, which two tests read.

One row is one fault: what is changed in the copy, which part of `make test` is run there, and what the report must say.
`slow_tests/test_mutations.py` plants each and sees the report; `tests/project/test_planted_faults.py`, on each change,
sees only that each still finds its place.
"""

from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = {path.stem[:2]: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
# What a lesson is cut down to before it is run: its first code cells, and those that hold one of these texts.
KEPT = {
    "01": (5, ["many_x = rng", "slopes = (many_x", "ridge_gradient"]),
    "02": (5, ["def sigmoid(a)", "def output_and_gradients", "def train_article"]),
    "03": (3, []),
    "04": (3, []),
    "05": (4, []),
}


# --- How a fault is planted; none may leave the copy as it was ---


def replace(name, old, new, count=1):
    def plant(folder):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    return plant


def script(lesson, old, new):
    return replace(f"notebooks/{LESSONS[lesson].stem}.py", old, new)


def both(lesson, old, new):
    """Change the prose of both files of a lesson, so that they still agree."""

    def plant(folder):
        script(lesson, old, new)(folder)
        prose(lesson, old, new)(folder)

    return plant


def delete(lesson, suffix):
    return lambda folder: (folder / "notebooks" / LESSONS[lesson].name).with_suffix(suffix).unlink()


def notebook(lesson, change):
    def plant(folder):
        path = folder / "notebooks" / LESSONS[lesson].name
        content = nbformat.read(path, as_version=4)
        before = nbformat.writes(content)
        change(content)
        assert nbformat.writes(content) != before
        nbformat.write(content, path)

    return plant


def code(content):
    return [cell for cell in content.cells if cell.cell_type == "code"]


def output(lesson, old, new):
    """Change what a code cell has printed."""

    def change(content):
        printed = [o for cell in code(content) for o in cell.outputs if "text" in o]
        first = next(each for each in printed if old in each.text)
        first.text = first.text.replace(old, new)

    return notebook(lesson, change)


def source(lesson, old, new):
    """Change the source of the first code cell that holds a text."""

    def change(content):
        cell = next(cell for cell in code(content) if old in cell.source)
        cell.source = cell.source.replace(old, new)

    return notebook(lesson, change)


def add_line(lesson, number, line):
    def change(content):
        code(content)[number].source += f"\n{line}"

    return notebook(lesson, change)


def prose(lesson, old, new):
    def change(content):
        cells = [cell for cell in content.cells if old in cell.source]
        assert cells, f"lesson {lesson} no longer holds {old!r}"
        cells[0].source = cells[0].source.replace(old, new, 1)

    return notebook(lesson, change)


def both_alt_texts(lesson, old, new):
    """Change the alt text of a figure in both files of a lesson."""

    def change(content):
        cell = next(cell for cell in code(content) if old in cell.metadata.get("alt", ""))
        cell.metadata.alt = cell.metadata.alt.replace(old, new)

    def plant(folder):
        script(lesson, old, new)(folder)
        notebook(lesson, change)(folder)

    return plant


def strip(content):
    for cell in code(content):
        cell.outputs, cell.execution_count = [], None


def remove_output(number):
    return lambda content: code(content)[number].update(outputs=[])


def store(number, kind, **content_of_output):
    """Store one more output in a code cell."""

    def change(content):
        code(content)[number].outputs.append(nbformat.v4.new_output(kind, **content_of_output))

    return change


def swap_figures(one, other):
    def change(content):
        cells = code(content)
        cells[one].outputs, cells[other].outputs = cells[other].outputs, cells[one].outputs

    return change


def move_last_cell_to_the_front(content):
    content.cells.insert(0, content.cells.pop())


def kept(folder, lesson):
    """Return a lesson of a copy with few of its cells, so that it is run in seconds."""
    content = nbformat.read(folder / "notebooks" / LESSONS[lesson].name, as_version=4)
    first, texts = KEPT[lesson]
    content.cells = [
        cell
        for number, cell in enumerate(code(content))
        if number < first or any(text in cell.source for text in texts)
    ]
    return content


def helper(name, old, new):
    return replace(f"src/helpers/{name}.py", old, new)


def accept_all(name):
    # Behind the import of the real one.
    all_right = "def judge(*_, **__):\n    return Verdict('correct')"
    return helper(
        f"checks/{name}",
        " judge\n",
        f" judge\nfrom helpers.checks import Verdict\n\n\n{all_right}\n\n\n",
    )


# --- What is run: arguments of pytest, or the number of a lesson, which is cut down and run ---

RULES = ("tests/notebooks/test_notebooks.py",)
DESCENT = (
    "tests/helpers/test_gradient_descent.py",
    "-k",
    "worked_example or quadratic or float32",
)
DIFFERENCES = (
    "tests/helpers/test_gradient_check.py",
    "-k",
    "closed_form or taylor or wrong",
)
LAYERS = (
    "tests/helpers/test_backpropagation.py",
    "-k",
    "finite_differences or by_hand",
)
CONVOLUTION = (
    "tests/helpers/test_convolution.py",
    "-k",
    "hand_worked or same_padding or flipped or finite_differences or with_zeros",
)
POOLING = (
    "tests/helpers/test_pooling.py",
    "-k",
    "hand_worked or never_the_maximum or same_padding or first_of or finite_differences",
)
ANY_POOLING = ("tests/helpers/test_pooling.py", "-k", "any_geometry")
RECURRENT = (
    "tests/helpers/test_recurrent_networks.py",
    "-k",
    "by_hand or open_ or finite_differences",
)
DATA = ("tests/helpers/test_datasets.py",)
TRANSLATIONS = ("tests/project/test_translations.py",)
FIGURES = ("tests/helpers/test_plotting.py", "-k", "lines or images or repeats")
TRAINING = ("tests/helpers/test_sequence_training.py", "-k", "handed_out or refused_by_name")
QUIET = ("tests/helpers/test_startup.py",)
JUDGE = ("tests/exercises/test_checks.py", "-k", "told")
PROJECT = ("tests/project/test_project.py",)
EDITIONS = ("tests/project/test_editions.py",)
NUMBERS = ("tests/exercises/test_exercises.py", "-k", "are_counted")
EXAMPLES = ("tests/helpers/test_docstrings.py",)
CONFIGURATION = ("tests/project/test_configuration.py",)
PAIRS = ("tests/notebooks/test_pairs.py",)
TOLERANCE = ("tests/notebooks/test_notebook_checks.py", "-k", "few_pixels")


def exercises(name):
    return (f"tests/exercises/test_checks_{name}.py", "-k", "wrong or mistake")


FAULTS = {
    # Stored outputs.
    "a stored number in its last digit": (
        output("01", "0.173", "0.174"),
        "01",
        r"Cell outputs differ|0\.174",
    ),
    "a stored number of one digit": (
        output("02", "1.836", "1.837"),
        "02",
        r"1\.837",
    ),
    "an output removed": (
        notebook("01", remove_output(2)),
        "01",
        "Unexpected output fields",
    ),
    "a notebook stripped": (notebook("02", strip), RULES, "code cells are counted"),
    "a cell counted out of order": (
        notebook("03", lambda content: code(content)[1].update(execution_count=9)),
        RULES,
        "code cells are counted",
    ),
    "a path stored": (
        notebook("02", store(1, "stream", name="stdout", text="/home/me/x\n")),
        RULES,
        "cell 1 stores a path",
    ),
    "a timing stored": (
        notebook("03", store(1, "stream", name="stdout", text="took 12 ms\n")),
        RULES,
        "cell 1 stores a timing",
    ),
    "a date stored": (
        notebook("05", store(1, "stream", name="stdout", text="2026-01-31\n")),
        RULES,
        "cell 1 stores a date",
    ),
    "an error stored": (
        notebook("04", store(1, "error", ename="ValueError", evalue="", traceback=[])),
        RULES,
        "cell 1 stores an error",
    ),
    "an error stream stored": (
        notebook("05", store(1, "stream", name="stderr", text="oops")),
        RULES,
        "cell 1 stores what was written to the error stream",
    ),
    "a comparison switched off by a comment": (
        add_line("01", 1, "# NBVAL_IGNORE_OUTPUT"),
        RULES,
        "cell 1 has a marker",
    ),
    "a comparison switched off by a tag": (
        notebook(
            "02",
            lambda content: code(content)[1].metadata.update(tags=["raises-exception"]),
        ),
        RULES,
        "cell 1 has a tag",
    ),
    # Figures.
    "a curve altered": (
        source("01", "line(1, 1)", "line(1.1, 1)"),
        "01",
        "Cell figures differ",
    ),
    "an image altered": (
        source("04", "quarters.max(", "quarters.min("),
        "04",
        "Cell figures differ",
    ),
    "a label altered": (
        source("01", 'snapshots, "x", "y"', 'snapshots, "x", "z"'),
        "01",
        "Cell figures differ",
    ),
    "a figure swapped": (
        notebook("01", swap_figures(1, 4)),
        "01",
        "Cell figures differ",
    ),
    "a figure removed": (
        notebook("04", remove_output(2)),
        "04",
        "Unexpected output fields|0 figures stored",
    ),
    "an alt text removed": (
        notebook("03", lambda content: code(content)[7].metadata.pop("alt")),
        RULES,
        "cell 7 needs an alt text",
    ),
    "a README picture of the past": (
        lambda folder: (folder / "docs/images/contours.png").write_bytes(b""),
        PROJECT,
        "copy the figure out of the notebook again",
    ),
    # What runs the tests.
    "notebooks that are not run": (
        replace("pyproject.toml", '["tests", "notebooks"]', '["tests"]'),
        CONFIGURATION,
        "testpaths",
    ),
    "a notebook left out": (
        replace(
            "pyproject.toml",
            '"--strict-config"',
            '"--ignore=notebooks/03_convolution.ipynb"',
        ),
        CONFIGURATION,
        "leave_out",
    ),
    "figures that are not compared": (
        replace("conftest.py", '"notebook_checks", ', ""),
        CONFIGURATION,
        "hasplugin",
    ),
    "warnings that pass": (
        replace("pyproject.toml", 'filterwarnings = ["error"]', "filterwarnings = []"),
        CONFIGURATION,
        "filterwarnings",
    ),
    "a test skipped": (
        replace(
            "tests/helpers/test_pooling.py",
            "\ndef test_",
            "\n@pytest.mark.skip\ndef test_",
        ),
        CONFIGURATION,
        r"tests/helpers/test_pooling\.py",
    ),
    "CI without the tests": (
        replace(".ci/run", "\nmake test\n", "\n"),
        CONFIGURATION,
        "AssertionError: test",
    ),
    "a failure of CI that does not count": (
        replace(
            ".github/workflows/ci.yml",
            "        run: .ci/run",
            "        continue-on-error: true\n        run: .ci/run",
        ),
        CONFIGURATION,
        "continue-on-error",
    ),
    "a tolerance widened": (
        replace("tests/notebook_checks.py", "FIGURE_TOLERANCE = 0.1", "FIGURE_TOLERANCE = 1"),
        TOLERANCE,
        "IndexError",
    ),
    # JupyterLab.
    "JupyterLab open to the network": (
        replace("Makefile", "--ServerApp.ip=127.0.0.1", "--ServerApp.ip=0.0.0.0"),
        CONFIGURATION,
        "ServerApp.ip",
    ),
    "JupyterLab without a token": (
        replace("Makefile", "--allow-root", "--allow-root --IdentityProvider.token=''"),
        CONFIGURATION,
        "token",
    ),
    "a Keras with the channels first": (
        helper("startup", '    keras.config.set_image_data_format("channels_last")\n', ""),
        QUIET,
        "settings_of_other_projects",
    ),
    # Pages.
    "a wrong count of the errata": (
        replace("ERRATA.md", "in the prose,", "in the prose, not counting these,"),
        PROJECT,
        "errata_and_readme_count",
    ),
    "a wrong weight in the errata": (
        replace("ERRATA.md", "prose; weight high", "prose; weight low"),
        PROJECT,
        "errata_and_readme_count",
    ),
    "a version that is not supported": (
        replace("README.md", "3.12 or 3.13", "3.13 or 3.14"),
        PROJECT,
        "supported_versions",
    ),
    "a command that does not exist": (
        replace("CONTRIBUTING.md", "`make prose", "`make text"),
        PROJECT,
        "targets_that_are_named",
    ),
    "a wrong year in a reference": (
        both("02", "Kaynak, C. (1998)", "Kaynak, C. (1989)"),
        RULES,
        r"Alpaydin \(1989\) is not cited",
    ),
    "a pointer of the errata that leads nowhere": (
        replace("ERRATA.md", "[Lesson 1, Symbols]", "[Lesson 1, Signs]"),
        PROJECT,
        "pointers_of_the_errata",
    ),
    "other minutes in a plan": (
        replace("docs/teaching.md", "| The idea | 11 |", "| The idea | 20 |"),
        PROJECT,
        "plan_of_a_lesson",
    ),
    "a command of nbgrader that does not exist": (
        replace("docs/teaching.md", "nbgrader zip_collect", "nbgrader unzip_collect"),
        PROJECT,
        "unzip_collect",
    ),
    "slides without a language": (
        replace("Makefile", "--SlidesExporter.language_code=", "--SlidesExporter.other="),
        EDITIONS,
        "which_language_they_are_in",
    ),
    "slides without a lesson": (
        replace("classroom/slides_config.py", "notebooks/*", "notebooks/0[1-4]*"),
        EDITIONS,
        "make_slides",
    ),
    "a number in the prose that no cell prints": (
        both("05", "is wrong by 41 %", "is wrong by 14 %"),
        RULES,
        "'14 %' stands in no output of this section",
    ),
    "an exercise with the number of another": (
        both("02", "### Exercise 2:", "### Exercise 3:"),
        NUMBERS,
        "are_counted",
    ),
    "a difference that is small even if it is not": (
        both("03", 'assert abs(means["dense"] -', 'assert (means["dense"] -'),
        RULES,
        "is small, and any negative number is",
    ),
    "an example that does not show what it says": (
        helper("convolution", "array([2., 7., 5.])", "array([2., 5., 7.])"),
        EXAMPLES,
        "examples_in_docstrings",
    ),
    # Translations: what changes in English, and what is wrong in Chinese.
    "a sentence that its translation does not follow": (
        both("04", "Tolerance, not invariance,", "Invariance, not tolerance,"),
        TRANSLATIONS,
        "04_pooling.ipynb, cell 31: below ### A dot that moves",
    ),
    "a formula that its translation does not follow": (
        both("04", r"\max\{2,0,1,1\}=2", r"\max\{2,0,1,1\}=1"),
        TRANSLATIONS,
        "04_pooling.ipynb, cell 9: ## The mathematics",
    ),
    "a link that its translation does not follow": (
        both("04", "(03_convolution.ipynb): feature maps", "(02_backpropagation.ipynb): feature maps"),
        TRANSLATIONS,
        "04_pooling.ipynb, cell 1: # Summarise feature maps",
    ),
    "an alt text that its translation does not follow": (
        both_alt_texts("04", "Three grids of numbers. A map", "Four grids of numbers. A map"),
        TRANSLATIONS,
        "04_pooling.ipynb, cell 4: alt text of a figure, below ## The idea",
    ),
    "another formula in Chinese": (
        replace("translations/zh_CN/ERRATA.po", "$27+1+10240+10$）", "$27+1+1024+10$）"),
        TRANSLATIONS,
        r"formulas in a line: missing \['\$27",
    ),
    "another number in Chinese": (
        replace("translations/zh_CN/ERRATA.po", "”一次也没有", "”只有 1 次"),
        TRANSLATIONS,
        "numbers: not in English",
    ),
    "a term that is none of the glossary": (
        replace("translations/zh_CN/README.po", "和循环网络。每", "和递归网络。每"),
        TRANSLATIONS,
        "recurrent network is called",
    ),
    "a comma of English": (
        replace("translations/zh_CN/README.po", "五个笔记本，", "五个笔记本,"),
        TRANSLATIONS,
        "punctuation of English",
    ),
    "a Chinese README that is not the translation": (
        replace("README.zh-CN.md", "五个笔记本", "六个笔记本"),
        TRANSLATIONS,
        "readme_beside",
    ),
    "a fence of tildes that is prose": (
        replace("translations/messages.py", "(```|~~~)", "(```)"),
        TRANSLATIONS,
        "fenced_code_is_one_block",
    ),
    "a fuzzy translation without its English": (
        replace("translations/update.py", "include_previous=True", "include_previous=False"),
        TRANSLATIONS,
        "file_of_a_catalogue_shows",
    ),
    # Pairs.
    "a build that overwrites": (
        replace("tools/pairs.py", "    if stored in known:", "    if True:"),
        PAIRS,
        "DID NOT RAISE",
    ),
    "a notebook that is staged and unknown": (
        replace("tools/pairs.py", '("HEAD:", ":", ', '("HEAD:", '),
        PAIRS,
        "edits_that_are_staged",
    ),
    "a notebook that is merged and unknown": (
        replace("tools/pairs.py", ', "MERGE_HEAD:")', ")"),
        PAIRS,
        "branch_that_is_being_merged",
    ),
    "code changed in the script alone": (
        script("04", "window.argmax()", "window.argmin()"),
        RULES,
        "differs: 04_pooling.ipynb has",
    ),
    "code changed in the notebook alone": (
        source("05", "* 0.5", "* 0.6"),
        RULES,
        "differs: 05_recurrent_networks.ipynb has",
    ),
    "a formula changed in the script alone": (
        script("01", r"J(\theta + d)", r"J(\theta - d)"),
        RULES,
        "differs: 01_gradient_descent.ipynb has",
    ),
    "a formula changed in the notebook alone": (
        prose("02", r"\sum_{i=1}^n", r"\sum_{i=0}^n"),
        RULES,
        "differs: 02_backpropagation.ipynb has",
    ),
    "an alt text changed in the script alone": (
        script("05", "Four steps side by side", "Five steps side by side"),
        RULES,
        "differs: 05_recurrent_networks.ipynb has",
    ),
    "a cell moved": (
        notebook("03", move_last_cell_to_the_front),
        RULES,
        "differs: 03_convolution.ipynb has",
    ),
    "a script deleted": (delete("04", ".py"), RULES, "04_pooling.py is missing"),
    "a notebook deleted": (
        delete("05", ".ipynb"),
        RULES,
        "05_recurrent_networks.ipynb is missing",
    ),
    # Lessons that are run.
    "a seed removed": (
        source("01", "default_rng(0)", "default_rng()"),
        "01",
        r"Cell outputs differ|3\.58",
    ),
    "another seed": (
        source("02", "default_rng(0), np.sqrt", "default_rng(1), np.sqrt"),
        "02",
        r"start 0\.79",
    ),
    "a cell that raises": (
        add_line("03", 1, "raise ValueError('planted')"),
        "03",
        "ValueError: planted",
    ),
    "a cell that warns": (
        add_line("05", 2, "import warnings; warnings.warn('planted')"),
        "05",
        "Unexpected output fields|UserWarning: planted",
    ),
    "a path printed": (
        add_line("03", 2, "import os; print(os.getcwd())"),
        "03",
        "/copy/notebooks",
    ),
    "a timing printed": (
        add_line("04", 1, "import time; print(time.perf_counter())"),
        "04",
        "Unexpected output fields",
    ),
    "a sign flipped in a lesson": (
        source("05", "+ state * 0.5", "- state * 0.5"),
        "05",
        "0.363",
    ),
    "a solution that is wrong": (
        prose("01", "2 * penalty", "3 * penalty"),
        "01",
        "wrong: for",
    ),
    # Helpers.
    "descent uphill": (
        helper(
            "gradient_descent",
            "lambda slope, _: -learning_rate",
            "lambda slope, _: learning_rate",
        ),
        DESCENT,
        "worked_example",
    ),
    "momentum without memory": (
        helper("gradient_descent", "velocity = beta * velocity -", "velocity = -"),
        DESCENT,
        "momentum",
    ),
    "Adam's correction one step late": (
        helper("_training", "rounded_1**number)", "rounded_1**(number + 1))"),
        DESCENT,
        "adam|worked_example",
    ),
    "slopes in another dtype than the path": (
        helper("gradient_descent", "slope.astype(start.dtype, copy=False)", "slope"),
        DESCENT,
        "float32_path_is_the_same",
    ),
    "differences to one side": (
        helper(
            "gradient_check",
            "centre.item(index) - step",
            "centre.item(index) - step / 2",
        ),
        DIFFERENCES,
        "taylor|closed_form",
    ),
    "an error of a gradient that is always 0": (
        helper(
            "gradient_check",
            "np.abs(claimed - difference)",
            "0 * np.abs(claimed - difference)",
        ),
        DIFFERENCES,
        "wrong_entry_is_found",
    ),
    "an error that is lost in too much noise": (
        helper("gradient_check", "_RESOLVED = 1e-6", "_RESOLVED = 1e-3"),
        DIFFERENCES,
        "wrong_gradient_of_a_flat_function",
    ),
    "noise that counts as an error": (
        helper(
            "gradient_check",
            "max(np.max(scale, initial=0), abs(_value(function, point)))",
            "np.max(scale, initial=0)",
        ),
        DIFFERENCES,
        "far_from_the_height_0",
    ),
    "sign in dense_backward": (
        helper(
            "backpropagation",
            "return upstream @ kernel.T",
            "return -upstream @ kernel.T",
        ),
        LAYERS,
        "dense_backward_equals_finite_differences",
    ),
    "sign in relu_backward": (
        helper(
            "backpropagation",
            "np.where(inputs > 0, upstream, closed)",
            "np.where(inputs > 0, -upstream, closed)",
        ),
        LAYERS,
        "gradients_of_activations_equal_finite_differences",
    ),
    "sign in sigmoid_backward": (
        helper("backpropagation", "return upstream * sigmoid", "return -upstream * sigmoid"),
        LAYERS,
        "gradients_of_activations_equal_finite_differences",
    ),
    "sign in tanh_backward": (
        helper("backpropagation", "return upstream / cosh", "return -upstream / cosh"),
        LAYERS,
        "gradients_of_activations_equal_finite_differences",
    ),
    "sign in softmax_cross_entropy_backward": (
        helper(
            "backpropagation",
            "(gradient / len(gradient))",
            "(-gradient / len(gradient))",
        ),
        LAYERS,
        "gradient_of_cross_entropy_equals_finite_differences",
    ),
    "sign in the filters' gradient": (
        helper("convolution", "return d_images, d_filters", "return d_images, -d_filters"),
        CONVOLUTION,
        "gradients_equal_finite_differences",
    ),
    "sign in the images' gradient": (
        helper("convolution", "return d_images, d_filters", "return -d_images, d_filters"),
        CONVOLUTION,
        "gradients_equal_finite_differences",
    ),
    "filters flipped": (
        helper(
            "convolution",
            "kernel = filters[taps]",
            "kernel = filters[::-1, ::-1][taps]",
        ),
        CONVOLUTION,
        "filters_are_not_flipped",
    ),
    "convolution one row short": (
        helper("_windows", "// stride + 1", "// stride"),
        CONVOLUTION,
        "hand_worked_example",
    ),
    "convolution padded on the wrong side": (
        helper("_windows", "extent - size, 0) // 2", "extent - size + 1, 0) // 2"),
        CONVOLUTION,
        "same_padding_of_an_odd_number",
    ),
    "pooling one row short": (
        helper("_windows", "// stride + 1", "// stride"),
        POOLING,
        "hand_worked_example",
    ),
    "pooling one row too many": (
        helper("_windows", "-(-size // stride)", "size // stride + 1"),
        ANY_POOLING,
        "any_geometry_equals_reductions",
    ),
    "pooling padded on the wrong side": (
        helper("_windows", "extent - size, 0) // 2", "extent - size + 1, 0) // 2"),
        POOLING,
        "same_padding_of_an_odd_number",
    ),
    "maximum of padding with zeros": (
        helper(
            "pooling",
            "_pool(np.maximum, -np.inf, images[where[0]]",
            "_pool(np.maximum, 0, images[where[0]]",
        ),
        POOLING,
        "padding_is_never_the_maximum",
    ),
    "mean that counts padding": (
        helper(
            "pooling",
            "np.outer(*counts)",
            "np.full_like(np.outer(*counts), axes[0].taps * axes[1].taps)",
        ),
        POOLING,
        "does_not_count_for_the_mean",
    ),
    "sign in max_pool2d_backward": (
        helper(
            "pooling",
            "_route_along(1, rows, upstream,",
            "_route_along(1, rows, -upstream,",
        ),
        POOLING,
        "finite_differences|first_of",
    ),
    "sign in avg_pool2d_backward": (
        helper("pooling", "_spread(shares,", "_spread(-shares,"),
        POOLING,
        "finite_differences",
    ),
    "last of equal maxima": (
        helper("pooling", "waiting[places] ^= hits", "pass"),
        POOLING,
        "first_of_equal_maxima",
    ),
    "back-propagation through the last step alone": (
        helper(
            "recurrent_networks",
            "d_state = delta @ recurrent_kernel.T",
            "d_state = 0 * delta",
        ),
        RECURRENT,
        "gradients_are_those_of_finite_differences",
    ),
    "sign in simple_rnn_backward": (
        helper(
            "recurrent_networks",
            "sum_of_rows(deltas)",
            "-sum_of_rows(deltas)",
        ),
        RECURRENT,
        "gradients_are_those_of_finite_differences",
    ),
    "the state after in place of the state before": (
        helper("recurrent_networks", "states_before[:, :-1]", "states_before[:, 1:]"),
        RECURRENT,
        "gradients_are_those_of_finite_differences",
    ),
    "gates of an LSTM in another order": (
        helper("recurrent_networks", "a_i, a_f, a_g, a_o = ", "a_f, a_i, a_g, a_o = "),
        RECURRENT,
        "lstm_with_an_open_forget_gate",
    ),
    "update gate of a GRU turned round": (
        helper(
            "recurrent_networks",
            "update * state + (1 - update) * candidate",
            "(1 - update) * state + update * candidate",
        ),
        RECURRENT,
        "gru_with_an_open_update_gate",
    ),
    "networks that change after they were handed out": (
        helper("sequence_training", "weights = weights.copy()", "weights = weights"),
        TRAINING,
        "handed_out_stay",
    ),
    "a state without its number": (
        helper("sequence_training", 'float_array(part, f"state[{index}]")', 'float_array(part, "x")'),
        TRAINING,
        "arguments_of_gradient_are_refused_by_name",
    ),
    "a name at the best repeat": (
        helper("plotting", "np.mean(results) for text, results in first", "np.max(results) for text, results in first"),
        FIGURES,
        "repeats_draw_each_result",
    ),
    "a curve drawn backwards": (
        helper(
            "plotting",
            "axes.plot(x[: len(values)], values)",
            "axes.plot(x[: len(values)], values[::-1])",
        ),
        FIGURES,
        "lines_draws_each_curve",
    ),
    "TensorFlow's greeting let through": (
        helper("startup", "os.dup2(nowhere.fileno(), standard_error)", "pass"),
        QUIET,
        "error_inside",
    ),
    "figures that are drawn for a window, too": (
        helper("startup", "        plt.uninstall_repl_displayhook()\n", ""),
        QUIET,
        "settings_of_other_projects",
    ),
    # Data.
    "a byte of the sunspots": (
        replace("src/helpers/data/sunspots.csv", "1757,32.4", "1757,32.5"),
        DATA,
        "compared_with_its_source",
    ),
    "a byte of the poems": (
        replace("src/helpers/data/carroll.txt", "little", "Little"),
        DATA,
        "compared_with_its_source",
    ),
    "a digit that is another": (
        replace("src/helpers/data/digits.csv", "5,13,9", "5,13,8"),
        DATA,
        "compared_with_its_source",
    ),
    "digits that are not scaled": (
        helper("datasets", "/ 16,", "/ 15,"),
        DATA,
        "digits_are_1797",
    ),
    # Checks of the exercises.
    "a judge that accepts everything": (
        helper("checks/__init__", "            if fault:\n", "            if False:\n"),
        JUDGE,
        "wrong_solution_is_told",
    ),
    "a judge that lets arguments be changed": (
        helper(
            "checks/__init__",
            "        if not equal(after, before):\n",
            "        if False:\n",
        ),
        JUDGE,
        "function_that_changes_its_argument",
    ),
    **{
        f"checks of {name} that accept everything": (
            accept_all(name),
            exercises(name),
            "'?correct'?",
        )
        for name in (path.stem[3:] for path in LESSONS.values())
    },
}

# What `make lint` finds, the first step of `.ci/run`: what is changed, and what the report must say.
LINT_FAULTS = {
    "a spelling mistake": (
        # In two parts, or it would be one in this file.
        replace("README.md", " which ", " wh" + "cih "),
        "==> which",
    ),
    "an unused import": (
        helper("pooling", "\nimport numpy", "\nimport math\n\nimport numpy"),
        "F401",
    ),
    "an import that is not declared": (
        helper("datasets", "numpy as np\n", "numpy as np\nimport scipy  # noqa: F401\n"),
        "DEP004",
    ),
    "a dependency that nothing uses": (
        replace("pyproject.toml", '    "numpy>=2.1",', '    "numpy", "requests",'),
        "DEP002",
    ),
    "a documented call of another type": (
        helper("gradient_check", ") -> float:", ") -> str:"),
        "Incompatible types in assignment",
    ),
}
