"""One way to answer: a page with a form, another address after a write, a file."""

from http import HTTPStatus

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

Page = str | tuple[str, int] | AnyResponse
MIMETYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
    "txt": "text/plain",
}


def form_page(page: str, wrong: object) -> Page:
    """A page with a form; its status says whether something in the form is wrong."""
    return (page, HTTPStatus.UNPROCESSABLE_ENTITY) if wrong else page


def see_other(address: str) -> AnyResponse:
    """Lead to another address, after a write too: to reload that one sends nothing again."""
    return redirect(address, HTTPStatus.SEE_OTHER)


def file_response(content: bytes, name: str, *, inline: bool = False) -> Response:
    """A file to keep, or to show; its name says what it is."""
    answer = Response(content, mimetype=MIMETYPES[name.rpartition(".")[2]])
    shown = "inline" if inline else "attachment"
    answer.headers.set("Content-Disposition", shown, filename=name)
    return answer


def table_response(text: str, name: str) -> Response:
    """A table as a file; the mark at its start shows spreadsheets that it is UTF-8."""
    return file_response(text.encode("utf-8-sig"), name)
