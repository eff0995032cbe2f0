"""Changes of accounts, sites and keys in words, for auditors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from screening.records.access import known_roles
from screening.records.ledger.events import EventKind
from screening.records.people.sites import sites
from screening.records.rights.change_list import ChangeEvent, newest_changes
from screening.records.worklist.column_matches import find_site_of_match
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.accounts.forms import ROLE_WORDS
from screening.web.people.proposals import ACTION_WORDS
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant
from screening.words.shared.lists import join_name

MOST = 50
WORDS = Phrases(
    {
        "name": "Name",
        "email": "Email address",
        "time_zone": "Time zone",
        "letter_head": "Letter heading",
        "letter_foot": "Letter footer",
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
        "value": "Value",
    }
)
OPEN = {
    *("name", "email", "time_zone", "letter_head", "letter_foot"),
    *("tf_primary_method", "key_id"),
}
"""Parts that are shown as they are; of others the ledger holds no more than a digest."""

KINDS = Phrases(
    {
        EventKind.RIGHTS_PROPOSED.value: "proposed",
        EventKind.RIGHTS_APPROVED.value: "approved",
        EventKind.RIGHTS_REFUSED.value: "refused",
        EventKind.RIGHTS_WITHDRAWN.value: "withdrawn",
        EventKind.RIGHTS_CHANGED.value: "changed by one administrator",
        EventKind.LINK_MADE.value: "password link made",
        EventKind.LINK_OPENED.value: "password link opened with its code",
        EventKind.ACCOUNT_ADDED.value: "account added",
        EventKind.ACCOUNT_CHANGED.value: "account changed",
        EventKind.PASSWORD_CHANGED.value: "password changed",
        EventKind.SECOND_FACTOR_CHANGED.value: "second factor changed",
        EventKind.IDENTITY_LINKED.value: "identity linked",
        EventKind.IDENTITY_UNLINKED.value: "identity unlinked",
        EventKind.SITE_ADDED.value: "site added",
        EventKind.SITE_CHANGED.value: "site changed",
        EventKind.RECORD_ADDED.value: "record added",
        EventKind.RECORD_CHANGED.value: "record changed",
        EventKind.RECORD_REMOVED.value: "record removed",
        EventKind.RECORD_SNAPSHOT.value: "record snapshot",
    }
)
TOLD = ACTION_WORDS.keys()
THINGS = Phrases(
    {
        "secrets": "a key of the service",
        "case_keys": "the key of a case",
        "markers": "a setting of the service",
        "identities": "a connection with single sign-on",
        "roles": "the list of roles",
    }
)
"""The subject of a change, by the table that it is in; people and sites are named."""

MATCH = mark("how file columns are matched at {site}")


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


def _line(change: ChangeEvent, names: Mapping[int, str]) -> Line:
    known = ((name, told) for name, told in change.parts.items() if name in WORDS)
    parts = [
        (WORDS[name], side(name, before, names), _after(name, before, after, names))
        for name, (before, after) in known
    ]
    if change.opened is not None:
        parts.append(
            (gettext("Link used"), "", gettext("yes") if change.opened else gettext("not yet"))
        )
    what = join_name(_kind_words(change), _subject(change, names))
    return Line(change.seq, words_of_instant(change.at), change.by, what, parts)


def _kind_words(change: ChangeEvent) -> str:
    kind = KINDS.get(change.kind, change.kind.replace("-", " "))
    return join_name(kind, ACTION_WORDS[change.action].lower()) if change.action in TOLD else kind


def _subject(change: ChangeEvent, names: Mapping[int, str]) -> str:
    """The subject of a change, a person or a thing, in words."""
    if person := change.concerns:
        roles = ", ".join(words for role, words in ROLE_WORDS.items() if role in person.roles)
        message = mark("{name} ({roles})")
        return gettext(message, name=person.name, roles=roles or gettext("no role"))
    table, _, key = change.row.partition("/")
    if table == "sites" and key.isdecimal():
        return names.get(int(key), _site(key))
    match_of = find_site_of_match(key) if table == "markers" else None
    if match_of is not None:
        return gettext(MATCH, site=names.get(match_of, _site(match_of)))
    return THINGS.get(table, change.row or gettext("the whole service"))


def _site(number: object) -> str:
    """A site that is there no longer."""
    return gettext("site {number}", number=number)


def _role(name: object) -> str:
    """A role in words."""
    known = known_roles([str(name)])
    return ROLE_WORDS[next(iter(known))] if known else gettext("a role that cannot be read")


def side(name: str, value: Any, names: Mapping[int, str]) -> str:  # noqa: ANN401 - of JSON
    """One side of a change in words."""
    if value is None or value == []:
        return gettext("none")
    makers: dict[str, Callable[[Any], str]] = {
        "active": lambda yes: gettext("yes") if yes else gettext("no"),
        "roles": lambda held: ", ".join(map(_role, held)),
        "sites": lambda held: ", ".join(names.get(each, _site(each)) for each in held),
        "passkeys": lambda held: str(len(held)),
    }
    if name in makers:
        return makers[name](value)
    return str(value) if name in OPEN else gettext("set")


def _after(name: str, before: object, after: object, names: Mapping[int, str]) -> str:
    words = side(name, after, names)
    return "replaced" if words == "set" and before is not None else words
