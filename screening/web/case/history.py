"""The timeline of a case: everything that was done in it, the newest first."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from flask import Blueprint, render_template, request, url_for

from screening.core.rules.ruleset import Tier
from screening.records.access import Permission
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_view import CaseView
from screening.records.case.chase_rows import HANDOVER
from screening.records.case.history import Change, EntryMethod
from screening.records.case.unreadable import UNREADABLE_NOTE
from screening.records.casework.calls import Call
from screening.records.casework.chase_notes import ChaseNote
from screening.records.casework.emergency_access import REASONS as EMERGENCY_REASONS
from screening.records.casework.emergency_list import EmergencyAccess, case_accesses
from screening.records.casework.emergency_notes import (
    EmergencyNote,
    HandoverNote,
    MistakeNote,
    UnreadableNote,
)
from screening.records.casework.letters import WrittenLetter
from screening.records.casework.timeline import CaseStep, case_notes, case_steps
from screening.records.ledger.events import EventKind
from screening.records.sealing.vault import SealError
from screening.records.verification.confirmation import are_notes_confirmed
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.call_card import OUTCOME_WORDS
from screening.web.case.emergency_access import look_words, words_of_end
from screening.web.case.frame import case_context, show_case
from screening.web.case.handover import words_of_emergency_notes
from screening.web.case.wording import HOW_WORDS, answer_words, question_name
from screening.web.shell.clock import local
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant, words_of_kept_instant, words_of_moment
from screening.words.nurse.decision import DECISION_WORDS
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import WHO_WORDS

blueprint = Blueprint("history", __name__, url_prefix="/case/<case_id>/history")
FEW = 3
"""Of so many answers the details are open from the start."""


class Kind(Enum):
    """The kinds of entries that a person can choose."""

    ANSWERS = "answers"
    RESULTS = "results"
    CALLS = "calls"
    EMERGENCIES = "emergencies"
    REFERRAL = "referral"
    LETTERS = "letters"
    ASSIGNMENTS = "assignments"


KIND_WORDS = Phrases(
    {
        Kind.ANSWERS: "Answers",
        Kind.RESULTS: "Results and decisions",
        Kind.CALLS: "Calls and due dates",
        Kind.EMERGENCIES: "Emergency handovers",
        Kind.REFERRAL: "Referral",
        Kind.LETTERS: "Letters",
        Kind.ASSIGNMENTS: "Assignments",
    }
)
STEP_WORDS = Phrases(
    {
        EventKind.CASE_ADDED: "Added the referral",
        EventKind.REFERRAL_CHANGED: "Changed the referral",
        EventKind.CASE_CLOSED: "Closed the case",
        EventKind.CASE_REOPENED: "Reopened the case",
        EventKind.LETTER_MADE: "Opened the letter",
        EventKind.CASE_ASSIGNED: "Removed the assignment",
    }
)
STEP_KINDS = {
    EventKind.LETTER_MADE: Kind.LETTERS,
    EventKind.CASE_ASSIGNED: Kind.ASSIGNMENTS,
}
RESULT, DECISION = mark("Result {number}"), mark("Decision on result {number}: {decision}")
TOLD = mark("Recorded who was told about an emergency sign")
MISTAKE = mark("Recorded that the “yes” to an emergency sign was a mistake")
LETTER = mark("Wrote the letter of result {number}")
CALL = mark("{outcome}: {who}")
ASSIGNED = mark("Assigned the case to {name}")
NEXT_DAY = mark("new due date {day}")
DUE_DATES = mark("Changed due dates")
DUE = mark("{question}: due date set to {day}")
PUT_OFF = mark("{question}: due date changed from {before} to {day}")
DROPPED = mark("{question}: removed from the chase list. It was due {before}")
FINDER = mark("{question}: changed who finds out")
SIGN = mark("Emergency sign. {words}")
STAYS_DUE = mark("emergency signs stay due")


_NOTE_WORDS = {HandoverNote: TOLD, MistakeNote: MISTAKE, UnreadableNote: UNREADABLE_NOTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that one person did at one moment; ``exactly`` is that moment with its day.

    ``lines`` are changes of answers, and ``words`` says what else it was; ``more`` are details.
    """

    kind: Kind
    at: dt.datetime
    by: str
    words: str = ""
    address: str = ""
    more: tuple[str, ...] = ()
    how: str = ""
    lines: tuple[dict[str, object], ...] = ()
    open: bool = False

    @property
    def when(self) -> str:
        """The moment in a few words."""
        today = page_context().today()
        recent = (today - local(self.at).date()).days <= 1
        return words_of_moment(self.at, today) if recent else self.exactly

    @property
    def exactly(self) -> str:
        """The moment with its day."""
        return words_of_instant(self.at)


