"""Checks of a whole ruleset: what each file by itself cannot show."""

import datetime as dt
from collections import Counter
from math import prod

from screening.core.condition import items_in, tests_in
from screening.core.finding import evaluate
from screening.core.outcome import completions, grouped, representatives
from screening.core.ruleset import Criterion, Outcome, Tier, Trigger
from screening.core.truth import Truth
from screening.formats.cursor import Cursor, near
from screening.formats.questionfile import Bank
from screening.formats.rulefile import Draft

MOST_COMPLETIONS = 100_000
"""Completions that criteria sharing items may have, so that outcomes stay exact and quick."""


def lint(drafts: list[Draft], bank: Bank) -> None:
    """Report, at the cursors of the drafts, what is wrong with them as a whole.

    Args:
        drafts: the ruleset's own file first, then the included ones.
        bank: the question bank.
    """
    _check_names(drafts)
    _check_sources(drafts, bank)
    _check_touches(drafts)
    _check_record_only(drafts, bank)
    _Reachability(drafts, bank).check()
    for draft in drafts[1:]:
        if draft.outcomes:
            cursor = draft.fields["outcomes"]
            cursor.report("unfit-field", "an included file has no outcomes of its own")
    if drafts[0].outcomes:
        _Outcomes(drafts).check()


def _check_names(drafts: list[Draft]) -> None:
    seen: dict[str, Cursor] = {}
    for draft in drafts:
        for name, cursor in draft.cursors.items():
            kind, _, rest = name.partition(" ")
            if kind not in ("criterion", "ask"):
                continue
            if rest in seen:
                message = f"the name `{rest}` is given twice"
                cursor.report("duplicate-id", message, f"first in {seen[rest].source}")
            seen[rest] = cursor


def _check_sources(drafts: list[Draft], bank: Bank) -> None:
    cited = {c.source for item in bank.items.values() for c in item.citations}
    for draft in drafts:
        cited |= {c.source for criterion in draft.criteria for c in criterion.citations}
        cited |= {c.source for question in draft.doctor_questions for c in question.citations}
        cited |= {
            c.source
            for topic in draft.disagreements
            for position in topic.positions
            for c in position.citations
        }
    for draft in drafts:
        for source_id in draft.sources:
            if source_id not in cited:
                cursor = draft.cursors[f"source {source_id}"]
                cursor.report("unused-source", f"nothing is quoted from `{source_id}`")


def _check_touches(drafts: list[Draft]) -> None:
    known = [criterion.id for draft in drafts for criterion in draft.criteria]
    known += [question.id for draft in drafts for question in draft.doctor_questions]
    for draft in drafts:
        for name, cursor in draft.cursors.items():
            if name.startswith(("touch ", "implied ")) and cursor.word not in known:
                message = f"`{cursor.word}` is no criterion and no question for the doctor"
                cursor.report("unknown-touch", message, near(cursor.word, known))


def _check_record_only(drafts: list[Draft], bank: Bank) -> None:
    for draft in drafts:
        for criterion in draft.criteria:
            for link_id in sorted(items_in(criterion.condition)):
                if bank.items[link_id].record_only:
                    message = f"`{criterion.id}` reads `{link_id}`, which is for the record only"
                    cursor = draft.cursors[f"criterion {criterion.id}"]
                    cursor.report("record-only", message, "take `record_only` from the item")


class _Reachability:
    """Every criterion can hold and can fail, and criteria are not too entangled to be exact."""

    def __init__(self, drafts: list[Draft], bank: Bank) -> None:
        self._drafts, self._items = drafts, bank.items
        part = drafts[0].part
        self._as_of = part.effective_from if part else dt.date.max

    def check(self) -> None:
        entangled = self._entangled()
        for draft in self._drafts:
            for criterion in draft.criteria:
                cursor = draft.cursors[f"criterion {criterion.id}"]
                if criterion.id in entangled:
                    cursor.report(
                        "too-entangled",
                        f"`{criterion.id}` and the criteria that share its items have more than"
                        f" {MOST_COMPLETIONS:,} combinations of answers",
                        "split it, or test fewer items together",
                    )
                else:
                    self._check_both_ways(criterion, cursor)

    def _check_both_ways(self, criterion: Criterion, cursor: Cursor) -> None:
        condition = criterion.condition
        link_ids, tests = sorted(items_in(condition)), list(tests_in(condition))
        truths = {
            evaluate(condition, answers, self._as_of).truth
            for answers in completions(self._items, link_ids, tests, self._as_of)
        }
        for truth, word in ((Truth.TRUE, "hold"), (Truth.FALSE, "fail")):
            if truth not in truths:
                message = f"`{criterion.id}` can never {word}, whatever the answers"
                cursor.report("cannot-differ", message, "look for parts that contradict each other")

    def _entangled(self) -> frozenset[str]:
        criteria = [criterion for draft in self._drafts for criterion in draft.criteria]
        groups = grouped((each, items_in(each.condition)) for each in criteria)
        return frozenset(
            criterion.id
            for group in groups
            if self._size(group.items, group.criteria) > MOST_COMPLETIONS
            for criterion in group.criteria
        )

    def _size(self, link_ids: frozenset[str], criteria: tuple[Criterion, ...]) -> int:
        tests = [test for criterion in criteria for test in tests_in(criterion.condition)]
        return prod(
            len(
                representatives(
                    self._items[link_id], [t for t in tests if t.item == link_id], self._as_of
                )
            )
            for link_id in link_ids
        )


