"""An assessment kept as it was computed, with its whole trace, and read back without computing.

What is read back is what was stored, under the ruleset that was recorded with it: an
application that judges otherwise by then changes nothing of it.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from screening.core.results.assess import Assessment, Flag, Severity
from screening.core.results.findings import CriterionFinding
from screening.core.rules.condition import AtLeast, Condition, Not
from screening.core.rules.consistency import Contradiction, narrow, pairs_of
from screening.core.rules.finding import Answers, Bounds, Finding
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Value
from screening.core.values.truth import Truth
from screening.formats.documents.answers_json import read_answers
from screening.proof.explanation.reasons import Change, Explanation, MissingAnswer, Reason

Data = Mapping[str, Any]


def write_trace(assessment: Assessment) -> dict[str, Any]:
    """The truth of every condition, as trees that have the shape of the criteria's conditions."""
    return {found.criterion.id: _tree(found.finding) for found in assessment.findings}


def read_assessment(assessment: Data, answers: Data, trace: Data, ruleset: Ruleset) -> Assessment:
    """Read an assessment back.

    Args:
        assessment: what ``answers_json.write_assessment`` wrote.
        answers: what ``answers_json.write_answers`` wrote with it.
        trace: what ``write_trace`` wrote with it.
        ruleset: the ruleset of the recorded digest.

    Raises:
        DocumentError: if the ruleset has no question for an answer.
    """
    as_of = dt.date.fromisoformat(assessment["as_of"])
    given, _, birth_year = read_answers(json.dumps(answers), ruleset, as_of, "the stored answers")
    contradictions = tuple(_contradictions(assessment, ruleset))
    doubted = {link_id for each in contradictions for link_id in each.items}
    used = {link_id: each for link_id, each in given.items() if link_id not in doubted}
    bounds = narrow(pairs_of(ruleset.consistency), used, as_of)
    findings = tuple(
        CriterionFinding(
            criterion=criterion,
            finding=_finding(criterion.condition, trace[criterion.id], used, bounds),
        )
        for criterion in ruleset.criteria
    )
    return Assessment(
        ruleset=ruleset,
        as_of=as_of,
        answers=given,
        find=lambda _: findings,
        possible=tuple(assessment["outcome"]["possible"]),
        flags=tuple(_flags(assessment["flags"], ruleset)),
        needs=tuple(assessment["needs"]),
        set_aside=tuple(assessment["set_aside"]),
        birth_year=birth_year,
        contradictions=contradictions,
    )


def flagged_tiers(assessment: Data) -> frozenset[Tier]:
    """The tiers of which a criterion of a written assessment raised a flag, whatever its rules."""
    found = ((Tier(each["tier"]), Truth(each["truth"])) for each in assessment["criteria"])
    return frozenset(tier for tier, truth in found if truth is tier.raises_flag_when)


def _contradictions(assessment: Data, ruleset: Ruleset) -> Iterator[Contradiction]:
    rules = {rule.id: rule for rule in ruleset.consistency}
    for each in assessment.get("contradictions", ()):
        yield Contradiction(rule=rules[each["rule"]], items=tuple(each["items"]))


def read_explanation(data: Data, ruleset: Ruleset, as_of: dt.date) -> Explanation:
    """Read back what ``answers_json.write_explanation`` wrote."""
    return Explanation(
        reason=Reason(
            deciding=tuple(data["reasons"]["deciding"]), checked=tuple(data["reasons"]["checked"])
        ),
        changes=tuple(
            Change(
                outcome=each["outcome"],
                facts={
                    link_id: tuple(_value(link_id, raw, ruleset, as_of) for raw in values)
                    for link_id, values in each["facts"].items()
                },
            )
            for each in data["changes"]
        ),
        can_matter=tuple(
            MissingAnswer(
                link_id=each["link_id"], outcome=each["outcome"], flags=tuple(each["flags"])
            )
            for each in data["can_matter"]
        ),
        idle=tuple(data["idle"]),
        next_item=data["next"],
    )


def _tree(finding: Finding) -> list[Any]:
    return [finding.truth.value, *(_tree(part) for part in finding.parts)]


def _finding(
    condition: Condition, tree: list[Any], answers: Answers, bounds: Mapping[str, Bounds]
) -> Finding:
    truth = Truth(tree[0])
    match condition:
        case Not(part=part):
            parts: tuple[Finding, ...] = (_finding(part, tree[1], answers, bounds),)
        case AtLeast(parts=conditions):
            pairs = zip(conditions, tree[1:], strict=True)
            parts = tuple(_finding(each, below, answers, bounds) for each, below in pairs)
        case _:
            own = bounds.get(condition.item)
            partners = own.partners if own else frozenset[str]()
            return Finding(
                condition=condition,
                truth=truth,
                answer=answers.get(condition.item),
                needs=partners | {condition.item} if truth is Truth.UNKNOWN else frozenset(),
                bounds=own,
            )
    needs = frozenset[str]()
    if truth is Truth.UNKNOWN:
        needs = needs.union(*(part.needs for part in parts))
    return Finding(condition=condition, truth=truth, parts=parts, needs=needs)


def _flags(stored: list[Data], ruleset: Ruleset) -> Iterator[Flag]:
    for each in stored:
        criterion = ruleset.criterion(each["criterion"])
        severity = Severity(each["severity"])
        yield Flag(criterion=criterion, severity=severity, text=criterion.flag_text)


def _value(link_id: str, raw: object, ruleset: Ruleset, as_of: dt.date) -> Value:
    document = {"as_of": as_of.isoformat(), "answers": {link_id: raw}}
    answers, *_ = read_answers(json.dumps(document), ruleset, as_of, "the stored reasons")
    return cast("Value", answers[link_id].value)  # a fact is a known answer
