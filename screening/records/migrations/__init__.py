"""Alembic runs what lies here; see ``records.schema``."""
