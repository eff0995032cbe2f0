"""The letter: one recorded result with what was decided, to print or as a tagged PDF."""

from flask import Blueprint, render_template, url_for
from markupsafe import Markup

from screening.records.access import Permission
from screening.records.casework.assessment_rows import StoredAssessment
from screening.records.casework.case_view import CaseView
from screening.records.errors import UnconfirmedError
from screening.records.results.assessment_views import view_for_letter
from screening.records.results.grounds import find_supersession
from screening.translation import ngettext
from screening.web.accounts.authorization import allowed
from screening.web.case.frame import case_context, open_case
from screening.web.case.handover import emergency_note_words
from screening.web.case.red_flags import waiting_words
from screening.web.questionnaire.result_view import result_context
from screening.web.results.currency import BEFORE_WORDS, SINCE_WORDS, words_of_age
from screening.web.results.decision import review_views
from screening.web.results.unconfirmed import warn_of_tampering, warning_page
from screening.web.rules.recorded import RecordedResult, open_result
from screening.web.shell import pdf
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, file_response, see_other
from screening.words.shared.answers import words_of_answers
from screening.words.shared.labels import PRIORITY_LABELS

blueprint = Blueprint("letter", __name__, url_prefix="/case/<case_id>/assessments/<int:number>")
blueprint.register_error_handler(UnconfirmedError, warning_page)


@blueprint.get("/letter")
@allowed(Permission.VIEW)
@warn_of_tampering()
def page(case_id: str, number: int) -> Page:
    """The letter on the screen, to print."""
    view = open_case(case_id)
    told_of = case_context(view.case) | _letter(view, view_for_letter(view, number))
    body = Markup(render_template("results/letter_body.html", **told_of))  # noqa: S704 - a template's
    unshown = pdf.letters_without_font(body.striptags())
    return render_template(
        "results/letter.html",
        **told_of,
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


def _letter(view: CaseView, stored: StoredAssessment) -> dict[str, object]:
    case, recalled, reviews = view.case, open_result(stored), review_views(stored)
    overtaken = find_supersession(view, stored.number)
    return result_context(recalled.assessment, recalled.explanation, page_context().today()) | {
        "kept": stored,
        "too_old": words_of_age(view, stored),
        "overtaken": SINCE_WORDS[overtaken] if overtaken else "",
        "overtaken_before": BEFORE_WORDS[overtaken] if overtaken else "",
        "review": reviews[-1] if reviews else None,
        "rests_on": _rests_on(recalled),
        "waiting": waiting_words(page_context().ruleset, case),
        "emergency_notes": emergency_note_words(view),
        "made_on": page_context().today(),
        "computed": words_of_instant(stored.at),
        "priority": PRIORITY_LABELS[case.referral.priority],
    }


def _rests_on(recalled: RecordedResult) -> str:
    """The answers that decide the outcome, in words, each "no" only counted; none while open."""
    assessment = recalled.assessment
    if assessment.decided is None:
        return ""
    deciding = recalled.explanation.reason.deciding
    answers = {link: assessment.answers[link] for link in deciding if link in assessment.answers}
    told = {link: answer for link, answer in answers.items() if answer.value is not False}
    noes = len(answers) - len(told)
    said = [words_of_answers(told, assessment.ruleset.items)] if told else []
    if noes:
        rest = ngettext("{count} question answered no", "{count} questions answered no", noes)
        said.append(rest)
    return "; ".join(said)
