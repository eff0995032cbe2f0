"""Times of the day as people type them.

A text with one possible meaning is read; a text with two is refused with both of them.
"""

import datetime as dt
import re

from screening.errors import ScreeningError
from screening.formats.answers.day_text import plain_text
from screening.translation import mark

_NOON = 12
_TIME = re.compile(r"(?P<hour>[0-9]{1,2})[:. ]?(?P<minute>[0-9]{2}) ?(?:(?P<half>[ap])\.?m\.?)?")


class AmbiguousTimeError(ScreeningError):
    """A text can mean a time before noon and one after. ``readings`` are both."""

    def __init__(self, text: str, readings: tuple[dt.time, dt.time]) -> None:
        """Name the text and both times."""
        self.readings = readings
        first, second = (each.strftime("%H:%M") for each in readings)
        message = mark("“{text}” can mean {first} or {second}: enter the one you mean")
        super().__init__(message, text=text, first=first, second=second)


def read_time_text(text: str) -> dt.time:
    """Read a typed time: 14:30, 14.30, 1430, 09:05 or 2:30 pm.

    Raises:
        ValueError: if it is not a time.
        AmbiguousTimeError: if its hour has one digit, so that it can be before noon or after.
    """
    found = _TIME.fullmatch(plain_text(text))
    if not found or (found["half"] and not 1 <= int(found["hour"]) <= _NOON):
        message = "no time"
        raise ValueError(message)
    hour, minute, half = int(found["hour"]), int(found["minute"]), found["half"]
    if half:
        return dt.time(hour % _NOON + _NOON * (half == "p"), minute)
    if hour and len(found["hour"]) == 1:
        both = (dt.time(hour, minute), dt.time(hour + _NOON, minute))
        raise AmbiguousTimeError(text.strip(), both)
    return dt.time(hour, minute)
