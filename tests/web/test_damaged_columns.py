"""Somebody writes past the application what a column cannot mean: no page fails for it.

SQLite takes any value in any column. PostgreSQL has types of its own, and refuses most of these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.casework.screened_cases import decide, screen
from support.people.web_people import add_site
from support.people.worklist_people import add, person, referral, signed_in
from support.rulesets import shipped
from support.storage.database_owner import unguarded

from screening.files.rule_texts import load_texts
from screening.records.access import Actor, Role
from screening.records.casework.cases import find_case
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.ledger.records import Records
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.rights_steps import Action, Rights
from screening.records.rights import proposal_errors, proposal_list, proposals
from screening.records.rights.access_review import record_review
from screening.records.rules.activation import approve, is_activated, propose
from screening.records.storage.tables import Base

ODD = ("'x'", "x'FF'", "CAST(x'FF' AS TEXT)")
"""As SQL: a text, bytes, and a text that is no UTF-8."""
FINE = {200, 302, 404, 409}
"""With 409 a page of the damaged thing itself says that it was changed; with 404, it is gone."""


@dataclass(frozen=True, slots=True)
class House:
    """Records in which everything was done once, and a browser of each role."""

    records: Records
    clients: dict[Role, FlaskClient]
    nurse: int
    spare_site: int
    case_id: str

    def statuses(self, *pages: tuple[Role, str]) -> dict[tuple[Role, str], int]:
        return {page: self.clients[page[0]].get(page[1]).status_code for page in pages}

    def check(self, *pages: tuple[Role, str], own: tuple[tuple[Role, str], ...] = ()) -> None:
        """Everybody has these pages, and those of the damaged thing itself do not fail."""
        found = self.statuses(*pages)
        assert {*found.values()} == {200}, found
        itself = self.statuses(*own)
        assert {*itself.values()} <= FINE, itself


@pytest.fixture
def house(casework: Flask, sqlite_records: Records) -> House:
    north, south = (add_site(sqlite_records, name) for name in ("North", "South"))
    nora = person(sqlite_records, Role.NURSE, sites=[north], name="Nora Nurse")
    screened = screen(sqlite_records, nora)
    decide(screened)
    clients = {
        role: signed_in(
            casework, person(sqlite_records, role, sites=[north, south], name=f"The {role.value}")
        )
        for role in Role
    }
    casework.config["PROPAGATE_EXCEPTIONS"] = False
    return House(sqlite_records, clients, nora.id, south, screened.cases[0])


@contextmanager
def changed(records: Records, table: str, column: str, value: str, where: str) -> Iterator[None]:
    """A row as it is after somebody wrote past the application."""
    place = "WHERE rowid = (SELECT place FROM kept)"
    write(
        records,
        f"CREATE TABLE kept AS SELECT rowid AS place, {column} AS was FROM {table} WHERE {where}",
        f"UPDATE {table} SET {column} = {value} {place}",
    )
    yield
    back = f"UPDATE {table} SET {column} = (SELECT was FROM kept) {place}"
    write(records, back, "DROP TABLE kept")


def write(records: Records, *statements: str) -> None:
    """Do as somebody does who owns the file: no trigger and no foreign key is a hindrance."""
    with records.database.engine.connect() as connection, Session(connection) as session:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        with unguarded(session):
            for statement in statements:
                session.execute(text(statement))
        session.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def columns(table: str, *besides: str) -> list[str]:
    """The names of a table's columns, but for some."""
    return [each.name for each in Base.metadata.tables[table].columns if each.name not in besides]


AUDITOR, ADMIN, NURSE, LEAD = Role.AUDITOR, Role.ADMINISTRATOR, Role.NURSE, Role.LEAD_NURSE


@pytest.mark.long
@pytest.mark.parametrize("value", ODD)
def test_a_damaged_account_takes_no_page_from_anybody(house: House, value: str) -> None:
    pages = (
        (ADMIN, "/people/"),
        (ADMIN, "/people/add"),
        (ADMIN, "/people/review"),
        (AUDITOR, "/people/review/table.csv"),
        (AUDITOR, "/audit/"),
        (AUDITOR, "/audit/ledger"),
        (NURSE, "/worklist/"),
        (LEAD, "/worklist/export.csv"),
    )
    for column in columns("users", "id"):
        with changed(house.records, "users", column, value, f"id = {house.nurse}"):
            house.check(*pages, own=((ADMIN, f"/people/{house.nurse}"),))


