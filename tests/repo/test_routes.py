"""Every address has the roles, the endpoint and the templates that it had."""

import golden
import routetable
from webpeople import casework_app

from screening.records.ledger.records import Records


def test_the_routes_are_the_kept_ones(sqlite_records: Records) -> None:
    golden.check(golden.ROUTES, routetable.table(casework_app(sqlite_records)))


def test_no_module_is_named() -> None:
    assert "screening" not in golden.ROUTES.read_text("utf-8")
