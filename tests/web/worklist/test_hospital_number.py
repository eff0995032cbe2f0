"""The hospital number and the date received, from form or file to pages and export."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from support.pages.imports import HEADING, confirm, confirmation, form_fields, stored, upload
from support.pages.page_reader import Page
from support.people import worklist_people
from werkzeug.test import TestResponse

from screening.core.values.referral import Referral
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.casework.cases import change_referral
from screening.records.ledger.records import Records
from screening.records.worklist.worklist import Query, worklist

NEW = "/worklist/new"
DAY = dt.date(2026, 3, 27)
WIDE = HEADING.strip() + ",Hospital number,Date received\n"
TYPED = {
    "once": "a" * 32,
    "reference": "R-1",
    "person": "A. B.",
    "birth_year": "1950",
    "clinic": "Hill practice",
    "priority": "soon",
    "site": "1",
    "hospital_number": " H 4711 ",
    "date_received": "27/3/2026",
}


def kept(records: Records, actor: Actor) -> list[Referral]:
    found = worklist(records, actor, Query(sort="created", descending=False))
    return [case.referral for case in found.cases]


def test_both_are_typed_and_shown_on_the_pages_of_the_case(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    answer = client.post(NEW, data=TYPED)
    (referral,) = kept(sqlite_records, nurse_actor)
    assert (referral.hospital_number, referral.date_received) == ("H 4711", DAY)
    for address in (answer.headers["Location"], answer.headers["Location"] + "referral"):
        page = client.get(address).text
        assert "hospital number H 4711" in Page(page).text
        assert "received 27 March 2026" in Page(page).text
        assert "4711" not in page[page.index("<title>") : page.index("</title>")]
    fields = form_fields(page, address)
    assert fields["hospital_number"] == "H 4711"
    assert fields["date_received"] == "27 March 2026"


def test_a_case_without_them_says_nothing_of_them(client: FlaskClient) -> None:
    answer = client.post(NEW, data=TYPED | {"hospital_number": "", "date_received": ""})
    said = Page(client.get(answer.headers["Location"]).text).text
    assert "hospital number" not in said
    assert "received" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3/4/2026", "Date received can mean 3 April 2026 or 4 March 2026"),
        ("1 December 2026", "Date received is in the future"),
        ("1999-01-01", "Date received is more than 10 years ago"),
    ],
)
def test_a_day_that_cannot_be_is_said_at_its_field_and_stays(
    client: FlaskClient, text: str, said: str
) -> None:
    answer = client.post(NEW, data=TYPED | {"date_received": text})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert "#date_received" in page.links
    assert form_fields(answer.text, NEW)["hospital_number"] == " H 4711 "
    assert 'aria-describedby="date_received-hint date_received-error"' in answer.text


def test_an_equal_hospital_number_asks_first_and_says_why(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    client.post(NEW, data=TYPED)
    other = TYPED | {"once": "b" * 32, "reference": "R-2", "person": "C", "birth_year": ""}
    asked = client.post(NEW, data=other)
    page = Page(asked.text)
    assert "Is this patient here already?" in page.headings
    assert "same hospital number" in page.text
    assert page.text.count("hospital number H 4711") == 2
    assert "received 27 March 2026" in page.text
    assert client.post(NEW, data=form_fields(asked.text, NEW)).status_code == 303
    assert [each.hospital_number for each in kept(sqlite_records, nurse_actor)] == ["H 4711"] * 2


def test_edits_of_two_people_are_merged(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    address = f"/case/{case_id}/referral"
    data = form_fields(client.get(address).text, address)
    theirs = worklist_people.referral(1, hospital_number="H 1", date_received=DAY)
    change_referral(open_case(sqlite_records, nurse_actor, case_id), 1, theirs, "theirs-0001")
    data["hospital_number"] = "H 2"
    answer = client.post(address, data=data)
    page = Page(answer.text)
    assert answer.status_code == 409
    assert "Hospital number nothing H 1 H 2 , which is in the form" in page.text
    assert "Date received nothing 27 March 2026 no change" in page.text
    assert client.post(address, data=form_fields(answer.text, address)).status_code == 303
    (saved,) = kept(sqlite_records, nurse_actor)
    assert (saved.hospital_number, saved.date_received) == ("H 2", DAY)


def test_a_file_brings_both_and_bad_ones_are_corrected_on_the_page(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    good = "R-1,A. B.,1950,North clinic,urgent,00 815,2026-03-27 08:15\n"
    bad = "R-2,C. D.,1951,North clinic,soon,9.43E+09,3/4/2026\n"
    shown = upload(client, WIDE + good + bad)
    page = Page(shown.text)
    assert "hospital number 00 815" in page.text
    assert "received 27 March 2026" in page.text
    assert "Row 3: Hospital number was turned into a rounded number by a spreadsheet" in page.text
    rest = confirm(client, confirmation(shown.text))
    data = confirmation(rest.text)
    assert data["row-3-date_received"] == "3/4/2026"
    data["row-3-hospital_number"], data["row-3-date_received"] = "9434765919", "3 April 2026"
    assert confirm(client, data).status_code == 303
    first, second = kept(sqlite_records, nurse_actor)
    assert (first.hospital_number, first.date_received) == ("00 815", DAY)
    assert second.hospital_number == "9434765919"
    assert second.date_received == dt.date(2026, 4, 3)


@pytest.mark.parametrize(
    ("other", "order", "day"),
    [
        ("27/03/2026", "day, month, year", "received 3 April 2026"),
        ("03/27/2026", "month, day, year", "received 4 March 2026"),
    ],
)
def test_the_page_says_in_which_order_days_in_numbers_were_read(
    client: FlaskClient, other: str, order: str, day: str
) -> None:
    rows = f"R-1,A,,North clinic,soon,,03/04/2026\nR-2,B,,North clinic,soon,,{other}\n"
    said = Page(upload(client, WIDE + rows).text).text
    assert f"Dates such as 03/04/2026 were read as {order}" in said
    assert day in said
    assert (
        "Dates such as" not in Page(upload(client, WIDE + rows.replace("03/04", "3/3")).text).text
    )


def test_a_row_with_the_hospital_number_of_a_case_is_left_out_unless_ticked(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    client.post(NEW, data=TYPED)
    row = "R-9,Z,,North clinic,soon,h-4711,\n"
    page = Page(upload(client, WIDE + row).text)
    assert "may be for a patient who already has a case" in page.text
    assert stored(sqlite_records, nurse_actor) == ["R-1"]


def match(client: FlaskClient, shown: TestResponse) -> TestResponse:
    """Take the columns as they were guessed."""
    return client.post("/worklist/import/columns", data=form_fields(shown.text, COLUMNS))


COLUMNS = "/worklist/import/columns"


def test_headings_of_a_hospital_system_are_matched_and_remembered(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    heading = "MRN,Referral date," + HEADING
    asked = upload(client, heading + "815,27/03/2026,R-1,A. B.,1950,North clinic,urgent\n")
    assert Page(asked.text).headings == ["Match the columns"]
    confirm(client, confirmation(match(client, asked).text))
    (first,) = kept(sqlite_records, nurse_actor)
    assert (first.hospital_number, first.date_received) == ("815", DAY)
    later = upload(client, heading + "816,28/03/2026,R-2,C. D.,1951,North clinic,soon\n")
    assert "hospital number 816" in Page(later.text).text


def test_what_is_exported_can_be_imported(
    client: FlaskClient, lead: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    client.post(NEW, data=TYPED)
    exported = lead.get("/worklist/export.csv").data.decode("utf-8-sig")
    heading, row = exported.splitlines()
    assert ",Hospital number,Date received," in heading
    assert ",H 4711,2026-03-27," in row
    other = row.replace("R-1", "R-2").replace("A. B.", "C. D.").replace("4711", "4712")
    asked = upload(client, f"{heading}\n{other}\n")
    confirm(client, confirmation(match(client, asked).text))
    before, after = kept(sqlite_records, nurse_actor)
    assert (after.hospital_number, after.date_received) == ("H 4712", before.date_received)
