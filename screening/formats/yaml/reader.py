"""YAML text to a tree of nodes that know their place.

Only plain mappings, lists and texts are read: no aliases, anchors, tags or guessed types, so that
`no`, `1:30` and `010` stay what their author typed. Every limit is checked while the text is
scanned, before anything is built, so that a hostile file is refused at once.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import yaml

from screening.errors import DocumentError, Place, Problem
from screening.formats.yaml.limits import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    MAX_PROBLEMS,
    MAX_TEXT,
)
from screening.formats.yaml.messages import words_of_error
from screening.formats.yaml.slips import (
    Slip,
    find_odd_characters,
    find_slips,
    lines_with_comments,
    may_slip,
)

# What an editor does not show as what it is: control characters, marks that turn the direction of
# writing, and line breaks other than the usual (behind one, a comment would go on as a rule).
_HIDDEN = re.compile(
    r"[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    r"|[\u2028-\u202e\u2066-\u2069\ufeff]|\r(?!\n)"
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mark(NamedTuple):
    """A position in the text, line and column from 1."""

    line: int
    column: int


class Text(NamedTuple):
    """A scalar, as typed."""

    mark: Mark
    text: str


class Listing(NamedTuple):
    """A sequence."""

    mark: Mark
    parts: tuple["Node", ...]


class Table(NamedTuple):
    """A mapping; keys are texts, each once."""

    mark: Mark
    entries: tuple[tuple[Text, "Node"], ...]


Node = Text | Listing | Table


class Reporter:
    """Collects the problems of one document."""

    def __init__(self, source: str, text: str) -> None:
        """Take the name to report under, and the text to quote lines from."""
        self.source = source
        self.problems: list[Problem] = []
        self.lines = text.splitlines()

    def report(self, mark: Mark, code: str, message: str, hint: str = "") -> None:
        """Add a problem at a position.

        Raises:
            DocumentError: if there are so many that more would help nobody.
        """
        self.problems.append(self.problem(mark, code, message, hint))
        if len(self.problems) == MAX_PROBLEMS and code != "too-many-problems":
            message = f"this file has {MAX_PROBLEMS} problems or more; the rest is not listed"
            self.report(mark, "too-many-problems", message, "correct these first")
            raise DocumentError(self.problems)

    def problem(self, mark: Mark, code: str, message: str, hint: str = "") -> Problem:
        """A problem at a position, without adding it."""
        mark = self._inside(mark)
        return Problem(
            code=code,
            message=_clipped(message),
            place=Place(source=self.source, line=mark.line, column=mark.column),
            hint=_clipped(hint),
            excerpt=self._excerpt(mark.line),
        )

    def _inside(self, mark: Mark) -> Mark:
        """The mark, or the end of the text if it is behind that."""
        if mark.line <= len(self.lines) or not self.lines:
            return mark
        return Mark(len(self.lines), len(self.lines[-1]) + 1)

    def _excerpt(self, line: int) -> str:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        shown = (each if each == "\t" or each.isprintable() else "\ufffd" for each in text)
        return "".join(shown) if len(text) <= _WIDEST else ""


_WIDEST = 400
_START = Mark(1, 1)


def _clipped(message: str) -> str:
    """A message in one line, with long quoted words cut short."""
    return " ".join(re.sub(r"`([^`]{60})[^`]+`", r"`\1…`", message).split())


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one file, from top to bottom, each once."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.place.line, p.place.column))


def read_nodes(source: str, data: bytes, *, recorded: bool = False) -> tuple[Node | None, Reporter]:
    """Read one YAML document.

    Args:
        source: the name under which problems are reported.
        data: the bytes of the file.
        recorded: whether it is read again as it was in use; slips of the keyboard were read then.

    Returns:
        The root, or None if there is no tree to read; and the reporter, with all problems so far.
    """
    text = data[: MAX_BYTES + 1].decode("utf-8-sig", errors="replace")
    reporter = Reporter(source, text)
    builder = _Builder(reporter, recorded=recorded)
    try:
        _check_file(data, text)
        return builder.build(text), reporter
    except _RefusedError as refused:
        reporter.report(refused.mark, refused.code, refused.message, refused.hint)
    except yaml.MarkedYAMLError as error:
        if not builder.slipped:  # the error follows from the slip
            builder.report_slip(words_of_error(error, reporter.lines))
    return None, reporter


def _check_file(data: bytes, text: str) -> None:
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes, which is more than is read"
        raise _RefusedError(_START, "too-large", message, "split it and use `include`")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        mark = _mark_at(data[: error.start].decode("utf-8-sig"), None)
        hint = "save the file as UTF-8"
        raise _RefusedError(mark, "not-text", "this is no UTF-8 text", hint) from None
    hidden = _HIDDEN.search(text)
    if hidden:
        mark = _mark_at(text, hidden.start())
        raise _RefusedError(mark, "not-text", *_words_of_hidden(hidden[0]))


def _mark_at(text: str, position: int | None) -> Mark:
    before = text[:position].split("\n")
    return Mark(len(before), len(before[-1]) + 1)


def _words_of_hidden(found: str) -> tuple[str, str]:
    message = f"the invisible character U+{ord(found):04X} is here"
    return message, "delete it: a reader of the file would not see what it does"


class _RefusedError(Exception):
    def __init__(self, mark: Mark, code: str, message: str, hint: str = "") -> None:
        self.mark, self.code, self.message, self.hint = mark, code, message, hint
        super().__init__(message)


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return Mark(mark.line + 1, mark.column + 1) if mark else _START


class _Builder:
    """Builds nodes from parser events, each limit checked as the event arrives."""

    def __init__(self, reporter: Reporter, *, recorded: bool) -> None:
        self._reporter = reporter
        self._recorded = recorded
        self._seen = 0
        self._commented = lines_with_comments(reporter.lines)
        self.slipped = False

    def build(self, text: str) -> Node | None:
        """The tree of a text; None, and problems, if it does not hold what its author sees."""
        for slip in () if self._recorded else find_odd_characters(self._reporter.lines):
            self.report_slip(slip)
        root = None if self.slipped else self._root(text)
        return None if self.slipped else root

    def report_slip(self, slip: Slip) -> None:
        """Report what makes the text something else than its author sees."""
        self.slipped = True
        self._reporter.report(Mark(slip.line, slip.column), slip.code, slip.message, slip.hint)

    def _root(self, text: str) -> Node:
        events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    message, hint = "a second document starts here", "keep one in a file"
                    raise _RefusedError(_mark(event), "several-documents", message, hint)
                root = self._node(next(events), events, 1)
        if root is None:
            message = (
                "there is nothing in this file but comments"
                if text.strip()
                else "the file is empty"
            )
            raise _RefusedError(_START, "empty-document", message)
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self._seen += 1
        if depth > MAX_DEPTH or self._seen > MAX_NODES or _needs_look(event):
            self._check(event, depth)
        mark = _mark(event)
        if isinstance(event, yaml.ScalarEvent):
            if not self._recorded and may_slip(event, self._commented):
                for slip in find_slips(event, self._reporter.lines):
                    self.report_slip(slip)
            return Text(mark, event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(mark, tuple(self._parts(events, depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return Table(mark, tuple(self._entries(events, depth)))
        return Text(mark, "")

    def _parts(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[yaml.Event], depth: int) -> Iterator[tuple[Text, Node]]:
        first_line: dict[str, int] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Text) or not key.text:
                self._reporter.report(key.mark, "wrong-shape", "a name is expected before the `:`")
            elif key.text in first_line:
                message = f"`{key.text}` is already in line {first_line[key.text]}"
                self._reporter.report(key.mark, "duplicate-key", message, "keep one of the two")
            else:
                first_line[key.text] = key.mark.line
                yield key, value

    def _check(self, event: yaml.Event, depth: int) -> None:
        refusal = _refused_syntax(event) or self._refused_size(event, depth)
        if refusal:
            raise _RefusedError(_mark(event), *refusal)

    def _refused_size(self, event: yaml.Event, depth: int) -> tuple[str, str, str] | None:
        if depth > MAX_DEPTH:
            return "too-deep", f"this is more than {MAX_DEPTH} levels deep", "make it flatter"
        if self._seen > MAX_NODES:
            return "too-many", f"the file has more than {MAX_NODES:,} values", "split it"
        length = len(getattr(event, "value", ""))
        if length > MAX_TEXT:
            message = f"this text has {length:,} characters"
            return "too-long", message, f"at most {MAX_TEXT:,} are read"
        return None


def _needs_look(event: yaml.Event) -> bool:
    """False of what most of a file is: names and values without anchor, tag or escapes."""
    if isinstance(event, yaml.ScalarEvent):
        if event.style == '"' or len(event.value) > MAX_TEXT:
            return True
    elif isinstance(event, yaml.AliasEvent):
        return True
    return bool(getattr(event, "anchor", None) or getattr(event, "tag", None))


def _refused_syntax(event: yaml.Event) -> tuple[str, str, str] | None:
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    hidden = _HIDDEN.search(getattr(event, "value", ""))
    if isinstance(event, yaml.AliasEvent):
        return "alias", f"the alias `*{anchor}` is not followed", "write out what it stands for"
    if anchor:
        return "anchor", f"the anchor `&{anchor}` is not read", "write things out where needed"
    if tag:
        shown = str(tag).replace("tag:yaml.org,2002:", "!!")
        return "tag", f"the tag `{shown}` is not read", "leave it out: the questions give the types"
    return ("not-text", *_words_of_hidden(hidden[0])) if hidden else None
