"""Rulesets as JSON data, and the digest over it."""

import datetime as dt
import hashlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, cast

from screening.core.rules.condition import AtLeast, Compare, Condition, Not, OneOf, Within
from screening.core.rules.consistency import Age, Consistency, Never, Order
from screening.core.rules.item import Item
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.ruleset import DoctorQuestion, Ruleset, Silence
from screening.core.values.citation import Citation
from screening.formats.documents.canonical_json import write_canonical

FORMAT = 1


def digest_of(ruleset: Ruleset) -> str:
    """SHA-256, in hex, over the canonical JSON (RFC 8785) of all that was loaded.

    Layout and comments of the files do not change it; a word of wording does.
    """
    data = write_ruleset(ruleset)
    del data["digest"]
    return hashlib.sha256(write_canonical(data)).hexdigest()


def write_ruleset(ruleset: Ruleset) -> dict[str, Any]:
    """A ruleset, whole, as data (shape: ``schemas/ruleset.schema.json``)."""
    return {
        "format": FORMAT,
        "id": ruleset.id,
        "version": ruleset.version,
        "digest": ruleset.digest,
        "title": _plain(ruleset.title),
        "parts": [_plain(part) for part in ruleset.parts],
        "questions_version": ruleset.questions_version,
        "sections": [_plain(section) for section in ruleset.sections],
        "questions": [_item(item) for item in ruleset.items.values()],
        "sources": [_plain(source) for source in ruleset.sources.values()],
        "criteria": [_plain(criterion) for criterion in ruleset.criteria],
        "outcomes": [_plain(outcome) for outcome in ruleset.outcomes],
        "open_outcome": _plain(ruleset.open_outcome),
        "best": list(ruleset.best),
        "favourable": sorted(ruleset.favourable),
        "doctor_questions": [_doctor_question(each) for each in ruleset.doctor_questions],
        "disagreements": [_plain(each) for each in ruleset.disagreements],
        "silent_on": [_silence(topic, silence) for topic, silence in ruleset.silent_on.items()],
        **_added(
            consistency=[_consistency(each) for each in ruleset.consistency],
            contradiction_outcome=_plain(ruleset.contradiction_outcome),
            terms=[_plain(term) for term in ruleset.terms.values()],
            patient_path=_patient_path(ruleset.patient_path),
            options=[_plain(option) for option in ruleset.options],
            writers=[_plain(writer) for writer in ruleset.writers],
        ),
    }


def _added(**parts: object) -> dict[str, object]:
    """Parts that the format did not have once: a ruleset without them has the digest it had."""
    return {name: part for name, part in parts.items() if part}


def _patient_path(path: PatientPath | None) -> dict[str, Any] | None:
    if path is None:
        return None
    return {
        "title": _plain(path.title),
        "first": path.first,
        "report": _item(path.report),
        "with_report": sorted(path.with_report),
    }


def _consistency(rule: Consistency) -> dict[str, Any]:
    match rule.check:
        case Never(condition=condition):
            check: dict[str, Any] = {"never": write_condition(condition)}
        case Order(dates=dates, age=age):
            check = {"order": list(dates)} | _added(age=age)
        case Age(item=item):
            check = {"age": item}
    return {"id": rule.id, "ruleset": rule.ruleset, **check, "say": _plain(rule.say)}


def write_citation(citation: Citation, address: str | None) -> dict[str, str | None]:
    """A quoted passage with the address of its source, if that is known."""
    return {
        "source": citation.source,
        "heading": citation.heading,
        "quote": citation.quote,
        "address": address,
    }


def write_condition(condition: Condition) -> dict[str, Any]:
    """A condition as data: one key says what kind it is."""
    match condition:
        case AtLeast(count=count, parts=parts):
            return {"at_least": count, "of": [write_condition(part) for part in parts]}
        case Not(part=part):
            return {"not": write_condition(part)}
        case OneOf(item=item, values=values):
            return {"item": item, "one_of": sorted(values, key=str)}
        case Compare(item=item, comparison=comparison, bound=bound):
            return {"item": item, comparison.value: bound}
        case Within(item=item, length=length, unit=unit):
            return {"item": item, "within": length, "unit": unit.value}


def _silence(topic: str, silence: Silence) -> dict[str, Any]:
    """Without citations as it was before there were any, so that digests of then stay true."""
    cited = {"citations": [_plain(each) for each in silence.citations]} if silence.citations else {}
    return {"id": topic, "say": _plain(silence.say), **cited}


def _item(item: Item) -> dict[str, Any]:
    return {
        "link_id": item.link_id,
        "type": item.type.value,
        "section": item.section,
        "name": item.name,
        "ask": _plain(item.ask),
        "why": _plain(item.why),
        "help": _plain(item.help),
        "choices": [
            {"code": code, "display": _plain(words)} for code, words in item.choices.items()
        ],
        "unit": item.unit or None,
        "minimum": item.minimum if item.unit else None,
        "maximum": item.maximum if item.unit else None,
        "ask_if": _plain(item.ask_if),
        "worse": item.worse,
        "sensitive": item.sensitive,
        "record_only": item.record_only,
        "who": item.who.value if item.who else None,
        "citations": [_plain(citation) for citation in item.citations],
        "codes": {system: list(codes) for system, codes in item.codes.items()},
        **_added(
            shown_if=_plain(item.shown_if),
            patient_shown_if=_plain(item.patient_shown_if),
            can_wait=item.can_wait,
            sign=item.sign,
            unsure=item.unsure,
        ),
    }


def _doctor_question(question: DoctorQuestion) -> dict[str, Any]:
    return {
        "id": question.id,
        "ruleset": question.ruleset,
        "condition": _plain(question.condition),
        "say": _plain(question.say),
        "citations": [_plain(each) for each in question.citations],
        **_added(
            first=question.first,
            if_unknown=question.if_unknown,
            matters=[each.value for each in question.matters],
        ),
    }


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON data has no narrower type
    """Any part of a ruleset as data: dataclasses by their fields, enumerations by their values."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Compare | OneOf | Within | Not | AtLeast):
        return write_condition(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(str(each) for each in cast("frozenset[object]", value))
    if isinstance(value, tuple):
        return [_plain(each) for each in cast("tuple[object, ...]", value)]
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _names(cast("type", type(value)))}
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
