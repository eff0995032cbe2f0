"""No regular expression of ours takes longer than the length of a hostile text explains.

Every one is found in the code itself, so that a new one is tried without being listed here. It is
tried as it is called, on texts that are made of its own parts: a part that repeats, many times
over, behind what leads there and before what cannot match.
"""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]  # what the parser's trees are of
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from support.services.costs import spent

from screening.formats.answers import vague_days

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "screening"
CALLS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
MADE = {"compile", "Regexp"}
LENGTHS = (*range(12, 30, 2), 500, 2_000, 8_000, 32_000)
"""The first are for what grows exponentially, the last for what grows with the square."""
AS_GOOD_AS_ENDLESS = 20
PER_LETTER = 2e-6
"""Seconds; ten times what a slow machine takes, a hundredth of what a square costs at the end."""
AT_LEAST = 0.05
ATTEMPTS = 10
NEVER_MATCHES = ("\0", "\u2603!", "\n\x01")
PASSED_ON = {
    "query._DIGEST": "fullmatch",
    "query._WORD": "fullmatch",
    "query._NUMBER": "fullmatch",
    "write_keys._KEY": "fullmatch",
    "write_keys._NUMBER": "fullmatch",
    "forms.EMAIL": "match",
}
"""Those that another function calls."""
FROM_PARTS = {
    "quotes: words": [r"(?<!\w)(?=poor\ lung ?function(?!\w))"],
    "criteria: words": [r"\brelative\ contraindication\b"],
    "components: macro": [],  # reads templates of the design system, which nobody types
    "term: longest_first": [r"(?<!\w)(?:compression\ fracture|vertebra)(?!\w)"],
    "vague_days: how": [how.value for how in vague_days._How],  # noqa: SLF001 - as they are
}
"""Those that are put together when they are used, with what they come to."""


@dataclass(frozen=True, slots=True)
class Used:
    """A regular expression, and how the code calls it."""

    place: str
    pattern: str
    flags: int
    call: str


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"frontend", "versions"} & set(path.parts):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """The calls that take a regular expression, with what they do to it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Attribute(value=ast.Name(id="re"), attr=attr) if attr in CALLS | MADE:
                yield node, attr
            case ast.Name(id="Regexp"):
                yield node, "match"


def named(tree: ast.Module) -> dict[ast.Call, str]:
    """The name that a compiled expression is given."""
    return {
        node.value: target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def called(tree: ast.Module, name: str) -> set[str]:
    """What is called on a name."""
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
        and node.func.attr in CALLS
    }


def patterns(module: str, node: ast.expr) -> list[str]:
    """What an argument comes to; an expression of parts is looked up."""
    short = module.rpartition(".")[2]
    try:
        code = compile(ast.Expression(node), module, "eval")
        found = eval(code, vars(importlib.import_module(module)))  # noqa: S307 - our own code
    except NameError as error:
        return FROM_PARTS[f"{short}: {error.name}"]
    return [found] if isinstance(found, str) else [found.pattern]


def flags(module: str, call: ast.Call) -> int:
    given = [*call.args[1:], *(each.value for each in call.keywords if each.arg == "flags")]
    for node in given:
        match node:
            case ast.Attribute(value=ast.Name(id="re"), attr=attr):
                return int(getattr(re, attr))
    return 0


def uses(module: str, tree: ast.Module) -> Iterator[Used]:
    names, short = named(tree), module.rpartition(".")[2]
    for call, how in calls(tree):
        name = names.get(call, "")
        ways = called(tree, name) if how == "compile" else {how}
        if f"{short}.{name}" in PASSED_ON:
            ways = ways | {PASSED_ON[f"{short}.{name}"]}
        for pattern in patterns(module, call.args[0]):
            for way in ways or {"search"}:  # the slowest, if nobody can tell
                yield Used(f"{short}:{call.lineno}", pattern, flags(module, call), way)


@cache
def all_uses() -> tuple[Used, ...]:
    in_code = [each for module, tree in modules() for each in uses(module, tree)]
    return (*in_code, *of_schemas())


def of_schemas() -> Iterator[Used]:
    """The schemas are for other people's programs, which search by them."""
    for path in sorted(PACKAGE.glob("schemas/*.json")):
        for pattern in patterns_in(json.loads(path.read_text("utf-8"))):
            yield Used(path.name, pattern, 0, "search")


