"""Pages, rules, messages and docstrings are in plain modern English, by patterns of what is not."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PATTERNS = {
    "whoever": r"\bwho(?:m|so)?ever\b",
    "anew: again": r"\banew\b",
    "upon: on": r"\bupon\b",
    "otherwise than: differently from": r"\botherwise than\b",
    "a bare who: the person who": r"\b(?:of|to|for|by|from|with|than) who\b(?! (?:was|is|has)\b)",
    "stands, lies: is": r"\b(?:stands|lies)\b(?! (?:for|in for)\b)",
    "tells of: shows, covers": r"\b(?:tells|tell|telling) of\b",
    "any longer: no longer": r"\bany longer\b(?! than)",
    "that which: what": r"\bthat which\b",
    "goes by: is called": r"\bgoes by (?!priority)",
    "not un-: a double negative": r"\bnot un(?:like|usual|common|known|able)",
}
"""The patterns, each with the words to write instead."""

OPENINGS = r"(?:What|Whether|Who|Whose|Whom|How|Where|When|Why|That|Whoever)\b"
"""No docstring opens like a question: it names a thing, or says what is done."""

MOST_WORDS = 30
"""The most words of a sentence on a page."""


@cache
def _modules() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "screening").rglob("*.py")))


def _at(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def _docstrings(tree: ast.AST) -> dict[int, ast.Constant]:
    """Docstrings, those of constants and fields too, by the identity of their node."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    texts = (each for each in alone if isinstance(each, ast.Constant))
    return {id(each): each for each in texts if isinstance(each.value, str)}


@cache
def _of_code() -> tuple[tuple[str, str], ...]:
    """Every docstring, and every text with a space in it, by its place."""
    return tuple(_texts_of_code())


def _texts_of_code() -> Iterator[tuple[str, str]]:
    for path in _modules():
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = _docstrings(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) in docstrings or " " in node.value:
                yield _at(path, node.lineno), node.value


def _visible(text: str) -> str:
    """What a template shows: its comments, tags and statements are left out, values are a word."""
    text = re.sub(r"{#.*?#}|{%.*?%}", " ", text, flags=re.DOTALL)
    text = re.sub(r"{{.*?}}", "X", text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "\n", text)


def _of_pages() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        yield str(path.relative_to(ROOT)), _visible(text)
        yield str(path.relative_to(ROOT)), " ".join(re.findall(r'"([^"{}<>]* [^"{}<>]*)"', text))


def _of_rules() -> Iterator[tuple[str, str]]:
    """The lines of the rule files, but for quoted words and titles of sources."""
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if not re.search(r"\b(?:exact|heading|title|prefix|suffix):", line):
                yield _at(path, number), line


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("texts", [_of_code, _of_pages, _of_rules])
def test_no_text_has_a_word_that_nobody_says(
    texts: Callable[[], Iterable[tuple[str, str]]], name: str
) -> None:
    pattern = re.compile(PATTERNS[name], re.IGNORECASE)
    found = [f"{place}: …{hit[0]}…" for place, text in texts() for hit in pattern.finditer(text)]
    assert not found, f"{name}\n" + "\n".join(found)


def test_no_docstring_opens_like_a_question() -> None:
    found = [
        f"{_at(path, node.lineno)}: {str(node.value).splitlines()[0]}"
        for path in _modules()
        for node in _docstrings(ast.parse(path.read_text("utf-8"))).values()
        if re.match(OPENINGS, str(node.value))
    ]
    assert not found, "\n".join(found)


def test_no_sentence_of_a_page_is_long() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {' '.join(sentence.split())}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for block in _visible(path.read_text("utf-8")).split("\n")
        for sentence in re.split(r"[.:;?!](?:\s|$)", block)
        if len(sentence.split()) > MOST_WORDS
    ]
    assert not found, "\n".join(found)


FAULTS = (
    "for whoever asks",
    "made anew",
    "based upon",
    "otherwise than computed",
    "shown to who asks",
    "where it stands",
    "an event tells of it",
    "not any longer",
    "that which is",
    "it goes by a name",
    "not unlike",
)


def test_every_pattern_finds_its_fault() -> None:
    for pattern, fault in zip(PATTERNS.values(), FAULTS, strict=True):
        assert re.search(pattern, fault), fault
