"""The letter: one recorded result with what was decided, to print or as a tagged PDF."""

from flask import Blueprint, Response, redirect, render_template, url_for
from markupsafe import Markup

from screening.core.referral import PRIORITY_WORDS
from screening.records.access import Permission
from screening.records.casework.case_rows import Case
from screening.records.results.assessments import Stored, assessments
from screening.records.results.audited import view_for_letter
from screening.translation import ngettext
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.conflicts import Page
from screening.web.case.frame import shell
from screening.web.case.handover import notes_in_words
from screening.web.case.red_flags import waiting_words
from screening.web.questionnaire.result_view import told
from screening.web.results.currency import find_overtaken, words_of_age
from screening.web.results.decision import reviewed
from screening.web.rules.recorded import Recalled, recall
from screening.web.shell import pdf
from screening.web.shell.context import desk, records
from screening.web.shell.dates import words_of_instant
from screening.words.shared.answers import words_of_answers

blueprint = Blueprint("letter", __name__, url_prefix="/case/<case_id>/assessments/<int:number>")


@blueprint.get("/letter")
@allowed(Permission.VIEW)
def page(case_id: str, number: int) -> Page:
    """The letter on the screen, to print."""
    case, stored = view_for_letter(records(), actor(), case_id, number)
    told_of = shell(case) | _letter(case, stored)
    body = Markup(render_template("results/letter_body.html", **told_of))  # noqa: S704 - a template's
    unshown = pdf.letters_without_font(body.striptags())
    return render_template(
        "results/letter.html",
        **told_of,
        can_write_pdf=pdf.can_write_pdf(),
        no_pdf=str(pdf.NoPdfError()),
        unshown=pdf.words_of_letters(unshown) if unshown else "",
    )


@blueprint.get("/letter.pdf")
@allowed(Permission.VIEW)
def paper(case_id: str, number: int) -> Page:
    """The letter as a PDF; where none can be made, the letter on the screen, which says so."""
    if not pdf.can_write_pdf():
        return redirect(url_for("letter.page", case_id=case_id, number=number), 303)
    case, stored = view_for_letter(records(), actor(), case_id, number)
    html = render_template("results/letter_paper.html", case=case, **_letter(case, stored))
    name = f"screening-{number}.pdf"  # no reference: it would stay in a list of downloads
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(pdf.write_pdf(html, "letter.css"), mimetype="application/pdf", headers=headers)


def _letter(case: Case, stored: Stored) -> dict[str, object]:
    recalled = recall(stored)
    reviews = reviewed(recalled.stored)
    newest = assessments(records(), actor(), case.id)[-1].number
    return told(recalled.assessment, recalled.explanation, desk().today()) | {
        "kept": recalled.stored,
        "too_old": words_of_age(recalled, case),
        "overtaken": find_overtaken(case, recalled.stored, newest),
        "review": reviews[-1] if reviews else None,
        "rests_on": _rests_on(recalled),
        "waiting": waiting_words(desk().ruleset, case),
        "emergency_notes": notes_in_words(case),
        "made_on": desk().today(),
        "computed": words_of_instant(recalled.stored.at),
        "priority": PRIORITY_WORDS[case.referral.priority],
    }


def _rests_on(recalled: Recalled) -> str:
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
