"""Texts to what a referral holds: the one place where typed or imported words become one.

Spaces are made single, and characters that nobody sees are left out: they come along when text is
copied, and would keep two equal references from being found equal.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TypeVar

from screening.core.values.referral import PRIORITY_WORDS, Priority, Referral
from screening.errors import ScreeningError
from screening.formats.answers.day_text import (
    AmbiguousDayError,
    NoSuchDayError,
    plain_text,
    read_day_text,
)
from screening.translation import gettext, mark
from screening.words.shared.days import words_of_day

FIELD_WORDS = {
    "reference": mark("Reference"),
    "person": mark("Patient"),
    "birth_year": mark("Birth year"),
    "clinic": mark("Referring clinic"),
    "priority": mark("Priority"),
    "hospital_number": mark("Hospital number"),
    "date_received": mark("Date received"),
}
FIELDS = tuple(FIELD_WORDS)
OPTIONAL = frozenset({"birth_year", "hospital_number", "date_received"})
LONGEST = {"reference": 40, "person": 80, "clinic": 80, "hospital_number": 40}
EARLIEST_YEAR = 1900
LONGEST_AGO = 10
"""The years for which a referral can be here; one that came before that has another day."""
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""A spreadsheet takes a cell that starts with one of these for a formula, and runs it; some take
the wide forms of East Asian typing too."""
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)? ?E[+-][0-9]{2,3}", re.IGNORECASE)
_RUINED = mark(
    "{field} was turned into a rounded number by a spreadsheet, and some digits are lost;"
    " enter it as it is in the referral letter"
)
_FORMULA = mark("{field} cannot start with = + - or @, which a spreadsheet takes for a formula")
_TOO_LONG = mark("{field} has at most {most} characters; this has {count:,}")
_NO_YEAR = mark("Birth year must be a year from {first} to {last} in four digits, or empty")
_NO_DAY = mark("Date received must be a full date, such as 27 March 2026, or empty")
_NO_SUCH_DAY = mark("Date received: {problem}")
_TWO_DAYS = mark(
    "Date received can mean {first} or {second}: write the month as a word, such as {first}"
)
_FUTURE = mark("Date received is in the future; the latest possible date is {last}")
_LONG_AGO = mark(
    "Date received is more than {years} years ago; the earliest possible date is {first}"
)
_T = TypeVar("_T")
_JOINERS = "\u200c\u200d"  # letters of some scripts are written with them
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are blank
_NONCHARACTERS = frozenset(range(0xFDD0, 0xFDF0)) | {
    0x10000 * plane + last for plane in range(17) for last in (0xFFFE, 0xFFFF)
}
"""The code points that are no characters, and never will be: programs keep them for themselves."""
_BLANK_ALONE = re.compile(f"[{_JOINERS} \u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]*")
"""Texts of which nothing is seen: joiners, and choices of another shape of the letter before."""
_PRIORITIES = {words: priority for priority, words in PRIORITY_WORDS.items()}


_BOLD = re.compile("[\U0001d400-\U0001d7ff]+")
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")


