"""Known browsers: those that a person has signed in with, whose wrong tries are counted apart.

So the wrong tries of others do not keep the person out. The cookie of such a browser is a random
name that says nothing about the person; the database holds its hash. It opens nothing. One browser
can be known for many people, as on a ward.
"""

import datetime as dt
import hashlib
import secrets
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from screening.records.store import Records
from screening.records.tables import KnownBrowserRow

KEPT = dt.timedelta(days=180)


def find_known(records: Records, name: str, user: int) -> str | None:
    """The id under which a browser is known for a person; None if it is not.

    Args:
        records: where it is noted.
        name: what the browser's cookie holds.
        user: the number of the account.
    """
    row = KnownBrowserRow
    asked = select(row.id).where(row.browser == _hash(name), row.user_id == user)
    with records.database.reading() as session:
        return session.scalar(asked.where(row.expires_at > records.now()))


def know_browser(records: Records, name: str | None, user: int) -> str:
    """Note that a person has signed in with a browser; gives its new name, for its cookie.

    A browser gets a new name at each sign-in, so that a copy of the cookie is soon worth nothing.
    The id stays, under which wrong tries are counted.
    """
    fresh, row, now = secrets.token_urlsafe(32), KnownBrowserRow, records.now()
    with records.database.writing() as session:
        session.execute(delete(row).where(row.expires_at <= now))
        if name is not None:
            renamed = update(row).where(row.browser == _hash(name))
            session.execute(renamed.values(browser=_hash(fresh)))
        mine = (row.browser == _hash(fresh)) & (row.user_id == user)
        if session.scalar(select(func.count()).where(mine)):
            session.execute(update(row).where(mine).values(expires_at=now + KEPT))
        else:
            session.add(
                row(id=uuid4().hex, browser=_hash(fresh), user_id=user, expires_at=now + KEPT)
            )
    return fresh


def forget_browsers(session: Session, user: int) -> None:
    """Let no browser be known any longer for a person, in the transaction that ends sessions."""
    session.execute(delete(KnownBrowserRow).where(KnownBrowserRow.user_id == user))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
