"""A file of referrals: what is read, every problem by its row and column, and what is written."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.values.referral import PRIORITY_WORDS, Priority, Referral
from screening.formats.referrals.csv_table import MAX_PROBLEMS, MAX_ROWS, read_referrals
from screening.formats.referrals.csv_text import neutralise, write_table
from screening.formats.referrals.headings import read_columns, write_template
from screening.formats.referrals.table import Edits, Table
from screening.formats.referrals.text import FIELD_WORDS, FORMULA, texts_of

TODAY = dt.date(2026, 11, 30)
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority\n"
GOOD = "R-1,A. B.,1950,North clinic,urgent\n"


def read(text: str | bytes) -> Table:
    return read_referrals(text if isinstance(text, bytes) else text.encode(), TODAY)


def places(table: Table) -> list[tuple[int, int, str]]:
    return [(each.place.line, each.place.column, each.code) for each in table.problems]


def test_a_referral_is_read() -> None:
    (row,) = read(HEADING + GOOD).rows
    assert row.number == 2
    assert row.referral == Referral(
        reference="R-1",
        person="A. B.",
        birth_year=1950,
        clinic="North clinic",
        priority=Priority.URGENT,
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_a_byte_order_mark_make_no_difference(
    separator: str, ending: str, mark: str
) -> None:
    text = mark + (HEADING + GOOD).replace(",", separator).replace("\n", ending)
    assert read(text) == read(HEADING + GOOD)


def test_a_file_that_was_made_with_the_names_of_before_is_read() -> None:
    assert read("Reference,Person,Birth year,Clinic,Priority\n" + GOOD) == read(HEADING + GOOD)


def test_columns_may_stand_in_any_order_and_the_birth_year_may_be_left_out() -> None:
    (row,) = read("priority;REFERRING clinic; patient ;reference\nSoon;North;A;R-1\n").rows
    assert row.referral.birth_year is None
    assert (row.referral.priority, row.referral.reference) == (Priority.SOON, "R-1")


def test_empty_rows_and_columns_are_passed_over_and_counted() -> None:
    table = read(f"\n{HEADING.strip()},,\n\n,,,,\n{GOOD.strip()},,\n \n")
    assert [row.number for row in table.rows] == [5]
    assert table.counted == 1


def test_a_line_break_inside_quotes_is_a_space_and_starts_no_row() -> None:
    table = read(HEADING + '"R-1","A.\r\nB.",1950,"North, ""old"" clinic",urgent\n' + GOOD)
    assert [row.number for row in table.rows] == [2, 3]
    assert table.rows[0].referral.person == "A. B."
    assert table.rows[0].referral.clinic == 'North, "old" clinic'


def test_separators_of_lines_that_only_unicode_knows_split_no_row() -> None:
    (row,) = read(HEADING + "R-1,A\u2028B\x0bC\x85D,1950,North,soon\n").rows
    assert row.referral.person == "A B C D"


def test_what_nobody_sees_is_left_out_and_joiners_stay() -> None:
    (row,) = read(HEADING + "R\u200b-\u202e1\ufeff,A\u200cB\x07,,North,soon\n").rows
    assert (row.referral.reference, row.referral.person) == ("R-1", "A\u200cB")


@pytest.mark.parametrize(
    "blank",
    [
        *("\uffff\ufffe", "\ufdd0\ufdef", "\U0001fffe\U0010ffff"),
        *("\u200c\u200d", "\ufe0f", "\u034f", "\U000e0100 \u200d"),
    ],
)
def test_a_name_of_which_nothing_is_seen_is_missing(blank: str) -> None:
    assert places(read(f"{HEADING}R-1,{blank},,North,soon\n")) == [(2, 2, "missing")]
    (row,) = read(f"{HEADING}R-1,A{blank}B,,North,soon\n").rows
    assert not set(row.referral.person) & set("\uffff\ufffe\ufdd0\ufdef\U0001fffe\U0010ffff")


def test_an_unassigned_character_stays() -> None:
    """A later version of Unicode may know it."""
    (row,) = read(f"{HEADING}R-1,A\u0378\ufdf0,,North,soon\n").rows
    assert row.referral.person == "A\u0378\ufdf0"


def test_every_problem_is_told_at_once_by_row_and_column() -> None:
    long = "x" * 81
    table = read(f"{HEADING},A,50,{long},low\n{GOOD}=1,@b,2027,-c,\nR,+A,1899,C,soon,more\n")
    assert places(table) == [
        (2, 1, "missing"),
        (2, 3, "not-a-year"),
        (2, 4, "too-long"),
        (2, 5, "not-a-priority"),
        (4, 1, "formula"),
        (4, 2, "formula"),
        (4, 3, "not-a-year"),
        (4, 4, "formula"),
        (4, 5, "missing"),
        (5, 6, "too-many-cells"),
    ]
    assert [row.number for row in table.rows] == [3]
    assert table.problems[1].place.path == "Birth year"


@pytest.mark.parametrize("text", ["١٩٤٨", "۱۹۴۸", "१९४८", "\uff11\uff19\uff14\uff18"])
def test_a_birth_year_is_read_in_digits_of_any_script(text: str) -> None:
    (row,) = read(f"{HEADING}R-1,A,{text},North,soon\n").rows
    assert row.referral.birth_year == 1948


@pytest.mark.parametrize("text", ["194\u2078", "19\u0664", "\u216f", "1948 AD"])
def test_what_only_looks_like_one_is_refused(text: str) -> None:
    (problem,) = read(f"{HEADING}R-1,A,{text},North,soon\n").problems
    assert problem.code == "not-a-year"


def test_no_problem_repeats_a_cell() -> None:
    table = read(f"{HEADING}=CANARY,@CANARY,CANARY,{'CANARY' * 20},CANARY\n")
    assert len(table.problems) == 5
    assert "CANARY" not in repr(table.problems)


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Reference,Patient,Referring clinic", [(1, 0, "column-missing")]),
        ("Reference,Patient,Referring clinic,Priority,Phone", [(1, 5, "column-unknown")]),
        ("Reference,Patient,,Referring clinic,Priority", [(1, 3, "column-unknown")]),
        ("Reference,Patient,Patient,Referring clinic,Priority", [(1, 3, "column-twice")]),
        (
            "Referense,Patient,Referring clinic,Priority",
            [(1, 1, "column-unknown"), (1, 0, "column-missing")],
        ),
    ],
)
def test_a_heading_tells_each_column(heading: str, found: list[tuple[int, int, str]]) -> None:
    table = read(f"{heading}\n{GOOD}")
    assert places(table) == found
    assert table.rows == ()


def test_a_near_miss_of_a_heading_is_suggested() -> None:
    assert (
        read("Referense,Patient,Referring clinic,Priority").problems[0].hint
        == "Did you mean Reference?"
    )
    assert read("Shoe,Patient,Referring clinic,Priority").problems[0].hint == "Delete the column"


@pytest.mark.parametrize(
    "data",
    [
        (HEADING + "R-1,Zoë,1950,North,soon\n").encode("cp1252"),
        (HEADING + GOOD).encode("utf-16"),
        (HEADING + GOOD).encode("utf-16-be"),
        b"\0" * 9,
        b"\xff" * 9,
    ],
)
def test_what_is_not_utf8_text_is_refused_with_what_to_do(data: bytes) -> None:
    (problem,) = read(data).problems
    assert problem.code == "not-utf8"
    assert "CSV UTF-8" in problem.hint


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_spreadsheets_own_file_is_called_so_with_what_to_do(start: bytes) -> None:
    (problem,) = read(start + b"\xff\0" * 9).problems
    assert problem.code == "spreadsheet"
    assert "a spreadsheet file (such as .xlsx)" in problem.message
    assert "UTF-8" not in problem.message
    assert "Open it in the spreadsheet, choose “Save as” and “CSV UTF-8" in problem.hint


def test_a_letter_of_another_encoding_is_told_by_its_line() -> None:
    (problem,) = read((HEADING + GOOD + "R-2,Zoë,1950,North,soon\n").encode("cp1252")).problems
    assert "line 3" in problem.message


@pytest.mark.parametrize("line", ["sep=;", "SEP=;\r", '"sep=;"', "\ufeffsep=;", "sep=; "])
def test_a_first_line_that_names_the_separator_is_read_and_is_no_row(line: str) -> None:
    heading = HEADING.replace(",", ";")
    (row,) = read(f"{line}\n{heading}R-1;A, B.;1950;North, clinic;soon\n").rows
    assert (row.number, row.referral.person, row.referral.clinic) == (2, "A, B.", "North, clinic")


def test_a_tab_may_be_named_and_another_separator_is_refused() -> None:
    assert len(read("sep=\t\n" + (HEADING + GOOD).replace(",", "\t")).rows) == 1
    assert places(read("sep=|\n" + (HEADING + GOOD).replace(",", "|"))) == [(0, 0, "separator")]
    assert places(read("sep=;\n")) == [(0, 0, "empty")]


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        ('"=""00123"""', "00123"),
        ('="00123"', "00123"),
        ('" =""00123"" "', "00123"),
        ('"=""A """"1"""""""', 'A "1"'),
        ("'00123", "00123"),
        ("00123", "00123"),
        ("485777000001", "485777000001"),
        ("1E10", "1E10"),
        ("12E5", "12E5"),
        ("R-4.85777E+11", "R-4.85777E+11"),
        ("12-MAR", "12-MAR"),
        ("Mar-2026", "Mar-2026"),
        ("2026.01", "2026.01"),
    ],
)
def test_a_reference_that_was_marked_as_text_is_read_as_that_text(
    cell: str, reference: str
) -> None:
    (row,) = read(f"{HEADING}{cell},A,1950,North,soon\n").rows
    assert row.referral.reference == reference


