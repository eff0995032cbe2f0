"""Signing in, sessions, second factors, and who may open which page."""

from screening.records.storage import account_tables  # noqa: F401 - see there how it is loaded
