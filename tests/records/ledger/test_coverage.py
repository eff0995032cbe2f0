"""No write of the application is without its event, and none covers up what was altered before."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session
from support.people.web_people import add_person, add_site
from support.storage.databases import People

from screening.records.access import Role
from screening.records.ledger.coverage import UncoveredWriteError
from screening.records.ledger.records import Records
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.storage.account_tables import User
from screening.records.storage.tables import EventRow, Marker, SiteRow
from screening.records.verification.verify import verify_ledger

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"


def codes(records: Records) -> list[str]:
    return [fault.code for fault in verify_ledger(records).faults]


def newest(records: Records) -> EventRow:
    with records.database.reading() as session:
        return session.scalars(select(EventRow).order_by(EventRow.seq.desc()).limit(1)).one()


def change_of(event: EventRow) -> dict[str, dict[str, object]]:
    read: dict[str, dict[str, object]] = json.loads(event.change or "{}")
    return read


def tamper(records: Records, statement: str) -> None:
    with records.database.writing() as session:
        session.execute(text(statement))


def count(session: Session) -> int:
    return session.scalar(select(func.max(EventRow.seq))) or 0


def test_a_row_that_nobody_tells_of_gets_an_event(records: Records) -> None:
    with records.database.writing() as session:
        session.add(Marker(name="one", value="1"))
    assert (newest(records).kind, newest(records).row) == ("record-added", "markers/one")
    with records.database.writing() as session:
        session.get_one(Marker, "one").value = "2"
    assert newest(records).kind == "record-changed"
    with records.database.writing() as session:
        session.delete(session.get_one(Marker, "one"))
    assert newest(records).kind == "record-removed"
    assert codes(records) == []


def test_a_statement_that_writes_many_rows_has_their_events(records: Records) -> None:
    with records.database.writing() as session:
        session.execute(insert(SiteRow), [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}])
    with records.database.writing() as session:
        session.execute(update(SiteRow).where(SiteRow.id == 2).values(name="C"))
    event = newest(records)
    assert (event.row, change_of(event)) == ("sites/2", {"name": {"before": "B", "after": "C"}})
    assert codes(records) == []


def test_a_statement_of_which_the_rows_cannot_be_known_is_refused(records: Records) -> None:
    with pytest.raises(UncoveredWriteError), records.database.writing() as session:
        session.execute(insert(SiteRow).values(name="A"))


def test_what_was_altered_stays_found_when_it_is_written_next(records: Records) -> None:
    site = add_site(records, "North")
    tamper(records, f"UPDATE sites SET time_zone = 'Europe/Paris' WHERE id = {site}")
    assert codes(records) == ["row-changed"]
    sites.change_site(records, COMMAND_LINE, sites.Site(id=site, name="South"))
    assert codes(records) == ["row-altered"]


def test_a_sign_in_does_not_confirm_what_was_altered(records: Records) -> None:
    number, _ = add_person(records, Role.NURSE)
    tamper(records, f"UPDATE users SET name = 'Eve' WHERE id = {number}")
    session = records.database.for_accounts()
    session.get_one(User, number).login_count = 7
    session.commit()
    session.close()
    assert codes(records) == ["row-changed"]


def test_a_change_of_rights_tells_before_and_after(records: Records) -> None:
    north = add_site(records, "North")
    add_person(records, Role.ADMINISTRATOR)
    number, _ = add_person(records, Role.NURSE, sites=[north])
    people.set_rights(records, COMMAND_LINE, number, frozenset({Role.AUDITOR}), frozenset())
    with records.database.reading() as session:
        found = select(EventRow).where(EventRow.row == f"users/{number}")
        event = session.scalars(found.order_by(EventRow.seq.desc()).limit(1)).one()
    assert change_of(event) == {
        "roles": {"before": ["nurse"], "after": ["auditor"]},
        "sites": {"before": [north], "after": []},
    }


def test_a_library_that_changes_a_password_leaves_an_event_without_the_hash(
    records: Records,
) -> None:
    number, _ = add_person(records, Role.NURSE)
    session = records.database.for_accounts()
    row = session.get_one(User, number)
    before, row.password = row.password, HASH
    session.commit()
    session.close()
    event = newest(records)
    assert (event.kind, event.by, event.row) == ("password-changed", number, f"users/{number}")
    assert change_of(event).keys() == {"password"}
    assert before
    assert HASH not in (event.change or "")
    assert before not in (event.change or "")
    assert codes(records) == []


def test_when_an_account_was_last_used_is_no_event(records: Records, people: People) -> None:
    number = people.actor().id
    session = records.database.for_accounts()
    before = count(session)
    session.get_one(User, number).login_count = 7
    session.commit()
    assert count(session) == before
    session.close()
    assert codes(records) == []


def test_no_sql_as_text_writes_and_nothing_goes_past_the_session(root: Path) -> None:
    folder = root / "screening"
    code = {
        each: each.read_text("utf-8")
        for each in folder.rglob("*.py")
        if "migrations" not in each.parts and "frontend" not in each.parts
    }
    writes = re.compile(r"""["'](INSERT INTO|UPDATE \w+ SET|DELETE FROM|REPLACE INTO)\b""")
    assert {each.name for each, words in code.items() if writes.search(words)} == {"backup.py"}
    past = re.compile(r"connect(ion)?(\(\))?\.execute\((insert|update|delete)|target\.execute\(")
    assert {each.name for each, words in code.items() if past.search(words)} == {"table_copy.py"}
    unwatched = re.compile(r"(?<!Writing)(?<!Account)\bSession\(")
    assert {each.name for each, words in code.items() if unwatched.search(words)} == {
        *("database.py", "shape.py")
    }
