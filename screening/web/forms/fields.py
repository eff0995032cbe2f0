"""Form fields: what was posted for one item, and the answer that it makes.

Every answer of every journey is read here, through ``formats.answers``, whether a person typed it
or a hidden input carried it along from an earlier page. Nothing that a browser sends is trusted,
and carried answers need no signature: a forged one is no more than an answer typed by hand.

Names on the form start with ``q-``: a link id may be the name of one of WTForms' attributes.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

from wtforms import Field

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.span import Day, Span, month_of, year_of
from screening.core.values.wording import Audience, Wording
from screening.formats.answers.day_text import DayTextError, plain_text, read_day_parts
from screening.formats.answers.text import MisfitError, parse_codes, parse_text
from screening.formats.answers.vague_days import iso_days_of
from screening.translation import (
    ENGLISH,
    Phrases,
    gettext,
    mark,
    reader_conventions,
    reading_in,
)
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.days import words_of_days
from screening.words.shared.labels import NOT_KNOWN, SENSITIVE_WORDS

PREFIX = "q-"
DAY_PARTS = ("day", "month", "year")
DAY_WORDS = "words"

_OFFERED = {
    Audience.PATIENT: NOT_KNOWN,
    Audience.NURSE: Phrases(
        {
            AbsentReason.ASKED_UNKNOWN: "Not known",
            AbsentReason.TEMP_UNKNOWN: "Result pending",
            AbsentReason.ASKED_DECLINED: "Declined",
        }
    ),
}

NOT_OFFERED = mark("Choose one of the answers on the page")
ONE_REASON = mark("Choose only one reason why the answer is unknown")
EITHER_OR = mark("Give an answer or choose “{reason}”, but not both")
NO_SUCH_DAY = mark("Enter a real date with the year in full, for example 27 3 2026")
ROUGHLY = Phrases(
    {
        Audience.PATIENT: "Or say roughly when it was",
        Audience.NURSE: "Or roughly, in words",
    }
)
ENOUGH = mark(
    "{problem}. A month and a year are enough, and so is a year alone. If you only know roughly,"
    " use the box “{roughly}”, for example: about 3 weeks ago"
)
ENOUGH_IN_NUMBERS = mark("{problem}. A month and a year are enough, and so is a year alone.")
NO_SUCH_WORDS = mark(
    "Write a date such as 27 March 2026, or how long ago it was, such as about 3 weeks ago"
)
BOXES_OR_WORDS = mark("Give the date in numbers or in words, but not both")
LATER_DAY = Phrases(
    {
        Audience.PATIENT: "Enter a date that is today or in the past",
        Audience.NURSE: "Enter a date that is not after the screening date",
    }
)
MISSING = Phrases(
    {
        Audience.PATIENT: "Choose or enter an answer. If you are not sure, choose “I do not know”",
        Audience.NURSE: "Enter a date",
    }
)
_LACKING = Phrases(
    {
        ("day",): "The date must have a day",
        ("month",): "The date must have a month",
        ("year",): "The date must have a year",
        ("day", "month"): "The date must have a day and a month",
        ("day", "year"): "The date must have a day and a year",
        ("month", "year"): "The date must have a month and a year",
    }
)
NO_ITEMS: Mapping[str, Item] = MappingProxyType({})


class PostedValues(Protocol):
    """The names and values of a posted form, as WTForms wants them."""

    def __contains__(self, key: Any, /) -> bool: ...  # noqa: ANN401
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def getlist(self, key: str) -> list[Any]:
        """Every value that was posted under a name."""
        ...


def offered_reasons(item: Item, audience: Audience) -> Mapping[AbsentReason, str]:
    """The reasons for having no answer that a person may choose, in the words of the form."""
    careful = item.sensitive and audience is Audience.PATIENT
    return {**_OFFERED[audience], **(SENSITIVE_WORDS if careful else {})}


class AnswerField(Field):
    """One item on a form. ``data`` is the answer it makes; what makes none is kept as typed.

    ``items`` are those that the question may depend on.
    """

    def __init__(
        self,
        item: Item,
        items: Mapping[str, Item] = NO_ITEMS,
        **kwargs: Any,  # noqa: ANN401 - WTForms passes its own
    ) -> None:
        super().__init__(item.name, **kwargs)
        self.item, self._items = item, items
        self.posted: dict[str, list[str]] = {name: [] for name in self.names}

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which values are posted; the last holds the reasons for having none."""
        return (self.name,)

    @cached_property
    def lead(self) -> str:
        """The sentence on when the question applies, where it depends on an earlier one."""
        if self.item.ask_if is None:
            return ""
        gate = words_of_condition(self.item.ask_if, self._items, Audience.NURSE)
        return gettext("Only if {condition}.", condition=gate) if gate else ""

    @property
    def audience(self) -> Audience:
        """For whom the form is worded."""
        return self.meta.audience  # type: ignore[no-any-return]  # set by forms.py

    @property
    def as_of(self) -> dt.date:
        """The screening date."""
        return self.meta.as_of  # type: ignore[no-any-return]  # set by forms.py

    @property
    def offered(self) -> Mapping[AbsentReason, str]:
        """The reasons for having no answer that may be chosen."""
        return offered_reasons(self.item, self.audience)

    def process(self, formdata: PostedValues | None, *_: object, **__: object) -> None:
        """Keep what was posted, and read it."""
        self.posted = {name: _values(formdata, name) for name in self.names}
        self.data, self.process_errors, self.errors = None, [], ()
        try:
            self.data = self._read()
        except MisfitError as misfit:
            self.process_errors = [misfit.expectation]

    def require(self) -> None:
        """Make it an error that no answer was given."""
        if self.data is None and not self.errors:
            self.errors = (MISSING[self.audience],)

    def carried(self) -> Iterator[tuple[str, str]]:
        """Every name with every value posted under it, for hidden inputs."""
        return ((name, value) for name, values in self.posted.items() for value in values)

    @property
    def first_id(self) -> str:
        """The id of the first control, for the link from the error summary."""
        return self.names[0]

    def _read(self) -> Answer | None:
        codes = {reason.value: reason for reason in self.offered}
        posted = [value for values in self.posted.values() for value in values]
        typed = [value for value in posted if value not in codes]
        reasons = [codes[value] for value in posted if value in codes]
        if len(reasons) > 1:
            raise MisfitError(gettext(ONE_REASON))
        if typed and reasons:
            raise MisfitError(gettext(EITHER_OR, reason=self.offered[reasons[0]]))
        if reasons:
            return Answer(absent=reasons[0])
        return Answer(value=self._value(typed)) if typed else None

    def _value(self, typed: Sequence[str]) -> Value:
        """The value that the typed texts make, or a misfit."""
        raise NotImplementedError


