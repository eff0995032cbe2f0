"""A kept assessment computed again: by its own rules, and by those in use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.truth import Truth
from screening.errors import DocumentError
from screening.proof.explanation.reasons import Explainer
from screening.records.results.impact import CriterionChange, Reassessment, Reassessor
from screening.records.results.replay import differing_parts
from screening.records.verification.confirmation import unconfirmed_parts
from screening.translation import Phrases, gettext, mark
from screening.web.audit.search import outcome_name
from screening.web.results.unconfirmed import UNCONFIRMED_WORDS
from screening.web.rules.recorded import RecordedResult
from screening.web.shell.context import page_context, records
from screening.words.shared.labels import TIER_WORDS, TRUTH_WORDS

PART_WORDS = Phrases(
    {"assessment": "the result", "trace": "the trace", "explanation": "the reasons"}
)
NOT_THERE = mark("not in these rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChangeView:
    """A criterion that comes out otherwise, in words."""

    tier: str
    kind: str
    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRulesResult:
    """The result of the same answers on the same day by the rules in use."""

    rules: str
    before: str
    after: str
    changed: bool
    turned: tuple[CriterionChangeView, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """Both. ``differing`` names the parts that come out otherwise by the recorded rules.

    ``doubted`` names what the ledger does not confirm. ``others`` is None where the rules in use
    are the recorded ones.
    """

    differing: tuple[str, ...]
    doubted: tuple[str, ...]
    others: OtherRulesResult | None


def replay_view(recalled: RecordedResult) -> ReplayView:
    """Compute an assessment again. Nothing is kept of it."""
    ruleset, row_id = recalled.assessment.ruleset, recalled.stored.id
    try:
        parts = differing_parts(recalled.stored.content, ruleset, _explainer(ruleset))
    except DocumentError:
        parts = tuple(PART_WORDS)
    others = None if ruleset.digest == page_context().ruleset.digest else _others(recalled)
    doubted = unconfirmed_parts(records(), [row_id]).get(row_id, ())
    return ReplayView(
        differing=tuple(PART_WORDS[part] for part in parts),
        doubted=tuple(UNCONFIRMED_WORDS[part] for part in doubted),
        others=others,
    )


def criterion_change_view(
    each: CriterionChange, rulesets: Iterable[Ruleset]
) -> CriterionChangeView:
    """A criterion that turned, in the words of the first of some rules that has it."""
    found = (_find(ruleset, each.criterion) for ruleset in rulesets)
    criterion = next(filter(None, found), None)
    return CriterionChangeView(
        tier=criterion.tier.value if criterion else "",
        kind=TIER_WORDS[criterion.tier] if criterion else "",
        words=criterion.say.nurse if criterion else each.criterion,
        before=_truth(each.before),
        after=_truth(each.after),
    )


def _others(recalled: RecordedResult) -> OtherRulesResult:
    now, was = page_context().ruleset, recalled.assessment.ruleset
    found = Reassessor(now).reassess(recalled.stored, recalled.stored.content)
    return OtherRulesResult(
        rules=f"{now.id} {now.version}, {now.digest[:12]}",
        before=outcome_name(was, found.before),
        after=outcome_name(now, found.after),
        changed=found.changed,
        turned=tuple(criterion_change_view(each, (now, was)) for each in found.criterion_changes),
        left_out=tuple(_left_out(found, was)),
    )


def _left_out(found: Reassessment, ruleset: Ruleset) -> Iterator[str]:
    for link_id in found.left_out:
        yield ruleset.items[link_id].name if link_id in ruleset.items else link_id


def _find(ruleset: Ruleset, name: str) -> Criterion | None:
    return next((each for each in ruleset.criteria if each.id == name), None)


def _truth(value: str | None) -> str:
    return TRUTH_WORDS[Truth(value)] if value else gettext(NOT_THERE)


def _explainer(ruleset: Ruleset) -> Explainer:
    in_use = ruleset.digest == page_context().ruleset.digest
    return page_context().explainer if in_use else Explainer(model_of(ruleset))
