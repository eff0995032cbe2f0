"""Moments and days in words, as people at work read them."""

import datetime as dt

from screening.core.explain import words_of_day

_ONE, _MANY = "1 day", "{} days"


def words_of_moment(at: dt.datetime, today: dt.date) -> str:
    """A moment by this machine's clock: “today 14:05”, “yesterday 9:30”, else the day."""
    local = at.astimezone()
    ago = (today - local.date()).days
    hour = f"{local.hour}:{local.minute:02d}"
    if ago in (0, 1):
        return f"{('today', 'yesterday')[ago]} {hour}"
    return words_of_day(local.date())


def words_of_due(due: dt.date, today: dt.date) -> str:
    """How far away a day is, until which something is wanted."""
    left = (due - today).days
    if left < 0:
        return f"overdue by {_days(-left)}"
    if left == 0:
        return "due today"
    return f"due in {_days(left)}"


def _days(count: int) -> str:
    return _ONE if count == 1 else _MANY.format(count)
