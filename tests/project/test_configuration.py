"""What runs all the other tests is not switched off, in part or in silence."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TEST_FOLDERS = ("tests", "slow_tests", "browser_tests", "benchmarks")
# A machine may have no browser; and not every setting of the matrix can be had on every machine.
SKIPS = {
    "browser_tests/conftest.py": 1,
    "slow_tests/test_matrix.py": 6,
    # The article that the errata quote is not part of the repository.
    "tests/project/test_translations.py": 1,
    # One that is planted.
    "slow_tests/faults.py": 1,
}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_suite_runs_every_test_and_every_notebook(request):
    config = request.config
    assert config.getini("testpaths") == ["tests", "notebooks"]
    assert config.getini("filterwarnings") == ["error"]
    assert config.pluginmanager.hasplugin("notebook_checks")
    leave_out = r"-[kmp]|--(ignore|deselect|no|exit|max|last|lf|ff|nbval-(lax|sanitize))"
    assert [o for o in config.getini("addopts") if re.match(leave_out, o)] == []
    assert config.option.nbval_cell_timeout <= 60


def test_no_conftest_leaves_files_out():
    for path in ROOT.glob("**/conftest.py"):
        if ".venv" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not re.search("collect_ignore|ignore_collect|deselected", text), path


def test_files_that_begin_first_are_there(request):
    (plugin,) = (
        each for each in request.config.pluginmanager.get_plugins()
        if getattr(each, "__file__", None) == str(ROOT / "conftest.py")
    )  # fmt: skip
    for name in plugin.LONG:
        assert len(list(ROOT.glob(f"[nt]*/**/{name}"))) == 1, name


def test_no_test_is_skipped_or_expected_to_fail_but_for_a_reason_that_is_listed():
    found = {}
    for folder in TEST_FOLDERS:
        for path in (ROOT / folder).glob("**/*.py"):
            text = path.read_text(encoding="utf-8")
            calls = re.findall(r"\b(?:pytest|mark)\.(?:skip|skipif|xfail|importorskip)\b", text)
            if calls:
                found[path.relative_to(ROOT).as_posix()] = len(calls)
    assert found == SKIPS


def test_one_command_does_everything_and_stops_at_the_first_failure():
    text = read(".ci/run")
    lines = [line.strip() for line in text.splitlines()]
    assert "set -euo pipefail" in lines
    for step in ("lint", "build", "student", "test", "test-server", "test-browser"):
        assert f"make {step}" in lines, step
    assert lines[-1] == 'test -z "$(git status --porcelain)"'
    for way_out in ("|| true", "|| :", "set +e", "exit 0", "; true"):
        assert way_out not in text


def test_workflow_runs_it_and_every_failure_counts():
    text = read(".github/workflows/ci.yml")
    jobs = yaml.safe_load(text)["jobs"]
    commands = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert ".ci/run" in commands["locked"]
    assert "make test" in commands["newest"]
    for once_a_week in ("make test-mutations", "make test-reader", "make test-speed"):
        assert once_a_week in commands["mutations"], once_a_week
    assert "uv audit --locked" in commands["vulnerabilities"]
    assert "continue-on-error" not in text
    assert "|| true" not in text


def test_jupyterlab_is_open_to_its_owner_alone():
    """That it really is, with what Jupyter makes of these options, slow_tests/test_server.py tries."""
    (start,) = re.findall(r"^\t\$\(BIN\)/jupyter lab .*(?:\\\n.*)*", read("Makefile"), re.MULTILINE)
    assert start.count("--ServerApp.ip=127.0.0.1") == 1
    opened = r"\bip\b|token|password|allow_origin|allow_remote|disable_check_xsrf"
    options = start.replace("--ServerApp.ip=127.0.0.1", "") + read("tools/lab_config.py")
    assert not re.search(opened, options)
