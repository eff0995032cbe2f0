"""Printed problems: the caret stands under its character, hints are near, long words are cut."""

import datetime as dt
from unicodedata import combining, east_asian_width

import pytest
from support.rulesets import corpus

from screening.core.results.assess import assess
from screening.errors import DocumentError, Place, Problem
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset
from screening.formats.yaml.hints import near
from screening.formats.yaml.limits import MAX_DEPTH, MAX_PROBLEMS
from screening.formats.yaml.reader import Mark, Reporter

GOOD = {
    name.removesuffix(".yaml"): RuleText(name, data)
    for name, data in corpus.texts_of(corpus.GOOD).items()
    if "cases" not in name
}


def width(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("a: b", 4),
        ("経験: x", 5),
        ("e\u0301te\u0301: x", 8),
        ("Ａ：x", 3),  # noqa: RUF001 - wide letters are meant
        ("é…“”: x", 7),
    ],
)
def test_the_caret_stands_under_its_character(line: str, column: int) -> None:
    place = Place(source="x", line=1, column=column)
    _, shown, caret = str(Problem(code="c", message="m", place=place, excerpt=line)).splitlines()
    assert shown == f"    | {line}"
    assert width(caret.removesuffix("^")) == width(shown[: 6 + column - 1])


def test_a_tab_before_the_caret_stays_a_tab() -> None:
    place = Place(source="x", line=1, column=5)
    *_, caret = str(Problem(code="c", message="m", place=place, excerpt="\ta\tb c")).splitlines()
    assert caret == "    | \t \t ^"


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("leg_weaknes", ["fever", "leg_weakness"], "did you mean `leg_weakness`?"),
        ("zzz", ["a", "b"], "known here: `a`, `b`"),
        ("zzz", [], ""),
        ("zzz", [str(number) for number in range(13)], ""),
        ("a" * 61, ["a" * 60], "known here: `" + "a" * 60 + "`"),
    ],
)
def test_a_hint_names_the_nearest_word_or_all_if_they_are_few(
    word: str, known: list[str], hint: str
) -> None:
    assert near(word, known) == hint


def test_a_long_word_is_cut_and_kept_in_one_line() -> None:
    reporter = Reporter("x", "text")
    reporter.report(Mark(1, 1), "c", f"unknown `{'x' * 500}` and `{'y ' * 20}\n`")
    message = reporter.problems[0].message
    assert message.startswith(f"unknown `{'x' * 60}…` and `y y")
    assert "\n" not in message


def test_a_problem_behind_the_end_is_shown_at_the_end() -> None:
    reporter = Reporter("x", "one\ntwo")
    reporter.report(Mark(9, 9), "c", "m")
    assert (reporter.problems[0].place.line, reporter.problems[0].place.column) == (2, 4)


def test_after_so_many_problems_reading_ends() -> None:
    reporter = Reporter("x", "one")
    for _ in range(MAX_PROBLEMS - 1):
        reporter.report(Mark(1, 1), "c", "m")
    with pytest.raises(DocumentError) as caught:
        reporter.report(Mark(1, 1), "c", "m")
    assert len(caught.value.problems) == MAX_PROBLEMS + 1
    assert caught.value.problems[-1].code == "too-many-problems"


def chain(length: int) -> dict[str, RuleText]:
    """Files that include each other in a row, the last one being the good gate."""
    gate = GOOD["gate"].data
    head = gate.partition(b"sources:")[0] + b"sources: {}\ncriteria: {}\n"
    texts = dict(GOOD)
    for number in range(length):
        following = f"f{number + 1}" if number < length - 1 else "gate"
        data = head.replace(b"rules: gate", f"rules: f{number}\ninclude: [{following}]".encode())
        texts[f"f{number}"] = RuleText(f"f{number}.yaml", data)
    first = GOOD["main"].data.replace(b"include: [gate]", b"include: [f0]")
    return texts | {"main": RuleText("main.yaml", first)}


