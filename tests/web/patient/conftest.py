"""A client, and people who answer questions with it."""

from support.fixtures.public import app, client
from support.fixtures.visits import patient_result, press, today, walk

__all__ = ["app", "client", "patient_result", "press", "today", "walk"]