@pytest.mark.parametrize(
    "cell",
    [
        "4.85777E+11", '"4,85777E+11"', "1.23457e+11", "5E+15", "1E-05",
        " 4.85777E+11 ",
        '"=""4.85777E+11"""', "123.0", '"123,00"', "12-Mar", "Mar-12", "3-Dec-26",
        "#NAME?", "#REF!", "#DIV/0!", "#N/A", "########",
    ],
)  # fmt: skip
def test_a_reference_that_a_spreadsheet_ruined_is_refused_at_its_row(cell: str) -> None:
    table = read(f"{HEADING}{GOOD}{cell},A,1950,North,soon\n{GOOD}")
    assert places(table) == [(3, 1, "ruined")]
    assert "Text" in table.problems[0].hint
    assert [row.number for row in table.rows] == [2, 4]


@pytest.mark.parametrize(("cell", "year"), [("1950.0", 1950), ('"1950,0"', 1950), ("'1950", 1950)])
def test_a_year_that_was_marked_as_a_number_or_text_is_read(cell: str, year: int) -> None:
    assert read(f"{HEADING}R,A,{cell},North,soon\n").rows[0].referral.birth_year == year


@pytest.mark.parametrize("cell", ["18264", "18264.0", "#VALUE!"])
def test_a_year_that_became_the_number_of_a_day_is_refused(cell: str) -> None:
    table = read(f"{HEADING}R,A,{cell},North,soon\n")
    assert places(table) == [(2, 3, "ruined")]
    assert table.rows == ()


