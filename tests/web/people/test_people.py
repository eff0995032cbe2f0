import datetime as dt
import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import PASSWORD, QUICK, add_person
from support.storage.databases import Clock

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.rights_steps import Action
from screening.records.rights.proposal_list import proposals
from screening.records.rights.proposals import approve, propose, propose_person, refuse
from screening.records.storage.tables import RightsStepRow

SITES = "A nurse, lead nurse or auditor sees only the cases of their sites"


@pytest.fixture
def admin(signed_in: Callable[[Role], Visitor]) -> Visitor:
    return signed_in(Role.ADMINISTRATOR)


def send(visitor: Visitor, address: str, **data: object) -> Page:
    """Post what ticks would post, with the token of the page."""
    page = visitor.open("/people/add")
    fields = {"csrf_token": next(v for f in page.forms for n, v in f.fields if n == "csrf_token")}
    answer = visitor.client.post(address, data=fields | data, follow_redirects=True)
    return Page(answer.text)


def test_a_person_is_added_without_rights_until_another_administrator_approves(
    admin: Visitor, north: int, sqlite_records: Records
) -> None:
    page = send(
        admin,
        "/people/add",
        name="  Ben   Baker ",
        email="Ben@Clinic.localhost",
        roles=["nurse", "auditor"],
        sites=[north],
    )
    assert "Ben Baker is added, but has no rights yet" in page.text
    ben = people.find_person(sqlite_records, COMMAND_LINE, "ben@clinic.localhost")
    assert ben
    assert (ben.roles, ben.sites) == (frozenset(), ())
    assert "screening users approve" in page.text
    (number,) = [each.number for each in proposals(sqlite_records, COMMAND_LINE)]
    approve(sqlite_records, COMMAND_LINE, number)
    assert (
        "shown on the server when the change was approved" in admin.open("/people/proposals").text
    )
    ben = people.load_person(sqlite_records, COMMAND_LINE, ben.id)
    assert ben.roles == {Role.NURSE, Role.AUDITOR}
    assert [site.id for site in ben.sites] == [north]
    assert "/account/open/" in admin.open("/people/proposals").text


def test_who_is_alone_is_told_the_first_steps(admin: Visitor, sqlite_records: Records) -> None:
    assert "If you are the only administrator" in admin.open("/people/").text
    add_person(sqlite_records, Role.NURSE)
    assert "If you are the only administrator" not in admin.open("/people/").text


SECOND = "they cannot approve your changes until 12 days have passed"


@pytest.mark.parametrize("address", ["/people/", "/people/add"])
def test_the_only_administrator_is_shown_where_to_add_the_second_one(
    admin: Visitor, sqlite_records: Records, address: str
) -> None:
    admin.client.application.config["NEW_ACCOUNT_DAYS"] = 12
    text = admin.open(address).text
    assert "screening users add E-MAIL --name NAME --role administrator" in text
    assert SECOND in text
    number, _ = add_person(sqlite_records, Role.ADMINISTRATOR)
    assert SECOND not in admin.open(address).text
    people.set_active(sqlite_records, COMMAND_LINE, number, active=False)
    assert SECOND in admin.open(address).text


def joined(records: Records, name: str, by: int) -> tuple[Actor, str]:
    """An administrator whom another one added, and whom the command line approved."""
    email = f"{name.split(maxsplit=1)[0].lower()}@clinic.localhost"
    roles = frozenset({Role.ADMINISTRATOR})
    new = people.NewPerson(
        name=name,
        email=email,
        roles=roles,
        sites=frozenset(),
        password_hash=QUICK.hash(PASSWORD),
    )
    maker = Actor(id=by, name="", roles=roles, sites=frozenset())
    number = propose_person(records, maker, new)
    approve(records, COMMAND_LINE, proposals(records, COMMAND_LINE)[0].number)
    return Actor(id=number, name=name, roles=roles, sites=frozenset()), email


