"""The emergencies without a handover, across all cases: each is a task that is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from screening.records.access import Actor, Permission
from screening.records.case.case_rows import Case, State, check_permission
from screening.records.case.damaged_rows import read_listed_cases
from screening.records.case.search_index import visible
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import days_of_cases
from screening.records.storage.tables import CaseRow
from screening.records.worklist.urgency import (
    CaseUrgency,
    Glances,
    Group,
    UrgencyOrder,
    sort_by_urgency,
)

_NONE: Mapping[str, CaseUrgency] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingHandovers:
    """Cases with such an emergency, the most urgent first.

    ``urgent`` has the glances at them and at open cases where somebody finds out an emergency sign.
    ``all_searched`` is false where more cases may have either than are opened to find out.
    """

    cases: tuple[Case, ...]
    urgent: Mapping[str, CaseUrgency]
    all_searched: bool


def find_pending_handovers(
    records: Records, actor: Actor, *, decided: bool = False
) -> PendingHandovers:
    """The undecided cases whose emergency has no handover.

    Args:
        records: the records.
        actor: the person.
        decided: whether signs are looked for in decided cases, too, for which somebody waits.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    ring = records.keyring()
    with records.database.reading() as session:
        day = days_of_cases(session, records, actor.sites)
        glances = Glances(session, ring)
        listed = UrgencyOrder.of(glances, visible(actor), day)
        ids = listed.opened.get(Group.UNTOLD, [])
        cases = read_listed_cases(session, ring, ids)
        found, all_searched = list(listed.glances.items()), listed.all_searched
        if decided:
            waiting = [*visible(actor), CaseRow.due.is_not(None)]
            more, all_decided = sort_by_urgency(glances, waiting, day, (State.DECIDED,))
            found += more
            all_searched &= all_decided
    untold = set(ids)
    urgent = {each: seen for each, seen in found if seen.chases_sign or each in untold}
    return PendingHandovers(cases=cases, urgent=urgent, all_searched=all_searched)


def count_pending_handovers(
    records: Records, actor: Actor, seen: Mapping[str, CaseUrgency] = _NONE
) -> int:
    """The number of those cases, for which no more of them is read than their order needs.

    Args:
        records: the records.
        actor: the person.
        seen: the glances at cases that the same page has already.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    with records.database.reading() as session:
        day = days_of_cases(session, records, actor.sites)
        glances = Glances(session, records.keyring(), dict(seen))
        listed = UrgencyOrder.of(glances, visible(actor), day)
    return len(listed.opened.get(Group.UNTOLD, []))
