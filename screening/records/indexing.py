"""The index by which cases are found: kept as cases come and change, and made again when it is old.

An older version found fewer spellings of a name. Its index has a key of another name; the first who
adds, changes or compares a referral replaces it, in one transaction.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from screening.core.referral import Referral
from screening.records import ledger
from screening.records.casekeys import INDEX, add_index_key, find_index_key
from screening.records.caserows import case_select, read_case
from screening.records.store import Records
from screening.records.tables import CaseRow, WordRow
from screening.records.vault import DataKey, Keyring
from screening.records.wordindex import tokens_of

_AT_ONCE = 500


def index_cases(session: Session, keyring: Keyring, known: Mapping[str, Referral]) -> None:
    """Let cases be found by what they are known by now; the caller holds the ledger's lock."""
    index = _current_key(session, keyring)
    session.execute(delete(WordRow).where(WordRow.case_id.in_(known)))
    _add_words(session, index, known)


def load_index_key(records: Records) -> DataKey | None:
    """The key of the index as it is made today; none as long as there was no case."""
    ring = records.keyring()
    with records.database.reading() as session:
        found = find_index_key(session, ring)
    if found is None or found.name == INDEX:
        return found
    with records.database.writing() as session:
        ledger.lock(session)
        return _current_key(session, ring)


def _current_key(session: Session, keyring: Keyring) -> DataKey:
    found = find_index_key(session, keyring)
    if found and found.name == INDEX:
        return found
    index = add_index_key(session, keyring)
    if found:
        session.execute(delete(WordRow))
        _index_all(session, keyring, index)
    return index


def _index_all(session: Session, keyring: Keyring, index: DataKey) -> None:
    ids = session.scalars(select(CaseRow.id).where(CaseRow.erased_at.is_(None))).all()
    for at in range(0, len(ids), _AT_ONCE):
        some = case_select().where(CaseRow.id.in_(ids[at : at + _AT_ONCE]))
        cases = [read_case(keyring, row) for row in session.execute(some)]
        _add_words(session, index, {case.id: case.referral for case in cases})


def _add_words(session: Session, index: DataKey, known: Mapping[str, Referral]) -> None:
    rows: Sequence[Mapping[str, str]] = [
        {"token": each, "case_id": case_id}
        for case_id, referral in known.items()
        for each in sorted(tokens_of(index, referral))
    ]
    if rows:
        session.execute(insert(WordRow), rows)
