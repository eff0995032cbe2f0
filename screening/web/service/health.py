"""Liveness and readiness of the service, for the people who watch over it."""

import os
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from threading import Lock

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from screening.errors import ScreeningError
from screening.records.installation.keys import check_keys
from screening.records.ledger.records import Records
from screening.records.storage import schema
from screening.web.accounts import authorization
from screening.web.shell.context import records

blueprint = Blueprint("health", __name__)

ENOUGH = 16 * 1024 * 1024
"""Bytes that must be free: room for the journal of a large write."""
KEPT_FOR = 2.0
"""Seconds for which a finding holds, so that who asks often costs nothing."""


class Readiness:
    """Looks whether everything that a write needs is there."""

    def __init__(self, held: Records, folder: Path | None) -> None:
        """Take what to look at; without a folder no disk is looked at."""
        self.checks: dict[str, Callable[[], None]] = {
            "database": lambda: _reach(held),
            "schema": lambda: schema.check(held.database),
            "keys": lambda: check_keys(held.database, held.keyring(), "in use"),
        }
        if folder is not None:
            self.checks["disk"] = lambda: _write(folder)
        self._lock = Lock()
        self._found: dict[str, bool] = {}
        self._looked = float("-inf")

    def look(self) -> dict[str, bool]:
        """Which checks hold."""
        with self._lock:
            if time.monotonic() > self._looked + KEPT_FOR:
                self._found = {name: _holds(check) for name, check in self.checks.items()}
                self._looked = time.monotonic()
            return self._found


@blueprint.get("/health")
@authorization.public
def health() -> Response:
    """The process is alive; nothing else is looked at."""
    return jsonify(status="alive")


@blueprint.get("/ready")
@authorization.public
def ready() -> tuple[Response, int]:
    """True if requests can be served, and what is missing."""
    if "readiness" not in current_app.extensions:
        folder = current_app.config.get("DATA_FOLDER")
        current_app.extensions["readiness"] = Readiness(records(), folder)
    found: dict[str, bool] = current_app.extensions["readiness"].look()
    said = {name: "ok" if holds else "failing" for name, holds in found.items()}
    ready = all(found.values())
    return jsonify(said), HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except (ScreeningError, OSError):
        return False
    return True


def _reach(held: Records) -> None:
    with held.database.reading() as session:
        session.execute(text("SELECT 1"))


def _write(folder: Path) -> None:
    """Write a little, and make sure that there is room for more.

    Raises:
        OSError: if the folder cannot be written to.
    """
    free = os.statvfs(folder)
    if free.f_bavail * free.f_frsize < ENOUGH:
        raise OSError
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        os.fsync(file.fileno())
