"""Rulesets that this program has proved, kept so that a command need not prove them again.

Only commands that print read them; the server and whatever records a result prove for itself. See
docs/decisions/0013. An entry is found by a digest of the rule files' bytes and of the program's
own, and believed only with a MAC by a key of this account. Whatever is odd about a folder or a file
makes it as if there were none.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from screening import __version__
from screening.core.rules.ruleset import Ruleset
from screening.files.rule_texts import load_texts
from screening.formats.rules.kept_form import read_kept, write_kept
from screening.formats.rules.rule_text import RuleText
from screening.resources import PACKAGE

SWITCH = "SCREENING_CACHE"
"""The setting that turns the cache off: with anything but ``on`` nothing is read or kept."""
MOST_ENTRIES = 8
MAX_BYTES = 8 * 1024 * 1024
_KEY_BYTES, _MAC_BYTES = 32, 32
_PRIVATE, _OWNER_ONLY = 0o700, 0o600
_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OF_RULES = ("core", "proof", "formats", "files")
"""The parts of the package that decide what a ruleset is."""


def load_kept_ruleset(name: str = "documented", folder: Path | None = None) -> Ruleset:
    """Load a ruleset as ``load_ruleset`` does, from the cache if it was proved before.

    Raises:
        UnknownRulesetError: if the folder has no such file.
        DocumentError: if a file has problems; all of them are listed.
    """
    if os.environ.get(SWITCH, "").lower() not in {"", "on"}:
        return read_afresh(name, load_texts(folder))
    texts = load_texts(folder)
    place, key = _folder("XDG_CACHE_HOME", ".cache"), _key()
    if place is None or key is None:
        return read_afresh(name, texts)
    entry = entry_of(name, texts)
    kept = _read(place / f"{entry}.rules", key, entry)
    if kept is None:
        kept = read_afresh(name, texts)
        with suppress(OSError):
            _write(place / f"{entry}.rules", _sealed(key, entry, kept))
            _tidy(place)
    return kept


def read_afresh(name: str, texts: Mapping[str, RuleText]) -> Ruleset:
    """Read and prove a ruleset; what that takes is not loaded for one that is kept."""
    from screening.files.rule_files import read_named  # noqa: PLC0415 - see above

    return read_named(name, texts)


def entry_of(name: str, texts: Mapping[str, RuleText]) -> str:
    """The name of an entry: a digest of all that makes a ruleset what it is, in hex."""
    told = hashlib.sha256()
    for part in _parts(name, texts):
        told.update(len(part).to_bytes(8))
        told.update(part)
    return told.hexdigest()


def _parts(name: str, texts: Mapping[str, RuleText]) -> Iterator[bytes]:
    yield from (__version__.encode(), sys.version.encode(), name.encode())
    for key, text in texts.items():
        yield from (key.encode(), text.data)
    for path in map(Path, sorted(_program())):
        yield from (path.name.encode(), path.read_bytes())
    library = find_spec("yaml")  # what parses rule files; to read its megabytes takes too long
    for path in sorted(Path((library and library.origin) or "").parent.glob("*.*")):
        found = path.stat()
        yield f"{path.name} {found.st_size} {found.st_mtime_ns}".encode()


def _program() -> Iterator[str]:
    """The files of the program that decide what a ruleset is."""
    for part in _OF_RULES:
        for folder, _, names in os.walk(PACKAGE / part):
            yield from (f"{folder}/{name}" for name in names if name.endswith(".py"))


def _key() -> bytes | None:
    """The key of this account; made at its first use."""
    place = _folder("XDG_STATE_HOME", ".local/state")
    if place is None:
        return None
    path = place / "cache.key"
    if not os.path.lexists(path):
        with suppress(OSError):
            _write(path, secrets.token_bytes(_KEY_BYTES))
    found = _own_bytes(path, _KEY_BYTES)
    return found if found and len(found) == _KEY_BYTES else None


def _folder(setting: str, usual: str) -> Path | None:
    """Our folder in one of the XDG base directories, if it is ours alone to write to."""
    base = os.environ.get(setting) or ""
    with suppress(OSError, RuntimeError):
        place = (Path(base) if base.startswith("/") else Path.home() / usual) / "screening"
        place.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        return place if _is_own(place.lstat(), stat.S_IFDIR) else None
    return None


def _is_own(found: os.stat_result, kind: int) -> bool:
    """True if it is of a kind, and nobody but this account can change it."""
    own = found.st_uid == os.geteuid() and not found.st_mode & _BY_OTHERS
    return own and stat.S_IFMT(found.st_mode) == kind


def _own_bytes(path: Path, most: int) -> bytes | None:
    """The bytes of a file that is ours alone to write to; None if it is not, or longer."""
    with suppress(OSError):
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _is_own(os.fstat(number), stat.S_IFREG):
                found = os.read(number, most + 1)
                return found if len(found) <= most else None
        finally:
            os.close(number)
    return None


def _read(path: Path, key: bytes, entry: str) -> Ruleset | None:
    """The ruleset of an entry; None if it is not there, or not as this program wrote it."""
    found = _own_bytes(path, MAX_BYTES) or b""
    mac, body = found[:_MAC_BYTES], found[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, entry, body)):
        return None
    return read_kept(json.loads(body))


def _sealed(key: bytes, entry: str, ruleset: Ruleset) -> bytes:
    kept = json.dumps(write_kept(ruleset), ensure_ascii=False, separators=(",", ":")).encode()
    return _mac(key, entry, kept) + kept


def _mac(key: bytes, entry: str, body: bytes) -> bytes:
    """It covers the name as well: an entry is of no use under the name of another."""
    return hmac.digest(key, entry.encode() + body, "sha256")


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(part, flags, _OWNER_ONLY), "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _tidy(place: Path) -> None:
    """Keep the newest entries."""
    entries = sorted(place.glob("*.rules"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in entries[MOST_ENTRIES:]:
        each.unlink(missing_ok=True)
