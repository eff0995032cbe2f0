"""Parts of a page that are in English for want of words, marked for those who read it aloud."""

import re

from screening.translation import BEGIN_ENGLISH, END_ENGLISH

_SIGNS = f"{BEGIN_ENGLISH}{END_ENGLISH}"
_PIECE = re.compile(
    rf"<(?P<unread>title|textarea|script|style|option)\b.*?</(?P=unread)>|<[^<>]*>|[{_SIGNS}]",
    re.DOTALL | re.IGNORECASE,
)
_BEGIN, _END = '<span lang="en" dir="ltr">', "</span>"


def mark_english(html: str) -> str:
    """A page with its English parts as elements; in attributes and titles nothing is marked.

    A part within another one is not marked again.
    """
    if BEGIN_ENGLISH not in html:
        return html
    depth = 0

    def shown(found: re.Match[str]) -> str:
        nonlocal depth
        piece = found.group()
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
