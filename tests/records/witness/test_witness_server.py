"""A witness on another machine: it takes heads that go on from the last one, and no others."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event as events
from sqlalchemy import select
from support.services.witness_server import answering
from support.storage.forgery import cut_off, rewrite
from werkzeug.test import Client

from screening.cli import main
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Signer
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger
from screening.records.witness.head_file import HeadFile
from screening.records.witness.head_targets import WitnessError, WitnessSender, fetch_heads
from screening.records.witness.heads import LedgerSigner, Publisher
from screening.records.witness.log import RefusedHeadError, WitnessLog
from screening.web.service.witness import witness_app

SIGNER = Signer.make()
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def sign_in(records: Records, times: int = 1) -> None:
    for _ in range(times):
        record_event(records, 1, EventKind.SIGNED_IN)


def head_of(records: Records) -> Head:
    return LedgerSigner(records, SIGNER).head()


@pytest.fixture
def kept(tmp_path: Path) -> WitnessLog:
    return WitnessLog(tmp_path / "witness.jsonl", SIGNER.verifier)


@pytest.fixture
def said() -> list[str]:
    """What the witness said of refused heads."""
    return []


@pytest.fixture
def address(kept: WitnessLog, said: list[str]) -> Iterator[str]:
    with answering(kept, said.append) as where:
        yield where


@pytest.fixture
def publisher(sqlite_records: Records, address: str, tmp_path: Path) -> Publisher:
    """Signs a head for each event, and sends it."""
    sign_in(sqlite_records, 3)
    return Publisher(
        source=LedgerSigner(sqlite_records, SIGNER),
        file=HeadFile(tmp_path / "own.jsonl"),
        every=dt.timedelta(hours=1),
        events=1,
        targets=[WitnessSender(sqlite_records.database, address)],
    )


def grow(publisher: Publisher, times: int) -> None:
    for _ in range(times):
        sign_in(publisher.source.records)
        publisher.publish_due()


def test_heads_that_go_on_are_kept_and_told(
    publisher: Publisher, kept: WitnessLog, address: str
) -> None:
    publisher.publish_due()
    grow(publisher, 5)
    assert [head.size for head in fetch_heads(address)] == [3, 4, 5, 6, 7, 8]
    again = WitnessLog(kept.file.path, SIGNER.verifier)
    assert again.last == kept.last


@pytest.mark.parametrize("attack", ["cut", "rewritten"])
def test_a_past_that_was_rewritten_with_the_keyring_is_refused(
    publisher: Publisher,
    kept: WitnessLog,
    said: list[str],
    attack: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publisher.publish_due()
    grow(publisher, 4)
    records, last = publisher.source.records, kept.last
    if attack == "cut":
        cut_off(records, 2)
    else:
        rewrite(records, lambda event: setattr(event, "by", 9), records.keyring())
    sign_in(records, 1 if attack == "cut" else 3)
    forged = LedgerSigner(records, SIGNER)  # as an attacker with the signing key runs it
    sender = publisher.targets[0]
    sender(forged.head(), forged.tree)
    again = WitnessSender(records.database, sender.url)  # type: ignore[attr-defined]
    again(forged.head(), forged.tree)
    assert kept.last == last
    assert "cut off" in caplog.text or "refused the head" in caplog.text
    assert attack == "cut" or said == ["it does not continue from the last head, of 7 events"]


def test_a_head_is_refused_without_its_proof(sqlite_records: Records, kept: WitnessLog) -> None:
    sign_in(sqlite_records, 3)
    first = head_of(sqlite_records)
    kept.take(first, [])
    sign_in(sqlite_records, 3)
    second = head_of(sqlite_records)
    for proof in ([], [b"\0" * 32], [b"\0" * 32] * 3):
        with pytest.raises(RefusedHeadError, match="does not continue"):
            kept.take(second, proof)
    with pytest.raises(RefusedHeadError, match="signature"):
        kept.take(replace(second, size=3, root=first.root, last=first.last), [])
    other = SIGNER.sign(size=3, root="ab" * 32, last="cd" * 32, at=sqlite_records.now())
    with pytest.raises(RefusedHeadError, match="does not continue"):
        kept.take(other, [])
    kept.take(first, [])
    assert kept.last == first


def test_a_head_by_another_key_is_named_by_both_keys(
    sqlite_records: Records, kept: WitnessLog
) -> None:
    sign_in(sqlite_records, 3)
    other = Signer.make()
    head = LedgerSigner(sqlite_records, other).head()
    mine, theirs = SIGNER.verifier, other.verifier
    says = f"it is signed by another key (fingerprint {theirs.id}), expected {mine.id}"
    with pytest.raises(RefusedHeadError) as refused:
        kept.take(head, [])
    assert str(refused.value) == says
    (fault,) = verify_ledger(sqlite_records, [head], mine).faults
    assert (fault.code, fault.message) == ("head-signature", says)


def test_a_witness_that_was_away_gets_the_newest_head_later(
    publisher: Publisher, kept: WitnessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = publisher.targets[0]
    assert isinstance(sender, WitnessSender)
    right, sender.url = sender.url, "http://127.0.0.1:9"
    publisher.publish_due()
    grow(publisher, 2)
    assert HeadFile(kept.file.path).read() == []
    sender.url = right
    sender.retry()
    assert HeadFile(kept.file.path).read() == []  # not at once
    monkeypatch.setattr("screening.records.witness.head_targets.RETRY", -1.0)
    sender.retry()
    assert kept.last
    assert kept.last.size == 5
    assert len(HeadFile(publisher.file.path).read()) == 3


def test_for_a_proof_only_what_was_added_is_read(publisher: Publisher) -> None:
    sign_in(publisher.source.records, 30)
    publisher.publish_due()
    read: list[tuple[object, ...]] = []
    engine = publisher.source.records.database.engine

    def note(*given: object) -> None:
        statement, values = str(given[2]), given[3]
        if "events.previous" in statement and "seq >" in statement:
            assert isinstance(values, tuple)
            read.append(values)

    events.listen(engine, "before_cursor_execute", note)
    grow(publisher, 1)
    assert read
    assert all(values[0] == 33 for values in read)


def test_what_is_no_head_is_refused_in_a_sentence(kept: WitnessLog, said: list[str]) -> None:
    client = Client(witness_app(kept, said.append))
    assert client.get("/heads/0").get_data(as_text=True) == ""
    assert client.get("/heads/last").get_data(as_text=True) == ""
    assert client.get("/").status_code == 404
    for body in (b"", b"{", b"[]", b'{"head": {}, "proof": []}', b"[" * 5000, b"\xff"):
        assert client.post("/heads", data=body).status_code == 400
    assert client.post("/heads", data=b"x" * 70_000).status_code == 413
    head = SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=dt.datetime.now(dt.UTC))
    assert client.post("/heads", json={"head": head.write(), "proof": ["x"]}).status_code == 400
    assert client.post("/heads", json={"head": head.write(), "proof": []}).status_code == 200
    smaller = SIGNER.sign(size=0, root="ab" * 32, last="cd" * 32, at=dt.datetime.now(dt.UTC))
    refused = client.post("/heads", json={"head": smaller.write(), "proof": []})
    assert refused.status_code == 409
    assert said == ["it has 0 events, but the last head had 1"]


def test_a_moment_that_no_clock_can_show_is_refused_in_a_sentence(kept: WitnessLog) -> None:
    client = Client(witness_app(kept, print))
    data = SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=NOW).write()
    data["at"] = "0001-01-01T00:00:00.000000+14:00"
    answer = client.post("/heads", json={"head": data, "proof": []})
    assert (answer.status_code, answer.text[:13]) == (400, "a signed head")


def test_heads_that_everybody_can_read_do_not_fill_the_file(kept: WitnessLog) -> None:
    older, newer = (
        SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=NOW + dt.timedelta(hours=each))
        for each in (0, 1)
    )
    for head in (older, older, newer, older, newer, older):
        kept.take(head, [])
    assert kept.file.read() == [older, newer]


def test_more_heads_than_one_page_are_all_told(
    kept: WitnessLog, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.records.witness.head_file.PAGE", 1000)  # three heads
    for hours in range(10):
        at = NOW + dt.timedelta(hours=hours)
        kept.take(SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=at), [])
    assert len(kept.file.page(0).splitlines()) < 10
    assert fetch_heads(address) == kept.file.read()
    assert len(kept.file.read()) == 10


def test_a_witness_that_sends_without_end_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=NOW).write()) + "\n"
    monkeypatch.setattr("screening.records.witness.head_targets.fetch", lambda _: line)
    monkeypatch.setattr("screening.records.witness.head_targets.MOST_PAGES", 5)
    with pytest.raises(WitnessError, match="more heads than can be read"):
        fetch_heads("https://witness.example")


def test_a_witness_without_a_place_for_its_heads_does_not_start(tmp_path: Path) -> None:
    words = ["witness", "serve", "--port", "0", "--key", SIGNER.verifier.write(), "--file"]
    said = run(tmp_path, *words, str(tmp_path / "nowhere" / "w.jsonl"))
    assert said.startswith(f"Error: cannot keep heads in {tmp_path}/nowhere/w.jsonl: No such file")


def test_a_wrong_line_of_heads_is_named(tmp_path: Path) -> None:
    file, folder = tmp_path / "w.jsonl", tmp_path / "data"
    open_records(Settings.read({"SCREENING_DATA": str(folder)})).database.close()
    head = SIGNER.sign(size=1, root="ab" * 32, last="cd" * 32, at=NOW)
    file.write_text(f"{json.dumps(head.write())}\n{{}}\n")
    said = run(folder, "ledger", "verify", "--witness", str(file))
    assert f"{file}, line 2: a signed head is expected" in said
    words = ["witness", "serve", "--port", "0", "--key", SIGNER.verifier.write(), "--file"]
    assert f"{file}, line 2: a signed head is expected" in run(tmp_path, *words, str(file))


def test_verifying_asks_the_witness_and_a_silent_one_is_a_fault(
    tmp_path: Path, said: list[str]
) -> None:
    folder = tmp_path / "data"
    records = open_records(Settings.read({"SCREENING_DATA": str(folder)}))
    sign_in(records, 5)
    kept = WitnessLog(tmp_path / "witness.jsonl", SIGNER.verifier)
    with answering(kept, said.append) as where:
        done = invoke(folder, where)
        assert (done["faults"], done["witness"]["outside"]) == ([], False)
    done = invoke(folder, where)
    assert [fault["code"] for fault in done["faults"]] == ["witness-silent"]
    with records.database.reading() as session:
        kinds = list(session.scalars(select(EventRow.kind).order_by(EventRow.seq)))
    assert kinds.count(EventKind.LEDGER_VERIFIED.value) == 1, "only the one without a fault"


def done_by(folder: Path, *words: str, **others: str) -> Result:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    return CliRunner(env=clean | others).invoke(main, list(words))


def run(folder: Path, *words: str, **others: str) -> str:
    return done_by(folder, *words, **others).output


def invoke(folder: Path, where: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        run(folder, "ledger", "verify", "--json", SCREENING_WITNESS=where)
    )
    return said


def test_the_commands_work_together(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    records = open_records(Settings.read({"SCREENING_DATA": str(folder)}))
    sign_in(records, 5)
    key = done_by(folder, "ledger", "key").stdout.strip()
    words = ["serve", "--port", "0", "--key", key, "--file", str(tmp_path / "witness.jsonl")]
    with started(*words) as witness:
        assert witness.stdout
        found = re.search(r"http://\S+", witness.stdout.readline())
        assert found
        environment = os.environ | {"SCREENING_DATA": str(folder), "SCREENING_WITNESS": found[0]}
        with started("run", environment=environment) as runs:
            file = HeadFile(tmp_path / "witness.jsonl")
            while not file.read():
                assert runs.poll() is None
            runs.terminate()
            assert runs.wait(20) == 0
        cut_off(records, 2)
        (folder / "heads.jsonl").unlink()
        done = invoke(folder, found[0])
        witness.terminate()
        assert witness.wait(20) == 0
    assert [fault["code"] for fault in done["faults"]] == ["ledger-cut"]


@contextmanager
def started(
    *words: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "screening", "witness", *words],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
