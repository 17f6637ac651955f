"""Adds to the tables of pytest-benchmark one of the ratios of our times to the other library's."""

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
    """Print the shortest times of each group, their ratio, and for each file the geometric means of the ratios."""
    line = terminalreporter.write_line
    groups = config.stash.get(GROUPS, [])
    for file, of_file in itertools.groupby(groups, lambda group: _file(group[1])):
        line(f"\n{file + ', milliseconds':62}{'ours':>9}{'theirs':>9}{'ratio':>7}")
        ratios, ratios_in_lessons = [], []
        for name, benchmarks in of_file:
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
