"""Reviews: what a person decided on an assessment. The computed outcome stays beside it.

``core.decision`` has the rules; nothing that they refuse is recorded. Few people may override.
"""

import datetime as dt
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from screening.core.results.decision import Choice, Decision, Grounds, Refusal, find_refusal
from screening.core.rules.ruleset import Ruleset
from screening.core.values.note import DECISION_NOTE
from screening.errors import ScreeningError
from screening.records.access import Actor, Permission
from screening.records.case.assessment_content import Content
from screening.records.case.case_rows import State
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import CaseWrite, Write, new_id, write_case
from screening.records.case.history import AnswerEntry, History
from screening.records.case.newest import find_newest
from screening.records.casework.handovers import needs_handover
from screening.records.errors import NoAssessmentError, UnconfirmedError, UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.results.clock import SiteClock, is_clock_behind
from screening.records.results.grounds import grounds_of, supersession_of
from screening.records.sealing import padding
from screening.records.sealing.vault import SealError
from screening.records.storage.tables import ReviewRow
from screening.records.verification.accounts import check_rights
from screening.records.verification.confirmation import (
    ANSWERS,
    check_answers_confirmed,
    check_confirmed,
)
from screening.translation import mark
from screening.words.nurse.decision import words_of_refusal

SEALED = ""
"""Fills the column of the reason, for a reason may state a finding."""


class DecisionRefusedError(ScreeningError):
    """The rules of a decision do not allow it. ``refusal`` tells which of them."""

    def __init__(self, found: Refusal, grounds: Grounds) -> None:
        """Keep why, and say it."""
        self.refusal = found
        super().__init__(words_of_refusal(found, grounds))


class OutdatedAssessmentError(ScreeningError):
    """Answers or the birth year changed, or the case was assessed again, since it was made."""

    def __init__(self) -> None:
        """Say what would help."""
        message = mark("this result is out of date; show the result again, then decide")
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision as somebody takes it.

    ``seen`` holds the link ids of the emergency signs that were ticked as seen.
    """

    choice: Choice
    note: str = ""
    seen: AbstractSet[str] = frozenset()

    def data(self) -> dict[str, Any]:
        """The sealed part: all but the decision in one word."""
        note = self.note.strip()
        return {"reason": self.choice.reason, "note": note, "seen": sorted(self.seen)}


def record_review(  # noqa: PLR0913, PLR0917 - the case, the decision, and the form's marks
    view: CaseView,
    number: int,
    version: int,
    decision: NewDecision,
    rules: Ruleset,
    idempotency_key: str,
) -> int:
    """Record a decision on the newest assessment of a case; gives the review's number.

    Args:
        view: the case, as the person who decides sees it.
        number: that of the assessment.
        version: that of the case as the page showed it.
        decision: what is decided.
        rules: the rules in use. A result by other rules refers nobody.
        idempotency_key: that of the form.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoAssessmentError: if the case has no assessment of that number.
        OutdatedAssessmentError: if there is a newer one, or answers or the birth year changed.
        DecisionRefusedError: if the rules of a decision do not allow it, see ``core.decision``.
        UnconfirmedError: if the ledger does not confirm it, its rules or the decisions on its case.
        AlteredAccountError: if the ledger does not confirm the rights of the person who decides.
        UnfitFieldError: if the note cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        _check_note(decision.note.strip())
        return str(_record(case, number, decision, rules))

    write = Write(
        idempotency_key=idempotency_key,
        kind=EventKind.REVIEW_RECORDED,
        content=[number, version, decision.choice.code, decision.data()],
        permission=Permission.REVIEW,
    )
    return int(write_case(view, write, work))


