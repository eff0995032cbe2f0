"""The application without accounts."""

from support.fixtures.public import app, client

__all__ = ["app", "client"]
