"""A column that is added later faults no row of before, and is told by the rows of after."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.storage import earlier_records
from support.storage.database_owner import unguarded
from support.storage.databases import open_records, postgresql_empty
from support.storage.later_columns import add_columns

from screening.records.ledger import entries, events, snapshots
from screening.records.ledger.digests import matches_row, newest_version, row_digest, version_of
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.backup import write_backup
from screening.records.operation.restore import restore_backup
from screening.records.storage import schema
from screening.records.storage.account_tables import Role
from screening.records.storage.tables import (
    Base,
    CaseRow,
    EmergencyCheckRow,
    EmergencyTryRow,
    EventRow,
    IdentityRow,
    Marker,
    NoteRow,
    RightsStepRow,
    SecretRow,
    SiteRow,
)
from screening.records.verification import chain, rows, verify
from screening.records.verification.rows import LEDGERED
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

TABLES: tuple[type[Base], ...] = (*LEDGERED, EventRow)
OF_THEN = tuple(each for each in TABLES if each.__tablename__ in earlier_records.read())
"""The tables that there were already, each with a row."""
DEFAULTS = (None, "made by the migration")
CASE = "1" * 32
EVENTS, ROWS = 14, 10
"""With the event by which the site came to be covered."""
LATER: dict[type[Base], set[str]] = {
    IdentityRow: {"id", "issuer", "subject", "user_id", "at", "by"},
    NoteRow: {"id", "case_id", "number", "sealed", "at", "by"},
    EmergencyCheckRow: {"id", "access_id", "finding", "at", "by"},
    EmergencyTryRow: {"id", "by", "reason", "sealed", "at"},
    Marker: {"name", "value"},
    RightsStepRow: {"number", "proposal", "action", "step", "user_id", "content", "at", "by"},
    Role: {"id", "name", "description", "permissions"},
    SecretRow: {"name", "key_id", "wrapped"},
    SiteRow: {"id", "name", "time_zone"},
}
"""The first columns of the tables that there were not yet, or of which the ledger did not tell."""
Mapped = dict[type[Base], type[Any]]


@pytest.fixture(params=["sqlite", "postgresql"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """Records as an earlier version of the application left them."""
    if request.param == "sqlite":
        with open_records(f"sqlite:///{tmp_path / 'earlier.sqlite3'}", keyed=False) as made:
            earlier_records.load(made.database)
            yield made
        return
    with (
        postgresql_empty(request.getfixturevalue("postgres")) as address,
        open_records(address, keyed=False) as made,
    ):
        earlier_records.load(made.database)
        yield made


@pytest.fixture(params=DEFAULTS)
def later(
    earlier: Records, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Mapped:
    """Every table that the ledger covers has a column more, in the database and as mapped."""
    upgrade(earlier)
    mapped = add_columns(earlier, TABLES, request.param)
    monkeypatch.setattr(rows, "LEDGERED", tuple(mapped[each] for each in LEDGERED))
    monkeypatch.setattr(verify, "differences", lambda _: [])  # the shape of a later version
    for module in (verify, chain, rows, entries, events):
        monkeypatch.setattr(module, "EventRow", mapped[EventRow])
    return mapped


def upgrade(records: Records) -> None:
    """As the command does it."""
    schema.upgrade(records.database)
    with records.database.writing() as session:
        snapshots.begin(session, records)


def codes(records: Records) -> set[str]:
    return {fault.code for fault in verify_ledger(records).faults}


def change(records: Records, statement: str) -> None:
    """As somebody does who owns the database."""
    with records.database.writing() as session, unguarded(session):
        session.execute(text(statement))


def write_case(records: Records, mapped: Mapped) -> str:
    """Write a case as the later application does; gives the digest that it had before."""
    with records.database.writing() as session:
        row = session.get_one(mapped[CaseRow], CASE)
        before = row_digest(session.get_one(CaseRow, CASE))
        row.later, row.version = "written", row.version + 1
        kind = EventKind.CASE_CHANGED
        events.append_row(session, records, by=2, kind=kind, case_id=CASE, row=row)
    return before


def assert_whole(records: Records) -> None:
    verdict = verify_ledger(records)
    assert (verdict.faults, verdict.events, verdict.rows) == ([], EVENTS, ROWS)


def test_records_of_before_are_whole_after_every_migration(earlier: Records) -> None:
    upgrade(earlier)
    assert_whole(earlier)


def test_what_was_not_covered_is_told_until_an_upgrade_takes_it_in(earlier: Records) -> None:
    schema.upgrade(earlier.database)
    assert codes(earlier) == {"not-covered"}
    upgrade(earlier)
    change(earlier, "INSERT INTO sites (id, name) VALUES (99, 'Smuggled')")
    upgrade(earlier)  # what is there already is taken in once
    assert codes(earlier) == {"row-unknown"}


@pytest.mark.usefixtures("later")
def test_records_of_before_are_whole_after_a_column_was_added(earlier: Records) -> None:
    assert_whole(earlier)


def test_a_backup_of_before_is_whole_after_it_was_restored(
    earlier: Records, tmp_path: Path
) -> None:
    write_backup(earlier.database, tmp_path / "backup", earlier.now(), earlier.keyring())
    with open_records(f"sqlite:///{tmp_path / 'restored.sqlite3'}", keyed=False) as restored:
        keyed = replace(restored, keyring=earlier.keyring)
        assert restore_backup(keyed, tmp_path / "backup").faults == 0
        assert verify_ledger(restored).rows == ROWS


@pytest.mark.usefixtures("later")
def test_a_later_column_of_a_row_of_before_cannot_be_changed(earlier: Records) -> None:
    for table in TABLES:
        change(earlier, f"UPDATE {table.__tablename__} SET later = 'forged'")
    faults = verify_ledger(earlier).faults
    found = [fault.code for fault in faults]
    assert (found.count("event-changed"), found.count("row-changed")) == (EVENTS, ROWS)
    assert {fault.place.partition("/")[0] for fault in faults} == {
        *("event", *(table.__tablename__ for table in OF_THEN if table is not EventRow))
    }


def test_a_later_column_of_a_row_of_after_cannot_be_changed(
    earlier: Records, later: Mapped
) -> None:
    write_case(earlier, later)
    assert codes(earlier) == set()
    for value in ("'forged'", "NULL", f"'{DEFAULTS[1]}'"):
        change(earlier, f"UPDATE cases SET later = {value} WHERE id = '{CASE}'")
        assert codes(earlier) == {"row-changed"}


@pytest.mark.parametrize("hidden", ["row", "event"])
def test_a_row_of_after_is_not_taken_for_one_of_before(
    earlier: Records, later: Mapped, hidden: str
) -> None:
    before = write_case(earlier, later)
    default = later[CaseRow].__table__.columns["later"].info["default"]
    value = "NULL" if default is None else f"'{default}'"
    change(earlier, f"UPDATE cases SET later = {value}, version = version - 1 WHERE id = '{CASE}'")
    with earlier.database.reading() as session:
        assert matches_row(before, session.get_one(later[CaseRow], CASE))
    if hidden == "event":  # and the event of the writing says that it was as before
        change(earlier, f"UPDATE events SET digest = '{before}' WHERE seq = {EVENTS + 1}")
    assert codes(earlier) == {"event-changed" if hidden == "event" else "row-changed"}


def test_a_later_column_of_an_event_of_after_cannot_be_changed(
    earlier: Records, later: Mapped
) -> None:
    with earlier.database.writing() as session:
        event = events.append(session, earlier, by=2, kind=EventKind.SIGNED_OUT)
        assert version_of(event.hash) == newest_version(later[EventRow])
    assert codes(earlier) == set()
    change(earlier, f"UPDATE events SET later = 'forged' WHERE seq = {EVENTS + 1}")
    assert codes(earlier) == {"event-changed"}


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_of_the_first_version_are_those_of_then(table: type[Base]) -> None:
    """Whoever adds a column gives it the next version (see ``digests``)."""
    covered = [each for each in table.__table__.columns if not each.info.get("uncovered")]
    first = {each.key for each in covered if each.info.get("since", 1) == 1}
    assert first == (LATER.get(table) or earlier_records.read()[table.__tablename__][0].keys())


@pytest.mark.parametrize("table", TABLES)
def test_versions_follow_each_other(table: type[Base]) -> None:
    used = {each.info.get("since", 1) for each in table.__table__.columns}
    assert used == set(range(1, newest_version(table) + 1))
