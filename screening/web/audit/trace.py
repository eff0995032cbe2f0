"""One kept assessment under the eyes of an auditor: its trace, its replay, its evidence.

All of it is shown from what was stored, under the rules that were recorded with it. To look is an
event of the ledger, and changes nothing.
"""

import json
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, render_template

from screening.records.access import Permission
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_view import CaseView
from screening.records.case.view_events import ViewEvent, view_events
from screening.records.casework.cases import find_case
from screening.records.ledger.events import EventKind
from screening.records.results.assessment_views import view_for_audit
from screening.records.results.evidence import EvidenceError, make_evidence, verify_evidence
from screening.translation import Phrases, gettext
from screening.web.accounts.authorization import actor, allowed
from screening.web.audit import outcome_path
from screening.web.audit.replay import replay_view
from screening.web.audit.signer import find_signer, why_not_signed
from screening.web.audit.trace_view import trace_criteria, used_answers
from screening.web.case.frame import open_case
from screening.web.case.handover import emergency_note_words
from screening.web.case.links import answer_links
from screening.web.questionnaire.result_view import result_context
from screening.web.results.decision import review_views
from screening.web.rules.recorded import open_result
from screening.web.shell import pdf
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, file_response

blueprint = Blueprint("trace", __name__, url_prefix="/audit")
COMMAND = "screening evidence {} {} FILE"
VIEW_WORDS = Phrases(
    {
        EventKind.CASE_VIEWED: "opened a page of the case",
        EventKind.ASSESSMENT_VIEWED: "audited the result",
        EventKind.LETTER_MADE: "made the letter",
        EventKind.EVIDENCE_MADE: "made evidence",
        EventKind.CASE_VIEWS_READ: "read who saw the case",
        EventKind.EMERGENCY_OPENED: "opened the case in an emergency, from another site",
    }
)


@blueprint.get("/<case_id>/<int:number>/")
@allowed(Permission.AUDIT)
def page(case_id: str, number: int) -> Page:
    """The trace of an assessment."""
    return _page(open_case(case_id), number)


@blueprint.get("/<case_id>/<int:number>/evidence.json")
@allowed(Permission.AUDIT)
def evidence(case_id: str, number: int) -> Page:
    """Its evidence as a file; where none can be made, the trace, which says why."""
    return _with_evidence(open_case(case_id), number, _as_file)


@blueprint.get("/<case_id>/<int:number>/evidence.pdf")
@allowed(Permission.AUDIT)
def pdf_file(case_id: str, number: int) -> Page:
    """The same to read on paper."""
    if not pdf.can_write_pdf():
        return _page(
            open_case(case_id), number, str(pdf.NoPdfError())
        ), HTTPStatus.SERVICE_UNAVAILABLE
    return _with_evidence(open_case(case_id), number, _as_paper)


@blueprint.get("/<case_id>/views")
@allowed(Permission.AUDIT)
def views(case_id: str) -> Page:
    """Show every view of a case."""
    views = view_events(records(), actor(), case_id)
    return render_template(
        "audit/views.html",
        case=find_case(records(), actor(), case_id),
        views=[(each, _view_words(each), words_of_instant(each.at)) for each in views],
        people=len({each.by_id for each in views}),
    )


def _page(view: CaseView, number: int, trouble: str = "") -> str:
    stored = view_for_audit(view, number)
    recalled = open_result(stored)
    case, assessment = view.case, recalled.assessment
    command = COMMAND.format(view.id, number)
    return render_template(
        "audit/trace.html",
        **result_context(
            assessment, recalled.explanation, page_context().today(), answer_links(case)
        ),
        case=case,
        kept=stored,
        computed=words_of_instant(stored.at),
        judged=trace_criteria(recalled),
        used=used_answers(recalled),
        picture=outcome_path.outcome_path(assessment),
        reviews=review_views(stored),
        emergency_notes=emergency_note_words(view),
        replay=replay_view(recalled),
        trouble=trouble,
        no_evidence=why_not_signed(command),
        can_write_pdf=pdf.can_write_pdf(),
        command=command,
    )


def _with_evidence(
    view: CaseView, number: int, give: Callable[[bytes, StoredAssessment], Response]
) -> Page:
    """Make evidence and give it; one event says that it was made, or that the trace was shown."""
    stored = view.assessment(number)  # what is not there is told first
    trouble, signer = why_not_signed(COMMAND.format(view.id, number)), find_signer()
    if trouble or signer is None:
        return _page(view, number, trouble), HTTPStatus.SERVICE_UNAVAILABLE
    try:
        made = make_evidence(view, signer, number)
    except EvidenceError as error:
        return _page(
            view, number, gettext("No evidence: {problem}.", problem=error)
        ), HTTPStatus.SERVICE_UNAVAILABLE
    return give(made, stored)


def _as_file(made: bytes, stored: StoredAssessment) -> Response:
    return file_response(made, f"evidence-{stored.number}.json")


def _as_paper(made: bytes, stored: StoredAssessment) -> Response:
    recalled = open_result(stored)
    html = render_template(
        "audit/evidence_paper.html",
        **result_context(recalled.assessment, recalled.explanation, page_context().today()),
        evidence=json.loads(made),
        kept=stored,
        steps=verify_evidence(made),
        computed=words_of_instant(stored.at),
        judged=trace_criteria(recalled),
        used=used_answers(recalled),
    )
    return file_response(pdf.write_pdf(html, "evidence.css"), f"evidence-{stored.number}.pdf")


def _view_words(view: ViewEvent) -> str:
    words = VIEW_WORDS[view.kind]
    if not view.number:
        return words
    return gettext("{kind}: result {number}", kind=words, number=view.number)
