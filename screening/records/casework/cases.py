"""Cases: referrals that are screened, each under the version that its last write made.

Each function here checks the person who calls it: a case of a site that is not the person's does
not exist for that person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from screening.core.rules.ruleset import Ruleset
from screening.core.values.referral import Referral
from screening.formats.referrals.text import read_referral, texts_of
from screening.records.access import Actor, Permission
from screening.records.case import idempotency as forms
from screening.records.case.case_rows import (
    Case,
    State,
    check_permission,
    check_visible,
    referral_of,
)
from screening.records.case.case_summary import Summary, seal_summary, with_referral
from screening.records.case.case_view import CaseView, open_case
from screening.records.case.case_write import CaseWrite, Write, new_id, write_case
from screening.records.case.idempotency import PostedForm
from screening.records.case.search_index import index_cases
from screening.records.casework.answers import FindWarnings
from screening.records.casework.chases import write_chases
from screening.records.casework.handovers import check_handed_over
from screening.records.errors import StaleError, UnfitFieldError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import latest_day
from screening.records.sealing.case_keys import add_key
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import CaseRow


def add_case(
    records: Records, actor: Actor, site_id: int, referral: Referral, idempotency_key: str
) -> str:
    """Add a case; gives its id, the same for the same form.

    Raises:
        UnfitFieldError: if a field of the referral is not what it can hold.
        NoCaseError: if the person does not work at the site.
        NotAllowedError: if the person adds no cases.
    """
    (case_id,) = add_cases(records, actor, site_id, [referral], idempotency_key)
    return case_id


def add_cases(  # noqa: PLR0913, PLR0917 - where, what, and the form's marks
    records: Records,
    actor: Actor,
    site_id: int,
    referrals: Sequence[Referral],
    idempotency_key: str,
    content: object = None,
) -> tuple[str, ...]:
    """Add cases, all of them or none; gives their ids, the same for the same form.

    Args:
        records: where to.
        actor: who adds them.
        site_id: the site that they belong to.
        referrals: one for each case.
        idempotency_key: that of the form.
        content: what the form says, if that is something else than these referrals.

    Raises:
        UnfitFieldError: if a field of a referral is not what it can hold.
        NoCaseError: if the person does not work at the site.
        NotAllowedError: if the person adds no cases.
    """
    check_visible(actor, site_id)
    check_permission(actor, Permission.SCREEN)
    for referral in referrals:
        _check_fit(records, referral)
    kind = EventKind.CASE_ADDED
    with records.database.writing() as session:
        events.lock(session)  # of two that send the same, one waits here for what the other did
        form = PostedForm(
            actor, idempotency_key, kind, content or [site_id, *map(texts_of, referrals)]
        )
        result = forms.find_result(session, form)
        if result is None:
            result = f"{new_id()} {len(referrals)}"
            new = dict(zip(forms.case_ids(result), referrals, strict=True))
            _add(session, records, actor, site_id, new)
            forms.keep_result(session, records, form, result)
        return tuple(forms.case_ids(result))


def find_case(records: Records, actor: Actor, case_id: str) -> Case:
    """A case that the person may see.

    Raises:
        NoCaseError: if there is none.
    """
    return open_case(records, actor, case_id).case


def change_referral(
    view: CaseView,
    version: int,
    referral: Referral,
    idempotency_key: str,
    find_warnings: FindWarnings | None = None,
) -> int:
    """Change what a case is known by; gives its new version.

    Another birth year overtakes what was computed and decided.

    Args:
        view: the case, as the person who changes it sees it.
        version: that of the case as the page showed it.
        referral: what the case is known by from now on.
        idempotency_key: that of the form.
        find_warnings: what the worklist warns of, by the answers and the new birth year.

    Raises:
        StaleError: if somebody changed the case since that version.
        UnfitFieldError: if a field of the referral is not what it can hold.
        NoCaseError, NotAllowedError, ClosedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        _check_fit(case.records, referral)
        if referral == referral_of(case.summary, case.row):
            return str(version)
        return str(_change_referral(case, referral, find_warnings))

    kind, content = EventKind.REFERRAL_CHANGED, [version, texts_of(referral)]
    return int(
        write_case(view, Write(idempotency_key=idempotency_key, kind=kind, content=content), work)
    )


