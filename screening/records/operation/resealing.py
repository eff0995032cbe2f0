"""Seals again what an earlier version sealed, so that no length and no name shows what it says.

Before ``SINCE``, sealed fields were as long as their content, and rows named the question that they
answered. Migrations have no keys, so the caller that upgrades a database with records calls this in
the same transaction: either everything is sealed again, or nothing is changed.

The guards of append-only tables are lifted for this alone. A row that is as the ledger says gets
one more event, with its new digest. A row that is not gets none, so that its change is still found.
Nothing of an erased case can be sealed again: random bytes of the same length replace it.
"""

import datetime as dt
import json
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.formats.answers.sealed_fields import MOST_BYTES, add_question, read_sealed_answer
from screening.records.case.case_summary import seal_summary, unseal_summary
from screening.records.case.chase_rows import HANDOVER, chase_token, first_due
from screening.records.case.history import answer_token
from screening.records.case.search_index import rebuild_index, renew_index
from screening.records.casework.answers import SEALED as HOW_SEALED
from screening.records.errors import ErasedError, NoCaseError
from screening.records.installation.keys import check_keys_within
from screening.records.ledger import coverage, events, snapshots
from screening.records.ledger.digests import matches_row, row_digest, row_name
from screening.records.ledger.events import EventKind, last_digests
from screening.records.ledger.records import Records
from screening.records.operation import erasure
from screening.records.results.decisions import SEALED
from screening.records.sealing import padding
from screening.records.sealing.case_keys import load_key, open_key
from screening.records.sealing.vault import MARK_BYTES, NONCE_BYTES, TOKEN_BYTES, DataKey, SealError
from screening.records.storage import append_only, schema
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseKeyRow,
    CaseRow,
    ChaseRow,
    EmergencyRow,
    NoteRow,
    ReviewRow,
)

SINCE = "0011"
"""The first shape of the database in which everything is sealed in this way."""
_Row = AnswerRow | AssessmentRow | EmergencyRow | NoteRow | ReviewRow
_TABLES: tuple[type[_Row], ...] = (AnswerRow, AssessmentRow, EmergencyRow, NoteRow, ReviewRow)
_BLOCKS: dict[type[_Row], int] = {
    AnswerRow: MOST_BYTES,
    AssessmentRow: padding.CONTENT,
    EmergencyRow: padding.NOTE,
    NoteRow: padding.CASE_NOTE,
    ReviewRow: padding.NOTE,
}


class ChangedRowsError(ScreeningError):
    """Rows are not as the ledger says, and sealing them again would hide how they were changed."""

    def __init__(self, name: str) -> None:
        """Name the first of them."""
        super().__init__(
            f"the row {name} is not as the ledger says, so nothing was upgraded. Run `screening"
            " ledger verify` with the version that you used before, to see all faults. To upgrade"
            " despite them, add --despite-faults"
        )


def upgrade(records: Records, *, despite_faults: bool = False) -> None:
    """Bring a database to the newest shape, with all that is sealed in it.

    Raises:
        LostKeyringError: if the keyring is not the one that opens the records.
        ChangedRowsError: if a row is not as the ledger says, unless ``despite_faults``.
        SealError: if something cannot be opened.
    """
    with schema.changing(records.database) as session:
        found = schema.revision_within(session)
        schema.upgrade_within(session)
        snapshots.begin(session, records)
        check_keys_within(session, records.keyring(), "of this installation")
        renew(session, records, found, despite_faults=despite_faults)


def renew(
    session: Session, records: Records, revision: str | None, *, despite_faults: bool = False
) -> None:
    """Bring what a database of a shape holds to what is written today, once its tables are so.

    Raises:
        ChangedRowsError: if a row is not as the ledger says, unless ``despite_faults``.
        SealError: if something cannot be opened.
    """
    if is_older(revision):
        reseal(session, records, despite_faults=despite_faults)
    else:
        hide_handovers(session, records)
        renew_index(session, records.keyring())
    erasure.seal_reasons(session, records)


def is_older(revision: str | None) -> bool:
    """True if what a database of a shape holds is to be sealed again."""
    known = schema.known_revisions()
    return revision in known[: known.index(SINCE)]


def reseal(session: Session, records: Records, *, despite_faults: bool = False) -> None:
    """Seal everything again, as a part of a transaction in which the tables are the newest.

    Raises:
        ChangedRowsError: if a row is not as the ledger says, unless ``despite_faults``.
        SealError: if something cannot be opened.
    """
    events.lock(session)
    with append_only.lift_guards(session, [table.__tablename__ for table in _TABLES]):
        for case_id in session.scalars(select(CaseRow.id).order_by(CaseRow.id)).all():
            _Case(session, records, case_id, despite_faults=despite_faults).reseal()
            coverage.append_missing_events(session)
            session.expunge_all()  # memory does not grow with the number of cases
    rebuild_index(session, records.keyring())


def hide_handovers(session: Session, records: Records) -> None:
    """Give the row of an emergency that waits for its handover the owner that it has today.

    What nobody can open stays as it is; ``screening ledger verify`` lists it.
    """
    events.lock(session)
    chased = select(ChaseRow.case_id).distinct().order_by(ChaseRow.case_id)
    for case_id in session.scalars(chased).all():
        with suppress(ErasedError, NoCaseError, SealError):
            key = load_key(session, records.keyring(), case_id)
            _hide_handover(session, key, session.get_one(CaseRow, case_id))
        coverage.append_missing_events(session)
        session.expunge_all()


def _hide_handover(session: Session, key: DataKey, case: CaseRow) -> None:
    rows = session.scalars(select(ChaseRow).where(ChaseRow.case_id == case.id)).all()
    summary, token = unseal_summary(key, case), chase_token(key, HANDOVER)
    for row in rows:
        if row.link_id == token:
            row.owner = summary.alarm_owner
            case.due, case.waits_for = first_due(rows)


