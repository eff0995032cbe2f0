"""Due days as they are typed: on the page of missing answers, and when a call is recorded."""

from contextlib import suppress

from screening.formats.answers.day_text import AmbiguousDayError, iso_of
from screening.translation import mark

NO_DAY = mark("Enter a due date between today and two years from now, such as 27 March 2026")


def typed_day(text: str) -> str:
    """A typed day as a date field holds it; what is none, or can be two, stays as it is."""
    with suppress(AmbiguousDayError):
        return iso_of(text.strip())
    return text.strip()
