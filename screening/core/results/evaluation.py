"""The evaluation of one set of answers by the straight code of a ruleset.

It comes to what the readable evaluator (``core.rules.finding``) and the rules of consistency come
to, in a small part of the time; tests compare the two. A trace here is a number for each step of
the program (``core.compiled.program``).
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from operator import ne

from screening.core.compiled.model import Possible
from screening.core.compiled.program import CODES, FALSE, TRUE, Length, program_of
from screening.core.compiled.representatives import last_day_outside
from screening.core.compiled.straight import Picked, Row, Trace, compile_program
from screening.core.compiled.timeline import Spans, timeline_of
from screening.core.rules.condition import AtLeast, Compare, Condition, Not, OneOf, Within
from screening.core.rules.consistency import (
    Age,
    Consistency,
    Contradiction,
    Never,
    Order,
    find_contradictions,
    whole_number,
)
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Value
from screening.core.values.referral import fits_birth_year

_MOST_RULESETS = 16
_MOST_DAYS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The truths of all criteria and what follows from them.

    ``trace`` has the truth of every step, as a number. ``possible`` are outcome ids in order of
    priority; ``flags`` are places of criteria, the gravest tier first; ``needs`` and ``set_aside``
    are link ids in the order of the questionnaire.
    """

    trace: Trace
    possible: tuple[str, ...]
    flags: tuple[int, ...]
    needs: tuple[str, ...]
    set_aside: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    answers: Answers

    @property
    def used(self) -> Answers:
        """The answers that no contradiction names."""
        doubted = {link_id for each in self.contradictions for link_id in each.items}
        return {k: answer for k, answer in self.answers.items() if k not in doubted}


class Judge:
    """The straight code of a ruleset, and the tables that go with it, for every screening date."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile a ruleset that has outcomes.

        Raises:
            BudgetError: if the ruleset is too entangled to be compiled.
        """
        self.program, self.timeline = program_of(ruleset), timeline_of(ruleset)
        self.bits = {link_id: 1 << place for place, link_id in enumerate(ruleset.items)}
        inputs = [self.bits[each.item.link_id] for each in self.program.inputs]
        self.link_ids = {bit: link_id for link_id, bit in self.bits.items()}
        self.straight = compile_program(self.program, inputs)
        dates, rules = self.timeline.dates, ruleset.consistency
        self.days = [(dates.index(each.link_id), each.ordered) for each in self.program.days]
        self.ages = {i: r.check.item for i, r in enumerate(rules) if isinstance(r.check, Age)}
        self.orders = [i for i, rule in enumerate(rules) if isinstance(rule.check, Order)]
        self.gates, self.nevers = tuple(self.program.gates.items()), tuple(self.program.nevers)
        self.contradictions = {
            place: Contradiction(rule=rule, items=tuple(sorted(rule.items)))
            for place, rule in enumerate(rules)
            if _names_all(rule)
        }
        rank = list(Tier)
        tiers = [criterion.tier for criterion in ruleset.criteria]
        self.flags = [
            (place, self.program.criteria[place], CODES[tiers[place].raises_flag_when])
            for place in sorted(range(len(tiers)), key=lambda each: rank.index(tiers[each]))
        ]
        self._unanswered: dict[str, Value | None] = dict.fromkeys(ruleset.items)
        self._date_bits: dict[tuple[bool, ...], list[int]] = {}
        self._names: dict[Possible, tuple[str, ...]] = {}

    def row(self, answers: Answers) -> dict[str, Value | None]:
        """The value of every item.

        Raises:
            KeyError: if an answer belongs to no item of the ruleset.
        """
        row = self._unanswered | {link_id: each.value for link_id, each in answers.items()}
        if len(row) > len(self._unanswered):
            raise KeyError(*(row.keys() - self._unanswered.keys()))
        return row

    def date_bits(self, vague: tuple[bool, ...]) -> list[int]:
        """For each date of the program, the bits of what could make it better known.

        Args:
            vague: for each date of the timeline, whether its day is not known.
        """
        if vague not in self._date_bits:
            dates, linked = self.timeline.dates, self.timeline.linked
            self._date_bits[vague] = [
                self.bits[dates[place]]
                | sum(self.bits[dates[each]] for each in linked[place] if ordered and vague[each])
                for place, ordered in self.days
            ]
        return self._date_bits[vague]

    def outcomes(self, branches: tuple[int, ...]) -> tuple[str, ...]:
        """The ids of the outcomes that answers leave open."""
        places = self.program.model.possible_at(branches)
        if places not in self._names:
            listed = self.program.ruleset.outcomes
            self._names[places] = tuple(listed[place].id for place in sorted(places))
        return self._names[places]


