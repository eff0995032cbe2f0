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
from screening.records.vault import DataKey, Keyring, token
from screening.records.wordindex import tokens_of

_AT_ONCE = 500


WORDS = 32
"""Every case has so many tokens, or a multiple for a name of many or long words, so that their
number does not tell how long a name is."""


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
        _index_all(session, keyring, index)
    return index


def index_again(session: Session, keyring: Keyring) -> None:
    """Make the whole index again; the caller holds the ledger's lock."""
    if find_index_key(session, keyring):
        _index_all(session, keyring, _current_key(session, keyring))


def _index_all(session: Session, keyring: Keyring, index: DataKey) -> None:
    session.execute(delete(WordRow))
    ids = session.scalars(select(CaseRow.id).where(CaseRow.erased_at.is_(None))).all()
    for at in range(0, len(ids), _AT_ONCE):
        some = case_select().where(CaseRow.id.in_(ids[at : at + _AT_ONCE]))
        cases = [read_case(keyring, row) for row in session.execute(some)]
        _add_words(session, index, {case.id: case.referral for case in cases})


def _add_words(session: Session, index: DataKey, known: Mapping[str, Referral]) -> None:
    rows: Sequence[Mapping[str, str]] = [
        {"token": each, "case_id": case_id}
        for case_id, referral in known.items()
        for each in sorted(_padded(index, case_id, tokens_of(index, referral)))
    ]
    if rows:
        session.execute(insert(WordRow), rows)


def _padded(index: DataKey, case_id: str, tokens: frozenset[str]) -> frozenset[str]:
    """The tokens, and others by which nothing is found.

    They are always the same, so that none stands out when a case is indexed again.
    """
    missing = -len(tokens) % WORDS
    return tokens | {token(index, "filler", f"{case_id}/{each}") for each in range(missing)}
