"""Changes of accounts, sites and keys in words, for auditors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from screening.records.access import Role
from screening.records.changelist import TellsChange, newest_changes
from screening.records.people import sites
from screening.web.casewords import words_of_instant
from screening.web.desk import records
from screening.web.gate import actor
from screening.web.peopleforms import ROLE_WORDS

MOST = 50
WORDS = {
    "name": "Name",
    "email": "E-mail address",
    "time_zone": "Time zone",
    "active": "May sign in",
    "roles": "Roles",
    "sites": "Sites",
    "passkeys": "Passkeys",
    "password": "Password",
    "tf_primary_method": "Method of the second factor",
    "tf_totp_secret": "Authenticator app",
    "mf_recovery_codes": "Recovery codes",
    "fs_uniquifier": "Open sessions and links",
    "key_id": "Key of the keyring",
    "wrapped": "Wrapped key",
    "value": "Marker",
}
OPEN = {"name", "email", "time_zone", "tf_primary_method", "key_id"}
"""Parts that are shown as they are; of others the ledger holds no more than a digest."""


@dataclass(frozen=True, slots=True)
class Line:
    """A change as a row of a table: its event, when, who, what, and each part of it."""

    seq: int
    when: str
    who: str
    what: str
    parts: list[tuple[str, str, str]]


def lines() -> list[Line]:
    """The newest changes, the newest first."""
    names = {site.id: site.name for site in sites(records())}
    return [_line(each, names) for each in newest_changes(records(), actor(), MOST)]


def _line(change: TellsChange, names: Mapping[int, str]) -> Line:
    known = ((name, told) for name, told in change.parts.items() if name in WORDS)
    parts = [
        (WORDS[name], side(name, before, names), _after(name, before, after, names))
        for name, (before, after) in known
    ]
    what = f"{change.kind.replace('-', ' ')}: {change.row or 'no row'}"
    return Line(change.seq, words_of_instant(change.at), change.by, what, parts)


def side(name: str, value: Any, names: Mapping[int, str]) -> str:  # noqa: ANN401 - of JSON
    """One side of a change in words."""
    if value is None or value == []:
        return "none"
    makers: dict[str, Callable[[Any], str]] = {
        "active": lambda yes: "yes" if yes else "no",
        "roles": lambda held: ", ".join(ROLE_WORDS[Role(each)] for each in held),
        "sites": lambda held: ", ".join(names.get(each, f"site {each}") for each in held),
        "passkeys": lambda held: str(len(held)),
    }
    if name in makers:
        return makers[name](value)
    return str(value) if name in OPEN else "set"


def _after(name: str, before: object, after: object, names: Mapping[int, str]) -> str:
    words = side(name, after, names)
    return "replaced" if words == "set" and before is not None else words