def test_a_formula_inside_marked_text_is_still_a_formula() -> None:
    assert places(read(f'{HEADING}"=""=1+1""",A,,North,soon\n')) == [(2, 1, "formula")]


def test_an_apostrophe_at_the_start_of_a_name_stays() -> None:
    (row,) = read(f"{HEADING}R,'t Hooft,,'s-Hertogenbosch,soon\n").rows
    assert (row.referral.person, row.referral.clinic) == ("'t Hooft", "'s-Hertogenbosch")


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff", HEADING, f"{HEADING},,\n"])
def test_a_file_without_referrals_is_said_to_be_empty(data: str) -> None:
    assert [code for _, _, code in places(read(data))] == ["empty"]


@pytest.mark.parametrize("broken", ['R-2,"A. B.,1950,North,soon\n', 'R-2,"A"x,1950,North,soon\n'])
def test_quotes_that_do_not_match_end_the_reading_in_their_row(broken: str) -> None:
    table = read(HEADING + GOOD + broken + GOOD)
    assert places(table) == [(3, 0, "quotes")]


def test_more_rows_than_the_limit_are_refused() -> None:
    rows = "".join(f"R-{n},A. B.,,North,soon\n" for n in range(MAX_ROWS))
    assert len(read(HEADING + rows).rows) == MAX_ROWS
    assert places(read(HEADING + rows + GOOD)) == [(MAX_ROWS + 2, 0, "too-many-rows")]


def test_a_file_full_of_problems_is_not_listed_to_its_end() -> None:
    table = read(HEADING + "x,x,x,x,x\n" * MAX_ROWS)
    assert len(table.problems) <= MAX_PROBLEMS + 5
    assert table.problems[-1].code == "too-many-problems"


def test_the_template_is_a_file_without_referrals() -> None:
    assert places(read(write_template())) == [(0, 0, "empty")]


@pytest.mark.parametrize("start", [*FORMULA, "\t", "\r", "\n"])
def test_nothing_that_is_written_starts_a_formula(start: str) -> None:
    text = write_table(["A"], [[f"{start}cmd|' /C calc'!A0"]])
    assert next(csv.reader(io.StringIO(text.partition("\r\n")[2])))[0][0] == "'"


def test_other_cells_are_written_as_they_are() -> None:
    assert neutralise("A-1 + 2 = 3") == "A-1 + 2 = 3"


LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
LINES = st.text(LETTERS, max_size=30).map(lambda text: f"x{text}x")


@given(reference=LINES, person=LINES, clinic=LINES, year=st.none() | st.integers(1900, 2026))
def test_what_was_read_is_read_again_from_what_is_written(
    reference: str, person: str, clinic: str, year: int | None
) -> None:
    texts = (reference[:40], person, "" if year is None else str(year), clinic, "soon")
    (row,) = read(write_table(tuple(FIELD_WORDS.values()), [texts])).rows
    again = tuple(texts_of(row.referral).values())
    assert read(write_table(tuple(FIELD_WORDS.values()), [again])).rows == (row,)


