"""The database's shape: migrations forward and back, each in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from screening.records.database import Database, DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaError(DatabaseError):
    """The database has a shape that this version of the application does not know."""

    def __init__(self, found: str | None, known: str | None) -> None:
        """Name both revisions."""
        super().__init__(
            f"the database has the shape {found or 'of no version'}, this application needs"
            f" {known}; run `screening upgrade`, or use the version that wrote it"
        )


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest."""
    with database.writing() as session:
        command.upgrade(_config(session.connection()), revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the database back to an earlier revision; ``base`` is before the first."""
    with database.writing() as session:
        command.downgrade(_config(session.connection()), revision)


def is_empty(database: Database) -> bool:
    """Whether there is no table at all, as before the very first start."""
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def found_revision(database: Database) -> str | None:
    """The revision that a database has."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The revision that this application needs."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def check(database: Database) -> None:
    """Make sure that the database has the shape that the application needs.

    Raises:
        SchemaError: if it has not.
    """
    found, known = found_revision(database), newest_revision()
    if found != known:
        raise SchemaError(found, known)


def _config(connection: object) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
