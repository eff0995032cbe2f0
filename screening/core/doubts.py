"""What to doubt before a result is read, in sentences for the nurse."""

from screening.core.assess import Assessment
from screening.core.explain import still_needed
from screening.core.ruleset import Tier

_TODAY = "Find out today, before anything else."


def not_ruled_out(assessment: Assessment) -> str:
    """The emergency signs that nobody has answered with yes or no; empty if there are none.

    They are said whatever the outcome is: beside one sign that is there, the others count too.
    """
    signs = [need for need in still_needed(assessment) if need.tier is Tier.EMERGENCY]
    if not signs:
        return ""
    head = "An emergency sign is" if len(signs) == 1 else "Emergency signs are"
    names = ", ".join(f"{need.item.name} ({need.missing})" for need in signs)
    return f"{head} not ruled out: {names}. {_TODAY}"
