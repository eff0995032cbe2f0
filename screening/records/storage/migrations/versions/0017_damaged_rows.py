"""Damaged rows are found without a look at every row."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

FINDERS = "('patient', 'report', 'records', 'clinician', 'operator')"
ODD_DAYS = {
    "sqlite": "CASE WHEN due GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
    " AND due >= '0001-01-01' THEN date(due, '+0 days') END IS NOT due",
    "postgresql": "CASE WHEN due BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
    " THEN due END IS DISTINCT FROM due",
}


def upgrade() -> None:
    """Make the change."""
    odd_day = ODD_DAYS[op.get_bind().dialect.name]
    case = (
        "state NOT IN ('decided', 'closed') AND"
        " (state NOT IN ('new', 'screening', 'assessed') OR priority NOT BETWEEN 1 AND 3"
        f" OR waits_for NOT IN {FINDERS} OR {odd_day}"
        " OR length(touched_at) <> 27 OR length(created_at) <> 27)"
    )
    chase = f"owner NOT IN {FINDERS} OR {odd_day} OR length(at) <> 27"
    _index("cases", "id", case)
    _index("chases", "case_id", chase)


def downgrade() -> None:
    """Undo the change."""
    op.drop_index("ix_chases_damaged", "chases")
    op.drop_index("ix_cases_damaged", "cases")


def _index(table: str, column: str, damaged: str) -> None:
    where = sa.text(damaged)
    op.create_index(
        f"ix_{table}_damaged", table, [column], sqlite_where=where, postgresql_where=where
    )
