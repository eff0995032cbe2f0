"""Handing an emergency over, for tests."""

import datetime as dt
from collections.abc import Mapping

from support.casework.case_writes import once, saved
from support.rulesets.shipped import ruleset

from screening.core.results.assess import assess
from screening.core.results.warning_signs import collect_warnings
from screening.core.values.answer import Answer
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import find_case
from screening.records.casework.emergency_notes import Handover
from screening.records.casework.handovers import record_handover
from screening.records.ledger.records import Records


def handover(records: Records, **changes: object) -> Handover:
    """A quarter of an hour ago somebody was told."""
    at = records.now() - dt.timedelta(minutes=15)
    stated = {"told": "Dr Hill, on call", "told_at": at, "told_by": "Nora Nurse", **changes}
    return Handover(**stated)  # type: ignore[arg-type]  # by name


def shown_signs(records: Records, actor: Actor, case_id: str) -> frozenset[str]:
    """The emergencies that the page of a case shows: those there are, and those taken back."""
    case = find_case(records, actor, case_id)
    return frozenset([*case.emergencies, *case.taken_back])


def hand_over(records: Records, actor: Actor, case_id: str, **changes: object) -> int:
    """Record that on a case; gives its version."""
    signs = shown_signs(records, actor, case_id)
    stated = handover(records, **changes)
    return record_handover(open_case(records, actor, case_id), signs, stated, ruleset(), once())


def answered_yes(
    records: Records,
    actor: Actor,
    case_id: str,
    answer: Answer = Answer(value=True),  # noqa: B008 - a constant
    chases: Mapping[str, Chase | None] | None = None,
) -> int:
    """Answer an emergency sign of a new case, by default yes; gives its version."""
    result = saved(
        records,
        actor,
        case_id,
        1,
        {"leg_weakness": answer},
        chases,
        find_warnings=lambda answers: collect_warnings(
            assess(ruleset(), dict(answers), records.now().date(), 1950)
        ),
    )
    return result.version
