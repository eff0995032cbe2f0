"""The targets that run tests: what they name exists, and the quick one needs little."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def steps(root: Path, *words: str) -> str:
    """What a target would do."""
    line = ["make", "--dry-run", "--always-make", "--no-print-directory", *words]
    return subprocess.run(line, cwd=root, capture_output=True, text=True, check=True).stdout


def runs(root: Path, *words: str) -> list[str]:
    """The lines with which a target runs tests."""
    return [line for line in steps(root, *words).splitlines() if " pytest " in line]


def folders(line: str) -> list[str]:
    return re.findall(r"(?<![\w=])tests/\w+", line)


@pytest.mark.parametrize("target", ["test", "quick", "check", "races", "faults"])
def test_whatever_a_target_tests_is_there(root: Path, target: str) -> None:
    for line in runs(root, target):
        paths = re.findall(r"tests/[\w/.]+", line)
        assert [path for path in paths if not (root / path).exists()] == []


def test_what_coverage_leaves_is_tested_without_it(root: Path) -> None:
    measured, rest = runs(root, "test")
    assert "--cov-fail-under=100" in measured
    assert folders(measured) == re.findall(r"--ignore=(tests/\w+)", rest)
    assert folders(rest) == []
    assert "quick" not in measured + rest


def test_the_quick_target_needs_no_browser_and_no_database_server(root: Path) -> None:
    (line,) = runs(root, "quick")
    assert " -m quick " in line
    assert {"tests/core", "tests/rules", "tests/records"} <= set(folders(line))
    assert not {"chromium", "postgres"} & set(re.findall(r"\w+", steps(root, "quick")))


@pytest.mark.parametrize(("workers", "said"), [((), "-n auto"), (("WORKERS=0",), "-n 0")])
def test_tests_run_on_every_core_or_as_many_as_are_named(
    root: Path, workers: tuple[str, ...], said: str
) -> None:
    for target in ("test", "quick"):
        assert all(said in line for line in runs(root, target, *workers))


def scripts(root: Path) -> set[str]:
    """The modules that the Makefile and the documents run with nothing but tests on the path."""
    texts = [(root / name).read_text("utf-8") for name in ("Makefile", "CONTRIBUTING.md")]
    found = (re.findall(r"PYTHONPATH=tests \S+ -m (support[\w.]+)", text) for text in texts)
    return {name for names in found for name in names}


def test_scripts_start_with_the_path_that_is_named(root: Path) -> None:
    found = scripts(root)
    assert {"support.golden", "support.services.soak"} <= found
    line = "; ".join(f"import {name}" for name in sorted(found))
    environ = os.environ | {"PYTHONPATH": "tests"}
    done = subprocess.run([sys.executable, "-c", line], cwd=root, env=environ, check=False)
    assert done.returncode == 0
