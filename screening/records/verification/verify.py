"""Verification: the ledger is whole, it covers every row, and a witness agrees.

Memory does not grow with the ledger: events and rows are read in portions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import (
    select,
    text,
)
from sqlalchemy.orm import Session

from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Verifier
from screening.records.storage.append_only import find_unguarded
from screening.records.storage.shape import differences
from screening.records.storage.sqlite_values import read_any_text
from screening.records.storage.tables import EventRow
from screening.records.verification.chain import trusted_heads, verify_chain
from screening.records.verification.rows import count_rows, verify_covered
from screening.records.verification.spelling import find_misspelled
from screening.records.verification.verdict import MOST_FAULTS, Verdict, report_unreadable

Watch = Callable[[int, int], None]
ALTERED = EventKind.ALTERATION_FOUND.value


def verify_ledger(
    records: Records,
    heads: Sequence[Head] = (),
    verifier: Verifier | None = None,
    watch: Watch | None = None,
) -> Verdict:
    """Read the whole ledger and every row that it covers.

    Args:
        records: to be verified. They are not changed.
        heads: signed heads that a witness kept.
        verifier: by whose key the heads must have been signed.
        watch: is called with how much was read, and with how much there is.
    """
    verdict = Verdict()
    with records.database.reading() as session, _any_text(session):
        if watch is not None:
            verdict.watch = partial(_show, watch, count_rows(session))
        if records.database.sqlite:
            _verify_file(session, verdict)
        for table in find_unguarded(session):
            message = "its rows can be changed: the trigger that prevents it is missing or changed"
            verdict.report("guard-missing", table, message)
        trusted = trusted_heads(heads, verifier, verdict)
        for each in differences(session):
            verdict.report("shape-changed", f"{each.kind}/{each.name}", each.message)
        with report_unreadable(verdict, "database"):
            _verify_spelling(session, verdict)
        with report_unreadable(verdict, "events"):
            verify_chain(session, verdict, trusted, records.keyring())
        with report_unreadable(verdict, "ledger"):
            verify_covered(session, verdict)
        _verify_unaltered(session, verdict)
    return verdict


def _show(watch: Watch, total: int, done: int) -> None:
    watch(done, total)


@contextmanager
def _any_text(session: Session) -> Iterator[None]:
    """Keep texts of SQLite that are not UTF-8 apart, so that a change of one is found."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection: Any = session.connection().connection.dbapi_connection
    connection.text_factory = partial(bytes.decode, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        read_any_text(connection)


def _verify_spelling(session: Session, verdict: Verdict) -> None:
    for row, column in find_misspelled(session, MOST_FAULTS):
        message = f"its {column} is stored in a way that the application never writes"
        verdict.report("misspelled", row, message)


def _verify_unaltered(session: Session, verdict: Verdict) -> None:
    """Alterations that the application found stay faults, whatever was written over them."""
    found = select(EventRow.seq, EventRow.row).where(EventRow.kind == ALTERED)
    for event in session.execute(found.order_by(EventRow.seq).limit(MOST_FAULTS)):
        message = f"it was changed behind the application's back before event {event.seq}"
        verdict.report("row-altered", event.row, message)


def _verify_file(session: Session, verdict: Verdict) -> None:
    """An index that differs from its table would show one row to one question, another to the next.

    PostgreSQL keeps checksums of its pages for that (initdb --data-checksums).
    """
    for said in session.scalars(text(f"PRAGMA integrity_check({MOST_FAULTS})")):
        if said != "ok":
            verdict.report("file-damaged", "database", "SQLite reports that its file is damaged")
            return
