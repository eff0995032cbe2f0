"""Referrals are added and changed: nothing typed is lost, nobody is added twice unasked."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.casework.case_writes import nothing
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.visitor import focused
from support.people.web_people import add_site
from support.rulesets import shipped
from werkzeug.datastructures import MultiDict

from screening.core.values.answer import Answer
from screening.core.values.referral import Priority
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import change_referral, close_case, find_case
from screening.records.ledger.records import Records
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import set_rights
from screening.records.worklist.worklist import Query, worklist

Typed = dict[str, str]


def typed(once: str = "a" * 32, **changes: str) -> Typed:
    """A form that was filled in."""
    given = {
        "reference": "R-1",
        "person": "A. B.",
        "birth_year": "1950",
        "clinic": "Hill practice",
        "priority": "soon",
        "site": "1",
    }
    return given | {"once": once} | changes


def cases(records: Records, actor: Actor) -> list[str]:
    found = worklist(records, actor, Query(sort="created", descending=False))
    return [case.referral.reference for case in found.cases]


def form_to(page: Page, address: str) -> MultiDict[str, str]:
    """What the form of an address on a page would post."""
    (found,) = [form for form in page.forms if form.action == address]
    return MultiDict(found.fields)


def test_the_first_field_has_the_focus_unless_errors_take_it(
    app: Flask, client: FlaskClient, sqlite_records: Records, site: int, case_id: str
) -> None:
    assert focused(Page(client.get("/worklist/new").text)) == ["reference"]
    assert focused(Page(client.post("/worklist/new", data=typed(priority="")).text)) == []
    assert focused(Page(client.get(f"/case/{case_id}/referral").text)) == []
    south = add_site(sqlite_records, "South")
    both = worklist_people.person(sqlite_records, Role.NURSE, sites=[site, south], name="Bo Both")
    page = Page(worklist_people.signed_in(app, both).get("/worklist/new").text)
    assert focused(page) == ["site"]


def test_a_referral_is_added_and_screened_next(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    answer = client.post("/worklist/new", data=typed(priority="urgent", person="  A.\u200b  B. "))
    assert answer.status_code == 303
    (case_id,) = re.findall("/case/([0-9a-f]{32})/", answer.headers["Location"])
    case = find_case(sqlite_records, nurse_actor, case_id)
    assert case.referral == worklist_people.referral(
        1,
        reference="R-1",
        person="A. B.",
        birth_year=1950,
        clinic="Hill practice",
        priority=Priority.URGENT,
    )
    assert case.created_by == "Nora Nurse"


def test_one_more_can_be_added_at_once(client: FlaskClient) -> None:
    answer = client.post("/worklist/new", data=typed(then="another"), follow_redirects=True)
    page = Page(answer.text)
    assert "New referral" in page.headings
    assert "The referral was added." in page.text
    assert form_to(page, "/worklist/new")["reference"] == ""


def test_every_mistake_is_told_at_its_field_and_what_was_typed_stays(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    wrong = typed(reference="=1+1", person="", birth_year="50", clinic="x" * 81, priority="low")
    answer = client.post("/worklist/new", data=wrong)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Error: ")
    links = {"#reference", "#person", "#birth_year", "#clinic", "#priority"}
    assert links <= set(page.links)
    assert {link[1:] for link in links} <= set(page.ids)
    again = form_to(page, "/worklist/new")
    assert {name: again[name] for name in ("reference", "person", "birth_year", "clinic")} == {
        name: wrong[name] for name in ("reference", "person", "birth_year", "clinic")
    }
    assert cases(sqlite_records, nurse_actor) == []


def test_a_reference_that_a_spreadsheet_ruined_is_refused(client: FlaskClient) -> None:
    answer = client.post("/worklist/new", data=typed(reference="1.23457E+11"))
    assert answer.status_code == 422
    assert "some digits are lost" in Page(answer.text).text


def test_a_double_click_adds_one(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    answers = [client.post("/worklist/new", data=typed()) for _ in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {answers[0].headers["Location"]}
    assert cases(sqlite_records, nurse_actor) == ["R-1"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reference": " r 1 ", "person": "Other", "birth_year": ""}, "same reference"),
        ({"reference": "R-2", "person": "B. A."}, "same patient and birth year"),
        ({"reference": "R-1"}, "same reference, same patient and birth year"),
    ],
)
def test_a_possible_duplicate_is_asked_about_and_nothing_typed_is_lost(
    client: FlaskClient,
    sqlite_records: Records,
    nurse_actor: Actor,
    changes: Typed,
    why: str,
) -> None:
    first = client.post("/worklist/new", data=typed()).headers["Location"]
    again = typed("b" * 32, **changes)
    page = Page(client.post("/worklist/new", data=again).text)
    assert "Is this patient here already?" in page.headings
    assert why in page.text
    assert first in page.links  # it is the same: open it
    assert len(cases(sqlite_records, nurse_actor)) == 1
    carried = form_to(page, "/worklist/new")
    back = Page(client.post("/worklist/new", data={**carried.to_dict(), "action": "change"}).text)
    assert form_to(back, "/worklist/new")["person"] == again["person"]
    added = client.post("/worklist/new", data=carried)
    assert added.status_code == 303
    assert len(cases(sqlite_records, nurse_actor)) == 2


def test_a_duplicate_that_came_after_the_warning_is_asked_about_too(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    client.post("/worklist/new", data=typed())
    page = Page(client.post("/worklist/new", data=typed("b" * 32)).text)
    other = Page(client.post("/worklist/new", data=typed("c" * 32)).text)
    client.post("/worklist/new", data=form_to(page, "/worklist/new"))
    answer = client.post("/worklist/new", data=form_to(other, "/worklist/new"))
    assert answer.status_code == 200
    assert len(cases(sqlite_records, nurse_actor)) == 2


def test_a_referral_is_changed(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    data["birth_year"] = "1960"
    assert client.post(address, data=data).headers["Location"] == f"/case/{case_id}/"
    assert find_case(sqlite_records, nurse_actor, case_id).referral.birth_year == 1960
    assert client.post(address, data=data).status_code == 303  # once more: done already
    assert find_case(sqlite_records, nurse_actor, case_id).version == 2


def test_the_second_saver_sees_the_difference_and_loses_nothing(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str, site: int
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    other = worklist_people.person(sqlite_records, Role.NURSE, sites=[site], name="Otto Other")
    theirs = worklist_people.referral(1, person="Theirs", clinic="Their clinic")
    change_referral(open_case(sqlite_records, other, case_id), 1, theirs, "theirs-0001")
    data["person"], data["birth_year"] = "Mine", "1960"
    answer = client.post(address, data=data)
    page = Page(answer.text)
    assert answer.status_code == 409
    assert "Somebody else has changed this referral" in page.text
    assert "by Otto Other" in page.text
    assert "Theirs" in page.text
    again = form_to(page, address)
    kept = [again[name] for name in ("person", "birth_year", "clinic")]
    assert kept == ["Mine", "1960", "Their clinic"]
    assert find_case(sqlite_records, nurse_actor, case_id).referral == theirs
    again["priority"] = "soon"
    assert client.post(address, data=again).status_code == 303
    saved = find_case(sqlite_records, nurse_actor, case_id).referral
    assert (saved.person, saved.birth_year, saved.clinic) == ("Mine", 1960, "Their clinic")


def test_who_changed_it_in_another_window_is_told_so(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    theirs = worklist_people.referral(1, clinic="Their clinic")
    change_referral(open_case(sqlite_records, nurse_actor, case_id), 1, theirs, "theirs-0001")
    page = Page(client.post(address, data=data | {"person": "Mine"}).text)
    assert "This referral has changed since you opened it" in page.text
    assert "by you, in another window" in page.text
    assert "Somebody else" not in page.text


def test_answers_that_came_meanwhile_are_no_conflict(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    answers = {"scoliosis": Answer(value=True)}
    save_answers(
        open_case(sqlite_records, nurse_actor, case_id),
        Submission(
            version=1, answers=answers, how=EntryMethod.FORM, idempotency_key="answers-0001"
        ),
        find_warnings=nothing,
    )
    data["person"] = "Mine"
    assert client.post(address, data=data).status_code == 303
    case = find_case(sqlite_records, nurse_actor, case_id)
    assert (case.referral.person, case.version) == ("Mine", 3)


def test_a_mistake_keeps_the_version_and_what_was_opened(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    theirs = worklist_people.referral(1, clinic="Their clinic")
    change_referral(open_case(sqlite_records, nurse_actor, case_id), 1, theirs, "theirs-0001")
    data["birth_year"] = "x"
    page = Page(client.post(address, data=data).text)
    again = form_to(page, address)
    assert (again["version"], again["was-clinic"]) == ("1", data["was-clinic"])
    again["birth_year"] = "1960"
    assert client.post(address, data=again).status_code == 409


def test_a_form_that_changes_nothing_says_so(client: FlaskClient, case_id: str) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    said = Page(client.post(address, data=data, follow_redirects=True).text).text
    assert "Nothing was changed." in said
    assert "The referral was changed." not in said


def test_on_a_closed_case_what_was_typed_is_kept_and_the_reason_is_given(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_to(Page(client.get(address).text), address)
    close_case(open_case(sqlite_records, nurse_actor, case_id), 1, shipped.ruleset(), "closes-0001")
    data["clinic"] = "Typed clinic"
    answer = client.post(address, data=data)
    page = Page(answer.text)
    assert answer.status_code == 409
    assert "Not saved: this case is closed." in page.text
    assert form_to(page, address)["clinic"] == "Typed clinic"
    assert client.get(address).status_code == 303


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_case_of_another_site_is_not_there(
    app: Flask, sqlite_records: Records, case_id: str, method: str
) -> None:
    other = worklist_people.person(sqlite_records, Role.NURSE, sites=[], name="Otto Other")
    client = worklist_people.signed_in(app, other)
    data = typed(version="1") if method == "post" else {}
    for each in (case_id, "0" * 32):
        answer = client.open(f"/case/{each}/referral", method=method.upper(), data=data)
        assert answer.status_code == 404


def test_a_site_is_chosen_where_there_are_several_and_of_ones_own_alone(
    app: Flask, sqlite_records: Records, site: int
) -> None:
    south, west = add_site(sqlite_records, "South"), add_site(sqlite_records, "West")
    both = worklist_people.person(sqlite_records, Role.NURSE, sites=[site, south], name="Bo Both")
    client = worklist_people.signed_in(app, both)
    for chosen in ("", str(west), "x"):
        answer = client.post("/worklist/new", data=typed(site=chosen))
        assert answer.status_code == 422
        assert "Choose the site" in Page(answer.text).text
    assert client.post("/worklist/new", data=typed(site=str(south))).status_code == 303
    (case,) = worklist(sqlite_records, both, Query()).cases
    assert case.site_name == "South"


def test_a_form_that_was_opened_for_another_site_asks_and_keeps_what_was_typed(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int
) -> None:
    form = form_to(Page(client.get("/worklist/new").text), "/worklist/new")
    assert form["site"] == str(site)
    south = add_site(sqlite_records, "South")
    at_south = frozenset({south})
    worklist_people.person(sqlite_records, Role.ADMINISTRATOR, sites=[], name="Ada Admin")
    set_rights(sqlite_records, COMMAND_LINE, nurse_actor.id, nurse_actor.roles, at_south)
    form = MultiDict({**form, **typed(once=form["once"], site=form["site"])})
    answer = client.post("/worklist/new", data=form)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "for a site where you no longer work" in page.text
    assert "#site" in page.links
    again = form_to(page, "/worklist/new")
    assert again["person"] == form["person"]
    moved = replace(nurse_actor, sites=at_south)
    assert cases(sqlite_records, moved) == []
    assert client.post("/worklist/new", data={**again, "site": str(south)}).status_code == 303
    assert cases(sqlite_records, moved) == ["R-1"]


def test_a_form_that_names_no_site_is_not_added_at_the_only_one(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    answer = client.post("/worklist/new", data=typed(site=""))
    assert answer.status_code == 422
    assert "Choose the site" in Page(answer.text).text
    assert cases(sqlite_records, nurse_actor) == []


def test_a_form_without_a_key_or_a_version_writes_nothing(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    for key in ("", "x' OR 1=1"):
        assert (
            client.post("/worklist/new", data=typed(once=key, reference="N-1")).status_code == 400
        )
    answer = client.post(f"/case/{case_id}/referral", data=typed(version="1 OR 1"))
    assert answer.status_code == 400
    assert len(cases(sqlite_records, nurse_actor)) == 1
