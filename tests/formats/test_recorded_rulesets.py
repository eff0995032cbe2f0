"""Rulesets and results that were recorded by an earlier release mean today what they meant then."""

import datetime as dt
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from screening.core.compiled.model import model_of
from screening.core.results.assess import assess
from screening.core.rules.ruleset import Ruleset
from screening.formats.documents.answers_json import (
    read_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.recorded_assessment import (
    read_assessment,
    read_explanation,
    write_trace,
)
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_recorded_ruleset
from screening.proof.explanation.reasons import Explainer

RECORDED = Path(__file__).parents[1] / "data" / "recorded"
RESULTS: Any = json.loads((RECORDED / "results.json").read_text("utf-8"))


@cache
def texts() -> dict[str, RuleText]:
    return {path.stem: RuleText(path.name, path.read_bytes()) for path in RECORDED.glob("*.yaml")}


@cache
def rules() -> Ruleset:
    ruleset = read_recorded_ruleset("documented", texts(), RESULTS["digest"])
    assert ruleset
    return ruleset


@cache
def explainer() -> Explainer:
    return Explainer(model_of(rules()))


def test_the_recorded_texts_still_give_the_recorded_digest() -> None:
    assert rules().digest == RESULTS["digest"]
    assert any(item.codes for item in rules().items.values()), "a field that is retired since"


def test_one_changed_word_gives_no_ruleset() -> None:
    name, changed = "documented", dict(texts())
    data = changed[name].data.replace(b"Scoliosis", b"Skoliosis", 1)
    changed[name] = RuleText(changed[name].source, data)
    assert read_recorded_ruleset(name, changed, RESULTS["digest"]) is None


@pytest.mark.parametrize("missing", ["documented", "safety", "questions"])
def test_a_missing_text_gives_no_ruleset(missing: str) -> None:
    left = {name: text for name, text in texts().items() if name != missing}
    assert read_recorded_ruleset("documented", left, RESULTS["digest"]) is None


@pytest.mark.parametrize("text", [b"", b"[", b"rules: 1", b"a: b\n" * 500])
def test_other_texts_give_no_ruleset(text: bytes) -> None:
    for name in texts():
        changed = texts() | {name: RuleText("x", text)}
        assert read_recorded_ruleset("documented", changed, RESULTS["digest"]) is None


@pytest.mark.parametrize("result", RESULTS["results"], ids=lambda each: each["name"])
def test_a_recorded_result_comes_out_byte_for_byte(result: dict[str, Any]) -> None:
    document, ruleset = json.dumps(result["answers"]), rules()
    day = dt.date.fromisoformat(result["answers"]["as_of"])
    answers, as_of, _ = read_answers(document, ruleset, day)
    again = assess(ruleset, answers, as_of)
    computed = {
        "assessment": write_assessment(again, 1),
        "trace": write_trace(again),
        "explanation": write_explanation(explainer().explain(answers, as_of)),
    }
    digests = {k: hashlib.sha256(rfc8785.dumps(v)).hexdigest() for k, v in computed.items()}
    assert digests == result["computed"]


def test_a_recorded_result_is_read_back_as_it_was_stored() -> None:
    whole = RESULTS["whole"]
    read = read_assessment(whole["assessment"], whole["answers"], whole["trace"], rules())
    assert write_assessment(read, 1) == whole["assessment"]
    assert write_trace(read) == whole["trace"]
    explained = read_explanation(whole["explanation"], rules(), read.as_of)
    assert write_explanation(explained) == whole["explanation"]
