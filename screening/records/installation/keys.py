"""The keyring of an installation: reading it, and storing a new one."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from screening.records.installation.private_files import make_folder
from screening.records.installation.settings import Settings
from screening.records.ledger.missing_keys import find_missing_keys
from screening.records.sealing.key_command import KeyringCommand
from screening.records.sealing.vault import Keeper, Keyring, KeyringError
from screening.records.storage.database import Database


class LostKeyringError(KeyringError):
    """There is a database, and not the keys that open it."""

    def __init__(self, place: str, missing: tuple[str, ...] = ()) -> None:
        """Name the place where the keys were looked for, and the keys that it lacks."""
        lacks = f"lacks the keys {', '.join(missing)}" if missing else "is missing"
        super().__init__(
            f"the keyring {place} {lacks}, without which records in the database cannot be read;"
            " put it back from where you keep its copy (a new one would not open them)"
        )


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


def open_keyring(settings: Settings, *, make: bool = False) -> Callable[[], Keyring]:
    """The source of the keys, read each time that they are needed.

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
    """The store of a new keyring; None if somebody has to store it by hand."""
    if isinstance(keyring, KeyringCommand):
        return keyring.keep if keyring.stores else None
    return None if settings.keyring else settings.keyring_file


def check_keys(database: Database, ring: Keyring, place: str) -> None:
    """Make sure that the keyring has every key that something in the database is wrapped by.

    A row that somebody changed is no reason to look for a keyring: ``verify`` names that row.

    Raises:
        LostKeyringError: if it has not.
    """
    with database.reading() as session:
        check_keys_within(session, ring, place)


def check_keys_within(session: Session, ring: Keyring, place: str) -> None:
    """The same of a database as a transaction sees it, once its tables are the newest.

    Raises:
        LostKeyringError: if it has not.
    """
    if missing := find_missing_keys(session, ring):
        raise LostKeyringError(place, missing)


def keys_place(settings: Settings) -> str:
    """The place of the keyring, in words that hold no secret."""
    if settings.key_command:
        return "of SCREENING_KEY_COMMAND"
    return "in SCREENING_KEYS" if settings.keyring else str(settings.keyring_file)
