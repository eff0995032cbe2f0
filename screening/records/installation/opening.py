"""Opens the records of an installation or its database alone; the first start makes them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from screening.errors import ScreeningError
from screening.records.installation import erased_list
from screening.records.installation.keys import check_keys, keeper_of, keys_place, open_keyring
from screening.records.installation.private_files import make_private, one_at_a_time
from screening.records.installation.settings import Settings
from screening.records.ledger import events, merkle
from screening.records.ledger.epochs import is_keyed
from screening.records.ledger.events import NO_HASH
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring, store_keyring
from screening.records.storage import schema
from screening.records.storage.database import Database, open_database


class NoRecordsError(ScreeningError):
    """There is no database yet."""

    def __init__(self, place: str) -> None:
        """Name the place that was looked in, and say how records come to be there."""
        super().__init__(
            f"there are no records here yet, in {place}. `screening serve` makes them; if you have"
            " records in another place, set SCREENING_DATA or DATABASE_URL to it"
        )


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
    database = open_or_make_database(settings)
    try:
        with one_at_a_time(settings):
            new = schema.is_empty(database)
            keyring = open_keyring(settings, make=new)
            if new:
                _make(settings, database, keyring)
        _check_shape(database, any_version=any_version)
        check_keys(database, keyring(), keys_place(settings))
        erased_list.settle_announcements(database, settings.erased_file)
    except BaseException:
        database.close()
        raise
    return Records(database, keyring, erased=settings.erased_file, zone=settings.zone)


def open_existing(settings: Settings, *, any_version: bool = False) -> Records:
    """Open the records as ``open_records`` does, and make nothing.

    Raises:
        NoRecordsError: if there are none.
    """
    open_existing_database(settings).close()
    return open_records(settings, any_version=any_version)


@contextmanager
def open_any_shape(settings: Settings) -> Iterator[Records]:
    """A database of whatever shape, or none, with the keyring that is there.

    A file that was made for it goes again if nothing was written to it.
    """
    keyring = open_keyring(settings)
    file = open_database(settings.database).file
    made = file is not None and not file.exists()
    store = open_or_make_database(settings)
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


def open_existing_database(settings: Settings) -> Database:
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


def open_or_make_database(settings: Settings) -> Database:
    """Open the database alone, of whatever shape; a file of SQLite is made if there is none."""
    database = open_database(settings.database)
    if database.file is not None:
        make_private(database.file)
    return database


def place_of(database: Database) -> str:
    """The place of a database, in words that repeat no address, which may hold a password."""
    return str(database.file.parent) if database.file else "the database of DATABASE_URL"


def _make(settings: Settings, database: Database, keyring: Callable[[], Keyring]) -> None:
    """Make the tables, with a ledger that is keyed from its first event if its keyring can be."""
    keeper = keeper_of(settings, keyring)
    if keeper and not is_keyed(keyring(), 0):
        store_keyring(keyring().with_epoch(1, merkle.EMPTY.hex(), NO_HASH), keeper)
    schema.upgrade(database)
    if is_keyed(keyring(), 0):
        with database.writing() as session:
            events.append_epoch(session, Records(database, keyring), by=0)


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
