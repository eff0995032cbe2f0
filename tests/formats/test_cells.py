"""Cells of tables come to answers; what only looks like one is refused."""

import datetime as dt

import pytest
from support.rulesets import shipped

from screening.core.values.answer import Value
from screening.core.values.span import month_of
from screening.formats.answers.cells import (
    check_screening_date,
    read_birth_year,
    read_cell,
    read_screening_date,
)
from screening.formats.answers.text import MisfitError

ITEMS = shipped.ruleset().items
TODAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("link_id", "cell", "wanted"),
    [
        ("fever_chills", " yes ", True),
        ("fever_chills", "  ", None),
        ("fever_chills", "asked-unknown", None),
        ("fever_chills", "TRUE", True),
        ("fever_chills", " False ", False),
        ("age", "74", 74),
        ("onset_date", "2026-10", month_of(2026, 10)),
        ("imaging_result", "not_done", "not_done"),
        ("imaging_kind", "mri, ct", frozenset({"ct", "mri"})),
        ("imaging_kind", "mri;ct", frozenset({"ct", "mri"})),
    ],
)
def test_a_cell_is_read(link_id: str, cell: str, wanted: Value | None) -> None:
    assert read_cell(ITEMS[link_id], cell, TODAY) == wanted


@pytest.mark.parametrize(
    ("link_id", "cell"),
    [
        ("fever_chills", "truth"),
        ("fever_chills", "1"),
        ("age", "true"),
        ("age", "seventy"),
        ("imaging_kind", "mri mri"),
        ("imaging_kind", "mri;"),
        ("imaging_result", "unknown thing"),
    ],
)
def test_a_cell_that_is_no_answer_is_refused(link_id: str, cell: str) -> None:
    with pytest.raises(MisfitError):
        read_cell(ITEMS[link_id], cell, TODAY)


def test_screening_dates_are_days_up_to_today() -> None:
    assert read_screening_date(" 2026-11-20", TODAY) == TODAY
    for wrong in ("2026-11", "2026-11-21", ""):
        with pytest.raises(MisfitError, match="a screening date from 1900-01-01 to 2026-11-20"):
            read_screening_date(wrong, TODAY)
    with pytest.raises(MisfitError):
        check_screening_date(dt.date(1899, 12, 31), TODAY)


def test_birth_years_are_four_digits() -> None:
    assert (read_birth_year(" 1948 "), read_birth_year("")) == (1948, None)
    assert read_birth_year("1948.0") == 1948
    for wrong in ("48", "48.0", "1948.5", "1948."):
        with pytest.raises(MisfitError):
            read_birth_year(wrong)
