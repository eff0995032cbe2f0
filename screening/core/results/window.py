"""The day on which what is recent today ceases to be so."""

import datetime as dt
from collections.abc import Iterator
from typing import cast

from screening.core.results.assess import Assessment, CriterionFinding
from screening.core.rules.condition import Within, add_time
from screening.core.rules.consistency import narrow, pairs_of
from screening.core.rules.finding import Finding, evaluate
from screening.core.rules.ruleset import Tier
from screening.core.values.span import Day, first_of
from screening.core.values.truth import Truth


def closing_day(assessment: Assessment) -> dt.date | None:
    """The last day on which every requirement that holds by a length of time still does.

    A source may speak of the day on which something is done, which is not the screening date. None
    if no requirement that holds depends on the day.
    """
    days = (_closing(assessment, found) for found in assessment.findings)
    return min(filter(None, days), default=None)


def open_until(assessment: Assessment) -> dt.date | None:
    """The same where it matters: none if the result cannot come out favourable any more."""
    return None if assessment.settled is False else closing_day(assessment)


def _closing(assessment: Assessment, found: CriterionFinding) -> dt.date | None:
    if found.criterion.tier not in (Tier.REQUIRED, Tier.DESCRIBED) or found.truth is not Truth.TRUE:
        return None
    for day in sorted(set(_ends(found.finding))):
        if _truth(assessment, found, day + dt.timedelta(days=1)) is not Truth.TRUE:
            return day
    return None


def _ends(finding: Finding) -> Iterator[dt.date]:
    """The last day of each length of time that has not passed, counted from the earliest start."""
    for part in finding.parts:
        yield from _ends(part)
    test = finding.condition
    if isinstance(test, Within) and finding.truth is Truth.TRUE:
        value = finding.answer.value if finding.answer else None
        start = finding.bounds.first if finding.bounds else first_of(cast("Day", value))
        yield add_time(start, test.length, test.unit)


def _truth(assessment: Assessment, found: CriterionFinding, as_of: dt.date) -> Truth:
    used = assessment.used_answers
    bounds = narrow(pairs_of(assessment.ruleset.consistency), used, as_of)
    return evaluate(found.criterion.condition, used, as_of, bounds).truth
