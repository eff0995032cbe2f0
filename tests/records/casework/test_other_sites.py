"""Every function that takes a case refuses one of another site, as if there were none."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from support.casework.case_writes import nothing, once
from support.casework.handovers import handover
from support.casework.recorded_assessments import answered, judged, recorded, texts
from support.casework.referrals import referral
from support.rulesets.shipped import favourable, ruleset
from support.storage.databases import People

from screening.core.decision import CHOICES
from screening.records.access import Actor, Role
from screening.records.casework import answers, cases, chases, emergency_notes, handovers
from screening.records.casework.answers import How
from screening.records.errors import NoCaseError, NotAllowedError
from screening.records.ledger.records import Records
from screening.records.results import assessments, decisions
from screening.records.results.decisions import Decided

MODULES = (cases, answers, chases, assessments, emergency_notes, handovers, decisions)
NO_CASE = {"add_case", "add_cases", "find_duplicates"}
"""These take a site, and are tested with the cases."""
READING = {
    *("find_case", "view_case", "current_answers", "answers_at", "history", "case_chases"),
    *("find_assessment", "assessments", "emergency_notes"),
}


def functions() -> dict[str, Callable[..., Any]]:
    """The functions of the records that take a case's id from a person."""
    found: dict[str, Callable[..., Any]] = {}
    for module in MODULES:
        for name, each in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(each).parameters)
            if not name.startswith("_") and parameters[:3] == ["records", "actor", "case_id"]:
                found[name] = each
    return found


def offered(module: ModuleType) -> set[str]:
    members = inspect.getmembers(module, inspect.isfunction)
    return {
        name
        for name, each in members
        if list(inspect.signature(each).parameters)[:2] == ["records", "actor"]
        and not name.startswith("_")
    }


def usable(records: Records) -> dict[str, Any]:
    """A value for every further parameter, with which each function would work."""
    assessment, explanation = judged(favourable())
    return {
        "version": 3,
        "base_version": 3,
        "referral": referral(clinic="East"),
        "once": once(),
        "posted": {},
        "how": How.FORM,
        "chases": {},
        "find_warnings": nothing,
        "signs": frozenset({"leg_weakness"}),
        "sign": "leg_weakness",
        "handover": handover(records),
        "why": "The wrong key",
        "number": 1,
        "assessment": assessment,
        "explanation": explanation,
        "texts": texts(),
        "decided": Decided(choice=CHOICES["refer:requirements-met"]),
        "rules": ruleset(),
    }


def call(name: str, records: Records, actor: Actor, case_id: str) -> object:
    function, values = functions()[name], usable(records)
    taken = list(inspect.signature(function).parameters)[3:]
    return function(records, actor, case_id, **{k: values[k] for k in taken if k in values})


def test_all_functions_are_known() -> None:
    assert functions().keys() > READING
    lists = {"worklist", "clinics", "counts", "chase_list"}
    known = functions().keys() | NO_CASE | lists | {"load_row"}
    assert set.union(*map(offered, MODULES)) <= known


def test_a_case_of_another_site_does_not_exist(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    elsewhere = people.actor(Role.LEAD_NURSE, Role.AUDITOR, sites=("South",))
    nowhere = people.actor(Role.LEAD_NURSE, sites=())
    administrator = people.actor(Role.ADMINISTRATOR)
    for name in functions():
        for actor in (elsewhere, nowhere, administrator):
            with pytest.raises(NoCaseError):
                call(name, records, actor, case_id)
        with pytest.raises(NoCaseError):
            call(name, records, nurse, "0" * 32)


def test_who_only_reads_changes_nothing(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    auditor = people.actor(Role.AUDITOR)
    for name in sorted(functions()):
        if name in READING:
            call(name, records, auditor, case_id)
        else:
            with pytest.raises(NotAllowedError):
                call(name, records, auditor, case_id)
