"""The state of an interview: which question is next, what an answer means. It prints nothing."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from screening.core.answer import AbsentReason, Answer
from screening.core.assess import assess, deciding_items, put
from screening.core.finding import evaluate
from screening.core.item import Item, ItemType
from screening.core.ruleset import GRAVE, Criterion, Ruleset
from screening.core.truth import Truth
from screening.core.wording import Audience
from screening.formats.answers.day_text import AmbiguousDayError
from screening.formats.answers.text import MisfitError, expected, parse_codes, parse_text
from screening.formats.answers.vague_days import iso_days_of
from screening.proof.reasons import Explainer
from screening.words.shared.contradictions import contradictions_said
from screening.words.shared.days import words_of_day

_UNKNOWN = {"u": (AbsentReason.ASKED_UNKNOWN, "I do not know")}
_SENSITIVE = {"d": (AbsentReason.ASKED_DECLINED, "I would rather not say")}
_NURSE = {
    "u": (AbsentReason.ASKED_UNKNOWN, "not known"),
    "p": (AbsentReason.TEMP_UNKNOWN, "result pending"),
    "d": (AbsentReason.ASKED_DECLINED, "declined"),
}


@dataclass(slots=True)
class Interview:
    """One person's way through the questionnaire.

    With an explainer the question that can tell most comes next; without one questions keep the
    order of the questionnaire. Either way nothing is asked that cannot matter any more, unless
    everything is to be asked.
    """

    ruleset: Ruleset
    audience: Audience
    as_of: dt.date
    explainer: Explainer | None = None
    everything: bool = False
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    birth_year: int | None = None

    @property
    def known(self) -> tuple[dict[str, Answer], dt.date, int | None]:
        """What is known of the person: the answers, the screening date and the birth year."""
        return self.answers, self.as_of, self.birth_year

    def find_next(self) -> Item | None:
        """The next question; None if no further answer can matter."""
        if self.explainer and not self.everything:
            link_id = self.explainer.next_item(*self.known)
            return self.ruleset.items[link_id] if link_id else None
        deciding = deciding_items(self.ruleset, *self.known)
        left = self.left_out()
        return next((i for i in left if self.everything or i.link_id in deciding), None)

    def find_before(self, item: Item) -> Item | None:
        """The question that was answered before another."""
        answered = [link_id for link_id in self.answers if link_id in self._called_for()]
        if item.link_id in answered:
            answered = answered[: answered.index(item.link_id)]
        return self.ruleset.items[answered[-1]] if answered else None

    def left_out(self) -> list[Item]:
        """The questions that are called for and have not been put."""
        return [item for item in self._asked() if item.link_id not in self.answers]

    def alarms(self) -> list[Criterion]:
        """The emergency and urgent criteria that the answers so far make true."""
        return [
            criterion
            for criterion in self.ruleset.criteria
            if criterion.tier in GRAVE and self._holds(criterion)
        ]

    def contradictions(self, audience: Audience) -> tuple[str, ...]:
        """Which of the answers so far cannot all be true, and why."""
        return contradictions_said(assess(self.ruleset, *self.known), audience)

    def reasons(self, item: Item) -> Mapping[str, tuple[AbsentReason, str]]:
        """The reasons for having no answer that may be given, by key, with their words."""
        if self.audience is Audience.NURSE:
            return _NURSE
        return _UNKNOWN | (_SENSITIVE if item.sensitive else {})

    def read(self, item: Item, typed: str) -> Answer:
        """What a typed line answers.

        Raises:
            MisfitError: if it is no answer to the item.
        """
        reason = self.reasons(item).get(typed.lower())
        if reason:
            return Answer(absent=reason[0])
        if item.type is ItemType.CHOICES:
            picked = [_code(item, word) for word in re.split(r"[\s,]+", typed.strip(" ,"))]
            return Answer(value=parse_codes(item, picked, self.as_of))
        text = _day(typed, self.as_of) if item.type is ItemType.DATE else _code(item, typed)
        return Answer(value=parse_text(item, text, self.as_of))

    def _asked(self) -> list[Item]:
        return [item for item in self.ruleset.items.values() if put(item, self.answers, self.as_of)]

    def _called_for(self) -> frozenset[str]:
        return frozenset(item.link_id for item in self._asked())

    def _holds(self, criterion: Criterion) -> bool:
        return evaluate(criterion.condition, self.answers, self.as_of).truth is Truth.TRUE


def choices_of(item: Item, audience: Audience) -> list[str]:
    """The words of the numbered choices; none for a number or a day."""
    if item.type is ItemType.YES_NO:
        return ["yes", "no"]
    return [words.to(audience) for words in item.choices.values()]


def wanted(item: Item, misfit: MisfitError) -> str:
    """What would have been an answer, in terms of what is on the screen."""
    count = len(item.choices) or 2
    if misfit.expectation != expected(item):
        return misfit.expectation
    if item.type in (ItemType.YES_NO, ItemType.CHOICE):
        return f"a number from 1 to {count}"
    if item.type is ItemType.CHOICES:
        return f"one or more numbers from 1 to {count}, such as 1,{count}"
    if item.type is ItemType.DATE:
        return "a day that exists, such as 2026-10-01, a month, a year, or “about 3 weeks ago”"
    return misfit.expectation


def _day(typed: str, as_of: dt.date) -> str:
    """Typed days as ``parse_text`` reads it."""
    try:
        return iso_days_of(typed, as_of)
    except AmbiguousDayError as error:
        both = " or ".join(words_of_day(day) for day in error.readings)
        raise MisfitError(f"{both}, since {typed.strip()} can mean either") from None


def _code(item: Item, typed: str) -> str:
    """The code of a choice that was given by its number; else what was typed."""
    yes_no = item.type is ItemType.YES_NO
    codes = ["yes", "no"] if yes_no else list(item.choices)
    numbered = {str(number): code for number, code in enumerate(codes, start=1)}
    words = {"y": "yes", "n": "no"} if yes_no else {}
    word = typed.lower() if codes else typed
    return (numbered | words).get(word, word)
