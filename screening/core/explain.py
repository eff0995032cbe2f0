"""Findings in plain sentences, without markup: the only place where words are made from them."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from screening.core.answer import EARLIEST_DAY, AbsentReason, Answer
from screening.core.assess import Assessment, CriterionFinding, Severity, put
from screening.core.citation import Basis
from screening.core.condition import (
    ALWAYS,
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Within,
)
from screening.core.consistency import (
    BIRTH,
    Age,
    Check,
    Consistency,
    Never,
    Order,
    narrowing_items,
)
from screening.core.finding import Bounds, Finding, evaluate
from screening.core.item import Finder, Item
from screening.core.ruleset import (
    Criterion,
    Disagreement,
    DoctorQuestion,
    Ruleset,
    Status,
    Strength,
    Tier,
    Trigger,
)
from screening.core.span import Day, Span, month_of, year_of
from screening.core.truth import Truth
from screening.core.window import open_until
from screening.core.wording import Audience

Items = Mapping[str, Item]

TRUTH_WORDS = {
    Truth.TRUE: "holds",
    Truth.FALSE: "does not hold",
    Truth.UNKNOWN: "not known yet",
}
TIER_WORDS = {
    Tier.EMERGENCY: "emergency sign",
    Tier.URGENT: "clinician first",
    Tier.EXCLUSION: "reason against",
    Tier.REQUIRED: "requirement",
    Tier.DESCRIBED: "description",
    Tier.CAUTION: "caution",
    Tier.INFO: "preparation",
}
ACTION_WORDS = {
    Tier.EMERGENCY: "Arrange emergency assessment now.",
    Tier.URGENT: "Have a clinician see this first.",
}
STRENGTH_WORDS = {
    Strength.MUST: "must",
    Strength.GOOD_CANDIDATES: "good candidates",
    Strength.USUALLY: "usually",
    Strength.MORE_LIKELY: "more likely",
    Strength.MAY: "may",
    Strength.NOT_USED: "are not used",
    Strength.USED: "are used",
    Strength.CAN: "can",
    Strength.WILL: "will",
    Strength.NEED: "need to",
    Strength.POSSIBLE: "possible",
    Strength.IN_GENERAL: "in general",
    Strength.ABSOLUTE: "absolute contraindication",
    Strength.RELATIVE: "relative contraindication",
    Strength.STATED: "it is so",
}
SEVERITY_WORDS = {
    Severity.CRITICAL: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "information",
}
ABSENT_WORDS = {
    AbsentReason.ASKED_UNKNOWN: "not known",
    AbsentReason.ASKED_DECLINED: "not said",
    AbsentReason.TEMP_UNKNOWN: "result pending",
    AbsentReason.NOT_ASKED: "not asked",
    AbsentReason.UNKNOWN: "unknown",
}
BASIS_WORDS = {
    Basis.READ_WHOLE: "read whole",
    Basis.READ_PART: "read in part",
    Basis.SECONDARY: "second-hand: not checked against the original",
}
WHO_WORDS = {
    Finder.PATIENT: "the patient",
    Finder.REPORT: "the imaging report",
    Finder.RECORDS: "the referral or records",
    Finder.CLINICIAN: "the examining clinician",
    Finder.OPERATOR: "whoever plans the procedure",
}
EFFECT_WORDS = {
    Tier.EMERGENCY: "could be an emergency sign",
    Tier.URGENT: "could call for a clinician first",
    Tier.EXCLUSION: "could be a reason against",
    Tier.REQUIRED: "could leave a requirement unmet",
    Tier.DESCRIBED: "could differ from the patients described",
    Tier.CAUTION: "could add a caution",
    Tier.INFO: "could add a point for preparation",
}
NOT_ANSWERED = "not answered"
SETTLED_WORDS = {True: "Favourable either way", False: "Cannot come out favourable"}
DONE = "what counts is the day of the procedure."
NO_ALL_CLEAR = "A “no” to a warning sign does not rule it out: ask again at every visit."
IN_DOUBT = "If you are not sure about these signs, phone a doctor or nurse today."
GRAVE = (Tier.EMERGENCY, Tier.URGENT)
"""The tiers that come before all others."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One condition of a trace: how deep it lies, its words, its truth, and the answer it read."""

    depth: int
    words: str
    truth: Truth
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An item whose answer is still missing, and the gravest thing that it could change."""

    item: Item
    tier: Tier
    effect: str
    missing: str
    who: str


def strength_words(criterion: Criterion) -> str:
    """The source's own word; none for a warning sign, which no such word may weaken."""
    return "" if criterion.tier in GRAVE else STRENGTH_WORDS[criterion.strength]


