"""`screening ask`: a whole interview through the standard input."""

import datetime as dt
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from screening.cli.questionnaire.interview import Interview
from screening.core.answer import AbsentReason, Answer
from screening.core.wording import Audience
from screening.files.rule_files import load_ruleset

Run = Callable[..., Any]
ASK = "ask --all --rules {rules} --ruleset tiny --as-of 2026-11-20"
BEST = "ask --rules {rules} --ruleset tiny --as-of 2026-11-20"
CLEAR = ["2", "2", "1", "1", "2", "1", "2026-10-20"]
"""No sign, a fracture shown, no curvature, MRI, one level, a recent day."""


def typed(*lines: str) -> str:
    return "\n".join([*lines, ""])


def questions(said: str) -> list[str]:
    """The questions in the order in which they were put."""
    return re.findall(r"\n([^>\n]+\?)\n", said)


def test_every_question_that_is_called_for_is_put_once(run: Run) -> None:
    result = run(ASK, typed(*CLEAR))
    assert result.exit_code == 0
    assert questions(result.stdout) == [
        "New weakness?",
        "Fever?",
        "Fracture on imaging?",
        "Curvature?",
        "Which imaging?",
        "How many levels?",
        "Diagnosed when?",
    ]


def test_a_gated_question_is_put_where_its_gate_holds(run: Run) -> None:
    said = run(ASK, typed("2", "2", "1", "2", "1", *CLEAR[4:])).stdout
    assert "Does the curvature hurt?" in questions(said)
    assert "The curvature hurts." in said


def test_a_gate_that_is_unknown_does_not_open(run: Run) -> None:
    said = run(ASK, typed("2", "2", "1", "u", *CLEAR[4:])).stdout
    assert "Does the curvature hurt?" not in said
    assert "Curvature (not known)" in said


def test_without_all_nothing_is_asked_once_it_cannot_matter_any_more(run: Run) -> None:
    said = run(BEST, typed("2", "2", "3")).stdout
    assert questions(said) == ["New weakness?", "Fever?", "Curvature?"]
    assert "Result: Reason against\n" in said
    assert "These answers cannot change the result: Fracture shown" in said


def test_a_warning_sign_ends_the_questions_at_once(run: Run) -> None:
    said = run(BEST, typed("1")).stdout
    assert questions(said) == ["New weakness?"]
    assert "Result: Emergency\n" in said


def test_a_patient_is_asked_in_order_and_only_what_can_change_the_sheet() -> None:
    interview = Interview(load_ruleset(), Audience.PATIENT, dt.date(2026, 11, 20))
    put: list[str] = []
    while item := interview.find_next():
        put.append(item.link_id)
        value = False if item.link_id == "lung_disease" else None
        reason = None if value is not None else AbsentReason.ASKED_UNKNOWN
        interview.answers[item.link_id] = Answer(value=value, absent=reason)
    order = list(interview.ruleset.items)
    assert put == sorted(put, key=order.index)
    assert "lung_disease" in put
    assert not interview.left_out()


def test_sections_are_announced_with_their_number(run: Run) -> None:
    said = run(ASK, typed(*CLEAR)).stdout
    assert said.count("\nSection 1 of 2: Signs\n") == 1
    assert said.count("\nSection 2 of 2: The rest\n") == 1


def test_the_nurse_ends_with_the_result(run: Run) -> None:
    said = run(ASK, typed(*CLEAR)).stdout
    assert "Screening of 20 November 2026" in said
    assert "Result: Met\n" in said


def test_the_patient_ends_with_a_sheet_and_no_verdict(run: Run) -> None:
    said = run(f"{ASK} --patient", typed("2", "2", "1", "3", "1", *CLEAR[4:])).stdout
    sheet = said[said.index("For your visit") :]
    assert "Take this page to your doctor." in sheet
    assert "One page speaks of curved spines." in sheet
    assert "“severe curvature of the spine” (A clinic, under “Who”)" in sheet
    assert " 1. How many have you done?" in sheet
    assert " 2. What does the curve mean for me?" in sheet
    assert not re.search(r"Result|met|against|exclusion|favourable|candidate", sheet, re.IGNORECASE)


