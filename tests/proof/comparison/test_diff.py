"""Rulesets compared, against the core over every partial answer set that both admit."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import prod
from random import Random

import pytest
from support.oracles.brute_force import shown
from support.rulesets import shipped
from support.rulesets.builders import (
    AS_OF,
    both,
    choice,
    criterion,
    item,
    number,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.builders import at_most_number as at_most
from support.rulesets.random_rulesets import own_tests, random_day, random_ruleset, values_near
from support.rulesets.seeds import rng_of
from support.services.costs import AT_ONCE, cost

from screening.core.results.assess import Assessment, assess
from screening.core.rules.condition import Condition, Not, Test, Unit, Within, all_of
from screening.core.rules.consistency import Order
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, Ruleset, Strength, Tier
from screening.core.values.answer import Answer, Value
from screening.core.values.span import Span
from screening.core.values.truth import Truth
from screening.proof.comparison.alterations import Alteration, Aspect, Subject, texts, things
from screening.proof.comparison.diff import OPEN, Difference, Transition, compare
from screening.proof.examples.mutants import single_edits
from screening.words.auditor.differences import CONTRADICTIONS, difference_lines

pytestmark = pytest.mark.long

PAIRS, MOST_ANSWERS = 60, 700

Domain = Sequence[tuple[Value | None, Value | None]]
"""What an item's answers may be: one for the older ruleset, one for the newer."""


@dataclass(frozen=True)
class Pair:
    """Two small rulesets, with every patient as answers to the one and to the other."""

    old: Ruleset
    new: Ruleset
    as_of: dt.date
    domains: dict[str, Domain]

    @property
    def size(self) -> int:
        return prod(map(len, self.domains.values()))

    def patients(
        self, *, spans: bool = False
    ) -> Iterator[tuple[int, dict[str, Answer], dict[str, Answer]]]:
        """How many answers are stated, and what each ruleset is told, with vague dates or not."""
        domains = map(self.vague, self.domains) if spans else self.domains.values()
        for values in product(*domains):
            told = dict(zip(self.domains, values, strict=True))
            before = {k.rstrip("'"): Answer(value=v) for k, (v, _) in told.items() if v is not None}
            after = {k.rstrip("'"): Answer(value=v) for k, (_, v) in told.items() if v is not None}
            yield sum(value != (None, None) for value in values), before, after

    def vague(self, name: str) -> Domain:
        """The answers to an item, and of a date the spans from each kind of day to another."""
        known, link_id = self.domains[name], name.rstrip("'")
        days = sorted({v for each in known for v in each if isinstance(v, dt.date)})
        asking = [each for each in (self.old, self.new) if link_id in each.items]
        tests = {t for each in asking for t in own_tests(each, link_id) if isinstance(t, Within)}
        kinds: dict[tuple[Truth, ...], dt.date] = {}
        for day in days:
            told = {link_id: Answer(value=day)}
            truths = (evaluate(test, told, self.as_of).truth for test in sorted(tests, key=repr))
            kinds[tuple(truths)] = day
        found = [Span(first=one, last=other) for one, other in combinations(kinds.values(), 2)]
        old, new = (any(each[side] is not None for each in known) for side in (0, 1))
        return [*known, *((each if old else None, each if new else None) for each in found)]


def domain(pair: tuple[Ruleset, Ruleset], link_id: str, as_of: dt.date) -> dict[str, Domain]:
    """An item's answers: those that both rulesets admit, or each ruleset's own."""
    asking = [each for each in pair if link_id in each.items]
    tests = [test for each in asking for test in own_tests(each, link_id)]
    if len({each.items[link_id].type for each in asking}) == len(asking) - 1:
        joint = [values_of(each.items[link_id], tests, as_of) for each in asking]
        values = [value for value in joint[0] if value in joint[1]]
        if values:
            return {link_id: [(None, None), *((value, value) for value in values)]}
    one, other = (
        values_of(each.items[link_id], own_tests(each, link_id), as_of) if each in asking else []
        for each in pair
    )
    return {
        link_id: [(None, None), *((value, None) for value in one)],
        f"{link_id}'": [(None, None), *((None, value) for value in other)],
    }


