"""The missing answers of one case: why each is missing, who finds it out, and until when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import Assessment, assess
from screening.core.rules.item import Finder, Item
from screening.core.rules.ruleset import GRAVE, Tier
from screening.core.values.answer import Answer
from screening.core.values.wording import Audience
from screening.formats.answers.days import day_of
from screening.proof.explanation.reasons import Explanation
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.case.case_view import CaseView
from screening.records.case.chase_rows import Chase
from screening.records.case.view_events import record_view_of
from screening.records.casework.chases import set_chases
from screening.records.errors import StaleError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import allowed
from screening.web.case.draft import chase_of
from screening.web.case.due_days import due_problem, typed_day
from screening.web.case.frame import case_context, open_to_write, show_case
from screening.web.case.known_answers import current_answers, plain_answers
from screening.web.case.links import answer_links
from screening.web.forms.fields import PREFIX
from screening.web.questionnaire.contradictions import contradiction_views
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_due
from screening.web.shell.responses import Page, see_other
from screening.web.shell.write_keys import posted_key, posted_version
from screening.words.nurse.needs import words_of_needed, words_of_signs_not_ruled_out
from screening.words.nurse.reasons import words_of_idle_answers
from screening.words.shared.answers import words_of_answer
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import WHO_WORDS
from screening.words.shared.lists import join_name

blueprint = Blueprint("missing", __name__, url_prefix="/case/<case_id>/missing")
NO_EFFECT = mark("cannot change this result")
STILL_ASK = mark("cannot change this result; still ask")
NOT_PUT_OFF = mark(
    "An emergency sign stays on the chase list until it is answered, and cannot be put off."
    " Enter today's date, {day}"
)
SIGNS_DUE = mark(
    "Saved. The emergency signs that nobody has asked about are on the chase list too, due today."
)
CHANGED = mark(
    "This case has changed since you opened the page. Check the page as it is now, then save again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A missing answer and the owner of its chase; ``due`` is the text of its field.

    ``shown`` has the day and the owner as they are now: a person who leaves them as they were shown
    undoes no change that somebody else makes meanwhile.

    ``left_alone`` says that nobody is to find it out, as it cannot change the result.
    """

    item: Item
    missing: str
    effect: str
    owner: str
    due: str
    shown: str
    told: str
    sign: bool
    needed: bool
    left_alone: bool
    error: str = ""

    @property
    def name(self) -> str:
        """The ending of its fields' names."""
        return self.item.link_id


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """A missing answer: its reason, its chase, and its effect on the result, or ""."""

    answer: Answer | None
    chase: Chase | None
    effect: str

    @property
    def needed(self) -> bool:
        """True if it could still change the result."""
        return bool(self.effect)


@blueprint.get("")
@allowed(Permission.VIEW)
def page(case_id: str) -> Page:
    """Every missing answer, the most consequential first."""
    return _page(show_case(case_id), None)


@blueprint.post("")
@allowed(Permission.SCREEN)
def save(case_id: str) -> Page:
    """Keep who finds out what, and until when."""
    version, once = posted_version(), posted_key()
    view = open_to_write(case_id)
    lines = _lines(view, _assess_now(view), request.form)
    if any(line.error for line in lines):
        record_view_of(view)
        return _page(view, request.form), HTTPStatus.UNPROCESSABLE_ENTITY
    wanted = {line.name: _chase(line) for line in lines}
    signs = _signs_to_ask(view.case, lines) if any(wanted.values()) else {}
    wanted |= signs
    changed = {link: chase for link, chase in wanted.items() if chase != view.chases.get(link)}
    try:
        set_chases(view, version, changed, once, _chase_fields(request.form))
    except StaleError:
        flash(gettext(CHANGED), "error")
        record_view_of(view)
        return _page(view, request.form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext(SIGNS_DUE) if signs else gettext("Saved."))
    return see_other(url_for("missing.page", case_id=case_id))


def _chase_fields(posted: MultiDict[str, str]) -> list[list[str]]:
    """The fields of the form about chases, by which a repeated request is known."""
    names = sorted(name for name in posted if name.startswith(("due-", "owner-", "usual")))
    return [[name, *posted.getlist(name)] for name in names]


