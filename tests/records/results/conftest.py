import pytest
from support.casework.screened_cases import Screened, screen

from screening.records.access import Actor
from screening.records.ledger.records import Records


@pytest.fixture
def screened(records: Records, nurse: Actor) -> Screened:
    return screen(records, nurse)
