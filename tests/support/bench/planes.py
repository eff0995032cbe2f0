"""Conditions in other engines' languages, which know no Kleene: each becomes two questions.

One asks if a condition surely holds, the other if it surely does not; what neither finds is
unknown. Both are asked of settled rows (``answer_rows.settled``).
"""

import datetime as dt
import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Protocol

from support.bench.answer_rows import first_key, last_key
from support.bench.plain import last_ordinal_outside

from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
)
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset

Expression = Any
"""Of another engine's language: a text, or JSON."""
_SIGNS = {
    (Comparison.AT_LEAST, True): ">=",
    (Comparison.AT_LEAST, False): "<",
    (Comparison.AT_MOST, True): "<=",
    (Comparison.AT_MOST, False): ">",
}


class Language(Protocol):
    """What an engine's language needs to say."""

    def all(self, parts: Sequence[Expression]) -> Expression: ...
    def any(self, parts: Sequence[Expression]) -> Expression: ...
    def test(self, test: Test, *, holds: bool) -> Expression: ...


def plane(condition: Condition, language: Language, *, holds: bool) -> Expression:
    """The question if a condition surely holds, or surely does not."""
    match condition:
        case Not(part=part):
            return plane(part, language, holds=not holds)
        case AtLeast(count=count, parts=parts):
            enough = count if holds else len(parts) - count + 1
            asked = [plane(part, language, holds=holds) for part in parts]
            if enough == 1:
                return language.any(asked)
            return language.any([language.all(each) for each in combinations(asked, enough)])
        case _:
            return language.test(condition, holds=holds)


def other_codes(rules: Ruleset, test: OneOf) -> list[str]:
    """The codes of a choice that a test does not name."""
    return [code for code in rules.items[test.item].choices if code not in test.values]


class JsonLogic:
    """JSONLogic; what is unknown may be left out of a row."""

    def __init__(self, rules: Ruleset, as_of: dt.date) -> None:
        self._rules, self._as_of = rules, as_of

    def all(self, parts: Sequence[Expression]) -> Expression:
        return parts[0] if len(parts) == 1 else {"and": list(parts)}

    def any(self, parts: Sequence[Expression]) -> Expression:
        return parts[0] if len(parts) == 1 else {"or": list(parts)}

    def test(self, test: Test, *, holds: bool) -> Expression:
        value = {"var": test.item}
        match test:
            case Within(item=item):
                out = last_ordinal_outside(test, self._as_of)
                key = first_key(item) if holds else last_key(item)
                return {">" if holds else "<=": [{"var": key}, out]}
            case Compare(comparison=comparison, bound=bound):
                compared = {_SIGNS[comparison, holds]: [value, bound]}
                return {"and": [{"!==": [value, None]}, compared]}
            case OneOf(item=item, values=values):
                kind = self._rules.items[item].type
                if kind is ItemType.YES_NO:
                    return value if (True in values) is holds else {"===": [value, False]}
                if kind is ItemType.CHOICE:
                    codes = sorted(map(str, values)) if holds else other_codes(self._rules, test)
                    return self.any([{"===": [value, code]} for code in codes])
                found = self.any([{"in": [code, value]} for code in sorted(map(str, values))])
                return found if holds else {"and": [value, {"!": [found]}]}


class Infix:
    """Languages of text: zen, CEL, rule-engine."""

    def __init__(self, rules: Ruleset, as_of: dt.date, words: tuple[str, str, str, str]) -> None:
        """Take the words for and, or and not, and the pattern of "a set contains a code"."""
        self._rules, self._as_of = rules, as_of
        self._and, self._or, self._not, self._contains = words

    def all(self, parts: Sequence[Expression]) -> Expression:
        return f"({f' {self._and} '.join(parts)})"

    def any(self, parts: Sequence[Expression]) -> Expression:
        return f"({f' {self._or} '.join(parts)})"

    def test(self, test: Test, *, holds: bool) -> Expression:
        known = f"{test.item} != null"
        match test:
            case Within(item=item):
                out = last_ordinal_outside(test, self._as_of)
                return f"({first_key(item)} > {out})" if holds else f"({last_key(item)} <= {out})"
            case Compare(item=item, comparison=comparison, bound=bound):
                return self.all([known, f"{item} {_SIGNS[comparison, holds]} {bound}"])
            case OneOf(item=item, values=values):
                kind = self._rules.items[item].type
                if kind is ItemType.YES_NO:
                    return f"({item} == {json.dumps((True in values) is holds)})"
                if kind is ItemType.CHOICE:
                    codes = sorted(map(str, values)) if holds else other_codes(self._rules, test)
                    return self.any([f"{item} == {json.dumps(code)}" for code in codes])
                named = [json.dumps(code) for code in sorted(map(str, values))]
                found = self.any([self._contains.format(code=each, set=item) for each in named])
                return self.all([known, found if holds else f"{self._not}({found})"])
