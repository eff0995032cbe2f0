"""Alembic runs these migrations; see ``schema``."""
