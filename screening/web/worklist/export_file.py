"""The worklist as a file for a spreadsheet, by those who may take many cases out at once."""

from flask import Blueprint, Response, request

from screening.formats.referrals.csv_text import write_table
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.worklist.bulk import export_cases
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.red_flags import red_flags
from screening.web.shell.context import page_context, records
from screening.web.shell.responses import table_response
from screening.web.worklist.query import read_query
from screening.web.worklist.worklist import STATE_WORDS, words_of_outcome
from screening.words.shared.labels import PRIORITY_LABELS, WHO_WORDS

blueprint = Blueprint("export_file", __name__, url_prefix="/worklist")
HEADING = (
    mark("Reference"),
    mark("Patient"),
    mark("Birth year"),
    mark("Referring clinic"),
    mark("Priority"),
    mark("Hospital number"),
    mark("Date received"),
    mark("Site"),
    mark("State"),
    mark("Waiting for"),
    mark("Due"),
    mark("Red flags"),
    mark("Computed outcome"),
    mark("Time window ends"),
    mark("Decision"),
    mark("Added"),
    mark("Last updated"),
    mark("Last updated by"),
    mark("Assigned to"),
)


@blueprint.get("/export.csv")
@allowed(Permission.EXPORT)
def export() -> Response:
    """The cases that the same address of the worklist shows, on all of its pages."""
    cases = export_cases(records(), actor(), read_query(request.args).query)
    text = write_table([*map(gettext, HEADING)], map(_cells, cases))
    return table_response(text, f"cases-{page_context().today().isoformat()}.csv")


def _cells(case: Case) -> tuple[str, ...]:
    referral, flags = case.referral, red_flags(page_context().ruleset, case)
    return (
        referral.reference,
        referral.person,
        str(referral.birth_year or ""),
        referral.clinic,
        "" if case.damaged else PRIORITY_LABELS[referral.priority],
        referral.hospital_number or "",
        referral.date_received.isoformat() if referral.date_received else "",
        case.site_name,
        "" if case.damaged else STATE_WORDS[case.state],
        WHO_WORDS[case.waits_for] if case.waits_for else "",
        case.due.isoformat() if case.due else "",
        "; ".join(flag.words for flag in flags),
        words_of_outcome(case),
        case.closes.isoformat() if case.closes else "",
        case.decision or "",
        "" if case.damaged else case.created_at.isoformat(timespec="seconds"),
        "" if case.damaged else case.touched_at.isoformat(timespec="seconds"),
        case.touched_by,
        case.assignee,
    )
