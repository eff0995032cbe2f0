"""The clock of a decision: the site's day, and whether the clock was set back."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.storage.tables import CaseRow

DayOf = Callable[[dt.datetime], dt.date]
"""Gives the day of a moment at the site of a case."""
TOLERANCE = dt.timedelta(minutes=5)
"""The clocks of several servers may differ by so much."""
_END = dt.datetime.max.replace(tzinfo=dt.UTC)
"""No moment is later. A value beyond it is not a moment, and no reason to doubt the clock."""


@dataclass(frozen=True, slots=True)
class SiteClock:
    """A moment, its day, and the days of other moments at the site of a case."""

    now: dt.datetime
    day: dt.date
    day_of: DayOf


def is_clock_behind(session: Session, site_id: int, now: dt.datetime) -> bool:
    """True if the last update of a case of a site is in the future, so that the clock is wrong."""
    later = CaseRow.touched_at.between(now + TOLERANCE, _END)
    mine = CaseRow.site_id == site_id, CaseRow.erased_at.is_(None)
    return session.scalar(select(CaseRow.id).where(*mine, later).limit(1)) is not None
