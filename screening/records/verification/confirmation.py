"""Confirmation of single results by the ledger, without reading all of it.

A row is confirmed if its newest event has the row's digest, a hash of its own content, and a MAC
that only somebody with the keyring can make. ``verify`` checks the ledger as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, false, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from screening.records.errors import UnconfirmedError
from screening.records.ledger.digests import matches_row, matches_values, row_name, vars_of
from screening.records.ledger.entries import is_genuine
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseRow,
    EventRow,
    NoteRow,
    ReviewRow,
    RulesetRow,
)

RESULT, OTHER_RESULT, DECISION, RULES = "result", "other result", "decision", "rules"
ANSWERS = "answers"
SOME_RESULT, SOME_RULES = "some result", "some rules"
_RESULTS, _REVIEWS = f"{AssessmentRow.__tablename__}/", f"{ReviewRow.__tablename__}/"
_RULESETS = f"{RulesetRow.__tablename__}/"
_KEPT = select(AssessmentRow.id, AssessmentRow.case_id, AssessmentRow.ruleset_digest)
_NAMED: BindParameter[Any] = bindparam("named", expanding=True)
_REVIEWED = select(ReviewRow.id, ReviewRow.case_id, ReviewRow.assessment_id)
_AT_ONCE = 500
_Table = TypeVar("_Table", bound=Base)
_Names = Row[str, str, str]
"""The id and the case of a row, and the id or digest of what it rests on."""
_RECORDED = (EventKind.ASSESSMENT_RECORDED.value, EventKind.REVIEW_RECORDED.value)


def unconfirmed_parts(records: Records, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The parts that the ledger does not confirm: the result, its rules, or what else its case has.

    The decisions of the case are all confirmed, for one may have been moved from another result. So
    are its other results: the newest decides what a letter says, and whether one can be decided on.

    Args:
        records: to be read. They are not changed.
        ids: of assessments.

    Returns:
        For each assessment that has any, the parts.
    """
    with records.database.reading() as session:
        return _find_unconfirmed(session, records.keyring(), ids)


def check_confirmed(session: Session, ring: Keyring, row_id: str) -> None:
    """Make sure that the ledger confirms an assessment, as ``unconfirmed_parts`` does.

    Raises:
        UnconfirmedError: if it does not.
    """
    if parts := _find_unconfirmed(session, ring, [row_id]).get(row_id):
        raise UnconfirmedError(parts)


def check_answers_confirmed(session: Session, ring: Keyring, case_id: str) -> None:
    """Make sure that the ledger confirms all answers of a case, and that none is missing.

    The newest of them decides whether a result is outdated.

    Raises:
        UnconfirmedError: if it does not.
    """
    if not _all_confirmed(session, ring, AnswerRow, case_id):
        raise UnconfirmedError((ANSWERS,))


def find_confirmed_cases(session: Session, ring: Keyring, ids: Sequence[str]) -> set[str]:
    """Those of some cases whose row is as the ledger says."""
    found: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        portion = set(ids[start : start + _AT_ONCE])
        bad = _not_vouched(session, ring, {CaseRow: portion})
        found |= {each for each in portion if f"{CaseRow.__tablename__}/{each}" not in bad}
    return found


def are_notes_confirmed(records: Records, case_id: str) -> bool:
    """True if the ledger confirms all notes of a case that have a row, and that none is missing.

    The newest of them may be a letter, beside which an older one looks current.
    """
    with records.database.reading() as session:
        return _all_confirmed(session, records.keyring(), NoteRow, case_id)


def _all_confirmed(
    session: Session, ring: Keyring, table: type[AnswerRow | NoteRow], case_id: str
) -> bool:
    prefix = f"{table.__tablename__}/"
    events = select(EventRow.row).where(
        EventRow.case_id == case_id, EventRow.row.startswith(prefix, autoescape=True)
    )
    recorded = {*session.scalars(events)}
    kept = {*session.scalars(select(table.id).where(table.case_id == case_id))}
    gone = recorded - {f"{prefix}{each}" for each in kept}
    return not (gone or _not_vouched(session, ring, {table: kept}))


