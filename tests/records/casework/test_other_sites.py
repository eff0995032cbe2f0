"""Every function that takes a case refuses one of another site, as if there were none."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from support.casework.case_writes import nothing, once
from support.casework.handovers import handover
from support.casework.recorded_assessments import answered, judged, recorded, texts
from support.casework.referrals import referral
from support.rulesets.shipped import favourable, ruleset
from support.storage.databases import People

from screening.core.results.decision import CHOICES
from screening.records.access import Role
from screening.records.case import case_view
from screening.records.case.case_view import CaseView, open_case
from screening.records.case.history import EntryMethod
from screening.records.casework import answers, cases, chases, emergency_notes, handovers
from screening.records.casework.answers import Submission
from screening.records.errors import NoCaseError, NotAllowedError
from screening.records.ledger.records import Records
from screening.records.results import assessments, decisions
from screening.records.results.assessments import NewAssessment
from screening.records.results.decisions import NewDecision

MODULES = (
    *(case_view, cases, answers, chases, assessments, emergency_notes, handovers, decisions),
)
NO_CASE = {"add_case", "add_cases"}
"""These take a site, and are tested with the cases."""
OPENING = {"open_case", "find_case"}
READING = {"emergency_notes"}


def functions(*first: str) -> dict[str, Callable[..., Any]]:
    """The functions of the records whose first parameters are called so."""
    return {
        name: each
        for module in MODULES
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if list(inspect.signature(each).parameters)[: len(first)] == list(first)
        and each.__module__ == module.__name__
        and not name.startswith("_")
    }


def writing() -> list[str]:
    """The names of those that write a case which a person has opened."""
    return sorted(functions("view").keys() - READING)


def usable(records: Records) -> dict[str, Any]:
    """A value for every further parameter, with which each function would work."""
    return {
        "version": 3,
        "referral": referral(clinic="East"),
        "idempotency_key": once(),
        "submission": Submission(
            version=3, answers={}, how=EntryMethod.FORM, idempotency_key=once()
        ),
        "chases": {},
        "find_warnings": nothing,
        "signs": frozenset({"leg_weakness"}),
        "sign": "leg_weakness",
        "handover": handover(records),
        "why": "The wrong key",
        "number": 1,
        "new": NewAssessment(*judged(favourable()), texts()),
        "decision": NewDecision(choice=CHOICES["refer:requirements-met"]),
        "rules": ruleset(),
    }


def call(name: str, view: CaseView) -> object:
    function, values = functions("view")[name], usable(view.records)
    taken = list(inspect.signature(function).parameters)[1:]
    return function(view, **{k: values[k] for k in taken if k in values})


def test_all_functions_are_known() -> None:
    assert functions("records", "actor", "case_id").keys() == OPENING
    assert functions("records", "actor").keys() == OPENING | NO_CASE
    assert len(writing()) > len(READING)
    assert {"save_answers", "record_assessment", "record_review", "set_chases"} < {*writing()}


def test_a_case_of_another_site_does_not_exist(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    elsewhere = people.actor(Role.LEAD_NURSE, Role.AUDITOR, sites=("South",))
    nowhere = people.actor(Role.LEAD_NURSE, sites=())
    administrator = people.actor(Role.ADMINISTRATOR)
    for each in functions("records", "actor", "case_id").values():
        for actor in (elsewhere, nowhere, administrator):
            with pytest.raises(NoCaseError):
                each(records, actor, case_id)
        with pytest.raises(NoCaseError):
            each(records, nurse, "0" * 32)


def test_a_write_asks_again_whose_case_it_is(records: Records, people: People) -> None:
    """Nobody can write through a view that the person could not have opened."""
    nurse = people.actor()
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    elsewhere = people.actor(Role.LEAD_NURSE, Role.AUDITOR, sites=("South",))
    for actor in (elsewhere, replace(elsewhere, emergency_cases=frozenset({case_id}))):
        for name in writing():
            view = open_case(records, nurse, case_id)
            view.actor = actor
            with pytest.raises(NoCaseError):
                call(name, view)


def test_who_only_reads_changes_nothing(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    auditor = people.actor(Role.AUDITOR)
    for name in READING:
        call(name, open_case(records, auditor, case_id))
    for name in writing():
        with pytest.raises(NotAllowedError):
            call(name, open_case(records, auditor, case_id))
