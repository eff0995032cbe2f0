"""One kept assessment under the eyes of an auditor: its trace, its replay, its evidence.

All of it is shown from what was stored, under the rules that were recorded with it. To look is an
event of the ledger, and changes nothing.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, render_template

from screening.records.access import Permission
from screening.records.casework.cases import find_case
from screening.records.casework.view_events import ViewEvent, view_events
from screening.records.ledger.events import EventKind
from screening.records.results.assessments import find_assessment
from screening.records.results.audited import view_assessment
from screening.records.results.evidence import EvidenceError, make_evidence, verify_evidence
from screening.web.accounts.authorization import actor, allowed
from screening.web.audit import outcome_path
from screening.web.audit.replay import replayed
from screening.web.audit.signer import find_signer, why_not_signed
from screening.web.audit.trace_view import answers_used, judged
from screening.web.case.handover import notes_in_words
from screening.web.case.links import ways_of
from screening.web.questionnaire.result_view import told
from screening.web.results.decision import reviewed
from screening.web.rules.recorded import recall
from screening.web.shell import pdf
from screening.web.shell.context import desk, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, file_response

blueprint = Blueprint("audittrace", __name__, url_prefix="/audit")
COMMAND = "screening evidence {} {} FILE"
VIEW_WORDS = {
    EventKind.CASE_VIEWED: "opened a page of the case",
    EventKind.ASSESSMENT_VIEWED: "audited the result",
    EventKind.LETTER_MADE: "made the letter",
    EventKind.EVIDENCE_MADE: "made evidence",
    EventKind.CASE_VIEWS_READ: "read who saw the case",
    EventKind.EMERGENCY_OPENED: "opened the case in an emergency, from another site",
}


@blueprint.get("/<case_id>/<int:number>/")
@allowed(Permission.AUDIT)
def page(case_id: str, number: int) -> Page:
    """The trace of an assessment."""
    return _page(case_id, number)


@blueprint.get("/<case_id>/<int:number>/evidence.json")
@allowed(Permission.AUDIT)
def evidence(case_id: str, number: int) -> Page:
    """Its evidence as a file; where none can be made, the trace, which says why."""
    return _with_evidence(case_id, number, _as_file)


@blueprint.get("/<case_id>/<int:number>/evidence.pdf")
@allowed(Permission.AUDIT)
def paper(case_id: str, number: int) -> Page:
    """The same to read on paper."""
    if not pdf.can_write_pdf():
        return _page(case_id, number, str(pdf.NoPdfError())), HTTPStatus.SERVICE_UNAVAILABLE
    return _with_evidence(case_id, number, _as_paper)


@blueprint.get("/<case_id>/seen")
@allowed(Permission.AUDIT)
def seen(case_id: str) -> Page:
    """Show every view of a case."""
    views = view_events(records(), actor(), case_id)
    return render_template(
        "audit/seen.html",
        case=find_case(records(), actor(), case_id),
        views=[(each, _view_words(each), words_of_instant(each.at)) for each in views],
        people=len({each.by_id for each in views}),
    )


def _page(case_id: str, number: int, trouble: str = "") -> str:
    case = find_case(records(), actor(), case_id)
    viewed = view_assessment(records(), actor(), case_id, number)
    recalled = recall(viewed.stored)
    assessment = recalled.assessment
    command = COMMAND.format(case_id, number)
    return render_template(
        "audit/trace.html",
        **told(assessment, recalled.explanation, desk().today(), ways_of(case)),
        case=case,
        viewed=viewed,
        kept=viewed.stored,
        computed=words_of_instant(viewed.stored.at),
        judged=judged(recalled),
        used=answers_used(recalled),
        picture=outcome_path.picture(assessment),
        reviews=reviewed(viewed.stored),
        emergency_notes=notes_in_words(case),
        replay=replayed(viewed, recalled),
        trouble=trouble,
        no_evidence=why_not_signed(command),
        can_write_pdf=pdf.can_write_pdf(),
        command=command,
    )


def _with_evidence(case_id: str, number: int, give: Callable[[bytes, int], Response]) -> Page:
    """Make evidence and give it; one event says that it was made, or that the trace was shown."""
    find_assessment(records(), actor(), case_id, number)  # what is not there is told first
    trouble, signer = why_not_signed(COMMAND.format(case_id, number)), find_signer()
    if trouble or signer is None:
        return _page(case_id, number, trouble), HTTPStatus.SERVICE_UNAVAILABLE
    try:
        made = make_evidence(records(), signer, actor(), case_id, number)
    except EvidenceError as error:
        return _page(case_id, number, f"No evidence: {error}."), HTTPStatus.SERVICE_UNAVAILABLE
    return give(made, number)


def _as_file(made: bytes, number: int) -> Response:
    return file_response(made, f"evidence-{number}.json")


def _as_paper(made: bytes, number: int) -> Response:
    data: dict[str, Any] = json.loads(made)
    row = data["assessment"]["row"]
    recalled = recall(find_assessment(records(), actor(), row["case_id"], number))
    assessment, explanation = recalled.assessment, recalled.explanation
    html = render_template(
        "audit/evidence_paper.html",
        **told(assessment, explanation, desk().today()),
        evidence=data,
        kept=recalled.stored,
        steps=verify_evidence(made),
        computed=words_of_instant(recalled.stored.at),
        judged=judged(recalled),
        used=answers_used(recalled),
    )
    return file_response(pdf.write_pdf(html, "evidence.css"), f"evidence-{number}.pdf")


def _view_words(view: ViewEvent) -> str:
    words = VIEW_WORDS[view.kind]
    return f"{words}: result {view.number}" if view.number else words