def test_the_patient_is_asked_in_plain_words(run: Run) -> None:
    said = run(f"{ASK} --patient", typed(*CLEAR)).stdout
    assert "Is a leg newly weak?" in questions(said)
    assert "  1  No\n  2  A little\n  3  A lot\n  u  I do not know\n" in said
    assert "New weakness?" not in said


def test_only_a_sensitive_question_lets_a_patient_decline(run: Run) -> None:
    said = run(f"{ASK} --patient", typed("d", "2", "d", "q")).stdout
    assert said.count("d  I would rather not say") == 1
    assert "That is not an answer here. Please type a number from 1 to 2, or u." in said
    assert "Fever: not said" in said


def test_a_nurse_can_say_pending_and_declined(run: Run) -> None:
    said = run(ASK, typed("p", "d", "q")).stdout
    assert "- Weak leg: result pending\n" in said
    assert "- Fever: not said\n" in said


def test_an_empty_line_is_no_answer(run: Run) -> None:
    said = run(ASK, typed("", "  ", *CLEAR)).stdout
    assert said.count("Nothing was typed. Please type a number from 1 to 2, or u or p or d.") == 2
    assert questions(said)[:3] == ["New weakness?"] * 3
    assert "Result: Met\n" in said


def test_nothing_is_chosen_beforehand(run: Run) -> None:
    assert not re.search(r"\[[^]]+\]|default|\*", run(ASK, typed(*CLEAR)).stdout.split("Why")[0])


@pytest.mark.parametrize(
    ("before", "wrong", "wanted"),
    [
        ([], "3", "a number from 1 to 2"),
        (CLEAR[:3], "4", "a number from 1 to 3"),
        (CLEAR[:4], "1,3", "one or more numbers from 1 to 2, such as 1,2"),
        (CLEAR[:4], ",", "one or more numbers from 1 to 2, such as 1,2"),
        (CLEAR[:5], "25", "a whole number from 1 to 24"),
        (CLEAR[:5], "2.0", "a whole number from 1 to 24"),
        (CLEAR[:5], "1e400", "a whole number from 1 to 24"),
        (
            CLEAR[:6],
            "2026-02-30",
            "a day that exists, such as 2026-10-01, a month, a year, or “about 3 weeks ago”",
        ),
        (CLEAR[:6], "2026-11-21", "a day not after the screening date, 2026-11-20"),
        (
            CLEAR[:6],
            "3/4/2026",
            "3 April 2026 or 4 March 2026, since 3/4/2026 can mean either",
        ),
    ],
)
def test_what_does_not_fit_is_asked_again(
    run: Run, before: list[str], wrong: str, wanted: str
) -> None:
    said = run(ASK, typed(*before, wrong, *CLEAR[len(before) :])).stdout
    asked = questions(said)
    assert asked[len(before)] == asked[len(before) + 1]
    assert f"Please type {wanted}, or u" in " ".join(said.split())
    assert "Result: Met\n" in said


def test_words_and_codes_do_as_well_as_numbers(run: Run) -> None:
    by_word = run(f"{ASK} --json", typed("no", "N", "y", "None", "xray mri", "1", "2026-10-20"))
    by_number = run(f"{ASK} --json", typed("2", "2", "1", "1", "1, 2", "1", "2026-10-20"))
    assert by_word.stdout == by_number.stdout
    assert json.loads(by_word.stdout)["outcome"]["id"] == "met"


def test_several_choices_are_several_answers(run: Run) -> None:
    said = run(f"{ASK} --json", typed(*CLEAR[:4], "1,2", *CLEAR[5:])).stdout
    criteria = {each["id"]: each for each in json.loads(said)["criteria"]}
    assert criteria["no_mri"]["evidence"] == {"scans": ["mri", "xray"]}


def test_a_red_flag_is_shown_at_once_and_once(run: Run) -> None:
    said = run(ASK, typed("1", *CLEAR[1:])).stdout
    alarm = said.index("!! EMERGENCY SIGN: A newly weak leg.")
    assert said.index("New weakness?") < alarm < said.index("Fever?")
    assert "!! Emergency now.\n" in said
    assert said.count("!! EMERGENCY SIGN") == 1


