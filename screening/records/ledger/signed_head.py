"""Signed heads of the ledger: what a witness outside keeps, so that no past can be rewritten.

Somebody with the database and its keys can rewrite the ledger, or cut its end off, so that it is
whole in itself. Only a head that was given away before shows it: the ledger of today must begin
with the tree that the head names.

Source: RFC 9162, section 4.10 (what a head says); RFC 8032 (Ed25519); RFC 8785 (canonical JSON).
"""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from screening.errors import ScreeningError, WrongCallError

FORMAT = "screening-ledger-head-1"


class HeadError(ScreeningError):
    """Something that should be a signed head, or a key of one, is none."""


class PublicKeyError(HeadError, WrongCallError):
    """A public key was given that is none."""

    def __init__(self) -> None:
        """Say what one is."""
        super().__init__("the public key of the ledger should be 32 bytes in base64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The reason why a witness took a head that does not continue from its last one.

    The person who runs the witness says so, as after a restore: of the heads before, those of at
    most ``kept`` events still count.
    """

    kept: int
    by: str
    reason: str
    at: dt.datetime

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Restart":
        """Read the data that ``write`` gives.

        Raises:
            ValueError, KeyError, TypeError: if it is none.
        """
        at = dt.datetime.fromisoformat(data["at"])
        return cls(kept=int(data["kept"]), by=data["by"], reason=data["reason"], at=at)

    def write(self) -> dict[str, Any]:
        """As data."""
        return {"kept": self.kept, "by": self.by, "reason": self.reason, "at": _moment(self.at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The state of a ledger at one moment: how many events, their tree's root, the last hash.

    ``root`` and ``last`` are SHA-256 in hex; ``key`` is the signer's id; ``signature`` is base64.
    ``restart`` is what a witness adds, and nothing that the signer said.
    """

    size: int
    root: str
    last: str
    at: dt.datetime
    key: str
    signature: str = ""
    restart: Restart | None = None

    def signed_bytes(self) -> bytes:
        """The bytes that the signature covers."""
        return rfc8785.dumps(self._said())

    def write(self) -> dict[str, Any]:
        """The head as data, as ``read_head`` reads it."""
        restart = {"restart": self.restart.write()} if self.restart else {}
        return self._said() | {"signature": self.signature} | restart

    def _said(self) -> dict[str, Any]:
        said = {"size": self.size, "root": self.root, "last": self.last, "at": _moment(self.at)}
        return {"format": FORMAT, **said, "key": self.key}


@dataclass(frozen=True, slots=True)
class Verifier:
    """Tells whether heads were signed by the owner of a key."""

    public: Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """A public key as ``write`` writes it: 32 bytes in base64.

        Raises:
            HeadError: if it is none.
        """
        raw = _key_bytes(text)
        if raw is None:
            raise PublicKeyError
        return cls(Ed25519PublicKey.from_public_bytes(raw))

    def write(self) -> str:
        """The public key in base64."""
        return base64.b64encode(self.public.public_bytes_raw()).decode()

    @property
    def id(self) -> str:
        """The first 16 hex digits of the public key's SHA-256."""
        return hashlib.sha256(self.public.public_bytes_raw()).hexdigest()[:16]

    def refusal(self, head: Head) -> str:
        """The words that say what is wrong with a head that is not accepted."""
        if head.key == self.id:
            return "its signature is wrong"
        return f"it is signed by another key (fingerprint {head.key}), expected {self.id}"

    def accepts(self, head: Head) -> bool:
        """True if the head was signed with the key, and not changed since."""
        try:
            signature = base64.b64decode(head.signature, validate=True)
            self.public.verify(signature, head.signed_bytes())
        except (InvalidSignature, ValueError):
            return False
        exact = base64.b64encode(signature).decode() == head.signature  # one text for one signature
        return exact and head.key == self.id


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs heads."""

    private: Ed25519PrivateKey

    @classmethod
    def make(cls) -> "Signer":
        """A fresh key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, text: str) -> "Signer":
        """A private key as ``write`` writes it: 32 bytes in base64.

        Raises:
            HeadError: if it is none. The message never repeats any of it.
        """
        raw = _key_bytes(text)
        if raw is None:
            raise HeadError("the private key of the ledger should be 32 bytes in base64")
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def write(self) -> str:
        """The private key in base64, to be kept secret."""
        return base64.b64encode(self.private.private_bytes_raw()).decode()

    @property
    def verifier(self) -> Verifier:
        """The public key that checks its signatures."""
        return Verifier(self.private.public_key())

    def sign(self, *, size: int, root: str, last: str, at: dt.datetime) -> Head:
        """A signed head."""
        head = Head(size=size, root=root, last=last, at=at, key=self.verifier.id)
        signature = base64.b64encode(self.private.sign(head.signed_bytes())).decode()
        return Head(size=size, root=root, last=last, at=at, key=head.key, signature=signature)


def read_head(text: str) -> Head:
    """Read one head from JSON; its signature is not looked at.

    Raises:
        HeadError: if it is none.
    """
    try:
        data = json.loads(text)
        head = Head(
            size=data["size"],
            root=data["root"],
            last=data["last"],
            at=dt.datetime.fromisoformat(data["at"]),
            key=data["key"],
            signature=data["signature"],
            restart=Restart.read(data["restart"]) if "restart" in data else None,
        )
        whole = type(head.size) is int and head.size >= 0 and head.write() == data
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        whole = False
    if not whole:
        raise HeadError("a signed head is expected, as `screening ledger head` writes it")
    return head


def read_heads(text: str, source: str) -> list[Head]:
    """Read heads, one on each line.

    Raises:
        HeadError: if a line is none. The message names the source and the line.
    """
    heads = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            heads += [read_head(line)] if line.strip() else []
        except HeadError as error:
            raise HeadError(f"{source}, line {number}: {error}") from None
    return heads


def unreplaced_heads(heads: Sequence[Head]) -> list[Head]:
    """The heads of one witness, in its order, that no restart of it has replaced."""
    counting: list[Head] = []
    for head in heads:
        if head.restart:
            counting = [each for each in counting if each.size <= head.restart.kept]
        counting.append(head)
    return counting


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _key_bytes(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return None
    return raw if len(raw) == 32 else None  # noqa: PLR2004 - RFC 8032: both kinds of key
