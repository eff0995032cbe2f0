"""Answers that cannot all be true are named wherever a case is read, with ways to them."""

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with
from support.people.worklist_people import referral

from screening.records.access import Role
from screening.records.casework.cases import add_case

AGE = "The age and the birth year do not agree. Answered: Age: 59 years; recorded birth year: 1952."
HERNIATION = "Pain cannot come from a disc herniation that is not there."
UNFIT = "Answers contradict each other"
UNFOUND = {
    f"do-not-refer:{reason}"
    for reason in ("reason-against", "requirement-unmet", "not-as-described")
}


def born(nora: Nurse, app: Flask, site: int, year: int | None) -> Nurse:
    """The same person on another case."""
    new = referral(7, birth_year=year)
    case_id = add_case(app.extensions["records"], nora.actor, site, new, uuid4().hex)
    return replace(nora, case_id=case_id)


def test_an_age_beside_another_birth_year_is_said_wherever_the_case_is_read(nora: Nurse) -> None:
    assessed(nora, age="59")
    for way in ("", "missing", "assessments/1", "assessments/1/letter"):
        assert AGE in nora.page(way).text, way
    page = nora.page("assessments/1")
    assert page.text.index(AGE) < page.text.index(UNFIT)
    assert UNFIT in page.headings_of("h2")
    assert {f"/case/{nora.case_id}/#q-age", f"/case/{nora.case_id}/referral"} <= set(page.links)
    nora.answer(age="74")
    assert "do not agree" not in nora.page().text


def test_nothing_is_favourable_over_a_contradiction(nora: Nurse) -> None:
    assessed(nora)
    assert "Documented requirements met" in nora.page("assessments/1").headings_of("h2")
    assessed(nora, disc_pain="yes")
    text = nora.page("assessments/2").text
    assert HERNIATION in text
    assert "Documented requirements met" not in nora.page("assessments/2").headings_of("h2")


def test_saving_by_itself_tells_it_with_the_ways(nora: Nurse) -> None:
    data = nora.sheet()
    data["q-age"] = "59"
    told = nora.post("section", data).json
    assert told is not None
    assert [each["words"] for each in told["contradictions"]] == [AGE]
    (links,) = (dict(each["links"]) for each in told["contradictions"])
    assert links == {
        "Age": "#q-age",
        "Birth year on the referral": f"/case/{nora.case_id}/referral",
    }
    data = nora.sheet()
    data["q-age"] = "74"
    assert nora.post("section", data).json["contradictions"] == []  # type: ignore[index]


def test_a_case_without_a_birth_year_contradicts_no_age(app: Flask, site: int, nora: Nurse) -> None:
    other = assessed(born(nora, app, site, None), age="59")
    for way in ("", "assessments/1", "assessments/1/letter"):
        assert "do not agree" not in other.page(way).text


def test_an_age_under_20_is_a_red_flag_where_the_birth_year_says_the_same(
    app: Flask, site: int, nora: Nurse
) -> None:
    young = assessed(born(nora, app, site, 2014), age="12")
    said = "Ask a clinician to review this first. The patient is under 20"
    for way in ("", "assessments/1", "assessments/1/letter"):
        assert said in young.page(way).text


def test_people_who_only_read_are_told_as_well(hire: Callable[..., Nurse], nora: Nurse) -> None:
    assessed(nora, age="59")
    auditor = hire("Aude Auditor", Role.AUDITOR)
    assert AGE in auditor.page().text
    audit = auditor.client.get(f"/audit/{nora.case_id}/1/").text
    assert AGE in audit.replace("&#39;", "'")


@pytest.mark.parametrize("child", ["disc_pain"])
def test_the_sheet_leads_to_both_questions(nora: Nurse, child: str) -> None:
    nora.answer(disc_herniation="no", **{child: "yes"})
    page = nora.page()
    assert HERNIATION in page.text
    assert {"#q-disc_herniation", f"#q-{child}"} <= set(page.links)


def test_two_results_are_compared_by_their_birth_years(nora: Nurse) -> None:
    assessed(nora)
    edit = form_with(nora.page("referral"), "Save")
    edit["birth_year"] = "1940"
    assert nora.post("referral", edit).status_code == 303
    assessed(nora)
    text = nora.page("compare?before=1&after=2").text
    assert "Recorded birth year" in text
    assert "1940" in text


def test_a_decision_over_a_contradiction_claims_nothing_that_was_not_found(nora: Nurse) -> None:
    assessed(nora, disc_pain="yes")
    page = nora.page("assessments/1")
    offered = set(re.findall(r'type="radio" value="([^"]+)"', page.html))
    assert {"ask-more:answers-contradict", "do-not-refer:patient-declined"} <= offered
    assert not offered & UNFOUND
    for code in UNFOUND:
        form = form_with(page, "Record the decision")
        form["choice"] = code
        answer = nora.post("assessments/1/review", form)
        assert answer.status_code == 422
        assert "The computed result does not support this reason" in Page(answer.text).text
