"""The signer of heads and evidence for this server, and how large a ledger it reads."""

from collections.abc import Callable
from typing import cast

from flask import current_app
from sqlalchemy import func, select

from screening.errors import ScreeningError
from screening.records.storage.tables import EventRow
from screening.records.witness.heads import HeadSource
from screening.translation import gettext, mark
from screening.web.shell.context import records

SIGNER = "SIGNER"
"""The setting that holds the opener of the source. The key itself is in no web process."""
MOST_EVENTS = 100_000
"""Larger ledgers are read by a command: a page would keep its reader waiting."""
NO_SIGNER = mark(
    "This server cannot sign heads or evidence, so you cannot make any here."
    " Tell the people who run this service."
)
TOO_LARGE = mark("The ledger is too large for this page. On the server, run: {command}")


def find_signer() -> HeadSource | None:
    """The source of signed heads; None if this server has none, or it does not answer."""
    opener = cast("Callable[[], HeadSource] | None", current_app.config.get(SIGNER))
    if opener is None:
        return None
    try:
        source = opener()
        found = source.verifier
    except ScreeningError:
        return None
    return source if found else None


def count_events() -> int:
    """The number of events in the ledger."""
    with records().database.reading() as session:
        return session.scalar(select(func.max(EventRow.seq))) or 0


def too_large(command: str) -> str:
    """The advice if the ledger is too large to be read for a page; empty if it is not."""
    most = int(current_app.config.get("MOST_EVENTS", MOST_EVENTS))
    return gettext(TOO_LARGE, command=command) if count_events() > most else ""


def why_not_signed(command: str) -> str:
    """The reason why nothing can be signed here; empty if it can."""
    return gettext(NO_SIGNER) if find_signer() is None else too_large(command)
