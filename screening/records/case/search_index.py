"""The index by which cases are found: kept as cases come and change, and made again when it is old.

Each site has tokens of its own, so that somebody who adds a case at one site learns nothing about
the rows of another. An older index, such as one with the same tokens for all sites, is under a key
of another name; an upgrade replaces it, in one transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from screening.core.values.referral import Referral
from screening.records.access import Actor
from screening.records.case.case_rows import case_select, read_case
from screening.records.sealing.case_keys import INDEX, add_index_key, find_index_key
from screening.records.sealing.search_tokens import Term, searches, terms_of
from screening.records.sealing.vault import DataKey, Keyring, SealError, derive, token
from screening.records.storage.tables import CaseRow, SecretRow, WordRow

_AT_ONCE = 500


WORDS = 32
"""Every case has so many tokens, or a multiple for a name of many or long words, so that their
number does not tell how long a name is."""


def index_cases(
    session: Session, keyring: Keyring, site_id: int, known: Mapping[str, Referral]
) -> None:
    """Let cases of a site be found by what is known; the caller holds the ledger's lock."""
    index = _current_key(session, keyring)
    session.execute(delete(WordRow).where(WordRow.case_id.in_(known)))
    _add_words(session, index, {case_id: (site_id, each) for case_id, each in known.items()})


def site_tokens(index: DataKey | None, sites: Iterable[int], term: Term) -> list[str]:
    """The tokens of a term at some sites, in an order that tells nothing; none without an index."""
    return sorted(token(_of_site(index, site), *term) for site in sites) if index else []


def renew_index(session: Session, keyring: Keyring) -> None:
    """Make an older index again; the caller holds the ledger's lock.

    The newest index stays as it is, even if somebody changed its key so that nobody can open it.
    """
    if session.get(SecretRow, INDEX) is None and find_index_key(session, keyring):
        _current_key(session, keyring)


def rebuild_index(session: Session, keyring: Keyring) -> None:
    """Make the whole index again; the caller holds the ledger's lock."""
    if find_index_key(session, keyring):
        _index_all(session, keyring, _current_key(session, keyring))


def _current_key(session: Session, keyring: Keyring) -> DataKey:
    found = find_index_key(session, keyring)
    if found and found.name == INDEX:
        return found
    index = add_index_key(session, keyring)
    if found:
        _index_all(session, keyring, index)
    return index


def _of_site(index: DataKey, site_id: int) -> DataKey:
    return derive(index, f"site/{site_id}")


def _index_all(session: Session, keyring: Keyring, index: DataKey) -> None:
    session.execute(delete(WordRow))
    ids = session.scalars(select(CaseRow.id).where(CaseRow.erased_at.is_(None))).all()
    for at in range(0, len(ids), _AT_ONCE):
        some = case_select().where(CaseRow.id.in_(ids[at : at + _AT_ONCE]))
        known = dict(_readable(keyring, session.execute(some)))
        _add_words(session, index, known)


def _readable(
    keyring: Keyring, rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[str, tuple[int, Referral]]]:
    """Cases with their sites and referrals; ``screening ledger verify`` lists what is left out."""
    for row in rows:
        with suppress(SealError):
            case = read_case(keyring, row)
            yield case.id, (case.site_id, case.referral)


def _add_words(session: Session, index: DataKey, known: Mapping[str, tuple[int, Referral]]) -> None:
    rows: Sequence[Mapping[str, str]] = [
        {"token": each, "case_id": case_id}
        for case_id, (site_id, referral) in known.items()
        for each in sorted(_padded(_of_site(index, site_id), case_id, terms_of(referral)))
    ]
    if rows:
        session.execute(insert(WordRow), rows)


def _padded(site: DataKey, case_id: str, terms: frozenset[Term]) -> frozenset[str]:
    """The tokens of terms at a site, and others by which nothing is found.

    They are always the same, so that none is new when a case is indexed again.
    """
    filler = (("filler", f"{case_id}/{each}") for each in range(-len(terms) % WORDS))
    return frozenset(token(site, *each) for each in (*terms, *filler))


def visible(actor: Actor) -> list[ColumnElement[bool]]:
    """The condition on rows of the person's cases; erased ones are left out."""
    sites = sorted(actor.sites)
    one = len(sites) == 1  # by an equal sign the index gives the rows in their order
    seen = CaseRow.site_id == sites[0] if one else CaseRow.site_id.in_(sites)
    return [seen, CaseRow.erased_at.is_(None)]


def matching(session: Session, ring: Keyring, actor: Actor, text: str) -> ColumnElement[bool]:
    """The condition on rows of the person's cases that a text looks for."""
    index = find_index_key(session, ring)
    ways = set(searches(text))
    single = frozenset().union(*(way for way in ways if len(way) == 1))
    several = sorted(sorted(way) for way in ways if len(way) > 1)
    return or_(
        has_term(index, actor.sites, *single),  # the database looks each row up once for them all
        *(and_(*(has_term(index, actor.sites, term) for term in way)) for way in several),
    )


def has_term(index: DataKey | None, sites: Iterable[int], *terms: Term) -> ColumnElement[bool]:
    """Choose the cases of some sites that are indexed by one of the terms."""
    tokens = sorted(each for term in terms for each in site_tokens(index, sites, term))
    return CaseRow.id.in_(select(WordRow.case_id).where(WordRow.token.in_(tokens)))
