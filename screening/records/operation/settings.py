"""Where an installation keeps its records and its keys, by the environment and a folder.

The folder is SCREENING_DATA, or ``screening`` where a person's programs keep their data. In it lie
the database, unless DATABASE_URL names another, and the keyring and the signing secret, unless the
environment holds them. Whatever is made here, its owner alone can read.
"""

import datetime as dt
import fcntl
import json
import os
import re
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, union

from screening.errors import ScreeningError, WrongCallError
from screening.records.ledger import events, merkle
from screening.records.ledger.epochs import is_keyed
from screening.records.ledger.events import NO_HASH
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.ledger.site_days import UnknownZoneError, read_zone
from screening.records.operation import erased_list
from screening.records.sealing.key_command import READ, STORE, KeyringCommand
from screening.records.sealing.vault import Keeper, Keyring, KeyringError, keep
from screening.records.storage import schema
from screening.records.storage.database import Database, open_database
from screening.records.storage.tables import CaseKeyRow, SecretRow

DATABASE = "screening.db"
KEYRING = "keys.json"
SECRET = "secret"  # noqa: S105 - the name of the file that holds it
SIGNER = "ledger.key"
HEADS = "heads.jsonl"
HEADS_MINUTES, HEADS_EVENTS = 60, 25
ERASED = "erased"
PASSWORDS = "demo-passwords.json"
MIN_SECRET = 32
_PRIVATE = 0o700
_OWNER_ONLY = 0o600


class SettingsError(WrongCallError):
    """A setting of the environment cannot be used."""

    def __init__(self, name: str, wanted: str) -> None:
        """Name the setting, never its value."""
        super().__init__(f"the setting {name} cannot be used; it should be {wanted}")


class FolderError(ScreeningError):
    """The data folder cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        """Name the folder or file, and why it cannot be used."""
        super().__init__(f"cannot use {path}, where the records are kept: {reason}")


class NoRecordsError(ScreeningError):
    """There is no database yet."""

    def __init__(self, place: str) -> None:
        """Name the place that was looked in, and say how records come to be there."""
        super().__init__(
            f"there are no records here yet, in {place}. `screening serve` makes them; if you have"
            " records in another place, set SCREENING_DATA or DATABASE_URL to it"
        )


class NotThereError(ScreeningError):
    """A secret is missing which only a new installation makes."""

    def __init__(self, what: str, place: Path, makes: str) -> None:
        """Name the secret, the place that was looked in, and what would make a new one."""
        super().__init__(
            f"there is no {what} in {place}; put it back from where you keep its copy, or set"
            f" SCREENING_DATA to the folder that has it. For a new installation, {makes} makes one"
        )


class LostKeyringError(KeyringError):
    """There is a database, and not the keys that open it."""

    def __init__(self, place: str, missing: tuple[str, ...] = ()) -> None:
        """Name the place where the keys were looked for, and the keys that it lacks."""
        lacks = f"lacks the keys {', '.join(missing)}" if missing else "is missing"
        super().__init__(
            f"the keyring {place} {lacks}, without which records in the database cannot be read;"
            " put it back from where you keep its copy (a new one would not open them)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Secrets, as an address may hold one, are shown nowhere.

    ``retention_days`` is the number of days after which an untouched case is to be erased;
    ``emergency_minutes`` how long a case of another site stays open in an emergency, and the other
    two how many one person may open, or search for without a result, within 24 hours;
    ``new_account_days`` for how long an account counts as one person with who made it, and
    ``unused_days`` after how many without a sign-in it is called unused; ``zone`` is the time zone
    of sites that have none of their own. ``heads_minutes`` and ``heads_events`` say
    when a head of the ledger is signed: after so much time or so many events. ``syslog`` and
    ``witness`` are where heads are sent to.
    """

    folder: Path
    database: str = field(repr=False)
    keyring: str | None = field(default=None, repr=False)
    keyring_file: Path
    key_command: str | None = field(default=None, repr=False)
    key_store_command: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    retention_days: int | None = None
    emergency_minutes: int | None = None
    emergency_cases: int | None = None
    emergency_tries: int | None = None
    new_account_days: int | None = None
    unused_days: int | None = None
    heads_file: Path
    heads_minutes: int = HEADS_MINUTES
    heads_events: int = HEADS_EVENTS
    syslog: str | None = None
    witness: str | None = None
    zone: dt.tzinfo | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment; nothing is made or opened.

        Raises:
            SettingsError: if a setting has no possible value.
        """
        given = os.environ if environment is None else environment
        folder = _folder(given)
        file = given.get("SCREENING_KEYS_FILE")
        command, store = _commands(given)
        return cls(
            folder=folder,
            database=given.get("DATABASE_URL") or f"sqlite:///{folder / DATABASE}",
            keyring=given.get("SCREENING_KEYS") or None,
            keyring_file=Path(file).expanduser() if file else folder / KEYRING,
            key_command=command,
            key_store_command=store,
            secret=_given_secret(given.get("SCREENING_SECRET_KEY")),
            retention_days=_number(given, "SCREENING_RETENTION_DAYS", "days"),
            emergency_minutes=_number(given, "SCREENING_EMERGENCY_MINUTES", "minutes"),
            emergency_cases=_number(given, "SCREENING_EMERGENCY_CASES", "cases"),
            emergency_tries=_number(given, "SCREENING_EMERGENCY_TRIES", "tries"),
            new_account_days=_number(given, "SCREENING_NEW_ACCOUNT_DAYS", "days"),
            unused_days=_number(given, "SCREENING_UNUSED_DAYS", "days"),
            heads_file=_heads_folder(given, folder) / HEADS,
            heads_minutes=_number(given, "SCREENING_HEADS_MINUTES", "minutes") or HEADS_MINUTES,
            heads_events=_number(given, "SCREENING_HEADS_EVENTS", "events") or HEADS_EVENTS,
            syslog=_syslog(given.get("SCREENING_HEADS_SYSLOG")),
            witness=_witness(given.get("SCREENING_WITNESS")),
            zone=_zone(given.get("SCREENING_TIME_ZONE")),
        )

    @property
    def erased_file(self) -> Path:
        """The list of erased cases, beside the keys: no backup may bring those cases back."""
        return (self.folder if self.keys_elsewhere else self.keyring_file.parent) / ERASED

    @property
    def keys_elsewhere(self) -> bool:
        """Whether the keyring is in the environment or an operator's key store, and in no file."""
        return bool(self.keyring or self.key_command)


