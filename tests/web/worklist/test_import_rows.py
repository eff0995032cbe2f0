"""Rows of an imported file with a problem: corrected on the page, or left out; others are added."""

from flask.testing import FlaskClient
from support.pages.imports import HEADING, confirm, confirmation, lines, stored, upload
from support.pages.page_reader import Page

from screening.records.access import Actor
from screening.records.casework.cases import find_case
from screening.records.ledger.records import Records
from screening.web.worklist.import_rows import AT_ONCE

WRONG = "W-1,,50,Hill,low\nW-2,Bea,,Hill,soon,surplus\n"


def test_each_row_with_a_problem_is_a_form_with_what_the_file_has(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    answer = upload(client, HEADING + lines(2) + WRONG)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "2 rows have problems" in page.text
    assert "4 referrals read, 2 with problems" in page.text
    assert "#row-4-person" in page.links
    assert "W-2 | Bea | | Hill | soon | surplus" in page.text
    data = confirmation(answer.text)
    assert (data["row-4-birth_year"], data["row-4-priority"]) == ("50", "low")
    assert data["row-5-reference"] == ""
    assert stored(sqlite_records, nurse_actor) == []


def test_each_problem_of_a_row_is_named(client: FlaskClient) -> None:
    page = Page(upload(client, HEADING + WRONG).text)
    fields = ["person", "birth_year", "priority"]
    named = [link for link in page.links if link.startswith("#row-")]
    assert named == [*(f"#row-2-{each}" for each in fields), "#row-3-reference"]
    for problem in ("Enter initials or a name", "Birth year must be", "Priority is one of"):
        assert f"Row 2: {problem}" in page.text


def test_a_row_that_looks_like_another_says_in_which_fields(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    here = find_case(sqlite_records, nurse_actor, case_id).referral
    same = f"{here.person},{here.birth_year},Hill,soon"
    rows = f"{here.reference},Else,,Hill,soon\nX-1,{same}\n{here.reference},{same}\n"
    page = Page(upload(client, HEADING + rows + lines(1) + lines(1)).text)
    reference, person = "same reference", "same patient and birth year"
    says = [
        f"{here.reference} (opens in a new tab) , already here {each}"
        for each in (
            reference,
            person,
            f"{reference}, {person}",
        )
    ]
    places = [page.text.index(each) for each in says]
    assert places == sorted(places)
    assert f"row 5 of this file {reference}, {person}" in page.text


def test_good_rows_are_added_and_the_others_stay_on_the_page(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(2) + WRONG).text)
    data["row-4-person"] = "Ann Typed"
    answer = confirm(client, data)
    assert answer.status_code == 200
    assert (
        "2 referrals were added. 2 rows have problems and were not added" in Page(answer.text).text
    )
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1"]
    rest = confirmation(answer.text)
    assert rest["row-4-person"] == "Ann Typed"
    rest["row-4-birth_year"], rest["row-4-priority"] = "1950", "soon"
    rest["left-out"] = "5"
    done = confirm(client, rest)
    assert done.headers["Location"] == "/worklist/?sort=created"
    assert "1 referral was added." in client.get(done.headers["Location"]).text
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1", "W-1"]


def test_pressing_twice_adds_once_and_shows_the_same_rows(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(2) + WRONG).text)
    pages = [Page(confirm(client, data).text).text for _ in range(2)]
    assert pages[0] == pages[1]
    assert "2 referrals were added. 2 rows have problems and were not added" in pages[0]
    assert len(stored(sqlite_records, nurse_actor)) == 2


def test_rows_that_are_not_added_while_others_are_corrected_are_all_told(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    assert confirm(client, confirmation(upload(client, HEADING + lines(1)).text)).status_code == 303
    data = confirmation(upload(client, HEADING + lines(2) + WRONG).text)
    data["left-out"] = "5"
    for _ in range(2):
        said = Page(confirm(client, data).text).text
        assert "1 referral was added. You left out 1 row of the file: row number 5." in said
        assert "1 row of the file was not added, because the patient may already have a" in said
        assert "case: row number 2. 1 row has a problem and was not added. Correct it" in said
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1"]


def test_a_reference_that_is_here_is_said_of_a_corrected_row_before_it_is_added(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    data = confirmation(upload(client, HEADING + lines(1) + ",Ann,,Hill,soon\n").text)
    data["row-3-reference"] = "R-00001"
    answer = confirm(client, data)
    page = Page(answer.text)
    assert "1 referral may be for a patient who already has a case" in page.text
    assert f"/case/{case_id}/" in page.links
    assert stored(sqlite_records, nurse_actor) == ["R-00001"]
    again = confirmation(answer.text)
    assert again["row-3-reference"] == "R-00001"
    assert confirm(client, again).status_code == 303
    assert stored(sqlite_records, nurse_actor) == ["N-0", "R-00001"]


def test_when_nothing_is_correct_nothing_is_added_and_what_was_typed_stays(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + WRONG).text)
    data["row-2-birth_year"] = "nineteen"
    data["left-out"] = "3"
    answer = confirm(client, data)
    assert answer.status_code == 422
    kept = confirmation(answer.text)
    assert (kept["row-2-birth_year"], kept["left-out"]) == ("nineteen", "3")
    kept.setlist("left-out", ["2", "3"])
    done = confirm(client, kept)
    said = client.get(done.headers["Location"]).text
    assert (
        "No referrals were added, because you left out every row."
        " You left out 2 rows of the file: row numbers 2, 3." in said
    )
    assert stored(sqlite_records, nurse_actor) == []


def test_a_corrected_row_that_is_left_out_is_not_added(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(1) + "W-1,,,Hill,soon\n").text)
    data["row-3-person"], data["left-out"] = "Ann", "3"
    assert confirm(client, data).status_code == 303
    assert stored(sqlite_records, nurse_actor) == ["N-0"]


