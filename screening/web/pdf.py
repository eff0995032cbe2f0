"""Paper: HTML as a tagged PDF (PDF/UA-1), made of nothing but the text that it is given."""

import logging
from collections.abc import Callable
from functools import cache
from typing import NoReturn

from screening.errors import ScreeningError
from screening.web.pages import STATIC


class NoPdfError(ScreeningError):
    """This machine cannot make a PDF."""

    def __init__(self) -> None:
        """Say what is missing, and what can be done instead."""
        super().__init__(
            "This machine cannot make a PDF, because the library Pango is missing. Print the page"
            " instead, or ask the people who run this service to install Pango."
        )


class RemoteError(ScreeningError):
    """A document for paper asked for a file or an address."""

    def __init__(self) -> None:
        """Say what is refused; the address is not repeated, it could hold anything."""
        super().__init__("a document for paper loads nothing, neither from a file nor from afar")


@cache
def can_write_pdf() -> bool:
    """Whether the library that makes PDFs finds what it needs on this machine."""
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: F401, PLC0415 - it looks for Pango when it is imported
    except OSError:
        return False
    return True


def write_pdf(html: str, stylesheet: str, note: Callable[[str], object] = lambda _: None) -> bytes:
    """A document as a PDF.

    Args:
        html: the whole document, with its language and title.
        stylesheet: the name of a static file.
        note: told every address that the document asks for, none of which is fetched.

    Raises:
        NoPdfError: if this machine lacks Pango.
    """
    if not can_write_pdf():
        raise NoPdfError
    import weasyprint  # noqa: PLC0415 - see can_write_pdf

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # their warnings may repeat the text
    fetcher = _refusing(note)
    text = (STATIC / stylesheet).read_text("utf-8")
    style = weasyprint.CSS(string=text, url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    return bytes(document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True))


def _refusing(note: Callable[[str], object]) -> object:
    from weasyprint.urls import (  # type: ignore[import-untyped]  # noqa: PLC0415 - the same
        URLFetcher,
    )

    class Refusing(URLFetcher):  # type: ignore[misc]  # the library ships no types
        """Fetches nothing."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002
            note(url)
            raise RemoteError

    return Refusing()
