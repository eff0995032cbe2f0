"""Sentences for the patient, without markup. They never tell one outcome from another."""

from screening.core.results.assess import Assessment
from screening.core.results.needs import advice_criteria, unsure_items
from screening.core.rules.ruleset import Tier, Trigger
from screening.translation import gettext, mark

IN_DOUBT = mark("If you are not sure about these signs, phone a doctor or nurse today.")


def words_of_advice(
    assessment: Assessment, not_asked: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The first advice to a patient: that of the gravest outcome with a reason, else neutral.

    Beside “now” nothing says “soon”: who reads both may take the later one.

    The neutral words are those of the open outcome, whatever the outcome is, so that nothing that a
    patient reads can tell one from another. What to do when in doubt follows them, unless a sign is
    in doubt: it is listed then, with what to do. A sign that only others can find, and that nobody
    asked about, is not in doubt.
    """
    ruleset = assessment.ruleset
    tiers = {criterion.tier for criterion in advice_criteria(assessment)}
    reached = (o for o in ruleset.outcomes if o.trigger is Trigger.ANY and o.tier in tiers)
    grave = tuple(outcome.say.patient for outcome in reached)[:1]
    if grave or not ruleset.open_outcome:
        return grave
    unsure = {item.link_id for item in unsure_items(assessment, Tier.EMERGENCY)} - not_asked
    in_doubt = () if unsure else (gettext(IN_DOUBT),)
    return (ruleset.open_outcome.say.patient, *in_doubt)
