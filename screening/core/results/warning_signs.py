"""Warning signs: emergency signs, and the warnings of a case in a list of cases."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from screening.core.results.assess import Assessment
from screening.core.results.window import open_until
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.truth import Truth


def emergency_signs(assessment: Assessment) -> dict[str, Truth]:
    """The emergency signs that are there, or that nobody has ruled out, by link id."""
    found = [each for each in assessment.findings if each.criterion.tier is Tier.EMERGENCY]
    there = {link_id for each in found if each.raises_flag for link_id in each.finding.evidence()}
    unknown = {link_id for each in found for link_id in each.finding.needs}
    truths = dict.fromkeys(unknown, Truth.UNKNOWN) | dict.fromkeys(there, Truth.TRUE)
    return {link_id: truths[link_id] for link_id in assessment.ruleset.items if link_id in truths}


def ruled_out_emergencies(assessment: Assessment) -> frozenset[str]:
    """The ids of the emergency criteria that do not hold by what was answered."""
    found = (each for each in assessment.findings if each.criterion.tier is Tier.EMERGENCY)
    return frozenset(each.criterion.id for each in found if each.truth is Truth.FALSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """The warnings of a case in a list of cases.

    ``emergencies`` and ``urgent`` are the ids of criteria that hold. ``open_signs`` are the link
    ids of the emergency signs that nobody has ruled out. ``asked_of`` is who usually finds out the
    first sign that is there. ``closes`` is the last day on which what is recent still is.
    """

    emergencies: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    open_signs: tuple[str, ...] = ()
    asked_of: Finder | None = None
    closes: dt.date | None = None


def collect_warnings(assessment: Assessment) -> Warnings:
    """The warnings that follow from an assessment."""
    held = [each.criterion for each in assessment.flags]
    signs = emergency_signs(assessment)
    return Warnings(
        emergencies=tuple(each.id for each in held if each.tier is Tier.EMERGENCY),
        urgent=tuple(each.id for each in held if each.tier is Tier.URGENT),
        open_signs=tuple(link for link, truth in signs.items() if truth is Truth.UNKNOWN),
        asked_of=_asked_of(assessment, signs),
        closes=open_until(assessment),
    )


def _asked_of(assessment: Assessment, signs: Mapping[str, Truth]) -> Finder | None:
    there = [link for link, truth in signs.items() if truth is Truth.TRUE]
    return assessment.ruleset.items[there[0]].usual_finder if there else None