def _find_unconfirmed(
    session: Session, ring: Keyring, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    case = _read_cases(session, _questions_of_results(), ids)
    kept = [row for row in case.kept if row.id in ids]
    wrong = _wrong_rows(session, ring, kept, case)
    found = {row.id: tuple(_parts(row, wrong[row.id])) for row in kept}
    return {row_id: parts for row_id, parts in found.items() if parts}


def unconfirmed_in_case(records: Records, case_id: str) -> tuple[str, ...]:
    """The same of all results of a case together, also if none of them is left."""
    with records.database.reading() as session:
        case = _read_cases(session, _questions_of_cases(), [case_id])
        wrong = _wrong_rows(session, records.keyring(), case.kept, case)
        names = set().union(*wrong.values(), *case.gone.values())
    kinds = ((SOME_RESULT, _RESULTS), (DECISION, _REVIEWS), (SOME_RULES, _RULESETS))
    return tuple(kind for kind, table in kinds if any(name.startswith(table) for name in names))


def _parts(row: _Names, wrong: set[str]) -> Iterator[str]:
    own = f"{_RESULTS}{row.id}"  # an id may be anything that somebody put there
    if own in wrong:
        yield RESULT
    if any(name.startswith(_RESULTS) for name in wrong - {own}):
        yield OTHER_RESULT
    if any(name.startswith(_REVIEWS) for name in wrong):
        yield DECISION
    if f"{_RULESETS}{row.ruleset_digest}" in wrong:
        yield RULES


@dataclass(frozen=True, slots=True)
class _Cases:
    """The names of the results of cases, of the decisions on them, and of those that are gone."""

    kept: Sequence[_Names]
    reviews: Sequence[_Names]
    gone: Mapping[str, set[str]]


class _Questions(NamedTuple):
    """Queries for what is ``named``: what events record, the results, and decisions on them."""

    recorded: "Select[str, str]"
    kept: "Select[str, str, str]"
    reviews: "Select[str, str, str]"


@cache
def _questions_of_results() -> _Questions:
    """Those for the cases of results; put together once, as every page of a result asks them."""
    asked = AssessmentRow.id.in_(_NAMED)
    return _questions(select(AssessmentRow.case_id).where(asked), asked)


@cache
def _questions_of_cases() -> _Questions:
    return _questions(_NAMED, false())


def _questions(cases: Any, asked: ColumnElement[bool]) -> _Questions:  # noqa: ANN401 - as of in_
    """The queries for cases, and for the results that are asked for wherever they are."""
    recorded = select(EventRow.case_id, EventRow.row).where(EventRow.case_id.in_(cases))
    rests = ReviewRow.assessment_id.in_(bindparam("kept", expanding=True))
    return _Questions(
        recorded=recorded.where(EventRow.kind.in_(_RECORDED)),
        kept=_KEPT.where(asked | AssessmentRow.case_id.in_(cases)),
        reviews=_REVIEWED.where(rests | ReviewRow.case_id.in_(cases)),
    )


def _read_cases(session: Session, ask: _Questions, named: Sequence[str]) -> _Cases:
    """The names in cases, with those of the assessments that are asked for.

    What events record is read first: who records a result meanwhile adds no row that is missing.
    """
    told: dict[str, Any] = {"named": named}
    try:
        recorded = session.execute(ask.recorded, told).all()
        kept = session.execute(ask.kept, told).all()
        reviews = session.execute(ask.reviews, told | {"kept": [row.id for row in kept]}).all()
    except OperationalError as error:
        _check_unreadable(error)
        raise UnconfirmedError((SOME_RESULT,)) from error
    return _Cases(kept, reviews, _missing(recorded, kept, reviews))


def _wrong_rows(
    session: Session, ring: Keyring, kept: Sequence[_Names], case: _Cases
) -> Mapping[str, set[str]]:
    """For each assessment the names of the rows of its case that the ledger does not confirm."""
    concerned = [each for each in case.reviews if any(_concerns(each, row) for row in kept)]
    bad = _not_vouched(
        session,
        ring,
        {
            AssessmentRow: {row.id for row in case.kept},
            ReviewRow: {each.id for each in concerned},
            RulesetRow: {row.ruleset_digest for row in kept},
        },
    )
    found: dict[str, set[str]] = {}
    for row in kept:
        own = {f"{_RULESETS}{row.ruleset_digest}"}
        own |= {f"{_RESULTS}{each.id}" for each in case.kept if each.case_id == row.case_id}
        own |= {f"{_REVIEWS}{each.id}" for each in concerned if _concerns(each, row)}
        found[row.id] = own & bad | case.gone.get(row.case_id, set())
    return found


def _not_vouched(session: Session, ring: Keyring, keys: Mapping[type[Base], set[str]]) -> set[str]:
    """The names of those rows of tables that are missing, unreadable or not as recorded."""
    names = {f"{table.__tablename__}/{key}" for table, some in keys.items() for key in some}
    rows = {
        row_name(row): row
        for table, some in keys.items()
        if some
        for row in _readable(session, table, list(some))
    }
    told = {event.row: event for event in _newest_events(session, list(names))}
    return {name for name in names if not _is_vouched(ring, rows.get(name), told.get(name))}


def _is_vouched(ring: Keyring, row: Base | None, event: EventRow | None) -> bool:
    if row is None or event is None:
        return False
    try:
        return is_genuine(event, ring) and _matches(event.digest, row)
    except (TypeError, ValueError):  # a value that nothing of ours could have written
        return False


def _matches(digest: str, row: Base) -> bool:
    if not isinstance(row, RulesetRow):
        return matches_row(digest, row)
    values = vars_of(row)
    return _match_rules(digest, tuple((name, type(value), value) for name, value in values.items()))


@lru_cache(16)
def _match_rules(digest: str, values: tuple[tuple[str, type, Any], ...]) -> bool:
    """Compare a row of rules, whose texts are long; the answer is kept by the whole row."""
    told = {name: value for name, _, value in values}
    return matches_values(digest, RulesetRow.__table__, told)


def _readable(session: Session, table: type[_Table], keys: Sequence[Any]) -> list[_Table]:
    """The rows of a table with these keys, without those that have a value of another type."""
    try:
        return list(session.scalars(_rows(table), {"named": keys}))
    except (TypeError, ValueError, OperationalError) as error:
        _check_unreadable(error)
        single = [[each] for each in keys] if len(keys) > 1 else []
        return [row for each in single for row in _readable(session, table, each)]


def _check_unreadable(error: Exception) -> None:
    """Make sure that an error is of a value, such as text in no UTF-8, and not of the database.

    Raises:
        OperationalError: if the database itself failed.
    """
    if isinstance(error, OperationalError) and "decode" not in str(error.orig):
        raise error


@cache
def _rows(table: type[_Table]) -> Select[_Table]:
    return select(table).where(table.__mapper__.primary_key[0].in_(_NAMED))


def _newest_events(session: Session, names: Sequence[str]) -> Sequence[EventRow]:
    try:
        return session.scalars(_newest_of_rows(), {"named": names}).all()
    except (TypeError, ValueError, OperationalError) as error:
        _check_unreadable(error)
        numbers = session.scalars(_newest_numbers(), {"named": names}).all()
        return _readable(session, EventRow, numbers)


@cache
def _newest_of_rows() -> Select[EventRow]:
    return select(EventRow).where(EventRow.seq.in_(_newest_numbers()))


@cache
def _newest_numbers() -> Select[int]:
    """The numbers of the newest events of the rows that are named."""
    covering = EventRow.row.in_(_NAMED), EventRow.digest != "", EventRow.seq > 0
    return select(func.max(EventRow.seq)).where(*covering).group_by(EventRow.row)


def _concerns(review: _Names, row: _Names) -> bool:
    return bool(row.id == review.assessment_id or row.case_id == review.case_id)


def _missing(
    recorded: Iterable[Row[str, str]], kept: Sequence[_Names], reviews: Sequence[_Names]
) -> dict[str, set[str]]:
    """The results and decisions that events record, by their case, but that their case lacks."""
    there = {(row.case_id, f"{_RESULTS}{row.id}") for row in kept}
    there |= {(row.case_id, f"{_REVIEWS}{row.id}") for row in reviews}
    gone: dict[str, set[str]] = {}
    for event in recorded:
        if (event.case_id, event.row) not in there:
            gone.setdefault(event.case_id, set()).add(event.row)
    return gone
