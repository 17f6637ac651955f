"""The stored outputs hold, with zero differences, under other settings of the machine; each setting three times.

To narrow it down: ``pytest slow_tests/test_matrix.py -k "one_thread and first and 01"``.
"""

import locale
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lessons import PATHS

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = [path.name for path in PATHS]
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
SETTINGS = {
    "as_it_is": {},
    "oneDNN_off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "oneDNN_on": {"TF_ENABLE_ONEDNN_OPTS": "1"},
    **{
        f"oneDNN_with_{isa}": {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": isa}
        for isa in ("SSE41", "AVX2", "AVX512_CORE")
    },
    **{
        f"OpenBLAS_for_{core}": {"OPENBLAS_CORETYPE": core}
        for core in ("Nehalem", "Sandybridge", "Haswell", "SkylakeX")
    },
    **{
        f"{name}_thread{'s' * (count != '1')}": dict.fromkeys(THREADS, count)
        for name, count in {"one": "1", "two": "2", "eight": "8"}.items()
    },
    "random_hashes": {"PYTHONHASHSEED": "random"},
    **{
        f"language_{language.partition('.')[0]}": {"LC_ALL": language, "LANG": language}
        for language in ("C", "de_DE.UTF-8", "zh_CN.UTF-8")
    },
    **{f"time_zone_{zone.replace('/', '_')}": {"TZ": zone} for zone in ("UTC", "Asia/Shanghai", "America/St_Johns")},
}
CPU_FLAG = {"SSE41": "sse4_1", "AVX2": "avx2", "AVX512_CORE": "avx512bw"}
PLAIN_USER = ["unshare", "--map-root-user"]
NO_NETWORK = [*PLAIN_USER, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
READ_ONLY = [
    *PLAIN_USER, "--mount", "sh", "-c",
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && ! touch "$0/x" 2>&- && exec "$@"',
]  # fmt: skip


@pytest.fixture(params=["first", "second", "third"], autouse=True)
def repeat(request):
    """Everything is done three times."""
    return request.param


lessons = pytest.mark.parametrize("lesson", LESSONS)


def assert_equal(result):
    status, report = result
    assert status == 0, report


def need_unshare(before):
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    probe = subprocess.run([*before, "true"], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"unshare is not allowed here: {probe.stderr.strip()}")


def need(settings):
    """Skip what this machine cannot do."""
    isa = CPU_FLAG.get(settings.get("ONEDNN_MAX_CPU_ISA"))
    if isa:
        info = Path("/proc/cpuinfo")
        if not info.exists() or isa not in info.read_text(encoding="utf-8").split():
            pytest.skip(f"the processor has no {isa}, or does not say so")
    core = settings.get("OPENBLAS_CORETYPE")
    if core:
        code = "import numpy, threadpoolctl as t; print([i.get('architecture') for i in t.threadpool_info()])"
        got = subprocess.check_output([sys.executable, "-c", code], env=os.environ | settings, text=True)
        if core not in got:
            pytest.skip(f"OpenBLAS has no {core} here: it takes {got.strip()}")
    language = settings.get("LC_ALL")
    if language:
        before = locale.setlocale(locale.LC_ALL)
        try:
            locale.setlocale(locale.LC_ALL, language)
        except locale.Error:
            pytest.skip(f"the locale {language} is not generated here")
        finally:
            locale.setlocale(locale.LC_ALL, before)


@lessons
@pytest.mark.parametrize("setting", SETTINGS)
def test_stored_outputs_hold(original, run_pytest, setting, lesson):
    need(SETTINGS[setting])
    notebook = f"notebooks/{lesson}"
    assert_equal(run_pytest(original, notebook, **SETTINGS[setting]))


def numpy_features():
    """Return the groups of instructions that NumPy chooses at run time, and finds here."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


@lessons
def test_stored_outputs_hold_without_special_instructions_in_numpy(original, run_pytest, lesson):
    if not numpy_features():
        pytest.skip("NumPy uses no special instructions here")
    disabled = " ".join(numpy_features())
    assert_equal(run_pytest(original, f"notebooks/{lesson}", NPY_DISABLE_CPU_FEATURES=disabled))


@lessons
def test_stored_outputs_hold_without_network(original, run_pytest, lesson):
    need_unshare(NO_NETWORK)
    assert_equal(run_pytest(original, f"notebooks/{lesson}", before=NO_NETWORK))


@lessons
def test_stored_outputs_hold_in_a_read_only_checkout(repository, run_pytest, lesson):
    before = [*READ_ONLY, str(repository)]
    need_unshare(before)
    assert_equal(run_pytest(repository, f"notebooks/{lesson}", before=before))


@lessons
def test_stored_outputs_hold_in_another_working_directory(original, run_pytest, tmp_path, lesson):
    notebook = original / "notebooks" / lesson
    assert_equal(run_pytest(original, notebook, cwd=tmp_path))


@lessons
def test_stored_outputs_hold_below_a_path_with_spaces_and_other_scripts(original, run_pytest, tmp_path, lesson):
    folder = shutil.copytree(original, tmp_path / "my lessons, größer 深度学习")
    assert_equal(run_pytest(folder, f"notebooks/{lesson}"))
