"""Quoted phrases, looked for in the words of their documents.

White space is not compared: a no-break space (U+00A0), a line break and any run of spaces each
count as one space, since documents are wrapped and copied in different ways. An empty line ends a
passage: no phrase is found across it. Capitals, punctuation and quotation marks must be the same,
and a phrase begins and ends with whole words, so that "active" is not found in "inactive".

A heading is a line of its own, and what follows is under it until the next heading that is
cited. A heading in parentheses, such as "(introduction)", is ours: it names the text before the
first of them.
"""

import re
from collections.abc import Collection, Iterator

from screening.core.rules.option import statements
from screening.core.rules.ruleset import Ruleset
from screening.core.values.citation import Citation


def quotes_in(ruleset: Ruleset) -> dict[Citation, list[str]]:
    """Every quoted passage of a ruleset with the ids of what rests on it."""
    uses: dict[Citation, list[str]] = {}
    for name, citations in _cited(ruleset):
        for citation in citations:
            uses.setdefault(citation, []).append(name)
    return uses


def count_quote(citation: Citation, document: str) -> int:
    """The number of times a passage is in a document, together with its prefix and suffix."""
    parts = (citation.prefix, citation.quote, citation.suffix)
    words = " ?".join(re.escape(_spaced(part)) for part in parts if part.strip())
    phrase = re.compile(rf"(?<!\w)(?={words}(?!\w))")
    return sum(len(phrase.findall(passage)) for passage in _passages(document))


def is_own_heading(heading: str) -> bool:
    """True if a heading is a name of ours for a part of a document that has no heading."""
    return heading.startswith("(") and heading.endswith(")")


def has_heading(heading: str, document: str) -> bool:
    """True if a line of a document is a heading, and nothing else."""
    return any(_spaced(line) == _spaced(heading) for line in document.splitlines())


def headings_above(citation: Citation, document: str, headings: Collection[str]) -> list[str]:
    """The headings above each occurrence of a passage; "" is before the first."""
    known = {_spaced(heading) for heading in headings}
    return [
        heading
        for heading, section in _sections(document, known)
        for _ in range(count_quote(citation, section))
    ]


def occurs_loosely(citation: Citation, document: str) -> bool:
    """True if the quoted words stand in a document with other capitals or punctuation."""
    return any(_bare(citation.quote) in _bare(passage) for passage in _passages(document))


def _cited(ruleset: Ruleset) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    for criterion in ruleset.criteria:
        yield criterion.id, criterion.citations
    for item in ruleset.items.values():
        yield item.link_id, item.citations
    for question in ruleset.doctor_questions:
        yield question.id, question.citations
    for disagreement in ruleset.disagreements:
        for position in disagreement.positions:
            yield disagreement.id, position.citations
    for topic, silence in ruleset.silent_on.items():
        yield topic, silence.citations
    for name, statement in statements((*ruleset.options, *ruleset.writers)):
        yield name, statement.citations


def _sections(document: str, headings: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each stretch of a document under a heading, with that heading."""
    heading, lines = "", list[str]()
    for line in document.splitlines():
        if _spaced(line) in headings:
            yield heading, "\n".join(lines)
            heading, lines = _spaced(line), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines)


def _passages(document: str) -> Iterator[str]:
    """The stretches between empty lines, each with single spaces."""
    stretch: list[str] = []
    for line in [*document.splitlines(), ""]:
        if line.strip():
            stretch.append(line)
        elif stretch:
            yield _spaced(" ".join(stretch))
            stretch = []


def _spaced(text: str) -> str:
    """The text with each run of white space, U+00A0 among it, as one space."""
    return " ".join(text.split())


def _bare(text: str) -> str:
    words = re.findall(r"\w+", text.casefold())
    return f" {' '.join(words)} "
