"""Sealing: what is known about a patient is in the database as AES-256-GCM envelopes only.

Each case has a key of its own, wrapped by a key of the keyring. To rotate is to wrap the cases'
keys again. To erase a case is to destroy its key, which leaves every append-only row where it is.
An envelope is bound to its table, row, version and key, so that none can be moved to another place.

Source: NIST SP 800-38D (GCM, 96-bit nonces), RFC 5116.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.errors import ScreeningError, WrongCallError

KEY_BYTES = 32
NONCE_BYTES = 12
MARK_BYTES = 16
"""The length of GCM's tag, which shows a change."""
TOKEN_BYTES = 16


class SealError(ScreeningError):
    """A sealed field cannot be read: its key is missing, or its bytes are not what was stored."""

    def __init__(self, bound: str) -> None:
        """Name the field, never its content."""
        super().__init__(f"the field {bound} cannot be unsealed: wrong key, or changed bytes")


class KeyringError(ScreeningError):
    """The keyring cannot be used."""


class NewestKeyError(KeyringError, WrongCallError):
    """The newest key of a keyring was to be destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """A part of the ledger whose events are keyed with one secret; see ``epochs``.

    ``first`` is the number of its first event; ``root`` and ``last`` are the Merkle root of all
    events before that one and the last of their hashes, in hex.
    """

    id: str
    secret: bytes = field(repr=False)
    first: int
    root: str
    last: str

    @classmethod
    def make(cls, first: int, root: str, last: str) -> "Epoch":
        """A fresh one."""
        secret = secrets.token_bytes(KEY_BYTES)
        return cls(id=secrets.token_hex(8), secret=secret, first=first, root=root, last=last)

    @classmethod
    def read(cls, data: Mapping[str, object]) -> "Epoch":
        """Read the data that ``write`` gives.

        Raises:
            ValueError, KeyError, TypeError: if it is none.
        """
        first, secret = data["first"], base64.b64decode(str(data["secret"]), validate=True)
        if type(first) is not int or first < 1 or len(secret) != KEY_BYTES:
            raise ValueError
        names = {name: str(data[name]) for name in ("id", "root", "last")}
        return cls(secret=secret, first=first, **names)

    def write(self) -> dict[str, object]:
        """As data, to be kept secret."""
        secret = base64.b64encode(self.secret).decode()
        pinned = {"first": self.first, "root": self.root, "last": self.last}
        return {"id": self.id, "secret": secret, **pinned}


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that wrap others, by id; the newest is used for what is wrapped from now on.

    ``epochs`` are those of the ledger, in the order in which they were made.
    """

    keys: Mapping[str, bytes] = field(repr=False)
    newest: str
    epochs: tuple[Epoch, ...] = ()

    @classmethod
    def make(cls) -> "Keyring":
        """A keyring with one fresh key."""
        name = secrets.token_hex(8)
        return cls({name: secrets.token_bytes(KEY_BYTES)}, name)

    def with_fresh_key(self) -> "Keyring":
        """The same keys, and a fresh one that is the newest."""
        name = secrets.token_hex(8)
        return replace(self, keys={**self.keys, name: secrets.token_bytes(KEY_BYTES)}, newest=name)

    def with_epoch(self, first: int, root: str, last: str) -> "Keyring":
        """The same keys, and a fresh epoch of the ledger that is the newest."""
        return replace(self, epochs=(*self.epochs, Epoch.make(first, root, last)))

    def without(self, name: str) -> "Keyring":
        """The keyring after one key, which must not be the newest, was destroyed."""
        if name == self.newest:
            raise NewestKeyError("the newest key cannot be destroyed; rotate first")
        return replace(self, keys={k: v for k, v in self.keys.items() if k != name})

    @classmethod
    def read(cls, text: str) -> "Keyring":
        """Read the JSON that ``write`` writes.

        Raises:
            KeyringError: if it is no keyring. The message never repeats any of it.
        """
        try:
            data = json.loads(text)
            keys = {str(k): base64.b64decode(v, validate=True) for k, v in data["keys"].items()}
            newest = str(data["newest"])
            epochs = tuple(Epoch.read(each) for each in data.get("epochs", ()))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyringError("the keyring is not the JSON that `screening keys` writes") from None
        if newest not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringError("the keyring lacks its newest key, or a key has a wrong length")
        return cls(keys, newest, epochs)

    def write(self) -> str:
        """The keyring as JSON, to be kept secret."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        epochs = {"epochs": [each.write() for each in self.epochs]} if self.epochs else {}
        return json.dumps({"newest": self.newest, "keys": keys, **epochs}, indent=1) + "\n"

    def save(self, path: Path) -> None:
        """Write to a file that its owner alone can read, whole or not at all."""
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.write())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


Keeper = Path | Callable[[Keyring], None]
"""The place of a keyring: its file, or a store elsewhere, which fails if it is not stored."""


def store_keyring(ring: Keyring, keeper: Keeper) -> None:
    """Replace the keyring where it is kept."""
    if isinstance(keeper, Path):
        ring.save(keeper)
    else:
        keeper(ring)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals fields. ``name`` says whose it is, such as a case's id."""

    name: str
    secret: bytes = field(repr=False)

    @classmethod
    def make(cls, name: str) -> "DataKey":
        """A fresh key."""
        return cls(name, secrets.token_bytes(KEY_BYTES))

    def seal(self, plain: bytes, *place: object) -> bytes:
        """Seal a field for its place: table, row id, version."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, plain, self._bound(place).encode())

    def unseal(self, sealed: bytes, *place: object) -> bytes:
        """Read a field of a place.

        Raises:
            SealError: if it was sealed for another place, by another key, or was changed.
        """
        bound = self._bound(place)
        try:
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return AESGCM(self.secret).decrypt(nonce, rest, bound.encode())
        except (InvalidTag, ValueError, TypeError):  # SQLite gives back a text that was put there
            raise SealError(bound) from None

    def _bound(self, place: tuple[object, ...]) -> str:
        return "/".join(map(str, (*place, self.name)))


def wrap(ring: Keyring, key: DataKey) -> tuple[str, bytes]:
    """Wrap a key by the newest of the keyring; gives that one's id and the wrapped key."""
    outer = DataKey(ring.newest, ring.keys[ring.newest])
    return ring.newest, outer.seal(key.secret, "key", key.name)


def unwrap(ring: Keyring, name: str, key_id: str, wrapped: bytes) -> DataKey:
    """Unwrap a key.

    Raises:
        SealError: if the keyring has no such key, or the bytes were changed.
    """
    if key_id not in ring.keys:
        raise SealError(f"key/{name}/{key_id}")
    return DataKey(name, DataKey(key_id, ring.keys[key_id]).unseal(wrapped, "key", name))


def derive(key: DataKey, name: str) -> DataKey:
    """A key that only who has this one can make, for tokens of its own."""
    return DataKey(name, hmac.new(key.secret, f"key\0{name}".encode(), hashlib.sha256).digest())


def token(key: DataKey, kind: str, word: str) -> str:
    """A keyed hash, 128 bits in hex, by which equal words are found without being readable.

    The key may be one that seals too: HMAC and AES have nothing in common by which the one could
    show the other's key.
    """
    told = f"{kind}\0{word}".encode()
    return hmac.new(key.secret, told, hashlib.sha256).digest()[:TOKEN_BYTES].hex()
