"""What a page asks the database for does not grow with the number of cases."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from support.people import worklist_people

from screening.core.rules.item import Finder
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records

PAGES = [
    "/worklist/",
    "/worklist/?page=2&sort=due",
    "/worklist/?priority=urgent&clinic=Hill+practice&updated=1",
    "/worklist/chase",
    "/worklist/chase?owner=patient&overdue=1",
    "/worklist/new",
]
FEW, MANY = 10, 300


@contextmanager
def counted(records: Records) -> Iterator[list[str]]:
    """The statements that are sent while the block runs."""
    sent: list[str] = []

    def note(*args: object) -> None:
        sent.append(str(args[2]))

    event.listen(records.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(records.database.engine, "before_cursor_execute", note)


def statements(client: FlaskClient, records: Records) -> dict[str, int]:
    """How many statements each page takes once what is made at first use is there."""
    found = {}
    for address in PAGES:
        client.get(address)
        with counted(records) as sent:
            assert client.get(address).status_code == 200
        found[address] = len(sent)
    address = client.post("/worklist/find", data={"text": "made"}).headers["Location"]
    with counted(records) as sent:
        assert "Made-up" in client.get(address).text
    return found | {"search": len(sent)}


def test_ten_cases_and_three_hundred_take_the_same_statements(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int
) -> None:
    found = []
    added = 0
    for total in (FEW, MANY):
        more = [worklist_people.referral(number) for number in range(added + 1, total + 1)]
        ids = worklist_people.add(sqlite_records, nurse_actor, site, more)
        for case_id in ids[:60]:
            due = sqlite_records.now().date()
            chase = Chase(link_id="age", owner=Finder.PATIENT, due=due)
            set_chases(
                open_case(sqlite_records, nurse_actor, case_id), 1, {"age": chase}, f"c-{case_id}"
            )
        added = total
        found.append(statements(client, sqlite_records))
    assert found[0] == found[1]
    assert max(found[1].values()) < 20
    assert min(found[1].values()) > 2  # the session, the person, the page: it does count


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_preview_takes_few_statements(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int, count: int
) -> None:
    worklist_people.fill(sqlite_records, nurse_actor, site, count)
    rows = "".join(f"R-{n:05d},P{n},,Hill,soon\n" for n in range(1, count + 1))
    data = f"Reference,Patient,Birth year,Referring clinic,Priority\n{rows}".encode()
    with counted(sqlite_records) as sent:
        posted = {"site": str(site), "file": (io.BytesIO(data), "r.csv")}
        answer = client.post("/worklist/import", data=posted, content_type="multipart/form-data")
        assert f"{count} referrals may be for" in answer.text
    assert len(sent) < 20
