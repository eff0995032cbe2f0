"""The cover of the ledger: single rows, and groups of rows that have one owner and digest.

Every table is covered unless ``EXEMPT`` names it. A group is covered as a whole, by the name of its
owner: an account with its roles, sites and passkeys; the key of a case with the words by which the
case is found. That key is random, so nobody can guess words by their digest once it is destroyed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, LargeBinary, String, cast, literal, or_, select
from sqlalchemy.orm import Session

from screening.records.ledger.digests import (
    are_values_untouched,
    covered_columns,
    data_digest,
    key_name,
    matches_values,
    newest_version,
    plain,
    since_of,
    table_name,
    values_digest,
    version_of,
)
from screening.records.storage.tables import Base, EventRow

EXEMPT = frozenset({"events", "sessions", "once", "tries", "known_browsers", "processes"})
"""Tables whose rows have no events: the ledger itself, sign-in sessions, idempotency keys, and
what limits wrong sign-ins, and the figures of processes."""
LATER = frozenset({"markers", "roles", "secrets", "sites", "users", "case_keys"})
"""Later additions to the cover: tables of single rows, and the first table of groups."""
AT_ONCE = 500
State = Mapping[str, Sequence[Sequence[Any]]]
"""Rows by table; each is the values of the covered columns, in their order."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of one digest: a row, or the group of an owner, by its first table."""

    table: FromClause
    key: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The name by which events call it."""
        names = (each.key for each in self.table.primary_key)
        return key_name(self.table, dict(zip(names, self.key, strict=True)))

    @property
    def case_id(self) -> str:
        """The case that its key names."""
        first = next(iter(self.table.primary_key)).key
        of_case = table_name(self.table) == "cases" or first == "case_id"
        return str(self.key[0]) if of_case else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of some tables that have one owner; the first has one row for each owner.

    ``members`` are the tables, each with the column that names the owner.
    """

    members: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name of the first table."""
        return self.members[0][0]

    @property
    def table(self) -> FromClause:
        """The first table."""
        return named_table(self.name)

    def states(self, session: Session, owners: Sequence[Any]) -> dict[Any, State]:
        """The states of some owners; nothing for those that have none."""
        found: dict[Any, dict[str, list[Sequence[Any]]]] = {}
        for name, owner in self.members:
            table = named_table(name)
            chosen = select(table.c[owner], *covered_columns(table)).where(
                table.c[owner].in_(owners)
            )
            for key, *values in session.connection().execute(chosen.order_by(*table.primary_key)):
                found.setdefault(key, {}).setdefault(name, []).append(values)
        return dict(found)

    def digest(self, state: State) -> str:
        """The digest of what there is of an owner, by the newest version."""
        return self._digest(
            state, max(newest_version(named_table(name)) for name, _ in self.members)
        )

    def tells(self, digest: str, state: State) -> bool:
        """True if a digest that the ledger holds is that of what there is of an owner."""
        version = version_of(digest)
        return digest == self._digest(state, version) and all(
            are_values_untouched(named_table(name), row_values(named_table(name), row), version)
            for name, rows in state.items()
            for row in rows
        )

    def _digest(self, state: State, version: int) -> str:
        parts = {name: _rows_digest(name, state.get(name, ()), version) for name, _ in self.members}
        return data_digest(parts, version)


ACCOUNTS = Group(
    (
        *(("users", "id"), ("roles_users", "user_id")),
        *(("users_sites", "user_id"), ("passkeys", "user_id")),
    )
)
CASE_KEYS = Group((("case_keys", "case_id"), ("case_words", "case_id")))
GROUPS = (ACCOUNTS, CASE_KEYS)
OF_ACCOUNTS = ACCOUNTS.name
_MEMBERS = {table: (group, column) for group in GROUPS for table, column in group.members}


def named_table(name: str) -> FromClause:
    """A table of the metadata."""
    return Base.metadata.tables[name]


def row_values(table: FromClause, row: Sequence[Any]) -> dict[str, Any]:
    """The values of a row by column."""
    return dict(zip((each.key for each in covered_columns(table)), row, strict=True))


def single_tables() -> tuple[type[Base], ...]:
    """The tables whose rows have one digest each, by name."""
    tables: list[type[Base]] = [each.class_ for each in Base.registry.mappers]
    chosen = [each for each in tables if each.__tablename__ not in {*EXEMPT, *_MEMBERS}]
    return tuple(sorted(chosen, key=lambda each: each.__tablename__))


def subject_of(row: Base) -> Subject | None:
    """The subject of a row; none if the row is exempt, or has no number yet."""
    name, table = row.__tablename__, type(row).__table__
    if name in EXEMPT:
        return None
    key = tuple(getattr(row, each.key) for each in key_columns(table))
    return None if None in key else owner_subject(table, key)


def key_columns(table: FromClause) -> list[Any]:
    """The columns that name the subject of a row: the owner's, or the primary key."""
    name = table_name(table)
    return [table.c[_MEMBERS[name][1]]] if name in _MEMBERS else list(table.primary_key)


def owner_subject(table: FromClause, key: tuple[Any, ...]) -> Subject:
    """The subject that these columns of a row name."""
    name = table_name(table)
    return Subject(_MEMBERS[name][0].table if name in _MEMBERS else table, key)


