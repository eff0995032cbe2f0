"""The sealed part of a case: what lists show of it without a look at its answers."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.referral import Referral
from screening.records.case.unreadable import UNREADABLE_CASE
from screening.records.sealing import padding
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import CaseRow
from screening.translation import gettext

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
    is. ``reopens`` is the state that a closed case goes back to. ``answer_count`` is the number of
    answers in the history of the case, and ``answer_version`` the version that the newest one made,
    so that none can be taken away unseen; both are None in what was kept before they were.
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
    answer_count: int | None = None
    answer_version: int | None = None

    @classmethod
    def of(cls, referral: Referral) -> "Summary":
        """The summary of a case that nothing else is known of."""
        return cls(
            reference=referral.reference,
            person=referral.person,
            birth_year=referral.birth_year,
            hospital_number=referral.hospital_number,
            date_received=_iso(referral.date_received),
            answer_count=0,
            answer_version=0,
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


def unreadable_summary() -> Summary:
    """In place of a summary that cannot be read; it hides no other case."""
    return Summary(reference=gettext(UNREADABLE_CASE), person="", birth_year=None)


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
