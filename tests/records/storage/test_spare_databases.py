"""What a test leaves in a PostgreSQL database never reaches the next test."""

import pytest
from sqlalchemy import text
from support.people.worklist_people import fill
from support.setup import postgres as postgresql
from support.storage import databases
from support.storage.databases import People

from screening.records.worklist.worklist import Query, worklist

CHANGES = [
    "ALTER TABLE answers DISABLE TRIGGER USER",
    "CREATE TABLE kept (x int)",
    "ALTER TABLE sites ADD COLUMN later text",
    "CREATE OR REPLACE FUNCTION added() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "UPDATE alembic_version SET version_num = 'other'",
]


def test_the_next_test_finds_nothing_of_the_one_before(postgres: postgresql.Server) -> None:
    seen = list[tuple[str, int, int, int]]()
    for _ in range(2):
        with (
            databases.postgresql_copy(postgres) as address,
            databases.open_records(address) as records,
        ):
            people = People(records)
            nurse, site = people.actor(), people.site()
            before = worklist(records, nurse, Query()).total
            fill(records, nurse, site, 3)
            seen.append((address, nurse.id, site, before))
    assert seen[0] == seen[1]
    assert seen[0][1:] == (1, 1, 0)


@pytest.mark.parametrize("change", CHANGES)
def test_a_database_of_another_shape_is_not_used_again(
    postgres: postgresql.Server, change: str
) -> None:
    with (
        databases.postgresql_copy(postgres) as address,
        databases.open_records(address) as records,
        records.database.engine.begin() as connection,
    ):
        connection.execute(text(change))
    with databases.postgresql_copy(postgres) as other:
        assert other != address


def test_two_tests_at_once_do_not_share_a_database(postgres: postgresql.Server) -> None:
    with databases.postgresql_copy(postgres) as one, databases.postgresql_copy(postgres) as other:
        assert one != other
