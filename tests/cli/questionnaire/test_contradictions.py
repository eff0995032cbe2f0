"""Answers that cannot all be true, and grave ones, are said before the result, and at once."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.rulesets import shipped

from screening.formats.documents.answers_json import write_answers

Run = Callable[..., Any]
AGE = "The age and the birth year do not agree. Answered: Age: 59 years; recorded birth year: 1952."
HERNIATION = "Pain cannot come from a disc herniation that is not there."


def document(birth_year: int | None = None, **changes: object) -> str:
    answers = shipped.judged(**changes).answers  # type: ignore[arg-type]  # of several types
    return json.dumps(write_answers(answers, shipped.as_of(), birth_year))


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_result_names_what_cannot_be_true_before_anything_else(run: Run) -> None:
    result = run("assess -", document(1952, age=59))
    said = one_line(result.stdout)
    assert said.index(AGE) < said.index("Result: Answers contradict each other")
    assert AGE not in one_line(run("assess -", document(1967, age=59)).stdout)


@pytest.mark.parametrize(("way", "words"), [("", HERNIATION), ("--patient", "you do not have")])
def test_an_interview_says_at_once_what_cannot_be_true(
    run: Run, tmp_path: Path, way: str, words: str
) -> None:
    start = tmp_path / "answers.json"
    start.write_text(document(disc_herniation=False, disc_pain=True), "utf-8")
    said = one_line(run(f"ask {way} --from", "q\n", str(start)).stdout)
    assert "Please look at these answers again" in said
    assert words in said.partition("Section")[0]


def test_an_interview_keeps_the_birth_year(run: Run, tmp_path: Path) -> None:
    start = tmp_path / "answers.json"
    start.write_text(document(1952, cause=None), "utf-8")
    run("ask --from", "1\nq\n", str(start), "--save", str(start))
    assert json.loads(start.read_text("utf-8"))["birth_year"] == 1952


def test_the_patient_reads_what_to_look_at_again_and_no_verdict(run: Run, tmp_path: Path) -> None:
    start = tmp_path / "answers.json"
    start.write_text(document(disc_herniation=False, disc_pain=True), "utf-8")
    said = one_line(run("ask --patient --from", "u\n" * 60, str(start)).stdout)
    sheet = said.partition("For your visit")[2]
    assert sheet.index("Please look at these answers again") < sheet.index("Questions to ask")
    assert "contradict each other" not in sheet


def test_a_result_that_cannot_come_out_favourable_says_so(run: Run) -> None:
    said = one_line(run("assess -", document(leg_weakness=None, scoliosis=True)).stdout)
    assert said.index("not ruled out") < said.index("Cannot come out favourable: Scoliosis")


def test_the_day_until_which_it_is_in_time_is_said(run: Run) -> None:
    said = one_line(run("assess -", document()).stdout)
    assert "Time window ends 5 December 2026: what counts is the day of the procedure" in said


def test_explain_says_what_follows_from_the_order_of_events(run: Run) -> None:
    open_date = document(diagnosis_date=None, onset_date=dt.date(2026, 10, 5))
    said = one_line(run("assess - --explain", open_date).stdout)
    narrowed = "on or after 5 October 2026, since Onset of the fracture is 5 October 2026"
    assert narrowed in said.partition("What follows from the order of events")[2]
    assert "What follows from" not in run("assess -", open_date).stdout


def test_the_rules_list_what_cannot_all_be_true(run: Run) -> None:
    said = one_line(run("rules").stdout)
    for rule in shipped.ruleset().consistency:
        assert rule.say.nurse in said
        assert rule.say.patient in said


def test_the_result_waits_for_both_of_two_dates_that_contradict(run: Run) -> None:
    text = document(imaging_date=dt.date(2024, 10, 12), scoliosis=True, levels=None)
    said = one_line(run("assess -", text).stdout)
    assert "Imaging cannot show a fracture before it happens." in said
    idle = said.partition("What the result does not wait for")[2]
    assert "Levels in one session" in idle
    assert "Date of the imaging" not in idle
    data = json.loads(run("assess - --json", text).stdout)
    assert data["idle"] == ["levels"]


@pytest.mark.parametrize("imaging", [None, "not_done"])
def test_an_accident_is_told_first_with_its_day_whether_or_not_a_scan_is_known(
    run: Run, tmp_path: Path, imaging: str | None
) -> None:
    start = tmp_path / "answers.json"
    start.write_text(document(serious_accident=True, imaging_result=imaging), "utf-8")
    said = one_line(run("ask --patient --from", "u\n" * 60, str(start)).stdout)
    first = said.partition("For your visit")[2].partition("What published pages say")[0]
    assert "Because of what you said: - " in first
    assert "Ask a doctor or nurse today to check your back." in first
