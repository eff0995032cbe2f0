"""The trace of a kept assessment: a list, a table and a picture, all from what was stored."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from support.casework.screened_cases import Screened, decide
from support.pages.page_reader import Page
from support.people import worklist_people
from support.rulesets import shipped
from support.rulesets.other_rules import VERSION, app_by, case_with, exclusion_that_holds, without
from support.storage.database_owner import unguarded
from support.storage.forgery import forge_decision

from screening.core.results.decision import Choice, Decision
from screening.core.rules.ruleset import Tier
from screening.core.values.wording import Audience
from screening.records.access import Actor
from screening.records.case.assessment_content import open_content, seal_content
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.ledger.records import Records
from screening.records.results.decisions import NewDecision, record_review
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import AssessmentRow
from screening.words.shared.conditions import words_of_condition

Kinds = Callable[[], list[str]]


def trace(client: FlaskClient, case_id: str) -> str:
    answer = client.get(f"/audit/{case_id}/1/")
    assert answer.status_code == 200
    return answer.text


def test_every_criterion_stands_in_the_list_and_in_the_table(
    client: FlaskClient, screened: Screened
) -> None:
    html = trace(client, screened.cases[0])
    read = Page(html).text
    ruleset = shipped.ruleset()
    for criterion in ruleset.criteria:
        assert read.count(" ".join(criterion.say.nurse.split())) >= 2, criterion.id
        condition = words_of_condition(criterion.condition, ruleset.items, Audience.NURSE)
        assert " ".join(condition.split()) in read, criterion.id
        assert all(" ".join(each.quote.split()) in read for each in criterion.citations)
    assert html.count('class="judged__one ') == len(ruleset.criteria)


def test_what_does_not_hold_says_why_with_the_answer_and_who_gave_it(
    client: FlaskClient, screened: Screened
) -> None:
    for case_id in screened.cases:
        html = trace(client, case_id)
        content = open_case(screened.records, screened.nurse, case_id).assessment(1).content
        truths = [each["truth"] for each in content["assessment"]["criteria"]]
        for truth, words in (("false", "Why it is not met:"), ("true", "Why it is met:")):
            assert html.count(f"<b>{words}</b>") == truths.count(truth)
        assert html.count("<b>Why it is not known:</b>") == truths.count("unknown")
    assert "the answer is <b>no</b> <span" in html
    assert re.search(
        r"\(<bdi>Nora Nurse, 20 November 2026, \d+:\d\d, typed and saved</bdi>\)", html
    )


def test_the_result_tells_an_auditor_that_it_was_replayed(
    client: FlaskClient, screened: Screened
) -> None:
    page = client.get(f"/case/{screened.cases[0]}/assessments/1")
    assert "Replayed today: same result." in page.text


def test_the_rules_and_the_day_are_those_that_were_recorded(
    client: FlaskClient, screened: Screened
) -> None:
    case_id = screened.cases[0]
    stored = open_case(screened.records, screened.nurse, case_id).assessment(1)
    read = Page(trace(client, case_id)).text
    for told in (stored.ruleset_digest, stored.ruleset_version, stored.as_of.isoformat(), case_id):
        assert told in read


def test_no_title_tells_whose_result_it_is(client: FlaskClient, screened: Screened) -> None:
    """A browser keeps the titles of pages in its history."""
    case = screened.cases[0]
    for way in (f"{case}/1/", f"{case}/views"):
        page = Page(client.get(f"/audit/{way}").text)
        assert "R-0" in page.text
        assert "R-0" not in page.title


def test_the_picture_has_its_equivalent_in_words(client: FlaskClient, screened: Screened) -> None:
    reached = 0
    for case_id in screened.cases:
        html = trace(client, case_id)
        content = open_case(screened.records, screened.nurse, case_id).assessment(1).content
        possible = content["assessment"]["outcome"]["possible"]
        told = re.search(r'<desc id="path-desc">(.*?)</desc>', html)
        assert told
        decided = len(possible) == 1
        assert told[1].count("Yes: this is the outcome.") == decided
        assert told[1].count("still possible") == (0 if decided else len(possible))
        steps = html[html.index('<ol class="steps">') :]
        for outcome in shipped.ruleset().outcomes:
            assert outcome.name in told[1]
            assert outcome.name in steps[: steps.index("</ol>")]
        reached += decided
    assert 0 < reached < len(screened.cases)


def test_a_review_stands_apart_from_what_was_computed(
    client: FlaskClient, screened: Screened, nora: Actor, records: Records
) -> None:
    case_id = screened.cases[0]
    outcome = open_case(records, nora, case_id).assessment(1).content["assessment"]["outcome"]
    version = find_case(records, nora, case_id).version
    reason = "against-not-asked" if outcome["favourable"] else "refer-newer-knowledge"
    key = uuid4().hex
    seen = shipped.ruleset().items_of(Tier.EMERGENCY)
    decided = NewDecision(choice=Choice(Decision.OVERRIDE, reason), note="She said so", seen=seen)
    record_review(open_case(records, nora, case_id), 1, version, decided, shipped.ruleset(), key)
    html = trace(client, case_id)
    section = html[html.index('<section class="review"') :]
    section = section[: section.index("</section>")]
    assert "(override)" in section
    assert "She said so" in section
    assert html.count("She said so") == 1


def test_an_assessment_comes_out_the_same_byte_for_byte(
    client: FlaskClient, screened: Screened
) -> None:
    for case_id in screened.cases:
        read = Page(trace(client, case_id)).text
        assert "Replayed today: same result, byte for byte" in read
        assert "They are the same rules." in read


def test_a_result_that_was_exchanged_by_who_has_the_keys_comes_out_otherwise(
    client: FlaskClient, screened: Screened, records: Records
) -> None:
    """The page shows what is stored, and says that its own rules give something else."""
    case_id = screened.cases[0]
    exchange(records, case_id)
    read = Page(trace(client, case_id)).text
    assert "Different from what was stored: the result." in read
    assert "Replayed today: same result, byte for byte" not in read
    verdict = Page(client.get("/audit/ledger/verify").text).text
    assert "Faults found" in verdict
    assert "it is not as the ledger says" in verdict
    assert client.get(f"/audit/{case_id}/1/evidence.json").status_code == 503
    assert client.get("/audit/ledger/head.jsonl").status_code == 503


def test_a_forged_decision_is_not_called_the_same(
    client: FlaskClient, screened: Screened, records: Records
) -> None:
    decide(screened)
    case_id = screened.cases[0]
    assert "Replayed today: same result, byte for byte" in Page(trace(client, case_id)).text
    forge_decision(records)
    read = Page(trace(client, case_id)).text
    assert "Replayed today: same result, byte for byte" not in read
    assert "The ledger does not confirm" in read
    assert "a decision on this case" in read


def exchange(records: Records, case_id: str) -> None:
    """Write another result behind the application's back."""
    with records.database.writing() as session, unguarded(session):
        row = session.query(AssessmentRow).filter_by(case_id=case_id).one()
        key = load_key(session, records.keyring(), case_id)
        content = open_content(key, row.sealed, row.id, row.case_version)
        content["assessment"]["outcome"]["favourable"] ^= True
        row.sealed, _ = seal_content(key, content, row.id, row.case_version)


