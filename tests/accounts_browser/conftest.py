"""A real browser at an application with casework, whose sessions can be made to end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import databases
import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
from webpeople import add_person, add_site, casework_app

from screening.records.access import Role
from screening.records.ledger.records import Records, now


@dataclass(frozen=True)
class Service:
    """The running application. Its clock is the real one, until it is moved."""

    address: str
    app: Flask
    records: Records
    site: int

    def person(self, *roles: Role, name: str = "Ann Miller") -> str:
        """Somebody who can sign in; gives the address."""
        return add_person(self.records, *roles, sites=[self.site], name=name)[1]


@pytest.fixture
def service(sqlite_pattern: Path, tmp_path: Path) -> Iterator[Service]:
    with databases.open_records(databases.sqlite_copy(sqlite_pattern, tmp_path)) as records:
        databases.clock(records).moment = now()
        app = casework_app(records, TODAY=lambda: records.now().date())
        server = waitress.create_server(app, host="127.0.0.1", port=0)
        Thread(target=server.run, daemon=True).start()
        address = f"http://127.0.0.1:{server.effective_port}"
        yield Service(address, app, records, add_site(records, "North"))
        server.close()


@pytest.fixture(scope="session")
def own_browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """A browser that reaches this machine also by its name, which passkeys need."""
    arguments = [
        each.replace("EXCLUDE 127.0.0.1", "EXCLUDE 127.0.0.1, EXCLUDE localhost")
        for each in browser_type_launch_args["args"]
    ]
    browser = browser_type.launch(**(browser_type_launch_args | {"args": arguments}))
    yield browser
    browser.close()


@pytest.fixture
def visit(own_browser: Browser, service: Service) -> Iterator[Callable[..., Page]]:
    """Opens a page of a fresh browser profile, in which no script may fail."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def opened(path: str = "/account/sign-in", **options: Any) -> Page:  # noqa: ANN401
        context = own_browser.new_context(**({"base_url": service.address} | options))
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.on("page", lambda page: watch(page, said))
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


def watch(page: Page, said: list[str]) -> None:
    page.on("pageerror", lambda error: said.append(str(error)))
    expected = ("Failed to load", "Clear-Site-Data", "[DOM] Password forms should have")
    page.on("console", lambda m: None if m.text.startswith(expected) else said.append(m.text))
