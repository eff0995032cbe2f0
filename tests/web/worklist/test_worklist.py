"""The worklist: what it shows, how it is filtered, sorted and paged, and what no address tells."""

import datetime as dt
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.casework.case_writes import nothing
from support.pages.page_reader import Page
from support.people import worklist_people
from support.rulesets import shipped
from support.storage.databases import clock
from werkzeug.datastructures import MultiDict

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.core.values.referral import Priority
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import FindWarnings, Submission, save_answers
from screening.records.casework.cases import add_case, close_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.worklist import urgency
from screening.web.shell import sealed_search

CANARY = "Zephyrina Quillfeather"
HEADS = {
    "clinic": "Referring clinic",
    "priority": "Priority",
    "due": "Waiting for",
    "created": "Added",
    "touched": "Last updated",
}
Ids = tuple[str, ...]


@pytest.fixture
def filled(sqlite_records: Records, nurse_actor: Actor) -> Ids:
    """Ten cases."""
    (site,) = nurse_actor.sites
    return worklist_people.fill(sqlite_records, nurse_actor, site, 10)


def rows(html: str) -> list[str]:
    """The references on the page, in its order."""
    return re.findall(r"R-\d{5}(?=</bdi></a>)", html)


def added(records: Records, actor: Actor, **changes: object) -> str:
    (site,) = actor.sites
    referral = worklist_people.referral(77, **changes)
    return add_case(records, actor, site, referral, f"added-{referral.reference}")


def test_a_case_is_shown_with_what_a_nurse_needs_to_know(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    case_id = added(sqlite_records, nurse_actor, person=CANARY, clinic="Hill practice")
    due = sqlite_records.now().date() - dt.timedelta(days=2)
    chase = Chase(link_id="levels", owner=Finder.REPORT, due=due)
    set_chases(open_case(sqlite_records, nurse_actor, case_id), 1, {"levels": chase}, "chase-00001")
    page = Page(client.get("/worklist/").text)
    for words in (
        "R-00077",
        CANARY,
        "1953",
        "Hill practice",
        "routine",
        "New",
        "the imaging report",
        "overdue by 2 days",
        "by Nora Nurse",
        "1 case",
    ):
        assert words in page.text
    assert f"/case/{case_id}/" in page.links


def test_an_empty_list_says_how_to_begin(client: FlaskClient) -> None:
    page = Page(client.get("/worklist/").text)
    assert "There are no open cases" in page.text
    assert "/worklist/new" in page.links


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/worklist/?priority=urgent", {"R-00003", "R-00006", "R-00009"}),
        ("/worklist/?clinic=Hill+practice&priority=soon", {"R-00001", "R-00004", "R-00007"}),
        ("/worklist/?state=closed", {"R-00010"}),
        ("/worklist/?waits=patient&overdue=1", {"R-00002"}),
        ("/worklist/?mine=1&clinic=North+clinic", {"R-00003", "R-00006", "R-00009"}),
        ("/worklist/?priority=nonsense&clinic=&state=x&page=-4&site=zz", None),
    ],
)
def test_filters_are_in_the_address(
    client: FlaskClient, filled: Ids, nurse_actor: Actor, address: str, found: set[str] | None
) -> None:
    sqlite_records, ids = client.application.extensions["records"], filled
    yesterday = sqlite_records.now().date() - dt.timedelta(days=1)
    chase = Chase(link_id="age", owner=Finder.PATIENT, due=yesterday)
    set_chases(open_case(sqlite_records, nurse_actor, ids[1]), 1, {"age": chase}, "chase-00001")
    close_case(open_case(sqlite_records, nurse_actor, ids[9]), 1, shipped.ruleset(), "close-00001")
    everything = {f"R-{number:05d}" for number in range(1, 10)}
    assert set(rows(client.get(address).text)) == (everything if found is None else found)