class ChoiceField(AnswerField):
    """Radios: yes or no, or one of the choices."""

    def _value(self, typed: Sequence[str]) -> Value:
        try:
            return parse_text(self.item, " ".join(typed), self.as_of)
        except MisfitError:
            raise MisfitError(gettext(NOT_OFFERED)) from None


class ChoicesField(AnswerField):
    """Checkboxes: one or more of the choices."""

    def _value(self, typed: Sequence[str]) -> Value:
        try:
            return parse_codes(self.item, typed, self.as_of)
        except MisfitError:
            raise MisfitError(gettext(NOT_OFFERED)) from None


class NumberField(AnswerField):
    """A whole number in digits of any script in a text input, and boxes to tick for having none."""

    @property
    def names(self) -> tuple[str, ...]:
        """One name for the number, one for the reasons."""
        return (self.name, f"{self.name}-absent")

    @property
    def text(self) -> str:
        """The number as it was typed."""
        return " ".join(self.posted[self.name])

    def _value(self, typed: Sequence[str]) -> Value:
        try:
            return parse_text(self.item, plain_text(" ".join(typed)), self.as_of)
        except MisfitError:
            raise MisfitError(self._wanted()) from None

    def _wanted(self) -> str:
        message = mark("Enter a whole number from {least} to {most}")
        return gettext(message, least=self.item.minimum, most=self.item.maximum)


