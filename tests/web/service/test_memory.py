"""A short form of `make soak` that counts: answering leaves no object behind."""

import gc
import logging
import sys
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from support.people import worklist_people
from support.people.case_people import Nurse
from support.people.web_people import add_site, casework_app

from screening.log_lines import REQUESTS
from screening.records.access import Role
from screening.records.ledger.records import Records

WARM_UP, ROUNDS = 6, 10
PAGES = ("/worklist/", "/worklist/chase", "/about", "/nurse/", "/ready")
MOST_LEFT = 8
"""Blocks of memory that each request may leave behind; an object kept for each leaves more."""


@pytest.fixture
def app(sqlite_records: Records, caplog: pytest.LogCaptureFixture) -> Flask:
    caplog.set_level(logging.ERROR, REQUESTS)  # pytest keeps every line until the test ends
    return casework_app(sqlite_records, WTF_CSRF_ENABLED=False)


@pytest.fixture
def nurse(app: Flask, sqlite_records: Records) -> Nurse:
    site = add_site(sqlite_records, "North")
    actor = worklist_people.person(sqlite_records, Role.NURSE, sites=[site], name="Nora Nurse")
    (case,) = worklist_people.fill(sqlite_records, actor, site, 1)
    return Nurse(worklist_people.signed_in(app, actor), actor, case)


def statuses(nurse: Nurse, rounds: int) -> Iterator[int]:
    """A nurse's requests."""
    for number in range(rounds):
        yield from (nurse.client.get(page).status_code for page in PAGES)
        yield nurse.get("history").status_code
        yield nurse.answer(scoliosis=("yes", "no")[number % 2]).status_code


def blocks_left(nurse: Nurse) -> float:
    """How many blocks of memory each request leaves behind, once caches are full."""
    assert set(statuses(nurse, WARM_UP)) == {200, 303}
    gc.collect()
    before = sys.getallocatedblocks()
    requests = len(list(statuses(nurse, ROUNDS)))
    gc.collect()
    return (sys.getallocatedblocks() - before) / requests


def test_no_request_leaves_anything_behind(nurse: Nurse) -> None:
    assert blocks_left(nurse) < MOST_LEFT


def test_an_answer_that_is_kept_is_seen(app: Flask, nurse: Nurse) -> None:
    kept: list[Response] = []

    def keep(answer: Response) -> Response:
        kept.append(answer)
        return answer

    app.after_request_funcs[None].append(keep)
    assert blocks_left(nurse) > 2 * MOST_LEFT
