"""The texts of templates as messages: each passage of a page goes through gettext by itself.

An author writes a page as plain words. Before a template is compiled, each passage between block
elements becomes one call of ``_``, with the expressions in it as named facts, and inline elements
within the words. So no author can forget a sentence, and a translator sees it whole. A passage ends
at a statement (``{% … %}``): a sentence that one divides is two messages.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from jinja2 import Environment
from jinja2.ext import InternationalizationExtension
from markupsafe import Markup, escape

from screening.translation import gettext, ngettext, written_facts

Kind = Literal["text", "fact", "open", "close", "edge"]
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "i", "kbd", "q", "span", "strong", "sub", "sup"}
)
READ_ALOUD = (
    *("alt", "aria-label", "data-head", "label", "placeholder", "title"),
    *("data-alarm", "data-heading", "data-many", "data-one", "data-start", r"data-say-[a-z-]+"),
)
"""Attributes whose values people read, or that scripts show."""
_FACTS, _EDGES = 0xF0000, 0x100000
"""The first letters for private use that stand for expressions and for statements."""
_FACT, _EDGE = "[\U000f0000-\U000fffff]", "[\U00100000-\U0010ffff]"
_TOKEN = re.compile(
    rf"(?P<edge>{_EDGE}|<![^<>]*>)|(?P<fact>{_FACT})"
    r'|(?P<tag></?[a-zA-Z](?:"[^"]*"|[^"<>])*>)'
)
_ELEMENT = re.compile(r"</?([a-zA-Z][\w-]*)")
_FACT_LETTER = re.compile(_FACT)
_ATTRIBUTE = re.compile(rf' ({"|".join(READ_ALOUD)})="([^"{_EDGE[1:-1]}]*)"')
_UNREAD = ("<script", "<style")
_LETTERS = re.compile(r"(?<!&)\b[A-Za-z]{2,}|\b[a-zA-Z]\b")
_OF_A_TAG = re.compile(r'="|<')
_MOST_SAID = 4096
_NAMES = {"url_for": "address", "true": "fact", "false": "fact", "none": "fact"}
"""Better names of facts than their expressions give."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template: words, an expression, a tag of an inline element, or a boundary."""

    kind: Kind
    source: str


class PageMessages(InternationalizationExtension):
    """Makes messages of the texts of templates.

    Templates get ``_`` for them, and for texts within expressions ``gettext`` and ``ngettext``.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals.update({"_": say, "gettext": gettext, "ngettext": ngettext})

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template with its passages as calls of ``_``."""
        del name, filename
        return marked(self.environment, source)


def say(message: str, /, **facts: object) -> Markup:
    """A passage in the reader's language; its facts are escaped, its own words are HTML."""
    said = gettext(message)
    if not facts:
        return _without_facts(said)
    written = {name: escape(fact) for name, fact in written_facts(facts).items()}
    written |= {name: escape(facts[name]) for name in _facts_in_tags(said) & facts.keys()}
    return Markup(said % written)  # noqa: S704


@lru_cache(maxsize=_MOST_SAID)
def _facts_in_tags(said: str) -> frozenset[str]:
    """The facts that stand within tags, such as addresses; they are no words of the language."""
    tags = re.findall(r"<[^<>]*>", said)
    return frozenset(name for tag in tags for name in re.findall(r"%\((\w+)\)s", tag))


@lru_cache(maxsize=_MOST_SAID)
def _without_facts(said: str) -> Markup:
    return Markup(said.replace("%%", "%"))  # noqa: S704


def marked(environment: Environment, source: str) -> str:
    """The source of a template with each passage as one call of ``_``."""
    text, kept = _with_letters(environment, source)
    said = "".join(_Page(kept).said(text))
    return re.sub(f"{_FACT}|{_EDGE}", lambda each: kept[each[0]], said)


def _with_letters(environment: Environment, source: str) -> tuple[str, dict[str, str]]:
    """A template with one letter for each expression and statement, and what each stands for."""
    text: list[str] = []
    kept: dict[str, str] = {}
    within = ""
    for _, kind, value in environment.lex(source):
        if kind == "data":
            text.append(value)
            continue
        within += value
        if kind.endswith("_end"):
            letter = chr((_FACTS if kind == "variable_end" else _EDGES) + len(kept))
            kept[letter], within = within, ""
            text.append(letter)
    return "".join(text), kept


