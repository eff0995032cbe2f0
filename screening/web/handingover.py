"""Who was told of an emergency: the task that every page of such a case leads to."""

import datetime as dt
from dataclasses import dataclass, field, replace

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from screening.records.access import Permission
from screening.records.cases import Case, StaleError
from screening.records.handovers import (
    LONGEST_NAME,
    HandedOver,
    Handover,
    NoEmergencyError,
    case_handovers,
    record_handover,
)
from screening.records.refusals import ClosedError, UnfitFieldError
from screening.web.caselinks import case_address
from screening.web.casewords import words_of_instant
from screening.web.clock import local
from screening.web.desk import desk, records
from screening.web.gate import actor, allowed
from screening.web.opened import opened, shell, writable
from screening.web.posted import posted_once
from screening.web.savepages import CONFLICT, UNPROCESSABLE, Page
from screening.web.worklist import RedFlag, red_flag

blueprint = Blueprint("handingover", __name__, url_prefix="/case/<case_id>/emergency")
RECORDED = "Recorded who was told of the emergency."
GONE = "There is no emergency sign on this case now, so there is nothing to record."
MEANWHILE = (
    "Another emergency sign was answered in the meantime. Check the signs, then record again."
)
SAYS = {
    "told": f"Enter who was told: a name or a role, at most {LONGEST_NAME} characters",
    "told_at": "Enter the day and time when they were told; it cannot be in the future",
    "told_by": f"Enter who told them, at most {LONGEST_NAME} characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it is filled in. ``errors`` are by field."""

    told: str
    day: str
    time: str
    told_by: str
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "Typed":
        """The form as it is shown first: now, by the person who is signed in."""
        now = local(records().now())
        day, time = now.date().isoformat(), now.strftime("%H:%M")
        return cls(told="", day=day, time=time, told_by=actor().name)

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "Typed":
        """Read a posted form."""
        told, day, time, told_by = (
            posted.get(name, "").strip() for name in ("told", "day", "time", "told_by")
        )
        return cls(told=told, day=day, time=time, told_by=told_by)

    def handover(self) -> Handover:
        """What the form states.

        Raises:
            UnfitFieldError: if the day or the time cannot be read.
        """
        try:
            at = dt.datetime.fromisoformat(f"{self.day}T{self.time}")
        except ValueError as error:
            raise UnfitFieldError("told_at", str(error)) from error
        zone = local(records().now()).tzinfo
        return Handover(told=self.told, told_at=at.replace(tzinfo=zone), told_by=self.told_by)


@blueprint.get("")
@allowed(Permission.SCREEN)
def page(case_id: str) -> Page:
    """Ask who was told; where there is nothing to record, the case itself is shown."""
    case = opened(case_id)
    if not (writable(case) and case.emergencies):
        return redirect(case_address(case_id), 303)
    return _page(case, Typed.fresh())


@blueprint.post("")
@allowed(Permission.SCREEN)
def record(case_id: str) -> Page:
    """Record who was told, and go on with the case."""
    typed, once = Typed.read(request.form), posted_once(request.form)
    try:
        _record(case_id, typed.handover(), once)
    except UnfitFieldError as unfit:
        errors = {unfit.field: SAYS[unfit.field]}
        return _page(opened(case_id), replace(typed, errors=errors)), UNPROCESSABLE
    except StaleError:
        errors = {"told": MEANWHILE}
        return _page(opened(case_id), replace(typed, errors=errors)), CONFLICT
    except NoEmergencyError:
        flash(GONE, "error")
    except ClosedError:
        pass  # the page of the case says that it is closed
    else:
        flash(RECORDED, "success")
    return redirect(case_address(case_id), 303)


def handed_over(case: Case) -> list[dict[str, object]]:
    """Who was told of an emergency of a case, in words, the newest first."""
    return [_told(each) for each in case_handovers(records(), actor(), case.id)]


def _record(case_id: str, handover: Handover, once: str) -> None:
    signs = frozenset(request.form.getlist("sign"))
    record_handover(records(), actor(), case_id, signs, handover, desk().ruleset, once)


def _page(case: Case, typed: Typed) -> str:
    return render_template(
        "case/handover.html",
        **shell(case),
        typed=typed,
        signs=_signs(case.emergencies),
        handed_over=handed_over(case),
        back=case_address(case.id),
    )


def _signs(criteria: tuple[str, ...]) -> list[RedFlag]:
    return [red_flag(desk().ruleset, each) for each in criteria]


def _told(found: HandedOver) -> dict[str, object]:
    stated = found.handover
    return {
        "told": stated.told,
        "when": words_of_instant(stated.told_at),
        "told_by": stated.told_by,
        "signs": ", ".join(sign.names or sign.kind for sign in _signs(found.signs)),
        "recorded": f"{found.by}, {words_of_instant(found.at)}",
    }
