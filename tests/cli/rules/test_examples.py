"""`screening examples` and `screening diff`: suites of examples, and what two versions change."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from screening.cli import main
from screening.files.example_coverage import generated_path, read_coverage
from screening.files.generated_examples import generate_examples
from screening.files.rule_files import load_ruleset
from screening.resources import rules_folder


def screening(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that a test may change."""
    return Path(shutil.copytree(rules_folder(), tmp_path / "rules"))


def replaced(folder: Path, old: str, new: str) -> Path:
    path = folder / "documented.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return path


def renumbered(path: Path) -> Path:
    """The file with a version of its own."""
    text = path.read_text("utf-8")
    path.write_text(
        re.sub(r"^version: .*$", "version: 99.0.0", text, count=1, flags=re.MULTILINE), "utf-8"
    )
    return path


def test_the_shipped_cases_all_come_out_and_every_criterion_is_seen_three_ways() -> None:
    result = screening("examples", "run")
    assert result.exit_code == 0
    found = read_coverage(load_ruleset())
    assert found.generated > 0
    assert not found.problems
    assert not found.missing
    assert not found.stale
    assert f"{found.written} written, {found.generated} generated" in flat(result.output)


def test_the_shipped_generated_cases_are_those_that_would_be_generated_now() -> None:
    ruleset = load_ruleset()
    text, cover = generate_examples(ruleset)
    assert generated_path(ruleset).read_text("utf-8") == text
    assert cover.needed == len(cover.certificate)
    assert screening("examples", "generate", "--print").output == text


def test_generating_writes_the_file_and_says_what_it_shows(folder: Path) -> None:
    shutil.rmtree(folder / "generated")
    result = screening("examples", "generate", "--rules", folder)
    assert result.exit_code == 0
    assert "masking MC/DC with boundaries" in flat(result.output)
    assert "Written to generated/documented.examples.yaml." in flat(result.output)
    assert screening("examples", "run", "--rules", folder).exit_code == 0


def test_cases_of_other_rules_are_told_with_status_1(folder: Path) -> None:
    replaced(folder, "nurse: The pain is severe.", "nurse: The pain is very severe.")
    result = screening("examples", "run", "--rules", folder)
    assert result.exit_code == 1
    assert "made from different rules" in flat(result.output)


def test_a_case_that_differs_is_told_with_its_place_and_status_1(folder: Path) -> None:
    path = generated_path(load_ruleset(), folder)
    path.write_text(path.read_text("utf-8").replace("outcome: emergency", "outcome: met", 1))
    result = screening("examples", "run", "--rules", folder)
    assert result.exit_code == 1
    assert "[example-differs]" in result.output
    assert "generated/documented.examples.yaml:" in result.output


def test_a_part_has_no_cases_of_its_own() -> None:
    assert screening("examples", "run", "safety").exit_code == 2


def test_a_file_is_proved_equal_to_itself() -> None:
    path = rules_folder() / "documented.yaml"
    result = screening("diff", path, path)
    assert result.exit_code == 0
    assert "identical in every word" in flat(result.output)
    assert "Proved: they are equal on all complete answers" in flat(result.output)


def test_a_changed_threshold_is_told_with_each_transition_and_a_patient(folder: Path) -> None:
    new = replaced(
        folder,
        "when: {diagnosis_date: {within: 2 months}}",
        "when: {diagnosis_date: {within: 3 months}}",
    )
    result = screening("diff", rules_folder() / "documented.yaml", renumbered(new))
    said = flat(result.output)
    assert result.exit_code == 0
    before, after = "Differs from the patients described", "Documented requirements met"
    change = f"“{before}” becomes “{after}, with cautions”"
    assert change in said
    assert "Criterion `recent_fracture`: changed" in said
    assert "identical" not in said


def test_changed_words_are_told_and_the_rules_proved_to_act_alike(folder: Path) -> None:
    new = replaced(folder, "nurse: The pain is severe.", "nurse: The pain is very severe.")
    said = flat(screening("diff", rules_folder() / "documented.yaml", renumbered(new)).output)
    assert "Proved: they are equal on all complete answers" in said
    assert "Criterion `severe_pain`: changed" in said
    assert "becomes" not in said


def test_a_file_that_changed_under_its_version_is_refused(folder: Path) -> None:
    new = replaced(folder, "nurse: The pain is severe.", "nurse: The pain is very severe.")
    result = screening("diff", rules_folder() / "documented.yaml", new)
    assert result.exit_code == 1
    assert "documented.yaml:5:10: `documented`" in result.output
    assert "says something else than in " in result.output
    assert "[reused-version]" in result.output
    assert "Criterion" not in result.output


def test_a_part_cannot_be_compared() -> None:
    path = rules_folder() / "safety.yaml"
    assert screening("diff", path, path).exit_code == 2