class _Page:
    """One template, with what each letter for private use stands for."""

    def __init__(self, kept: dict[str, str]) -> None:
        self._kept = kept

    def said(self, text: str) -> Iterator[str]:
        """The parts of the template, in order."""
        passage: list[Piece] = []
        for piece in self._pieces(text):
            if piece.kind == "edge":
                yield from (*self._passage(passage), piece.source)
                passage = []
            else:
                passage.append(piece)
        yield from self._passage(passage)

    def _pieces(self, text: str) -> Iterator[Piece]:
        at, unread = 0, False
        for found in _TOKEN.finditer(text):
            if found.start() > at:
                yield Piece("edge" if unread else "text", text[at : found.start()])
            at = found.end()
            if found["tag"]:
                unread = found["tag"].startswith(_UNREAD)
                yield self._tag(found["tag"])
            else:
                yield Piece("fact" if found["fact"] else "edge", found.group())
        yield Piece("text", text[at:])

    def _tag(self, source: str) -> Piece:
        """An inline element's tag within a passage; any other tag ends one."""
        told = _ATTRIBUTE.sub(self._attribute, source)
        name = _ELEMENT.match(source)
        if name is None or name[1] not in INLINE or re.search(_EDGE, told):
            return Piece("edge", told)
        return Piece("close" if source.startswith("</") else "open", told)

    def _attribute(self, found: re.Match[str]) -> str:
        """An attribute that is read aloud; its words are an expression of the tag from here on."""
        words = [Piece("text", found[2])]
        if not _has_words(words):
            return found.group()
        letter = chr(_FACTS + len(self._kept))
        self._kept[letter] = self._message(words)
        return f' {found[1]}="{letter}"'

    def _passage(self, passage: Sequence[Piece]) -> Iterator[str]:
        """A passage as one message where words stand between its elements, else part by part."""
        before, inside, after = _stripped(passage)
        yield before
        ends = _ends(inside)
        outside = [each for at, each in enumerate(inside) if not _within(at, ends)]
        if not any(each.kind in {"open", "close"} for each in outside) and _has_words(outside):
            yield self._message(inside)
        else:
            yield from self._parts(inside, ends)
        yield after

    def _parts(self, passage: Sequence[Piece], ends: Mapping[int, int]) -> Iterator[str]:
        """The elements of a passage by themselves, and the words between them."""
        at, words = 0, list[Piece]()
        for start, each in enumerate(passage):
            if start < at:
                continue
            at = start + 1
            if each.kind in {"text", "fact"}:
                words.append(each)
                continue
            yield from (*self._between(words), each.source)
            words = []
            if start in ends:
                at = ends[start]
                yield from self._passage(passage[start + 1 : at])
        yield from self._between(words)

    def _between(self, words: Sequence[Piece]) -> Iterator[str]:
        """Words beside an element that begins or ends elsewhere."""
        before, inside, after = _stripped(words)
        said = "".join(each.source for each in inside)
        yield from (before, self._message(inside) if _has_words(inside) else said, after)

    def _message(self, passage: Sequence[Piece]) -> str:
        """A passage as an expression that says it, in as many lines as before."""
        facts: dict[str, str] = {}
        source = "".join(each.source for each in passage)
        said = _FACT_LETTER.sub(lambda each: self._place(facts, each[0]), source.replace("%", "%%"))
        words = json.dumps(" ".join(said.split()), ensure_ascii=False)
        given = "".join(f", {name}={value}" for name, value in facts.items())
        lines = "\n" * source.count("\n")
        return f"{{{{ _({words}{given}{lines}) }}}}"

    def _place(self, facts: dict[str, str], letter: str) -> str:
        """The place of an expression in a message."""
        return f"%({_named(facts, self._kept[letter][2:-2].strip())})s"


def _stripped(passage: Sequence[Piece]) -> tuple[str, list[Piece], str]:
    """A passage without the white space around it, and that white space."""
    inside = list(passage)
    before = after = ""
    if inside and inside[0].kind == "text":
        text = inside[0].source
        before = text[: len(text) - len(text.lstrip())]
        inside[:1] = [Piece("text", text.lstrip())] if text.strip() else []
    if inside and inside[-1].kind == "text":
        text = inside[-1].source
        after = text[len(text.rstrip()) :]
        inside[-1:] = [Piece("text", text.rstrip())] if text.strip() else []
    return before, inside, after


def _ends(passage: Sequence[Piece]) -> dict[int, int]:
    """For each opening tag that is closed in the passage, where that is."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for at, each in enumerate(passage):
        if each.kind == "open":
            opened.append(at)
        elif each.kind == "close" and opened:
            ends[opened.pop()] = at
    return ends


def _within(at: int, ends: Mapping[int, int]) -> bool:
    return any(first <= at <= last for first, last in ends.items())


def _has_words(pieces: Sequence[Piece]) -> bool:
    """Tell whether people read any of it; parts of a tag, as macros write them, are no words."""
    texts = [each.source for each in pieces if each.kind == "text"]
    return any(map(_LETTERS.search, texts)) and not any(map(_OF_A_TAG.search, texts))


def _named(facts: dict[str, str], expression: str) -> str:
    """The name of an expression in a message, from its last word; the same one keeps its name."""
    for name, known in facts.items():
        if known == expression:
            return name
    head = expression.partition("|")[0].partition("(")[0].partition("[")[0]
    base = head.strip().rpartition(".")[2]
    base = _NAMES.get(base, base if base.isidentifier() else "fact")
    name, number = base, 2
    while name in facts:
        name, number = f"{base}_{number}", number + 1
    facts[name] = expression
    return name
