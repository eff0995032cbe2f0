"""Laws that every assessment keeps, each a function that fails on a scenario that breaks it."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from support.oracles import enumeration, reference
from support.rulesets.builders import ASKED_FOR
from support.rulesets.strategies import Scenario

from screening.core.compiled.functions import common_truth
from screening.core.compiled.model import lift, model_of
from screening.core.compiled.representatives import representatives
from screening.core.results.assess import Assessment, assess, evaluate_ask_if, find_deciding_items
from screening.core.results.needs import advice_criteria, find_needs
from screening.core.results.result import deciding_criteria, disagreements_touched, doctor_questions
from screening.core.rules.condition import items_in, tests_in
from screening.core.rules.finding import Answers, Finding, evaluate
from screening.core.rules.ruleset import GRAVE, Tier, Trigger
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.words.auditor.trace import trace_lines
from screening.words.nurse.needs import words_of_needs
from screening.words.nurse.result import reason_sentence
from screening.words.shared.answers import words_of_answer
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import TRUTH_WORDS

MOST_COMPLETIONS = 400


def judged(scenario: Scenario, answers: Answers | None = None) -> Assessment:
    given = scenario.answers if answers is None else answers
    return assess(scenario.ruleset, given, scenario.as_of)


def nodes(finding: Finding) -> Iterator[Finding]:
    yield finding
    for part in finding.parts:
        yield from nodes(part)


def all_nodes(assessment: Assessment) -> list[Finding]:
    return [node for found in assessment.findings for node in nodes(found.finding)]


def verdict(assessment: Assessment) -> tuple[object, ...]:
    """All that an answer without bearing may not change."""
    flags = [flag.criterion.id for flag in assessment.flags]
    return criteria(assessment), assessment.possible, flags, assessment.needs


def criteria(assessment: Assessment) -> dict[str, Truth]:
    return {found.criterion.id: found.truth for found in assessment.findings}


def a_further_answer_never_overturns_what_is_decided(scenario: Scenario) -> None:
    before = judged(scenario)
    for link_id in scenario.unanswered:
        after = judged(scenario, {**scenario.answers, link_id: scenario.further[link_id]})
        for old, new in zip(all_nodes(before), all_nodes(after), strict=True):
            assert old.truth in (new.truth, Truth.UNKNOWN), (link_id, old.condition)
            assert new.needs <= old.needs - {link_id}
        assert set(after.possible) <= set(before.possible), link_id
        if before.decided:
            assert after.decided == before.decided
            assert after.favourable == before.favourable


def an_answer_that_is_not_needed_changes_nothing(scenario: Scenario) -> None:
    before = judged(scenario)
    for link_id in set(scenario.unanswered) - set(before.needs):
        for value in scenario.domain(link_id):
            after = judged(scenario, {**scenario.answers, link_id: Answer(value=value)})
            assert verdict(after) == verdict(before), (link_id, value)


def a_question_that_decides_nothing_can_be_left_out(scenario: Scenario) -> None:
    left = find_deciding_items(scenario.ruleset, scenario.answers, scenario.as_of)
    before = judged(scenario)
    assert set(before.needs) <= left <= set(scenario.unanswered)
    for link_id in set(scenario.unanswered) - left:
        for value in scenario.domain(link_id):
            after = judged(scenario, {**scenario.answers, link_id: Answer(value=value)})
            assert verdict(after) == verdict(before), (link_id, value)
            assert doctor_questions(after) == doctor_questions(before)
            assert disagreements_touched(after) == disagreements_touched(before)


def every_way_of_not_answering_is_the_same(scenario: Scenario) -> None:
    known = {key: answer for key, answer in scenario.answers.items() if answer.known}
    left_out = judged(scenario, known)
    for reason in AbsentReason:
        absent = dict.fromkeys(scenario.unanswered, Answer(absent=reason))
        assert verdict(judged(scenario, known | absent)) == verdict(left_out)


def assessing_is_repeatable_and_leaves_the_answers_alone(scenario: Scenario) -> None:
    given = dict(scenario.answers)
    kept = copy.deepcopy(given)
    first = judged(scenario, given)
    assert given == kept
    assert judged(scenario, given) == first
    assert judged(scenario, dict(reversed(list(given.items())))) == first
    given.clear()
    assert first.answers == kept, "an assessment keeps the answers that it was made from"


def what_is_needed_is_unanswered_and_settles_everything(scenario: Scenario) -> None:
    before = judged(scenario)
    assert set(before.needs) <= set(scenario.unanswered)
    assert bool(before.needs) == (Truth.UNKNOWN in criteria(before).values())
    assert list(before.needs) == [each for each in scenario.ruleset.items if each in before.needs]
    settled = {link_id: scenario.further[link_id] for link_id in before.needs}
    after = judged(scenario, {**scenario.answers, **settled})
    assert Truth.UNKNOWN not in criteria(after).values()
    assert after.decided
    assert not after.needs


def possible_outcomes_are_those_of_some_completion(scenario: Scenario) -> None:
    answers, ways = scenario.completions(MOST_COMPLETIONS)
    reached = {
        reference.outcome(
            scenario.ruleset, scenario.authored, values, scenario.gates, scenario.as_of
        )
        for values in ways
    }
    listed = [each.id for each in scenario.ruleset.outcomes if each.id in reached]
    assert list(judged(scenario, answers).possible) == listed


def findings_agree_with_every_completion(scenario: Scenario) -> None:
    answers, ways = scenario.completions(MOST_COMPLETIONS)
    for name, truth in criteria(judged(scenario, answers)).items():
        condition = scenario.authored[name]
        held = {
            reference.holds(condition, values, scenario.gates, scenario.as_of) for values in ways
        }
        assert truth is Truth.UNKNOWN or held == {truth is Truth.TRUE}, (name, truth, held)
        if not scenario.unanswered:
            assert truth is not Truth.UNKNOWN


def the_compiled_ruleset_agrees_with_the_findings(scenario: Scenario) -> None:
    """A criterion is settled by its diagram just where it is found so, or where all ways agree."""
    result, model = judged(scenario), model_of(scenario.ruleset)
    branches = model.locate(scenario.answers, scenario.as_of)
    _, ways = scenario.completions(MOST_COMPLETIONS)
    for name, truth in criteria(result).items():
        assert model.partial.at(model.kleene[name], branches) is truth
        exact = model.partial.at(lift(model, model.exact[name], common_truth), branches)
        held = {
            reference.holds(scenario.authored[name], way, scenario.gates, scenario.as_of)
            for way in ways
        }
        assert exact in (truth, *(Truth.of(value=each) for each in held))
        assert exact is not Truth.UNKNOWN or truth is Truth.UNKNOWN
        if len(held) > 1:
            assert exact is Truth.UNKNOWN


def possible_outcomes_are_those_of_the_enumeration(scenario: Scenario) -> None:
    result = judged(scenario)
    findings = [(found.criterion, found.finding) for found in result.findings]
    expected = enumeration.possible_outcomes(
        scenario.ruleset, findings, scenario.answers, scenario.as_of
    )
    assert result.possible == expected


def favourable_means_decided(scenario: Scenario) -> None:
    result = judged(scenario)
    if result.favourable:
        assert result.decided
        assert result.decided.id in scenario.ruleset.favourable
        assert set(result.possible) == {result.decided.id}
    if result.decided is None:
        assert len(result.possible) > 1
        assert result.outcome == scenario.ruleset.open_outcome
    else:
        assert result.outcome == result.decided


def an_answer_that_is_set_aside_takes_no_part(scenario: Scenario) -> None:
    before = judged(scenario)
    for link_id in before.set_aside:
        others = {key: given for key, given in scenario.answers.items() if key != link_id}
        assert criteria(judged(scenario, others)) == criteria(before)
        for value in scenario.domain(link_id):
            after = judged(scenario, {**scenario.answers, link_id: Answer(value=value)})
            assert verdict(after) == verdict(before)


def questions_are_put_as_their_gates_say(scenario: Scenario) -> None:
    complete = dict(scenario.further)
    values = {key: given.value for key, given in complete.items() if given.value is not None}
    result = judged(scenario, complete)
    for link_id, asked_item in scenario.ruleset.items.items():
        put = reference.put(link_id, values, scenario.gates, scenario.as_of)
        assert evaluate_ask_if(asked_item, complete, scenario.as_of) is Truth.of(value=put)
        assert (link_id in result.set_aside) is not put
        early = evaluate_ask_if(asked_item, scenario.answers, scenario.as_of)
        later = evaluate_ask_if(asked_item, {**complete, **_known(scenario)}, scenario.as_of)
        assert early in (later, Truth.UNKNOWN), "a gate that is decided stays so"


def a_gate_that_is_still_open_sets_nothing_aside(scenario: Scenario) -> None:
    _, ways = scenario.completions(MOST_COMPLETIONS)
    for link_id in judged(scenario).set_aside:
        put = {reference.put(link_id, way, scenario.gates, scenario.as_of) for way in ways}
        assert put == {False}, link_id


def the_evidence_alone_gives_the_same_truth(scenario: Scenario) -> None:
    known = _known(scenario)
    for node in all_nodes(judged(scenario)):
        evidence = node.evidence()
        assert evidence <= known.keys() & items_in(node.condition)
        kept = {link_id: known[link_id] for link_id in evidence}
        assert evaluate(node.condition, kept, scenario.as_of).truth is node.truth
        if node.truth is Truth.UNKNOWN:
            assert evidence >= {each for part in node.parts for each in part.evidence()}


def every_value_passes_the_same_tests_as_a_representative(scenario: Scenario) -> None:
    tests = [test for each in scenario.ruleset.criteria for test in tests_in(each.condition)]
    for link_id, tested in scenario.ruleset.items.items():
        own = [test for test in tests if test.item == link_id]
        represented = {
            tuple(reference.passes(test, value, scenario.as_of) for test in own)
            for value in representatives(tested, own, scenario.as_of)
        }
        for value in (*scenario.domain(link_id), scenario.further[link_id].value):
            assert value is not None
            passed = tuple(reference.passes(test, value, scenario.as_of) for test in own)
            assert passed in represented, (link_id, value)


def flags_are_the_criteria_that_speak_the_gravest_first(scenario: Scenario) -> None:
    result, rank = judged(scenario), list(Tier)
    speaking = [
        each.id
        for each in scenario.ruleset.criteria
        if criteria(result)[each.id] is Truth.of(value=each.tier not in ASKED_FOR)
    ]
    assert sorted(flag.criterion.id for flag in result.flags) == sorted(speaking)
    ranks = [rank.index(flag.criterion.tier) for flag in result.flags]
    assert ranks == sorted(ranks)


def explanations_have_words_for_everything(scenario: Scenario) -> None:
    result, items = judged(scenario), scenario.ruleset.items
    for found in result.findings:
        lines = trace_lines(found.finding, items, result.answers)
        assert_words(TRUTH_WORDS[line.truth] for line in lines)
        words = [line.words for line in lines]
        words += [
            words_of_condition(found.criterion.condition, items, audience) for audience in Audience
        ]
        assert len(words) == len(list(nodes(found.finding))) + len(Audience)
        assert_words(words)
    for audience in Audience:
        answers = [result.answers.get(link_id) for link_id in items]
        pairs = zip(items.values(), answers, strict=True)
        assert_words(words_of_answer(each, given, audience) for each, given in pairs)
    assert_words([reason_sentence(result)])
    needs = words_of_needs(result, find_needs(result))
    assert_words(need.effect for need in needs)
    assert_words(need.missing for need in needs)


def an_open_outcome_is_explained_by_what_keeps_it_open(scenario: Scenario) -> None:
    result = judged(scenario)
    needed = [need.item.link_id for need in find_needs(result)]
    assert sorted(needed) == sorted(result.needs)
    grounds = deciding_criteria(result)
    if result.decided is None:
        assert grounds
        assert {found.truth for found in grounds} == {Truth.UNKNOWN}
    else:
        assert Truth.UNKNOWN not in {found.truth for found in grounds} or (
            result.decided.trigger is Trigger.OTHERWISE
        )


def advice_follows_from_nothing_that_is_ruled_out(scenario: Scenario) -> None:
    """Nor does it leave out what holds of the gravest tier of which something does.

    Each rule is also tried alone and as an urgent one: beside a graver one it would not be looked
    at, and urgent ones are rare.
    """
    assert_advice_follows(judged(scenario))
    ruleset = scenario.ruleset
    for each in ruleset.criteria:
        alone = replace(ruleset, criteria=(replace(each, tier=Tier.URGENT),))
        assert_advice_follows(assess(alone, scenario.answers, scenario.as_of))


def assert_advice_follows(result: Assessment) -> None:
    truths, advised = criteria(result), {each.id for each in advice_criteria(result)}
    assert Truth.FALSE not in {truths[each] for each in advised}
    held = [flag.criterion for flag in result.flags if flag.criterion.tier in GRAVE]
    gravest = min((each.tier for each in held), key=GRAVE.index, default=None)
    assert {each.id for each in held if each.tier is gravest} <= advised


def questions_for_the_doctor_are_those_that_hold(scenario: Scenario) -> None:
    result = judged(scenario)
    shown = [each.id for each in doctor_questions(result)]
    held = evaluate(
        scenario.ruleset.doctor_questions[0].condition, scenario.answers, scenario.as_of
    )
    assert shown == (["asked"] if held.truth is Truth.TRUE else [])
    touched = [each.id for each in disagreements_touched(result)]
    rests_on = deciding_criteria(result) if result.decided is not None else ()
    reasons = {each.criterion.id for each in rests_on}
    told = result.finding("criterion_0").raises_flag or "criterion_0" in reasons
    assert touched == ["criteria"] * told


def assert_words(texts: Iterable[str]) -> None:
    for text in texts:
        assert text.strip()
        assert "None" not in text
        assert ".." not in text
        assert ".;" not in text
        assert ": ." not in text


def _known(scenario: Scenario) -> Mapping[str, Answer]:
    return {key: given for key, given in scenario.answers.items() if given.known}


LAWS: tuple[Callable[[Scenario], None], ...] = (
    a_further_answer_never_overturns_what_is_decided,
    an_answer_that_is_not_needed_changes_nothing,
    a_question_that_decides_nothing_can_be_left_out,
    every_way_of_not_answering_is_the_same,
    assessing_is_repeatable_and_leaves_the_answers_alone,
    what_is_needed_is_unanswered_and_settles_everything,
    possible_outcomes_are_those_of_some_completion,
    possible_outcomes_are_those_of_the_enumeration,
    findings_agree_with_every_completion,
    the_compiled_ruleset_agrees_with_the_findings,
    favourable_means_decided,
    an_answer_that_is_set_aside_takes_no_part,
    questions_are_put_as_their_gates_say,
    a_gate_that_is_still_open_sets_nothing_aside,
    the_evidence_alone_gives_the_same_truth,
    every_value_passes_the_same_tests_as_a_representative,
    flags_are_the_criteria_that_speak_the_gravest_first,
    explanations_have_words_for_everything,
    an_open_outcome_is_explained_by_what_keeps_it_open,
    advice_follows_from_nothing_that_is_ruled_out,
    questions_for_the_doctor_are_those_that_hold,
)
