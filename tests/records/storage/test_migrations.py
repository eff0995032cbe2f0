from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from support.storage import databases, made_up_rows

from screening.records.storage import schema
from screening.records.storage.database import Database, open_database
from screening.records.storage.tables import Base

pytestmark = pytest.mark.long

REVISIONS = schema.known_revisions()
Rows = dict[str, list[dict[str, Any]]]


def test_the_files_are_named_by_the_revisions_that_alembic_finds_in_them() -> None:
    found = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert [each.revision for each in found][::-1] == REVISIONS


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield database
        database.close()
        return
    with databases.postgresql_empty(request.getfixturevalue("postgres")) as address:
        database = open_database(address)
        yield database
        database.close()


def fill(database: Database) -> Rows:
    with database.writing() as session:
        made_up_rows.fill(session.connection())
    return rows_of(database)


def rows_of(database: Database) -> Rows:
    with database.reading() as session:
        return made_up_rows.read_rows(session.connection())


def common(rows: Rows, other: Rows) -> Rows:
    """The rows, with only those columns that the other has too."""
    return {
        name: sorted(
            ({k: v for k, v in row.items() if k in other[name][0]} for row in each), key=repr
        )
        for name, each in rows.items()
        if other.get(name)
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_keeps_every_row(empty: Database, revision: str) -> None:
    before = REVISIONS[: REVISIONS.index(revision)]
    if before:
        schema.upgrade(empty, before[-1])
    rows = fill(empty)
    schema.upgrade(empty, revision)
    after = rows_of(empty)
    assert common(rows, after) == common(after, rows)
    assert schema.found_revision(empty) == revision


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_downgrade_keeps_every_row_that_it_has_a_table_for(
    empty: Database, revision: str
) -> None:
    schema.upgrade(empty, revision)
    rows = fill(empty)
    assert all(rows.values())
    earlier = REVISIONS[: REVISIONS.index(revision)]
    schema.downgrade(empty, earlier[-1] if earlier else "base")
    after = rows_of(empty)
    assert common(rows, after) == common(after, rows)
    assert schema.found_revision(empty) == (earlier[-1] if earlier else None)
    schema.upgrade(empty, revision)
    assert common(rows, after) == common(rows_of(empty), after)


def test_a_downgrade_to_nothing_leaves_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    fill(empty)
    schema.downgrade(empty, "base")
    assert rows_of(empty) == {}


def test_what_migrations_make_is_what_the_application_maps(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_that_fails_changes_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PulledPlugError(Exception):
        pass

    def fail(*_: object, **__: object) -> None:
        raise PulledPlugError

    monkeypatch.setattr("alembic.op.drop_table", fail)  # the first of a downgrade's
    schema.upgrade(empty)
    rows = fill(empty)
    with pytest.raises(PulledPlugError):
        schema.downgrade(empty, "base")
    assert rows_of(empty) == rows
    schema.check(empty)
