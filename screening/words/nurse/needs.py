"""Missing answers, and the emergency signs that nobody has ruled out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from screening.core.results.assess import Assessment
from screening.core.results.needs import Need, find_needs
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Tier
from screening.core.values.wording import Audience
from screening.proof.explanation.reasons import Explanation
from screening.proof.explanation.unanswered import relevant_needs
from screening.translation import Phrases, gettext, mark, ngettext
from screening.words.shared.answers import words_of_answer, words_of_fact
from screening.words.shared.labels import WHO_WORDS
from screening.words.shared.lists import join_and

EFFECT_WORDS = Phrases(
    {
        Tier.EMERGENCY: "could be an emergency sign",
        Tier.URGENT: "could mean that clinician review is needed",
        Tier.EXCLUSION: "could be a reason against",
        Tier.REQUIRED: "could leave a requirement unmet",
        Tier.DESCRIBED: "could mean that the patient differs from those described",
        Tier.CAUTION: "could add a caution",
        Tier.INFO: "could add a point for preparation",
    }
)
TODAY = mark("Find out today, before anything else.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedWords:
    """A missing answer in words: what it could change, why it is missing, and who can tell."""

    item: Item
    tier: Tier
    effect: str
    missing: str
    who: str


def words_of_needed(assessment: Assessment, explanation: Explanation) -> tuple[NeedWords, ...]:
    """The missing answers that can still matter, the most consequential first."""
    return words_of_needs(assessment, relevant_needs(assessment, explanation))


def words_of_needs(assessment: Assessment, needs: Iterable[Need]) -> tuple[NeedWords, ...]:
    """Missing answers in words."""
    return tuple(_words(assessment, need) for need in needs)


def _words(assessment: Assessment, need: Need) -> NeedWords:
    item = need.item
    return NeedWords(
        item=item,
        tier=need.tier,
        effect=_effect(assessment, need),
        missing=words_of_answer(item, assessment.answers.get(item.link_id), Audience.NURSE),
        who=WHO_WORDS[item.who] if item.who else "",
    )


def _effect(assessment: Assessment, need: Need) -> str:
    """The effect that a missing answer could have, and the answers that make it likely."""
    effect = EFFECT_WORDS[need.tier]
    if not need.since:
        return effect
    items, answers = assessment.ruleset.items, assessment.answers
    facts = join_and(words_of_fact(items[each], answers[each]) for each in need.since)
    return gettext("{effect}, because {facts}", effect=effect, facts=facts)


def words_of_signs_not_ruled_out(assessment: Assessment) -> str:
    """The emergency signs that nobody has answered with yes or no; empty if there are none.

    They are said whatever the outcome is: beside one sign that is there, the others count too.
    """
    signs = (need for need in find_needs(assessment) if need.tier is Tier.EMERGENCY)
    return words_of_open_signs(
        [
            gettext("{name} ({missing})", name=each.item.name, missing=each.missing)
            for each in words_of_needs(assessment, signs)
        ]
    )


def words_of_open_signs(names: Sequence[str]) -> str:
    """A sentence that nobody has ruled these emergency signs out; empty without one."""
    if not names:
        return ""
    said = ngettext(
        "An emergency sign is not ruled out: {names}.",
        "Emergency signs are not ruled out: {names}.",
        len(names),
        names=", ".join(names),
    )
    return f"{said} {gettext(TODAY)}"
