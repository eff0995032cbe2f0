"""The emergencies without a handover, across all cases: each is a task that is due."""

from dataclasses import dataclass

from screening.records.access import Actor, Permission
from screening.records.case.case_rows import (
    Case,
    State,
    case_select,
    check_permission,
    read_listed_case,
)
from screening.records.case.search_index import visible
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import days_of_cases
from screening.records.storage.tables import CaseRow
from screening.records.worklist.urgency import Group, UrgencyOrder, sort_by_urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingHandovers:
    """Cases with such an emergency, the most urgent first.

    ``chasing_signs`` are the ids of open cases where somebody finds out an emergency sign.
    ``all_searched`` is false where more cases may have either than are opened to find out.
    """

    cases: tuple[Case, ...]
    chasing_signs: tuple[str, ...]
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
        listed = UrgencyOrder.of(session, ring, visible(actor), day)
        ids = listed.opened.get(Group.UNTOLD, [])
        rows = session.execute(case_select().where(CaseRow.id.in_(ids))).all() if ids else []
        found, all_searched = list(listed.chasing_signs), listed.all_searched
        if decided:
            waiting = [*visible(actor), CaseRow.due.is_not(None)]
            more, all_decided = sort_by_urgency(session, ring, waiting, day, (State.DECIDED,))
            found += [case_id for case_id, seen in more if seen.chases_sign]
            all_searched &= all_decided
    cases = (
        read_listed_case(ring, row) for row in sorted(rows, key=lambda row: ids.index(row[0].id))
    )
    return PendingHandovers(
        cases=tuple(cases), chasing_signs=tuple(found), all_searched=all_searched
    )


def count_pending_handovers(records: Records, actor: Actor) -> int:
    """The number of those cases, for which no more of them is read than their order needs.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    with records.database.reading() as session:
        day = days_of_cases(session, records, actor.sites)
        listed = UrgencyOrder.of(session, records.keyring(), visible(actor), day)
    return len(listed.opened.get(Group.UNTOLD, []))
