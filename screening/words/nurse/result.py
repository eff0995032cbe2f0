"""The result of an assessment in a sentence or two."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.results.result import deciding_criteria
from screening.core.results.window import open_until
from screening.core.rules.ruleset import GRAVE, Ruleset, Status, Tier, Trigger
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.translation import Phrases, gettext, mark, ngettext
from screening.words.nurse.criteria import words_of_support
from screening.words.shared.contradictions import words_of_contradictions
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import STATUS_WORDS
from screening.words.shared.lists import join_and

SETTLED_WORDS = Phrases({True: "Favourable either way", False: "Cannot come out favourable"})
NO_ALL_CLEAR = mark("A “no” to a warning sign does not rule it out: ask again at every visit.")


def words_of_settled(assessment: Assessment) -> str:
    """The only way in which an open result can come out, in a few words."""
    if assessment.decided is not None or assessment.settled is None:
        return ""
    return SETTLED_WORDS[assessment.settled]


def closing_sentence(assessment: Assessment, today: dt.date) -> str:
    """The last day on which what is recent still is; empty if nothing depends on it any more."""
    day = open_until(assessment)
    if day is None:
        return ""
    words = words_of_day(day)
    if day < today:
        return gettext(
            "The time window ended on {day}; what counts is the day of the procedure.", day=words
        )
    return gettext(
        "The time window ends on {day}; what counts is the day of the procedure.", day=words
    )


def settled_sentence(assessment: Assessment) -> str:
    """The only way in which an open result can come out; empty if it may come out both ways.

    Where it cannot come out favourable, the reasons that are certain are named, the gravest first.
    """
    head = words_of_settled(assessment)
    if not head:
        return ""
    if assessment.settled:
        names = [o.name for o in assessment.ruleset.results if o.id in assessment.possible]
        return f"{head}. {_still_possible(names)}"
    reasons = "; ".join(words_of_finding(each) for each in _certain(assessment))
    return gettext("{head}: {reasons}.", head=head, reasons=reasons) if reasons else f"{head}."


def _certain(assessment: Assessment) -> list[CriterionFinding]:
    """The findings that speak for an unfavourable outcome, the gravest first."""
    tiers = (*GRAVE, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)
    certain = [
        each for each in assessment.findings if each.raises_flag and each.criterion.tier in tiers
    ]
    return sorted(certain, key=lambda found: tiers.index(found.criterion.tier))


def _still_possible(names: Iterable[str]) -> str:
    return gettext("Still possible: {outcomes}.", outcomes="; ".join(names))


def reason_sentence(assessment: Assessment) -> str:
    """The reason for the outcome, in one sentence for the nurse."""
    outcome = assessment.decided
    if outcome is None and assessment.contradictions:
        return " ".join(words_of_contradictions(assessment, Audience.NURSE))
    if outcome is None:
        return _open_sentence(assessment)
    found = deciding_criteria(assessment)
    if outcome.trigger is Trigger.OTHERWISE:
        return f"{_held_sentence(found)} {gettext(NO_ALL_CLEAR)}"
    if not found:
        names = [assessment.ruleset.items[link_id].name for link_id in assessment.needs]
        return gettext(
            "Whatever the missing answers are, the result is the same: {names}.",
            names=", ".join(names),
        )
    reasons = "; ".join(_told(each, assessment.ruleset) for each in found)
    return gettext("Because: {reasons}.", reasons=reasons)


def _open_sentence(assessment: Assessment) -> str:
    possible = (o.name for o in assessment.ruleset.outcomes if o.id in assessment.possible)
    missing = ngettext(
        "{count} missing answer could still matter.",
        "{count} missing answers could still matter.",
        len(assessment.needs),
    )
    return f"{missing} {_still_possible(possible)}"


def _held_sentence(found: Iterable[CriterionFinding]) -> str:
    """The number of requirements and descriptions that are met."""
    count = Counter(each.criterion.tier for each in found if each.truth is Truth.TRUE)
    held: list[str] = []
    if required := count[Tier.REQUIRED]:
        held.append(
            ngettext("{count} documented requirement", "{count} documented requirements", required)
        )
    if described := count[Tier.DESCRIBED]:
        held.append(ngettext("{count} description", "{count} descriptions", described))
    return ngettext(
        "{held} is met. No answer so far is a reason against.",
        "{held} are met. No answer so far is a reason against.",
        required + described,
        held=join_and(held),
    )


def _told(found: CriterionFinding, ruleset: Ruleset) -> str:
    support = words_of_support(found.criterion, ruleset)
    said = words_of_finding(found)
    return gettext("{finding} ({support})", finding=said, support=support) if support else said


def words_of_finding(found: CriterionFinding) -> str:
    """A finding in words, as a part of another sentence."""
    criterion = found.criterion
    text = (criterion.flag_text if found.raises_flag else criterion.say).nurse
    return text.partition(". ")[0].rstrip(".")


def words_of_older_signs(answered: dt.date | None, as_of: dt.date) -> tuple[str, ...]:
    """Warn that an answer about an emergency sign is older than the screening date.

    Args:
        answered: the day of the oldest of these answers; None without one.
        as_of: the screening date.
    """
    if answered is None or answered >= as_of:
        return ()
    message = mark(
        "An answer about an emergency sign was given on {day}, before the screening date: ask about"
        " the signs again."
    )
    return (gettext(message, day=words_of_day(answered)),)


def words_of_cautions(ruleset: Ruleset, as_of: dt.date, today: dt.date) -> tuple[str, ...]:
    """Cautions about the rules and the day of a result; empty if all is as usual."""
    said: list[str] = []
    if as_of < today:
        said.append(
            gettext(
                "The screening date is {day}, not today: ask about the signs again for today.",
                day=words_of_day(as_of),
            )
        )
    for part in ruleset.parts:
        if part.status is not Status.ACTIVE:
            said.append(
                gettext(
                    "The rules “{rules}” are marked {status}: not for use.",
                    rules=part.id,
                    status=STATUS_WORDS[part.status],
                )
            )
        if part.review_by < today:
            said.append(
                gettext(
                    "The review of the rules “{rules}” was due on {day}.",
                    rules=part.id,
                    day=words_of_day(part.review_by),
                )
            )
    return tuple(said)
