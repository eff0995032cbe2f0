"""Contradictions as pages show them: a sentence each, and links to what it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screening.core.results.assess import Assessment
from screening.core.rules.item import Item
from screening.core.values.wording import Audience
from screening.translation import gettext, mark
from screening.words.shared.contradictions import words_of_contradictions

BIRTH_YEAR = mark("Birth year on the referral")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLinks:
    """The links of a page to put an answer right.

    ``question`` gives the address of a question; ``referral`` is that of the referral, or empty
    where the page has none.
    """

    question: Callable[[Item], str]
    referral: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictionView:
    """A contradiction. ``links`` are names and addresses."""

    words: str
    links: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Mapping[str, object]:
        """The same as the script of a page knows it."""
        return {"words": self.words, "links": self.links}


def contradiction_views(
    assessment: Assessment, answer_links: AnswerLinks | None = None
) -> list[ContradictionView]:
    """The contradictions of an assessment for the nurse, with links where the page has them."""
    said = words_of_contradictions(assessment, Audience.NURSE)
    items, found = assessment.ruleset.items, []
    for each, words in zip(assessment.contradictions, said, strict=True):
        links: list[tuple[str, str]] = []
        if answer_links:
            named = (items[link_id] for link_id in each.items)
            links += [(item.name, answer_links.question(item)) for item in named]
            if (
                answer_links.referral
                and each.rule.reads_birth_year
                and assessment.birth_year is not None
            ):
                links.append((gettext(BIRTH_YEAR), answer_links.referral))
        found.append(ContradictionView(words=words, links=tuple(links)))
    return found
