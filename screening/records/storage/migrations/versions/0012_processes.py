"""The figures of each process of the service."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "processes",
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_processes")),
    )


def downgrade() -> None:
    """Undo the change."""
    op.drop_table("processes")
