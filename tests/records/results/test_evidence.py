"""Evidence of an assessment proves itself elsewhere, and any changed byte is found."""

import json
import os
import random
from pathlib import Path

import pytest
import rfc8785
from click.testing import CliRunner
from support.casework.screened_cases import Screened, screen
from support.storage.databases import People
from support.storage.later_columns import add_columns

from screening.cli import main
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.errors import NoAssessmentError, NoCaseError, NotAllowedError
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.signed_head import Signer
from screening.records.people.administration import command_line_auditor
from screening.records.results import assessments
from screening.records.results import evidence as evidence_module
from screening.records.results.evidence import Step, make_evidence, verify_evidence
from screening.records.storage.tables import AssessmentRow, RulesetRow
from screening.records.verification import rows, verify
from screening.records.witness.heads import LedgerSigner

pytestmark = pytest.mark.long

SIGNER = Signer.make()
SAMPLE = 60
LONG = bool(os.environ.get("LONG"))
FOUND = 1


@pytest.fixture
def auditor(screened: Screened) -> Actor:
    return command_line_auditor(screened.records)


def made_of(screened: Screened, actor: Actor, case_id: str, number: int) -> bytes:
    source = LedgerSigner(screened.records, SIGNER)
    return make_evidence(open_case(screened.records, actor, case_id), source, number)


@pytest.fixture
def evidence(screened: Screened, auditor: Actor) -> bytes:
    return make_evidence(
        open_case(screened.records, auditor, screened.cases[0]),
        LedgerSigner(screened.records, SIGNER),
        1,
    )


def whole(steps: list[Step]) -> bool:
    return all(step.holds for step in steps)


def test_every_step_holds_without_the_database(evidence: bytes) -> None:
    steps = verify_evidence(evidence, SIGNER.verifier)
    assert [step.words for step in steps if not step.holds] == []
    assert any("come out the same" in step.words for step in steps)


def test_what_another_key_signed_is_refused(evidence: bytes) -> None:
    steps = verify_evidence(evidence, Signer.make().verifier)
    assert steps[-1] == Step(holds=False, words="The key that signed it is the one you noted")


def test_any_changed_byte_is_found(evidence: bytes) -> None:
    """`make test` tries some bytes, chosen by a seed; with LONG=1 all of them."""
    places = range(len(evidence))
    for place in places if LONG else random.Random(5).sample(places, SAMPLE):
        changed = bytearray(evidence)
        changed[place] ^= 1 << place % 7
        assert not whole(verify_evidence(bytes(changed), SIGNER.verifier)), place


@pytest.mark.parametrize("part", ["format", "content", "assessment", "rules", "head", "key"])
def test_no_part_may_be_missing_or_of_another_kind(evidence: bytes, part: str) -> None:
    others: tuple[object, ...] = (None, 1, [], {}, "x")
    for other in others:
        data = json.loads(evidence)
        data[part] = other
        assert not whole(verify_evidence(rfc8785.dumps(data) + b"\n", SIGNER.verifier))
    del data[part]
    assert not whole(verify_evidence(rfc8785.dumps(data) + b"\n", SIGNER.verifier))


def test_parts_of_two_assessments_do_not_fit_together(
    screened: Screened, auditor: Actor, evidence: bytes
) -> None:
    other = make_evidence(
        open_case(screened.records, auditor, screened.cases[1]),
        LedgerSigner(screened.records, SIGNER),
        1,
    )
    for part in ("content", "assessment", "head"):
        data = json.loads(evidence) | {part: json.loads(other)[part]}
        assert not whole(verify_evidence(rfc8785.dumps(data) + b"\n", SIGNER.verifier)), part


def test_a_later_column_belongs_to_the_evidence_of_what_was_recorded_with_it(
    screened: Screened, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = add_columns(screened.records, (AssessmentRow, RulesetRow), None)
    for module in (assessments, evidence_module):
        monkeypatch.setattr(module, "AssessmentRow", mapped[AssessmentRow])
    monkeypatch.setattr(evidence_module, "RulesetRow", mapped[RulesetRow])
    ledgered = tuple(mapped.get(each, each) for each in rows.LEDGERED)
    monkeypatch.setattr(rows, "LEDGERED", ledgered)
    monkeypatch.setattr(verify, "differences", lambda _: [])  # the shape of a later version
    later = screen(screened.records, screened.nurse)
    for case_id, expected in ((screened.cases[0], False), (later.cases[0], True)):
        made = make_evidence(
            open_case(screened.records, auditor, case_id), LedgerSigner(screened.records, SIGNER), 1
        )
        assert whole(verify_evidence(made, SIGNER.verifier))
        assert ("later" in json.loads(made)["assessment"]["row"]) is expected
    assert not whole(
        verify_evidence(made.replace(b'"later":null', b'"later":"x"'), SIGNER.verifier)
    )


@pytest.mark.parametrize("file", [b"", b"{}\n", b"[]", b"\xff", b"[" * 100_000, b"{" * 9])
def test_what_is_no_evidence_is_told_so(file: bytes) -> None:
    assert not whole(verify_evidence(file))


def test_it_holds_no_name_of_the_patient(screened: Screened, evidence: bytes) -> None:
    assert b"R-0" not in evidence
    assert screened.nurse.name.encode() in evidence


def test_only_who_may_read_the_ledger_makes_it(screened: Screened) -> None:
    with pytest.raises(NotAllowedError):
        make_evidence(
            open_case(screened.records, screened.nurse, screened.cases[0]),
            LedgerSigner(screened.records, SIGNER),
            1,
        )


def test_what_is_not_there_is_told(screened: Screened, auditor: Actor) -> None:
    with pytest.raises(NoAssessmentError):
        make_evidence(
            open_case(screened.records, auditor, screened.cases[0]),
            LedgerSigner(screened.records, SIGNER),
            2,
        )
    with pytest.raises(NoCaseError):
        make_evidence(
            open_case(screened.records, auditor, "0" * 32),
            LedgerSigner(screened.records, SIGNER),
            1,
        )


def run(folder: Path, *words: str) -> tuple[int, str]:
    clean = {"DATABASE_URL": "", "SCREENING_KEYS": "", "SCREENING_DATA": str(folder)}
    done = CliRunner(env=clean).invoke(main, list(words))
    return done.exit_code, done.output


def test_the_commands_make_and_check_it(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "evidence.json"
    records = open_records(Settings.read({"SCREENING_DATA": str(data)}))
    screened = screen(records, People(records).actor(Role.NURSE))
    records.database.close()
    code, said = run(data, "evidence", screened.cases[0], "1", str(file))
    assert code == 0, said
    key = run(data, "ledger", "key")[1].strip()
    code, said = run(tmp_path / "elsewhere", "verify", str(file), "--key", key)
    assert (code, "FAILED" in said) == (0, False), said
    assert "Use --key" in run(tmp_path / "elsewhere", "verify", str(file))[1]
    file.write_bytes(file.read_bytes().replace(b'"truth":"false"', b'"truth":"true"', 1))
    code, said = run(tmp_path / "elsewhere", "verify", str(file))
    assert (code, "This file proves nothing" in said) == (FOUND, True), said