class UnfitError(ScreeningError):
    """A text is not what its field holds. ``code`` is stable."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        """Keep the code, and a message with its facts, which never repeats the text."""
        self.code = code
        super().__init__(message, **facts)


def field_label(name: str) -> str:
    """The label of a field on a page; in a file its column always has the English heading."""
    return gettext(FIELD_WORDS[name])


def clean_text(text: str) -> str:
    """A text in one line, composed, without what nobody sees."""
    seen = "".join(each for each in text if each.isspace() or _is_seen(each))
    words = " ".join(unicodedata.normalize("NFC", seen).split())
    return "" if _BLANK_ALONE.fullmatch(words) else words


def clean_lines(text: str) -> str:
    """A text in lines, each clean, without what runs over the lines beside it.

    Of empty lines one is left. Letters that imitate bold type become plain ones: on paper a heading
    is the product's own.
    """
    lines = (clean_text(_BOLD.sub(_plain, _STACKED.sub(r"\1", line))) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())


def read_referral(
    texts: Mapping[str, str], today: dt.date
) -> tuple[Referral | None, dict[str, UnfitError]]:
    """The referral of texts by field, or by field what is unfit; a field left out is empty.

    Args:
        texts: as they were typed.
        today: the latest day, and its year the latest birth year.
    """
    unfit: dict[str, UnfitError] = {}
    words = {name: clean_text(texts.get(name, "")) for name in FIELDS}
    reference = _tried(unfit, "reference", lambda: _number("reference", words["reference"]))
    person = _tried(unfit, "person", lambda: _line("person", words["person"]))
    year = _tried(unfit, "birth_year", lambda: _year(words["birth_year"], today.year))
    clinic = _tried(unfit, "clinic", lambda: _line("clinic", words["clinic"]))
    priority = _tried(unfit, "priority", lambda: _priority(words["priority"]))
    own = _tried(unfit, "hospital_number", lambda: _hospital_number(words["hospital_number"]))
    arrived = _tried(unfit, "date_received", lambda: _received(words["date_received"], today))
    if unfit or reference is None or person is None or clinic is None or priority is None:
        return None, unfit
    referral = Referral(
        reference=reference,
        person=person,
        birth_year=year,
        clinic=clinic,
        priority=priority,
        hospital_number=own,
        date_received=arrived,
    )
    return referral, {}


def texts_of(referral: Referral) -> dict[str, str]:
    """A referral as the texts that would be typed for it, by field."""
    return {
        "reference": referral.reference,
        "person": referral.person,
        "birth_year": "" if referral.birth_year is None else str(referral.birth_year),
        "clinic": referral.clinic,
        "priority": PRIORITY_WORDS[referral.priority],
        "hospital_number": referral.hospital_number or "",
        "date_received": referral.date_received.isoformat() if referral.date_received else "",
    }


def _plain(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def _is_seen(character: str) -> bool:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") or character in _FILLERS
    return character in _JOINERS or not (hidden or ord(character) in _NONCHARACTERS)


def _tried(unfit: dict[str, UnfitError], name: str, parse: Callable[[], _T]) -> _T | None:
    try:
        return parse()
    except UnfitError as error:
        unfit[name] = error
        return None


def _number(name: str, words: str) -> str:
    if _ROUNDED.fullmatch(words):
        raise UnfitError("ruined", _RUINED, field=field_label(name))
    return _line(name, words)


def _hospital_number(words: str) -> str | None:
    return _number("hospital_number", words) if words else None


def _line(name: str, words: str) -> str:
    if not words:
        raise UnfitError("missing", _MISSING[name])
    if words.startswith(FORMULA):
        raise UnfitError("formula", _FORMULA, field=field_label(name))
    if len(words) > LONGEST[name]:
        longest, count = LONGEST[name], len(words)
        raise UnfitError("too-long", _TOO_LONG, field=field_label(name), most=longest, count=count)
    return words


def _year(words: str, this_year: int) -> int | None:
    if not words:
        return None
    plain = plain_text(words)
    if re.fullmatch("[0-9]{4}", plain) and EARLIEST_YEAR <= int(plain) <= this_year:
        return int(plain)
    raise UnfitError("not-a-year", _NO_YEAR, first=EARLIEST_YEAR, last=this_year)


def _received(words: str, today: dt.date) -> dt.date | None:
    if not words:
        return None
    try:
        typed = read_day_text(words)
    except NoSuchDayError as error:
        raise UnfitError("no-such-day", _NO_SUCH_DAY, problem=str(error)) from None
    except AmbiguousDayError as error:
        first, second = map(words_of_day, error.readings)
        raise UnfitError("ambiguous-day", _TWO_DAYS, first=first, second=second) from None
    day, earliest = typed.date if typed else None, _years_before(today)
    if day is None:
        raise UnfitError("not-a-day", _NO_DAY)
    if day > today:
        raise UnfitError("future", _FUTURE, last=words_of_day(today))
    if day < earliest:
        first = words_of_day(earliest)
        raise UnfitError("long-ago", _LONG_AGO, years=LONGEST_AGO, first=first)
    return day


def _years_before(today: dt.date) -> dt.date:
    """The same day of the year in which a referral can have come at the earliest."""
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - LONGEST_AGO, day=day)


def _priority(words: str) -> Priority:
    if not words:
        raise UnfitError("missing", _MISSING["priority"])
    if words.lower() not in _PRIORITIES:
        raise UnfitError("not-a-priority", mark("Priority is one of: urgent, soon, routine"))
    return _PRIORITIES[words.lower()]


_MISSING = {
    "reference": mark("Enter the reference number on the referral letter"),
    "person": mark("Enter initials or a name"),
    "clinic": mark("Enter the referring clinic"),
    "priority": mark("Choose a priority: urgent, soon or routine"),
}
