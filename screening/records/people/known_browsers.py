"""Known browsers: those that a person has signed in with, whose wrong tries are counted apart.

So the wrong tries of others do not keep the person out. The cookie of such a browser is a random
name that says nothing about the person; the database holds its hash. It opens nothing. One browser
can be known for many people, as on a ward: its cookie then holds a name for each of them.
"""

import datetime as dt
import hashlib
import secrets
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from screening.records.ledger.records import Records
from screening.records.storage.tables import KnownBrowserRow

KEPT = dt.timedelta(days=180)
BETWEEN = "."
MOST_NAMES = 40
"""For how many people one browser is known, those who signed in last: a cookie has 4096 bytes."""


def find_known(records: Records, held: str, user: int) -> str | None:
    """The id under which a browser is known for a person; None if it is not.

    Args:
        records: where it is noted.
        held: what the browser's cookie holds.
        user: the number of the account.
    """
    row = KnownBrowserRow
    asked = select(row.id).where(row.browser.in_(_hashes(held)), row.user_id == user)
    with records.database.reading() as session:
        return session.scalar(asked.where(row.expires_at > records.now()))


def know_browser(records: Records, held: str | None, user: int) -> str:
    """Note that a person has signed in with a browser; gives what its cookie holds from now on.

    The person's name for it is a new one after each sign-in, so that a copy of the cookie is soon
    worth nothing. The names of other people stay: with a copy, signing in as somebody else makes
    it known for nobody any longer than it was. The id stays, under which wrong tries are counted.
    """
    fresh, row, now = secrets.token_urlsafe(32), KnownBrowserRow, records.now()
    named = _hashes(held or "")
    until = now + KEPT
    with records.database.writing() as session:
        session.execute(delete(row).where(row.expires_at <= now))
        mine = select(row).where(row.browser.in_(named), row.user_id == user)
        found = session.scalars(mine.limit(1)).first()
        if found is None:
            session.add(row(id=uuid4().hex, browser=_hash(fresh), user_id=user, expires_at=until))
        else:
            found.browser, found.expires_at = _hash(fresh), until
        session.flush()
        left = set(session.scalars(select(row.browser).where(row.browser.in_(named))))
    others = [name for digest, name in named.items() if digest in left]
    return BETWEEN.join([fresh, *others][:MOST_NAMES])


def forget_browsers(session: Session, user: int) -> None:
    """Forget every known browser of a person, in the transaction that ends sessions."""
    session.execute(delete(KnownBrowserRow).where(KnownBrowserRow.user_id == user))


def _hashes(held: str) -> dict[str, str]:
    """The names that a cookie holds, by their hashes."""
    return {_hash(name): name for name in held.split(BETWEEN)[:MOST_NAMES]}


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
