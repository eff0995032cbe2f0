"""Lays a document out as a PDF, in a process of its own that is given nothing but the document.

Usage: python -P layout.py

It reads a JSON object from standard input: ``html``, the whole document, and ``style``, a
stylesheet. It writes a line of JSON, with ``letters`` that no font has and every address that was
``asked`` for, and after it the bytes of the PDF. Its status is ``NO_PANGO`` if the library is
missing.
"""

import json
import logging
import sys
from typing import Any, NoReturn

NO_PANGO = 3
_NOT_DRAWN = ".notdef"


class RemoteError(Exception):
    """A document for paper asked for a file or an address."""


class Letters(logging.Handler):
    """Only a warning of the library says which letters no font has."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.found: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the letter of a warning, and print none: it may repeat the text."""
        if _NOT_DRAWN in str(record.msg) and isinstance(record.args, tuple):
            self.found.add(str(record.args[0]))


def lay_out(html: str, style: str) -> tuple[bytes, dict[str, list[str]]]:
    """A document as a PDF, with its letters that no font has and the addresses it asked for."""
    import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 - it looks for Pango then

    asked: list[str] = []
    letters, fetcher = Letters(), _no_fetcher(asked)
    logging.getLogger("weasyprint").handlers = [letters]
    sheet = weasyprint.CSS(string=style, url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    made = document.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1", pdf_tags=True)
    return bytes(made), {"letters": sorted(letters.found), "asked": asked}


def _no_fetcher(asked: list[str]) -> object:
    from weasyprint.urls import (  # type: ignore[import-untyped]  # noqa: PLC0415 - the same
        URLFetcher,
    )

    class NoFetcher(URLFetcher):  # type: ignore[misc]  # the library ships no types
        """Fetches nothing."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002
            asked.append(url)
            raise RemoteError

    return NoFetcher()


def main() -> int:
    """Answer one request."""
    request: dict[str, Any] = json.load(sys.stdin.buffer)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        made, found = lay_out(request["html"], request["style"])
    except OSError:
        return NO_PANGO
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
