"""Slips of the keyboard are named where they stand, and nothing else is reported about them."""

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from support.rulesets import corpus

from screening.errors import DocumentError
from screening.files.rule_files import check_folder
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_recorded_ruleset, read_ruleset
from screening.formats.yaml.reader import Table, Text, read_nodes
from screening.formats.yaml.slips import find_slips, lines_with_comments, may_slip

RULES = Path(__file__).parents[2] / "rules"
# By name: what is replaced in the criterion `scoliosis`, by what, the code, and the column of it.
SLIPS = {
    "cut": ("nurse: Scoliosis; one", "nurse: Scoliosis, see item #4; one", "cut-text", 34),
    "no-break indent": ("    tier: exclusion", "   \u00a0tier: exclusion", "odd-space", 4),
    "no-break value": ("tier: exclusion", "tier:\u00a0exclusion", "odd-space", 10),
    "no space": ("tier: exclusion", "tier:exclusion", "missing-space", 9),
    "full width": ("tier: exclusion", "tier\uff1a exclusion", "wide-sign", 9),
    "zero width": ("tier: exclusion", "tier:\u200b exclusion", "not-text", 10),
    "tab": ("    tier: exclusion", "\ttier: exclusion", "not-yaml", 1),
    "quotes": ("strength: usually", "strength: “usually”", "odd-quotes", 15),
}


def broken(folder: Path, name: str, old: str, new: str) -> int:
    """Copy the shipped rules with one edit behind `scoliosis:`; the line of the edit."""
    shutil.copytree(RULES, folder, dirs_exist_ok=True)
    path = folder / name
    head, key, tail = path.read_text("utf-8").partition("\n  scoliosis:\n")
    before, found, after = tail.partition(old)
    assert found
    path.write_text(f"{head}{key}{before}{new}{after}", "utf-8")
    return f"{head}{key}{before}".count("\n") + 1


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_the_only_problem_and_stands_at_its_place(tmp_path: Path, slip: str) -> None:
    old, new, code, column = SLIPS[slip]
    line = broken(tmp_path, "documented.yaml", old, new)
    problems = check_folder(tmp_path).problems
    found = [(each.code, each.place.line, each.place.column) for each in problems]
    assert found == [(code, line, column)]
    assert problems[0].place.source.endswith("documented.yaml")


@pytest.mark.parametrize("slip", ["type:yes_no", "type:\u00a0yes_no", "\ttype: yes_no"])
def test_a_broken_bank_is_the_only_problem(tmp_path: Path, slip: str) -> None:
    broken(tmp_path, "questions.yaml", "type: yes_no", slip)
    assert len(check_folder(tmp_path).problems) == 1


def test_a_file_that_others_include_is_the_only_problem(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "safety.yaml"
    path.write_text(path.read_text("utf-8").replace("version: ", "version:", 1), "utf-8")
    assert [each.code for each in check_folder(tmp_path).problems] == ["missing-space"]


def test_a_source_that_no_file_describes_is_named_once_all_files_can_be_read(
    tmp_path: Path,
) -> None:
    shutil.copytree(RULES, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "questions.yaml"
    path.write_text(path.read_text("utf-8").replace("source: ", "source: x", 1), "utf-8")
    assert [each.code for each in check_folder(tmp_path).problems] == ["unknown-source"]


SAID = b"say: The pain comes from a disc."


@pytest.mark.parametrize(
    "slip",
    [
        SAID + b" #4 of the list",
        SAID.replace(b"comes from", "comes\u00a0from".encode()),
        SAID + b"\n      # what comes next",
    ],
)
def test_rules_that_were_in_use_are_read_with_their_slips(slip: bytes) -> None:
    good = {
        name: data for name, data in corpus.texts_of(corpus.GOOD).items() if "cases" not in name
    }
    texts = {name.removesuffix(".yaml"): RuleText(name, data) for name, data in good.items()}
    digest = read_ruleset("main", texts).digest
    main = texts["main"].data
    assert SAID in main
    spoilt = texts | {"main": RuleText("main.yaml", main.replace(SAID, slip))}
    with pytest.raises(DocumentError):
        read_ruleset("main", spoilt)
    recorded = read_recorded_ruleset("main", spoilt, digest)
    assert recorded is not None
    assert recorded.digest == digest


def text_of(line: str) -> str | None:
    """What is read from `say: LINE`; None if there is a problem or it is no text."""
    node, reporter = read_nodes("x.yaml", f"say: {line}\n".encode())
    if reporter.problems or not isinstance(node, Table):
        return None
    value = node.entries[0][1]
    return value.text if isinstance(value, Text) else None


@given(st.text(st.sampled_from("ab1 #:,-'\u2019“”\uff1a\uff0c\u00a0\u200b\t.!"), min_size=1))
@example("see item #4 of the list")
@example("see  # note")
@example("#4")
def test_no_word_of_a_line_is_lost(line: str) -> None:
    read = text_of(f"a b {line}")
    assert read in (None, f"a b {line}".strip())


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("yes_no  # one | other", "yes_no"),
        ('"see item #4"', "see item #4"),
        ('"see item"  # a note', "see item"),
        ("item#4", "item#4"),
        ("https://clinic.example/page", "https://clinic.example/page"),
        ("At 10:30, or 1:2", "At 10:30, or 1:2"),
        ("“Soon” is the same day", "“Soon” is the same day"),
        ("a “word”", "a “word”"),
        ("\n  two\n  lines", "two lines"),
        ("|\n  a # b\n", "a # b\n"),
    ],
)
def test_what_is_no_slip_is_read(line: str, text: str) -> None:
    assert text_of(line) == text


@pytest.mark.parametrize(
    "document",
    [
        "say: one\n# about the rest\nmore: two\n",
        "a:\n  - one\n  # about the rest\n  - two\n",
        "a:\n  - b: one\n    # about the rest\n    c: two\n",
        "a:\n  b: one\n\n  # about the rest\n# of it\nc: two\n",
        "a: [one,\n  # about the rest\n  two]\n",
    ],
)
def test_a_comment_on_a_line_of_its_own_is_no_slip(document: str) -> None:
    assert read_nodes("x.yaml", document.encode())[1].problems == []


@pytest.mark.parametrize(
    "document",
    [
        "say: one\n  # two\n",
        "a:\n  - one\n   # two\n",
        "a:\n  - b: one\n     # two\n",
        "a:\n  one\n  # two\n",
    ],
)
def test_a_comment_where_a_text_could_go_on_is_refused(document: str) -> None:
    assert [each.code for each in read_nodes("x.yaml", document.encode())[1].problems] == [
        "cut-text"
    ]


LINES = st.lists(
    st.sampled_from(
        ["a: b", "a: b # c", "", "  ", "# c", "    # c", "- x", "- x#y", "  more", "é: «x»"]
    )
)


@given(LINES)
def test_looking_only_where_a_comment_is_near_finds_the_same_slips(lines: list[str]) -> None:
    text = "\n".join(lines)
    near = lines_with_comments(text.splitlines())
    try:
        events = [
            each
            for each in yaml.parse(text, Loader=yaml.SafeLoader)
            if isinstance(each, yaml.ScalarEvent)
        ]
    except yaml.YAMLError:
        return
    for event in events:
        slips = list(find_slips(event, text.splitlines()))
        assert not slips or may_slip(event, near)
