"""Who only runs the application needs nothing of the tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FRONTEND = Path("screening/web/frontend")


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """What the set-up reads, in a folder that has no tests."""
    shutil.copytree(
        root / FRONTEND, tmp_path / FRONTEND, ignore=shutil.ignore_patterns("node_modules")
    )
    shutil.copytree(root / "requirements", tmp_path / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    return tmp_path


def told(folder: Path, *line: str) -> str:
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("target", ["run", "demo"])
def test_setting_up_and_running_name_no_test(clone: Path, target: str) -> None:
    steps = told(clone, "make", "--dry-run", "--no-print-directory", target)
    assert "requirements/paper.py" in steps
    assert f"screening {'serve' if target == 'run' else target}" in steps
    assert "tests" not in steps


def test_the_scripts_of_the_set_up_find_each_other(clone: Path) -> None:
    """Loaded only: run, they may install what this machine lacks."""
    load = "import runpy; runpy.run_path('requirements/paper.py', run_name='loaded')"
    told(
        clone, sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, 'requirements'); {load}"
    )