def patterns_in(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from [inner] if key == "pattern" else patterns_in(inner)
        case list():
            for inner in value:
                yield from patterns_in(inner)


def samples(tree: Any, most: int = 3) -> list[str]:  # noqa: ANN401 - the parser's own
    """Some texts that a part of an expression matches."""
    texts = [""]
    for op, value in tree:
        found = list(dict.fromkeys(_samples_of(op, value)))[:most] or [""]
        texts = [before + after for before, after in islice(product(texts, found), most * most)]
    return texts[: most * most]


def _samples_of(op: Any, value: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    match op:
        case sre.LITERAL:
            yield chr(value)
        case sre.NOT_LITERAL | sre.ANY:
            yield "a"
            yield " "
        case sre.IN:
            yield from (letter for letter in LETTERS if _is_in(letter, value))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            least, _, inner = value
            yield from (text * max(least, 1) for text in samples(inner))
            if not least:
                yield ""
        case sre.SUBPATTERN:
            yield from samples(value[-1])
        case sre.BRANCH:
            for each in value[1]:
                yield from samples(each, 1)


LETTERS = " a0-\"'\t/:.“,_x5Ez\n\u200b\xa0"


def _is_in(letter: str, value: Any) -> bool:  # noqa: ANN401 - as above
    negated = any(op is sre.NEGATE for op, _ in value)
    return negated != any(_holds(letter, op, inner) for op, inner in value)


def _holds(letter: str, op: Any, inner: Any) -> bool:  # noqa: ANN401 - as above
    match op:
        case sre.LITERAL:
            return bool(ord(letter) == inner)
        case sre.RANGE:
            return bool(inner[0] <= ord(letter) <= inner[1])
        case sre.CATEGORY:
            pattern = {
                sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_WORD: r"\w",
                sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_NOT_SPACE: r"\S",
                sre.CATEGORY_NOT_WORD: r"\W",
            }[inner]  # fmt: skip
            return bool(re.match(pattern, letter))
    return False


def repeats(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - as above
    """What leads to each part that repeats without an end, and what it repeats."""
    for op, value in tree:
        match op:
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                yield ("", before)
                if value[1] > AS_GOOD_AS_ENDLESS:
                    yield from ((before, text) for text in samples(value[2]) if text)
                yield from repeats(value[2], before)
            case sre.SUBPATTERN:
                yield from repeats(value[-1], before)
            case sre.BRANCH:
                for each in value[1]:
                    yield from repeats(each, before)
            case sre.ASSERT | sre.ASSERT_NOT:
                yield from repeats(value[1], before)
        before += samples([(op, value)])[0]


def hostile(used: Used) -> Iterator[tuple[str, str, str]]:
    """Beginnings, what to repeat, and ends."""
    tree = _parser.parse(used.pattern, used.flags)
    pumps = dict.fromkeys([*repeats(tree), *(("", text) for text in samples(tree) if text)])
    pumps |= dict.fromkeys(("", pump) for _, pump in list(pumps))
    pumps = {each: None for each in pumps if each[1]}
    for (start, pump), end in product(pumps, NEVER_MATCHES):
        yield start, pump, end


def seconds(used: Used, text: str) -> float:
    """How long it takes at best."""
    compiled = re.compile(used.pattern, used.flags)
    call = {
        "sub": lambda: compiled.sub("", text),
        "subn": lambda: compiled.subn("", text),
        "finditer": lambda: list(compiled.finditer(text)),
    }.get(used.call) or (lambda: getattr(compiled, used.call)(text))
    best = float("inf")
    for _ in range(ATTEMPTS):
        best = min(best, spent(call))
        if best < AT_LEAST:
            break
    return best


def slow(used: Used) -> str:
    """On which text it takes too long; "" if there is none."""
    for start, pump, end in hostile(used):
        for length in LENGTHS:
            text = start + pump * (length // len(pump)) + end
            if seconds(used, text) > AT_LEAST + PER_LETTER * len(text):
                return f"{start!r} + {pump!r} * {length // len(pump)} + {end!r}"
    return ""


def test_every_expression_is_found() -> None:
    places = {used.place.partition(":")[0] for used in all_uses()}
    assert {"slips", "csv_text", "forms", "ruleset.schema.json"} <= places
    assert len(all_uses()) > 60


@pytest.mark.parametrize("place", sorted({used.place for used in all_uses()}))
def test_no_text_keeps_an_expression_busy(place: str) -> None:
    for used in all_uses():
        if used.place == place:
            assert slow(used) == "", (used.pattern, used.call)


@pytest.mark.parametrize(
    ("pattern", "call"),
    [
        (r"(a+)+$", "match"),
        (r"(?:a|a)*b", "match"),
        (r"(?:[0-9]+,?)*x", "fullmatch"),
        (r"\s+$", "search"),
        (r"<[^>]*>.*</", "findall"),
    ],
)
def test_an_expression_that_is_kept_busy_is_seen(pattern: str, call: str) -> None:
    assert slow(Used("here", pattern, 0, call))


@pytest.mark.parametrize(
    "line", ["A = re.compile('(a+)+$')", "x(re.search('(a+)+$', y))", "z(Regexp('(a+)+$'))"]
)
def test_a_new_expression_is_found_and_tried(line: str) -> None:
    (used,) = uses("screening.errors", ast.parse(line))
    assert slow(used)
