"""Sessions on the server: the browser holds a name of chance, the database its hash and the rest.

A row counts only with a MAC under the application's secret, which is not in the database. So
somebody who can write the database cannot sign anybody in with a row of their own.

Only who signs in gets one. Everybody else has, as without records, at most one signed cookie with
the token that protects forms, and no row in any table.
"""

import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection, Mapping
from typing import Any, cast

from flask import Flask, Request, Response, current_app
from flask import request as this_request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import current_user
from sqlalchemy import delete, select

from screening.records.installation.settings import read_number
from screening.records.ledger.records import Records
from screening.records.storage.account_tables import User
from screening.records.storage.tables import SessionRow

HELD_BY_ANYBODY = frozenset({"csrf_token", "fs_cc", "_flashes", "_permanent", "_fresh"})
"""The allowed content of the signed cookie; anything else makes a session of the server's."""
PASSIVE = frozenset({"own_account.session_time_left"})
"""The addresses that a page asks by itself, without anybody being there: they prolong nothing."""
IDLE_MINUTES, LONGEST_MINUTES = 15, 8 * 60
"""The limits of a session, unless the settings say otherwise: without a request, and at most."""
STEPS = 15
"""A session is prolonged after a fifteenth of its idle limit, so that few requests write."""
KEPT_AFTER = dt.timedelta(days=1)
"""The time for which a session's person is remembered, for answers that are sent too late."""
CLOCKS_DIFFER = dt.timedelta(minutes=5)
"""By how much a session may seem to begin later than now, as another server's clock is ahead."""
COOKIE = "screening-session"
DEVICE = "device"
"""Under which a session holds the browser and the system, for its person to know it by."""
MAC_BYTES = 32
"""The number of bytes of the MAC, at the start of a row's data."""


class OurSession(SecureCookieSession):
    """A session, and what the database knows of it. ``expired`` is one that the cookie named."""

    row: SessionRow | None = None
    expired: SessionRow | None = None
    fresh_name: bool = False


