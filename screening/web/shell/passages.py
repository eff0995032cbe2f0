"""Quoted passages with their documents, and where each of them is used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from screening.core.rules.option import statements
from screening.core.rules.ruleset import Ruleset
from screening.core.values.citation import Citation, Source
from screening.translation import gettext


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotation, its document, and where known a link to the very words."""

    citation: Citation
    source: Source
    link: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """A passage and the words of one thing that rests on it."""

    passage: Passage
    kind: str
    words: str


def passages(ruleset: Ruleset, citations: Iterable[Citation]) -> list[Passage]:
    """The passages of citations, in their order."""
    return [passage_of(citation, ruleset.sources[citation.source]) for citation in citations]


def uses(ruleset: Ruleset) -> Iterator[Use]:
    """Every use of every passage, in the order of the rule files."""
    for kind, words, citations in _cited(ruleset):
        for passage in passages(ruleset, citations):
            yield Use(passage, kind, words)


def web_address(source: Source) -> str | None:
    """The address of a document on the web. A rule file may hold any text there, even a script."""
    address = source.address or ""
    return address if address.startswith(("https://", "http://")) else None


def text_fragment(citation: Citation) -> str:
    """The part of an address that makes a browser scroll to a passage.

    Source: WICG, URL Fragment Text Directives, ``[prefix-,]text[,-suffix]``.
    """
    prefix = f"{_encoded(citation.prefix)}-," if citation.prefix else ""
    suffix = f",-{_encoded(citation.suffix)}" if citation.suffix else ""
    return f"#:~:text={prefix}{_encoded(citation.quote)}{suffix}"


def passage_of(citation: Citation, source: Source) -> Passage:
    """The passage of a citation in its document."""
    address = web_address(source)
    return Passage(citation, source, address and address + text_fragment(citation))


def _encoded(text: str) -> str:
    """Percent-encoded; a hyphen would be read as the mark of a prefix or suffix."""
    return quote(text.strip(), safe="").replace("-", "%2D")


def _cited(ruleset: Ruleset) -> Iterator[tuple[str, str, tuple[Citation, ...]]]:
    for criterion in ruleset.criteria:
        yield gettext("Criterion"), criterion.say.nurse, criterion.citations
    for item in ruleset.items.values():
        yield gettext("Question"), item.name, item.citations
    for question in ruleset.doctor_questions:
        yield gettext("Question for the doctor"), question.say.patient, question.citations
    for disagreement in ruleset.disagreements:
        for position in disagreement.positions:
            yield gettext("Disagreement"), disagreement.topic.nurse, position.citations
    for option in ruleset.options:
        for _, statement in statements([option]):
            yield gettext("Option"), option.name.nurse, statement.citations
    for _, statement in statements(ruleset.writers):
        yield gettext("About the source"), statement.say.nurse, statement.citations
