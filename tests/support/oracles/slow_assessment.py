"""An assessment by the readable evaluator alone, to hold the straight code against."""

import datetime as dt
from dataclasses import dataclass

from screening.core.compiled.model import model_of
from screening.core.results.assess import Assessment, evaluate_ask_if
from screening.core.results.findings import CriterionFinding
from screening.core.rules.consistency import Contradiction, resolve
from screening.core.rules.finding import Answers, evaluate
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """The parts of an assessment that two evaluators must agree on."""

    truths: tuple[Truth, ...]
    possible: tuple[str, ...]
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    set_aside: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]


def slow_assessment(
    ruleset: Ruleset, answers: Answers, as_of: dt.date, birth_year: int | None = None
) -> Comparable:
    """The findings of the readable evaluator, and what follows from them."""
    resolved = resolve(ruleset.consistency, answers, as_of, birth_year)
    used, bounds, model = resolved.answers, resolved.bounds, model_of(ruleset)
    found = [
        CriterionFinding(criterion=each, finding=evaluate(each.condition, used, as_of, bounds))
        for each in ruleset.criteria
    ]
    needed = {link_id for each in found for link_id in each.finding.needs}
    places = sorted(model.possible_at(model.locate(used, as_of, bounds)))
    return Comparable(
        truths=tuple(each.truth for each in found),
        possible=tuple(ruleset.outcomes[place].id for place in places),
        flags=tuple(
            each.criterion.id
            for tier in Tier
            for each in found
            if each.criterion.tier is tier and each.raises_flag
        ),
        needs=tuple(link_id for link_id in ruleset.items if link_id in needed),
        set_aside=tuple(
            link_id
            for link_id, item in ruleset.items.items()
            if link_id in answers and evaluate_ask_if(item, used, as_of, bounds) is Truth.FALSE
        ),
        contradictions=resolved.contradictions,
    )


def comparable(assessment: Assessment) -> Comparable:
    """The same parts of an assessment."""
    return Comparable(
        truths=tuple(each.truth for each in assessment.findings),
        possible=assessment.possible,
        flags=tuple(flag.criterion.id for flag in assessment.flags),
        needs=assessment.needs,
        set_aside=assessment.set_aside,
        contradictions=assessment.contradictions,
    )
