"""Answers that are files."""

from flask import Response


def file_response(text: str, name: str) -> Response:
    """A table as a file to keep; the mark at its start tells spreadsheets that it is UTF-8."""
    answer = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
