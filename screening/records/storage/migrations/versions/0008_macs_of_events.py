"""MACs of events, keyed with a secret that is not in the database."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the change."""
    op.add_column("events", sa.Column("mac", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("events", "mac")
