"""Slips of the keyboard that YAML reads as something else than its author sees.

Words after ` #` are dropped, `tier:exclusion` is one word, and a space from a word processor is no
space. None of them is a mistake to a YAML parser, or it complains about another place.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import yaml

_ODD_SPACE = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_NO_WIDTH = re.compile(r"[\xad\u180e\u200b-\u200f\u2060-\u2065]")
_NAME = r"[a-z][a-z0-9_-]*"
_NO_SPACE = re.compile(rf"({_NAME})(?::(?!//)\S|\uff1a)")
_COMMENT = re.compile(r"(?P<gap>[ \t]+)#(?P<words>.*)")
_OWN_LINE = re.compile(r"(?P<indent> *)#")
_BEFORE_VALUE = re.compile(r"(?P<indent> *)(?P<dashes>(?:- +)*)(?P<name>.*)")
_INK = re.compile(r"\S")
_WIDE = {
    "\uff1a": ":", "\uff0c": ",", "\uff3b": "[", "\uff3d": "]", "\uff5b": "{", "\uff5d": "}",
    "\uff03": "#", "\uff02": '"', "\uff07": "'",
}  # fmt: skip
_WIDE_SIGN = re.compile(f"[{''.join(_WIDE)}]")
_TYPOGRAPHIC = re.compile(r"(?:[“„][^“”]*[“”]?|«[^»]*»?|\u2018[^\u2019]*\u2019?)$")
_QUOTE_IT = "if it belongs to the text, put the text in quotes"


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: its line and column (from 1), and what to say about it."""

    line: int
    column: int
    code: str
    message: str
    hint: str


def find_odd_characters(lines: Sequence[str]) -> Iterator[Slip]:
    """Every space that looks like an ordinary one, and every character without a width."""
    for number, line in enumerate(lines, start=1):
        if line.isascii():  # most are, and a hostile file has a million of them
            continue
        for found in _ODD_SPACE.finditer(line):
            message = f"the space U+{ord(found[0]):04X} is here, which is no ordinary space"
            hint = "replace it with the space of the space bar"
            yield Slip(number, found.start() + 1, "odd-space", message, hint)
        for found in _NO_WIDTH.finditer(line):
            message = f"the invisible character U+{ord(found[0]):04X} is here"
            hint = "delete it: a reader of the file would not see what it does"
            yield Slip(number, found.start() + 1, "not-text", message, hint)


def lines_with_comments(lines: Sequence[str]) -> set[int]:
    """The lines (from 0) that have a `#`, or above a line with one but for empty lines between."""
    found: set[int] = set()
    above = False
    for at in range(len(lines) - 1, -1, -1):
        has = "#" in lines[at]
        if has or above:
            found.add(at)
        above = has or (above and not lines[at].strip())
    return found


def may_slip(event: yaml.ScalarEvent, commented: Container[int]) -> bool:
    """False if ``find_slips`` would find none, as is seen at once of most texts.

    Args:
        event: the text, as the parser read it.
        commented: the lines of ``lines_with_comments``; no other text can be cut by a comment.
    """
    value, end = event.value, event.end_mark
    odd = not event.style and (":" in value or not value.isascii())
    return odd or not end or end.line in commented


def find_slips(event: yaml.ScalarEvent, lines: Sequence[str]) -> Iterator[Slip]:
    """The slips in and behind one text.

    Args:
        event: the text, as the parser read it.
        lines: of the whole document.
    """
    span = _Span.of(event, lines)
    if not event.style:
        yield from span.missing_spaces()
        yield from span.odd_opening(event.value)
    if event.style not in ("|", ">"):
        yield from span.comments(event)


def find_wide_sign(line: str, number: int) -> Slip | None:
    """The first full-width sign of a line that could not be read."""
    found = _WIDE_SIGN.search(line)
    if not found:
        return None
    message = f"the full-width `{found[0]}` is here"
    hint = f"write an ordinary `{_WIDE[found[0]]}`; {_QUOTE_IT}"
    return Slip(number, found.start() + 1, "wide-sign", message, hint)


