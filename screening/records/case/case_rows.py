"""Rows of cases to values: who may see one, and what its sealed part says."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, column, select, table
from sqlalchemy.orm import Session

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Permission
from screening.records.case.unreadable import UNREADABLE_CASE, sealed_or_changed
from screening.records.errors import ErasedError, NoCaseError, NotAllowedError
from screening.records.ledger.digests import row_name
from screening.records.sealing import padding
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import DataKey, Keyring, SealError
from screening.records.storage.tables import AnswerRow, CaseKeyRow, CaseRow, SiteRow
from screening.translation import gettext

NAMES = {0: "the command line"}
_USERS = table("users", column("id"), column("name", String))  # the mapped class would load the web
_CREATOR, _TOUCHER = _USERS.alias("creator"), _USERS.alias("toucher")
_ASSIGNEE = _USERS.alias("assignee")
WRITER = _USERS.alias("writer")
"""The person who wrote a row: a query of rows that are shown with names joins it."""
_ID = re.compile("[0-9a-f]{32}", re.ASCII)


class State(Enum):
    """The progress of a case."""

    NEW = "new"
    SCREENING = "screening"
    ASSESSED = "assessed"
    DECIDED = "decided"
    CLOSED = "closed"


_STATES = {state.value for state in State}
_PRIORITIES = {priority.value for priority in Priority}
_FINDERS = {finder.value for finder in Finder}
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
_STORED = {"handed_over": "told"}
"""Fields that are stored under an older name: another one would need every case sealed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The sealed part of a case: who it is, and what came of it so far.

    ``date_received`` is in ISO 8601; it and ``hospital_number`` are None in what was kept before.
    ``red_flags`` are the ids of the criteria that a list warns of, the gravest first;
    ``emergencies`` are those of them that are emergency signs. ``open_signs`` are the link ids of
    the emergency signs that nobody has ruled out; None where no answer was looked at yet.
    ``handed_over`` are the emergencies with a handover, None where that was not kept yet;
    ``taken_back`` are those that no longer hold although nobody was told about them; ``alarmed_on``
    is the day, in ISO 8601, since which one of them waits to be handed over, and ``alarm_owner``
    who would have to find out that sign if its answer were missing; see ``chases``. ``noted`` tells
    whether somebody ever recorded a handover or a mistake.
    ``chased`` are the link ids whose answers somebody finds out, and ``idle`` those that are left
    alone as long as they cannot change the result; see ``chases``. ``calls`` has the number of the
    note on the last call by its finder; see ``calls``.
    ``outcome`` and ``outcome_name`` are those of the last assessment, ``decision`` that of its last
    review; ``settled`` tells how an open outcome can only come out. Once answers change, all but
    ``outcome`` are empty. ``closes`` is the last day, in ISO 8601, on which what is recent still
    is. ``reopens`` is the state that a closed case goes back to.
    """

    reference: str
    person: str
    birth_year: int | None
    hospital_number: str | None = None
    date_received: str | None = None
    red_flags: tuple[str, ...] = ()
    emergencies: tuple[str, ...] = ()
    open_signs: tuple[str, ...] | None = None
    handed_over: tuple[str, ...] | None = ()
    taken_back: tuple[str, ...] = ()
    alarmed_on: str | None = None
    alarm_owner: str = Finder.PATIENT.value
    noted: bool = False
    chased: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    outcome: str | None = None
    outcome_name: str | None = None
    settled: bool | None = None
    closes: str | None = None
    decision: str | None = None
    reopens: str | None = None

    @classmethod
    def of(cls, referral: Referral) -> "Summary":
        """The summary of a case that nothing else is known of."""
        return cls(
            reference=referral.reference,
            person=referral.person,
            birth_year=referral.birth_year,
            hospital_number=referral.hospital_number,
            date_received=_iso(referral.date_received),
        )

    def write(self) -> bytes:
        """As JSON."""
        data = {_STORED.get(name, name): getattr(self, name) for name in self.__slots__}
        return json.dumps(data, ensure_ascii=False).encode()

    @classmethod
    def read(cls, data: bytes) -> "Summary":
        """Read what ``write`` wrote."""
        found: dict[str, Any] = json.loads(data)
        # One that was kept before emergencies were told apart: rather too urgent than too late.
        found.setdefault("emergencies", found["red_flags"])
        found["handed_over"] = found.pop(_STORED["handed_over"], None)
        lists = {name: tuple(each) for name, each in found.items() if isinstance(each, list)}
        return cls(**(found | lists))

    @property
    def needs_handover(self) -> bool:
        """True if there is or was an emergency that nobody has handed over."""
        kept = self.handed_over is not None and not set(self.emergencies) <= set(self.handed_over)
        return kept or bool(self.taken_back)

    def needs_handover_of(self, known: Iterable[str]) -> bool:
        """True if one of these emergencies, or one that is over, waits to be handed over."""
        return bool(self.taken_back) or not set(known) <= set(self.handed_over or ())

    def with_warnings(self, found: Warnings, day: dt.date) -> "Summary":
        """The summary with the warnings of a day.

        An emergency that is over keeps waiting for its handover. Who was told about one that is
        over is not told about the next.
        """
        handed_over = tuple(each for each in found.emergencies if each in (self.handed_over or ()))
        waiting = [each for each in self.emergencies if each not in (self.handed_over or ())]
        over = dict.fromkeys([*self.taken_back, *waiting])
        taken_back = tuple(each for each in over if each not in found.emergencies)
        waits = taken_back or handed_over != found.emergencies
        return replace(
            self,
            handed_over=handed_over,
            taken_back=taken_back,
            alarmed_on=(self.alarmed_on or day.isoformat()) if waits else None,
            alarm_owner=self._alarm_owner(found),
            red_flags=(*found.emergencies, *found.urgent),
            emergencies=found.emergencies,
            open_signs=found.open_signs,
            closes=found.closes.isoformat() if found.closes else None,
        )

    def _alarm_owner(self, found: Warnings) -> str:
        """The owner of the first alarm, as long as it lasts."""
        owner = None if self.alarmed_on else found.asked_of
        return owner.value if owner else self.alarm_owner


ERASED = Summary(reference="", person="", birth_year=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as lists and pages show it. Of an erased one the patient's part is empty.

    ``assignee`` is the name of the person whom it is assigned to; empty where it is nobody's.
    ``unreadable``: somebody changed what is sealed of it; ``damaged``: its other columns, too, so
    that nothing is known but its site, and the other fields mean nothing.
    """

    id: str
    site_id: int
    site_name: str
    version: int
    referral: Referral
    state: State
    waits_for: Finder | None
    due: dt.date | None
    red_flags: tuple[str, ...]
    emergencies: tuple[str, ...]
    open_signs: tuple[str, ...] | None
    taken_back: tuple[str, ...]
    handed_over: tuple[str, ...] | None
    needs_handover: bool
    noted: bool
    calls: Mapping[str, int]
    outcome: str | None
    outcome_name: str | None
    settled: bool | None
    closes: dt.date | None
    decision: str | None
    created_at: dt.datetime
    created_by: str
    touched_at: dt.datetime
    touched_by: str
    touched_by_id: int
    assigned_to: int | None
    assignee: str
    erased: bool
    unreadable: bool
    damaged: bool


