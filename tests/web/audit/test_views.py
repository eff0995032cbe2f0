"""Whoever looks at a case leaves an event of it: every page of the URL map, none is forgotten."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from support.casework.screened_cases import Screened
from support.people import worklist_people

from screening.records.access import Actor
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow

ASKED = {"number": 1, "link_id": "leg_weakness"}


def events(records: Records, case_id: str, actor: Actor) -> int:
    with records.database.reading() as session:
        chosen = EventRow.case_id == case_id, EventRow.by == actor.id
        return session.scalar(select(func.count()).select_from(EventRow).where(*chosen)) or 0


def test_every_page_of_a_case_is_an_event(
    client: FlaskClient, screened: Screened, nora: Actor, auditor: Actor, records: Records
) -> None:
    case_id = screened.cases[0]
    app = client.application
    nurse = worklist_people.signed_in(app, nora)
    missed, tried = [], []
    for rule in app.url_map.iter_rules():
        if "case_id" not in rule.arguments or "GET" not in (rule.methods or ()):
            continue
        values = {name: ASKED[name] for name in rule.arguments if name != "case_id"}
        address = app.url_map.bind("localhost").build(rule.endpoint, {"case_id": case_id} | values)
        for who, browser in ((nora, nurse), (auditor, client)):
            before = events(records, case_id, who)
            answer = browser.get(address, query_string={"before": 1, "after": 1})
            if answer.status_code == 200:
                tried.append(address)
                if events(records, case_id, who) == before:
                    missed.append(address)
    assert missed == []
    assert len(tried) > 12
