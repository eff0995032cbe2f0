"""The documents that a hospital asks for: each promise leads to a test, each list to the code."""

import ast
import json
import logging
import re
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from support import data_dictionary
from support.people.web_people import casework_app

from screening import log_lines
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people import tries
from screening.web.accounts.sessions import IDLE_MINUTES, LONGEST_MINUTES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROMISES = (
    *("intended-use", "logging", "retention", "restore", "threat-model", "hazards"),
    *("accessibility", "upgrading"),
)
NAMED = re.compile(r"`([\w/]+\.py)(?:::(test_\w+))?`")


def read(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def promises(text: str) -> list[str]:
    """The rows of tables whose last column says what shows it."""
    tables = [each.split("\n") for each in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]
    return [
        row for head, _, *rows in (t[:-1] for t in tables) if "shown by" in head for row in rows
    ]


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("name", PROMISES)
def test_every_promise_leads_to_a_test_that_exists(name: str) -> None:
    rows = promises(read(name))
    assert len(rows) >= 3
    for row in rows:
        shown = NAMED.findall(row.strip(" |").rpartition(" | ")[2])
        assert shown, row
        for file, function in shown:
            assert (ROOT / "tests" / file).is_file(), row
            assert not function or function in functions_of(file), row


@pytest.mark.parametrize("name", [*PROMISES, "data-dictionary", "install", "settings"])
def test_readme_leads_to_every_document(name: str) -> None:
    assert f"(docs/{name}.md)" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*PROMISES, "install"])
def test_every_link_of_a_document_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)\)", read(name)):
        assert (DOCS / target).exists(), target


def test_the_data_dictionary_is_that_of_the_tables() -> None:
    again = f"run: {data_dictionary.COMMAND}"
    assert read("data-dictionary") == data_dictionary.page(), again


def test_every_kind_of_event_is_listed_and_no_other() -> None:
    listed = read("logging").partition("These are the kinds:")[2].partition("## Figures")[0]
    assert re.findall(r"`([\w-]+)`", listed) == [kind.value for kind in EventKind]


def test_every_field_of_a_line_of_the_log_is_listed(sqlite_records: Records) -> None:
    table = read("logging").partition("| field |")[2].partition("\n\n")[0]
    listed = {name for row in table.split("\n") for name in re.findall(r"`([\w-]+)`", row[:50])}
    written = StringIO()
    log_lines.start(written, requests=True)
    try:
        casework_app(sqlite_records).test_client().get("/health")
        logging.getLogger("screening.something").warning("our own words")
        fault = ValueError("a text of somebody's")
        logging.getLogger("elsewhere").error("words of a library", exc_info=fault)
    finally:
        logging.basicConfig(handlers=[], force=True)
    fields = {name for line in written.getvalue().splitlines() for name in json.loads(line)}
    assert fields <= listed
    assert {"page", "account", "kind"} <= fields


def test_the_times_of_retention_are_those_of_the_code() -> None:
    text = read("retention")
    hours = LONGEST_MINUTES // 60
    assert f"| {IDLE_MINUTES} minutes without use, {hours} hours at most |" in text
    assert (tries.KEPT.days, "| a day |" in text) == (1, True)
    (kept,) = re.findall(r"KEEP_DAYS:-(\d+)", (ROOT / "deploy" / "nightly.sh").read_text("utf-8"))
    assert f"`KEEP_DAYS` ({kept})" in text
