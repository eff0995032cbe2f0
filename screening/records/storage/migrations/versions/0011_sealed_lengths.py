"""Nothing of the tables; from here on all that is sealed is as ``resealing`` makes it."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing: what was sealed again stays so."""
