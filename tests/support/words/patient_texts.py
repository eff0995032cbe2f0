"""Every text that patients read, with its place: of rules, of pages, of sentences in code."""

import ast
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, cast

from babel.messages.pofile import read_po

from screening.core.rules.ruleset import Ruleset
from screening.core.rules.term import Term
from screening.core.values.wording import Wording
from screening.formats.yaml.reader import Listing, Node, Table, Text, read_nodes

ROOT = Path(__file__).parents[3]
FOLDERS = ("templates/patient", "screening/words/patient")
FILES = (
    "templates/questionnaire/options/compare.html",
    "templates/shell/parts/help.html",
    "templates/shell/parts/help_strip.html",
    "templates/shell/parts/call_now.html",
    "templates/shell/parts/folded.html",
    "templates/shell/parts/terms.html",
    "templates/shell/parts/without_answers.html",
)
WEB = ROOT / "screening" / "web"
MODULES = ("questionnaire/ipdas.py", "questionnaire/options.py")
NOT_READ = {"silent_on", "parts", "sources"}
"""Fields whose words are on pages for all, in the words of those pages."""
_BREAK = re.compile(r"</?(?!(?:a|b|bdi|em|strong|span|cite|q)\b)[a-z][^>]*>")


def texts_of_rules(ruleset: Ruleset) -> Iterator[tuple[str, str]]:
    """What a ruleset says to patients: every wording in it, and its explained words."""
    yield from _walk("", ruleset)


def _walk(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Wording):
        yield place, value.patient
    elif isinstance(value, Term):
        yield f"{place}.say", value.say
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[str, Any]", value).items():
            yield from _walk(f"{place}.{key}", each)
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _walk(f"{place}.{getattr(each, 'id', number)}", each)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in NOT_READ:
                yield from _walk(f"{place}.{field.name}", getattr(value, field.name))


def texts_of_pages() -> Iterator[tuple[str, str]]:
    """What the templates of patient pages say, passage by passage; a value in them is “X”."""
    folder = (ROOT / FOLDERS[0]).rglob("*.html")
    for path in sorted([*folder, *(ROOT / each for each in FILES)]):
        source = path.read_text("utf-8")
        for text in [*_passages(source), *re.findall(r'gettext\("([^"]+)"', source)]:
            yield path.name, text


def _passages(source: str) -> Iterator[str]:
    text = re.sub(r"{#.*?#}|{%.*?%}", "\n\n", source, flags=re.DOTALL)
    text = re.sub(r"{{.*?}}", "X", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", lambda tag: "\n\n" if _BREAK.match(tag[0]) else "", text)
    for passage in re.split(r"\n\s*\n", html.unescape(text)):
        words = " ".join(passage.split())
        if re.search(r"[a-z]{2}", words):
            yield words


def texts_of_sentences() -> Iterator[tuple[str, str]]:
    """The constants with a space in the modules that speak to patients, docstrings left out."""
    found = [*(ROOT / FOLDERS[1]).rglob("*.py"), *WEB.glob("patient/*.py")]
    for path in sorted([*found, *(WEB / each for each in MODULES)]):
        tree = ast.parse(path.read_text("utf-8"))
        notes = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in notes else None
            if isinstance(text, str) and " " in text:
                yield path.name, text


def texts_of_catalogue(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence of pages and code in a language, without its markup."""
    path = ROOT / "screening" / "locale" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        said = message.string if isinstance(message.string, tuple | list) else [message.string]
        for text in said if message.id else ():
            yield f"messages.po: {message.id}", re.sub(r"<[^>]*>", " ", text or "")


def texts_of_overlay(language: str) -> Iterator[tuple[str, str]]:
    """Every text in the rule files of a language that lie beside the English ones."""
    for path in sorted((ROOT / "rules" / language).glob("*.yaml")):
        node, _ = read_nodes(path.name, path.read_bytes())
        for text in _scalars(node) if node else ():
            yield path.name, text


def _scalars(node: Node) -> Iterator[str]:
    if isinstance(node, Text):
        yield node.text
    elif isinstance(node, Table):
        for _, value in node.entries:
            yield from _scalars(value)
    elif isinstance(node, Listing):
        for part in node.parts:
            yield from _scalars(part)
