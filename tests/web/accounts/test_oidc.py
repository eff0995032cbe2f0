"""Sign-in through a provider opens accounts that are there, by who the provider says it is."""

from collections.abc import Iterator

import pytest
from flask import Flask
from support.people.visitor import Visitor
from support.people.web_people import add_person, casework_app
from support.services import oidc_provider
from support.services.oidc_provider import EMAIL, Provider, come_back, go, made_key
from support.storage.databases import Clock

from screening.records.access import Actor, Role
from screening.records.errors import NotAllowedError
from screening.records.installation.settings import SettingsError
from screening.records.ledger.records import Records
from screening.records.people import identities, people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.identities import Identity
from screening.records.people.link_codes import link_code, link_handle
from screening.records.people.rights_steps import Action
from screening.records.rights.proposal_list import proposals
from screening.records.rights.proposals import approve, propose
from screening.records.verification.verify import verify_ledger


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider.running() as made:
        yield made


def served(records: Records, provider: Provider, **config: object) -> Flask:
    """The application with this provider."""
    settings = {
        "OIDC_ISSUER": provider.address,
        "OIDC_CLIENT_ID": "us",
        "OIDC_CLIENT_SECRET": "shared",
        "OIDC_NAME": "the hospital",
    }
    return casework_app(records, **settings, **config)


@pytest.fixture
def app(sqlite_records: Records, provider: Provider) -> Flask:
    return served(sqlite_records, provider)


def test_an_active_account_with_the_verified_address_opens(
    visitor: Visitor, ann: int, provider: Provider
) -> None:
    assert "Sign in through the hospital" in visitor.open("/account/sign-in").text
    assert go(visitor, provider) == "/account/start"
    assert "Ann Miller" in visitor.open("/account/").text
    assert len(provider.asked["code_verifier"]) >= 43


def test_it_leads_back_to_where_one_was_going_and_nowhere_else(
    app: Flask, ann: int, provider: Provider
) -> None:
    assert go(Visitor(app.test_client()), provider, "/worklist/chase") == "/worklist/chase"
    assert go(Visitor(app.test_client()), provider, "//evil.example/") == "/account/start"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@clinic.localhost"},
        {"email": None},
        {"email": None, "preferred_username": EMAIL, "upn": EMAIL},
        {"email": "nobody@clinic.localhost", "preferred_username": EMAIL, "upn": EMAIL},
        {"email": [EMAIL]},
        {"email": f"{EMAIL}\0"},
        {"email_verified": None},
        {"email_verified": None, "xms_edov": False},
        {"email_verified": None, "xms_edov": "0"},
        {"email_verified": False, "xms_edov": True},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"aud": "others"},
        {"iss": "http://127.0.0.1:1"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
    ],
)
def test_what_is_not_vouched_for_opens_nothing(
    visitor: Visitor, ann: int, provider: Provider, claims: dict[str, object]
) -> None:
    provider.claims = claims
    assert go(visitor, provider) == "/account/sign-in"
    assert "did not work here" in visitor.open("/account/sign-in").text
    assert not visitor.is_in


def test_a_token_of_another_key_opens_nothing(
    visitor: Visitor, ann: int, provider: Provider
) -> None:
    provider.signs_with = made_key()
    assert go(visitor, provider) == "/account/sign-in"
    assert not visitor.is_in


def test_no_account_is_made(
    visitor: Visitor, ann: int, provider: Provider, sqlite_records: Records
) -> None:
    provider.claims = {"email": "new@clinic.localhost"}
    go(visitor, provider)
    assert len(people.people(sqlite_records, COMMAND_LINE)) == 1


def test_an_inactive_account_stays_shut(
    visitor: Visitor, ann: int, provider: Provider, sqlite_records: Records
) -> None:
    add_person(sqlite_records, Role.ADMINISTRATOR)
    people.set_active(sqlite_records, COMMAND_LINE, ann, active=False)
    assert go(visitor, provider) == "/account/sign-in"
    assert not visitor.is_in


@pytest.mark.parametrize("query", ["", "?code=c&state=forged", "?error=access_denied&state=x"])
def test_an_answer_that_nobody_asked_for_opens_nothing(
    visitor: Visitor, ann: int, query: str
) -> None:
    assert visitor.client.get(f"/account/oidc/back{query}").location == "/account/sign-in"
    assert not visitor.is_in


def test_a_provider_that_is_down_is_said_calmly(
    visitor: Visitor, ann: int, provider: Provider
) -> None:
    provider.down = True
    assert go(visitor, provider) == "/account/sign-in"
    assert "did not work here" in visitor.open("/account/sign-in").text


def test_a_second_factor_is_asked_for_all_the_same(
    sqlite_records: Records, ann: int, provider: Provider
) -> None:
    app = served(sqlite_records, provider, REQUIRE_SECOND_FACTOR=True)
    visitor = Visitor(app.test_client())
    assert go(visitor, provider) == "/account/codes"
    assert not visitor.is_in


