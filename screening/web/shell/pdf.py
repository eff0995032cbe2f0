"""Paper: HTML as a tagged PDF (PDF/UA-1), made of nothing but the text that it is given.

A letter that no font of this machine has becomes an empty box; every paper with one says so.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import NoReturn

from markupsafe import Markup

from screening.errors import ScreeningError
from screening.translation import gettext, mark, ngettext
from screening.web.shell.templating import STATIC


class NoPdfError(ScreeningError):
    """This machine cannot make a PDF."""

    def __init__(self) -> None:
        """Say what is missing, and what can be done instead."""
        super().__init__(
            mark(
                "This machine cannot make a PDF, because the library Pango is missing. Print the"
                " page instead, or ask the people who run this service to install Pango."
            )
        )


class RemoteError(ScreeningError):
    """A document for paper asked for a file or an address."""

    def __init__(self) -> None:
        """Say what is refused; the address is not repeated, it could hold anything."""
        super().__init__("a document for paper loads nothing, neither from a file nor from afar")


NO_FONT = mark(
    "This PDF shows an empty box in place of {letters}: this server has no font for it. Compare"
    " every name with the record, and write in by hand what is missing."
)
_NOTE = Markup(
    '<p role="note" style="border: 2pt solid #8a4b00; font: bold 9pt sans-serif; padding: 3pt 6pt">'
    "{}</p>"
)
_NOT_DRAWN = ".notdef"
_unshown: ContextVar[set[str] | None] = ContextVar("unshown", default=None)


@cache
def can_write_pdf() -> bool:
    """True if the library that makes PDFs finds what it needs on this machine."""
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
        note: gets every address that the document asks for; nothing is fetched.

    Raises:
        NoPdfError: if this machine lacks Pango.
    """
    if not can_write_pdf():
        raise NoPdfError
    made, unshown = _render(html, stylesheet, note)
    if unshown:
        notice = _NOTE.format(gettext(NO_FONT, letters=words_of_letters(unshown)))
        made, _ = _render(html.replace("<body>", f"<body>{notice}", 1), stylesheet, note)
    return made


def letters_without_font(text: str) -> frozenset[str]:
    """The letters of a text that a PDF cannot show; none where no PDF can be made."""
    asked = frozenset(letter for letter in text if not letter.isascii() and not letter.isspace())
    return find_letters_without_font(asked) if asked and can_write_pdf() else frozenset()


def words_of_letters(letters: frozenset[str]) -> str:
    """The number of letters that cannot be shown."""
    return ngettext("{count} letter", "{count} different letters", len(letters))


@lru_cache(maxsize=1000)
def find_letters_without_font(letters: frozenset[str]) -> frozenset[str]:
    """Of some letters those that no font has; kept as long as the process runs."""
    body = Markup("<p>{}</p>").format(" ".join(sorted(letters)))
    page = f'<html lang="en"><head><title>Letters</title></head><body>{body}</body></html>'
    return _render(page, "letter.css", lambda _: None)[1]


def _render(
    html: str, stylesheet: str, note: Callable[[str], object]
) -> tuple[bytes, frozenset[str]]:
    """A document as a PDF, and its letters that no font has."""
    import weasyprint  # noqa: PLC0415 - see can_write_pdf

    fetcher = _no_fetcher(note)
    text = (STATIC / stylesheet).read_text("utf-8")
    with _collecting() as unshown:
        style = weasyprint.CSS(string=text, url_fetcher=fetcher)
        document = weasyprint.HTML(string=html, url_fetcher=fetcher)
        made = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True)
    return bytes(made), frozenset(unshown)


@contextmanager
def _collecting() -> Iterator[set[str]]:
    """Only the library's warning says which letters no font has."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("weasyprint").addFilter(_collect)
    letters: set[str] = set()
    token = _unshown.set(letters)
    try:
        yield letters
    finally:
        _unshown.reset(token)


def _collect(record: logging.LogRecord) -> bool:
    """Keep the letter of a warning, and let no warning through: it may repeat the text."""
    letters, told = _unshown.get(), record.args
    if letters is not None and _NOT_DRAWN in str(record.msg) and isinstance(told, tuple):
        letters.add(str(told[0]))
    return record.levelno >= logging.ERROR


def _no_fetcher(note: Callable[[str], object]) -> object:
    from weasyprint.urls import (  # type: ignore[import-untyped]  # noqa: PLC0415 - the same
        URLFetcher,
    )

    class NoFetcher(URLFetcher):  # type: ignore[misc]  # the library ships no types
        """Fetches nothing."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002
            note(url)
            raise RemoteError

    return NoFetcher()
