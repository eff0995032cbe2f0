"""The kept forms of a case name the case, and go with it.

Some of what was kept until now showed an urgent sign: it is dropped, since the
version of a case judges a form that is sent again. The rest stays, so that no case is added twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the change."""
    op.execute("DELETE FROM once WHERE result LIKE '% conflict'")
    op.add_column("once", sa.Column("case_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_once_case_id"), "once", ["case_id"])


def downgrade() -> None:
    """Undo the change."""
    op.drop_index(op.f("ix_once_case_id"), "once")
    op.drop_column("once", "case_id")