def test_an_administrator_is_told_why_and_until_when_they_cannot_approve(
    visitor: Visitor, ann: int, sqlite_records: Records, clock: Clock
) -> None:
    clock.moment = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    root, _ = add_person(sqlite_records, Role.ADMINISTRATOR, name="Root Ray")
    adam, _ = joined(sqlite_records, "Adam Ward", root)
    clock.advance(days=31)
    ben, email = joined(sqlite_records, "Ben Baker", adam.id)
    cleo, _ = joined(sqlite_records, "Cleo Cook", adam.id)
    dora, _ = joined(sqlite_records, "Dora Dale", ben.id)
    eve, _ = joined(sqlite_records, "Eve East", dora.id)
    visitor.enter(email)
    for by, why in {
        adam: "Adam Ward added you",
        cleo: "Adam Ward added you and Cleo Cook",
        dora: "you added Dora Dale",
        eve: "your account and that of Eve East come from the same administrator",
    }.items():
        propose(sqlite_records, by, ann, Action.LINK)
        text = visitor.open("/people/proposals").text
        assert f"You cannot approve this until 29 January 2027, because {why}." in text
        refuse(sqlite_records, COMMAND_LINE, proposals(sqlite_records, COMMAND_LINE)[0].number)
    propose(sqlite_records, adam, ben.id, Action.LINK)
    assert "because it changes your own account" in visitor.open("/people/proposals").text
    propose(sqlite_records, ben, ann, Action.LINK)
    assert visitor.open("/people/proposals").text.count("You cannot approve this") == 1


def test_on_the_day_that_was_named_they_can_approve(
    visitor: Visitor, ann: int, sqlite_records: Records, clock: Clock
) -> None:
    clock.moment = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    adam, _ = add_person(sqlite_records, Role.ADMINISTRATOR, name="Adam Ward")
    _, email = joined(sqlite_records, "Ben Baker", adam)
    clock.advance(days=29)
    actor = Actor(id=adam, name="", roles=frozenset({Role.ADMINISTRATOR}), sites=frozenset())
    propose(sqlite_records, actor, ann, Action.LINK)
    visitor.enter(email)
    page = visitor.open("/people/proposals")
    assert (
        "You cannot approve this until 29 December 2026, because Adam Ward added you." in page.text
    )
    assert not any("Approve" in form.buttons for form in page.forms)
    clock.advance(days=1)
    visitor.enter(email)
    page = visitor.open("/people/proposals")
    assert "You cannot approve this until" not in page.text
    assert "Approve this only if you know why" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the name of the person"),
        ({"email": "ben"}, "Enter an email address"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["doctor"]}, "doctor"),
        ({"email": "taken@clinic.localhost"}, "already in use"),
        ({"sites": ["999"]}, "999"),
        ({"sites": []}, f"{SITES}; choose at least one site"),
        ({"sites": [], "roles": ["lead-nurse"]}, SITES),
        ({"sites": [], "roles": ["auditor", "administrator"]}, SITES),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    admin: Visitor,
    north: int,
    sqlite_records: Records,
    typed: dict[str, object],
    said: str,
) -> None:
    add_person(sqlite_records, Role.NURSE, email="taken@clinic.localhost")
    fields: dict[str, object] = {"name": "Ben", "email": "ben@clinic.localhost"}
    fields |= {"roles": ["nurse"], "sites": [north]} | typed
    page = send(admin, "/people/add", **fields)
    assert page.title.startswith("Error: ")
    assert said in page.text
    assert ("name", fields["name"]) in page.forms[-1].fields
    assert not people.find_person(sqlite_records, COMMAND_LINE, "ben@clinic.localhost")


def test_whoever_works_on_cases_gets_no_more_rights_without_a_site(
    admin: Visitor, ann: int, sqlite_records: Records
) -> None:
    page = send(admin, f"/people/{ann}/rights", roles=["auditor"])
    assert re.search(rf'#sites">\s*{SITES}; choose at least one site\s*</a>', page.html)
    assert not proposals(sqlite_records, COMMAND_LINE)
    assert people.load_person(sqlite_records, COMMAND_LINE, ann).roles == {Role.NURSE}