class _Case:
    """One case that is sealed again, with all its rows."""

    def __init__(
        self, session: Session, records: Records, case_id: str, *, despite_faults: bool
    ) -> None:
        self._session, self._records, self._despite_faults = session, records, despite_faults
        self._row = session.get_one(CaseRow, case_id)
        self._rows: list[_Row] = [row for table in _TABLES for row in self._of(table)]
        self._chases: list[ChaseRow] = self._of(ChaseRow)
        names = [row_name(row) for row in (self._row, *self._rows, *self._chases)]
        self._told = last_digests(session, names)

    def reseal(self) -> None:
        """Seal all of it again; without its key a case stays as it is, unless it was erased."""
        erased, key = self._row.erased_at is not None, self._key()
        if erased or key is not None:
            for row in self._rows:
                self._reseal_row(None if erased else key, row)
        if key is not None and not erased:
            self._reseal_case(key)

    def _of(self, table: type[Any]) -> list[Any]:
        mine = select(table).where(table.case_id == self._row.id)
        return list(self._session.scalars(mine))

    def _key(self) -> DataKey | None:
        found = self._session.get(CaseKeyRow, self._row.id)
        if found is None or found.wrapped is None:
            return None
        return open_key(self._records.keyring(), self._row.id, found.key_id, found.wrapped)

    def _reseal_row(self, key: DataKey | None, row: _Row) -> None:
        known = self._is_known(row)
        try:
            _replace(row, _opened(key, row) if key else None, key)
        except SealError:
            if known:  # then it is the keyring that does not fit
                raise
            return
        if known:
            self._append(row)

    def _reseal_case(self, key: DataKey) -> None:
        """Replace the chased questions with tokens, and seal the questions with the case."""
        known, summary = self._is_known(self._row), unseal_summary(key, self._row)
        rows = {row.link_id: self._rename(key, row) for row in self._chases}
        if summary.alarmed_on:
            due = dt.date.fromisoformat(summary.alarmed_on)
            rows[HANDOVER] = self._add_handover(key, summary.alarm_owner, due)
        self._row.due, self._row.waits_for = first_due(rows.values())
        seal_summary(key, self._row, replace(summary, chased=tuple(sorted(rows))))
        if known:
            self._append(self._row)

    def _rename(self, key: DataKey, row: ChaseRow) -> ChaseRow:
        """Replace the question in the row of a chase with a token."""
        known = self._is_known(row)
        new = ChaseRow(
            case_id=row.case_id,
            link_id=chase_token(key, row.link_id),
            owner=row.owner,
            owner_id=row.owner_id,
            due=row.due,
            at=row.at,
            by=row.by,
        )
        self._session.delete(row)
        self._session.add(new)
        if known:
            self._note(EventKind.CHASE_DROPPED, row_name(row))
            self._append(new)
        return new

    def _add_handover(self, key: DataKey, owner: str, due: dt.date) -> ChaseRow:
        """Let an emergency that waits for its handover have a row, as it has from now on."""
        row = ChaseRow(
            case_id=self._row.id,
            link_id=chase_token(key, HANDOVER),
            owner=owner,
            owner_id=None,
            due=due,
            at=self._row.touched_at,
            by=self._row.touched_by,
        )
        self._session.add(row)
        self._append(row)
        return row

    def _is_known(self, row: Base) -> bool:
        """True if a row is as the ledger says.

        Raises:
            ChangedRowsError: if it is not, unless that is to be put up with.
        """
        name = row_name(row)
        known = name in self._told and matches_row(self._told[name], row)
        if not known and not self._despite_faults:
            raise ChangedRowsError(name)
        return known

    def _append(self, row: Base) -> None:
        self._note(EventKind.ROW_RESEALED, row_name(row), row_digest(row))

    def _note(self, kind: EventKind, name: str, digest: str = "") -> None:
        events.append(
            self._session,
            self._records,
            by=0,
            kind=kind,
            case_id=self._row.id,
            row=name,
            digest=digest,
        )


def _opened(key: DataKey, row: _Row) -> bytes:
    """The content of a row from now on.

    Raises:
        SealError: if it cannot be opened.
    """
    plain = key.unseal(row.sealed, row.__tablename__, row.id, _version(row))
    match row:
        case AnswerRow():
            return add_question(plain, row.link_id, row.how)
        case ReviewRow():
            content = {"reason": row.reason, **json.loads(plain)}
            return json.dumps(content, ensure_ascii=False).encode()
        case _:
            return plain


def _replace(row: _Row, plain: bytes | None, key: DataKey | None) -> None:
    """Seal what a row says, or put chance in its place if nobody can open it any more."""
    block = _BLOCKS[type(row)]
    if isinstance(row, AnswerRow):
        found = answer_token(key, read_sealed_answer(plain)[0]) if key and plain else None
        row.how = HOW_SEALED
        row.link_id = found or secrets.token_hex(TOKEN_BYTES)
    if isinstance(row, ReviewRow):
        row.reason = SEALED
    if key is None or plain is None:
        row.sealed = secrets.token_bytes(NONCE_BYTES + block + MARK_BYTES)
    else:
        place = row.__tablename__, row.id, _version(row)
        row.sealed = key.seal(padding.pad(plain, block), *place)


def _version(row: _Row) -> int:
    """The context that a sealed field is bound to beside the id of its row."""
    match row:
        case AnswerRow():
            return row.version
        case AssessmentRow():
            return row.case_version
        case EmergencyRow():
            return 1
        case _:
            return row.number
