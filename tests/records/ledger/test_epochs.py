"""Events are keyed with a secret that is not in the database, and every loss of it is a fault."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.casework.case_writes import once
from support.casework.recorded_assessments import answered, recorded
from support.rulesets import shipped
from support.storage.databases import open_records, sqlite_copy
from support.storage.forgery import cut_off, forge_decision, rewrite, tamper

from screening.cli import main
from screening.core.results.decision import CHOICES
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.installation.keys import KeyringFile
from screening.records.installation.opening import open_records as open_installation
from screening.records.installation.settings import Settings
from screening.records.ledger import events, keying
from screening.records.ledger.epochs import LostEpochsError, UnkeyedError, check_newest_epoch
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.operation import rotation
from screening.records.operation.backup import write_backup
from screening.records.operation.restore import restore_backup
from screening.records.results.decisions import NewDecision, record_review
from screening.records.sealing.vault import Keyring, KeyringError
from screening.records.storage.database import open_database
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

REFER = NewDecision(choice=CHOICES["refer:requirements-met"], note="")


class PulledPlugError(BaseException):
    """Stands for a machine that stops here."""


def codes(records: Records) -> set[str]:
    return {fault.code for fault in verify_ledger(records).faults}


def sign_in(records: Records, times: int = 1) -> None:
    for _ in range(times):
        record_event(records, 1, EventKind.SIGNED_IN)


@pytest.fixture
def decided(records: Records, nurse: Actor) -> Records:
    """A case that was decided."""
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    record_review(open_case(records, nurse, case_id), 1, 3, REFER, shipped.ruleset(), once())
    return records


@pytest.fixture
def in_file(sqlite_records: Records, tmp_path: Path) -> Records:
    """Records whose keyring is in a file, and has no epoch yet; three events without a MAC."""
    bare = Keyring.make()
    bare.save(tmp_path / "keys.json")
    records = replace(sqlite_records, keyring=KeyringFile(tmp_path / "keys.json"))
    sign_in(records, 3)
    return records


def file_of(records: Records) -> Path:
    assert isinstance(records.keyring, KeyringFile)
    return records.keyring.path


def test_every_event_of_a_new_ledger_is_keyed(decided: Records) -> None:
    verdict = verify_ledger(decided)
    assert verdict.faults == []
    assert verdict.keyed == verdict.events > 0


def test_a_decision_that_was_forged_with_every_digest_and_hash_is_found(decided: Records) -> None:
    forge_decision(decided)
    assert codes(decided) == {"mac-wrong"}


def test_a_forged_decision_cannot_hide_by_dropping_the_macs(decided: Records) -> None:
    forge_decision(decided)
    tamper(decided, "UPDATE events SET mac = NULL")
    assert codes(decided) == {"mac-missing"}


def test_a_ledger_that_was_keyed_needs_a_keyring_with_epochs(in_file: Records) -> None:
    before = file_of(in_file).read_text()
    keying.begin_epoch(in_file, 0, file_of(in_file))
    tamper(in_file, "UPDATE events SET mac = NULL")
    file_of(in_file).write_text(before)
    (fault,) = verify_ledger(in_file).faults
    assert (fault.code, "put the right keyring back" in fault.message) == ("epoch-unknown", True)


def test_a_mac_of_another_secret_is_found(decided: Records) -> None:
    own = Keyring.make().with_epoch(1, "0" * 64, "0" * 64)
    rewrite(decided, lambda _: None, own)
    assert codes(decided) == {"mac-unknown"}


def test_a_mac_of_another_event_is_found(decided: Records) -> None:
    tamper(decided, "UPDATE events SET mac = (SELECT mac FROM events WHERE seq = 2) WHERE seq = 3")
    assert codes(decided) == {"mac-wrong"}


def test_a_secret_is_in_no_row_of_the_database(decided: Records) -> None:
    (epoch,) = decided.keyring().epochs
    with decided.database.reading() as session:
        rows = [event.mac for event in session.query(EventRow)]
    assert all(row and row.startswith(f"{epoch.id}:") for row in rows)
    assert not any(epoch.secret.hex() in str(row) for row in rows)


def test_an_epoch_pins_what_was_before_it(in_file: Records) -> None:
    keying.begin_epoch(in_file, 0, file_of(in_file))
    sign_in(in_file)
    verdict = verify_ledger(in_file)
    assert (verdict.faults, verdict.events, verdict.keyed) == ([], 5, 2)
    before = file_of(in_file).read_text()

    def blame(event: EventRow) -> None:
        event.by = 9 if event.seq == 2 else event.by

    rewrite(in_file, blame)
    assert codes(in_file) == {"epoch-root", "mac-wrong"}
    assert file_of(in_file).read_text() == before


def test_a_ledger_that_was_cut_off_before_its_epoch_is_found_and_not_served(
    in_file: Records,
) -> None:
    keying.begin_epoch(in_file, 0, file_of(in_file))
    check_newest_epoch(in_file.database, in_file.keyring())
    cut_off(in_file, 2)
    assert codes(in_file) == {"epoch-missing"}
    with pytest.raises(UnkeyedError, match="does not continue at event 4"):
        check_newest_epoch(in_file.database, in_file.keyring())


def test_a_ledger_without_the_macs_of_its_epoch_is_not_served(in_file: Records) -> None:
    keying.begin_epoch(in_file, 0, file_of(in_file))
    tamper(in_file, "UPDATE events SET mac = NULL")
    with pytest.raises(UnkeyedError, match="ledger verify"):
        check_newest_epoch(in_file.database, in_file.keyring())


def test_a_keyring_without_its_epochs_is_a_fault(in_file: Records) -> None:
    keying.begin_epoch(in_file, 0, file_of(in_file))
    bare = replace(in_file.keyring(), epochs=())
    assert codes(replace(in_file, keyring=lambda: bare)) == {"epoch-unknown", "mac-unknown"}


def test_a_stop_between_the_keyring_and_the_ledger_is_harmless(
    in_file: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise PulledPlugError

    with monkeypatch.context() as patched:
        patched.setattr(events, "append", stop)
        with pytest.raises(PulledPlugError):
            keying.begin_epoch(in_file, 0, file_of(in_file))
    assert len(in_file.keyring().epochs) == 1
    check_newest_epoch(in_file.database, in_file.keyring())
    assert codes(in_file) == set()
    sign_in(in_file)
    assert (codes(in_file), verify_ledger(in_file).keyed) == (set(), 1)
    assert not keying.needs_epoch(in_file)


def test_a_stop_before_the_keyring_is_written_changes_nothing(
    in_file: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise PulledPlugError

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", stop)
        with pytest.raises(PulledPlugError):
            keying.begin_epoch(in_file, 0, file_of(in_file))
    assert (in_file.keyring().epochs, codes(in_file)) == ((), set())
    assert keying.needs_epoch(in_file)


def test_the_next_secret_keys_what_comes_next_and_the_first_is_kept(in_file: Records) -> None:
    path = file_of(in_file)
    keying.begin_epoch(in_file, 0, path)
    old = in_file.keyring()
    rotation.rotate(in_file, 0, path)
    rotation.destroy(in_file, 0, old.newest, path)
    keying.begin_epoch(in_file, 0, path)
    sign_in(in_file)
    assert in_file.keyring().epochs[0] == old.epochs[0]
    assert codes(in_file) == set()
    rewrite(in_file, lambda _: None, old)  # with a secret that leaked before
    assert codes(in_file) == {"mac-wrong"}


def test_the_file_of_the_keyring_is_not_read_for_each_event(
    in_file: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    keying.begin_epoch(in_file, 0, file_of(in_file))
    in_file.keyring()

    def read(*_: object) -> str:
        raise AssertionError

    monkeypatch.setattr("pathlib.Path.read_text", read)
    sign_in(in_file, 5)


def test_a_keyring_of_before_is_read_and_written_as_it_was() -> None:
    text = '{\n "newest": "a",\n "keys": {\n  "a": "' + "A" * 43 + '="\n }\n}\n'
    ring = Keyring.read(text)
    assert (ring.epochs, ring.write()) == ((), text)
    keyed = ring.with_epoch(7, "ab" * 32, "cd" * 32)
    assert Keyring.read(keyed.write()) == keyed
    assert "secret" not in repr(keyed)
    for broken in ('"first": 0', '"first": "7"'):
        with pytest.raises(KeyringError):
            Keyring.read(keyed.write().replace('"first": 7', broken))


def environment(folder: Path, keys: str = "") -> dict[str, str]:
    return {"DATABASE_URL": "", "SCREENING_KEYS": keys, "SCREENING_DATA": str(folder)}


def run(folder: Path, *words: str, keys: str = "") -> str:
    done = CliRunner(env=environment(folder, keys)).invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def unkeyed(sqlite_pattern: Path, tmp_path: Path) -> Path:
    """The folder of an installation from before there were epochs."""
    Keyring.make().save(tmp_path / "keys.json")
    copy = sqlite_copy(sqlite_pattern, tmp_path).removeprefix("sqlite:///")
    shutil.move(copy, tmp_path / "screening.db")
    with open_installation(Settings.read({"SCREENING_DATA": str(tmp_path)})).database.writing():
        pass
    return tmp_path


def installed(folder: Path, keys: str = "") -> Records:
    return open_installation(Settings.read({"SCREENING_DATA": str(folder), "SCREENING_KEYS": keys}))


def test_an_upgrade_keys_a_ledger_of_before_once(unkeyed: Path) -> None:
    sign_in(installed(unkeyed), 2)
    assert "The ledger is keyed from event 3 on" in run(unkeyed, "upgrade", "--no-backup")
    assert "keyed" not in run(unkeyed, "upgrade", "--no-backup")
    records = installed(unkeyed)
    sign_in(records)
    verdict = verify_ledger(records)
    assert (verdict.faults, verdict.events, verdict.keyed) == ([], 4, 2)


def test_where_the_environment_has_the_keyring_the_upgrade_prints_it_and_begins_nothing(
    unkeyed: Path,
) -> None:
    keys = (unkeyed / "keys.json").read_text()
    (unkeyed / "keys.json").unlink()
    sign_in(installed(unkeyed, keys), 2)
    said = run(unkeyed, "upgrade", "--no-backup", "--print", keys=keys)
    printed = said[said.index("{") :]
    assert verify_ledger(installed(unkeyed, keys)).events == 2
    assert "SCREENING_KEYS" in said
    records = installed(unkeyed, printed)
    check_newest_epoch(records.database, records.keyring())
    sign_in(records)
    assert (codes(records), verify_ledger(records).keyed) == (set(), 1)


def test_events_that_were_written_after_the_keyring_was_printed_are_not_overlooked(
    unkeyed: Path,
) -> None:
    keys = (unkeyed / "keys.json").read_text()
    said = run(unkeyed, "upgrade", "--no-backup", "--print", keys=keys)
    sign_in(installed(unkeyed, keys))  # the server was not stopped
    records = installed(unkeyed, said[said.index("{") :])
    assert codes(records) == {"mac-missing"}
    with pytest.raises(UnkeyedError, match="stop the server, and run `screening upgrade` again"):
        check_newest_epoch(records.database, records.keyring())


def test_a_new_installation_is_keyed_from_its_first_event(tmp_path: Path) -> None:
    records = installed(tmp_path)
    (epoch,) = records.keyring().epochs
    assert epoch.first == 1
    sign_in(records)
    assert verify_ledger(records).keyed == 2
    records.database.close()
    assert installed(tmp_path).keyring().epochs == (epoch,)


def test_keys_rotate_gives_the_ledger_a_fresh_secret(tmp_path: Path) -> None:
    sign_in(installed(tmp_path))
    run(tmp_path, "keys", "rotate")
    records = installed(tmp_path)
    firsts = [each.first for each in records.keyring().epochs]
    assert firsts == [1, 3]
    assert (codes(records), verify_ledger(records).keyed) == (set(), 4)


def test_records_of_a_spare_keyring_are_as_before(sqlite_pattern: Path, tmp_path: Path) -> None:
    with open_records(sqlite_copy(sqlite_pattern, tmp_path), keyed=False) as records:
        sign_in(records)
        verdict = verify_ledger(records)
        assert (verdict.faults, verdict.keyed) == ([], 0)


def test_a_backup_from_before_an_epoch_is_restored_and_keyed_from_there_on(
    unkeyed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("another")
    sign_in(installed(unkeyed), 2)
    run(unkeyed, "backup", str(folder / "early.backup"))
    sign_in(installed(unkeyed), 2)
    run(unkeyed, "upgrade", "--no-backup")
    shutil.copyfile(unkeyed / "keys.json", folder / "keys.json")
    said = run(folder, "restore", str(folder / "early.backup"))
    assert "older than the keyring" in said
    records = installed(folder)
    sign_in(records, 5)
    verdict = verify_ledger(records)
    assert (verdict.faults, verdict.events, verdict.keyed) == ([], 8, 6)
    check_newest_epoch(records.database, records.keyring())
    assert codes(installed(unkeyed)) == set()


def test_a_backup_is_tried_without_a_change_of_the_keyring(
    in_file: Records, tmp_path: Path
) -> None:
    write_backup(in_file.database, tmp_path / "early.backup", in_file.now(), in_file.keyring())
    keying.begin_epoch(in_file, 0, file_of(in_file))
    before = file_of(in_file).read_bytes()
    with closing(open_database(f"sqlite:///{tmp_path / 'tried.sqlite3'}")) as database:
        tried = restore_backup(replace(in_file, database=database), tmp_path / "early.backup")
    assert (tried.faults, file_of(in_file).read_bytes()) == (0, before)


@pytest.mark.parametrize("words", [("upgrade", "--no-backup"), ("keys", "rotate")])
def test_a_ledger_that_was_cut_off_before_its_epoch_gets_no_other_one(
    unkeyed: Path, words: tuple[str, ...]
) -> None:
    sign_in(installed(unkeyed), 4)
    run(unkeyed, "upgrade", "--no-backup")
    before = (unkeyed / "keys.json").read_bytes()
    cut_off(installed(unkeyed), 3)
    done = CliRunner(env=environment(unkeyed)).invoke(main, list(words))
    assert (done.exit_code, "does not continue at event" in done.output) == (69, True)
    assert (unkeyed / "keys.json").read_bytes() == before


def without_epochs(folder: Path) -> None:
    """Put back a copy of the keyring from before it had an epoch."""
    ring = Keyring.read((folder / "keys.json").read_text())
    replace(ring, epochs=()).save(folder / "keys.json")


@pytest.mark.parametrize("words", [("upgrade", "--no-backup"), ("keys", "rotate")])
@pytest.mark.parametrize("attack", ["", "UPDATE events SET mac = NULL"])
def test_a_keyring_that_lost_its_epochs_gets_no_other_one(
    tmp_path: Path, words: tuple[str, ...], attack: str
) -> None:
    sign_in(installed(tmp_path), 2)
    without_epochs(tmp_path)
    if attack:
        tamper(installed(tmp_path), attack)
    before = (tmp_path / "keys.json").read_bytes()
    done = CliRunner(env=environment(tmp_path)).invoke(main, list(words))
    assert (done.exit_code, "Put the newest copy of the keyring back" in done.output) == (69, True)
    assert (tmp_path / "keys.json").read_bytes() == before
    records = installed(tmp_path)
    with pytest.raises(LostEpochsError):  # as the server does at its start
        check_newest_epoch(records.database, records.keyring())


@pytest.mark.parametrize("words", [("upgrade", "--no-backup"), ("keys", "rotate")])
def test_a_keyring_from_before_the_newest_epoch_is_refused(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    sign_in(installed(tmp_path))
    before = (tmp_path / "keys.json").read_bytes()
    keying.begin_epoch(installed(tmp_path), 0, tmp_path / "keys.json")
    (tmp_path / "keys.json").write_bytes(before)
    done = CliRunner(env=environment(tmp_path)).invoke(main, list(words))
    assert (done.exit_code, "event 3 says" in done.output) == (69, True)
    assert (tmp_path / "keys.json").read_bytes() == before


def test_a_ledger_keyed_from_event_1_does_not_verify_without_epochs_and_macs(
    tmp_path: Path,
) -> None:
    sign_in(installed(tmp_path), 2)
    without_epochs(tmp_path)
    tamper(installed(tmp_path), "UPDATE events SET mac = NULL")
    assert codes(installed(tmp_path)) == {"epoch-unknown"}
    done = CliRunner(env=environment(tmp_path)).invoke(main, ["ledger", "verify"])
    assert (done.exit_code, "event/1: the ledger was keyed here" in done.output) == (1, True)


def test_a_ledger_without_any_mac_is_a_fault_of_its_own(unkeyed: Path) -> None:
    sign_in(installed(unkeyed))
    done = CliRunner(env=environment(unkeyed)).invoke(main, ["ledger", "verify"])
    assert (done.exit_code, "[not-keyed]" in done.output) == (1, True)
    run(unkeyed, "upgrade", "--no-backup")
    run(unkeyed, "ledger", "verify")


def test_a_past_that_was_rewritten_without_macs_is_not_pinned(unkeyed: Path) -> None:
    sign_in(installed(unkeyed), 3)
    signed = run(unkeyed, "ledger", "head").splitlines()[-1]  # after the words on the key
    (unkeyed / "heads.jsonl").write_text(f"{signed}\n", "utf-8")

    def blame(event: EventRow) -> None:
        event.by = 9 if event.seq == 2 else event.by

    rewrite(installed(unkeyed), blame)
    done = CliRunner(env=environment(unkeyed)).invoke(main, ["upgrade", "--no-backup"])
    assert (done.exit_code, "was not keyed" in done.output) == (69, True)
    assert installed(unkeyed).keyring().epochs == ()
    assert "is keyed from event 4" in run(unkeyed, "upgrade", "--no-backup", "--despite-faults")


def test_a_ledger_whose_keyring_is_lost_for_good_is_keyed_again_on_demand(tmp_path: Path) -> None:
    sign_in(installed(tmp_path), 2)
    without_epochs(tmp_path)
    said = run(tmp_path, "upgrade", "--no-backup", "--despite-faults")
    assert "is keyed from event 4 on" in said
    assert codes(installed(tmp_path)) == {"epoch-unknown", "mac-unknown"}
    sign_in(installed(tmp_path))
    assert verify_ledger(installed(tmp_path)).keyed == 2