@blueprint.get("")
@allowed(Permission.VIEW)
def page(case_id: str) -> str:
    """Everything, or what the address chooses; answers that are set aside as well."""
    view = show_case(case_id)
    chosen = next((each for each in Kind if each.value == request.args.get("show")), None)
    notes, assessments = case_notes(view), _readable_assessments(view)
    entries = [
        *_entries(view.history.changes),
        *_results(view, assessments or ()),
        *(_call(each) for each in notes.calls),
        *(_due_dates(each) for each in notes.chases),
        *(_emergency(view, each) for each in notes.emergencies),
        *(_letter(view, each) for each in notes.letters),
        *(_step(view, each) for each in case_steps(view, assessments or ())),
    ]
    entries.sort(key=lambda each: each.at, reverse=True)
    return render_template(
        "case/history.html",
        **case_context(view.case),
        emergency_notes=words_of_emergency_notes(view.case, notes.emergencies),
        entries=[each for each in entries if chosen in {None, each.kind}],
        kinds=[(each, KIND_WORDS[each]) for each in Kind],
        chosen=chosen,
        results_unreadable=assessments is None,
        notes_confirmed=are_notes_confirmed(records(), view.id),
        emergencies=[_opening(each) for each in case_accesses(records(), actor(), view.case)],
    )


def _opening(found: EmergencyAccess) -> dict[str, str]:
    return {
        "when": words_of_kept_instant(found.at),
        "until": words_of_end(found),
        "by": found.by,
        "reason": EMERGENCY_REASONS.get(found.reason, found.reason),
        "note": found.note,
        "look": look_words(found.check),
    }


def _readable_assessments(view: CaseView) -> tuple[StoredAssessment, ...] | None:
    """The results with their decisions; None if a decision cannot be read."""
    try:
        return view.assessments
    except SealError:
        return None


def _results(view: CaseView, assessments: Sequence[StoredAssessment]) -> Iterator[Entry]:
    """The results and the decisions on them; what a result says is on its own page."""
    for each in assessments:
        address = url_for("assessment.show", case_id=view.id, number=each.number)
        words = gettext(RESULT, number=each.number)
        yield Entry(kind=Kind.RESULTS, at=each.at, by=each.by, words=words, address=address)
        for review in each.reviews:
            decision = DECISION_WORDS[review.decision]
            words = gettext(DECISION, number=each.number, decision=decision)
            more = tuple(filter(None, [review.note]))
            yield Entry(
                kind=Kind.RESULTS,
                at=review.at,
                by=review.by,
                words=words,
                address=address,
                more=more,
            )


def _call(call: Call) -> Entry:
    items = page_context().ruleset.items
    asked = ", ".join(question_name(items, link) for link in call.links)
    signs = {*page_context().ruleset.items_of(Tier.EMERGENCY), HANDOVER}
    moved = gettext(NEXT_DAY, day=words_of_day(call.next_day))
    day = gettext(STAYS_DUE) if signs.issuperset(call.links) else moved
    return Entry(
        kind=Kind.CALLS,
        at=call.at,
        by=call.by,
        words=gettext(CALL, outcome=OUTCOME_WORDS[call.outcome], who=WHO_WORDS[call.finder]),
        more=tuple(filter(None, [asked, day, call.note])),
    )


