"""The findings that the conditions of a ruleset can have, and which way an answer pushes."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from screening.core.compiled.diagram import BudgetError, Diagram
from screening.core.compiled.functions import truth_in
from screening.core.compiled.variable import levels_of, variables_of
from screening.core.rules.condition import Condition, OneOf, items_in, tests_in
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Criterion, Tier
from screening.core.values.truth import Truth
from screening.formats.rules.question_file import Bank
from screening.formats.rules.rule_file import Draft
from screening.formats.yaml.cursor import Cursor

MOST_CODES = 12
"""Codes of one item with several choices that tests may tell apart: its answers are their sets."""
BUDGET = 50_000
"""Nodes that it may take to see how conditions come out, so that this takes no time."""
_TOO_MANY = "split it, or test fewer items together"


class _ReadCondition(NamedTuple):
    """A condition with the place to report, its name, and the words for each truth it must have."""

    cursor: Cursor
    name: str
    words: dict[Truth, str]
    condition: Condition
    criterion: Criterion | None = None


class Reachability:
    """Every criterion can hold and can fail, and none takes a worse answer for the better one."""

    def __init__(self, drafts: list[Draft], bank: Bank) -> None:
        part = drafts[0].part
        self._bank, self._as_of = bank, part.effective_from if part else dt.date.max
        self._asked = list(_conditions(drafts, bank))

    def check(self) -> None:
        """Report, at their cursors, the conditions that fail."""
        asked = [each for each in self._asked if not self._too_many_codes(each)]
        self._variables = variables_of(self._bank.items, [each.condition for each in asked])
        self._levels = levels_of(self._variables)
        self._store = Diagram([len(each.cells) for each in self._variables], BUDGET)
        for each in asked:
            try:
                self._check(each)
            except BudgetError:
                message = f"{each.name} depends on too many combinations of answers"
                each.cursor.report("too-entangled", message, _TOO_MANY)
                return

    def _too_many_codes(self, asked: _ReadCondition) -> bool:
        codes: dict[str, set[object]] = {}
        for test in tests_in(asked.condition):
            if isinstance(test, OneOf) and self._bank.items[test.item].type is ItemType.CHOICES:
                codes.setdefault(test.item, set()).update(test.values)
        found = any(len(each) > MOST_CODES for each in codes.values())
        if found:
            message = f"{asked.name} depends on too many combinations of answers"
            asked.cursor.report("too-entangled", message, _TOO_MANY)
        return found

    def _check(self, asked: _ReadCondition) -> None:
        function = truth_in(self._store, self._variables, self._levels, asked.condition)
        missing = [t for t in _LOOK_FOR if t not in self._store.values(function)]
        for truth in missing:
            if word := asked.words.get(truth):
                message = f"{asked.name} can never {word}, whatever the answers"
                asked.cursor.report("cannot-differ", message, _LOOK_FOR[truth])
        if asked.criterion and not missing:
            self._check_worse(asked.criterion, function, asked.cursor)

    def _check_worse(self, criterion: Criterion, function: int, cursor: Cursor) -> None:
        """A criterion must not change for the better alone as an answer gets worse."""
        if criterion.tier in _MILD:
            return
        better = ~criterion.tier.raises_flag_when
        for link_id in sorted(items_in(criterion.condition)):
            if self._changes(function, link_id) == {better}:
                worse = self._bank.items[link_id].worse
                message = f"the criterion `{criterion.id}` takes `{worse}` for the better answer"
                cursor.report("against-worse", message, f"the question `{link_id}` calls it worse")

    def _changes(self, function: int, link_id: str) -> set[Any]:
        """The truths that a condition can take as one answer alone gets worse."""
        level, store = self._levels[link_id], self._store
        steps: set[Any] = set()
        for pair in self._variables[level].worse_pairs(self._as_of):
            before, after = (store.restrict(function, {level: cell}) for cell in pair)
            steps |= store.values(store.apply(_step, before, after))
        return {after for before, after in steps if after is not before}


def _conditions(drafts: list[Draft], bank: Bank) -> Iterator[_ReadCondition]:
    """The place to report at, and the condition to check there."""
    for link_id, cursor in bank.ask_if_cursors.items():
        gate = bank.items[link_id].ask_if if link_id in bank.items else None
        if gate is not None:
            words = {Truth.TRUE: "be asked", Truth.FALSE: "be left out"}
            yield _ReadCondition(cursor, f"the question `{link_id}`", words, gate)
    for draft in drafts:
        for criterion in draft.criteria:
            cursor = draft.cursors[f"criterion {criterion.id}"]
            words = {Truth.TRUE: "be true", Truth.FALSE: "be false"}
            yield _ReadCondition(cursor, f"`{criterion.id}`", words, criterion.condition, criterion)
        for question in draft.doctor_questions:
            cursor, words = draft.cursors[f"ask {question.id}"], {Truth.TRUE: "be asked"}
            yield _ReadCondition(cursor, f"`{question.id}`", words, question.condition)


def _step(before: Truth, after: Truth) -> tuple[Truth, Truth]:
    return before, after


_LOOK_FOR = {
    Truth.TRUE: "look for parts that contradict each other",
    Truth.FALSE: "look for a part that is always true",
}
_MILD = (Tier.CAUTION, Tier.INFO)
"""Tiers that may speak of what is left once a graver criterion does not hold."""
