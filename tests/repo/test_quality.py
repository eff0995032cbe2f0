"""The checkers have nothing to say; when they have, the failure shows it."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKERS = {
    "ruff": ["ruff", "check", "--no-fix", "--quiet", "."],
    "ruff format": ["ruff", "format", "--check", "--quiet", "--diff", "."],
    "mypy": ["mypy", "--no-error-summary"],
    "pyright": ["basedpyright"],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_finds_nothing(root: Path, checker: str) -> None:
    tool, *arguments = CHECKERS[checker]
    command = [str(Path(sys.executable).parent / tool), *arguments]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if said.returncode:
        pytest.fail(f"{' '.join([tool, *arguments])}\n{said.stdout}{said.stderr}", pytrace=False)
