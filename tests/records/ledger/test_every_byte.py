"""Every byte of a stored database: a change is found, or it changes no record.

`make test` tries some thousand bytes, chosen by a seed; with LONG=1 all of them are.
"""

import os
import random
import shutil
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from support.casework.referrals import referral
from support.storage.databases import People, keyed_ring, open_records, sqlite_copy

from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, change_referral
from screening.records.ledger.records import Records
from screening.records.storage.database import Database, DatabaseDamagedError, open_database
from screening.records.storage.tables import Base, EventRow
from screening.records.verification.rows import LEDGERED
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

SAMPLE = 1_500
RING = keyed_ring()
LONG = bool(os.environ.get("LONG"))
Content = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def sample(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database with some cases in it."""
    folder = tmp_path_factory.mktemp("sample")
    address = sqlite_copy(sqlite_pattern, folder)
    with open_records(address) as own:
        records = replace(own, keyring=lambda: RING)
        nurse = People(records).actor(Role.NURSE)
        (site,) = nurse.sites
        for number in range(12):
            case_id = add_case(records, nurse, site, referral(reference=f"R-{number}"), uuid4().hex)
            change_referral(
                open_case(records, nurse, case_id), 1, referral(person="X Y"), uuid4().hex
            )
    return Path(address.removeprefix("sqlite:///"))


def content(database: Database) -> Content:
    """All rows of the ledger and of the tables that it tells of."""
    kept: tuple[type[Base], ...] = (*LEDGERED, EventRow)
    with database.reading() as session:
        return {
            row_type.__tablename__: [
                tuple(row) for row in session.execute(select(row_type.__table__)).all()
            ]
            for row_type in kept
        }


def seen(path: Path, before: Content) -> str:
    """What becomes of a changed file: it is refused, found, or holds the same records."""
    database = open_database(f"sqlite:///{path}")
    try:
        if content(database) == before:
            return "same records"
        return "found" if verify_ledger(Records(database, lambda: RING)).faults else "MISSED"
    except (DatabaseDamagedError, DatabaseError, sqlite3.DatabaseError):
        return "refused"
    except (ValueError, TypeError, UnicodeDecodeError):
        return "refused"
    finally:
        database.close()


def test_no_changed_byte_of_a_record_goes_unnoticed(sample: Path, tmp_path: Path) -> None:
    whole = sample.read_bytes()
    database = open_database(f"sqlite:///{sample}")
    before = content(database)
    database.close()
    places = range(len(whole))
    tried = places if LONG else random.Random(2026).sample(places, SAMPLE)
    outcomes: Counter[str] = Counter()
    missed = []
    path = tmp_path / "changed.sqlite3"
    shutil.copyfile(sample, path)
    for place in tried:
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ (1 << place % 8)]))
        outcome = seen(path, before)
        outcomes[outcome] += 1
        missed += [place] if outcome == "MISSED" else []
        path.write_bytes(whole)
    assert missed == []
    assert min(outcomes["found"], outcomes["same records"]) > 0, outcomes
