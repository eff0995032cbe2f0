"""Examples: what their authors expect is compared, and each difference is said at the example."""

import datetime as dt

import pytest
from support.rulesets import corpus

from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import AbsentReason, Answer
from screening.errors import DocumentError, Problem
from screening.formats.examples.example_file import Example, check_example, read_examples
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset

GOOD = corpus.texts_of(corpus.GOOD)
HEAD = """examples_of: main
as_of: 2026-11-20
bases:
  clear: {leg_weakness: no, fever: no, source: bone, scans: [xray], levels: 1, began: 2026-10-20}
  empty: {}
examples:
"""


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    names = ("main", "gate", "questions")
    return read_ruleset("main", {name: RuleText(name, GOOD[f"{name}.yaml"]) for name in names})


def examples(ruleset: Ruleset, text: str) -> list[Example]:
    return read_examples("x.examples.yaml", (HEAD + text).encode(), ruleset)


def example(ruleset: Ruleset, text: str) -> Example:
    (only,) = examples(ruleset, f"  one: {{{text}}}")
    return only


def differences(ruleset: Ruleset, text: str) -> list[Problem]:
    return check_example(example(ruleset, text), ruleset)


def refusals(ruleset: Ruleset, text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        examples(ruleset, text)
    return [problem.code for problem in caught.value.problems]


def test_the_good_cases_come_out_as_their_author_expects(ruleset: Ruleset) -> None:
    read = read_examples("main.examples.yaml", GOOD["main.examples.yaml"], ruleset)
    assert len(read) == 12
    assert [check_example(each, ruleset) for each in read] == [[]] * 12


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        ("outcome: emergency", "the outcome is `met`"),
        ("outcome: met, possible: [met, emergency]", "`possible` is `met`"),
        ("outcome: met, possible: []", "`possible` is `met`"),
        ("outcome: met, flags: [disc]", "`flags` is empty"),
        ("outcome: met, needs: [levels]", "`needs` is empty"),
        ("outcome: met, set_aside: [weaker]", "`set_aside` is empty"),
        ("outcome: met, truth: {disc: true}", "the truth of `disc` is `false`"),
        ("outcome: met, truth: {from_bone: unknown}", "the truth of `from_bone` is `true`"),
    ],
)
def test_each_kind_of_difference_is_said_at_the_case(
    ruleset: Ruleset, expect: str, what: str
) -> None:
    (problem,) = differences(ruleset, f"base: clear, expect: {{{expect}}}")
    assert (problem.code, problem.place.line, problem.place.column) == ("example-differs", 7, 3)
    assert problem.message == f"in the example `one`, {what}"
    assert problem.hint.startswith("its author expects ")


def test_all_differences_of_a_case_are_said_however_often_it_is_checked(ruleset: Ruleset) -> None:
    one = example(
        ruleset, "base: clear, expect: {outcome: emergency, flags: [disc], needs: [levels]}"
    )
    assert len(check_example(one, ruleset)) == 3
    assert check_example(one, ruleset) == check_example(one, ruleset)


def test_a_list_is_compared_whole_and_in_any_order(ruleset: Ruleset) -> None:
    answers = "base: clear, answers: {began: 2026-01-01, levels: unknown}"
    start = answers + ", expect: {outcome: more_information, "
    possible = "possible: [met_with_cautions, reason_against]}"
    assert differences(ruleset, start + possible) == []
    assert differences(ruleset, start + "possible: [reason_against]}") != []


def test_answers_are_laid_over_the_base(ruleset: Ruleset) -> None:
    read = example(
        ruleset,
        "base: clear, answers: {leg_weakness: unknown, fever: unanswered, levels: 3,"
        " scans: [mri, ct], weaker: yes}, expect: {outcome: met}",
    )
    assert read.answers == {
        "leg_weakness": Answer(absent=AbsentReason.ASKED_UNKNOWN),
        "source": Answer(value="bone"),
        "scans": Answer(value=frozenset({"mri", "ct"})),
        "levels": Answer(value=3),
        "began": Answer(value=dt.date(2026, 10, 20)),
        "weaker": Answer(value=True),
    }


def test_a_base_is_the_same_for_every_case(ruleset: Ruleset) -> None:
    text = "  one: {base: clear, answers: {fever: yes}, expect: {outcome: clinician_first}}\n"
    one, two = examples(ruleset, text + "  two: {base: clear, expect: {outcome: met}}")
    assert (one.answers["fever"], two.answers["fever"]) == (Answer(value=True), Answer(value=False))


def test_without_a_base_nothing_is_answered(ruleset: Ruleset) -> None:
    assert example(ruleset, "expect: {outcome: more_information}").answers == {}
    assert example(ruleset, "base: empty, expect: {outcome: more_information}").answers == {}


def test_a_case_may_have_a_day_of_its_own(ruleset: Ruleset) -> None:
    own = "base: clear, as_of: 2027-01-20, answers: {began: 2027-01-19}, expect: {outcome: met}"
    assert example(ruleset, own).as_of == dt.date(2027, 1, 20)
    assert differences(ruleset, own) == []
    assert example(ruleset, "expect: {outcome: met}").as_of == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("  one: {base: claer, expect: {outcome: met}}", ["unknown-base"]),
        ("  one: {base: [clear], expect: {outcome: met}}", ["unknown-base"]),
        ("  one: {base: clear}", ["missing-field"]),
        ("  one: {expect: {}}", ["missing-field"]),
        ("  one: {expect: met}", ["wrong-shape", "missing-field"][:1]),
        ("  one: {answers: [], expect: {outcome: met}}", ["wrong-shape"]),
        ("  one: {answers: {feber: yes}, expect: {outcome: met}}", ["unknown-item"]),
        ("  one: {answers: {feber: unanswered}, expect: {outcome: met}}", ["unknown-item"]),
        ("  one: {answers: {fever: Yes}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {answers: {fever: [yes]}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {answers: {scans: mri}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {answers: {scans: []}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {answers: {scans: [mri, unknown]}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {answers: {began: 2026-11-21}, expect: {outcome: met}}", ["misfit"]),
        ("  one: {as_of: 2026-1-1, expect: {outcome: met}}", ["not-a-date"]),
        ("  one: {expect: {outcome: mett}}", ["not-one-of"]),
        ("  one: {expect: {outcome: met, possible: [more_information]}}", ["not-one-of"]),
        ("  one: {expect: {outcome: met, truth: {disk: true}}}", ["not-one-of"]),
        ("  one: {expect: {outcome: met, truth: {disc: yes}}}", ["not-one-of"]),
        ("  one: {expect: {outcome: met, needs: levels}}", ["wrong-shape"]),
        ("  one: {expect: {outcome: met, reasons: []}}", ["unknown-field"]),
        ("  one: {expect: {outcome: met}}\n  one: {expect: {outcome: met}}", ["duplicate-key"]),
    ],
)
def test_a_mistake_in_a_case_is_refused(ruleset: Ruleset, text: str, codes: list[str]) -> None:
    assert refusals(ruleset, text) == codes


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"examples_of: other\nas_of: 2026-11-20\nexamples: {}", b"\xff", b"examples: {}"],
)
def test_a_document_that_is_no_case_file_is_refused(ruleset: Ruleset, document: bytes) -> None:
    with pytest.raises(DocumentError):
        read_examples("x.examples.yaml", document, ruleset)
