"""The table of the README: who reaches what, what they do to the past, and who finds it."""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.casework.case_writes import once
from support.casework.recorded_assessments import answered, recorded
from support.rulesets import shipped
from support.services.witness_server import answering
from support.storage.databases import Clock, People
from support.storage.forgery import cut_off, forge_decision, tamper

from screening.cli import main
from screening.core.results.decision import CHOICES
from screening.records.case.case_view import open_case
from screening.records.installation.opening import open_records
from screening.records.installation.secret_files import open_signer
from screening.records.installation.settings import Settings
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.results.decisions import NewDecision, record_review
from screening.records.witness.head_file import HeadFile
from screening.records.witness.head_targets import WitnessSender
from screening.records.witness.heads import LedgerSigner, Publisher
from screening.records.witness.log import WitnessLog

CUT = 62
ALONE = "NO OUTSIDE WITNESS CONFIRMS THIS LEDGER"


@dataclass
class Place:
    """An installation. By the settings its keyring is apart, and the witness elsewhere."""

    folder: Path
    environment: dict[str, str]
    records: Records
    older: Path

    @property
    def settings(self) -> Settings:
        return Settings.read(self.environment)

    def sign(self) -> None:
        """Sign heads as the server does."""
        signer, witness = open_signer(self.settings), self.settings.witness
        senders = [WitnessSender(self.records.database, witness)] if witness else []
        Publisher(
            source=LedgerSigner(self.records, signer),
            file=HeadFile(self.settings.heads_file),
            every=dt.timedelta(hours=1),
            events=25,
            targets=senders,
        ).publish_rest()

    def verify(self) -> tuple[set[str], str]:
        """What `screening ledger verify` finds, and what it says of a witness."""
        clean = dict.fromkeys(("DATABASE_URL", "SCREENING_KEYS"), "")
        runner = CliRunner(env=clean | self.environment)
        done = runner.invoke(main, ["ledger", "verify", "--json"])
        data: Mapping[str, Any] = json.loads(done.output)
        codes = {fault["code"] for fault in data["faults"]}
        assert done.exit_code == bool(codes)
        return codes, data["witness"]["says"]


Attack = Callable[[Place], None]