def support_words(criterion: Criterion, ruleset: Ruleset) -> str:
    """How many documents of its rule file ask for what a criterion describes; else nothing."""
    if criterion.tier is not Tier.DESCRIBED:
        return ""
    (part,) = (each for each in ruleset.parts if each.id == criterion.ruleset)
    asking = len({citation.source for citation in criterion.citations})
    whose = "" if part.id == ruleset.id else f" of “{part.title.nurse}”"
    verb = "asks" if asking == 1 else "ask"
    return f"{asking} of {counted(len(part.sources), 'document')}{whose} {verb} for it"


def action_first(criterion: Criterion, text: str) -> str:
    """What a criterion says to the nurse; where it is a red flag, what to do comes before why."""
    action = ACTION_WORDS.get(criterion.tier)
    return f"{action} {text}" if action else text


def words_of_day(day: dt.date) -> str:
    """A day in words, whatever language the machine speaks: 1 October 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def words_of_days(day: Day) -> str:
    """A day in words, or the span that it lies in: October 2026, 2026, on or before 1 May 2026."""
    if not isinstance(day, Span):
        return words_of_day(day)
    first, last = day.first, day.last
    if day == year_of(first.year):
        return str(first.year)
    if day == month_of(first.year, first.month):
        return f"{MONTHS[first.month - 1]} {first.year}"
    if first <= EARLIEST_DAY:
        return f"on or before {words_of_day(last)}"
    return f"between {words_of_day(first)} and {words_of_day(last)}"


def words_of_answer(item: Item, answer: Answer | None, audience: Audience) -> str:
    """An answer in the words of its item."""
    value = answer.value if answer else None
    match value:
        case None:
            return ABSENT_WORDS[answer.absent] if answer and answer.absent else NOT_ANSWERED
        case bool():
            return "yes" if value else "no"
        case int():
            unit = item.unit.removesuffix("s") if value == 1 else item.unit
            return f"{value} {unit}".strip()
        case dt.date() | Span():
            return words_of_days(value)
        case str():
            return item.choices[value].to(audience)
        case frozenset():
            picked = (words.to(audience) for code, words in item.choices.items() if code in value)
            return ", ".join(picked)
        case _:
            assert_never(value)


def words_of_answers(answers: Mapping[str, Answer], items: Items) -> str:
    """Answers in one line for the nurse: “Lung disease: severe; Levels: 3 levels”."""
    return "; ".join(
        f"{items[link_id].name}: {words_of_answer(items[link_id], answer, Audience.NURSE)}"
        for link_id, answer in answers.items()
    )


def words_of_condition(condition: Condition, items: Items, audience: Audience) -> str:
    """A condition in words, such as “Lung disease: severe, and Levels: at most 2 levels”."""
    match condition:
        case AtLeast(parts=()):
            return "always"
        case AtLeast(count=count, parts=parts):
            return _joined(count, [_bracketed(part, items, audience) for part in parts])
        case Not(part=part):
            return f"not ({words_of_condition(part, items, audience)})"
        case Compare() | OneOf() | Within():
            return f"{items[condition.item].name}: {_tested(condition, items, audience)}"
        case _:
            assert_never(condition)


def words_of_head(condition: Condition, items: Items) -> str:
    """The words of a condition without those of its parts, for the lines of a trace."""
    match condition:
        case AtLeast(parts=()):
            return "always"
        case AtLeast(count=count, parts=parts):
            known = {1: "any of", len(parts): "all of"}
            return known.get(count, f"at least {count} of")
        case Not():
            return "not"
        case Compare() | OneOf() | Within():
            return words_of_condition(condition, items, Audience.NURSE)
        case _:
            assert_never(condition)


def words_of_bounds(
    link_id: str, bounds: Bounds | None, items: Items, answers: Mapping[str, Answer]
) -> str:
    """What the order of events leaves of a date, and why; empty where its own answer says more."""
    said: list[str] = []
    if bounds is None:
        return ""
    sides = ((bounds.first_by, "after", bounds.first), (bounds.last_by, "before", bounds.last))
    for other, side, day in sides:
        if other not in (None, link_id):
            known = words_of_answers({other: answers[other]}, items).replace(": ", " is ", 1)
            said.append(f"on or {side} {words_of_day(day)}, since {known}")
    return "; ".join(said)


def words_of_known(assessment: Assessment, link_id: str) -> str:
    """An answer in words, with what the order of events leaves of a date."""
    items, answers = assessment.ruleset.items, assessment.answers
    answer = words_of_answer(items[link_id], answers.get(link_id), Audience.NURSE)
    narrowed = words_of_bounds(link_id, assessment.bounds.get(link_id), items, answers)
    return "; ".join(filter(None, (answer, narrowed)))


def narrowed_dates(assessment: Assessment) -> tuple[str, ...]:
    """The dates of which the order of events leaves less than their own answers, each with why."""
    return tuple(
        f"{assessment.ruleset.items[link_id].name}: {words_of_known(assessment, link_id)}"
        for link_id, bounds in assessment.bounds.items()
        if narrowing_items(link_id, bounds)
    )


def words_of_check(check: Check, items: Items) -> str:
    """What a rule of consistency asks of the answers."""
    match check:
        case Never(condition=condition):
            return f"Never: {words_of_condition(condition, items, Audience.NURSE)}"
        case Order(dates=dates):
            names = ("Birth" if each == BIRTH else items[each].name for each in dates)
            return f"None before the one named before it: {'; '.join(names)}"
        case Age(item=item):
            return f"Agrees with the recorded birth year: {items[item].name}"
        case _:
            assert_never(check)


def trace_lines(
    finding: Finding, items: Items, answers: Mapping[str, Answer], depth: int = 0
) -> tuple[TraceLine, ...]:
    """The tree of findings as lines, each part below its whole.

    Args:
        finding: the whole.
        items: those that it reads.
        answers: all of them, to name those that others follow from by the order of events.
        depth: that of the whole.
    """
    condition, answer = finding.condition, ""
    if isinstance(condition, Compare | OneOf | Within):
        own = words_of_answer(items[condition.item], finding.answer, Audience.NURSE)
        narrowed = words_of_bounds(condition.item, finding.bounds, items, answers)
        answer = "; ".join(filter(None, (own, narrowed)))
    line = TraceLine(
        depth=depth, words=words_of_head(condition, items), truth=finding.truth, answer=answer
    )
    below = (trace_lines(part, items, answers, depth + 1) for part in finding.parts)
    return (line, *(each for lines in below for each in lines))


def deciding(assessment: Assessment) -> tuple[CriterionFinding, ...]:
    """The criteria that make the outcome what it is; while it is open, those that keep it open.

    For an outcome that nothing triggers (`otherwise`) these are the requirements and descriptions,
    which all hold.
    """
    outcome = assessment.decided
    if outcome is None:
        return _keeping_open(assessment)
    found = assessment.findings
    if outcome.trigger is Trigger.OTHERWISE:
        return tuple(f for f in found if f.criterion.tier.speaks_when is Truth.FALSE)
    return tuple(f for f in found if f.criterion.tier is outcome.looks_at and f.speaks)


def contradictions_said(assessment: Assessment, audience: Audience) -> tuple[str, ...]:
    """Which answers cannot all be true, and why, a sentence or two for each contradiction."""
    items = assessment.ruleset.items
    return tuple(
        f"{each.rule.say.to(audience)} Answered: "
        + "; ".join(
            f"{items[link_id].name}: {words_of_answer(items[link_id], answer, audience)}"
            for link_id in each.items
            for answer in [assessment.answers[link_id]]
        )
        + _recorded(assessment, each.rule)
        + "."
        for each in assessment.contradictions
    )


def _recorded(assessment: Assessment, rule: Consistency) -> str:
    """The recorded birth year, where a rule reads it."""
    known = rule.reads_birth_year and assessment.birth_year is not None
    return f"; recorded birth year: {assessment.birth_year}" if known else ""


def settled_head(assessment: Assessment) -> str:
    """The same in a few words."""
    if assessment.decided is not None or assessment.settled is None:
        return ""
    return SETTLED_WORDS[assessment.settled]


def closing_sentence(assessment: Assessment, today: dt.date) -> str:
    """The last day on which what is recent still is; empty if nothing depends on it any more."""
    day = open_until(assessment)
    if day is None:
        return ""
    verb = "ended" if day < today else "ends"
    return f"Time window {verb} {words_of_day(day)}: {DONE}"


def settled_sentence(assessment: Assessment) -> str:
    """That a result which is still open can come out only one way; empty if it may come out both.

    Where it cannot come out favourable, the reasons that are certain are named, the gravest first.
    """
    head = settled_head(assessment)
    if not head:
        return ""
    if assessment.settled:
        names = [o.name for o in assessment.ruleset.results if o.id in assessment.possible]
        return f"{head}. Still possible: {'; '.join(names)}."
    tiers = (*GRAVE, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)
    certain = [each for each in assessment.findings if each.speaks and each.criterion.tier in tiers]
    certain.sort(key=lambda found: tiers.index(found.criterion.tier))
    reasons = "; ".join(_said(each) for each in certain)
    return f"{head}: {reasons}." if reasons else f"{head}."


def reason_sentence(assessment: Assessment) -> str:
    """Why the outcome is what it is, in one sentence for the nurse."""
    outcome = assessment.decided
    if outcome is None and assessment.contradictions:
        return " ".join(contradictions_said(assessment, Audience.NURSE))
    if outcome is None:
        possible = [o.name for o in assessment.ruleset.outcomes if o.id in assessment.possible]
        missing = counted(len(assessment.needs), "missing answer")
        return f"{missing} could still matter. Still possible: {'; '.join(possible)}."
    found = deciding(assessment)
    if outcome.trigger is Trigger.OTHERWISE:
        return (
            f"{_held(found)} found to hold; nothing answered so far is a reason against."
            f" {NO_ALL_CLEAR}"
        )
    if not found:
        names = [assessment.ruleset.items[link_id].name for link_id in assessment.needs]
        return f"Whatever the missing answers are, the result is the same: {', '.join(names)}."
    return "Because: " + "; ".join(_told(each, assessment.ruleset) for each in found) + "."


def still_needed(assessment: Assessment) -> tuple[Need, ...]:
    """What is still to be found out, the most consequential first.

    Of one tier, what an answer already makes likely comes first.
    """
    rank = list(Tier)
    gravest: dict[str, Tier] = {}
    for found in assessment.findings:
        for link_id in found.finding.needs:
            tiers = (found.criterion.tier, gravest.get(link_id, Tier.INFO))
            gravest[link_id] = min(tiers, key=rank.index)
    needs = [_need(assessment, link_id, gravest[link_id]) for link_id in assessment.needs]
    return tuple(
        sorted(needs, key=lambda n: (rank.index(n.tier), n.effect == EFFECT_WORDS[n.tier]))
    )


def doctor_questions(assessment: Assessment) -> tuple[DoctorQuestion, ...]:
    """The questions for the doctor whose condition holds."""
    return tuple(
        question
        for question in assessment.ruleset.doctor_questions
        if evaluate(question.condition, assessment.answers, assessment.as_of).truth is Truth.TRUE
    )


def standing(ruleset: Ruleset, as_of: dt.date, today: dt.date) -> tuple[str, ...]:
    """What to know of the rules and the day before trusting a result; empty if all is as usual."""
    said: list[str] = []
    if as_of < today:
        day = words_of_day(as_of)
        said.append(f"The screening date is {day}, not today: ask about the signs again for today.")
    for part in ruleset.parts:
        if part.status is not Status.ACTIVE:
            said.append(f"The rules “{part.id}” are marked {part.status.value}: not for use.")
        if part.review_by < today:
            due = words_of_day(part.review_by)
            said.append(f"The review of the rules “{part.id}” was due on {due}.")
    return tuple(said)


def advice(assessment: Assessment) -> tuple[str, ...]:
    """What a patient does first: the words of the gravest outcome that has a reason, else neutral.

    Beside “now” nothing says “soon”: who reads both may take the later one.

    The neutral words are those of the open outcome, whatever the outcome is, so that nothing that a
    patient reads can tell one from another. What to do when in doubt follows them, unless a sign is
    in doubt: it is listed then, with what to do.
    """
    ruleset = assessment.ruleset
    tiers = {criterion.tier for criterion in advised_by(assessment)}
    reached = (o for o in ruleset.outcomes if o.trigger is Trigger.ANY and o.tier in tiers)
    grave = tuple(outcome.say.patient for outcome in reached)[:1]
    if grave or not ruleset.open_outcome:
        return grave
    in_doubt = () if unsure(assessment, Tier.EMERGENCY) else (IN_DOUBT,)
    return (ruleset.open_outcome.say.patient, *in_doubt)


def advised_by(assessment: Assessment) -> tuple[Criterion, ...]:
    """What a patient's advice follows from: the criteria of the gravest tier that has any.

    An urgent one counts also where an answer speaks for it and only another answer is missing: not
    to know what a scan shows is no better than to have had none.
    """
    for tier in GRAVE:
        of_tier = (found for found in assessment.findings if found.criterion.tier is tier)
        if raised := tuple(f.criterion for f in of_tier if f.speaks or _is_likely(assessment, f)):
            return raised
    return ()


def _is_likely(assessment: Assessment, found: CriterionFinding) -> bool:
    """Whether an answer speaks for an urgent criterion that another one leaves undecided."""
    undecided = found.criterion.tier is Tier.URGENT and found.truth is Truth.UNKNOWN
    return undecided and any(_speaking(found.finding, assessment.ruleset.items))


def _speaking(finding: Finding, items: Items) -> Iterator[str]:
    """The items whose answers, the worse ones, speak for a condition as it is written."""
    match finding.condition:
        case AtLeast():
            for part in finding.parts:
                yield from _speaking(part, items)
        case OneOf(item=link_id, values=values):
            worse = {"yes": True, "no": False}.get(items[link_id].worse or "", items[link_id].worse)
            if finding.truth is Truth.TRUE and worse in values:
                yield link_id
        case Not() | Compare() | Within():
            return
        case _:
            assert_never(finding.condition)


def unsure(assessment: Assessment, tier: Tier) -> tuple[Item, ...]:
    """The questions called for whose missing answers may hide something of a grave tier.

    Every emergency sign is one of them. Another question is none if it can wait for the visit, or
    if no answer to it alone could raise anything: it then rests on an answer that is missing, too.
    """
    items = (need.item for need in still_needed(assessment) if need.tier is tier)
    answers, as_of = assessment.answers, assessment.as_of
    called_for = (item for item in items if put(item, answers, as_of))
    return tuple(
        item
        for item in called_for
        if tier is Tier.EMERGENCY or (not item.can_wait and _could_raise(assessment, tier, item))
    )


def _could_raise(assessment: Assessment, tier: Tier, item: Item) -> bool:
    """Whether an answer to a question alone could make an undecided criterion of a tier true."""
    return any(
        found.finding.could_be(Truth.TRUE, item.link_id)
        for found in assessment.findings
        if found.criterion.tier is tier and item.link_id in found.finding.needs
    )


def disagreements_touched(assessment: Assessment) -> tuple[Disagreement, ...]:
    """The topics on which sources differ and that the result or a shown question touches.

    A requirement that holds carries the result as much as one that does not.
    """
    shown = {f.criterion.id for f in assessment.findings if f.speaks or f.truth is Truth.TRUE}
    shown |= {question.id for question in doctor_questions(assessment)}
    return tuple(d for d in assessment.ruleset.disagreements if not d.touches.isdisjoint(shown))


def _keeping_open(assessment: Assessment) -> tuple[CriterionFinding, ...]:
    """The undecided criteria whose tier triggers one of the possible outcomes.

    Where a criterion of the tier speaks already, the others of it decide nothing any more.
    """
    tiers = {
        outcome.looks_at
        for outcome in assessment.ruleset.outcomes
        if outcome.id in assessment.possible
    }
    tiers -= {found.criterion.tier for found in assessment.findings if found.speaks}
    return tuple(
        found
        for found in assessment.findings
        if found.truth is Truth.UNKNOWN and found.criterion.tier in tiers
    )


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural where it needs one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def fact_sentence(found: CriterionFinding) -> str:
    """What a finding comes to, without what its sources say of it: “The pain is not severe”."""
    return _said(found).partition("; ")[0]


def _held(found: Iterable[CriterionFinding]) -> str:
    """How many requirements and descriptions hold, in words."""
    held = Counter(each.criterion.tier for each in found if each.truth is Truth.TRUE)
    nouns = ((Tier.REQUIRED, "documented requirement"), (Tier.DESCRIBED, "description"))
    return " and ".join(counted(held[tier], noun) for tier, noun in nouns if held[tier])


def _told(found: CriterionFinding, ruleset: Ruleset) -> str:
    support = support_words(found.criterion, ruleset)
    return f"{_said(found)} ({support})" if support else _said(found)


def _said(found: CriterionFinding) -> str:
    criterion = found.criterion
    return _first_sentence((criterion.flag_text if found.speaks else criterion.say).nurse)


def _first_sentence(text: str) -> str:
    """What a text says first, to stand within another sentence."""
    return text.partition(". ")[0].rstrip(".")


def _need(assessment: Assessment, link_id: str, tier: Tier) -> Need:
    item = assessment.ruleset.items[link_id]
    missing = words_of_answer(item, assessment.answers.get(link_id), Audience.NURSE)
    who = WHO_WORDS[item.who] if item.who else ""
    effect = ", ".join(filter(None, (EFFECT_WORDS[tier], _since(assessment, link_id, tier))))
    return Need(item=item, tier=tier, effect=effect, missing=missing, who=who)


def _since(assessment: Assessment, link_id: str, tier: Tier) -> str:
    """The answers that make a missing one matter: “since Serious accident is yes”, or nothing."""
    items, answers = assessment.ruleset.items, assessment.answers
    speaking = dict.fromkeys(
        each
        for found in assessment.findings
        if found.criterion.tier is tier and link_id in found.finding.needs
        if _is_likely(assessment, found)
        for each in _speaking(found.finding, items)
    )
    said = (
        f"{items[each].name} is {words_of_answer(items[each], answers[each], Audience.NURSE)}"
        for each in speaking
    )
    return f"since {' and '.join(said)}" if speaking else ""


def _joined(count: int, parts: list[str]) -> str:
    if count == len(parts):
        return ", and ".join(parts)
    if count == 1:
        return ", or ".join(parts)
    return f"at least {count} of: " + "; ".join(parts)


def _bracketed(condition: Condition, items: Items, audience: Audience) -> str:
    words = words_of_condition(condition, items, audience)
    return f"({words})" if isinstance(condition, AtLeast) and condition != ALWAYS else words


def _tested(test: Compare | OneOf | Within, items: Items, audience: Audience) -> str:
    item = items[test.item]
    match test:
        case Compare(comparison=comparison, bound=bound):
            side = "at least" if comparison is Comparison.AT_LEAST else "at most"
            return f"{side} {bound} {item.unit}".strip()
        case Within(length=length, unit=unit):
            word = unit.value if length > 1 else unit.value.removesuffix("s")
            return f"within {length} {word} before the screening date"
        case OneOf(values=values):
            return " or ".join(_value_words(item, values, audience))
        case _:
            assert_never(test)


def _value_words(item: Item, values: frozenset[str | bool], audience: Audience) -> Iterable[str]:
    if not item.choices:
        return ["yes" if value else "no" for value in sorted(values, reverse=True)]
    return [words.to(audience) for code, words in item.choices.items() if code in values]
