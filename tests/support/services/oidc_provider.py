"""A provider of single sign-on, which runs on this machine and says what it is told to."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from support.people.visitor import Visitor

EMAIL = "ann@clinic.localhost"


def made_key() -> RSAKey:
    """A key to sign with."""
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
    issuer: str = ""
    signed: bool = True
    moved: str = ""

    def page(self, path: str) -> dict[str, object] | None:
        """What it answers."""
        if self.down:
            return None
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer or self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token()}

    def token(self) -> str:
        """What it vouches for; a claim that is None is left out."""
        now = int(time.time())
        told = {"iss": self.address, "aud": "us", "sub": "7", "iat": now, "exp": now + 60}
        told |= {"nonce": self.nonce, "email": EMAIL, "email_verified": True}
        if not self.signed:
            parts = ({"alg": "none", "kid": "1"}, {**told, **self.claims})
            texts = (urlsafe_b64encode(json.dumps(each).encode()).decode() for each in parts)
            return ".".join(text.rstrip("=") for text in texts) + "."
        signing = self.signs_with or self.key
        said = {name: value for name, value in (told | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "1"}, said, signing)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers."""
    said = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if said.moved and said.moved == urlsplit(self.path).path:
                self.send_response(302)
                self.send_header("Location", f"{self.path}?moved=yes&{'x' * 9}")
                self.send_header("Content-Length", "0")
                said.moved = ""  # before the answer is sent, for who reads it may ask at once
                self.end_headers()
                return
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


def go(visitor: Visitor, provider: Provider, following: str = "") -> str:
    """Sign in through the provider; gives where that leads."""
    left = visitor.client.get(f"/account/oidc/?next={following}").location
    return come_back(visitor, provider, str(left))


def come_back(visitor: Visitor, provider: Provider, left: str) -> str:
    """Come back from where the application led; gives where that leads."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left).query).items()}
    if "state" not in asked:
        return left
    assert left.startswith(f"{provider.address}/authorize?")
    assert asked["redirect_uri"] == "http://localhost/account/oidc/back"
    assert asked["code_challenge_method"] == "S256"
    provider.nonce = asked["nonce"]
    back = visitor.client.get(f"/account/oidc/back?code=c&state={asked['state']}")
    return str(back.location)
