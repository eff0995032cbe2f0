"""``screening prove`` says what was proved, or where a proof fails and who shows it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from screening.cli import main

RULES = Path(__file__).parents[2] / "data" / "cli" / "rules"
NEEDLESS = """{any: [
      {all: [{scans: {includes: mri}}, {levels: {at_least: 3}}]},
      {all: [{not: {scans: {includes: mri}}}, {levels: {at_least: 3}}]}]}"""


@pytest.fixture
def prove(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: CliRunner().invoke(main, ["prove", *map(str, words)])


def test_each_statement_is_printed_with_the_number_of_its_cases(
    prove: Callable[..., Result],
) -> None:
    said = prove("tiny", "--rules", RULES)
    assert said.exit_code == 0
    assert "What is proved of tiny 1.2.3" in said.stdout
    assert "No answer that is marked as worse ever leads to a better outcome." in said.stdout
    assert "8 criteria" in said.stdout
    assert "All 16 statements are proved." in said.stdout


def test_answer_sets_nodes_and_time_are_told(prove: Callable[..., Result]) -> None:
    said = " ".join(prove("tiny", "--rules", RULES).stdout.split())
    # Weak, fever and shown: 2 each; curvature 3; its pain 2; scans 2; levels 2; date 2.
    assert f"{2 * 2 * 2 * 3 * 2 * 2 * 2 * 2} complete sets" in said
    assert f"{3 * 3 * 3 * 4 * 3 * 3 * 3 * 3:,} once any question may be left open" in said
    assert "nodes" in said
    assert "seconds" in said


def test_the_data_hold_the_same(prove: Callable[..., Result]) -> None:
    data = json.loads(prove("tiny", "--rules", RULES, "--json").stdout)
    assert data["ruleset"] == "tiny"
    assert data["complete_answer_sets"] == "384"
    assert data["nodes"] > 0
    assert len(data["proofs"]) == 16
    counts = {each["code"]: each["count"] for each in data["proofs"]}
    assert counts["stuck-criterion"] == 8


def test_the_shipped_rules_are_proved(prove: Callable[..., Result]) -> None:
    said = prove("--json")
    assert said.exit_code == 0
    codes = {each["code"] for each in json.loads(said.stdout)["proofs"]}
    assert {"unsafe-outcome", "broken-limit", "hidden-sign", "worse-is-better"} <= codes


def test_a_proof_that_fails_is_named_with_its_place_and_a_patient(
    prove: Callable[..., Result], tmp_path: Path
) -> None:
    for path in RULES.iterdir():
        text = path.read_text("utf-8").replace("{levels: {at_least: 3}}", NEEDLESS)
        (tmp_path / path.name).write_text(text, "utf-8")
    said = prove("tiny", "--rules", tmp_path)
    assert said.exit_code == 1
    assert (
        "`many` stays unknown although all ways to complete the answers agree [not-exact]"
        in said.stderr
    )
    assert "tiny.yaml:45:3" in said.stderr
    assert "shown by: Levels: 3 levels" in said.stderr
    assert "statements are proved" not in said.output


def test_a_part_without_outcomes_cannot_be_proved(prove: Callable[..., Result]) -> None:
    said = prove("part", "--rules", RULES)
    assert said.exit_code == 2
    assert "declares no outcomes" in said.stderr


def test_rules_as_text_say_what_holds_of_them() -> None:
    said = " ".join(
        CliRunner().invoke(main, ["rules", "tiny", "--rules", str(RULES)]).stdout.split()
    )
    assert "Levels - 1 to 2 levels - 3 to 24 levels: towards many" in said
    assert "What is proved (16)" in said
    assert "384 complete sets of answers" in said
    assert "Examples (11 written, 0 generated) 11 of 11 come out as expected." in said
    assert "8 of 8 outcomes are reached." in said
    assert "8 of 8 criteria have examples of every finding." in said


def test_a_part_as_text_has_neither_proofs_nor_cases() -> None:
    said = CliRunner().invoke(main, ["rules", "part", "--rules", str(RULES)])
    assert said.exit_code == 0
    assert "What is proved" not in said.stdout
    assert "Examples (" not in said.stdout
