"""What is small or odd and would grow large is refused at once, and costs little."""

import datetime as dt
import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.people import worklist_people
from support.people.web_people import add_site, casework_app
from support.services.costs import AT_ONCE, cost
from support.storage import databases

from screening.formats.referrals.csv_table import MAX_ROWS, read_referrals
from screening.records.access import Role
from screening.web.worklist.import_file import MAX_UPLOAD

TODAY = dt.date(2026, 11, 30)
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority\n"
QUICK = 3 * AT_ONCE
"""Seconds; what grew with the square would take minutes."""
ENOUGH = 150_000_000
"""Bytes that a file of a megabyte may take while it is read."""
BOMBS = {
    "one line of commas": "," * MAX_UPLOAD,
    "a heading of commas": HEADING.strip() + "," * (MAX_UPLOAD - 100),
    "a heading of one cell": "x" * MAX_UPLOAD,
    "a heading of unknown columns": "x," * (MAX_UPLOAD // 2),
    "a heading of near misses": "Referense," * (MAX_UPLOAD // 10),
    "one row of many cells": HEADING + "a," * (MAX_UPLOAD // 2 - 60),
    "quotes": HEADING + '"' * (MAX_UPLOAD - 60),
    "odd quotes": HEADING + '"' * (MAX_UPLOAD - 61),
    "quotes and commas": HEADING + '",' * (MAX_UPLOAD // 2 - 60),
    "a quote in each line": HEADING + '"\n' * (MAX_UPLOAD // 2 - 60),
    "nothing but NUL": "\0" * MAX_UPLOAD,
    "NUL in cells": HEADING + "\0,\0\n" * (MAX_UPLOAD // 4 - 20),
    "empty lines": "\n" * MAX_UPLOAD,
    "carriage returns": HEADING + "\r" * (MAX_UPLOAD - 60),
    "one cell": HEADING + "x" * (MAX_UPLOAD - 60),
    "marks that join": HEADING + "R," + "\u0301" * (MAX_UPLOAD // 2 - 60),
    "what composes to much": HEADING + "R," + "\ufdfa" * (MAX_UPLOAD // 3 - 50),
    "ideographic spaces": HEADING + "\u3000" * (MAX_UPLOAD // 3 - 50),
    "rows": HEADING + "R,A,,N,soon\n" * (MAX_UPLOAD // 12 - 10),
    "rows of mistakes": HEADING + "=,=,=,=,=\n" * (MAX_UPLOAD // 10 - 10),
    "a heading many times": HEADING * (MAX_UPLOAD // len(HEADING)),
    "separators": "sep=,\n" * (MAX_UPLOAD // 6),
    "days": HEADING.strip()
    + ",Date received\n"
    + "R,A,,N,soon,1/2/2026 1:1" * (MAX_UPLOAD // 25 - 10),
    "marked texts": HEADING + '"=""' * (MAX_UPLOAD // 4 - 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_table_of_a_megabyte_takes_long_or_much(name: str) -> None:
    data = BOMBS[name].encode()
    assert len(data) <= MAX_UPLOAD
    table = read_referrals(data, TODAY)
    assert table.problems
    assert len(table.rows) <= MAX_ROWS
    assert len(table.problems) <= MAX_ROWS
    assert cost(lambda: read_referrals(data, TODAY), QUICK) < QUICK


@pytest.mark.parametrize("name", ["one line of commas", "what composes to much", "rows"])
def test_no_table_of_a_megabyte_takes_much_memory(name: str) -> None:
    data = BOMBS[name].encode()
    tracemalloc.start()
    read_referrals(data, TODAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < ENOUGH


@pytest.fixture(scope="module")
def client(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("bombs"))
    with databases.open_records(address) as records:
        app = casework_app(records, WTF_CSRF_ENABLED=False)
        site = add_site(records, "North")
        lead = worklist_people.person(records, Role.LEAD_NURSE, sites=[site], name="Lena Lead")
        yield worklist_people.signed_in(app, lead)


def quick(send: Callable[[], int]) -> int:
    """The status of an answer that has to come soon."""
    assert cost(send, QUICK) < QUICK
    return send()


@pytest.mark.parametrize("address", ["/nurse/result", "/worklist/import", "/worklist/find"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_is_not_unpacked(client: FlaskClient, address: str, encoding: str) -> None:
    bomb = zlib.compress(b"text=" + b"0" * 20_000_000)
    bomb = gzip.compress(bomb) if encoding == "gzip" else bomb
    headers = {"Content-Encoding": encoding}
    kind = "application/x-www-form-urlencoded"

    def send() -> int:
        return client.post(address, data=bomb, headers=headers, content_type=kind).status_code

    status = quick(send)
    tracemalloc.start()
    send()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert status < 500
    assert peak < 10_000_000


NESTED = "[" * 30_000
JSON_TAKERS = (
    ("/case/{}/section".format("0" * 32), "application/json", NESTED),
    ("/account/passkey/x", "application/x-www-form-urlencoded", f"credential={NESTED}"),
    ("/account/passkeys/x", "application/x-www-form-urlencoded", f"credential={NESTED}"),
    ("/account/sign-in", "application/json", NESTED),
    ("/account/session", "application/json", NESTED),
)


@pytest.mark.parametrize(("address", "kind", "body"), JSON_TAKERS)
def test_json_of_endless_depth_is_no_failure(
    client: FlaskClient, address: str, kind: str, body: str
) -> None:
    def send() -> int:
        return client.post(address, data=body, content_type=kind).status_code

    assert quick(send) < 500


@pytest.mark.parametrize("address", ["/nurse/result", "/patient/question", "/worklist/new"])
def test_a_form_of_endless_fields_is_no_failure(client: FlaskClient, address: str) -> None:
    def plain() -> int:
        kind = "application/x-www-form-urlencoded"
        return client.post(address, data="q-age&" * 10_000, content_type=kind).status_code

    def in_parts() -> int:
        part = '--x\r\nContent-Disposition: form-data; name="q-age"\r\n\r\n\r\n'
        kind = "multipart/form-data; boundary=x"
        return client.post(address, data=part * 1_000 + "--x--", content_type=kind).status_code

    assert quick(plain) < 500
    assert quick(in_parts) < 500


def test_a_number_of_endless_digits_is_no_failure(client: FlaskClient) -> None:
    """Python refuses to read it with an error that is none of a number's usual ones."""
    digits = "9" * 20_000
    for data in ({"q-age": digits}, {"as_of-year": digits}, {"q-imaging_date-year": digits}):
        assert client.post("/nurse/result", data=data).status_code < 500
    for address in (f"/worklist/?page={digits}", f"/audit/statistics?page={digits}"):
        assert client.get(address).status_code < 500
