"""Hostile files are refused clearly, at once and in little memory, and never with a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.rulesets import corpus
from support.services.costs import AT_ONCE

from screening.errors import DocumentError, Problem
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset
from screening.formats.yaml.limits import MAX_PROBLEMS

# On a machine with two cores the slowest takes 0.6 s of a processor, the largest 48 MB, Python and
# its libraries included.
MEGABYTES = 100

GOOD = corpus.texts_of(corpus.GOOD)
MIB = 1024 * 1024
GATES = "".join(
    f"""
  gate{n}:
    type: yes_no
    section: signs
    name: Gate {n}
    ask: Gate {n}?
    why: Because.
    ask_if: {{any: [{{gate{n - 1}: yes}}, {{not: {{gate{n - 1}: no}}}}]}}"""
    if n
    else "\n  gate0: {type: yes_no, section: signs, name: Gate 0, ask: Gate 0?, why: Because.}"
    for n in range(60)
)
CODES = ", ".join(f"c{n}: Scan {n}" for n in range(1000))


def bombs() -> dict[str, dict[str, bytes]]:
    """By name: the files that are replaced, and their bytes."""
    main, bank = GOOD["main.yaml"], GOOD["questions.yaml"]
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    wide = bank.replace(b"xray: X-ray, mri: MRI, ct: CT", CODES.encode())
    unknown = "".join(f"  leg_weakness{n}: {{}}\n" for n in range(8_000)).encode()
    one_file: dict[str, tuple[str, bytes]] = {
        "laughs": ("main.yaml", laughs.encode()),
        "flow depth": ("main.yaml", b"[" * 100_000),
        "flow mapping depth": ("main.yaml", b"{a: " * 100_000),
        "block depth": ("main.yaml", b"- " * 100_000),
        "indented depth": ("main.yaml", b"".join(b" " * n + b"a:\n" for n in range(1400))),
        "keys": ("main.yaml", b"".join(b"k%d: 1\n" % n for n in range(95_000))[:MIB]),
        "same key": ("main.yaml", b"a: 1\n" * 20_000),
        "fields nobody knows": (
            "main.yaml",
            b"rulez: 1\nversio: 1\n" + unknown.replace(b"  ", b""),
        ),
        "empty list parts": ("main.yaml", b"include: [" + b"{}, " * 15_000 + b"]"),
        "huge plain text": ("main.yaml", b"rules: " + b"x" * (MIB - 10)),
        "huge quoted text": ("main.yaml", b'rules: "' + b"x y " * 250_000 + b'"'),
        "huge folded text": ("main.yaml", b"rules: >\n" + b"  x\n" * 250_000),
        "huge key": ("main.yaml", b"x" * (MIB - 10) + b": 1"),
        "huge comment": ("main.yaml", b"#" * (MIB - 10)),
        "huge quotes that stay open": ("main.yaml", b'rules: "' + b"x\n" * 500_000),
        "blank lines": ("main.yaml", b"\n" * (MIB - 1)),
        "blank lines of a text": ("main.yaml", b"a: |\n" + b"\n" * (MIB - 10)),
        "names in one line": (
            "main.yaml",
            b"{" + b",".join(b"a%d: b" % n for n in range(90_000)) + b"}",
        ),
        "anchors": ("main.yaml", b"".join(b"k%d: &a%d x\n" % (n, n) for n in range(50_000))),
        "huge anchor": ("main.yaml", b"a: &" + b"x" * 900_000 + b" 1"),
        "huge alias": ("main.yaml", b"a: *" + b"x" * 900_000),
        "huge tag": ("main.yaml", b"a: !" + b"x" * 900_000 + b" 1"),
        "keys of keys": ("main.yaml", b"? " * 400_000),
        "documents": ("main.yaml", b"--- a\n" * 150_000),
        "directives": ("main.yaml", b"%TAG ! x\n" * 100_000),
        "slips": ("main.yaml", b"a: 'b''c'd\n" * 80_000),
        "50 MB": ("main.yaml", b"a: b\n" * 10_000_000),
        "binary": ("main.yaml", bytes(range(256)) * 4000),
        "UTF-16": ("main.yaml", main.decode().encode("utf-16")),
        "NUL": ("main.yaml", main + b"\0"),
        "deep gates": ("questions.yaml", bank.replace(b"items:", b"items:" + GATES.encode(), 1)),
        "long condition": ("main.yaml", entangled(main)),
        "many entangled": ("main.yaml", many_entangled(main)),
        "cases nobody knows": (
            "main.examples.yaml",
            b"cases: main\nas_of: 2026-11-20\nexamples:\n" + unknown,
        ),
    }
    named = main.replace(b"[mri, ct]", f"[{', '.join(f'c{n}' for n in range(999))}]".encode())
    return {name: {file: data} for name, (file, data) in one_file.items()} | {
        "criterion on a thousand choices": {"questions.yaml": wide, "main.yaml": named}
    }


def entangled(main: bytes) -> bytes:
    tests = ", ".join(f"{{levels: {{is: {2 + n % 22}}}}}" for n in range(3_500))
    return main.replace(b"when: {source: {is: disc}}", f"when: {{any: [{tests}]}}".encode())


def many_entangled(main: bytes) -> bytes:
    """Many criteria, each of which costs many evaluations and never holds."""
    parts = "{began: {within: 2 months}}, {levels: {above: 3}}, {leg_weakness: yes}, {fever: yes}"
    parts += ", {source: {is: disc}}, {scans: {includes: ct}}, {source: {is: bone}}"
    cite = "cite: [{source: page, heading: Who, exact: x}]"
    criteria = "".join(
        f"  c{n}: {{tier: info, when: {{all: [{parts}]}}, strength: may, say: x{n}, {cite}}}\n"
        for n in range(250)
    )
    return main.replace(b"outcomes:\n", criteria.encode() + b"outcomes:\n", 1)


BOMBS = bombs()
# Every folder in one process of its own, so that the peak is that of reading and nothing else.
CHILD = """
import json, sys
from pathlib import Path
from support.services.costs import cost
from screening.files.rule_files import check_folder

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024

