"""A byte of a sealed field changed in the database: a page warns, and never fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, select, text, update
from support.casework.referrals import referral
from support.people.case_people import Nurse, assessed, form_with
from support.storage.database_owner import unguarded

from screening.records.access import Actor, Role
from screening.records.case.unreadable import (
    UNREADABLE_CALL,
    UNREADABLE_CASE,
    UNREADABLE_NOTE,
    UNREADABLE_OUTCOME,
)
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.storage.tables import Base, NoteRow
from screening.records.verification.verify import verify_ledger

LETTERS = ("assessments/1", "assessments/1/letter")
NOT_SEALED = {"sessions.data"}
SEALED = sorted(
    name
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, LargeBinary)
    and (name := f"{table.name}.{column.name}") not in NOT_SEALED
)
UNUSED = {"passkeys.credential_id", "passkeys.public_key"}
"""What nobody here has."""
LISTS = ("worklist", "found", "chases", "/emergency/notices", "/emergency/list", "audit")
REFUSALS = ("This page cannot be shown", "Somebody may have changed")
REMOVED = "was changed or removed outside the application"
IN_LISTS = dict.fromkeys(("worklist", "chases", "/emergency/notices"), UNREADABLE_CASE)
WARNINGS: Mapping[str, Mapping[str, str]] = {
    "case_notes.sealed": {
        **dict.fromkeys(("history", "handover", *LETTERS), UNREADABLE_NOTE),
        **dict.fromkeys(("chases", "call?finder=patient"), UNREADABLE_CALL),
    },
    "emergency_accesses.sealed": dict.fromkeys(("history", "/emergency/notices"), UNREADABLE_NOTE),
    "emergency_tries.sealed": {"/emergency/list": UNREADABLE_NOTE},
    "reviews.sealed": {
        "assessments/1": "a decision on this case",
        "history": "A decision on this case cannot be read",
    },
    "cases.sealed": IN_LISTS,
    "case_keys.wrapped": IN_LISTS,
    "assessments.sealed": {"audit": UNREADABLE_OUTCOME},
}
NOTES = ("case_notes.sealed", "emergency_accesses.sealed", "emergency_tries.sealed")


@dataclass(frozen=True, slots=True)
class Ward:
    """A case in which everything was done once, and everybody who may look."""

    nurse: Nurse
    lead: FlaskClient
    auditor: FlaskClient

    def pages(self) -> Mapping[str, tuple[FlaskClient, str]]:
        """Every page that opens a sealed field, with the browser of somebody who may see it."""
        case, nurse = f"/case/{self.nurse.case_id}", self.nurse.client
        of_case = (
            *(
                "",
                "missing",
                "history",
                "handover",
                "call?finder=patient",
                "assessments/",
                "referral",
            ),
            *("assessments/1", "assessments/1/letter", "compare?before=1&after=2"),
        )
        return {
            **{way: (nurse, f"{case}/{way}") for way in of_case},
            "worklist": (nurse, "/worklist/"),
            "found": (nurse, "/worklist/?search=R-1"),
            "chases": (nurse, "/worklist/chase"),
            "/emergency/notices": (self.lead, "/emergency/notices"),
            "/emergency/list": (self.auditor, "/emergency/list"),
            "trace": (self.auditor, f"/audit{case.removeprefix('/case')}/1/"),
            "audit": (self.auditor, "/audit/"),
            "statistics": (self.auditor, "/audit/statistics"),
            "ledger": (self.auditor, "/audit/ledger"),
        }


@pytest.fixture
def ward(
    sqlite_records: Records, employ: Callable[..., Actor], enter: Callable[[Actor], FlaskClient]
) -> Ward:
    """A call, a handover, a letter, a decision, an access from elsewhere and one in vain."""
    nora = employ(Role.NURSE, "North", name="Nora Nurse")
    lena = employ(Role.LEAD_NURSE, "North", name="Lena Lead")
    (site,) = nora.sites
    case_id = add_case(sqlite_records, nora, site, referral(), uuid4().hex)
    nurse = Nurse(enter(nora), nora, case_id)
    assessed(nurse, bladder_bowel="asked-unknown", pain_severity="asked-unknown")
    page = nurse.page("call?finder=patient")
    name = next(each for form in page.forms for each in form.buttons if each.startswith("No reply"))
    assert nurse.post("call", form_with(page, name)).status_code == 303
    decided = form_with(nurse.page("assessments/1"), "Record the decision")
    decided["choice"] = "ask-more:answers-missing"
    assert nurse.post("assessments/1/review", decided).status_code == 303
    letter = form_with(nurse.page("assessments/1/letter"), "Save the letter")
    assert nurse.post("assessments/1/letter", letter).status_code == 303
    nurse.answer("assess", leg_weakness="yes")
    told = form_with(nurse.page("handover"), "Record who was told")
    told["told"] = "Dr Hill"
    assert nurse.post("handover", told).status_code == 303
    sue = enter(employ(Role.NURSE, "South", name="Sue South"))
    for reference, status in (("R-1", 303), ("R-10", 422)):
        data = {"reference": reference, "reason": "patient-here", "note": "Fell at night"}
        assert sue.post("/emergency/", data=data | {"once": uuid4().hex}).status_code == status
    return Ward(nurse, enter(lena), enter(employ(Role.AUDITOR, "North", name="Aud Itor")))


def flip(records: Records, name: str) -> None:
    """Change one bit of every row of a column."""
    table = Base.metadata.tables[name.partition(".")[0]]
    column, (key, *_) = table.columns[name.partition(".")[2]], table.primary_key
    with records.database.writing() as session, unguarded(session):
        for row_key, value in session.execute(select(key, column)).all():
            if value is not None:
                changed = value[:-1] + bytes([value[-1] ^ 1])
                session.execute(update(table).where(key == row_key).values({column: changed}))


def test_before_a_change_every_page_is_shown_without_a_warning(ward: Ward) -> None:
    for name, (client, address) in ward.pages().items():
        answer = client.get(address)
        assert answer.status_code == 200, (name, answer.status_code, answer.location)
        assert UNREADABLE_NOTE not in answer.text, name


@pytest.mark.parametrize("name", SEALED)
def test_a_changed_seal_makes_no_page_fail_and_no_list_stop(
    ward: Ward, sqlite_records: Records, name: str
) -> None:
    flip(sqlite_records, name)
    found = {way: client.get(address) for way, (client, address) in ward.pages().items()}
    statuses = {way: answer.status_code for way, answer in found.items()}
    assert {*statuses.values()} <= {200, 409}, statuses
    assert [statuses[each] for each in LISTS] == [200] * len(LISTS)
    for answer in found.values():
        assert answer.status_code == 200 or any(each in answer.text for each in REFUSALS)
    if name in NOTES:
        assert {*statuses.values()} == {200}
    for way, words in WARNINGS.get(name, {}).items():
        assert words in found[way].text, way
    faults = {fault.place for fault in verify_ledger(sqlite_records).faults}
    assert name in UNUSED or any(each.startswith(name.partition(".")[0]) for each in faults)


def test_a_removed_letter_does_not_let_an_older_one_look_current(
    ward: Ward, sqlite_records: Records
) -> None:
    newer = form_with(ward.nurse.page("assessments/1/letter"), "Save the letter")
    newer["letter-message"] = "Stop the blood thinner first"
    assert ward.nurse.post("assessments/1/letter", newer).status_code == 303
    assert REMOVED not in ward.nurse.get("assessments/1/letter").text
    with sqlite_records.database.writing() as session, unguarded(session):
        newest = session.scalars(select(NoteRow).order_by(NoteRow.number.desc())).first()
        session.delete(newest)
    for way in ("assessments/1/letter", "history"):
        page = ward.nurse.get(way)
        assert page.status_code == 200
        assert REMOVED in page.text


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET sealed = substr(sealed, 1, length(sealed) - 1)",
        "UPDATE cases SET sealed = 'abc'",
        "UPDATE case_keys SET wrapped = NULL",
        "UPDATE case_keys SET wrapped = 'abc'",
        "UPDATE case_keys SET key_id = 'another'",
        "DELETE FROM case_keys",
    ],
)
def test_an_undecided_case_that_cannot_be_read_is_first_and_hides_no_other(
    ward: Ward, sqlite_records: Records, change: str
) -> None:
    """It may be an emergency that nobody was told about, so it counts as one."""
    nurse, (site,) = ward.nurse, ward.nurse.actor.sites
    other = referral(reference="R-2")
    other_id = add_case(sqlite_records, nurse.actor, site, other, uuid4().hex)
    healthy = Nurse(nurse.client, nurse.actor, other_id)
    assessed(healthy, leg_weakness="yes")
    assert "1 case has an emergency" in nurse.client.get("/worklist/?sort=touched").text
    where = " AND " if " WHERE " in change else " WHERE "
    name = "id" if change.startswith("UPDATE cases") else "case_id"
    with sqlite_records.database.writing() as session, unguarded(session):
        session.execute(text(f"{change}{where}{name} = '{nurse.case_id}'"))
    assert "2 cases have an emergency" in nurse.client.get("/worklist/?sort=touched").text
    chases = nurse.client.get("/worklist/chase")
    assert chases.status_code == 200
    handovers = chases.text.partition("Emergencies to hand over now")[2].partition("</section>")[0]
    assert nurse.case_id in handovers
    assert other_id in handovers
    listed = nurse.client.get("/worklist/").text
    assert UNREADABLE_CASE in listed
    assert listed.index(nurse.case_id) < listed.rindex(other_id)
    page = nurse.get()
    assert page.status_code == 409
    assert "If there is an emergency sign, do not wait" in page.text
