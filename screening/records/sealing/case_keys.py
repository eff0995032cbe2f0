"""The keys of cases, and the key of the index that they are searched by, in the database."""

from sqlalchemy.orm import Session

from screening.records.errors import ErasedError, NoCaseError
from screening.records.sealing import vault
from screening.records.sealing.vault import DataKey, Keyring
from screening.records.storage.tables import CaseKeyRow, SecretRow

INDEX = "index/4"
OLDER_INDEXES = ("index/3", "index/2", "index")
"""The keys of older indexes, which ``search_index`` makes again. They did not read digits of other
scripts; the oldest had the same tokens for all sites."""


def add_key(session: Session, keyring: Keyring, key: DataKey) -> None:
    """Keep the key of a new case, which is called by the case's id."""
    key_id, wrapped = vault.wrap(keyring, key)
    session.add(CaseKeyRow(case_id=key.name, key_id=key_id, wrapped=wrapped))


def load_key(session: Session, keyring: Keyring, case_id: str) -> DataKey:
    """The key of a case.

    Raises:
        ErasedError: if it was destroyed.
        NoCaseError: if there never was one.
        SealError: if the keyring cannot open it.
    """
    row = session.get(CaseKeyRow, case_id)
    if row is None:
        raise NoCaseError
    return open_key(keyring, case_id, row.key_id, row.wrapped)


def open_key(keyring: Keyring, case_id: str, key_id: str | None, wrapped: bytes | None) -> DataKey:
    """The key of a case, of which the columns were read already.

    Raises:
        ErasedError: if it was destroyed.
        SealError: if the keyring cannot open it.
    """
    if wrapped is None or key_id is None:
        raise ErasedError
    return vault.unwrap(keyring, case_id, key_id, wrapped)


def find_index_key(session: Session, keyring: Keyring) -> DataKey | None:
    """The key of the index, be it the older one; none as long as there was no case."""
    keys = (find_secret(session, keyring, name) for name in (INDEX, *OLDER_INDEXES))
    return next(filter(None, keys), None)


def add_index_key(session: Session, keyring: Keyring) -> DataKey:
    """Make the key of the index, in place of an older one; the caller holds the ledger's lock."""
    for name in OLDER_INDEXES:
        if older := session.get(SecretRow, name):
            session.delete(older)
    return add_secret(session, keyring, INDEX)


def find_secret(session: Session, keyring: Keyring, name: str) -> DataKey | None:
    """A key of the whole database, if there is one of the name."""
    row = session.get(SecretRow, name)
    return vault.unwrap(keyring, name, row.key_id, row.wrapped) if row else None


def add_secret(session: Session, keyring: Keyring, name: str) -> DataKey:
    """Make a key of the whole database."""
    key = DataKey.make(name)
    key_id, wrapped = vault.wrap(keyring, key)
    session.add(SecretRow(name=name, key_id=key_id, wrapped=wrapped))
    return key
