"""`screening rules`."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785

Run = Callable[..., Any]
TINY = "rules tiny --rules {rules}"


def test_the_text_has_every_part_in_order(run: Run) -> None:
    said = run(TINY).stdout
    parts = [
        "Tiny rules (tiny 1.2.3)",
        "Also here: part",
        "Criteria: emergency sign (1)",
        "Criteria: needs clinician review (1)",
        "Criteria: reason against (1)",
        "Criteria: requirement (1)",
        "Criteria: description (1)",
        "Criteria: caution (2)",
        "Criteria: preparation (1)",
        "Outcomes: the first that applies",
        "Questions for the doctor (2)",
        "Where the sources differ (1)",
        "What the sources say nothing about (1)",
        "Sources (2)",
    ]
    assert sorted(parts, key=said.index) == parts


def test_a_criterion_has_its_words_condition_strength_and_source(run: Run) -> None:
    said = run(TINY).stdout
    assert (
        "  many (strength in the source: may)\n"
        "    Three levels or more.\n"
        "    Met when: Levels: at least 3 levels\n"
        "      “one bone” (A clinic, under “How”)\n"
    ) in said


def test_a_gate_is_part_of_the_condition_in_words(run: Run) -> None:
    said = " ".join(run(TINY).stdout.split())
    assert "Met when: Curvature hurts: yes, and Curvature: Mild or Severe" in said or (
        "Met when: Curvature: Mild or Severe, and Curvature hurts: yes" in said
    )


def test_outcomes_are_numbered_in_their_order(run: Run) -> None:
    said = run(TINY).stdout
    assert "  1. Emergency (emergency): a criterion is met (tier: emergency sign)\n" in said
    assert "  5. Differs (differs): a criterion is not met (tier: description)\n" in said
    assert "  7. Met (met, favourable): otherwise\n" in said
    assert "  -  More information (more_information): while more than one is possible\n" in said


def test_a_part_says_that_it_has_no_outcomes(run: Run) -> None:
    result = run("rules part --rules {rules}")
    assert result.exit_code == 0
    assert "None: this is a part for other rule files to include." in result.stdout


@pytest.mark.parametrize("words", [TINY, "rules", "rules safety"])
def test_the_text_fits_a_screen_of_80_characters(run: Run, words: str) -> None:
    lines = run(words).stdout.split("\n")
    assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []


@pytest.mark.parametrize("words", [TINY, "rules part --rules {rules}", "rules", "rules safety"])
def test_json_fits_the_schema(run: Run, words: str, schema: dict[str, Any]) -> None:
    data = json.loads(run(f"{words} --json").stdout)
    jsonschema.validate(data, schema["ruleset"], jsonschema.Draft202012Validator)


def test_the_digest_is_over_the_rest_of_the_document(run: Run) -> None:
    data = json.loads(run(f"{TINY} --json").stdout)
    digest = data.pop("digest")
    assert digest == hashlib.sha256(rfc8785.dumps(data)).hexdigest()


def test_json_has_questions_with_types_and_choices(run: Run) -> None:
    data = json.loads(run(f"{TINY} --json").stdout)
    asked = {each["link_id"]: each for each in data["questions"]}
    assert asked["curve"]["type"] == "choice"
    assert [choice["code"] for choice in asked["curve"]["choices"]] == ["none", "mild", "severe"]
    assert asked["levels"]["minimum"] == 1
    assert asked["curve_pain"]["ask_if"] == {"item": "curve", "one_of": ["mild", "severe"]}


def test_everything_that_json_cites_is_a_source_of_it(run: Run) -> None:
    data = json.loads(run("rules --json").stdout)
    known = {source["id"] for source in data["sources"]}
    cited = list(_cited(data))
    assert len(cited) > 100
    assert set(cited) <= known


def test_a_broken_rule_file_names_all_its_problems(run: Run, rules: Path) -> None:
    path = rules / "tiny.yaml"
    text = path.read_text("utf-8").replace("tier: info", "tier: inf")
    path.write_text(text.replace("strength: usually", "strength: usualy"), "utf-8")
    result = run(f"rules tiny --rules {rules}")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "`usualy`" in result.stderr
    assert "`inf`" in result.stderr


def _cited(data: object) -> Iterator[str]:
    if isinstance(data, list):
        for part in data:
            yield from _cited(part)
    elif isinstance(data, dict):
        if "quote" in data:
            yield data["source"]
        for part in data.values():
            yield from _cited(part)


@pytest.mark.parametrize("name", ["answers", "assessment", "ruleset"])
def test_the_schemas_are_schemas(schema: dict[str, Any], name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema[name])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("answers", {"as_of": "2026-11-20"}),
        ("answers", {"as_of": "2026-11-20", "answers": {"x": None}}),
        ("answers", {"as_of": "2026-11-20", "answers": {"x": 1.5}}),
        ("answers", {"as_of": "2026-11-20", "answers": {"x": []}}),
        ("answers", {"as_of": "2026-11-20", "answers": {"x": {"absent": "no"}}}),
        ("answers", {"as_of": "20 November", "answers": {}}),
        ("assessment", {"format": 1}),
        ("ruleset", {"format": 1}),
    ],
)
def test_the_schemas_refuse_what_is_none_of_theirs(
    schema: dict[str, Any], name: str, data: dict[str, Any]
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema[name], jsonschema.Draft202012Validator)
