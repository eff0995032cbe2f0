"""People at the worklist, and the cases that lie before them."""

from collections.abc import Iterable, Iterator

from flask import Flask
from flask.testing import FlaskClient
from support.people.web_people import add_person, enter

from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Role
from screening.records.casework.cases import add_cases
from screening.records.ledger.records import Records

_EMAILS: dict[int, str] = {}
CLINICS = ("North clinic", "Hill practice", "Osteoporosis service")


def person(records: Records, *roles: Role, sites: Iterable[int], name: str) -> Actor:
    """An account, as records know it."""
    held = frozenset(sites)
    number, email = add_person(records, *roles, sites=held, name=name)
    _EMAILS[number] = email
    return Actor(id=number, name=name, roles=frozenset(roles), sites=held)


def signed_in(app: Flask, actor: Actor) -> FlaskClient:
    """The browser of a person that ``person`` made."""
    client = app.test_client()
    enter(client, _EMAILS[actor.id])
    return client


def referral(number: int = 1, **changes: object) -> Referral:
    """A made-up referral; those of different numbers share nothing."""
    letters = chr(65 + number % 26) + chr(65 + number // 26 % 26)
    values: dict[str, object] = {
        "reference": f"R-{number:05d}",
        "person": f"{letters[0]}. {letters[1]}. Made-up{number}",
        "birth_year": 1951 + number % 3,  # as old as the answers of shipped.favourable say
        "clinic": CLINICS[number % 3],
        "priority": Priority(1 + number % 3),
    }
    return Referral(**(values | changes))  # type: ignore[arg-type]


def referrals(count: int) -> Iterator[Referral]:
    """So many of them."""
    return (referral(number) for number in range(1, count + 1))


def add(records: Records, actor: Actor, site: int, more: list[Referral]) -> tuple[str, ...]:
    """Add these; gives their ids."""
    return add_cases(records, actor, site, more, f"add-{more[0].reference}")


def fill(records: Records, actor: Actor, site: int, count: int) -> tuple[str, ...]:
    """Add so many cases; gives their ids."""
    return add_cases(records, actor, site, list(referrals(count)), f"fill-{count:08d}")
