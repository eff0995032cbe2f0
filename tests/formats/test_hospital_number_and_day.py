"""The hospital number and the date received: what is read, what is refused, and why."""

import datetime as dt

import pytest

from screening.core.values.referral import Referral
from screening.formats.referrals.csv_table import read_referrals
from screening.formats.referrals.headings import read_columns, write_template
from screening.formats.referrals.table import Edits, Table
from screening.formats.referrals.text import read_referral, texts_of

TODAY = dt.date(2026, 11, 30)
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority,Hospital number,Date received\n"
OLD = "Reference,Patient,Birth year,Referring clinic,Priority\n"
START = "R-1,A. B.,1950,North clinic,urgent"
TYPED = {"reference": "R-1", "person": "A. B.", "clinic": "North", "priority": "soon"}


def read(text: str) -> Table:
    return read_referrals(text.encode(), TODAY)


def typed(**more: str) -> tuple[Referral | None, dict[str, str]]:
    found, unfit = read_referral(TYPED | more, TODAY)
    return found, {name: str(error) for name, error in unfit.items()}


def test_both_are_read_and_written_again() -> None:
    (row,) = read(f"{HEADING}{START},00 123-4,27 March 2026\n").rows
    assert row.referral.hospital_number == "00 123-4"
    assert row.referral.date_received == dt.date(2026, 3, 27)
    texts = texts_of(row.referral)
    assert (texts["hospital_number"], texts["date_received"]) == ("00 123-4", "2026-03-27")
    assert read_referral(texts, TODAY) == (row.referral, {})


def test_neither_is_needed_and_a_file_of_before_is_read_without_them() -> None:
    for text in (f"{OLD}{START}\n", f"{HEADING}{START},,\n"):
        (row,) = read(text).rows
        assert row.referral.hospital_number is None
        assert row.referral.date_received is None
        assert texts_of(row.referral)["hospital_number"] == ""
        assert texts_of(row.referral)["date_received"] == ""


def test_the_file_to_fill_in_has_columns_for_both() -> None:
    assert write_template().strip() == HEADING.strip()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("=1+1", "Hospital number cannot start with"),
        ("9" * 41, "Hospital number has at most 40 characters; this has 41"),
        ("9.43E+09", "Hospital number was turned into a rounded number by a spreadsheet"),
    ],
)
def test_a_hospital_number_is_one_short_line(number: str, said: str) -> None:
    found, unfit = typed(hospital_number=number)
    assert found is None
    assert unfit["hospital_number"].startswith(said)


@pytest.mark.parametrize(("cell", "code"), [("12345.0", "ruined"), ("3-May", "ruined")])
def test_a_hospital_number_that_a_spreadsheet_changed_is_not_taken(cell: str, code: str) -> None:
    (problem,) = read(f"{HEADING}{START},{cell},\n").problems
    assert (problem.code, problem.place.path) == (code, "Hospital number")
    assert problem.message.startswith("Hospital number was turned into a ")


@pytest.mark.parametrize(
    "text",
    ["30 November 2026", "2026-11-30", "30/11/2026", "Nov 30, 2026", "2026-11-30 00:00:00"],
)
def test_a_day_is_read_as_everywhere_and_a_time_after_it_is_passed_over(text: str) -> None:
    (row,) = read(f'{HEADING}{START},,"{text}"\n').rows
    assert row.referral.date_received == TODAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "1 December 2026",
            "Date received is in the future; the latest possible date is 30 Novem",
        ),
        ("29 November 2016", "Date received is more than 10 years ago"),
        (
            "March 2026",
            "Date received must be a full date, such as 27 March 2026, or em",
        ),
        ("27/03/26", "Date received must be a full date"),
        ("soon", "Date received must be a full date"),
        ("31 November 2025", "Date received: 31 November 2025 does not exist; November has 30 da"),
        ("3/4/2026", "Date received can mean 3 April 2026 or 4 March 2026: write the month as a"),
    ],
)
def test_a_day_that_cannot_be_or_can_be_two_is_refused_with_its_reason(
    text: str, said: str
) -> None:
    found, unfit = typed(date_received=text)
    assert found is None
    assert unfit["date_received"].startswith(said)


def test_the_earliest_day_and_today_can_be() -> None:
    for day in (TODAY, dt.date(2016, 11, 30)):
        found, unfit = typed(date_received=day.isoformat())
        assert found is not None, unfit
        assert found.date_received == day


def test_ten_years_before_a_leap_day_is_the_last_of_february() -> None:
    leap = dt.date(2028, 2, 29)
    assert read_referral(TYPED | {"date_received": "2018-02-28"}, leap)[0] is not None
    assert read_referral(TYPED | {"date_received": "2018-02-27"}, leap)[0] is None


def test_the_number_by_which_a_spreadsheet_counts_days_is_not_taken_for_a_day() -> None:
    (problem,) = read(f"{HEADING}{START},,46108\n").problems
    assert (problem.code, problem.place.path) == ("ruined", "Date received")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("MRN", "hospital_number"),
        ("Hospital no.", "hospital_number"),
        ("NHS number", "hospital_number"),
        ("Patient_ID", "hospital_number"),
        ("Referral date", "date_received"),
        ("Received", "date_received"),
        ("date recieved", "date_received"),
    ],
)
def test_the_usual_headings_of_other_systems_are_guessed(heading: str, field: str) -> None:
    (column,) = read_columns(f"{heading}\nx\n".encode())
    assert column.guess == field


def test_our_own_name_is_guessed_before_that_of_another_system() -> None:
    columns = read_columns(b"NHS number,Referral date,Hospital number,Date received\n1,2,3,4\n")
    assert [each.guess for each in columns] == ["", "", "hospital_number", "date_received"]
    columns = read_columns(b"NHS number,MRN\n1,2\n")
    assert [each.guess for each in columns] == ["", "hospital_number"]


def test_a_guess_is_not_taken_unasked() -> None:
    assert read(f"MRN,{OLD}1,{START}\n").is_unmatched


def test_a_field_that_no_column_has_can_be_typed_on_the_page() -> None:
    texts = TYPED | {"hospital_number": "77", "date_received": "27/3/2026"}
    (row,) = read_referrals(f"{OLD}{START}\n".encode(), TODAY, Edits(texts={2: texts})).rows
    assert (row.referral.hospital_number, row.referral.date_received) == (
        "77",
        dt.date(2026, 3, 27),
    )
