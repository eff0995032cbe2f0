"""The table of ASVS 5.0 names every requirement of levels 1 and 2 once, and tests that exist."""

import ast
from functools import cache
from pathlib import Path

import pytest
from support import asvs

ROOT = Path(__file__).parents[2]
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3",
    "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333",
    "6.6": "2223", "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222",
    "10.6": "22", "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23",
    "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
"""The level of each requirement of a section of ASVS 5.0.0, in their order."""
ENTRIES = asvs.read()


def test_the_standard_has_as_many_requirements_of_each_level() -> None:
    every = "".join(LEVELS.values())
    assert [every.count(level) for level in "123"] == [70, 183, 92]


def test_every_requirement_of_levels_1_and_2_stands_there_once_in_order() -> None:
    wanted = {
        f"{section}.{number}": int(level)
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, start=1)
        if level != "3"
    }
    assert [*ENTRIES] == [*wanted]
    assert {number: entry["level"] for number, entry in ENTRIES.items()} == wanted


def test_each_says_what_it_asks_for_and_how_that_is_met() -> None:
    for number, entry in ENTRIES.items():
        assert entry.keys() == {"level", "asks", asvs.kind(entry)}, number
        assert entry["asks"], number
        assert entry[asvs.kind(entry)], number


@cache
def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    for number, entry in ENTRIES.items():
        named = entry.get("tests", [])
        assert isinstance(named, list), number
        for each in named:
            file, _, name = each.partition("::")
            assert (ROOT / file).is_file(), (number, each)
            assert name.startswith("test_"), (number, each)
            assert name in functions_of(ROOT / file), (number, each)


@pytest.mark.parametrize("number", [n for n, entry in ENTRIES.items() if "written" in entry])
def test_what_is_said_to_be_written_down_has_a_heading(number: str) -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert f"\n## {ENTRIES[number]['written']}\n" in text


def test_the_page_is_what_is_made_of_the_table() -> None:
    again = "run: PYTHONPATH=tests python -m support.asvs"
    assert asvs.PAGE.read_text("utf-8") == asvs.page(ENTRIES), again
