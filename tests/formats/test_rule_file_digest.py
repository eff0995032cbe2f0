"""The digest stands for what was loaded: content changes it, layout and comments do not."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from support.rulesets import corpus

from screening.files.rule_files import load_ruleset
from screening.formats.documents.canonical_json import write_canonical
from screening.formats.documents.ruleset_json import write_ruleset
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset

GOOD = {
    name.removesuffix(".yaml"): data.decode()
    for name, data in corpus.texts_of(corpus.GOOD).items()
    if "cases" not in name
}


def digest(**files: str) -> str:
    texts = {name: RuleText(name, text.encode()) for name, text in (GOOD | files).items()}
    return read_ruleset("main", texts).digest


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in GOOD[name]
    return {name: GOOD[name].replace(old, new, 1)}


LAYOUT = {
    "a comment": changed("main", "criteria:\n", "# a comment\ncriteria: # another\n"),
    "quotes": changed("main", "say: Met.}", "say: 'Met.'}"),
    "folded lines": changed(
        "main", "    say: There is a scan.", "    say: There\n      is a scan."
    ),
    "two spaces in a text": changed("main", "There is a scan.", "There  is a scan."),
    "flow and block": changed(
        "main", "{nurse: Experience., patient:", "{\n      nurse: Experience.,\n      patient:"
    ),
    "the order of fields": changed(
        "main",
        "    strength: may\n    say: There is a scan.\n",
        "    say: There is a scan.\n    strength: may\n",
    ),
    "the order of audiences": changed(
        "gate",
        "{nurse: Fever., patient: Tell a doctor soon.}",
        "{patient: Tell a doctor soon., nurse: Fever.}",
    ),
    "one text for both": changed(
        "main", "say: There is a scan.", "say: {nurse: There is a scan., patient: There is a scan.}"
    ),
    "the order of codes in a test": changed("main", "[mri, ct]", "[ct, mri]"),
    "line ends": {name: text.replace("\n", "\r\n") for name, text in GOOD.items()},
}
PATH = """patient_path:
  title: Your scan
  first: source
  report:
    name: Report
    ask: Do you have the report?
    help: If not, choose no.
    why: Some questions are about it.
    ask_if: {source: {is: bone}}
"""
CONTENT = {
    "a word of wording": changed("main", "There is a scan.", "There is one scan."),
    "a letter's case": changed("main", "There is a scan.", "there is a scan."),
    "a word of an included file": changed("gate", "nurse: Fever.", "nurse: Hot."),
    "a word of a question": changed(
        "questions", "ask: Have you had a fever?", "ask: Do you have a fever?"
    ),
    "a bound": changed("main", "at_most: 2", "at_most: 3"),
    "a tier": changed("main", "tier: info", "tier: caution"),
    "a strength": changed("main", "strength: usually", "strength: must"),
    "a quoted phrase": changed("main", "not for pain from a disc", "no pain from a disc"),
    "the day a source was read": changed("main", "read_on: 2026-10-02", "read_on: 2026-10-03"),
    "a version": changed("gate", "version: 1.0.0", "version: 1.0.1"),
    "the version of the bank": changed("questions", "version: 1.0.0", "version: 1.0.1"),
    "a silent topic": changed("main", "pregnancy: Pregnancy.", "pregnancy: Being pregnant."),
    "the order of choices": changed(
        "questions",
        "{bone: The broken bone, disc: A disc,",
        "{disc: A disc, bone: The broken bone,",
    ),
    "a rule of consistency": changed("main", "{levels: {above: 20}}", "{levels: {above: 21}}"),
    "words of a contradiction": changed("main", "before birth.", "before one is born."),
    "when a question is shown": changed(
        "questions", "shown_if: {fever: no}", "shown_if: {fever: yes}"
    ),
    "when patients are asked a question": changed(
        "questions", "shown_if: {fever: no}", "patient_shown_if: {fever: no}"
    ),
    "the way of patients": changed("questions", "items:\n  leg", f"{PATH}items:\n  leg"),
    "a question that can wait": changed(
        "questions", "    unit: levels", "    unit: levels\n    can_wait: yes"
    ),
    "an explained word": changed(
        "questions", "\nitems:", "\nterms:\n  xray: {forms: [X-ray], say: A picture.}\nitems:"
    ),
    "a sign in the patient's words": changed(
        "questions", "    unit: levels", "    unit: levels\n    sign: {patient: I have many.}"
    ),
    "a doubt in the patient's words": changed(
        "questions", "    unit: levels", "    unit: levels\n    unsure: {patient: I am unsure.}"
    ),
    "the rank of a question for the doctor": changed(
        "main", "  how_many:\n", "  how_many:\n    first: 1\n"
    ),
    "what a question for the doctor is about": changed(
        "main", "  how_many:\n", "  how_many:\n    matters: [risks]\n"
    ),
    "words while an answer is missing": changed(
        "main",
        "  how_many:\n    when: always\n",
        "  how_many:\n    when: {fever: yes}\n    if_unknown: {patient: Have I a fever?}\n",
    ),
    "a sensitive question": changed(
        "questions", "    unit: levels", "    unit: levels\n    sensitive: yes"
    ),
}


@pytest.mark.parametrize("name", LAYOUT)
def test_layout_does_not_change_the_digest(name: str) -> None:
    assert LAYOUT[name] != GOOD
    assert digest(**LAYOUT[name]) == digest()


@pytest.mark.parametrize("name", CONTENT)
def test_content_changes_the_digest(name: str) -> None:
    assert digest(**CONTENT[name]) != digest()


def test_the_order_of_criteria_is_content_because_flags_come_in_it() -> None:
    parts = re.split(r"(?m)^(?=  (?:from_bone|disc|old_pain|scanned):|outcomes:)", GOOD["main"])
    head, bone, disc, *rest = parts
    assert digest(main="".join([head, disc, bone, *rest])) != digest()


def test_the_digest_is_the_same_in_every_process() -> None:
    code = (
        "from support.rulesets import corpus;"
        "from screening.formats.rules.rule_text import RuleText;"
        "from screening.formats.rules.rulebook import read_ruleset;"
        "files = corpus.texts_of(corpus.GOOD);"
        "texts = {n.removesuffix('.yaml'): RuleText(n, d) for n, d in files.items()};"
        "print(read_ruleset('main', texts).digest)"
    )
    tests = str(Path(__file__).parents[1])
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, check=True, cwd=tests,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": tests},
        ).stdout.strip()
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert found == {digest()}
    assert re.fullmatch(r"[0-9a-f]{64}", digest())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda below: (
            st.lists(below) | st.dictionaries(st.text(st.characters(max_codepoint=127)), below)
        ),
    )
)
@example({"del\x7f": '\x00\x1f\x7f\x80\u2028\ud7ff\U0001f600"\\/', "B": 1, "a": -1, "": []})
def test_the_canonical_form_is_that_of_rfc_8785(data: dict[str, Any]) -> None:
    assert write_canonical(data) == rfc8785.dumps(data)


def test_the_names_in_a_ruleset_are_ascii_and_its_numbers_whole() -> None:
    def check(data: object) -> None:
        if isinstance(data, dict):
            assert all(str(key).isascii() for key in data)
            for each in data.values():
                check(each)
        elif isinstance(data, list):
            for each in data:
                check(each)
        else:
            assert data is None or isinstance(data, str | int)

    check(write_ruleset(load_ruleset()))
