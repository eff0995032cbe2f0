"""Due days as they are typed: on the page of missing answers, and when a call is recorded."""

import datetime as dt
from contextlib import suppress

from screening.formats.answers.day_text import DayTextError, iso_of
from screening.formats.answers.days import day_of
from screening.records.case.case_rows import Case
from screening.records.casework.calls import FARTHEST
from screening.translation import gettext, mark
from screening.words.shared.days import words_of_day

NO_DAY = mark("Enter a due date between today and two years from now, such as 27 March 2026")
UNREAD = mark("Write a full date with the year in four digits, such as 27 March 2026")
PAST_WINDOW = mark("The time window ends on {day}. Enter that date or an earlier one")


def typed_day(text: str) -> str:
    """A typed day as a date field holds it; what cannot be read stays as it is."""
    with suppress(DayTextError):
        return iso_of(text.strip())
    return text.strip()


def within_window(case: Case, due: dt.date, today: dt.date) -> dt.date:
    """A usual due date, but not after the last day of a time window that is still open."""
    if case.closes is None or case.closes < today:
        return due
    return min(due, case.closes)


def due_problem(text: str, case: Case, today: dt.date) -> str:
    """Say what is wrong with a typed due date of a case; empty if nothing is."""
    try:
        day = day_of(iso_of(text))
    except ValueError:
        return gettext(UNREAD if text else NO_DAY)
    except DayTextError as error:
        return str(error)
    if not today <= day <= today + FARTHEST:
        return gettext(NO_DAY)
    last = within_window(case, day, today)
    return gettext(PAST_WINDOW, day=words_of_day(last)) if last < day else ""
