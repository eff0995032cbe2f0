"""Patients' pages as a screen reader speaks them, in every language, as they were last read.

Where a page differs on purpose, run KEEP_TREES=yes python -m pytest tests/browser/test_trees.py: it
keeps what is now, and fails so that somebody reads the difference.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.test_patient_languages import TAGS, in_language
from flask import Flask
from playwright.sync_api import Page, Route
from support import golden
from support.fixtures.public import app
from support.pages.web_states import State, states

__all__ = ["app"]
TREES = Path(__file__).parents[1] / "data" / "trees"
READ = (
    *("question", "error", "alarm", "after-alarm", "check", "check-alarm"),
    *("matters", "result", "result-emergency"),
)
START = State("/patient/")


def serve(page: Page, app: Flask, state: State) -> None:
    """Answer a browser from an application whose day never changes, and go to a state of it."""
    client = app.test_client()

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        wanted = f"{parts.path}?{parts.query}" if parts.query else parts.path
        there = state.fields is not None and wanted == state.address
        method, data = ("POST", state.fields) if there else ("GET", None)
        with client.open(wanted, method=method, data=data, buffered=True) as found:
            headers = dict(found.headers)
            route.fulfill(status=found.status_code, headers=headers, body=found.get_data())

    page.route("**/*", answer)
    page.goto(state.address)


def tree(page: Page) -> str:
    """The accessibility tree of a page: roles, names and states, without looks."""
    return f"{page.title()}\n{page.locator('body').aria_snapshot()}\n"


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("name", ["start", *READ])
def test_a_page_is_spoken_as_it_was_last_read(page: Page, app: Flask, tag: str, name: str) -> None:
    serve(page, app, in_language(states().get(name, START), tag))
    page.wait_for_selector("body.nhsuk-frontend-supported")
    kept, now = TREES / f"{tag}-{name}.txt", tree(page)
    try:
        golden.check(kept, now)
    finally:
        if os.environ.get("KEEP_TREES"):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(now, "utf-8")
