"""Backups: nobody without the keyring makes one, changes one or, if it is encrypted, reads one."""

import json
import os
import shutil
import signal
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection
from support.storage.databases import People

from screening.cli import main
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor
from screening.records.casework import cases
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.operation import backup_file, rotation, table_copy
from screening.records.operation.backup import open_backup_database, read_backup, write_backup
from screening.records.operation.backup_file import (
    BackupError,
    UnauthenticatedError,
    UnknownKeyError,
    digest_of,
    write_file,
)
from screening.records.operation.restore import restore_backup
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import open_database
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

FORGED = "$argon2id$v=19$m=47104,t=2,p=1$forged$forged"
MIB = 1024 * 1024


def referral(number: int) -> Referral:
    return Referral(
        reference=f"REF-{number:04}",
        person=f"Quokka{number}",
        birth_year=1940,
        clinic="Spine Clinic North",
        priority=Priority.ROUTINE,
    )


@dataclass(slots=True)
class Site:
    """An installation with three cases, and a second, empty one with the same keyring."""

    environment: dict[str, str]
    other: dict[str, str]
    nurse: Actor
    added: list[str]

    @property
    def ring(self) -> Keyring:
        return Keyring.read(Path(self.environment["SCREENING_KEYS_FILE"]).read_text())

    def open(self) -> Records:
        return open_records(Settings.read(self.environment))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    environment = {"SCREENING_KEYS_FILE": str(tmp_path / "keys" / "keys.json")}
    one = environment | {"SCREENING_DATA": str(tmp_path / "one")}
    records = open_records(Settings.read(one))
    nurse = People(records).actor()
    (number,) = nurse.sites
    added = [cases.add_case(records, nurse, number, referral(n), f"key-{n:08}") for n in range(3)]
    records.database.close()
    return Site(one, environment | {"SCREENING_DATA": str(tmp_path / "two")}, nurse, added)


def run(environment: dict[str, str], *words: str) -> Result:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_SECRET_KEY": ""}
    return CliRunner(env=clean | environment).invoke(main, list(words))


def said(environment: dict[str, str], *words: str) -> str:
    done = run(environment, *words)
    assert done.exit_code == 0, done.output
    return done.output


def forge(site: Site, file: Path, database: Path) -> None:
    """The database of a backup with other passwords in it, and a manifest that agrees with them."""
    with read_backup(file, site.ring) as backup:
        shutil.copyfile(backup.database, database)
        manifest = backup.manifest
    with closing(sqlite3.connect(database)) as raw, raw:
        raw.execute("UPDATE users SET password = ?", (FORGED,))
    with open_backup_database(database) as connection:
        manifest = replace(manifest, contents=table_copy.contents(connection))
    with closing(sqlite3.connect(database)) as raw, raw:
        raw.execute("UPDATE backup SET manifest = ?", (manifest.write(),))


def passwords(environment: dict[str, str]) -> set[str]:
    with closing(sqlite3.connect(Path(environment["SCREENING_DATA"]) / "screening.db")) as raw:
        return {password for (password,) in raw.execute("SELECT password FROM users")}


def test_forged_passwords_are_not_restored(site: Site, tmp_path: Path) -> None:
    file, forged, packed = tmp_path / "b", tmp_path / "forged", tmp_path / "packed"
    said(site.environment, "backup", str(file))
    forge(site, file, forged)
    refused = run(site.other, "restore", str(forged))
    assert (refused.exit_code, "--unauthenticated" in refused.output) == (69, True)
    assert "may have changed passwords" in refused.output
    own = Keyring({site.ring.newest: bytes(32)}, site.ring.newest)  # the id is no secret
    write_file(forged, packed, own, encrypt=False)
    refused = run(site.other, "restore", str(packed), "--unauthenticated")
    assert (refused.exit_code, "without the keyring" in refused.output) == (69, True)
    assert not (tmp_path / "two" / "screening.db").exists()


def test_a_backup_of_an_earlier_version_is_restored_only_with_a_warning(
    site: Site, tmp_path: Path
) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    forge(site, tmp_path / "b", tmp_path / "earlier")
    with pytest.raises(UnauthenticatedError), read_backup(tmp_path / "earlier", site.ring):
        pass
    words = ("restore", str(tmp_path / "earlier"), "--unauthenticated")
    assert "the ledger in this backup has 1 fault" in run(site.other, *words).output
    warned = said(site.other, *words, "--despite-faults")
    assert "WARNING: nothing proves who wrote this backup." in warned
    assert passwords(site.other) == {FORGED}
    records = open_records(Settings.read(site.other))
    with records.database.reading() as session:
        last = session.query(EventRow).order_by(EventRow.seq.desc()).first()
        assert last
        assert json.loads(last.change or "{}")["authenticated"] is False
    records.database.close()


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def packed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Keyring]:
    """A backup in seven parts, the last of them short."""
    monkeypatch.setattr(backup_file, "CHUNK", 64)
    (tmp_path / "plain").write_bytes(bytes(range(250)) + bytes(150))
    ring = Keyring.make()
    write_file(tmp_path / "plain", tmp_path / "packed", ring, encrypt=request.param)
    return tmp_path / "packed", ring


