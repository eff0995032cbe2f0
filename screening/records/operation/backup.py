"""Backups: all records in one file, which is read again and compared before it counts.

A backup is a SQLite database of the same tables, whichever database it was made from, so that one
that was made on SQLite can be restored into PostgreSQL and the other way round. SQLite copies
itself by its online backup; from PostgreSQL all rows are read in one REPEATABLE READ transaction.
A backup holds what the database holds: sealed fields, and the cases' keys wrapped. It holds no key
of the keyring and no session of anybody who is signed in. ``backup_file`` says how it is kept from
being changed, and on demand from being read.
"""

import datetime as dt
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from screening.records.operation import backup_file, table_copy
from screening.records.operation.backup_file import (
    BackupError,
    MisnamedBackupError,
    UnauthenticatedError,
)
from screening.records.operation.table_copy import Content
from screening.records.sealing.vault import Keyring
from screening.records.storage import schema
from screening.records.storage.database import Database, open_file

FORMAT = "screening-backup-1"
"""Of the database in a backup, which is that of the earlier format's file."""
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest of a backup: its shape, when it was made, and its content."""

    revision: str
    made_at: dt.datetime
    made_from: str
    contents: dict[str, Content]

    def write(self) -> str:
        """As JSON."""
        holds = {name: asdict(content) for name, content in self.contents.items()}
        said = {"format": FORMAT, "revision": self.revision, "made_from": self.made_from}
        return json.dumps(said | {"made_at": self.made_at.isoformat(), "contents": holds})

    @classmethod
    def read(cls, written: str) -> "Manifest":
        """Read what ``write`` wrote.

        Raises:
            ValueError: if it is none, or of another format.
        """
        said = json.loads(written)
        if said["format"] != FORMAT:
            raise ValueError(FORMAT)
        return cls(
            revision=said["revision"],
            made_at=dt.datetime.fromisoformat(said["made_at"]),
            made_from=said["made_from"],
            contents={name: Content(**content) for name, content in said["contents"].items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was read: what it says of itself, and its database, which is gone after that.

    ``authenticated`` is false for one of the earlier format, which anybody could have written.
    """

    path: Path
    manifest: Manifest
    database: Path
    authenticated: bool


def write_backup(  # noqa: PLR0913 - the last two are asked for by name
    database: Database,
    path: Path,
    at: dt.datetime,
    ring: Keyring,
    *,
    encrypt: bool = False,
    check: Callable[[Database], object] | None = None,
) -> Manifest:
    """Write a backup, read it again, and only then give it its name.

    Others can go on reading and writing meanwhile; on SQLite a write waits while pages are copied.

    Args:
        database: to be backed up.
        path: where to; there must be no such file.
        at: the moment.
        ring: by whose newest key the backup is authenticated.
        encrypt: whether nobody without that key may read it.
        check: what looks at the copied records, whose faults are in the backup.

    Raises:
        BackupError: if there is such a file, or it cannot be written, or is not what was read.
        DatabaseError: if the database cannot be read or has a shape that is not known.
    """
    revision = schema.known_revision(database)
    if path.exists():
        raise MisnamedBackupError(path, "is already there; choose another name")
    with _refusing(path), _workshop(database) as folder, _part(path) as part:
        copy = folder / "copy"
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        made = _copy_file(database, copy) if database.sqlite else _dump(database, copy, revision)
        if check is not None:
            _check(copy, check)
        made_from = database.engine.dialect.name
        _finish(copy, Manifest(revision=revision, made_at=at, made_from=made_from, contents=made))
        manifest = _read_database(path, copy)
        if manifest.contents != made:
            raise BackupError(path, f"differs from the database in {_differing(made, manifest)}")
        written = backup_file.write_file(copy, part, ring, encrypt=encrypt)
        if backup_file.digest_of(part, ring) != written:
            raise BackupError(path, "differs from what was written to it")
        _keep(part, path)
    return manifest


@contextmanager
def read_backup(
    path: Path, ring: Keyring, *, unauthenticated: bool = False, folder: Path | None = None
) -> Iterator[Backup]:
    """Read a whole backup, and compare it with what it says of itself.

    Args:
        path: of the backup.
        ring: the keyring that it was made with.
        unauthenticated: whether one of the earlier format may be read.
        folder: in which its database is put meanwhile.

    Raises:
        BackupError: if it is no backup, or damaged, not authentic, or of a version not known.
    """
    with ExitStack() as stack:
        with _refusing(path):
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix=".backup-", dir=folder))
            backup = _read(path, ring, Path(place), unauthenticated=unauthenticated)
        yield backup


