"""Conditions by which the database itself finds damaged rows; indexes hold those rows alone.

Every list looks for them, so the answer comes from an index, which is usually empty. The database
uses it only if the query has its condition word for word, values included.
"""

from collections.abc import Mapping

_DAY_TEXT = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_MOMENT = 27
"""The length of a moment as ``tables.Instant`` keeps it."""
_FINDERS = "('patient', 'report', 'records', 'clinician', 'operator')"
_ODD_DAYS = {
    # SQLite keeps any text, and leaves 30 February as it is unless it has to add to it. A column of
    # days has the affinity of numbers: a text that looks like one would be compared as a number.
    "sqlite": f"CASE WHEN due GLOB '{_DAY_TEXT}' AND due >= '0001-01-01'"
    " THEN date(due, '+0 days') END IS NOT due",
    # PostgreSQL has days, such as infinity, that Python does not.
    "postgresql": "CASE WHEN due BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
    " THEN due END IS DISTINCT FROM due",
}
DAMAGED_CASE: Mapping[str, str] = {
    dialect: "state NOT IN ('decided', 'closed') AND"
    " (state NOT IN ('new', 'screening', 'assessed') OR priority NOT BETWEEN 1 AND 3"
    f" OR waits_for NOT IN {_FINDERS} OR {odd_day}"
    f" OR length(touched_at) <> {_MOMENT} OR length(created_at) <> {_MOMENT})"
    for dialect, odd_day in _ODD_DAYS.items()
}
"""By dialect, for a case that is undecided, as far as that can be read.

Of a moment only the length is checked, since every list asks for it.
"""
DAMAGED_CHASE: Mapping[str, str] = {
    dialect: f"owner NOT IN {_FINDERS} OR {odd_day} OR length(at) <> {_MOMENT}"
    for dialect, odd_day in _ODD_DAYS.items()
}
"""By dialect, for the row of a chase."""
