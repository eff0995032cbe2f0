from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor
from screening.records.casework import cases
from screening.records.installation.keys import KeyringFile
from screening.records.ledger.records import Records


def referral(number: int = 1) -> Referral:
    return Referral(
        reference=f"REF-{number:04}",
        person=f"Zaphod Zz{number}",
        birth_year=1940,
        clinic="Spine",
        priority=Priority.ROUTINE,
    )


@pytest.fixture
def kept(records: Records, tmp_path: Path) -> Records:
    """Records of both kinds, with a keyring in a file and a list of erased cases beside it."""
    keys = tmp_path / "keys"
    keys.mkdir()
    records.keyring().save(keys / "keys.json")
    return replace(records, keyring=KeyringFile(keys / "keys.json"), erased=keys / "erased")


@pytest.fixture
def keyring_file(kept: Records) -> Path:
    assert isinstance(kept.keyring, KeyringFile)
    return kept.keyring.path


@pytest.fixture
def case_id(kept: Records, nurse: Actor) -> str:
    """A case that a nurse added."""
    (site,) = nurse.sites
    return cases.add_case(kept, nurse, site, referral(), uuid4().hex)
