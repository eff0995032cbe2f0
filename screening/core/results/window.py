"""The day on which what is recent today ceases to be so."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding, findings_of
from screening.core.rules.condition import Within, add_time
from screening.core.rules.consistency import narrow
from screening.core.rules.finding import Bounds, Finding, evaluate
from screening.core.rules.ruleset import Tier
from screening.core.values.span import Day, first_of
from screening.core.values.truth import Truth


def closing_day(assessment: Assessment) -> dt.date | None:
    """The last day on which every requirement that holds by a length of time still does.

    A source may speak of the day on which something is done, which is not the screening date. None
    if no requirement that holds depends on the day.
    """
    used, ours = assessment.used_answers, findings_of(assessment.ruleset)
    first: dt.date | None = None

    @cache
    def bounds_on(day: dt.date) -> Mapping[str, Bounds]:
        return narrow(ours.pairs, used, day)

    dated = (assessment.findings[place] for place in ours.dated)
    for found in filter(_lasts, dated):
        for day in sorted(set(_ends(found.finding))):
            if first is not None and day >= first:
                break
            after = day + dt.timedelta(days=1)
            finding = evaluate(found.criterion.condition, used, after, bounds_on(after))
            if finding.truth is not Truth.TRUE:
                first = day
                break
    return first


def open_until(assessment: Assessment) -> dt.date | None:
    """The same where it matters: none if the result cannot come out favourable any more."""
    return None if assessment.settled is False else closing_day(assessment)


def _lasts(found: CriterionFinding) -> bool:
    """True of a requirement that holds, perhaps for a length of time only."""
    return found.truth is Truth.TRUE and found.criterion.tier in {Tier.REQUIRED, Tier.DESCRIBED}


def _ends(finding: Finding) -> Iterator[dt.date]:
    """The last day of each length of time that has not passed, counted from the earliest start."""
    for part in finding.parts:
        yield from _ends(part)
    test = finding.condition
    if isinstance(test, Within) and finding.truth is Truth.TRUE:
        value = finding.answer.value if finding.answer else None
        start = finding.bounds.first if finding.bounds else first_of(cast("Day", value))
        yield add_time(start, test.length, test.unit)
