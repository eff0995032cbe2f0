"""Rehearsals: restore a backup into a temporary database beside the records, then delete it.

The temporary database is a SQLite file in a folder of its own, whatever database the records are
in.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from screening.errors import ScreeningError
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.installation.erased_list import read_erased
from screening.records.ledger.records import Records
from screening.records.operation.backup_file import BackupError
from screening.records.operation.restore import RestoreReport, restore_backup
from screening.records.people.administration import COMMAND_LINE
from screening.records.storage.database import open_file
from screening.records.storage.tables import CaseRow, SiteRow

SAMPLE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalReport:
    """The findings of a rehearsal: what was restored, how fast, and which cases were tried.

    ``unreadable`` are those of the tried cases that could not be opened, with the reason.
    ``unlisted`` counts the erased cases that the list of erased cases does not name: it is missing,
    or an older copy.
    """

    restored: RestoreReport
    seconds: float
    cases: int
    tried: int
    unreadable: dict[str, str]
    unlisted: int

    @property
    def good(self) -> bool:
        """True if the backup is all that one would need."""
        return not self.restored.faults and not self.unreadable and self.restored.authenticated


def rehearse(
    records: Records,
    path: Path,
    *,
    sample: int = SAMPLE,
    unauthenticated: bool = False,
    folder: Path | None = None,
) -> RehearsalReport:
    """Restore a backup into a database that is deleted at the end, and open some of its cases.

    Args:
        records: whose keyring opens the backup. They are neither read nor changed.
        path: of the backup.
        sample: how many cases are opened, chosen by chance.
        unauthenticated: whether to try one that anybody could have written.
        folder: in which the trial is made; by default where the system keeps what is temporary.

    Raises:
        BackupError, KeyringError: if it could not be restored.
    """
    began = time.monotonic()
    with _trial(records, path, folder) as trial:
        done = restore_backup(trial, path, despite_faults=True, unauthenticated=unauthenticated)
        seconds = time.monotonic() - began
        ring = done.keyring or records.keyring()
        keyed = replace(trial, keyring=lambda: ring)
        actor, listed = _everyones(keyed)
        tried = random.SystemRandom().sample(listed, min(sample, len(listed)))
        unlisted = len(_erased(keyed) - (read_erased(records.erased) if records.erased else set()))
        unreadable = {each: reason for each in tried if (reason := _reason(keyed, actor, each))}
    return RehearsalReport(
        restored=done,
        seconds=seconds,
        cases=len(listed),
        tried=len(tried),
        unreadable=unreadable,
        unlisted=unlisted,
    )


@contextmanager
def _trial(records: Records, path: Path, folder: Path | None) -> Iterator[Records]:
    try:
        made = tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=folder)
    except OSError as error:
        raise BackupError(path, f"cannot be restored into a temporary database: {error}") from None
    with made as place:
        database = open_file(Path(place) / "trial.db")
        try:
            yield replace(records, database=database, erased=_copied(records.erased, Path(place)))
        finally:
            database.close()


def _copied(erased: Path | None, place: Path) -> Path | None:
    """A copy of the list of erased cases: what a trial erases again is not listed again."""
    if erased is None:
        return None
    copy = place / erased.name
    copy.write_text("\n".join(sorted(read_erased(erased))), "ascii")
    return copy


def _erased(records: Records) -> set[str]:
    """The cases that were erased before the backup was made, or again in the trial."""
    with records.database.reading() as session:
        return set(session.scalars(select(CaseRow.id).where(CaseRow.erased_at.is_not(None))))


def _everyones(records: Records) -> tuple[Actor, list[str]]:
    """Somebody who may see every case, and the cases that were not erased."""
    with records.database.reading() as session:
        sites = frozenset(session.scalars(select(SiteRow.id)))
        listed = list(session.scalars(select(CaseRow.id).where(CaseRow.erased_at.is_(None))))
    roles = frozenset({Role.LEAD_NURSE})
    return replace(COMMAND_LINE, roles=roles, sites=sites), listed


def _reason(records: Records, actor: Actor, case_id: str) -> str:
    """The reason why a case cannot be opened with all that is known in it; empty if it can."""
    try:
        view = open_case(records, actor, case_id)
        _ = view.history, [each.content for each in view.assessments]
    except ScreeningError as error:
        return str(error)
    return ""