def check_permission(actor: Actor, permission: Permission) -> None:
    """Make sure that one of the person's roles allows something.

    Raises:
        NotAllowedError: if none does.
    """
    if not actor.may(permission):
        raise NotAllowedError(permission)


def check_visible(actor: Actor, site_id: int) -> None:
    """Make sure that the person may see the cases of a site.

    Raises:
        NoCaseError: if not, as if the case did not exist.
    """
    if not actor.may(Permission.VIEW) or site_id not in actor.sites:
        raise NoCaseError


def load_row(session: Session, actor: Actor, case_id: str, *, lock: bool = False) -> CaseRow:
    """The row of a case, kept from others' writes if ``lock``, and then only of the person's sites.

    Raises:
        NoCaseError: if there is none that the person may see.
    """
    _check_id(case_id)
    # Its key never changes: a row that names the case can be added meanwhile, and nobody who holds
    # the ledger waits for a write that still has to get it.
    row = session.get(CaseRow, case_id, with_for_update={"key_share": True} if lock else None)
    if row is None or not actor.may_see(row.id, row.site_id):
        raise NoCaseError
    if lock:  # what was opened in an emergency is read and not written
        check_visible(actor, row.site_id)
    return row


def _check_id(case_id: str) -> None:
    if not _ID.fullmatch(case_id):
        raise NoCaseError


