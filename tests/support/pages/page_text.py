"""The words of a page as lines, one for each block, with what its fields hold."""

import re
from html.parser import HTMLParser

BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd"),
    *("details", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
    *("head", "header", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "section"),
    *("select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title"),
    *("tr", "ul"),
}
UNREAD = {"dialog", "script", "style", "template"}
EMPTY = {"br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
"""They have no end."""
UNSEEN = {"hidden", "submit", "button", "image"}
MARKS = {"h1": "# ", "h2": "## ", "h3": "### ", "li": "- ", "option": "o "}
CHANCE = re.compile(r"\b(?:[0-9a-f]{12,}|\d+\.\d+\.\d+)\b")
"""Ids, digests and versions: what is another one each time, or with any word of the rules."""


def words_of(html: str) -> str:
    """What is read on a page, without ids, digests and versions."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return CHANCE.sub("…", "\n".join([*reader.lines, ""]))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._mark, self._words = "", ""
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in EMPTY and (self._unread or tag in UNREAD or "hidden" in given):
            self._unread.append(tag)
        if tag in BLOCKS:
            self._end_line()
            self._mark = MARKS.get(tag, self._mark)
        if tag == "option" and "selected" in given:
            self._mark = "x "
        if tag == "input" and given.get("type", "text") not in UNSEEN:
            self.handle_data(f" {_field(given)} ")
        if tag == "span":  # many stand below each other
            self._words += " "

    def handle_endtag(self, tag: str) -> None:
        while self._unread and self._unread.pop() != tag:
            pass  # HTML may leave out the end of a paragraph or an item
        if tag in BLOCKS:
            self._end_line()
            self._mark = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._words += data

    def close(self) -> None:
        super().close()
        self._end_line()

    def _end_line(self) -> None:
        if words := " ".join(self._words.split()):
            self.lines.append(self._mark + words)
            self._mark = ""
        self._words = ""


def _field(given: dict[str, str | None]) -> str:
    ticked = "x" if "checked" in given else " "
    match given.get("type"):
        case "radio":
            return f"({ticked})"
        case "checkbox":
            return f"[{ticked}]"
        case _:
            return f"[{given.get('value') or '_'}]"
