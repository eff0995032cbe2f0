"""Referrals are imported from a file: shown first, with every problem, and written all at once.

Between the two the file travels inside the page, packed, and is read again on confirmation: the
server keeps nothing of it, neither in a session nor in a temporary file.
"""

import base64
import binascii
import hashlib
import zlib
from codecs import BOM_UTF8
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import IO, cast

import flask
from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from screening.formats.referrals.csv_table import (
    MAX_ROWS,
    Row,
    Table,
    read_referrals,
    write_template,
)
from screening.records.access import Permission
from screening.records.casework.case_rows import Case
from screening.records.casework.cases import add_cases
from screening.records.worklist.bulk import find_added, find_likenesses
from screening.translation import gettext, mark, ngettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.case.links import case_address
from screening.web.shell.context import page_context, records
from screening.web.shell.responses import Page, form_page, see_other, table_response
from screening.web.shell.write_keys import posted_key
from screening.web.worklist.referral_form import chosen_site, site_items

blueprint = Blueprint("import_file", __name__, url_prefix="/worklist/import")
MAX_UPLOAD = 1_000_000
SHOWN = 20
NO_FILE = mark("Choose a file")
EMPTY = mark("The file is empty. Choose one that has referrals in it")
AGAIN = mark("Choose the file once more: it is compared with the cases of its site")
NO_SITE = mark("Choose the site whose nurses see the cases")
OTHER_SITE = mark("The page was opened for a site where you no longer work. Choose the site")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulRow:
    """A row whose patient may be here already, or may stand in an earlier row."""

    row: Row
    alike: tuple[Case, ...]
    earlier: Row | None

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """The reference and the address of each case that is alike."""
        return [(case.referral.reference, case_address(case.id)) for case in self.alike]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file for a site, with what is known of its rows."""

    data: bytes
    site: int
    table: Table
    doubtful: tuple[DoubtfulRow, ...]

    @classmethod
    def of(cls, data: bytes, site: int) -> "Import":
        """Read a file, and look for its patients among the cases that are here."""
        table = read_referrals(data, page_context().today().year)
        rows = () if table.problems else table.rows
        referrals = [row.referral for row in rows]
        found = find_likenesses(records(), actor(), site, referrals)
        doubtful = tuple(
            DoubtfulRow(
                row=row,
                alike=like.cases,
                earlier=None if like.earlier is None else rows[like.earlier],
            )
            for row, like in zip(rows, found, strict=True)
            if like
        )
        return cls(data=data, site=site, table=table, doubtful=doubtful)

    @property
    def clear(self) -> list[Row]:
        """The rows that nothing speaks against."""
        unclear = {each.row.number for each in self.doubtful}
        return [row for row in self.table.rows if row.number not in unclear]

    def chosen(self, numbers: set[str]) -> list[Row]:
        """The clear rows, and those of the doubtful that a person says are other patients."""
        also = [each.row for each in self.doubtful if str(each.row.number) in numbers]
        return sorted([*self.clear, *also], key=lambda row: row.number)

    @property
    def packed(self) -> str:
        """The file, as it travels inside the page."""
        return base64.b64encode(zlib.compress(self.data, 6)).decode()


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
    return _preview_page(Import.of(data, site))


@blueprint.post("/confirm")
@allowed(Permission.SCREEN)
def confirm() -> Page:
    """Write every chosen row, or none; show the file again if more of it is doubtful by now."""
    once, site = posted_key(), _site()
    data = unpack(request.form.get("packed", ""))
    if not site:
        return _start_page({"site": _site_error(), "file": gettext(AGAIN)})
    if data is None:
        return _start_page({"file": gettext(LOST)})
    read = Import.of(data, site)
    ticked, seen = set(request.form.getlist("row")), set(request.form.get("seen", "").split())
    content = [site, hashlib.sha256(data).hexdigest(), sorted(ticked)]
    done = find_added(records(), actor(), once, content)
    if done is None:
        newly = {str(each.row.number) for each in read.doubtful} - seen
        if read.table.problems or newly:
            return _preview_page(read, ticked, changed=bool(newly))
        chosen = [row.referral for row in read.chosen(ticked)]
        if not chosen:
            return _preview_page(read, ticked, nothing=True)
        done = len(add_cases(records(), actor(), site, chosen, once, content))
    flash(ngettext("{count} referral was added.", "{count:,} referrals were added.", done))
    return see_other(url_for("worklist.page", sort="created"))


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
) -> Page:
    """Show the content of the file.

    Args:
        read: the file.
        ticked: the doubtful rows that the person chose to add.
        changed: whether more rows are doubtful than when the person chose.
        nothing: whether the person chose no row at all.
    """
    page = render_template(
        "worklist/preview.html",
        read=read,
        ticked=ticked or set(),
        changed=changed,
        nothing=nothing,
        shown=read.clear[:SHOWN],
        sites=dict(actor_sites()),
        site_items=site_items(actor_sites()),
        most=MAX_ROWS,
    )
    return form_page(page, read.table.problems or nothing)