AUDITS = (
    (AUDITOR, "/audit/"),
    (AUDITOR, "/audit/?outcome=proceed"),
    (AUDITOR, "/audit/?override=yes"),
    (AUDITOR, "/audit/?since=1+1+2020"),
    (NURSE, "/worklist/"),
    (LEAD, "/worklist/export.csv"),
)


@pytest.mark.long
@pytest.mark.parametrize("value", ["'x'", "x'FF'"])
@pytest.mark.parametrize("table", ["assessments", "reviews"])
def test_a_damaged_result_or_decision_is_marked_and_hides_no_other(
    house: House, table: str, value: str
) -> None:
    case = house.case_id
    own = (
        (AUDITOR, f"/audit/{case}/1/"),
        *((NURSE, f"/case/{case}/{way}") for way in ("", "history", "assessments/")),
        (NURSE, f"/case/{case}/assessments/1"),
    )
    where = f"case_id = '{case}'"
    for column in columns(table, "case_id"):
        with changed(house.records, table, column, value, where):
            house.check(*AUDITS, own=own)
            assert house.clients[AUDITOR].get("/audit/").text.count("Who saw it<span") == 5, column


def test_a_damaged_role_permits_nothing_and_is_named(house: House) -> None:
    with changed(house.records, "roles", "name", "'x'", "name = 'nurse'"):
        house.check((ADMIN, "/people/"), (ADMIN, "/people/review"), (LEAD, "/worklist/"))
        assert house.clients[NURSE].get("/worklist/").status_code == 403
        for address in ("/people/", "/people/review"):
            shown = house.clients[ADMIN].get(address).text
            assert shown.count("a role cannot be read: it was changed outside") == 2, address
    house.check((NURSE, "/worklist/"))


NUMBERS = ("/audit/statistics", "/audit/statistics/numbers.csv", "/audit/impact")
MISSING = "1 case was changed outside the application"


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("assessments", "as_of", MISSING),
        ("assessments", "at", MISSING),
        ("assessments", "number", MISSING),
        ("assessments", "sealed", MISSING),
        ("reviews", "at", ""),  # no number is made of a decision that only asks for more
        ("reviews", "decision", MISSING),
        ("cases", "created_at", ""),  # nor of a referral that nobody decided on
    ],
)
def test_numbers_say_what_cannot_be_counted(
    house: House, table: str, column: str, told: str
) -> None:
    name = "id" if table == "cases" else "case_id"
    for value in ("'x'", "x'FF'"):
        with changed(house.records, table, column, value, f"{name} = '{house.case_id}'"):
            house.check(*((AUDITOR, address) for address in NUMBERS))
            for address in NUMBERS[:2]:
                shown = house.clients[AUDITOR].get(address).text
                assert ("changed outside" in shown) is bool(told), (address, value)
                assert told in shown
    assert "changed outside" not in house.clients[AUDITOR].get(NUMBERS[0]).text


REVIEW = ((ADMIN, "/people/review"), (AUDITOR, "/people/review/table.csv"))
LOST_SIGN_IN = "a sign-in cannot be read: it was changed outside the application"
LOST_GRANT = "a change of rights cannot be read: it was changed outside the application"


def review_of(house: House, role: Role) -> str:
    """The line of the access review about the person with a role."""
    shown = house.clients[AUDITOR].get("/people/review/table.csv").text
    return next(line for line in shown.splitlines() if line.startswith(f"The {role.value},"))


