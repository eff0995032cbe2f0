"""From answers to a recorded result, what people decide on it, and what changed since another."""

from dataclasses import dataclass, replace
from itertools import chain

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from screening.core.assess import Assessment, asked, assess, put, shown
from screening.core.decision import CHOICES, Refusal
from screening.core.item import Item
from screening.core.truth import Truth
from screening.errors import ScreeningError
from screening.proof.reasons import Explanation
from screening.records.access import Permission
from screening.records.casework.answers import Saved
from screening.records.casework.case_rows import Case
from screening.records.casework.cases import find_case
from screening.records.casework.chases import Chase, case_chases
from screening.records.errors import StaleError, UnfitFieldError
from screening.records.results.assessments import (
    LaterAnswerError,
    OtherAnswersError,
    assessments,
    find_assessment,
    later_answers,
    record_assessment,
)
from screening.records.results.decisions import (
    Decided,
    DecisionRefusedError,
    OutdatedAssessmentError,
    record_review,
)
from screening.records.rules.recorded import RulesetTextsError
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.conflicts import CONFLICT, UNPROCESSABLE, Page, saved
from screening.web.case.draft import Draft, chase_of
from screening.web.case.frame import opened, shell, writable
from screening.web.case.handover import notes_in_words
from screening.web.case.known_answers import given_now, plain
from screening.web.case.links import ways_of
from screening.web.questionnaire.result_view import told
from screening.web.results.compare import compared
from screening.web.results.currency import Overtaken, find_overtaken, grounds_of
from screening.web.results.decision import CHOOSE, offered, reviewed, to_see, withheld
from screening.web.rules.loaded_texts import keep_texts, ruleset_texts
from screening.web.rules.recorded import Recalled, recall
from screening.web.rules.versions import refused
from screening.web.shell.context import desk, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.words import capital
from screening.web.shell.write_keys import posted_number, posted_once
from screening.words.nurse.needs import words_of_needed

blueprint = Blueprint("assessing", __name__, url_prefix="/case/<case_id>")
blueprint.record_once(keep_texts)
MEANWHILE = "Somebody changed this case at the same moment. Check the answers, then continue."
LATER = (
    "No result: an answer is after the screening date ({}). Everything is saved; correct the"
    " date, or screen on a later day."
)
NEWER = "There is a newer result of this case, number {}."
_PLACES = {
    Refusal.NO_NOTE: "note",
    Refusal.SIGNS_NOT_SEEN: "seen",
    Refusal.NOT_HANDED_OVER: "untold",
}
ANSWERS_CHANGED = (
    "Answers have changed since this result. Show the result again to include the changes."
)
BIRTH_YEAR_CHANGED = (
    "The birth year on the referral has changed since this result."
    " Show the result again to include the change."
)


@blueprint.post("/assess")
@allowed(Permission.SCREEN)
def judge(case_id: str) -> Page:
    """Save the sheet, record what the rules say of it, and show that."""
    draft = Draft.read(request.form)
    case = find_case(records(), actor(), case_id)
    done = saved(case, draft, url_for("assessing.judge", case_id=case_id))
    if not isinstance(done, Saved):
        return done
    if refused():
        return render_template("rules/versions/refused.html", case_id=case_id), CONFLICT
    try:
        number = _record(case, draft, done.version)
    except LaterAnswerError as error:
        names = ", ".join(desk().ruleset.items[each].name for each in error.link_ids)
        flash(LATER.format(names), "error")
        return redirect(url_for("case.page", case_id=case_id), 303)
    except (StaleError, OtherAnswersError):
        flash(MEANWHILE, "error")
        return redirect(url_for("case.page", case_id=case_id, since=draft.version), 303)
    except RulesetTextsError as error:
        flash(f"{error}; start the application again.", "error")
        return redirect(url_for("case.page", case_id=case_id), 303)
    return redirect(url_for("assessing.show", case_id=case_id, number=number), 303)


@blueprint.get("/assessments/")
@allowed(Permission.VIEW)
def listed(case_id: str) -> Page:
    """Every recorded result of a case, the newest first."""
    case = opened(case_id)
    found = [recall(each) for each in assessments(records(), actor(), case_id)]
    found.sort(key=lambda each: each.stored.number, reverse=True)
    return render_template(
        "results/assessments.html",
        **shell(case),
        found=found,
        reviews={each.stored.number: reviewed(each.stored) for each in found},
        overtaken=find_overtaken(case, found[0].stored, found[0].stored.number) if found else None,
    )


@blueprint.get("/assessments/<int:number>")
@allowed(Permission.VIEW)
def show(case_id: str, number: int) -> Page:
    """A recorded result as it was computed, and beside it what people decided."""
    return _result(case_id, number, Typed())