def read_subject(name: str) -> Subject:
    """The subject that an event names."""
    of, _, rest = name.partition("/")
    table = named_table(of)
    kinds = [each.type.python_type for each in table.primary_key]
    parts = zip(kinds, rest.split("/", len(kinds) - 1), strict=True)
    return Subject(table, tuple(kind(part) for kind, part in parts))


def read_states(session: Session, subjects: Sequence[Subject]) -> dict[Subject, State]:
    """The states of some subjects in the database; nothing for those that are not there."""
    found: dict[Subject, State] = {}
    for group in GROUPS:
        owners = [each.key[0] for each in subjects if table_name(each.table) == group.name]
        for start in range(0, len(owners), AT_ONCE):
            states = group.states(session, owners[start : start + AT_ONCE])
            found |= {Subject(group.table, (owner,)): state for owner, state in states.items()}
    for subject in subjects:
        if table_name(subject.table) not in _MEMBERS and (row := _read(session, subject)):
            found[subject] = {table_name(subject.table): [row]}
    return found


def portions(session: Session, table: FromClause) -> Iterator[dict[Subject, State]]:
    """All subjects of a table with their states, by its key, so many at once as memory can hold."""
    for keys in key_portions(session, table):
        yield read_states(session, [Subject(table, each) for each in keys])


def key_portions(session: Session, table: FromClause) -> Iterator[list[tuple[Any, ...]]]:
    """The keys of all rows of a table in their order, so many at once as memory can hold."""
    keys = list(table.primary_key)
    query = select(*keys).order_by(*keys).limit(AT_ONCE)
    after: Sequence[Any] | None = None
    while True:
        chosen = query if after is None else query.where(later_key(keys, after))
        found = [tuple(each) for each in session.connection().execute(chosen)]
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        after = [stored_text(each) for each in found[-1]]


def covers_later(session: Session) -> bool:
    """True if the ledger already covers anything that it did not cover at first."""
    later = (EventRow.row.startswith(f"{name}/") for name in sorted(LATER))
    told = select(EventRow.seq).where(EventRow.digest != "", EventRow.seq > 0, or_(*later)).limit(1)
    return session.scalar(told) is not None


def strays(session: Session, group: Group) -> Iterator[str]:
    """Rows of a group's other tables that belong to no owner, which foreign keys should forbid."""
    (_, owners), *others = group.members
    for name, owner in others:
        table = named_table(name)
        known = select(group.table.c[owners])
        chosen = select(*table.primary_key).where(table.c[owner].not_in(known)).limit(AT_ONCE)
        for row in session.connection().execute(chosen).mappings():
            yield key_name(table, dict(row))


def later_key(keys: Sequence[Any], after: Sequence[object]) -> Any:  # noqa: ANN401 - SQLAlchemy's
    """True if a row's key comes after another, as a condition of SQL."""
    first, *others = zip(keys, after, strict=True)
    later = first[0] > first[1]
    for key, value in others:
        later |= (first[0] == first[1]) & (key > value)
    return later


def stored_text(value: object) -> Any:  # noqa: ANN401 - of SQLAlchemy, or what was given
    """A value to compare a key with. SQLite can hold a text that is no UTF-8: see ``verify``."""
    if not isinstance(value, str) or not any("\udc80" <= letter <= "\udcff" for letter in value):
        return value
    return cast(literal(value.encode("utf-8", "surrogateescape"), LargeBinary), String)


def row_state(row: Base) -> State:
    """The state of a row that has a digest of its own, as the program holds it."""
    columns = covered_columns(type(row).__table__)
    return {row.__tablename__: [[getattr(row, each.key) for each in columns]]}


def digest_of(subject: Subject, state: State) -> str:
    """The digest of a state, by the newest version."""
    if group := _group(subject):
        return group.digest(state)
    return values_digest(subject.table, _single(subject, state))


def matches_state(digest: str, subject: Subject, state: State) -> bool:
    """True if a digest that the ledger holds is that of a state."""
    if group := _group(subject):
        return group.tells(digest, state)
    return matches_values(digest, subject.table, _single(subject, state))


def is_group(subject: Subject) -> bool:
    """True if a subject is a group of rows."""
    return _group(subject) is not None


def _group(subject: Subject) -> Group | None:
    return next((each for each in GROUPS if each.name == table_name(subject.table)), None)


def _single(subject: Subject, state: State) -> dict[str, Any]:
    (row,) = state[table_name(subject.table)]
    return row_values(subject.table, row)


def _read(session: Session, subject: Subject) -> Sequence[Any] | None:
    chosen = select(*covered_columns(subject.table))
    for column, value in zip(subject.table.primary_key, subject.key, strict=True):
        chosen = chosen.where(column == value)
    return session.connection().execute(chosen).first()


def _rows_digest(name: str, rows: Sequence[Sequence[Any]], version: int) -> str:
    """The SHA-256 of rows, each as one line of JSON, in the order of these."""
    columns = covered_columns(named_table(name))
    places = [at for at, column in enumerate(columns) if since_of(column) <= version]
    lines = sorted(json.dumps([plain(row[at]) for at in places]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