class Sessions(SecureCookieSessionInterface):
    """Keeps sessions in the records' database, and those of nobody in Flask's signed cookie."""

    def __init__(self, app: Flask, records: Records) -> None:
        """Take the limits from the settings."""
        self.records = records
        self._mac_key = hmac.digest(str(app.secret_key).encode(), b"rows of sessions", "sha256")
        self.idle = _limit(app, "SESSION_IDLE", "SCREENING_SESSION_IDLE_MINUTES", IDLE_MINUTES)
        self.longest = _limit(app, "SESSION_LONGEST", "SCREENING_SESSION_MINUTES", LONGEST_MINUTES)

    def get_cookie_name(self, app: Flask) -> str:
        """The signed cookie's; over TLS one that no other host and no plain connection can set."""
        return prefixed(app, app.config["SESSION_COOKIE_NAME"])

    @staticmethod
    def of_app() -> "Sessions":
        """Those of the application that serves the current request."""
        return cast("Sessions", current_app.session_interface)

    def left(self, session: OurSession) -> int:
        """The seconds that a session lasts if nothing more is done; 0 without one."""
        if session.row is None:
            return 0
        until = session.row.expires_at
        if this_request.endpoint not in PASSIVE:
            until = max(until, self._until(session.row.started_at))
        return max(0, int((until - self.records.now()).total_seconds()))

    def open_session(self, app: Flask, request: Request) -> OurSession:
        """Find the session of a request."""
        if request.path.startswith(f"{app.static_url_path}/"):
            return OurSession()
        name = request.cookies.get(prefixed(app, COOKIE))
        row = self._row(_hash(name)) if name else None
        if row is not None and self._is_good(row):
            found = OurSession(self._loaded(row))
            found.row = row
            return found
        opened = OurSession(_only(super().open_session(app, request) or {}))
        opened.expired = row
        return opened

    def of_person(self, user: int) -> list[tuple[SessionRow, str]]:
        """The sessions of a person that are on, each with its device, the newest first."""
        asked = select(SessionRow).where(SessionRow.user_id == user)
        with self.records.database.reading() as reading:
            rows = list(reading.scalars(asked.order_by(SessionRow.started_at.desc())))
        now = self.records.now()
        on = [row for row in rows if self._is_ours(row) and now < row.expires_at]
        return [(row, str(self._loaded(row).get(DEVICE, ""))) for row in on]

    def last_used(self, row: SessionRow) -> dt.datetime:
        """The time of the last use, to a minute; in the last minutes, when these began."""
        return max(row.started_at, row.expires_at - self.idle)

    def end(self, user: int, named: Collection[str]) -> int:
        """End sessions of a person by their ids; gives how many."""
        mine = (SessionRow.user_id == user) & SessionRow.id.in_(named)
        with self.records.database.writing() as writing:
            ended = writing.scalars(delete(SessionRow).where(mine).returning(SessionRow.id))
            return len(ended.all())

    def _is_good(self, row: SessionRow) -> bool:
        """True if a session is on. One that is not is over for good, if the clock is set back."""
        over = row.started_at - CLOCKS_DIFFER
        if over <= self.records.now() < row.expires_at:
            return True
        if row.expires_at > over:
            self._change(row.id, expires_at=over)
        return False

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep a session: in the signed cookie until somebody signs in, then in the database."""
        assert isinstance(session, OurSession)  # noqa: S101 - no other is opened
        if this_request.endpoint == "static":
            return
        if session.accessed:
            response.vary.add("Cookie")
        if set(session) - HELD_BY_ANYBODY:
            self._keep(app, session, response)
            return
        if session.row is not None:
            self._delete(session.row.id)
            self._set_cookie(app, response, "")
        if session.modified:
            held = SecureCookieSession(_only(session))
            held.modified = True
            super().save_session(app, held, response)

    def _keep(self, app: Flask, session: OurSession, response: Response) -> None:
        """Write what changed: at sign-in under a new name, and the old one is gone."""
        if session.row is not None and not session.fresh_name:
            if session.modified or self._is_due(session.row):
                self._update(session, session.row)
            return
        if session.row is not None:
            self._delete(session.row.id)
        name = secrets.token_urlsafe(32)
        self._insert(session, _hash(name))
        self._set_cookie(app, response, name)

    def _set_cookie(self, app: Flask, response: Response, name: str) -> None:
        response.set_cookie(
            prefixed(app, COOKIE),
            name,
            max_age=None if name else 0,
            httponly=True,
            secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
        )

    def _is_due(self, row: SessionRow) -> bool:
        """True if a session is to be prolonged by this request."""
        if this_request.endpoint in PASSIVE:
            return False
        return self._until(row.started_at) - row.expires_at >= self.idle / STEPS

    def _until(self, started: dt.datetime) -> dt.datetime:
        return min(self.records.now() + self.idle, started + self.longest)

    def _row(self, store_id: str) -> SessionRow | None:
        """The row of a session, if it is one that we wrote."""
        with self.records.database.reading() as reading:
            row = reading.get(SessionRow, store_id)
        return row if row is not None and self._is_ours(row) else None

    def _loaded(self, row: SessionRow) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.serializer.loads(row.data[MAC_BYTES:].decode()))

    def _is_ours(self, row: SessionRow) -> bool:
        """True if a row has the MAC that only the application can make."""
        return hmac.compare_digest(row.data[:MAC_BYTES], self._mac(row, row.data[MAC_BYTES:]))

    def _mac(self, row: SessionRow, data: bytes) -> bytes:
        """The MAC over everything in a row."""
        times = row.started_at.isoformat(), row.expires_at.isoformat()
        head = json.dumps([row.id, row.user_id, *times]).encode()
        return hmac.digest(self._mac_key, head + b"\n" + data, "sha256")

    def _change(
        self, store_id: str, *, expires_at: dt.datetime | None = None, data: bytes | None = None
    ) -> None:
        """Change a row. One that was deleted meanwhile, as by sign-out, stays deleted."""
        with self.records.database.writing() as writing:
            row = writing.get(SessionRow, store_id, with_for_update=True)
            if row is not None and self._is_ours(row):
                row.expires_at = expires_at or row.expires_at
                held = row.data[MAC_BYTES:] if data is None else data
                row.data = self._mac(row, held) + held

    def _delete(self, store_id: str) -> None:
        with self.records.database.writing() as writing:
            writing.execute(delete(SessionRow).where(SessionRow.id == store_id))

    def _update(self, session: OurSession, row: SessionRow) -> None:
        """Change a row, and prolong it unless the page asked by itself."""
        until = None if this_request.endpoint in PASSIVE else self._until(row.started_at)
        data = self._dumped(session) if session.modified else None
        if until is not None or data is not None:
            self._change(row.id, expires_at=until, data=data)

    def _insert(self, session: OurSession, store_id: str) -> None:
        user = current_user._get_current_object()  # noqa: SLF001 - how a proxy is asked
        now = self.records.now()
        row = SessionRow(
            id=store_id,
            user_id=user.id if isinstance(user, User) else None,
            started_at=now,
            expires_at=self._until(now),
        )
        data = self._dumped(session)
        row.data = self._mac(row, data) + data
        with self.records.database.writing() as writing:
            writing.execute(delete(SessionRow).where(SessionRow.expires_at < now - KEPT_AFTER))
            writing.add(row)

    def _dumped(self, session: OurSession) -> bytes:
        return self.serializer.dumps(dict(session)).encode()


def prefixed(app: Flask, name: str) -> str:
    """The name of a cookie; over TLS with the prefix that ties it to this host and to TLS."""
    return f"__Host-{name}" if app.config["SESSION_COOKIE_SECURE"] else name


def _limit(app: Flask, setting: str, variable: str, minutes: int) -> dt.timedelta:
    wanted = read_number(os.environ, variable, "minutes") or minutes
    return cast("dt.timedelta", app.config.get(setting) or dt.timedelta(minutes=wanted))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _only(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name in HELD_BY_ANYBODY}
