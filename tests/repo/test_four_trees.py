"""Who knows an address finds its module, templates, tests and records function by name alone."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import pytest
from flask import Flask
from support.pages import route_table
from support.people.web_people import casework_app

from screening.records.ledger.records import Records

ROOT = Path(__file__).parents[2]
OURS = "screening.web."
PACKAGES = sorted(path.parent.name for path in (ROOT / "screening" / "web").glob("*/__init__.py"))
INSTALLATION = ("health", "metrics")
"""They look at the whole installation, and so at several packages of records."""
LEDGER = "screening.records.ledger.events"
"""Any page adds events."""


@dataclass(frozen=True, slots=True)
class Route:
    """An address of ours with the view that serves it."""

    address: str
    endpoint: str
    view: Callable[..., object]

    @property
    def package(self) -> str:
        """The package of the view's module."""
        return self.view.__module__.removeprefix(OURS).split(".")[0]

    @property
    def module(self) -> str:
        """The name of the view's module."""
        return self.view.__module__.rpartition(".")[2]

    @property
    def words(self) -> list[str]:
        """What the address says, but for variables and for the name of a file at its end."""
        parts = (part for part in self.address.split("/") if part and "<" not in part)
        return [part for part in parts if "." not in part]

    @property
    def templates(self) -> set[str]:
        """The templates that the view's own module renders for it."""
        return {name for function in self._own for name in route_table.named_by(function)}

    @property
    def records(self) -> list[tuple[str, ...]]:
        """The functions of records that it calls, each by its package, module and name."""
        found = route_table.referred_to(self._own, "screening.records")
        kept = (each for each in found if each.__module__ != LEDGER)
        return [(*each.__module__.split(".")[2:], each.__name__) for each in kept]

    @property
    def names(self) -> set[str]:
        """Every word in the names of its package, module, function and templates."""
        stems = (Path(name).stem for name in self.templates)
        return parts_of([self.package, self.module, self.view.__name__, *stems])

    @property
    def _own(self) -> set[FunctionType]:
        return route_table.reached(self.view, (self.view.__module__,))


def parts_of(names: Iterable[str]) -> set[str]:
    """The single words of names, in the singular."""
    return {singular(part) for name in names for part in re.split(r"[_-]", name)}


def singular(word: str) -> str:
    return word.removesuffix("s")


@pytest.fixture
def routes(sqlite_records: Records) -> list[Route]:
    app = casework_app(sqlite_records)
    found = [
        Route(rule.rule, rule.endpoint, view_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
    ]
    return [each for each in found if each.view.__module__.startswith(OURS)]


def view_of(app: Flask, endpoint: str) -> Callable[..., object]:
    view: Callable[..., object] = app.view_functions[endpoint]
    return view


def test_the_words_of_an_address_are_names(routes: list[Route]) -> None:
    """Of the page itself, or of one that the address goes on from."""
    assert [
        (each.address, each.view.__module__, word)
        for each in routes
        for word in each.words
        if not parts_of([word]) <= names_on_the_way(each, routes)
    ] == []


def names_on_the_way(route: Route, routes: list[Route]) -> set[str]:
    """The names of all views of an address, and of the addresses that it goes on from."""
    way = f"{route.address.rstrip('/')}/"
    begun = (each for each in routes if way.startswith(f"{each.address.rstrip('/')}/"))
    return set().union(*(each.names for each in begun if each.words))


def test_a_blueprint_has_the_name_of_its_module() -> None:
    found = [
        (path.stem, name)
        for path in (ROOT / "screening" / "web").rglob("*.py")
        for name in re.findall(r'\bBlueprint\(\s*"(\w+)"', path.read_text("utf-8"))
    ]
    assert found
    assert [each for each in found if each[0] != each[1]] == []


def test_an_endpoint_has_the_name_of_its_module_and_function(routes: list[Route]) -> None:
    """So a line of the log, a count of the metrics and a ``url_for`` lead to the code."""
    ours = [each for each in routes if not each.endpoint.startswith("security.")]
    assert [
        (each.endpoint, each.view.__module__)
        for each in ours
        if each.endpoint != f"{each.module}.{each.view.__name__}"
    ] == []


def test_the_package_that_an_address_names_serves_it(routes: list[Route]) -> None:
    """The pages of a case lie in several packages; there the words after the case lead on."""
    assert [
        (each.address, each.package)
        for each in routes
        for word in each.words
        if word in PACKAGES and word not in {each.package, "case"}
    ] == []


def test_templates_lie_in_the_folder_of_their_package(routes: list[Route]) -> None:
    assert [
        (each.address, name)
        for each in routes
        for name in each.templates
        if not name.startswith(f"{each.package}/")
    ] == []


def test_tests_of_an_address_lie_in_the_folder_of_its_package(routes: list[Route]) -> None:
    texts = {
        package: "".join(path.read_text("utf-8") for path in folder_of(package).glob("test_*.py"))
        for package in {each.package for each in routes}
    }
    assert [
        each.address
        for each in routes
        if not re.search(rf"\b{each.words[-1]}\b" if each.words else '"/"', texts[each.package])
    ] == []


def folder_of(package: str) -> Path:
    return ROOT / "tests" / "web" / package


def test_records_have_the_name_of_the_package_or_of_the_page(routes: list[Route]) -> None:
    called = [each for each in routes if each.records and each.module not in INSTALLATION]
    assert called
    assert [
        (each.address, each.records)
        for each in called
        if not any(
            record[0].startswith(each.package) or parts_of(record) & each.names
            for record in each.records
        )
    ] == []
