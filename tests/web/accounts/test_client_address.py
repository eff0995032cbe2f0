"""One sender is one place, however its address is written."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from support.people.visitor import Visitor
from support.people.web_people import casework_app
from waitress.proxy_headers import proxy_headers_middleware

from screening.cli.service.listening import proxy_settings
from screening.records.ledger.records import Records
from screening.web.accounts.client_address import place_of

SAME = {
    "192.0.2.1": [
        *("192.0.2.1", " 192.0.2.1 ", "192.0.2.1:80", "192.0.2.1:65535", '"192.0.2.1:80"'),
        *("::ffff:192.0.2.1", "[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]:80", "::ffff:c000:201"),
    ],
    "2001:db8:1:2::/64": [
        *("2001:db8:1:2::1", "2001:DB8:1:2:0:0:0:1", "[2001:db8:1:2::1]", "[2001:db8:1:2::1]:443"),
        *("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::1%eth0", "[2001:db8:1:2::9%25e]:1"),
    ],
    "fe80::/64": ["fe80::1%1", "fe80::2%2"],
    "unknown": ["unknown"],
}


@pytest.mark.parametrize(("place", "written"), [(k, each) for k, v in SAME.items() for each in v])
def test_a_place_has_one_name(place: str, written: str) -> None:
    assert place_of(written) == place


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1), st.integers(1, 65535))
def test_a_network_is_one_place_and_its_neighbour_another(
    address: object, host: int, port: int
) -> None:
    network = int(address) >> 64  # type: ignore[call-overload]
    ours = ":".join(f"{network >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0))
    inside = ":".join(f"{host >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0))
    if network:  # ::ffff:0:0/96 are addresses of IPv4
        assert place_of(f"[{ours}:{inside}]:{port}") == place_of(f"{ours}::")
    assert place_of(f"{ours}::1") != place_of(f"{ours[:-1]}{'0' if ours[-1] != '0' else '1'}::1")


@given(st.text())
def test_whatever_is_written_has_a_place(written: str) -> None:
    assert len(place_of(written)) <= 64


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    """The application as it is served behind a proxy of one's own."""
    made = casework_app(sqlite_records)
    made.wsgi_app = proxy_headers_middleware(made.wsgi_app, **proxy_settings(1, secure=False))  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize(
    ("sent", "other"),
    [
        ([f"192.0.2.1:{port}" for port in range(1025, 1035)], "192.0.2.2:1025"),
        ([f"2001:db8::{host}" for host in range(1, 11)], "2001:db8:0:1::1"),
        ([f"[2001:db8::{host}]:{host}" for host in range(1, 11)], "[2001:db8:0:1::1]:1"),
        (["::ffff:192.0.2.1"] * 5 + ["192.0.2.1:99"] * 5, "::ffff:192.0.2.2"),
        ([f"203.0.113.{n}, 192.0.2.1" for n in range(10)], "203.0.113.1, 192.0.2.2"),
    ],
)
def test_tries_from_one_place_are_counted_together(
    app: Flask, ann: int, sent: list[str], other: str
) -> None:
    statuses = [_try(app, each) for each in sent]
    assert statuses == [200] * 5 + [429] * 5
    assert _try(app, other) == 200


def _try(app: Flask, forwarded: str) -> int:
    client = app.test_client()
    client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    return Visitor(client).enter("ann@clinic.localhost", "wrong horse battery").status_code


def test_a_forwarded_address_that_no_proxy_of_ours_sent_counts_for_nothing(
    sqlite_records: Records, ann: int
) -> None:
    app = casework_app(sqlite_records)
    assert [_try(app, f"192.0.2.{n}") for n in range(7)] == [200] * 5 + [429] * 2