def test_a_file_that_two_others_include_is_read_once() -> None:
    both = chain(1)
    main = both["main"].data.replace(b"include: [f0]", b"include: [f0, gate]")
    ruleset = read_ruleset("main", both | {"main": RuleText("main.yaml", main)})
    assert [part.id for part in ruleset.parts] == ["main", "f0", "gate"]


def test_files_may_include_each_other_in_a_row_but_not_for_ever() -> None:
    assert len(read_ruleset("main", chain(10)).parts) == 12
    with pytest.raises(DocumentError) as caught:
        read_ruleset("main", chain(1000))
    assert "too-deep" in {problem.code for problem in caught.value.problems}


def test_a_text_may_lie_as_deep_as_is_said_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        data = GOOD["main"].data.decode()
        condition = "{not: " * depth + "{source: {is: disc}}" + "}" * depth
        return data.replace("{source: {is: disc}}", condition, 1)

    def codes(depth: int) -> set[str]:
        try:
            read_ruleset("main", GOOD | {"main": RuleText("main.yaml", nested(depth).encode())})
        except DocumentError as error:
            return {problem.code for problem in error.problems}
        return set()

    assert "too-deep" not in codes(MAX_DEPTH - 6)
    assert "too-deep" in codes(MAX_DEPTH - 5)


def test_a_mistake_in_a_file_that_takes_no_part_is_left_to_its_own_reading() -> None:
    other = RuleText("other.yaml", b"rules: other\n" + b"x: [\n")
    many = RuleText("many.yaml", b"".join(b"k%d: 1\n" % n for n in range(500)))
    ruleset = read_ruleset("main", GOOD | {"other": other, "many": many})
    assert ruleset.digest == read_ruleset("main", GOOD).digest


@pytest.mark.parametrize(("codes", "refused"), [(12, False), (13, True)])
def test_one_item_may_have_so_many_codes_that_tests_tell_apart(codes: int, refused: bool) -> None:  # noqa: FBT001 - a case of the table
    named = {f"code_{letter}": f"Code {letter}" for letter in "abcdefghijklmno"}
    listed = ", ".join(f"{code}: {words}" for code, words in named.items())
    bank = (
        GOOD["questions"].data.decode().replace("{xray: X-ray, mri: MRI, ct: CT}", f"{{{listed}}}")
    )
    tested = ", ".join(list(named)[:codes])
    rules = (
        GOOD["main"].data.decode().replace("includes_any: [mri, ct]", f"includes_any: [{tested}]")
    )
    texts = GOOD | {
        "questions": RuleText("questions.yaml", bank.encode()),
        "main": RuleText("main.yaml", rules.encode()),
    }
    if not refused:
        assert read_ruleset("main", texts).id == "main"
        return
    with pytest.raises(DocumentError) as caught:
        read_ruleset("main", texts)
    assert {problem.code for problem in caught.value.problems} == {"too-entangled"}


@pytest.mark.parametrize("signs", [12, 14, 30])
def test_a_caution_of_many_signs_is_read_and_judged(signs: int) -> None:
    names = [f"sign_{number}" for number in range(signs)]
    asked = "".join(
        f"  {name}:\n    type: yes_no\n    section: pain\n    name: Sign {name}\n"
        f"    ask: Is there {name}?\n    why: It may matter.\n"
        for name in names
    )

    bank = GOOD["questions"].data.decode() + asked
    tests = ", ".join(f"{{{name}: yes}}" for name in names)
    rules = (
        GOOD["main"]
        .data.decode()
        .replace(
            "  scanned:\n",
            f"  signs:\n    tier: caution\n    when: {{any: [{tests}]}}\n    strength: may\n"
            "    say: There is a sign.\n"
            "    cite: [{source: page, heading: Before, exact: you may have a sign}]\n  scanned:\n",
        )
    )
    texts = GOOD | {
        "questions": RuleText("questions.yaml", bank.encode()),
        "main": RuleText("main.yaml", rules.encode()),
    }
    ruleset = read_ruleset("main", texts)
    open_ = assess(ruleset, {}, dt.date(2026, 11, 20)).possible
    assert {"met", "met_with_cautions"} <= set(open_)