def test_other_rules_at_the_desk_change_nothing_but_say_what_would_turn(
    screened: Screened, auditor: Actor
) -> None:
    gone = exclusion_that_holds(screened)
    case_id = case_with(screened, gone)
    client = worklist_people.signed_in(app_by(without(gone), screened.records), auditor)
    html = trace(client, case_id)
    read = Page(html).text
    said = " ".join(shipped.ruleset().criterion(gone).say.nurse.split())
    assert "Replayed today: same result, byte for byte" in read
    assert (
        f"Rules documented {VERSION}, {'f' * 12}, the same answers, the same screening date" in read
    )
    assert said in html[html.index('id="replay"') :]
    assert "not in these rules" in read
    assert shipped.ruleset().digest in read
    assert html.count('class="judged__one ') == len(shipped.ruleset().criteria)


def test_each_look_is_one_event(client: FlaskClient, screened: Screened, kinds: Kinds) -> None:
    case_id = screened.cases[0]
    kinds()
    trace(client, case_id)
    assert kinds() == ["assessment-viewed"]
    client.get(f"/audit/{case_id}/1/evidence.json")
    client.get(f"/audit/{case_id}/1/evidence.pdf")
    assert kinds() == ["evidence-made", "evidence-made"]
    client.get(f"/audit/{case_id}/views")
    assert kinds() == ["case-views-read"]
    client.get("/audit/ledger")
    client.get("/audit/ledger/head.jsonl")
    assert kinds() == ["ledger-read"] * 2
    assert "No faults found" in client.get("/audit/ledger/verify").text
    assert kinds() == ["ledger-read", "ledger-verified"]
    assert client.get("/audit/impact", query_string={"rules": shipped.ruleset().digest}).text
    assert kinds() == ["impact-read"]


@pytest.mark.parametrize("way", ["1/", "1/evidence.json", "1/evidence.pdf"])
def test_a_result_of_another_site_does_not_exist(
    client: FlaskClient, elsewhere: Screened, kinds: Kinds, way: str
) -> None:
    kinds()
    assert client.get(f"/audit/{elsewhere.cases[0]}/{way}").status_code == 404
    assert client.get(f"/audit/{elsewhere.cases[0]}/views").status_code == 404
    assert kinds() == []


def test_who_saw_a_case_is_told_with_every_look(
    client: FlaskClient, screened: Screened, nora: Actor
) -> None:
    case_id, other = screened.cases[:2]
    nurse = worklist_people.signed_in(client.application, nora)
    nurse.get(f"/case/{case_id}/")
    nurse.get(f"/case/{other}/")
    trace(client, case_id)
    read = Page(client.get(f"/audit/{case_id}/views").text).text
    assert "3 looks by 2 people" in read
    for words in (
        "Nora Nurse opened a page of the case",
        "Ada Auditor audited the result: result 1",
        "Ada Auditor read who saw the case",
    ):
        assert read.count(words) == 1, words
