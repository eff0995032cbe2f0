"""Cases with results, decisions and chases, as numbers count them."""

import datetime as dt
from collections.abc import Mapping

from support.casework.case_writes import once
from support.casework.recorded_assessments import answered, recorded
from support.rulesets.shipped import favourable, ruleset
from support.storage.databases import clock

from screening.core.results.decision import Choice, Decision
from screening.core.rules.item import Finder
from screening.core.values.answer import AbsentReason, Answer
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import find_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.results.decisions import NewDecision, record_review

UNKNOWN = Answer(absent=AbsentReason.ASKED_UNKNOWN)


def unknown(link_id: str) -> dict[str, Answer]:
    """The answers that meet everything, but for one."""
    return {**favourable(), link_id: UNKNOWN}


def results(
    records: Records, actor: Actor, count: int, answers: Mapping[str, Answer] | None = None
) -> list[str]:
    """So many cases with a result each."""
    given = favourable() if answers is None else answers
    cases = [answered(records, actor, given) for _ in range(count)]
    for case_id in cases:
        recorded(records, actor, case_id, given)
    return cases


def decide(records: Records, actor: Actor, case_id: str, decision: Decision, reason: str) -> None:
    """Decide upon the first result of a case."""
    version = find_case(records, actor, case_id).version
    note = "Made up" if decision is Decision.OVERRIDE else ""
    decided = NewDecision(choice=Choice(decision, reason), note=note)
    record_review(open_case(records, actor, case_id), 1, version, decided, ruleset(), once())


def chase(records: Records, actor: Actor, case_id: str, *links: str) -> None:
    """Have somebody find out answers."""
    version = find_case(records, actor, case_id).version
    due = dt.date(2027, 1, 1)
    chases = {link: Chase(link_id=link, owner=Finder.REPORT, due=due) for link in links}
    set_chases(open_case(records, actor, case_id), version, chases, once())


def days_later(records: Records, days: int) -> None:
    """Let time pass."""
    clock(records).advance(days=days)
