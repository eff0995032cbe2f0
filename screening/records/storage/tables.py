"""The tables, as SQLAlchemy maps them. Migrations make them; nothing else may.

Of the tables ``APPEND_ONLY``, triggers of the database refuse to change or delete a row. What is
known about a patient is ``sealed`` (see ``vault``). Rows say who wrote them by the number of an
account; accounts are never deleted.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from screening.records.storage.damaged import DAMAGED_CASE, DAMAGED_CHASE

APPEND_ONLY = (
    *("answers", "assessments", "reviews", "rulesets", "events"),
    *("emergency_accesses", "activations", "case_notes"),
    *("emergency_tries", "emergency_looks", "rights_steps"),
)
SINCE, DEFAULT = "since", "default"
UNCOVERED = {"uncovered": True}
"""The ``info`` of a column that no digest covers: made from one, or a counter of sign-ins."""
ID = String(32)
ORDERED = String(120).with_variant(String(120, collation="C"), "postgresql")
"""A text that is put in order: by its bytes, as SQLite does."""


def instant_text(value: dt.datetime) -> str:
    """A moment as it is kept.

    Raises:
        ValueError: if it has no time zone.
    """
    if value.tzinfo is None:
        message = "a moment needs its time zone"
        raise ValueError(message)
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def since(version: int, default: object = None) -> dict[str, Any]:
    """The ``info`` of a column that was added later; ``digests`` says how to add one.

    Args:
        version: the first version of the table's digests that covers the column.
        default: what its migration put into the rows that were there.
    """
    return {SINCE: version, DEFAULT: default}


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC, kept as ISO 8601 text: the same bytes in every database, and in order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To text.

        Raises:
            ValueError: if the moment has no time zone.
        """
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """From text."""
        return None if value is None else dt.datetime.fromisoformat(value)


def _damaged_index(name: str, column: str, damaged: Mapping[str, str]) -> Index:
    """An index of the damaged rows of a table alone."""
    return Index(
        name,
        column,
        sqlite_where=text(damaged["sqlite"]),
        postgresql_where=text(damaged["postgresql"]),
    )


class Base(DeclarativeBase):
    """All tables. Constraints have names, so that a migration can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SiteRow(Base):
    """A place whose nurses see the same cases. Without a time zone it has the installation's.

    ``letter_head`` and ``letter_foot`` are printed on its letters: an address, a telephone number.
    """

    __tablename__ = "sites"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    letter_head: Mapped[str | None] = mapped_column(String(500), info=since(2))
    letter_foot: Mapped[str | None] = mapped_column(String(500), info=since(2))


class CaseRow(Base):
    """One referral. ``version`` counts its writes; ``sealed`` holds a ``cases.Summary`` as JSON."""

    __tablename__ = "cases"
    __table_args__ = (
        # All that the worklist filters and sorts by: it reads no row that it does not show.
        Index(
            "ix_cases_listed",
            *("site_id", "touched_at", "id", "state", "priority", "clinic"),
            *("due", "waits_for", "touched_by", "created_at", "assigned_to"),
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
        _damaged_index("ix_cases_damaged", "id", DAMAGED_CASE),
    )
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    version: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    clinic: Mapped[str] = mapped_column(ORDERED)
    priority: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    waits_for: Mapped[str | None] = mapped_column(String(20))
    due: Mapped[dt.date | None] = mapped_column(Date)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    created_by: Mapped[int] = mapped_column(Integer)
    touched_at: Mapped[dt.datetime] = mapped_column(Instant)
    touched_by: Mapped[int] = mapped_column(Integer)
    assigned_to: Mapped[int | None] = mapped_column(Integer, info=since(2))
    erased_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class CaseKeyRow(Base):
    """A case's own key, wrapped by a key of the keyring. Without it the case cannot be read."""

    __tablename__ = "case_keys"
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)


