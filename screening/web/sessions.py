"""Sessions on the server: the browser holds a name of chance, the database its hash and the rest.

Only who signs in gets one. Everybody else has, as without records, at most one signed cookie with
the token that protects forms, and no row in any table.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_session.base import ServerSideSession, ServerSideSessionInterface
from sqlalchemy import delete

from screening.records.accounts import User
from screening.records.store import Records
from screening.records.tables import SessionRow

HELD_BY_ANYBODY = frozenset({"csrf_token", "fs_cc", "_flashes", "_permanent", "_fresh"})
"""What the signed cookie may hold; anything else makes a session of the server's."""
PASSIVE = frozenset({"accounts.remaining"})
"""Requests that a page makes by itself, without anybody being there."""
EXTEND_EVERY = 15
"""A session's limit moves after a fifteenth of its length, so that few requests write."""


class OurSession(ServerSideSession):  # type: ignore[misc] - the library has no types
    """A session, with what the database knows of it."""

    row: SessionRow | None = None
    expired: SessionRow | None = None
    fresh_name: bool = False


class Sessions(ServerSideSessionInterface):  # type: ignore[misc] - the library has no types
    """Keeps sessions in the records' database."""

    session_class = OurSession

    def __init__(self, app: Flask, records: Records) -> None:
        """Take the limits from the settings."""
        super().__init__(app)
        self.records = records
        self.serializer = TaggedJSONSerializer()
        self.anybody = SecureCookieSessionInterface()
        self.idle: dt.timedelta = app.config["SESSION_IDLE"]
        self.longest: dt.timedelta = app.config["SESSION_LONGEST"]

    @property
    def cookie(self) -> str:
        """The name of the cookie that holds a session's name."""
        name = "screening-session"
        return f"__Host-{name}" if self.app.config["SESSION_COOKIE_SECURE"] else name

    def open_session(self, app: Flask, request: Request) -> OurSession:
        """Find the session of a request."""
        if request.path.startswith(f"{app.static_url_path}/"):
            return OurSession()
        name = request.cookies.get(self.cookie)
        row = self._row(name) if name else None
        if name and row and row.expires_at > self.records.now():
            found = OurSession(self.serializer.loads(row.data.decode()), sid=name)
            found.row = row
            return found
        held = self.anybody.open_session(app, request)
        opened = OurSession(_only(held or {}, HELD_BY_ANYBODY))
        opened.expired = row
        return opened

    def save_session(self, app: Flask, session: OurSession, response: Response) -> None:
        """Keep a session: in the signed cookie until somebody signs in, then in the database."""
        if session.accessed:
            response.vary.add("Cookie")
        if set(session) - HELD_BY_ANYBODY:
            self._keep(app, session, response)
            return
        if session.row is not None:
            self._delete_session(session.row.id)
            response.delete_cookie(self.cookie, secure=self.get_cookie_secure(app), httponly=True)
        if session.modified:
            held = self.anybody.session_class(_only(session, HELD_BY_ANYBODY))
            held.modified = True
            self.anybody.save_session(app, held, response)

    def _keep(self, app: Flask, session: OurSession, response: Response) -> None:
        now = self.records.now()
        row = session.row
        if row is not None and not session.fresh_name:
            if session.modified or self._extends(row, now):
                self._upsert_session(self.idle, session, row.id)
            return
        if row is not None:
            self._delete_session(row.id)
        session.sid = secrets.token_urlsafe(32)
        self._upsert_session(self.idle, session, _hash(session.sid))
        response.set_cookie(
            self.cookie,
            session.sid,
            httponly=True,
            secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
        )

    def _extends(self, row: SessionRow, now: dt.datetime) -> bool:
        from flask import request

        if request.endpoint in PASSIVE:
            return False
        until = min(now + self.idle, row.started_at + self.longest)
        return until - row.expires_at >= self.idle / EXTEND_EVERY

    def _row(self, name: str) -> SessionRow | None:
        with self.records.database.reading() as session:
            return session.get(SessionRow, _hash(name))

    def _retrieve_session_data(self, store_id: str) -> Mapping[str, Any] | None:
        raise NotImplementedError

    def _delete_session(self, store_id: str) -> None:
        with self.records.database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.id == store_id))

    def _upsert_session(
        self, session_lifetime: dt.timedelta, session: OurSession, store_id: str
    ) -> None:
        now = self.records.now()
        started = session.row.started_at if session.row and not session.fresh_name else now
        user = current_user._get_current_object()  # noqa: SLF001 - how a proxy is asked
        with self.records.database.writing() as writing:
            writing.merge(
                SessionRow(
                    id=store_id,
                    data=cast("str", self.serializer.dumps(dict(session))).encode(),
                    user_id=user.id if isinstance(user, User) else None,
                    started_at=started,
                    expires_at=min(now + session_lifetime, started + self.longest),
                )
            )


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _only(held: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name in names}
