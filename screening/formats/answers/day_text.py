"""Days as people type them: numbers in any script, names of months, years and months alone.

A text with one possible meaning is read; a text with two is refused with both of them.
"""

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from screening.errors import ScreeningError
from screening.translation import gettext, mark
from screening.words.shared.days import MONTHS, words_of_day

_SHORTEST_NAME = 3
_LONGEST = 60
_FEBRUARY = 2
_LEAP_YEAR = 2000
_LONGEST_MONTH = 31  # days
_SEPARATORS = "\\s,./\u2010-\u2015\u2212-"
_TOKEN = re.compile(r"(?P<ordinal>[0-9]{1,2}(?:st|nd|rd|th))|(?P<number>[0-9]+)|(?P<word>[a-z]+)")
_SHAPE = re.compile(rf"[0-9a-z]+(?:[{_SEPARATORS}]+[0-9a-z]+)*\.?")


class DayTextError(ScreeningError):
    """A text looks like a day but cannot be kept as one; the message says why."""


class AmbiguousDayError(DayTextError):
    """A text can mean two days. ``readings`` are both."""

    def __init__(self, text: str, readings: tuple[dt.date, dt.date]) -> None:
        """Name the text and both days."""
        self.readings = readings
        first, second = map(words_of_day, readings)
        message = mark(
            "“{text}” can mean {first} or {second}: write the month as a word, such as {first}"
        )
        super().__init__(message, text=text, first=first, second=second)


class NoSuchDayError(DayTextError):
    """A text names a day that its month does not have."""

    def __init__(self, year: int | None, month: int, day: int) -> None:
        """Name the day, and the days of its month; those of February depend on the year."""
        name, count = MONTHS[month - 1], calendar.monthrange(year or _LEAP_YEAR, month)[1]
        if year is None and month == _FEBRUARY:
            message = mark("{day} {month} does not exist; {month} has 28 or 29 days")
        elif year is None:
            message = mark("{day} {month} does not exist; {month} has {count} days")
        elif month == _FEBRUARY:
            message = mark("{day} {month} {year} does not exist; {month} {year} has {count} days")
        else:
            message = mark("{day} {month} {year} does not exist; {month} has {count} days")
        super().__init__(message, day=day, month=gettext(name), year=year, count=count)


