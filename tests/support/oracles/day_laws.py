"""Dates known as spans, and dates in an order: exact by every day that they could be.

Each case starts from what really happened, so that the answers, however vague, contradict nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product

from hypothesis import strategies as st
from support.oracles import reference
from support.rulesets.builders import both, criterion, item, ruleset

from screening.core.compiled.functions import common_truth
from screening.core.compiled.model import Model, lift, model_of
from screening.core.results.assess import Assessment, assess
from screening.core.rules.condition import AtLeast, Condition, Not, OneOf, Unit, Within, items_in
from screening.core.rules.consistency import Consistency, Order
from screening.core.rules.finding import Finding
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import EARLIEST_DAY, Answer, Value
from screening.core.values.span import Day, Span, day_between, first_of, last_of
from screening.core.values.truth import Truth
from screening.proof.explanation.reasons import Explainer

AS_OF = dt.date(2026, 11, 20)
DATES, FLAGS = ("one", "two", "three"), ("left", "right")
ITEMS = [*(item(each, ItemType.DATE) for each in DATES), *(item(each) for each in FLAGS)]
LENGTHS = (1, 2)
World = Mapping[str, Value]


@dataclass(frozen=True)
class Case:
    rules: Ruleset
    answers: Mapping[str, Answer]
    order: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        """Only what tells cases apart, so that a failure can be read."""
        criteria = [(each.tier.name, each.condition) for each in self.rules.criteria]
        return f"Case(order={self.order}, answers={self.answers}, criteria={criteria})"


def conditions(depth: int = 2) -> st.SearchStrategy[Condition]:
    test = st.one_of(
        st.builds(
            lambda each, length: Within(item=each, length=length, unit=Unit.MONTHS),
            st.sampled_from(DATES),
            st.sampled_from(LENGTHS),
        ),
        st.builds(
            lambda each, value: OneOf(item=each, values=frozenset({value})),
            st.sampled_from(FLAGS),
            st.booleans(),
        ),
    )
    if not depth:
        return test
    below = conditions(depth - 1)
    several = st.lists(below, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        test,
        below.map(lambda part: Not(part=part)),
        st.builds(
            lambda parts, every: AtLeast(count=len(parts) if every else 1, parts=parts),
            several,
            st.booleans(),
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    pairs = [pair for pair in combinations(DATES, 2) if draw(st.booleans())]
    orders = tuple(
        Consistency(id="_".join(pair), ruleset="toy", check=Order(dates=pair), say=both("in order"))
        for pair in pairs
    )
    criteria = [
        criterion(f"criterion_{place}", draw(st.sampled_from(Tier)), draw(conditions()))
        for place in range(draw(st.integers(1, 4)))
    ]
    rules = replace(ruleset(ITEMS, criteria), consistency=orders)
    ages = sorted((draw(st.integers(0, 80)) for _ in DATES), reverse=True)
    days = [AS_OF - dt.timedelta(days=age) for age in ages]
    answers = {
        link_id: Answer(value=vague)
        for link_id, day in zip(DATES, days, strict=True)
        if (vague := draw(st.none() | around(day))) is not None
    }
    answers |= {each: Answer(value=draw(st.booleans())) for each in FLAGS if draw(st.booleans())}
    return Case(rules, answers, tuple(pairs))


def around(day: dt.date) -> st.SearchStrategy[Day]:
    """A day, or a span that it lies in; one may reach beyond the screening date."""
    return st.builds(
        lambda before, after: day_between(
            day - dt.timedelta(days=before), day + dt.timedelta(days=after)
        ),
        st.sampled_from([0, 0, 1, 15, 40, 400]),
        st.sampled_from([0, 0, 1, 15, 40]),
    )


def worlds(case: Case) -> Iterator[World]:
    """Every way in which it may have been, as far as any test can tell ways apart."""
    asked = {each for c in case.rules.criteria for each in items_in(c.condition)}
    linked = {each for pair in case.order for each in pair}
    names = [each for each in (*DATES, *FLAGS) if each in asked | linked]
    for values in product(*(ways(case, each) for each in names)):
        world = dict(zip(names, values, strict=True))
        if all(world[a] <= world[b] for a, b in case.order):  # type: ignore[operator]  # days
            yield world


def ways(case: Case, link_id: str) -> list[Value]:
    answer = case.answers.get(link_id)
    if link_id in FLAGS:
        return [True, False] if answer is None or answer.value is None else [answer.value]
    known = answer.value if answer else None
    days = known if isinstance(known, dt.date | Span) else day_between(EARLIEST_DAY, AS_OF)
    spans = [each.value for each in case.answers.values()]
    ends = {d for s in spans if isinstance(s, dt.date | Span) for d in (first_of(s), last_of(s))}
    edges = {near for each in LENGTHS for near in near_edge(each)}
    tried = ends | edges | {AS_OF, EARLIEST_DAY}
    return [day for day in sorted(tried) if first_of(days) <= day <= min(last_of(days), AS_OF)]


def near_edge(months: int) -> list[dt.date]:
    day = AS_OF
    while reference.day_after(day, months, Unit.MONTHS) >= AS_OF:
        day -= dt.timedelta(days=1)
    return [day, day + dt.timedelta(days=1)]


def outcome_in(case: Case, world: World) -> str:
    authored = {each.id: each.condition for each in case.rules.criteria}
    return reference.outcome(case.rules, authored, world, {}, AS_OF)


def possible_in(case: Case) -> set[str]:
    return {outcome_in(case, world) for world in worlds(case)}


def judged(case: Case) -> Assessment:
    return assess(case.rules, case.answers, AS_OF)


def compile_case(case: Case) -> Model:
    return model_of(case.rules)


def outcomes_and_criteria_are_those_of_every_way_it_may_have_been(case: Case) -> None:
    result, model = judged(case), compile_case(case)
    assert not result.contradictions
    assert set(result.possible) == possible_in(case)
    branches = model.locate(case.answers, AS_OF, result.bounds)
    for found in result.findings:
        held = {
            reference.holds(found.criterion.condition, world, {}, AS_OF) for world in worlds(case)
        }
        agreed_on = Truth.of(value=held == {True}) if len(held) == 1 else Truth.UNKNOWN
        assert found.truth in (agreed_on, Truth.UNKNOWN)
        name = found.criterion.id
        assert bool(found.finding.needs) is (found.truth is Truth.UNKNOWN)
        assert model.partial.at(model.kleene[name], branches) is found.truth
        exact = lift(model, model.mask(model.exact[name]), common_truth)
        assert model.partial.at(exact, branches) is agreed_on


def the_reason_is_sufficient_and_none_is_smaller(case: Case) -> None:
    possible = possible_in(case)
    reason = Explainer(compile_case(case)).reason(case.answers, AS_OF)
    kept = {*reason.deciding, *reason.checked}
    known = [each for each in case.answers if each in compile_case(case).levels]

    def enough(names: set[str]) -> bool:
        left = {each: answer for each, answer in case.answers.items() if each in names}
        return possible_in(replace(case, answers=left)) == possible

    assert enough(kept)
    fewer = combinations(known, len(kept) - 1) if kept else ()
    assert not any(enough(set(few)) for few in fewer)


def what_is_said_not_to_matter_does_not_matter(case: Case) -> None:
    listed = {
        each.link_id for each in Explainer(compile_case(case)).can_matter(case.answers, AS_OF)
    }
    for link_id in compile_case(case).levels.keys() - listed:
        by_others: dict[object, set[str]] = {}
        for world in worlds(case):
            others = tuple(sorted((k, str(v)) for k, v in world.items() if k != link_id))
            by_others.setdefault(others, set()).add(outcome_in(case, world))
        assert all(len(outcomes) == 1 for outcomes in by_others.values())


def a_change_of_facts_leads_where_it_is_said_to(case: Case) -> None:
    """Whatever is kept beside the changed facts agrees with them on some days."""
    for change in Explainer(compile_case(case)).changes(case.answers, AS_OF):
        changed = dict(case.answers)
        changed |= {link: Answer(value=values[0]) for link, values in change.facts.items()}
        result = judged(replace(case, answers=changed))
        if not result.contradictions:
            assert change.outcome in result.possible


def the_bounds_of_a_date_are_its_first_and_last_possible_days(case: Case) -> None:
    bounds = judged(case).bounds
    for link_id, found in bounds.items():
        days = [world[link_id] for world in worlds(case) if link_id in world]
        if days:
            first = max(found.first, EARLIEST_DAY)
            assert (first, found.last) == (min(days), max(days))  # type: ignore[type-var]  # days


def the_evidence_alone_gives_the_same_truth(case: Case) -> None:
    result = judged(case)
    for found in result.findings:
        kept = {each: case.answers[each] for each in found.finding.evidence()}
        again = judged(replace(case, answers=kept)).finding(found.criterion.id)
        assert again.truth is found.truth
        for node in nodes(found.finding):
            if node.bounds and node.truth is Truth.UNKNOWN:
                known = filter(None, (node.bounds.first_by, node.bounds.last_by))
                assert node.evidence() == set(known)


def nodes(finding: Finding) -> Iterator[Finding]:
    yield finding
    for part in finding.parts:
        yield from nodes(part)


DAY_LAWS: tuple[Callable[[Case], None], ...] = (
    the_evidence_alone_gives_the_same_truth,
    outcomes_and_criteria_are_those_of_every_way_it_may_have_been,
    the_reason_is_sufficient_and_none_is_smaller,
    what_is_said_not_to_matter_does_not_matter,
    a_change_of_facts_leads_where_it_is_said_to,
    the_bounds_of_a_date_are_its_first_and_last_possible_days,
)
