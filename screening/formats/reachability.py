"""Whether the conditions of a ruleset can come out either way, within bounds of time."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from math import prod

from screening.core.answer import Answer, Value
from screening.core.condition import Condition, OneOf, Test, items_in, tests_in
from screening.core.finding import Answers, evaluate
from screening.core.item import Item, ItemType
from screening.core.outcome import completions, grouped, representatives
from screening.core.ruleset import Criterion, Tier
from screening.core.truth import Truth
from screening.formats.cursor import Cursor
from screening.formats.questionfile import Bank
from screening.formats.rulefile import Draft

MOST_COMPLETIONS = 100_000
"""Completions that criteria sharing items may have, so that outcomes stay exact and quick."""
MOST_CODES = 12
"""Codes of one item with several choices that tests may tell apart: its answers are their sets."""
MOST_EVALUATIONS = 10_000
"""Evaluations that it may take to see that all conditions can differ, so that this takes no time:
most conditions show it in two or three."""
_TOO_MANY = "split it, or test fewer items together"


class _ExhaustedError(Exception):
    """The evaluations that may be made are used up."""


class Reachability:
    """Every criterion can hold and can fail, and criteria are not too entangled to be exact."""

    def __init__(self, drafts: list[Draft], bank: Bank) -> None:
        self._drafts, self._bank, self._items = drafts, bank, bank.items
        part = drafts[0].part
        self._as_of = part.effective_from if part else dt.date.max
        self._left = MOST_EVALUATIONS

    def check(self) -> None:
        """Report, at their cursors, the conditions that fail."""
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