def values_of(asked: Item, tests: Sequence[Test], as_of: dt.date) -> list[Value]:
    if asked.type is ItemType.NUMBER:
        return list(range(asked.minimum, asked.maximum + 1))
    return list(values_near(asked, tests, as_of))


def random_pair(rng: Random) -> Pair:
    """A ruleset and one of its edits, or two that have little in common."""
    old, as_of = random_ruleset(rng, 3, 3), random_day(rng)
    new = random_ruleset(rng, 3, 3)
    if rng.random() < 0.6:
        new = rng.choice(list(single_edits(old))).of(old)
    domains: dict[str, Domain] = {}
    for link_id in dict.fromkeys((*old.items, *new.items)):
        domains |= domain((old, new), link_id, as_of)
    return Pair(old, new, as_of, domains)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    rng = rng_of("differences")
    found: list[Pair] = []
    while len(found) < PAIRS:
        pair = random_pair(rng)
        if 8 < pair.size <= MOST_ANSWERS:
            found.append(pair)
    return found


def outcome(result: Assessment) -> str:
    return result.outcome.id if result.outcome else OPEN


def transitions(pair: Pair) -> dict[tuple[str, str], int]:
    """Every pair of outcomes that some patient has, with the fewest answers that show it."""
    found: dict[tuple[str, str], int] = {}
    for stated, before, after in pair.patients(spans=True):
        key = (
            outcome(assess(pair.old, before, pair.as_of)),
            outcome(assess(pair.new, after, pair.as_of)),
        )
        if key[0] != key[1]:
            found[key] = min(stated, found.get(key, stated))
    return found


def stated_in(each: Transition) -> int:
    same = {k for k, a in each.answers_before.items() if each.answers_after.get(k) == a}
    return len(each.answers_before) + len(each.answers_after) - len(same)


def test_transitions_are_those_that_some_patient_makes_and_each_is_nearest(
    pairs: list[Pair],
) -> None:
    count = 0
    for pair in pairs:
        found = compare(pair.old, pair.new, pair.as_of).transitions
        assert {(each.before, each.after): stated_in(each) for each in found} == transitions(pair)
        count += len(found)
    assert count > PAIRS / 2


def test_each_patient_makes_the_transition(pairs: list[Pair]) -> None:
    for pair in pairs:
        for each in compare(pair.old, pair.new, pair.as_of).transitions:
            assert outcome(assess(pair.old, each.answers_before, pair.as_of)) == each.before
            assert outcome(assess(pair.new, each.answers_after, pair.as_of)) == each.after


def test_what_is_called_equal_is_equal_and_nothing_else(pairs: list[Pair]) -> None:
    met = {True: 0, False: 0}
    for pair in pairs:
        found = compare(pair.old, pair.new, pair.as_of)
        results = [
            (assess(pair.old, before, pair.as_of), assess(pair.new, after, pair.as_of), stated)
            for stated, before, after in pair.patients()
        ]
        full = max(stated for *_, stated in results)
        whole = [each for each in results if each[2] == full]
        for listed, claims in (
            (whole, (found.outcomes_equal, found.flags_equal)),
            (results, (found.outcomes_equal_partly, found.flags_equal_partly)),
        ):
            same = [one.possible == other.possible for one, other, _ in listed]
            assert claims[0] == all(same)
            if claims[1]:
                assert all(shown(one)[1] == shown(other)[1] for one, other, _ in listed)
        met[found.equal] += 1
    assert min(met.values()) > 3


