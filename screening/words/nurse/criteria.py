"""What stands beside a criterion: how binding its sources are, and what to do first."""

from screening.core.ruleset import GRAVE, Criterion, Ruleset, Tier
from screening.translation import Phrases, gettext, ngettext
from screening.words.shared.labels import STRENGTH_WORDS

ACTION_WORDS = Phrases(
    {
        Tier.EMERGENCY: "Arrange emergency assessment now.",
        Tier.URGENT: "Have a clinician see this first.",
    }
)


def strength_words(criterion: Criterion) -> str:
    """The source's own word; none for a warning sign, which no such word may weaken."""
    return "" if criterion.tier in GRAVE else STRENGTH_WORDS[criterion.strength]


def support_words(criterion: Criterion, ruleset: Ruleset) -> str:
    """How many documents of its rule file ask for what a criterion describes; else nothing."""
    if criterion.tier is not Tier.DESCRIBED:
        return ""
    (part,) = (each for each in ruleset.parts if each.id == criterion.ruleset)
    asking = len({citation.source for citation in criterion.citations})
    documents = ngettext("{count} document", "{count} documents", len(part.sources))
    if part.id == ruleset.id:
        return ngettext(
            "{count} of {documents} asks for it",
            "{count} of {documents} ask for it",
            asking,
            documents=documents,
        )
    return ngettext(
        "{count} of {documents} of “{title}” asks for it",
        "{count} of {documents} of “{title}” ask for it",
        asking,
        documents=documents,
        title=part.title.nurse,
    )


def action_first(criterion: Criterion, text: str) -> str:
    """What a criterion says to the nurse; where it is a red flag, what to do comes before why."""
    action = ACTION_WORDS.get(criterion.tier)
    return gettext("{action} {why}", action=action, why=text) if action else text
