"""Paper: HTML as a tagged PDF (PDF/UA-1), made of nothing but the text that it is given.

It is laid out in a process of its own, so that this one can answer others meanwhile, and kept
sealed for the next view. That process gets neither keys nor settings.

A letter that no font of this machine has becomes an empty box; every paper with one says so.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from screening.errors import ScreeningError
from screening.translation import gettext, mark, ngettext
from screening.web.shell.layout import NO_PANGO
from screening.web.shell.paper_shelf import PaperShelf
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


class LayoutError(ScreeningError):
    """A document could not be laid out, or not in time."""

    def __init__(self) -> None:
        """Say no more: what the library complains of may repeat the text."""
        super().__init__("a document for paper could not be laid out")


NO_FONT = mark(
    "This PDF shows an empty box in place of {letters}: this server has no font for it. Compare"
    " every name with the record, and write in by hand what is missing."
)
_NOTE = Markup(
    '<p role="note" style="border: 2pt solid #8a4b00; font: bold 9pt sans-serif; padding: 3pt 6pt">'
    "{}</p>"
)
COMMON = frozenset("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00b7\u00d7\u2264\u00e9")
"""Letters of most papers, so that one look for fonts is enough for them."""
WITHIN = 60.0
_LAYOUT = Path(__file__).with_name("layout.py")
_PASSED = ("PATH", "HOME", "LANG", "LC_", "LD_", "DYLD_", "FONTCONFIG_", "XDG_", "PYTHON", "TMPDIR")
"""Beginnings of the names of variables by which programs, libraries and fonts are found."""

shelf = PaperShelf()
shown_letters: dict[str, bool] = {}
"""True for each letter that a font has; kept as long as the process runs."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A laid out document."""

    made: bytes
    letters: frozenset[str]
    asked: tuple[str, ...]


@cache
def can_write_pdf() -> bool:
    """True if the library that makes PDFs finds what it needs on this machine."""
    try:
        _look_for(COMMON)
    except NoPdfError:
        return False
    return True


def write_pdf(
    html: str,
    stylesheet: str,
    note: Callable[[str], object] = lambda _: None,
    *,
    keep: bool = True,
) -> bytes:
    """A document as a PDF.

    Args:
        html: the whole document, with its language and title.
        stylesheet: the name of a static file.
        note: gets every address that the document asks for; nothing is fetched.
        keep: it is kept, sealed, for the next view; without it, nothing of it is left.

    Raises:
        NoPdfError: if this machine lacks Pango.
        LayoutError: if the document cannot be laid out within ``WITHIN`` seconds.
    """
    text = f"{stylesheet}\0{html}"
    if keep and (kept := shelf.get(text)) is not None:
        return kept
    paper = lay_out(html, stylesheet)
    if paper.letters:
        notice = _NOTE.format(gettext(NO_FONT, letters=words_of_letters(paper.letters)))
        paper = lay_out(html.replace("<body>", f"<body>{notice}", 1), stylesheet)
    for address in paper.asked:
        note(address)
    if keep:
        shelf.put(text, paper.made)
    return paper.made


def letters_without_font(text: str) -> frozenset[str]:
    """The letters of a text that a PDF cannot show; none where no PDF can be made."""
    asked = frozenset(letter for letter in text if not letter.isascii() and not letter.isspace())
    if not asked or not can_write_pdf():
        return frozenset()
    _look_for(asked)
    return frozenset(letter for letter in asked if not shown_letters[letter])


def words_of_letters(letters: frozenset[str]) -> str:
    """The number of letters that cannot be shown."""
    return ngettext("{count} letter", "{count} different letters", len(letters))


def _look_for(letters: frozenset[str]) -> None:
    """Find out whether fonts have letters, as far as that is not known."""
    unknown = sorted(letters - shown_letters.keys())
    if not unknown:
        return
    body = Markup("<p>{}</p>").format(" ".join(unknown))
    page = f'<html lang="en"><head><title>Letters</title></head><body>{body}</body></html>'
    missing = lay_out(page, "letter.css").letters
    shown_letters.update({letter: letter not in missing for letter in unknown})


def lay_out(html: str, stylesheet: str) -> Paper:
    """Lay a document out in a process of its own.

    Raises:
        NoPdfError: if this machine lacks Pango.
        LayoutError: if it cannot be laid out within ``WITHIN`` seconds.
    """
    request = {"html": html, "style": (STATIC / stylesheet).read_text("utf-8")}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [sys.executable, "-P", str(_LAYOUT)],
            input=json.dumps(request).encode(),
            env={name: value for name, value in os.environ.items() if name.startswith(_PASSED)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may repeat the text
            timeout=WITHIN,
            check=False,
            start_new_session=True,  # Ctrl-C is for the server, which finishes what is under way
        )
    except subprocess.TimeoutExpired:
        raise LayoutError from None
    if done.returncode == NO_PANGO:
        raise NoPdfError
    head, _, made = done.stdout.partition(b"\n")
    if done.returncode or not made:
        raise LayoutError
    found = json.loads(head)
    return Paper(made, frozenset(found["letters"]), tuple(found["asked"]))