class SecretRow(Base):
    """A key of the whole database, wrapped by a key of the keyring."""

    __tablename__ = "secrets"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class WordRow(Base):
    """A keyed hash of something that a case can be found by."""

    __tablename__ = "case_words"
    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class AnswerRow(Base):
    """One answer to one question, or its withdrawal, made by one write of the case."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("case_id", "link_id", "version"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    link_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    how: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class ChaseRow(Base):
    """A missing answer: the finder, and the due date."""

    __tablename__ = "chases"
    __table_args__ = (_damaged_index("ix_chases_damaged", "case_id", DAMAGED_CHASE),)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    link_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    owner: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int | None] = mapped_column(Integer)
    due: Mapped[dt.date] = mapped_column(Date, index=True)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class AssessmentRow(Base):
    """An assessment, with everything that it was computed from. Numbers start at 1.

    ``content_digest`` is SHA-256, in hex, over the content before it was sealed, in which a salt of
    256 bits keeps anybody from guessing it: so one content can be shown to belong to the ledger
    without the key of the case.
    """

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    case_version: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[dt.date] = mapped_column(Date)
    ruleset_digest: Mapped[str] = mapped_column(ForeignKey("rulesets.digest"), index=True)
    content_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class ReviewRow(Base):
    """The decision of a person on an assessment, apart from what was computed."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"))
    number: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class NoteRow(Base):
    """A note on a case, from 1 on. Its subject is sealed with it, and is in no column."""

    __tablename__ = "case_notes"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class RulesetRow(Base):
    """The texts of a ruleset's files as they were when it was first used, as JSON by name."""

    __tablename__ = "rulesets"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ruleset_id: Mapped[str] = mapped_column(String(80))
    ruleset_version: Mapped[str] = mapped_column(String(40))
    texts: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(Instant)


class ActivationRow(Base):
    """A step by which rules come into use: one person proposes, and in another row one approves."""

    __tablename__ = "activations"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    ruleset_digest: Mapped[str] = mapped_column(ForeignKey("rulesets.digest"), index=True)
    proposed_by: Mapped[int] = mapped_column(Integer)
    approved_by: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[dt.datetime] = mapped_column(Instant)


class RightsStepRow(Base):
    """A step by which somebody's rights change, or a way into their account: see ``rights_steps``.

    ``proposal`` is the number of the first step of the same change. ``content`` is JSON: the roles
    and sites before and after.
    """

    __tablename__ = "rights_steps"
    __table_args__ = (UniqueConstraint("proposal", "step", "by"),)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    proposal: Mapped[int] = mapped_column(Integer, index=True)
    action: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(Integer, index=True)
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class EmergencyRow(Base):
    """A case of another site that somebody opened for a while; ``sealed`` holds a note."""

    __tablename__ = "emergency_accesses"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    by: Mapped[int] = mapped_column(Integer, index=True)
    reason: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)


class EmergencyTryRow(Base):
    """An emergency search for a reference that no case of another site has.

    ``sealed`` holds it under a key of its own, the ``SecretRow`` of the same name.
    """

    __tablename__ = "emergency_tries"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    by: Mapped[int] = mapped_column(Integer, index=True)
    reason: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[dt.datetime] = mapped_column(Instant)


class EmergencyCheckRow(Base):
    """The check of an emergency access by a lead nurse of the case's site, and the finding."""

    __tablename__ = "emergency_looks"  # an older word; another would need a migration
    __table_args__ = (UniqueConstraint("access_id"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    access_id: Mapped[str] = mapped_column(ForeignKey("emergency_accesses.id"))
    finding: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class IdentityRow(Base):
    """The name of an account at a provider of single sign-on: see ``identities``."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("issuer", "user_id"),
    )
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)


class EventRow(Base):
    """One entry of the ledger: digests and ids, never health data. See ``ledger``."""

    __tablename__ = "events"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    row: Mapped[str] = mapped_column(String(120), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    change: Mapped[str | None] = mapped_column(Text, info=since(2))
    mac: Mapped[str | None] = mapped_column(String(64), info=UNCOVERED)


class IdempotencyKeyRow(Base):
    """A write that was asked for under a key, and what came of it; it is done once only."""

    __tablename__ = "once"  # older than the word; another name would need a migration
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    by: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(200))
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)
    case_id: Mapped[str | None] = mapped_column(String(32), index=True)


class SessionRow(Base):
    """A sign-in session on the server. ``id`` is the hash of what the cookie holds."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    started_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


class TryRow(Base):
    """A try that failed, or is not judged yet, under each key that it counts for: see ``tries``."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_key_at", "key", "at"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


class KnownBrowserRow(Base):
    """A browser that a person signed in with; ``browser`` is the hash of what its cookie holds."""

    __tablename__ = "known_browsers"
    __table_args__ = (UniqueConstraint("browser", "user_id"),)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    browser: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


class ProcessRow(Base):
    """The figures of a process of the service: see ``processes``."""

    __tablename__ = "processes"
    process: Mapped[str] = mapped_column(String(32), primary_key=True)
    figures: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(Instant)


class Marker(Base):
    """A setting: ``demo`` says that every case is made up; ``columns-1`` is of imports, site 1."""

    __tablename__ = "markers"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
