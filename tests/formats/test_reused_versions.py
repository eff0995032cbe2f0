"""A version is used for one text: files are compared by what they say."""

import pytest

from screening.formats.rules.reused_versions import EarlierVersion, find_reused_versions
from screening.formats.rules.rule_text import RuleText

FILE = "rules: main\nversion: 1.2.9\nsay: {nurse: One two, patient: Three}\nbest: [a, b]\n"


def reused(now: str, *before: str, name: str = "main") -> list[str]:
    earlier = [
        EarlierVersion(f"than number {n}", {name: text.encode()})
        for n, text in enumerate(before, start=1)
    ]
    files = {"main": RuleText("main.yaml", now.encode())}
    return [
        f"{each.place} {each.message}; {each.hint}" for each in find_reused_versions(files, earlier)
    ]


@pytest.mark.parametrize(
    "now",
    [
        FILE,
        f"# A comment.\n{FILE}",
        FILE.replace(
            "{nurse: One two, patient: Three}", "\n  nurse: One\n    two\n  patient: Three"
        ),
        FILE.replace("[a, b]", "\n  - a\n  - b"),
        FILE.replace("One two", '"One two"'),
    ],
)
def test_a_file_that_says_the_same_may_keep_its_version(now: str) -> None:
    assert reused(now, FILE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One", "Two"), ("[a, b]", "[b, a]"), ("[a, b]", "[a]"), ("[a, b]", "{a: b}"),
        ("nurse", "doctor"), ("best: [a, b]\n", ""), ("rules: main", "rules: other"),
    ],
)  # fmt: skip
def test_a_file_that_says_something_else_needs_another_version(old: str, new: str) -> None:
    hint = "give the changed file a version of its own, such as 1.2.10"
    line = 2
    assert reused(FILE.replace(old, new), FILE) == [
        f"main.yaml:{line}:10 `main` 1.2.9 says something else than number 1; {hint}"
    ]
    assert reused(FILE.replace(old, new).replace("1.2.9", "1.2.10"), FILE) == []


def test_the_first_of_several_is_named_and_other_files_are_none_of_it() -> None:
    changed = FILE.replace("One", "Two")
    older = FILE.replace("1.2.9", "1.2.8")
    (said,) = reused(changed, older, changed, FILE, FILE.replace("One", "Zero"))
    assert "than number 3" in said
    assert reused(changed, FILE, name="other") == []


@pytest.mark.parametrize(
    "now", ["", "version: [1]\n", "best: [a]\n", "version:1.2.9\nx: y\n", "- a\n"]
)
def test_a_file_without_a_version_is_left_to_its_own_reading(now: str) -> None:
    assert reused(now, FILE) == []
    assert reused(FILE, now) == []