class _Outcomes:
    """The order of outcomes lets nothing grave pass behind something favourable."""

    def __init__(self, drafts: list[Draft]) -> None:
        self._draft, self._drafts = drafts[0], drafts
        self._ladder = [o for o in self._draft.outcomes if o.trigger is not Trigger.OPEN]
        self._favourable = {cursor.word for cursor in self._draft.favourable}

    def check(self) -> None:
        for name in ("best", "favourable"):
            if name not in self._draft.fields:
                self._draft.root.report("missing-field", f"the field `{name}` is missing")
        self._check_last()
        self._check_once()
        self._check_lists()
        for outcome in self._ladder:
            self._check_reachable(outcome)
        for trigger, tier in _GRAVE:
            self._check_before_favourable(trigger, tier)

    def _cursor(self, outcome: Outcome) -> Cursor:
        return self._draft.cursors[f"outcome {outcome.id}"]

    def _check_last(self) -> None:
        if not self._ladder or self._ladder[-1].trigger is not Trigger.OTHERWISE:
            message = "the last outcome must be the one that holds `otherwise`"
            self._draft.fields["outcomes"].report("no-otherwise", message)

    def _check_once(self) -> None:
        counts = Counter((o.trigger, o.tier) for o in self._draft.outcomes)
        for outcome in self._draft.outcomes:
            if counts[outcome.trigger, outcome.tier] > 1:
                message = "two outcomes have the same trigger, so one is never reached"
                self._cursor(outcome).report("unreachable-outcome", message)

    def _check_lists(self) -> None:
        known = [outcome.id for outcome in self._ladder]
        best = [cursor.word for cursor in self._draft.best]
        for cursor in (*self._draft.best, *self._draft.favourable):
            if cursor.word not in known:
                message = f"unknown outcome `{cursor.word}`"
                cursor.report("unknown-outcome", message, near(cursor.word, known))
        if "best" in self._draft.fields and sorted(set(best)) != sorted(best):
            self._draft.fields["best"].report("repeated-part", "an outcome stands here twice")
        missing = [each for each in known if each not in best]
        if "best" in self._draft.fields and missing:
            message = f"the outcome `{missing[0]}` has no place in the order"
            self._draft.fields["best"].report("unknown-outcome", message, "best first, worst last")
        if "favourable" in self._draft.fields and self._favourable != set(
            best[: len(self._favourable)]
        ):
            message = "the favourable outcomes are not the first of `best`"
            self._draft.fields["favourable"].report("unsafe-outcomes", message)

    def _check_reachable(self, outcome: Outcome) -> None:
        tiers = {criterion.tier for draft in self._drafts for criterion in draft.criteria}
        tier = Tier.REQUIRED if outcome.trigger is Trigger.REQUIRED_IS_FALSE else outcome.tier
        if tier is not None and tier not in tiers:
            message = f"no criterion has the tier {tier.value}, so `{outcome.id}` is never reached"
            self._cursor(outcome).report("unreachable-outcome", message)

    def _check_before_favourable(self, trigger: Trigger, tier: Tier | None) -> None:
        """A grave trigger needs an unfavourable outcome above every favourable one."""
        places = [i for i, o in enumerate(self._ladder) if o.id in self._favourable]
        first = min(places, default=len(self._ladder))
        above = {(o.trigger, o.tier) for o in self._ladder[:first]}
        if (trigger, tier) not in above:
            name = tier.value if tier else trigger.value
            message = f"nothing stands before the favourable outcomes for `any {name}`"
            hint = "emergency, urgent, exclusion and unmet requirements come first"
            self._draft.fields["outcomes"].report("unsafe-outcomes", message, hint)


_GRAVE = (
    (Trigger.ANY, Tier.EMERGENCY),
    (Trigger.ANY, Tier.URGENT),
    (Trigger.ANY, Tier.EXCLUSION),
    (Trigger.REQUIRED_IS_FALSE, None),
)
