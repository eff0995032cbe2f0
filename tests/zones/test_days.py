"""Today is the day of the nurse's site or of the patient's browser; no own date is refused."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.pages.page_reader import Page
from support.people.case_people import Nurse
from support.people.typed_answers import typed_day
from support.people.web_people import casework_app
from support.people.worklist_people import add, person, referral, signed_in
from support.storage.databases import Clock

from screening.core.rules.item import Finder
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import UnknownZoneError, read_zone, zone_names
from screening.records.people import sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.worklist.chase_list import chase_list
from screening.records.worklist.worklist import URGENCY, Query, worklist
from screening.web.shell import clock
from screening.web.shell.context import page_context

EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"  # 26 hours apart
LATE = dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC)
"""The 19th in the west, the 20th in UTC, the 21st in the east."""
DAYS = {WEST: dt.date(2026, 11, 19), "UTC": dt.date(2026, 11, 20), EAST: dt.date(2026, 11, 21)}
zone_name = st.sampled_from(zone_names())
instant = st.integers(946_684_800, 4_102_444_800).map(  # 2000 to 2100
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)
ONE_DATABASE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server's day is the last of all."""
    monkeypatch.setenv("TZ", WEST)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def records(sqlite_records: Records) -> Records:
    """Records at a moment at which three days are somewhere."""
    set_clock(sqlite_records, LATE)
    return sqlite_records


@pytest.fixture
def case_id(records: Records) -> str:
    """A case of a site that the property test gives a time zone."""
    nora = nurse_in(records, None)
    return add(records, nora, min(nora.sites), [referral()])[0]


@pytest.fixture
def app(records: Records) -> Flask:
    """The application with its own clock."""
    return casework_app(records, TODAY=clock.today, WTF_CSRF_ENABLED=False)


def nurse_in(records: Records, *zones: str | None) -> Actor:
    """A nurse of one site in each of these time zones."""
    added = [
        sites.add_site(records, COMMAND_LINE, f"Site {number}", zone)
        for number, zone in enumerate(zones)
    ]
    return person(records, Role.NURSE, sites=added, name="Nora Nurse")


def set_clock(records: Records, moment: dt.datetime) -> None:
    assert isinstance(records.now, Clock)
    records.now.moment = moment


def case_of(records: Records, app: Flask, actor: Actor) -> Nurse:
    """The nurse at work on a case of her first site."""
    (case_id,) = add(records, actor, min(actor.sites), [referral()])
    return Nurse(signed_in(app, actor), actor, case_id)


@pytest.mark.parametrize("zone", DAYS)
def test_a_nurse_enters_her_own_day_and_no_later_one(
    records: Records, app: Flask, zone: str
) -> None:
    nora = case_of(records, app, nurse_in(records, zone))
    for day, kept in ((DAYS[zone] + dt.timedelta(days=1), False), (DAYS[zone], True)):
        typed = typed_day(day, "diagnosis_date")
        answer = nora.answer(**{name: value for name, (value,) in typed.items()})
        assert ("not after the screening date" in Page(answer.text).text) is not kept
    found = open_case(records, nora.actor, nora.case_id).history.current()
    assert found["diagnosis_date"].answer.value == DAYS[zone]


@pytest.mark.parametrize("zone", DAYS)
def test_a_case_is_assessed_for_the_day_of_its_site(
    records: Records, app: Flask, zone: str
) -> None:
    nora = case_of(records, app, nurse_in(records, zone))
    assert nora.post("assess", nora.sheet()).status_code == 303
    (found,) = open_case(records, nora.actor, nora.case_id).assessments
    assert found.as_of == DAYS[zone]