def close_case(view: CaseView, version: int, rules: Ruleset, idempotency_key: str) -> int:
    """Close a case: it is read from now on, and no longer worked on. Gives the new version.

    Args:
        view: the case, as the person who closes it sees it.
        version: that of the case as the page showed it.
        rules: the rules in use, by which a known emergency is found.
        idempotency_key: that of the form.

    Raises:
        StaleError: if somebody changed the case since that version.
        NotHandedOverError: if nobody has recorded who was told about a known emergency.
        NoCaseError, NotAllowedError, ClosedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        check_handed_over(case, rules)
        case.summary = replace(case.summary, reopens=case.row.state)
        return str(case.finish(EventKind.CASE_CLOSED, State.CLOSED))

    return int(
        write_case(
            view,
            Write(idempotency_key=idempotency_key, kind=EventKind.CASE_CLOSED, content=version),
            work,
        )
    )


def reopen_case(view: CaseView, version: int, idempotency_key: str) -> int:
    """Open a closed case again, in the state that it had. Gives the new version.

    Raises:
        StaleError: if somebody changed the case since that version, or it is not closed.
        NoCaseError, NotAllowedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        if case.row.state != State.CLOSED.value:
            raise StaleError(case.row.version)
        state = State(case.summary.reopens or State.SCREENING)
        case.summary = replace(case.summary, reopens=None)
        return str(case.finish(EventKind.CASE_REOPENED, state))

    kind = EventKind.CASE_REOPENED
    return int(
        write_case(view, Write(idempotency_key=idempotency_key, kind=kind, content=version), work)
    )


def _change_referral(
    case: CaseWrite, referral: Referral, find_warnings: FindWarnings | None
) -> int:
    known = {case.row.id: referral}
    index_cases(case.session, case.records.keyring(), case.row.site_id, known)
    case.row.clinic, case.row.priority = referral.clinic, referral.priority.value
    same_age = referral.birth_year == case.summary.birth_year
    case.summary = with_referral(case.summary, referral)
    state = None if same_age else _discard_result(case, find_warnings)
    return case.finish(EventKind.REFERRAL_CHANGED, state)


def _discard_result(case: CaseWrite, find_warnings: FindWarnings | None) -> State | None:
    """Take back what was computed with another birth year; gives the new state of the case."""
    if case.row.state == State.NEW.value:
        return None
    case.summary = replace(case.summary, outcome_name=None, settled=None, decision=None)
    if find_warnings is not None:
        found = find_warnings(case.history.answers())
        case.summary = case.summary.with_warnings(found, case.day)
        write_chases(case, {})
    return State.SCREENING


def _add(
    session: Session, records: Records, actor: Actor, site_id: int, new: Mapping[str, Referral]
) -> None:
    """Add cases by id."""
    ring = records.keyring()
    keys = {case_id: DataKey.make(case_id) for case_id in new}
    rows = [_row(records, actor, site_id, keys[each], referral) for each, referral in new.items()]
    session.add_all(rows)
    session.flush()  # the rows below refer to these
    for key in keys.values():
        add_key(session, ring, key)
    index_cases(session, ring, site_id, new)
    kind = EventKind.CASE_ADDED
    for row in rows:
        events.append_row(session, records, by=actor.id, kind=kind, case_id=row.id, row=row)


def _row(records: Records, actor: Actor, site_id: int, key: DataKey, referral: Referral) -> CaseRow:
    at = records.now()
    row = CaseRow(
        id=key.name,
        site_id=site_id,
        version=1,
        clinic=referral.clinic,
        priority=referral.priority.value,
        state=State.NEW.value,
        waits_for=None,
        due=None,
        created_at=at,
        created_by=actor.id,
        touched_at=at,
        touched_by=actor.id,
        assigned_to=None,
        erased_at=None,
    )
    seal_summary(key, row, Summary.of(referral))
    return row


def _check_fit(records: Records, referral: Referral) -> None:
    """Make sure that a referral is one that could have been typed."""
    read, unfit = read_referral(texts_of(referral), latest_day(records.now()))
    for field, error in unfit.items():
        raise UnfitFieldError(field, str(error))
    if read != referral:
        raise UnfitFieldError("referral", "it has characters that are not seen")
