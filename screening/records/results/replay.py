"""Computes stored assessments again: under their own ruleset they must come out byte for byte."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from screening.core.compiled.model import model_of
from screening.core.results.assess import assess
from screening.core.rules.ruleset import Ruleset
from screening.errors import DocumentError
from screening.formats.documents.answers_json import (
    NewerFormatError,
    read_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.canonical_json import write_canonical
from screening.formats.documents.recorded_assessment import write_trace
from screening.proof.explanation.reasons import Explainer
from screening.records.errors import ErasedError
from screening.records.ledger.records import Records
from screening.records.results.content import START, Place, SealedContent, sealed_portions
from screening.records.rules.recorded import RulesetTextsError, load_recorded_ruleset
from screening.records.sealing.vault import SealError
from screening.records.verification.confirmation import unconfirmed_parts

RULESETS = 8
"""Rulesets that are kept compiled at a time."""
_COMPUTED = ("assessment", "trace", "explanation")


class Replay(Enum):
    """The result of computing an assessment again."""

    SAME = "same"
    DIFFERENT = "different"
    ERASED = "erased"
    UNREADABLE = "unreadable"
    DOUBTED = "not confirmed by the ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """An assessment computed again by its own rules. ``parts`` names what came out differently.

    Where it is doubted, ``parts`` names what the ledger does not confirm.
    """

    kept: SealedContent
    result: Replay
    parts: tuple[str, ...] = ()


def replay(records: Records, after: Place = START) -> Iterator[ReplayResult]:
    """Compute every stored assessment after one again, by the rules it was computed by."""

    @lru_cache(maxsize=RULESETS)
    def explainer_of(digest: str) -> tuple[Ruleset, Explainer]:
        ruleset = load_recorded_ruleset(records, digest)
        return ruleset, Explainer(model_of(ruleset))

    keyring = records.keyring()
    for portion in sealed_portions(records, after):
        doubted = unconfirmed_parts(records, [kept.id for kept in portion])
        for kept in portion:
            parts: tuple[str, ...] = ()
            try:
                parts = differing_parts(kept.open(keyring), *explainer_of(kept.ruleset_digest))
                result = Replay.DIFFERENT if parts else Replay.SAME
            except ErasedError:
                result = Replay.ERASED
            except (SealError, RulesetTextsError, DocumentError, NewerFormatError):
                result = Replay.UNREADABLE
            if kept.id in doubted and result in (Replay.SAME, Replay.ERASED):
                result, parts = Replay.DOUBTED, doubted[kept.id]
            yield ReplayResult(kept=kept, result=result, parts=parts)


def differing_parts(
    content: Mapping[str, Any], ruleset: Ruleset, explainer: Explainer
) -> tuple[str, ...]:
    """The computed parts of a stored content that come out otherwise by its ruleset now.

    Raises:
        DocumentError: if the ruleset has no question for an answer.
    """
    stored = content["answers"]
    as_of = dt.date.fromisoformat(stored["as_of"])
    answers, day, born = read_answers(json.dumps(stored), ruleset, as_of, "stored answers")
    assessment = assess(ruleset, answers, day, born)
    replayed = {
        "assessment": write_assessment(assessment, content["assessment"]["format"]),
        "trace": write_trace(assessment),
        "explanation": write_explanation(explainer.explain(answers, day, born)),
    }
    same = (write_canonical(replayed[part]) == write_canonical(content[part]) for part in _COMPUTED)
    return tuple(part for part, alike in zip(_COMPUTED, same, strict=True) if not alike)
