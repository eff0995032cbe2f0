"""The very first account: made by a link that the first start prints, and by nobody without it."""

import datetime as dt
import hashlib
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Role
from screening.records.ledger import events
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import NewPerson
from screening.records.storage.account_tables import User
from screening.records.storage.tables import Marker
from screening.translation import mark

GOOD_FOR = dt.timedelta(hours=24)
MARKER = "first-use"


class UsedLinkError(ScreeningError):
    """The link is used, too old, or was replaced by a newer one."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(mark("this link no longer works; start the server again for another"))


def setup_link(records: Records) -> str | None:
    """The path of a fresh link, which voids the one before; None once there is an account.

    The database holds its hash and until when it is good, so that no copy of it opens the door.
    """
    token = secrets.token_urlsafe(32)
    until = (records.now() + GOOD_FOR).isoformat()
    with records.database.writing() as session:
        if _has_accounts(session):
            return None
        session.merge(Marker(name=MARKER, value=f"{_hash(token)} {until}"))
    return f"/account/first/{token}"


def is_open(records: Records, token: str) -> bool:
    """True if a link's token can still make the first account."""
    with records.database.reading() as session:
        return _is_open(session, records, token)


def make_first(records: Records, token: str, name: str, email: str, password_hash: str) -> int:
    """Make the first account, an administrator's, and close the link; gives its number.

    Raises:
        UsedLinkError: if the link is not open, also if somebody was quicker.
    """
    roles = frozenset({Role.ADMINISTRATOR})
    new = NewPerson(
        name=name, email=email, roles=roles, sites=frozenset(), password_hash=password_hash
    )
    with records.database.writing() as session:
        events.lock(session)  # before the marker, as everybody takes them
        marker = session.scalar(select(Marker).where(Marker.name == MARKER).with_for_update())
        if marker is None or not _is_open(session, records, token):
            raise UsedLinkError
        session.delete(marker)
        return people.insert_person(session, records, COMMAND_LINE, new)


def _is_open(session: Session, records: Records, token: str) -> bool:
    marker = session.get(Marker, MARKER)
    if marker is None or _has_accounts(session):
        return False
    kept, _, until = marker.value.partition(" ")
    in_time = records.now() < dt.datetime.fromisoformat(until)
    return hmac.compare_digest(kept, _hash(token)) and in_time


def _has_accounts(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
