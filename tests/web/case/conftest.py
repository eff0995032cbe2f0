"""A case, the people who work on it, and their browsers."""

from support.fixtures.cases import app, case_id, hire, look, nora, served, site

__all__ = ["app", "case_id", "hire", "look", "nora", "served", "site"]