for folder in sorted(Path(sys.argv[1]).iterdir()):
    problems = check_folder(folder).problems
    took = cost(lambda: check_folder(folder))
    texts = [str(problem) for problem in problems]
    codes = [problem.code for problem in problems]
    said = {"codes": codes, "longest": max(map(len, texts)), "took": took, "peak": peak()}
    said["located"] = all(problem.place.line and problem.place.column for problem in problems)
    print(json.dumps([folder.name, said]))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What checking each folder comes to: codes, cost, megabytes."""
    root = tmp_path_factory.mktemp("hostile")
    for name, files in BOMBS.items():
        (root / name).mkdir()
        for each, good in (GOOD | files).items():
            (root / name / each).write_bytes(good)
    command = [sys.executable, "-c", CHILD, str(root)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    child = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert child.stderr == ""
    return dict(json.loads(line) for line in child.stdout.splitlines())


EXPECTED = {
    "laughs": "anchor",
    "flow depth": "too-deep",
    "flow mapping depth": "too-deep",
    "block depth": "too-deep",
    "indented depth": "too-deep",
    "keys": "too-many",
    "same key": "too-many-problems",
    "fields nobody knows": "too-many-problems",
    "empty list parts": "too-many-problems",
    "huge plain text": "too-long",
    "huge quoted text": "too-long",
    "huge folded text": "too-long",
    "huge key": "too-long",
    "huge comment": "empty-document",
    "huge quotes that stay open": "not-yaml",
    "blank lines": "empty-document",
    "blank lines of a text": "unknown-field",
    "names in one line": "too-many",
    "anchors": "anchor",
    "huge anchor": "anchor",
    "huge alias": "alias",
    "huge tag": "tag",
    "keys of keys": "too-deep",
    "documents": "several-documents",
    "directives": "not-yaml",
    "slips": "not-yaml",
    "50 MB": "too-large",
    "binary": "not-text",
    "UTF-16": "not-text",
    "NUL": "not-text",
    "deep gates": "too-entangled",
    "criterion on a thousand choices": "too-entangled",
    "long condition": "too-entangled",
    "many entangled": "cannot-differ",
    "cases nobody knows": "too-many-problems",
}


@pytest.mark.long
@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_is_refused_at_once(said: dict[str, dict[str, Any]], name: str) -> None:
    assert EXPECTED[name] in said[name]["codes"]
    assert said[name]["located"]
    assert len(said[name]["codes"]) <= MAX_PROBLEMS + 1
    assert said[name]["took"] < AT_ONCE
    assert said[name]["peak"] < MEGABYTES


@pytest.mark.long
def test_no_problem_is_longer_than_a_page(said: dict[str, dict[str, Any]]) -> None:
    assert {name: each["longest"] for name, each in said.items() if each["longest"] > 1500} == {}


def problems_with(**files: bytes) -> list[Problem]:
    texts = {name.removesuffix(".yaml"): data for name, data in GOOD.items()}
    texts = {name: data for name, data in (texts | files).items() if not name.endswith(".examples")}
    with pytest.raises(DocumentError) as caught:
        read_ruleset("main", {name: RuleText(name, data) for name, data in texts.items()})
    return list(caught.value.problems)


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_windows_line_ends_and_byte_order_marks_change_nothing(start: bytes, ending: bytes) -> None:
    texts = {
        name.removesuffix(".yaml"): RuleText(name, start + data.replace(b"\n", ending))
        for name, data in GOOD.items()
        if "cases" not in name
    }
    good = {name: RuleText(name, GOOD[f"{name}.yaml"]) for name in texts}
    assert read_ruleset("main", texts).digest == read_ruleset("main", good).digest


def test_a_byte_order_mark_does_not_move_the_caret() -> None:
    bad = GOOD["main.yaml"].replace(b"# A whole", b"rulez: x\n#", 1)
    (plain, *_), (marked, *_) = problems_with(main=bad), problems_with(main=b"\xef\xbb\xbf" + bad)
    assert (plain.place, plain.excerpt) == (marked.place, marked.excerpt)
    assert (plain.place.line, plain.place.column) == (1, 1)


@pytest.mark.parametrize(
    "ending", ["\u2028", "\u2029", "\x85", "\r", "\x0b", "\x0c"], ids=lambda c: f"U+{ord(c):04X}"
)
def test_a_rule_cannot_hide_behind_a_line_break_that_editors_do_not_show(ending: str) -> None:
    (problem,) = problems_with(main=f"# only a comment{ending}rules: main\n".encode())
    assert problem.code == "not-text"
    assert (problem.place.line, problem.place.column) == (1, 17)


@pytest.mark.parametrize("escape", ["\\x1b[2J", "\\u202e", "\\u2028", "\\0", "\\ufeff"])
def test_an_escape_brings_in_no_invisible_character(escape: str) -> None:
    bad = GOOD["main.yaml"].replace(b"say: Help now.", f'say: "Help {escape} now."'.encode())
    (problem,) = problems_with(main=bad)
    assert problem.code == "not-text"
    assert str(problem).isascii()
    assert "\x1b" not in str(problem)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "\n\n",
        "# x\n",
        "---\n",
        "--- # x\n...\n",
        "text",
        "[]",
        "{}",
        "- a",
        "null",
        "3",
        "? a",
        "%YAML 1.1\n---\n{}",
        "%YAML 9.0\n---\n{}",
        "%TAG ! x\n---\n{}",
        "!!python/object:os.system {}",
        "&a [*a]",
        "*a",
        "<<: {}",
        "? {a: b}\n: c",
        "? [a]\n: c",
        ": x",
        "{: x}",
        "1: 2",
        "yes: no",
        "~: ~",
        "? |\n  a\n  b\n: c",
        "'': x",
        "{a: [}",
        "a: |\n\tb",
        "\t",
        "@",
        "`",
        "%",
    ],
)
@pytest.mark.parametrize("name", ["main", "gate", "questions"])
def test_any_odd_document_is_refused_with_a_place(name: str, document: str) -> None:
    problems = problems_with(**{name: document.encode()})
    assert name in {problem.place.source for problem in problems}
    assert all(problem.message for problem in problems)


def places(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value of a document."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from places(value, (*path, position))


def replaced(node: Any, path: tuple[str | int, ...], new: object) -> Any:  # noqa: ANN401 - a tree
    if not path:
        return new
    copy = node.copy()
    copy[path[0]] = replaced(node[path[0]], path[1:], new)
    return copy


WRONG: list[object] = [[], {}, "", [["x"]]]


def trees() -> Iterator[tuple[str, Any]]:
    for name in ("main", "gate", "questions"):
        yield name, yaml.load(GOOD[f"{name}.yaml"], Loader=yaml.CBaseLoader)  # noqa: S506 - texts only


@pytest.mark.long
@pytest.mark.parametrize("name", ["main", "gate", "questions"])
def test_a_value_of_another_shape_is_reported_wherever_it_stands(name: str) -> None:
    tree = dict(trees())[name]
    silent = []
    for path in places(tree):
        for wrong in WRONG:
            bad = json.dumps(replaced(tree, path, wrong)).encode()
            try:
                read_ruleset("main", {**TEXTS, name: RuleText(name, bad)})
            except DocumentError as error:
                assert error.problems  # noqa: PT017 - an error without a problem says nothing
            else:
                silent.append((path, wrong))
    assert [each for each in silent if each not in allowed(name)] == []


TEXTS = {
    name.removesuffix(".yaml"): RuleText(name, data)
    for name, data in GOOD.items()
    if "cases" not in name
}


def allowed(name: str) -> list[tuple[tuple[str | int, ...], object]]:
    """Places where nothing at all is fine."""
    if name == "main":
        return [
            *(((field,), {}) for field in ("ask", "disagreements", "silent_on", "options")),
            (("disagreements", "time", "touches"), []),
            (("favourable",), []),
        ]
    return []
