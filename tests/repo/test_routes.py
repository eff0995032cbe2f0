"""Every address has the roles, the endpoint and the templates that it had."""

from support import golden
from support.pages import route_table
from support.people.web_people import casework_app

from screening.records.ledger.records import Records


def test_the_routes_are_the_kept_ones(sqlite_records: Records) -> None:
    golden.check(golden.ROUTES, route_table.table(casework_app(sqlite_records)))


def test_no_module_is_named() -> None:
    assert "screening" not in golden.ROUTES.read_text("utf-8")
