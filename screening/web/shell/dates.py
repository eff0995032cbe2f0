"""Moments and days in words, as people at work read them."""

import datetime as dt

from screening.translation import gettext, mark, ngettext
from screening.web.shell.clock import local
from screening.words.shared.days import words_of_day

_MONTHS = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"), mark("Jul")),
    *(mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)
UNREADABLE_TIME = mark("time cannot be read: it was changed outside the application")


def words_of_moment(at: dt.datetime, today: dt.date) -> str:
    """A moment by the clock of the page: “today 14:05”, “yesterday 09:30”, else “19 Nov”."""
    here = local(at)
    ago = (today - here.date()).days
    hour = f"{here:%H:%M}"
    if ago == 0:
        return gettext("today {hour}", hour=hour)
    if ago == 1:
        return gettext("yesterday {hour}", hour=hour)
    return short_day(here.date(), today)


def words_of_time_and_day(at: dt.datetime) -> str:
    """A moment within a sentence: “at 00:06 on 29 November 2026”."""
    here = local(at)
    hour = f"{here:%H:%M}"
    return gettext("at {hour} on {day}", hour=hour, day=words_of_day(here.date()))


def short_day(day: dt.date, today: dt.date) -> str:
    """A day in a list: “19 Nov”, with its year if that is not this one."""
    month = gettext(_MONTHS[day.month - 1])
    if day.year == today.year:
        return gettext("{day} {month}", day=day.day, month=month)
    return gettext("{day} {month} {year}", day=day.day, month=month, year=day.year)


def month_in_a_list(day: dt.date) -> str:
    """The month of a day in a list: “Nov 2026”."""
    month = gettext(_MONTHS[day.month - 1])
    return gettext("{month} {year}", month=month, year=day.year)


def words_of_window(day: dt.date, today: dt.date) -> str:
    """Say in a list on which day the time window ends, or ended."""
    ends, ended = mark("time window ends on {day}"), mark("time window ended on {day}")
    return gettext(ends if day >= today else ended, day=words_of_day(day))


def words_of_due(due: dt.date, today: dt.date) -> str:
    """The distance of a day by which something is wanted."""
    left = (due - today).days
    if left < 0:
        return ngettext("overdue by {count} day", "overdue by {count} days", -left)
    if left == 0:
        return gettext("due today")
    return ngettext("due in {count} day", "due in {count} days", left)


def words_of_instant(at: dt.datetime) -> str:
    """A moment with its day and the time of day: 20 November 2026, 14:05."""
    here = local(at)
    hour = f"{here:%H:%M}"
    return gettext("{day}, {hour}", day=words_of_day(here.date()), hour=hour)


def words_of_kept_instant(at: dt.datetime | None) -> str:
    """The same of a moment in the records; a warning for one that cannot be read."""
    return words_of_instant(at) if at else gettext(UNREADABLE_TIME)
