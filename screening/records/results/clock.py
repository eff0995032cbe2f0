"""The clock of a decision: the site's day, and whether the clock was set back."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import CaseRow
from screening.records.verification.confirmation import find_confirmed_cases

DayOf = Callable[[dt.datetime], dt.date]
"""Gives the day of a moment at the site of a case."""
TOLERANCE = dt.timedelta(minutes=5)
"""The clocks of several servers may differ by so much."""
_MOST = 100
_END = dt.datetime.max.replace(tzinfo=dt.UTC)
"""No moment is later. A value beyond it is not a moment, and no reason to doubt the clock."""


@dataclass(frozen=True, slots=True)
class SiteClock:
    """A moment, its day, and the days of other moments at the site of a case."""

    now: dt.datetime
    day: dt.date
    day_of: DayOf


def is_clock_behind(session: Session, ring: Keyring, site_id: int, now: dt.datetime) -> bool:
    """True if the last update of a case of a site is in the future, so that the clock is wrong.

    A row that somebody changed is no reason to doubt the clock: it would stop the whole site.
    """
    later = CaseRow.touched_at.between(now + TOLERANCE, _END)
    mine = CaseRow.site_id == site_id, CaseRow.erased_at.is_(None)
    found = session.scalars(select(CaseRow.id).where(*mine, later).limit(_MOST)).all()
    return bool(found and find_confirmed_cases(session, ring, found))
