"""Quoted passages with their sources, in lines."""

from collections.abc import Iterable

from screening.cli.terminal.paper import Paper
from screening.core.rules.ruleset import Ruleset
from screening.core.values.citation import Basis, Citation, Source
from screening.words.shared.labels import BASIS_WORDS

NOT_VERIFIABLE = "not verifiable by machine"


def write_citations(
    paper: Paper, ruleset: Ruleset, citations: Iterable[Citation], indent: int
) -> None:
    """Each passage: its words, then where they stand and how far they can be trusted."""
    for citation in dict.fromkeys(citations):
        words = f"“{citation.quote}” {_place(ruleset, citation)}"
        paper.text(words, indent, dim=True)


def write_sources(paper: Paper, ruleset: Ruleset, citations: Iterable[Citation]) -> None:
    """The documents that passages come from, and what kind of document each is."""
    paper.heading("Sources quoted here")
    quoted = {citation.source for citation in citations}
    for source in (each for key, each in ruleset.sources.items() if key in quoted):
        about = f"{source.kind}; {BASIS_WORDS[source.basis]}"
        paper.text(f"{source.publisher}: {source.title} ({about})", 2, "- ")


def _place(ruleset: Ruleset, citation: Citation) -> str:
    source = ruleset.sources[citation.source]
    namesakes = [each for each in ruleset.sources.values() if each.publisher == source.publisher]
    name = source.publisher if len(namesakes) == 1 else source_name(source)
    caveats = [BASIS_WORDS[source.basis]] if source.basis is Basis.SECONDARY else []
    caveats += [] if source.sha256 else [NOT_VERIFIABLE]
    known = f" [{'; '.join(caveats)}]" if caveats else ""
    return f"({name}, under “{citation.heading}”){known}"


def source_name(source: Source) -> str:
    """A source by title and publisher."""
    return f"{source.title}, {source.publisher}"
