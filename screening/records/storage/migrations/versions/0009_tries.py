"""Tries that failed, and the browsers that people sign in with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "tries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", "key", name=op.f("pk_tries")),
    )
    op.create_index("ix_tries_key_at", "tries", ["key", "at"])
    op.create_index(op.f("ix_tries_at"), "tries", ["at"])
    op.create_table(
        "known_browsers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_browsers_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browsers")),
        sa.UniqueConstraint("browser", "user_id", name=op.f("uq_known_browsers_browser_user_id")),
    )
    op.create_index(op.f("ix_known_browsers_user_id"), "known_browsers", ["user_id"])
    op.create_index(op.f("ix_known_browsers_expires_at"), "known_browsers", ["expires_at"])


def downgrade() -> None:
    """Undo the change."""
    op.drop_table("known_browsers")
    op.drop_table("tries")
