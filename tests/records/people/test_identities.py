"""How a provider knows an account: one subject of an issuer for each, and the ledger covers it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from support.storage.databases import People

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import identities
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.identities import Identity, LinkedError
from screening.records.verification.verify import verify_ledger

ISSUER = "https://login.hospital.example"
ANN = Identity(ISSUER, "7")
AT_ONCE = 8


@pytest.fixture
def ann(people: People) -> int:
    return people.actor(Role.NURSE, name="Ann").id


@pytest.fixture
def bob(people: People) -> int:
    return people.actor(Role.NURSE, name="Bob").id


def codes(records: Records) -> list[str]:
    return [fault.code for fault in verify_ledger(records).faults]


def test_an_identity_opens_the_account_that_it_is_linked_to(
    records: Records, ann: int, bob: int
) -> None:
    assert identities.find_account(records, ANN) is None
    identities.link_verified(records, ANN, ann)
    identities.link_verified(records, replace(ANN, issuer="https://other.example"), bob)
    assert identities.find_account(records, ANN) == ann
    assert identities.find_account(records, replace(ANN, subject="8")) is None
    assert codes(records) == []


def test_neither_a_second_subject_nor_a_second_account_is_linked(
    records: Records, ann: int, bob: int
) -> None:
    identities.link_verified(records, ANN, ann)
    for identity, number in ((replace(ANN, subject="8"), ann), (ANN, bob), (ANN, ann)):
        with pytest.raises(LinkedError):
            identities.link_verified(records, identity, number)
    with pytest.raises(LinkedError):
        identities.link_invited(records, ANN, bob)
    assert [link.identity for link in identities.find_links(records, ann)] == [ANN]
    assert identities.find_links(records, bob) == []


def test_a_link_that_is_replaced_or_removed_leaves_the_ledger_whole(
    records: Records, ann: int
) -> None:
    identities.link_verified(records, ANN, ann)
    identities.link_invited(records, replace(ANN, subject="8"), ann)
    assert identities.find_account(records, ANN) is None
    identities.unlink(records, COMMAND_LINE, ann)
    assert identities.find_links(records, ann) == []
    identities.link_invited(records, ANN, ann)
    assert identities.find_account(records, ANN) == ann
    assert codes(records) == []


def test_of_many_who_come_at_once_one_is_linked(records: Records, ann: int) -> None:
    def link(number: int) -> bool:
        try:
            identities.link_verified(records, replace(ANN, subject=str(number)), ann)
        except LinkedError:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(link, range(AT_ONCE))) == 1
    assert len(identities.find_links(records, ann)) == 1
    assert codes(records) == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE identities SET subject = '8'", "row-changed"),
        ("UPDATE identities SET user_id = {bob}", "row-changed"),
        ("DELETE FROM identities", "row-missing"),
        (
            (
                'INSERT INTO identities (id, issuer, subject, user_id, at, "by")'
                " SELECT 'x', issuer, '8', {bob}, at, \"by\" FROM identities"
            ),
            "row-unknown",
        ),
    ],
)
def test_a_link_that_nobody_made_is_found(
    records: Records, ann: int, bob: int, statement: str, code: str
) -> None:
    identities.link_verified(records, ANN, ann)
    with records.database.writing() as session:
        session.execute(text(statement.format(bob=bob)))
    assert codes(records) == [code]