def is_refused(path: Path, ring: Keyring, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        digest_of(path, ring)
    except BackupError:
        return True
    return False


def test_no_byte_of_a_backup_can_change(packed: tuple[Path, Keyring]) -> None:
    path, ring = packed
    whole = path.read_bytes()
    assert not is_refused(path, ring, whole)
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        assert is_refused(path, ring, bytes(changed)), at
        assert is_refused(path, ring, whole[:at]), at
    assert is_refused(path, ring, whole + b"\0")


def test_no_part_of_a_backup_can_move(packed: tuple[Path, Keyring], tmp_path: Path) -> None:
    path, ring = packed
    whole = path.read_bytes()
    begin = whole.index(b"\n") + 1
    parts = [whole[at : at + 80] for at in range(begin, len(whole), 80)]
    encrypted = b'"encrypted": true' in whole
    write_file(tmp_path / "plain", tmp_path / "again", ring, encrypt=encrypted)
    other = (tmp_path / "again").read_bytes()
    assert other != whole
    for one in range(len(parts)):
        missing = [*parts[:one], *parts[one + 1 :]]
        twice = [*parts[:one], parts[one], *parts[one:]]
        at = begin + one * 80
        mixed = whole[:at] + other[at : at + 80] + whole[at + 80 :]
        for content in (missing, twice):
            assert is_refused(path, ring, whole[:begin] + b"".join(content))
        assert is_refused(path, ring, mixed)
    swapped = [parts[1], parts[0], *parts[2:]]
    assert is_refused(path, ring, whole[:begin] + b"".join(swapped))


def test_the_kind_of_a_backup_cannot_be_changed(packed: tuple[Path, Keyring]) -> None:
    """A header that calls encrypted parts plain would else pass them on as they are."""
    path, ring = packed
    whole = path.read_bytes()
    swaps = {
        b'"encrypted": true': b'"encrypted": false',
        b'"encrypted": false': b'"encrypted": true',
    }
    (other,) = [whole.replace(old, new) for old, new in swaps.items() if old in whole]
    assert is_refused(path, ring, other)


def test_an_encrypted_backup_says_nothing_without_the_keyring(site: Site, tmp_path: Path) -> None:
    said(site.environment, "backup", str(tmp_path / "plain"))
    said(site.environment, "backup", str(tmp_path / "sealed"), "--encrypt")
    plain, sealed = ((tmp_path / name).read_bytes() for name in ("plain", "sealed"))
    for word in (b"Spine Clinic North", b"case-added", b"CREATE TABLE"):
        assert (word in plain, word in sealed) == (True, False)
    assert "3 cases" in said(site.other, "restore", str(tmp_path / "sealed"))
    for name in ("plain", "sealed"):
        with pytest.raises(UnknownKeyError, match="Put back a copy of the keyring"):
            digest_of(tmp_path / name, Keyring.make())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a backup"),
        (b"{}\n", "is not a backup"),
        (b"[" * 5_000, "is not a backup"),
        (b"PK\x03\x04" + bytes(500), "is not a backup"),
        (b'{"key": 1, "salt": null}\n', "is not a backup"),
    ],
)
def test_what_is_no_backup_is_told_so(
    site: Site, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "b").write_bytes(content)
    done = run(site.other, "restore", str(tmp_path / "b"))
    assert (done.exit_code, reason in done.output) == (69, True), done.output


def test_a_backup_of_a_newer_format_is_told_so(packed: tuple[Path, Keyring]) -> None:
    path, ring = packed
    path.write_bytes(path.read_bytes().replace(b"screening-backup-2", b"screening-backup-3"))
    with pytest.raises(BackupError, match="made by a newer version"):
        digest_of(path, ring)


def test_a_backup_takes_no_more_memory_than_a_few_parts(tmp_path: Path) -> None:
    plain, ring = tmp_path / "plain", Keyring.make()
    with plain.open("wb") as file:
        file.truncate(24 * MIB)
    for encrypt in (False, True):
        tracemalloc.start()
        digest = write_file(plain, tmp_path / "b", ring, encrypt=encrypt)
        assert digest_of(tmp_path / "b", ring) == digest
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 * MIB


