"""After an older backup was restored, a person at the witness lets it start again."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from support.services.witness_server import answering
from support.storage.forgery import rewrite
from werkzeug.test import Client

from screening.cli import main
from screening.records.installation.opening import open_records
from screening.records.installation.secret_files import open_signer
from screening.records.installation.settings import Settings
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Restart
from screening.records.operation.head_check import gather_heads
from screening.records.storage.tables import EventRow
from screening.records.witness.head_file import HeadFile
from screening.records.witness.head_targets import WitnessError, WitnessSender
from screening.records.witness.heads import LedgerSigner
from screening.records.witness.log import RefusedHeadError, WitnessLog
from screening.web.service.witness import witness_app

REASON = "the disk failed"


@dataclass(slots=True)
class Site:
    """A server and its witness, which has seen more than the backup that was restored."""

    folder: Path
    kept: WitnessLog
    address: str
    events: int
    restored: str

    @property
    def settings(self) -> Settings:
        return Settings.read({"SCREENING_DATA": str(self.folder)})

    def run(self, *words: str) -> Result:
        clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(self.folder)}
        return CliRunner(env=clean | {"SCREENING_WITNESS": self.address}).invoke(main, words)

    def restart(self, line: str, events: int, *more: str) -> Result:
        words = ["--key", self.kept.verifier.write(), "--file", str(self.kept.file.path)]
        why = ["--by", "Ann Lee", "--reason", REASON, "--events", str(events), *more]
        return self.run("witness", "restart", *words, *why, line)

    def faults(self) -> list[str]:
        data = json.loads(self.run("ledger", "verify", "--json").output)
        return [fault["code"] for fault in data["faults"]]

    def send(self) -> Head:
        records = open_records(self.settings)
        signer = LedgerSigner(records, open_signer(self.settings))
        head = signer.head()
        sender = WitnessSender(records.database, self.address)
        sender(head, signer.tree)
        records.database.close()
        if sender.failing:
            raise WitnessError(sender.failing)
        return head


def sign_in(records: Records, times: int) -> None:
    for _ in range(times):
        record_event(records, 1, EventKind.SIGNED_IN)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "data"
    environment = {"SCREENING_DATA": str(folder)}
    records = open_records(Settings.read(environment))
    sign_in(records, 4)
    kept = WitnessLog(tmp_path / "w.jsonl", open_signer(Settings.read(environment)).verifier)
    with answering(kept, print) as address:
        site = Site(folder, kept, address, 0, "")
        site.send()
        assert site.run("backup", str(tmp_path / "monday")).exit_code == 0
        site.events = 5  # the event of the backup itself is not in it
        sign_in(records, 8)
        records.database.close()
        assert site.send().size == 14
        (folder / "screening.db").unlink()
        done = site.run("restore", str(tmp_path / "monday"))
        assert done.exit_code == 0, done.output
        site.restored = done.stderr
        yield site


def asked(site: Site) -> str:
    """The line that the server prints for the person at the witness."""
    return site.run("ledger", "head", "--after-restore", REASON).stdout.strip()


def test_a_witness_starts_again_when_both_sides_said_why(site: Site) -> None:
    assert f"witness restart --events {site.events}`" in site.restored.replace("\n", " ")
    data = json.loads(site.run("ledger", "verify", "--json").output)
    assert "ledger-cut" in [fault["code"] for fault in data["faults"]]
    assert f"only {data['events']} events are left" in data["witness"]["says"]
    with pytest.raises(WitnessError, match=r"or an older backup was restored\..*--after-restore"):
        site.send()
    before, line = site.kept.file.read(), asked(site)
    done = site.restart(line, site.events, "--yes")
    assert done.exit_code == 0, done.output
    assert site.kept.file.read()[:-1] == before  # and none is forgotten
    assert site.kept.last
    assert site.kept.last.restart
    assert (site.kept.last.restart.by, site.kept.last.restart.reason) == ("Ann Lee", REASON)
    assert site.faults() == []
    said = site.run("ledger", "verify").output.replace("\n", " ")
    assert f"count only up to event {site.events}. Ann Lee said why: “{REASON}”" in said
    assert "Heads outside the data folder confirm" in said
    assert site.send().size > site.kept.file.read()[len(before)].size - 1
    assert site.faults() == []


def test_the_ledger_keeps_who_asked_the_witness_and_why(site: Site) -> None:
    asked(site)
    records = open_records(site.settings)
    with records.database.reading() as session:
        kind = EventKind.WITNESS_RESTART_ASKED.value
        (row,) = session.scalars(select(EventRow).where(EventRow.kind == kind)).all()
        assert (row.by, json.loads(row.change or "")) == (0, {"reason": REASON})
    records.database.close()


def test_what_the_backup_held_stays_confirmed(site: Site) -> None:
    assert site.restart(asked(site), site.events, "--yes").exit_code == 0
    records = open_records(site.settings)
    rewrite(records, lambda event: setattr(event, "by", 9), records.keyring())
    records.database.close()
    assert "past-rewritten" in site.faults()


def test_nobody_makes_the_witness_forget_over_the_network(site: Site) -> None:
    data = json.loads(asked(site))
    now = dt.datetime.now(dt.UTC)
    data["restart"] = Restart(kept=site.events, by="x", reason="x", at=now).write()
    client = Client(witness_app(site.kept, print))
    before = site.kept.file.read()
    assert client.post("/heads", json={"head": data, "proof": []}).status_code == 400
    assert client.post("/heads/restart", json={"head": data, "proof": []}).status_code == 404
    assert site.kept.file.read() == before


def test_heads_in_the_data_folder_cannot_say_that_a_witness_started_again(site: Site) -> None:
    restart = Restart(kept=1, by="x", reason="x", at=dt.datetime.now(dt.UTC))
    forged = replace(site.kept.file.read()[-1], restart=restart)
    HeadFile(site.settings.heads_file).append(forged)
    gathered = gather_heads(replace(site.settings, witness=site.address))
    assert [head.size for head in gathered.outside] == [5, 14]
    assert gathered.restarts == ()


@pytest.mark.parametrize(
    ("change", "events", "reason"),
    [
        ({"at": "2020-01-01T00:00:00.000000+00:00"}, 5, "signature is wrong"),
        ({}, 99, "the backup had 99 events"),
    ],
)
def test_a_witness_does_not_start_again_with_any_head(
    site: Site, change: dict[str, str], events: int, reason: str
) -> None:
    before = site.kept.file.read()
    done = site.restart(json.dumps(json.loads(asked(site)) | change), events, "--yes")
    assert (done.exit_code, reason in done.output) == (2, True), done.output
    with pytest.raises(RefusedHeadError, match="not newer"):
        site.kept.start_again(
            before[0], Restart(kept=4, by="x", reason="x", at=dt.datetime.now(dt.UTC))
        )
    assert site.kept.file.read() == before


def test_a_person_who_says_no_or_nothing_changes_nothing(site: Site) -> None:
    before, line = site.kept.file.read(), asked(site)
    done = site.restart(line, site.events)
    assert done.exit_code == 1  # nobody answered the question
    assert f"Accept that events after {site.events} are gone?" in done.output
    done = site.restart(line, site.events, "--yes", "--reason", " ")
    assert (done.exit_code, "--reason takes 1 to 300" in done.output) == (2, True)
    assert site.run("ledger", "head", "--after-restore", " ").exit_code == 2
    assert site.kept.file.read() == before


def test_without_a_restore_there_is_nothing_to_ask_for(tmp_path: Path) -> None:
    environment = {"SCREENING_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    open_records(Settings.read(environment)).database.close()
    done = CliRunner(env=environment).invoke(main, ["ledger", "head", "--after-restore", "why"])
    assert (done.exit_code, "no backup was restored" in done.output) == (2, True)
