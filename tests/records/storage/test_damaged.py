"""Damaged rows are found from an index that holds nothing else."""

import re

import pytest
from sqlalchemy import select, text
from support.casework.case_writes import added, once, site
from support.storage.databases import People

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State, is_put_back
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.damaged_rows import has_damage, is_damaged
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.storage.damaged import DAMAGED_CASE, DAMAGED_CHASE
from screening.records.storage.tables import CaseRow
from screening.records.worklist.worklist import Query, worklist


@pytest.fixture
def nurse(sqlite_records: Records) -> Actor:
    return People(sqlite_records).actor(Role.NURSE)


def words(condition: str) -> set[str]:
    return set(re.findall(r"'([a-z]+)'", condition))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_conditions_know_every_word_that_a_column_can_have(dialect: str) -> None:
    finders = {each.value for each in Finder}
    assert words(DAMAGED_CASE[dialect]) == finders | {each.value for each in State}
    assert words(DAMAGED_CHASE[dialect]) == finders
    values = [each.value for each in Priority]
    assert f"priority NOT BETWEEN {min(values)} AND {max(values)}" in DAMAGED_CASE[dialect]


def test_the_database_looks_at_no_other_row(sqlite_records: Records) -> None:
    with sqlite_records.database.reading() as session:
        for chosen, indexes in (
            (is_damaged(), ["ix_cases_damaged"]),
            (has_damage(), ["ix_cases_damaged", "ix_chases_damaged"]),
        ):
            query = select(CaseRow.id).where(chosen).compile(session.get_bind())
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            steps = " ".join(row.detail for row in plan)
            for index in indexes:
                assert f"USING INDEX {index}" in steps or f"COVERING INDEX {index}" in steps


def test_no_sealed_answer_is_read_to_see_if_a_case_was_put_back(sqlite_records: Records) -> None:
    with sqlite_records.database.reading() as session:
        query = select(CaseRow.id).where(is_put_back()).compile(session.get_bind())
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
        assert "SEARCH answers USING COVERING INDEX" in " ".join(row.detail for row in plan)


@pytest.mark.parametrize(
    "due",
    ["'2026-02-30'", "'0000-01-01'", "'now'", "''", "x'323032362d31312d3230'", "20261120", "x'ff'"],
)
@pytest.mark.parametrize("table", ["cases", "chases"])
def test_a_day_that_is_none_is_found(
    sqlite_records: Records, nurse: Actor, table: str, due: str
) -> None:
    damaged, sound = (added(sqlite_records, nurse, reference=each) for each in ("R-1", "R-2"))
    for case_id in (damaged, sound):
        day = sqlite_records.now().date()
        chase = Chase(link_id="age", owner=Finder.REPORT, due=day)
        set_chases(open_case(sqlite_records, nurse, case_id), 1, {"age": chase}, once())
    name = "id" if table == "cases" else "case_id"
    with sqlite_records.database.writing() as session:
        session.execute(text(f"UPDATE {table} SET due = {due} WHERE {name} = '{damaged}'"))
    with sqlite_records.database.reading() as session:
        assert list(session.scalars(select(CaseRow.id).where(has_damage()))) == [damaged]
    assert site(nurse)
    assert len(worklist(sqlite_records, nurse, Query()).cases) == 2
