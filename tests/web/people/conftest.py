"""The people of an application with casework."""

from support.fixtures.accounts import ann, app, clock, north, signed_in, visitor

__all__ = ["ann", "app", "clock", "north", "signed_in", "visitor"]
