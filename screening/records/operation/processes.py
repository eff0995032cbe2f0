"""The figures of each process of the service, so that any process can show those of all.

The figures are in the database, which processes and machines share. They belong to no ledger and no
backup. The figures of a process that has ended are deleted after a minute.
"""

import datetime as dt

from sqlalchemy import delete, select

from screening.records.ledger.records import Records
from screening.records.storage.tables import ProcessRow

KEPT = dt.timedelta(minutes=1)


def report_figures(records: Records, process: str, figures: str) -> None:
    """Replace the figures of a process with new ones."""
    now = records.now()
    with records.database.writing() as session:
        session.execute(delete(ProcessRow).where(ProcessRow.at < now - KEPT))
        session.merge(ProcessRow(process=process, figures=figures, at=now))


def figures_of_others(records: Records, process: str) -> dict[str, str]:
    """The newest figures of every other process, by its name."""
    row = ProcessRow
    asked = select(row.process, row.figures).where(row.process != process)
    with records.database.reading() as session:
        found = session.execute(asked.where(row.at >= records.now() - KEPT))
        return {each.process: each.figures for each in found}
