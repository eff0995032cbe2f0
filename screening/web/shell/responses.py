"""One way to answer: a page with a form, another address after a write, a file."""

from http import HTTPStatus
from urllib.parse import quote

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from screening.translation import BEGIN_ENGLISH, END_ENGLISH

Page = str | tuple[str, int] | AnyResponse
MIMETYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
    "txt": "text/plain",
}

_MARKS = dict.fromkeys(map(ord, (BEGIN_ENGLISH, END_ENGLISH)))
"""The marks of what has no translation, which are for pages."""


def form_page(page: str, wrong: object) -> Page:
    """A page with a form; its status says whether something in the form is wrong."""
    return (page, HTTPStatus.UNPROCESSABLE_ENTITY) if wrong else page


def see_other(address: str) -> AnyResponse:
    """Lead to another address, after a write too: to reload that one sends nothing again."""
    return redirect(address, HTTPStatus.SEE_OTHER)


def file_response(
    content: bytes, name: str, *, inline: bool = False, own_name: str = ""
) -> Response:
    """A file to keep, or to show; its name says what it is.

    Args:
        content: the file.
        name: its name in ASCII, with the ending that tells its type.
        inline: it is shown and not kept.
        own_name: its name in the reader's language, for browsers that read one.
    """
    answer = Response(content, mimetype=MIMETYPES[name.rpartition(".")[2]])
    shown = f"{'inline' if inline else 'attachment'}; filename={name}"
    own_name = own_name.translate(_MARKS)
    if own_name and own_name != name:
        shown += f"; filename*=UTF-8''{quote(own_name)}"
    answer.headers["Content-Disposition"] = shown
    return answer


def table_response(text: str, name: str) -> Response:
    """A table as a file; the mark at its start shows spreadsheets that it is UTF-8."""
    return file_response(text.encode("utf-8-sig"), name)
