"""Sign-in through a provider, which runs on this machine and says what it is told to."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from visitor import Visitor
from webpeople import add_person, casework_app

from screening.records import people
from screening.records.access import Role
from screening.records.people import COMMAND_LINE
from screening.records.store import Records

EMAIL = "ann@clinic.localhost"


def made_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "1"})


@dataclass
class Provider:
    """What the provider says of who signs in there."""

    address: str = ""
    claims: dict[str, object] = field(default_factory=dict)
    key: RSAKey = field(default_factory=made_key)
    signs_with: RSAKey | None = None
    nonce: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    down: bool = False

    def page(self, path: str) -> dict[str, object] | None:
        """What it answers."""
        if self.down:
            return None
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token()}

    def token(self) -> str:
        now = int(time.time())
        told = {"iss": self.address, "aud": "us", "sub": "7", "iat": now, "exp": now + 60}
        told |= {"nonce": self.nonce, "email": EMAIL, "email_verified": True}
        signing = self.signs_with or self.key
        return jwt.encode({"alg": "RS256", "kid": "1"}, told | self.claims, signing)


@pytest.fixture
def provider() -> Iterator[Provider]:
    said = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = said.page(urlsplit(self.path).path)
            body = json.dumps(answer).encode()
            self.send_response(200 if answer else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            said.asked = {name: values[0] for name, values in parse_qs(sent).items()}
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        said.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield said
        server.shutdown()


@pytest.fixture
def app(sqlite_records: Records, provider: Provider) -> Flask:
    return casework_app(
        sqlite_records,
        OIDC_ISSUER=provider.address,
        OIDC_CLIENT_ID="us",
        OIDC_CLIENT_SECRET="shared",  # noqa: S106 - of a provider that lives for a second
        OIDC_NAME="the hospital",
    )


def go(visitor: Visitor, provider: Provider, following: str = "") -> str:
    """Go through the provider; gives where that leads."""
    left = visitor.client.get(f"/account/oidc/?next={following}").location
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left).query).items()}
    if "state" not in asked:
        return str(left)
    assert left.startswith(f"{provider.address}/authorize?")
    assert asked["redirect_uri"] == "http://localhost/account/oidc/back"
    assert asked["code_challenge_method"] == "S256"
    provider.nonce = asked["nonce"]
    back = visitor.client.get(f"/account/oidc/back?code=c&state={asked['state']}")
    return str(back.location)


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
    assert go(Visitor(app.test_client()), provider, "/work/chase") == "/work/chase"
    assert go(Visitor(app.test_client()), provider, "//evil.example/") == "/account/start"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@clinic.localhost"},
        {"email": None},
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
    app = casework_app(
        sqlite_records,
        REQUIRE_SECOND_FACTOR=True,
        OIDC_ISSUER=provider.address,
        OIDC_CLIENT_ID="us",
        OIDC_CLIENT_SECRET="shared",  # noqa: S106 - of a provider that lives for a second
    )
    visitor = Visitor(app.test_client())
    assert go(visitor, provider) == "/account/codes"
    assert not visitor.is_in


def test_without_a_provider_there_is_no_such_page(sqlite_records: Records) -> None:
    visitor = Visitor(casework_app(sqlite_records).test_client())
    assert visitor.client.get("/account/oidc/").status_code == 404
    assert "through" not in visitor.open("/account/sign-in").text
