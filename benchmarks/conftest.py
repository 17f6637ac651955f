"""Adds tables of ratios to those of pytest-benchmark: our times to the other library's, lessons to a bare kernel."""

import itertools
import math

import pytest

GROUPS = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_benchmark_group_stats(config):
    """Keep the groups for the table."""
    config.stash[GROUPS] = yield
    return config.stash[GROUPS]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    """Print, for each file, the shortest times of its groups and their ratios."""
    line = terminalreporter.write_line
    groups = config.stash.get(GROUPS, [])
    for file, of_file in itertools.groupby(groups, lambda group: _file(group[1])):
        table = _strict_runs if "strict_runs" in file else _helpers
        table(line, file, of_file)


def _strict_runs(line, file, groups):
    """Print the times of notebooks as multiples of that of a bare one."""
    line(f"\n{file:38}{'seconds':>9}{'/ bare':>9}{'memory in MiB':>15}")
    for group, benchmarks in groups:
        line(group)
        times = {each["params"]["name"]: each["min"] for each in benchmarks}
        for each, (name, time) in zip(benchmarks, times.items(), strict=True):
            memory = each["extra_info"]["memory"]
            line(f"  {name:36}{time:9.1f}{time / times['bare']:9.2f}{memory:15.0f}")


def _helpers(line, file, groups):
    """Print the times of each group, their ratio, and the geometric means of the ratios."""
    line(f"\n{file + ', milliseconds':62}{'ours':>9}{'theirs':>9}{'ratio':>7}")
    ratios, ratios_in_lessons = [], []
    for name, benchmarks in groups:
        times = {each["params"]["way"]: each["min"] * 1e3 for each in benchmarks}
        ours = times.pop("numpy")
        (theirs,) = times.values()
        ratios.append(ours / theirs)
        if benchmarks[0]["extra_info"].get("in_lessons"):
            ratios_in_lessons.append(ratios[-1])
            name += " *"
        line(f"{name:62}{ours:9.3f}{theirs:9.3f}{ratios[-1]:7.2f}")
    _line_of_means(line, "all", ratios)
    if ratios_in_lessons:
        _line_of_means(line, "* sizes that the lessons use", ratios_in_lessons)


def _file(benchmarks):
    return benchmarks[0]["fullname"].partition("::")[0]


def _line_of_means(line, name, ratios):
    mean = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
    line(f"{name}: geometric mean {mean:.2f}, largest {max(ratios):.2f}")
