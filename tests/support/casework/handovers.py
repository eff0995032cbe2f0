"""Handing an emergency over, for tests."""

import datetime as dt

from support.casework.case_writes import once
from support.rulesets.shipped import ruleset

from screening.records.access import Actor
from screening.records.casework.case_view import open_case
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
