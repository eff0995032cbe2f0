"""The database's shape: migrations forward and back, each in one transaction."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.orm import Session

from screening.records.storage.database import Database, DatabaseError

if TYPE_CHECKING:  # it is loaded to migrate, not to look which revision there is
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


_VERSIONS = table("alembic_version", column("version_num"))
_UPGRADING = 20_261_121
"""The number of PostgreSQL's advisory lock that one upgrade at a time holds."""


class SchemaError(DatabaseError):
    """The database has a shape that this version of the application cannot work with."""

    def __init__(self, says: str) -> None:
        """Say what it has and what helps."""
        super().__init__(f"the database {says}")

    @classmethod
    def of(cls, found: str | None, known: Collection[str]) -> "SchemaError":
        """The error for a revision, when ``known`` are all that the application knows."""
        if found is None:
            return cls("holds other tables than ours; name an empty one")
        if found in known:
            return EarlierVersionError(
                f"has the shape {found} of an earlier version; run `screening upgrade`, which makes"
                " a backup first"
            )
        return cls(
            f"has the shape {found}, which this version does not know; use the version that wrote"
            " it, or a newer one"
        )


class EarlierVersionError(SchemaError):
    """The database has the shape of an earlier version."""


class ChangedVersionError(SchemaError):
    """The database names another shape than it has."""

    def __init__(self, found: Collection[str]) -> None:
        """Name what it says, and say what to do."""
        named, newest = " and ".join(sorted(found)) or "no shape", newest_revision()
        advice = "delete every other row of" if newest in found else f"write only {newest} into"
        super().__init__(
            f"has the shape {newest}, but its table alembic_version names {named}. Somebody changed"
            " that table. Run `screening ledger verify`. If it finds nothing else,"
            f" {advice} alembic_version"
        )


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest."""
    with changing(database) as session:
        upgrade_within(session, revision)


def upgrade_within(session: Session, revision: str = "head") -> None:
    """The same, as a part of a transaction."""
    from alembic import command  # noqa: PLC0415 - the reason stands above

    command.upgrade(_config(session.connection()), revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the database back to an earlier revision; ``base`` is before the first."""
    with changing(database) as session:
        downgrade_within(session, revision)


def downgrade_within(session: Session, revision: str) -> None:
    """The same, as a part of a transaction."""
    from alembic import command  # noqa: PLC0415 - the same

    command.downgrade(_config(session.connection()), revision)


def is_empty(database: Database) -> bool:
    """True if there is no table at all, as before the very first start."""
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def found_revision(database: Database) -> str | None:
    """The revision that a database has."""
    with database.engine.connect() as connection:
        return _only(_named(connection))


def revision_within(session: Session) -> str | None:
    """The same, as a part of a transaction."""
    return _only(revisions_within(session))


def revisions_within(session: Session) -> tuple[str, ...]:
    """Every revision that a database names. The application writes one."""
    return _named(session.connection())


def _named(connection: Connection) -> tuple[str, ...]:
    if not inspect(connection).has_table(_VERSIONS.name):
        return ()
    return tuple(connection.scalars(select(_VERSIONS.c.version_num)))


def _only(found: tuple[str, ...]) -> str | None:
    if len(found) > 1:
        raise ChangedVersionError(found)
    return found[0] if found else None


def newest_revision() -> str:
    """The revision that this application needs."""
    return known_revisions()[-1]


def known_revisions() -> list[str]:
    """Every revision that this application knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/0*.py"))


def known_revision(database: Database) -> str:
    """The revision that a database has, which may be an earlier one.

    Raises:
        SchemaError: if it is none that this application knows.
    """
    found, known = found_revision(database), known_revisions()
    if found is None or found not in known:
        raise SchemaError.of(found, known)
    return found


def check(database: Database) -> None:
    """Make sure that the database has the shape that the application needs.

    Raises:
        SchemaError: if it has not.
    """
    found = found_revision(database)
    if found != newest_revision():
        raise SchemaError.of(found, known_revisions())


@contextmanager
def changing(database: Database) -> Iterator[Session]:
    """One transaction, alone: of two that start at once, the second finds nothing left to do."""
    with database.writing() as session:
        if not database.sqlite:
            session.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
        yield session


def _config(connection: object) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
