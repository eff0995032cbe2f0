"""The command line in this process, on a small rule folder, on a day that stands still."""

import datetime as dt
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from screening.cli import main

DATA = Path(__file__).parents[1] / "data" / "cli"
RULES = DATA / "rules"
TODAY = dt.date(2026, 11, 21)
CLEAR: dict[str, Any] = {
    "weak": False,
    "fever": False,
    "shown": True,
    "curve": "none",
    "scans": ["mri"],
    "levels": 1,
    "seen": "2026-10-20",
}

Run = Callable[..., Result]
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 21 November 2026 wherever the command line looks, and lines have 80 characters."""
    for module in (
        "cli.questionnaire.assess",
        "cli.questionnaire.batch",
        "cli.rules.check",
        "files.answer_files",
    ):
        monkeypatch.setattr(f"screening.{module}.today", lambda: TODAY)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run() -> Run:
    """Run the command with words and an input; ``{rules}`` stands for the small rule folder."""

    def call(words: str, typed: str | bytes | None = None, *more: str) -> Result:
        arguments = [word.format(rules=RULES) for word in words.split()]
        return CliRunner().invoke(main, [*arguments, *more], input=typed, prog_name="screening")

    return call


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an answers document: the clear case with changes; None takes an answer away."""

    def call(as_of: str = "2026-11-20", **changes: object) -> Path:
        answers = {key: value for key, value in {**CLEAR, **changes}.items() if value is not None}
        path = tmp_path / "answers.json"
        path.write_text(json.dumps({"as_of": as_of, "answers": answers}), "utf-8")
        return path

    return call


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the small rule folder that a test may spoil."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for path in RULES.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """The published schemas by name."""
    folder = resources.files("screening") / "schemas"
    names = ("answers", "assessment", "ruleset")
    return {name: json.loads((folder / f"{name}.schema.json").read_text("utf-8")) for name in names}
