"""A result that time or other answers have overtaken refers nobody."""

import pytest
from databases import People, clock
from recording import answered, recorded
from shipped import favourable, ruleset
from writes import UNKNOWN, once, saved

from screening.core.decision import Choice, Decision
from screening.records.access import Actor, Role
from screening.records.cases import State, find_case
from screening.records.chases import case_chases, set_chases
from screening.records.reviews import Decided, DecisionRefusedError, record_review
from screening.records.store import Records


@pytest.fixture
def case_id(records: Records, nurse: Actor) -> str:
    """A case whose result meets everything."""
    found = answered(records, nurse)
    recorded(records, nurse, found)
    return found


def decide(  # noqa: PLR0913, PLR0917 - what the write itself takes
    records: Records, actor: Actor, case_id: str, decision: Decision, reason: str, note: str = ""
) -> int:
    version = find_case(records, actor, case_id).version
    decided = Decided(choice=Choice(decision, reason), note=note)
    return record_review(records, actor, case_id, 1, version, decided, ruleset(), once())


def refer(records: Records, actor: Actor, case_id: str) -> int:
    return decide(records, actor, case_id, Decision.REFER, "requirements-met")


def test_a_case_no_longer_says_what_was_decided_upon_other_answers(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    version = find_case(records, nurse, case_id).version
    saved(records, nurse, case_id, version, {next(iter(favourable())): UNKNOWN})
    case = find_case(records, nurse, case_id)
    assert (case.state, case.decision, case.outcome_name) == (State.SCREENING, None, None)


def test_it_still_says_so_where_no_answer_changed(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    version = find_case(records, nurse, case_id).version
    set_chases(records, nurse, case_id, version, case_chases(records, nurse, case_id), once())
    saved(records, nurse, case_id, version, dict(favourable()))
    assert find_case(records, nurse, case_id).decision == "refer"


def test_a_result_refers_for_seven_days(records: Records, nurse: Actor, case_id: str) -> None:
    clock(records).advance(days=7)
    assert refer(records, nurse, case_id) == 1


def test_an_older_one_does_not(records: Records, nurse: Actor, case_id: str) -> None:
    clock(records).advance(days=8)
    with pytest.raises(DecisionRefusedError, match="for today"):
        refer(records, nurse, case_id)
    assert find_case(records, nurse, case_id).state is State.ASSESSED


def test_whatever_else_is_decided_upon_it_can_be(records: Records, people: People) -> None:
    lead = people.actor(Role.LEAD_NURSE)
    case_id = answered(records, lead)
    recorded(records, lead, case_id)
    clock(records).advance(days=100)
    assert decide(records, lead, case_id, Decision.ASK_MORE, "clinician-asked") == 1
    assert decide(records, lead, case_id, Decision.DO_NOT_REFER, "patient-declined") == 2
    reason, note = "against-not-asked", "A pacemaker is changed first"
    assert decide(records, lead, case_id, Decision.OVERRIDE, reason, note) == 3
