"""One administrator who wants to read a case: every way that leads there needs a second person."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from support.casework.recorded_assessments import texts
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import add_person, add_site, casework_app
from support.rulesets import shipped
from support.storage import databases
from support.storage.databases import Clock

from screening.records.access import Actor, Role
from screening.records.errors import NotAllowedError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.demonstration import mark
from screening.records.people import (
    identities,
    link_codes,
    people,
    sites,
)
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import NewPerson, OwnRightsError, SecondPersonNeededError
from screening.records.people.rights_steps import Action, Change, Rights, Step, add_step
from screening.records.rights import proposal_links, proposal_list, proposals
from screening.records.rights.proposal_errors import NoSiteError, ProposalError
from screening.records.rights.rights_notices import count_new_notices, new_notices, note_seen
from screening.records.rules import activation
from screening.records.storage.account_tables import User
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

NURSE = frozenset({Role.NURSE})
ADMIN = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class House:
    """Two administrators whom the command line added, and a nurse with a site."""

    records: Records
    eve: Actor
    bea: Actor
    nora: int
    north: int

    def approve(self, actor: Actor) -> None:
        """Approve the newest proposal."""
        proposals.approve(self.records, actor, self.newest())

    def newest(self) -> int:
        return proposal_list.proposals(self.records, COMMAND_LINE)[0].number

    def rights(self, number: int) -> Rights:
        person = people.load_person(self.records, COMMAND_LINE, number)
        return Rights(roles=person.roles, sites=frozenset(site.id for site in person.sites))

    def new(self, name: str, roles: frozenset[Role] = NURSE) -> int:
        """An account that the curious administrator proposes."""
        email = f"{name.lower()}@clinic.localhost"
        new = NewPerson(name=name, email=email, roles=roles, sites=frozenset({self.north}))
        return proposals.propose_person(self.records, self.eve, new)


def administrator(records: Records, name: str) -> Actor:
    number, _ = add_person(records, Role.ADMINISTRATOR, name=name)
    return Actor(id=number, name=name, roles=ADMIN, sites=frozenset())


def furnished(records: Records) -> House:
    north = add_site(records, "North")
    nora, _ = add_person(records, Role.NURSE, sites=[north], name="Nora Nurse")
    eve, bea = (administrator(records, name) for name in ("Eve Admin", "Bea Admin"))
    return House(records, eve, bea, nora, north)


@pytest.fixture
def house(records: Records) -> House:
    return furnished(records)


@pytest.fixture
def sqlite_house(sqlite_records: Records) -> House:
    return furnished(sqlite_records)


@pytest.fixture
def clock(records: Records) -> Clock:
    return databases.clock(records)


ALONE: dict[str, Callable[[House], object]] = {
    "an account of their own": lambda h: people.add_person(
        h.records,
        h.eve,
        NewPerson(name="Zed", email="z@x.localhost", roles=NURSE, sites=frozenset({h.north})),
    ),
    "a role for somebody": lambda h: people.set_rights(
        h.records, h.eve, h.nora, NURSE | {Role.AUDITOR}, frozenset({h.north})
    ),
    "a site for somebody": lambda h: people.set_rights(
        h.records, h.eve, h.nora, NURSE, frozenset({h.north, add_site(h.records, "South")})
    ),
    "a lost telephone": lambda h: people.reset_second_factor(h.records, h.eve, h.nora),
    "a former colleague": lambda h: people.set_active(h.records, h.eve, h.nora, active=True),
    "another sign-on": lambda h: identities.unlink(h.records, h.eve, h.nora),
}
OWN: dict[str, Callable[[House], object]] = {
    "roles": lambda h: people.set_rights(h.records, h.eve, h.eve.id, ADMIN | NURSE, frozenset()),
    "fewer roles": lambda h: people.set_rights(
        h.records, h.eve, h.eve.id, frozenset(), frozenset()
    ),
    "active": lambda h: people.set_active(h.records, h.eve, h.eve.id, active=False),
    "proposed": lambda h: proposals.propose_rights(
        h.records, h.eve, h.eve.id, Rights(roles=ADMIN | NURSE)
    ),
    "a link": lambda h: proposals.propose(h.records, h.eve, h.eve.id, Action.LINK),
    "factors": lambda h: proposals.propose(h.records, h.eve, h.eve.id, Action.FACTOR),
    "sign-on": lambda h: proposals.propose(h.records, h.eve, h.eve.id, Action.UNLINK),
}


@pytest.mark.parametrize("way", ALONE)
def test_one_administrator_alone_gives_nothing(sqlite_house: House, way: str) -> None:
    before = sqlite_house.rights(sqlite_house.nora)
    with pytest.raises((SecondPersonNeededError, NotAllowedError)):
        ALONE[way](sqlite_house)
    assert sqlite_house.rights(sqlite_house.nora) == before


@pytest.mark.parametrize("way", OWN)
def test_nobody_changes_their_own_rights(sqlite_house: House, way: str) -> None:
    with pytest.raises(OwnRightsError):
        OWN[way](sqlite_house)
    assert sqlite_house.rights(sqlite_house.eve.id) == Rights(roles=ADMIN)


def test_what_one_proposes_another_one_approves(house: House) -> None:
    zed = house.new("Zed")
    with pytest.raises(ProposalError, match="another administrator has to"):
        house.approve(house.eve)
    assert house.rights(zed) == Rights()
    house.approve(house.bea)
    assert house.rights(zed) == Rights(roles=NURSE, sites=frozenset({house.north}))
    assert verify_ledger(house.records).faults == []


def test_the_event_of_a_change_says_what_was_before_and_is_after(house: House) -> None:
    zed = house.new("Zed")
    house.approve(house.bea)
    after = {"roles": ["nurse"], "sites": [house.north]}
    change = {"before": {"roles": [], "sites": []}, "after": after}
    with house.records.database.reading() as session:
        kinds = EventRow.kind.in_(["rights-proposed", "rights-approved"])
        query = select(EventRow).where(kinds).order_by(EventRow.seq)
        proposed, approved = session.scalars(query).all()
    assert (proposed.by, approved.by) == (house.eve.id, house.bea.id)
    assert [json.loads(each.change or "") for each in (proposed, approved)] == [change, change]
    assert house.rights(zed) == Rights.of(after)


def test_a_second_account_of_the_same_administrator_is_no_second_person(
    house: House, clock: Clock
) -> None:
    sock = house.new("Sock", ADMIN)
    house.approve(COMMAND_LINE)
    puppet = Actor(id=sock, name="Sock", roles=ADMIN, sites=frozenset())
    zed = house.new("Zed")
    with pytest.raises(ProposalError, match="another administrator has to"):
        house.approve(puppet)
    assert house.rights(zed) == Rights()
    proposals.withdraw(house.records, house.eve, house.newest())
    after = Rights(roles=NURSE, sites=frozenset({house.north}))
    proposals.propose_rights(house.records, puppet, zed, after)
    with pytest.raises(ProposalError, match="another administrator has to"):
        house.approve(house.eve)
    clock.advance(hours=24 * 31)
    proposals.propose_rights(house.records, puppet, zed, after)
    house.approve(house.eve)
    assert house.rights(zed).roles == NURSE


def test_two_accounts_that_one_administrator_made_are_one_person(house: House) -> None:
    numbers = [house.new("One", ADMIN)]
    house.approve(house.bea)
    numbers.append(house.new("Two", ADMIN))
    house.approve(house.bea)
    one, two = (Actor(id=each, name="", roles=ADMIN, sites=frozenset()) for each in numbers)
    proposals.propose(house.records, one, house.nora, Action.FACTOR)
    with pytest.raises(ProposalError, match="another administrator has to"):
        house.approve(two)


def test_what_a_new_account_makes_counts_as_its_own_maker_too(house: House, clock: Clock) -> None:
    second = house.new("Second", ADMIN)
    house.approve(house.bea)
    puppet = Actor(id=second, name="Second", roles=ADMIN, sites=frozenset())
    new = NewPerson(name="Third", email="third@x.localhost", roles=ADMIN, sites=frozenset())
    number = proposals.propose_person(house.records, puppet, new)
    house.approve(house.bea)
    third = Actor(id=number, name="Third", roles=ADMIN, sites=frozenset())
    zed = house.new("Zed")
    with pytest.raises(ProposalError, match="another administrator has to"):
        house.approve(third)
    assert house.rights(zed) == Rights()
    clock.advance(hours=24 * 31)
    after = Rights(roles=NURSE, sites=frozenset({house.north}))
    proposals.propose_rights(house.records, house.eve, zed, after)
    house.approve(third)
    assert house.rights(zed) == after


def test_rules_are_not_activated_by_two_accounts_that_one_administrator_made(
    house: House, clock: Clock
) -> None:
    leads = []
    for name in ("Lea", "Leo"):
        number = house.new(name, frozenset({Role.LEAD_NURSE}))
        house.approve(house.bea)
        roles = frozenset({Role.LEAD_NURSE})
        leads.append(Actor(id=number, name=name, roles=roles, sites=frozenset({house.north})))
    rules = shipped.ruleset()
    activation.propose(house.records, leads[0], rules, texts())
    with pytest.raises(activation.OneMakerError):
        activation.approve(house.records, leads[1], rules.digest)
    assert not activation.is_activated(house.records, rules.digest)
    clock.advance(hours=24 * 31)
    activation.approve(house.records, leads[1], rules.digest)
    assert activation.is_activated(house.records, rules.digest)


def test_nobody_approves_what_they_gain(sqlite_house: House) -> None:
    house = sqlite_house
    after = Rights(roles=ADMIN | NURSE, sites=frozenset({house.north}))
    proposals.propose_rights(house.records, house.eve, house.bea.id, after)
    with pytest.raises(ProposalError, match="own account"):
        house.approve(house.bea)


def test_a_proposal_is_refused_withdrawn_or_lapses_and_is_then_no_more(
    house: House, clock: Clock
) -> None:
    ends: list[Callable[[], object]] = [
        lambda: proposals.refuse(house.records, house.bea, house.newest()),
        lambda: proposals.withdraw(house.records, house.eve, house.newest()),
        lambda: clock.advance(hours=24 * 8),
    ]
    for end in ends:
        proposals.propose(house.records, house.eve, house.nora, Action.LINK)
        with pytest.raises(ProposalError, match="is waiting for approval"):
            proposals.propose(house.records, house.eve, house.nora, Action.LINK)
        end()
        with pytest.raises(ProposalError, match="not waiting for approval any more"):
            house.approve(house.bea)
    with pytest.raises(ProposalError, match="not waiting for approval any more"):
        proposals.withdraw(house.records, house.bea, house.newest())


def test_nobody_withdraws_what_another_one_proposed(sqlite_house: House) -> None:
    house = sqlite_house
    proposals.propose(house.records, house.eve, house.nora, Action.LINK)
    with pytest.raises(ProposalError):
        proposals.withdraw(house.records, house.bea, house.newest())
    house.approve(house.bea)


def test_nobody_confirms_notices_of_what_is_still_to_come(sqlite_house: House) -> None:
    house = sqlite_house
    note_seen(house.records, house.bea, 10**9)
    people.set_rights(house.records, house.eve, house.nora, NURSE, frozenset())
    assert count_new_notices(house.records, house.bea) == 1


def test_a_link_opens_no_account_that_is_inactive(sqlite_house: House) -> None:
    house = sqlite_house
    proposals.propose(house.records, house.eve, house.nora, Action.LINK)
    house.approve(house.bea)
    people.set_active(house.records, house.eve, house.nora, active=False)
    assert proposal_links.open_link(house.records, house.newest()) is None


def test_what_was_proposed_by_somebody_who_left_is_not_approved(sqlite_house: House) -> None:
    house = sqlite_house
    house.new("Zed")
    people.set_active(house.records, house.bea, house.eve.id, active=False)
    with pytest.raises(ProposalError, match="no longer an administrator"):
        house.approve(house.bea)


def test_rights_that_changed_meanwhile_are_not_given_by_an_old_proposal(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    more = Rights(roles=NURSE | {Role.AUDITOR}, sites=frozenset({house.north}))
    assert proposals.propose_rights(house.records, house.eve, house.nora, more)
    people.set_rights(house.records, house.bea, house.nora, NURSE, frozenset())
    with pytest.raises(ProposalError, match="have changed since"):
        house.approve(house.bea)


def test_a_proposal_that_is_out_of_date_says_so_and_a_new_one_replaces_it(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    more = Rights(roles=NURSE | {Role.AUDITOR}, sites=frozenset({house.north}))
    assert proposals.propose_rights(house.records, house.eve, house.nora, more)
    old = house.newest()
    assert not proposal_list.find_proposal(house.records, house.bea, old).outdated
    people.set_rights(house.records, house.bea, house.nora, NURSE, frozenset())
    stale = proposal_list.find_proposal(house.records, house.bea, old)
    assert stale.outdated
    assert not stale.approvers
    assert proposals.propose_rights(house.records, house.eve, house.nora, more)
    assert proposal_list.find_proposal(house.records, house.bea, old).state is Step.WITHDRAWN
    house.approve(house.bea)
    assert house.rights(house.nora) == more


def test_nobody_is_proposed_for_work_on_cases_without_a_site(house: House) -> None:
    new = NewPerson(name="Zed", email="z@x.localhost", roles=NURSE, sites=frozenset())
    with pytest.raises(NoSiteError, match="nurse, lead nurse or auditor sees only the cases of"):
        proposals.propose_person(house.records, house.eve, new)
    assert not people.find_person(house.records, COMMAND_LINE, new.email)
    for role in (Role.AUDITOR, Role.LEAD_NURSE):
        with pytest.raises(NoSiteError):
            proposals.propose_rights(
                house.records, house.eve, house.bea.id, Rights(roles=ADMIN | {role})
            )
    assert proposal_list.proposals(house.records, COMMAND_LINE) == ()


def test_what_was_proposed_without_a_site_before_is_not_approved(house: House) -> None:
    before = Rights(roles=NURSE, sites=frozenset({house.north}))
    after = Rights(roles=frozenset({Role.AUDITOR}))
    change = Change(action=Action.RIGHTS, user_id=house.nora, before=before, after=after)
    with house.records.database.writing() as session:
        add_step(session, house.records, by=house.eve.id, step=Step.PROPOSED, change=change)
    for actor in (house.bea, COMMAND_LINE):
        with pytest.raises(NoSiteError):
            house.approve(actor)
    assert house.rights(house.nora) == before


def test_an_administrator_alone_takes_rights_away_at_once(sqlite_house: House) -> None:
    house = sqlite_house
    assert not proposals.propose_rights(house.records, house.eve, house.nora, Rights(roles=NURSE))
    assert house.rights(house.nora) == Rights(roles=NURSE)
    people.set_active(house.records, house.eve, house.nora, active=False)


def test_the_person_and_the_other_administrators_are_told_until_they_have_seen_it(
    house: House,
) -> None:
    nora = Actor(id=house.nora, name="Nora", roles=NURSE, sites=frozenset())
    for actor in (nora, house.eve, house.bea):
        for each in new_notices(house.records, actor):
            note_seen(house.records, actor, each.number)
    assert [count_new_notices(house.records, each) for each in (nora, house.eve, house.bea)] == [
        0
    ] * 3
    more = Rights(roles=NURSE | {Role.AUDITOR}, sites=frozenset({house.north}))
    proposals.propose_rights(house.records, house.eve, house.nora, more)
    assert count_new_notices(house.records, nora) == 0
    house.approve(house.bea)
    assert [count_new_notices(house.records, each) for each in (nora, house.eve, house.bea)] == [
        1,
        1,
        0,
    ]
    (told,) = new_notices(house.records, nora)
    assert (told.by, told.proposed_by, told.step) == ("Bea Admin", "Eve Admin", Step.APPROVED)
    assert (told.change.before.roles, told.change.after) == (NURSE, more)
    note_seen(house.records, nora, told.number)
    assert count_new_notices(house.records, nora) == 0
    assert count_new_notices(house.records, house.eve) == 1
    people.set_rights(house.records, house.eve, house.nora, NURSE, frozenset())
    assert [count_new_notices(house.records, each) for each in (nora, house.bea)] == [1, 1]


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return casework_app(sqlite_house.records)


def entered(app: Flask, house: House, actor: Actor) -> Visitor:
    visitor = Visitor(app.test_client())
    visitor.enter(people.load_person(house.records, COMMAND_LINE, actor.id).email)
    return visitor


def shown(visitor: Visitor, words: str) -> str:
    """What a page shows after some words, as code."""
    page = visitor.open("/people/proposals").html
    return page.partition(words)[2].partition("<code")[2].partition(">")[2].partition("<")[0]


def test_who_approves_sees_that_the_name_of_a_site_was_changed(
    app: Flask, sqlite_house: House
) -> None:
    """Else real cases could be called a training site for as long as the approval takes."""
    house = sqlite_house
    sites.change_site(house.records, house.eve, sites.Site(id=house.north, name="Training"))
    house.new("Zed")
    said = entered(app, house, house.bea).open("/people/proposals").text
    assert "Nurse at Training (site changed by Eve Admin, " in said


def test_where_there_is_one_administrator_the_page_says_what_to_run(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    people.set_active(house.records, house.eve, house.bea.id, active=False)
    house.new("Zed")
    command = f"screening users approve {house.newest()}"
    alone = entered(casework_app(house.records), house, house.eve).open("/people/proposals").text
    assert f"Ask somebody who can run commands on the server to run {command} there." in alone
    mark(house.records)
    app = casework_app(house.records, PROGRAM="SCREENING_DATA='/made up/demo' /opt/bin/screening")
    alone = entered(app, house, house.eve).open("/people/proposals").text
    assert f"On this machine, run: SCREENING_DATA='/made up/demo' /opt/bin/{command}" in alone


def test_a_decided_proposal_tells_the_rights_of_then(sqlite_house: House) -> None:
    house = sqlite_house
    house.new("Zed")
    app = casework_app(house.records)
    waiting = entered(app, house, house.bea).open("/people/proposals").text
    assert "Rights now no rights Rights after approval Nurse at North" in waiting
    house.approve(house.bea)
    decided = entered(app, house, house.bea).open("/people/proposals").text
    assert "Rights before no rights Rights proposed Nurse at North" in decided


def test_who_comes_back_and_who_leaves_is_told_with_before_and_after(sqlite_house: House) -> None:
    house = sqlite_house
    people.set_active(house.records, house.eve, house.nora, active=False)
    proposals.propose(house.records, house.eve, house.nora, Action.ACTIVATE)
    house.approve(house.bea)
    with house.records.database.reading() as session:
        query = select(EventRow.change).where(EventRow.kind.startswith("rights-"))
        changes = session.scalars(query.order_by(EventRow.seq.desc()).limit(3)).all()
    active = [json.loads(each or "")["after"]["active"] for each in changes]
    assert active == [True, True, False]
    assert people.load_person(house.records, COMMAND_LINE, house.nora).active


def test_a_link_and_its_code_are_in_two_hands_and_work_once(
    app: Flask, sqlite_house: House
) -> None:
    house = sqlite_house
    eve, bea = entered(app, house, house.eve), entered(app, house, house.bea)
    eve.press(eve.open(f"/people/{house.nora}"), "Propose a password link")
    page = bea.open("/people/proposals")
    assert "Waiting for your approval: one change of rights." in bea.open("/people/").text
    bea.press(page, f"Approve number {house.newest()}")
    link, code = (
        shown(eve, "Give this link to Nora Nurse"),
        shown(bea, "Give this code to Nora Nurse"),
    )
    assert "/account/open/" in link
    assert code not in eve.open("/people/proposals").html
    assert link not in bea.open("/people/proposals").html
    visitor = Visitor(app.test_client())
    page = visitor.open(link)
    assert visitor.press(page, "Continue", code="aaaaa-aaaaa").status_code == 422
    opened = visitor.press(page, "Continue", code=code.upper().replace("-", " "))
    assert "/account/link/" in opened.location
    chosen = visitor.open(opened.location)
    assert "Set your password" in chosen.title
    typed = dict.fromkeys(("password", "password_confirm"), "quiet river under stone")
    assert visitor.press(chosen, "Set password", **typed).status_code == 302
    assert visitor.press(page, "Continue", code=code).status_code == 404
    assert "Link used; approved by Bea Admin" in eve.open("/people/proposals").text
    assert verify_ledger(house.records).faults == []


def approved_link(app: Flask, house: House) -> tuple[str, str]:
    """The address of a link for the nurse that two administrators made, and its code."""
    proposals.propose(house.records, house.eve, house.nora, Action.LINK)
    house.approve(house.bea)
    secret, number = app.config["SECRET_KEY"], house.newest()
    handle = link_codes.link_handle(secret, number)
    return f"/account/open/{handle}", link_codes.link_code(secret, number)


def set_password(visitor: Visitor, page: Page) -> str:
    """Set a password on a page; gives where it leads."""
    typed = dict.fromkeys(("password", "password_confirm"), "quiet river under stone")
    return str(visitor.press(page, "Set password", **typed).location)


def test_whoever_closes_the_browser_opens_the_link_again_until_a_password_is_set(
    app: Flask, sqlite_house: House
) -> None:
    house = sqlite_house
    link, code = approved_link(app, house)
    first, again = Visitor(app.test_client()), Visitor(app.test_client())
    pages = [
        each.open(each.press(each.open(link), "Continue", code=code).location)
        for each in (first, again)
    ]
    assert ["Set your password" in page.title for page in pages] == [True, True]
    opened = select(EventRow.seq).where(EventRow.kind == EventKind.LINK_OPENED.value)
    with house.records.database.reading() as session:
        assert len(session.scalars(opened).all()) == 1
    assert link in entered(app, house, house.eve).open("/people/proposals").text
    assert set_password(again, pages[1]) == "/account/sign-in"
    hashed = password_of(house)
    for visitor, page in ((first, pages[0]), (again, pages[1])):
        set_password(visitor, page)
        assert password_of(house) == hashed, "a link that was used sets another password"
    assert again.open(link).headings == ["This link was used already"]
    assert link not in entered(app, house, house.eve).open("/people/proposals").text


def password_of(house: House) -> str:
    with house.records.database.reading() as session:
        return str(session.get_one(User, house.nora).password)


def test_the_notice_of_a_link_that_was_opened_tells_of_no_rights(
    app: Flask, sqlite_house: House
) -> None:
    house = sqlite_house
    house.new("Zed")
    house.approve(house.bea)
    proposal_links.open_link(house.records, house.newest())
    text = entered(app, house, house.bea).open("/people/changes").text
    opened = text.partition("Password link opened with its code")[2]
    assert opened.startswith(" By Zed When"), opened


def test_a_link_that_was_opened_is_too_old_after_a_day_all_the_same(
    app: Flask, sqlite_house: House
) -> None:
    link, code = approved_link(app, sqlite_house)
    visitor = Visitor(app.test_client())
    page = visitor.open(link)
    assert visitor.press(page, "Continue", code=code).status_code == 303
    databases.clock(sqlite_house.records).advance(hours=25)
    assert visitor.press(page, "Continue", code=code).status_code == 404
    assert visitor.open(link).headings == ["This link does not work"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter the code for this link"),
        ("aaaaa-aaaaa", "This code is not right. It looks like 7f9f9-a376w. Ask the person who"),
        ("12", "This code is not right. It looks like 7f9f9-a376w. Ask the person who"),
    ],
)
def test_a_wrong_code_of_a_link_is_called_wrong(
    app: Flask, sqlite_house: House, typed: str, said: str
) -> None:
    link, _ = approved_link(app, sqlite_house)
    visitor = Visitor(app.test_client())
    answer = visitor.press(visitor.open(link), "Continue", code=typed)
    assert answer.status_code == 422
    assert said in Page(answer.text).text


def test_the_code_that_a_link_asks_for_is_like_a_code() -> None:
    made = link_codes.link_code("secret", 1)
    assert [each in link_codes.LETTERS for each in made] == [
        each in link_codes.LETTERS for each in link_codes.EXAMPLE
    ]


def test_a_link_that_was_not_approved_or_is_too_old_opens_nothing(
    app: Flask, sqlite_house: House
) -> None:
    house, secret = sqlite_house, app.config["SECRET_KEY"]
    visitor = Visitor(app.test_client())
    proposals.propose(house.records, house.eve, house.nora, Action.LINK)
    number = house.newest()
    link = f"/account/open/{link_codes.link_handle(secret, number)}"
    assert visitor.client.get(link).status_code == 404
    house.approve(house.bea)
    page, code = visitor.open(link), link_codes.link_code(secret, number)
    databases.clock(house.records).advance(hours=25)
    assert visitor.press(page, "Continue", code=code).status_code == 404
    for forged in ("1", "1-", f"{number}-{uuid4().hex}", "x-y", "9" * 30 + "-1"):
        assert visitor.client.get(f"/account/open/{forged}").status_code == 404


def test_guessing_the_code_of_a_link_is_slow(app: Flask, sqlite_house: House) -> None:
    link, _ = approved_link(app, sqlite_house)
    visitor = Visitor(app.test_client())
    page = visitor.open(link)
    tries = [visitor.press(page, "Continue", code=f"{n}").status_code for n in range(31)]
    assert tries == [422] * 30 + [429]