def _read(path: Path, ring: Keyring, place: Path, *, unauthenticated: bool) -> Backup:
    if not path.is_file():
        raise MisnamedBackupError(path, "is not there")
    earlier = backup_file.is_unauthenticated(path)
    if earlier and not unauthenticated:
        raise UnauthenticatedError(path)
    database = path if earlier else _unpack(path, ring, place)
    manifest = _read_database(path, database)
    return Backup(path=path, manifest=manifest, database=database, authenticated=not earlier)


def _unpack(path: Path, ring: Keyring, folder: Path) -> Path:
    database = folder / "copy"
    with database.open("wb") as file:
        for chunk in backup_file.read_file(path, ring):
            file.write(chunk)
    return database


def _read_database(path: Path, database: Path) -> Manifest:
    """The manifest in a backup's database, to compare with its content."""
    try:
        manifest = _read_manifest(database)
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise BackupError(path, "is damaged, or is not a backup") from None
    if manifest.revision not in schema.known_revisions():
        raise BackupError(path, "was made by a newer version; restore it with that version")
    try:
        with open_backup_database(database) as connection:
            found = table_copy.contents(connection)
    except (SQLAlchemyError, ValueError, TypeError):  # a table, text or day that is none any more
        raise BackupError(path, "is damaged") from None
    if found != manifest.contents:
        differing = ", ".join(_differing(found, manifest))
        raise BackupError(path, f"is damaged: it does not hold what was saved in {differing}")
    return manifest


@contextmanager
def open_backup_database(path: Path) -> Iterator[Connection]:
    """A connection to a database in a backup, which is only read from and stays as it is."""
    engine = create_engine("sqlite://", creator=lambda: _read_only(path), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _differing(found: dict[str, Content], manifest: Manifest) -> list[str]:
    names = sorted(found | manifest.contents)
    return [each for each in names if found.get(each) != manifest.contents.get(each)]


def _read_manifest(path: Path) -> Manifest:
    """The manifest of a file whose pages and indexes are whole."""
    with closing(_read_only(path)) as file:
        if file.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise ValueError
        (written,) = file.execute("SELECT manifest FROM backup").fetchone()
    return Manifest.read(written)


def _copy_file(database: Database, part: Path) -> dict[str, Content]:
    """Let SQLite copy its pages, all at one moment."""
    with database.engine.connect() as connection, closing(sqlite3.connect(part)) as target:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)  # noqa: S101 - tells the type checker
        source.backup(target)
    with open_backup_database(part) as connection:
        return table_copy.contents(connection)


def _dump(database: Database, part: Path, revision: str) -> dict[str, Content]:
    """Read all rows as they are at one moment, into a SQLite database of the same shape."""
    target = open_file(part)
    try:
        schema.upgrade(target, revision)
        one_moment = database.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with one_moment.connect() as source, target.writing() as session:
            return table_copy.copy(source, session.connection())
    finally:
        target.close()


def _check(copy: Path, check: Callable[[Database], object]) -> None:
    copied = open_file(copy)
    try:
        check(copied)
    finally:
        copied.close()


def _finish(part: Path, manifest: Manifest) -> None:
    """Leave out who is signed in, write the manifest, and make it one file without a log."""
    target = open_file(part)
    with target.writing() as session:
        table_copy.empty_fleeting(session.connection())
        session.execute(text("CREATE TABLE backup (manifest TEXT NOT NULL)"))
        session.execute(text("INSERT INTO backup VALUES (:written)"), {"written": manifest.write()})
    target.close()
    with closing(sqlite3.connect(part)) as file:
        file.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _workshop(database: Database) -> Iterator[Path]:
    """A folder for its owner's eyes, beside the database and not where backups are kept."""
    beside = database.file.absolute().parent if database.file else None
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as folder:
        yield Path(folder)


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A file beside the one that is to be, for its owner's eyes, gone if it does not come to be."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BackupError(path, f"cannot be read or written: {error}") from None


def _keep(part: Path, path: Path) -> None:
    """Give it its name, for good."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
