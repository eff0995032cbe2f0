"""The file of a backup: chunks that nobody without the keyring can have written, sealed on demand.

A header in one line of JSON names a key of the keyring. From that key, a salt and the header itself
comes the key of this one file, under which each chunk is numbered and the last one marked. So no
byte can be changed, cut off, added or brought in from another backup. Memory stays that of a chunk.

Without encryption a chunk is followed by its tag alone (GMAC). Somebody who destroys the key of the
keyring destroys the backups that were made under it: nobody can restore them as authentic.

Source: NIST SP 800-38D (GCM, GMAC), RFC 5869 (HKDF), Hoang et al. 2015 (STREAM).
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from screening.errors import ScreeningError, WrongCallError
from screening.records.sealing.vault import KEY_BYTES, Keyring

FORMAT = "screening-backup-2"
CHUNK = 1024 * 1024
_SQLITE = b"SQLite format 3\0"
_TAG, _SALT, _LONGEST_HEADER = 16, 32, 1024


class BackupError(ScreeningError):
    """A backup cannot be made, read or restored."""

    def __init__(self, path: Path, says: str) -> None:
        """Name the file and what is wrong with it."""
        super().__init__(f"the backup {path} {says}")


class MisnamedBackupError(BackupError, WrongCallError):
    """A backup is to be read where there is no file, or written where there is one."""


class UnauthenticatedError(BackupError):
    """A backup is of the earlier format, which anybody can write."""

    def __init__(self, path: Path) -> None:
        """Say what somebody could have done, and what can be done now."""
        super().__init__(
            path,
            "was made by an earlier version, and nothing proves that it comes from here. Somebody"
            " may have changed passwords, roles and decisions in it. Restore a newer backup. If you"
            " know that nobody could reach this one, restore it with --unauthenticated",
        )


class ForgedError(BackupError):
    """A part of a backup is not what was written with the keyring."""

    def __init__(self, path: Path, chunk: int) -> None:
        """Name the part, and say what can be done."""
        super().__init__(
            path,
            f"is not as it was saved: part {chunk + 1} was changed, cut off or added without the"
            " keyring. Use another copy of this backup, or an earlier backup",
        )


class UnknownKeyError(BackupError):
    """The keyring lacks the key that a backup was made under."""

    def __init__(self, path: Path, key: str) -> None:
        """Name the key, and say where it could be."""
        super().__init__(
            path,
            f"was made under the key {key}, which is not in the keyring. Put back a copy of the"
            " keyring that has the key. If the key was destroyed, nobody can restore this backup",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The readable head of a backup: its format, whose key it needs, if it is sealed."""

    key: str
    salt: str
    encrypted: bool
    format: str = FORMAT

    def write(self) -> bytes:
        """As one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True).encode() + b"\n"


@dataclass(slots=True)
class _Chunks:
    """Seals or reads the chunks of one file, in their order."""

    cipher: AESGCM
    encrypted: bool
    number: int = 0

    @classmethod
    def of(cls, ring: Keyring, header: Header) -> "_Chunks":
        salt, said = bytes.fromhex(header.salt), header.write()
        secret = HKDF(SHA256(), KEY_BYTES, salt, said).derive(ring.keys[header.key])
        return cls(AESGCM(secret), header.encrypted)

    def write(self, plain: bytes, *, last: bool) -> bytes:
        nonce = self._nonce(last=last)
        if self.encrypted:
            return self.cipher.encrypt(nonce, plain, None)
        return plain + self.cipher.encrypt(nonce, b"", plain)

    def read(self, written: bytes, *, last: bool) -> bytes:
        """The plain bytes of a chunk.

        Raises:
            InvalidTag: if it is not the next one of this file.
        """
        nonce = self._nonce(last=last)
        if self.encrypted:
            return self.cipher.decrypt(nonce, written, None)
        plain, tag = written[:-_TAG], written[-_TAG:]
        self.cipher.decrypt(nonce, tag, plain)
        return plain

    def _nonce(self, *, last: bool) -> bytes:
        self.number += 1
        return self.number.to_bytes(11) + bytes([last])


def write_file(source: Path, target: Path, ring: Keyring, *, encrypt: bool) -> str:
    """Write the bytes of a file as a backup; gives their SHA-256."""
    salt = secrets.token_hex(_SALT)
    header = Header(key=ring.newest, salt=salt, encrypted=encrypt)
    chunks, digest = _Chunks.of(ring, header), hashlib.sha256()
    with source.open("rb") as plain, target.open("wb") as file:
        file.write(header.write())
        for chunk, last in _portions(plain, CHUNK):
            digest.update(chunk)
            file.write(chunks.write(chunk, last=last))
    return digest.hexdigest()


def read_file(path: Path, ring: Keyring) -> Iterator[bytes]:
    """The bytes that were backed up. They count only when the last of them was read.

    Raises:
        BackupError: if a part of it was not written with this keyring.
    """
    with path.open("rb") as file:
        header = _read_header(path, file)
        if header.key not in ring.keys:
            raise UnknownKeyError(path, header.key)
        chunks = _Chunks.of(ring, header)
        for written, last in _portions(file, CHUNK + _TAG):
            try:
                yield chunks.read(written, last=last)
            except (InvalidTag, ValueError):
                raise ForgedError(path, chunks.number - 1) from None


def digest_of(path: Path, ring: Keyring) -> str:
    """The SHA-256 of the bytes that were backed up."""
    digest = hashlib.sha256()
    for chunk in read_file(path, ring):
        digest.update(chunk)
    return digest.hexdigest()


def is_unauthenticated(path: Path) -> bool:
    """True if a file is of the earlier format, a database as it is."""
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _portions(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """The parts of a file, each with whether it is the last; there is always one."""
    portion = file.read(size)
    while following := file.read(size):
        yield portion, False
        portion = following
    yield portion, True


def _read_header(path: Path, file: BinaryIO) -> Header:
    line = file.readline(_LONGEST_HEADER)
    try:
        header = Header(**json.loads(line))
        sound = header.write() == line and len(bytes.fromhex(header.salt)) == _SALT
    except (ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise BackupError(path, "is damaged, or is not a backup")
    if header.format != FORMAT:
        raise BackupError(path, "was made by a newer version; restore it with that version")
    return header
