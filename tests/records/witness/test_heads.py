"""Heads are signed at regular times, by who read the ledger, and only if it goes on as it was."""

import datetime as dt
import json
import logging
import os
import socket
from pathlib import Path

import pytest
from support.storage.databases import clock
from support.storage.forgery import cut_off, rewrite, tamper

from screening.records.installation.settings import Settings, SettingsError
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import HeadError, Signer, read_head
from screening.records.ledger.tree import BrokenLedgerError
from screening.records.verification.verify import verify_ledger
from screening.records.witness.head_file import HeadFile
from screening.records.witness.head_targets import log_head, syslog_target
from screening.records.witness.heads import LedgerSigner, Publisher

SIGNER = Signer.make()
HOUR = dt.timedelta(hours=1)


def sign_in(records: Records, times: int = 1) -> None:
    for _ in range(times):
        record_event(records, 1, EventKind.SIGNED_IN)


@pytest.fixture
def file(tmp_path: Path) -> HeadFile:
    return HeadFile(tmp_path / "heads.jsonl")


@pytest.fixture
def publisher(records: Records, file: HeadFile) -> Publisher:
    sign_in(records, 3)
    source = LedgerSigner(records, SIGNER)
    return Publisher(source=source, file=file, every=HOUR, events=10)


def sizes(file: HeadFile) -> list[int]:
    return [head.size for head in file.read()]


def test_a_head_is_of_the_ledger_as_it_is(records: Records) -> None:
    sign_in(records, 5)
    source = LedgerSigner(records, SIGNER)
    first = source.head()
    sign_in(records, 2)
    verdict = verify_ledger(records, [first, source.head()], SIGNER.verifier)
    assert (verdict.faults, verdict.heads, verdict.events) == ([], 2, 7)


def test_what_was_read_is_not_read_again(records: Records) -> None:
    sign_in(records, 5)
    source = LedgerSigner(records, SIGNER)
    source.head()
    tamper(records, "DELETE FROM events WHERE seq < 5")
    sign_in(records)
    assert source.head().size == 6


@pytest.mark.parametrize("attack", ["cut", "rewritten", "forged"])
def test_a_ledger_that_does_not_go_on_is_not_signed(records: Records, attack: str) -> None:
    sign_in(records, 5)
    source = LedgerSigner(records, SIGNER)
    source.head()
    if attack == "cut":
        cut_off(records, 2)
    elif attack == "rewritten":
        rewrite(records, lambda event: setattr(event, "by", 9), records.keyring())
    else:
        sign_in(records)
        tamper(records, "UPDATE events SET mac = NULL WHERE seq = 6")
    with pytest.raises(BrokenLedgerError, match="ledger verify"):
        source.head()


