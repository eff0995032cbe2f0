"""Each site has a head and a foot for its letters."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the change."""
    op.add_column("sites", sa.Column("letter_head", sa.String(length=500), nullable=True))
    op.add_column("sites", sa.Column("letter_foot", sa.String(length=500), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("sites", "letter_foot")
    op.drop_column("sites", "letter_head")
