"""Cases whose time window ends soon: a filter and an order of the worklist.

The closing day is sealed, so no database can look for it. The sealed parts of open cases that have
answers are opened for it instead, of at most ``urgency.MOST``.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case

from screening.records.case.case_rows import State
from screening.records.storage.tables import CaseRow
from screening.records.worklist import urgency

SOON = dt.timedelta(days=14)
_STATES = (State.SCREENING, State.ASSESSED, State.DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindows:
    """The last days of the time windows of cases, by case id.

    ``all_searched`` is false where more cases may have such a day than are opened to find out.
    """

    closes: Mapping[str, dt.date]
    all_searched: bool

    @classmethod
    def of(
        cls,
        glances: urgency.Glances,
        conditions: Sequence[ColumnElement[bool]],
        day: ColumnElement[dt.date],
    ) -> "TimeWindows":
        """Read those of the cases that some conditions choose."""
        found, all_searched = urgency.sort_by_urgency(glances, conditions, day, _STATES)
        closes = {case_id: seen.closes for case_id, seen in found if seen.closes}
        return cls(closes=closes, all_searched=all_searched)

    def soon(self, today: dt.date) -> ColumnElement[bool]:
        """Choose the rows whose time window ends soon or has ended."""
        ids = [case_id for case_id, day in self.closes.items() if day <= today + SOON]
        return CaseRow.id.in_(ids)

    def order(self) -> ColumnElement[int]:
        """Order by the earliest day, with cases without one last."""
        days = sorted(set(self.closes.values()))
        places = {case_id: days.index(day) for case_id, day in self.closes.items()}
        return case({"": 0, **places}, value=CaseRow.id, else_=len(days))