@dataclass(frozen=True, slots=True)
class TypedDay:
    """A day as far as it was typed: a year, a month of a year, or a day that exists."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def iso(self) -> str:
        """The FHIR form: 2026, 2026-03 or 2026-03-05."""
        numbers = takewhile(lambda number: number is not None, (self.month, self.day))
        return "-".join([f"{self.year:04}", *(f"{number:02}" for number in numbers)])

    @property
    def date(self) -> dt.date | None:
        """The day; None if only a year or a month was typed."""
        if self.month is None or self.day is None:
            return None
        return dt.date(self.year, self.month, self.day)


def read_day_text(text: str) -> TypedDay | None:
    """Read a day, month or year that was typed into one field.

    Read are 2026-10-01 (also with other separators and without zeros), 3 March 2026, 3rd of
    Mar 2026, Sept 3, 2026, 27/3/2026, March 2026, 3/2026, 2026-03 and 2026. A year has four digits.

    Returns:
        What was typed; None if it is no day.

    Raises:
        AmbiguousDayError: if it can be a day before a month or a month before a day.
        NoSuchDayError: if it is a day that its month does not have.
    """
    plain = plain_text(text)
    if not _SHAPE.fullmatch(plain):
        return None
    tokens = [_Token.of(found) for found in _TOKEN.finditer(plain)]
    tokens = [token for token in tokens if token.text != "of"]
    _check_without_year(tokens)
    readings = _readings(tokens)
    if len(readings) > 1:
        raise AmbiguousDayError(text.strip(), _both(readings))
    return readings[0] if readings else None


def read_day_parts(day: str, month: str, year: str) -> TypedDay | None:
    """Read a day that was typed into three fields; the day, or day and month, may be empty.

    Returns:
        What was typed; None if it is no day.

    Raises:
        NoSuchDayError: if it is a day that its month does not have.
    """
    numbers = [_number(plain_text(day)), _month(plain_text(month)), _year(plain_text(year))]
    typed = [bool(part.strip()) for part in (day, month, year)]
    if typed != [number is not None for number in numbers] or typed != sorted(typed):
        return None
    return _existing(numbers[2], numbers[1], numbers[0])


def iso_of(text: str) -> str:
    """A typed day in its FHIR form; a text that is none stays as it is.

    Raises:
        DayTextError: as ``read_day_text`` does.
    """
    day = read_day_text(text)
    return day.iso if day else text


def written_day(text: str) -> str:
    """A typed day as a field shows it again, 27 March 2026; a text that is none stays as it is."""
    try:
        typed = read_day_text(text)
    except DayTextError:
        return text
    day = typed.date if typed else None
    return words_of_day(day) if day else text


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @classmethod
    def of(cls, found: re.Match[str]) -> "_Token":
        kind = found.lastgroup or ""
        is_year = kind == "number" and _year(found[0]) is not None
        return cls("year" if is_year else kind, found[0])


def _check_without_year(tokens: Sequence[_Token]) -> None:
    """Refuse a day and a month without a year if the month never has that day, such as 31 June."""
    match [(token.kind, token.text) for token in tokens]:
        case [("number" | "ordinal", number), ("word", name)]:
            day, month = _number(number), _month(name)
        case [("word", name), ("number" | "ordinal", number)]:
            day, month = _number(number), _month(name)
        case _:
            return
    if day and month and calendar.monthrange(_LEAP_YEAR, month)[1] < day <= _LONGEST_MONTH:
        raise NoSuchDayError(None, month, day)


def _readings(tokens: Sequence[_Token]) -> list[TypedDay]:
    """Every different day that the tokens can mean."""
    texts = [token.text for token in tokens]
    orders: list[tuple[str, str | None, str | None]]
    match [token.kind for token in tokens]:
        case ["year"]:
            orders = [(texts[0], None, None)]
        case ["year", "word" | "number"]:
            orders = [(texts[0], texts[1], None)]
        case ["word" | "number", "year"]:
            orders = [(texts[1], texts[0], None)]
        case ["year", "word" | "number", "number" | "ordinal"]:
            orders = [(texts[0], texts[1], texts[2])]
        case ["year", "number" | "ordinal", "word"]:
            orders = [(texts[0], texts[2], texts[1])]
        case ["number" | "ordinal", "word", "year"] | ["ordinal", "number", "year"]:
            orders = [(texts[2], texts[1], texts[0])]
        case ["word", "number" | "ordinal", "year"] | ["number", "ordinal", "year"]:
            orders = [(texts[2], texts[0], texts[1])]
        case ["number", "number", "year"]:
            orders = [(texts[2], texts[1], texts[0]), (texts[2], texts[0], texts[1])]
        case _:
            orders = []
    read = [_read(*order) for order in orders]
    return list(dict.fromkeys(day for day in read if day))


def _read(year: str, month: str | None, day: str | None) -> TypedDay | None:
    return read_day_parts(day or "", month or "", year)


def _existing(year: int | None, month: int | None, day: int | None) -> TypedDay | None:
    if year is None or (month or 1) > len(MONTHS):
        return None
    if month and day and day > calendar.monthrange(year, month)[1]:
        raise NoSuchDayError(year, month, day)
    return TypedDay(year, month, day)


def _both(readings: Sequence[TypedDay]) -> tuple[dt.date, dt.date]:
    first, second = (dt.date(each.year, each.month or 1, each.day or 1) for each in readings)
    return first, second


def _number(text: str) -> int | None:
    found = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)?", text)
    return int(found[1]) or None if found else None


def _year(text: str) -> int | None:
    return int(text) or None if re.fullmatch(r"[0-9]{4}", text) else None


def _month(text: str) -> int | None:
    """The number of a month given by its number, its name, or the beginning of its name."""
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text) or None
    name = text.removesuffix(".")
    names = [each.casefold() for each in MONTHS] if len(name) >= _SHORTEST_NAME else []
    return next((at for at, each in enumerate(names, start=1) if each.startswith(name)), None)


def plain_text(text: str) -> str:
    """A text without marks that cannot be seen, with its digits as 0 to 9, in small letters.

    Nothing is left of a text that is too long, or in which a mark such as ² would become a digit.
    """
    if len(text) > _LONGEST or any(map(_turns_into_digit, text)):
        return ""
    seen = (each for each in unicodedata.normalize("NFKC", text) if _is_seen(each))
    return "".join(_digit(each) for each in seen).strip().casefold()


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) != "Cf"


def _turns_into_digit(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return not character.isdecimal() and any(each.isdecimal() for each in plain)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