@pytest.mark.parametrize("sort", ["priority", "due", "clinic", "created", "touched"])
def test_a_heading_sorts_and_says_so(client: FlaskClient, filled: Ids, sort: str) -> None:
    turns = ["descending", "ascending"]
    first, other = turns if sort in {"created", "touched"} else turns[::-1]
    start = client.get(
        f"/worklist/?priority=soon&sort={'clinic' if sort == 'touched' else 'touched'}"
    )
    html = client.get(heading_address(start.text, sort)).text
    assert sorts(html) == {sort: first}
    again = client.get(heading_address(html, sort)).text
    assert sorts(again) == {sort: other}
    assert rows(again) == rows(html)[::-1] or sort in {"due", "clinic", "priority"}
    assert set(rows(again)) == {f"R-{number:05d}" for number in (1, 4, 7, 10)}


def test_the_most_urgent_stands_first_until_a_heading_is_pressed(
    client: FlaskClient, filled: Ids, sqlite_records: Records, nurse_actor: Actor
) -> None:
    flagged, late = filled[6], filled[4]  # soon, and routine
    save_answers(
        open_case(sqlite_records, nurse_actor, flagged),
        Submission(
            version=1,
            answers={"leg_weakness": Answer(value=True)},
            how=EntryMethod.FORM,
            idempotency_key="answers-0001",
        ),
        find_warnings=lambda _: Warnings(emergencies=("leg_weakness",)),
    )
    yesterday = sqlite_records.now().date() - dt.timedelta(days=1)
    chase = Chase(link_id="age", owner=Finder.PATIENT, due=yesterday)
    set_chases(open_case(sqlite_records, nurse_actor, late), 1, {"age": chase}, "chase-00001")
    page = Page(client.get("/worklist/").text)
    urgent = {f"R-{number:05d}" for number in (3, 6, 9)}
    assert rows(page.html)[:2] == ["R-00007", "R-00005"]
    assert "emergency sign New or progressive leg weakness" in page.text
    assert "not ruled out no emergency sign is answered" in page.text
    assert set(rows(page.html)[2:5]) == urgent
    assert sorts(page.html) == {}
    assert (
        "Undecided emergencies come first, starting with those that nobody has been told about"
        in page.text
    )
    by_clinic = Page(client.get(heading_address(page.html, "clinic")).text)
    assert "Undecided emergencies come first" not in by_clinic.text
    (back,) = [link for link in by_clinic.links if "sort=urgency" in link]
    assert rows(client.get(back).text) == rows(page.html)


EVERY_SIGN = tuple(sorted(shipped.ruleset().items_of(Tier.EMERGENCY)))


@pytest.mark.parametrize(
    ("open_signs", "words"),
    [
        (("saddle_numbness",), "not ruled out Saddle numbness"),
        (("leg_weakness", "gait_change", "saddle_numbness"), "not ruled out 3 emergency signs"),
        (EVERY_SIGN, "no emergency sign is answered"),
    ],
)
def test_a_sign_that_is_not_ruled_out_is_marked(
    client: FlaskClient, nurse_actor: Actor, open_signs: tuple[str, ...], words: str
) -> None:
    records = client.application.extensions["records"]
    case_id = added(records, nurse_actor)
    save_answers(
        open_case(records, nurse_actor, case_id),
        Submission(
            version=1,
            answers={"age": Answer(value=70)},
            how=EntryMethod.FORM,
            idempotency_key="answers-0001",
        ),
        find_warnings=lambda _: Warnings(open_signs=open_signs),
    )
    assert words in Page(client.get("/worklist/").text).text


def test_closed_cases_and_what_is_searched_stand_with_the_last_touched_first(
    client: FlaskClient, filled: Ids, sqlite_records: Records, nurse_actor: Actor
) -> None:
    for number, case_id in enumerate(filled[:3]):
        clock(sqlite_records).advance(minutes=1)
        close_case(
            open_case(sqlite_records, nurse_actor, case_id),
            1,
            shipped.ruleset(),
            f"close-000{number}",
        )
    closed = client.get("/worklist/?state=closed").text
    assert rows(closed) == ["R-00003", "R-00002", "R-00001"]
    assert sorts(closed) == {"touched": "descending"}
    assert "most urgent first" not in closed
    searched = client.post("/worklist/find", data={"text": "made"}).headers["Location"]
    assert sorts(client.get(searched).text) == {"touched": "descending"}
    assert "sort=urgency" in client.get(searched).text