def test_a_criterion_changes_its_meaning_only_where_some_answers_tell(pairs: list[Pair]) -> None:
    met = dict.fromkeys((Aspect.MEANING, Aspect.OPENNESS, Aspect.REWRITTEN), 0)
    for pair in pairs:
        found = {a.id: a.aspects for a in compare(pair.old, pair.new, pair.as_of).alterations}
        for each in pair.old.criteria:
            if each.id not in {c.id for c in pair.new.criteria}:
                assert found[each.id] == (Aspect.REMOVED,)
                continue
            how = set(found.get(each.id, ()))
            truths = [
                (
                    stated,
                    assess(pair.old, before, pair.as_of).finding(each.id).truth,
                    assess(pair.new, after, pair.as_of).finding(each.id).truth,
                )
                for stated, before, after in pair.patients()
            ]
            full = max(stated for stated, *_ in truths)
            differing = {stated == full for stated, one, other in truths if one is not other}
            assert (Aspect.MEANING in how) == (True in differing)
            assert (Aspect.OPENNESS in how) == (differing == {False})
            for word in met:
                met[word] += word in how
    assert met[Aspect.MEANING] > 10
    assert met[Aspect.OPENNESS]
    assert met[Aspect.REWRITTEN]


def test_a_ruleset_equals_itself(pairs: list[Pair]) -> None:
    for pair in pairs:
        found = compare(pair.old, pair.old, pair.as_of)
        assert found.equal
        assert (found.transitions, found.alterations) == ((), ())


def toy(*criteria: Criterion, items: Sequence[Item] = ()) -> Ruleset:
    known = items or (item("plain"), number("levels"), item("day", ItemType.DATE), choice("one"))
    return ruleset(known, criteria)


def altered(found: Difference, kind: Subject) -> dict[str, tuple[Aspect, ...]]:
    return {each.id: each.aspects for each in found.alterations if each.kind is kind}


def caution(condition: Condition) -> Criterion:
    return criterion("x", Tier.CAUTION, condition)


def test_days_and_months_are_compared_for_one_screening_date() -> None:
    old, new = toy(caution(within("day", 2))), toy(caution(within("day", 61, Unit.DAYS)))
    november, march = compare(old, new, AS_OF), compare(old, new, dt.date(2027, 3, 20))
    assert november.equal
    assert not november.for_any_day
    assert not march.equal
    assert altered(march, Subject.CRITERION) == {"x": (Aspect.MEANING,)}
    assert compare(old, toy(caution(within("day", 1, Unit.YEARS))), AS_OF).for_any_day
    assert f"for the screening date {AS_OF}" in difference_lines(november, old, new)[0]


def test_a_transition_that_only_a_date_known_as_a_span_makes_is_listed() -> None:
    """Between two and three months ago is recent to the newer rules, and open to the older."""
    old, new = (toy(criterion("x", Tier.REQUIRED, within("day", n))) for n in (2, 3))
    found = compare(old, new, AS_OF)
    ways = {(each.before, each.after): each.answers_before for each in found.transitions}
    assert ways.keys() == {
        ("requirement_unmet", "met"),
        ("requirement_unmet", "more_information"),
        ("more_information", "met"),
    }
    assert isinstance(ways["requirement_unmet", "met"]["day"].value, dt.date)
    opened = ways["more_information", "met"]["day"].value
    assert isinstance(opened, Span)
    assert (opened.first, opened.last) == (dt.date(2026, 8, 20), AS_OF)
    lines = difference_lines(found, old, new)
    assert any("The day: between 20 August 2026 and 20 November 2026" in line for line in lines), (
        lines
    )


def test_it_is_said_that_contradictions_are_compared_in_words_alone() -> None:
    rules = shipped.ruleset()
    kept = tuple(each for each in rules.consistency if isinstance(each.check, Order))
    fewer = replace(rules, consistency=kept, digest="f" * 64)
    found = compare(rules, fewer, AS_OF)
    lines = difference_lines(found, rules, fewer)
    assert found.equal
    assert CONTRADICTIONS in lines[1]
    assert any("`cancer_history_and_cause` was removed" in line for line in lines)
    same = compare(rules, rules, AS_OF)
    assert CONTRADICTIONS not in difference_lines(same, rules, rules)
    one, other = toy(caution(yes("plain"))), toy(caution(Not(part=yes("plain"))))
    assert CONTRADICTIONS not in difference_lines(compare(one, other, AS_OF), one, other)


