import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from visitor import Visitor

from screening import create_app
from screening.cli import main
from screening.records.settings import Settings, open_records, open_secret

EMAIL = "ann@clinic.localhost"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that was started once."""
    for name in ("DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE", "SCREENING_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCREENING_DATA", str(tmp_path / "data"))
    open_records(Settings.read()).database.close()
    return tmp_path / "data"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def added() -> None:
    assert run("sites", "add", "North").exit_code == 0
    options = ("--name", "Ann Miller", "--role", "nurse", "--site", "north")
    assert run("users", "add", EMAIL, *options).exit_code == 0


def test_a_site_is_added_with_its_time_zone() -> None:
    assert run("sites", "add", "East", "--time-zone", "Pacific/Kiritimati").exit_code == 0
    assert "East  Pacific/Kiritimati\n" in run("sites", "list").output
    refused = run("sites", "add", "Far", "--time-zone", "Mars/Olympus")
    assert (refused.exit_code, "Europe/London" in refused.output) == (2, True)


def test_people_and_sites_are_added_and_listed() -> None:
    added()
    assert run("sites", "list").output == "North  time zone of the server\n"
    assert run("users", "list").output == f"{EMAIL}  Ann Miller  nurse  at North\n"


def test_a_link_that_the_command_prints_sets_a_password() -> None:
    added()
    said = run("users", "link", EMAIL, "--address", "https://clinic.example/").output.strip()
    assert re.fullmatch(r"https://clinic\.example/account/link/\S+", said)
    settings = Settings.read()
    records = open_records(settings)
    client = create_app(records=records, SECRET_KEY=open_secret(settings)).test_client()
    visitor = Visitor(client)
    page = visitor.open(said.removeprefix("https://clinic.example"))
    typed = dict.fromkeys(("password", "password_confirm"), "quiet river under stone")
    visitor.press(page, "Set password", **typed)
    assert visitor.enter(EMAIL, "quiet river under stone").status_code == 302
    records.database.close()


def test_roles_are_changed_and_accounts_made_inactive() -> None:
    added()
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    said = run("users", "roles", EMAIL, "--role", "lead-nurse", "--role", "auditor").output
    assert said == f"{EMAIL}  Ann Miller  auditor, lead-nurse  at no site\n"
    assert run("users", "deactivate", EMAIL).exit_code == 0
    assert "(inactive)" in run("users", "list").output


@pytest.mark.parametrize(
    "words",
    [
        ("users", "add", EMAIL, "--name", "Ann", "--role", "nurse", "--site", "Nowhere"),
        ("users", "add", "@", "--name", "Ann", "--role", "nurse"),
        ("users", "add", EMAIL, "--name", "Ann", "--role", "doctor"),
        ("users", "link", "nobody@clinic.localhost"),
        ("users", "deactivate", "nobody@clinic.localhost"),
        ("sites", "add", " "),
    ],
)
def test_what_cannot_be_done_is_said_and_is_a_wrong_call(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_an_address_and_a_site_are_taken_once() -> None:
    added()
    assert "already in use" in run("sites", "add", "NORTH").output
    again = run("users", "add", EMAIL.upper(), "--name", "Eve", "--role", "auditor")
    assert "already in use" in again.output


def test_the_only_administrator_stays() -> None:
    run("users", "add", "ada@clinic.localhost", "--name", "Ada", "--role", "administrator")
    for words in (
        ("deactivate", "ada@clinic.localhost"),
        ("roles", "ada@clinic.localhost", "--role", "nurse"),
    ):
        result = run("users", *words)
        assert result.exit_code == 2
        assert "only active administrator" in result.output


def test_no_other_command_loads_the_web_or_the_database() -> None:
    code = (
        "import sys, screening.cli.users, screening.cli;"
        "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy', 'argon2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
