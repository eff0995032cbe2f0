"""`screening check`."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.pages.pseudo_words import write_overlays

from screening.resources import rules_folder

Run = Callable[..., Any]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_shipped_rules_have_no_problems_and_run_their_cases(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "documented 2." in result.stdout
    assert "No problems; " in result.stdout
    assert "; 0 examples run" not in result.stdout


def test_a_folder_is_summed_up(run: Run) -> None:
    result = run("check {rules}")
    assert result.exit_code == 0
    assert "tiny 1.2.3: 8 criteria, 8 questions\n" in result.stdout
    assert "part 1.0.0: 2 criteria, 2 questions (a part" in result.stdout
    assert "No problems; 11 examples run.\n" in result.stdout


def test_a_review_that_is_overdue_is_a_warning_and_no_problem(run: Run) -> None:
    result = run("check {rules}")
    assert "warning: part 1.0.0 was due for review by 2021-01-01" in result.stderr
    assert "tiny" not in result.stderr
    assert result.exit_code == 0


def test_every_problem_is_shown_with_its_place_caret_and_near_miss(run: Run, rules: Path) -> None:
    edit(rules / "tiny.yaml", "when: {shown: yes}", "when: {shwon: yes}")
    edit(rules / "tiny.yaml", "strength: usually", "strength: usualy")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "rules/tiny.yaml:22:15: `usualy`" in result.stdout
    assert "rules/tiny.yaml:27:12: unknown item `shwon` [unknown-item]\n" in result.stdout
    assert "    |     when: {shwon: yes}\n    |            ^\n" in result.stdout
    assert "did you mean `shown`?" in result.stdout
    assert "did you mean `usually`?" in result.stdout
    assert "2 problems in 1 file\n" in result.stdout


def test_a_case_that_comes_out_otherwise_is_a_problem(run: Run, rules: Path) -> None:
    edit(rules / "tiny.examples.yaml", "{outcome: met, flags: []}", "{outcome: emergency}")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "tiny.examples.yaml:6:3: in the example `met`, the outcome is `met`" in result.stdout
    assert "its author expects `emergency`" in result.stdout


def test_rules_without_written_cases_are_a_problem(run: Run, rules: Path) -> None:
    (rules / "tiny.examples.yaml").unlink()
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "rules/tiny.examples.yaml: `tiny` has no written examples [untried]" in result.stdout
    assert "in which each criterion is true, false and unknown" in result.stdout
    assert "1 problem in 1 file" in result.stdout


def test_a_criterion_that_no_written_case_tries_in_every_way_is_a_problem(
    run: Run, rules: Path
) -> None:
    edit(rules / "tiny.examples.yaml", "  many: {base", "  spare: {base")
    edit(rules / "tiny.examples.yaml", "levels: 3}", "levels: 2}")
    edit(rules / "tiny.examples.yaml", "{outcome: met_with_cautions}", "{outcome: met}")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "no written example makes `many` true [untried]" in result.stdout
    assert "1 problem in 1 file" in result.stdout


def test_a_new_question_that_opens_every_case_is_said_once_with_the_line_that_mends_all(
    run: Run, rules: Path
) -> None:
    edit(
        rules / "questions.yaml",
        "  fever:\n    type: yes_no\n",
        "  numb:\n    type: yes_no\n    section: signs\n    name: Numbness\n"
        '    ask: {nurse: "Numb?", patient: "Do you feel numb?"}\n'
        "    why: {nurse: A red flag., patient: It may press on a nerve.}\n    worse: yes\n"
        "  fever:\n    type: yes_no\n",
    )
    edit(rules / "part.yaml", "when: {weak: yes}", "when: {any: [{weak: yes}, {numb: yes}]}")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "examples of the base `clear` come out otherwise for one reason" in result.stdout
    assert "with `numb: no` there they come out as their authors expect" in result.stdout
    assert "1 problem in 1 file" in result.stdout
    edit(rules / "tiny.examples.yaml", "clear: {weak: no,", "clear: {weak: no, numb: no,")
    assert run(f"check {rules}").exit_code == 0


def test_a_question_that_is_renamed_is_said_once_with_its_lines(run: Run, rules: Path) -> None:
    edit(rules / "questions.yaml", "  levels:\n    type", "  bones:\n    type")
    edit(rules / "tiny.yaml", "{levels: {at_least: 3}}", "{bones: {at_least: 3}}")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "tiny.examples.yaml:4:" in result.stdout
    assert "unknown item `levels`, here and on the lines 13, 16" in result.stdout
    assert "1 problem in 1 file" in result.stdout


def test_a_threshold_that_moves_over_the_base_is_said_once(run: Run, rules: Path) -> None:
    edit(rules / "tiny.yaml", "{levels: {at_least: 3}}", "{levels: {at_least: 1}}")
    edit(rules / "questions.yaml", "    min: 1\n", "    min: 0\n")
    result = run(f"check {rules}")
    assert "examples of the base `clear` come out otherwise for one reason" in result.stdout
    assert "with `levels: 0` there they come out as their authors expect" in result.stdout


def test_cases_whose_rule_file_is_misspelt_are_a_problem(run: Run, rules: Path) -> None:
    (rules / "tiny.examples.yaml").rename(rules / "tny.examples.yaml")
    result = run(f"check {rules}")
    assert result.exit_code == 1
    assert "there is no rule file `tny.yaml`" in result.stdout
    assert "did you mean `tiny`?" in result.stdout


def test_a_file_finds_its_bank_includes_and_cases_beside_it(run: Run, rules: Path) -> None:
    result = run(f"check {rules / 'tiny.yaml'}")
    assert result.exit_code == 0, result.output
    assert "11 examples run" in result.stdout
    assert "part 1.0.0:" not in result.stdout


def test_a_file_alone_uses_the_shipped_bank_and_includes(run: Run, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "rules" / "documented.yaml"
    copy = tmp_path / "documented.yaml"
    copy.write_bytes(shipped.read_bytes())
    examples = "documented.examples.yaml"
    (tmp_path / examples).write_bytes((shipped.parent / examples).read_bytes())
    result = run(f"check {copy}")
    assert result.exit_code == 0, result.output
    edit(copy, "include: [safety]", "include: [safty]")
    assert "did you mean `safety`?" in run(f"check {copy}").stdout


def test_a_case_file_is_checked_with_its_rule_file(run: Run, rules: Path) -> None:
    result = run(f"check {rules / 'tiny.examples.yaml'}")
    assert result.exit_code == 0
    assert "11 examples run" in result.stdout


def test_a_case_file_without_rules_is_wrong_usage(run: Run, rules: Path) -> None:
    (rules / "tiny.examples.yaml").rename(rules / "tny.examples.yaml")
    result = run(f"check {rules / 'tny.examples.yaml'}")
    assert result.exit_code == 2
    assert "there is no ruleset “tny”" in result.stderr


def test_a_question_bank_is_checked_with_the_rules_beside_it(run: Run, rules: Path) -> None:
    assert run(f"check {rules / 'questions.yaml'}").exit_code == 0
    edit(rules / "questions.yaml", "  shown:\n", "  shwn:\n")
    result = run(f"check {rules / 'questions.yaml'}")
    assert result.exit_code == 1
    assert "unknown item `shown`" in result.stdout


def test_several_paths_are_checked_in_one_go(run: Run, rules: Path) -> None:
    edit(rules / "part.yaml", "status: active", "status: actve")
    result = run(f"check {rules / 'part.yaml'} {{rules}}")
    assert result.exit_code == 1
    assert "did you mean `active`?" in result.stdout


def test_a_folder_without_rule_files_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run(f"check {tmp_path}")
    assert result.exit_code == 2
    assert "there are no rule files (*.yaml)" in result.stderr


def test_an_answers_document_is_sent_to_assess(run: Run, write: Callable[..., Path]) -> None:
    result = run(f"check {write()}")
    assert result.exit_code == 2
    assert "screening assess" in result.stderr


def test_a_file_of_bytes_is_refused_calmly(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(bytes(range(256)))
    result = run(f"check {path}")
    assert result.exit_code == 1
    assert "[not-text]" in result.stdout


@pytest.fixture
def translated(tmp_path: Path) -> Path:
    """The shipped rules with made-up Spanish words."""
    folder = tmp_path / "rules"
    shutil.copytree(rules_folder(), folder, ignore=shutil.ignore_patterns("es", "ar"))
    write_overlays(folder, "es")
    return folder


def test_words_that_nobody_has_reviewed_are_a_warning_with_their_place(
    run: Run, translated: Path
) -> None:
    spoil(translated / "es" / "questions.yaml", "items.can_lie_prone.ask")
    result = run(f"check {translated}")
    assert result.exit_code == 0
    changed = "`items.can_lie_prone.ask` or its English was changed, and nobody has reviewed it"
    assert re.search(rf"warning: es/questions.yaml:\d+:3: {re.escape(changed)}", result.stderr)
    assert "es: 1 text is shown in English\n" in result.stdout


def test_a_language_without_an_emergency_text_fails_the_check(run: Run, translated: Path) -> None:
    edit(translated / "es" / "safety.yaml", "  criteria.leg_weakness.say:", "  #")
    spoil(translated / "es" / "questions.yaml", "items.can_lie_prone.ask")
    result = run(f"check {translated}")
    assert result.exit_code == 1
    assert "es/safety.yaml: `criteria.leg_weakness.say` is not there" in result.stderr
    said = "error: es is not offered to patients: 1 emergency text is missing or not reviewed"
    assert said in result.stderr
    spoil(translated / "es" / "safety.yaml", "criteria.saddle_numbness.say")
    assert "2 emergency texts are missing" in run(f"check {translated}").stderr


def test_words_without_a_catalogue_fail_the_check(run: Run, translated: Path) -> None:
    (translated / "es").rename(translated / "eo")
    result = run(f"check {translated}")
    assert result.exit_code == 1
    assert "eo: there is no catalogue of messages for this language" in result.stdout


def spoil(path: Path, key: str) -> None:
    """Take the digest of a reviewed text away."""
    text, found = re.subn(rf'(  {key}: {{of: )"\w+"', r'\1"00000000"', path.read_text("utf-8"))
    assert found == 1
    path.write_text(text, "utf-8")


def test_what_an_overlay_may_not_hold_is_a_problem(run: Run, translated: Path) -> None:
    edit(translated / "es" / "questions.yaml", "items.age.ask:", "items.age.worse:")
    result = run(f"check {translated}")
    assert result.exit_code == 1
    assert "no text of a patient is called `items.age.worse` [unknown-field]" in result.stdout
    assert "did you mean `items.age." in result.stdout
