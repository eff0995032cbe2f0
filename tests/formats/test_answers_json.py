"""Answers documents: every mistake at its JSON path with an expectation, and nothing guessed."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from support.services.costs import AT_ONCE, cost

from screening.core.values.answer import AbsentReason, Answer
from screening.errors import DocumentError, Problem
from screening.files.rule_files import load_ruleset
from screening.formats.documents.answers_json import read_answers, write_answers
from screening.formats.documents.strict_json import MAX_CHARACTERS, MAX_ENTRIES

RULESET = load_ruleset("tiny", Path(__file__).parents[1] / "data" / "cli" / "rules")
TODAY = dt.date(2026, 11, 21)
DAY = "2026-11-20"


def problems(data: bytes | str) -> list[Problem]:
    """The problems of a document, which must have some, found at once."""
    found: list[Problem] = []

    def read() -> None:
        with pytest.raises(DocumentError) as caught:
            read_answers(data, RULESET, TODAY)
        found[:] = caught.value.problems

    assert cost(read) < AT_ONCE
    return found


def of(answers: str, as_of: str = f'"{DAY}"') -> str:
    return f'{{"as_of": {as_of}, "answers": {answers}}}'


def paths(data: bytes | str) -> dict[str, str]:
    """Path to code."""
    return {problem.place.path: problem.code for problem in problems(data)}


def test_each_kind_of_answer_is_read() -> None:
    answers: dict[str, Any] = {
        "weak": False,
        "curve": "mild",
        "scans": ["mri", "xray"],
        "levels": 3,
        "seen": "2026-10-01",
        "fever": {"absent": "asked-declined"},
    }
    read, as_of, _ = read_answers(of(json.dumps(answers)), RULESET, TODAY)
    assert as_of == dt.date(2026, 11, 20)
    assert read == {
        "weak": Answer(value=False),
        "curve": Answer(value="mild"),
        "scans": Answer(value=frozenset({"mri", "xray"})),
        "levels": Answer(value=3),
        "seen": Answer(value=dt.date(2026, 10, 1)),
        "fever": Answer(absent=AbsentReason.ASKED_DECLINED),
    }
    assert write_answers(read, as_of) == {"as_of": DAY, "answers": answers}


@pytest.mark.parametrize("reason", AbsentReason)
def test_each_absent_reason_is_read(reason: AbsentReason) -> None:
    read, *_ = read_answers(of(f'{{"weak": {{"absent": "{reason.value}"}}}}'), RULESET, TODAY)
    assert read == {"weak": Answer(absent=reason)}


def test_a_byte_order_mark_says_nothing() -> None:
    assert read_answers(b"\xef\xbb\xbf" + of("{}").encode(), RULESET, TODAY)[0] == {}
    assert read_answers("\ufeff" + of("{}"), RULESET, TODAY)[0] == {}


WRONG = [
    ("weak", "1", "true or false"),
    ("weak", '"yes"', "true or false"),
    ("weak", '"true"', "true or false"),
    ("weak", "null", "true or false"),
    ("weak", "[true]", "true or false"),
    ("curve", "true", '"none", "mild", "severe"'),
    ("curve", '""', '"none", "mild", "severe"'),
    ("curve", '"Mild"', '"none", "mild", "severe"'),
    ("curve", '["mild"]', '"none", "mild", "severe"'),
    ("scans", '"mri"', 'a list of one or more of "xray", "mri", each once'),
    ("scans", "[]", "a list of one or more"),
    ("scans", '["mri", "mri"]', "a list of one or more"),
    ("scans", '["mri", 1]', "a list of one or more"),
    ("scans", '["mri", ["xray"]]', "a list of one or more"),
    ("scans", '["mri", "ct"]', "a list of one or more"),
    ("levels", "true", "a whole number from 1 to 24, without a decimal point"),
    ("levels", "3.0", "a whole number from 1 to 24, without a decimal point"),
    ("levels", '"3"', "a whole number from 1 to 24"),
    ("levels", "0", "a whole number from 1 to 24"),
    ("levels", "25", "a whole number from 1 to 24"),
    ("levels", "-1", "a whole number from 1 to 24"),
    ("levels", "NaN", "a whole number from 1 to 24"),
    ("levels", "Infinity", "a whole number from 1 to 24"),
    ("levels", "-Infinity", "a whole number from 1 to 24"),
    ("levels", "1e400", "a whole number from 1 to 24"),
    ("levels", "1e0", "a whole number from 1 to 24"),
    ("levels", "9" * 5000, "a whole number from 1 to 24"),
    ("seen", '"2026-02-30"', "a day that exists"),
    ("seen", '"20261001"', "a day that exists"),
    ("seen", '"2026-10-1"', "a day that exists"),
    ("seen", '" 2026-10-01"', "a day that exists"),
    ("seen", '"2026-10-01T00:00:00"', "a day that exists"),
    ("seen", '"\uff12\uff10\uff12\uff16-10-01"', "a day that exists"),
    ("seen", "20261001", "a day that exists"),
    ("seen", '"2026-11-21"', "a day not after the screening date, 2026-11-20"),
]


@pytest.mark.parametrize(("link_id", "raw", "wanted"), WRONG)
def test_what_does_not_fit_is_refused_with_what_would(link_id: str, raw: str, wanted: str) -> None:
    (problem,) = problems(of(f'{{"{link_id}": {raw}}}'))
    assert problem.place.path == f"$.answers.{link_id}"
    assert problem.code == "misfit"
    assert wanted in problem.hint
    assert '{"absent": "asked-unknown"}' in problem.hint


@pytest.mark.parametrize(
    "raw", ["{}", '{"absent": "dunno"}', '{"absent": null}', '{"absent": "unknown", "x": 1}',
            '{"absent": {"absent": "unknown"}}', '{"value": 3}']
)  # fmt: skip
def test_what_is_no_absent_reason_is_refused_with_those_that_are(raw: str) -> None:
    (problem,) = problems(of(f'{{"levels": {raw}}}'))
    assert problem.place.path == "$.answers.levels"
    assert "asked-unknown, asked-declined, temp-unknown" in problem.hint


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("null", "not-a-date"),
        ("20261120", "not-a-date"),
        ('"2026-02-30"', "not-a-date"),
        ('"2026-11-20T10:00"', "not-a-date"),
        ('"20261120"', "not-a-date"),
        ('""', "not-a-date"),
        ("NaN", "not-a-date"),
        ('"2026-11-22"', "future-date"),
        ('"9999-12-31"', "future-date"),
    ],
)
def test_a_screening_date_that_cannot_be_is_refused(raw: str, code: str) -> None:
    (problem,) = problems(of("{}", raw))
    assert (problem.place.path, problem.code) == ("$.as_of", code)
    assert "expected: a day" in problem.hint


def test_days_in_the_future_are_seen_whatever_the_screening_date_is() -> None:
    assert paths(of('{"seen": "2026-11-22"}', '"nonsense"')) == {
        "$.as_of": "not-a-date",
        "$.answers.seen": "misfit",
    }


@pytest.mark.parametrize(
    "text", ["[]", "null", "3", '"x"', "true", "[{}]"], ids=["list", "null", "3", "x", "true", "in"]
)
def test_what_is_no_object_at_the_top_is_told_the_shape(text: str) -> None:
    (problem,) = problems(text)
    assert (problem.place.path, problem.code) == ("$", "wrong-shape")
    assert '{"as_of": "2026-11-20", "answers": {…}}' in problem.hint


@pytest.mark.parametrize("raw", ["null", "[]", "3", '"x"'])
def test_answers_that_are_no_object_are_refused(raw: str) -> None:
    assert paths(of(raw)) == {"$.answers": "wrong-shape"}


def test_missing_and_unknown_fields_are_told() -> None:
    found = problems('{"answer": {}}')
    assert {problem.place.path: problem.code for problem in found} == {
        "$.answer": "unknown-field",
        "$.as_of": "missing-field",
        "$.answers": "missing-field",
    }
    assert found[0].hint == "did you mean `answers`?"


def test_an_unknown_link_id_is_told_the_nearest() -> None:
    (problem,) = problems(of('{"levls": 3}'))
    assert (problem.place.path, problem.code) == ("$.answers.levls", "unknown-item")
    assert problem.hint == "did you mean `levels`?"


def test_an_unknown_code_is_told_the_nearest() -> None:
    assert problems(of('{"curve": "sever"}'))[0].hint.endswith("did you mean `severe`?")
    assert problems(of('{"scans": ["mry"]}'))[0].hint.endswith("did you mean `mri`?")


def test_a_name_given_twice_is_refused_wherever_it_stands() -> None:
    text = of('{"weak": true, "weak": false, "fever": {"absent": "unknown", "absent": "unknown"}}')
    assert paths(text) == {
        "$.answers.weak": "duplicate-key",
        "$.answers.fever.absent": "duplicate-key",
    }
    twice = f'{{"as_of": "{DAY}", "answers": {{}}, "answers": {{"weak": true}}}}'
    assert paths(twice) == {"$.answers": "duplicate-key"}


def test_all_problems_are_told_at_once() -> None:
    text = (
        '{"as_of": "2027-01-01", "extra": 1, "answers": {"weak": "no", "levels": NaN,'
        ' "seen": "2026-02-30", "curve": 1e400, "curve": "x", "nobody": 1}}'
    )
    assert paths(text) == {
        "$.answers.curve": "misfit",
        "$.extra": "unknown-field",
        "$.as_of": "future-date",
        "$.answers.weak": "misfit",
        "$.answers.levels": "misfit",
        "$.answers.seen": "misfit",
        "$.answers.nobody": "unknown-item",
    }
    assert "duplicate-key" in {problem.code for problem in problems(text)}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "empty-document"),
        (b"", "empty-document"),
        (b"\xef\xbb\xbf", "empty-document"),
        (" \n\t", "empty-document"),
        (b"\xff\xfe{\x00}\x00", "not-text"),
        (b"\x89PNG\r\n\x1a\n", "not-text"),
        (b" " * (10 << 20), "too-large"),
        (" " * (MAX_CHARACTERS + 1), "too-large"),
        ("[" * 100_000, "too-deep"),
        ("[" * 100_000 + "]" * 100_000, "too-deep"),
        ('{"a":' * 100_000, "too-deep"),
        (of("[" * 100 + "]" * 100), "too-deep"),
        (of("{" + ", ".join(f'"x{n}": 1' for n in range(MAX_ENTRIES + 1)) + "}"), "too-many"),
        (of('{"scans": [' + "1," * MAX_ENTRIES + "1]}"), "too-many"),
    ],
    ids=lambda value: None if isinstance(value, str) and len(value) < 20 else "…",
)
def test_a_hostile_document_is_refused_at_once(data: bytes | str, code: str) -> None:
    (problem,) = problems(data)
    assert problem.code == code
    assert problem.place.path.startswith("$")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("{", 1, 2),
        ('{"as_of": "2026-11-20",\n "answers": {"weak" true}}', 2, 21),
        (of("{}") + "x", 1, 39),
        ('{"as_of": 2026-11-20}', 1, 15),
        ("{'as_of': 1}", 1, 2),
    ],
)
def test_what_is_no_json_is_shown_with_line_and_caret(text: str, line: int, column: int) -> None:
    (problem,) = problems(text)
    assert problem.code == "not-json"
    assert (problem.place.line, problem.place.column) == (line, column)
    assert str(problem).split("\n")[-1] == "    | " + " " * (column - 1) + "^"


def test_as_many_unknown_ids_as_are_read_are_told_within_a_second() -> None:
    names = ", ".join(f'"levels_{number}": 1' for number in range(MAX_ENTRIES))
    assert len(problems(of("{" + names + "}"))) == MAX_ENTRIES


def test_the_same_name_many_times_is_told_once() -> None:
    (problem,) = problems(of('{"weak": true' + ', "weak": true' * 50_000 + "}"))
    assert problem.code == "duplicate-key"


def test_a_path_is_never_overlong_and_holds_no_letter_that_a_terminal_obeys() -> None:
    found = problems(of(json.dumps({"x" * 10_000: 1, "\x1b[2J\u202e": 1, "a b": 1})))
    assert all(len(str(problem)) < 200 for problem in found)
    assert all(part.isprintable() for problem in found for part in str(problem).split("\n"))
    assert found[2].place.path == '$.answers["a b"]'


def test_a_value_is_shown_cut_short() -> None:
    (problem,) = problems(of(json.dumps({"curve": "z" * 10_000})))
    assert len(problem.message) < 120
