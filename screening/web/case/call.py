"""A call: ask one finder for all that is missing in a case, and record what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.note import CALL_NOTE
from screening.formats.answers.day_text import DayTextError, iso_of
from screening.formats.answers.days import day_of
from screening.formats.referrals.text import clean_text
from screening.records.access import Permission
from screening.records.case.case_view import CaseView
from screening.records.case.view_events import record_view_of
from screening.records.casework.calls import (
    CallOutcome,
    NewCall,
    NothingToAskError,
    last_call,
    record_call,
)
from screening.records.errors import ClosedError, StaleError, UnfitFieldError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import allowed
from screening.web.case.call_card import CallCard
from screening.web.case.due_days import NO_DAY, due_problem, typed_day
from screening.web.case.frame import case_context, is_writable, open_to_write, show_case
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, see_other
from screening.web.shell.write_keys import posted_key, posted_version

blueprint = Blueprint("call", __name__, url_prefix="/case/<case_id>/call")
LISTED = ("owner", "overdue", "mine", "page")
"""The parts of the address of the chase list that its forms carry, to lead back there."""
RECORDED = mark("Recorded for {reference}.")
HAND_OVER_NOW = mark(
    "No reply about an emergency sign for {reference}: {signs}. Do not wait. Tell a clinician who"
    " can act on it now, by phone or in person."
)
GONE = mark("There is nothing left to ask for {reference}. Nothing was recorded.")
CHANGED = mark(
    "This case has changed since you opened the page. Check the questions, then record it again."
)
SAYS = {
    "outcome": mark("Choose “Asked today” or “No reply”"),
    "next_day": NO_DAY,
    "note": mark("Enter at most {longest} characters, as plain text"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    """The form as it is filled in. ``errors`` are by field, ``back`` is of the chase list."""

    outcome: CallOutcome | None = None
    next_day: str = ""
    note: str = ""
    back: dict[str, str] | None = None
    errors: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def read(cls, posted: MultiDict[str, str], usual: str) -> "CallForm":
        """Read a posted form; where its page asks for no day, the usual one is meant."""
        outcomes = {each.value: each for each in CallOutcome}
        listed = {name: posted[name] for name in LISTED if posted.get(name)}
        return cls(
            outcome=outcomes.get(posted.get("outcome", "")),
            next_day=typed_day(posted.get("next_day", usual)),
            note=clean_text(posted.get("note", "")),
            back=listed if posted.get("back") else None,
        )

    def call(self, finder: Finder) -> NewCall:
        """Read the call that the form states.

        Raises:
            UnfitFieldError: if it says nothing of the outcome, or its day cannot be read.
        """
        if self.outcome is None:
            raise UnfitFieldError("outcome", "none is chosen")
        try:
            day = day_of(iso_of(self.next_day))
        except (ValueError, DayTextError) as error:
            raise UnfitFieldError("next_day", str(error)) from error
        return NewCall(finder=finder, outcome=self.outcome, next_day=day, note=self.note)


@blueprint.get("")
@allowed(Permission.SCREEN)
def page(case_id: str) -> Page:
    """The message and the form; if this finder is asked nothing, what is missing."""
    view = show_case(case_id)
    finder = _find_finder(request.args.get("finder"))
    card = _card(view, finder) if finder else None
    if card is None or not is_writable(view.case):
        return see_other(_back(case_id, None))
    return _page(view, card, CallForm())


@blueprint.post("")
@allowed(Permission.SCREEN)
def record(case_id: str) -> Page:
    """Record what came of the call."""
    version, once = posted_version(), posted_key()
    view = open_to_write(case_id)
    finder = _find_finder(request.form.get("finder"))
    if finder is None:
        abort(HTTPStatus.NOT_FOUND)
    card, signs = _card(view, finder), page_context().ruleset.items_of(Tier.EMERGENCY)
    today = page_context().today()
    typed = CallForm.read(request.form, card.next_day if card else today.isoformat())
    if card is not None and (wrong := due_problem(typed.next_day, view.case, today)):
        typed = replace(typed, errors={"next_day": wrong})
        return _ask_again(view, card, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        record_call(view, version, typed.call(finder), signs, once)
    except UnfitFieldError as unfit:
        if card is not None:
            errors = {unfit.field: gettext(SAYS[unfit.field], longest=CALL_NOTE.longest)}
            typed = replace(typed, errors=errors)
            return _ask_again(view, card, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
    except StaleError:
        now = _card(view, finder)
        if now is not None and is_writable(view.case):
            return _ask_again(view, now, typed, HTTPStatus.CONFLICT)
        flash(gettext(GONE, reference=view.case.referral.reference), "error")
    except NothingToAskError:
        flash(gettext(GONE, reference=view.case.referral.reference), "error")
    except ClosedError:
        pass  # the page of the case says that it is closed
    else:
        _say_recorded(view, card, typed)
    return see_other(_back(case_id, typed.back))


def _say_recorded(view: CaseView, card: CallCard | None, typed: CallForm) -> None:
    reference = view.case.referral.reference
    signs = [each.name for each in card.questions if each.sign] if card else []
    if signs and typed.outcome is CallOutcome.NO_REPLY:
        flash(gettext(HAND_OVER_NOW, reference=reference, signs=", ".join(signs)), "error")
    else:
        flash(gettext(RECORDED, reference=reference), "success")


def _ask_again(view: CaseView, card: CallCard, typed: CallForm, status: HTTPStatus) -> Page:
    record_view_of(view)
    return _page(view, card, typed, changed=not typed.errors), status


def _page(view: CaseView, card: CallCard, typed: CallForm, *, changed: bool = False) -> str:
    return render_template(
        "case/call.html",
        **case_context(view.case),
        card=card,
        typed=typed,
        changed=gettext(CHANGED) if changed else "",
        listed=[] if typed.back is None else [("back", "list"), *typed.back.items()],
        back=_back(view.id, typed.back),
        longest=CALL_NOTE.longest,
    )


def _card(view: CaseView, finder: Finder) -> CallCard | None:
    """The call to a finder; None if there is nothing to ask them."""
    links = [link for link, chase in view.chases.items() if chase.owner is finder]
    return CallCard.of(view.case, finder, links, last_call(view, finder)) if links else None


def _back(case_id: str, listed: Mapping[str, Any] | None) -> str:
    if listed is None:
        return url_for("missing.page", case_id=case_id)
    return url_for("chase_list.page", **listed)


def _find_finder(value: str | None) -> Finder | None:
    return next((each for each in Finder if each.value == value), None)