def test_an_item_of_another_type_is_another_item() -> None:
    old = toy(caution(yes("plain")))
    new = toy(caution(one_of("plain", "a")), items=(choice("plain"),))
    found = compare(old, new, AS_OF)
    ways = {(each.before, each.after): each for each in found.transitions}
    patient = ways["met_with_cautions", "met"]
    assert patient.answers_before == {"plain": Answer(value=True)}
    assert patient.answers_after["plain"].value in {"b", "c"}
    assert ways["met_with_cautions", "more_information"].answers_after == {}
    assert Aspect.ANSWERS in altered(found, Subject.QUESTION)["plain"]
    assert any("as newly asked, The plain" in line for line in difference_lines(found, old, new))


def test_the_answers_that_both_admit_are_compared() -> None:
    """Nine levels can be told to the older ruleset alone: there is no transition to show."""
    old = toy(caution(Not(part=at_most("levels", 8))))
    new = toy(
        criterion("y", Tier.INFO, yes("plain")), items=(item("plain"), number("levels", 0, 8))
    )
    found = compare(old, new, AS_OF)
    assert found.outcomes_equal
    assert altered(found, Subject.CRITERION) == {"x": (Aspect.REMOVED,), "y": (Aspect.ADDED,)}
    assert altered(found, Subject.QUESTION)["levels"] == (Aspect.ANSWERS,)


def test_an_open_answer_stands_for_what_its_own_ruleset_admits() -> None:
    """Of two choices one must hold; a third one in the newer ruleset leaves it open."""
    old, new = (
        toy(caution(one_of("one", "a", "b")), items=(choice("one", codes),))
        for codes in ("ab", "abc")
    )
    found = compare(old, new, AS_OF)
    assert found.outcomes_equal
    assert not found.outcomes_equal_partly
    (transition,) = found.transitions
    assert (transition.before, transition.after) == ("met_with_cautions", "more_information")
    assert transition.answers_before == transition.answers_after == {}
    text = " ".join(difference_lines(found, old, new))
    assert "the simplest such patient has no answers" in text


def edited(criterion_id: str, **changes: object) -> Ruleset:
    rules = shipped.ruleset()
    criteria = [
        replace(each, **changes) if each.id == criterion_id else each  # type: ignore[arg-type]
        for each in rules.criteria
    ]
    return replace(rules, digest="0" * 64, criteria=tuple(criteria))


def difference(new: Ruleset) -> Difference:
    return compare(shipped.ruleset(), new, AS_OF)


def only(found: Difference) -> Alteration:
    (alteration,) = found.alterations
    return alteration


def test_the_shipped_rules_equal_themselves() -> None:
    found = difference(shipped.ruleset())
    assert found.identical
    assert found.equal
    lines = difference_lines(found, shipped.ruleset(), shipped.ruleset())
    assert lines[0] == "The two rulesets are identical in every word."
    assert "equal on all complete answers and on all partial answers" in lines[1]


def test_a_longer_time_is_shown_by_a_patient_just_beyond_the_old_one() -> None:
    new = edited("recent_fracture", condition=within("diagnosis_date", 3))
    found = difference(new)
    assert only(found).aspects == (Aspect.MEANING,)
    ways = {(each.before, each.after): each for each in found.transitions}
    patient = ways["differs", "met_with_cautions"]
    assert patient.answers_before == patient.answers_after
    day = patient.answers_after["diagnosis_date"].value
    assert dt.date(2026, 8, 20) <= day < dt.date(2026, 9, 20)  # type: ignore[operator]
    text = " ".join(difference_lines(found, shipped.ruleset(), new))
    assert "among them Date of diagnosis: " in text
    assert "within 2 months before the screening date; it is: Date" in text


