"""The cost of pages, against bare pages with the same fields or the same words.

Usage: python tests/bench/bench_pages.py

It prints a table in Markdown: processor time, and ratios to the bare pages of ``bare_pages``, of
which no one stores, seals, checks or records anything that ours does. Pages take turns in each
round. Before they are timed, a bare page must have the fields of ours, or its words. A page that
costs more than ``AT_MOST`` of its bare page fails the run.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from bench.bare_pages import OWN, Content, bare_app
from flask import Flask
from flask.testing import FlaskClient
from support.people import case_people, worklist_people
from support.people.typed_answers import typed, typed_day
from support.people.web_people import add_site, casework_app
from support.rulesets import shipped
from support.storage import databases

from screening.records.access import Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.web.forms import controls
from screening.web.forms.components import component, render_cached

ROUNDS = 9
EACH = 3
"""How often a page is asked for in a round."""
CASES = 100
FORM, TEXT = "form", "text"
AT_MOST = {FORM: 1.3, TEXT: 1.5}
"""A text page of ours is compared with the bare page of a record, the slower of the two."""

HEAD = """| page | KiB | CPU ms | x bare form | x bare page of a record | x from memory | goal |
|---|--:|--:|--:|--:|--:|--:|"""

Ask = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Subject:
    """A page of ours."""

    kind: str
    ask: Ask


@contextmanager
def office(folder: Path) -> Iterator[tuple[Flask, Records, case_people.Nurse]]:
    """A lead nurse with an assessed case among others."""
    address = databases.sqlite_copy(databases.sqlite_pattern(folder), folder)
    with databases.open_records(address) as records:
        app = casework_app(records, WTF_CSRF_ENABLED=False)
        app.logger.disabled = True
        site = add_site(records, "North")
        lead = worklist_people.person(records, Role.LEAD_NURSE, sites=[site], name="Lea Lead")
        worklist_people.fill(records, lead, site, CASES)
        case = add_case(records, lead, site, worklist_people.referral(), "bench-pages-case")
        nurse = case_people.Nurse(worklist_people.signed_in(app, lead), lead, case)
        yield app, records, case_people.assessed(nurse)


def subjects(app: Flask, nurse: case_people.Nurse) -> dict[str, Subject]:
    """The pages to measure, by name."""
    visitor = app.test_client()
    dated = typed(shipped.ruleset(), shipped.favourable()) | typed_day(shipped.as_of())
    return {
        "nurse's sheet, empty": Subject(FORM, lambda: visitor.get("/nurse/").text),
        "nurse's sheet, answered": Subject(FORM, lambda: visitor.post("/nurse/", data=dated).text),
        "case page": Subject(FORM, lambda: nurse.get().text),
        "nurse's result": Subject(TEXT, lambda: visitor.post("/nurse/result", data=dated).text),
        "case result": Subject(TEXT, lambda: nurse.get("assessments/1").text),
        "letter": Subject(TEXT, lambda: nurse.get("assessments/1/letter").text),
        "missing answers": Subject(TEXT, lambda: nurse.get("missing").text),
        "history": Subject(TEXT, lambda: nurse.get("history").text),
        "worklist": Subject(TEXT, lambda: nurse.client.get("/worklist/").text),
        "chase list": Subject(TEXT, lambda: nurse.client.get("/worklist/chase").text),
    }


def bare_subjects(pages: Mapping[str, Subject]) -> dict[str, dict[str, Ask]]:
    """The bare pages of each page, by the way in which they are made.

    Raises:
        AssertionError: if one lacks a field or a word of ours.
    """
    contents = {name: Content(page.ask()) for name, page in pages.items()}
    client = bare_app(contents).test_client()
    made: dict[str, dict[str, Ask]] = {}
    for name, page in pages.items():
        ways = ("form",) if page.kind == FORM else ("stored", "memory")
        made[name] = {way: _get(client, f"/{way}/{name}") for way in ways}
        for way, ask in made[name].items():
            check_same(contents[name], Content(ask()), words=way != "form")
    return made


def _get(client: FlaskClient, address: str) -> Ask:
    return lambda: client.get(address).text


def check_same(ours: Content, bare: Content, *, words: bool) -> None:
    """Compare what two pages show.

    Raises:
        AssertionError: if the bare one lacks a field, a choice or a word.
    """
    wanted, found = ours.controls, bare.controls
    assert wanted.keys() - OWN == found.keys() - OWN
    for name, control in wanted.items():
        assert name in OWN or set(control.choices) == set(found[name].choices), name
    assert not words or bare.words[: len(ours.words)] == ours.words


def measure(asks: Mapping[str, Ask]) -> dict[str, list[float]]:
    """Milliseconds of processor time by name, one of each round."""
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            gc.collect()
            start = time.process_time()
            for _ in range(EACH):
                ask()
            taken[name].append((time.process_time() - start) * 1000 / EACH)
    return taken


def ratios(ours: list[float], bare: list[float]) -> tuple[float, str]:
    """The median ratio of the rounds, and all of it in words with the spread."""
    each = sorted(one / other for one, other in zip(ours, bare, strict=True))
    return statistics.median(each), f"{statistics.median(each):.2f} ({each[0]:.2f}-{each[-1]:.2f})"


def lines(
    pages: Mapping[str, Subject], bare: Mapping[str, Mapping[str, Ask]]
) -> Iterator[tuple[bool, str]]:
    """A line of the table for each page, and whether it is too dear."""
    for name, page in pages.items():
        taken = measure({"ours": page.ask, **bare[name]})
        found = {way: ratios(taken["ours"], taken[way]) for way in bare[name]}
        ratio = found["form" if page.kind == FORM else "stored"][0]
        size = len(page.ask().encode()) / 1024
        said = [found[way][1] if way in found else "" for way in ("form", "stored", "memory")]
        dear = ratio > AT_MOST[page.kind]
        goal = f"≤ {AT_MOST[page.kind]} {'**not met**' if dear else 'met'}"
        cells = [name, f"{size:.0f}", f"{statistics.median(taken['ours']):.1f}", *said, goal]
        yield dear, f"| {' | '.join(cells)} |"


def forgetful(page: Subject, bare: Ask) -> str:
    """The ratio of a page that renders every component again, in words."""
    with mock.patch.object(controls, "cached_component", component):
        return ratios(*measure({"ours": page.ask, "bare": bare}).values())[1]


def main() -> int:
    """Print the table; gives 1 if a page costs more than it may."""
    dear = 0
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as (app, _, nurse):
        pages = subjects(app, nurse)
        bare = bare_subjects(pages)
        for is_dear, line in lines(pages, bare):
            dear += is_dear
            print(line, flush=True)
        sheet = "nurse's sheet, empty"
        print(f"\nNothing remembered, {sheet}: {forgetful(pages[sheet], bare[sheet]['form'])} x")
    print(f"Remembered: {render_cached.cache_info().currsize} components")
    return int(dear > 0)


if __name__ == "__main__":
    sys.exit(main())