def test_many_rows_to_correct_come_one_page_after_another(client: FlaskClient) -> None:
    wrong = "".join(f"W-{n},,,Hill,soon\n" for n in range(AT_ONCE + 3))
    shown = upload(client, HEADING + wrong)
    assert "You will see 3 more rows to correct" in Page(shown.text).text
    data = confirmation(shown.text)
    data.setlist("left-out", [str(n) for n in range(2, AT_ONCE + 1)])
    data[f"row-{AT_ONCE + 1}-person"] = "Ann"
    rest = Page(confirm(client, data).text)
    assert f"Row {AT_ONCE + 2} of the file" in rest.text
    assert "3 rows have problems and were not added" in rest.text
    assert f"Row {AT_ONCE} of the file" not in rest.text


def test_a_file_of_nothing_but_rows_to_correct_is_read_on_after_some_are_left_out(
    client: FlaskClient,
) -> None:
    wrong = "".join(f"W-{n},,,Hill,soon\n" for n in range(AT_ONCE + 3))
    data = confirmation(upload(client, HEADING + wrong).text)
    data.setlist("left-out", [str(n) for n in range(2, AT_ONCE + 2)])
    rest = Page(confirm(client, data).text)
    assert f"Row {AT_ONCE + 2} of the file" in rest.text


def test_names_and_numbers_that_no_page_has_posted_are_passed_over(client: FlaskClient) -> None:
    data = confirmation(upload(client, HEADING + lines(1)).text)
    data.setlist("left-out", ["x", "-1", "9" * 50])
    data["settled"] = "y 99999999999999999999"
    data["row-2-shoe"] = data["row-x-person"] = "z"
    assert confirm(client, data).status_code == 303


def test_the_last_page_says_which_rows_were_not_added_and_says_it_again(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    assert confirm(client, confirmation(upload(client, HEADING + lines(1)).text)).status_code == 303
    data = confirmation(upload(client, HEADING + lines(2) + "W-1,,,Hill,soon\n").text)
    data["left-out"] = "4"
    for _ in range(2):
        location = confirm(client, data).headers["Location"]
        said = Page(client.get(location).text).text
        assert "1 referral was added. You left out 1 row of the file: row number 4." in said
        assert "1 row of the file was not added, because the patient may already" in said
        assert "have a case: row number 2." in said
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1"]


def test_of_many_rows_the_first_numbers_are_told_and_the_others_counted(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    confirm(client, confirmation(upload(client, HEADING + lines(22)).text))
    location = confirm(client, confirmation(upload(client, HEADING + lines(23)).text)).location
    said = Page(client.get(location).text).text
    assert "22 rows of the file were not added, because the patients may already have cases" in said
    assert "row numbers 2, 3, 4," in said
    assert ", 20, 21 and 2 other rows." in said
    assert len(stored(sqlite_records, nurse_actor)) == 23


def test_a_ticked_row_is_not_added_twice_by_the_page_of_before(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    assert case_id
    again = "R-00001,Other,1980,Hill,soon\n"
    data = confirmation(upload(client, HEADING + again + WRONG).text)
    data["row"] = "2"
    assert "1 referral was added" in Page(confirm(client, data).text).text
    assert stored(sqlite_records, nurse_actor) == ["R-00001", "R-00001"]
    data["row-3-person"], data["row-3-birth_year"], data["row-3-priority"] = "Ann", "", "soon"
    shown = confirm(client, data)  # by the browser's Back, with one more correction
    page = Page(shown.text)
    assert "Some of these rows may be for a patient who already has a case." in page.text
    assert stored(sqlite_records, nurse_actor) == ["R-00001", "R-00001"]
    assert "row" not in confirmation(shown.text)
    assert "1 referral was added" in Page(confirm(client, confirmation(shown.text)).text).text
    assert stored(sqlite_records, nurse_actor) == ["R-00001", "R-00001", "W-1"]


def test_rows_that_were_added_are_doubtful_when_the_page_of_before_is_sent_again(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(2) + WRONG).text)
    confirm(client, data)
    data["row-4-person"], data["row-4-birth_year"], data["row-4-priority"] = "Ann", "", "soon"
    shown = confirm(client, data)
    assert "2 referrals may be for patients who already have a case" in Page(shown.text).text
    confirm(client, confirmation(shown.text))
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1", "W-1"]
