"""The letter: one recorded result with what was decided, to print or as a tagged PDF."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup

from screening.core.rules.item import ItemType
from screening.records.access import Permission
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_view import CaseView
from screening.records.casework.letters import NewLetter, WrittenLetter, find_letter, write_letter
from screening.records.casework.timeline import CaseNotes, case_notes
from screening.records.errors import StaleError, UnconfirmedError, UnfitFieldError
from screening.records.people.sites import find_site
from screening.records.results.assessment_views import view_for_letter
from screening.records.results.grounds import find_supersession
from screening.records.verification.confirmation import are_notes_confirmed
from screening.translation import gettext, ngettext
from screening.web.accounts.authorization import allowed
from screening.web.case.frame import case_context, is_writable, open_case, open_to_write
from screening.web.case.handover import changed_signs, words_of_emergency_notes
from screening.web.case.red_flags import sign_names, waiting_words
from screening.web.questionnaire.result_view import red_flags, result_context
from screening.web.results.currency import (
    BEFORE_WORDS,
    SINCE_WORDS,
    words_of_age,
    words_of_standing,
)
from screening.web.results.decision import review_views
from screening.web.results.letter_words import (
    LetterForm,
    LetterGrounds,
    cited_kinds,
    kept_letter,
    usual_letter,
)
from screening.web.results.unconfirmed import warn_of_tampering, warning_page
from screening.web.rules.recorded import RecordedResult, open_result
from screening.web.rules.versions import is_not_activated
from screening.web.shell import pdf
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant, words_of_moment
from screening.web.shell.responses import Page, file_response, see_other
from screening.web.shell.write_keys import posted_key
from screening.words.shared.answers import words_of_answers
from screening.words.shared.labels import PRIORITY_LABELS

blueprint = Blueprint("letter", __name__, url_prefix="/case/<case_id>/assessments/<int:number>")
blueprint.register_error_handler(UnconfirmedError, warning_page)


@blueprint.get("/letter")
@allowed(Permission.VIEW)
@warn_of_tampering()
def page(case_id: str, number: int) -> Page:
    """The letter on the screen, to print, and the form to change its words."""
    return _page(open_case(case_id), number, None)


@blueprint.post("/letter")
@allowed(Permission.SCREEN)
@warn_of_tampering()
def save(case_id: str, number: int) -> Page:
    """Save the words around the result."""
    once, typed = posted_key(), LetterForm.read(request.form)
    view = open_to_write(case_id)
    try:
        stored = view.assessment(number)
        outdated = bool(find_supersession(view, number) or words_of_age(view, stored))
        notes = case_notes(view)
        grounds = _grounds(view, open_result(stored), notes, outdated=outdated)
        seen = request.form.get("seen", -1, int)
        new = NewLetter(number=number, letter=typed.letter, basis=grounds.basis, seen=seen)
        write_letter(view, new, once)
    except UnfitFieldError as error:
        return _page(view, number, typed.refused(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    except StaleError:
        return _page(view, number, typed.overtaken()), HTTPStatus.CONFLICT
    flash(gettext("Letter saved."))
    return see_other(url_for("letter.page", case_id=case_id, number=number))


def _page(view: CaseView, number: int, typed: LetterForm | None) -> str:
    shown = _letter(view, view_for_letter(view, number))
    told_of = case_context(view.case) | shown
    body = Markup(render_template("results/letter_body.html", **told_of))  # noqa: S704 - a template's
    unshown = pdf.letters_without_font(body.striptags())
    return render_template(
        "results/letter.html",
        **told_of,
        typed=typed or LetterForm(shown["letter"]),
        may_write=is_writable(view.case),
        body=body,
        can_write_pdf=pdf.can_write_pdf(),
        no_pdf=str(pdf.NoPdfError()),
        unshown=pdf.words_of_letters(unshown) if unshown else "",
    )


@blueprint.get("/letter.pdf")
@allowed(Permission.VIEW)
@warn_of_tampering()
def pdf_file(case_id: str, number: int) -> Page:
    """The letter as a PDF; where none can be made, the letter on the screen, which says so."""
    if not pdf.can_write_pdf():
        return see_other(url_for("letter.page", case_id=case_id, number=number))
    view = open_case(case_id)
    told_of = _letter(view, view_for_letter(view, number))
    html = render_template("results/letter_paper.html", case=view.case, **told_of)
    name = f"screening-{number}.pdf"  # no reference: it would stay in a list of downloads
    return file_response(pdf.write_pdf(html, "letter.css"), name, inline=True)


def _letter(view: CaseView, stored: StoredAssessment) -> dict[str, Any]:
    case, recalled, reviews = view.case, open_result(stored), review_views(stored)
    overtaken = find_supersession(view, stored.number)
    shown = result_context(recalled.assessment, recalled.explanation, page_context().today())
    notes, too_old = case_notes(view), words_of_age(view, stored)
    written = find_letter(notes.letters, stored.number)
    outdated = bool(overtaken or too_old)
    grounds = _grounds(view, recalled, notes, outdated=outdated)
    usual = usual_letter(case, stored, grounds)
    asks_more = bool(reviews) and reviews[-1].asks_more
    return shown | {
        "kept": stored,
        "standing": words_of_standing(stored, recalled.assessment),
        "letter": kept_letter(written, usual, grounds.basis),
        "words_outdated": written is not None and written.basis != grounds.basis,
        "written_by": written.by if written else "",
        "saved": _words_of_saved(written),
        "letters": len(notes.letters),
        "notes_confirmed": are_notes_confirmed(records(), view.id),
        "site": find_site(records(), case.site_id),
        "not_activated": is_not_activated(stored.ruleset_digest),
        "cited": cited_kinds(recalled.assessment),
        "too_old": too_old,
        "overtaken": SINCE_WORDS[overtaken] if overtaken else "",
        "overtaken_before": BEFORE_WORDS[overtaken] if overtaken else "",
        "review": reviews[-1] if reviews else None,
        "rests_on": _rests_on(recalled),
        "waiting": waiting_words(page_context().ruleset, case),
        "asks_more": asks_more,
        "emergency_notes": words_of_emergency_notes(case, notes.emergencies),
        "made_on": page_context().today(),
        "computed": words_of_instant(stored.at),
        "priority": PRIORITY_LABELS[case.referral.priority],
    }


def _grounds(
    view: CaseView, recalled: RecordedResult, notes: CaseNotes, *, outdated: bool
) -> LetterGrounds:
    """All that the usual words of a letter rest on, as it is now."""
    rules, changed = page_context().ruleset, changed_signs(view.case, notes.emergencies)
    return LetterGrounds(
        reviews=len(recalled.stored.reviews),
        outdated=outdated,
        flagged=bool(red_flags(recalled.assessment) or view.case.needs_handover),
        changed={each: sign_names(rules, each) for each in changed},
    )


def _words_of_saved(written: WrittenLetter | None) -> str:
    """By whom and when the words were saved; empty for the usual ones."""
    if written is None:
        return ""
    when = words_of_moment(written.at, page_context().today())
    return gettext("Saved by {name}, {when}.", name=written.by, when=when)


def _rests_on(recalled: RecordedResult) -> str:
    """The answers that decide the outcome, and every date; none while open.

    They are in words, each "no" only counted.
    """
    assessment = recalled.assessment
    if assessment.decided is None:
        return ""
    deciding, items = recalled.explanation.reason.deciding, assessment.ruleset.items
    answers = {
        link: assessment.answers[link]
        for link, item in items.items()
        if link in assessment.answers
        if link in deciding or (item.type is ItemType.DATE and assessment.answers[link].known)
    }
    told = {link: answer for link, answer in answers.items() if answer.value is not False}
    noes = len(answers) - len(told)
    said = [words_of_answers(told, items)] if told else []
    if noes:
        rest = ngettext("{count} question answered no", "{count} questions answered no", noes)
        said.append(rest)
    return "; ".join(said)