class Evaluator:
    """Evaluates answers by a ruleset on one screening date.

    ``run`` gives the truths of all steps for answers that agree with each other.
    """

    def __init__(self, judge: Judge, as_of: dt.date) -> None:
        """Put the cut-offs of the day into the straight code."""
        self._judge, self._as_of = judge, as_of
        self._cuts = [cut_off(cut, as_of) for cut in judge.program.cuts]

    def run(self, row: Row, *days: int) -> tuple[Picked, Trace]:
        """The values of the inputs and the truths of all steps; the answers agree.

        Args:
            row: a value, or None, for every item; ``Judge.row``.
            days: the first and the last day of each date of the program, as ordinals.

        Raises:
            TypeError: if a value does not fit its item.
        """
        return self._judge.straight.run(row, self._cuts, *days)

    def evaluate(self, answers: Answers, birth_year: int | None = None) -> Evaluation:
        """Evaluate answers; time O(steps), and more only where they contradict each other.

        Args:
            answers: link id to answer; one that is left out is unknown.
            birth_year: as it was recorded, if it was.

        Raises:
            TypeError: if a value does not fit its item.
        """
        judge = self._judge
        row = judge.row(answers)
        spans = judge.timeline.read(row.get, self._as_of)
        agrees = judge.timeline.agrees(spans, row.get, self._as_of, birth_year)
        broken = self._broken(row, spans, birth_year, agrees=agrees)
        contradictions: tuple[Contradiction, ...] = ()
        if broken:
            contradictions = self._resolve(broken, answers, birth_year)
            row |= dict.fromkeys(link_id for each in contradictions for link_id in each.items)
            spans = judge.timeline.read(row.get, self._as_of)
        left = judge.timeline.narrow(spans)
        days = self._days(spans, left)
        values, trace = judge.straight.run(row, self._cuts, *days)
        return Evaluation(
            trace=trace,
            possible=judge.outcomes(judge.straight.branches(values, self._cuts, *days)),
            flags=tuple([place for place, step, code in judge.flags if trace[step] == code]),
            needs=self._needs(trace, left),
            set_aside=tuple(
                [k for k, step in judge.gates if trace[step] == FALSE and k in answers]
            ),
            contradictions=contradictions,
            answers=answers,
        )

    def _resolve(
        self, broken: list[int], answers: Answers, birth_year: int | None
    ) -> tuple[Contradiction, ...]:
        """The contradictions; those that always name the same items are made already."""
        judge, rules = self._judge, self._judge.program.ruleset.consistency
        found = [judge.contradictions[place] for place in broken if place in judge.contradictions]
        if len(found) < len(broken):
            others = [rules[place] for place in broken if place not in judge.contradictions]
            pairs = judge.program.pairs
            found += find_contradictions(others, pairs, answers, self._as_of, birth_year)
            order = {rules[place].id: place for place in broken}
            found.sort(key=lambda each: order[each.rule.id])
        told: dict[tuple[str, ...], Contradiction] = {}
        for each in found:
            told.setdefault(each.items, each)
        return tuple(told.values())

    def _days(self, spans: Spans, left: Spans) -> list[int]:
        """The first and the last day of each date of the program."""
        found: list[int] = []
        for place, ordered in self._judge.days:
            firsts, lasts = left if ordered else spans
            found += (firsts[place], lasts[place])
        return found

    def _broken(self, row: Row, spans: Spans, birth_year: int | None, *, agrees: bool) -> list[int]:
        """The places of the rules that answers break, and if days do, of all on their order."""
        judge = self._judge
        truths = judge.straight.forbidden(row, self._cuts, *self._days(spans, spans))
        places = [place for place, t in zip(judge.nevers, truths, strict=True) if t == TRUE]
        if not agrees:
            places += judge.orders
        if birth_year is not None:
            for place, link_id in judge.ages.items():
                years = whole_number(row.get(link_id))
                if years is not None and not fits_birth_year(years, birth_year, self._as_of):
                    places.append(place)
        return sorted(places)

    def _needs(self, trace: Trace, left: Spans) -> tuple[str, ...]:
        judge = self._judge
        vague = tuple(map(ne, *left))
        needed = judge.straight.needs(trace, *judge.date_bits(vague))
        found: list[str] = []
        while needed:
            bit = needed & -needed
            found.append(judge.link_ids[bit])
            needed ^= bit
        return tuple(found)


@lru_cache(maxsize=_MOST_RULESETS)
def judge_of(ruleset: Ruleset) -> Judge:
    """The straight code of a ruleset, made once for as long as it is in use."""
    return Judge(ruleset)


@lru_cache(maxsize=_MOST_DAYS)
def evaluator_of(ruleset: Ruleset, as_of: dt.date) -> Evaluator:
    """The evaluator of a ruleset on a day, made once for as long as it is in use."""
    return Evaluator(judge_of(ruleset), as_of)


def _names_all(rule: Consistency) -> bool:
    """True if the rule, when it is broken, names every item that it reads."""
    match rule.check:
        case Age():
            return True
        case Never(condition=AtLeast(count=count, parts=parts)):
            return count == len(parts) > 0 and all(map(_is_plain, parts))
        case _:
            return False


def _is_plain(condition: Condition) -> bool:
    return isinstance(condition, Compare | OneOf | Within) or (
        isinstance(condition, Not) and _is_plain(condition.part)
    )


def cut_off(length: Length, as_of: dt.date) -> int:
    """The last day, as an ordinal, that is not within a length before the screening date."""
    many, unit = length
    day = last_day_outside(Within(item="", length=many, unit=unit), as_of)
    return day.toordinal() if day else 0