def test_a_patients_red_flag_says_what_to_do(run: Run) -> None:
    said = run(f"{ASK} --patient", typed("2", "1", "q")).stdout
    assert "!! A fever needs a doctor.\n!! See a doctor soon.\n" in said


def last_lines(said: str) -> list[str]:
    return said.rstrip("\n").splitlines()[-2:]


@pytest.mark.parametrize(
    "lines",
    [("1", "q"), ("1", "2", "1", "q"), ("1", "1", "q"), ("1", *CLEAR[1:]), ("1",)],
    ids=["at once", "later", "beside a fever", "to the end", "cut off"],
)
@pytest.mark.parametrize("save", ["", "--save {}"])
def test_the_advice_of_an_emergency_stands_last_at_every_end(
    run: Run, tmp_path: Path, lines: tuple[str, ...], save: str
) -> None:
    command = f"{ASK} --patient {save.format(tmp_path / 'saved.json')}"
    said = run(command, typed(*lines)).stdout
    assert last_lines(said) == ["", "!! Get emergency help now."]


def test_the_advice_of_the_gravest_sign_stands_last_for_the_nurse_as_well(run: Run) -> None:
    assert last_lines(run(ASK, typed("1", "1", "q")).stdout)[-1] == "!! Emergency now."
    assert last_lines(run(ASK, typed("2", "1", "q")).stdout)[-1].startswith("!! ")
    assert (
        last_lines(run(f"{ASK} --json", typed("1", *CLEAR[1:])).stderr)[-1] == "!! Emergency now."
    )


def test_without_a_sign_or_once_it_is_taken_back_no_advice_stands_last(run: Run) -> None:
    for lines in (("2", "q"), CLEAR, ("1", "b", "2", "q")):
        said = run(f"{ASK} --patient", typed(*lines)).stdout
        assert "!!" not in last_lines(said)[-1]


def test_a_red_flag_that_is_taken_back_and_given_again_is_shown_again(run: Run) -> None:
    said = run(ASK, typed("1", "b", "2", "b", "1", "q")).stdout
    assert said.count("!! EMERGENCY SIGN") == 2


def test_a_question_mark_says_why_and_quotes_the_source(run: Run) -> None:
    said = run(ASK, typed("2", "2", "?", "q")).stdout
    assert "Why we ask: Required.\n" in said
    assert "“a fracture on imaging” (A clinic, under “Who”)" in said
    assert questions(said)[2:4] == ["Fracture on imaging?"] * 2


def test_back_puts_the_question_before_and_shows_its_answer(run: Run) -> None:
    said = run(ASK, typed("2", "b", "1", "q")).stdout
    assert questions(said)[:4] == ["New weakness?", "Fever?", "New weakness?", "Fever?"]
    assert "k  keep the answer so far: no\n" in said
    assert "- Weak leg: yes\n" in said


def test_back_can_be_taken_back_without_a_change(run: Run) -> None:
    said = run(ASK, typed("2", "b", "k", "q")).stdout
    assert questions(said)[-1] == "Fever?"
    assert "- Weak leg: no\n" in said


def test_back_at_the_first_question_stays_there(run: Run) -> None:
    said = run(ASK, typed("b", "q")).stdout
    assert "This is the first question." in said
    assert questions(said) == ["New weakness?"] * 2


def test_keep_is_no_answer_where_there_is_none_to_keep(run: Run) -> None:
    assert "That is not an answer here." in run(ASK, typed("k", "q")).stdout


def test_an_answer_that_closes_a_gate_sets_the_gated_one_aside(run: Run) -> None:
    said = run(ASK, typed("2", "2", "1", "2", "1", "b", "b", "1", *CLEAR[4:])).stdout
    assert "Set aside" in said
    assert "- Curvature hurts: yes\n" in said
    assert "Result: Met\n" in said