def test_a_backup_outlives_a_rotation_and_goes_with_its_key(
    kept: Records, nurse: Actor, case_id: str, keyring_file: Path, tmp_path: Path
) -> None:
    file, old = tmp_path / "b", kept.keyring().newest
    write_backup(kept.database, file, kept.now(), kept.keyring())
    rotation.rotate(kept, 0, keyring_file)
    database = open_database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    restored = replace(kept, database=database)
    assert restore_backup(restored, file).authenticated
    assert cases.find_case(restored, nurse, case_id).referral.person == "Zaphod Zz1"
    assert not verify_ledger(restored).faults
    database.close()
    rotation.destroy(kept, 0, old, keyring_file)
    with pytest.raises(UnknownKeyError, match="If the key was destroyed, nobody can restore"):
        restore_backup(restored, file)


def test_whoever_destroys_a_key_is_told_which_backups_go_with_it(
    site: Site, tmp_path: Path
) -> None:
    old = site.ring.newest
    for name in ("a", "b"):
        said(site.environment, "backup", str(tmp_path / name))
    said(site.environment, "keys", "rotate")
    said(site.environment, "backup", str(tmp_path / "c"))
    done = run(site.environment, "keys", "destroy", old)
    assert done.exit_code == 1  # nobody answered
    assert "2 backups were made under it, the last on" in done.output
    assert "2 backups" in said(site.environment, "keys", "list")


def with_secrets(folder: Path) -> None:
    """Put what no backup holds into a folder, beside the keyring."""
    (folder / "secret").write_text("x" * 40)
    (folder / "ledger.key").write_text(Signer.make().write())
    (folder / "heads.jsonl").write_text("")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def test_a_rehearsal_tries_a_backup_and_leaves_nothing(site: Site, tmp_path: Path) -> None:
    said(site.environment, "backup", str(tmp_path / "b"), "--encrypt")
    with_secrets(tmp_path / "one")
    before = everything(tmp_path)
    found = said(site.environment, "rehearse", str(tmp_path / "b"))
    assert everything(tmp_path) == before
    assert {each.name for each in (tmp_path / "one").iterdir()} == {
        *("screening.db", "secret", "ledger.key", "heads.jsonl")
    }
    for line in ("Restored 3 cases", "seconds", "The ledger has no faults", "Opened 3 of 3 cases"):
        assert line in found
    assert "Nothing is missing" in found


def test_a_rehearsal_of_a_backup_with_erased_cases_leaves_nothing(
    site: Site, tmp_path: Path
) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    with_secrets(tmp_path / "one")
    said(site.environment, "erase", site.added[0], "--yes", "--reason", "request", "--even-so")
    before = everything(tmp_path / "keys")
    assert site.added[0].encode() in before["erased"]
    assert "Opened 2 of 2 cases" in said(site.environment, "rehearse", str(tmp_path / "b"))
    assert everything(tmp_path / "keys") == before


def test_a_restore_without_the_signing_secret_warns_at_once(site: Site, tmp_path: Path) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    assert "missing here: the signing secret" in said(site.other, "restore", str(tmp_path / "b"))
    third = site.other | {"SCREENING_DATA": str(tmp_path / "three")}
    (tmp_path / "three").mkdir()
    with_secrets(tmp_path / "three")
    assert "missing here" not in said(third, "restore", str(tmp_path / "b"))


def test_whoever_makes_keys_is_told_to_keep_the_signing_secret(site: Site) -> None:
    assert "Keep a copy of the signing secret" in said(site.other, "keys", "make")


def test_a_rehearsal_names_what_is_missing(site: Site, tmp_path: Path) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    done = run(site.other, "rehearse", str(tmp_path / "b"))
    assert (done.exit_code, "Missing here: the signing secret" in done.output) == (1, True)
    assert not (tmp_path / "two").exists()
    Keyring.make().save(Path(site.other["SCREENING_KEYS_FILE"]))
    done = run(site.other, "rehearse", str(tmp_path / "b"))
    assert (done.exit_code, "which is not in the keyring" in done.output) == (69, True)
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("name", ["secret", "ledger.key", "heads.jsonl"])
def test_a_rehearsal_names_each_file_that_no_backup_holds(
    site: Site, tmp_path: Path, name: str
) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    with_secrets(tmp_path / "one")
    (tmp_path / "one" / name).unlink()
    done = run(site.environment, "rehearse", str(tmp_path / "b"))
    missing = [line for line in done.output.splitlines() if line.startswith("Missing here")]
    assert (done.exit_code, len(missing), name in missing[0]) == (1, 1, True)


def test_a_rehearsal_names_what_the_settings_name_and_is_not_there(
    site: Site, tmp_path: Path
) -> None:
    said(site.environment, "backup", str(tmp_path / "b"))
    with_secrets(tmp_path / "one")
    heads = {"SCREENING_HEADS_FOLDER": str(tmp_path / "elsewhere")}
    witness = {"SCREENING_WITNESS": "http://127.0.0.1:9"}
    done = run(site.environment | heads | witness, "rehearse", str(tmp_path / "b"))
    assert (done.exit_code, "Missing here: the folder for signed heads" in done.output) == (1, True)
    assert "Missing here: the witness of SCREENING_WITNESS" in done.output


