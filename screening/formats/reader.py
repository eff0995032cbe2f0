"""YAML text to a tree of nodes that know their place.

Only plain mappings, lists and texts are read: no aliases, anchors, tags or guessed types, so that
`no`, `1:30` and `010` stay what their author typed. Every limit is checked while the text is
scanned, before anything is built, so that a hostile file is refused at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from screening.errors import Place, Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_TEXT = 2000
MAX_NODES = 50_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in the text, line and column from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as typed."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence."""

    mark: Mark
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Table:
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
        self._lines = text.splitlines()

    def report(self, mark: Mark, code: str, message: str, hint: str = "") -> None:
        """Add a problem at a position."""
        excerpt = self._lines[mark.line - 1] if 0 < mark.line <= len(self._lines) else ""
        place = Place(source=self.source, line=mark.line, column=mark.column)
        if len(excerpt) > _WIDEST:
            excerpt = ""
        self.problems.append(
            Problem(code=code, message=message, place=place, hint=hint, excerpt=excerpt)
        )


_WIDEST = 400
_START = Mark(1, 1)


def read_nodes(source: str, data: bytes) -> tuple[Node | None, Reporter]:
    """Read one YAML document.

    Args:
        source: the name under which problems are reported.
        data: the bytes of the file.

    Returns:
        The root, or None if there is no tree to read; and the reporter, with all problems so far.
    """
    text, refusal = _decoded(data)
    reporter = Reporter(source, text)
    if refusal:
        reporter.report(_START, *refusal)
        return None, reporter
    try:
        return _Builder(reporter).build(text), reporter
    except _RefusedError as refused:
        reporter.report(refused.mark, refused.code, refused.message, refused.hint)
    except yaml.MarkedYAMLError as error:
        found = error.problem_mark
        mark = Mark(found.line + 1, found.column + 1) if found else _START
        reporter.report(mark, "not-yaml", f"this is not YAML: {error.problem}")
    except yaml.YAMLError as error:
        reporter.report(_START, "not-yaml", f"this is not YAML: {str(error).splitlines()[0]}")
    return None, reporter


def _decoded(data: bytes) -> tuple[str, tuple[str, str, str] | None]:
    if len(data) > MAX_BYTES:
        found = f"the file has {len(data):,} bytes"
        return "", ("too-large", found, f"at most {MAX_BYTES:,} bytes are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start:,} is not UTF-8"
        return "", ("not-text", found, "save the file as UTF-8 text")
    odd = next((c for c in text if c < " " and c not in "\t\n\r"), "")
    if odd:
        found = f"the file holds the control character U+{ord(odd):04X}"
        return "", ("not-text", found, "a rule file is plain text")
    return text, None


class _RefusedError(Exception):
    def __init__(self, mark: Mark, code: str, message: str, hint: str = "") -> None:
        self.mark, self.code, self.message, self.hint = mark, code, message, hint
        super().__init__(message)


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return Mark(mark.line + 1, mark.column + 1) if mark else _START


class _Builder:
    """Builds nodes from parser events, each limit checked as the event arrives."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._seen = 0

    def build(self, text: str) -> Node | None:
        events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    hint = "keep one document in a file"
                    raise _RefusedError(
                        _mark(event), "several-documents", "a second document", hint
                    )
                root = self._node(next(events), events, 1)
        if root is None:
            raise _RefusedError(_START, "empty-document", "the file is empty")
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self._check(event, depth)
        mark = _mark(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(mark, tuple(self._parts(events, depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return Table(mark, tuple(self._entries(events, depth)))
        return Text(mark, str(getattr(event, "value", "")))

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
            if not isinstance(key, Text):
                self._reporter.report(key.mark, "wrong-shape", "a key must be a plain word")
            elif key.text in first_line:
                message = f"`{key.text}` stands already in line {first_line[key.text]}"
                self._reporter.report(key.mark, "duplicate-key", message, "keep one of the two")
            else:
                first_line[key.text] = key.mark.line
                yield key, value

    def _check(self, event: yaml.Event, depth: int) -> None:
        mark = _mark(event)
        self._seen += 1
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(mark, "alias", f"the alias `*{event.anchor}`", "write it out")
        if getattr(event, "anchor", None):
            message = f"the anchor `&{getattr(event, 'anchor', '')}`"
            raise _RefusedError(mark, "anchor", message, "write it out where it is needed")
        if getattr(event, "tag", None):
            message = f"the tag `{getattr(event, 'tag', '')}`"
            raise _RefusedError(mark, "tag", message, "leave it out: items give the types")
        if depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels inside each other"
            raise _RefusedError(mark, "too-deep", message)
        if self._seen > MAX_NODES:
            raise _RefusedError(mark, "too-many", f"more than {MAX_NODES:,} values")
        if len(getattr(event, "value", "")) > MAX_TEXT:
            message = f"a text of {len(getattr(event, 'value', '')):,} characters"
            hint = f"at most {MAX_TEXT:,} are read"
            raise _RefusedError(mark, "too-long", message, hint)
