"""The command as an auditor gives it, and what a witness keeps."""

import json
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from support.casework.referrals import referral
from support.storage.databases import People

from screening.cli import main
from screening.records.access import Role
from screening.records.casework.cases import add_case
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.storage.schema import newest_revision

FOUND = 1
UNUSABLE = 69


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation with two cases."""
    records = open_records(Settings.read({"SCREENING_DATA": str(tmp_path)}))
    nurse = People(records).actor(Role.NURSE)
    (site,) = nurse.sites
    for number in ("R-1", "R-2"):
        add_case(records, nurse, site, referral(reference=number), uuid4().hex)
    records.database.close()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    return CliRunner(env=clean).invoke(main, ["ledger", *words])


def change(folder: Path, *statements: str) -> None:
    """Change the database without its triggers, which are put back."""
    with sqlite3.connect(folder / "screening.db") as database:
        triggers = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        gone = [f"DROP TRIGGER {name}" for name, _ in triggers]
        for statement in (*gone, *statements, *(sql for _, sql in triggers)):
            database.execute(statement)


def test_a_whole_ledger_is_told_with_what_it_cannot_show(folder: Path) -> None:
    done = run(folder, "verify")
    assert done.exit_code == 0, done.output
    assert "every row is as it was written" in done.output
    assert "The database alone cannot show" in done.output


def test_a_changed_row_is_named_and_the_exit_status_says_so(folder: Path) -> None:
    change(folder, "UPDATE cases SET clinic = 'elsewhere'")
    done = run(folder, "verify", "--json")
    faults = json.loads(done.output)["faults"]
    assert done.exit_code == FOUND
    assert {fault["code"] for fault in faults} == {"row-changed"}
    assert all(fault["place"].startswith("cases/") for fault in faults)


def verifications(folder: Path) -> int:
    with sqlite3.connect(folder / "screening.db") as database:
        found = database.execute("SELECT count(*) FROM events WHERE kind = 'ledger-verified'")
        return int(found.fetchone()[0])


def test_a_verification_without_faults_is_recorded_and_no_other(folder: Path) -> None:
    run(folder, "verify")
    assert verifications(folder) == 1
    change(folder, "UPDATE cases SET clinic = 'elsewhere'")
    run(folder, "verify")
    assert verifications(folder) == 1


def test_a_witness_finds_an_end_that_was_cut_off(folder: Path, tmp_path: Path) -> None:
    witness = tmp_path / "elsewhere.jsonl"
    key = run(folder, "key").stdout.strip()
    witness.write_text(run(folder, "head").stdout, "utf-8")
    assert run(folder, "verify", "--witness", str(witness), "--key", key).exit_code == 0
    case = "(SELECT case_id FROM events ORDER BY seq DESC LIMIT 1)"
    change(
        folder,
        "DELETE FROM events WHERE kind = 'ledger-verified'",
        f"DELETE FROM case_words WHERE case_id = {case}",
        f"DELETE FROM case_keys WHERE case_id = {case}",
        f"DELETE FROM cases WHERE id = {case}",
        f"DELETE FROM events WHERE case_id = {case}",
    )
    assert run(folder, "verify").exit_code == 0
    done = run(folder, "verify", "--witness", str(witness), "--key", key)
    assert done.exit_code == FOUND
    assert "ledger-cut" in done.output


def test_a_ledger_with_faults_is_not_signed(folder: Path) -> None:
    change(folder, "UPDATE cases SET clinic = 'elsewhere'")
    done = run(folder, "head")
    assert done.exit_code == FOUND
    assert "not signed" in done.output


def test_a_file_that_holds_no_heads_is_refused(folder: Path, tmp_path: Path) -> None:
    witness = tmp_path / "heads.jsonl"
    witness.write_bytes(b"\xffnonsense\n")
    done = run(folder, "verify", "--witness", str(witness))
    assert done.exit_code == UNUSABLE
    assert "a signed head is expected" in done.output


def test_the_key_stays_and_its_owner_alone_can_read_it(folder: Path) -> None:
    assert run(folder, "key").stdout == run(folder, "key").stdout
    assert (folder / "ledger.key").stat().st_mode & 0o077 == 0


VERSIONS = {
    "one more": ("INSERT INTO alembic_version VALUES ('0005')", "alembic_version/0005"),
    "an earlier one": ("UPDATE alembic_version SET version_num = '0005'", "alembic_version/0005"),
    "none": ("DELETE FROM alembic_version", f"alembic_version/{newest_revision()}"),
}


@pytest.mark.parametrize("what", VERSIONS)
def test_a_changed_version_is_named_and_hides_no_other_change(folder: Path, what: str) -> None:
    statement, place = VERSIONS[what]
    change(folder, statement, "UPDATE cases SET clinic = 'elsewhere'")
    done = run(folder, "verify", "--json")
    faults = json.loads(done.output)["faults"]
    assert done.exit_code == FOUND
    assert ("shape-changed", f"row/{place}") in {(each["code"], each["place"]) for each in faults}
    assert "row-changed" in {each["code"] for each in faults}


@pytest.mark.parametrize("what", VERSIONS)
@pytest.mark.parametrize("words", [("upgrade", "--no-backup"), ("ledger", "head")])
def test_no_other_command_works_on_a_database_with_a_changed_version(
    folder: Path, what: str, words: tuple[str, ...]
) -> None:
    change(folder, VERSIONS[what][0])
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    done = CliRunner(env=clean).invoke(main, list(words))
    assert done.exit_code == UNUSABLE
    assert "Somebody changed that table. Run `screening ledger verify`" in done.output
