"""The people of an application with casework, and their real browsers."""

from support.fixtures.account_browsers import own_browser, service, visit
from support.fixtures.accounts import ann, app, clock, north, signed_in, visitor

__all__ = [
    "ann",
    "app",
    "clock",
    "north",
    "own_browser",
    "service",
    "signed_in",
    "visit",
    "visitor",
]
