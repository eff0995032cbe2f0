"""`screening assess`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.services.costs import AT_ONCE, cost

from screening.core.values.answer import AbsentReason

Run = Callable[..., Any]
Write = Callable[..., Path]
TINY = "--rules {rules} --ruleset tiny"
UNKNOWN = {"absent": AbsentReason.ASKED_UNKNOWN.value}


def test_the_result_names_the_outcome_and_why(run: Run, write: Write) -> None:
    result = run(f"assess {write(curve='severe', curve_pain=True)} {TINY}")
    assert result.exit_code == 0
    said = result.stdout
    assert "Result: Reason against\nA reason against.\n" in said
    why, rest = said.split("Further points")
    assert "Critical · reason against · strength in the source: usually" in why
    assert "Answered: Curvature: Severe\n" in why
    assert "“severe curvature of the spine” (A clinic, under “Who”)" in why
    assert "Warning · caution · strength in the source: may" in rest


def test_a_met_outcome_shows_the_requirements_that_hold(run: Run, write: Write) -> None:
    said = run(f"assess {write()} {TINY}").stdout
    assert "Result: Met\n" in said
    assert "1 documented requirement and 1 description are met" in said
    assert "Answered: Date of diagnosis: 20 October 2026\n" in said


def test_an_unmet_requirement_is_told_in_its_own_words(run: Run, write: Write) -> None:
    said = run(f"assess {write(shown=False)} {TINY}").stdout
    assert "Result: Requirement unmet\n" in said
    assert "No fracture is shown." in said
    assert "A fracture is shown." not in said


def test_an_emergency_sign_that_nobody_ruled_out_is_said_before_the_result(
    run: Run, write: Write
) -> None:
    said = run(f"assess {write(weak=UNKNOWN)} {TINY}").stdout
    doubt = "An emergency sign is not ruled out: Weak leg (not known). Find out today"
    assert said.index(doubt) < said.index("Result: ")
    assert "not ruled out" not in run(f"assess {write()} {TINY}").stdout


def test_what_is_missing_is_listed_by_what_it_could_do(run: Run, write: Write) -> None:
    path = write(weak=UNKNOWN, shown=None, levels={"absent": "temp-unknown"})
    said = run(f"assess {path} {TINY}").stdout
    assert "Result: More information\n" in said
    assert "3 missing answers could still matter" in said
    needed = said[said.index("Missing answers, the most important first") :]
    order = [
        "could be an emergency",
        "Weak leg (not known)",
        "could leave a requirement unmet",
        "Fracture shown (not answered)",
        "could add a caution",
        "Levels (result pending)",
    ]
    assert sorted(order, key=needed.index) == order


def test_disagreements_are_shown_where_they_touch(run: Run, write: Write) -> None:
    touched = run(f"assess {write(levels=3)} {TINY}").stdout
    assert "Where the sources disagree on this\n  How many levels\n    - The page treats" in touched
    assert "Where the sources disagree" not in run(f"assess {write()} {TINY}").stdout


def test_answers_that_no_longer_count_are_shown_as_set_aside(run: Run, write: Write) -> None:
    said = run(f"assess {write(curve_pain=True)} {TINY}").stdout
    assert "Set aside" in said
    assert "- Curvature hurts: yes\n" in said


def test_the_result_names_the_versions_and_the_digest(run: Run, write: Write) -> None:
    path = write()
    digest = json.loads(run(f"assess {path} {TINY} --json").stdout)["ruleset"]["digest"]
    said = run(f"assess {path} {TINY}").stdout
    assert "tiny 1.2.3, part 1.0.0, questions 1.0.0\n" in said
    assert f"SHA-256 {digest}\n" in said


def test_secondary_and_unpinned_sources_are_marked(run: Run, write: Write) -> None:
    said = " ".join(run(f"assess {write(weak=True)} {TINY}").stdout.split())
    assert "[second-hand: not checked against the original; not verifiable by machine]" in said


def test_the_text_fits_a_screen_of_80_characters(run: Run, write: Write) -> None:
    said = run(f"assess {write(curve='severe', levels=9, weak=UNKNOWN)} {TINY}").stdout
    assert [line for line in said.split("\n") if len(line) > 80] == []


def test_the_standard_input_is_read_for_a_dash(run: Run, write: Write) -> None:
    path = write()
    from_file = run(f"assess {path} {TINY} --json").stdout
    assert run(f"assess - {TINY} --json", path.read_bytes()).stdout == from_file


def test_json_is_the_contract_exactly(run: Run, write: Write, schema: dict[str, Any]) -> None:
    path = write(weak=UNKNOWN, curve_pain=True)
    data = json.loads(run(f"assess {path} {TINY} --json").stdout)
    jsonschema.validate(data, schema["assessment"], jsonschema.Draft202012Validator)
    assert data["as_of"] == "2026-11-20"
    assert data["outcome"] == {
        "id": "more_information",
        "possible": ["emergency", "met"],
        "favourable": False,
    }
    assert data["needs"] == ["weak"]
    assert data["set_aside"] == ["curve_pain"]
    weak = data["criteria"][-2]
    assert weak == {
        "id": "weak_leg",
        "ruleset": "part",
        "tier": "emergency",
        "truth": "unknown",
        "needs": ["weak"],
        "evidence": {},
        "citations": [
            {
                "source": "digest",
                "heading": "Signs",
                "quote": "weakness is an emergency",
                "address": None,
            }
        ],
    }


def test_json_explains_a_decided_outcome(run: Run, write: Write, schema: dict[str, Any]) -> None:
    data = json.loads(run(f"assess {write(curve='severe', levels=None)} {TINY} --json").stdout)
    jsonschema.validate(data, schema["assessment"], jsonschema.Draft202012Validator)
    assert data["reasons"] == {"deciding": ["curve"], "checked": ["weak", "fever"]}
    assert data["can_matter"] == []
    assert data["next"] is None
    first = data["changes"][0]
    assert (first["outcome"], first["facts"]) == ("emergency", {"weak": [True]})
    facts = {each["outcome"]: each["facts"] for each in data["changes"]}
    assert facts["met"] == {"curve": ["none"]}


def test_json_of_an_open_outcome_says_what_can_matter_and_what_to_ask_next(
    run: Run, write: Write
) -> None:
    path = write(weak=None, fever=UNKNOWN, levels=None)
    data = json.loads(run(f"assess {path} {TINY} --json").stdout)
    assert data["changes"] == []
    assert data["can_matter"] == [
        {"link_id": "weak", "outcome": True, "flags": []},
        {"link_id": "fever", "outcome": True, "flags": []},
        {"link_id": "levels", "outcome": True, "flags": ["many"]},
    ]
    assert data["next"] == "weak"


def test_explain_says_what_would_change_the_result_without_asking_for_other_answers(
    run: Run, write: Write
) -> None:
    path = write(curve="severe", levels=None)
    assert "What would change it" not in run(f"assess {path} {TINY}").stdout
    said = " ".join(run(f"assess {path} {TINY} --explain").stdout.split())
    assert "Nothing of higher priority applies (2 answers" in said
    assert "(Curvature: Severe; strength in the source: " in said
    assert "“Met” would be possible with: Curvature: None." in said
    idle = said.split("These answers cannot change the result: ")[1]
    assert "Levels" in idle.split(".")[0]
    assert "change your answer" not in said.lower()


def test_json_carries_each_kind_of_answer_as_evidence(
    run: Run, write: Write, schema: dict[str, Any]
) -> None:
    path = write(scans=["xray"], levels=3, curve="severe", seen="2026-01-01")
    data = json.loads(run(f"assess {path} {TINY} --json").stdout)
    jsonschema.validate(data, schema["assessment"], jsonschema.Draft202012Validator)
    evidence = {key: value for each in data["criteria"] for key, value in each["evidence"].items()}
    assert evidence["scans"] == ["xray"]
    assert evidence["levels"] == 3
    assert evidence["curve"] == "severe"
    assert evidence["seen"] == "2026-01-01"
    assert evidence["weak"] is False
    severities = [flag["severity"] for flag in data["flags"]]
    assert severities == ["critical", "warning", "warning", "info"]


def test_json_of_the_shipped_rules_fits_the_schema(run: Run, schema: dict[str, Any]) -> None:
    result = run("assess - --json", '{"as_of": "2026-11-20", "answers": {}}')
    data = json.loads(result.stdout)
    jsonschema.validate(data, schema["assessment"], jsonschema.Draft202012Validator)
    assert data["outcome"]["id"] == "more_information"
    assert data["outcome"]["favourable"] is False


def test_problems_have_status_1_and_their_json_paths_all_at_once(run: Run, write: Write) -> None:
    path = write(as_of="2026-11-31", levels=True, curve="sever", heigth=1)
    result = run(f"assess {path} {TINY} --json")
    assert result.exit_code == 1
    assert result.stdout == ""
    for place in ("$.as_of", "$.answers.levels", "$.answers.curve", "$.answers.heigth"):
        assert f"answers.json: {place}: " in result.stderr
    assert "4 problems in 1 file\n" in result.stderr


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe{\x00}\x00",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b" " * (10 << 20),
        b'{"as_of": "2026-11-20", "answers": {' + b'"x": 1, ' * 100_000,
        b'{"as_of": 1' + b"0" * 100_000 + b"}",
    ],
    ids=["empty", "utf-16", "lists", "objects", "10 MB", "cut off", "digits"],
)
def test_a_hostile_document_is_refused_at_once(run: Run, data: bytes) -> None:
    assert cost(lambda: run(f"assess - {TINY}", data)) < AT_ONCE
    result = run(f"assess - {TINY}", data)
    assert result.exit_code == 1
    assert result.stderr.startswith("standard input: ") or "standard input:1:" in result.stderr
    assert "Traceback" not in result.output


def test_nothing_that_a_terminal_obeys_is_printed(run: Run) -> None:
    document = '{"as_of": "\\u001b[2J", "answers": {"\\u009b31m": 1, "curve": "\\ud800\\u202e"}}'
    result = run(f"assess - {TINY}", document)
    assert result.exit_code == 1
    assert not set(result.stderr) & {"\x1b", "\x9b", "\ud800", "\u202e"}


def test_the_help_says_that_the_document_has_the_screening_date(run: Run) -> None:
    said = " ".join(run("assess --help").stdout.split())
    assert '"as_of" is the screening date. A document without it is refused' in said
    result = run("assess -", '{"answers": {}}')
    assert result.exit_code == 1
    assert "the field `as_of` is missing" in result.stdout + result.stderr
