"""Contradictions as pages show them: a sentence each, and the ways to what it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screening.core.assess import Assessment
from screening.core.item import Item
from screening.core.wording import Audience
from screening.translation import gettext, mark
from screening.words.shared.contradictions import contradictions_said

BIRTH_YEAR = mark("Birth year on the referral")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The links of a page to put an answer right.

    ``question`` gives the address of a question; ``referral`` is that of the referral, or empty
    where the page has none.
    """

    question: Callable[[Item], str]
    referral: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """A contradiction. ``links`` are names and addresses."""

    words: str
    links: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Mapping[str, object]:
        """The same as the script of a page knows it."""
        return {"words": self.words, "links": self.links}


def contradicted(assessment: Assessment, ways: Ways | None = None) -> list[Contradicted]:
    """The contradictions of an assessment for the nurse, with links where the page has ways."""
    said = contradictions_said(assessment, Audience.NURSE)
    items, found = assessment.ruleset.items, []
    for each, words in zip(assessment.contradictions, said, strict=True):
        links: list[tuple[str, str]] = []
        if ways:
            named = (items[link_id] for link_id in each.items)
            links += [(item.name, ways.question(item)) for item in named]
            if ways.referral and each.rule.reads_birth_year and assessment.birth_year is not None:
                links.append((gettext(BIRTH_YEAR), ways.referral))
        found.append(Contradicted(words=words, links=tuple(links)))
    return found
