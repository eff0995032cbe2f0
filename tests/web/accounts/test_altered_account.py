"""Nobody acts by an account that somebody changed in the database, even for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from sqlalchemy import select, text
from support.people.visitor import Visitor
from support.people.web_people import add_site

from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger

EMAIL = "ann@clinic.localhost"
OWN = "an attacker's battery"
REFUSED = "This account cannot be used now"


@contextmanager
def written(records: Records, statement: str, undo: str, **values: object) -> Iterator[None]:
    """A change of the database behind the application's back, which is put back in the end."""
    for sql in (statement, undo):
        with records.database.engine.begin() as behind:
            behind.execute(text(sql), values)
        if sql == statement:
            yield


@contextmanager
def own_password(records: Records, number: int) -> Iterator[None]:
    with records.database.reading() as session:
        kept = session.execute(text("SELECT password FROM users WHERE id = :n"), {"n": number})
        before = kept.scalar_one()
    statement = "UPDATE users SET password = :{} WHERE id = :n"
    hashed = PasswordHasher(time_cost=1, memory_cost=64).hash(OWN)
    values = {"n": number, "hashed": hashed, "before": before}
    with written(records, statement.format("hashed"), statement.format("before"), **values):
        yield


def test_a_password_put_in_for_a_moment_lets_nobody_in(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    with own_password(sqlite_records, ann):
        answer = visitor.enter(EMAIL, OWN)
    assert answer.status_code == 409
    assert REFUSED in answer.text
    assert not visitor.is_in
    assert visitor.enter(EMAIL).status_code == 302


def test_the_trace_of_it_stays(visitor: Visitor, ann: int, sqlite_records: Records) -> None:
    with own_password(sqlite_records, ann):
        visitor.enter(EMAIL, OWN)
    found = verify_ledger(sqlite_records).faults
    assert ("row-altered", f"users/{ann}") in [(each.code, each.place) for each in found]


def test_a_wrong_password_for_a_changed_account_is_refused_as_any_other(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    with own_password(sqlite_records, ann):
        answer = visitor.enter(EMAIL)
    assert "is not right, or the account is not active" in answer.text
    with sqlite_records.database.reading() as session:
        kinds = set(session.scalars(select(EventRow.kind)))
    assert EventKind.ALTERATION_FOUND.value not in kinds


def test_a_site_lent_for_a_moment_lets_nobody_sign_in(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    south = add_site(sqlite_records, "South")
    lent = "INSERT INTO users_sites (user_id, site_id) VALUES (:ann, :south)"
    back = "DELETE FROM users_sites WHERE user_id = :ann AND site_id = :south"
    with written(sqlite_records, lent, back, ann=ann, south=south):
        assert visitor.enter(EMAIL).status_code == 409
    assert not visitor.is_in


def test_a_second_factor_put_in_for_a_moment_lets_nobody_in(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    own = "UPDATE users SET tf_primary_method = 'authenticator' WHERE id = :ann"
    back = "UPDATE users SET tf_primary_method = NULL WHERE id = :ann"
    with written(sqlite_records, own, back, ann=ann):
        assert visitor.enter(EMAIL).status_code == 409
