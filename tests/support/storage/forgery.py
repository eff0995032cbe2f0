"""Writing a past anew, as whoever owns the database can do, and as whoever has the keyring too."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import select, text
from support.storage.database_owner import unguarded

from screening.records.ledger.digests import row_digest, row_name
from screening.records.ledger.entries import events
from screening.records.ledger.epochs import mac_at
from screening.records.ledger.events import NO_HASH, event_hash
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow, ReviewRow

_RESTING = ("assessments", "activations")
"""The tables that refer to recorded rules."""


def tamper(records: Records, *statements: str) -> None:
    """Do as somebody who owns the database: the triggers are no hindrance."""
    with records.database.writing() as session, unguarded(session):
        for statement in statements:
            session.execute(text(statement))


def remove_rules(records: Records) -> None:
    """Delete all recorded rules, though results refer to them; foreign keys are no hindrance."""
    engine = records.database.engine
    if engine.dialect.name == "postgresql":
        drop = [f"ALTER TABLE {each} DROP CONSTRAINT fk_{each}_ruleset_digest" for each in _RESTING]
        tamper(records, *drop, "DELETE FROM rulesets")
        return
    with closing(sqlite3.connect(str(engine.url.database))) as raw, raw:
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rulesets'"
        )
        triggers = raw.execute(query).fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM rulesets")
        for _, made in triggers:
            raw.execute(made)


def rewrite(
    records: Records, change: Callable[[EventRow], None], ring: Keyring | None = None
) -> None:
    """Write the whole chain again, so that it is whole in itself; with a keyring, its MACs too."""
    with records.database.writing() as session, unguarded(session):
        previous = NO_HASH
        for event in list(events(session)):
            event = session.merge(event)  # noqa: PLW2901 - the portion was detached
            change(event)
            event.previous = previous
            event.hash = previous = event_hash(event)
            if ring is not None:
                event.mac = mac_at(ring, event.seq, event.hash)


def forge_decision(records: Records, ring: Keyring | None = None) -> None:
    """Let the last decision be another one, by somebody else, with every digest and hash anew."""
    with records.database.writing() as session, unguarded(session):
        row = session.scalars(select(ReviewRow).order_by(ReviewRow.at.desc())).first()
        assert row is not None
        row.decision, row.by = "do-not-refer", 999
        name, digest = row_name(row), row_digest(row)

    def follow(event: EventRow) -> None:
        if event.row == name:
            event.digest, event.by = digest, 999

    rewrite(records, follow, ring)


def cut_off(records: Records, count: int) -> None:
    """Let the last events be gone, and whatever rows only they tell of."""
    with records.database.writing() as session, unguarded(session):
        for event in session.scalars(select(EventRow).order_by(EventRow.seq.desc()).limit(count)):
            session.delete(event)
