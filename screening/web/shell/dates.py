"""Moments and days in words, as people at work read them."""

import datetime as dt

from screening.web.shell.clock import local
from screening.words.shared.days import words_of_day

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ONE, _MANY = "1 day", "{} days"


def words_of_moment(at: dt.datetime, today: dt.date) -> str:
    """A moment by the clock of the page: “today 14:05”, “yesterday 9:30”, else “19 Nov”."""
    here = local(at)
    ago = (today - here.date()).days
    hour = f"{here.hour}:{here.minute:02d}"
    if ago in (0, 1):
        return f"{('today', 'yesterday')[ago]} {hour}"
    return short_day(here.date(), today)


def words_of_time_and_day(at: dt.datetime) -> str:
    """A moment within a sentence: “at 0:06 on 29 November 2026”."""
    here = local(at)
    return f"at {here.hour}:{here.minute:02d} on {words_of_day(here.date())}"


def short_day(day: dt.date, today: dt.date) -> str:
    """A day in a list: “19 Nov”, with its year if that is not this one."""
    month = _MONTHS[day.month - 1]
    return f"{day.day} {month}" + ("" if day.year == today.year else f" {day.year}")


def words_of_window(day: dt.date, today: dt.date) -> str:
    """Say in a list on which day the time window ends, or ended."""
    verb = "time window ends on" if day >= today else "time window ended on"
    return f"{verb} {words_of_day(day)}"


def words_of_due(due: dt.date, today: dt.date) -> str:
    """The distance of a day by which something is wanted."""
    left = (due - today).days
    if left < 0:
        return f"overdue by {_days(-left)}"
    if left == 0:
        return "due today"
    return f"due in {_days(left)}"


def _days(count: int) -> str:
    return _ONE if count == 1 else _MANY.format(count)


def words_of_instant(at: dt.datetime) -> str:
    """A moment with its day and the time of day: 20 November 2026, 14:05."""
    here = local(at)
    return f"{words_of_day(here.date())}, {here.hour}:{here.minute:02d}"
