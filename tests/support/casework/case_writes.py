"""Short ways to write cases in tests."""

from collections.abc import Mapping
from uuid import uuid4

from support.casework.referrals import referral

from screening.core.answer import AbsentReason, Answer, Value
from screening.core.doubts import Warnings
from screening.records.access import Actor
from screening.records.casework.answers import How, Saved, save_answers
from screening.records.casework.cases import add_case
from screening.records.casework.chases import Chase
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


def saved(  # noqa: PLR0913, PLR0917 - as many as the write itself takes
    records: Records,
    actor: Actor,
    case_id: str,
    version: int,
    posted: Mapping[str, Answer | None],
    chases: Mapping[str, Chase | None] | None = None,
) -> Saved:
    """Save answers by a form."""
    form = records, actor, case_id, version, posted, How.FORM, once(), chases
    return save_answers(*form, find_warnings=nothing)
