"""Answers and changes in words for the pages of a case: the person, the time and the way."""

import datetime as dt
from collections.abc import Mapping

from screening.core.rules.item import Item
from screening.core.values.answer import Answer
from screening.core.values.span import Span
from screening.core.values.wording import Audience
from screening.records.case.history import AnswerEntry, Change, EntryMethod
from screening.translation import Phrases, gettext
from screening.web.shell.dates import words_of_moment
from screening.words.shared.answers import NOT_ANSWERED, words_of_answer
from screening.words.shared.days import words_of_days

HOW_WORDS = Phrases(
    {
        EntryMethod.FORM: "typed and saved",
        EntryMethod.AUTOSAVE: "typed, saved by itself",
        EntryMethod.NONE_OF_THESE: "answered with “none of these”",
        EntryMethod.ASKED_AGAIN: "asked again, same answer",
    }
)


def answer_words(item: Item | None, answer: Answer | None) -> str:
    """An answer for the nurse; of a question that the rules no longer have, as it was written."""
    if answer is None:
        return gettext(NOT_ANSWERED)
    if isinstance(answer.value, dt.date | Span):
        return words_of_days(answer.value)
    if item is None or not _fits(item, answer):
        return str(answer.value if answer.absent is None else answer.absent.value)
    return words_of_answer(item, answer, Audience.NURSE)


def question_name(items: Mapping[str, Item], link_id: str) -> str:
    """A question's short name; of one that the rules no longer have, its id."""
    return (
        items[link_id].name
        if link_id in items
        else gettext("{question} (no longer asked)", question=link_id)
    )


def given_words(item: Item, given: AnswerEntry, today: dt.date) -> str:
    """An answer with its giver, the time and the way."""
    when = words_of_moment(given.at, today)
    return gettext(
        "{answer}: {name}, {when}, {how}",
        answer=answer_words(item, given.answer),
        name=given.by,
        when=when,
        how=HOW_WORDS[given.how],
    )


def merged_words(items: Mapping[str, Item], change: Change, today: dt.date) -> str:
    """A change that somebody else made while this person was answering."""
    item = items.get(change.link_id)
    if change.how is EntryMethod.ASKED_AGAIN:
        return gettext(
            "{question}: {name} asked again and got the same answer ({after}), {when}",
            question=question_name(items, change.link_id),
            name=change.by,
            after=answer_words(item, change.after),
            when=words_of_moment(change.at, today),
        )
    return gettext(
        "{question}: {name} changed it from {before} to {after}, {when}",
        question=question_name(items, change.link_id),
        name=change.by,
        before=answer_words(item, change.before),
        after=answer_words(item, change.after),
        when=words_of_moment(change.at, today),
    )


def _fits(item: Item, answer: Answer) -> bool:
    """True if a choice that was given is still one of the question."""
    match answer.value:
        case str():
            return answer.value in item.choices
        case frozenset():
            return answer.value <= item.choices.keys()
        case _:
            return True
