"""Referrals are imported from a file: shown first, with every problem, then written together.

Rows with a problem are corrected on the page, or left out; the others do not wait for them.

Between the two the file travels inside the page, packed, and is read again on confirmation: the
server keeps nothing of it, neither in a session nor in a temporary file.
"""

import base64
import binascii
import hashlib
import zlib
from codecs import BOM_UTF8
from collections.abc import Collection
from http import HTTPStatus
from io import BytesIO
from typing import IO, cast

import flask
from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from screening.formats.referrals.csv_table import MAX_ROWS
from screening.formats.referrals.headings import read_columns, write_template
from screening.formats.referrals.table import Edits
from screening.formats.referrals.text import FIELD_WORDS
from screening.records.access import Permission
from screening.records.casework.cases import add_cases
from screening.records.worklist.bulk import find_added
from screening.translation import gettext, mark, mark_plural, ngettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.shell.context import records
from screening.web.shell.responses import Page, form_page, see_other, table_response
from screening.web.shell.write_keys import posted_key
from screening.web.worklist.import_corrections import Corrections
from screening.web.worklist.import_match import (
    match_page,
    matched,
    posted_match,
    remember_match,
    words_of_match,
)
from screening.web.worklist.import_rows import (
    Import,
    posted_columns,
    posted_edits,
    posted_left_out,
    priority_items,
)
from screening.web.worklist.referral_form import chosen_site, site_items

blueprint = Blueprint("import_file", __name__, url_prefix="/worklist/import")
MAX_UPLOAD = 1_000_000
SHOWN = 20
NO_FILE = mark("Choose a file")
EMPTY = mark("The file is empty. Choose one that has referrals in it")
AGAIN = mark("Choose the file once more: it is compared with the cases of its site")
NO_SITE = mark("Choose the site whose nurses see the cases")
OTHER_SITE = mark("The page was opened for a site where you no longer work. Choose the site")
LEFT_OUT = mark_plural(
    "You left out {count} row of the file: row number {rows}.",
    "You left out {count:,} rows of the file: row numbers {rows}.",
)
ALIKE = mark_plural(
    "{count} row of the file was not added, because the patient may already have a case: row"
    " number {rows}.",
    "{count:,} rows of the file were not added, because the patients may already have cases: row"
    " numbers {rows}.",
)
LOST = mark("Choose the file once more: what the page carried of it did not arrive whole")


