"""The list of what was erased, beside the keys: a backup from before brings none of it back.

Before an erasure is committed, a file beside the list announces it; once it is, the list names it.
If the commit fails or the machine stops in between, the next start asks the database which it was.
Until then it counts as erased: rather erased again in vain than brought back.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from screening.records.ledger.events import EventKind
from screening.records.storage.database import Database
from screening.records.storage.tables import CaseRow, EventRow, SecretRow

_OWNER_ONLY = 0o600
_ERASED = (EventKind.CASE_ERASED.value, EventKind.EMERGENCY_FORGOTTEN.value)


def read_erased(path: Path) -> frozenset[str]:
    """The keys of erased and announced cases; empty if there are none."""
    return _listed(path) | {_name(path, each) for each in _announcements(path)}


def list_erased(session: Session, path: Path, name: str) -> None:
    """List what a transaction erases: announce it now, and name it once that is committed."""
    if name in _listed(path):
        return
    announcement = path.with_name(f"{path.name}-{name}")
    _append(announcement, "")
    event.listen(session, "after_commit", lambda _: _confirm(path, announcement), once=True)


def settle_announcements(database: Database, path: Path) -> None:
    """Let the list say which announced erasures happened. What the database never had stays."""
    for announcement in list(_announcements(path)):
        with database.writing() as session:
            erased = _is_erased(session, _name(path, announcement))
            if erased:
                _confirm(path, announcement)
            elif erased is False:
                announcement.unlink(missing_ok=True)


def _is_erased(session: Session, name: str) -> bool | None:
    """True if something was erased; None if the database knows nothing of it.

    Another erasure of it at this moment holds its row, so that this waits.
    """
    case = select(CaseRow.id).where(CaseRow.id == name, CaseRow.erased_at.is_(None))
    secret = select(SecretRow.name).where(SecretRow.name == name)
    if any(session.scalar(each.with_for_update()) for each in (case, secret)):
        return False
    rows = (f"cases/{name}", f"secrets/{name}")
    told = select(EventRow.seq).where(EventRow.row.in_(rows), EventRow.kind.in_(_ERASED))
    return True if session.scalar(told.limit(1)) else None


def _listed(path: Path) -> frozenset[str]:
    return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()


def _announcements(path: Path) -> Iterator[Path]:
    return path.parent.glob(f"{path.name}-*")


def _name(path: Path, announcement: Path) -> str:
    return announcement.name.removeprefix(f"{path.name}-")


def _confirm(path: Path, announcement: Path) -> None:
    name = _name(path, announcement)
    if name not in _listed(path):
        _append(path, f"{name}\n")
    announcement.unlink(missing_ok=True)


def _append(path: Path, line: str) -> None:
    """Append to a file, for good."""
    new = not path.exists()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ONLY), "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if new:
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
