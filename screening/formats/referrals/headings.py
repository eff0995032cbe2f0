"""Headings of a table of referrals: the fields that they name, and guesses where they name none."""

import csv
import re
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import islice

from screening.core.values.referral import PRIORITY_WORDS
from screening.errors import Problem
from screening.formats.referrals.csv_text import (
    UnknownSeparatorError,
    decode_file,
    split_rows,
    write_table,
)
from screening.formats.referrals.table import Column
from screening.formats.referrals.text import FIELD_WORDS, FIELDS, clean_text

MAX_COLUMNS = 100
_LONGEST_NAME = 80  # of a column, as far as a similar one is looked for
_LOOKED_AT = 50  # rows in which examples of values are looked for
_SHOWN = 40  # characters of a heading or an example
_OWN, _DAY = "hospital_number", "date_received"
_NAMES = {
    **{name.replace("_", " "): name for name in FIELDS},
    **{words.lower(): name for name, words in FIELD_WORDS.items()},
}
"""The names of a field in a heading: its own name too, as in files that were made before."""
_USUAL = {
    **dict.fromkeys(("mrn", "medical record number", "hospital no", "hospital id"), _OWN),
    **dict.fromkeys(("patient number", "patient no", "patient id", "unit number"), _OWN),
    **dict.fromkeys(("received", "received on", "received date", "receipt date"), _DAY),
    **dict.fromkeys(("date of receipt", "arrived", "date of referral"), _DAY),
    **dict.fromkeys(("referral date", "date referred"), _DAY),
    **dict.fromkeys(("nhs number", "nhs no"), _OWN),
}
"""Headings of other systems, the likeliest first; a person says whether the guess is right."""
_YEAR = re.compile("(?:18|19|20)[0-9]{2}", re.ASCII)
_PRIORITIES = frozenset(PRIORITY_WORDS.values())


def write_template() -> str:
    """A file to fill in: the heading alone."""
    return write_table(tuple(FIELD_WORDS.values()), [])


def named_field(heading: str) -> str:
    """The field that a heading names; empty without one."""
    return _NAMES.get(_plain(heading), "")


def similar_field(heading: str, cutoff: float = 0.6) -> str:
    """The field that a heading nearly names, by ``difflib``; empty without one."""
    near = get_close_matches(heading[:_LONGEST_NAME], _NAMES, n=1, cutoff=cutoff)
    return _NAMES[near[0]] if near else ""


def read_columns(data: bytes) -> tuple[Column, ...]:
    """The columns of a file, short enough to be shown; none if it cannot be read."""
    text = decode_file(data)
    if isinstance(text, Problem):
        return ()
    try:
        rows = (cells for cells in split_rows(text) if any(map(clean_text, cells)))
        heading = [clean_text(cell) for cells in islice(rows, 1) for cell in cells]
        below = list(islice(rows, _LOOKED_AT))
    except (UnknownSeparatorError, csv.Error):
        return ()
    while heading and not heading[-1]:
        heading.pop()
    guesses = _guesses(heading)
    return tuple(
        Column(heading=_cut(name), whole=name, samples=_samples(below, at), guess=guesses[at])
        for at, name in enumerate(heading[:MAX_COLUMNS])
    )


def is_referral(columns: Sequence[Column]) -> bool:
    """True if a row of headings looks like a referral: it has a year of birth, or a priority."""
    return any(_YEAR.fullmatch(each.whole) or each.whole.lower() in _PRIORITIES for each in columns)


def _guesses(heading: Sequence[str]) -> list[str]:
    """The field that each heading names, nearly if none does exactly; each field once."""
    plain = [_plain(name) for name in heading]
    found = [_NAMES.get(name, "") for name in plain]
    found = [name if name not in found[:at] else "" for at, name in enumerate(found)]
    bare = [name.rstrip(".:") for name in plain]
    for name, field in _USUAL.items():
        if name in bare and not found[bare.index(name)] and field not in found:
            found[bare.index(name)] = field
    for at, name in enumerate(plain):
        near = similar_field(name, cutoff=0.8)
        if not found[at] and near not in found:
            found[at] = near
    return found


def _samples(rows: Sequence[Sequence[str]], at: int) -> tuple[str, ...]:
    values = (clean_text(cells[at]) for cells in rows if at < len(cells))
    return tuple(islice(dict.fromkeys(_cut(each) for each in values if each), 3))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _plain(heading: str) -> str:
    return clean_text(heading).lower().replace("_", " ")
