"""Emergency searches that found no case, and checks of emergency accesses."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

APPEND_ONLY = ("emergency_tries", "emergency_looks")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "emergency_tries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_tries")),
    )
    op.create_index(op.f("ix_emergency_tries_by"), "emergency_tries", ["by"])
    op.create_table(
        "emergency_looks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("access_id", sa.String(length=32), nullable=False),
        sa.Column("finding", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["access_id"], ["emergency_accesses.id"], name=op.f("fk_emergency_looks_access_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_looks")),
        sa.UniqueConstraint("access_id", name=op.f("uq_emergency_looks_access_id")),
    )
    for table in APPEND_ONLY:
        _forbid_changes(table)


def downgrade() -> None:
    """Undo the change."""
    for table in APPEND_ONLY:
        _allow_changes(table)
    op.drop_table("emergency_looks")
    op.drop_index(op.f("ix_emergency_tries_by"), "emergency_tries")
    op.drop_table("emergency_tries")


def _forbid_changes(table: str) -> None:
    """Refuse to change or delete a row. The names come from this file alone."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def _allow_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{what}")
        return
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(f"DROP FUNCTION {table}_is_append_only()")
