"""A site has a time zone, so that its nurses' day is not the server's."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    op.add_column("sites", sa.Column("time_zone", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("sites", "time_zone")