def _record(case: CaseWrite, number: int, new: NewDecision, rules: Ruleset) -> int:
    """Write a decision that the rules allow, and what the case shows of it; gives its number."""
    check_rights(case.session, case.records.keyring(), case.actor)
    content, decision = _current(case, number, rules), new.choice.decision
    grounds = grounds_of(
        content,
        rules,
        SiteClock(case.at, case.day, case.day_of),
        needs_handover=needs_handover(case, rules),
        clock_behind=is_clock_behind(
            case.session, case.records.keyring(), case.row.site_id, case.at
        ),
    )
    _check_allowed(grounds, new, case.actor)
    made = _add(case, content, new)
    case.summary = replace(case.summary, decision=decision.value)
    state = State.SCREENING if decision is Decision.ASK_MORE else State.DECIDED
    case.finish(EventKind.CASE_CHANGED, state)
    return made


def _check_note(note: str) -> None:
    """Make sure that a note can be kept.

    Raises:
        UnfitFieldError: if not.
    """
    if fault := DECISION_NOTE.storage_fault(note):
        raise UnfitFieldError.of_note("note", note, DECISION_NOTE, fault)


def _check_allowed(grounds: Grounds, new: NewDecision, actor: Actor) -> None:
    """Make sure that the rules of a decision allow it.

    Raises:
        DecisionRefusedError: if they do not.
    """
    may_override = actor.may(Permission.OVERRIDE)
    found = find_refusal(
        grounds, new.choice, may_override=may_override, note=new.note, seen=new.seen
    )
    if found is not None:
        raise DecisionRefusedError(found, grounds)


def _current(case: CaseWrite, number: int, rules: Ruleset) -> Content:
    """An assessment that nothing has superseded, and that the ledger confirms.

    Raises:
        UnconfirmedError: if the ledger does not.
        NoAssessmentError: if no assessment has that number.
        OutdatedAssessmentError: if something has.
    """
    row = find_newest(case.session, case.row.id)
    if row is None or not 1 <= number <= row.number:
        raise NoAssessmentError
    ring = case.records.keyring()
    check_confirmed(case.session, ring, row.id)
    check_answers_confirmed(case.session, ring, case.row.id)
    newest, history = case.view.content_of(row), _history(case)
    if supersession_of(number, newest, case.summary.birth_year, history.newest_version):
        raise OutdatedAssessmentError
    _check_same_answers(newest, history, rules)
    return newest


def _history(case: CaseWrite) -> History:
    """The history of a case.

    Raises:
        UnconfirmedError: if an answer was changed, or taken away with its event.
    """
    try:
        return case.history
    except SealError as error:
        raise UnconfirmedError((ANSWERS,)) from error


def _check_same_answers(content: Content, history: History, rules: Ruleset) -> None:
    """Make sure that an assessment rests on the answers that its case had then.

    Somebody who writes the database may have changed them for a moment, and put them back. Nobody
    is referred on an assessment by other rules, whose questions are not known here.

    Raises:
        UnconfirmedError: if it does not.
    """
    if content.ruleset_digest != rules.digest:
        return
    then = history.until(content.case_version).current()
    known = {link: each.answer for link, each in then.items() if link in rules.items}
    given = content.data.get("given", {})
    same_givers = all(_is_same_giver(then.get(link), each) for link, each in given.items())
    if known != content.read(rules).answers or not same_givers:
        raise UnconfirmedError((ANSWERS,))


def _is_same_giver(then: AnswerEntry | None, given: Mapping[str, Any]) -> bool:
    at = dt.datetime.fromisoformat(given["at"])
    return then is not None and (then.by_id, then.at) == (given["by_id"], at)


def _add(case: CaseWrite, assessment: Content, new: NewDecision) -> int:
    mine = select(func.count()).where(ReviewRow.assessment_id == assessment.id)
    number = (case.session.scalar(mine) or 0) + 1
    row_id = new_id()
    plain = padding.pad(json.dumps(new.data(), ensure_ascii=False).encode(), padding.NOTE)
    row = ReviewRow(
        id=row_id,
        case_id=case.row.id,
        assessment_id=assessment.id,
        number=number,
        decision=new.choice.decision.value,
        reason=SEALED,
        sealed=case.key.seal(plain, "reviews", row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.REVIEW_RECORDED)
    return number
