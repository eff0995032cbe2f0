"""Rights that somebody lent an account in the database, for a moment, decide nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, insert
from support.casework.case_writes import once
from support.casework.recorded_assessments import answered, recorded, texts
from support.rulesets.shipped import as_of, favourable, ruleset
from support.storage.databases import People

from screening.core.results.decision import CHOICES
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.errors import AlteredAccountError
from screening.records.ledger.records import Records
from screening.records.people.people import set_active
from screening.records.results.decisions import NewDecision, record_review
from screening.records.rules.activation import approve, propose
from screening.records.storage.account_tables import users_sites

REFER = NewDecision(choice=CHOICES["refer:requirements-met"])


@contextmanager
def lent(records: Records, number: int, site: int) -> Iterator[None]:
    """A site in the rights of an account, written behind the application's back."""
    mine = (users_sites.c.user_id == number) & (users_sites.c.site_id == site)
    for statement in (
        insert(users_sites).values(user_id=number, site_id=site),
        delete(users_sites).where(mine),
    ):
        with records.database.engine.begin() as behind:
            behind.execute(statement)
        if statement.is_insert:
            yield


def decide(records: Records, actor: Actor, case_id: str) -> None:
    version = find_case(records, actor, case_id).version
    record_review(open_case(records, actor, case_id), 1, version, REFER, ruleset(), once())


def test_rights_to_a_site_that_were_lent_decide_nothing(
    records: Records, people: People, nurse: Actor
) -> None:
    answers = favourable()
    case_id = answered(records, nurse, answers)
    recorded(records, nurse, case_id, answers, as_of())
    other = people.actor(sites=("South",))
    borrower = Actor(id=other.id, name=other.name, roles=other.roles, sites=nurse.sites)
    (site,) = nurse.sites
    with lent(records, other.id, site), pytest.raises(AlteredAccountError):
        decide(records, borrower, case_id)
    with pytest.raises(AlteredAccountError):
        decide(records, borrower, case_id)
    decide(records, nurse, case_id)
    assert find_case(records, nurse, case_id).decision == "refer"


def test_a_lent_role_of_administrators_changes_no_rights(records: Records, people: People) -> None:
    other = people.actor(Role.NURSE)
    borrower = Actor(
        id=other.id, name=other.name, roles=frozenset({Role.ADMINISTRATOR}), sites=other.sites
    )
    with pytest.raises(AlteredAccountError):
        set_active(records, borrower, people.actor().id, active=False)


def test_a_lent_role_proposes_and_approves_no_rules(records: Records, people: People) -> None:
    other = people.actor(Role.NURSE)
    borrower = Actor(
        id=other.id, name=other.name, roles=frozenset({Role.LEAD_NURSE}), sites=other.sites
    )
    with pytest.raises(AlteredAccountError):
        propose(records, borrower, ruleset(), texts())
    propose(records, people.actor(Role.LEAD_NURSE), ruleset(), texts())
    with pytest.raises(AlteredAccountError):
        approve(records, borrower, ruleset().digest)