def load_case(session: Session, actor: Actor, case_id: str) -> Sequence[Any]:
    """Load the row of a case as ``case_select`` gives it.

    Raises:
        NoCaseError: if there is none that the person may see.
        SealError: if somebody changed a column of it, or put an older row in its place.
    """
    _check_id(case_id)
    with sealed_or_changed(f"{CaseRow.__tablename__}/{case_id}"):
        found = session.execute(_one_case(), {"case_id": case_id}).one_or_none()
    if found is None or not actor.may_see(case_id, found[0].site_id):
        raise NoCaseError
    if found[-1]:
        raise SealError(row_name(found[0]))
    return found


@cache
def _one_case() -> "Select[*tuple[Any, ...]]":
    return case_select().add_columns(is_put_back()).where(CaseRow.id == bindparam("case_id"))


def case_select() -> "Select[CaseRow, str, bytes, str, str, str, str]":
    """Selects cases with all that ``read_case`` needs, keys and names included, in one query."""
    return (
        select(
            CaseRow,
            CaseKeyRow.key_id,
            CaseKeyRow.wrapped,
            SiteRow.name,
            _CREATOR.c.name,
            _TOUCHER.c.name,
            _ASSIGNEE.c.name,
        )
        .outerjoin(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)  # a lost key hides no case
        .join(SiteRow, SiteRow.id == CaseRow.site_id)
        .outerjoin(_CREATOR, _CREATOR.c.id == CaseRow.created_by)
        .outerjoin(_TOUCHER, _TOUCHER.c.id == CaseRow.touched_by)
        .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == CaseRow.assigned_to)
    )


def is_put_back() -> ColumnElement[bool]:
    """Choose the cases of an older version than an answer of theirs."""
    later = select(AnswerRow.id).where(
        AnswerRow.case_id == CaseRow.id, AnswerRow.version > CaseRow.version
    )
    return later.exists()


def read_case(ring: Keyring, found: Sequence[Any]) -> Case:
    """A case from a row that ``case_select`` gave."""
    return case_of(found, unseal_case(ring, found)[1])


def read_listed_case(ring: Keyring, found: Sequence[Any]) -> Case:
    """The same for a list: a case that cannot be read has a warning in place of its reference."""
    try:
        return read_case(ring, found)
    except SealError:
        return unreadable_case(found)


def unreadable_case(found: Sequence[Any]) -> Case:
    """A case of which nothing is known but what its columns say, if they say anything."""
    row: CaseRow = found[0]
    if _is_sound(row):
        return replace(case_of(found, unreadable_summary()), unreadable=True)
    return damaged_case(row.id, row.site_id, found[3], row.state)


def damaged_case(case_id: str, site_id: int, site_name: str, state: str) -> Case:
    """A case of which nothing is known but its site; in no known state, it is an undecided one."""
    known = state if state in _STATES else State.SCREENING.value
    row = CaseRow(
        id=case_id,
        site_id=site_id,
        version=0,
        state=known,
        clinic="",
        priority=Priority.URGENT.value,
        created_at=_EPOCH,
        touched_at=_EPOCH,
    )
    bare = case_of((row, "", b"", site_name, "", "", ""), unreadable_summary())
    return replace(bare, unreadable=True, damaged=True)


def _is_sound(row: CaseRow) -> bool:
    """True if every column has a meaning; those that are read as a day or a moment have one."""
    waits_for = row.waits_for is None or row.waits_for in _FINDERS
    known = row.state in _STATES and row.priority in _PRIORITIES
    return known and waits_for and isinstance(row.clinic, str)


def _check_sound(row: CaseRow) -> None:
    if not _is_sound(row):
        raise SealError(row_name(row))


def unreadable_summary() -> Summary:
    """In place of a summary that cannot be read; it hides no other case."""
    return Summary(reference=gettext(UNREADABLE_CASE), person="", birth_year=None)


def unseal_case(ring: Keyring, found: Sequence[Any]) -> tuple[DataKey | None, Summary]:
    """The key of a case and what is sealed of it; of an erased one there is neither.

    Raises:
        SealError: if it or a column beside it cannot be read, or its key is gone without an
            erasure.
    """
    row, key_id, wrapped, *_ = found
    _check_sound(row)
    if wrapped is None:
        if row.erased_at is None:  # somebody took the key away, and that is no erasure
            raise SealError(f"{CaseKeyRow.__tablename__}/{row.id}")
        return None, ERASED
    key = open_key(ring, row.id, key_id, wrapped)
    return key, unseal_summary(key, row)


