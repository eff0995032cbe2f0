"""Answer sets for benchmarks, the same on every run, with all that makes answers hard.

Unknown answers, spans of days, days that break the order of events, answers that contradict each
other, and birth years that do not agree with the age: a benchmark without them would measure a
shortcut. ``settled`` gives each set as the flat row that peers and plain code get.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from random import Random
from typing import NamedTuple

from support.rulesets import shipped
from support.rulesets.random_rulesets import ONE_DAY, Sampler

from screening.core.rules.condition import items_in
from screening.core.rules.consistency import BIRTH, Age, Consistency, Never, Order, resolve
from screening.core.rules.finding import Bounds, evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.span import Span, first_of, last_of
from screening.core.values.truth import Truth

AS_OF = shipped.as_of()
MISSING = (0.0, 0.05, 0.2, 0.5)
"""The shares of unknown answers; each set has one of them."""
CHANGED, CONTRADICTED, VAGUE = 0.03, 0.1, 0.3
"""Of a realistic set: answers that are drawn anew, sets that break a rule, dates not to the day."""
TRIES = 50

Row = Mapping[str, object]
"""Item to value, None if unknown; a date is two ordinals (see ``first_key`` and ``last_key``)."""


class AnswerSet(NamedTuple):
    """What is known of one patient."""

    answers: dict[str, Answer]
    birth_year: int | None


def uniform(rules: Ruleset, count: int, as_of: dt.date = AS_OF, seed: int = 1) -> list[AnswerSet]:
    """Sets in which every answer that the rules can tell apart is as likely as any other."""
    drawer = _Drawer(rules, {}, as_of, Random(seed))
    return [drawer.draw(1.0) for _ in range(count)]


def realistic(
    rules: Ruleset,
    count: int,
    base: Mapping[str, Answer] | None = None,
    as_of: dt.date = AS_OF,
    seed: int = 2,
) -> list[AnswerSet]:
    """Sets near one in which everything is favourable (the shipped example), a few answers changed.

    One in ten breaks a rule of consistency that the ruleset has.
    """
    near = shipped.favourable() if base is None else base
    drawer = _Drawer(rules, near, as_of, Random(seed))
    return [drawer.draw(CHANGED) for _ in range(count)]


def mixed(rules: Ruleset, count: int, as_of: dt.date = AS_OF) -> list[AnswerSet]:
    """Half realistic sets, half uniform ones."""
    half = count // 2
    return realistic(rules, count - half, as_of=as_of) + uniform(rules, half, as_of)


def settled(rules: Ruleset, given: AnswerSet, as_of: dt.date = AS_OF) -> Row:
    """The flat row of a set: what contradicts itself taken out, dates narrowed by their order.

    What is unknown is None; an unknown date has the widest two ordinals, which no test decides.
    """
    resolved = resolve(rules.consistency, given.answers, as_of, given.birth_year)
    row: dict[str, object] = {}
    for link_id, item in rules.items.items():
        value = answer.value if (answer := resolved.answers.get(link_id)) else None
        if item.type is not ItemType.DATE:
            row[link_id] = value
            continue
        days = resolved.bounds.get(link_id) or _bounds(value, as_of)
        row[first_key(link_id)] = days.first.toordinal()
        row[last_key(link_id)] = days.last.toordinal()
    return row


def settled_rows(rules: Ruleset, sets: Iterable[AnswerSet], as_of: dt.date = AS_OF) -> list[Row]:
    return [settled(rules, each, as_of) for each in sets]


def first_key(link_id: str) -> str:
    """The name of the column of a date's earliest day."""
    return f"{link_id}_first"


def last_key(link_id: str) -> str:
    """The name of the column of a date's latest day."""
    return f"{link_id}_last"


def _bounds(value: object, as_of: dt.date) -> Bounds:
    if isinstance(value, dt.date | Span):
        return Bounds(first=first_of(value), last=last_of(value))
    return Bounds(first=dt.date.min, last=as_of)


class _Drawer:
    """Draws sets near a base; without one, every answer is drawn anew."""

    def __init__(
        self, rules: Ruleset, base: Mapping[str, Answer], as_of: dt.date, rng: Random
    ) -> None:
        self._rules, self._base, self._as_of, self._rng = rules, base, as_of, rng
        self._sampler = Sampler(rng, rules, as_of)
        self._ages = [each.check.item for each in rules.consistency if isinstance(each.check, Age)]

    def draw(self, changed: float) -> AnswerSet:
        missing = self._rng.choice(MISSING)
        answers: dict[str, Answer] = {}
        for link_id in self._rules.items:
            if self._rng.random() >= missing:
                self._answer(link_id, answers, anew=self._rng.random() < changed)
            elif self._rng.random() < 0.5:
                answers[link_id] = Answer(absent=self._rng.choice(list(AbsentReason)))
        birth_year = self._birth_year(answers) if self._rng.random() < 0.5 else None
        if self._rules.consistency and self._rng.random() < CONTRADICTED:
            rule = self._rng.choice(self._rules.consistency)
            birth_year = self._break(rule, answers, birth_year)
        return AnswerSet(answers, birth_year)

    def _answer(self, link_id: str, answers: dict[str, Answer], *, anew: bool) -> None:
        """Answer a question as the base does; what it leaves out only where it is called for."""
        gate = self._rules.items[link_id].ask_if
        if not anew and link_id in self._base:
            answers[link_id] = self._vague(self._base[link_id])
        elif anew or (gate and evaluate(gate, answers, self._as_of).truth is Truth.TRUE):
            answers[link_id] = self._new(link_id)

    def _new(self, link_id: str) -> Answer:
        return self._vague(Answer(value=self._rng.choice(self._sampler.values[link_id])))

    def _vague(self, answer: Answer) -> Answer:
        """The answer, of which a day is sometimes known only as one of a span."""
        day = answer.value
        if not isinstance(day, dt.date) or self._rng.random() >= VAGUE:
            return answer
        before, after = (ONE_DAY * self._rng.choice([1, 10, 30, 400]) for _ in range(2))
        return Answer(value=Span(first=day - before, last=min(day + after, self._as_of)))

    def _birth_year(self, answers: Mapping[str, Answer]) -> int:
        """A year that agrees with the age, if that is known."""
        ages = (answers[each].value for each in self._ages if each in answers)
        known = next((age for age in ages if isinstance(age, int)), 74)
        return self._as_of.year - known - self._rng.randrange(2)

    def _break(
        self, rule: Consistency, answers: dict[str, Answer], birth_year: int | None
    ) -> int | None:
        """Change answers so that they break a rule; gives the birth year."""
        match rule.check:
            case Age(item=item):
                age = self._rng.choice(self._sampler.values[item])
                answers[item] = Answer(value=age)
                return max(1850, self._as_of.year - int(str(age)) - self._rng.choice([-9, 3, 30]))
            case Order(dates=dates):
                days = sorted(self._rng.choices(range(2_000), k=len(dates)))
                for link_id, ago in zip(dates, days, strict=True):
                    if link_id != BIRTH:
                        answers[link_id] = Answer(value=self._as_of - ago * ONE_DAY)
            case Never(condition=condition):
                for _ in range(TRIES):
                    answers |= {each: self._new(each) for each in sorted(items_in(condition))}
                    if evaluate(condition, answers, self._as_of).truth is Truth.TRUE:
                        break
        return birth_year
