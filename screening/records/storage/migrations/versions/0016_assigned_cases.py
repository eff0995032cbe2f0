"""A case can be assigned to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

LISTED = (
    *("site_id", "touched_at", "id", "state", "priority", "clinic"),
    *("due", "waits_for", "touched_by", "created_at"),
)


def upgrade() -> None:
    """Make the change."""
    op.add_column("cases", sa.Column("assigned_to", sa.Integer(), nullable=True))
    _index([*LISTED, "assigned_to"])


def downgrade() -> None:
    """Undo the change."""
    _index(LISTED)
    op.drop_column("cases", "assigned_to")


def _index(columns: list[str] | tuple[str, ...]) -> None:
    """Make the index of the worklist again, with these columns."""
    open_still = sa.text("erased_at IS NULL")
    op.drop_index("ix_cases_listed", "cases")
    op.create_index(
        "ix_cases_listed",
        "cases",
        list(columns),
        sqlite_where=open_still,
        postgresql_where=open_still,
    )