@pytest.mark.parametrize("left", ["", "0" * 32])
def test_a_rehearsal_names_a_missing_or_older_list_of_erased_cases(
    site: Site, tmp_path: Path, left: str
) -> None:
    said(site.environment, "erase", site.added[0], "--yes", "--reason", "request", "--even-so")
    said(site.environment, "backup", str(tmp_path / "b"))
    with_secrets(tmp_path / "one")
    assert "Nothing is missing" in said(site.environment, "rehearse", str(tmp_path / "b"))
    listed = tmp_path / "keys" / "erased"
    listed.unlink()
    if left:
        listed.write_text(f"{left}\n")
    done = run(site.environment, "rehearse", str(tmp_path / "b"))
    assert (done.exit_code, "does not name 1 case of this backup" in done.output) == (1, True)


def test_a_backup_of_records_with_faults_is_kept_and_says_so(site: Site, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "one" / "screening.db")) as raw, raw:
        raw.execute("UPDATE cases SET touched_by = 99 WHERE id = ?", (site.added[1],))
    done = run(site.environment, "backup", str(tmp_path / "b"))
    assert done.exit_code == 3
    assert "WARNING: these records have 1 fault, and so has the backup." in done.output
    assert "--despite-faults" in done.output
    with closing(sqlite3.connect(tmp_path / "one" / "screening.db")) as raw:
        last = raw.execute("SELECT kind FROM events ORDER BY seq DESC").fetchone()
    assert last == ("faulty-backup-made",)
    assert run(site.other, "restore", str(tmp_path / "b")).exit_code == 69
    assert run(site.other, "restore", str(tmp_path / "b"), "--despite-faults").exit_code == 0


def test_a_rehearsal_finds_faults_and_cases_that_cannot_be_opened(
    site: Site, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "one" / "screening.db")) as raw, raw:
        raw.execute("DROP TRIGGER IF EXISTS events_no_update")
        raw.execute("UPDATE events SET by = 99 WHERE seq = 2")
        raw.execute("UPDATE cases SET sealed = zeroblob(300) WHERE id = ?", (site.added[1],))
    assert run(site.environment, "backup", str(tmp_path / "b")).exit_code == 3
    done = run(site.environment, "rehearse", str(tmp_path / "b"))
    assert done.exit_code == 1
    assert "Opened 2 of 3 cases" in done.output
    assert f"Case {site.added[1]} cannot be opened" in done.output
    assert "faults." in done.output
    assert "no faults" not in done.output
    assert "With this backup alone you cannot restore everything." in done.output


def test_a_manifest_of_another_shape_is_damage(site: Site, tmp_path: Path) -> None:
    """Even in the earlier format, where anybody can write one."""
    said(site.environment, "backup", str(tmp_path / "b"))
    for written in ("[]", "1", '{"format": "screening-backup-1"}', "[" * 5_000, "null"):
        forge(site, tmp_path / "b", tmp_path / "forged")
        with closing(sqlite3.connect(tmp_path / "forged")) as raw, raw:
            raw.execute("UPDATE backup SET manifest = ?", (written,))
        done = run(site.other, "restore", str(tmp_path / "forged"), "--unauthenticated")
        assert (done.exit_code, "is damaged" in done.output) == (69, True), done.output


@pytest.fixture
def _outlived() -> Iterator[None]:
    """A signal to end that no command catches ends a test, and not all of them."""

    def fail(*_: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGTERM, fail)
    yield
    assert signal.signal(signal.SIGTERM, before) is fail


@pytest.mark.usefixtures("_outlived")
@pytest.mark.parametrize("words", [("backup", "c"), ("rehearse", "b"), ("restore", "b")])
def test_a_command_that_is_ended_leaves_no_copy_behind(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
) -> None:
    said(site.environment, "backup", str(tmp_path / "b"), "--encrypt")
    here = site.other if words[0] == "restore" else site.environment
    open_records(Settings.read(site.environment)).database.close()
    before = everything(tmp_path)
    real = table_copy.contents

    def ended(connection: Connection) -> dict[str, table_copy.Content]:
        os.kill(os.getpid(), signal.SIGTERM)
        return real(connection)

    monkeypatch.setattr(table_copy, "contents", ended)
    done = run(here, words[0], str(tmp_path / words[1]))
    assert done.exit_code == 128 + signal.SIGTERM
    left = {name: content for name, content in everything(tmp_path).items() if content}
    assert left == before
    assert [each.name for each in tmp_path.rglob(".*")] == []
