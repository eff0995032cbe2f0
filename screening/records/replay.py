"""Stored assessments computed anew: under their own ruleset they must come out byte for byte.

Under another ruleset the same answers are judged on the same day, so that what differs comes from
the rules alone.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import rfc8785
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from screening.core.answer import Answer
from screening.core.assess import Assessment, assess
from screening.core.ruleset import Ruleset
from screening.errors import DocumentError
from screening.formats.jsonio import read_answers, write_assessment, write_explanation
from screening.formats.recorded import write_trace
from screening.proof.model import compile_ruleset
from screening.proof.reasons import Explainer
from screening.records.casekeys import open_key
from screening.records.recordedrules import RulesetTextsError, load_recorded_ruleset
from screening.records.refusals import ErasedError
from screening.records.store import Records
from screening.records.tables import AssessmentRow, CaseKeyRow
from screening.records.vault import Keyring, SealError

PORTION = 500
RULESETS = 8
"""Rulesets that are kept compiled at a time."""
_COMPUTED = ("assessment", "trace", "explanation")


class Replay(Enum):
    """What became of an assessment that was computed anew."""

    SAME = "same"
    DIFFERENT = "different"
    ERASED = "erased"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A stored assessment. It has no content if its case was erased, or cannot be read."""

    case_id: str
    number: int
    digest: str
    as_of: dt.date
    content: Mapping[str, Any] | None
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """An assessment computed anew by its own rules. ``parts`` names what came out otherwise."""

    kept: Kept
    result: Replay
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A criterion whose truth is another one by other rules; None where it does not exist."""

    criterion: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """An assessment by other rules: outcome ids before and after, and what turned.

    ``left_out`` names answers that the other rules do not ask for, or not in this form.
    """

    kept: Kept
    before: str | None
    after: str | None
    favourable_before: bool
    favourable_after: bool
    turned: tuple[Turned, ...]
    left_out: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the outcome is another one."""
        return self.before != self.after


def kept_assessments(records: Records) -> Iterator[Kept]:
    """Every stored assessment, by case and number, read in portions."""
    after: tuple[str, int] | None = None
    keyring = records.keyring()
    while True:
        with records.database.reading() as session:
            portion = _portion(session, keyring, after)
        yield from portion
        if len(portion) < PORTION:
            return
        after = (portion[-1].case_id, portion[-1].number)


def replay(records: Records) -> Iterator[Replayed]:
    """Compute every stored assessment anew under the ruleset that it was computed by."""

    @lru_cache(maxsize=RULESETS)
    def explainer_of(digest: str) -> tuple[Ruleset, Explainer]:
        ruleset = load_recorded_ruleset(records, digest)
        return ruleset, Explainer(compile_ruleset(ruleset))

    for kept in kept_assessments(records):
        if kept.content is None:
            result = Replay.ERASED if kept.erased else Replay.UNREADABLE
            yield Replayed(kept=kept, result=result)
            continue
        try:
            parts = differing_parts(kept.content, *explainer_of(kept.digest))
        except (RulesetTextsError, DocumentError):
            yield Replayed(kept=kept, result=Replay.UNREADABLE)
            continue
        yield Replayed(kept=kept, result=Replay.DIFFERENT if parts else Replay.SAME, parts=parts)


def rejudge(records: Records, ruleset: Ruleset) -> Iterator[Rejudged]:
    """Judge the answers of every stored assessment that can be read by another ruleset."""
    for kept in kept_assessments(records):
        if kept.content is not None:
            yield _rejudged(kept, kept.content, ruleset)


def _portion(session: Session, keyring: Keyring, after: tuple[str, int] | None) -> list[Kept]:
    query = (
        select(AssessmentRow, CaseKeyRow.key_id, CaseKeyRow.wrapped)
        .join(CaseKeyRow, CaseKeyRow.case_id == AssessmentRow.case_id)
        .order_by(AssessmentRow.case_id, AssessmentRow.number)
        .limit(PORTION)
    )
    if after is not None:
        query = query.where(tuple_(AssessmentRow.case_id, AssessmentRow.number) > after)
    return [_kept(keyring, *found) for found in session.execute(query)]


def _kept(keyring: Keyring, row: AssessmentRow, key_id: str, wrapped: bytes | None) -> Kept:
    content: Mapping[str, Any] | None = None
    try:
        key = open_key(keyring, row.case_id, key_id, wrapped)
        content = json.loads(key.unseal(row.sealed, "assessments", row.id, row.case_version))
    except (ErasedError, SealError):
        pass
    return Kept(
        case_id=row.case_id,
        number=row.number,
        digest=row.ruleset_digest,
        as_of=row.as_of,
        content=content,
        erased=wrapped is None,
    )


def differing_parts(
    content: Mapping[str, Any], ruleset: Ruleset, explainer: Explainer
) -> tuple[str, ...]:
    """The computed parts of a stored content that come out otherwise by its ruleset now.

    Raises:
        DocumentError: if an answer is none of the ruleset's.
    """
    stored = content["answers"]
    as_of = dt.date.fromisoformat(stored["as_of"])
    answers, day = read_answers(json.dumps(stored), ruleset, as_of, "stored answers")
    assessment = assess(ruleset, answers, day)
    anew = {
        "assessment": write_assessment(assessment),
        "trace": write_trace(assessment),
        "explanation": write_explanation(explainer.explain(answers, day)),
    }
    same = (rfc8785.dumps(anew[part]) == rfc8785.dumps(content[part]) for part in _COMPUTED)
    return tuple(part for part, alike in zip(_COMPUTED, same, strict=True) if not alike)


def _rejudged(kept: Kept, content: Mapping[str, Any], ruleset: Ruleset) -> Rejudged:
    answers, left_out = _fitting(content["answers"], ruleset, kept.as_of)
    assessment = assess(ruleset, answers, kept.as_of)
    before = content["assessment"]
    return Rejudged(
        kept=kept,
        before=before["outcome"]["id"],
        after=assessment.outcome.id if assessment.outcome else None,
        favourable_before=before["outcome"]["favourable"],
        favourable_after=assessment.favourable,
        turned=tuple(_turned(before["criteria"], assessment)),
        left_out=left_out,
    )


def _fitting(
    stored: Mapping[str, Any], ruleset: Ruleset, as_of: dt.date
) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """The answers that another ruleset can read, and the names of the others."""
    answers: dict[str, Answer] = {}
    left_out: list[str] = []
    for link_id, answer in stored["answers"].items():
        one = json.dumps({"as_of": stored["as_of"], "answers": {link_id: answer}})
        try:
            answers |= read_answers(one, ruleset, as_of, "stored answers")[0]
        except DocumentError:
            left_out.append(link_id)
    return answers, tuple(left_out)


def _turned(before: list[Mapping[str, Any]], assessment: Assessment) -> Iterator[Turned]:
    was = {criterion["id"]: criterion["truth"] for criterion in before}
    is_now = {found.criterion.id: found.truth.value for found in assessment.findings}
    for name in dict.fromkeys([*was, *is_now]):
        if was.get(name) != is_now.get(name):
            yield Turned(criterion=name, before=was.get(name), after=is_now.get(name))
