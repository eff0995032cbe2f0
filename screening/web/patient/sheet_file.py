"""The sheet as a file: a tagged PDF or plain text, made in the request and kept nowhere."""

from threading import BoundedSemaphore

from flask import Blueprint, render_template

from screening.translation import gettext, mark
from screening.web.patient.patient import missing_page
from screening.web.patient.sheet import paper_of, sheet_page
from screening.web.patient.sheet_text import write_text
from screening.web.patient.visit import Visit
from screening.web.shell import pdf as paper
from screening.web.shell.responses import Page, file_response
from screening.words.patient.sheet import words_of_bring

blueprint = Blueprint("sheet_file", __name__, url_prefix="/patient/sheet")
NAME = mark("questions-for-my-doctor")
"""The name of a file: nothing of the person is in it, as it stays in a list of downloads."""
AT_ONCE, PATIENCE = 2, 20.0
"""So many are laid out at a time, as anybody may ask; who comes next waits so many seconds."""
_turns = BoundedSemaphore(AT_ONCE)


@blueprint.post("/pdf")
def pdf() -> Page:
    """The sheet as a PDF; where none can be made, the sheet as a page, which says so."""
    visit = Visit.of_request()
    if page := _unfinished(visit):
        return page
    made = _lay_out(visit) if paper.can_write_pdf() else None
    return _file(made, "pdf") if made else sheet_page(visit, no_pdf=True)


@blueprint.post("/text")
def text() -> Page:
    """The sheet as plain text."""
    visit = Visit.of_request()
    if page := _unfinished(visit):
        return page
    return _file(write_text(paper_of(visit)).encode(), "txt")


def _file(content: bytes, ending: str) -> Page:
    """A file with its name in the reader's language."""
    return file_response(content, f"{NAME}.{ending}", own_name=f"{gettext(NAME)}.{ending}")


def _unfinished(visit: Visit) -> Page | None:
    """The first open question, as the page of the sheet asks it, but for an emergency."""
    return None if visit.journey.emergencies else missing_page(visit)


def _lay_out(visit: Visit) -> bytes | None:
    html = render_template(
        "patient/sheet_file.html",
        sheet=paper_of(visit),
        bring=words_of_bring(),
    )
    if not _turns.acquire(timeout=PATIENCE):
        return None
    try:
        return paper.write_pdf(html, "sheet.css", keep=False)
    except paper.LayoutError:
        return None
    finally:
        _turns.release()