def test_a_session_that_the_provider_began_ends_without_use(
    visitor: Visitor, ann: int, provider: Provider, clock: Clock
) -> None:
    go(visitor, provider)
    clock.advance(minutes=14, seconds=59)
    assert visitor.is_in
    clock.advance(minutes=15, seconds=1)
    assert not visitor.is_in


def test_a_session_that_the_provider_began_ends_after_eight_hours_of_use(
    visitor: Visitor, ann: int, provider: Provider, clock: Clock
) -> None:
    """Although the person is still signed in at the provider."""
    go(visitor, provider)
    for _ in range(8 * 6 - 1):
        clock.advance(minutes=10)
        assert visitor.is_in
    clock.advance(minutes=11)
    assert not visitor.is_in
    assert go(visitor, provider) == "/account/start"


def test_the_settings_come_from_the_environment(
    sqlite_records: Records, ann: int, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"ISSUER": provider.address, "CLIENT_ID": "us", "CLIENT_SECRET": "shared"}
    settings |= {"NAME": "the clinic", "DOMAINS": "clinic.localhost"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SCREENING_OIDC_{name}", value)
    visitor = Visitor(casework_app(sqlite_records).test_client())
    assert "Sign in through the clinic" in visitor.open("/account/sign-in").text
    provider.claims = {"email_verified": None}
    assert go(visitor, provider) == "/account/start"


def test_without_a_provider_there_is_no_such_page(sqlite_records: Records) -> None:
    visitor = Visitor(casework_app(sqlite_records).test_client())
    assert visitor.client.get("/account/oidc/").status_code == 404
    assert "through" not in visitor.open("/account/sign-in").text


@pytest.mark.parametrize("said", [True, 1, "1", "true"])
def test_an_address_of_a_verified_domain_counts_as_verified(
    visitor: Visitor, ann: int, provider: Provider, said: object
) -> None:
    provider.claims = {"email_verified": None, "xms_edov": said}
    assert go(visitor, provider) == "/account/start"


def test_an_issuer_of_one_organisation_need_not_verify_its_own_addresses(
    sqlite_records: Records, ann: int, provider: Provider
) -> None:
    add_person(sqlite_records, Role.NURSE, email="bob@other.localhost")
    domains = {"OIDC_DOMAINS": "Clinic.localhost, north.example"}
    app = served(sqlite_records, provider, **domains)
    tries: tuple[tuple[dict[str, object], str], ...] = (
        ({"email": "bob@other.localhost", "sub": "8"}, "/account/sign-in"),
        ({"email": "x@evil.example@clinic.localhost", "sub": "9"}, "/account/sign-in"),
        ({"email": "ann@sub.clinic.localhost", "sub": "10"}, "/account/sign-in"),
        ({"xms_edov": False}, "/account/sign-in"),
        ({}, "/account/start"),
    )
    for claims, led in tries:
        provider.claims = {"email_verified": None, **claims}
        assert go(Visitor(app.test_client()), provider) == led, claims


@pytest.mark.parametrize(
    ("issuer", "domains"),
    [
        ("https://login.microsoftonline.com/common/v2.0", "clinic.example"),
        ("https://login.microsoftonline.com/organizations/v2.0", "clinic.example"),
        ("https://login.microsoftonline.com/consumers/v2.0", "clinic.example"),
        ("https://accounts.google.com", "clinic.example"),
        ("https://login.hospital.example", "ann@clinic.example"),
        ("https://login.hospital.example", "localhost"),
    ],
)
def test_domains_are_trusted_with_the_issuer_of_one_organisation_alone(
    sqlite_records: Records, issuer: str, domains: str
) -> None:
    with pytest.raises(SettingsError, match="SCREENING_OIDC_DOMAINS"):
        casework_app(sqlite_records, OIDC_ISSUER=issuer, OIDC_DOMAINS=domains)


def test_a_person_is_known_by_issuer_and_subject_from_then_on(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    assert go(Visitor(app.test_client()), provider) == "/account/start"
    assert identities.find_account(sqlite_records, Identity(provider.address, "7")) == ann
    provider.claims = {"email": "married@clinic.localhost", "email_verified": False}
    visitor = Visitor(app.test_client())
    assert go(visitor, provider) == "/account/start"
    assert "Ann Miller" in visitor.open("/account/").text


def test_an_address_that_was_given_to_another_person_opens_nothing(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    go(Visitor(app.test_client()), provider)
    provider.claims = {"sub": "8"}
    visitor = Visitor(app.test_client())
    assert go(visitor, provider) == "/account/sign-in"
    assert not visitor.is_in
    assert identities.find_account(sqlite_records, Identity(provider.address, "8")) is None


def invite(app: Flask, records: Records, number: int) -> str:
    """A one-time link for an account, by way of one that two administrators made."""
    ada, _ = add_person(records, Role.ADMINISTRATOR)
    ada_acts = people.load_person(records, COMMAND_LINE, ada)
    admin = Actor(id=ada, name="Ada", roles=ada_acts.roles, sites=frozenset())
    propose(records, admin, number, Action.LINK)
    found = approve(records, COMMAND_LINE, proposals(records, COMMAND_LINE)[0].number)
    secret = app.config["SECRET_KEY"]
    visitor = Visitor(app.test_client())
    page = visitor.open(f"/account/open/{link_handle(secret, found.number)}")
    answer = visitor.press(page, "Continue", code=link_code(secret, found.number))
    return str(answer.location)


def accept(visitor: Visitor, provider: Provider, link: str) -> str:
    """Open a one-time link, and choose to sign in through the provider."""
    page = visitor.open("/account/link/" + link.rpartition("/")[2])
    return come_back(visitor, provider, str(visitor.press(page, "Link my account").location))


def test_a_one_time_link_links_whatever_the_address_is(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    link = invite(app, sqlite_records, ann)
    visitor = Visitor(app.test_client())
    assert accept(visitor, provider, link) == "/account/start"
    assert "Ann Miller" in visitor.open("/account/").text
    again = Visitor(app.test_client())
    assert go(again, provider) == "/account/start"
    assert "Link my account" not in again.open("/account/link/" + link.rpartition("/")[2]).text
    assert verify_ledger(sqlite_records).faults == []


def test_a_one_time_link_takes_the_place_of_the_link_that_was_there(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    first = Visitor(app.test_client())
    go(first, provider)
    provider.claims = {"sub": "8", "email": None}
    assert accept(Visitor(app.test_client()), provider, invite(app, sqlite_records, ann)) == (
        "/account/start"
    )
    assert not first.is_in
    (link,) = identities.find_links(sqlite_records, ann)
    assert link.identity == Identity(provider.address, "8")
    assert verify_ledger(sqlite_records).faults == []


def test_a_one_time_link_gives_nobody_the_account_of_another(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    bob, _ = add_person(sqlite_records, Role.NURSE, name="Bob")
    go(Visitor(app.test_client()), provider)
    visitor = Visitor(app.test_client())
    assert accept(visitor, provider, invite(app, sqlite_records, bob)) == "/account/sign-in"
    assert not visitor.is_in
    assert identities.find_links(sqlite_records, bob) == []


@pytest.mark.parametrize("how", ["forged", "used", "inactive"])
def test_a_one_time_link_that_is_not_good_links_nothing(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider, how: str
) -> None:
    link = invite(app, sqlite_records, ann)
    visitor = Visitor(app.test_client())
    page = visitor.open("/account/link/" + link.rpartition("/")[2])
    left = str(visitor.press(page, "Link my account").location)
    if how == "used":
        typed = dict.fromkeys(("password", "password_confirm"), "quiet river under stone")
        visitor.press(page, "Set password", **typed)
    elif how == "inactive":
        people.set_active(sqlite_records, COMMAND_LINE, ann, active=False)
    provider.claims = {"sub": "8", "email": None}
    if how == "forged":
        form = next(each for each in page.forms if "Link my account" in each.buttons)
        left = visitor.client.post("/account/oidc/link/forged", data=dict(form.fields)).location
    assert come_back(visitor, provider, left) == "/account/sign-in"
    assert identities.find_links(sqlite_records, ann) == []


def test_two_administrators_remove_a_link(
    app: Flask, sqlite_records: Records, ann: int, provider: Provider
) -> None:
    visitor = Visitor(app.test_client())
    go(visitor, provider)
    admin = Visitor(app.test_client())
    _, email = add_person(sqlite_records, Role.ADMINISTRATOR)
    admin.enter(email)
    page = admin.open(f"/people/{ann}")
    assert f"{provider.address}: 7" in page.text
    admin.press(page, "Propose to disconnect it")
    assert visitor.client.get("/account/").status_code == 200
    approve(sqlite_records, COMMAND_LINE, proposals(sqlite_records, COMMAND_LINE)[0].number)
    assert not visitor.is_in
    assert "remove the link" not in admin.open(f"/people/{ann}").text
    provider.claims = {"sub": "8"}
    assert go(Visitor(app.test_client()), provider) == "/account/start"
    assert verify_ledger(sqlite_records).faults == []


def test_nobody_else_removes_a_link(sqlite_records: Records, ann: int) -> None:
    nurse = people.load_person(sqlite_records, COMMAND_LINE, ann)
    actor = Actor(id=ann, name=nurse.name, roles=nurse.roles, sites=frozenset())
    with pytest.raises(NotAllowedError):
        identities.unlink(sqlite_records, actor, ann)


def test_a_token_that_nobody_signed_opens_nothing(
    visitor: Visitor, ann: int, provider: Provider
) -> None:
    provider.signed = False
    assert go(visitor, provider) == "/account/sign-in"
    assert not visitor.is_in


def test_a_provider_that_names_another_issuer_opens_nothing(
    visitor: Visitor, ann: int, provider: Provider
) -> None:
    provider.issuer = "https://other.example"
    provider.claims = {"iss": "https://other.example"}
    assert go(visitor, provider) == "/account/sign-in"
    assert not visitor.is_in


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_a_provider_leads_the_server_nowhere_else(
    visitor: Visitor, ann: int, provider: Provider, path: str
) -> None:
    provider.moved = path
    assert go(visitor, provider) == "/account/sign-in"
    assert provider.moved == ""
    assert not visitor.is_in