def _due_dates(note: ChaseNote) -> Entry:
    """The due dates that somebody changed; those of emergency signs come first, and say so."""
    signs = page_context().ruleset.items_of(Tier.EMERGENCY)
    links = sorted(note.changes, key=lambda link: link not in signs)
    told = {link: _words_of_due_dates(link, *note.changes[link]) for link in links}
    return Entry(
        kind=Kind.CALLS,
        at=note.at,
        by=note.by,
        words=gettext(DUE_DATES),
        more=tuple(
            gettext(SIGN, words=words) if link in signs else words for link, words in told.items()
        ),
    )


def _words_of_due_dates(link_id: str, before: dt.date | None, after: dt.date | None) -> str:
    facts = {
        "question": question_name(page_context().ruleset.items, link_id),
        "before": words_of_day(before) if before else "",
        "day": words_of_day(after) if after else "",
    }
    if after is None:
        return gettext(DROPPED, **facts)
    if after == before:
        return gettext(FINDER, **facts)
    return gettext(PUT_OFF if before else DUE, **facts)


def _emergency(view: CaseView, note: EmergencyNote) -> Entry:
    return Entry(
        kind=Kind.EMERGENCIES,
        at=note.at,
        by=note.by,
        words=gettext(_NOTE_WORDS[type(note)]),
        address=url_for("history.page", case_id=view.id, _anchor="handed-over"),
    )


def _letter(view: CaseView, written: WrittenLetter) -> Entry:
    return Entry(
        kind=Kind.LETTERS,
        at=written.at,
        by=written.by,
        words=gettext(LETTER, number=written.number),
        address=url_for("letter.page", case_id=view.id, number=written.number),
        more=tuple(filter(None, written.letter.data().values())),
    )


def _step(view: CaseView, step: CaseStep) -> Entry:
    address = url_for("letter.page", case_id=view.id, number=step.number) if step.number else ""
    more = (gettext(RESULT, number=step.number),) if step.number else ()
    return Entry(
        kind=STEP_KINDS.get(step.kind, Kind.REFERRAL),
        at=step.at,
        by=step.by,
        words=gettext(ASSIGNED, name=step.to) if step.to else STEP_WORDS[step.kind],
        address=address,
        more=more,
    )


def _entries(changes: Sequence[Change]) -> list[Entry]:
    """The changes by the saving that made them, each of which made a version of the case."""
    saved = [list(group) for _, group in groupby(changes, key=lambda each: each.version)]
    return [_entry(group, newest=at == 0) for at, group in enumerate(saved)]


def _entry(changes: list[Change], *, newest: bool) -> Entry:
    one, order = changes[0], list(page_context().ruleset.items)
    ways = {each.how for each in changes}
    single = ways - {EntryMethod.NONE_OF_THESE, EntryMethod.ASKED_AGAIN}
    asked = [each for link in order for each in changes if each.link_id == link]
    gone = [each for each in changes if each not in asked]
    return Entry(
        kind=Kind.ANSWERS,
        at=one.at,
        by=one.by,
        how=", ".join(HOW_WORDS[each] for each in EntryMethod if each in (single or ways)),
        lines=tuple(_line(each, mixed=len(ways) > 1) for each in [*asked, *gone]),
        open=newest or len(changes) <= FEW,
    )


def _line(change: Change, *, mixed: bool) -> dict[str, object]:
    """A change in words. Where others of the same saving came in otherwise, it says how."""
    apart = mixed and change.how in {EntryMethod.NONE_OF_THESE, EntryMethod.ASKED_AGAIN}
    items = page_context().ruleset.items
    item = items.get(change.link_id)
    return {
        "question": question_name(items, change.link_id),
        "before": answer_words(item, change.before),
        "after": answer_words(item, change.after),
        "sign_open": _leaves_sign_open(change),
        "how": HOW_WORDS[change.how] if apart else "",
    }


def _leaves_sign_open(change: Change) -> bool:
    """True if an emergency sign is neither ruled in nor out after a change."""
    known = change.after is not None and change.after.known
    return not known and change.link_id in page_context().ruleset.items_of(Tier.EMERGENCY)
