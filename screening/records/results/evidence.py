"""Evidence of one assessment: one file that proves itself, on another machine, without a database.

It holds the assessment with its answers and trace, the rules that it was computed by, what the
ledger says of both, the proofs that the ledger holds these events, and a signed head. It is
canonical JSON, so that one content has one file, and any changed byte is found.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.compiled.model import model_of
from screening.errors import DocumentError, ScreeningError
from screening.formats.documents.answers_json import FORMATS
from screening.proof.explanation.reasons import Explainer
from screening.records.access import Permission
from screening.records.case.case_rows import check_permission
from screening.records.case.case_view import CaseView
from screening.records.ledger import merkle
from screening.records.ledger.digests import data_digest, row_data, row_name, version_of
from screening.records.ledger.entries import entry, events
from screening.records.ledger.events import EventKind, event_data, record_event
from screening.records.ledger.signed_head import Head, Verifier, read_head
from screening.records.results.replay import differing_parts
from screening.records.rules.recorded import RulesetTextsError, read_recorded
from screening.records.storage.tables import AssessmentRow, Base, EventRow, RulesetRow
from screening.records.verification.verify import verify_ledger
from screening.records.witness.heads import HeadSource
from screening.translation import gettext, mark

FORMAT = "screening-evidence-1"
KNOWN_FORMAT = mark("This version knows the format; if not, a newer version verifies the file")
MAX_BYTES = 16 * 1024 * 1024
Data = dict[str, Any]


class EvidenceError(ScreeningError):
    """Evidence cannot be made or read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was checked, whether it holds, and in which words."""

    holds: bool
    words: str


def make_evidence(view: CaseView, source: HeadSource, number: int) -> bytes:
    """The evidence of an assessment, as the bytes of a file.

    Raises:
        NotAllowedError: if the person may not read the ledger.
        NoAssessmentError, ErasedError: if there is nothing that could be shown.
        EvidenceError: if the ledger has faults, and so proves nothing, or nobody signs a head.
    """
    check_permission(view.actor, Permission.AUDIT)
    records, stored = view.records, view.assessment(number)
    record_event(records, view.actor.id, EventKind.EVIDENCE_MADE, case_id=view.id)
    verdict = verify_ledger(records)
    if verdict.faults:
        raise EvidenceError(mark("the ledger has faults; `screening ledger verify` tells them"))
    head, verifier = _head(source)
    with records.database.reading() as session:
        row = session.get_one(AssessmentRow, stored.id)
        rules = session.get_one(RulesetRow, row.ruleset_digest)
        data: Data = {
            "format": FORMAT,
            "content": stored.content,
            "assessment": _proved(session, row, head),
            "rules": _proved(session, rules, head),
            "head": head.write(),
            "key": verifier.write(),
        }
    return rfc8785.dumps(data) + b"\n"


def _head(source: HeadSource) -> tuple[Head, Verifier]:
    try:
        return source.head(), source.verifier
    except ScreeningError as error:
        message = mark("no head of the ledger was signed: {problem}")
        raise EvidenceError(message, problem=error) from None


def verify_evidence(file: bytes, noted: Verifier | None = None) -> list[Step]:
    """Check evidence, step by step, and stop at the first that does not hold.

    Args:
        file: the bytes, which anybody may have crafted.
        noted: the public key that the auditor noted when the signer was set up. Without it the
            file can only be shown to agree with itself.
    """
    steps: list[Step] = []
    try:
        for step in _steps(file, noted):
            steps.append(step)
            if not step.holds:
                break
    except Exception:  # noqa: BLE001 - the signer of a file can put anything into it
        steps.append(Step(holds=False, words=gettext("Every part of the file can be read")))
    return steps


def _proved(session: Session, row: Base, head: Head) -> Data:
    """A row with its last event, and the proof that the head's ledger holds the event.

    That is the event of its writing, or of its sealing again.
    """
    query = select(EventRow).where(EventRow.row == row_name(row), EventRow.digest != "")
    event = session.scalars(query.order_by(EventRow.seq.desc()).limit(1)).one()
    leaves = (merkle.leaf(entry(each)) for each in events(session))
    path = merkle.prove_inclusion(event.seq - 1, head.size, leaves)
    return {
        "row": row_data(row, version_of(event.digest)),
        "event": event_data(event, version_of(event.hash)),
        "path": [node.hex() for node in path],
    }


def _steps(file: bytes, noted: Verifier | None) -> Iterator[Step]:
    if not file.strip():
        yield Step(holds=False, words=gettext("The file is not empty"))
        return
    written = _written(file)
    if _is_other_format(written):
        yield Step(holds=False, words=gettext(KNOWN_FORMAT))
        return
    data = written if _fits(written) else None
    yield Step(
        holds=data is not None, words=gettext("The file is canonical JSON of the expected form")
    )
    if data is None:
        return
    head, signed_by = read_head(json.dumps(data["head"])), Verifier.read(data["key"])
    yield Step(
        holds=signed_by.accepts(head), words=gettext("The head of the ledger has a good signature")
    )
    if noted is not None:
        yield Step(
            holds=signed_by == noted, words=gettext("The key that signed it is the one you noted")
        )
    for name, table in (("assessment", "assessments"), ("rules", "rulesets")):
        yield from _membership(data[name], head, table)
    row, content = data["assessment"]["row"], data["content"]
    if content["assessment"]["format"] not in FORMATS:
        yield Step(holds=False, words=gettext(KNOWN_FORMAT))
        return
    told = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    yield Step(
        holds=told == row["content_digest"], words=gettext("The answers and result are those of it")
    )
    yield from _computed(row, data["rules"]["row"], content)


def _membership(part: Data, head: Head, table: str) -> Iterator[Step]:
    row, event = part["row"], part["event"]
    key = row["id"] if table == "assessments" else row["digest"]
    digest = data_digest(row, version_of(event["digest"]))
    told = (event["row"], event["digest"]) == (f"{table}/{key}", digest)
    yield Step(
        holds=told, words=gettext("An event of the ledger covers this row of {table}", table=table)
    )
    held = merkle.verify_inclusion(
        merkle.leaf(rfc8785.dumps(event)),
        event["seq"] - 1,
        head.size,
        [bytes.fromhex(node) for node in part["path"]],
        bytes.fromhex(head.root),
    )
    yield Step(
        holds=held,
        words=gettext("The signed ledger holds the event, number {number}", number=event["seq"]),
    )


def _computed(row: Data, rules: Data, content: Mapping[str, Any]) -> Iterator[Step]:
    try:
        ruleset = read_recorded(rules["ruleset_id"], json.loads(rules["texts"]), rules["digest"])
    except (RulesetTextsError, ValueError):
        ruleset = None
    known = ruleset is not None and rules["digest"] == row["ruleset_digest"]
    yield Step(holds=known, words=gettext("The rules have the recorded digest"))
    if ruleset is None:
        return
    explainer = Explainer(model_of(ruleset))
    try:
        differing = differing_parts(content, ruleset, explainer)
        same = not differing and content["answers"]["as_of"] == row["as_of"]
    except DocumentError:
        same = False
    yield Step(
        holds=same, words=gettext("Computed again, result, trace and reasons come out the same")
    )


def _is_other_format(data: Any) -> bool:  # noqa: ANN401 - anybody may have written it
    """True if data say that they are evidence in a format that this version does not know."""
    said = data.get("format") if isinstance(data, dict) else None
    named = isinstance(said, str) and said.startswith(f"{FORMAT.rpartition('-')[0]}-")
    return named and said != FORMAT


def _written(file: bytes) -> Any:  # noqa: ANN401 - anybody may have written it
    """The data of a file; None if it is no canonical JSON."""
    if len(file) > MAX_BYTES:
        return None
    try:
        data = json.loads(file)
        canonical = rfc8785.dumps(data) + b"\n" == file
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        return None
    return data if canonical else None


def _fits(data: object) -> bool:
    """True if every part that the steps read is there and of the right kind."""
    parts = {"format", "content", "assessment", "rules", "head", "key"}
    if not isinstance(data, dict) or data.keys() != parts or data["format"] != FORMAT:
        return False
    try:
        read_head(json.dumps(data["head"]))
        Verifier.read(data["key"])
        return all(_part_fits(data[name]) for name in ("assessment", "rules")) and isinstance(
            data["content"]["answers"]["as_of"], str
        )
    except (ScreeningError, KeyError, TypeError, ValueError, AttributeError):
        return False


def _part_fits(part: Data) -> bool:
    event, row = part["event"], part["row"]
    named = isinstance(row["id"] if "id" in row else row["digest"], str)
    path = all(len(bytes.fromhex(node)) == hashlib.sha256().digest_size for node in part["path"])
    return (
        part.keys() == {"row", "event", "path"}
        and named
        and path
        and type(event["seq"]) is int
        and event["seq"] > 0
        and isinstance(event["row"], str)
        and isinstance(event["digest"], str)
    )
