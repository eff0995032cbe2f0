"""`screening serve`, as a process of its own."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.sealing.vault import Keyring

Run = Callable[..., Any]
SERVE = [sys.executable, "-m", "screening", "serve"]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for the records of each test."""
    folder = tmp_path / "data"
    for name in ("DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE", "SCREENING_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCREENING_DATA", str(folder))
    return folder


@contextmanager
def serving(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*SERVE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def address(process: subprocess.Popen[str]) -> str:
    found = re.search(r"http://\S+/", first_line(process))
    assert found
    return found[0]


def test_the_first_line_names_the_address_and_port_0_takes_a_free_one() -> None:
    with serving("--port", "0") as process:
        where = address(process)
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+/", where)
        with urllib.request.urlopen(where) as page:  # noqa: S310 - an address of this machine
            assert page.status == 200


def test_an_interrupt_ends_it_quietly() -> None:
    with serving("--port", "0") as process:
        address(process)
        assert process.stdout
        _, link = process.stdout.readline(), process.stdout.readline()
        assert "/account/first/" in link
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=30)  # what came since the last head is signed
        assert process.returncode == 0
        assert (said, complaint) == ("", "")


CHANGED = {
    "a trigger that somebody added": (
        ("CREATE TRIGGER quiet AFTER INSERT ON cases BEGIN DELETE FROM tries; END",),
        "the database has a trigger quiet, which the application did not make",
    ),
    "a trigger that is gone": (
        ("DROP TRIGGER answers_no_update",),
        "the database no longer stops changes to rows of answers",
    ),
    "a trigger that does nothing": (
        (
            "DROP TRIGGER answers_no_delete",
            "CREATE TRIGGER answers_no_delete BEFORE DELETE ON answers BEGIN SELECT 1; END",
        ),
        "the database no longer stops changes to rows of answers",
    ),
    "another version": (
        ("INSERT INTO alembic_version VALUES ('0005')",),
        "Somebody changed that table",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_database_that_somebody_changed_is_not_served(data: Path, what: str) -> None:
    open_records(Settings.read()).database.close()
    statements, words = CHANGED[what]
    with closing(sqlite3.connect(data / "screening.db")) as database, database:
        for statement in statements:
            database.execute(statement)
    done = subprocess.run([*SERVE, "--port", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (69, "")
    assert words in done.stderr


def test_a_ledger_is_not_served_with_a_keyring_that_lost_its_epochs(data: Path) -> None:
    open_records(Settings.read()).database.close()
    ring = Keyring.read((data / "keys.json").read_text("utf-8"))
    replace(ring, epochs=()).save(data / "keys.json")
    done = subprocess.run([*SERVE, "--port", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (69, "")
    assert "Put the newest copy of the keyring back" in done.stderr


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])  # noqa: S104 - for a moment
def test_the_address_can_be_opened_whatever_the_host(host: str) -> None:
    with (
        serving("--port", "0", "--host", host) as process,
        urllib.request.urlopen(address(process)) as page,  # noqa: S310 - of this machine
    ):
        assert page.status == 200


def test_it_serves_the_rules_that_it_is_given(rules: Path) -> None:
    with (
        serving("--port", "0", "--rules", str(rules), "--ruleset", "tiny") as process,
        urllib.request.urlopen(f"{address(process)}sources/") as page,  # noqa: S310 - the same
    ):
        assert "A clinic" in page.read().decode()


def test_a_port_in_use_is_told_in_a_sentence(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run(f"serve --port {port}")
    assert result.exit_code == 2
    assert f"Error: port {port} is in use; choose another with --port" in result.stderr


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid", "not a host"])
def test_a_host_of_another_machine_is_told_in_a_sentence(run: Run, host: str) -> None:
    result = run("serve --port 0", None, "--host", host)
    assert result.exit_code == 2
    assert f"Error: cannot listen on {host}" in result.stderr


def test_a_broken_rule_file_names_its_problems_and_does_not_start(run: Run, rules: Path) -> None:
    path = rules / "tiny.yaml"
    text = path.read_text("utf-8").replace("tier: info", "tier: inf")
    path.write_text(text.replace("strength: usually", "strength: usualy"), "utf-8")
    result = run(f"serve --rules {rules} --ruleset tiny --port 0")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "`usualy`" in result.stderr
    assert "`inf`" in result.stderr


def test_rules_without_outcomes_are_not_served(run: Run) -> None:
    result = run("serve --port 0 --ruleset safety")
    assert result.exit_code == 2
    assert "declares no outcomes" in result.stderr