def test_words_sources_and_strength_are_told_apart_from_meaning() -> None:
    told = both("something else")
    for change, how in (
        ({"say": told}, Aspect.WORDS),
        ({"citations": ()}, Aspect.SOURCES),
        ({"strength": Strength.MORE_LIKELY}, Aspect.STRENGTH),
        ({"condition": all_of(yes("scoliosis"), yes("scoliosis"))}, Aspect.REWRITTEN),
    ):
        found = difference(edited("scoliosis", **change))
        assert found.equal
        assert not found.identical
        assert only(found) == Alteration(kind=Subject.CRITERION, id="scoliosis", aspects=(how,))


def test_a_tier_changes_outcomes_and_flags_stay() -> None:
    found = difference(edited("scoliosis", tier=Tier.CAUTION))
    assert only(found).aspects == (Aspect.TIER,)
    assert ("reason_against", "met_with_cautions") in {
        (t.before, t.after) for t in found.transitions
    }
    assert not found.outcomes_equal


def test_questions_outcomes_and_the_rest_are_compared() -> None:
    rules = shipped.ruleset()
    scoliosis = replace(rules.items["scoliosis"], ask=both("Curved?"), worse=None)
    cause = rules.items["cause"]
    renamed = replace(
        cause, choices={code: cause.choices[code] for code in reversed(list(cause.choices))}
    )
    items = {**rules.items, "scoliosis": scoliosis, "cause": renamed}
    new = replace(
        rules,
        digest="0" * 64,
        items={key: each for key, each in items.items() if key != "imaging_date"},
        outcomes=(rules.outcomes[1], rules.outcomes[0], *rules.outcomes[2:]),
        favourable=frozenset({"met"}),
        doctor_questions=rules.doctor_questions[1:],
        silent_on={},
    )
    found = difference(new)
    questions = altered(found, Subject.QUESTION)
    assert set(questions["scoliosis"]) >= {Aspect.WORDS}
    assert questions["cause"] == (Aspect.ANSWERS,)
    assert questions["imaging_date"] == (Aspect.REMOVED,)
    outcomes = altered(found, Subject.OUTCOME)
    assert outcomes["emergency"] == outcomes["clinician_first"] == (Aspect.ORDER,)
    assert outcomes["met_with_cautions"] == (Aspect.FAVOURABLE,)
    dropped = rules.doctor_questions[0].id
    assert altered(found, Subject.DOCTOR_QUESTION) == {dropped: (Aspect.REMOVED,)}
    assert set(altered(found, Subject.SILENCE)) == set(rules.silent_on)


def test_an_added_criterion_is_said_with_its_tier_and_condition() -> None:
    old, new = edited("", id=""), shipped.ruleset()
    old = replace(old, criteria=tuple(each for each in old.criteria if each.id != "scoliosis"))
    lines = difference_lines(compare(old, new, AS_OF), old, new)
    assert "Criterion `scoliosis` was added (reason against): Scoliosis: yes." in lines
    assert "“Documented requirements met” becomes “A documented reason against”" in " ".join(lines)


def test_the_shipped_rules_are_compared_in_time() -> None:
    new = edited("recent_fracture", condition=within("diagnosis_date", 3))
    assert cost(lambda: difference(new)) < AT_ONCE


def test_other_words_of_a_question_are_quoted_before_and_after() -> None:
    old = shipped.ruleset()
    item = old.items["leg_weakness"]
    asked = replace(item, ask=replace(item.ask, patient="Are your legs weaker?"))
    new = replace(old, items={**old.items, "leg_weakness": asked}, digest="1" * 64)
    lines = difference_lines(difference(new), old, new)
    assert "Question `leg_weakness`: changed words." in lines
    before = item.ask.patient
    said = f"Its ask (patient) said: “{before}”; it says: “Are your legs weaker?”."
    assert said in lines
    assert not [line for line in lines if "ask (nurse)" in line]


def test_every_text_of_a_ruleset_is_looked_at() -> None:
    """Each thing whose words differ tells at least one text that differs."""
    old = shipped.ruleset()
    for kind, ones, _ in things(old, old):
        for key, one in ones.items():
            assert not {text for _, text in texts(one) if not text.strip()}, key
        assert kind is Subject.FILE or any(list(texts(one)) for one in ones.values()), kind