class KeyringFile:
    """A keyring in a file, read again when the file was replaced, as by a rotation."""

    def __init__(self, path: Path) -> None:
        """Name the file, which is read at the first call."""
        self.path = path
        self._read: tuple[tuple[int, ...], Keyring] | None = None

    def __call__(self) -> Keyring:
        """The keyring as the file holds it now.

        Raises:
            KeyringError: if the file is gone or holds no keyring.
        """
        try:
            stat = self.path.stat()
            now = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._read is None or self._read[0] != now:
                self._read = (now, Keyring.read(self.path.read_text("utf-8")))
        except OSError:
            raise LostKeyringError(str(self.path)) from None
        return self._read[1]


def open_records(settings: Settings, *, any_version: bool = False) -> Records:
    """Open the records; at the very first start, where there is no database, make them.

    Args:
        settings: of the installation.
        any_version: whether to open a database that has the right shape and names another one.

    Raises:
        DatabaseError: if the database cannot be reached, is unsafe, or has another shape.
        KeyringError: if the keys are missing for a database that is there.
        FolderError: if the folder cannot be used.
    """
    database = open_store(settings)
    try:
        with _alone(settings):
            new = schema.is_empty(database)
            keyring = open_keyring(settings, make=new)
            if new:
                _make(settings, database, keyring)
        _check_shape(database, any_version=any_version)
        check_keys(database, keyring(), _keys_place(settings))
        erased_list.settle(database, settings.erased_file)
    except BaseException:
        database.close()
        raise
    return Records(database, keyring, erased=settings.erased_file, zone=settings.zone)


def _make(settings: Settings, database: Database, keyring: Callable[[], Keyring]) -> None:
    """Make the tables, with a ledger that is keyed from its first event if its keyring can be."""
    keeper = keeper_of(settings, keyring)
    if keeper and not is_keyed(keyring(), 0):
        keep(keyring().with_epoch(1, merkle.EMPTY.hex(), NO_HASH), keeper)
    schema.upgrade(database)
    if is_keyed(keyring(), 0):
        with database.writing() as session:
            events.append_epoch(session, Records(database, keyring), by=0)


def open_existing(settings: Settings, *, any_version: bool = False) -> Records:
    """Open the records as ``open_records`` does, and make nothing.

    Raises:
        NoRecordsError: if there are none.
    """
    open_filled(settings).close()
    return open_records(settings, any_version=any_version)