class MemoryRequest(flask.Request):
    """A request whose uploaded files stay in memory; the usual one would put them on the disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


def _keep_files_in_memory(state: BlueprintSetupState) -> None:
    cast("flask.Flask", state.app).request_class = MemoryRequest


blueprint.record_once(_keep_files_in_memory)


@blueprint.url_value_preprocessor
def allow_more(endpoint: str | None, values: object) -> None:  # noqa: ARG001
    """A file may be larger than a questionnaire; this comes before anything reads the request."""
    request.max_content_length = MAX_UPLOAD
    request.max_form_memory_size = MAX_UPLOAD


@blueprint.get("")
@allowed(Permission.SCREEN)
def start() -> Page:
    """The form to choose a file."""
    return _start_page()


@blueprint.get("/template.csv")
@allowed(Permission.SCREEN)
def template_file() -> Response:
    """A file to fill in."""
    return table_response(write_template(), "referrals-template.csv")


@blueprint.post("")
@allowed(Permission.SCREEN)
def preview() -> Page:
    """Show what is in the file; nothing is written."""
    site, file = _site(), request.files.get("file")
    data = file.read() if file else b""
    errors = {} if site else {"site": _site_error()}
    if not data.removeprefix(BOM_UTF8).strip():
        errors["file"] = gettext(EMPTY if file and file.filename else NO_FILE)
    if errors or not site:
        return _start_page(errors)
    read = matched(Import.of(data, site))
    return match_page(read) if read.table.is_unmatched else _preview_page(read)


@blueprint.post("/columns")
@allowed(Permission.SCREEN)
def columns() -> Page:
    """Take the match of columns and fields, and show what is in the file by it.

    What was corrected before the columns were chosen again is kept, as far as it still fits.
    """
    data, site = unpack(request.form.get("packed", "")), _site()
    if not site:
        return _start_page({"site": _site_error(), "file": gettext(AGAIN)})
    if data is None:
        return _start_page({"file": gettext(LOST)})
    if "again" in request.form:
        edits = Edits(columns=posted_columns(request.form))
        typed = Corrections.posted(request.form).typed_over(data)
        return match_page(Import.of(data, site, edits), typed)
    return _take_match(data, site)


def _take_match(data: bytes, site: int) -> Page:
    match = posted_match(request.form, read_columns(data))
    typed = Corrections.posted(request.form)
    read = Import.of(data, site, *typed.fitted(data, match.columns))
    if match.errors or read.table.is_unmatched:
        return match_page(read, typed, match)
    return _preview_page(read)


@blueprint.post("/confirm")
@allowed(Permission.SCREEN)
def confirm() -> Page:
    """Write every chosen row, or none; then show the rows that are still to be corrected.

    The file is shown again, and nothing is written, if more of it is doubtful by now: so a page
    that the browser's Back brings, and that is sent once more, adds no row twice.
    """
    once, site = posted_key(), _site()
    data = unpack(request.form.get("packed", ""))
    if not site:
        return _start_page({"site": _site_error(), "file": gettext(AGAIN)})
    if data is None:
        return _start_page({"file": gettext(LOST)})
    left_out = posted_left_out(request.form)
    read = Import.of(data, site, posted_edits(request.form), left_out)
    return _add_rows(read, once, set(request.form.getlist("row")))


def _add_rows(read: Import, once: str, ticked: set[str]) -> Page:
    texts = [[number, sorted(each.items())] for number, each in sorted(read.edits.texts.items())]
    settled, left_out = sorted(read.edits.settled), sorted(read.left_out)
    digest = hashlib.sha256(read.data).hexdigest()
    content = [read.site, digest, sorted(ticked), texts, settled, left_out, read.edits.columns]
    done = find_added(records(), actor(), once, content)
    if done is None:
        seen = set(request.form.get("seen", "").split())
        newly = {str(each.row.number) for each in read.doubtful if each.mark not in seen}
        if read.table.broken or newly:
            return _preview_page(read, ticked - newly, changed=bool(newly))
        chosen = [row.referral for row in read.chosen(ticked)]
        if not chosen and not read.is_settled:
            return _preview_page(read, ticked, nothing=True)
        add = (records(), actor(), read.site, chosen, once, content)
        done = len(add_cases(*add)) if chosen else 0
        remember_match(read)
    said = " ".join([_added(done), *_left_out(read, ticked)])
    if read.to_correct:
        return _preview_page(read.rest(), added=said if done else "")
    flash(said)
    return see_other(url_for("worklist.page", sort="created"))


def _added(count: int) -> str:
    if not count:
        return gettext("No referrals were added, because you left out every row.")
    return ngettext("{count} referral was added.", "{count:,} referrals were added.", count)


def _left_out(read: Import, ticked: set[str]) -> list[str]:
    """Say which rows of this step were not added, and why; the same for a second press."""
    seen = {each.partition("-")[0] for each in request.form.get("seen", "").split()}
    alike = {row.number for row in read.table.rows if str(row.number) in seen - ticked}
    found = ((LEFT_OUT, read.left_out), (ALIKE, alike - read.left_out))
    return [ngettext(*words, len(rows), rows=_row_words(rows)) for words, rows in found if rows]


def _row_words(numbers: Collection[int]) -> str:
    """The numbers of rows, the first ones if they are many."""
    shown, more = ", ".join(map(str, sorted(numbers)[:SHOWN])), len(numbers) - SHOWN
    if more <= 0:
        return shown
    one, many = "{rows} and {count} other row", "{rows} and {count:,} other rows"
    return ngettext(one, many, more, rows=shown)


@blueprint.errorhandler(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
def show_too_large(_: HTTPException) -> Page:
    """Say what to do with a file that is larger than any file of referrals."""
    return render_template(
        "worklist/too_large.html", most=MAX_ROWS
    ), HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def unpack(text: str) -> bytes | None:
    """The file that travelled inside a page; None if it is not whole, or larger than a file is."""
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(text, validate=True), MAX_UPLOAD)
    except (binascii.Error, zlib.error, ValueError):
        return None
    return data if reader.eof else None


def _site() -> int | None:
    return chosen_site(request.form, actor_sites())


def _site_error() -> str:
    return gettext(OTHER_SITE if request.form.get("site") else NO_SITE)


def _start_page(errors: dict[str, str] | None = None) -> Page:
    page = render_template(
        "worklist/import.html",
        errors=errors or {},
        sites=actor_sites(),
        site_items=site_items(actor_sites()),
        most=MAX_ROWS,
    )
    return form_page(page, errors)


def _preview_page(
    read: Import,
    ticked: set[str] | None = None,
    *,
    changed: bool = False,
    nothing: bool = False,
    added: str = "",
) -> Page:
    """Show the content of the file.

    Args:
        read: the file.
        ticked: the doubtful rows that the person chose to add.
        changed: whether more rows are doubtful than when the person chose.
        nothing: whether the person chose no row at all.
        added: how many referrals were just added, and which rows were not, in words; those of the
            page are the rest. Empty if none were added.
    """
    page = render_template(
        "worklist/preview.html",
        read=read,
        ticked=ticked or set(),
        changed=changed,
        nothing=nothing,
        added=added,
        matched=words_of_match(read),
        priority_items=priority_items,
        FIELD_WORDS=FIELD_WORDS,
        shown=read.clear[:SHOWN],
        sites=dict(actor_sites()),
        site_items=site_items(actor_sites()),
        most=MAX_ROWS,
    )
    return form_page(page, not added and (read.table.broken or read.to_correct or nothing))
