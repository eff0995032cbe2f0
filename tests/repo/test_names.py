"""Classes are nouns: no name of one ends in a participle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SCREENING = Path(__file__).parents[2] / "screening"
NOUNS = {"Finding", "Keyring", "Listing", "Need", "Pending", "Proving", "Wording"}
"""Last words that are things, though they end like a participle."""
MENDED = {"Contradicted", "Desk", "Doubtful", "Ladder", "Rung", "Told", "Ways"}
"""Names that were mended, and that no ending gives away."""


def _public_classes() -> Iterator[tuple[str, str]]:
    for path in sorted(SCREENING.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield path.relative_to(SCREENING).as_posix(), node.name


def _is_participle(name: str) -> bool:
    last = re.findall(r"[A-Z][a-z]*", name)[-1]
    return name in MENDED or (last.endswith(("ed", "ing")) and last not in NOUNS)


def test_no_class_is_a_participle() -> None:
    assert [each for each in _public_classes() if _is_participle(each[1])] == []


def test_a_participle_is_found() -> None:
    assert all(map(_is_participle, ("Reviewed", "ResultRecalled", "Showing", "Told")))
    assert not any(map(_is_participle, ("RecordedResult", "CriterionFinding", "Need")))
