"""Backups: all records in one file, which is read again and compared before it counts.

A backup is a SQLite database of the same tables, whichever database it was made from, so that one
that was made on SQLite can be restored into PostgreSQL and the other way round. SQLite copies
itself by its online backup; from PostgreSQL all rows are read in one REPEATABLE READ transaction.
A backup holds what the database holds: sealed fields, and the cases' keys wrapped. It holds no key
of the keyring and no session of anybody who is signed in.
"""

import datetime as dt
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from screening.errors import ScreeningError
from screening.records import schema, tablecopy
from screening.records.database import Database, open_file
from screening.records.tablecopy import Content

FORMAT = "screening-backup-1"
_OWNER_ONLY = 0o600


class BackupError(ScreeningError):
    """A backup cannot be made, read or restored."""

    def __init__(self, path: Path, says: str) -> None:
        """Name the file and what is wrong with it."""
        super().__init__(f"the backup {path} {says}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself: of which shape it is, when it was made, what it holds."""

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


def write_backup(database: Database, path: Path, at: dt.datetime) -> Manifest:
    """Write a backup, read it again, and only then give it its name.

    Others can go on reading and writing meanwhile; on SQLite a write waits while pages are copied.

    Raises:
        BackupError: if there is such a file, or it cannot be written, or is not what was read.
        DatabaseError: if the database cannot be read or has a shape that is not known.
    """
    revision = schema.known_revision(database)
    if path.exists():
        raise BackupError(path, "is already there; choose another name")
    with _part(path) as part:
        made = _copy_file(database, part) if database.sqlite else _dump(database, part, revision)
        made_from = database.engine.dialect.name
        _finish(part, Manifest(revision=revision, made_at=at, made_from=made_from, contents=made))
        manifest = read_backup(part)
        if manifest.contents != made:
            raise BackupError(path, f"differs from the database in {_differing(made, manifest)}")
        _keep(part, path)
    return manifest


def read_backup(path: Path) -> Manifest:
    """Read a whole backup and compare it with what it says of itself.

    Raises:
        BackupError: if it is no backup, or damaged, or of a version that is not known.
    """
    if not path.is_file():
        raise BackupError(path, "is not there")
    try:
        manifest = _read_manifest(path)
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        raise BackupError(path, "is damaged, or is no backup") from None
    if manifest.revision not in schema.known_revisions():
        raise BackupError(path, "was made by a newer version; restore it with that one")
    try:
        with opened(path) as connection:
            found = tablecopy.contents(connection)
    except (SQLAlchemyError, ValueError, TypeError):  # a table, text or day that is none any more
        raise BackupError(path, "is damaged") from None
    if found != manifest.contents:
        differing = ", ".join(_differing(found, manifest))
        raise BackupError(path, f"is damaged: it does not hold what was saved in {differing}")
    return manifest


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """A connection to a backup, which is only read from and stays as it is."""
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
    with opened(part) as connection:
        return tablecopy.contents(connection)


def _dump(database: Database, part: Path, revision: str) -> dict[str, Content]:
    """Read all rows as they are at one moment, into a SQLite database of the same shape."""
    target = open_file(part)
    try:
        schema.upgrade(target, revision)
        one_moment = database.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with one_moment.connect() as source, target.writing() as session:
            return tablecopy.copy(source, session.connection())
    finally:
        target.close()


def _finish(part: Path, manifest: Manifest) -> None:
    """Leave out who is signed in, write the manifest, and make it one file without a log."""
    target = open_file(part)
    with target.writing() as session:
        tablecopy.empty_fleeting(session.connection())
        session.execute(text("CREATE TABLE backup (manifest TEXT NOT NULL)"))
        session.execute(text("INSERT INTO backup VALUES (:written)"), {"written": manifest.write()})
    target.close()
    with closing(sqlite3.connect(part)) as file:
        file.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A file beside the one that is to be, for its owner's eyes, gone if it does not come to be."""
    part = path.with_name(f".{path.name}.part")
    leftovers = [part, *(Path(f"{part}-{kind}") for kind in ("journal", "wal", "shm"))]
    try:
        for each in leftovers:
            each.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        yield part
    except (OSError, sqlite3.Error) as error:
        raise BackupError(path, f"cannot be written: {error}") from None
    finally:
        for each in leftovers:
            each.unlink(missing_ok=True)


def _keep(part: Path, path: Path) -> None:
    """Give it its name, for good."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
