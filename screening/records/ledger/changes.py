"""The part of an event that says what changed, with each value before and after.

Names of people and sites, addresses, roles and states are recorded as they are. For everything
else, such as passwords, second factors and keys, the event records a digest that shows whether the
value is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.ledger.covered import OF_ACCOUNTS, State, Subject, named_table, row_values
from screening.records.ledger.digests import plain, table_name
from screening.records.ledger.events import EventKind

OPEN = {
    "users": frozenset({"name", "email", "active", "tf_primary_method"}),
    "sites": frozenset({"name", "time_zone", "letter_head", "letter_foot"}),
    "roles": frozenset({"name"}),
    "case_keys": frozenset({"key_id"}),
    "secrets": frozenset({"key_id"}),
}
"""Columns whose values are recorded as they are."""
PASSWORD = frozenset({"password"})
FACTORS = frozenset({"tf_primary_method", "tf_totp_secret", "mf_recovery_codes", "passkeys"})
_BESIDE = frozenset({"fs_uniquifier", "fs_webauthn_user_handle"})
"""Columns that may change with a password or a second factor, and mean nothing alone."""
_SHOWN = 16
Parts = Mapping[str, Any]


def changes_between(
    session: Session, subject: Subject, before: State | None, after: State | None
) -> dict[str, dict[str, Any]]:
    """The differences between two states, by name, as JSON data."""
    if table_name(subject.table) not in {*OPEN, "markers"}:
        return {}
    old, new = _parts(session, subject, before), _parts(session, subject, after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: {"before": old.get(name), "after": new.get(name)} for name in names}


def kind_of(changed: AbstractSet[str]) -> EventKind:
    """The name of a change of some parts."""
    rest = changed - _BESIDE
    if rest == PASSWORD:
        return EventKind.PASSWORD_CHANGED
    if rest and rest <= FACTORS:
        return EventKind.SECOND_FACTOR_CHANGED
    return EventKind.RECORD_CHANGED


def secret_digest(value: object) -> str:
    """By what a value is recognised that nobody may read; of passwords it is that of their hash."""
    return hashlib.sha256(json.dumps(plain(value)).encode()).hexdigest()[:_SHOWN]


def _parts(session: Session, subject: Subject, state: State | None) -> Parts:
    if state is None:
        return {}
    parts = _columns(table_name(subject.table), state)
    if table_name(subject.table) == OF_ACCOUNTS:
        parts |= _rights(session, state)
    return parts


def _columns(name: str, state: State) -> dict[str, Any]:
    shown = OPEN.get(name, frozenset())
    values = {} if not state.get(name) else row_values(named_table(name), state[name][0])
    keys = {each.key for each in named_table(name).primary_key}
    return {
        column: plain(value) if value is None or column in shown else secret_digest(value)
        for column, value in values.items()
        if column not in keys
    }


def _rights(session: Session, state: State) -> dict[str, Any]:
    """Roles by name, sites by number, and passkeys by what recognises them."""
    roles = named_table("roles")
    held = _column(state, "roles_users", "role_id")
    names = session.connection().execute(select(roles.c.name).where(roles.c.id.in_(held)))
    passkeys = _column(state, "passkeys", "credential_id")
    return {
        "roles": sorted(names.scalars()),
        "sites": sorted(_column(state, "users_sites", "site_id")),
        "passkeys": sorted(map(secret_digest, passkeys)),
    }


def _column(state: State, name: str, column: str) -> list[Any]:
    table = named_table(name)
    return [row_values(table, row)[column] for row in state.get(name, ())]
