"""Explanations in plain sentences for the nurse, without markup.

They speak of facts to be found out, never of answers to be changed.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from screening.core.answer import Answer, Value
from screening.core.assess import Assessment, CriterionFinding, put, shown
from screening.core.condition import items_in
from screening.core.consistency import Consistency, Order, could_contradict
from screening.core.explain import (
    GRAVE,
    NO_ALL_CLEAR,
    Items,
    Need,
    contradictions_said,
    counted,
    deciding,
    fact_sentence,
    still_needed,
    strength_words,
    support_words,
    words_of_answer,
    words_of_answers,
)
from screening.core.finding import Answers, evaluate
from screening.core.ruleset import Tier, Trigger
from screening.core.wording import Audience
from screening.proof.reasons import Change, Explanation


def because(assessment: Assessment, explanation: Explanation) -> str:
    """Why the outcome is what it is: what the deciding answers come to, in the rules' own words.

    No answer is named beside the deciding ones, which are the fewest; the others are counted.
    """
    reason = explanation.reason
    outcome = assessment.decided
    if outcome is None and assessment.contradictions:
        return " ".join(contradictions_said(assessment, Audience.NURSE))
    if outcome is None:
        return "Several outcomes are still possible: the missing answers below decide between them."
    if outcome.trigger is Trigger.OTHERWISE:
        count = len(reason.deciding) + len(reason.checked)
        found = (
            f"All that the rules ask for was found, in {count} answers, and nothing answered so far"
            " is a reason against."
        )
        return " ".join(filter(None, [found, still_open(assessment, explanation), NO_ALL_CLEAR]))
    answers = {link_id: assessment.answers[link_id] for link_id in reason.deciding}
    checked = len(reason.checked)
    rest = f" ({counted(checked, 'answer')} checked)" if checked else ""
    said = f"{_told(assessment, answers)} Nothing of higher priority applies{rest}."
    return f"{said} {still_open(assessment, explanation)}".strip()


def still_open(assessment: Assessment, explanation: Explanation) -> str:
    """How many questions are open beside a favourable result; empty if none is, or it is none.

    Those that can still add a caution or something to prepare are told apart from the others.
    """
    if not assessment.favourable:
        return ""
    answers, as_of = assessment.answers, assessment.as_of
    unknown = {
        item.link_id
        for item in assessment.ruleset.items.values()
        if not (item.link_id in answers and answers[item.link_id].known)
        and put(item, answers, as_of)
    }
    adding = {need.item.link_id for need in needed(assessment, explanation)}
    contrary = _contrary(assessment, explanation) - adding
    some, others = len(unknown & adding), len(unknown & contrary)
    rest = len(unknown - adding - contrary)
    said: list[str] = []
    if some:
        verb, which = ("is", "it cannot") if some == 1 else ("are", "none can")
        said.append(
            f"{counted(some, 'question')} {verb} open that can still add a caution or something to"
            f" prepare; {which} change which result it is."
        )
    if rest:
        verb, which = ("is", "it cannot") if rest == 1 else ("are", "none can")
        said.append(f"{counted(rest, 'question')} {verb} open; {which} change this result.")
    if others:
        verb, which = ("is", "it") if others == 1 else ("are", "each")
        said.append(
            f"{counted(others, 'question')} {verb} open; {which} can change this result only by"
            " contradicting another answer."
        )
    return " ".join(said)


def needed(assessment: Assessment, explanation: Explanation) -> tuple[Need, ...]:
    """What is still to be found out and can still matter, the most consequential first.

    An emergency sign that nobody ruled out always matters, whatever the result is by now.
    """
    answers, as_of = assessment.answers, assessment.as_of
    live = {matter.link_id for matter in explanation.can_matter}
    return tuple(
        need
        for need in still_needed(assessment)
        if need.item.link_id in live or need.tier is Tier.EMERGENCY
        if shown(need.item, answers, as_of)
    )


def changes_told(assessment: Assessment, explanation: Explanation) -> tuple[str, ...]:
    """What would change the outcome; nothing while a warning sign stands, which is acted on."""
    if assessment.decided is not None and assessment.decided.tier in GRAVE:
        return ()
    return tuple(what_would_change(assessment, change) for change in explanation.changes)


def what_would_change(assessment: Assessment, change: Change) -> str:
    """Which facts, if they were found to be otherwise, could lead to another outcome."""
    items = assessment.ruleset.items
    name = next(o.name for o in assessment.ruleset.outcomes if o.id == change.outcome)
    facts = "; ".join(
        f"{items[link_id].name}: {_any_of(link_id, values, items)}"
        for link_id, values in change.facts.items()
    )
    return f"“{name}” would be possible if it were found that {facts}."


def whichever_way(assessment: Assessment, explanation: Explanation) -> str:
    """Which missing answers make no difference any more; empty if there are none.

    Warning signs are never among them: whoever sees the patient still has to ask about each. Nor is
    an answer that a contradiction names, for which the result waits, and those that could make a
    contradiction are told apart.
    """
    ruleset, idle = assessment.ruleset, idle_items(assessment, explanation)
    signs = {
        link_id
        for criterion in ruleset.criteria
        if criterion.tier in GRAVE
        for link_id in items_in(criterion.condition)
    }
    contrary = _contrary(assessment, explanation)
    names = [ruleset.items[each].name for each in idle if each not in signs | contrary]
    others = [ruleset.items[each].name for each in idle if each in contrary - signs]
    said = [f"These answers cannot change the result: {', '.join(names)}."] if names else []
    if others:
        said.append(
            f"These can change it only by contradicting another answer: {', '.join(others)}."
        )
    if signs & set(idle):
        said.append("The result does not wait for the other warning signs; ask about them as well.")
    return " ".join(said)


def idle_items(assessment: Assessment, explanation: Explanation) -> tuple[str, ...]:
    """The unanswered items that can no longer matter.

    Answers that contradict each other are taken for unknown when reasons are sought, but they are
    there, and the result waits until one of them is put right.
    """
    named = {link_id for each in assessment.contradictions for link_id in each.items}
    return tuple(each for each in explanation.idle if each not in named)


def _contrary(assessment: Assessment, explanation: Explanation) -> frozenset[str]:
    """The unanswered items whose answers could change the result by a contradiction."""
    ruleset, reason = assessment.ruleset, explanation.reason
    rules = ruleset.consistency
    if assessment.decided is not None and not assessment.favourable:
        rules = _touching(rules, {*reason.deciding, *reason.checked})
    known = assessment.answers, assessment.as_of, assessment.birth_year
    return could_contradict(rules, ruleset.items, *known)


def _touching(rules: Sequence[Consistency], link_ids: AbstractSet[str]) -> tuple[Consistency, ...]:
    """The rules by which answers can come into doubt; orders share dates, and count as one."""
    touched = [each for each in rules if each.items & link_ids]
    if any(isinstance(each.check, Order) for each in touched):
        return tuple(each for each in rules if each in touched or isinstance(each.check, Order))
    return tuple(touched)


def _told(assessment: Assessment, answers: Answers) -> str:
    """What the deciding answers come to; a warning sign, whose words stand above all, by name."""
    said = words_of_answers(answers, assessment.ruleset.items)
    found = _settled(assessment, answers)
    if found is None or found.criterion.tier in GRAVE:
        return f"Because {said}."
    strength = strength_words(found.criterion)
    support = support_words(found.criterion, assessment.ruleset)
    marks = "; ".join(each for each in (said, f"the source says: {strength}", support) if each)
    return f"Because: {fact_sentence(found)} ({marks})."


def _settled(assessment: Assessment, answers: Answers) -> CriterionFinding | None:
    """The first deciding criterion whose truth rests on these answers alone."""
    as_of = assessment.as_of
    return next(
        (
            found
            for found in deciding(assessment)
            if evaluate(found.criterion.condition, answers, as_of).truth is found.truth
        ),
        None,
    )


def _any_of(link_id: str, values: Iterable[Value], items: Items) -> str:
    item = items[link_id]
    words = (words_of_answer(item, Answer(value=value), Audience.NURSE) for value in values)
    return " or ".join(words)