def _check_shape(database: Database, *, any_version: bool) -> None:
    """Make sure that the database has the shape that the application needs, and names it alone."""
    try:
        schema.check(database)
    except schema.SchemaError as error:
        from screening.records.storage.shape import find_changed_version  # noqa: PLC0415 - slow to load

        changed = find_changed_version(database)
        if changed is None:
            raise
        if not any_version:
            raise changed from error


def open_filled(settings: Settings) -> Database:
    """Open the database alone, of whatever shape, and make nothing.

    Raises:
        NoRecordsError: if there is none, or it has no table.
    """
    database = open_database(settings.database)
    file = database.file
    if (file and not file.exists()) or schema.is_empty(database):
        database.close()
        raise NoRecordsError(place_of(database))
    return database


def place_of(database: Database) -> str:
    """The place of a database, in words that repeat no address, which may hold a password."""
    return str(database.file.parent) if database.file else "the database of DATABASE_URL"


@contextmanager
def open_unmade(settings: Settings) -> Iterator[Records]:
    """A database of whatever shape, or none, with the keyring that is there.

    A file that was made for it goes again if nothing was written to it.
    """
    keyring = open_keyring(settings)
    file = open_database(settings.database).file
    made = file is not None and not file.exists()
    store = open_store(settings)
    try:
        yield Records(store, keyring, erased=settings.erased_file, zone=settings.zone)
    finally:
        store.close()
        if file and made and not file.stat().st_size:
            file.unlink()


@contextmanager
def open_tried(settings: Settings) -> Iterator[Records]:
    """The keyring and the list of erased cases, with a database that is not opened."""
    database = open_database(settings.database)
    try:
        keyring = open_keyring(settings)
        yield Records(database, keyring, erased=settings.erased_file, zone=settings.zone)
    finally:
        database.close()


def missing_secrets(settings: Settings) -> tuple[str, ...]:
    """What no backup holds, beside the keyring, and an installation needs; in words."""
    missing = []
    if not settings.secret and not (settings.folder / SECRET).exists():
        words = (
            "the signing secret; without it everybody has to set up their authenticator app again"
        )
        missing.append(f"{words} ({settings.folder / SECRET}, or SCREENING_SECRET_KEY)")
    if not (settings.folder / SIGNER).exists():
        words = "the key that signs the ledger; without it a witness refuses new heads"
        missing.append(f"{words} ({settings.folder / SIGNER})")
    heads = settings.heads_file.parent
    if heads != settings.folder and not heads.is_dir():
        missing.append(f"the folder for signed heads ({heads}, from SCREENING_HEADS_FOLDER)")
    return tuple(missing)


def open_store(settings: Settings) -> Database:
    """Open the database alone, of whatever shape; a file of SQLite is made if there is none."""
    database = open_database(settings.database)
    if database.file is not None:
        _make_private(database.file)
    return database


def open_keyring(settings: Settings, *, make: bool = False) -> Callable[[], Keyring]:
    """Where the keys are read from, each time that they are needed.

    Args:
        settings: of the installation.
        make: whether to make a keyring where there is none.

    Raises:
        KeyringError: if there is none.
    """
    if settings.keyring:
        ring = Keyring.read(settings.keyring)
        return lambda: ring
    if settings.key_command:
        command = KeyringCommand(settings.key_command, settings.key_store_command)
        command()
        return command
    if make and not settings.keyring_file.exists():
        make_folder(settings.keyring_file.parent)
        Keyring.make().save(settings.keyring_file)
    keyring = KeyringFile(settings.keyring_file)
    keyring()
    return keyring


def keeper_of(settings: Settings, keyring: Callable[[], Keyring]) -> Keeper | None:
    """Where a new keyring is stored; None if somebody has to do that by hand."""
    if isinstance(keyring, KeyringCommand):
        return keyring.keep if keyring.stores else None
    return None if settings.keyring else settings.keyring_file


def open_secret(settings: Settings, *, make: bool = True) -> str:
    """The secret that signs cookies and links; made at the first start.

    Raises:
        NotThereError: if there is none, and none is to be made.
    """
    if settings.secret:
        return settings.secret
    path = settings.folder / SECRET
    if not make and not path.exists():
        what = "signing secret (or SCREENING_SECRET_KEY in the environment)"
        raise NotThereError(what, path, "`screening keys make`")
    with _alone(settings), _refusing(path):
        if not path.exists():
            make_folder(settings.folder)
            _write_private(path, secrets.token_hex(MIN_SECRET))
        return path.read_text("ascii").strip()


