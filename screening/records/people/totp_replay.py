"""Codes of an authenticator app: each is good once, on every process and after every restart."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from screening.records.ledger.records import Records
from screening.records.storage.tables import IdempotencyKeyRow

KIND = "code"


def use_code(records: Records, user: int, key: str, counter: int) -> bool:
    """Take note of a code; says whether it was neither used nor older than one that was.

    Args:
        records: where it is noted.
        user: the number of the account.
        key: names the secret that the code was made of, without telling it.
        counter: which of the secret's codes it is, in order of time.
    """
    try:
        with records.database.writing() as session:
            asked = select(IdempotencyKeyRow).where(
                IdempotencyKeyRow.key == key, IdempotencyKeyRow.by == user
            )
            row = session.scalar(asked.with_for_update())
            if row is None:
                row = IdempotencyKeyRow(key=key, by=user, kind=KIND, result="-1", at=records.now())
                session.add(row)
            if counter <= int(row.result):
                return False
            row.result, row.at = str(counter), records.now()
    except IntegrityError:  # two at once: the other one was first
        return False
    return True