@blueprint.post("/assessments/<int:number>/review")
@allowed(Permission.REVIEW)
def review(case_id: str, number: int) -> Page:
    """Record the decision of a person on a result."""
    version, once = posted_number(request.form), posted_once(request.form)
    case = find_case(records(), actor(), case_id)
    typed = Typed.read(request.form)
    choice = CHOICES.get(typed.choice)
    if choice is None or (choice.overrides and not actor().may(Permission.OVERRIDE)):
        return _result(case_id, number, replace(typed, error=CHOOSE)), UNPROCESSABLE
    decided = Decided(choice=choice, note=typed.note, seen=typed.seen)
    rules = desk().ruleset
    try:
        record_review(records(), actor(), case_id, number, version, decided, rules, once)
    except DecisionRefusedError as refused:
        return _result(case_id, number, typed.refused(refused)), UNPROCESSABLE
    except (StaleError, OutdatedAssessmentError, UnfitFieldError) as refused:
        return _result(case_id, number, replace(typed, error=_sentence(refused))), CONFLICT
    return redirect(url_for("assessing.show", case_id=case.id, number=number), 303)


@blueprint.get("/compare")
@allowed(Permission.VIEW)
def compare(case_id: str) -> Page:
    """What changed from one recorded result of a case to another."""
    case = opened(case_id)
    numbers = (request.args.get(name, 0, type=int) for name in ("before", "after"))
    before, after = (find_assessment(records(), actor(), case_id, each) for each in numbers)
    return render_template(
        "results/compare.html", **shell(case), told=compared(recall(before), recall(after))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A review as it was typed, and what is wrong with it.

    ``seen`` holds the emergency signs that were ticked as seen; ``error_at`` is where to mend it.
    """

    choice: str = ""
    note: str = ""
    seen: frozenset[str] = frozenset()
    error: str = ""
    error_at: str = "choice"

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "Typed":
        """Read a posted form."""
        return cls(
            choice=posted.get("choice", ""),
            note=posted.get("note", "").strip(),
            seen=frozenset(posted.getlist("seen")),
        )

    def refused(self, error: DecisionRefusedError) -> "Typed":
        """The same with why it was refused, and where that can be put right."""
        return replace(self, error=_sentence(error), error_at=_PLACES.get(error.refusal, "choice"))


def _result(case_id: str, number: int, typed: Typed) -> str:
    case = opened(case_id)
    listed = assessments(records(), actor(), case_id)
    recalled = recall(find_assessment(records(), actor(), case_id, number))
    assessment, outdated = recalled.assessment, _outdated(case, recalled, listed[-1].number)
    grounds = grounds_of(recalled, case)
    choices = offered(actor(), grounds)
    shown = told(assessment, recalled.explanation, desk().today(), ways_of(case))
    return render_template(
        "results/result.html",
        **shell(case) | shown,
        kept=recalled.stored,
        when=words_of_instant(recalled.stored.at),
        numbers=[each.number for each in listed],
        same=recalled.same_when_replayed,
        may_audit=actor().may(Permission.AUDIT),
        outdated=outdated,
        reviews=reviewed(recalled.stored),
        emergency_notes=notes_in_words(case),
        typed=typed,
        may_review=actor().may(Permission.REVIEW) and not outdated and writable(case),
        choices=choices,
        to_see=to_see(grounds, assessment.ruleset.items, chain.from_iterable(choices.values())),
        withheld=withheld(actor(), grounds),
        chases=case_chases(records(), actor(), case_id) if shown["needs"] else {},
    )


def _outdated(case: Case, recalled: Recalled, newest: int) -> str:
    """Why nobody can decide on a result any more; empty if they can."""
    match find_overtaken(case, recalled.stored, newest):
        case Overtaken.AGAIN:
            return NEWER.format(newest)
        case Overtaken.ANSWERS:
            return ANSWERS_CHANGED
        case Overtaken.BIRTH_YEAR:
            return BIRTH_YEAR_CHANGED
        case None:
            return ""


def _sentence(error: ScreeningError) -> str:
    return f"{capital(str(error))}. Nothing was recorded; what you typed is still here."


def _record(case: Case, draft: Draft, version: int) -> int:
    as_of = draft.intake.day.day or desk().today()
    answers = plain(given_now(case.id))
    if later := later_answers(answers, as_of):
        raise LaterAnswerError(later)
    born = case.referral.birth_year
    assessment = assess(desk().ruleset, answers, as_of, born)
    explanation = desk().explainer.explain(answers, as_of, born)
    return record_assessment(
        records(),
        actor(),
        case.id,
        version,
        assessment,
        explanation,
        ruleset_texts(),
        f"{draft.once}-judge",
        _chases(case, assessment, explanation),
    )


def _chases(
    case: Case, assessment: Assessment, explanation: Explanation
) -> dict[str, Chase | None]:
    """Who finds out what is still needed; None for what is no longer asked for."""
    there = case_chases(records(), actor(), case.id)
    answers, as_of = assessment.answers, assessment.as_of
    needed = {
        need.item.link_id
        for need in words_of_needed(assessment, explanation)
        if put(need.item, answers, as_of)
    }
    items = assessment.ruleset.items
    gone = {link for link in there if link in items and _not_asked(items[link], assessment)}
    new = {link_id: chase_of(case, link_id) for link_id in needed if link_id not in there}
    return dict.fromkeys(gone) | new


def _not_asked(item: Item, assessment: Assessment) -> bool:
    answers, as_of = assessment.answers, assessment.as_of
    return asked(item, answers, as_of) is Truth.FALSE or not shown(item, answers, as_of)
