"""Words beside a criterion: how binding its sources are, and what to do first."""

import re

from screening.core.rules.ruleset import GRAVE, Criterion, Ruleset, Strength, Tier
from screening.core.values.truth import Truth
from screening.translation import Phrases, gettext, ngettext
from screening.words.shared.labels import STRENGTH_WORDS

LISTED_WORDS = Phrases(
    {
        Strength.ABSOLUTE: "listed as an absolute contraindication in the source",
        Strength.RELATIVE: "listed as a relative contraindication in the source",
    }
)
ACTION_WORDS = Phrases(
    {
        Tier.EMERGENCY: "Arrange emergency assessment now.",
        Tier.URGENT: "Ask a clinician to review this first.",
    }
)


def strength_words(criterion: Criterion) -> str:
    """The strength of its sources; none for a warning sign, which no such word may weaken."""
    return "" if criterion.tier in GRAVE else words_of_strength(criterion)


def words_of_strength(criterion: Criterion) -> str:
    """The strength of its sources, in quotation marks only where a quoted passage has the word.

    A list of contraindications speaks of a criterion that is met. Of one whose words say that it
    is not, the mark would say the opposite, so there is none.
    """
    strength = criterion.strength
    if strength in LISTED_WORDS:
        return LISTED_WORDS[strength] if criterion.tier.raises_flag_when is Truth.TRUE else ""
    words = STRENGTH_WORDS[strength]
    if strength is Strength.STATED:
        return words
    word = re.compile(rf"\b{re.escape(words)}\b", re.IGNORECASE)
    if any(word.search(cited.quote) for cited in criterion.citations):
        return gettext("wording in the source: “{strength}”", strength=words)
    return gettext("strength in the source: {strength}", strength=words)


def words_of_support(criterion: Criterion, ruleset: Ruleset) -> str:
    """The number of sources of its rule file that ask for what a criterion describes, if any."""
    if criterion.tier is not Tier.DESCRIBED:
        return ""
    (part,) = (each for each in ruleset.parts if each.id == criterion.ruleset)
    asking = len({citation.source for citation in criterion.citations})
    sources = ngettext("{count} source", "{count} sources", len(part.sources))
    if part.id == ruleset.id:
        return ngettext(
            "{count} of {sources} asks for it",
            "{count} of {sources} ask for it",
            asking,
            sources=sources,
        )
    return ngettext(
        "{count} of {sources} in {title} asks for it",
        "{count} of {sources} in {title} ask for it",
        asking,
        sources=sources,
        title=part.title.nurse,
    )


def put_action_first(criterion: Criterion, text: str) -> str:
    """The words of a criterion for the nurse; of a red flag what to do comes before why."""
    action = ACTION_WORDS.get(criterion.tier)
    return gettext("{action} {why}", action=action, why=text) if action else text
