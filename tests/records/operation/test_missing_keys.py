"""A row that names a key which the keyring lacks: a lost key, or a row that somebody changed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.storage.databases import keyed_ring
from support.storage.forgery import tamper

from screening.core.values.referral import Priority, Referral
from screening.errors import ScreeningError
from screening.records.access import Actor
from screening.records.casework import cases
from screening.records.installation.keys import LostKeyringError, check_keys
from screening.records.ledger import events, keying
from screening.records.ledger.covered import digest_of, read_states, read_subject
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.operation import rotation
from screening.records.sealing.vault import Keyring
from screening.records.verification.verify import verify_ledger


def check(records: Records, ring: Keyring | None = None) -> None:
    check_keys(records.database, ring or records.keyring(), "keys.json")


def add_another(records: Records, nurse: Actor) -> str:
    (site,) = nurse.sites
    referral = Referral(
        reference="R-2",
        person="Yolanda Yy",
        birth_year=1950,
        clinic="Spine",
        priority=Priority.ROUTINE,
    )
    return cases.add_case(records, nurse, site, referral, "x" * 32)


def name_key(case_id: str, key: str = "'x'") -> str:
    return f"UPDATE case_keys SET key_id = {key} WHERE case_id = '{case_id}'"


def faults(records: Records) -> list[tuple[str, str]]:
    return [(each.code, each.place) for each in verify_ledger(records).faults]


def forge_event(records: Records, row: str, mac: str | None) -> None:
    """Append an event that says of a row that it is as it should be, without the keyring."""
    keyless = replace(records, keyring=lambda: replace(records.keyring(), epochs=()))
    with records.database.reading() as session:
        subject = read_subject(row)
        digest = digest_of(subject, read_states(session, [subject])[subject])
    with keyless.database.writing() as session:
        kind = EventKind.RECORD_CHANGED
        events.append(session, keyless, by=0, kind=kind, row=row, digest=digest).mac = mac


@pytest.mark.parametrize("key", ["x", "", "\N{REPLACEMENT CHARACTER}", "0" * 16])
def test_a_changed_key_id_is_damage_of_its_case_alone(
    kept: Records, nurse: Actor, case_id: str, key: str
) -> None:
    other = add_another(kept, nurse)
    tamper(kept, name_key(case_id, f"'{key}'"))
    check(kept)
    assert faults(kept) == [("row-changed", f"case_keys/{case_id}")]
    assert cases.find_case(kept, nurse, other).referral.reference == "R-2"
    with pytest.raises(ScreeningError):
        cases.find_case(kept, nurse, case_id)


def test_changed_key_ids_of_everything_are_damage_of_each_row(
    kept: Records, nurse: Actor, case_id: str
) -> None:
    other = add_another(kept, nurse)
    tamper(kept, "UPDATE case_keys SET key_id = case_id", "UPDATE secrets SET key_id = 'x'")
    check(kept)
    names = {"secrets/index/4", f"case_keys/{case_id}", f"case_keys/{other}"}
    assert {place for _, place in faults(kept)} == names


@pytest.mark.parametrize("also", ["wrapped = 'text'", "key_id = CAST(x'ff' AS TEXT)"])
def test_a_value_that_cannot_be_read_is_damage_too(
    kept: Records, nurse: Actor, case_id: str, also: str
) -> None:
    if not kept.database.sqlite:  # PostgreSQL keeps no such value
        return
    add_another(kept, nurse)
    tamper(kept, name_key(case_id), f"UPDATE case_keys SET {also} WHERE case_id = '{case_id}'")
    check(kept)
    assert {place for _, place in faults(kept)} == {f"case_keys/{case_id}"}


def test_a_row_that_no_event_records_is_damage(kept: Records, case_id: str) -> None:
    tamper(kept, "INSERT INTO secrets SELECT 'y', 'x', wrapped FROM secrets")
    check(kept)
    assert faults(kept) == [("row-unknown", "secrets/y")]


@pytest.mark.parametrize("mac", [None, "abcdef:x", "OWN:x"])
def test_an_event_by_somebody_without_the_keyring_confirms_nothing(
    kept: Records, case_id: str, mac: str | None
) -> None:
    tamper(kept, name_key(case_id))
    own = kept.keyring().epochs[-1].id
    forge_event(kept, f"case_keys/{case_id}", mac and mac.replace("OWN", own))
    record_event(kept, 0, EventKind.LEDGER_VERIFIED)  # the application goes on
    check(kept)
    assert verify_ledger(kept).faults


def _with_fresh_key(records: Records, file: Path) -> None:
    rotation.rotate(records, 0, file)


def _with_fresh_key_and_epoch(records: Records, file: Path) -> None:
    keying.begin_epoch(records, 0, file)
    rotation.rotate(records, 0, file)


@pytest.mark.parametrize("rotate", [_with_fresh_key, _with_fresh_key_and_epoch])
def test_an_old_copy_of_the_keyring_is_refused_whatever_else_was_changed(
    kept: Records,
    nurse: Actor,
    case_id: str,
    keyring_file: Path,
    rotate: Callable[[Records, Path], None],
) -> None:
    add_another(kept, nurse)
    old = kept.keyring()
    rotate(kept, keyring_file)
    tamper(kept, name_key(case_id))
    check(kept)
    with pytest.raises(LostKeyringError) as refused:
        check(kept, old)
    assert str(refused.value) == (
        f"the keyring keys.json lacks the keys {kept.keyring().newest}, without which records in"
        " the database cannot be read; put it back from where you keep its copy (a new one would"
        " not open them)"
    )


@pytest.mark.parametrize("other", [Keyring.make, keyed_ring])
def test_the_keyring_of_another_installation_is_refused(
    kept: Records, case_id: str, other: Callable[[], Keyring]
) -> None:
    with pytest.raises(LostKeyringError, match=f"lacks the keys {kept.keyring().newest}, without"):
        check(kept, other())


def test_a_lost_key_is_refused_where_the_ledger_does_not_cover_keys_yet(
    kept: Records, case_id: str
) -> None:
    later = ("markers", "roles", "secrets", "sites", "users", "case_keys")
    gone = " OR ".join(f"row LIKE '{each}/%'" for each in later)
    tamper(kept, name_key(case_id), f"DELETE FROM events WHERE {gone}")
    with pytest.raises(LostKeyringError, match="lacks the keys x, without"):
        check(kept)