@pytest.mark.parametrize("column", ["at", "by"])
@pytest.mark.parametrize("value", ODD)
def test_nobody_is_called_unused_whose_sign_in_cannot_be_read(
    house: House, column: str, value: str
) -> None:
    assert "never" not in review_of(house, NURSE)
    first = "seq = (SELECT min(seq) FROM events WHERE kind = 'signed-in')"  # the nurse's
    with changed(house.records, "events", column, value, first):
        house.check(*REVIEW, (ADMIN, "/people/"), (AUDITOR, "/audit/"), (AUDITOR, "/audit/ledger"))
        line = review_of(house, NURSE)
        assert "never" not in line
        assert "unused" not in line
        assert ",cannot be read," in line
        assert LOST_SIGN_IN in line
        assert (LOST_SIGN_IN in review_of(house, LEAD)) is (column == "by")
    assert LOST_SIGN_IN not in review_of(house, NURSE)


@pytest.mark.parametrize("column", ["at", "row", "by"])
@pytest.mark.parametrize("value", ODD)
def test_an_account_whose_adding_cannot_be_read_keeps_its_line(
    house: House, column: str, value: str
) -> None:
    write(house.records, f"DELETE FROM rights_steps WHERE user_id = {house.nurse}")
    where = f"kind = 'account-added' AND row = 'users/{house.nurse}'"
    with changed(house.records, "events", column, value, where):
        house.check(*REVIEW, (ADMIN, "/people/"), (AUDITOR, "/audit/ledger"))
        shown = house.clients[AUDITOR].get("/people/review/table.csv").text
        (line,) = (line for line in shown.splitlines() if line.startswith("Nora Nurse,"))
        assert LOST_GRANT in line
        assert shown.count(LOST_GRANT) == 1


@pytest.mark.parametrize("value", ODD)
def test_a_review_at_no_moment_is_still_a_review(house: House, value: str) -> None:
    record_review(house.records, COMMAND_LINE)
    with changed(house.records, "events", "at", value, "kind = 'access-reviewed'"):
        house.check(*REVIEW)
        shown = house.clients[ADMIN].get("/people/review").text
        assert "Last reviewed by the command line, at a time that cannot be read." in shown


OF_PEOPLE = (
    *((ADMIN, f"/people/{way}") for way in ("", "review", "proposals", "changes", "sites")),
    *((AUDITOR, f"/audit/{way}") for way in ("", "ledger", "statistics")),
    *((NURSE, address) for address in ("/worklist/", "/people/changes", "/account/")),
)
BROKEN = "cannot be read: it was changed outside the application"
UNKNOWN_ROLE = '{"before": {"roles": ["x"], "sites": []}, "after": {"roles": [], "sites": []}}'


def propose_all(house: House) -> None:
    """A change of the nurse's rights and a link are approved, and another change waits."""
    other = person(house.records, ADMIN, sites=[], name="Ada Other")
    rights = Rights(roles=frozenset({NURSE, LEAD}), sites=frozenset({1, 2}))
    proposals.propose_rights(house.records, other, house.nurse, rights)
    proposals.propose(house.records, other, house.nurse, Action.LINK)
    for each in proposal_list.proposals(house.records, COMMAND_LINE):
        proposals.approve(house.records, COMMAND_LINE, each.number)
    proposals.propose(house.records, other, house.nurse, Action.FACTOR)


@pytest.mark.parametrize("step", ["proposed", "approved"])
def test_a_damaged_step_is_named_and_gives_no_right(house: House, step: str) -> None:
    propose_all(house)
    newest = f"number = (SELECT max(number) FROM rights_steps WHERE step = '{step}')"
    odd = {"action": "'x'", "content": f"'{UNKNOWN_ROLE}'", "at": "x'FF'", "user_id": "x'FF'"}
    for column, value in odd.items():
        with changed(house.records, "rights_steps", column, value, newest):
            house.check(*OF_PEOPLE)
            assert BROKEN in house.clients[ADMIN].get("/people/proposals").text, column
            shown = house.clients[AUDITOR].get("/audit/ledger").text
            assert "newest changes cannot be read" not in shown, column
            for each in proposal_list.damaged_proposals(house.records, COMMAND_LINE):
                with pytest.raises(proposal_errors.ProposalError):
                    proposals.approve(house.records, COMMAND_LINE, each)
    assert BROKEN not in house.clients[ADMIN].get("/people/proposals").text


def test_a_damaged_site_takes_no_page(house: House) -> None:
    for column in columns("sites", "id"):
        with changed(house.records, "sites", column, "x'FF'", "id = 1"):
            house.check(*OF_PEOPLE)


