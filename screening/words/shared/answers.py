"""Answers in words, with what the order of events leaves of dates."""

import datetime as dt
from collections.abc import Mapping
from typing import assert_never

from screening.core.results.assess import Assessment
from screening.core.rules.consistency import narrowing_items
from screening.core.rules.finding import Bounds
from screening.core.rules.item import Item
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.span import Span
from screening.core.values.wording import Audience
from screening.translation import gettext, mark, reader_conventions
from screening.words.shared.days import words_of_day, words_of_days
from screening.words.shared.labels import ABSENT_WORDS, NOT_KNOWN, SENSITIVE_WORDS
from screening.words.shared.lists import join_name

Items = Mapping[str, Item]

NOT_ANSWERED = mark("not answered")


def words_of_answer(item: Item, answer: Answer | None, audience: Audience) -> str:
    """An answer in the words of its item."""
    value = answer.value if answer else None
    match value:
        case None:
            return _words_of_absence(answer.absent if answer else None, audience)
        case bool():
            return yes_or_no(value=value)
        case int():
            return _words_of_number(item, value)
        case dt.date() | Span():
            return words_of_days(value)
        case str():
            return item.choices[value].to(audience)
        case frozenset():
            picked = (words.to(audience) for code, words in item.choices.items() if code in value)
            return ", ".join(picked)
        case _:
            assert_never(value)


def _words_of_number(item: Item, value: int) -> str:
    """A number with its unit; alone in another language, where a unit has forms of its own."""
    if reader_conventions():
        return str(value)
    unit = item.unit.removesuffix("s") if value == 1 else item.unit
    return f"{value} {unit}".strip()


def _words_of_absence(absent: AbsentReason | None, audience: Audience) -> str:
    if absent is None:
        return gettext(NOT_ANSWERED)
    for own in (NOT_KNOWN, SENSITIVE_WORDS) if audience is Audience.PATIENT else ():
        if absent in own:
            return own[absent]
    return ABSENT_WORDS[absent]


def yes_or_no(*, value: bool) -> str:
    """The answer to a question of yes or no."""
    return gettext("yes") if value else gettext("no")


def words_of_answers(answers: Mapping[str, Answer], items: Items) -> str:
    """Answers in one line for the nurse: “Lung disease: severe; Levels: 3 levels”."""
    return "; ".join(
        join_name(items[link_id].name, words_of_answer(items[link_id], answer, Audience.NURSE))
        for link_id, answer in answers.items()
    )


def words_of_fact(item: Item, answer: Answer | None) -> str:
    """An answer as a clause: ““Major trauma” was answered “yes””."""
    words = words_of_answer(item, answer, Audience.NURSE)
    return gettext("“{name}” was answered “{answer}”", name=item.name, answer=words)


def words_of_bounds(
    link_id: str, bounds: Bounds | None, items: Items, answers: Mapping[str, Answer]
) -> str:
    """The days that the order of events leaves a date, and why; empty if its answer says more."""
    if bounds is None:
        return ""
    said: list[str] = []
    if (by := bounds.first_by) and by != link_id:
        day, fact = words_of_day(bounds.first), words_of_fact(items[by], answers[by])
        said.append(gettext("on or after {day}, because {fact}", day=day, fact=fact))
    if (by := bounds.last_by) and by != link_id:
        day, fact = words_of_day(bounds.last), words_of_fact(items[by], answers[by])
        said.append(gettext("on or before {day}, because {fact}", day=day, fact=fact))
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
        join_name(assessment.ruleset.items[link_id].name, words_of_known(assessment, link_id))
        for link_id, bounds in assessment.bounds.items()
        if narrowing_items(link_id, bounds)
    )