class DateField(AnswerField):
    """A day in three text inputs or in words, and boxes to tick for having none.

    The day, or day and month, may be left empty. Words that were read are replaced by the days that
    they meant on the screening date, so that they mean the same ones on a later day.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each part of the day, one for the words, one for the reasons."""
        parts = (*DAY_PARTS, *((DAY_WORDS,) if self.takes_words else ()), "absent")
        return tuple(f"{self.name}-{part}" for part in parts)

    @property
    def takes_words(self) -> bool:
        """True if less than a whole day may be given."""
        return True

    @property
    def offers_words(self) -> bool:
        """True if the box for words is shown: they are read in English only."""
        return self.takes_words and (reader_conventions() is None or bool(self.words))

    @property
    def parts(self) -> dict[str, str]:
        """Day, month and year as they were typed."""
        return {part: " ".join(self.posted[f"{self.name}-{part}"]) for part in DAY_PARTS}

    @property
    def words(self) -> str:
        """The words as they were typed."""
        return " ".join(self.posted.get(f"{self.name}-{DAY_WORDS}", ()))

    @property
    def first_id(self) -> str:
        """The id of the words if they alone were typed, else of the first part of the day."""
        alone = self.words and not any(self.parts.values())
        return f"{self.name}-{DAY_WORDS}" if alone else self.names[0]

    def fill(self, days: Day) -> None:
        """Put days into the inputs, as if they had been typed."""
        self.posted |= texts_of_days(self.name, days)
        self.data = Answer(value=days)

    def _value(self, typed: Sequence[str]) -> Value:  # noqa: ARG002 - which part is which matters
        if not self.words:
            return self._fitting(self._boxes(), gettext(NO_SUCH_DAY))
        if any(self.parts.values()):
            raise MisfitError(gettext(BOXES_OR_WORDS))
        try:
            text = iso_days_of(self.words, self.as_of)
        except DayTextError as error:
            raise MisfitError(str(error)) from None
        value = self._fitting(text, gettext(NO_SUCH_WORDS))
        if isinstance(value, dt.date | Span):
            self.posted |= texts_of_days(self.name, value)
        return value

    def _boxes(self) -> str:
        missing = [part for part, text in self.parts.items() if not text and self._needs(part)]
        if missing:
            raise MisfitError(self._advised(_LACKING[tuple(missing)]))
        try:
            day = read_day_parts(*self.parts.values())
        except DayTextError as error:
            raise MisfitError(self._advised(str(error))) from None
        if day is None:
            raise MisfitError(self._advised(gettext(NO_SUCH_DAY)))
        return day.iso

    def _advised(self, problem: str) -> str:
        """A problem, and how a day that is not known to the day can be given."""
        if not self.takes_words:
            return problem
        if not self.offers_words:
            return gettext(ENOUGH_IN_NUMBERS, problem=problem)
        return gettext(ENOUGH, problem=problem, roughly=ROUGHLY[self.audience])

    def _needs(self, part: str) -> bool:
        """True if a part may not be left empty, beside the parts that were typed."""
        return part == "year" or (part == "month" and bool(self.parts["day"]))

    def _fitting(self, text: str, no_days: str) -> Value:
        try:
            return parse_text(self.item, text, self.as_of)
        except MisfitError:
            raise MisfitError(self._reproach(text, no_days)) from None

    def _reproach(self, text: str, no_days: str) -> str:
        try:
            parse_text(self.item, text, dt.date.max)
        except MisfitError:
            return no_days
        return LATER_DAY[self.audience]


class ScreeningDateField(DateField):
    """The day on which a nurse screens: always a date, and never a later one than today."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - WTForms passes its own
        words = Wording(nurse=gettext("Screening date"), patient=gettext("Screening date"))
        item = Item(
            link_id="as_of", type=ItemType.DATE, section="", name=words.nurse, ask=words, why=words
        )
        super().__init__(item, **kwargs)

    @property
    def offered(self) -> Mapping[AbsentReason, str]:
        """None: there is always a screening date."""
        return {}

    @property
    def takes_words(self) -> bool:
        """It is a whole day."""
        return False

    @property
    def day(self) -> dt.date | None:
        """The screening date, if it could be read."""
        return self.data.value if self.data is not None else None

    def _needs(self, part: str) -> bool:  # noqa: ARG002 - each of them
        return True

    def _reproach(self, text: str, no_days: str) -> str:
        wrong = super()._reproach(text, no_days)
        return wrong if wrong == no_days else LATER_DAY[Audience.PATIENT]


FIELD_OF: dict[ItemType, type[AnswerField]] = {
    ItemType.YES_NO: ChoiceField,
    ItemType.CHOICE: ChoiceField,
    ItemType.CHOICES: ChoicesField,
    ItemType.NUMBER: NumberField,
    ItemType.DATE: DateField,
}


def texts_of_days(name: str, days: Day) -> dict[str, list[str]]:
    """The typed inputs of a day in a field of this name: numbers, else words that can be read."""
    numbers = _numbers(days)
    with reading_in(ENGLISH):
        words = [] if numbers else [words_of_days(days)]
    texts: dict[str, list[str]] = {part: [] for part in DAY_PARTS} | {DAY_WORDS: words}
    texts |= {part: [text] for part, text in zip(DAY_PARTS, numbers, strict=False) if text}
    return {f"{name}-{part}": typed for part, typed in texts.items()}


def _numbers(days: Day) -> tuple[str, ...]:
    """Day, month and year, as far as all of the days have them in common; else nothing."""
    if not isinstance(days, Span):
        return str(days.day), str(days.month), str(days.year)
    first = days.first
    if days == year_of(first.year):
        return "", "", str(first.year)
    return (
        ("", str(first.month), str(first.year)) if days == month_of(first.year, first.month) else ()
    )


def _values(posted: PostedValues | None, name: str) -> list[str]:
    texts = posted.getlist(name) if posted is not None else []
    return [text.strip() for text in texts if text.strip()]
