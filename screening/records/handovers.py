"""Emergencies are handed over: who was told of a known one, when, and by whom.

As long as nobody has recorded that, the case is due on the day the emergency became known, it is
neither decided nor closed, and every page says so. What is recorded is kept as a sealed note: that
there was an emergency is health data, which neither the ledger nor an open column may tell.
"""

import datetime as dt
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from screening.core.assess import assess
from screening.core.doubts import warnings
from screening.core.ruleset import Ruleset
from screening.errors import ScreeningError
from screening.records.access import Actor
from screening.records.answers import answers_within
from screening.records.casekeys import load_key
from screening.records.caserows import check_readable, load_names, load_row
from screening.records.chases import wait_for_first
from screening.records.ledger import EventKind
from screening.records.refusals import StaleError, UnfitFieldError
from screening.records.store import Records
from screening.records.tables import NoteRow
from screening.records.vault import DataKey
from screening.records.writing import Asked, CaseWrite, new_id, write_case

LONGEST_NAME = 200
_TABLE = NoteRow.__tablename__


class NotHandedOverError(ScreeningError):
    """A case was to be closed while nobody has recorded who was told of its emergency."""

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            "there is an emergency sign, and nobody has recorded who was told of it; record that"
            " first"
        )


class NoEmergencyError(ScreeningError):
    """The case has no emergency sign that somebody could be told of."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("this case has no emergency sign now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Who was told, when, and by whom, as somebody states it."""

    told: str
    told_at: dt.datetime
    told_by: str

    def check(self, now: dt.datetime) -> None:
        """Make sure that it says all three, and that it can be kept.

        Raises:
            UnfitFieldError: if not.
        """
        for field in ("told", "told_by"):
            name = getattr(self, field)
            if not name.strip() or len(name) > LONGEST_NAME:
                raise UnfitFieldError(field, f"it needs 1 to {LONGEST_NAME} characters")
            if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in name):
                raise UnfitFieldError(field, "it has characters that are no letters")
        if self.told_at > now:
            raise UnfitFieldError("told_at", "it is still to come")

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        at = self.told_at.astimezone(dt.UTC).isoformat()
        return {"told": self.told.strip(), "told_at": at, "told_by": self.told_by.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A handover as it was recorded. ``signs`` are the ids of the criteria that it is about."""

    handover: Handover
    signs: tuple[str, ...]
    at: dt.datetime
    by: str


def known_emergencies(case: CaseWrite, rules: Ruleset) -> tuple[str, ...]:
    """The emergency criteria that hold by the answers as they are in this transaction."""
    current = answers_within(case.session, case.key).items()
    answers = {link: given.answer for link, given in current if link in rules.items}
    return warnings(assess(rules, answers, case.day, case.summary.birth_year)).emergencies


def is_untold(case: CaseWrite, rules: Ruleset) -> bool:
    """Whether nobody has recorded who was told of an emergency that is known."""
    return not set(known_emergencies(case, rules)) <= set(case.summary.told or ())


def check_told(case: CaseWrite, rules: Ruleset) -> None:
    """Make sure that every known emergency was handed over.

    Raises:
        NotHandedOverError: if one was not.
    """
    if is_untold(case, rules):
        raise NotHandedOverError


def record_handover(  # noqa: PLR0913, PLR0917 - the case, what is stated, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    signs: AbstractSet[str],
    handover: Handover,
    rules: Ruleset,
    once: str,
) -> int:
    """Record who was told of the emergency that is known; gives the case's new version.

    Args:
        records: where the case is.
        actor: who records it.
        case_id: the case.
        signs: the ids of the emergency criteria that the person saw. Nothing else of the case may
            stop this: an answer that was saved meanwhile does not.
        handover: who was told, when, and by whom.
        rules: the rules in use.
        once: the key of the form.

    Raises:
        StaleError: if an emergency is known that the person did not see.
        NoEmergencyError: if no emergency is known by the rules.
        UnfitFieldError: if something is not stated, or cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``writing.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_open()
        handover.check(case.at)
        known = known_emergencies(case, rules)
        if not known:
            raise NoEmergencyError
        if not set(known) <= signs:
            raise StaleError(case.row.version)
        _add(case, {**handover.data(), "signs": list(known)})
        case.summary = replace(case.summary, emergencies=known, told=known, alarmed_on=None)
        wait_for_first(case)
        return str(case.finish(EventKind.CASE_CHANGED))

    kind, content = EventKind.NOTE_ADDED, [sorted(signs), handover.data()]
    asked = Asked(actor=actor, case_id=case_id, once=once, kind=kind, content=content)
    return int(write_case(records, asked, work))


def case_handovers(records: Records, actor: Actor, case_id: str) -> tuple[HandedOver, ...]:
    """The handovers of a case, the newest first.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    query = select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.number.desc())
    with records.database.reading() as session:
        check_readable(load_row(session, actor, case_id))
        key = load_key(session, records.keyring(), case_id)
        rows = session.scalars(query).all()
        names = load_names(session, {row.by for row in rows})
    return tuple(_read(key, row, names) for row in rows)


def _add(case: CaseWrite, data: Mapping[str, Any]) -> None:
    mine = select(func.count()).where(NoteRow.case_id == case.row.id)
    number, row_id = (case.session.scalar(mine) or 0) + 1, new_id()
    plain = json.dumps(data, ensure_ascii=False).encode()
    row = NoteRow(
        id=row_id,
        case_id=case.row.id,
        number=number,
        sealed=case.key.seal(plain, _TABLE, row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.NOTE_ADDED)


def _read(key: DataKey, row: NoteRow, names: Mapping[int, str]) -> HandedOver:
    data: dict[str, Any] = json.loads(key.unseal(row.sealed, _TABLE, row.id, row.number))
    told_at = dt.datetime.fromisoformat(data["told_at"])
    return HandedOver(
        handover=Handover(told=data["told"], told_at=told_at, told_by=data["told_by"]),
        signs=tuple(data["signs"]),
        at=row.at,
        by=names.get(row.by, ""),
    )
