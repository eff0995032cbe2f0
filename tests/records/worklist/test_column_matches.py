"""The match of a site's columns is kept, and nothing of the headings can be read from it."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from support.casework.case_writes import added, site

from screening.records.access import Actor
from screening.records.errors import NoCaseError
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow, Marker
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.column_matches import remember_columns, remembered_columns

HEADINGS = ("Quillfeather, Ann", "1950", "Hill")
COLUMNS = ("person", "", "clinic")


def test_a_match_is_found_by_the_same_headings_at_the_same_site(
    records: Records, nurse: Actor
) -> None:
    own = site(nurse)
    remember_columns(records, nurse, own, HEADINGS, COLUMNS)
    assert remembered_columns(records, nurse, own, HEADINGS) == ()  # there is no key yet
    added(records, nurse)
    remember_columns(records, nurse, own, HEADINGS, ("person", "person", ""))
    remember_columns(records, nurse, own, HEADINGS, COLUMNS)
    assert remembered_columns(records, nurse, own, HEADINGS) == COLUMNS
    assert remembered_columns(records, nurse, own, HEADINGS[:2]) == ()
    assert remembered_columns(records, nurse, own, ("", *HEADINGS[1:])) == ()
    elsewhere = replace(nurse, sites=frozenset({own + 1}))
    assert remembered_columns(records, elsewhere, own + 1, HEADINGS) == ()
    with pytest.raises(NoCaseError):
        remembered_columns(records, elsewhere, own, HEADINGS)
    with pytest.raises(NoCaseError):
        remember_columns(records, elsewhere, own, HEADINGS, COLUMNS)


def test_the_ledger_names_who_kept_it_and_nothing_shows_a_heading(
    records: Records, nurse: Actor
) -> None:
    own = site(nurse)
    added(records, nurse)
    for _ in range(2):
        remember_columns(records, nurse, own, HEADINGS, COLUMNS)
    with records.database.reading() as session:
        marker = session.get_one(Marker, f"columns-{own}")
        name = f"markers/columns-{own}"
        assert marker.value.endswith(" p-c")
        told = [row for row in session.scalars(select(EventRow)) if row.row == name]
    assert [event.by for event in told] == [nurse.id]
    assert "Quill" not in marker.value
    assert verify_ledger(records).faults == []