def test_what_composes_once_the_unseen_is_left_out_is_composed() -> None:
    (row,) = read(f"{HEADING}R,a\u200b\u0301,,North,soon\n").rows
    assert row.referral.person == "\u00e1"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    table = read(data)
    assert table.problems or table.rows


@given(st.text(alphabet='R,;"\n\r\tA1=\u202e', max_size=200))
def test_any_table_is_read_or_told(text: str) -> None:
    table = read(HEADING + text)
    assert table.problems or table.rows
    assert {PRIORITY_WORDS[row.referral.priority] for row in table.rows} <= {"soon"}


def test_good_rows_are_read_beside_rows_to_correct() -> None:
    table = read(HEADING + GOOD + "R-2,,50,Hill,low\n" + "R-3,B,,Hill,soon,surplus\n")
    assert not table.broken
    assert [row.number for row in table.rows] == [2]
    wrong, surplus = table.unfit_rows
    assert dict(wrong.texts)["priority"] == "low"
    assert sorted(wrong.unfit) == ["birth_year", "person", "priority"]
    assert set(surplus.texts.values()) == {""}
    assert surplus.cells == ("R-3", "B", "", "Hill", "soon", "surplus")


def test_a_ruined_text_is_shown_and_not_taken_when_it_comes_back() -> None:
    text = HEADING + "3-May,A,,Hill,soon\n"
    (row,) = read(text).unfit_rows
    assert row.texts["reference"] == "3-May"
    again = read_referrals(text.encode(), TODAY, Edits(texts={2: row.texts}))
    assert [each.number for each in again.unfit_rows] == [2]


def test_typed_texts_are_read_in_place_of_the_row_and_a_settled_row_is_not_read() -> None:
    text = "Reference,Patient,Referring clinic,Priority\nR-1,,Hill,soon\nR-2,B,Hill,soon\n"
    typed = {"reference": "R-1", "person": "A", "birth_year": "1950", "clinic": "Hill"}
    edits = Edits(texts={2: {**typed, "priority": "soon"}}, settled=frozenset({3}))
    (row,) = read_referrals(text.encode(), TODAY, edits).rows
    assert row.referral.birth_year == 1950
    edits = Edits(texts={2: {**typed, "priority": "", "birth_year": "50"}})
    (wrong,) = read_referrals(text.encode(), TODAY, edits).unfit_rows
    assert sorted(wrong.unfit) == ["birth_year", "priority"]
    assert wrong.texts["birth_year"] == "50"


@pytest.mark.parametrize("text", ["", "Shoe\n", HEADING, HEADING + '"R-1', "sep=|\n" + HEADING])
def test_a_problem_of_more_than_a_row_breaks_the_file(text: str) -> None:
    assert read(text).broken


FOREIGN = "Ref no;Name;Shoe size;GP practice;Priorty\nR-1;A. B.;39;North clinic;urgent\n"


def test_columns_of_a_foreign_file_are_shown_with_examples_and_guesses() -> None:
    columns = read_columns((FOREIGN + "R-2;A. B.;40;North clinic;soon\n").encode())
    assert [each.heading for each in columns] == FOREIGN.split("\n", maxsplit=1)[0].split(";")
    assert [each.guess for each in columns] == ["", "", "", "", "priority"]
    assert columns[0].samples == ("R-1", "R-2")
    assert columns[1].samples == ("A. B.",)


def test_headings_and_examples_are_cut_and_an_exact_name_is_guessed_before_a_near_one() -> None:
    long, *near = read_columns(("x" * 99 + ",Referense,Reference\n" + "y" * 99 + ",,\n").encode())
    assert (len(long.heading), len(long.samples[0])) == (41, 41)
    assert [each.guess for each in near] == ["", "reference"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfea", b'"a', b"sep=|\na|b\n"])
def test_a_file_that_cannot_be_read_has_no_columns(data: bytes) -> None:
    assert read_columns(data) == ()


def test_columns_are_read_as_a_person_matched_them() -> None:
    edits = Edits(columns=("reference", "person", "", "clinic", "priority"))
    table = read_referrals(FOREIGN.encode(), TODAY, edits)
    assert [texts_of(row.referral)["clinic"] for row in table.rows] == ["North clinic"]
    assert table.rows[0].referral.birth_year is None
    assert read(FOREIGN).is_unmatched


def test_a_match_of_other_columns_or_without_a_needed_field_is_not_used() -> None:
    for columns in [("reference", "person"), ("reference", "person", "", "", "priority")]:
        assert read_referrals(FOREIGN.encode(), TODAY, Edits(columns=columns)).is_unmatched
    twice = ("reference", "person", "person", "clinic", "priority")
    assert read_referrals(FOREIGN.encode(), TODAY, Edits(columns=twice)).is_unmatched
