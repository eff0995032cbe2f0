"""Versions that are used twice: what a rule file says under a version never changes.

Files are compared by what they say: comments, and how lines are wrapped, make no difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from screening.errors import Problem
from screening.formats.rules.rule_text import RuleText
from screening.formats.yaml.reader import Listing, Mark, Node, Reporter, Table, Text, read_nodes

_VERSION = "version"

Content = str | tuple["Content", ...]


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """Rule files that were there before: the bytes by name, and where they are, in words."""

    where: str
    texts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _File:
    reporter: Reporter
    mark: Mark
    version: str
    content: Content


def find_reused_versions(
    texts: Mapping[str, RuleText], earlier: Iterable[EarlierVersion]
) -> Iterator[Problem]:
    """A problem for each file that has the version of an earlier one and says something else.

    Args:
        texts: the files, by name; one that cannot be read is passed over.
        earlier: what they are compared with, the most telling first.
    """
    known = list(earlier)
    for name, text in texts.items():
        others = _others(name, text, known)
        file = _read(text) if others else None
        where = next((others[data] for data in others if file and _reuses(file, data)), None)
        if file and where:
            message = f"`{name}` {file.version} says something else {where}"
            hint = f"give the changed file a version of its own, such as {_next(file.version)}"
            yield file.reporter.problem(file.mark, "reused-version", message, hint)


def _others(name: str, text: RuleText, known: Iterable[EarlierVersion]) -> dict[bytes, str]:
    """The earlier texts of a file that are not the same bytes, each once, with where it is."""
    others: dict[bytes, str] = {}
    for each in known:
        data = each.texts.get(name, text.data)
        if data != text.data:
            others.setdefault(data, each.where)
    return others


def _reuses(file: _File, data: bytes) -> bool:
    if file.version.encode() not in data:  # most earlier versions need not be read
        return False
    other = _read(RuleText("earlier", data), recorded=True)
    return bool(other and other.version == file.version and other.content != file.content)


def _read(text: RuleText, *, recorded: bool = False) -> _File | None:
    node, reporter = read_nodes(text.source, text.data, recorded=recorded)
    for key, value in node.entries if isinstance(node, Table) else ():
        if key.text == _VERSION and isinstance(value, Text):
            return _File(reporter, value.mark, value.text, _content(node))
    return None


def _content(node: Node | None) -> Content:
    match node:
        case Text():
            return " ".join(node.text.split())
        case Listing():
            return ("list", *map(_content, node.parts))
        case Table():
            return ("table", *((key.text, _content(value)) for key, value in node.entries))
        case None:
            return ""


def _next(version: str) -> str:
    head, dot, last = version.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if last.isdecimal() else "1.0.1"
