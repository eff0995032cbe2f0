"""Checks of a whole ruleset: what each file by itself cannot show."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from math import prod

from screening.core.answer import Answer, Value
from screening.core.condition import Condition, OneOf, Test, Unit, Within, items_in, tests_in
from screening.core.finding import Answers, evaluate
from screening.core.item import Item, ItemType
from screening.core.outcome import completions, grouped, representatives
from screening.core.ruleset import Criterion, Outcome, Status, Tier, Trigger
from screening.core.truth import Truth
from screening.formats.cursor import Cursor, near
from screening.formats.questionfile import Bank
from screening.formats.rulefile import TRIGGERS, Draft

MOST_COMPLETIONS = 100_000
"""Completions that criteria sharing items may have, so that outcomes stay exact and quick."""
MOST_CODES = 12
"""Codes of one item with several choices that tests may tell apart: its answers are their sets."""
MOST_EVALUATIONS = 10_000
"""Evaluations that it may take to see that all conditions can differ, so that this takes no time:
most conditions show it in two or three."""
_TOO_MANY = "split it, or test fewer items together"


def lint(drafts: list[Draft], bank: Bank, *, complete: bool = True) -> None:
    """Report, at the cursors of the drafts, what is wrong with them as a whole.

    Args:
        drafts: the ruleset's own file first, then the included ones.
        bank: the question bank.
        complete: whether every file that takes part could be read. What is missing from the whole
            is reported only then, and only once there is nothing else to report.
    """
    _check_names(drafts)
    _check_heads(drafts)
    _check_touches(drafts)
    _check_record_only(drafts, bank)
    _check_units(drafts)
    _Reachability(drafts, bank).check()
    for draft in drafts[1:]:
        for name in ("outcomes", "best", "favourable"):
            if name in draft.fields:
                message = f"an included file has no `{name}` of its own"
                draft.fields[name].report("unfit-field", message, "leave it out")
    outcomes = _Outcomes(drafts)
    outcomes.check()
    if complete and not any(draft.root.problems for draft in drafts):
        _check_sources(drafts, bank)
        outcomes.check_reachable()


def _check_heads(drafts: list[Draft]) -> None:
    """Nothing in an active ruleset is a draft, retired, not yet in force, or read after review."""
    own = drafts[0].part
    for draft in drafts:
        part = draft.part
        if not part or not own:
            continue
        if own.status is Status.ACTIVE and part.status is not Status.ACTIVE:
            message = f"`{own.id}` is active and includes this file, which is {part.status.value}"
            draft.fields["status"].report("not-active", message, "include active files only")
        if part.effective_from > own.effective_from:
            message = f"this file takes effect after `{own.id}`, which includes it"
            draft.fields["effective"].report("bad-bounds", message, _no_later(own.effective_from))
        for source in draft.sources.values():
            if source.read_on > part.review_by:
                cursor = draft.cursors[f"source {source.id}"]
                message = f"`{source.id}` was read after the file's review was due"
                cursor.report("bad-bounds", message, _no_later(part.review_by))


def _no_later(day: dt.date) -> str:
    return f"no later than `{day.isoformat()}`"


def _check_names(drafts: list[Draft]) -> None:
    seen: dict[tuple[str, str], Cursor] = {}
    for draft in drafts:
        for name, cursor in draft.cursors.items():
            kind, _, rest = name.partition(" ")
            key = (_SHARED.get(kind, kind), rest)
            if kind in _UNIQUE and key in seen:
                message = f"the name `{rest}` is given twice"
                hint = f"first in {seen[key].source}:{seen[key].mark.line}"
                cursor.report("duplicate-id", message, hint)
            seen.setdefault(key, cursor)


_UNIQUE = ("criterion", "ask", "disagreement", "silent")
_SHARED = {"ask": "criterion"}
"""A disagreement touches criteria and questions for the doctor by one kind of name."""


def _check_units(drafts: list[Draft]) -> None:
    """Two lengths in different units change places with the month in which one asks."""
    units: dict[str, Unit] = {}
    for draft in drafts:
        for criterion in draft.criteria:
            for test in tests_in(criterion.condition):
                if isinstance(test, Within) and units.setdefault(test.item, test.unit) != test.unit:
                    message = (
                        f"`{criterion.id}` counts the time since `{test.item}` in {test.unit.value}"
                    )
                    hint = f"count it in {units[test.item].value}, as the criteria above do"
                    draft.cursors[f"criterion {criterion.id}"].report("mixed-units", message, hint)


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
                message = f"nothing is quoted from `{source_id}`"
                cursor.report("unused-source", message, "quote it, or delete it")


def _check_touches(drafts: list[Draft]) -> None:
    names = [name.partition(" ") for draft in drafts for name in draft.cursors]
    known = [rest for kind, _, rest in names if kind in ("criterion", "ask")]
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


class _ExhaustedError(Exception):
    """The evaluations that may be made are used up."""


class _Reachability:
    """Every criterion can hold and can fail, and criteria are not too entangled to be exact."""

    def __init__(self, drafts: list[Draft], bank: Bank) -> None:
        self._drafts, self._bank, self._items = drafts, bank, bank.items
        part = drafts[0].part
        self._as_of = part.effective_from if part else dt.date.max
        self._left = MOST_EVALUATIONS

    def check(self) -> None:
        at = self._drafts[0].root
        try:
            for cursor, check in self._checks():
                at = cursor
                check()
        except _ExhaustedError:
            message = "it takes too long to see whether these conditions can hold and fail"
            at.report("too-entangled", message, _TOO_MANY)

    def _checks(self) -> Iterator[tuple[Cursor, Callable[[], object]]]:
        """Where to report, and what to check there."""
        for link_id, cursor in self._bank.gate_cursors.items():
            gate = self._items[link_id].ask_if if link_id in self._items else None
            if gate is not None:
                words = (f"the question `{link_id}`", "be put", "be left out")
                yield cursor, partial(self._check_both_ways, words, gate, cursor)
        entangled = self._entangled()
        for draft in self._drafts:
            for criterion in draft.criteria:
                cursor = draft.cursors[f"criterion {criterion.id}"]
                together = criterion.id in entangled
                yield cursor, partial(self._check_criterion, criterion, cursor, together=together)
            for question in draft.doctor_questions:
                cursor = draft.cursors[f"ask {question.id}"]
                words = (f"`{question.id}`", "be put", "")
                yield cursor, partial(self._check_both_ways, words, question.condition, cursor)

    def _check_criterion(self, criterion: Criterion, cursor: Cursor, *, together: bool) -> None:
        words = (f"`{criterion.id}`", "hold", "fail")
        if together:
            message = f"`{criterion.id}` shares its items with too many other criteria"
            cursor.report("too-entangled", message, _TOO_MANY)
        elif self._check_both_ways(words, criterion.condition, cursor):
            self._check_worse(criterion, cursor)

    def _check_both_ways(
        self, words: tuple[str, str, str], condition: Condition, cursor: Cursor
    ) -> bool:
        """Whether a condition can hold and fail; reported is what it cannot do and has a word."""
        name, yes, no = words
        if self._size(items_in(condition), list(tests_in(condition))) > MOST_COMPLETIONS:
            message = f"{name} depends on too many combinations of answers"
            cursor.report("too-entangled", message, _TOO_MANY)
            return False
        missing = {Truth.TRUE: yes, Truth.FALSE: no}
        for truth in self._truths(condition):
            missing.pop(truth, None)
            if not missing:
                return True
        for truth, word in missing.items():
            if word:
                message = f"{name} can never {word}, whatever the answers"
                cursor.report("cannot-differ", message, _LOOK_FOR[truth])
        return False

    def _truths(self, condition: Condition) -> Iterator[Truth]:
        link_ids, tests = sorted(items_in(condition)), list(tests_in(condition))
        for answers in completions(self._items, link_ids, tests, self._as_of):
            yield self._truth(condition, answers)

    def _truth(self, condition: Condition, answers: Answers) -> Truth:
        self._left -= 1
        if self._left < 0:
            raise _ExhaustedError
        return evaluate(condition, answers, self._as_of).truth

    def _check_worse(self, criterion: Criterion, cursor: Cursor) -> None:
        """A criterion must not change for the better alone as an answer gets worse."""
        for link_id in sorted(items_in(criterion.condition)):
            worse = self._items[link_id].worse
            if criterion.tier in _MILD or worse is None:
                continue
            changes = self._changes(criterion.condition, link_id)
            better = Truth.TRUE if criterion.tier is Tier.REQUIRED else Truth.FALSE
            if changes == {better}:
                message = f"the criterion `{criterion.id}` takes `{worse}` for the better answer"
                cursor.report("against-worse", message, f"the question `{link_id}` calls it worse")

    def _changes(self, condition: Condition, link_id: str) -> set[Truth]:
        """What a condition can become as one answer alone gets worse."""
        others = sorted(items_in(condition) - {link_id})
        tests = list(tests_in(condition))
        steps = _steps(self._items[link_id], [t for t in tests if t.item == link_id], self._as_of)
        changes: set[Truth] = set()
        for answers in completions(self._items, others, tests, self._as_of):
            for step in steps:
                former, later = (
                    self._truth(condition, {**answers, link_id: Answer(value=value)})
                    for value in step
                )
                changes |= {later} - {former}
        return changes

    def _entangled(self) -> frozenset[str]:
        criteria = [criterion for draft in self._drafts for criterion in draft.criteria]
        groups = grouped((each, items_in(each.condition)) for each in criteria)
        return frozenset(
            criterion.id
            for group in groups
            if self._size(group.items, _tests_of(group.criteria)) > MOST_COMPLETIONS
            for criterion in group.criteria
        )

    def _size(self, link_ids: frozenset[str], tests: list[Test]) -> int:
        """How many completions there are, without making them."""
        by_item: dict[str, list[Test]] = {}
        for test in tests:
            by_item.setdefault(test.item, []).append(test)
        return prod(self._values(self._items[each], by_item.get(each, [])) for each in link_ids)

    def _values(self, item: Item, tests: list[Test]) -> int:
        if item.type is ItemType.CHOICES:
            codes = {v for test in tests if isinstance(test, OneOf) for v in test.values}
            return 1 << len(codes) if len(codes) <= MOST_CODES else MOST_COMPLETIONS + 1
        return len(representatives(item, tests, self._as_of))


_LOOK_FOR = {
    Truth.TRUE: "look for parts that contradict each other",
    Truth.FALSE: "look for parts of which one always holds",
}
_MILD = (Tier.CAUTION, Tier.INFO)
"""Tiers that may speak of what is left once a graver criterion does not hold."""


def _tests_of(criteria: Iterable[Criterion]) -> list[Test]:
    return [test for criterion in criteria for test in tests_in(criterion.condition)]


def _steps(item: Item, tests: list[Test], as_of: dt.date) -> list[tuple[Value, Value]]:
    """Pairs of answers to an item, of which the second is the worse one."""
    values = representatives(item, tests, as_of)
    if item.type in (ItemType.CHOICE, ItemType.YES_NO):
        worst = item.worse == "yes" if item.type is ItemType.YES_NO else item.worse or ""
        return [(value, worst) for value in values if value != worst]
    if item.type is ItemType.CHOICES:
        code = frozenset([item.worse or ""])
        return [(v, v | code) for v in values if isinstance(v, frozenset) and not v >= code]
    ordered = sorted(values, key=_position, reverse=item.worse in ("lower", "earlier"))
    return list(pairwise(ordered))


def _position(value: Value) -> int:
    return value.toordinal() if isinstance(value, dt.date) else int(str(value))


class _Outcomes:
    """The order of outcomes lets nothing grave pass behind something favourable."""

    def __init__(self, drafts: list[Draft]) -> None:
        self._draft, self._drafts = drafts[0], drafts
        self._ladder = [o for o in self._draft.outcomes if o.trigger is not Trigger.OPEN]
        self._favourable = {cursor.word for cursor in self._draft.favourable}

    def check(self) -> None:
        if "outcomes" not in self._draft.fields:
            for name in ("best", "favourable"):
                if name in self._draft.fields:
                    message = f"`{name}` has nothing to order where there are no `outcomes`"
                    self._draft.fields[name].report("unfit-field", message, "add `outcomes`")
            return
        for name in ("best", "favourable"):
            if name not in self._draft.fields:
                self._draft.root.report_missing(name, "`outcomes` need it")
        self._check_lists()
        self._check_once()
        if self._complete:
            self._check_last()
            self._check_order()
            for trigger, tier in _GRAVE:
                self._check_before_favourable(trigger, tier)

    @property
    def _complete(self) -> bool:
        """Whether every outcome could be read, so that a missing one is really missing."""
        return len(self._draft.fields["outcomes"].keys()) == len(self._draft.outcomes)

    def check_reachable(self) -> None:
        """Report outcomes that no criterion leads to, and criteria that lead to no outcome."""
        for outcome in self._ladder:
            self._check_reachable(outcome)
        placed = {outcome.tier for outcome in self._ladder}
        cautions = [(d, c) for d in self._drafts for c in d.criteria if c.tier is Tier.CAUTION]
        if self._ladder and cautions and Tier.CAUTION not in placed:
            draft, caution = cautions[0]
            message = f"`{caution.id}` is a caution, and no outcome is reached by `any caution`"
            draft.cursors[f"criterion {caution.id}"].report("unsafe-outcomes", message, "add one")

    def _cursor(self, outcome: Outcome) -> Cursor:
        return self._draft.cursors[f"outcome {outcome.id}"]

    def _check_last(self) -> None:
        if not self._ladder or self._ladder[-1].trigger is not Trigger.OTHERWISE:
            message = "no outcome is left for those whom nothing above concerns"
            hint = "the last one (before `when: open`) has `when: otherwise`"
            self._draft.fields["outcomes"].report("no-otherwise", message, hint)

    def _check_once(self) -> None:
        counts = Counter((o.trigger, o.tier) for o in self._draft.outcomes)
        for outcome in self._draft.outcomes:
            if counts[outcome.trigger, outcome.tier] > 1:
                message = "two outcomes have the same `when`, so one is never reached"
                self._cursor(outcome).report("unreachable-outcome", message, "delete one of them")

    def _check_lists(self) -> None:
        opened = [o.id for o in self._draft.outcomes if o.trigger is Trigger.OPEN]
        names = [name.partition(" ") for name in self._draft.cursors]
        known = [rest for kind, _, rest in names if kind == "outcome" and rest not in opened]
        for cursors in (self._draft.best, self._draft.favourable):
            for position, cursor in enumerate(cursors):
                if cursor.text() is not None and cursor.word not in known:
                    message = f"unknown outcome `{cursor.word}`"
                    cursor.report("unknown-outcome", message, near(cursor.word, known))
                if cursor.word in [each.word for each in cursors[:position]]:
                    message = f"`{cursor.word}` stands here twice"
                    cursor.report("repeated-part", message, "keep one of them")

    def _check_order(self) -> None:
        """The first that holds wins, so a better one must not come before a worse one."""
        best = [cursor.word for cursor in self._draft.best]
        ladder = [outcome.id for outcome in reversed(self._ladder)]
        if "best" in self._draft.fields and set(best) <= set(ladder) and best != ladder:
            hint = "with these outcomes it is " + ", ".join(f"`{each}`" for each in ladder)
            message = "`best` and `outcomes` put the results in different orders"
            self._draft.fields["best"].report("wrong-order", message, hint)
        first = ladder[: len(self._favourable)]
        if self._favourable <= set(ladder) and self._favourable != set(first):
            message = "the favourable outcomes are not the best ones"
            hint = "they are the first of `best`, without a gap"
            self._draft.fields["favourable"].report("unsafe-outcomes", message, hint)

    def _check_reachable(self, outcome: Outcome) -> None:
        tiers = {criterion.tier for draft in self._drafts for criterion in draft.criteria}
        tier = Tier.REQUIRED if outcome.trigger is Trigger.REQUIRED_IS_FALSE else outcome.tier
        if tier is not None and tier not in tiers:
            message = f"no criterion has the tier {tier.value}, so `{outcome.id}` is never reached"
            self._cursor(outcome).report(
                "unreachable-outcome", message, "add such a criterion, or delete it"
            )

    def _check_before_favourable(self, trigger: Trigger, tier: Tier | None) -> None:
        """A grave trigger needs an unfavourable outcome above every favourable one."""
        places = [i for i, o in enumerate(self._ladder) if o.id in self._favourable]
        first = min(places, default=len(self._ladder))
        above = {(o.trigger, o.tier) for o in self._ladder[:first]}
        if (trigger, tier) not in above:
            word = _WORDS[trigger, tier]
            message = f"no outcome with `when: {word}` stands before the favourable ones"
            hint = "otherwise such a result could pass for a favourable one"
            self._draft.fields["outcomes"].report("unsafe-outcomes", message, hint)


_WORDS: dict[tuple[Trigger, Tier | None], str] = {
    meaning: word for word, meaning in TRIGGERS.items()
}
_GRAVE = (
    (Trigger.ANY, Tier.EMERGENCY),
    (Trigger.ANY, Tier.URGENT),
    (Trigger.ANY, Tier.EXCLUSION),
    (Trigger.REQUIRED_IS_FALSE, None),
)
