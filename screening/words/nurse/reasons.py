"""Explanations of a result.

They speak of facts to be found out, never of answers to be changed.
"""

from collections.abc import Iterable

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.results.result import deciding_criteria
from screening.core.rules.finding import Answers, evaluate
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Trigger
from screening.core.values.answer import Answer, Value
from screening.core.values.wording import Audience
from screening.proof.explanation.reasons import Change, Explanation, Reason
from screening.proof.explanation.unanswered import (
    contradicting_items,
    grave_items,
    idle_items,
    open_questions,
    relevant_needs,
)
from screening.translation import gettext, ngettext
from screening.words.nurse.criteria import strength_words, words_of_support
from screening.words.nurse.result import NO_ALL_CLEAR, words_of_finding
from screening.words.shared.answers import words_of_answer, words_of_answers
from screening.words.shared.contradictions import words_of_contradictions
from screening.words.shared.lists import join_name, join_or


def words_of_reason(assessment: Assessment, explanation: Explanation) -> str:
    """The reason for the outcome: what the deciding answers come to, in the rules' own words.

    No answer is named beside the deciding ones, which are the fewest; the others are counted.
    """
    outcome = assessment.decided
    if outcome is None and assessment.contradictions:
        return " ".join(words_of_contradictions(assessment, Audience.NURSE))
    if outcome is None:
        return gettext(
            "Several outcomes are still possible: the missing answers below decide between them."
        )
    still = words_of_open_questions(assessment, explanation)
    if outcome.trigger is Trigger.OTHERWISE:
        said = [_all_found(explanation.reason), still, gettext(NO_ALL_CLEAR)]
    else:
        said = [_deciding(assessment, explanation.reason), _checked(explanation.reason), still]
    return " ".join(filter(None, said))


def _all_found(reason: Reason) -> str:
    count = len(reason.deciding) + len(reason.checked)
    return ngettext(
        "Everything that the rules ask for is met ({count} answer). No answer so far is a reason"
        " against.",
        "Everything that the rules ask for is met ({count} answers). No answer so far is a reason"
        " against.",
        count,
    )


def _checked(reason: Reason) -> str:
    """The number of answers that rule out what would come first."""
    if not reason.checked:
        return gettext("Nothing of higher priority applies.")
    return ngettext(
        "Nothing of higher priority applies ({count} answer checked).",
        "Nothing of higher priority applies ({count} answers checked).",
        len(reason.checked),
    )


def words_of_open_questions(assessment: Assessment, explanation: Explanation) -> str:
    """The number of open questions beside a favourable result; empty if none is, or it is none.

    Those that can still add a caution or something to prepare are told apart from the others.
    """
    if not assessment.favourable:
        return ""
    unknown = open_questions(assessment)
    adding = {need.item.link_id for need in relevant_needs(assessment, explanation)}
    contrary = contradicting_items(assessment, explanation) - adding
    counts = len(unknown & adding), len(unknown - adding - contrary), len(unknown & contrary)
    said = zip(counts, (_adding, _changing_nothing, _contradicting), strict=True)
    return " ".join(words(count) for count, words in said if count)


def _adding(count: int) -> str:
    return ngettext(
        "{count} question is open that can still add a caution or something to prepare; it cannot"
        " change which result it is.",
        "{count} questions are open that can still add a caution or something to prepare; none can"
        " change which result it is.",
        count,
    )


def _changing_nothing(count: int) -> str:
    return ngettext(
        "{count} question is open; it cannot change this result.",
        "{count} questions are open; none can change this result.",
        count,
    )


def _contradicting(count: int) -> str:
    return ngettext(
        "{count} question is open; it can change this result only by contradicting another answer.",
        "{count} questions are open; each can change this result only by contradicting another"
        " answer.",
        count,
    )


def words_of_changes(assessment: Assessment, explanation: Explanation) -> tuple[str, ...]:
    """The changes that would lead to another outcome; none beside a warning sign."""
    if assessment.decided is not None and assessment.decided.tier in GRAVE:
        return ()
    return tuple(words_of_change(assessment, change) for change in explanation.changes)


def words_of_change(assessment: Assessment, change: Change) -> str:
    """The facts that could lead to another outcome if they were found to be different."""
    items = assessment.ruleset.items
    name = next(o.name for o in assessment.ruleset.outcomes if o.id == change.outcome)
    facts = (
        join_name(items[link_id].name, _any_of(items[link_id], values))
        for link_id, values in change.facts.items()
    )
    return gettext(
        "“{outcome}” would be possible with: {facts}.",
        outcome=name,
        facts="; ".join(facts),
    )


def words_of_idle_answers(assessment: Assessment, explanation: Explanation) -> str:
    """The missing answers that make no difference now; empty if there are none.

    Warning signs are never among them: each has to be asked about at the visit. Nor is an answer
    that a contradiction names, for which the result waits, and those that could make a
    contradiction are told apart.
    """
    items, idle = assessment.ruleset.items, idle_items(assessment, explanation)
    signs, contrary = grave_items(assessment), contradicting_items(assessment, explanation)
    names = [items[each].name for each in idle if each not in signs | contrary]
    others = [items[each].name for each in idle if each in contrary - signs]
    said: list[str] = []
    if names:
        listed = ", ".join(names)
        said.append(gettext("These answers cannot change the result: {names}.", names=listed))
    if others:
        said.append(
            gettext(
                "These can change it only by contradicting another answer: {names}.",
                names=", ".join(others),
            )
        )
    if signs & set(idle):
        said.append(
            gettext("The result does not wait for the other warning signs; ask about them as well.")
        )
    return " ".join(said)


def _deciding(assessment: Assessment, reason: Reason) -> str:
    """The deciding answers in words; a warning sign by name: its words are on top of the page."""
    answers = {link_id: assessment.answers[link_id] for link_id in reason.deciding}
    said = words_of_answers(answers, assessment.ruleset.items)
    found = _settled(assessment, answers)
    if found is None or found.criterion.tier in GRAVE:
        return gettext("Because {answers}.", answers=said)
    strength = strength_words(found.criterion)
    support = words_of_support(found.criterion, assessment.ruleset)
    marks = "; ".join(filter(None, (said, strength, support)))
    return gettext("Because: {finding} ({marks}).", finding=words_of_finding(found), marks=marks)


def _settled(assessment: Assessment, answers: Answers) -> CriterionFinding | None:
    """The first deciding criterion whose truth rests on these answers alone."""
    as_of = assessment.as_of
    return next(
        (
            found
            for found in deciding_criteria(assessment)
            if evaluate(found.criterion.condition, answers, as_of).truth is found.truth
        ),
        None,
    )


def _any_of(item: Item, values: Iterable[Value]) -> str:
    return join_or(words_of_answer(item, Answer(value=value), Audience.NURSE) for value in values)
