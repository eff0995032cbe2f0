"""The match of a site's columns and fields, kept for the next file with the same headings.

A file without headings has a patient in their place. So the database holds the fields, and a keyed
hash of the headings by which equal ones are found; of their words it holds nothing.
"""

import hmac
import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.case.case_rows import check_visible
from screening.records.ledger import coverage, events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import find_index_key
from screening.records.sealing.vault import token
from screening.records.storage.tables import Marker

LETTERS = {
    "reference": "r",
    "person": "p",
    "birth_year": "y",
    "clinic": "c",
    "priority": "u",
    "hospital_number": "h",
    "date_received": "d",
    "": "-",
}
"""A letter for the field of each column, as it is kept."""
_BEGINNING = "columns"
_FIELDS = {letter: name for name, letter in LETTERS.items()}


def remember_columns(
    records: Records, actor: Actor, site_id: int, headings: Sequence[str], columns: Sequence[str]
) -> None:
    """Keep a match, in place of the one before; nothing as long as there was no case.

    Raises:
        NoCaseError: if the person does not work at the site.
    """
    check_visible(actor, site_id)
    with records.database.writing() as session:
        events.lock(session)
        kept = _hash(session, records, site_id, headings)
        value = f"{kept} {''.join(LETTERS[name] for name in columns)}"
        row = session.get(Marker, _name(site_id))
        if not kept or (row and row.value == value):
            return
        kind = EventKind.RECORD_CHANGED if row else EventKind.RECORD_ADDED
        session.merge(Marker(name=_name(site_id), value=value))
        session.flush()
        where = f"markers/{_name(site_id)}"
        coverage.append_change(session, records, by=actor.id, kind=kind, row=where)


def remembered_columns(
    records: Records, actor: Actor, site_id: int, headings: Sequence[str]
) -> tuple[str, ...]:
    """The field of each column, "" for one not used; nothing if the headings are others.

    Raises:
        NoCaseError: if the person does not work at the site.
    """
    check_visible(actor, site_id)
    with records.database.reading() as session:
        row = session.get(Marker, _name(site_id))
        if row is None:
            return ()
        of_then, _, letters = row.value.partition(" ")
        same = hmac.compare_digest(of_then, _hash(session, records, site_id, headings))
    fit = same and len(letters) == len(headings) and set(letters) <= _FIELDS.keys()
    return tuple(_FIELDS[letter] for letter in letters) if fit else ()


def find_site_of_match(name: str) -> int | None:
    """The site of a match, by the name under which it is kept; None if it is another setting."""
    beginning, _, number = name.partition("-")
    return int(number) if beginning == _BEGINNING and number.isdecimal() else None


def _name(site_id: int) -> str:
    return f"{_BEGINNING}-{site_id}"


def _hash(session: Session, records: Records, site_id: int, headings: Sequence[str]) -> str:
    key = find_index_key(session, records.keyring())
    return token(key, "columns", json.dumps([site_id, *headings])) if key else ""
