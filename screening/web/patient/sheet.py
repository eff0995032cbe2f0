"""The sheet for the doctor as a page: what to do first, questions to ask, and what pages say."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import request

from screening.web.patient.sheet_content import Sheet, sheet_of
from screening.web.patient.sheet_text import write_text
from screening.web.patient.visit import Visit, render_visit
from screening.web.shell import pdf
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page
from screening.words.patient.sheet import words_of_bring

PRINTED = "print"
"""The name of the boxes for private answers that the paper may show."""


def sheet_page(visit: Visit, *, no_pdf: bool = False) -> Page:
    """The page with what to do first, the points of published pages, and the sheet.

    Args:
        visit: the answers.
        no_pdf: the person asked for a PDF, and none could be made now.
    """
    kept_off = choose_kept_off()
    sheet = sheet_of(visit, kept_off)
    answers = visit.form.answers
    told = [item for item in visit.journey.path if item.link_id in answers]
    page = render_visit(
        "patient/result.html",
        visit,
        sheet=sheet,
        bring=words_of_bring(),
        text=write_text(sheet.on_paper()),
        look_again=visit.look_again,
        private=[(item, visit.words(item)) for item in told if item.sensitive],
        kept_off=kept_off,
        printed=list(_printed()),
        chosen=visit.action == "paper",
        can_write_pdf=_can_write_pdf(),
        no_pdf=no_pdf,
    )
    return (page, HTTPStatus.SERVICE_UNAVAILABLE) if no_pdf else page


def _can_write_pdf() -> bool:
    """True if this machine makes PDFs; a first try that takes too long is no reason for no page."""
    try:
        return pdf.can_write_pdf()
    except pdf.LayoutError:
        return False


def paper_of(visit: Visit) -> Sheet:
    """The sheet as it leaves the page, without what is kept off the paper."""
    return sheet_of(visit, choose_kept_off()).on_paper()


def choose_kept_off() -> frozenset[str]:
    """The sensitive questions whose lines the person has not chosen for the paper."""
    sensitive = (link for link, item in page_context().ruleset.items.items() if item.sensitive)
    return frozenset(sensitive) - frozenset(request.form.getlist(PRINTED))


def _printed() -> Iterator[tuple[str, str]]:
    """The private answers that were chosen, for the forms that make files."""
    items = page_context().ruleset.items
    chosen = dict.fromkeys(request.form.getlist(PRINTED))
    return ((PRINTED, link) for link in chosen if link in items and items[link].sensitive)
