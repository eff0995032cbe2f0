"""An application with casework, and its people's browsers."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from support.people.web_people import add_site, casework_app
from support.people.worklist_people import person, signed_in

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records

Hire = Callable[..., Actor]
Look = Callable[..., Page]


@pytest.fixture
def casework(sqlite_records: Records) -> Flask:
    """The application, without tokens of forms."""
    return casework_app(
        sqlite_records, TODAY=lambda: sqlite_records.now().date(), WTF_CSRF_ENABLED=False
    )


@pytest.fixture
def employ(sqlite_records: Records) -> Hire:
    """Makes a person with a role at sites that are named."""

    def hired(role: Role, *sites: str, name: str = "Some Person") -> Actor:
        numbers = [add_site(sqlite_records, each) for each in sites or ("North",)]
        return person(sqlite_records, role, sites=numbers, name=name)

    return hired


@pytest.fixture
def enter(casework: Flask) -> Callable[[Actor], FlaskClient]:
    """Signs a person in; gives the browser."""
    return lambda actor: signed_in(casework, actor)


@pytest.fixture
def casework_address(casework: Flask) -> Iterator[str]:
    """The address at which browsers find the application."""
    server = waitress.create_server(casework, host="127.0.0.1", port=0, threads=4)
    Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def browse(browser: Browser, casework_address: str) -> Iterator[Look]:
    """Opens a page in the browser of who is signed in; no script may fail there."""
    said: list[str] = []

    def looked(client: FlaskClient, address: str, **options: Any) -> Page:  # noqa: ANN401
        context = browser.new_context(base_url=casework_address, **options)
        for name in ("screening", "screening-session"):
            if cookie := client.get_cookie(name):
                context.add_cookies(
                    [{"name": name, "value": cookie.value, "url": casework_address}]
                )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.extend([m.text] * ("Failed to load" not in m.text)))
        page.goto(address)
        return page

    yield looked
    for context in browser.contexts:
        context.close()
    assert said == []
