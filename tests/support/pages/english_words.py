"""What is in English on a page: its words, and the attributes and data that are read or said."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser

from screening.core.rules.ruleset import Ruleset
from screening.core.values.wording import Wording
from screening.web.shell.page_messages import READ_ALOUD

WORD = re.compile(r"[A-Za-z]{2,}")
MACHINE = re.compile(
    r"\b[0-9a-f]{6,}\b|[\w+/=:-]{40,}|(?:[A-Z0-9]{4}-){2,}[A-Z0-9]{4}|https?://\S+|\S+@\S+"
    r"|/[\w/.-]+|`[^`]*`|\bscreening [a-z]+ [a-z]+ \S+"
)
"""Digests, keys, codes, addresses, and commands."""
UNREAD = {"style", "svg"}
CODES = {
    *("action", "autocomplete", "autocapitalize", "charset", "class", "content", "d", "enctype"),
    *("for", "form", "formaction", "headers", "height", "href", "hreflang", "id", "inputmode"),
    *("lang", "maxlength", "media", "method", "name", "pattern", "rel", "role", "scope", "src"),
    *("spellcheck", "style", "tabindex", "target", "type", "value", "viewbox", "width", "rows"),
    *("accept", "preload", "points", "transform", "translate", "wrap", "dir", "sizes", "open"),
    *("aria-labelledby", "aria-describedby", "aria-current", "aria-hidden", "aria-live"),
    *("data-alarms", "data-absent", "data-shown-values", "data-gate-values"),
    *("aria-controls", "aria-expanded", "aria-atomic", "focusable", "data-module", "autofocus"),
}
"""Attributes that no person reads."""
SAID = re.compile(r"^[A-Z][a-z]|[A-Za-z]{2} [a-z]{2}")
"""What else is no code, such as what a script says."""


def english_words(html: str, own: re.Pattern[str]) -> list[str]:
    """The texts of a page with words in English, but for what is the rules' or the test's own."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    texts = (" ".join(text.split()) for text in reader.texts)
    return [text for text in texts if WORD.search(MACHINE.sub(" ", own.sub(" ", text)))]


def own_words(rules: Ruleset, *more: str) -> re.Pattern[str]:
    """Everything that rules say, whole or as a first sentence or a clause, and some more."""
    said = {*_texts(rules), *more}
    said |= {item.unit.removesuffix("s") for item in rules.items.values()}
    said |= {text.partition(". ")[0] for text in said}
    said |= {part for text in said for part in text.split("; ")}
    said |= {text.rstrip(".") for text in said}
    longest = sorted(filter(WORD.search, said), key=len, reverse=True)
    return re.compile(
        rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z])", re.IGNORECASE
    )


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple() | list() | frozenset():
            for each in value:
                yield from _texts(each)
        case Mapping():
            for each in value.values():
                yield from _texts(each)
        case Wording():
            yield from (value.nurse, value.patient)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                if field.name not in {"link_id", "section"}:
                    yield from _texts(getattr(value, field.name))
        case _:
            pass


def _is_read(name: str, value: str) -> bool:
    return name in READ_ALOUD or (name not in CODES and SAID.search(value) is not None)


def _as_read(text: str) -> str:
    """A text; of data for a script, the words in it."""
    return " | ".join(_texts(json.loads(text))) if text[:1] in "[{" else text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._unread = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._unread and (tag in UNREAD or ("translate", "no") in attrs):
            self._unread = tag
        self.texts += [_as_read(value) for name, value in attrs if value and _is_read(name, value)]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)
