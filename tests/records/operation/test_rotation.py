from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import event as events
from sqlalchemy import select
from support.storage.forgery import tamper

from screening.records.access import Actor
from screening.records.casework import cases
from screening.records.installation.keys import KeyringFile
from screening.records.ledger.records import Records
from screening.records.operation import rotation
from screening.records.operation.rotation import NoKeyError, RewrapReport, UsedKeyError
from screening.records.sealing import vault
from screening.records.sealing.vault import KeyringError
from screening.records.storage.tables import CaseKeyRow, CaseRow, SecretRow
from screening.records.verification.verify import verify_ledger
from screening.records.worklist import worklist


class PulledPlugError(BaseException):
    """Stands for a machine that stops here."""


def sealed(records: Records) -> list[bytes]:
    with records.database.reading() as session:
        return [session.get_one(CaseRow, each).sealed for each in ids(records)]


def ids(records: Records) -> list[str]:
    with records.database.reading() as session:
        return list(session.scalars(select(CaseKeyRow.case_id).order_by(CaseKeyRow.case_id)))


def wrapping(records: Records) -> set[str]:
    with records.database.reading() as session:
        return {
            *session.scalars(select(CaseKeyRow.key_id)),
            *session.scalars(select(SecretRow.key_id)),
        }


def reads(records: Records, nurse: Actor, case_id: str) -> bool:
    """Whether the case is read and found, by a keyring that is read anew."""
    assert isinstance(records.keyring, KeyringFile)
    fresh = replace(records, keyring=KeyringFile(records.keyring.path))
    page = worklist.worklist(fresh, nurse, worklist.Query(text="zaphod"))
    return (
        cases.find_case(fresh, nurse, case_id).referral.person == "Zaphod Zz1" and page.total == 1
    )