def test_where_not_every_flag_was_looked_for_the_page_says_so(
    client: FlaskClient,
    filled: Ids,
    sqlite_records: Records,
    nurse_actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for case_id in filled[:2]:
        answers = {"leg_weakness": Answer(value=False)}
        key = f"answers-{case_id}"
        save_answers(
            open_case(sqlite_records, nurse_actor, case_id),
            Submission(version=1, answers=answers, how=EntryMethod.FORM, idempotency_key=key),
            find_warnings=nothing,
        )
    said = "Some red flags may be further down the list"
    assert said not in client.get("/worklist/").text
    monkeypatch.setattr(urgency, "MOST", 1)
    assert said in client.get("/worklist/").text
    assert said not in client.get("/worklist/?sort=clinic").text


def warned(found: Warnings) -> FindWarnings:
    return lambda _: found


def sorts(html: str) -> dict[str, str]:
    """The orders that headings say the table has."""
    heads = HEADS.items()
    said = {sort: re.search(rf'aria-sort="(\w+)"><a [^>]*>{at}', html) for sort, at in heads}
    return {sort: found[1] for sort, found in said.items() if found and found[1] != "none"}


def heading_address(html: str, sort: str) -> str:
    """Where the heading of an order leads to."""
    found = re.search(rf'aria-sort="\w+"><a href="([^"]*)">{HEADS[sort]}', html)
    assert found
    return found[1].replace("&amp;", "&")


def test_pages_are_counted_and_keep_the_filter(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    (site,) = nurse_actor.sites
    worklist_people.fill(sqlite_records, nurse_actor, site, 80)
    page = Page(client.get("/worklist/?sort=created&order=up&page=2&updated=1").text)
    assert "Page 2 of 4" in page.text
    assert "80 cases" in page.text
    assert {"/worklist/?updated=1&sort=created&order=up&page=3"} <= set(page.links)
    assert rows(page.html) == [f"R-{number:05d}" for number in range(26, 51)]
    assert "Page 4 of 4" in Page(client.get("/worklist/?page=99999").text).text


@pytest.mark.parametrize("words", [CANARY, "zephyrina", "QUILL", "r-00077", "R 00077"])
def test_what_is_searched_for_is_found_and_no_address_tells_it(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, words: str
) -> None:
    (site,) = nurse_actor.sites
    worklist_people.fill(sqlite_records, nurse_actor, site, 5)
    added(sqlite_records, nurse_actor, person=CANARY)
    answer = client.post("/worklist/find", data={"text": words, "sort": "clinic", "updated": "1"})
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "updated=1&sort=clinic" in address
    assert words.lower() not in address.lower()
    html = client.get(address).text
    assert rows(html) == ["R-00077"]
    page = Page(html)
    assert [value for form in page.forms for name, value in form.fields if name == "text"] == [
        words
    ]
    assert all(words.lower() not in link.lower() for link in page.links if "/worklist/" in link)


def test_the_search_stays_while_one_sorts_filters_and_turns_pages(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    (site,) = nurse_actor.sites
    worklist_people.fill(sqlite_records, nurse_actor, site, 60)
    address = client.post("/worklist/find", data={"text": "made"}).headers["Location"]
    sealed = address.partition("find=")[2]
    page = Page(client.get(address + "&sort=clinic").text)
    others = [link for link in page.links if link.startswith("/worklist/?")]
    assert others
    assert all(f"find={sealed}" in link for link in others)
    (filters,) = [form for form in page.forms if form.method == "get"]
    assert ("find", sealed) in filters.fields


def test_an_empty_search_shows_everything_again(client: FlaskClient) -> None:
    answer = client.post("/worklist/find", data={"text": "  ", "priority": "urgent"})
    assert answer.headers["Location"] == "/worklist/?priority=urgent"


def test_the_database_does_not_hold_what_is_searched_for(
    client: FlaskClient, sqlite_records: Records
) -> None:
    address = client.post("/worklist/find", data={"text": CANARY}).headers["Location"]
    client.get(address)
    with sqlite_records.database.reading() as session:
        kept = session.scalars(text("SELECT data FROM sessions")).all()
    assert kept
    assert not [data for data in kept if b"Zephyrina" in bytes(data)]


def test_an_address_of_another_sign_in_cannot_be_read(
    app: Flask, client: FlaskClient, nurse_actor: Actor, sqlite_records: Records
) -> None:
    added(sqlite_records, nurse_actor, person=CANARY)
    address = client.post("/worklist/find", data={"text": CANARY}).headers["Location"]
    later = worklist_people.signed_in(app, nurse_actor)
    later.post("/worklist/find", data={"text": "other"})
    page = Page(later.get(address).text)
    assert CANARY not in str([form.fields for form in page.forms])
    assert "ended with your earlier sign-in" in page.text


@pytest.mark.parametrize("sealed", ["x", "AAAA", "é", "=" * 40, "A" * 300, "%00"])
def test_a_made_up_search_is_none(client: FlaskClient, sealed: str) -> None:
    answer = client.get("/worklist/", query_string={"find": sealed})
    assert answer.status_code == 200
    assert "ended with your earlier sign-in" in answer.text


def test_sealed_texts_of_many_lengths_look_alike(app: Flask) -> None:
    with app.test_request_context("/worklist/"):
        sealed = {text: sealed_search.seal_text(text) for text in ("a", CANARY, "x" * 64)}
        assert len({len(each) for each in sealed.values()}) == 1
        assert {text: sealed_search.read_text(each) for text, each in sealed.items()} == {
            text: text for text in sealed
        }
        assert sealed_search.seal_text(" \u200b ") == ""
        assert (
            len(sealed_search.read_text(sealed_search.seal_text("x" * 999)) or "")
            == sealed_search.LONGEST
        )


def test_cases_of_other_sites_are_not_there(
    app: Flask, client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    added(sqlite_records, nurse_actor)
    other = worklist_people.person(sqlite_records, Role.NURSE, sites=[], name="Otto Other")
    page = Page(worklist_people.signed_in(app, other).get("/worklist/").text)
    assert "R-00077" not in page.text
    assert "R-00077" in client.get("/worklist/").text


def test_a_nurse_is_told_the_key_for_a_new_referral(client: FlaskClient, filled: Ids) -> None:
    assert "n new, m assigned to me, / find" in Page(client.get("/worklist/").text).text


def test_an_auditor_reads_and_is_offered_no_writing(
    app: Flask, sqlite_records: Records, nurse_actor: Actor
) -> None:
    added(sqlite_records, nurse_actor)
    auditor = worklist_people.person(
        sqlite_records, Role.AUDITOR, sites=nurse_actor.sites, name="Ada Auditor"
    )
    client = worklist_people.signed_in(app, auditor)
    page = Page(client.get("/worklist/").text)
    assert "R-00077" in page.text
    assert not {"/worklist/new", "/worklist/import"} & set(page.links)
    assert "n new" not in page.text
    assert "/ find, j k move, Enter opens" in page.text
    for address in ("/worklist/new", "/worklist/import"):
        assert client.get(address).status_code == 403
        assert client.post(address, data={}).status_code == 403


def test_priorities_are_words_everywhere(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    for priority in Priority:
        added(sqlite_records, nurse_actor, reference=f"R-{priority.value:05d}", priority=priority)
    text = Page(client.get("/worklist/").text).text
    assert all(words in text for words in ("urgent", "soon", "routine"))


def test_the_earliest_time_windows_can_come_first_or_alone(
    client: FlaskClient, filled: Ids, sqlite_records: Records, nurse_actor: Actor
) -> None:
    today = sqlite_records.now().date()
    for at, days in ((3, 30), (1, 14)):
        closes = today + dt.timedelta(days=days)
        save_answers(
            open_case(sqlite_records, nurse_actor, filled[at]),
            Submission(
                version=1,
                answers={"age": Answer(value=70)},
                how=EntryMethod.FORM,
                idempotency_key=f"answers-{at:04d}",
            ),
            find_warnings=warned(Warnings(closes=closes)),
        )
    (address,) = (
        each for each in Page(client.get("/worklist/").text).links if "sort=window" in each
    )
    listed = client.get(address).text
    assert rows(listed)[:2] == ["R-00002", "R-00004"]
    assert "Cases without a time window come last" in Page(listed).text
    form = next(each for each in Page(listed).forms if "Filter" in each.buttons)
    alone = client.get("/worklist/", query_string=MultiDict([*form.fields, ("closing", "1")])).text
    assert rows(alone) == ["R-00002"]
    assert 'name="closing" value="1" checked' in alone