@pytest.mark.parametrize("value", ["'false'", "'no'", "x'00'", "2", "'1x'"])
def test_an_account_that_is_neither_active_nor_not_is_not(house: House, value: str) -> None:
    """No right follows from a value that the application did not write."""
    with changed(house.records, "users", "active", value, f"name = 'The {NURSE.value}'"):
        assert house.clients[NURSE].get("/worklist/").status_code in {302, 303, 401, 403}
        assert house.clients[ADMIN].get("/people/").status_code == 200
    assert house.clients[NURSE].get("/worklist/").status_code == 200


ODDEST = (*ODD, "7", "'2026-11-30T19:02:31.1234567'", "'0001-01-01T00:00:00.000000Z'", "NULL")
"""More values that no moment has: the second last is no moment in every time zone."""
EMERGENCIES = ((LEAD, "/emergency/notices"), (AUDITOR, "/emergency/list"), (LEAD, "/worklist/"))
UNREADABLE_TIME = "time cannot be read: it was changed outside the application"
ENDED = "it was changed outside the application, so this access has ended"


@pytest.fixture
def opened(house: House) -> Actor:
    """Somebody of another site opened two cases in an emergency, and searched for a third."""
    sue = person(house.records, NURSE, sites=[house.spare_site], name="Sue South")
    sites = frozenset({1})
    nurse = Actor(id=house.nurse, name="Nora Nurse", roles=frozenset({NURSE}), sites=sites)
    add(house.records, nurse, 1, [referral(7, reference="SECOND")])
    first = find_case(house.records, nurse, house.case_id).referral.reference
    for reference in (first, "SECOND", "in vain"):
        wanted = EmergencyRequest(
            reference=reference, reason="patient-here", note="Fell, cannot stand, on the ward"
        )
        open_emergency_access(house.records, sue, wanted, uuid4().hex)
    make_nullable(house.records, "emergency_accesses", "emergency_tries", "emergency_looks")
    return sue


def make_nullable(records: Records, *tables: str) -> None:
    """Let the columns of tables be empty, as somebody can who owns the file."""
    with records.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        for table in tables:
            change = "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = ?"
            connection.exec_driver_sql(change, (table,))
        connection.commit()
        connection.exec_driver_sql("PRAGMA writable_schema = RESET")
    records.database.engine.dispose()


def check_first(house: House, finding: str) -> None:
    """The lead nurse checks the first access that is shown."""
    shown = house.clients[LEAD].get("/emergency/notices").text
    opening = shown.partition('name="opening" value="')[2][:32]
    form = {"opening": opening, "finding": finding, "once": uuid4().hex}
    assert house.clients[LEAD].post("/emergency/notices", data=form).status_code == 303


@pytest.mark.parametrize("column", ["at", "expires_at"])
@pytest.mark.parametrize("value", ODDEST)
def test_an_access_at_no_moment_is_listed_gives_no_right_and_can_be_checked(
    house: House, opened: Actor, column: str, value: str
) -> None:
    client = signed_in(house.clients[NURSE].application, opened)
    case = f"/case/{house.case_id}/"
    assert client.get(case).status_code == 200
    where = f"case_id = '{house.case_id}'"
    with changed(house.records, "emergency_accesses", column, value, where):
        house.check(*EMERGENCIES, (NURSE, f"{case}history"))
        assert client.get(case).status_code == 404
        shown = house.clients[LEAD].get("/emergency/notices").text
        assert shown.count('name="opening"') == 2
        for role, address in (*EMERGENCIES[:2], (NURSE, f"{case}history")):
            text = house.clients[role].get(address).text
            assert (UNREADABLE_TIME in text) is (column == "at"), address
            assert text.count(ENDED) == 1, address
        check_first(house, "follow-up")
        shown = house.clients[LEAD].get("/emergency/notices").text
        assert shown.count('name="opening"') == 1
        assert "Being followed up" in shown


