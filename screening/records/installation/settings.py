"""The settings of an installation's records and keys, by the environment and a folder.

The folder is SCREENING_DATA, or ``screening`` where a person's programs keep their data. In it lie
the database, unless DATABASE_URL names another, and the keyring and the signing secret, unless the
environment holds them. Only its owner can read what an installation writes there.
"""

import datetime as dt
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from screening.errors import WrongCallError
from screening.records.ledger.site_days import UnknownZoneError, read_zone
from screening.records.sealing.key_command import READ, STORE

DATABASE = "screening.db"
KEYRING = "keys.json"
HEADS = "heads.jsonl"
HEADS_MINUTES, HEADS_EVENTS = 60, 25
ERASED = "erased"
MIN_SECRET = 32
MOST = 100_000
"""The largest number of a setting: a moment that many days away can still be computed."""


class SettingsError(WrongCallError):
    """A setting of the environment cannot be used."""

    def __init__(self, name: str, wanted: str) -> None:
        """Name the setting, never its value."""
        super().__init__(f"the setting {name} cannot be used; it should be {wanted}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the environment. Secrets, as an address may hold one, are shown nowhere.

    ``retention_days`` is the number of days after which an untouched case is to be erased;
    ``emergency_minutes`` how long a case of another site stays open in an emergency, and the other
    two how many one person may open, or search for without a result, within 24 hours;
    ``new_account_days`` for how long an account counts as one person with its maker, and
    ``unused_days`` after how many without a sign-in it is called unused; ``zone`` is the time zone
    of sites that have none of their own. ``heads_minutes`` and ``heads_events`` say
    when a head of the ledger is signed: after so much time or so many events. ``syslog`` and
    ``witness`` are where heads are sent to. ``contact`` is for people who found a weakness.
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
    contact: str | None = None

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
            retention_days=read_number(given, "SCREENING_RETENTION_DAYS", "days"),
            emergency_minutes=read_number(given, "SCREENING_EMERGENCY_MINUTES", "minutes"),
            emergency_cases=read_number(given, "SCREENING_EMERGENCY_CASES", "cases"),
            emergency_tries=read_number(given, "SCREENING_EMERGENCY_TRIES", "tries"),
            new_account_days=read_number(given, "SCREENING_NEW_ACCOUNT_DAYS", "days"),
            unused_days=read_number(given, "SCREENING_UNUSED_DAYS", "days"),
            heads_file=_heads_folder(given, folder) / HEADS,
            heads_minutes=read_number(given, "SCREENING_HEADS_MINUTES", "minutes") or HEADS_MINUTES,
            heads_events=read_number(given, "SCREENING_HEADS_EVENTS", "events") or HEADS_EVENTS,
            syslog=_syslog(given.get("SCREENING_HEADS_SYSLOG")),
            witness=_witness(given.get("SCREENING_WITNESS")),
            zone=_zone(given.get("SCREENING_TIME_ZONE")),
            contact=read_contact(given),
        )

    @property
    def erased_file(self) -> Path:
        """The list of erased cases, beside the keys: no backup may bring those cases back."""
        return (self.folder if self.keys_elsewhere else self.keyring_file.parent) / ERASED

    @property
    def keys_elsewhere(self) -> bool:
        """True if the keyring is in the environment or an operator's key store, and in no file."""
        return bool(self.keyring or self.key_command)


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


def read_contact(given: Mapping[str, str]) -> str | None:
    """The address for reports of weaknesses, as security.txt (RFC 9116) has it.

    Raises:
        SettingsError: if it is none.
    """
    address = given.get("SCREENING_SECURITY_CONTACT")
    if address and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:[+\d-]+)", address):
        wanted = "an address that begins with mailto:, https:// or tel:"
        raise SettingsError("SCREENING_SECURITY_CONTACT", wanted)
    return address or None


def read_emergency_number(given: Mapping[str, str]) -> str | None:
    """The number to call in an emergency, as patients read it; none if it is not set.

    Raises:
        SettingsError: if it is not a phone number.
    """
    number = given.get("SCREENING_EMERGENCY_NUMBER", "").strip()
    if number and not re.fullmatch(r"\+?[0-9](?:[ -]?[0-9]){1,14}", number, re.ASCII):
        wanted = "a phone number of 2 to 15 digits, such as 999"
        raise SettingsError("SCREENING_EMERGENCY_NUMBER", wanted)
    return number or None


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
        raise SettingsError("SCREENING_SECRET_KEY", f"at least {MIN_SECRET} random characters")
    return text or None


def _zone(name: str | None) -> dt.tzinfo | None:
    if not name:
        return None
    try:
        return read_zone(name)
    except UnknownZoneError:
        raise SettingsError("SCREENING_TIME_ZONE", "a time zone such as Europe/London") from None


def read_number(given: Mapping[str, str], name: str, unit: str) -> int | None:
    """The number of a setting; none if it is not set.

    Raises:
        SettingsError: if it is no whole number up to ``MOST``, written with 0 to 9.
    """
    text = given.get(name)
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= MOST:
        raise SettingsError(name, f"a whole number of {unit}, from 1 to {MOST:,}")
    return int(text)
