"""Days in numbers are read in the order that their column shows, and in none if it shows none."""

import datetime as dt

import pytest

from screening.formats.referrals.csv_table import read_referrals
from screening.formats.referrals.table import Edits, Table

TODAY = dt.date(2026, 11, 30)
HEADING = "Reference,Patient,Referring clinic,Priority,Date received\n"


def read(*days: str, edits: Edits | None = None) -> Table:
    rows = "".join(f"R-{at},A,North,soon,{day}\n" for at, day in enumerate(days))
    return read_referrals((HEADING + rows).encode(), TODAY, edits)


def days_of(table: Table) -> list[str]:
    return [str(row.referral.date_received) for row in table.rows]


def test_a_day_that_can_be_two_is_read_as_the_others_of_its_column() -> None:
    table = read("03/04/2026", "27/03/2026 08:15")
    assert days_of(table) == ["2026-04-03", "2026-03-27"]
    assert table.day_first is True
    table = read("03/04/2026", "03/27/2026")
    assert days_of(table) == ["2026-03-04", "2026-03-27"]
    assert table.day_first is False


@pytest.mark.parametrize(
    "others", [[], ["2026-03-27"], ["27/03/2026", "03/27/2026"], ["99/03/2026"], ["46108"]]
)
def test_a_column_that_shows_no_order_is_not_guessed_at(others: list[str]) -> None:
    table = read("03/04/2026", *others)
    assert "ambiguous-day" in {each.code for each in table.problems}
    assert table.day_first is None


def test_nothing_is_said_of_an_order_that_no_day_needs() -> None:
    assert read("27/03/2026", "4/4/2026").day_first is None


def test_a_row_with_another_problem_shows_the_day_as_it_is_read() -> None:
    rows = HEADING + "R-1,,North,soon,03/04/2026\nR-2,A,North,soon,27/03/2026\n"
    (row,) = read_referrals(rows.encode(), TODAY).unfit_rows
    assert row.texts["date_received"] == "2026-04-03"


def test_what_a_person_types_into_a_row_is_read_as_everywhere() -> None:
    typed = {"reference": "R-0", "person": "A", "clinic": "North", "priority": "soon"}
    edits = Edits(texts={2: typed | {"date_received": "03/04/2026"}})
    table = read("x", "27/03/2026", edits=edits)
    assert [row.unfit["date_received"].code for row in table.unfit_rows] == ["ambiguous-day"]