def test_quit_sums_up_and_is_no_failure(run: Run) -> None:
    result = run(ASK, typed("2", "u", "q"))
    assert result.exit_code == 0
    assert "Ended with 2 answers.\n  - Weak leg: no\n  - Fever: not known\n" in result.stdout
    assert "Result:" not in result.stdout


def test_an_input_that_ends_loses_nothing(run: Run, tmp_path: Path) -> None:
    result = run(ASK, "2\n2\n1")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    document = result.stderr.strip().split("\n")[-1]
    assert json.loads(document) == {
        "as_of": "2026-11-20",
        "answers": {"weak": False, "fever": False, "shown": True},
    }
    path = tmp_path / "rest.json"
    path.write_text(document, "utf-8")
    more = run(f"ask --all --rules {{rules}} --ruleset tiny --from {path}", typed(*CLEAR[3:]))
    assert questions(more.stdout)[0] == "Curvature?"
    assert "Result: Met\n" in more.stdout


def test_no_input_at_all_ends_cleanly(run: Run) -> None:
    result = run(ASK, "")
    assert result.exit_code == 1
    assert "Ended with 0 answers.\n" in result.stdout
    assert "{" not in result.output


def test_json_stands_alone_on_the_standard_output(run: Run, schema: dict[str, Any]) -> None:
    result = run(f"{ASK} --json", typed(*CLEAR))
    data = json.loads(result.stdout)
    jsonschema.validate(data, schema["assessment"], jsonschema.Draft202012Validator)
    assert data["outcome"] == {"id": "met", "possible": ["met"], "favourable": True}
    assert "New weakness?" in result.stderr


def test_json_prints_nothing_for_an_interview_that_was_left(run: Run) -> None:
    assert run(f"{ASK} --json", typed("2", "q")).stdout == ""


def test_saved_answers_are_what_assess_reads(
    run: Run, tmp_path: Path, schema: dict[str, Any]
) -> None:
    path = tmp_path / "saved.json"
    talk = run(f"{ASK} --save {path} --json", typed(*CLEAR))
    jsonschema.validate(json.loads(path.read_text("utf-8")), schema["answers"])
    judged = run(f"assess {path} --rules {{rules}} --ruleset tiny --json")
    assert judged.stdout == talk.stdout
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_answers_are_saved_one_by_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    result = run(f"{ASK} --save {path}", "2\n1\n")
    assert json.loads(path.read_text("utf-8"))["answers"] == {"weak": False, "fever": True}
    assert f"screening ask --from {path} --save {path}" in " ".join(result.stdout.split())
    assert result.stderr == ""


def test_saving_never_overwrites_another_document(run: Run, write: Callable[..., Path]) -> None:
    path = write()
    before = path.read_bytes()
    result = run(f"{ASK} --save {path}", typed(*CLEAR))
    assert result.exit_code == 2
    assert f"--from {path}" in result.stderr
    assert path.read_bytes() == before


def test_a_saved_interview_can_go_on_in_its_own_file(run: Run, write: Callable[..., Path]) -> None:
    path = write(levels=None)
    words = f"ask --rules {{rules}} --ruleset tiny --from {path} --save {path}"
    result = run(words, typed("4"))
    assert questions(result.stdout) == ["How many levels?"]
    assert json.loads(path.read_text("utf-8"))["answers"]["levels"] == 4
    assert "That was before today." in result.stdout


def test_a_folder_that_cannot_be_written_to_loses_nothing(run: Run, tmp_path: Path) -> None:
    result = run(f"{ASK} --save {tmp_path / 'none' / 'x.json'}", typed("2", "q"))
    assert "Cannot save" in result.stdout
    assert '"weak": false' in result.stderr


def test_a_document_with_problems_is_not_continued(run: Run, write: Callable[..., Path]) -> None:
    result = run(f"ask --rules {{rules}} --ruleset tiny --from {write(levels=99)}", "")
    assert result.exit_code == 1
    assert "$.answers.levels: " in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("day", ["20 Oct. 2026", "20/10/2026", "Oct 20th, 2026", "२०२६-१०-२०"])