def test_where_there_is_no_site_yet_a_nurse_is_refused_there(
    admin: Visitor, sqlite_records: Records
) -> None:
    page = send(admin, "/people/add", name="Ben", email="b@clinic.localhost", roles=["nurse"])
    assert page.html.count(f"{SITES}; choose at least one site") == 2
    assert page.html.count('id="sites"') == 1
    assert not people.find_person(sqlite_records, COMMAND_LINE, "b@clinic.localhost")


def test_roles_and_sites_are_shown_ticked_and_are_taken_away(
    admin: Visitor, ann: int, north: int, sqlite_records: Records
) -> None:
    page = admin.open(f"/people/{ann}")
    form = next(each for each in page.forms if "Save roles and sites" in each.buttons)
    assert ("roles", "nurse") in form.fields
    assert ("sites", str(north)) in form.fields
    page = send(admin, f"/people/{ann}/rights", roles=["nurse"], sites=[north])
    assert "Nothing was changed." in page.text
    page = send(admin, f"/people/{ann}/rights", roles=["nurse"])
    assert "Roles and sites have been changed." in page.text
    changed = people.load_person(sqlite_records, COMMAND_LINE, ann)
    assert changed.roles == {Role.NURSE}
    assert not changed.sites
    page = send(admin, f"/people/{ann}/rights", roles=["lead-nurse"], sites=[north])
    assert "Proposed. A second administrator has to approve this." in page.text
    assert people.load_person(sqlite_records, COMMAND_LINE, ann).roles == {Role.NURSE}


def test_nobody_changes_their_own_rights_on_the_page(
    admin: Visitor, sqlite_records: Records
) -> None:
    add_person(sqlite_records, Role.ADMINISTRATOR)
    me = next(
        each
        for each in people.people(sqlite_records, COMMAND_LINE)
        if "This is your own account" in admin.open(f"/people/{each.id}").text
    )
    for way in ("active", "rights", "link", "factor", "unlinked"):
        page = send(admin, f"/people/{me.id}/{way}", active="no", roles=["nurse"])
        begun = "You" if way == "rights" else "Nothing has changed: you"
        assert f"{begun} cannot change your own rights" in page.text, way
    assert admin.is_in
    assert people.load_person(sqlite_records, COMMAND_LINE, me.id).roles == {Role.ADMINISTRATOR}


@pytest.fixture
def told(visitor: Visitor, sqlite_records: Records) -> Visitor:
    """A nurse with three notices of changes of rights."""
    add_person(sqlite_records, Role.ADMINISTRATOR)
    number, email = add_person(sqlite_records, Role.NURSE)
    visitor.enter(email)
    for roles in ({Role.LEAD_NURSE}, {Role.AUDITOR}, {Role.NURSE, Role.AUDITOR}):
        people.set_rights(sqlite_records, COMMAND_LINE, number, frozenset(roles), frozenset())
    return visitor


def changes(page: Page) -> list[str]:
    """The rights after each change that is shown."""
    return re.findall(r"Rights now</dt><dd>([^<]*)<", page.html)


def confirm(visitor: Visitor, page: Page, at: int) -> str:
    """Press the button of a notice; gives where that leads."""
    number = re.findall(r'name="one" value="(\d+)"', page.html)[at]
    (form,) = (each for each in page.forms if each.action == "/people/changes")
    answer = visitor.client.post(form.action, data=dict(form.fields) | {"one": number})
    return answer.location


def test_each_notice_of_a_change_is_confirmed_by_a_button_of_its_own(told: Visitor) -> None:
    page = told.open("/people/changes")
    first, middle, last = changes(page)
    assert confirm(told, page, 1) == "/people/changes"
    assert changes(told.open("/people/changes")) == [first, last]
    assert "2 that you have not seen" in told.open("/account/").text
    page = told.open("/people/changes")
    assert confirm(told, page, 1) == "/people/changes"
    page = told.open("/people/changes")
    assert changes(page) == [first] != [middle]
    assert not re.search("I have seen all", page.text)
    assert confirm(told, page, 0) == "/account/"
    assert "not seen" not in told.open("/account/").text


