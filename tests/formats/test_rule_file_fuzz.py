"""Whatever is done to the shipped files, a ruleset or problems with places come out."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.core.rules.ruleset import Ruleset
from screening.errors import DocumentError
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset

pytestmark = pytest.mark.long

RULES = Path(__file__).parents[2] / "rules"
NAMES = ("questions", "safety", "documented")
SHIPPED = {name: (RULES / f"{name}.yaml").read_bytes() for name in NAMES}
SCALARS = [
    "",
    "yes",
    "no",
    "~",
    "[]",
    "{}",
    "'",
    '"',
    "*a",
    "&a",
    "!x",
    "-",
    "<<",
    "9" * 30,
    "é",
    "\t",
    "a: b",
]
EXAMPLES = settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def edits(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes after one change of the kind that a hand, a merge or a disk makes."""
    lines = data.split(b"\n")
    one = draw(st.integers(0, len(lines) - 1))
    other = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(["drop", "double", "swap", "scalar", "cut", "flip", "indent"])):
        case "drop":
            del lines[one]
        case "double":
            lines.insert(other, lines[one])
        case "swap":
            lines[one], lines[other] = lines[other], lines[one]
        case "scalar":
            name, colon, _ = lines[one].partition(b":")
            lines[one] = name + colon + b" " + draw(st.sampled_from(SCALARS)).encode()
        case "cut":
            return data[: draw(st.integers(0, len(data)))]
        case "flip":
            at = draw(st.integers(0, len(data) - 1)) if data else 0
            flipped = bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in data[at : at + 1])
            return data[:at] + flipped + data[at + 1 :]
        case _:
            lines[one] = b"  " + lines[one]
    return b"\n".join(lines)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, RuleText]:
    files = dict(SHIPPED)
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)):
        files[name] = draw(edits(files[name]))
    return {name: RuleText(name, data) for name, data in files.items()}


@EXAMPLES
@given(damaged())
def test_a_damaged_file_gives_a_ruleset_or_problems_inside_it(texts: dict[str, RuleText]) -> None:
    try:
        ruleset = read_ruleset("documented", texts)
    except DocumentError as error:
        assert error.problems  # noqa: PT017 - an error without a problem says nothing
        for problem in error.problems:
            lines = texts[problem.place.source].data.decode(errors="replace").splitlines() or [""]
            assert 1 <= problem.place.line <= len(lines)
            assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1
            assert problem.message
            assert "\n" not in problem.message
    else:
        assert isinstance(ruleset, Ruleset)
        assert criteria_in(texts) == len([c for c in ruleset.criteria if not c.limit_of])


def criteria_in(texts: dict[str, RuleText]) -> int:
    """How many criteria two files declare, by their tiers, which stand in no other place."""
    data = b"\n".join(texts[name].data for name in ("safety", "documented"))
    return sum(line.strip().startswith(b"tier:") for line in data.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_in_its_last_line_is_no_traceback(name: str) -> None:
    data = SHIPPED[name]
    for length in range(len(data) - 40, len(data), 8):
        texts = {each: RuleText(each, SHIPPED[each]) for each in NAMES}
        texts[name] = RuleText(name, data[:length])
        try:
            read_ruleset("documented", texts)
        except DocumentError as error:
            assert error.problems  # noqa: PT017
