"""Quoted passages as HTML: rendered once, then remembered by everything that they show.

That is text of rule files and the reader's language, and nothing of any person.
"""

from collections.abc import Iterable
from functools import lru_cache

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from screening.core.rules.ruleset import Ruleset
from screening.core.values.citation import Citation, Source
from screening.translation import reader_language
from screening.web.shell.context import page_context
from screening.web.shell.passages import Passage, passage_of

MOST = 1024
"""The shipped rules need some 90 for each language."""

Cited = tuple[tuple[Citation, Source], ...]


class Quotations:
    """Renders passages by document, for the templates of one environment."""

    def __init__(self, environment: Environment, template: str) -> None:
        """Remember nothing yet of a template, which is given ``documents``."""
        self._environment, self._template = environment, template
        self.render = lru_cache(MOST)(self._render)

    @pass_context
    def __call__(self, context: Context, citations: Iterable[Citation]) -> Markup:
        """The passages of citations, whose documents are those of the page's ruleset."""
        sources = rules_of(context).sources
        cited = tuple((each, sources[each.source]) for each in citations)
        return self.render(reader_language(), cited)

    def _render(self, _: object, cited: Cited) -> Markup:
        template = self._environment.get_template(self._template)
        return Markup(template.render(documents=by_document(cited)))  # noqa: S704 - a template's


def by_document(cited: Cited) -> list[tuple[Source, list[Passage]]]:
    """The passages by document, in the order of first mention."""
    grouped: dict[str, list[Passage]] = {}
    for citation, source in cited:
        grouped.setdefault(source.id, []).append(passage_of(citation, source))
    return [(quoted[0].source, quoted) for quoted in grouped.values()]


@pass_context
def passages_of(
    context: Context, citations: Iterable[Citation]
) -> list[tuple[Source, list[Passage]]]:
    """The quoted passages of citations, by document, in the order of first mention.

    The documents are those of the page's ruleset, which for a stored result is the recorded one.
    """
    sources = rules_of(context).sources
    return by_document(tuple((each, sources[each.source]) for each in citations))


def rules_of(context: Context) -> Ruleset:
    """The page's ruleset; a macro without context has none."""
    ruleset: Ruleset = context.get("ruleset") or page_context().ruleset
    return ruleset