def work(records: Records, events: int) -> None:
    for _ in range(events):
        record_event(records, 1, EventKind.SIGNED_IN)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was decided, much that happened since, and heads of it; copied for each test."""
    root = tmp_path_factory.mktemp("template")
    place = opened(root)
    nurse = People(place.records).actor()
    case_id = answered(place.records, nurse)
    recorded(place.records, nurse, case_id)
    place.sign()
    place.records.database.close()
    shutil.copyfile(place.folder / "screening.db", place.older)
    decided = NewDecision(choice=CHOICES["refer:requirements-met"], note="")
    record_review(
        open_case(place.records, nurse, case_id), 1, 3, decided, shipped.ruleset(), once()
    )
    work(place.records, CUT)
    place.sign()
    place.records.database.close()
    return root


def opened(root: Path, **settings: str) -> Place:
    keys = str(root / "apart" / "keys.json")
    environment = {"SCREENING_DATA": str(root / "data"), "SCREENING_KEYS_FILE": keys} | settings
    records = replace(open_records(Settings.read(environment)), now=Clock())
    return Place(root / "data", environment, records, root / "older.db")


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "copy")


@pytest.fixture
def place(root: Path) -> Place:
    """With nobody outside who vouches, as after the first start."""
    return opened(root)


@pytest.fixture
def witnessed(root: Path) -> Iterator[Place]:
    """With a witness on another machine, which was sent every head."""
    shutil.copyfile(root / "data" / "heads.jsonl", root / "witness.jsonl")
    settings = Settings.read({"SCREENING_DATA": str(root / "data")})
    kept = WitnessLog(root / "witness.jsonl", open_signer(settings).verifier)
    with answering(kept, print) as address:
        yield opened(root, SCREENING_WITNESS=address)


def rewrite_decision(place: Place) -> None:
    forge_decision(place.records)


def drop_macs(place: Place) -> None:
    forge_decision(place.records)
    tamper(place.records, "UPDATE events SET mac = NULL")


def cut_end(place: Place) -> None:
    cut_off(place.records, CUT)


def put_back_older(place: Place) -> None:
    place.records.database.close()
    for each in place.folder.glob("screening.db*"):
        each.unlink()
    shutil.copyfile(place.older, place.folder / "screening.db")


def rewrite_with_keyring(place: Place) -> None:
    forge_decision(place.records, place.records.keyring())


def cover_up(place: Place) -> None:
    """Sign the other past with the signing key, in place of the heads that there were."""
    for each in place.folder.glob("heads.*"):
        each.unlink()
    place.sign()


@pytest.mark.parametrize("name", ["place", "witnessed"])
def test_before_an_attack_nothing_is_found(name: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(name).verify()[0] == set()


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (rewrite_decision, "mac-wrong"),
        (drop_macs, "mac-missing"),
        (cut_end, "ledger-cut"),
        (put_back_older, "ledger-cut"),
    ],
)
def test_with_the_database_alone_every_attack_is_found(
    place: Place,
    attack: Attack,
    code: str,
) -> None:
    attack(place)
    codes, says = place.verify()
    assert code in codes
    assert ALONE in says


@pytest.mark.parametrize(
    ("attack", "code"), [(rewrite_decision, "mac-wrong"), (drop_macs, "mac-missing")]
)
def test_with_the_data_folder_too_nothing_can_be_rewritten(
    place: Place,
    attack: Attack,
    code: str,
) -> None:
    attack(place)
    (place.folder / "heads.jsonl").unlink()
    assert place.verify()[0] == {code}


@pytest.mark.parametrize("attack", [cut_end, put_back_older])
def test_with_the_data_folder_too_an_end_that_was_cut_off_is_not_found(
    place: Place,
    attack: Attack,
) -> None:
    attack(place)
    cover_up(place)
    codes, says = place.verify()
    assert codes == set()
    assert ALONE in says


def test_with_the_keyring_and_the_signing_key_nothing_is_found_here(place: Place) -> None:
    rewrite_with_keyring(place)
    cover_up(place)
    codes, says = place.verify()
    assert codes == set()
    assert ALONE in says


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (rewrite_decision, "past-rewritten"),
        (drop_macs, "past-rewritten"),
        (cut_end, "ledger-cut"),
        (put_back_older, "ledger-cut"),
        (rewrite_with_keyring, "past-rewritten"),
    ],
)
def test_a_witness_elsewhere_finds_every_attack_whoever_did_it(
    witnessed: Place,
    attack: Attack,
    code: str,
) -> None:
    attack(witnessed)
    for each in witnessed.folder.glob("heads.*"):
        each.unlink()
    codes, says = witnessed.verify()
    assert code in codes
    assert "A head outside the data folder contradicts this ledger at event" in says
    assert "confirm" not in says
    if attack is rewrite_with_keyring:
        cover_up(witnessed)
        assert code in witnessed.verify()[0]


def test_what_follows_the_last_head_can_be_cut_off_unseen(witnessed: Place) -> None:
    work(witnessed.records, 3)
    assert "3 events follow, which no head confirms yet" in witnessed.verify()[1]
    cut_off(witnessed.records, 3)
    assert witnessed.verify()[0] == set()


def test_a_folder_of_the_operators_choice_vouches_from_outside(root: Path) -> None:
    mounted = root / "mounted"
    mounted.mkdir()
    place = opened(root, SCREENING_HEADS_FOLDER=str(mounted))
    place.sign()
    assert "Heads outside the data folder confirm" in place.verify()[1]
    rewrite_with_keyring(place)
    codes, says = place.verify()
    assert codes == {"past-rewritten"}
    assert "A head outside the data folder contradicts this ledger at event" in says
    cut_end(place)
    assert "ledger-cut" in place.verify()[0]
