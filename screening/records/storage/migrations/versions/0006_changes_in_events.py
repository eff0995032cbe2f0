"""The column for what an event changed, with before and after."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the change."""
    op.add_column("events", sa.Column("change", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("events", "change")
