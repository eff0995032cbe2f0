"""Changes of accounts, sites and keys in the ledger, with before and after."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from screening.records.access import Actor, Permission
from screening.records.caserows import check_permission, load_names
from screening.records.store import Records
from screening.records.tables import EventRow

_SIDES = {"before", "after"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TellsChange:
    """An event with what was before and after, by the name of each part."""

    seq: int
    at: dt.datetime
    by: str
    kind: str
    row: str
    parts: Mapping[str, tuple[Any, Any]]


def newest_changes(records: Records, actor: Actor, most: int) -> list[TellsChange]:
    """The newest changes of accounts, sites and keys, the newest first.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    told = select(EventRow).where(EventRow.change.is_not(None), EventRow.case_id == "")
    with records.database.reading() as session:
        events = session.scalars(told.order_by(EventRow.seq.desc()).limit(most)).all()
        names = load_names(session, {each.by for each in events})
    return [
        TellsChange(
            seq=each.seq,
            at=each.at,
            by=names.get(each.by, f"account {each.by}"),
            kind=each.kind,
            row=each.row,
            parts=_told_parts(json.loads(each.change or "{}")),
        )
        for each in events
    ]


def _told_parts(change: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, part by part. Some events hold all values before, then all values after."""
    if change.keys() == _SIDES:
        old, new = change["before"], change["after"]
        names = [each for each in {**old, **new} if old.get(each) != new.get(each)]
        return {name: (old.get(name), new.get(name)) for name in names}
    return {
        name: (part["before"], part["after"])
        for name, part in change.items()
        if isinstance(part, Mapping) and part.keys() == _SIDES
    }