def open_signer(settings: Settings, *, make: bool = True) -> Signer:
    """The key that signs heads of the ledger; made when it is first needed.

    Raises:
        HeadError: if the file holds no key.
        NotThereError: if there is none, and none is to be made.
    """
    path = settings.folder / SIGNER
    if not make and not path.exists():
        raise NotThereError("signing key of the ledger", path, "`screening ledger key`")
    with _alone(settings), _refusing(path):
        if not path.exists():
            make_folder(settings.folder)
            _write_private(path, Signer.make().write())
        return Signer.read(path.read_text("ascii"))


def keep_passwords(settings: Settings, given: Mapping[str, str]) -> None:
    """Keep the passwords of a demonstration, which guard nothing, for its next start."""
    with _refusing(settings.folder / PASSWORDS):
        _write_private(settings.folder / PASSWORDS, json.dumps(given))


def kept_passwords(settings: Settings) -> dict[str, str]:
    """The passwords of a demonstration; none if none were kept."""
    path = settings.folder / PASSWORDS
    with _refusing(path):
        read: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return read


def check_keys(database: Database, ring: Keyring, place: str) -> None:
    """Make sure that the keyring has every key that something in the database is wrapped by.

    Raises:
        LostKeyringError: if it has not.
    """
    wrapping = select(CaseKeyRow.key_id).where(CaseKeyRow.wrapped.is_not(None))
    with database.reading() as session:
        used = set(session.scalars(union(wrapping, select(SecretRow.key_id))))
    if missing := tuple(sorted(used - set(ring.keys))):
        raise LostKeyringError(place, missing)


def make_folder(path: Path) -> None:
    """Make a folder that its owner alone can enter; one that is there stays as it is."""
    with _refusing(path):
        path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)


def _make_private(file: Path) -> None:
    """Make an empty file for SQLite, which gives its journal the same permissions."""
    make_folder(file.parent)
    with _refusing(file):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))


def _write_private(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let one process at a time make what is missing. Two would make two keyrings."""
    if settings.keyring and settings.secret:
        yield
        return
    make_folder(settings.folder)
    with _refusing(settings.folder):
        lock = os.open(settings.folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FolderError(path, error.strerror or "it cannot be opened") from None


def _keys_place(settings: Settings) -> str:
    if settings.key_command:
        return "of SCREENING_KEY_COMMAND"
    return "in SCREENING_KEYS" if settings.keyring else str(settings.keyring_file)


def _folder(given: Mapping[str, str]) -> Path:
    if named := given.get("SCREENING_DATA"):
        folder = Path(named).expanduser().resolve()
        if folder.is_file():
            raise SettingsError("SCREENING_DATA", "a folder, and it is a file")
        return folder
    home = given.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser().resolve() / "screening"


def _heads_folder(given: Mapping[str, str], folder: Path) -> Path:
    named = given.get("SCREENING_HEADS_FOLDER")
    return Path(named).expanduser().resolve() if named else folder


def _syslog(address: str | None) -> str | None:
    if address and not re.fullmatch(r"/.+|.+:[0-9]{1,5}", address):
        raise SettingsError("SCREENING_HEADS_SYSLOG", "HOST:PORT, or a path such as /dev/log")
    return address or None


def _witness(address: str | None) -> str | None:
    if address and not re.fullmatch(r"https?://[^/\s@]+/?", address):
        wanted = "an address such as https://witness.example.org, without a name or password in it"
        raise SettingsError("SCREENING_WITNESS", wanted)
    return address.rstrip("/") if address else None


def _commands(given: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The commands that read and store the keyring."""
    command, store = (given.get(name) or None for name in (READ, STORE))
    for name, words in ((READ, command), (STORE, store)):
        try:
            shlex.split(words or "")
        except ValueError:
            raise SettingsError(name, "a command with closing quotes") from None
    if command and given.get("SCREENING_KEYS"):
        raise SettingsError(READ, "empty if SCREENING_KEYS is set; set only one of them")
    if store and not command:
        raise SettingsError(STORE, f"set together with {READ}")
    return command, store


def _given_secret(text: str | None) -> str | None:
    if text and len(text) < MIN_SECRET:
        raise SettingsError("SCREENING_SECRET_KEY", f"at least {MIN_SECRET} characters of chance")
    return text or None


def _zone(name: str | None) -> dt.tzinfo | None:
    if not name:
        return None
    try:
        return read_zone(name)
    except UnknownZoneError:
        raise SettingsError("SCREENING_TIME_ZONE", "a time zone such as Europe/London") from None


def _number(given: Mapping[str, str], name: str, unit: str) -> int | None:
    text = given.get(name)
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise SettingsError(name, f"a whole number of {unit}, 1 or more")
    return int(text)
