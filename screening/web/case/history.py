"""The history of a case's answers: who saved when, how, and what changed from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template

from screening.core.rules.ruleset import Tier
from screening.records.access import Permission
from screening.records.casework.emergency_access import REASONS as EMERGENCY_REASONS
from screening.records.casework.emergency_access import EmergencyAccess, case_accesses
from screening.records.casework.history import Change
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.emergency_access import look_words
from screening.web.case.frame import case_context, show_case
from screening.web.case.handover import emergency_note_words
from screening.web.case.wording import HOW_WORDS, answer_words, question_name
from screening.web.shell.clock import local
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant, words_of_moment

blueprint = Blueprint("history", __name__, url_prefix="/case/<case_id>/history")
FEW = 3
"""Of so many answers the details are open from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The changes that one person saved at one moment; ``exactly`` is that moment with its day."""

    when: str
    exactly: str
    by: str
    how: str
    lines: list[dict[str, object]]
    open: bool


@blueprint.get("")
@allowed(Permission.VIEW)
def page(case_id: str) -> str:
    """Every change, the newest first; answers that are set aside or no longer asked for as well."""
    view = show_case(case_id)
    return render_template(
        "case/history.html",
        **case_context(view.case),
        emergency_notes=emergency_note_words(view),
        entries=_entries(view.history.changes),
        emergencies=[_opening(each) for each in case_accesses(records(), actor(), view.case)],
    )


def _opening(found: EmergencyAccess) -> dict[str, str]:
    return {
        "when": words_of_instant(found.at),
        "until": words_of_instant(found.expires_at),
        "by": found.by,
        "reason": EMERGENCY_REASONS.get(found.reason, found.reason),
        "note": found.note,
        "look": look_words(found.check),
    }


def _entries(changes: Sequence[Change]) -> list[Entry]:
    """The changes by the saving that made them, each of which made a version of the case."""
    saved = [list(group) for _, group in groupby(changes, key=lambda each: each.version)]
    return [_entry(group, newest=at == 0) for at, group in enumerate(saved)]


def _entry(changes: list[Change], *, newest: bool) -> Entry:
    one, order, today = changes[0], list(page_context().ruleset.items), page_context().today()
    recent = (today - local(one.at).date()).days <= 1
    asked = [each for link in order for each in changes if each.link_id == link]
    gone = [each for each in changes if each not in asked]
    return Entry(
        when=words_of_moment(one.at, today) if recent else words_of_instant(one.at),
        exactly=words_of_instant(one.at),
        by=one.by,
        how=HOW_WORDS[one.how],
        lines=[_line(each) for each in [*asked, *gone]],
        open=newest or len(changes) <= FEW,
    )


def _line(change: Change) -> dict[str, object]:
    items = page_context().ruleset.items
    item = items.get(change.link_id)
    return {
        "question": question_name(items, change.link_id),
        "before": answer_words(item, change.before),
        "after": answer_words(item, change.after),
        "sign_open": _leaves_sign_open(change),
    }


def _leaves_sign_open(change: Change) -> bool:
    """True if an emergency sign is neither ruled in nor out after a change."""
    known = change.after is not None and change.after.known
    return not known and change.link_id in page_context().ruleset.items_of(Tier.EMERGENCY)