def test_a_day_may_be_typed_as_people_write_it(run: Run, day: str) -> None:
    as_typed = run(f"{ASK} --json", typed(*CLEAR[:6], day, *CLEAR[7:]))
    as_digits = run(f"{ASK} --json", typed(*CLEAR[:6], "2026-10-20", *CLEAR[7:]))
    assert as_typed.stdout == as_digits.stdout
    assert '"2026-10-20"' in as_typed.stdout


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Oct 2026", "2026-10"),
        ("2026", "2026"),
        ("about 3 weeks ago", "2026-10-23/2026-11-06"),
        ("chronic, more than a year", "1900-01-01/2025-11-20"),
        ("between 3 and 20 October 2026", "2026-10-03/2026-10-20"),
    ],
)
def test_a_day_may_be_known_roughly(run: Run, words: str, days: str) -> None:
    said = run(f"{ASK} --json", typed(*CLEAR[:6], words, *CLEAR[7:]))
    assert f'"{days}"' in said.stdout
    assert "2026, or: about 3 weeks ago" in said.stderr


def test_a_screening_date_may_be_typed_as_people_write_it(run: Run) -> None:
    command = "ask --rules {rules} --ruleset tiny --as-of 19-Nov-2026"
    assert "Screening date: 19 November 2026" in run(command, typed("q")).stdout


@pytest.mark.parametrize("day", ["2026-11-22", "20261120", "3/4/2026", "Oct-2026"])
def test_a_screening_date_that_cannot_be_is_wrong_usage(run: Run, day: str) -> None:
    assert run(f"ask --rules {{rules}} --ruleset tiny --as-of {day}", "").exit_code == 2


def test_a_saved_screening_keeps_its_own_date(run: Run, write: Callable[..., Path]) -> None:
    assert run(f"{ASK} --from {write()}", "").exit_code == 2


def test_bytes_and_endless_lines_are_no_answer(run: Run) -> None:
    data = b"\xff\xfe\x00\n" + b"1" * 100_000 + b"\n" + typed(*CLEAR).encode()
    result = run(ASK, data)
    assert result.stdout.count("That is not an answer here.") == 2
    assert "Result: Met\n" in result.stdout


def test_lines_of_another_system_are_read(run: Run) -> None:
    assert "Result: Met\n" in run(ASK, typed(*CLEAR).replace("\n", "\r\n").encode()).stdout


def test_an_interrupt_ends_it_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    command = [sys.executable, "-m", "screening", "ask", "--save", str(path)]
    outer, inner = pty.openpty()
    with subprocess.Popen(
        command, stdin=inner, stdout=inner, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        os.close(inner)
        _read_until(outer, b"> ")
        os.write(outer, b"2\n")
        _read_until(outer, b"> ")
        process.send_signal(signal.SIGINT)
        said = _read_until(outer, b"They are saved")
        assert process.wait(10) == 1
        assert process.stderr
        assert process.stderr.read() == b""
    os.close(outer)
    assert b"Ended with 1 answer." in said
    assert len(json.loads(path.read_text("utf-8"))["answers"]) == 1


def test_an_interrupt_leaves_the_advice_of_an_emergency_on_the_screen() -> None:
    command = [sys.executable, "-m", "screening", "ask", "--patient"]
    outer, inner = pty.openpty()
    with subprocess.Popen(
        command, stdin=inner, stdout=inner, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        os.close(inner)
        _read_until(outer, b"> ")
        os.write(outer, b"1\n")
        assert b"!! Get emergency help now." in _read_until(outer, b"> ")
        process.send_signal(signal.SIGINT)
        said = _read_until(outer, b"!! Get emergency help now.")
        assert process.wait(10) == 1
    os.close(outer)
    assert b"Ended with 1 answer." in said


def _read_until(terminal: int, words: bytes) -> bytes:
    said = b""
    end = time.monotonic() + 20
    while words not in said and time.monotonic() < end:
        said += os.read(terminal, 10_000)
    assert words in said
    return said


def test_the_help_says_whose_day_it_is_and_how_to_give_another(run: Run) -> None:
    said = " ".join(run("ask --help").stdout.split())
    assert "--as-of" in said
    assert "The screening date; by default today, by the clock of this machine." in said
