"""How long a try to sign in takes, by whose account is tried; who there is must not show.

Usage: PYTHONPATH=tests python tests/bench/bench_sign_in.py

The hashes cost what they do in use. Every figure is the ratio of two medians of one run, taken in
turns, of processor time; `tests/web/accounts/test_sign_in_work.py` counts what is written. If a
ratio lies outside of ``BETWEEN``, the run fails.
"""

import sys
import tempfile
from pathlib import Path

from support.bench.report import Table, spent
from support.people.visitor import Visitor
from support.people.web_people import add_person, casework_app
from support.storage import databases

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.passwords import HASHER, hash_password
from screening.records.people.people import NewPerson
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import open_database

REPEATS = 15
BETWEEN = (0.8, 1.25)
KNOWN = "known@clinic.localhost"
PLAIN = "a known address"
OTHERS = {
    "an unknown address": "nobody@clinic.localhost",
    "an inactive account": "off@clinic.localhost",
    "an account without a password": "new@clinic.localhost",
}


def add_people(records: Records) -> None:
    """One account of each kind, the passwords hashed as in use."""
    add_person(records, Role.ADMINISTRATOR)
    for email, password in (
        (KNOWN, hash_password("correct horse battery")),
        (OTHERS["an inactive account"], hash_password("correct horse battery")),
        (OTHERS["an account without a password"], ""),
    ):
        nurse = frozenset({Role.NURSE})
        new = NewPerson(
            name="N", email=email, roles=nurse, sites=frozenset(), password_hash=password
        )
        number = people.add_person(records, COMMAND_LINE, new)
        if email == OTHERS["an inactive account"]:
            people.set_active(records, COMMAND_LINE, number, active=False)


def seconds(visitor: Visitor, email: str) -> float:
    """How long one wrong password takes."""
    page = visitor.open("/account/sign-in")
    return spent(
        lambda: visitor.press(page, "Sign in", email=email, password="wrong horse battery")  # noqa: S106
    )


def measure(records: Records) -> dict[str, list[float]]:
    """The times, by address."""
    add_people(records)
    app = casework_app(records, ARGON2=HASHER, COUNT_TRIES=False)
    visitor = Visitor(app.test_client())
    addresses = [KNOWN, *OTHERS.values()]
    taken: dict[str, list[float]] = {each: [] for each in addresses}
    for each in addresses:
        seconds(visitor, each)  # what is loaded at the first time
    for _ in range(REPEATS):
        for each in addresses:
            taken[each].append(seconds(visitor, each))
    return taken


def main() -> int:
    """Measure and print; 1 if somebody could tell."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'records.sqlite3'}"
        databases.make_pattern(address)
        ring = Keyring.make()
        records = Records(open_database(address), lambda: ring)
        taken = measure(records)
        records.database.close()
    table = Table("A try to sign in")
    table.add(PLAIN, taken[KNOWN])
    for name, email in OTHERS.items():
        table.add(name, taken[email])
    above = table.show(PLAIN, dict.fromkeys(OTHERS, BETWEEN[1]))
    below = any(table.ratio(name, PLAIN) < BETWEEN[0] for name in OTHERS)
    print(
        f"\nNone may take less than {BETWEEN[0]} of the first: {'**not met**' if below else 'met'}"
    )
    return int(above or below)


if __name__ == "__main__":
    sys.exit(main())
