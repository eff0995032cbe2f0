"""The whole work on a case, on SQLite and on PostgreSQL."""

from threading import Barrier, Thread
from uuid import uuid4

from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with
from support.people.typed_answers import typed
from support.people.web_people import add_site, casework_app
from support.people.worklist_people import person, referral, signed_in
from support.rulesets import shipped

from screening.records.access import Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, find_case
from screening.records.ledger.records import Records

AT_ONCE = 8


def begun(records: Records) -> Nurse:
    app = casework_app(records)
    nurse = person(records, Role.NURSE, sites=[add_site(records, "North")], name="Nora Nurse")
    (site,) = nurse.sites
    case_id = add_case(records, nurse, site, referral(), uuid4().hex)
    return Nurse(signed_in(app, nurse), nurse, case_id)


def test_from_the_first_answer_to_the_decision(records: Records) -> None:
    nora = begun(records)
    nora.answer(leg_weakness="no")
    data = nora.sheet()
    for name, values in typed(shipped.ruleset(), shipped.favourable()).lists():
        data.setlist(name, values)
    assert nora.post("section", data).get_json()["errors"] == {}
    assert nora.answer("assess").status_code == 303
    review = form_with(nora.page("assessments/1"), "Record the decision")
    review["choice"] = "refer:requirements-met"
    assert nora.post("assessments/1/review", review).status_code == 303
    assert find_case(records, nora.actor, nora.case_id).state is State.DECIDED
    assert "Refer" in Page(nora.get("assessments/1/letter").text).text


def test_eight_presses_at_once_make_one_result(records: Records) -> None:
    nora = begun(records)
    app = nora.client.application
    data = nora.sheet()
    data["q-leg_weakness"] = "no"
    cookies = [nora.client.get_cookie(name) for name in ("screening", "screening-session")]
    start, answers = Barrier(AT_ONCE), list[str]()

    def press() -> None:
        client = app.test_client()
        for cookie in filter(None, cookies):
            client.set_cookie(cookie.key, cookie.value)
        start.wait()
        answers.append(client.post(f"/case/{nora.case_id}/assess", data=data).location)

    threads = [Thread(target=press) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_case(records, nora.actor, nora.case_id).history.changes) == 1
    assert len(open_case(records, nora.actor, nora.case_id).assessments) == 1
    assert {each.rpartition("/")[2] for each in answers} == {"1"}
