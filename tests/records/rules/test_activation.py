"""Rules come into use by two people, and the ledger tells of it."""

import pytest
from sqlalchemy import select, text
from support.casework.recorded_assessments import answered, recorded, texts
from support.rulesets import shipped
from support.rulesets.shipped import held
from support.storage.database_owner import unguarded
from support.storage.databases import People

from screening.records.access import Actor, Role
from screening.records.errors import NotAllowedError
from screening.records.ledger.records import Records
from screening.records.people.administration import command_line_auditor
from screening.records.rules.activation import (
    ActivatedError,
    NotProposedError,
    SamePersonError,
    approve,
    is_activated,
    propose,
    versions,
)
from screening.records.rules.recorded import RulesetTextsError, load_recorded_ruleset
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

DIGEST = shipped.ruleset().digest


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE, name="Lena Lead")


@pytest.fixture
def auditor(people: People) -> Actor:
    return people.actor(Role.AUDITOR, name="Aud Itor")


def put_forward(records: Records, actor: Actor) -> None:
    propose(records, actor, shipped.ruleset(), texts())


def test_rules_are_activated_by_a_second_person(
    records: Records, lead: Actor, auditor: Actor
) -> None:
    put_forward(records, lead)
    assert not is_activated(records, DIGEST)
    with pytest.raises(SamePersonError):
        approve(records, lead, DIGEST)
    approve(records, auditor, DIGEST)
    assert is_activated(records, DIGEST)
    (version,) = versions(records, lead)
    assert version.proposed is not None
    assert version.approved is not None
    assert (version.proposed.by, version.approved.by) == ("Lena Lead", "Aud Itor")
    assert held(load_recorded_ruleset(records, DIGEST)) == held(shipped.ruleset())


def test_the_command_line_is_one_person(records: Records, lead: Actor) -> None:
    put_forward(records, command_line_auditor(records))
    with pytest.raises(SamePersonError):
        approve(records, command_line_auditor(records), DIGEST)
    approve(records, lead, DIGEST)
    assert is_activated(records, DIGEST)


def test_nothing_is_proposed_or_approved_twice_or_in_the_wrong_order(
    records: Records, lead: Actor, auditor: Actor
) -> None:
    with pytest.raises(NotProposedError):
        approve(records, auditor, DIGEST)
    put_forward(records, lead)
    with pytest.raises(ActivatedError, match="proposed before"):
        put_forward(records, auditor)
    approve(records, auditor, DIGEST)
    with pytest.raises(ActivatedError, match="activated before"):
        put_forward(records, lead)
    with pytest.raises(ActivatedError, match="activated before"):
        approve(records, lead, DIGEST)


@pytest.mark.parametrize("role", [Role.NURSE, Role.ADMINISTRATOR])
def test_others_have_no_say(records: Records, people: People, lead: Actor, role: Role) -> None:
    other = people.actor(role, name="Other")
    with pytest.raises(NotAllowedError):
        put_forward(records, other)
    put_forward(records, lead)
    with pytest.raises(NotAllowedError):
        approve(records, other, DIGEST)
    with pytest.raises(NotAllowedError):
        versions(records, other)


def test_other_texts_than_the_rules_are_not_kept(records: Records, lead: Actor) -> None:
    with pytest.raises(RulesetTextsError):
        propose(records, lead, shipped.ruleset(), texts() | {"questions": "changed: 1"})
    assert versions(records, lead) == ()


def test_rules_that_were_used_are_listed_although_nobody_proposed_them(
    records: Records, nurse: Actor, lead: Actor
) -> None:
    recorded(records, nurse, answered(records, nurse))
    (version,) = versions(records, lead)
    assert (version.digest, version.proposed, version.approved) == (DIGEST, None, None)


def test_each_step_is_an_event_that_the_ledger_verifies(
    records: Records, lead: Actor, auditor: Actor
) -> None:
    put_forward(records, lead)
    approve(records, auditor, DIGEST)
    chosen = select(EventRow.kind, EventRow.by).where(EventRow.kind != "record-added")  # people
    with records.database.reading() as session:
        events = session.execute(chosen.order_by(EventRow.seq)).all()
    assert [tuple(each) for each in events] == [
        ("ruleset-kept", lead.id),
        ("rules-proposed", lead.id),
        ("rules-activated", auditor.id),
    ]
    assert verify_ledger(records).faults == []


def test_the_ledger_finds_a_forged_approval(sqlite_records: Records) -> None:
    lead = People(sqlite_records).actor(Role.LEAD_NURSE)
    put_forward(sqlite_records, lead)
    with sqlite_records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE activations SET approved_by = 77"))
    assert [fault.code for fault in verify_ledger(sqlite_records).faults] == ["row-changed"]
