"""Alembic runs what lies here; see ``schema``."""
