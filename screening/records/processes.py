"""What each process of the service tells of itself, so that any of them can tell it of all.

The figures lie in the database, which processes and machines share. They are no part of the ledger
and of no backup, and those of a process that has ended are gone after a minute.
"""

import datetime as dt

from sqlalchemy import delete, select

from screening.records.store import Records
from screening.records.tables import ProcessRow

KEPT = dt.timedelta(minutes=1)


def tell(records: Records, process: str, figures: str) -> None:
    """Keep what a process tells of itself, in place of what it told before."""
    now = records.now()
    with records.database.writing() as session:
        session.execute(delete(ProcessRow).where(ProcessRow.at < now - KEPT))
        session.merge(ProcessRow(process=process, figures=figures, at=now))


def told_by_others(records: Records, process: str) -> dict[str, str]:
    """What every other process told last, by its name."""
    row = ProcessRow
    asked = select(row.process, row.figures).where(row.process != process)
    with records.database.reading() as session:
        found = session.execute(asked.where(row.at >= records.now() - KEPT))
        return {each.process: each.figures for each in found}