def _page(view: CaseView, posted: MultiDict[str, str] | None) -> str:
    seen = _assess_now(view)
    lines = _lines(view, seen, posted)
    return render_template(
        "case/missing.html",
        idle=words_of_idle_answers(*seen),
        not_ruled_out=words_of_signs_not_ruled_out(seen[0]),
        contradictions=contradiction_views(seen[0], answer_links(view.case)),
        **case_context(view.case),
        groups=[
            (gettext("Could still change the result"), [each for each in lines if each.needed]),
            (gettext("Cannot change this result"), [each for each in lines if not each.needed]),
        ],
        errors=[
            (f"due-{each.name}", join_name(each.item.name, each.error))
            for each in lines
            if each.error
        ],
        calls=_calls(view),
        owners={finder.value: told for finder, told in WHO_WORDS.items()},
        prefix=PREFIX,
    )


def _calls(view: CaseView) -> list[tuple[str, str, int]]:
    """The finders who are asked something, each with the number of questions."""
    asked = Counter(each.owner for each in view.chases.values())
    return [(each.value, WHO_WORDS[each], asked[each]) for each in Finder if asked[each]]


def _assess_now(view: CaseView) -> tuple[Assessment, Explanation]:
    """Assess and explain the answers as they are now."""
    known = (
        plain_answers(current_answers(view)),
        page_context().today(),
        view.case.referral.birth_year,
    )
    return assess(page_context().ruleset, *known), page_context().explainer.explain(*known)


def _lines(
    view: CaseView, seen: tuple[Assessment, Explanation], posted: MultiDict[str, str] | None
) -> list[Line]:
    answers, needs = seen[0].answers, words_of_needed(*seen)
    case, chases = view.case, view.chases
    effects = {need.item.link_id: need.effect for need in needs}
    for link_id in page_context().ruleset.items:
        answer = answers.get(link_id)
        absent = answer is not None and not answer.known
        if link_id not in effects and (absent or link_id in chases):
            effects[link_id] = ""
    return [
        _line(case, link, MissingAnswer(answers.get(link), chases.get(link), effect), posted)
        for link, effect in effects.items()
    ]


def _line(
    case: Case, link_id: str, missing: MissingAnswer, posted: MultiDict[str, str] | None
) -> Line:
    chase, today = missing.chase, page_context().today()
    usual = chase_of(case, link_id)
    owner, due = (chase or usual).owner.value, chase.due.isoformat() if chase else ""
    shown = f"{due} {owner}"
    if posted is not None:
        owner, due = _typed(posted, link_id, owner, due)
        if not due and posted.get("usual") and missing.needed:
            due = usual.due.isoformat()
    item, grave = page_context().ruleset.items[link_id], _is_grave(link_id)
    sign = link_id in page_context().ruleset.items_of(Tier.EMERGENCY)
    return Line(
        item=item,
        missing=words_of_answer(item, missing.answer, Audience.NURSE),
        effect=missing.effect or gettext(STILL_ASK if grave else NO_EFFECT),
        owner=owner,
        due=due,
        shown=shown,
        sign=sign,
        needed=missing.needed,
        left_alone=not (missing.needed or grave or chase),
        told=words_of_due(chase.due, today) if chase and missing.needed else "",
        error=_due_error(case, due, chase, sign=sign) if posted is not None else "",
    )


def _typed(posted: MultiDict[str, str], link_id: str, owner: str, due: str) -> tuple[str, str]:
    """The owner and the day that a person typed; as they are now where the person left both."""
    typed = posted.get(f"owner-{link_id}", "")
    chosen = typed if typed in {finder.value for finder in Finder} else owner
    day = typed_day(posted.get(f"due-{link_id}", due))
    return (owner, due) if f"{day} {chosen}" == posted.get(f"shown-{link_id}") else (chosen, day)


def _is_grave(link_id: str) -> bool:
    """True for a warning sign, which is asked about even if it cannot change the result."""
    return any(link_id in page_context().ruleset.items_of(tier) for tier in GRAVE)


def _due_error(case: Case, due: str, chase: Chase | None, *, sign: bool) -> str:
    """The error of a typed day, or empty; a due date that was saved before may be in the past."""
    today = page_context().today()
    kept = chase.due.isoformat() if chase else ""
    if due == kept:
        return ""
    if sign and due != today.isoformat():
        return gettext(NOT_PUT_OFF, day=words_of_day(today))
    return due_problem(due, case, today) if due else ""


def _signs_to_ask(case: Case, lines: Iterable[Line]) -> dict[str, Chase]:
    """Chases for the emergency signs that have none: nothing else is found out before them."""
    return {
        line.name: chase_of(case, line.name) for line in lines if line.sign and _chase(line) is None
    }


def _chase(line: Line) -> Chase | None:
    """The chase that a line asks for; without a day nobody is to find it out."""
    if not line.due:
        return None
    return Chase(link_id=line.name, owner=Finder(line.owner), owner_id=None, due=day_of(line.due))
