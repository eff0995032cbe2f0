"""Answers that cannot all be true, and grave ones, are said before the result, and at once."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

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


def test_a_result_that_cannot_come_out_favourable_says_so(run: Run) -> None:
    said = one_line(run("assess -", document(leg_weakness=None, scoliosis=True)).stdout)
    assert said.index("not ruled out") < said.index("Cannot come out favourable: Scoliosis")


def test_the_day_until_which_it_is_in_time_is_said(run: Run) -> None:
    said = one_line(run("assess -", document()).stdout)
    assert (
        "The time window ends on 5 December 2026; what counts is the day of the procedure" in said
    )


def test_explain_says_what_follows_from_the_order_of_events(run: Run) -> None:
    open_date = document(diagnosis_date=None, onset_date=dt.date(2026, 10, 5))
    said = one_line(run("assess - --explain", open_date).stdout)
    narrowed = (
        "on or after 5 October 2026, because “Onset of the fracture” was answered “5 October 2026”"
    )
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
    idle = said.partition("Answers that cannot change the result")[2]
    assert "Levels in one session" in idle
    assert "Date of the imaging" not in idle
    data = json.loads(run("assess - --json", text).stdout)
    assert data["idle"] == ["levels"]
