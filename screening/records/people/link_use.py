"""A password link is used up when the person has a way in since: a password, or single sign-on."""

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from screening.records.ledger.events import EventKind
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow, RightsStepRow


def has_way_in_since(session: Session, number: int, seq: int | ScalarSelect[int]) -> bool:
    """True if somebody set the password of an account, or linked it, after an event."""
    row, kind = f"{account_tables.User.__tablename__}/{number}", EventRow.kind
    password = (EventRow.row == row) & (kind == EventKind.PASSWORD_CHANGED.value)
    linked = (EventRow.by == number) & (kind == EventKind.IDENTITY_LINKED.value)
    query = select(EventRow.seq).where(EventRow.seq > seq, or_(password, linked))
    return session.scalar(query.limit(1)) is not None


def is_link_used(session: Session, approved: RightsStepRow) -> bool:
    """True if the link was used, or became needless, since its approval."""
    row = f"{RightsStepRow.__tablename__}/{approved.number}"
    event = (EventRow.row == row) & (EventRow.kind == EventKind.RIGHTS_APPROVED.value)
    seq = select(func.min(EventRow.seq)).where(event).scalar_subquery()
    return has_way_in_since(session, approved.user_id, seq)
