"""A row that somebody changed in the database takes no list from anybody."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from support.casework.handovers import answered_yes
from support.people import worklist_people

from screening.core.rules.item import Finder
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.unreadable import UNREADABLE_CASE, UNREADABLE_TASK
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records

GARBAGE = ["'x'", "''", "99", "x'FF'", "CAST(x'FF' AS TEXT)", "'2026-02-30'", "'infinity'"]
"""As SQL: what a column may be changed to that has no meaning there, or is not even a text."""
OF_CASE = ["state", "priority", "waits_for", "due", "created_at", "touched_at"]
LISTS = [
    "/worklist/",
    "/worklist/?sort=priority",
    "/worklist/?sort=due",
    "/worklist/?sort=window",
    "/worklist/?sort=clinic",
    "/worklist/?closed=1&sort=created",
    "/worklist/?clinic=North+clinic",
    "/worklist/chase",
    "/worklist/chase?owner=report",
    "/worklist/chase?overdue=1",
]


@pytest.fixture
def cases(sqlite_records: Records, nurse_actor: Actor, site: int) -> tuple[str, str, str]:
    """One that will be damaged, an emergency, and one like the first; each is being chased."""
    made = worklist_people.fill(sqlite_records, nurse_actor, site, 3)
    first, emergency, other = made
    due = sqlite_records.now().date() - dt.timedelta(days=1)
    for case_id in (first, other):
        chases = {"age": Chase(link_id="age", owner=Finder.REPORT, due=due)}
        set_chases(open_case(sqlite_records, nurse_actor, case_id), 1, chases, f"c-{case_id}")
    answered_yes(sqlite_records, nurse_actor, emergency)
    return first, emergency, other


@contextmanager
def changed(records: Records, table: str, column: str, value: str, case_id: str) -> Iterator[None]:
    """The row of a case as it is after somebody wrote past the application."""
    name = "id" if table == "cases" else "case_id"
    where = f"WHERE {name} = :case"
    with records.database.engine.connect() as connection:
        before = f"SELECT {column} FROM {table} {where}"
        told = {
            "case": case_id,
            "was": connection.execute(text(before), {"case": case_id}).scalar_one(),
        }
        change = f"UPDATE {table} SET {column} = "
        assert connection.execute(text(f"{change}{value} {where}"), told).rowcount == 1
        connection.commit()
        yield
        connection.execute(text(f"{change}:was {where}"), told)
        connection.commit()


def look(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.text)


def check_there(client: FlaskClient, other: str) -> None:
    """Every list is there, with another case."""
    for address in LISTS:
        assert other in look(client, address) or "clinic=" in address, address


def check_first(client: FlaskClient, address: str, cases: tuple[str, str, str]) -> str:
    """The list has the damaged case before the others; gives the text."""
    shown = look(client, address)
    places = [shown.index(f'href="/case/{each}/"') for each in cases]
    assert places == sorted(places), address
    return shown


@pytest.mark.parametrize("column", OF_CASE)
def test_a_damaged_column_of_a_case_takes_no_list_from_anybody(
    client: FlaskClient, sqlite_records: Records, cases: tuple[str, str, str], column: str
) -> None:
    for value in GARBAGE:
        with changed(sqlite_records, "cases", column, value, cases[0]):
            check_there(client, cases[2])
            for address in ("/worklist/", "/worklist/chase"):
                assert UNREADABLE_CASE in check_first(client, address, cases), value


@pytest.mark.parametrize("column", ["owner", "due", "link_id", "at"])
def test_a_damaged_row_of_a_chase_takes_no_list_from_anybody(
    client: FlaskClient, sqlite_records: Records, cases: tuple[str, str, str], column: str
) -> None:
    for value in GARBAGE:
        with changed(sqlite_records, "chases", column, value, cases[0]):
            check_there(client, cases[2])
            assert UNREADABLE_TASK in check_first(client, "/worklist/chase", cases), value


@pytest.mark.parametrize(
    "column", ["clinic", "version", "created_by", "touched_by", "assigned_to", "erased_at"]
)
def test_what_no_order_depends_on_takes_no_list_from_anybody(
    client: FlaskClient, sqlite_records: Records, cases: tuple[str, str, str], column: str
) -> None:
    for value in GARBAGE:
        with changed(sqlite_records, "cases", column, value, cases[0]):
            check_there(client, cases[2])


def test_a_damaged_case_is_exported_as_one_that_cannot_be_read(
    lead: FlaskClient, sqlite_records: Records, cases: tuple[str, str, str]
) -> None:
    with changed(sqlite_records, "cases", "due", "'x'", cases[0]):
        shown = look(lead, "/worklist/export.csv")
    assert shown.count(UNREADABLE_CASE) == 1
    assert shown.count("R-0000") == 2
