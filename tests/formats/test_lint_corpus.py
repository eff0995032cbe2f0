"""Every mistake of the corpus earns exactly its text, and every code of the readers is in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.rulesets import corpus

import screening.formats

FORMATS = Path(screening.formats.__file__).parent
# What reads no rule files has tests of its own.
OTHER_READERS = {
    *("answers_json.py", "strict_json.py", "ruleset_json.py"),
    *("csv_table.py", "csv_text.py"),
}
ENTRIES = sorted(path.name for path in corpus.LINT.iterdir() if path.is_dir())
# These take a file too large to keep, so that they are tested where it can be made.
MADE_ELSEWHERE = {
    *("too-large", "too-many", "too-many-problems", "reused-version"),
    # by overlays and catalogues, see test_overlay_file and test_catalogue
    *(
        "missing-words",
        "not-reviewed",
        "missing-message",
        "other-numbers",
        "untranslated",
        "not-po",
    ),
}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
SAID = r"^[\w.]+(?::\d+:\d+)?: .* \[([a-z0-9-]+)\]$"


def expected(entry: str) -> str:
    return (corpus.LINT / entry / "expected.txt").read_text("utf-8")


def codes_said() -> set[str]:
    return {code for each in ENTRIES for code in re.findall(SAID, expected(each), re.MULTILINE)}


def codes_in_source() -> set[str]:
    paths = (path for path in FORMATS.rglob("*.py") if path.name not in OTHER_READERS)
    return {code for path in paths for code in codes_of(ast.parse(path.read_text("utf-8")))}


def codes_of(tree: ast.AST) -> Iterator[str]:
    """The first argument that can be a code of each report, refusal and problem."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [word.value for word in node.keywords if word.arg == "code"]
            yield from first_code([*node.args[:3], *named] if reports(node) else [])
        elif isinstance(node, ast.FunctionDef) and "refused" in node.name:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Tuple):
                    yield from first_code(inner.elts[:1])


def reports(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"report", "problem", "_RefusedError", "Problem", "Slip"}


def first_code(nodes: list[ast.expr]) -> Iterator[str]:
    words = [each.value for each in nodes if isinstance(each, ast.Constant)]
    yield from [word for word in words if isinstance(word, str) and CODE.fullmatch(word)][:1]


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_mistake_earns_its_text(entry: str) -> None:
    assert corpus.said(corpus.texts_of(corpus.LINT / entry)) + "\n" == expected(entry)


def test_the_good_folder_has_no_problem() -> None:
    assert corpus.said(corpus.texts_of(corpus.GOOD)) == ""


def test_every_entry_differs_from_the_good_folder_and_says_something() -> None:
    assert len(ENTRIES) >= 35
    assert [entry for entry in ENTRIES if not expected(entry).strip()] == []
    good = corpus.texts_of(corpus.GOOD)
    assert [e for e in ENTRIES if corpus.texts_of(corpus.LINT / e) == good] == []


def test_every_code_of_the_readers_is_in_the_corpus() -> None:
    source = codes_in_source()
    assert {"not-yaml", "alias", "cannot-differ", "example-differs", "missing-file"} <= source
    assert source - codes_said() - MADE_ELSEWHERE == set()


def test_every_exemption_is_a_code() -> None:
    assert codes_in_source() >= MADE_ELSEWHERE


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_text_points_into_its_file(entry: str) -> None:
    files = corpus.texts_of(corpus.LINT / entry)
    for name, line, column in re.findall(r"^([\w.]+):(\d+):(\d+): ", expected(entry), re.MULTILINE):
        lines = files[name].decode("utf-8", errors="replace").splitlines() or [""]
        assert 1 <= int(line) <= len(lines)
        assert 1 <= int(column) <= len(lines[int(line) - 1]) + 1


def test_problems_of_several_files_come_file_by_file_and_from_top_to_bottom() -> None:
    places = re.findall(r"^([\w.]+):(\d+):", expected("several-at-once"), re.MULTILINE)
    assert list(dict.fromkeys(name for name, _ in places)) == [
        "main.yaml",
        "gate.yaml",
        "questions.yaml",
    ]
    for file in ("main.yaml", "gate.yaml", "questions.yaml"):
        numbers = [int(line) for name, line in places if name == file]
        assert numbers == sorted(numbers)
    assert len(places) == 6