@pytest.mark.parametrize("table", ["emergency_accesses", "emergency_tries", "emergency_looks"])
@pytest.mark.parametrize("value", ["'x'", "x'FF'", "7", "NULL"])
def test_nothing_in_an_emergency_access_takes_a_page(
    house: House, opened: Actor, table: str, value: str
) -> None:
    assert opened.id
    check_first(house, "follow-up")
    for column in columns(table, "id"):
        with changed(house.records, table, column, value, "rowid = 1"):
            house.check(*EMERGENCIES, (NURSE, f"/case/{house.case_id}/history"))
            shown = house.clients[AUDITOR].get("/emergency/list").text
            case_lost = (table, column) == ("emergency_accesses", "case_id")
            assert shown.count('data-head="Open until"') == 2 - case_lost, column
            assert shown.count('data-head="Result"') == 1, column
            if (table, column) == ("emergency_tries", "at"):
                assert UNREADABLE_TIME in shown


@pytest.mark.parametrize(
    ("table", "column"), [("emergency_accesses", "by"), ("emergency_looks", "access_id")]
)
def test_an_empty_column_hides_no_access(
    house: House, opened: Actor, table: str, column: str
) -> None:
    assert opened.id
    if table == "emergency_looks":
        check_first(house, "in-order")
    with changed(house.records, table, column, "NULL", "rowid = 1"):
        shown = house.clients[LEAD].get("/emergency/notices").text
        assert shown.count('name="opening"') == 2
        assert "cases of your site 2 times" in house.clients[LEAD].get("/worklist/").text


RULES = (
    *((role, "/rules/versions") for role in (LEAD, AUDITOR)),
    *((AUDITOR, f"/audit/{way}") for way in ("", "impact", "statistics")),
    (NURSE, "/worklist/"),
)


@pytest.mark.parametrize("value", [*ODD, "7", "NULL"])
@pytest.mark.parametrize("table", ["activations", "rulesets"])
def test_damaged_rules_or_steps_take_no_list_of_rules(house: House, table: str, value: str) -> None:
    lena, aud = (person(house.records, role, sites=[1], name="One") for role in (LEAD, AUDITOR))
    texts = {name: each.data.decode("utf-8") for name, each in load_texts().items()}
    propose(house.records, lena, shipped.ruleset(), texts)
    approve(house.records, aud, shipped.ruleset().digest)
    make_nullable(house.records, "activations", "rulesets")
    for column in columns(table, "id"):
        with changed(house.records, table, column, value, "rowid = 1"):
            house.check(*RULES)
            shown = house.clients[LEAD].get("/rules/versions").text
            assert shown.count("in use on this server") == 1, column
            assert "Propose" not in shown.replace("Proposed", "")
            if (table, column) in {("activations", "at"), ("rulesets", "digest")}:
                assert "changed outside the application" in shown, column


@pytest.mark.parametrize("column", ["at", "texts", "ruleset_id", "digest"])
@pytest.mark.parametrize("value", ODD)
def test_damaged_rules_keep_nobody_from_recording_and_proposing(
    house: House, column: str, value: str
) -> None:
    site = frozenset({house.spare_site})
    nurse = Actor(id=house.nurse, name="Nora Nurse", roles=frozenset({NURSE}), sites=site)
    write(house.records, f"UPDATE rulesets SET {column} = {value}")
    assert screen(house.records, nurse).cases
    assert house.clients[LEAD].post("/rules/versions/propose").status_code == 303
    assert "Approve " in house.clients[AUDITOR].get("/rules/versions").text
    assert house.clients[AUDITOR].get("/audit/").status_code == 200


def test_rules_whose_proposer_cannot_be_read_are_approved_by_nobody(house: House) -> None:
    assert house.clients[LEAD].post("/rules/versions/propose").status_code == 303
    address = f"/rules/versions/{shipped.ruleset().digest}/approve"
    for value in ODD:
        with changed(house.records, "activations", "proposed_by", value, "rowid = 1"):
            house.check(*RULES)
            for role in (LEAD, AUDITOR):
                shown = house.clients[role].get("/rules/versions").text
                assert "Approve " not in shown
                assert "somebody whose name cannot be read" in shown
                assert house.clients[role].post(address).status_code == 303
                assert not is_activated(house.records, shipped.ruleset().digest)
    assert house.clients[AUDITOR].post(address).status_code == 303
    assert is_activated(house.records, shipped.ruleset().digest)
