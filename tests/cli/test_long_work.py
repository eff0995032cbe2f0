"""Long work shows on a terminal how much is done, and says what is left when it is stopped."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result
from support.casework.case_writes import added
from support.casework.screened_cases import SOME, screen
from support.storage.databases import Clock, People

from screening.cli import main
from screening.records.access import Role
from screening.records.installation.erased_list import list_erased
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.operation import erasure
from screening.records.results import replay as replays
from screening.records.sealing import vault
from screening.records.verification import rows

WORK = """
import sys
from screening.cli.terminal import long_work
long_work.EVERY = 0.0
with long_work.long_work("Working", lambda: "") as shown:
    for done in range(1, 3):
        shown(done, 2_000)
print("done", file=sys.stderr)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation with some assessments."""
    records = open_records(Settings.read({"SCREENING_DATA": str(tmp_path)}))
    screen(records, People(records).actor(Role.NURSE))
    records.database.close()
    return tmp_path


def run(folder: Path, *words: str, **settings: str) -> Result:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    return CliRunner(env=clean | settings).invoke(main, words)


def stop(*_: object, **__: object) -> NoReturn:
    raise KeyboardInterrupt


def test_a_terminal_shows_how_much_is_done_and_then_nothing_of_it() -> None:
    outer, inner = pty.openpty()
    subprocess.run([sys.executable, "-c", WORK], stderr=inner, check=True)
    os.close(inner)
    said = os.read(outer, 10_000).decode()
    os.close(outer)
    first, second = "Working: 1 of 2,000 (0%)", "Working: 2 of 2,000 (0%)"
    assert said == f"\r{first}\r{second}\r{' ' * len(second)}\rdone\r\n"


def test_where_nobody_watches_nothing_is_shown() -> None:
    line = [sys.executable, "-c", WORK]
    assert subprocess.run(line, capture_output=True, check=True).stderr == b"done\n"


def test_any_command_that_is_stopped_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.cli.questionnaire.assess.load_kept_ruleset", stop)
    found = CliRunner().invoke(main, ["assess", "-"], input="{}")
    assert (found.exit_code, found.stderr) == (130, "Stopped.\n")


def test_a_stopped_replay_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original: Callable[..., Any] = replays.differing_parts
    seen: list[object] = []

    def stop_at_the_third(*given: Any) -> object:  # noqa: ANN401 - as the original
        seen.append(given)
        if len(seen) == 3:
            stop()
        return original(*given)

    monkeypatch.setattr(replays, "differing_parts", stop_at_the_third)
    stopped = run(folder, "replay")
    assert stopped.exit_code == 130
    assert "Stopped. 2 assessments: 2 come out the same" in stopped.stderr
    said = stopped.stderr.strip().rpartition("To go on: screening ")[2]
    rest = run(folder, *said.split())
    assert rest.exit_code == 0, rest.output
    assert f"{SOME - 2} assessments: {SOME - 2} come out the same" in rest.stdout
    assert "after the one you named" in rest.stdout


def test_a_replay_goes_on_after_no_other_text(folder: Path) -> None:
    for place in ("nonsense", "/1", "case/", "case/x"):
        found = run(folder, "replay", "--after", place)
        assert (found.exit_code, "CASE/NUMBER" in found.stderr) == (2, True), place


def test_a_replay_goes_on_after_no_assessment_that_there_is_not(folder: Path) -> None:
    found = run(folder, "replay", "--after", "zzz/1")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "there is no assessment zzz/1" in found.stderr


def test_a_stopped_rotation_goes_on_with_the_same_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(folder, "keys", "list").stdout
    with monkeypatch.context() as during:
        wrap, wrapped = vault.wrap, []

        def stop_at_the_third(*given: Any) -> object:  # noqa: ANN401 - as the original
            wrapped.append(given)
            return stop() if len(wrapped) == 3 else wrap(*given)

        during.setattr(vault, "wrap", stop_at_the_third)
        stopped = run(folder, "keys", "rotate")
    assert stopped.exit_code == 130
    assert "No key was rewrapped" in stopped.stderr
    fresh = run(folder, "keys", "list").stdout
    assert len(fresh.splitlines()) == len(before.splitlines()) + 1
    said = stopped.stderr.strip().rpartition("To finish, run: screening ")[2]
    rest = run(folder, *said.split())
    assert rest.exit_code == 0, rest.output
    after = run(folder, "keys", "list").stdout
    assert len(after.splitlines()) == len(fresh.splitlines())
    assert "opens 0" in after.splitlines()[0]


def test_a_stopped_verification_claims_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_row_faults", stop)
    found = run(folder, "ledger", "verify")
    assert found.exit_code == 130
    assert "it says nothing about the ledger." in found.stderr
    assert found.stdout == ""


def test_a_stopped_backup_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_row_faults", stop)
    found = run(folder, "backup", str(folder / "b"))
    assert (found.exit_code, found.stderr) == (130, "Stopped. No backup was made.\n")
    assert not (folder / "b").exists()
    assert list(folder.glob(".*")) == []


def test_a_stopped_impact_stores_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.records.results.impact.Reassessor.reassess", stop)
    found = run(folder, "impact", "documented")
    assert (found.exit_code, found.stdout) == (130, "")
    assert "Nothing was stored." in found.stderr


def test_stopped_retention_goes_on_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = open_records(Settings.read({"SCREENING_DATA": str(tmp_path)}))
    earlier = Clock(records.now())
    earlier.advance(days=-101)
    nurse = People(records).actor(Role.NURSE)
    for number in range(3):
        added(replace(records, now=earlier), nurse, reference=f"R-{number}")
    records.database.close()
    original: Callable[..., Any] = list_erased
    done: list[object] = []

    def stop_at_the_second(*given: Any) -> object:  # noqa: ANN401 - as the original
        done.append(given)
        if len(done) == 2:
            stop()
        return original(*given)

    monkeypatch.setattr(erasure, "list_erased", stop_at_the_second)
    words, days = ("retention", "--erase", "--yes"), {"SCREENING_RETENTION_DAYS": "100"}
    stopped = run(tmp_path, *words, **days)
    assert stopped.exit_code == 130, stopped.output
    assert "Run it again to erase the rest." in stopped.stderr
    assert "Erased 2 cases" in run(tmp_path, *words, **days).stdout
