"""Fresh databases for faults, and how long the tests of faults go on."""

import os

from support.faults.fault_work import Place
from support.storage.databases import People

from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import open_database

LONG = bool(os.environ.get("FAULTS"))
"""Whether `make faults` runs the tests: many more runs."""


def prepare(address: str) -> Place:
    """A nurse and a keyring for a fresh database."""
    ring = Keyring.make()
    records = Records(open_database(address), lambda: ring)
    nurse = People(records).actor()
    records.database.close()
    return Place(address, ring.write(), nurse)