def find_missing_space(
    line: str, number: int, column: int = 0, end: int | None = None
) -> Slip | None:
    """The slip of a name with its `:` and no space behind it, at a column (from 0) of a line."""
    found = _NO_SPACE.match(line, column, len(line) if end is None else end)
    if not found:
        return None
    name, colon = found[1], found.end(1)
    if line[colon] != ":":
        return find_wide_sign(line, number)
    message = f"a space is missing after `{name}:`"
    hint = f"put a space after the `:`; {_QUOTE_IT}"
    return Slip(number, colon + 1, "missing-space", message, hint)


@dataclass(frozen=True, slots=True)
class _Span:
    """The begin and end of a text; lines and columns from 0."""

    lines: Sequence[str]
    first: int
    start: int
    last: int
    end: int

    @classmethod
    def of(cls, event: yaml.ScalarEvent, lines: Sequence[str]) -> "_Span":
        start, end = event.start_mark, event.end_mark
        first = (start.line, start.column) if start else (0, 0)
        last = (end.line, end.column) if end else first
        return cls(lines, *first, *last)

    def missing_spaces(self) -> Iterator[Slip]:
        for at in range(self.first, self.last + 1):
            line, end = self._line(at), self.end if at == self.last else None
            start = self.start if at == self.first else len(line) - len(line.lstrip())
            slip = find_missing_space(line, at + 1, start, end)
            if slip:
                yield slip

    def odd_opening(self, value: str) -> Iterator[Slip]:
        wide = (
            find_wide_sign(self._line(self.first), self.first + 1) if value[:1] in _WIDE else None
        )
        if wide:
            yield wide
        elif _TYPOGRAPHIC.match(value):
            message = "these quotes are typographic, so they belong to the text"
            hint = "put the text in straight quotes, `\"` or `'`"
            yield Slip(self.first + 1, self.start + 1, "odd-quotes", message, hint)

    def comments(self, event: yaml.ScalarEvent) -> Iterator[Slip]:
        line = self._line(self.last)  # never cut: one line can hold ten thousand texts
        found = _COMMENT.match(line, self.end)
        if found and not _is_apart(found, event):
            yield _cut(self.last + 1, found.end("gap") + 1)
        elif not event.style and not _INK.search(line, self.end):
            yield from self._comment_below()

    def _comment_below(self) -> Iterator[Slip]:
        """A comment where the text could go on: a `#` at the start of its next line."""
        for at in range(self.last + 1, len(self.lines)):
            found = _OWN_LINE.match(self.lines[at])
            if found and len(found["indent"]) > self._indent():
                yield _cut(at + 1, found.end())
            if self.lines[at].strip():
                return

    def _indent(self) -> int:
        """The deepest column in which a line does not belong to the text any more."""
        before = _BEFORE_VALUE.match(self._line(self.first)[: self.start])
        if before is None or not (before["dashes"] or before["name"]):
            return self.start - 1
        last_dash = before.start("dashes") + before["dashes"].rfind("-")
        return before.end("dashes") if before["name"] else last_dash

    def _line(self, at: int) -> str:
        return self.lines[at] if at < len(self.lines) else ""


def _is_apart(comment: re.Match[str], event: yaml.ScalarEvent) -> bool:
    """True if a comment behind a value cannot be meant as its words."""
    spaced = len(comment["gap"]) > 1 and comment["words"].startswith((" ", "\t"))
    return spaced and (bool(event.style) or len(event.value.split()) == 1)


def _cut(line: int, column: int) -> Slip:
    message = "the words from this `#` on are a comment and would be lost"
    hint = "put the text in quotes, or the comment on a line of its own above the name"
    return Slip(line, column, "cut-text", message, hint)
