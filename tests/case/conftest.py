"""A case, the people who work on it, and their browsers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import databases
import pytest
import waitress
from casepeople import Nurse
from flask import Flask
from playwright.sync_api import Browser
from playwright.sync_api import Page as BrowserPage
from webpeople import add_site, casework_app
from workpeople import person, referral, signed_in

from screening.records.access import Role
from screening.records.casework.cases import add_case


@pytest.fixture(scope="session")
def app(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests of this folder; each has a case of its own."""
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("case"))
    with databases.open_records(address) as records:
        yield casework_app(records)


@pytest.fixture(scope="session")
def site(app: Flask) -> int:
    return add_site(app.extensions["records"], "North")


@pytest.fixture
def case_id(app: Flask, site: int) -> str:
    records = app.extensions["records"]
    adder = person(records, Role.NURSE, sites=[site], name="Adder")
    return add_case(records, adder, site, referral(), uuid4().hex)


@pytest.fixture
def hire(app: Flask, site: int, case_id: str) -> Callable[..., Nurse]:
    """Makes a person of a role who is signed in and works on the case."""

    def hired(name: str = "Nora Nurse", role: Role = Role.NURSE) -> Nurse:
        actor = person(app.extensions["records"], role, sites=[site], name=name)
        return Nurse(signed_in(app, actor), actor, case_id)

    return hired


@pytest.fixture
def nora(hire: Callable[..., Nurse]) -> Nurse:
    return hire()


@pytest.fixture(scope="session")
def served(app: Flask) -> Iterator[str]:
    """The address at which browsers find the application."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def look(browser: Browser, served: str) -> Iterator[Callable[..., BrowserPage]]:
    """Opens the case in a browser of a person's own; no script may fail there."""
    said: list[str] = []

    def looked(nurse: Nurse, way: str = "", **options: Any) -> BrowserPage:  # noqa: ANN401
        context = browser.new_context(base_url=served, **options)
        cookies: list[Any] = [
            {"name": name, "value": cookie.value, "url": served}
            for name in ("screening", "screening-session")
            if (cookie := nurse.client.get_cookie(name))
        ]
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.extend([m.text] * ("Failed to load" not in m.text)))
        page.goto(f"/case/{nurse.case_id}/{way}")
        return page

    yield looked
    for context in browser.contexts:
        context.close()
    assert said == []
