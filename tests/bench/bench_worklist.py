"""How the worklist's pages fare with 10,000 cases against the same pages with 10.

Usage: PYTHONPATH=tests python tests/bench/bench_worklist.py [CASES]

Every figure is a ratio within one run: the same page, machine and minute. A page that
takes more than three times as long with all cases fails the run.

One case of forty is an emergency that nobody was told about, 250 of 10,000: far more than any
clinic has at a time. The chase list shows all of them on one page, as it must, and so grows with
them. A second table compares it with that of as many emergencies among the fewest cases.
"""

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from support.bench.report import show_beside
from support.people import worklist_people
from support.people.case_people import Nurse, assessed
from support.people.web_people import add_site, casework_app
from support.storage import databases

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import add_case, add_cases
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records

FEW, MANY = 10, 10_000
AT_MOST = 3.0
BATCH = 1000
CHASED = 20  # one case of so many is being screened and has something to chase
PAGES = {
    "first page": "/worklist/",
    "last page": "/worklist/?page=99999",
    "by priority": "/worklist/?sort=priority&order=up",
    "by due day": "/worklist/?sort=due&order=up",
    "by clinic": "/worklist/?sort=clinic&order=up",
    "by time window": "/worklist/?sort=window",
    "filtered": "/worklist/?priority=urgent&clinic=Hill+practice",
    "overdue": "/worklist/?overdue=1",
    "updated by me": "/worklist/?updated=1",
    "chase list": "/worklist/chase",
    "chase list, one finder": "/worklist/chase?owner=patient&overdue=1",
    "new referral": "/worklist/new",
    "statistics": "/audit/statistics",
}
EMERGENCIES = ("chase list", "chase list, one finder")
CASE_PAGES = {
    "sheet": "",
    "missing answers": "missing",
    "call": "call?finder=patient",
    "results": "assessments/",
    "result": "assessments/1",
    "letter": "assessments/1/letter",
    "history": "history",
    "referral": "referral",
}
SEARCHES = {"search, one found": "R-00007", "search, all found": "made"}


@contextmanager
def office(
    folder: Path, cases: int, chased: int = CHASED
) -> Iterator[tuple[FlaskClient, str, float]]:
    """A nurse's browser before so many cases, one that has a result, and how long adding took."""
    address = databases.sqlite_copy(folder / "pattern.sqlite3", folder)
    with databases.open_records(address) as records:
        app = casework_app(records, TODAY=lambda: records.now().date(), WTF_CSRF_ENABLED=False)
        nurse = _nurse(records)
        start = time.process_time()
        _fill(records, nurse, cases, chased)
        took = time.process_time() - start
        client = worklist_people.signed_in(_quick(app), nurse)
        yield client, _assess(records, client, nurse, cases), took


def _quick(app: Flask) -> Flask:
    app.logger.disabled = True
    return app


def _nurse(records: Records) -> Actor:
    site = add_site(records, "North")
    return worklist_people.person(records, Role.LEAD_NURSE, sites=[site], name="Nora Nurse")


def _fill(records: Records, nurse: Actor, cases: int, chased: int) -> None:
    (site,) = nurse.sites
    made = worklist_people.referrals(cases)
    today = records.now().date()
    number = 0
    while batch := list(islice(made, BATCH)):
        ids = add_cases(records, nurse, site, batch, f"batch-{number:05d}")
        for case_id in ids[::chased]:
            due = today + dt.timedelta(days=number % 9 - 4)
            chase = {"age": Chase(link_id="age", owner=Finder.PATIENT, due=due)}
            set_chases(open_case(records, nurse, case_id), 1, chase, f"chase-{case_id}")
            _screen(records, nurse, case_id, flagged=number % 2 == 0)
            number += 1


def _assess(records: Records, client: FlaskClient, nurse: Actor, cases: int) -> str:
    """Add a case with a result that waits for two answers."""
    (site,) = nurse.sites
    case_id = add_case(records, nurse, site, worklist_people.referral(cases + 1), "assess" * 5)
    missing = {"bladder_bowel": "asked-unknown", "pain_severity": "asked-unknown"}
    return assessed(Nurse(client, nurse, case_id), **missing).case_id


def _screen(records: Records, nurse: Actor, case_id: str, *, flagged: bool) -> None:
    """Answer a question of a case, so that the list has to look whether it has a red flag."""
    answer, key = {"leg_weakness": Answer(value=flagged)}, f"screen-{case_id}"
    found = Warnings(emergencies=("leg_weakness",) if flagged else ())
    save_answers(
        open_case(records, nurse, case_id),
        Submission(version=2, answers=answer, how=EntryMethod.FORM, idempotency_key=key),
        find_warnings=lambda _: found,
    )


def page(client: FlaskClient, address: str) -> Callable[[], object]:
    """Asks for a page, which must be there."""

    def asked() -> object:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status
        return answer

    return asked


def search(client: FlaskClient, words: str) -> Callable[[], object]:
    """Searches, and looks at what is found."""
    address = client.post("/worklist/find", data={"text": words}).headers["Location"]
    return page(client, address)


def duplicates(client: FlaskClient) -> Callable[[], object]:
    """Adds a referral that is there already, so that the page that asks is shown."""
    given = worklist_people.referral(1)
    typed = {"reference": given.reference, "person": "X", "clinic": "X", "priority": "soon"}
    data = {**typed, "site": "1", "once": "0" * 32}

    def posted() -> object:
        answer = client.post("/worklist/new", data=data)
        assert "here already" in answer.text
        return answer

    return posted


def pages(client: FlaskClient, case_id: str) -> dict[str, Callable[[], object]]:
    """What to measure, by name."""
    found = {name: page(client, address) for name, address in PAGES.items()}
    found |= {name: search(client, words) for name, words in SEARCHES.items()}
    found |= {name: page(client, f"/case/{case_id}/{way}") for name, way in CASE_PAGES.items()}
    return found | {"duplicate warning": duplicates(client)}


def main(cases: int = MANY) -> int:
    """Print one line for each page; gives 1 if one takes more than three times as long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases.sqlite_pattern(folder)
        with office(folder, FEW) as few, office(folder, cases) as many:
            print(f"Adding {cases:,} cases took {many[2] / cases * 1000:.2f} ms each.")
            first, second = pages(*few[:2]), pages(*many[:2])
            heads = (f"{FEW} cases", f"{cases:,} cases")
            pairs = {each: (first[each], second[each]) for each in first}
            worst = show_beside("Pages of the worklist", heads, pairs, AT_MOST)
            with office(folder, cases // CHASED, chased=1) as alike:
                heads = (f"{cases // CHASED} cases", heads[1])
                pairs = {each: (page(alike[0], PAGES[each]), second[each]) for each in EMERGENCIES}
                return max(worst, show_beside("As many emergencies", heads, pairs, AT_MOST))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
