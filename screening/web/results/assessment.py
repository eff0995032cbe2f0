"""From answers to a recorded result, what people decide on it, and what changed since another."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import chain

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import (
    Assessment,
    assess,
    evaluate_ask_if,
    is_called_for,
    meets_shown_if,
)
from screening.core.results.decision import CHOICES, Refusal
from screening.core.rules.item import Item
from screening.core.values.truth import Truth
from screening.errors import ScreeningError
from screening.formats.referrals.text import clean_lines
from screening.proof.explanation.reasons import Explanation
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.case.case_view import CaseView
from screening.records.case.chase_rows import Chase
from screening.records.case.view_events import record_view_of
from screening.records.casework.answers import SaveResult
from screening.records.errors import StaleError, UnconfirmedError, UnfitFieldError
from screening.records.results.assessments import (
    LaterAnswerError,
    NewAssessment,
    OtherAnswersError,
    later_answers,
    record_assessment,
)
from screening.records.results.decisions import (
    DecisionRefusedError,
    NewDecision,
    OutdatedAssessmentError,
    record_review,
)
from screening.records.results.grounds import Supersession, find_supersession
from screening.records.rules.recorded import RulesetTextsError
from screening.translation import gettext, mark, ngettext
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.conflicts import save_or_ask
from screening.web.case.draft import Draft, chase_of, find_idle
from screening.web.case.frame import case_context, is_writable, open_to_write, show_case
from screening.web.case.handover import emergency_note_words
from screening.web.case.known_answers import current_answers, plain_answers
from screening.web.case.links import answer_links
from screening.web.case.red_flags import sign_names
from screening.web.questionnaire.result_view import result_context
from screening.web.results.compare import compare_results
from screening.web.results.currency import SUPERSEDED_WORDS, grounds_of, words_of_standing
from screening.web.results.decision import (
    CHOOSE,
    offered_choices,
    review_views,
    signs_to_see,
    words_of_withheld,
)
from screening.web.results.unconfirmed import (
    check_case_confirmed,
    unconfirmed,
    warn_of_tampering,
    warning_page,
    words_of_unconfirmed,
)
from screening.web.rules.loaded_texts import keep_texts, ruleset_texts
from screening.web.rules.recorded import open_result
from screening.web.rules.versions import must_not_record
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, see_other
from screening.web.shell.words import capital
from screening.web.shell.write_keys import posted_key, posted_version
from screening.words.nurse.decision import words_of_decision
from screening.words.nurse.needs import words_of_needed

blueprint = Blueprint("assessment", __name__, url_prefix="/case/<case_id>")
blueprint.record_once(keep_texts)
blueprint.register_error_handler(UnconfirmedError, warning_page)
MEANWHILE = mark("Somebody changed this case at the same moment. Check the answers, then continue.")
LATER = mark(
    "No result: an answer is after the screening date ({names}). Everything is saved; correct the"
    " date, or screen on a later day."
)
NEWER = mark("There is a newer result of this case, number {number}.")
NOT_RECORDED = mark("{why} Nothing was recorded.")
DECIDED = mark("Recorded your decision: {decision}.")
FLAG_NOW = mark("Red flag by the answers now: {flags}.")
FLAGS_NOW = mark("Red flags by the answers now: {flags}.")
_PLACES = {
    Refusal.NO_NOTE: "note",
    Refusal.SIGNS_NOT_SEEN: "seen",
    Refusal.NOT_HANDED_OVER: "untold",
}
ANSWERS_CHANGED = mark(
    "There have been new answers since this result. Show the result again to include them."
)
BIRTH_YEAR_CHANGED = mark(
    "The birth year on the referral has changed since this result."
    " Show the result again to include the change."
)


@blueprint.post("/assess")
@allowed(Permission.SCREEN)
def assess_case(case_id: str) -> Page:
    """Save the answer form, record its result, and show that."""
    draft = Draft.read(request.form)
    view = open_to_write(case_id)
    done = save_or_ask(view, draft, url_for("assessment.assess_case", case_id=case_id))
    if not isinstance(done, SaveResult):
        return done
    if must_not_record():
        return render_template("results/refused.html", case_id=case_id), HTTPStatus.CONFLICT
    try:
        number = _record(view, draft, done.version)
    except LaterAnswerError as error:
        names = ", ".join(page_context().ruleset.items[each].name for each in error.link_ids)
        flash(gettext(LATER, names=names), "error")
        return see_other(url_for("answers.page", case_id=case_id))
    except (StaleError, OtherAnswersError):
        flash(gettext(MEANWHILE), "error")
        return see_other(url_for("answers.page", case_id=case_id, since=draft.version))
    except RulesetTextsError as error:
        flash(gettext("{problem}; start the application again.", problem=error), "error")
        return see_other(url_for("answers.page", case_id=case_id))
    return see_other(url_for("assessment.show", case_id=case_id, number=number))


@blueprint.get("/assessments/")
@allowed(Permission.VIEW)
@warn_of_tampering()
def list_assessments(case_id: str) -> Page:
    """Every recorded result of a case, the newest first."""
    view = show_case(case_id)
    found = [open_result(each) for each in reversed(view.assessments)]
    if not found:  # there may have been one
        check_case_confirmed(case_id)
    return render_template(
        "results/assessments.html",
        **case_context(view.case),
        found=found,
        unconfirmed=unconfirmed(view.assessments),
        reviews={each.stored.number: review_views(each.stored) for each in found},
        overtaken={
            each.stored.number: _superseded_words(view, each.stored.number) for each in found
        },
    )


@blueprint.get("/assessments/<int:number>")
@allowed(Permission.VIEW)
@warn_of_tampering()
def show(case_id: str, number: int) -> Page:
    """A recorded result as it was computed, and beside it what people decided."""
    return _result(show_case(case_id), number, ReviewForm())


@blueprint.post("/assessments/<int:number>/review")
@allowed(Permission.REVIEW)
@warn_of_tampering()
def review(case_id: str, number: int) -> Page:
    """Record the decision of a person on a result."""
    version, once = posted_version(), posted_key()
    view, typed = open_to_write(case_id), ReviewForm.read(request.form)
    choice = CHOICES.get(typed.choice)
    if choice is None:
        return _show_refusal(
            view, number, replace(typed, error=gettext(CHOOSE))
        ), HTTPStatus.UNPROCESSABLE_ENTITY
    decided = NewDecision(choice=choice, note=typed.note, seen=typed.seen)
    try:
        record_review(view, number, version, decided, page_context().ruleset, once)
    except (DecisionRefusedError, UnfitFieldError) as refused:
        return _show_refusal(view, number, typed.refused(refused)), HTTPStatus.UNPROCESSABLE_ENTITY
    except (StaleError, OutdatedAssessmentError) as refused:
        return _show_refusal(
            view, number, replace(typed, error=_sentence(refused))
        ), HTTPStatus.CONFLICT
    except UnconfirmedError as refused:
        error = gettext(NOT_RECORDED, why=words_of_unconfirmed(refused.parts))
        return _show_refusal(view, number, replace(typed, error=error)), HTTPStatus.CONFLICT
    flash(gettext(DECIDED, decision=words_of_decision(choice)), "success")
    return see_other(url_for("assessment.show", case_id=case_id, number=number))


@blueprint.get("/compare")
@allowed(Permission.VIEW)
@warn_of_tampering()
def compare(case_id: str) -> Page:
    """Show the changes from one recorded result of a case to another."""
    view = show_case(case_id)
    numbers = (request.args.get(name, 0, type=int) for name in ("before", "after"))
    before, after = (open_result(view.assessment(each)) for each in numbers)
    return render_template(
        "results/compare.html", **case_context(view.case), comparison=compare_results(before, after)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewForm:
    """A review as it was typed, and what is wrong with it.

    ``seen`` holds the emergency signs that were ticked; ``error_at`` is the field to correct.
    """

    choice: str = ""
    note: str = ""
    seen: frozenset[str] = frozenset()
    error: str = ""
    error_at: str = "choice"

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "ReviewForm":
        """Read a posted form."""
        return cls(
            choice=posted.get("choice", ""),
            note=clean_lines(posted.get("note", "")),
            seen=frozenset(posted.getlist("seen")),
        )

    def refused(self, error: DecisionRefusedError | UnfitFieldError) -> "ReviewForm":
        """The same with why it was refused, and where that can be put right."""
        if isinstance(error, UnfitFieldError):
            return replace(self, error=_sentence(error), error_at=error.field)
        return replace(self, error=_sentence(error), error_at=_PLACES.get(error.refusal, "choice"))


def _show_refusal(view: CaseView, number: int, typed: ReviewForm) -> str:
    record_view_of(view)
    return _result(view, number, typed)


def _result(view: CaseView, number: int, typed: ReviewForm) -> str:
    case, stored = view.case, view.assessment(number)
    recalled, outdated = open_result(stored), _outdated_words(view, number)
    doubt = unconfirmed([stored]).get(number, "")
    assessment, grounds = recalled.assessment, grounds_of(view, stored)
    choices = offered_choices(actor(), grounds)
    shown = result_context(
        assessment, recalled.explanation, page_context().today(), answer_links(case)
    )
    return render_template(
        "results/result.html",
        **case_context(case) | shown | {"standing": words_of_standing(stored, assessment)},
        kept=stored,
        when=words_of_instant(stored.at),
        numbers=[each.number for each in view.assessments],
        same=recalled.same_when_replayed,
        may_audit=actor().may(Permission.AUDIT),
        outdated=outdated,
        unconfirmed=doubt,
        flags_now=_flags_now(case) if outdated else "",
        reviews=review_views(stored),
        emergency_notes=emergency_note_words(view),
        typed=typed,
        may_review=_may_review(case, outdated or doubt),
        choices=choices,
        to_see=signs_to_see(
            grounds, assessment.ruleset.items, chain.from_iterable(choices.values())
        ),
        withheld=words_of_withheld(actor(), grounds),
        chases=view.chases if shown["needs"] else {},
    )


def _may_review(case: Case, withheld: str) -> bool:
    """True if the person may decide on a result of which nothing says why it cannot be."""
    return actor().may(Permission.REVIEW) and not withheld and is_writable(case)


def _superseded_words(view: CaseView, number: int) -> str:
    """The reason why a result is superseded, in a few words; empty if it is not."""
    found = find_supersession(view, number)
    return SUPERSEDED_WORDS[found] if found else ""


def _outdated_words(view: CaseView, number: int) -> str:
    """The reason why a result can no longer be decided on; empty if it can."""
    match find_supersession(view, number):
        case Supersession.AGAIN:
            return gettext(NEWER, number=view.assessments[-1].number)
        case Supersession.ANSWERS:
            return gettext(ANSWERS_CHANGED)
        case Supersession.BIRTH_YEAR:
            return gettext(BIRTH_YEAR_CHANGED)
        case None:
            return ""


def _flags_now(case: Case) -> str:
    """The red flags by the answers as they were saved last, in a sentence; empty without one."""
    names = [sign_names(page_context().ruleset, each) for each in case.red_flags]
    if not names:
        return ""
    flags = "; ".join(names)
    return ngettext(FLAG_NOW, FLAGS_NOW, len(names), flags=flags)


def _sentence(error: ScreeningError) -> str:
    message = mark("{problem}. Nothing was recorded; what you typed is still here.")
    return gettext(message, problem=capital(str(error)))


def _record(view: CaseView, draft: Draft, version: int) -> int:
    as_of, born = draft.intake.day.day or page_context().today(), view.case.referral.birth_year
    answers = plain_answers(current_answers(view))
    if later := later_answers(answers, as_of):
        raise LaterAnswerError(later)
    assessment = assess(page_context().ruleset, answers, as_of, born)
    explanation = page_context().explainer.explain(answers, as_of, born)
    new = NewAssessment(assessment, explanation, ruleset_texts())
    chases = _chases(view, assessment, explanation)
    return record_assessment(view, version, new, f"{draft.once}-judge", chases)


def _chases(
    view: CaseView, assessment: Assessment, explanation: Explanation
) -> dict[str, Chase | None]:
    """The chases of what is still needed, by link id; None for a question that is of no more use.

    It is no longer asked, or its answer cannot change the result.
    """
    there = view.chases
    answers, as_of = assessment.answers, assessment.as_of
    needed = {
        need.item.link_id
        for need in words_of_needed(assessment, explanation)
        if is_called_for(need.item, answers, as_of)
    }
    items = assessment.ruleset.items
    live = {each.link_id for each in explanation.can_matter} | needed
    gone = {link for link in there if link in items and _is_not_asked(items[link], assessment)}
    gone |= find_idle(there.keys(), live)
    new = {link_id: chase_of(view.case, link_id) for link_id in needed if link_id not in there}
    return dict.fromkeys(gone) | new


def _is_not_asked(item: Item, assessment: Assessment) -> bool:
    answers, as_of = assessment.answers, assessment.as_of
    return evaluate_ask_if(item, answers, as_of) is Truth.FALSE or not meets_shown_if(
        item, answers, as_of
    )
