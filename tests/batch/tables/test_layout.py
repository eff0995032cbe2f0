"""Columns are answers or kept; a name that is likely a slip is neither."""

import pytest
from support.rulesets import shipped

from screening.batch.tables.layout import ColumnsError, Slips, lay_out

RULES = shipped.ruleset()
USUAL = (
    *("id", "case_id", "patient_id", "name", "site", "reference", "hospital", "nhs_number"),
    *("visit_date", "created_at", "notes", "sex", "dob", "weight", "pain", "region"),
)


@pytest.mark.parametrize("name", ["Age", "scoliosys", "fever-chills", "birth year", "asof"])
def test_a_slip_is_refused_unless_it_is_kept(name: str) -> None:
    with pytest.raises(ColumnsError, match="rename the column"):
        lay_out(("levels", name), RULES, ())
    assert lay_out(("levels", name), RULES, (name,)).kept == (name,)


@pytest.mark.parametrize("name", USUAL)
def test_usual_names_are_no_slips(name: str) -> None:
    assert Slips(RULES).link_id(name) is None


@pytest.mark.parametrize(
    ("names", "keep", "wanted"),
    [
        (("id",), (), "no column has the link id"),
        (("age", "id", "age"), (), "columns 1 and 3 have the same name, “age”: rename one of them"),
        (("id", "age", "id", "id"), (), "columns 1, 3 and 4 have .* “id”: rename all but one"),
        (("age", "outcome"), (), "name of a column of results"),
        (("age", "needs.age"), (), "name of a column of results"),
        (("age",), ("ward",), "no column “ward” to keep"),
    ],
)
def test_columns_that_cannot_be_are_refused(
    names: tuple[str, ...], keep: tuple[str, ...], wanted: str
) -> None:
    with pytest.raises(ColumnsError, match=wanted):
        lay_out(names, RULES, keep)


def test_a_later_line_may_have_answers_that_the_first_has_not() -> None:
    assert lay_out(("age",), RULES, (), sparse=True).questions == tuple(RULES.items)