def test_rotation_wraps_everything_under_a_fresh_key_and_rewrites_no_sealed_field(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    old, before = kept.keyring().newest, sealed(kept)
    # the case's key, and that of the index
    assert rotation.rotate(kept, 0, keyring_file) == RewrapReport(changed=2, left=())
    assert wrapping(kept) == {kept.keyring().newest} != {old}
    assert sealed(kept) == before
    assert reads(kept, nurse, case_id)
    assert not verify_ledger(kept).faults


def test_the_destroyed_key_is_gone_and_everything_is_read_without_it(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    old = kept.keyring().newest
    rotation.rotate(kept, 0, keyring_file)
    rotation.destroy(kept, 0, old, keyring_file)
    assert old not in keyring_file.read_text()
    assert reads(kept, nurse, case_id)
    assert keyring_file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_still_wraps_something_is_not_destroyed(
    kept: Records, case_id: str, keyring_file: Path
) -> None:
    old = kept.keyring().newest
    kept.keyring().with_fresh_key().save(keyring_file)
    before = keyring_file.read_bytes()
    with pytest.raises(UsedKeyError, match="still opens 2 records"):
        rotation.destroy(kept, 0, old, keyring_file)
    with pytest.raises(KeyringError, match="the newest key cannot be destroyed"):
        rotation.destroy(kept, 0, kept.keyring().newest, keyring_file)
    with pytest.raises(NoKeyError):
        rotation.destroy(kept, 0, "abc", keyring_file)
    assert keyring_file.read_bytes() == before


def test_the_uses_of_every_key_are_counted(kept: Records, case_id: str, keyring_file: Path) -> None:
    old = kept.keyring().newest
    kept.keyring().with_fresh_key().save(keyring_file)
    first, second = rotation.uses(kept)
    assert (first.name, first.wraps, first.newest) == (old, 2, False)
    assert (second.wraps, second.newest) == (0, True)


@pytest.mark.parametrize("statement", range(6))
def test_a_crash_at_any_statement_of_a_rotation_leaves_everything_readable(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path, statement: int
) -> None:
    seen = iter(range(100))

    def crash(*_: object) -> None:
        if next(seen) == statement:
            raise PulledPlugError

    engine = kept.database.engine
    events.listen(engine, "before_cursor_execute", crash)
    with pytest.raises(PulledPlugError):
        rotation.rotate(kept, 0, keyring_file)
    events.remove(engine, "before_cursor_execute", crash)
    assert reads(kept, nurse, case_id)
    rotation.rotate(kept, 0, keyring_file)
    assert wrapping(kept) == {kept.keyring().newest}
    assert reads(kept, nurse, case_id)


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
def test_a_crash_while_the_keyring_is_written_leaves_the_old_one(
    kept: Records, nurse: Actor, case_id: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def crash(*_: object) -> None:
        raise PulledPlugError

    assert isinstance(kept.keyring, KeyringFile)
    keyring_file = kept.keyring.path
    with monkeypatch.context() as patched:
        patched.setattr(call, crash)
        with pytest.raises(PulledPlugError):
            rotation.rotate(kept, 0, keyring_file)
    assert reads(kept, nurse, case_id)
    rotation.rotate(kept, 0, keyring_file)
    assert reads(kept, nurse, case_id)


def test_a_database_that_used_a_key_before_the_keyring_has_it_would_be_lost(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    """The wrong order, tried: what the tests above protect from."""
    fresh = kept.keyring().with_fresh_key()
    rotation.rewrap_keys(replace(kept, keyring=lambda: fresh), 0)  # and here the machine stops
    with pytest.raises(vault.SealError):
        reads(kept, nurse, case_id)


def test_a_running_server_sees_a_rotation(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    before = kept.keyring()
    rotation.rotate(kept, 0, keyring_file)
    assert kept.keyring() != before
    (site,) = nurse.sites
    again = cases.find_case(kept, nurse, case_id)
    cases.add_case(kept, nurse, site, replace(again.referral, reference="R2"), "x" * 32)
    assert wrapping(kept) == {kept.keyring().newest}


def another(records: Records, nurse: Actor, case_id: str) -> str:
    (site,) = nurse.sites
    first = cases.find_case(records, nurse, case_id).referral
    return cases.add_case(records, nurse, site, replace(first, reference="R2"), "x" * 32)


WRAPPED = {
    "bytes": "SET wrapped = substr(wrapped, 2)",
    "key and bytes": "SET key_id = 'x', wrapped = substr(wrapped, 2)",
    "text": "SET wrapped = CAST('text' AS {text})",
}


@pytest.mark.parametrize("change", WRAPPED)
def test_a_damaged_key_is_left_and_named_and_the_others_are_rewrapped(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path, change: str
) -> None:
    other, old = another(kept, nurse, case_id), kept.keyring().newest
    said = WRAPPED[change].format(text="TEXT" if kept.database.sqlite else "BYTEA")
    tamper(kept, f"UPDATE case_keys {said} WHERE case_id = '{case_id}'")
    left = rotation.rotate(kept, 0, keyring_file)
    assert left == RewrapReport(changed=2, left=(f"case_keys/{case_id}",))
    assert cases.find_case(kept, nurse, other).referral.reference == "R2"
    assert {fault.place for fault in verify_ledger(kept).faults} == {f"case_keys/{case_id}"}
    assert not rotation.is_pending(kept)  # or no timer would ever rotate again
    if "key" not in change:
        with pytest.raises(UsedKeyError, match="still opens 1 record"):
            rotation.destroy(kept, 0, old, keyring_file)


def test_a_damaged_key_of_the_index_is_named(
    kept: Records, case_id: str, keyring_file: Path
) -> None:
    tamper(kept, "UPDATE secrets SET wrapped = substr(wrapped, 2)")
    left = rotation.rotate(kept, 0, keyring_file)
    assert left == RewrapReport(changed=1, left=("secrets/index/4",))


def test_a_changed_key_id_does_not_part_a_case_from_the_key_that_opens_it(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    old = kept.keyring().newest
    tamper(kept, "UPDATE case_keys SET key_id = 'x'")
    assert rotation.is_pending(kept)
    assert rotation.rotate(kept, 0, keyring_file) == RewrapReport(changed=2, left=())
    rotation.destroy(kept, 0, old, keyring_file)
    assert reads(kept, nurse, case_id)
    assert {fault.place for fault in verify_ledger(kept).faults} == {f"case_keys/{case_id}"}
    assert "row-altered" in {fault.code for fault in verify_ledger(kept).faults}


def test_keys_rotate_and_go_while_cases_are_added(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path
) -> None:
    """Nothing is ever wrapped by a key that is gone."""
    (site,) = nurse.sites
    given = cases.find_case(kept, nurse, case_id).referral
    stop = Event()

    def add(stream: int) -> int:
        added = 0
        while not stop.is_set():
            one = replace(given, reference=f"{stream}-{added}")
            cases.add_case(kept, nurse, site, one, f"adding-{stream}-{added}")
            added += 1
            stop.wait(0.02)  # lets the others write too
        return added

    with ThreadPoolExecutor(2) as people:
        adding = [people.submit(add, stream) for stream in range(2)]
        for _ in range(4):
            old = kept.keyring().newest
            rotation.rotate(kept, 0, keyring_file)
            while any(use.wraps for use in rotation.uses(kept) if use.name == old):
                rotation.rewrap_keys(kept, 0)  # what was added with the old key at that moment
            rotation.destroy(kept, 0, old, keyring_file)
        stop.set()
        added = sum(each.result() for each in adding)
    assert len(kept.keyring().keys) == 1
    for each in ids(kept):
        assert cases.find_case(kept, nurse, each).referral.person == given.person
    assert len(ids(kept)) == added + 1
    assert not verify_ledger(kept).faults
