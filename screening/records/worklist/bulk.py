"""Many cases at once: which of many patients are here already, and a list taken out whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.values.referral import Referral
from screening.records.access import Actor, Permission
from screening.records.case.case_rows import (
    Case,
    case_select,
    check_permission,
    check_visible,
    read_listed_case,
)
from screening.records.case.damaged_rows import damaged_cases, read_rows
from screening.records.case.idempotency import PostedForm, find_result
from screening.records.case.search_index import site_tokens, visible
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import find_index_key
from screening.records.sealing.search_tokens import (
    Term,
    hospital_terms,
    reference_term,
    same_terms,
)
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import CaseRow, WordRow
from screening.records.worklist.worklist import LARGEST_PAGE, Query, worklist

_AT_ONCE = 500  # values in one statement; each database has a limit, and each plan a cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The grounds for taking a referral's patient to be here already.

    ``earlier`` is the position of the first referral of the same list that is alike.
    """

    cases: tuple[Case, ...]
    earlier: int | None

    def __bool__(self) -> bool:
        """True if anything does."""
        return bool(self.cases) or self.earlier is not None


def find_likenesses(
    records: Records, actor: Actor, site_id: int, referrals: Sequence[Referral]
) -> tuple[Likeness, ...]:
    """For each referral what ``find_duplicates`` finds, and the earlier one that it may repeat.

    Raises:
        NoCaseError: if the person does not work at the site.
    """
    check_visible(actor, site_id)
    with records.database.reading() as session:
        index = find_index_key(session, records.keyring())
        tokens = [_tokens(index, actor, site_id, each) for each in referrals]
        found = _cases_by_token(session, records, actor, sorted(frozenset().union(*tokens)))
    pairs = zip(tokens, _earlier(referrals), strict=True)
    return tuple(
        Likeness(cases=_united(found.get(each, ()) for each in sorted(own)), earlier=earlier)
        for own, earlier in pairs
    )


def same_reference(one: Referral, other: Referral) -> bool:
    """True if two referrals have one reference, as far as the search tells references apart."""
    return reference_term(one.reference) == reference_term(other.reference)


def same_hospital_number(one: Referral, other: Referral) -> bool:
    """True if both have one hospital number; an unknown one is like no other."""
    return bool(hospital_terms(one) & hospital_terms(other))


def same_person(one: Referral, other: Referral) -> bool:
    """True if both have one name and one birth year; an unknown year is like no other."""
    shared = same_terms(one) & same_terms(other)
    return bool(shared - {reference_term(one.reference)})


def find_added(records: Records, actor: Actor, key: str, content: object) -> int | None:
    """The number of cases added by a form with this content; None if it was not sent before."""
    with records.database.reading() as session:
        result = find_result(session, PostedForm(actor, key, EventKind.CASE_ADDED, content))
    return None if result is None else int(result.split()[-1])


def export_cases(records: Records, actor: Actor, query: Query) -> tuple[Case, ...]:
    """All cases that a query finds, in the order in which they came. The ledger keeps who did it.

    Raises:
        NotAllowedError: if the person may not take many cases out.
    """
    check_permission(actor, Permission.EXPORT)
    events.record_event(records, actor.id, EventKind.CASES_EXPORTED)
    still = replace(query, sort="created", descending=False, size=LARGEST_PAGE)
    found: list[Case] = []
    for number in count(1):
        page = worklist(records, actor, replace(still, page=number))
        found += page.cases
        if number >= page.pages:
            break
    return tuple(found)


def _tokens(
    index: DataKey | None, actor: Actor, site_id: int, referral: Referral
) -> frozenset[str]:
    wanted = [(actor.sites, term) for term in same_terms(referral)]
    wanted += [(frozenset({site_id}), term) for term in hospital_terms(referral)]
    return frozenset(each for sites, term in wanted for each in site_tokens(index, sites, term))


def _cases_by_token(
    session: Session, records: Records, actor: Actor, tokens: Sequence[str]
) -> dict[str, list[Case]]:
    """The person's cases by each token that they are found by."""
    pairs: list[tuple[str, str]] = []
    for some in _parts(tokens):
        chosen = select(WordRow.token, WordRow.case_id).where(WordRow.token.in_(some))
        pairs += [(token, case_id) for token, case_id in session.execute(chosen)]
    ring = records.keyring()
    cases: dict[str, Case] = {}
    for some in _parts(sorted({case_id for _, case_id in pairs})):
        rows, damaged = read_rows(
            session, case_select().where(*visible(actor), CaseRow.id.in_(some))
        )
        cases |= {row[0].id: read_listed_case(ring, row) for row in rows}
        cases |= {case.id: case for case in damaged_cases(session, damaged)}
    found: dict[str, list[Case]] = {}
    for token, case_id in pairs:
        if case_id in cases:
            found.setdefault(token, []).append(cases[case_id])
    return found


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _united(groups: Iterable[Iterable[Case]]) -> tuple[Case, ...]:
    return tuple({case.id: case for group in groups for case in group}.values())


def _earlier(referrals: Iterable[Referral]) -> Iterator[int | None]:
    """For each referral the first one before it that is alike."""
    seen: dict[Term, int] = {}
    for position, referral in enumerate(referrals):
        terms = same_terms(referral) | hospital_terms(referral)
        yield min((seen[each] for each in terms if each in seen), default=None)
        for each in terms:
            seen.setdefault(each, position)