def test_all_notices_are_confirmed_at_once(told: Visitor) -> None:
    page = told.open("/people/changes")
    assert told.press(page, "I have seen all 3").location == "/account/"
    assert "Recorded: you have seen all changes of rights." in told.open("/account/").text
    assert changes(told.open("/people/changes")) == []


def test_nobody_confirms_a_notice_that_they_do_not_get(
    told: Visitor, sqlite_records: Records
) -> None:
    """A number that is still to come would be confirmed before anybody has seen it."""
    page = told.open("/people/changes")
    (form,) = (each for each in page.forms if each.action == "/people/changes")
    before = steps(sqlite_records)
    for number in ("1", "99", "999999999"):
        told.client.post(form.action, data=dict(form.fields) | {"one": number})
    assert steps(sqlite_records) == before
    assert len(changes(told.open("/people/changes"))) == 3


def steps(records: Records) -> int:
    with records.database.reading() as session:
        return session.scalar(select(func.count()).select_from(RightsStepRow)) or 0


def test_sites_are_added_and_renamed(admin: Visitor, north: int, sqlite_records: Records) -> None:
    assert "“South” is added" in send(admin, "/people/sites", name="South").text
    assert "already in use" in send(admin, "/people/sites", name="south").text
    assert "has been changed" in send(admin, f"/people/sites/{north}", name="North clinic").text
    assert "Nothing was changed." in send(admin, f"/people/sites/{north}", name="North clinic").text
    assert "already in use" in send(admin, f"/people/sites/{north}", name="South").text
    assert [site.name for site in sites.sites(sqlite_records)] == ["North clinic", "South"]


def test_the_heading_of_a_sites_letters_is_a_few_plain_lines(
    admin: Visitor, north: int, sqlite_records: Records
) -> None:
    address = f"/people/sites/{north}"
    said = send(admin, address, name="North", letter_head="a\n" * 7)
    assert "Enter at most 6 lines" in said.text
    heading = "1 Example Way\u202e\n\n\n  Telephone  555 0100 "
    assert "has been changed" in send(admin, address, name="North", letter_head=heading).text
    found = sites.find_site(sqlite_records, north)
    assert found
    assert found.letter_head == "1 Example Way\nTelephone 555 0100"


def test_a_site_has_a_time_zone(admin: Visitor, north: int, sqlite_records: Records) -> None:
    send(admin, "/people/sites", name="South", time_zone="America/New_York")
    address = f"/people/sites/{north}"
    assert "Time zone of the server" in send(admin, address, name="North", time_zone="").text
    said = send(admin, address, name="North", time_zone="Nowhere").text
    assert "Not a valid choice" in said
    assert (
        "Pacific/Auckland" in send(admin, address, name="North", time_zone="Pacific/Auckland").text
    )
    assert 'value="Pacific/Auckland" selected' in admin.open(address).html
    assert {site.name: site.time_zone for site in sites.sites(sqlite_records)} == {
        "North": "Pacific/Auckland",
        "South": "America/New_York",
    }


@pytest.mark.parametrize("address", ["/people/999", "/people/sites/999", "/people/x"])
def test_whom_there_is_not_has_no_page(admin: Visitor, address: str) -> None:
    assert admin.client.get(address).status_code == 404


def test_names_are_shown_as_text(admin: Visitor, sqlite_records: Records) -> None:
    add_person(sqlite_records, Role.NURSE, name="<script>alert(1)</script>")
    assert "<script>alert" not in admin.open("/people/").html
    assert "<script>alert(1)</script>" in admin.open("/people/").text


def test_a_proposal_that_is_out_of_date_says_what_to_do(
    admin: Visitor, north: int, sqlite_records: Records
) -> None:
    number, _ = add_person(sqlite_records, Role.NURSE, sites=[north])
    propose(sqlite_records, COMMAND_LINE, number, Action.LINK)
    people.set_rights(sqlite_records, COMMAND_LINE, number, frozenset({Role.AUDITOR}), frozenset())
    text = admin.open("/people/proposals").text
    assert "Out of date. The rights of this account have changed" in text
    assert "Propose the change again" in text
