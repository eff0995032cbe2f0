"""Parts of a page that are in English for want of words, marked for those who read it aloud."""

import re

from screening.translation import BEGIN_ENGLISH, END_ENGLISH

_SIGNS = f"{BEGIN_ENGLISH}{END_ENGLISH}"
_PIECE = re.compile(rf"<[^<>]*>|[{_SIGNS}]")
_UNREAD = re.compile(r"<(/?)(title|textarea|script|style|option)\b", re.IGNORECASE)
_BEGIN, _END = '<span lang="en" dir="ltr">', "</span>"


def mark_english(html: str) -> str:
    """A page with its English parts as elements; in attributes and titles nothing is marked.

    A part within another one is not marked again.
    """
    if BEGIN_ENGLISH not in html:
        return html
    depth, unread = 0, False

    def shown(found: re.Match[str]) -> str:
        nonlocal depth, unread
        piece = found.group()
        if tag := _UNREAD.match(piece):
            unread = not tag[1]
        elif unread:
            return without_marks(piece)
        if piece == BEGIN_ENGLISH:
            depth += 1
            return _BEGIN if depth == 1 else ""
        if piece == END_ENGLISH:
            depth -= 1
            return _END if depth == 0 else ""
        return without_marks(piece)

    return _PIECE.sub(shown, html)


def without_marks(text: str) -> str:
    """A text without the marks around what is in English."""
    return text.replace(BEGIN_ENGLISH, "").replace(END_ENGLISH, "")
