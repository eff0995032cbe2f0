"""Short ways to write cases in tests."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from uuid import uuid4

from support.casework.referrals import referral

from screening.core.results.warning_signs import Warnings
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.records.access import Actor
from screening.records.case.case_view import CaseView, open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.case.view_events import record_view_of
from screening.records.casework.answers import FindWarnings, SaveResult, Submission, save_answers
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records

UNKNOWN = Answer(absent=AbsentReason.ASKED_UNKNOWN)


def once() -> str:
    """A fresh key of a form."""
    return uuid4().hex


def site(actor: Actor) -> int:
    """The only site of a person."""
    (only,) = actor.sites
    return only


def added(records: Records, actor: Actor, **changes: object) -> str:
    """A new case."""
    return add_case(records, actor, site(actor), referral(**changes), once())


def nothing(_: Mapping[str, Answer]) -> Warnings:
    """Of answers that no rule knows, nothing warns."""
    return Warnings()


def answers(**values: Value | Answer | None) -> dict[str, Answer | None]:
    """Answers by link id; None withdraws one."""
    return {
        link: each if each is None or isinstance(each, Answer) else Answer(value=each)
        for link, each in values.items()
    }


def saved(  # noqa: PLR0913, PLR0917 - whose, and all of a sheet
    records: Records,
    actor: Actor,
    case_id: str,
    version: int,
    posted: Mapping[str, Answer | None],
    chases: Mapping[str, Chase | None] | None = None,
    *,
    find_warnings: FindWarnings = nothing,
    at_once: AbstractSet[str] = frozenset(),
) -> SaveResult:
    """Save answers by a form."""
    sheet = Submission(
        version=version,
        answers=posted,
        how=EntryMethod.FORM,
        idempotency_key=once(),
        urgent=at_once,
    )
    return save_answers(
        open_case(records, actor, case_id),
        sheet,
        find_warnings=find_warnings,
        find_chases=lambda *_: chases or {},
    )


def viewed(records: Records, actor: Actor, case_id: str) -> CaseView:
    """A case that somebody looks at."""
    view = open_case(records, actor, case_id)
    record_view_of(view)
    return view
