"""Requests that no page of ours makes: odd numbers and ids in addresses, odd keys in forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from support.people.typed_answers import typed_day
from support.people.web_people import add_person, add_site, casework_app, enter
from support.people.worklist_people import person, referral
from support.rulesets import shipped
from werkzeug.routing import Rule

from screening.records.access import Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow

HUGE = "9" * 30
NUMBERS = ("0", "-1", "+1", "00", "01", "1.0", "1e3", " 1", "x", str(2**31), str(2**63), HUGE)
OTHER_DIGITS = ("\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}", "\N{SUPERSCRIPT ONE}")
TEXTS = (
    "\0",
    "a\0b",
    "\N{GRINNING FACE}",
    "..",
    "'",
    "%",
    "x" * 3000,
    "\N{COMBINING ACUTE ACCENT}",
)
SAID = (
    *("find", "state", "priority", "site", "clinic", "waits", "owner", "mine", "overdue", "closed"),
    *("assigned", "updated"),
    *("sort", "order", "page", "since", "until", "rules", "outcome", "override", "by", "next"),
    *("before", "after"),
)
"""What addresses say after their question mark."""
ODD = {"number": (*NUMBERS, *OTHER_DIGITS)}
KEYS = ("", "short", "x" * 65, "a" * 20 + "\0", "\N{FULLWIDTH DIGIT ONE}" * 32, "A" * 32, "a" * 33)
WITHOUT_KEY = {
    *(
        "security",
        "own_account",
        "people",
        "versions",
        "patient",
        "sheet_file",
        "answer_file",
        "nurse",
    ),
    *("proposals", "rights_notices", "access_review", "own_sessions"),
    *("import_file.preview", "import_file.columns", "worklist.find", "search.find"),
}
"""Forms that write nothing of a case: parts, and pages of others."""
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
REFUSED = {400, 404, 405}


@dataclass(frozen=True)
class Everything:
    """Somebody with every role, at work on a case that has a result."""

    app: Flask
    records: Records
    client: FlaskClient
    case_id: str

    def rules(self, method: str) -> Iterator[Rule]:
        """Every address that takes a method."""
        return (each for each in self.app.url_map.iter_rules() if method in (each.methods or ()))

    @property
    def known(self) -> dict[str, str]:
        """What leads to a page where an address has these places."""
        return {"case_id": self.case_id, "number": "1", "digest": "0" * 64}

    def events(self) -> int:
        """How many there are."""
        with self.records.database.reading() as session:
            return session.scalar(select(func.count()).select_from(EventRow)) or 0


@pytest.fixture
def everything(records: Records) -> Everything:
    app = casework_app(records, WTF_CSRF_ENABLED=False, COUNT_TRIES=False)
    north = add_site(records, "North")
    adder = person(records, Role.NURSE, sites=[north], name="Adder")
    case_id = add_case(records, adder, north, referral(), uuid4().hex)
    _, email = add_person(records, *Role, sites=[north])
    client = app.test_client()
    enter(client, email)
    data = typed_day(shipped.as_of()) | {"version": ["1"], "once": [uuid4().hex]}
    assert client.post(f"/case/{case_id}/assess", data=data).status_code == 303
    return Everything(app, records, client, case_id)


def odd_address(everything: Everything, rule: Rule, name: str, odd: str) -> str:
    """An address of a page with something odd in one of its places."""
    known = everything.known | {name: odd}
    return PLACE.sub(lambda place: quote(known.get(place[1], "x"), safe=""), rule.rule)


def takes_key(rule: Rule) -> bool:
    return not {rule.endpoint, rule.endpoint.partition(".")[0]} & WITHOUT_KEY


def test_a_number_or_an_id_that_nothing_has_is_no_page(everything: Everything) -> None:
    """Never an error of ours, and never the page of something else, however it is written."""
    wrong = []
    for method in ("GET", "POST"):
        for rule in everything.rules(method):
            for name in sorted(rule.arguments):
                for odd in ODD.get(name, TEXTS):
                    address = odd_address(everything, rule, name, odd)
                    data = {"version": "1", "once": uuid4().hex} if method == "POST" else None
                    status = everything.client.open(address, method=method, data=data).status_code
                    led_away = status in {302, 303} and name in {"token", "digest"}  # and told why
                    if status not in REFUSED and not led_away:
                        wrong.append((method, rule.endpoint, name, odd[:40], status))
    assert wrong == []


def test_what_an_address_says_in_an_odd_way_is_no_error_of_ours(everything: Everything) -> None:
    wrong = []
    for rule in everything.rules("GET"):
        address = odd_address(everything, rule, "number", "1")
        for odd in ("0", "-1", HUGE, *OTHER_DIGITS, TEXTS[0]):
            answer = everything.client.get(address, query_string=dict.fromkeys(SAID, odd))
            answer.get_data()  # of a page that is sent while it is made, too
            if answer.status_code == 500:
                wrong.append((rule.endpoint, odd[:40], answer.status_code))
    assert wrong == []


def test_a_form_whose_key_is_malformed_is_refused_alike_everywhere(everything: Everything) -> None:
    asked, wrong = 0, []
    for rule in everything.rules("POST"):
        if not takes_key(rule):
            continue
        asked += 1
        address = odd_address(everything, rule, "number", "1")
        for key in KEYS:
            before = everything.events()
            answer = everything.client.post(address, data={"version": "1", "once": key})
            if answer.status_code != 400 or everything.events() != before:
                wrong.append((rule.endpoint, key, answer.status_code))
        good = everything.client.post(address, data={"version": "1", "once": uuid4().hex})
        if good.status_code == 400:
            wrong.append((rule.endpoint, "good", 400))
    assert wrong == []
    assert asked > 8