def test_what_is_overdue_is_so_by_the_day_of_its_site(records: Records, app: Flask) -> None:
    nora = nurse_in(records, WEST, "UTC", EAST)
    cases = [add(records, nora, site, [referral(site)])[0] for site in sorted(nora.sites)]
    for case_id in cases:
        due = Chase(link_id="bone_density_scan", owner=Finder.REPORT, due=DAYS["UTC"])
        set_chases(open_case(records, nora, case_id), 1, {"bone_density_scan": due}, uuid4().hex)
    for query in (Query(overdue=True), Query(overdue=True, sort=URGENCY)):
        assert [case.id for case in worklist(records, nora, query).cases] == cases[2:]
    assert worklist(records, nora, Query(sort=URGENCY)).cases[0].id == cases[2]
    (chased,) = chase_list(records, nora, overdue=True).entries
    assert (chased.case.id, chased.days_over) == (cases[2], 1)
    days_over = {each.case.id: each.days_over for each in chase_list(records, nora).entries}
    assert [days_over[each] for each in cases] == [-1, 0, 1]
    client = signed_in(app, nora)
    for address in ("/worklist/", "/worklist/chase"):
        text = Page(client.get(address).text).text
        assert all(words in text for words in ("due in 1 day", "due today", "overdue by 1 day"))


@given(zone=zone_name, moment=instant)
@settings(max_examples=50, suppress_health_check=ONE_DATABASE)
def test_a_page_has_the_day_and_hour_of_its_site(
    records: Records, app: Flask, case_id: str, zone: str, moment: dt.datetime
) -> None:
    set_clock(records, moment)
    sites.change_site(records, COMMAND_LINE, sites.Site(id=1, name="North", time_zone=zone))
    with app.test_request_context(f"/case/{case_id}/"):
        here = moment.astimezone(ZoneInfo(zone))
        assert clock.local(moment).isoformat() == here.isoformat()
        assert page_context().today() == here.date()


@given(zone=zone_name, moment=instant)
@settings(suppress_health_check=ONE_DATABASE)
def test_nobody_without_an_account_is_refused_their_own_day(
    app: Flask, zone: str, moment: dt.datetime
) -> None:
    here = moment.astimezone(ZoneInfo(zone)).date()
    with app.app_context():
        assert clock.browser_day(here.isoformat(), moment) == here
        assert clock.browser_day("", moment) >= here


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", DAYS[EAST]),
        *((day.isoformat(), day) for day in DAYS.values()),
        ("2026-11-18", DAYS["UTC"]),
        ("2026-11-22", DAYS["UTC"]),
        ("9999-12-31", DAYS["UTC"]),
        ("today", DAYS["UTC"]),
        ("2026-11-20T00:00", DAYS["UTC"]),
    ],
)
def test_a_day_that_it_is_nowhere_is_not_believed(
    records: Records, said: str, expected: dt.date
) -> None:
    app = casework_app(replace(records, zone=dt.UTC), TODAY=clock.today)
    data = {clock.FIELD: said}
    with app.test_request_context("/patient/question", method="POST", data=data):
        assert page_context().today() == expected


@pytest.mark.parametrize(("said", "zone"), [("", EAST), *((str(d), z) for z, d in DAYS.items())])
def test_a_patient_enters_their_own_day_and_no_later_one(app: Flask, said: str, zone: str) -> None:
    for day, taken in ((DAYS[zone] + dt.timedelta(days=1), False), (DAYS[zone], True)):
        data = {"at": "diagnosis_date", clock.FIELD: said, **typed_day(day, "q-diagnosis_date")}
        text = Page(app.test_client().post("/patient/question", data=data).text).text
        assert ("Enter a date that is today or in the past" in text) is not taken


def test_a_nurse_without_an_account_begins_with_the_day_of_the_server(records: Records) -> None:
    app = casework_app(replace(records, zone=dt.UTC), TODAY=clock.today)
    page = app.test_client().get("/nurse/").text
    fields = dict(Page(page).form.fields)
    assert [fields[f"as_of-{part}"] for part in ("day", "month", "year")] == ["20", "11", "2026"]


def test_a_name_of_no_zone_is_refused() -> None:
    for name in ("", "Nowhere", "../etc/passwd", "posix/UTC", "localtime", "europe/london"):
        with pytest.raises(UnknownZoneError):
            read_zone(name)
    assert {"UTC", "Europe/London", EAST, WEST} <= set(zone_names())
