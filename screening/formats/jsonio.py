"""Answers from JSON, assessments to JSON (shapes: ``schemas/*.schema.json``)."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from screening.core.answer import AbsentReason, Answer, Value
from screening.core.assess import Assessment, CriterionFinding
from screening.core.citation import Citation
from screening.core.item import Item, ItemType
from screening.core.ruleset import Ruleset
from screening.errors import DocumentError, Place, Problem
from screening.formats.answers import MisfitError, check_value, expected, parse_codes, parse_text
from screening.formats.cursor import near
from screening.formats.rulesetjson import write_citation

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FORMAT = 1
MAX_CHARACTERS = 1024 * 1024


def read_answers(
    text: str, ruleset: Ruleset, today: dt.date, source: str = "answers"
) -> tuple[dict[str, Answer], dt.date]:
    """Read an answers document.

    Args:
        text: the JSON.
        ruleset: whose items the answers belong to.
        today: no screening date may lie after it.
        source: the name under which problems are reported.

    Returns:
        The answers by link id, and the screening date.

    Raises:
        DocumentError: with every problem, each with its JSON path. Nothing is guessed.
    """
    reader = _Reader(source)
    data = reader.parsed(text)
    answers: dict[str, Answer] = {}
    as_of = dt.date.max
    if isinstance(data, dict):
        reader.check_fields(data)
        as_of = reader.as_of(data.get("as_of"), today)
        answers = reader.answers(data.get("answers"), ruleset, as_of)
    if reader.problems:
        raise DocumentError(reader.problems)
    return answers, as_of


def write_answer(answer: Answer) -> object:
    """An answer as it stands in an answers document."""
    match answer.value:
        case None:
            return {"absent": (answer.absent or AbsentReason.UNKNOWN).value}
        case frozenset():
            return sorted(answer.value)
        case dt.date():
            return answer.value.isoformat()
        case _:
            return answer.value


def write_assessment(assessment: Assessment) -> dict[str, Any]:
    """An assessment as data."""
    outcome, ruleset = assessment.outcome, assessment.ruleset
    return {
        "format": FORMAT,
        "as_of": assessment.as_of.isoformat(),
        "ruleset": {"id": ruleset.id, "version": ruleset.version, "digest": ruleset.digest},
        "outcome": {
            "id": outcome.id if outcome else None,
            "possible": list(assessment.possible),
            "favourable": assessment.favourable,
        },
        "criteria": [_criterion(found, assessment) for found in assessment.findings],
        "flags": [
            {
                "criterion": flag.criterion.id,
                "severity": flag.severity.value,
                "text": flag.text.nurse,
                "citations": _citations(flag.criterion.citations, ruleset),
            }
            for flag in assessment.flags
        ],
        "needs": list(assessment.needs),
        "set_aside": list(assessment.set_aside),
    }


def _criterion(found: CriterionFinding, assessment: Assessment) -> dict[str, Any]:
    criterion, ruleset = found.criterion, assessment.ruleset
    evidence, needs = found.finding.evidence(), found.finding.needs
    return {
        "id": criterion.id,
        "ruleset": criterion.ruleset,
        "tier": criterion.tier.value,
        "truth": found.truth.value,
        "needs": [link_id for link_id in ruleset.items if link_id in needs],
        "evidence": {
            link_id: write_answer(assessment.answers[link_id])
            for link_id in ruleset.items
            if link_id in evidence
        },
        "citations": _citations(criterion.citations, ruleset),
    }


def _citations(citations: tuple[Citation, ...], ruleset: Ruleset) -> list[dict[str, str | None]]:
    return [write_citation(each, ruleset.sources[each.source].address) for each in citations]


class _Reader:
    """Reads one answers document and collects its problems."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.problems: list[Problem] = []

    def report(self, path: str, code: str, message: str, hint: str = "") -> None:
        place = Place(source=self._source, path=path)
        self.problems.append(Problem(code=code, message=message, place=place, hint=hint))

    def parsed(self, text: str) -> Json:
        if len(text) > MAX_CHARACTERS:
            hint = f"at most {MAX_CHARACTERS:,} characters are read"
            self.report("$", "too-large", f"the document has {len(text):,} characters", hint)
            return None
        try:
            data: Json = json.loads(text, object_pairs_hook=self._object, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            self.report("$", "not-json", f"this is not JSON: {error}"[:200])
            return None
        if not isinstance(data, dict):
            self.report("$", "wrong-shape", "an object is expected", '{"as_of": …, "answers": {…}}')
        return data

    def check_fields(self, data: Mapping[str, Json]) -> None:
        known = ("as_of", "answers")
        for name in data:
            if name not in known:
                self.report(
                    _path(name), "unknown-field", f"unknown field {name!r}"[:100], near(name, known)
                )
        for name in known:
            if name not in data:
                self.report("$", "missing-field", f"the field {name!r} is missing")

    def as_of(self, value: Json, today: dt.date) -> dt.date:
        if value is None:
            return dt.date.max
        try:
            day = dt.date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is None or day.isoformat() != value:
            self.report("$.as_of", "not-a-date", f"{_shown(value)} is not a day", "2026-11-20")
        elif day > today:
            hint = f"today is {today.isoformat()}"
            self.report("$.as_of", "future-date", "the screening date lies in the future", hint)
        return day or dt.date.max

    def answers(self, data: Json, ruleset: Ruleset, as_of: dt.date) -> dict[str, Answer]:
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.report("$.answers", "wrong-shape", "an object is expected: link id to answer")
            return {}
        answers: dict[str, Answer] = {}
        for link_id, raw in data.items():
            item = ruleset.items.get(link_id)
            if item is None:
                message = f"unknown link id {link_id!r}"[:100]
                path = _path("answers", link_id)
                self.report(path, "unknown-item", message, near(link_id, ruleset.items))
            elif (answer := self._answer(item, raw, as_of)) is not None:
                answers[link_id] = answer
        return answers

    def _answer(self, item: Item, raw: Json, as_of: dt.date) -> Answer | None:
        path = _path("answers", item.link_id)
        if isinstance(raw, dict):
            return self._absent(path, raw)
        try:
            return Answer(value=_value(item, raw, as_of))
        except MisfitError as misfit:
            hint = f'expected: {misfit.expectation}; or {{"absent": "asked-unknown"}}'
            self.report(path, "misfit", f"{_shown(raw)} is no answer to {item.link_id}", hint)
            return None

    def _absent(self, path: str, raw: dict[str, Json]) -> Answer | None:
        known = {reason.value: reason for reason in AbsentReason}
        reason = known.get(str(raw.get("absent")))
        if set(raw) != {"absent"} or reason is None:
            hint = '{"absent": …} with one of: ' + ", ".join(known)
            self.report(path, "not-one-of", f"{_shown(raw)} is no absent reason", hint)
            return None
        return Answer(absent=reason)

    def _object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        data = dict(pairs)
        if len(data) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            self.report("$", "duplicate-key", f"{twice!r} stands twice in one object"[:100])
        return data


def _value(item: Item, raw: Json, as_of: dt.date) -> Value:
    """A JSON value as a value of the item's type, without any conversion of meaning."""
    if item.type is ItemType.DATE and isinstance(raw, str):
        return parse_text(item, raw, as_of)
    if item.type is ItemType.CHOICES and isinstance(raw, list):
        codes = [code for code in raw if isinstance(code, str)]
        if len(set(codes)) < len(raw):
            raise MisfitError(f"{expected(item)}, each once")
        return parse_codes(item, codes, as_of)
    if not isinstance(raw, bool | int | str):
        raise MisfitError(expected(item))
    check_value(item, raw, as_of)
    return raw


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is not a number"
    raise ValueError(message)


def _path(*names: str) -> str:
    """A JSON path, with names quoted where they are not plain words, and never overlong."""
    steps = (f".{n}" if n.isidentifier() and n.isascii() else f"[{n[:60]!r}]" for n in names)
    return "$" + "".join(steps)


def _shown(raw: Json) -> str:
    text = json.dumps(raw, ensure_ascii=False)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


_WIDEST = 60
