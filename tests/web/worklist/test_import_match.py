"""A file with headings of its own: a person says which column is which field."""

import pytest
from flask.testing import FlaskClient
from support.pages.imports import confirm, confirmation, form_fields, stored, upload
from support.pages.page_reader import Page
from support.people.web_people import add_site
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.records.access import Actor
from screening.records.ledger.records import Records

FOREIGN = "Ref no,Name,Shoe size,GP practice,Priorty\n"
ROWS = "R-1,A. B.,39,North clinic,urgent\nR-2,C. D.,40,North clinic,low\n"
USES = ("reference", "person", "", "clinic", "priority")
MATCH = "/worklist/import/columns"


def match(client: FlaskClient, html: str, *uses: str) -> TestResponse:
    """Choose the fields of the columns, and press the button."""
    data = form_fields(html, MATCH)
    for at, name in enumerate(uses):
        data[f"use-{at}"] = name
    return client.post(MATCH, data=data)


def test_columns_are_matched_then_the_file_is_imported(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    asked = upload(client, FOREIGN + ROWS)
    page = Page(asked.text)
    assert asked.status_code == 200
    assert page.headings == ["Match the columns"]
    assert "Choose a column for: Reference, Patient, Referring clinic." in page.text
    assert "R-1 R-2" in page.text
    assert form_fields(asked.text, MATCH)["use-4"] == "priority"
    shown = match(client, asked.text, *USES)
    assert "2 referrals read, 1 with a problem" in Page(shown.text).text
    rest = confirm(client, confirmation(shown.text))
    assert "1 referral was added" in Page(rest.text).text
    data = confirmation(rest.text)
    data["row-3-priority"] = "soon"
    assert confirm(client, data).status_code == 303
    assert stored(sqlite_records, nurse_actor) == ["R-1", "R-2"]


@pytest.mark.parametrize(
    ("uses", "said"),
    [
        (("reference", "person", "", "", "priority"), "Choose a column for Referring clinic"),
        (
            ("reference", "person", "person", "clinic", "priority"),
            "Choose Patient for one column only",
        ),
        (("shoe", "person", "", "clinic", "priority"), "Choose a column for Reference"),
    ],
)
def test_a_match_that_is_not_whole_is_said_and_stays(
    client: FlaskClient, uses: tuple[str, ...], said: str
) -> None:
    answer = match(client, upload(client, FOREIGN + ROWS).text, *uses)
    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert form_fields(answer.text, MATCH)["use-1"] == "person"


def test_a_match_can_be_changed_from_the_preview(client: FlaskClient) -> None:
    shown = match(client, upload(client, FOREIGN + ROWS).text, *USES)
    again = client.post(MATCH, data=confirmation(shown.text) | {"again": "1"})
    data = form_fields(again.text, MATCH)
    assert [data.get(f"use-{at}") or "" for at in range(5)] == list(USES)


def test_a_match_of_a_file_that_did_not_arrive_whole_asks_for_the_file(client: FlaskClient) -> None:
    data = form_fields(upload(client, FOREIGN + ROWS).text, MATCH)
    data["packed"] = "x"
    assert "Choose the file once more" in client.post(MATCH, data=data).text
    data["site"] = "99"
    assert "no longer work" in client.post(MATCH, data=data).text


def test_columns_that_no_page_has_posted_are_passed_over(client: FlaskClient) -> None:
    shown = match(client, upload(client, FOREIGN + ROWS).text, *USES)
    data = confirmation(shown.text)
    data["columns"] = "shoe,person"
    answer = confirm(client, data)
    assert answer.status_code == 422
    assert "The file has" in Page(answer.text).text


def test_the_next_file_with_the_same_headings_goes_straight_to_the_preview(
    client: FlaskClient, sqlite_records: Records
) -> None:
    shown = match(client, upload(client, FOREIGN + ROWS).text, *USES)
    assert Page(upload(client, FOREIGN + ROWS).text).headings == ["Match the columns"]
    confirm(client, confirmation(shown.text))
    later = Page(upload(client, FOREIGN + "R-9,E. F.,41,South clinic,soon\n").text)
    assert "1 referral is new" in later.text
    assert "were matched to our columns" in later.text
    other = FOREIGN.replace("Ref no", "Ref nr")
    assert Page(upload(client, other + ROWS).text).headings == ["Match the columns"]
    south = add_site(sqlite_records, "South")
    assert "no longer work" in upload(client, FOREIGN + ROWS, south).text


def test_a_first_row_that_is_a_referral_is_not_lost_as_headings(client: FlaskClient) -> None:
    asked = upload(client, "NH-1,No Head,1940,Ward,soon\nNH-2,Two,1941,Ward,soon\n")
    answer = match(client, asked.text, "reference", "person", "birth_year", "clinic", "priority")
    assert answer.status_code == 422
    assert "The first row looks like a referral" in Page(answer.text).text


def test_headings_that_differ_only_at_their_end_are_not_the_same(client: FlaskClient) -> None:
    long = "Description of the field as exported from the register: "
    row = "R-1,A. B.,1950,North clinic,urgent\n"

    def headed(*names: str) -> str:
        return ",".join(long + name for name in names) + "\n" + row

    uses = ("reference", "person", "birth_year", "clinic", "priority")
    asked = upload(client, headed("number", "patient", "year", "clinic", "urgency"))
    shown = match(client, asked.text, *uses)
    assert confirm(client, confirmation(shown.text)).status_code == 303
    other = upload(client, headed("number", "clinic", "year", "patient", "urgency"))
    assert Page(other.text).headings == ["Match the columns"]


TWO_NAMES = "Ref no,Name,Shoe size,GP practice,Ward,Priorty\n"
TWO_WARDS = "R-1,A. B.,39,North clinic,Red,low\nR-2,C. D.,40,North clinic,Blue,soon,more\n"
BY_PRACTICE = ("reference", "person", "", "clinic", "", "priority")
BY_WARD = ("reference", "person", "", "", "clinic", "priority")


def corrected(client: FlaskClient, **typed: str) -> MultiDict[str, str]:
    """What the button to choose the columns again posts, once rows were corrected."""
    shown = match(client, upload(client, TWO_NAMES + TWO_WARDS).text, *BY_PRACTICE)
    data = confirmation(shown.text)
    for name, text in {"again": "1", **typed}.items():
        data[name] = text
    return data


def test_columns_chosen_again_keep_the_corrections_that_still_fit(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    typed = {"row-2-priority": "urgent", "row-2-person": "Ann", "row-2-clinic": "Typed"}
    again = client.post(MATCH, data=corrected(client, **typed))
    wrong = match(client, again.text, *BY_WARD[:-1], "")
    assert wrong.status_code == 422
    shown = match(client, wrong.text, *BY_WARD)
    page = Page(shown.text)
    assert "1 referral is new" in page.text
    assert "Ann" in page.text
    assert "urgent" in page.text
    assert "Red" in page.text, "the clinic is read from another column now"
    confirm(client, confirmation(shown.text))
    assert stored(sqlite_records, nurse_actor) == ["R-1"]


def test_columns_chosen_again_keep_what_was_typed_for_a_row_of_too_many_cells(
    client: FlaskClient,
) -> None:
    typed = {"row-3-reference": "R-2", "row-3-clinic": "Typed", "left-out": "2"}
    again = client.post(MATCH, data=corrected(client, **typed))
    data = confirmation(match(client, again.text, *BY_WARD).text)
    assert (data["row-3-reference"], data["row-3-clinic"]) == ("R-2", "Typed")
    assert data["left-out"] == "2"


def test_a_row_is_left_out_as_long_as_it_has_a_problem(client: FlaskClient) -> None:
    typed = {"left-out": "2", "row-2-priority": "soon"}
    again = client.post(MATCH, data=corrected(client, **typed))
    same = confirmation(match(client, again.text, *BY_PRACTICE).text)
    assert (same["left-out"], same["row-2-priority"]) == ("2", "low")
    whole = TWO_NAMES.replace("Priorty", "Urgency") + "R-1,A. B.,39,soon,Red,low\n"
    shown = match(client, upload(client, whole).text, *BY_PRACTICE)
    data = confirmation(shown.text) | {"again": "1", "left-out": "2"}
    by_other = ("reference", "person", "", "priority", "clinic", "")
    fit = match(client, client.post(MATCH, data=data).text, *by_other)
    assert "1 referral is new" in Page(fit.text).text