def case_of(found: Sequence[Any], summary: Summary) -> Case:
    """A case from a row that ``case_select`` gave, of which the sealed part was opened."""
    row: CaseRow = found[0]
    _, wrapped, site_name, creator, toucher, assignee = found[1:7]
    return Case(
        id=row.id,
        site_id=row.site_id,
        site_name=site_name,
        version=row.version,
        referral=referral_of(summary, row),
        state=State(row.state),
        waits_for=_waits_for(summary, row),
        due=row.due,
        red_flags=summary.red_flags,
        emergencies=summary.emergencies,
        open_signs=summary.open_signs,
        taken_back=summary.taken_back,
        handed_over=summary.handed_over,
        needs_handover=summary.needs_handover,
        noted=summary.noted or bool(summary.handed_over),
        calls=summary.calls,
        outcome=summary.outcome,
        outcome_name=summary.outcome_name,
        settled=summary.settled,
        closes=dt.date.fromisoformat(summary.closes) if summary.closes else None,
        decision=summary.decision,
        created_at=row.created_at,
        created_by=creator or NAMES.get(row.created_by, ""),
        touched_at=row.touched_at,
        touched_by=toucher or NAMES.get(row.touched_by, ""),
        touched_by_id=row.touched_by,
        assigned_to=row.assigned_to,
        assignee=assignee or "",
        erased=wrapped is None,
        unreadable=False,
        damaged=False,
    )


def _waits_for(summary: Summary, row: CaseRow) -> Finder | None:
    """The finder that a case waits for; nobody if an emergency is to be handed over first."""
    if row.waits_for is None or row.due is None or summary.alarmed_on == row.due.isoformat():
        return None
    return Finder(row.waits_for)


def referral_of(summary: Summary, row: CaseRow) -> Referral:
    """The referral of a case."""
    day = summary.date_received
    return Referral(
        reference=summary.reference,
        person=summary.person,
        birth_year=summary.birth_year,
        clinic=row.clinic,
        priority=Priority(row.priority),
        hospital_number=summary.hospital_number,
        date_received=dt.date.fromisoformat(day) if day else None,
    )


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def with_referral(summary: Summary, referral: Referral) -> Summary:
    """The summary with another referral's data."""
    return replace(
        summary,
        reference=referral.reference,
        person=referral.person,
        birth_year=referral.birth_year,
        hospital_number=referral.hospital_number,
        date_received=_iso(referral.date_received),
    )


def unseal_summary(key: DataKey, row: CaseRow) -> Summary:
    """Open the sealed part of a case."""
    return read_summary(key, row.sealed, row.version)


def read_summary(key: DataKey, sealed: bytes, version: int) -> Summary:
    """The same from the columns of a row."""
    return Summary.read(key.unseal(sealed, "cases", key.name, version))


def seal_summary(key: DataKey, row: CaseRow, summary: Summary) -> None:
    """Seal it for the row's version."""
    plain = padding.pad(summary.write(), padding.CASE)
    row.sealed = key.seal(plain, "cases", row.id, row.version)


def load_names(session: Session, ids: set[int]) -> Mapping[int, str]:
    """The names of people by number; of the command line too, and nothing for others."""
    if not ids:
        return NAMES
    found = session.execute(select(_USERS.c.id, _USERS.c.name).where(_USERS.c.id.in_(ids)))
    return NAMES | {row.id: row.name for row in found}


def names_of(written: Iterable[tuple[int, str | None]]) -> Mapping[int, str]:
    """The same from rows that were read with the name of their ``WRITER``."""
    return NAMES | {by: name for by, name in written if name is not None}


def check_readable(row: CaseRow) -> None:
    """Make sure that a case can still be read.

    Raises:
        ErasedError: if its key was destroyed.
    """
    if row.erased_at is not None:
        raise ErasedError


def clamp_page(page: int, size: int, total: int) -> tuple[int, int]:
    """The page that exists and is nearest to one, and the number of pages, at least 1."""
    pages = max(1, ceil(total / size))
    return max(1, min(page, pages)), pages
