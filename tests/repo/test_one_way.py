"""What every page needs is done in one way: a copy of it by hand is seen here."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "screening" / "web"
TEMPLATES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted((ROOT / "templates").rglob("*.html"))
}
MODULES = {
    str(path.relative_to(WEB)): ast.parse(path.read_text("utf-8"))
    for path in sorted(WEB.glob("*/*.py"))
    if path.with_name("__init__.py").exists()  # the others are scripts of the set-up
}
OWN_LOOK = (
    "templates/case/answer_form.html",
    "templates/case/history.html",
    "templates/questionnaire/nurse/told.html",
    "templates/questionnaire/options/compare.html",
    "templates/shell/parts/help_strip.html",
)
"""These open, too, but do not look like the design system's."""
MARKUP = (
    (re.compile("<details"), ("templates/shell/parts/details.html", *OWN_LOOK)),
    (re.compile(r'type="(date|time|datetime-local|month|week)"'), ()),  # they follow the browser
    (re.compile("error-summary"), ()),  # the function error_summary writes it
    (re.compile("csrf_token"), ("templates/shell/parts/csrf.html",)),
    (re.compile('name="(once|version)"'), ("templates/shell/parts/keys.html",)),
)
"""What a template writes, and the templates that may."""
STATUSES = {each for each in HTTPStatus if each >= HTTPStatus.OK} - {HTTPStatus.MULTIPLE_CHOICES}
"""Nobody answers with the others, whose numbers count other things."""
STATUS_LINE = re.compile(r"[1-5]\d\d [A-Z].*")
ANSWERS = {"redirect", "send_file", "send_from_directory", "Content-Disposition"}
"""What only ``shell/responses.py`` uses."""
CARRIED = {"once", "version"}
"""The fields that only ``shell/write_keys.py`` reads."""


@pytest.mark.parametrize(("markup", "homes"), MARKUP)
def test_no_template_writes_by_hand_what_one_place_writes(
    markup: re.Pattern[str], homes: tuple[str, ...]
) -> None:
    found = [name for name, text in TEMPLATES.items() if markup.search(text)]
    assert found == sorted(homes)


def test_no_status_is_a_bare_number() -> None:
    assert {name: found for name, tree in MODULES.items() if (found := statuses(tree))} == {}


def test_one_module_makes_redirects_and_files() -> None:
    assert [name for name, tree in MODULES.items() if ANSWERS & set(words(tree))] == [
        "shell/responses.py"
    ]


def test_one_module_reads_the_version_and_the_key_of_a_form() -> None:
    assert [name for name, tree in MODULES.items() if CARRIED & set(looked_up(tree))] == [
        "shell/write_keys.py"
    ]


def statuses(tree: ast.AST) -> list[object]:
    """The statuses that some code writes as a number, or as a line."""
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [each for each in values if type(each) is int and each in STATUSES]
    return numbers + [e for e in values if isinstance(e, str) and STATUS_LINE.fullmatch(e)]


def words(tree: ast.AST) -> Iterator[str]:
    """What some code imports, and the texts that it writes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def looked_up(tree: ast.AST) -> Iterator[str]:
    """What some code asks something for by name: ``form["once"]``, ``form.get("once")``."""
    for node in ast.walk(tree):
        asked = node.args if isinstance(node, ast.Call) else []
        asked = [node.slice] if isinstance(node, ast.Subscript) else asked
        yield from (e.value for e in asked if isinstance(e, ast.Constant) and type(e.value) is str)


@pytest.mark.parametrize("line", ["return page, 422", "abort(404)", 'start("200 OK", [])'])
def test_a_bare_status_is_seen(line: str) -> None:
    assert statuses(ast.parse(f"def view(): {line}"))


@pytest.mark.parametrize(
    "line", ["from flask import redirect", 'headers = {"Content-Disposition": "inline"}']
)
def test_an_answer_by_hand_is_seen(line: str) -> None:
    assert ANSWERS & set(words(ast.parse(line)))


@pytest.mark.parametrize("line", ['request.form["once"]', 'request.form.get("version", "")'])
def test_a_second_reader_of_a_form_is_seen(line: str) -> None:
    assert CARRIED & set(looked_up(ast.parse(line)))
