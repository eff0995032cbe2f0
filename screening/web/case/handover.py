"""The task of an emergency: record who was told about it, or why there was none."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from flask import Blueprint, flash, render_template, request
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import assess
from screening.core.results.warning_signs import ruled_out_emergencies
from screening.core.rules.ruleset import Ruleset
from screening.core.values.note import HANDOVER_NAME, MISTAKE_NOTE
from screening.formats.answers.day_text import DayTextError, iso_of
from screening.formats.answers.days import day_of
from screening.formats.answers.time_text import AmbiguousTimeError, read_time_text
from screening.formats.referrals.text import clean_lines, clean_text
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.case.case_view import CaseView
from screening.records.case.unreadable import UNREADABLE_NOTE
from screening.records.case.view_events import record_view_of
from screening.records.casework.emergency_notes import (
    EmergencyNote,
    Handover,
    HandoverNote,
    MistakeNote,
    UnreadableNote,
    emergency_notes,
)
from screening.records.casework.handovers import (
    NoEmergencyError,
    NotRuledOutError,
    record_handover,
    record_mistake,
)
from screening.records.errors import ClosedError, StaleError, UnfitFieldError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.due_days import typed_day
from screening.web.case.frame import case_context, is_writable, open_to_write, show_case
from screening.web.case.known_answers import current_answers, plain_answers
from screening.web.case.links import case_address
from screening.web.case.red_flags import ANSWERED_AND_CHANGED, CHANGED, sign_names
from screening.web.forms.error_summary import Mistake
from screening.web.shell.clock import local
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, see_other
from screening.web.shell.write_keys import posted_key

Recorder = Callable[[CaseView, frozenset[str], str], int]
"""Records something of a case, with the signs that the page showed, under the key of the form."""
blueprint = Blueprint("handover", __name__, url_prefix="/case/<case_id>/handover")
RECORDED = mark("Recorded who was told about the emergency.")
CORRECTED = mark("Recorded why the answer was a mistake.")
NOT_NO = mark("Not recorded: answer “no” to this sign first. If nobody knows, record who was told.")
GONE = mark("There is no such emergency sign on this case now, so there is nothing to record.")
MEANWHILE = mark(
    "Another emergency sign was answered in the meantime. Check the signs, then record again."
)
SAYS = {
    "told": mark("Enter who was told: a name or a role, at most {longest} characters"),
    "told_at": mark(
        "The date and time cannot be in the future, or earlier than the day before the sign was"
        " answered here"
    ),
    "day": mark("Enter the date when they were told, such as 27 March 2026"),
    "time": mark("Enter the time when they were told, such as 14:30 or 2:30 pm"),
    "told_by": mark("Enter who told them, at most {longest} characters"),
    "sign": mark("Choose which sign was answered yes by mistake"),
    "why": mark(
        "Say in a few words how you know that the answer was a mistake, in at most {longest}"
        " characters"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverForm:
    """The form as it is filled in. ``errors`` are by field."""

    told: str
    day: str
    time: str
    told_by: str
    why: str = ""
    sign: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "HandoverForm":
        """The form as it is shown first: now, by the person who is signed in."""
        now = local(records().now())
        day, time = now.date().isoformat(), now.strftime("%H:%M")
        return cls(told="", day=day, time=time, told_by=actor().name)

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "HandoverForm":
        """Read a posted form."""
        told, day, time, told_by = (
            clean_text(posted.get(name, "")) for name in ("told", "day", "time", "told_by")
        )
        read = cls(told=told, day=typed_day(day), time=time, told_by=told_by)
        return replace(read, errors=read._unreadable())

    @property
    def mistakes(self) -> list[Mistake]:
        """The entries of the error summary; what is wrong with the moment leads to its day."""
        return [("day" if name == "told_at" else name, said) for name, said in self.errors.items()]

    def _unreadable(self) -> dict[str, str]:
        """The errors of a day and a time that cannot be read."""
        errors: dict[str, str] = {}
        try:
            day_of(iso_of(self.day))
        except DayTextError as error:
            errors["day"] = str(error)
        except ValueError:
            errors["day"] = _says("day")
        try:
            read_time_text(self.time)
        except AmbiguousTimeError as error:
            errors["time"] = str(error)
        except ValueError:
            errors["time"] = _says("time")
        return errors

    def handover(self) -> Handover:
        """The handover that a form without errors states."""
        at = dt.datetime.combine(day_of(self.day), read_time_text(self.time))
        zone = local(records().now()).tzinfo
        return Handover(told=self.told, told_at=at.replace(tzinfo=zone), told_by=self.told_by)


@blueprint.get("")
@allowed(Permission.SCREEN)
def page(case_id: str) -> Page:
    """Ask who was told; if there is nothing to record, show the case itself."""
    view = show_case(case_id)
    case = view.case
    if not (is_writable(case) and (case.emergencies or case.taken_back)):
        return see_other(case_address(case_id))
    return _page(view, HandoverForm.fresh())


@blueprint.post("")
@allowed(Permission.SCREEN)
def record(case_id: str) -> Page:
    """Record who was told, and show the case."""
    typed = HandoverForm.read(request.form)

    def write(view: CaseView, signs: frozenset[str], once: str) -> int:
        return record_handover(view, signs, typed.handover(), page_context().ruleset, once)

    return _record_or_ask(case_id, typed, write, RECORDED, "told")


@blueprint.post("/entered-in-error")
@allowed(Permission.SCREEN)
def mark_entered_in_error(case_id: str) -> Page:
    """Record why the answer that was taken back was a mistake, and show the case."""
    sign, why = request.form.get("sign", "").strip(), clean_lines(request.form.get("why", ""))

    def write(view: CaseView, _: frozenset[str], once: str) -> int:
        if not sign:
            raise UnfitFieldError("sign", "none is chosen")
        return record_mistake(view, sign, why, page_context().ruleset, once)

    typed = replace(HandoverForm.fresh(), why=why, sign=sign)
    return _record_or_ask(case_id, typed, write, CORRECTED, "why")


def emergency_note_words(view: CaseView) -> list[dict[str, str]]:
    """The notes on the emergencies of a case in words, the newest first."""
    return words_of_emergency_notes(view.case, emergency_notes(view))


def words_of_emergency_notes(case: Case, notes: Iterable[EmergencyNote]) -> list[dict[str, str]]:
    """Notes on the emergencies of a case in words."""
    return [_note_words(each, page_context().ruleset, case) for each in notes]


def changed_signs(case: Case, notes: Iterable[EmergencyNote]) -> tuple[str, ...]:
    """The emergencies that somebody was told about and that the answers no longer show."""
    told = (sign for each in notes if isinstance(each, HandoverNote) for sign in each.signs)
    return tuple(dict.fromkeys(sign for sign in told if sign not in case.emergencies))


def _record_or_ask(
    case_id: str, typed: HandoverForm, write: Recorder, done: str, first: str
) -> Page:
    """Write what a form states, or show the form again and say why it cannot be kept."""
    once, signs = posted_key(), frozenset(request.form.getlist("sign"))
    view = open_to_write(case_id)
    if typed.errors:
        record_view_of(view)
        return _page(view, typed), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        write(view, signs, once)
    except UnfitFieldError as unfit:
        typed = replace(typed, errors={unfit.field: _says(unfit.field)})
        record_view_of(view)
        return _page(view, typed), HTTPStatus.UNPROCESSABLE_ENTITY
    except StaleError:
        record_view_of(view)
        return _page(view, replace(typed, errors={first: gettext(MEANWHILE)})), HTTPStatus.CONFLICT
    except NoEmergencyError:
        flash(gettext(GONE), "error")
    except NotRuledOutError:
        flash(gettext(NOT_NO), "error")
    except ClosedError:
        pass  # the page of the case says that it is closed
    else:
        flash(gettext(done), "success")
    return see_other(case_address(case_id))


def _says(name: str) -> str:
    """The error of a field."""
    longest = (MISTAKE_NOTE if name == "why" else HANDOVER_NAME).longest
    return gettext(SAYS[name], longest=longest)


def _page(view: CaseView, typed: HandoverForm) -> str:
    rules, case = page_context().ruleset, view.case
    return render_template(
        "case/handover.html",
        **case_context(case),
        typed=typed,
        signs=[sign_names(rules, each) for each in case.emergencies],
        taken_back={each: sign_names(rules, each) for each in case.taken_back},
        ruled_out=_ruled_out(view),
        CHANGED=gettext(CHANGED),
        emergency_notes=emergency_note_words(view),
        back=case_address(case.id),
    )


def _ruled_out(view: CaseView) -> frozenset[str]:
    """The emergencies that the answers rule out now."""
    answers, today = plain_answers(current_answers(view)), page_context().today()
    return ruled_out_emergencies(
        assess(page_context().ruleset, answers, today, view.case.referral.birth_year)
    )


def _note_words(found: EmergencyNote, ruleset: Ruleset, case: Case) -> dict[str, str]:
    """A note in words; it names the signs that somebody was told about and that are not yes now."""
    if isinstance(found, UnreadableNote):
        warning = gettext(UNREADABLE_NOTE)
        return {"unreadable": warning, "recorded": _recorded(found)}
    common = {
        "signs": ", ".join(sign_names(ruleset, each) for each in found.signs),
        "by": found.by,
        "recorded": _recorded(found),
    }
    if isinstance(found, MistakeNote):
        return common | {"why": found.why}
    stated = found.handover
    when = words_of_instant(stated.told_at)
    told = common | {"told": stated.told, "when": when, "told_by": stated.told_by}
    gone = [sign_names(ruleset, each) for each in changed_signs(case, [found])]
    return told | ({"gone": gettext(ANSWERED_AND_CHANGED, signs=", ".join(gone))} if gone else {})


def _recorded(found: EmergencyNote) -> str:
    return gettext("{name}, {when}", name=found.by, when=words_of_instant(found.at))
