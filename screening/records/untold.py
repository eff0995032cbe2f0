"""The emergencies that nobody was told of yet, across all cases: each is a task that is due."""

from dataclasses import dataclass

from screening.records.access import Actor, Permission
from screening.records.caserows import Case, case_select, check_permission, read_case
from screening.records.store import Records
from screening.records.tables import CaseRow
from screening.records.urgency import ByUrgency, Group
from screening.records.worklist import visible
from screening.records.zones import days_of_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Cases with such an emergency, the most urgent first.

    ``all_searched`` is false where more cases may have one than are opened to find out.
    """

    cases: tuple[Case, ...]
    all_searched: bool


def untold_emergencies(records: Records, actor: Actor) -> Untold:
    """The undecided cases whose emergency nobody has recorded to have told of.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    ring = records.keyring()
    with records.database.reading() as session:
        day = days_of_cases(session, records, actor.sites)
        listed = ByUrgency.of(session, ring, visible(actor), day)
        ids = listed.opened.get(Group.UNTOLD, [])
        rows = session.execute(case_select().where(CaseRow.id.in_(ids))).all()
    cases = (read_case(ring, row) for row in sorted(rows, key=lambda row: ids.index(row[0].id)))
    return Untold(cases=tuple(cases), all_searched=listed.all_searched)
