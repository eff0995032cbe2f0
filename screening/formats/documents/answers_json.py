"""Answers from JSON, assessments to JSON (shapes: ``schemas/*.schema.json``)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from screening.core.results.assess import Assessment, Flag
from screening.core.results.findings import CriterionFinding
from screening.core.results.window import closing_day
from screening.core.rules.consistency import narrowing_items
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import EARLIEST_DAY, AbsentReason, Answer, Value
from screening.core.values.citation import Citation
from screening.core.values.span import Span, day_between
from screening.errors import DocumentError, ScreeningError
from screening.formats.answers.days import day_of, write_days
from screening.formats.answers.text import (
    MisfitError,
    check_value,
    expected_form,
    parse_codes,
    parse_text,
)
from screening.formats.documents.ruleset_json import write_citation
from screening.formats.documents.strict_json import Json, JsonReader, path_step, quote_value
from screening.formats.yaml.hints import near
from screening.proof.explanation.reasons import Explanation
from screening.translation import mark

FORMAT = 2
"""The newest format of an assessment. What was recorded in an older one is replayed in that."""
FORMATS = range(1, FORMAT + 1)
_REQUIRED = ("as_of", "answers")
_FIELDS = (*_REQUIRED, "birth_year")


class NewerFormatError(ScreeningError):
    """An assessment was recorded in a format that this version does not know."""

    def __init__(self, found: object) -> None:
        """Name both, and say what would help."""
        message = mark(
            "this result was recorded in format {found}, and this version reads formats 1 to"
            " {newest}; use the version that recorded it, or a newer one"
        )
        super().__init__(message, found=found, newest=FORMAT)


class AnswersDocument(NamedTuple):
    """The answers by link id, the screening date, and the birth year if it is recorded."""

    answers: dict[str, Answer]
    as_of: dt.date
    birth_year: int | None = None


def read_answers(
    data: bytes | str, ruleset: Ruleset, today: dt.date, source: str = "answers"
) -> AnswersDocument:
    """Read an answers document.

    Args:
        data: the JSON.
        ruleset: whose items the answers belong to.
        today: no screening date may lie after it.
        source: the name under which problems are reported.

    Raises:
        DocumentError: with every problem, each with its JSON path. Nothing is guessed.
    """
    reader = _Reader(source)
    root = reader.parse(data)
    answers: dict[str, Answer] = {}
    as_of, born = today, None
    if isinstance(root, dict):
        reader.check_fields(root)
        as_of = reader.as_of(root["as_of"], today) if "as_of" in root else today
        answers = reader.answers(root["answers"], ruleset, as_of) if "answers" in root else {}
        born = reader.birth_year(root["birth_year"], as_of) if "birth_year" in root else None
    elif not reader.problems:
        reader.report("$", "wrong-shape", "an object is expected", _SHAPE)
    if reader.problems:
        raise DocumentError(reader.problems)
    return AnswersDocument(answers, as_of, born)


def write_answers(
    answers: Mapping[str, Answer], as_of: dt.date, birth_year: int | None = None
) -> dict[str, Any]:
    """An answers document, as ``read_answers`` reads it."""
    written = {link_id: write_answer(answer) for link_id, answer in answers.items()}
    recorded = {} if birth_year is None else {"birth_year": birth_year}
    return {"as_of": as_of.isoformat(), **recorded, "answers": written}


def write_answer(answer: Answer) -> object:
    """An answer as it is in an answers document."""
    match answer.value:
        case None:
            return {"absent": (answer.absent or AbsentReason.UNKNOWN).value}
        case frozenset():
            return sorted(answer.value)
        case dt.date() | Span():
            return write_days(answer.value)
        case _:
            return answer.value


def check_format(assessment: Mapping[str, Any]) -> None:
    """Make sure that an assessment, as data, is of a format that this version knows.

    Raises:
        NewerFormatError: if it is not.
    """
    if assessment["format"] not in FORMATS:
        raise NewerFormatError(assessment["format"])


def write_assessment(assessment: Assessment, form: int = FORMAT) -> dict[str, Any]:
    """An assessment as data.

    Args:
        assessment: what to write.
        form: the number of the format; format 1 knows of no contradictions, spans and windows.
    """
    ruleset = assessment.ruleset
    return {
        **write_frame(assessment, form),
        "criteria": [_criterion(found, assessment) for found in assessment.findings],
        "flags": [write_flag(flag, ruleset) for flag in assessment.flags],
    }


def write_frame(assessment: Assessment, form: int = FORMAT) -> dict[str, Any]:
    """An assessment as data without its criteria and flags, which have their places in it."""
    outcome, ruleset = assessment.outcome, assessment.ruleset
    return {
        "format": form,
        "as_of": assessment.as_of.isoformat(),
        "ruleset": {"id": ruleset.id, "version": ruleset.version, "digest": ruleset.digest},
        "outcome": {
            "id": outcome.id if outcome else None,
            "possible": list(assessment.possible),
            "favourable": assessment.favourable,
        },
        "criteria": [],
        "flags": [],
        "needs": list(assessment.needs),
        "set_aside": list(assessment.set_aside),
        **(_added(assessment) if form > 1 else {}),
    }


def write_flag(flag: Flag, ruleset: Ruleset) -> dict[str, Any]:
    """A flag as data."""
    return {
        "criterion": flag.criterion.id,
        "severity": flag.severity.value,
        "text": flag.text.nurse,
        "citations": write_citations(flag.criterion.citations, ruleset),
    }


def _added(assessment: Assessment) -> dict[str, Any]:
    """The additions of format 2 to format 1."""
    closing = closing_day(assessment)
    return {
        "settled": _SETTLED[assessment.settled],
        "closing_day": closing.isoformat() if closing else None,
        "contradictions": [
            {"rule": each.rule.id, "text": each.rule.say.nurse, "items": list(each.items)}
            for each in assessment.contradictions
        ],
        "narrowed": {
            link_id: {
                "days": write_days(day_between(max(each.first, EARLIEST_DAY), each.last)),
                "by": sorted(by),
            }
            for link_id, each in assessment.bounds.items()
            if (by := narrowing_items(link_id, each))
        },
    }


_SETTLED = {True: "favourable", False: "unfavourable", None: None}


def write_explanation(explanation: Explanation) -> dict[str, Any]:
    """An explanation as data, to stand beside the assessment that it explains."""
    reason = explanation.reason
    return {
        "reasons": {"deciding": list(reason.deciding), "checked": list(reason.checked)},
        "changes": [
            {
                "outcome": change.outcome,
                "facts": {
                    link_id: [write_answer(Answer(value=value)) for value in values]
                    for link_id, values in change.facts.items()
                },
            }
            for change in explanation.changes
        ],
        "can_matter": [
            {"link_id": each.link_id, "outcome": each.outcome, "flags": list(each.flags)}
            for each in explanation.can_matter
        ],
        "idle": list(explanation.idle),
        "next": explanation.next_item,
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
        "citations": write_citations(criterion.citations, ruleset),
    }


def write_citations(
    citations: tuple[Citation, ...], ruleset: Ruleset
) -> list[dict[str, str | None]]:
    """Quoted passages as data."""
    return [write_citation(each, ruleset.sources[each.source].address) for each in citations]


class _Reader(JsonReader):
    """Reads one answers document and collects its problems."""

    def check_fields(self, root: Mapping[str, Json]) -> None:
        for name in root:
            if name not in _FIELDS:
                self.report(
                    "$" + path_step(name), "unknown-field", "unknown field", near(name, _FIELDS)
                )
        for name in _REQUIRED:
            if name not in root:
                self.report(f"$.{name}", "missing-field", f"the field `{name}` is missing", _SHAPE)

    def as_of(self, value: Json, today: dt.date) -> dt.date:
        """The screening date; today, and a problem, if it cannot be read."""
        day = _day(value) if isinstance(value, str) else None
        if day is None:
            message, hint = (
                f"{quote_value(value)} is not a day",
                'expected: a day such as "2026-11-20"',
            )
            self.report("$.as_of", "not-a-date", message, hint)
        elif day > today:
            hint = f"expected: a day not after today, {today.isoformat()}"
            self.report("$.as_of", "future-date", "the screening date is in the future", hint)
        elif day < EARLIEST_DAY:
            hint = f"expected: a day from {EARLIEST_DAY.isoformat()} on"
            self.report("$.as_of", "early-date", "the screening date is too far back", hint)
        return day if day and EARLIEST_DAY <= day <= today else today

    def birth_year(self, value: Json, as_of: dt.date) -> int | None:
        """The birth year; none, and a problem, if it cannot be read."""
        if type(value) is int and EARLIEST_DAY.year <= value <= as_of.year:
            return value
        hint = f"expected: a year from {EARLIEST_DAY.year} to {as_of.year}, such as 1948"
        self.report("$.birth_year", "misfit", f"{quote_value(value)} is no birth year", hint)
        return None

    def answers(self, value: Json, ruleset: Ruleset, as_of: dt.date) -> dict[str, Answer]:
        if not isinstance(value, dict):
            message = f"{quote_value(value)} cannot hold answers"
            hint = "expected: an object of link ids with their answers"
            self.report("$.answers", "wrong-shape", message, hint)
            return {}
        answers: dict[str, Answer] = {}
        for link_id, raw in value.items():
            item = ruleset.items.get(link_id)
            if item is None:
                hint = _close(link_id, ruleset.items) or "the ruleset has no question of this name"
                self.report(
                    "$.answers" + path_step(link_id), "unknown-item", "unknown link id", hint
                )
            elif (answer := self._answer(item, raw, as_of)) is not None:
                answers[link_id] = answer
        return answers

    def _answer(self, item: Item, raw: Json, as_of: dt.date) -> Answer | None:
        path = "$.answers" + path_step(item.link_id)
        if isinstance(raw, dict):
            return self._absent(path, raw)
        try:
            return Answer(value=read_value(item, raw, as_of))
        except MisfitError as misfit:
            wanted = misfit.expectation
            wanted = expected_json(item) if wanted == expected_form(item) else wanted
            hint = f'expected: {wanted}; or {{"absent": "{AbsentReason.ASKED_UNKNOWN.value}"}}'
            message = f"{quote_value(raw)} is no answer to {item.link_id}"
            self.report(path, "misfit", message, _with_near_miss(hint, item, raw))
            return None

    def _absent(self, path: str, raw: dict[str, Json]) -> Answer | None:
        known = {reason.value: reason for reason in AbsentReason}
        word = raw.get("absent")
        reason = known.get(word) if isinstance(word, str) else None
        if len(raw) != 1 or reason is None:
            hint = 'expected: {"absent": …} with one of: ' + ", ".join(known)
            self.report(path, "not-one-of", f"{quote_value(raw)} is no absent reason", hint)
            return None
        return Answer(absent=reason)


_SHAPE = 'expected: {"as_of": "2026-11-20", "answers": {…}}'


def read_value(item: Item, raw: Json, as_of: dt.date) -> Value:
    """A JSON value as a value of the item's type, without any conversion of meaning.

    3.0 is refused for a number: its writer measures in fractions, and the next one would be 3.4.

    Raises:
        MisfitError: if the value is no answer to the item.
    """
    if item.type is ItemType.DATE and isinstance(raw, str):
        if raw != raw.strip():
            raise MisfitError(expected_form(item))
        return parse_text(item, raw, as_of)
    if item.type is ItemType.CHOICES and isinstance(raw, list):
        codes = [code for code in raw if isinstance(code, str)]
        if len(set(codes)) < len(raw):
            raise MisfitError(expected_form(item))
        return parse_codes(item, codes, as_of)
    if not isinstance(raw, bool | int | str):
        raise MisfitError(expected_form(item))
    check_value(item, raw, as_of)
    return raw


def expected_json(item: Item) -> str:
    """The form of an answer to an item in JSON."""
    codes = ", ".join(f'"{code}"' for code in item.choices)
    match item.type:
        case ItemType.YES_NO:
            return "true or false"
        case ItemType.CHOICE:
            return f"one of {codes}"
        case ItemType.CHOICES:
            return f"a list of one or more of {codes}, each once"
        case ItemType.NUMBER:
            bounds = f"from {item.minimum} to {item.maximum}"
            return f"a whole number {bounds}, without a decimal point"
        case ItemType.DATE:
            return 'a day that exists, such as "2026-10-01", or a month, "2026-10", or a year'


def _with_near_miss(hint: str, item: Item, raw: Json) -> str:
    typed = raw if isinstance(raw, list) else [raw]
    words = [word for word in typed if isinstance(word, str) and word not in item.choices]
    close = [_close(word, item.choices) for word in words[:_MOST_NEAR]] if item.choices else []
    return "; ".join([hint, *dict.fromkeys(each for each in close if each)])


def _close(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a hint, if one is near; comparing long texts would take long."""
    hint = near(word, known) if len(word) <= _LONGEST_WORD else ""
    return hint if hint.startswith("did") else ""


def _day(text: str) -> dt.date | None:
    try:
        return day_of(text)
    except ValueError:
        return None


_LONGEST_WORD = 60
_MOST_NEAR = 5