def test_a_head_is_due_after_so_many_events_or_so_much_time(
    records: Records, publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    assert sizes(file) == [3]
    sign_in(records, 9)
    publisher.publish_due()
    assert sizes(file) == [3]
    sign_in(records)
    publisher.publish_due()
    assert sizes(file) == [3, 13]
    clock(records).advance(minutes=61)
    publisher.publish_due()
    publisher.publish_due()
    assert sizes(file) == [3, 13, 13]


def test_at_the_end_what_is_left_is_signed(
    records: Records, publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    publisher.publish_rest()
    sign_in(records)
    publisher.publish_rest()
    assert sizes(file) == [3, 4]


def test_a_failure_is_said_once_and_the_next_head_is_signed(
    records: Records,
    publisher: Publisher,
    file: HeadFile,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publisher.publish_due()
    sign_in(records, 10)
    tamper(records, 'UPDATE events SET "by" = 9 WHERE seq = 6')
    for _ in range(3):
        publisher.publish_due()
    assert sizes(file) == [3]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "a fault at event 6" in caplog.text
    tamper(records, 'UPDATE events SET "by" = 1 WHERE seq = 6')
    publisher.publish_due()
    assert sizes(file) == [3, 13]


def test_what_was_read_of_the_tree_is_for_its_owner_alone(
    publisher: Publisher, file: HeadFile
) -> None:
    before = os.umask(0)
    try:
        publisher.publish_due()
        tree = file.path.with_suffix(".tree")
        assert tree.stat().st_mode & 0o777 == 0o600
        part = tree.with_suffix(".part")  # as one that an earlier version left
        part.touch(0o666)
        file.keep_tree(publisher.source.tree)
        assert tree.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_line_that_was_never_finished_is_passed_over_and_cut(
    publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    with file.path.open("a") as opened:
        opened.write('{"size": 9')
    assert sizes(file) == [3]
    last = file.last()
    assert last
    assert last.size == 3
    file.append(publisher.source.head())
    assert sizes(file) == [3, 3]
    assert file.path.stat().st_mode & 0o077 == 0
    file.path.write_text("nonsense\n")
    with pytest.raises(HeadError):
        file.read()


def test_the_next_start_reads_on_from_the_last_head(
    records: Records, publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    resumed = file.resume(SIGNER.verifier)
    assert (resumed.size, resumed.last) == (3, publisher.source.tree.last)
    sign_in(records)
    assert LedgerSigner(records, SIGNER, resumed).head().root == publisher.source.head().root


def test_a_tree_that_no_head_was_signed_for_is_read_again(
    publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    assert file.resume(Signer.make().verifier).size == 0
    path = file.path.with_suffix(".tree")
    said = json.loads(path.read_text())
    broken: list[object] = [said | {"last": "0" * 64}, said | {"nodes": ["00" * 32] * 2}]
    for changed in (*broken, {"size": 1}, []):
        path.write_text(json.dumps(changed))
        assert file.resume(SIGNER.verifier).size == 0
    path.unlink()
    assert file.resume(SIGNER.verifier).size == 0


def test_heads_go_to_syslog_and_to_the_log(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(records, 2)
    source = LedgerSigner(records, SIGNER)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, caplog.at_level("INFO"):
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        head = source.head()
        syslog_target(f"127.0.0.1:{listener.getsockname()[1]}")(head, source.tree)
        said = listener.recv(4096).decode().rstrip("\0")
        log_head(head, source.tree)
        logging.getLogger("screening.syslog").handlers[0].close()
    assert read_head(said[said.index("{") :]) == head
    assert [getattr(each, "told", None) for each in caplog.records] == [{"head": head.write()}]


def test_settings_say_where_heads_go_and_how_often(tmp_path: Path) -> None:
    plain = Settings.read({"SCREENING_DATA": str(tmp_path)})
    assert plain.heads_file == tmp_path / "heads.jsonl"
    assert (plain.heads_minutes, plain.heads_events) == (60, 25)
    given = {"SCREENING_HEADS_FOLDER": "/mnt/heads", "SCREENING_WITNESS": "https://w.example/"}
    more = {"SCREENING_HEADS_EVENTS": "7", "SCREENING_HEADS_SYSLOG": "/dev/log"}
    settings = Settings.read(given | more)
    assert str(settings.heads_file) == "/mnt/heads/heads.jsonl"
    assert (settings.witness, settings.heads_events) == ("https://w.example", 7)
    wrong = ("ftp://w", "w.example", "https://me:pass@w.example"), ("syslog", "host:")
    for name, values in zip(("SCREENING_WITNESS", "SCREENING_HEADS_SYSLOG"), wrong, strict=True):
        for value in values:
            with pytest.raises(SettingsError, match=name):
                Settings.read({name: value})


def test_a_restored_ledger_begins_with_heads_of_its_own(
    publisher: Publisher, file: HeadFile
) -> None:
    publisher.publish_due()
    aside = file.set_aside(publisher.source.records.now())
    assert aside
    assert aside.name.startswith("heads-until-2026")
    assert (file.read(), len(HeadFile(aside).read())) == ([], 1)
    assert file.resume(SIGNER.verifier).size == 0
    assert file.set_aside(publisher.source.records.now()) is None
